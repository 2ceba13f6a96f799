"""Floor 3: routes through the supernetwork."""
