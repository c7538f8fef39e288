"""What travels to a target."""
