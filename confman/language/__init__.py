"""Nodes become plays, blocks and tasks."""
