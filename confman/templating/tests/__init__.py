"""Tests of expressions (x is ...)."""
