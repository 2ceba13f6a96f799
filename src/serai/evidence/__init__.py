"""An article comes in, its claims are found, checked, kept in a ledger, and told again in four languages."""
