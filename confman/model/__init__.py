"""The frozen types that the rooms exchange."""
