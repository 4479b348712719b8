"""Deadlines: business days, and the dated rules of each region that say how many of them an order has (G5-G7)."""
