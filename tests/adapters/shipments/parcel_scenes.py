"""Where the tests of parcels begin, what each side shows of one, and what must hold in the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from local.simulators.tiktok_shop.buyers import Buyer
from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import ups
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.timeline import TimelineEntry
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.world import TEE, Connected, World

PACKAGES = "/packages"
UPDATE = "/shipping_info/update"
SHIP = (Target.TIKTOK_SHOP, Action.SHIP)
CORRECT = (Target.TIKTOK_SHOP, Action.CORRECT_PARCEL)
CHECK = (Target.TIKTOK_SHOP, Action.CHECK_PARCEL)
SHIP_THERE = (Target.CHANNELADVISOR, Action.SHIP)
CORRECT_THERE = (Target.CHANNELADVISOR, Action.CORRECT_PARCEL)
NOTE = (Target.OMS, Action.NOTE_PARCEL)
WAREHOUSE = "Brown"
"""What the warehouse calls UPS; people in ChannelAdvisor write UPS, as TikTok Shop does."""
NUMBER, NEW_NUMBER, NEWEST_NUMBER = ups(1), ups(2), ups(3)
ANYONES_NUMBER = "SOME12345678"
MAPPINGS = [{"carrier": name, "code": "ups", "channeladvisor_class": "Ground"} for name in (WAREHOUSE, "UPS")]
OTHER_JOBS = ("settle_requests", "watch_deadlines", "release_due_orders")
"""They tell nobody of parcels, and have tests of their own."""


def connected(world: World, **settings: Any) -> Connected:
    """A shop in the US whose mappings know what the warehouse and people in ChannelAdvisor write."""
    return world.connect(**({"shipping_mappings": MAPPINGS} | settings))


def with_two_other_carriers(world: World, **settings: Any) -> Connected:
    """A shop that ships with two carriers whose numbers nobody can judge: a number of one may be the other's."""
    rows = [{"carrier": name, "code": name.lower(), "channeladvisor_class": "Ground"} for name in ("GLS US", "Wizmo")]
    for row in rows:
        world.channeladvisor.add_carrier(row["carrier"], "Ground")
    return connected(world, shipping_mappings=rows, **settings)


def everywhere(world: World, shop: Connected, *lines: LineSpec, buyer: Buyer | None = None) -> OrderId:
    """An order that ChannelAdvisor and the OMS have; nothing is left to tell."""
    (order,) = all_everywhere(world, shop, [lines or (TEE,)], buyer=buyer)
    return order


def all_everywhere(
    world: World, shop: Connected, orders: Sequence[Sequence[LineSpec]], *, buyer: Buyer | None = None
) -> list[OrderId]:
    """The same of several orders, of different buyers or of one."""
    placed = [world.order(shop, *lines, buyer=buyer) for lines in orders]
    world.run("poll_tiktok", shop)
    world.sleep(65 * 60)
    world.timers.waiting.clear()
    for job in (
        "release_due_orders",
        "push_channeladvisor",
        "push_oms",
        "push_channeladvisor",
        "poll_channeladvisor",
        "push_tiktok",
    ):
        world.run(job, shop)
    for order in placed:
        check_nothing_left(world, shop, order)
    return placed


def cycle(world: World, times: int = 1) -> None:
    """Quarters of an hour."""
    world.cycle(times, skip=OTHER_JOBS)


def until(world: World, moment: datetime) -> None:
    """Turn the clock to a moment."""
    world.sleep((moment - world.time).total_seconds())


def report(
    world: World,
    order: OrderId,
    number: str = NUMBER,
    *,
    carrier: str = WAREHOUSE,
    lines: Sequence[str] | None = None,
    by_sku: bool = False,
) -> str:
    """The warehouse ships: the OMS's shipment id."""
    return world.oms.ship(order, carrier, "Ground", number, lines=lines, by_sku=by_sku)


def shipped(world: World, shop: Connected, *lines: LineSpec) -> tuple[OrderId, str]:
    """An order that left in one parcel, of which all sides know, with its shipment id."""
    order = everywhere(world, shop, *lines)
    shipment = report(world, order)
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER)
    return order, shipment


def report_under_another_id(world: World, shipment: str, **changes: str) -> str:
    """The OMS books a shipment again, as another one: its id."""
    again = f"{shipment}-again"
    listed = world.oms._state.shipments
    newest = [each for each in listed if each.id == shipment][-1]
    listed.append(replace(newest, id=again, **changes))  # type: ignore[arg-type]
    return again


def type_in(
    world: World, order: OrderId, number: str = NUMBER, *, items: Mapping[str, int] | None = None, carrier: str = "UPS"
) -> int:
    """A person ships in ChannelAdvisor: the fulfilment's ID."""
    return world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), carrier, "Ground", number, items=items)


def fulfillments(world: World, order: OrderId) -> list[Mapping[str, Any]]:
    """The parcels that left there."""
    return list(world.channeladvisor.books.shipped_fulfillments(in_channeladvisor(world, order)))


def package_id(world: World, order: OrderId) -> str:
    """The id of the one package that TikTok Shop has of an order."""
    (shipment,) = world.tiktok.books.shipments_of(order)
    return shipment.package_id


def at_tiktok(world: World, order: OrderId) -> list[tuple[str, tuple[str, ...]]]:
    """Tracking numbers that hold there, with their lines."""
    return [(each.tracking_number, each.line_ids) for each in world.tiktok.books.shipments_now_of(order)]


def numbers_at_tiktok(world: World, order: OrderId) -> list[str]:
    """The tracking numbers alone."""
    return [number for number, _ in at_tiktok(world, order)]


def numbers_there(world: World, order: OrderId) -> list[str]:
    """The tracking numbers that ChannelAdvisor shows."""
    return [each["TrackingNumber"] for each in fulfillments(world, order)]


def updates(world: World, order: OrderId) -> list[str]:
    """The numbers that we changed at TikTok Shop, as it took them."""
    return [each.tracking_number for each in world.tiktok.books.tracking_updates_of(order) if each.by == "api"]


def entries(world: World, shop: Connected, order: OrderId, about: tuple[Target, Action]) -> list[OutboxEntry]:
    """What was to be told to one side, in the order of its names."""
    return [each for each in world.record(shop, order).outbox if (each.target, each.action) == about]


def last_entry(world: World, shop: Connected, order: OrderId, about: tuple[Target, Action]) -> OutboxEntry:
    """The newest of them."""
    return max(entries(world, shop, order, about), key=lambda each: (each.queued_at, each.revision))


def why_failed(world: World, shop: Connected, order: OrderId, about: tuple[Target, Action]) -> str:
    """Why the newest of them failed; the test fails when it did not."""
    entry = last_entry(world, shop, order, about)
    assert entry.state is EntryState.FAILED, entry
    return entry.reason


def parcels(world: World, shop: Connected, order: OrderId) -> list[Parcel]:
    """The ledger's parcels that stand."""
    return [each for each in world.record(shop, order).parcels if not each.refused]


def only_parcel(world: World, shop: Connected, order: OrderId) -> Parcel:
    """The one parcel of an order, refused ones among them."""
    (parcel,) = world.record(shop, order).parcels
    return parcel


def facts_of(world: World, shop: Connected, order: OrderId, event: str) -> list[TimelineEntry]:
    """The facts of one kind on an order's timeline."""
    return [fact for fact in world.ledger.timeline(shop.id, order) if fact.event == event]


def check_told_once(world: World, changes: int = 1) -> None:
    """Nothing was told twice, nothing left by accident, no label was changed more often than TikTok Shop allows."""
    check_nothing_twice(world)
    assert world.channeladvisor.books.accidental_shipments() == []
    assert world.channeladvisor.books.accidental_refunds() == []
    lines = Counter(line for each in world.tiktok.books.shipments for line in each.line_ids)
    assert [line for line, times in lines.items() if times > 1] == []
    changed = Counter(each.package_id for each in world.tiktok.books.tracking_updates)
    assert [package for package, times in changed.items() if times > changes] == []


def check_sides_agree(world: World, shop: Connected, order: OrderId, *, changes: int = 1) -> None:
    """TikTok Shop, ChannelAdvisor and the OMS have the ledger's parcels, each once, with what stands on it now."""
    record = world.record(shop, order)
    skus = {line.id: line.sku for line in record.order.lines if line.state is not LineState.CANCELED}
    left = parcels(world, shop, order)
    assert sorted(at_tiktok(world, order)) == sorted((each.tracking_number, each.line_ids) for each in left)
    assert [each.wanted for each in left if each.wanted] == []
    there: Counter[tuple[str, str]] = Counter()
    for each in fulfillments(world, order):
        for item in each["Items"]:
            there[each["TrackingNumber"], item["Sku"]] += item["Quantity"]
    assert there == Counter((each.tracking_number, skus[line]) for each in left for line in each.line_ids)
    noted = {name: body["tracking_number"] for name, body in world.oms.books.order(order).parcels.items()}
    assert noted == {each.id: each.tracking_number for each in left if each.source is not Source.OMS}
    check_nothing_left(world, shop, order)
    check_told_once(world, changes)


def check_parcels(world: World, shop: Connected, order: OrderId, *numbers: str, changes: int = 1) -> None:
    """All sides have parcels with these tracking numbers, and no other."""
    assert sorted(numbers_at_tiktok(world, order)) == sorted(numbers)
    assert sorted(set(numbers_there(world, order))) == sorted(numbers)
    check_sides_agree(world, shop, order, changes=changes)
