"""Floor 4: the one place where freight and trade meet."""
