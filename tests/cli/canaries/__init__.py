"""Secrets that sing when they are seen: what is run with them, and where they are looked for."""
