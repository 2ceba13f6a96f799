"""Steps that bring a ledger's database from one form to the next."""
