"""Floor 5: does it pay, for whom, how surely, what breaks it, and who stays in."""
