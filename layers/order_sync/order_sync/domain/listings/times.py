"""What a seller has set for a SKU in Seller Center, and what an order's lines make of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from order_sync.domain.orders import Line, LineState

MOST_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTimes:
    """The times of one SKU in business days (G5, OP C25); None where the listing has none."""

    handling_days: int | None = None
    shipping_days: int | None = None


type Listings = Mapping[str, ListedTimes]
"""Times by SKU."""

NO_LISTINGS: Final[Listings] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class LongestTime:
    """The longest time that listings have for the lines of an order, in business days."""

    days: int
    of_all: bool = True
    """Whether each line has one; where not, what holds for any listing may be longer."""


def longest_times(lines: Iterable[Line], listings: Listings) -> tuple[LongestTime | None, LongestTime | None]:
    """The longest handling and the longest shipping time of the living lines; of a cancelled order of all."""
    every = tuple(lines)
    counting = [line for line in every if line.state is not LineState.CANCELED] or every
    times = [listings.get(line.sku.strip(), ListedTimes()) for line in counting]
    return _longest(each.handling_days for each in times), _longest(each.shipping_days for each in times)


def _longest(days: Iterable[int | None]) -> LongestTime | None:
    every = list(days)
    known = [each for each in every if each is not None]
    return LongestTime(days=max(known), of_all=len(known) == len(every)) if known else None
