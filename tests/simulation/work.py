"""How much work was done for the orders, and whether faults make it more than it may be."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

MOST_TIMES: Final = 3.0
"""Under faults at most so often the work of the same seed without faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What some orders cost."""

    orders: int
    write_units: int = 0
    read_units: int = 0
    requests: int = 0
    transitions: int = 0


def amplified(faulty: Work, calm: Work, most: float = MOST_TIMES) -> Iterator[str]:
    """Where each order cost more than so many times what it cost on calm days. Kinds without any work are passed."""
    calmly = asdict(calm)
    for kind, much in asdict(faulty).items():
        if kind == "orders" or not calmly[kind] or not calm.orders or not faulty.orders:
            continue
        usual, now = calmly[kind] / calm.orders, much / faulty.orders
        if now > most * usual:
            yield f"{kind} an order: {now:.1f} under faults, {usual:.1f} without: {now / usual:.1f} times"
