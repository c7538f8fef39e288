"""The controller's halves of modules."""
