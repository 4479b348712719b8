"""Parcels that a side was not told of, because their carrier's words stood for nothing that it takes (G4)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from order_sync.domain.ids import OrderId, ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping_mappings import find_mapping
from order_sync.domain.shop import ShopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedParcel:
    """One parcel that one side waits for, until a mapping for its words is added or changed."""

    target: Target
    order: OrderId
    parcel: ParcelId
    carrier: str
    shipping_class: str = ""
    entry: str
    """The name of the outbox entry that failed."""
    tried: tuple[str, str] | None = None
    """The carrier and class that ChannelAdvisor refused; None when the words stood for nothing at all."""
    attempt: int
    """The entry's version in the attempt that failed, which tells it from every other attempt."""


class Standing(Enum):
    """What became of a parcel that waits for a mapping."""

    WAITS = auto()
    BEING_TOLD = auto()
    """A run has the entry in its hands, and will say how it ended."""
    OVER = auto()
    """Told, corrected, withdrawn or cancelled meanwhile, or about to be told anyway."""


class Waiting(NamedTuple):
    """A parcel that waits, and until when its order must be dispatched."""

    parcel: UnmappedParcel
    dispatch_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWords:
    """All parcels that wait for a mapping of the same words."""

    carrier: str
    shipping_class: str
    parcels: int
    sides: Mapping[Target, int]
    """How many of them each side waits for."""
    dispatch_by: datetime | None
    """The earliest deadline of their orders."""
    mapped: int
    """How many of them go by themselves on the next push, since a mapping is there by now."""
    refused: tuple[tuple[str, str], ...]
    """The carriers and classes that ChannelAdvisor refused for them."""


def standing_of(record: OrderRecord | None, waiting: UnmappedParcel) -> Standing:
    """What became of a parcel that waits, by its order as it is now."""
    entry = record.entry(waiting.entry) if record else None
    parcel = record.parcel(waiting.parcel) if record else None
    if record is None or entry is None or parcel is None:
        return Standing.OVER
    if entry.state is EntryState.SENDING:
        return Standing.BEING_TOLD
    label = parcel.newest_label
    same_words = (label.carrier, label.shipping_class) == (waiting.carrier, waiting.shipping_class)
    living = {line.id for line in record.order.lines if line.state is not LineState.CANCELED}
    is_wanted = not parcel.refused and not living.isdisjoint(parcel.line_ids)
    return Standing.WAITS if entry.state is EntryState.FAILED and same_words and is_wanted else Standing.OVER


def is_mapped_by_now(shop: ShopSettings, waiting: UnmappedParcel) -> bool:
    """Whether its words stand for something by now that was not tried yet."""
    mapped = find_mapping(shop, waiting.carrier, waiting.shipping_class)
    return mapped is not None and (mapped.channeladvisor_carrier, mapped.channeladvisor_class) != waiting.tried


def by_words(shop: ShopSettings, waiting: Iterable[Waiting]) -> list[WaitingWords]:
    """The parcels that wait, by their words, the most urgent first."""
    groups: dict[tuple[str, str], list[Waiting]] = {}
    for each in waiting:
        groups.setdefault((each.parcel.carrier, each.parcel.shipping_class), []).append(each)
    found = [_words(shop, words, group) for words, group in groups.items()]
    return sorted(found, key=lambda each: (each.dispatch_by is None, each.dispatch_by, each.carrier))


def count_parcels(parcels: Iterable[UnmappedParcel]) -> int:
    """How many parcels these are, each of which both sides may wait for."""
    return len({(each.order, each.parcel) for each in parcels})


def _words(shop: ShopSettings, words: tuple[str, str], group: list[Waiting]) -> WaitingWords:
    carrier, shipping_class = words
    parcels = [each.parcel for each in group]
    return WaitingWords(
        carrier=carrier,
        shipping_class=shipping_class,
        parcels=count_parcels(parcels),
        sides=Counter(each.target for each in parcels),
        dispatch_by=min((each.dispatch_by for each in group if each.dispatch_by), default=None),
        mapped=count_parcels(each for each in parcels if is_mapped_by_now(shop, each)),
        refused=tuple(sorted({each.tried for each in parcels if each.tried})),
    )
