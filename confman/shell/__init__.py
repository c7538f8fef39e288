"""Quoting and becoming another user, as pure text."""
