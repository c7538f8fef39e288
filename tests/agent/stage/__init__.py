"""Tests of the stage's own programs."""
