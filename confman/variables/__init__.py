"""Layers of variables and their precedence."""
