"""What existing Ansible content needs beyond the language."""
