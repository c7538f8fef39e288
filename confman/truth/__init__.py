"""Plans: what would be done, kept as data; what hosts are like against what was planned; drift; undoing."""
