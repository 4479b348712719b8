"""Listing facts: the handling and shipping time of each SKU, for what orders do not carry themselves (G5)."""
