"""YAML text becomes nodes that know their place."""
