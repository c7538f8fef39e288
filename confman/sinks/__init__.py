"""Outputs; each is a function of one event."""
