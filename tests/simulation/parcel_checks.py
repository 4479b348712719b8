"""Each parcel stands once wherever it must, as its sender knows it."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.told import Told

type Shown = tuple[str, Counter[str], frozenset[str]]
"""Tracking number, units by SKU, lines where they are known."""


def parcels_arrived(told: Told) -> Iterator[str]:
    """What people sent, and nothing else, is everywhere."""
    there = {"TikTok": list(_at_tiktok(told))}
    if told.created:
        there["ChannelAdvisor"] = list(_in_channeladvisor(told))
    if told.taken is not None:
        there["the OMS"] = [*_sent_by_oms(told), *_noted_in_oms(told)]
    for where, parcels in there.items():
        yield from (f"{wrong} in {where}" for wrong in _wrong(told, parcels))
    if not told.contested:
        doubled = [r for r in told.day.world.tiktok.books.double_ship_attempts if r.order_id == told.order.id]
        yield from (f"was shipped again at {refused.at}: {refused.code}" for refused in doubled)


def _wrong(told: Told, parcels: list[Shown]) -> Iterator[str]:
    true = {parcel.tracking: parcel for parcel in told.order.parcels}
    # A corrected number may have come too late for one partner and in time for another.
    first = {parcel.corrected: parcel.tracking for parcel in told.order.parcels}
    parcels = [(first.get(tracking, tracking), units, lines) for tracking, units, lines in parcels]
    found = Counter(tracking for tracking, _, _ in parcels)
    yield from (f"has parcel {tracking} {times} times" for tracking, times in found.items() if times > 1)
    yield from (f"has parcel {tracking} that nobody sent" for tracking in found.keys() - true.keys())
    for tracking, units, lines in parcels:
        parcel = true.get(tracking)
        if (
            parcel
            and not told.crossed
            and (units != parcel.units or (parcel.lines and lines and lines != parcel.lines))
        ):
            yield f"has another content of parcel {tracking}, {dict(units)} and not {dict(parcel.units)},"
    if not told.contested and not told.canceled:
        yield from (f"has not got parcel {tracking}" for tracking in sorted(true.keys() - found.keys()))


def _skus(told: Told) -> dict[str, str]:
    return {line.id: line.seller_sku for line in told.there.lines}


def _at_tiktok(told: Told) -> Iterator[Shown]:
    skus = _skus(told)
    for shipment in told.day.world.tiktok.books.shipments_of(told.order.id):
        if shipment.by != "tiktok":
            units = Counter(skus[line] for line in shipment.line_ids)
            yield shipment.tracking_number, units, frozenset(shipment.line_ids)


def _in_channeladvisor(told: Told) -> Iterator[Shown]:
    for parcel in told.day.world.channeladvisor.books.shipped_fulfillments(told.created[0]["ID"]):
        units = Counter[str]()
        for part in parcel["Items"]:
            units[part["Sku"]] += part["Quantity"]
        yield parcel["TrackingNumber"], units, frozenset()


def _sent_by_oms(told: Told) -> Iterator[Shown]:
    """The OMS may list a shipment twice; it is one."""
    skus = _skus(told)
    own = {shipment.id: shipment for shipment in told.day.world.oms.books.shipments(told.order.id)}
    for shipment in own.values():
        yield shipment.tracking_number, Counter(skus[line] for line in shipment.lines), frozenset()


def _noted_in_oms(told: Told) -> Iterator[Shown]:
    skus = _skus(told)
    for parcel in told.taken.parcels.values() if told.taken else ():
        yield parcel["tracking_number"], Counter(skus[line] for line in parcel["lines"]), frozenset(parcel["lines"])
