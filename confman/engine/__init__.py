"""Plays compiled to programs, and the pure decisions of a run."""
