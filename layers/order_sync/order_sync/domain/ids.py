"""Identifiers are text with types of their own, so that two of them cannot be swapped."""

from typing import NewType

ShopId = NewType("ShopId", str)
OrderId = NewType("OrderId", str)
LineId = NewType("LineId", str)
ParcelId = NewType("ParcelId", str)
CancelId = NewType("CancelId", str)
ReturnId = NewType("ReturnId", str)
