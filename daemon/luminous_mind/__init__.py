"""luminous-mind: what reads and remembers for Luminous, without a right, a bus or a network."""
