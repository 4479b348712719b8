"""The feed of returns at TikTok Shop: read whole, each once, whatever lags or fails (TT 4.4, 6.4)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.orders import Damage
from local.simulators.tiktok_shop.return_records import ReturnType
from order_sync.domain.ids import OrderId
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.test_figures import THE_MARK_OF_A_GOOD_POLL
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import (
    HOUR,
    RETURNS,
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    at_tiktok,
    details,
    known,
    look,
    words,
)
from tests.world import START, TEE, Connected, World

FEED = "returns"


def shipped_in_seller_center(world: World, shop: Connected, number: int = 1) -> list[OrderId]:
    """Orders that people ship before we are asked about anything: cheap ones for feeds."""
    orders = [world.order(shop, TEE, hold=False) for _ in range(number)]
    provider = "USPS" if shop.simulated.region.code == "US" else "Royal Mail"
    for place, order in enumerate(orders):
        world.tiktok.ship_in_seller_center(order, f"94001{place:017}", provider)
    return orders


def test_the_feed_has_a_cursor_of_its_own_at_the_newest_change_it_has_seen(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    assert world.shops.cursor(shop.id, FEED).position == ""
    return_id = ask(world, order)
    world.advance(timedelta(minutes=1))
    world.order(shop)
    placed = world.time
    world.run("poll_tiktok", shop)
    changed = at_tiktok(world, return_id).updated_at
    assert world.shops.cursor(shop.id, FEED).position == str(int(changed.timestamp()))
    assert world.shops.cursor(shop.id, "orders").position == str(int(placed.timestamp()))


def test_an_idle_poll_reads_the_overlap_again_and_writes_nothing_but_its_mark(world: World, shop: Connected) -> None:
    _, return_id = an_asked_return(world, shop)
    world.run("poll_tiktok", shop)
    units, cursor = world.table.write_units, world.shops.cursor(shop.id, FEED)
    before, requests = world.tiktok.books.count(RETURNS), len(world.tiktok.books.requests)
    report = world.run("poll_tiktok", shop)
    assert report.counts["returns_read"] == 1
    assert world.tiktok.books.count(RETURNS) == before + 1
    assert len(world.tiktok.books.requests) == requests + 3
    assert world.table.write_units == units + THE_MARK_OF_A_GOOD_POLL
    assert world.shops.cursor(shop.id, FEED) == cursor
    assert at_oms(world, return_id).times_told == 1


def test_a_return_that_the_index_shows_late_is_read_by_the_overlap_and_told_once() -> None:
    world = World()
    shop = connected(world, "US")
    early, late = a_shipped_order(world, shop), a_shipped_order(world, shop)
    world.tiktok._state.index_lag = timedelta(minutes=9)
    asked = [ask(world, late)]
    world.advance(timedelta(seconds=30))
    asked.append(ask(world, early))
    world.cycle(3)
    assert [at_oms(world, each).times_told for each in asked] == [1, 1]
    assert sorted(each.id for each in world.oms.books.returns()) == sorted(asked)


@pytest.mark.parametrize(("apart", "most"), [(0, 11), (1, 5), (60, 3)])
def test_more_returns_than_two_pages_hold_are_all_read_in_one_poll(apart: int, most: int) -> None:
    world = World()
    shop = connected(world, "US")
    orders = shipped_in_seller_center(world, shop, 120)
    asked = []
    for order in orders:
        asked.append(ask(world, order))
        world.advance(timedelta(seconds=apart))
    before = len(world.tiktok.books.requests)
    world.run("poll_tiktok", shop)
    assert [each.id for order in orders for each in world.record(shop, order).returns] == asked
    searches = [each.query for each in world.tiktok.books.requests[before:] if each.endpoint == RETURNS]
    assert {(each["page_size"], each["sort_field"], each["sort_order"]) for each in searches} == {
        ("50", "update_time", "ASC")
    }
    assert len(searches) <= most


def test_a_poll_that_is_cut_short_goes_on_with_the_next_one() -> None:
    world = World()
    shop = connected(world, "US")
    orders = shipped_in_seller_center(world, shop, 120)
    asked = []
    for order in orders:
        asked.append(ask(world, order))
        world.advance(timedelta(minutes=1))
    world.run("poll_tiktok", shop)
    for return_id in asked:
        world.tiktok.buyer_withdraws_return(return_id)
        world.advance(timedelta(minutes=1))
    world.has_time = lambda: False
    for _ in range(6):
        world.run("poll_tiktok", shop)
    world.has_time = lambda: True
    world.run("poll_tiktok", shop)
    assert {world.record(shop, order).returns[0].state for order in orders} == {ReturnState.CLOSED}


def test_a_return_of_every_kind_is_kept_with_its_kind(world: World, shop: Connected) -> None:
    asked = {}
    for kind in ReturnType:
        order = a_shipped_order(world, shop)
        asked[kind] = order, ask(world, order, kind)
    look(world, shop)
    for kind, (order, return_id) in asked.items():
        assert known(world, shop, order, return_id).kind is ReturnKind(kind.value)
        assert at_oms(world, return_id).body["kind"] == kind.lower()
    assert world.counted("unknown_values") == 0


def test_an_unknown_kind_is_kept_counted_and_told(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    return_id = ask(world, order)
    world.tiktok.show_return_as(return_id, return_type="STORE_CREDIT", seller_next_action_response=None)
    look(world, shop)
    kept = known(world, shop, order, return_id)
    assert (kept.kind, kept.state) == (ReturnKind.OTHER, ReturnState.REQUEST_PENDING)
    assert any("return type STORE_CREDIT" in problem for problem in world.problems())
    assert at_oms(world, return_id).body["kind"] == "other"
    world.tiktok.show_return_as(return_id)
    world.cycle()
    assert known(world, shop, order, return_id).kind is ReturnKind.REFUND


def test_an_unknown_status_is_kept_and_counted_and_leaves_a_known_return_where_it_was(
    world: World, shop: Connected
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    fresh = a_shipped_order(world, shop)
    strange = ask(world, fresh)
    for each in (return_id, strange):
        world.tiktok.show_return_as(each, return_status="RETURN_UNDER_REVIEW")
    look(world, shop)
    before = known(world, shop, order, return_id)
    assert (before.state, before.status_text) == (ReturnState.REQUEST_PENDING, "RETURN_UNDER_REVIEW")
    assert known(world, shop, fresh, strange).state is ReturnState.UNKNOWN
    assert details(world, shop, fresh, "RETURN_REQUESTED")[0]["status"] == "RETURN_UNDER_REVIEW"
    assert sum("return status RETURN_UNDER_REVIEW" in problem for problem in world.problems()) >= 2
    for each in (return_id, strange):
        world.tiktok.show_return_as(each)
    world.tiktok.approve_return_in_seller_center(return_id)
    world.cycle(4)
    assert words(world, shop, order)[-1] == "Waiting for Buyer to Ship"
    assert known(world, shop, fresh, strange).state is ReturnState.REQUEST_PENDING
    check_agreed(world, shop, order)


def test_an_unreadable_return_is_kept_for_a_person_and_stops_no_other(world: World, shop: Connected) -> None:
    damaged, other = a_shipped_order(world, shop), a_shipped_order(world, shop)
    broken, fine = ask(world, damaged), ask(world, other)
    world.tiktok.show_return_as(broken, return_line_items=None)
    look(world, shop)
    assert world.record(shop, damaged).returns == ()
    assert world.counted("returns_unreadable") >= 1
    assert broken in "".join(world.shops.notice(shop.id, f"return {broken}") or "")
    assert at_oms(world, fine).times_told == 1
    world.tiktok.show_return_as(broken)
    world.cycle(2)
    assert at_oms(world, broken).state == "request_pending"


def test_a_return_of_an_order_that_cannot_be_read_yet_is_not_lost(world: World, shop: Connected) -> None:
    (order,) = shipped_in_seller_center(world, shop)
    world.tiktok.corrupt(order, Damage.WRONG_TYPE)
    return_id = ask(world, order)
    world.cycle(2)
    assert world.ledger.load(shop.id, order) is None
    assert world.counted("returns_without_order") >= 1
    world.advance(5 * HOUR)
    world.cycle()
    world.tiktok.corrupt(order, None)
    world.cycle(2)
    assert known(world, shop, order, return_id).state is ReturnState.REQUEST_PENDING
    assert not world.shops.unread(shop.id)


def test_a_return_of_an_order_from_before_the_start_is_seen_with_its_order_and_told_to_nobody(region: str) -> None:
    world = World()
    shop = connected(world, region, starts_at=(START + HOUR).isoformat())
    (order,) = shipped_in_seller_center(world, shop)
    world.advance(24 * HOUR)
    return_id = ask(world, order)
    world.cycle(3)
    assert known(world, shop, order, return_id).state is ReturnState.REQUEST_PENDING
    assert known(world, shop, order, return_id).next_due is None
    assert world.oms.books.returns() == []
    assert world.published == []
    assert world.problems() == []


def test_what_a_poll_missed_is_found_once_a_day_and_counted() -> None:
    world = World(index_lag=timedelta(minutes=25))
    shop = connected(world, "US")
    first, second = shipped_in_seller_center(world, shop, 2)
    world.advance(HOUR)
    missed = ask(world, first)
    for minutes in (11, 11):
        world.advance(timedelta(minutes=minutes))
    seen = ask(world, second)
    state = world.tiktok._state.returns[seen]
    state.index = [(world.time - HOUR, int(world.time.timestamp()))]
    world.run("poll_tiktok", shop)
    assert world.record(shop, second).returns[0].id == seen
    world.cycle(3)
    assert world.record(shop, first).returns == ()
    world.run("reconcile", shop)
    assert world.record(shop, first).returns[0].id == missed
    assert world.counted("returns_repaired") == 1
    world.run("reconcile", shop)
    assert world.counted("returns_repaired") == 1


@pytest.mark.parametrize(
    "fault", [Fault.SERVER_ERROR, Fault.HTML, Fault.RATE_LIMITED, Fault.UNREACHABLE, Fault.LOST_AFTER]
)
def test_a_search_that_fails_is_made_up_for_by_the_next_poll(fault: Fault) -> None:
    world = World()
    shop = connected(world, "US")
    order = a_shipped_order(world, shop)
    return_id = ask(world, order)
    world.tiktok.faults.add(fault, RETURNS, times=8)
    world.cycle(2)
    world.tiktok.faults.clear()
    world.cycle(2)
    assert at_oms(world, return_id).times_told == 1
    check_agreed(world, shop, order)


@pytest.mark.parametrize("touches", [False, True])
def test_whether_orders_move_with_their_returns_makes_no_difference(*, touches: bool) -> None:
    world = World(tiktok_doubts=Doubts(returns_touch_orders=touches))
    shop = connected(world, "US")
    order, return_id = an_asked_return(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    assert words(world, shop, order) == ["Request Pending", "Refund Accepted", "Refunded"]
    check_agreed(world, shop, order)
