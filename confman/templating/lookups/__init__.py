"""Lookups: values from outside of the variables."""
