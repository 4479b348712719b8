"""The promises about parcels that are out of the ordinary, checked in the partners' own books."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from local.demo.checks import Check
from local.demo.parcel_notes import ParcelNotes
from local.demo.parcels import (
    fulfillments,
    labels_at_tiktok,
    labels_in_channeladvisor,
    labels_shipped,
    numbers_heard,
    numbers_replaced,
    shipped,
)
from local.demo.partners import Partners
from local.demo.stories import Packing, Placed

_TOLD: Final = ("at TikTok Shop", "in ChannelAdvisor")


def check_parcels(partners: Partners, orders: Sequence[Placed], notes: ParcelNotes) -> list[Check]:
    """Every promise about them. When a mapping was added is not in any partner's books: the notes say it."""
    return [
        Check("An order in two parcels was partially shipped on all three sides", tuple(_parts(partners, orders))),
        Check("Orders that share a parcel have its number on all three sides", tuple(_shared(partners, orders))),
        Check(
            "A misspelt carrier's parcel waited for its mapping, then left by itself",
            tuple(_mapped(partners, orders, notes)),
        ),
        Check("A mistyped number was mended before TikTok Shop heard of it", tuple(_mended(partners, orders))),
    ]


def _packed(orders: Sequence[Placed], packing: Packing) -> list[Placed]:
    return [order for order in orders if order.story.packing is packing]


def _arrivals(partners: Partners, order: Placed) -> Mapping[str, list[datetime]]:
    """When each side knew of the order's parcels, one after the other."""
    return {
        "at the OMS": sorted(each.shipped_at for each in shipped(partners, order.id)),
        "at TikTok Shop": [each.at for each in partners.tiktok.books.shipments_of(order.id)],
        "in ChannelAdvisor": sorted(each["UpdatedDateUtc"] for each in fulfillments(partners, order.id)),
    }


def _parts(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    """Every side must have had the first parcel and not the last one, all of them at one moment."""
    for order in _packed(orders, Packing.IN_PARTS):
        arrivals = _arrivals(partners, order)
        for side, moments in arrivals.items():
            if len(moments) != 2:
                yield f"{order.id}: {len(moments)} parcels {side}"
        if all(arrivals.values()):
            began = max(first for first, *_ in arrivals.values())
            if began >= min(last for *_, last in arrivals.values()):
                yield f"{order.id} was never partially shipped on all sides at once"


def _shared(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    together = _packed(orders, Packing.TOGETHER)
    labels = {label for order in together for label in labels_shipped(partners, order.id)}
    for order in together:
        for side, there in (
            ("at the OMS", labels_shipped(partners, order.id)),
            ("at TikTok Shop", labels_at_tiktok(partners, order.id)),
            ("in ChannelAdvisor", labels_in_channeladvisor(partners, order.id)),
        ):
            if len(labels) != 1 or set(there) != labels:
                yield f"{order.id} has {', '.join(number for number, _ in there) or 'no number'} {side}"


def _mapped(partners: Partners, orders: Sequence[Placed], notes: ParcelNotes) -> Iterator[str]:
    for order in _packed(orders, Packing.MISSPELT_CARRIER):
        arrivals = _arrivals(partners, order)
        yield from (f"{order.id} is not {side}" for side, moments in arrivals.items() if not moments)
        for words in {each.carrier for each in shipped(partners, order.id)}:
            unmapped = notes.unmapped.get((order.region, words))
            if unmapped is None:
                yield f"{order.id}: nobody was told that {words!r} stands for nothing"
            elif unmapped.mapped_at is None:
                yield f"{order.id}: nobody added a mapping for {words!r}"
            else:
                early = [side for side in _TOLD if min(arrivals[side], default=unmapped.mapped_at) < unmapped.mapped_at]
                yield from (f"{order.id}: {side} before {words!r} was mapped" for side in early)


def _mended(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    heard = numbers_heard(partners)
    for order in _packed(orders, Packing.MISTYPED_NUMBER):
        mistyped = numbers_replaced(partners, order.id)
        if not mistyped:
            yield f"{order.id}: nobody mended its number"
        yield from (f"{order.id}: TikTok Shop heard of {number}" for number in sorted(mistyped & heard))
