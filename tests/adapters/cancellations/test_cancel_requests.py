"""A buyer asks to cancel: the question, its deadlines, its timer, and what TikTok Shop will tell the buyer (OP C15)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from local.tracking_numbers import royal_mail
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.ids import CancelId, OrderId
from tests.adapters.cancellations.cancel_scenes import (
    HOUR,
    MINUTE,
    an_open_request,
    ask_to_cancel,
    buyer_notices,
    check_answered,
    check_answered_in_time,
    check_sides_agree,
    decided_at_tiktok,
    facts_of,
    line_ids,
    request_of,
    see_request,
    until,
)
from tests.adapters.jobs.scenes import an_order_everywhere, ship_from_oms
from tests.world import MUG, TEE, TWO_TEES, Connected, World

REFUND = '"order refund" e-mail'
REJECTED = '"order cancelation rejected" e-mail'
CANCELED = '"order cancelled" e-mail, with a refund'
SHIP_CALL = "/packages"


def test_the_oms_is_asked_about_the_lines_with_the_reason_until_the_end_of_our_wait() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop, TWO_TEES, MUG)
    asked = world.tiktok.cancellation(cancel)
    question = world.oms.books.cancel_request(cancel)
    assert question.respond_by == asked.created_at + 24 * HOUR - 45 * MINUTE
    assert sorted(question.lines or ()) == sorted(line_ids(world, shop, order))
    assert question.body["reason"] == asked.reason
    assert question.body["parcel_known"] is False
    request = request_of(world, shop, order, cancel)
    assert request.respond_by == asked.respond_by
    assert facts_of(world, shop, order, "CANCEL_REQUESTED")[0].happened_at == asked.created_at
    world.cycle(3)
    assert world.oms.books.cancel_request(cancel).times_told == 1


def test_a_request_for_single_units_is_asked_about_these_only() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop, TWO_TEES, units=1)
    assert world.oms.books.cancel_request(cancel).lines == (line_ids(world, shop, order)[0],)


def test_a_request_that_meets_a_parcel_we_know_of_says_so() -> None:
    world = World()
    shop = world.connect("GB")
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order, royal_mail(12345678), carrier="RM 24")
    world.run("poll_oms", shop)
    cancel = ask_to_cancel(world, shop, order)
    see_request(world, shop)
    assert world.oms.books.cancel_request(cancel).body["parcel_known"] is True
    world.cycle(4)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED)


def test_an_oms_that_is_away_is_asked_as_soon_as_it_is_back() -> None:
    world = World()
    shop = world.connect()
    world.oms.faults.add(Fault.UNREACHABLE, "/cancel-requests", times=None)
    _, cancel = an_open_request(world, shop)
    world.cycle(8)
    assert world.oms.books.cancel_requests() == []
    world.oms.faults.clear()
    world.cycle(5)
    assert world.oms.books.cancel_request(cancel).times_told == 1


@pytest.mark.parametrize(
    ("hours", "margin", "reminders"),
    [
        (1, 6 * MINUTE, [30 * MINUTE, 10 * MINUTE, 2.5 * MINUTE]),
        (3, 18 * MINUTE, [90 * MINUTE, 30 * MINUTE, 7.5 * MINUTE]),
        (5, 30 * MINUTE, [150 * MINUTE, 50 * MINUTE, 12.5 * MINUTE]),
        (None, 45 * MINUTE, [12 * HOUR, 4 * HOUR, HOUR]),
    ],
)
def test_margin_and_reminders_scale_with_the_time_that_a_shop_has(
    hours: int | None, margin: timedelta, reminders: list[timedelta]
) -> None:
    world = World()
    shop = world.connect()
    world.tiktok.set_automatic_approval(shop.simulated, hours)
    order, cancel = an_open_request(world, shop)
    request = request_of(world, shop, order, cancel)
    assert request.respond_by == request.requested_at + (hours or 24) * HOUR
    assert request.respond_by is not None
    assert request.answer_until == request.respond_by - margin
    due = []
    for _ in reminders:
        next_due = request_of(world, shop, order, cancel).next_due
        assert next_due is not None
        due.append(request.respond_by - next_due)
        until(world, next_due)
        world.run("settle_requests", shop)
    assert due == [left for left in reminders if left > margin] + [margin] * (len(due) > 2 and reminders[2] <= margin)
    world.cycle(3)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("minutes", [15, 45, 120, 720])
def test_the_margin_is_the_shop_s_own_but_at_most_a_tenth_of_the_time(minutes: int) -> None:
    world = World()
    shop = world.connect(cancellations={"margin_minutes": minutes})
    order, cancel = an_open_request(world, shop)
    request = request_of(world, shop, order, cancel)
    assert request.respond_by is not None
    assert request.answer_until == request.respond_by - min(minutes * MINUTE, 144 * MINUTE)


@pytest.mark.parametrize(("moved_to", "counts"), [(5, 5), (10, 10), (48, 24)])
@pytest.mark.parametrize("is_update", [True, False])
def test_a_deadline_that_tiktok_moves_moves_the_wait_the_question_and_the_timer(
    moved_to: int, counts: int, *, is_update: bool
) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    at_tiktok = world.tiktok._state.cancellations[cancel]
    at_tiktok.respond_by = at_tiktok.created_at + moved_to * HOUR
    if is_update:
        at_tiktok.updated_at = world.time
        at_tiktok.index.append((world.time, int(world.time.timestamp())))
    world.cycle(2)
    end = at_tiktok.created_at + counts * HOUR
    request = request_of(world, shop, order, cancel)
    assert request.respond_by == end
    assert request.answer_until == end - min(45 * MINUTE, counts * 6 * MINUTE)
    assert world.oms.books.cancel_request(cancel).respond_by == request.answer_until
    assert world.oms.books.cancel_request(cancel).times_told == (1 if counts == 24 else 2)
    until(world, request.answer_until + MINUTE)
    assert decided_at_tiktok(world, cancel).at < end
    world.cycle(3)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


def test_a_request_has_one_timer_however_often_it_is_seen() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    started = world.timers.started
    cancel = ask_to_cancel(world, shop, order)
    world.cycle(6)
    assert world.timers.started == started + 1
    assert (
        request_of(world, shop, order, cancel).answer_until,
        "settle_requests",
        shop.id,
    ) in world.timers.waiting


def test_a_timer_that_could_not_be_started_is_made_up_for_by_the_sweep() -> None:
    world = World()
    shop = world.connect()
    world.timers.broken = True
    order, cancel = an_open_request(world, shop)
    assert world.counted("timers_not_started") > 0
    request = request_of(world, shop, order, cancel)
    assert request.answer_until is not None
    until(world, request.answer_until - MINUTE)
    world.cycle(4)
    assert request_of(world, shop, order, cancel).answered_by is Decider.SHOP_RULE
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("rule", ["reject_if_packed", "approve"])
def test_a_request_for_an_order_that_nobody_has_been_given_is_granted_at_once_and_the_order_never_leaves(
    rule: str,
) -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": rule})
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR)
    cancel = ask_to_cancel(world, shop, order)
    world.cycle(3)
    request = request_of(world, shop, order, cancel)
    assert (request.answer, request.answered_by) == (Answer.APPROVE, Decider.SHOP_RULE)
    assert world.created(order) == []
    assert world.oms.books.orders() == []
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


def approved_by_oms(world: World, shop: Connected, order: OrderId) -> None:
    cancel = ask_to_cancel(world, shop, order)
    world.cycle()
    world.oms.decide(cancel, "approve")


def rejected_by_oms(world: World, shop: Connected, order: OrderId) -> None:
    cancel = ask_to_cancel(world, shop, order)
    world.cycle()
    world.oms.decide(cancel, "reject")


def unit_approved(world: World, shop: Connected, order: OrderId) -> None:
    cancel = ask_to_cancel(world, shop, order, units=1)
    world.cycle()
    world.oms.decide(cancel, "approve")


def approved_in_seller_center(world: World, shop: Connected, order: OrderId) -> None:
    cancel = ask_to_cancel(world, shop, order)
    world.cycle()
    world.tiktok.approve_in_seller_center(cancel)


def asked_and_approved_between_two_polls(world: World, shop: Connected, order: OrderId) -> None:
    world.tiktok.approve_in_seller_center(ask_to_cancel(world, shop, order))


def unit_asked_and_approved_between_two_polls(world: World, shop: Connected, order: OrderId) -> None:
    world.tiktok.approve_in_seller_center(ask_to_cancel(world, shop, order, units=1))


def withdrawn(world: World, shop: Connected, order: OrderId) -> None:
    ask_to_cancel(world, shop, order)
    world.cycle()
    world.tiktok.withdraw_cancel_request(order)


def overtaken_by_platform(world: World, shop: Connected, order: OrderId) -> None:
    ask_to_cancel(world, shop, order)
    world.cycle()
    world.tiktok.cancel_by_platform(order)


def canceled_by_seller(world: World, _shop: Connected, order: OrderId) -> None:
    world.tiktok.cancel_by_seller(order)


@pytest.mark.parametrize(
    ("happen", "notices"),
    [
        (approved_by_oms, [REFUND]),
        (unit_approved, [REFUND]),
        (approved_in_seller_center, [REFUND]),
        (asked_and_approved_between_two_polls, [REFUND]),
        (unit_asked_and_approved_between_two_polls, [REFUND]),
        (rejected_by_oms, [REJECTED]),
        (withdrawn, []),
        (overtaken_by_platform, [CANCELED]),
        (canceled_by_seller, [CANCELED]),
    ],
)
def test_the_timeline_says_once_what_tiktok_tells_the_buyer(
    happen: Callable[[World, Connected, OrderId], None], notices: list[str]
) -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    happen(world, shop, order)
    world.cycle(4)
    assert buyer_notices(world, shop, order) == notices
    check_sides_agree(world, shop, order)


def test_the_buyer_of_an_order_that_lags_behind_its_cancellation_gets_one_notice() -> None:
    world = World(index_lag=timedelta(minutes=9))
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    cancel = ask_to_cancel(world, shop, order)
    world.cycle(2)
    world.oms.decide(cancel, "approve")
    world.cycle(4)
    assert buyer_notices(world, shop, order) == [REFUND]
    check_answered_in_time(world, cancel)


@pytest.mark.parametrize("hours", [1, 24])
def test_the_oms_s_answer_in_its_last_minute_is_still_in_time(hours: int) -> None:
    world = World()
    shop = world.connect()
    world.tiktok.set_automatic_approval(shop.simulated, None if hours == 24 else hours)
    order, cancel = an_open_request(world, shop, TEE)
    last = world.oms.books.cancel_request(CancelId(cancel)).respond_by
    until(world, last - MINUTE)
    world.oms.decide(cancel, "reject")
    world.run("poll_oms", shop)
    world.cycle(2)
    assert request_of(world, shop, order, cancel).answered_by is Decider.OMS
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED)
