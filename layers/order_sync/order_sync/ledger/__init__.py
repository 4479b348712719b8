"""The ledger: what we know about every order, in one table. No buyer data."""
