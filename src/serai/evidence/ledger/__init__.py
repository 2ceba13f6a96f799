"""The ledger: promises and claims, who judged them on what evidence, and nothing ever overwritten."""
