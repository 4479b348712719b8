"""What must hold at the end of a random day, read from the partners' own books, the ledger and every report."""

import json
from collections.abc import Iterator
from typing import Final

from tests.simulation.order_checks import check_order
from tests.simulation.random_day import RandomDay
from tests.simulation.told import Told

NEVER_COUNTED: Final = (
    "orders_repaired",
    "parcels_for_unknown_orders",
    "shipments_unreadable",
    "parcels_undecided",
    "channeladvisor_orders_undecided",
    "channeladvisor_orders_unreadable",
    "orders_damaged",
    "native_link_present",
    "cancellations_unreadable",
    "cancellations_undecided",
    "decisions_undecided",
    "seller_cancellations_undecided",
    "refusals_not_taken",
    "returns_unreadable",
    "returns_undecided",
    "returns_impossible",
    "return_decisions_undecided",
    "seller_refunds_undecided",
    "refunds_beyond_paid",
)


def check_day(day: RandomDay) -> list[str]:
    """Everything that is not as it should be, order by order."""
    broken = [*day.broken, *day.table.broken, *_of_all(day)]
    if unsettled := set(day.world.oms.books.unsettled()) - _used_unasked(day):
        broken.append(f"the OMS never heard what became of {unsettled}")
    for order in day.people.orders:
        record = day.world.ledger.load(order.shop.id, order.id)
        wrong = ["is not in the ledger"] if record is None else check_order(Told(day, order, record))
        broken += [f"order {order.id}: {each}" for each in wrong]
    return broken


def _used_unasked(day: RandomDay) -> set[str]:
    """Decisions about returns that were used before the OMS was asked: nothing is told about those."""
    used = {
        (fact.detail["return_id"], fact.detail["question"].lower())
        for order in day.people.orders
        for fact in day.world.ledger.timeline(order.shop.id, order.id)
        if fact.event == "RETURN_ANSWERED"
    }
    decisions = day.world.oms.books.return_decisions()
    return {each.id for each in decisions if (each.body.get("return_id"), each.body.get("question")) in used}


def _of_all(day: RandomDay) -> Iterator[str]:
    world = day.world
    if found := world.channeladvisor.books.accidental_refunds():
        yield f"ChannelAdvisor made {len(found)} accidental refunds"
    if twice := world.channeladvisor.books.repeated_seller_ids():
        yield f"ids of ours stand twice in ChannelAdvisor: {twice}"
    if duplicates := world.channeladvisor.books.duplicates():
        yield f"orders stand twice in ChannelAdvisor: {duplicates}"
    for decoy in day.decoys:
        found_decoy = world.channeladvisor.books.order(decoy)
        if found_decoy["SellerOrderID"] or found_decoy["ShippingStatus"] != "Unshipped":
            yield f"order {decoy} of another site was touched"
    for name in NEVER_COUNTED:
        if world.counted(name):
            yield f"{name}: {world.counted(name)}"
    for shop in day.shops:
        if unread := world.shops.unread(shop.id):
            yield f"shop {shop.id} still has unread orders: {unread}"
    yield from _buyers_at_rest(day)


def _buyers_at_rest(day: RandomDay) -> Iterator[str]:
    world = day.world
    places = {
        "the table": json.dumps([[list(key), item] for key, item in world.table.items.items()], ensure_ascii=False),
        "a report": "\n".join(world.problems()),
        "a timer": str(world.timers.waiting),
    }
    for canary in world.tiktok.buyer_data():
        yield from (f"a buyer's {canary!r} is in {place}" for place, text in places.items() if canary in text)
