"""An article comes in; its claims are found and set beside what is known."""
