"""Jinja2 templates over lazy variables."""
