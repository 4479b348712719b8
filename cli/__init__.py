"""`order-sync`: what an operator asks and says about a deployed stack."""
