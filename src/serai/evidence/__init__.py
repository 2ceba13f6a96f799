"""What is said about a corridor, what became of it, and how that is told again."""
