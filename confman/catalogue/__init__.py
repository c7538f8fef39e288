"""Finds modules and reads their specifications."""
