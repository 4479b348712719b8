"""What the last comparison of a shop found: one summary, of bounded size, with ids only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Source
from order_sync.domain.reconciling.differences import Difference

MOST_KEPT: Final = 100
"""Of each side; the count tells how many there are."""
MOST_UNSURE: Final = 1_000
"""Of each side: an item has its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One side against the ledger. A large one takes several runs; each goes on where the last one stopped."""

    place: str = ""
    """How far a comparison that was cut short has come; empty when it is over, or has not begun."""
    ended_at: datetime | None = None
    """When all was compared for the last time."""
    for_people: int = 0
    """How many differences a person must look at."""
    repaired: int = 0
    """How many were repaired by the comparison itself."""
    differences: tuple[Difference, ...] = ()
    """The first of them."""
    unsure: tuple[OrderId, ...] = ()
    """Orders of which the next comparison tells whether they differ: this one may have come before a poll."""
    unsure_before: tuple[OrderId, ...] = ()
    """Those of the comparison before, as long as this one is under way."""
    trouble: str = ""
    """Why the side could not be compared; what was found before stands meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All sides of one shop."""

    sides: Mapping[Source, Comparison] = field(default_factory=dict)

    @property
    def for_people(self) -> int:
        """How many differences a person must look at."""
        return sum(each.for_people for each in self.sides.values())

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The first differences of all sides, those for people first."""
        found = [difference for each in self.sides.values() for difference in each.differences]
        return tuple(sorted(found, key=lambda each: each.repair is not None))

    def only(self, sides: Collection[Source]) -> "Summary":
        """Without the sides that are not compared any more: nobody could end their differences."""
        return Summary(sides={side: each for side, each in self.sides.items() if side in sides})

    def of(self, side: Source) -> Comparison:
        """The comparison of one side."""
        return self.sides.get(side, Comparison())


def confirmed(before: Comparison, found: Sequence[Difference]) -> tuple[list[Difference], tuple[OrderId, ...]]:
    """What is sure, and the orders that are not: those count when a second comparison finds them too."""
    earlier = frozenset(before.unsure_before if before.place else before.unsure)
    sure = [each for each in found if not each.unsure or each.order in earlier]
    return sure, tuple(each.order for each in found if each.unsure)


def with_found(
    before: Comparison,
    found: Sequence[Difference],
    place: str,
    now: datetime,
    unsure: tuple[OrderId, ...] = (),
) -> Comparison:
    """The comparison after a run: what was found before stays only where this run went on from a place."""
    base = before if before.place else Comparison(unsure_before=before.unsure)
    kept = (*base.differences, *found)
    for_people = [each for each in kept if each.repair is None]
    repaired = [each for each in kept if each.repair is not None]
    return Comparison(
        place=place,
        ended_at=before.ended_at if place else now,
        for_people=base.for_people + sum(each.repair is None for each in found),
        repaired=base.repaired + sum(each.repair is not None for each in found),
        differences=tuple([*for_people, *repaired][:MOST_KEPT]),
        unsure=(*base.unsure, *unsure)[:MOST_UNSURE],
        unsure_before=base.unsure_before if place else (),
    )


def from_the_start(before: Comparison) -> Comparison:
    """A comparison that cannot go on from its place begins anew; what was unsure until then stays so."""
    unsure = dict.fromkeys((*before.unsure_before, *before.unsure))
    return replace(before, place="", unsure=tuple(unsure)[:MOST_UNSURE], unsure_before=())


def with_trouble(before: Comparison, why: str) -> Comparison:
    """The side could not be compared: what was known of it stands."""
    return replace(before, trouble=why)
