"""Plugins that others wrote for Ansible, run with the help of an ansible-core in the same environment.

Nothing here imports it before a plugin is needed; without it each plugin that needs it fails with a message.
"""
