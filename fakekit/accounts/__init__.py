"""State: what the client of each API key changed and requested, its faults and its clock."""
