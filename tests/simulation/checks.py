"""What must hold in the end, read from the partners' own books, the ledger and every report."""

from collections.abc import Iterator
from typing import Final

from tests.simulation.canaries import Canaries
from tests.simulation.days import Day
from tests.simulation.order_checks import check_order
from tests.simulation.placed_orders import PlacedOrder
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


def check_day(day: Day) -> list[str]:
    """Everything that is not as it should be, order by order."""
    broken = [*day.broken, *check_all(day)]
    for order in day.orders:
        broken += check_placed(day, order)
    return broken


def check_placed(day: Day, order: PlacedOrder) -> list[str]:
    """What is not as it should be with one order that has come to rest."""
    record = day.world.ledger.load(order.shop.id, order.id)
    wrong = ["is not in the ledger"] if record is None else check_order(Told(day, order, record))
    return [f"order {order.id}: {each}" for each in wrong]


def _used_unasked(day: Day) -> set[str]:
    """Decisions about returns that were used before the OMS was asked: nothing is told about those."""
    used = {
        (fact.detail["return_id"], fact.detail["question"].lower())
        for order in day.orders
        for fact in day.world.ledger.timeline(order.shop.id, order.id)
        if fact.event == "RETURN_ANSWERED"
    }
    decisions = day.world.oms.books.return_decisions()
    return {each.id for each in decisions if (each.body.get("return_id"), each.body.get("question")) in used}


def check_all(day: Day) -> Iterator[str]:
    """What is not as it should be and is no single order's."""
    world = day.world
    if unsettled := set(world.oms.books.unsettled()) - _used_unasked(day):
        yield f"the OMS never heard what became of {unsettled}"
    if found := world.channeladvisor.books.accidental_refunds():
        yield f"ChannelAdvisor made {len(found)} accidental refunds"
    if twice := world.channeladvisor.books.repeated_seller_ids():
        yield f"ids of ours stand twice in ChannelAdvisor: {twice}"
    if duplicates := world.channeladvisor.books.duplicates():
        yield f"orders stand twice in ChannelAdvisor: {duplicates}"
    yield from _decoys_untouched(day)
    for name in NEVER_COUNTED:
        if world.counted(name):
            yield f"{name}: {world.counted(name)}"
    for shop in day.shops:
        if unread := world.shops.unread(shop.id):
            yield f"shop {shop.id} still has unread orders: {unread}"
    yield from _buyers_at_rest(day)


def _decoys_untouched(day: Day) -> Iterator[str]:
    for decoy in day.decoys:
        found_decoy = day.world.channeladvisor.books.order(decoy)
        if found_decoy["SellerOrderID"] or found_decoy["ShippingStatus"] != "Unshipped":
            yield f"order {decoy} of another site was touched"


def _buyers_at_rest(day: Day) -> Iterator[str]:
    canaries = Canaries(lambda: day.world.tiktok._state.personal_data)
    for item in day.items.values():
        canaries.look(" ".join(map(str, item.values())), "the table")
    for problem in day.world.problems():
        canaries.look(problem, "a report")
    for execution in day.executions:
        canaries.look(execution, "a timer")
    canaries.flush()
    yield from (f"a buyer's {found.canary!r} is in {found.place}" for found in canaries.found)
