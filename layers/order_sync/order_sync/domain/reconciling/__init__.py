"""Comparing what each side says of an order: differences, what is repaired, what is explained (DESIGN 2)."""
