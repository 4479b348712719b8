"""The seller's warehouse: with whom it ships an order."""

from collections.abc import Mapping
from itertools import count
from random import Random
from typing import Any


class Warehouse:
    """Chooses a carrier in the warehouse's own words, which the shop's mappings translate."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._random = Random(7)

    def choose(self, order: Mapping[str, Any]) -> tuple[str, str, str]:
        """Carrier, shipping class and tracking number for an order as the OMS took it."""
        number = next(self._numbers)
        if order["currency"] == "GBP":
            return "RM Tracked", "Tracked 24", f"AB{number:09d}GB"
        if self._random.random() < 0.5:
            return "USPS Ground Advantage", "Ground Advantage", f"94001{number:017d}"
        return "UPS Ground", "Ground", f"1Z999AA1{number:010d}"
