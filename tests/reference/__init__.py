"""ansible-core as the reference: one process that has it loaded and answers questions."""
