"""Short texts in four languages from the same figures: the grammar, the words, and the brief."""
