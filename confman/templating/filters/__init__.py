"""Filters of expressions, a file each kind."""
