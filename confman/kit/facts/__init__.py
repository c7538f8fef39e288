"""What there is to know of a host: a file for each kind of facts, plain functions over /proc, /sys and few programs."""
