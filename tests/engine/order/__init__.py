"""Random plays, and what ansible-core makes of them."""
