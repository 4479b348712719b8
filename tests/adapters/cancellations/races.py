"""Where the tests of races begin, and what must hold when a race is over: read from the partners' own books."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from local.simulators.tiktok_shop.cancellations import CancelStatus
from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import LineState
from order_sync.domain.timeline import Event
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice
from tests.adapters.jobs.scenes import TRACKING, in_channeladvisor
from tests.world import CYCLE, JOBS, Connected, World

OTHER_TRACKING = usps(2)

type Units = Counter[tuple[str, str]]
"""How many units of a SKU are open, shipped or cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One carrier as the warehouse, Seller Center and ChannelAdvisor name it."""

    warehouse: str
    tiktok: str
    channeladvisor: tuple[str, str]


CARRIERS: Mapping[str, Carrier] = {
    "US": Carrier(warehouse="USPS Ground", tiktok="USPS", channeladvisor=("USPS", "Ground")),
    "GB": Carrier(warehouse="RM 24", tiktok="Royal Mail", channeladvisor=("Royal Mail", "24")),
}


def connected(world: World, region: str, **settings: Any) -> Connected:
    """A shop whose mappings know the carrier by every name that the warehouse and people give it."""
    carrier = CARRIERS[region]
    code, shipping_class = ("usps", "Ground") if region == "US" else ("Royal Mail", "24")
    mappings = [
        {"carrier": name, "code": code, "channeladvisor_class": shipping_class}
        for name in (carrier.warehouse, carrier.tiktok)
    ]
    return world.connect(region, **({"shipping_mappings": mappings} | settings))


def released(world: World, shop: Connected, *lines: LineSpec) -> OrderId:
    """An order that has just left the cool-down: nobody was given it yet."""
    order = world.order(shop, *lines)
    world.run("poll_tiktok", shop)
    world.advance(timedelta(minutes=65))
    return order


def everywhere(world: World, shop: Connected, *lines: LineSpec) -> OrderId:
    """An order that ChannelAdvisor and the OMS have; nothing is left to tell."""
    order = released(world, shop, *lines)
    for job in ("push_channeladvisor", "push_oms", "push_channeladvisor", "poll_channeladvisor", "push_tiktok"):
        world.run(job, shop)
    assert order in [taken.tiktok_order_id for taken in world.oms.books.orders()]
    check_nothing_left(world, shop, order)
    return order


def ship(
    world: World, shop: Connected, order: OrderId, lines: list[str] | None = None, tracking: str = TRACKING
) -> None:
    """The warehouse ships, and the OMS lists it."""
    world.oms.ship(order, _carrier(shop).warehouse, "Ground", tracking, lines=lines)


def ship_in_seller_center(
    world: World, shop: Connected, order: OrderId, lines: list[str] | None = None, tracking: str = TRACKING
) -> None:
    """A person ships by hand at TikTok Shop."""
    world.tiktok.ship_in_seller_center(order, tracking, _carrier(shop).tiktok, lines)


def ship_in_channeladvisor(
    world: World, shop: Connected, order: OrderId, items: Mapping[str, int] | None = None, tracking: str = TRACKING
) -> None:
    """A person ships by hand in ChannelAdvisor."""
    carrier, shipping_class = _carrier(shop).channeladvisor
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), carrier, shipping_class, tracking, items=items)


def _carrier(shop: Connected) -> Carrier:
    return CARRIERS[shop.simulated.region.code]


def cycle_with(world: World, shop: Connected, *happenings: tuple[str, Callable[[], object]]) -> None:
    """One cycle, in which things happen just before the jobs named with them."""
    start = world.time
    for job in JOBS:
        for before, happening in happenings:
            if job == before:
                happening()
        world.run(job, shop)
    world.advance(start + CYCLE - world.time)


def after_answer(world: World, path: str, happening: Callable[[], object]) -> None:
    """Something happens once, in the middle of a run: right after TikTok Shop has answered a call of this path."""
    _after(world, lambda: world.tiktok.books.requests, path, happening)


def after_oms_answer(world: World, path: str, happening: Callable[[], object]) -> None:
    """The same, right after the OMS has answered."""
    _after(world, world.oms.books.requests, path, happening)


class _Logged(Protocol):
    @property
    def path(self) -> str: ...


def _after(world: World, requests: Callable[[], Sequence[_Logged]], path: str, happening: Callable[[], object]) -> None:
    seen = len(requests())

    def look() -> None:
        if any(path in request.path for request in requests()[seen:]):
            world.on_answer = lambda: None
            happening()

    world.on_answer = look


def units_at_tiktok(world: World, shop: Connected, order: OrderId) -> Units:
    """What became of the order's units at TikTok Shop."""
    granted = (CancelStatus.SUCCESS, CancelStatus.COMPLETE)
    canceled = {
        line for each in world.tiktok.cancellations_of(order) if each.status in granted for line in each.line_ids
    }
    shipped = {line for each in world.tiktok.books.shipments_of(order) for line in each.line_ids}
    return Counter(
        (line.sku, "cancelled" if line.id in canceled else "shipped" if line.id in shipped else "open")
        for line in world.record(shop, order).order.lines
    )


def units_in_channeladvisor(world: World, order: OrderId) -> Units:
    """What became of the order's units in ChannelAdvisor."""
    (created,) = world.created(order)
    skus = {item["ID"]: item["Sku"] for item in created["Items"]}
    units: Units = Counter()
    for item in created["Items"]:
        units[item["Sku"], "open"] += item["Quantity"]
    moved = [
        (skus[item], "cancelled", quantity)
        for each in world.channeladvisor.books.adjustments(created["ID"])
        if each["Type"] == "Cancellation" and each["RequestStatus"] != "Error"
        for item, quantity in each["Units"].items()
    ]
    moved += [
        (item["Sku"], "shipped", item["Quantity"])
        for parcel in world.channeladvisor.books.shipped_fulfillments(created["ID"])
        for item in parcel["Items"]
    ]
    for sku, state, quantity in moved:
        units[sku, state] += quantity
        units[sku, "open"] -= quantity
    return Counter({key: quantity for key, quantity in units.items() if quantity})


def units_in_oms(world: World, order: OrderId) -> Units:
    """What became of the order's units in the OMS."""
    return Counter(
        (line.sku, "open" if line.state == "packed" else line.state) for line in world.oms.books.order(order).lines
    )


def units_in_ledger(world: World, shop: Connected, order: OrderId) -> Units:
    """What the ledger says of the order's units."""
    names = {LineState.CANCELED: "cancelled"}
    return Counter(
        (line.sku, names.get(line.state, line.state.lower())) for line in world.record(shop, order).order.lines
    )


def check_over(world: World, shop: Connected, order: OrderId) -> None:
    """The race is over: all three sides and the ledger say the same, and nobody waits for anything."""
    at_tiktok = units_at_tiktok(world, shop, order)
    assert at_tiktok == units_in_channeladvisor(world, order), "ChannelAdvisor"
    assert at_tiktok == units_in_oms(world, order), "OMS"
    check_settled(world, shop, order)


def check_recovering(world: World, shop: Connected, order: OrderId, *tracking: str) -> None:
    """The race is over; these parcels left with cancelled units, which the OMS shipped and is to get back."""
    assert recoveries(world, order) == list(tracking)
    assert units_at_tiktok(world, shop, order) == units_in_channeladvisor(world, order), "ChannelAdvisor"
    check_settled(world, shop, order)


def check_settled(world: World, shop: Connected, order: OrderId) -> None:
    """The ledger says what TikTok Shop says, nothing is left to tell, nothing happened twice or as a refund."""
    assert units_at_tiktok(world, shop, order) == units_in_ledger(world, shop, order)
    record = world.record(shop, order)
    assert [each.id for each in record.cancellations if each.is_open or each.next_due] == []
    assert [each.id for each in record.seller_cancellations if each.is_open] == []
    check_nothing_left(world, shop, order)
    check_nothing_twice(world)
    assert world.channeladvisor.books.accidental_refunds() == []
    assert world.oms.books.unsettled() == []
    for cancellation in record.cancellations:
        assert len(world.tiktok.books.decided(cancellation.id)) <= 1


def recoveries(world: World, order: OrderId) -> list[str]:
    """Tracking numbers of the parcels that the OMS was told to get back."""
    recovery = world.oms.books.order(order).recovery
    parcels = recovery["parcels"] if recovery else []
    assert isinstance(parcels, list)
    return [parcel["tracking_number"] for parcel in parcels]


def told_problems(world: World, cancel: str) -> list[str]:
    """What the OMS was told about its decisions that changed nothing."""
    return [str(each.told["problem"]) for each in world.oms.books.decisions(cancel) if each.told]


def winners(world: World, shop: Connected, order: OrderId) -> list[str]:
    """How each cancel request of the order ended and who decided that, as the timeline has it: once each."""
    return [
        f"{fact.detail['outcome']} by {fact.detail['by']}"
        for fact in world.ledger.timeline(shop.id, order)
        if fact.event is Event.CANCEL_REQUEST_CLOSED
    ]


def answers(world: World, shop: Connected, order: OrderId) -> list[str]:
    """Every answer to a cancel request that the timeline has, with who gave it."""
    return [f"{fact['answer']} by {fact['by']}" for fact in details(world, shop, order, Event.CANCEL_REQUEST_ANSWERED)]


def details(world: World, shop: Connected, order: OrderId, event: Event) -> list[Mapping[str, str]]:
    """What the timeline says of all events of a kind."""
    return [fact.detail for fact in world.ledger.timeline(shop.id, order) if fact.event is event]
