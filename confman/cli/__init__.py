"""Commands of the program, a file each; the only room that reads arguments and sets exit codes."""
