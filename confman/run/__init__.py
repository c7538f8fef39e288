"""The async room that performs the engine's commands."""
