"""The feed of cancellations at TikTok Shop: read whole, in order, each once, whatever lags or fails (TT 4.2, 6.4)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.orders import Damage
from order_sync.domain.cancelling.cancellations import Initiator, Outcome
from order_sync.domain.ids import CancelId
from tests.adapters.cancellations.cancel_scenes import (
    an_open_request,
    ask_to_cancel,
    canceled_at_tiktok,
    check_sides_agree,
    facts_of,
    request_of,
)
from tests.adapters.jobs.scenes import CANCELLATIONS, an_order_everywhere
from tests.adapters.jobs.test_figures import THE_MARK_OF_A_GOOD_POLL
from tests.world import CYCLE, START, TEE, TWO_TEES, World

FEED = "cancellations"
SEARCH_LAG = timedelta(minutes=9)


def asked(world: World) -> list[str]:
    """The requests that the OMS knows."""
    return [request.id for request in world.oms.books.cancel_requests()]


def test_the_feed_has_a_cursor_of_its_own_at_the_newest_change_it_has_seen() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    assert world.shops.cursor(shop.id, FEED).position == ""
    cancel = ask_to_cancel(world, shop, order)
    changed = world.tiktok.cancellation(cancel).updated_at
    world.advance(timedelta(minutes=1))
    world.order(shop)
    placed = world.time
    world.cycle()
    assert world.shops.cursor(shop.id, FEED).position == str(int(changed.timestamp()))
    assert world.shops.cursor(shop.id, "orders").position == str(int(placed.timestamp()))


def test_an_idle_poll_reads_the_overlap_again_and_writes_nothing_but_its_mark() -> None:
    world = World()
    shop = world.connect()
    _, cancel = an_open_request(world, shop)
    world.run("poll_tiktok", shop)
    units, cursor = world.table.write_units, world.shops.cursor(shop.id, FEED)
    before = world.tiktok.books.count(CANCELLATIONS)
    report = world.run("poll_tiktok", shop)
    assert report.counts["cancellations_read"] == 1
    assert world.tiktok.books.count(CANCELLATIONS) == before + 1
    assert world.table.write_units == units + THE_MARK_OF_A_GOOD_POLL
    assert world.shops.cursor(shop.id, FEED) == cursor
    assert asked(world) == [cancel]


def test_a_request_that_the_index_shows_late_is_read_by_the_overlap_and_asked_once() -> None:
    world = World(index_lag=SEARCH_LAG)
    shop = world.connect()
    early, late = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    cancels = [ask_to_cancel(world, shop, late)]
    world.advance(timedelta(seconds=30))
    cancels.append(ask_to_cancel(world, shop, early))
    world.cycle(3)
    assert sorted(asked(world)) == sorted(cancels)
    assert all(world.oms.books.cancel_request(cancel).times_told == 1 for cancel in cancels)


def test_a_change_behind_the_cursor_that_the_index_shows_late_is_not_lost() -> None:
    """Orders and cancellations lag alike, so the order's hint does not help either."""
    world = World(index_lag=SEARCH_LAG)
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    ask_to_cancel(world, shop, order)
    world.cycle()
    world.tiktok.withdraw_cancel_request(order)
    world.cycle(3)
    assert world.events(shop, order).count("CANCEL_REQUEST_CLOSED") == 1
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(seconds=1), timedelta(minutes=1)])
def test_more_cancellations_than_two_pages_hold_are_all_read_oldest_change_first(apart: timedelta) -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop, TEE, hold=False) for _ in range(120)]
    world.advance(timedelta(minutes=30))
    cancels = []
    for order in orders:
        cancels.append(ask_to_cancel(world, shop, order))
        world.advance(apart)
    world.run("poll_tiktok", shop)
    found = [each.id for order in orders for each in world.record(shop, order).cancellations]
    assert found == cancels
    searches = [each.query for each in world.tiktok.books.requests if each.endpoint == CANCELLATIONS]
    assert {(each["page_size"], each["sort_order"]) for each in searches} == {("50", "ASC")}
    assert {each["sort_field"] for each in searches} <= {"update_time", "create_time"}


@pytest.mark.parametrize("closed", ["CANCELLATION_REQUEST_CANCELLED", "CANCELLATION_REQUEST_CANCEL"])
@pytest.mark.parametrize("action", ["SELLER_RESPOND_CANCEL", "SELLER_RESPOND_BUYER_CANCEL"])
def test_both_spellings_of_a_closed_request_and_both_names_of_the_action_are_read(closed: str, action: str) -> None:
    world = World(tiktok_doubts=Doubts(closed_cancel_status=closed, respond_action=action))
    shop = world.connect()
    world.tiktok.set_automatic_approval(shop.simulated, 3)
    order, cancel = an_open_request(world, shop)
    request = request_of(world, shop, order, cancel)
    assert request.respond_by == request.requested_at + timedelta(hours=3)
    world.tiktok.withdraw_cancel_request(order)
    world.cycle(3)
    assert request_of(world, shop, order, cancel).outcome is Outcome.WITHDRAWN
    assert world.counted("unknown_values") == 0
    check_sides_agree(world, shop, order)


def test_a_cancellation_with_an_unknown_status_is_counted_and_kept_for_a_person_and_stops_no_other() -> None:
    world = World(tiktok_doubts=Doubts(closed_cancel_status="CANCELLATION_REQUEST_ARCHIVED"))
    shop = world.connect()
    strange, other = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    odd = ask_to_cancel(world, shop, strange)
    world.tiktok.withdraw_cancel_request(strange)
    cancel = ask_to_cancel(world, shop, other)
    report = world.run("poll_tiktok", shop)
    world.cycle()
    assert report.counts["cancellations_unreadable"] >= 1
    assert odd in world.shops.notice(shop.id, f"cancellation {odd}")
    assert asked(world) == [cancel]


@pytest.mark.parametrize("known_after", ["unlisted", "unreadable"])
def test_a_request_for_an_order_that_the_ledger_does_not_know_yet_is_not_lost(known_after: str) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, hold=False)
    cancel = CancelId(world.tiktok.request_cancel(order))
    if known_after == "unreadable":
        world.tiktok.corrupt(order, Damage.WRONG_TYPE)
    else:
        world.tiktok.faults.add(Fault.UNAVAILABLE, "/order/202309/orders", times=None)
    world.cycle(2)
    assert world.ledger.load(shop.id, order) is None
    world.tiktok.faults.clear()
    if known_after == "unreadable":
        world.tiktok.corrupt(order, None)
    world.advance(timedelta(hours=2))
    world.cycle(2)
    assert request_of(world, shop, order, cancel).requested_at == START
    world.cycle(4)
    check_sides_agree(world, shop, order)


def test_a_cancellation_of_an_order_from_before_go_live_is_known_and_asked_of_nobody() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, created_at=START - timedelta(days=2))
    world.cycle()
    cancel = ask_to_cancel(world, shop, order)
    world.cycle(2)
    request = request_of(world, shop, order, cancel)
    assert (request.is_open, request.next_due) == (True, None)
    assert asked(world) == []
    assert world.timers.waiting == {}


@pytest.mark.parametrize("job", ["push_channeladvisor", "push_oms"])
def test_an_order_that_hints_at_a_request_when_it_is_about_to_be_told_has_it_read_at_once(job: str) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TWO_TEES)
    world.run("poll_tiktok", shop)
    world.advance(timedelta(hours=1))
    if job == "push_oms":
        world.run("push_channeladvisor", shop)
    cancel = ask_to_cancel(world, shop, order)
    world.run(job, shop)
    assert request_of(world, shop, order, cancel).initiator is Initiator.BUYER
    assert order not in [taken.tiktok_order_id for taken in world.oms.books.orders()]
    world.cycle(4)
    assert len(canceled_at_tiktok(world, order)) == 2
    check_sides_agree(world, shop, order)


def test_a_hint_without_a_cancellation_is_harmless_and_the_order_goes_on_when_it_is_gone() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)
    world.tiktok._state.order(order).cancel_requested_at = world.time
    world.tiktok._state.order(order).open_cancel_id = "4035999999999999999"
    world.tiktok.touch(order)
    world.cycle(2)
    assert world.record(shop, order).cancellations == ()
    assert world.created(order) == []
    world.tiktok._state.order(order).open_cancel_id = None
    world.tiktok._state.order(order).cancel_requested_at = None
    world.tiktok.touch(order)
    world.cycle(3)
    assert len(world.created(order)) == 1


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.TRUNCATED_JSON, Fault.RATE_LIMITED])
def test_while_the_feed_is_out_orders_come_in_and_afterwards_every_request_is_caught_up(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    orders = [an_order_everywhere(world, shop) for _ in range(3)]
    world.tiktok.faults.add(fault, CANCELLATIONS, times=None)
    cancels = [ask_to_cancel(world, shop, orders[0])]
    world.cycle(4)
    cancels.append(ask_to_cancel(world, shop, orders[1]))
    fresh = world.order(shop)
    world.cycle(12)
    assert world.record(shop, fresh).order.id == fresh
    assert asked(world) == []
    world.tiktok.faults.clear()
    cancels.append(ask_to_cancel(world, shop, orders[2]))
    world.cycle(2)
    assert sorted(asked(world)) == sorted(cancels)
    request = request_of(world, shop, orders[0], cancels[0])
    assert request.respond_by == request.requested_at + timedelta(hours=24)


def test_a_cancellation_that_needed_no_answer_is_noted_with_its_reason_and_asked_of_nobody() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle()
    world.tiktok.cancel_as_buyer(order, "Better price available")
    world.cycle()
    (seen,) = facts_of(world, shop, order, "CANCELLATION_SEEN")
    assert seen.detail["initiator"] == "BUYER"
    assert "better_price" in seen.detail["reason"]
    assert asked(world) == []
    assert world.timers.started == 1
    assert world.time - START <= 3 * CYCLE
