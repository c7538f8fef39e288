"""Modules: one function a file; installed as confman.modules."""
