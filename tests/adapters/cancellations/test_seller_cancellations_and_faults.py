"""A seller's cancellation when TikTok Shop does not answer, or answers otherwise: carried out once, or refused."""

from collections.abc import Iterator

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts as TikTokDoubts
from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.seller_cancel_scenes import (
    CANCEL,
    adjustments,
    asked_at_tiktok,
    cancel_in_oms,
    canceled_by_oms,
    check_books,
    check_canceled_everywhere,
    check_ships,
    outcome,
    refusal,
    taken_at_tiktok,
    told_to_oms,
    units_in_oms,
)
from tests.adapters.jobs.checks import check_nothing_left, failed_entries
from tests.adapters.jobs.scenes import an_order_everywhere, ship_from_oms
from tests.world import MUG, TWO_TEES, Connected, World

MOST_PLACES = 200
RISK_CONTROL = 25001046
IN_PROCESS = 25001011
COMPLETED_OR_CANCELED = 25001051


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


@pytest.mark.parametrize("cancel", [None, [0]], ids=["whole order", "one unit"])
@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON])
def test_a_lost_answer_of_tiktok_cancels_once(world: World, fault: Fault, cancel: list[int] | None) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, cancel=cancel)
    world.tiktok.faults.add(fault, CANCEL, method="POST")
    world.run("poll_oms", shop)
    assert world.tiktok.faults.happened[fault] == 1
    world.cycle(5)

    assert asked_at_tiktok(world, order) == [0]
    assert len(adjustments(world, order)) == 1
    assert told_to_oms(world, cancellation) == "accepted"
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
@pytest.mark.parametrize("path", ["/outcome", "/v1/Orders("])
def test_a_lost_answer_of_the_others_does_no_harm(world: World, fault: Fault, path: str) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    faults = world.oms.faults if path == "/outcome" else world.channeladvisor.faults
    faults.add(fault, path, method="PUT" if path == "/outcome" else "POST")
    world.cycle(5)
    assert faults.happened[fault] == 1
    assert told_to_oms(world, cancellation) == "accepted"
    assert len(adjustments(world, order)) == 1
    check_canceled_everywhere(world, shop, order)


def test_a_lock_is_waited_for(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.fail_next_lock(order, times=2)
    world.cycle(6)
    assert asked_at_tiktok(world, order) == [25001028, 25001028, 0]
    assert told_to_oms(world, cancellation) == "accepted"
    check_canceled_everywhere(world, shop, order)


def test_what_tiktok_does_not_carry_out_within_two_cycles_is_counted_until_it_does(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.fail_next_lock(order, times=1000)
    world.cycle(2)
    assert world.counted("answers_unconfirmed") == 0
    world.cycle(2)
    counted = world.counted("answers_unconfirmed")
    assert counted > 0
    assert outcome(world, cancellation) is None
    assert world.events(shop, order).count("SELLER_CANCELLATION_UNCONFIRMED") == 1
    world.cycle(1)
    assert world.counted("answers_unconfirmed") == counted + 1

    world.tiktok._state.failing_locks.clear()
    world.cycle(5)
    check_canceled_everywhere(world, shop, order)
    counted = world.counted("answers_unconfirmed")
    world.cycle(2)
    assert world.counted("answers_unconfirmed") == counted


def test_an_outage_of_tiktok_delays_a_cancellation_and_tells_nobody_before_it_is_true(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(3)
    assert outcome(world, cancellation) is None
    assert adjustments(world, order) == []
    world.tiktok.faults.clear()
    world.cycle(4)
    assert asked_at_tiktok(world, order) == [0]
    check_canceled_everywhere(world, shop, order)
    assert told_to_oms(world, cancellation) == "accepted"


def test_an_open_request_for_another_unit_is_waited_for_and_nothing_is_refused(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    first, second = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, [first])
    world.cycle(1)
    cancellation = cancel_in_oms(world, order, [1])
    world.cycle(2)
    assert outcome(world, cancellation) is None
    world.tiktok.withdraw_cancel_request(order)
    world.cycle(6)
    assert told_to_oms(world, cancellation) == "accepted"
    assert [lines for _, lines in taken_at_tiktok(world, order)] == [(second,)]
    assert units_in_oms(world, order) == ["open", "cancelled"]


def test_a_cancellation_is_accepted_only_when_all_of_its_units_are_cancelled(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, MUG, cancel=[0, 1])
    first, second, _ = world.tiktok.line_ids(order)
    world.tiktok.fail_next_lock(order, times=1)
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_seller(order, lines=[first])
    world.run("poll_tiktok", shop)
    world.run("push_oms", shop)
    assert outcome(world, cancellation) is None
    world.cycle(4)
    assert told_to_oms(world, cancellation) == "accepted"
    assert [lines for _, lines in taken_at_tiktok(world, order)] == [(second,)]
    assert units_in_oms(world, order) == ["cancelled", "cancelled", "open"]
    check_nothing_left(world, shop, order)


def test_25001011_is_waited_for_and_the_order_is_looked_at_again(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.refuse_next(CANCEL, IN_PROCESS)
    world.run("poll_oms", shop)
    assert outcome(world, cancellation) is None
    world.cycle(4)
    assert told_to_oms(world, cancellation) == "accepted"
    check_canceled_everywhere(world, shop, order)


def test_25001051_is_no_end_before_the_order_was_read_again(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.refuse_next(CANCEL, COMPLETED_OR_CANCELED)
    world.run("poll_oms", shop)
    assert outcome(world, cancellation) is None
    world.cycle(4)
    assert told_to_oms(world, cancellation) == "accepted"
    check_canceled_everywhere(world, shop, order)


@pytest.mark.parametrize("code", [RISK_CONTROL, 25001045, 25001014, 25001015, 25001020, 25001021, 25005010])
def test_what_tiktok_refuses_is_told_fails_is_counted_and_ships(world: World, code: int) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.refuse_next(CANCEL, code)
    world.run("poll_oms", shop)
    world.cycle(2)

    assert str(code) in refusal(world, cancellation)
    assert list(failed_entries(world, shop, order)) == [f"TIKTOK_SHOP#CANCEL_AS_SELLER#oms-{cancellation}#1"]
    assert world.counted("seller_cancellations_refused") == 1
    assert "SELLER_CANCELLATION_REFUSED" in world.events(shop, order)
    check_ships(world, shop, order)


def test_a_reason_that_went_offline_is_refused_by_name(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.take_reason_offline("seller_cancel_reason_out_of_stock")
    world.cycle(2)
    assert "out_of_stock" in refusal(world, cancellation)
    check_ships(world, shop, order)


def refused(world: World, shop: Connected) -> tuple[OrderId, str]:
    """An order of which TikTok Shop did not let us cancel anything."""
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    world.tiktok.refuse_next(CANCEL, RISK_CONTROL)
    world.run("poll_oms", shop)
    world.cycle(2)
    assert refusal(world, cancellation)
    return order, cancellation


def test_a_replay_of_what_was_refused_cancels_on_all_sides_and_contradicts_nothing_told_before(world: World) -> None:
    shop = world.connect()
    order, cancellation = refused(world, shop)
    assert world.replay(shop, order).counts["entries_replayed"] == 1
    world.cycle(4)
    assert asked_at_tiktok(world, order) == [0]
    assert told_to_oms(world, cancellation) == "refused"
    assert [each.initiator for each in world.oms.books.order(order).cancellations] == ["seller"]
    check_canceled_everywhere(world, shop, order)


def test_a_replay_after_the_parcel_left_does_not_cancel_what_was_shipped(world: World) -> None:
    shop = world.connect("US")
    order, _ = refused(world, shop)
    ship_from_oms(world, order)
    world.cycle(2)
    world.replay(shop, order)
    world.cycle(3)
    assert taken_at_tiktok(world, order) == []
    assert world.tiktok.status(order) == "AWAITING_COLLECTION"
    assert world.created(order)[0]["ShippingStatus"] == "Shipped"


@pytest.mark.parametrize(
    "doubts",
    [TikTokDoubts(cancelled_again_code=COMPLETED_OR_CANCELED), TikTokDoubts(business_error_status=400)],
    ids=["another code", "HTTP 400"],
)
def test_an_order_that_was_cancelled_a_moment_before_is_accepted(doubts: TikTokDoubts) -> None:
    world = World(tiktok_doubts=doubts)
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)
    done = False

    def cancel_before_the_call() -> None:
        nonlocal done
        looked = [each for each in world.tiktok.books.requests if "aftersale_eligibility" in each.endpoint]
        if looked and not done:
            done = True
            world.tiktok.cancel_by_seller(order)

    world.on_answer = cancel_before_the_call
    world.run("poll_oms", shop)
    assert done
    world.cycle(4)
    assert told_to_oms(world, cancellation) == "accepted"
    assert world.counted("seller_cancellations_refused") == 0
    assert len(adjustments(world, order)) == 1
    check_canceled_everywhere(world, shop, order)
