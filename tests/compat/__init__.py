"""Tests of the compatibility room."""
