"""The journal: what was run, on which hosts, and what each task changed there."""
