"""Runs on the target: frames, plan, do, verify."""
