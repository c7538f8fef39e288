"""Sources become an inventory; patterns choose hosts."""
