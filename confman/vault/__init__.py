"""Encrypted values."""
