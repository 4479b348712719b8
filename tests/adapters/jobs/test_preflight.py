"""What is found wrong with a parcel stops it before TikTok Shop hears of it, and says why (issue 5, items 1 and 4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.buyers import Buyer
from local.tracking_numbers import royal_mail, ups, usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.timeline import Event
from order_sync.jobs.oms_news import OmsNews
from order_sync.jobs.oms_reports import Refusals
from tests.adapters.jobs.checks import check_nothing_twice
from tests.adapters.jobs.scenes import entry_states, parcels_at_tiktok, ship_from_oms
from tests.builders import a_report
from tests.world import TWO_TEES, Connected, World

SHIP = (Target.TIKTOK_SHOP, Action.SHIP)
PACKAGES = "/packages"
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
UNJUDGED = "SOME12345678"
"""Nobody publishes the shapes of GLS's numbers."""


@pytest.fixture
def world() -> World:
    return World()


def released(world: World, shop: Connected, number: int = 1, buyer: Buyer | None = None) -> list[OrderId]:
    """Orders that the OMS was given, of different buyers or of one."""
    orders = [world.order(shop, TWO_TEES, buyer=buyer) for _ in range(number)]
    world.cycle(5)
    return orders


def push(world: World, shop: Connected) -> dict[str, int]:
    """The parcels that the OMS reports go to TikTok Shop, as far as they may; what was counted."""
    world.run("poll_oms", shop)
    return world.run("push_tiktok", shop).counts


def asked_about_parcels(world: World) -> int:
    """How many of TikTok's requests were about a parcel: whose provider is looked up, or that is shipped."""
    paths = [request.path for request in world.tiktok.books.requests]
    return sum(path.endswith((PACKAGES, "/shipping_providers")) for path in paths)


def why_failed(world: World, shop: Connected, order: OrderId) -> str:
    """Why the newest parcel of an order was not told to TikTok Shop; the test fails when it was."""
    entries = [entry for entry in world.record(shop, order).outbox if (entry.target, entry.action) == SHIP]
    assert entries[-1].state is EntryState.FAILED
    return entries[-1].reason


def sent(world: World, orders: Sequence[OrderId]) -> list[int]:
    """How many parcels TikTok Shop has of each order."""
    return [len(parcels_at_tiktok(world, order)) for order in orders]


@pytest.mark.parametrize(
    ("region", "carrier", "number", "reason"),
    [
        ("US", "usps", "9400100000000000000001", "USPS package barcode: the check digit is wrong"),
        ("US", "ups", "1Z999AA10000000016", "UPS parcel: the check digit is wrong"),
        ("US", "fedex", "986578788854", "FedEx 12 digits: the check digit is wrong"),
        ("US", "usps", "TRACK-1", "'TRACK-1' has no shape of USPS's tracking numbers"),
        ("US", "usps", ups(1), "it looks like a number of UPS"),
        ("US", "usps", f" {usps(1)[:4]} {usps(1)[4:]}", f"written as '{usps(1)}' it would fit"),
        ("US", "ups", ups(1).lower(), f"written as '{ups(1)}' it would fit"),
        ("US", "gls us", "12345#6789", "TikTok Shop takes letters, digits and - _ . / only, not '#'"),
        ("US", "gls us", "123", "TikTok Shop takes 4 to 50 characters, not 3"),
        ("US", "gls us", "9" * 51, "TikTok Shop takes 4 to 50 characters, not 51"),
        ("US", "gls us", "00000000", "'00000000' is one character, repeated"),
        ("US", "gls us", "12345", "those have 6 to 40 letters and digits"),
        ("US", "U.S.P.S.", usps(1), "carrier 'U.S.P.S.' is not accepted by TikTok Shop in US; nearest accepted code"),
        ("US", "Royal Mail", royal_mail(1), "carrier 'Royal Mail' is not accepted by TikTok Shop in US"),
        ("GB", "Royal Mail", "QW000000042GB", "Royal Mail 13 characters: the check digit is wrong"),
        ("GB", "usps", usps(1), "carrier 'usps' is not accepted by TikTok Shop in GB"),
    ],
)
def test_a_parcel_that_cannot_be_right_fails_with_the_reason_and_tiktok_hears_nothing_of_it(
    world: World, region: str, carrier: str, number: str, reason: str
) -> None:
    shop = world.connect(region)
    (order,) = released(world, shop)
    ship_from_oms(world, order, number, carrier=carrier)
    counts = push(world, shop)

    assert reason in why_failed(world, shop, order)
    assert counts["entries_failed"] == 1
    assert f"entries_failed: order {order} " in str(world.problems())
    assert asked_about_parcels(world) == 0

    world.cycle(4)
    assert asked_about_parcels(world) == 0
    assert world.counted("entries_failed") >= 1
    assert sent(world, [order]) == [0]


def test_one_bad_parcel_of_an_order_keeps_its_other_parcels_from_nothing(world: World) -> None:
    shop = world.connect()
    (order,) = released(world, shop)
    first, second = world.tiktok.line_ids(order)
    ship_from_oms(world, order, "9400100000000000000001", lines=[first])
    ship_from_oms(world, order, usps(2), lines=[second])
    push(world, shop)

    assert parcels_at_tiktok(world, order) == [(usps(2), (second,))]
    states = [entry.state for entry in world.record(shop, order).outbox if (entry.target, entry.action) == SHIP]
    assert sorted(states) == [EntryState.DONE, EntryState.FAILED]


def test_a_number_with_the_wrong_carrier_goes_after_the_mapping_was_mended_and_a_replay(world: World) -> None:
    shop = world.connect(shipping_mappings=[{"carrier": "House", "code": "usps", "channeladvisor_class": "Ground"}])
    (order,) = released(world, shop)
    ship_from_oms(world, order, ups(1), carrier="House")
    push(world, shop)
    assert "it looks like a number of UPS" in why_failed(world, shop, order)

    world.reconnect(shop, shipping_mappings=[{"carrier": "House", "code": "ups", "channeladvisor_class": "Ground"}])
    world.run("push_tiktok", shop)
    assert sent(world, [order]) == [0]

    world.replay(shop, order)
    world.run("push_tiktok", shop)
    assert parcels_at_tiktok(world, order) == [(ups(1), tuple(world.tiktok.line_ids(order)))]
    assert world.tiktok.books.shipments_of(order)[0].provider == "UPS"
    assert entry_states(world, shop, order)[SHIP] is EntryState.DONE


def test_a_mistyped_number_is_told_no_more_once_a_person_has_shipped_with_the_right_one(world: World) -> None:
    shop = world.connect()
    (order,) = released(world, shop)
    ship_from_oms(world, order, "1Z999AA10000000016", carrier="ups")
    push(world, shop)
    assert "the check digit is wrong" in why_failed(world, shop, order)

    world.tiktok.ship_in_seller_center(order, ups(1), "UPS")
    world.cycle(2)
    assert entry_states(world, shop, order)[SHIP] is EntryState.WITHDRAWN
    assert sent(world, [order]) == [1]
    assert world.record(shop, order).order.state == "SHIPPED"


@pytest.mark.parametrize(
    ("carrier", "number", "grade"),
    [
        ("ups", ups(1), "verified"),
        ("amazon logistics", "TBA502887274000", "plausible"),
        ("gls us", UNJUDGED, "unknown"),
    ],
)
def test_what_goes_is_counted_by_how_sure_it_is(world: World, carrier: str, number: str, grade: str) -> None:
    shop = world.connect()
    (order,) = released(world, shop)
    ship_from_oms(world, order, number, carrier=carrier)
    counts = push(world, shop)

    assert {name: count for name, count in counts.items() if "preflight" in name} == {f"preflight_{grade}": 1}
    assert counts["parcels_doubted"] == 0
    assert sent(world, [order]) == [1]


def test_a_number_that_nobody_can_judge_stops_by_setting_and_goes_once_that_is_changed(world: World) -> None:
    shop = world.connect(shipping={"unknown_tracking": "stop"})
    orders = released(world, shop, 2)
    ship_from_oms(world, orders[0], UNJUDGED, carrier="gls us")
    ship_from_oms(world, orders[1], ups(1), carrier="ups")
    push(world, shop)

    assert sent(world, orders) == [0, 1]
    reason = why_failed(world, shop, orders[0])
    assert "no known rule of GLS US tells whether the number is right" in reason
    assert "the shop's setting shipping.unknown_tracking stops it" in reason

    world.reconnect(shop, shipping={"unknown_tracking": "send"})
    world.replay(shop, orders[0])
    world.run("push_tiktok", shop)
    assert sent(world, orders) == [1, 1]


@pytest.mark.parametrize(
    ("shipped_at", "doubted"),
    [("2025-12-31T23:59", 0), ("2026-01-01T00:01", 1), ("2026-06-01T12:00", 1)],
    ids=["the evening before", "the first minute", "months later"],
)
@pytest.mark.parametrize("setting", ["warn", "stop"])
def test_a_restricted_carrier_warns_or_stops_from_its_day_on_where_the_shop_is(
    world: World, setting: str, shipped_at: str, doubted: int
) -> None:
    shipped = datetime.fromisoformat(shipped_at).replace(tzinfo=LOS_ANGELES)
    world.time = shipped.astimezone(world.time.tzinfo).replace(hour=0)
    shop = world.connect(shipping={"restricted_carriers": setting})
    orders = released(world, shop, 2)
    world.time = shipped.astimezone(world.time.tzinfo)
    ship_from_oms(world, orders[0], usps(1))
    ship_from_oms(world, orders[1], ups(1), carrier="ups")
    counts = push(world, shop)

    goes = not doubted or setting == "warn"
    assert sent(world, orders) == [goes, True]
    assert counts["parcels_doubted"] == (doubted if goes else 0)
    assert counts["entries_failed"] == (not goes)
    said = "carrier 'usps' is restricted from 2026-01-01 on"
    assert (f"parcels_doubted: {said}" in str(world.problems())) == (bool(doubted) and goes)
    if goes and doubted:
        timeline = world.ledger.timeline(shop.id, OrderId(orders[0]))
        (told,) = [fact for fact in timeline if fact.event is Event.PARCEL_AT_TIKTOK]
        assert said in told.detail["doubts"]
    if not goes:
        assert said in why_failed(world, shop, orders[0])


def test_what_is_said_against_many_parcels_stands_once_in_the_log(world: World) -> None:
    shop = world.connect()
    orders = released(world, shop, 3)
    for number, order in enumerate(orders):
        ship_from_oms(world, order, usps(number + 1))
    counts = push(world, shop)
    assert counts["parcels_doubted"] == 3
    assert [problem.split(":")[0] for problem in world.problems()] == ["parcels_doubted"]


def test_a_number_that_another_recipients_order_has_stops_the_later_parcel(world: World) -> None:
    shop = world.connect()
    orders = released(world, shop, 2)
    for order in orders:
        ship_from_oms(world, order, ups(1), carrier="ups")
        push(world, shop)

    assert sent(world, orders) == [1, 0]
    assert world.counted("entries_failed") == 1
    assert "the tracking number is on orders of other recipients too (1)" in why_failed(world, shop, orders[1])
    assert world.tiktok.books.refused_shipments == []


def test_of_two_recipients_with_one_number_in_one_cycle_the_one_that_was_reported_first_goes(world: World) -> None:
    """As TikTok Shop has it. Which of them is wrong, nobody but the warehouse can tell."""
    shop = world.connect()
    orders = released(world, shop, 2)
    for order in orders:
        ship_from_oms(world, order, ups(1), carrier="ups")
    push(world, shop)

    assert sent(world, orders) == [1, 0]
    assert "look for the one that is wrong" in why_failed(world, shop, orders[1])


def test_of_twenty_one_orders_of_one_recipient_in_one_cycle_twenty_go(world: World) -> None:
    shop = world.connect()
    orders = released(world, shop, 21, world.tiktok.new_buyer(shop.simulated))
    for order in orders:
        ship_from_oms(world, order, ups(1), carrier="ups")
    push(world, shop)
    assert sorted(sent(world, orders)) == [0] + [1] * 20
    assert world.tiktok.books.refused_shipments == []


def test_a_cancelled_order_no_longer_holds_its_tracking_number(world: World) -> None:
    shop = world.connect()
    first, second = released(world, shop, 2)
    ship_from_oms(world, first, ups(1), carrier="ups")
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_platform(first, "Fraud")
    world.run("poll_tiktok", shop)
    ship_from_oms(world, second, ups(1), carrier="ups")
    push(world, shop)
    assert sent(world, [first, second]) == [0, 1]


def test_up_to_twenty_orders_of_one_recipient_share_a_number_and_one_more_is_stopped(world: World) -> None:
    shop = world.connect()
    orders = released(world, shop, 21, world.tiktok.new_buyer(shop.simulated))
    for order in orders[:20]:
        ship_from_oms(world, order, ups(1), carrier="ups")
    counts = push(world, shop)
    assert sent(world, orders) == [1] * 20 + [0]
    assert counts["preflight_verified"] == 20
    assert world.problems() == []

    ship_from_oms(world, orders[20], ups(1), carrier="ups")
    push(world, shop)
    assert sent(world, orders) == [1] * 20 + [0]
    assert "would be on 21 orders; TikTok Shop takes 20" in why_failed(world, shop, orders[20])
    assert world.tiktok.books.refused_shipments == []


def test_a_parcel_that_was_refused_stops_no_other_order(world: World) -> None:
    shop = world.connect()
    held = world.order(shop)
    world.run("poll_tiktok", shop)
    run = world.shop_run(shop)
    OmsNews(run, world.oms_client(run.shop), Refusals(run)).take_parcel(held, a_report(tracking_number=usps(1)))
    assert run.report.counts["parcels_refused"] == 1

    (other,) = released(world, shop)
    ship_from_oms(world, other, usps(1))
    push(world, shop)
    assert sent(world, [held, other]) == [0, 1]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR])
@pytest.mark.parametrize("orders_in_parcel", [1, 3])
def test_a_parcel_s_own_earlier_telling_stops_no_retry(world: World, fault: Fault, orders_in_parcel: int) -> None:
    shop = world.connect()
    orders = released(world, shop, orders_in_parcel, world.tiktok.new_buyer(shop.simulated))
    for order in orders:
        ship_from_oms(world, order, ups(1), carrier="ups")
    world.tiktok.faults.add(fault, PACKAGES)
    world.cycle(5)

    assert sent(world, orders) == [1] * orders_in_parcel
    assert world.counted("outcomes_unknown") == 1
    assert world.counted("entries_failed") == 0
    check_nothing_twice(world)


def test_an_order_without_a_comparable_recipient_is_a_warning(world: World) -> None:
    """TikTok Shop showed none yet when the other order was seen last."""
    shop = world.connect()
    orders = released(world, shop, 2)
    ship_from_oms(world, orders[0], ups(1), carrier="ups")
    push(world, shop)
    forget_recipient(world, orders[0])
    ship_from_oms(world, orders[1], ups(1), carrier="ups")
    counts = push(world, shop)

    assert counts["parcels_doubted"] == 1
    assert "the tracking number is on orders whose recipient cannot be compared (1)" in str(world.problems())


def forget_recipient(world: World, order: OrderId) -> None:
    """As the ledger has an order of which TikTok Shop shows no recipient."""
    (key,) = [key for key in world.table.items if key.pk.endswith(f"#{order}") and key.sk == "ORDER"]
    item: dict[str, Any] = world.table.items[key]
    item.pop("recipient")


def test_a_parcel_that_tiktok_doubts_is_read_again_in_the_next_cycle(world: World) -> None:
    shop = world.connect()
    (order,) = released(world, shop)
    world.tiktok.warn_next_shipment("The tracking number looks unusual", order)
    ship_from_oms(world, order, ups(1), carrier="ups")
    assert push(world, shop)["doubtful_acceptances"] == 1
    before = world.record(shop, order).order
    assert before.tiktok_status == "AWAITING_SHIPMENT"

    world.cycle()
    record = world.record(shop, order)
    assert record.order.tiktok_status == "AWAITING_COLLECTION"
    assert record.order.updated_at > before.updated_at
    assert [parcel.warning for parcel in record.parcels] == ["The tracking number looks unusual"]
    (told,) = [fact for fact in world.ledger.timeline(shop.id, order) if fact.event == "PARCEL_AT_TIKTOK"]
    assert told.detail["warning"] == "The tracking number looks unusual"
