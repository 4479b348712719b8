"""The daily comparison of what all sides hold open: planted losses are found, repaired or explained."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.orders import Damage, OrderType
from local.tracking_numbers import usps
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.statuses import OrderState
from order_sync.jobs.run import Report
from order_sync.ledger.reconciliations import count_differences, put_summary, read_summary
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, nothing_left_to_tell, ship_from_oms
from tests.adapters.observing.link_scenes import MAPPINGS
from tests.world import CYCLE, START, TWO_TEES, Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def compared(world: World, shop: Connected, *, after: timedelta = 4 * CYCLE) -> Report:
    """The comparison, some cycles later: what is young is no difference."""
    world.advance(after)
    return world.run("reconcile", shop)


def rows(report: Report) -> list[tuple[str, str, str, str | None]]:
    """What was found, in short."""
    return [(each["side"], each["order"], each["kind"], each["repair"]) for each in report.answer["differences"]]


def side(report: Report, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = report.answer["sides"][name]
    return found


def some_orders(world: World, shop: Connected, number: int) -> list[OrderId]:
    orders = [world.order(shop) for _ in range(number)]
    world.until_released()
    world.cycle(2)
    return orders


def an_old_order(world: World, shop: Connected) -> OrderId:
    """An order that both partners have had for nine days: it is made first, so that nothing is late."""
    order = world.order(shop, order_type=OrderType.MADE_TO_ORDER, handling_days=20)
    world.until_released()
    assert len(world.created(order)) == 1
    world.advance(timedelta(days=9))
    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    world.cycle()
    return order


def lost_at_tiktok(world: World, shop: Connected, order: OrderId) -> None:
    """TikTok Shop does not show an order any more."""
    state = world.tiktok._state
    state.orders_by_shop[shop.id].remove(state.orders.pop(order))


def polls_have_passed(world: World, shop: Connected, *feeds: str) -> None:
    """The polls stand behind all that has happened so far."""
    for feed in feeds:
        cursor = world.shops.cursor(shop.id, feed)
        world.shops.move_cursor(shop.id, feed, cursor, str(int(world.time.timestamp())))


def forget(world: World, order: OrderId) -> None:
    """The ledger loses an order."""
    for key in [key for key in world.table.items if order in key.pk]:
        world.table.delete(key)


# Nothing


def test_sides_that_agree_have_no_differences(world: World, shop: Connected) -> None:
    open_order = an_order_everywhere(world, shop, TWO_TEES)
    shipped, canceled, in_part = (an_order_everywhere(world, shop, TWO_TEES) for _ in range(3))
    ship_from_oms(world, shipped)
    lines: list[str] = [line.id for line in world.record(shop, in_part).order.lines]
    ship_from_oms(world, in_part, usps(90), lines=lines[:1])
    world.tiktok.cancel_by_seller(canceled)
    world.order(shop)
    world.order(shop, paid=False)
    world.cycle(3)
    assert all(nothing_left_to_tell(world, shop, order) for order in (open_order, shipped, canceled, in_part))
    report = compared(world, shop)

    assert rows(report) == []
    assert report.answer["differences_for_people"] == count_differences(world.table, shop.id) == 0
    assert [side(report, name)["compared_at"] is not None for name in ("tiktok_shop", "channeladvisor", "oms")]
    assert world.differences == []


def test_the_summary_holds_no_buyer_data_and_is_counted_each_cycle(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", usps(91))
    world.channeladvisor.bring_native_tiktok_order(12345678, order)
    assert compared(world, shop).answer["differences"]
    kept = next(str(item) for key, item in world.table.items.items() if key.sk == "RECONCILED")

    assert not [text for text in world.tiktok.buyer_data() if text in kept]
    assert world.run("watch_deadlines", shop).gauges["reconcile_differences"] == count_differences(world.table, shop.id)


# TikTok Shop


def test_an_old_open_order_that_the_ledger_lost_is_seen_now(world: World, shop: Connected) -> None:
    order = an_old_order(world, shop)
    forget(world, order)
    report = compared(world, shop)

    assert rows(report)[0] == ("tiktok_shop", order, "unknown_here", "see_again")
    assert world.record(shop, order).order.handling is Handling.OURS
    world.cycle(4)
    assert len(world.created(order)) == 1, "it is found there and adopted"


def test_an_order_that_moved_unseen_is_seen_now(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_seller(order)
    world.advance(timedelta(days=9))
    shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))
    polls_have_passed(world, shop, "orders", "cancellations")
    report = compared(world, shop)

    assert rows(report)[0] == ("tiktok_shop", order, "other_state", "see_again")
    assert world.record(shop, order).order.state is OrderState.CANCELED


def test_an_order_that_tiktok_shop_does_not_give_is_explained(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    lost_at_tiktok(world, shop, order)
    report = compared(world, shop)

    assert ("tiktok_shop", order, "missing_there", None) in rows(report)
    assert count_differences(world.table, shop.id) == 1
    [(subject, text)] = world.differences
    assert "1 difference to look at" in subject
    assert order in text
    assert "Seller Center" in text


# ChannelAdvisor


def test_an_order_that_channeladvisor_lost_is_created_again_once(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    before = in_channeladvisor(world, order)
    world.channeladvisor.lose(before)
    report = compared(world, shop)

    assert rows(report) == [("channeladvisor", order, "missing_there", "queue_again")]
    world.cycle(3)
    [again] = world.created(order)
    number = world.oms.books.order(order).number
    assert again["SellerOrderID"] == number
    assert world.record(shop, order).order.channeladvisor_id == str(again["ID"]) != str(before)
    assert world.oms.books.order(order).channeladvisor_order_id == str(again["ID"])
    assert nothing_left_to_tell(world, shop, order)
    assert rows(compared(world, shop)) == []


def test_an_order_that_is_lost_twice_is_for_people(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    for repair in ("queue_again", None):
        world.channeladvisor.lose(in_channeladvisor(world, order))
        assert rows(compared(world, shop)) == [("channeladvisor", order, "missing_there", repair)]
        world.cycle(3)

    assert world.created(order) == []


def test_an_order_that_was_shipped_and_is_missing_in_channeladvisor_is_never_created_again(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    lines: list[str] = [line.id for line in world.record(shop, order).order.lines]
    ship_from_oms(world, order, lines=lines[:1])
    world.cycle(2)
    world.channeladvisor.lose(in_channeladvisor(world, order))

    assert rows(compared(world, shop)) == [("channeladvisor", order, "missing_there", None)]


def test_a_cancellation_that_channeladvisor_lost_is_told_once_more(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)
    number = in_channeladvisor(world, order)
    assert world.channeladvisor.books.order(number)["ShippingStatus"] == "Canceled"
    world.channeladvisor.reopen(number)
    report = compared(world, shop)

    assert rows(report) == [("channeladvisor", order, "other_state", "queue_again")]
    world.cycle(2)
    assert world.channeladvisor.books.order(number)["ShippingStatus"] == "Canceled"
    assert rows(compared(world, shop)) == []


def test_a_shipment_there_that_no_poll_brought_is_seen_now(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", usps(92))
    cursor = world.shops.cursor(shop.id, "channeladvisor_orders")
    world.advance(timedelta(hours=2))
    world.shops.move_cursor(shop.id, "channeladvisor_orders", cursor, world.time.isoformat(timespec="microseconds"))
    report = compared(world, shop)

    assert ("channeladvisor", order, "other_state", "see_again") in rows(report)
    assert len(world.record(shop, order).parcels) == 1


def test_a_second_order_there_is_a_duplicate(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    twin = world.channeladvisor.bring_native_tiktok_order(12345678, order)
    report = compared(world, shop)

    assert rows(report) == [("channeladvisor", order, "duplicate", None)]
    assert str(twin) in report.answer["differences"][0]["explanation"]


def test_an_order_there_that_the_ledger_lost_is_looked_for_at_tiktok_shop(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None, path="/orders/search")
    forget(world, order)
    report = compared(world, shop)

    assert ("channeladvisor", order, "unknown_here", "see_again") in rows(report)
    assert world.record(shop, order).order.state is OrderState.RELEASED_FOR_SHIPMENT


def test_orders_of_other_sites_are_left_alone_whatever_their_numbers_look_like(world: World, shop: Connected) -> None:
    world.channeladvisor.add_order_of_another_site(12345678)
    world.channeladvisor.add_order_of_another_site(12345678, site_id=996, site_order_id="108800000001234")
    report = compared(world, shop)

    assert rows(report) == []
    assert report.counts["unknown_orders_left_alone"] == 1


def test_units_cancelled_by_nobody_we_know_of_are_for_people(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    number = in_channeladvisor(world, order)
    world.channeladvisor._state.orders[number].items[0]["Quantity"] = 3

    assert rows(compared(world, shop)) == [("channeladvisor", order, "other_units", None)]


def test_a_profile_that_shows_nothing_is_one_difference_and_repairs_nothing(world: World, shop: Connected) -> None:
    orders = some_orders(world, shop, 6)
    for order in orders:
        world.channeladvisor.lose(in_channeladvisor(world, order))
    report = compared(world, shop)

    assert rows(report) == [("channeladvisor", "", "nothing_shown", None)]
    world.cycle(2)
    assert [world.created(order) for order in orders] == [[]] * 6


def test_a_profile_that_lacks_most_orders_repairs_nothing(world: World, shop: Connected) -> None:
    orders = some_orders(world, shop, 8)
    for order in orders[:6]:
        world.channeladvisor.lose(in_channeladvisor(world, order))

    assert rows(compared(world, shop)) == [("channeladvisor", "", "nothing_shown", None)]


def test_an_observing_shop_creates_nothing(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    world.reconnect(
        shop, channeladvisor=world.shops.settings(shop.id).channeladvisor.model_dump() | {"mode": "observe"}
    )
    world.channeladvisor.lose(in_channeladvisor(world, order))

    assert rows(compared(world, shop)) == [("channeladvisor", order, "missing_there", None)]
    world.cycle(2)
    assert world.created(order) == []


def test_an_order_that_stands_in_another_profile_is_never_created_again(world: World, shop: Connected) -> None:
    orders = some_orders(world, shop, 3)
    number = in_channeladvisor(world, orders[0])
    world.channeladvisor._state.orders[number].fields["ProfileID"] = 87654321
    for _ in range(2):
        report = compared(world, shop)
        assert rows(report) == [("channeladvisor", orders[0], "elsewhere", None)]
        assert f"{number} in profile 87654321" in report.answer["differences"][0]["explanation"]
        world.cycle(2)

    assert len(world.created(orders[0])) == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_wrong_profile_in_the_settings_creates_nothing(world: World, shop: Connected, number: int) -> None:
    orders = some_orders(world, shop, number)
    known = world.shops.settings(shop.id).channeladvisor.model_dump(mode="json")
    world.reconnect(shop, channeladvisor=known | {"profile_id": 87654321})
    report = compared(world, shop)
    world.cycle(2)

    expected = ("", "nothing_shown") if number > 1 else (orders[0], "elsewhere")
    assert rows(report) == [("channeladvisor", *expected, None)]
    assert [len(world.created(order)) for order in orders] == [1] * number


def test_an_order_that_ships_while_it_is_compared_is_not_created_again(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.channeladvisor.lose(in_channeladvisor(world, order))
    # A number that only looks like TikTok Shop's makes the comparison ask there, before it repairs.
    world.channeladvisor.add_order_of_another_site(12345678, site_id=996, site_order_id="108800000001234")
    world.advance(4 * CYCLE)
    looks = len(world.channeladvisor.books.requests(method="GET"))

    def has_time() -> bool:
        asked = len(world.channeladvisor.books.requests(method="GET"))
        if asked > looks + 1 and not world.record(shop, order).parcels:
            ship_from_oms(world, order)
            world.has_time = lambda: True
            world.run("poll_oms", shop)
        return True

    world.has_time = has_time
    world.run("reconcile", shop)
    world.has_time = lambda: True
    world.run("poll_oms", shop)
    world.cycle(4)

    assert not [each for each in world.created(order) if each["ShippingStatus"] == "Unshipped"]


def test_a_cancellation_that_somebody_undoes_again_and_again_is_told_once_more_only_once(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_platform(order)
    world.cycle(3)
    repairs = []
    for _ in range(3):
        world.channeladvisor.reopen(in_channeladvisor(world, order))
        repairs += [(kind, repair) for _, _, kind, repair in rows(compared(world, shop))]
        world.cycle(2)

    assert repairs == [("other_state", "queue_again"), ("other_state", None), ("other_state", None)]
    assert world.created(order)[0]["ShippingStatus"] == "Unshipped"


@pytest.mark.parametrize("adapter", ["rest", "none"])
def test_an_order_that_was_lost_and_entered_by_hand_is_linked_and_its_parcel_arrives(
    world: World, adapter: str
) -> None:
    oms = {"adapter": adapter} | ({"url": "https://oms.example.com"} if adapter == "rest" else {})
    shop = world.connect(oms=oms, shipping_mappings=MAPPINGS["US"])
    [order] = some_orders(world, shop, 1)
    world.channeladvisor.lose(in_channeladvisor(world, order))
    compared(world, shop)
    world.cycle(2)
    world.channeladvisor.lose(in_channeladvisor(world, order))
    [explained] = compared(world, shop).answer["differences"]
    assert "enter it by hand with TikTok's order id" in explained["explanation"]
    by_hand = world.channeladvisor.bring_native_tiktok_order(12345678, order)
    entered = world.channeladvisor._state.orders[by_hand]
    for part in (*entered.items, *(each for parcel in entered.fulfillments for each in parcel.items)):
        part["Sku"] = world.record(shop, order).order.lines[0].sku

    assert rows(compared(world, shop)) == [("channeladvisor", order, "other_number", "link_again")]
    assert world.record(shop, order).order.channeladvisor_id == str(by_hand)
    world.channeladvisor.ship_by_hand(by_hand, "USPS", "Ground", usps(3))
    world.cycle(4)
    assert [each.tracking_number for each in world.tiktok.books.shipments_of(order)] == [usps(3)]
    assert rows(compared(world, shop)) == []
    if adapter == "rest":
        assert world.oms.books.order(order).channeladvisor_order_id == str(by_hand)


def test_an_order_whose_linked_number_still_stands_is_linked_with_no_other(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    number = in_channeladvisor(world, order)
    world.channeladvisor._state.orders[number].fields["ProfileID"] = 87654321
    world.channeladvisor.bring_native_tiktok_order(12345678, order)

    assert rows(compared(world, shop)) == [("channeladvisor", order, "other_number", None)]
    assert world.record(shop, order).order.channeladvisor_id == str(number)


# The OMS


def test_an_order_that_the_oms_lost_is_given_again(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.oms.lose(order)

    assert rows(compared(world, shop)) == [("oms", order, "missing_there", "queue_again")]
    world.cycle(2)
    assert world.oms.books.order(order).state == "open"
    assert rows(compared(world, shop)) == []


def test_a_cancellation_that_the_oms_lost_is_told_once_more(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)
    world.oms.reopen(order)

    assert rows(compared(world, shop)) == [("oms", order, "other_state", "queue_again")]
    world.cycle(2)
    assert world.oms.books.order(order).state == "cancelled"


def test_an_order_of_the_oms_that_nobody_knows_is_for_people(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    forget(world, order)
    lost_at_tiktok(world, shop, order)

    assert ("oms", order, "unknown_here", None) in rows(compared(world, shop))


@pytest.mark.parametrize("adapter", ["rest", "none"])
def test_an_oms_without_the_list_is_not_compared_and_no_fault(world: World, adapter: str) -> None:
    oms = {"adapter": adapter} | ({"url": "https://oms.example.com"} if adapter == "rest" else {})
    shop = world.connect(oms=oms)
    world.oms.offer_open_orders(offered=False)
    report = compared(world, shop)

    assert report.counts["oms_offers_no_open_orders"] == (adapter == "rest")
    assert report.problems == []


def test_a_shipment_that_the_oms_does_not_list_is_for_people(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.oms._state.shipments.clear()
    assert rows(compared(world, shop)) == [], "the poll has not come by since"
    world.cycle(2)

    assert rows(compared(world, shop)) == [("oms", order, "other_state", None)]


def test_a_profile_whose_orders_have_all_left_unseen_is_not_empty(world: World, shop: Connected) -> None:
    orders = some_orders(world, shop, 6)
    for number, order in enumerate(orders):
        world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", usps(number + 1))
    report = compared(world, shop)

    assert sorted(rows(report)) == sorted(("channeladvisor", order, "other_state", "see_again") for order in orders)


def test_orders_that_tiktok_shop_gives_without_their_ids_are_not_missing(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.corrupt(order, Damage.MISSING_ID)

    assert rows(compared(world, shop)) == []


def test_a_side_that_is_not_compared_any_more_has_no_differences(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    forget(world, order)
    lost_at_tiktok(world, shop, order)
    assert ("oms", order, "unknown_here", None) in rows(compared(world, shop))
    world.oms.offer_open_orders(offered=False)
    assert rows(compared(world, shop)) == []
    world.reconnect(shop, oms={"adapter": "none"})

    assert "oms" not in compared(world, shop).answer["sides"]
    assert count_differences(world.table, shop.id) == 0


def test_a_place_that_the_partner_does_not_know_is_forgotten(world: World, shop: Connected) -> None:
    some_orders(world, shop, 2)
    compared(world, shop)
    summary = read_summary(world.table, shop.id)
    stale = replace(summary.of(Source.OMS), place="listed:no-such-cursor")
    put_summary(world.table, shop.id, replace(summary, sides={**summary.sides, Source.OMS: stale}))
    with pytest.raises(RejectedError):
        compared(world, shop)

    assert not side(compared(world, shop), "oms")["trouble"]
    assert world.time - timedelta(minutes=1) < (read_summary(world.table, shop.id).of(Source.OMS).ended_at or START)


# Trouble


@pytest.mark.parametrize("broken", ["channeladvisor", "oms"])
def test_one_broken_partner_stops_no_other(world: World, shop: Connected, broken: str) -> None:
    order = an_order_everywhere(world, shop)
    other = {"channeladvisor": "oms", "oms": "channeladvisor"}[broken]
    world.channeladvisor.lose(in_channeladvisor(world, order))
    world.oms.lose(order)
    getattr(world, broken).faults.add(Fault.UNAVAILABLE, times=None)
    report = compared(world, shop)

    assert rows(report) == [(other, order, "missing_there", "queue_again")]
    assert report.counts["comparisons_postponed"] == 1
    assert side(report, broken)["trouble"]
    assert side(report, broken)["compared_at"] is None


def test_what_a_person_must_repair_is_raised_after_all_has_been_compared(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.oms.lose(order)
    world.channeladvisor.revoke(world.channeladvisor.refresh_token(world.account))
    world.advance(4 * CYCLE)
    with pytest.raises(RejectedError):
        world.run("reconcile", shop)

    summary = read_summary(world.table, shop.id)
    assert [each.order for each in summary.differences] == [order]
    assert {name.value: bool(each.trouble) for name, each in summary.sides.items()} == {
        "TIKTOK_SHOP": False,
        "CHANNELADVISOR": True,
        "OMS": False,
    }


def test_a_damaged_order_stops_no_other(world: World, shop: Connected) -> None:
    damaged, lost = (an_order_everywhere(world, shop) for _ in range(2))
    world.channeladvisor.lose(in_channeladvisor(world, lost))
    for key, item in list(world.table.items.items()):
        if damaged in key.pk and key.sk.startswith("OUTBOX#CHANNELADVISOR#CREATE"):
            world.table.items[key] = {**item, "state": "?"}
    report = compared(world, shop)

    assert rows(report) == [("channeladvisor", lost, "missing_there", "queue_again")]


def test_a_large_shop_is_compared_in_parts_and_loses_nothing() -> None:
    world = World(channeladvisor_page=3)
    shop = world.connect()
    orders = some_orders(world, shop, 25)
    for order in (orders[0], orders[-1]):
        world.channeladvisor.lose(in_channeladvisor(world, order))
    world.advance(4 * CYCLE)
    asked = 0

    def has_time() -> bool:
        nonlocal asked
        asked += 1
        return asked <= 16

    world.has_time = has_time
    found: set[tuple[str, str, str, str | None]] = set()
    reports = []
    for _ in range(12):
        asked = 0
        reports.append(world.run("reconcile", shop))
        found |= set(rows(reports[-1]))
    assert world.counted("comparisons_cut_short") >= 1
    assert found == {("channeladvisor", order, "missing_there", "queue_again") for order in (orders[0], orders[-1])}
    assert all(side(reports[-1], name)["compared_at"] for name in ("tiktok_shop", "channeladvisor", "oms"))


def test_a_damaged_summary_is_written_anew(world: World, shop: Connected) -> None:
    compared(world, shop)
    key = next(key for key in world.table.items if key.sk == "RECONCILED")
    world.table.items[key] = {**world.table.items[key], "summary": "{"}
    report = compared(world, shop)

    assert report.counts["summaries_damaged"] == 1
    assert read_summary(world.table, shop.id).for_people == 0
