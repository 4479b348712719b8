"""Requests that follow others, come early or are found late, and sides that are away when they are answered."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from order_sync.domain.answering.answers import Decider
from order_sync.domain.cancelling.cancellations import Outcome
from tests.adapters.cancellations.cancel_scenes import (
    HOUR,
    MINUTE,
    an_open_request,
    ask_to_cancel,
    buyer_notices,
    canceled_at_tiktok,
    check_answered,
    check_answered_in_time,
    check_sides_agree,
    ended_at_tiktok,
    line_ids,
    outcome_at_oms,
    outcome_at_tiktok,
    request_of,
    until,
)
from tests.adapters.jobs.scenes import an_order_everywhere, ship_from_oms
from tests.world import CYCLE, MUG, TWO_TEES, World

REFUND, REJECTION = '"order refund" e-mail', '"order cancelation rejected" e-mail'


@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_buyer_who_was_rejected_may_ask_again_and_gets_a_decision_of_its_own(region: str) -> None:
    world = World()
    shop = world.connect(region)
    order, first = an_open_request(world, shop, TWO_TEES)
    world.oms.decide(first, "reject")
    world.cycle(2)
    second = ask_to_cancel(world, shop, order)
    world.cycle(2)
    assert world.oms.books.cancel_request(second).times_told == 1
    world.oms.decide(second, "approve")
    world.cycle(3)
    assert buyer_notices(world, shop, order) == [REJECTION, REFUND]
    check_answered_in_time(world, first)
    check_answered(world, shop, order, second, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("decisions", [("approve", "approve"), ("approve", "reject"), ("reject", "approve")])
def test_units_that_are_asked_for_one_after_the_other_are_decided_one_by_one(decisions: tuple[str, str]) -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    lines = line_ids(world, shop, order)
    canceled = set()
    for line, decision in zip(lines, decisions, strict=False):
        cancel = world.tiktok.request_cancel(order, [line])
        world.cycle(2)
        world.oms.decide(cancel, decision)
        world.cycle(3)
        if decision == "approve":
            canceled.add(line)
        assert canceled_at_tiktok(world, order) == canceled
        check_sides_agree(world, shop, order)
    ship_from_oms(world, order)
    world.cycle(3)
    (shipped,) = world.tiktok.books.shipments_of(order)
    assert set(shipped.line_ids) == set(lines) - canceled
    check_sides_agree(world, shop, order)


def test_when_the_last_units_are_granted_the_whole_order_is_cancelled_on_every_side() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    for line in line_ids(world, shop, order):
        cancel = world.tiktok.request_cancel(order, [line])
        world.cycle(2)
        world.oms.decide(cancel, "approve")
        world.cycle(3)
    assert world.record(shop, order).order.state == "CANCELED"
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"
    assert world.oms.books.order(order).state == "cancelled"
    assert buyer_notices(world, shop, order) == [REFUND, REFUND]
    check_sides_agree(world, shop, order)


def test_a_request_that_is_withdrawn_and_made_again_between_two_polls_is_asked_once() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    first = ask_to_cancel(world, shop, order)
    world.advance(MINUTE)
    world.tiktok.withdraw_cancel_request(order)
    world.advance(MINUTE)
    second = ask_to_cancel(world, shop, order)
    world.cycle(2)
    assert [each.id for each in world.oms.books.cancel_requests()] == [second]
    assert request_of(world, shop, order, first).outcome is Outcome.WITHDRAWN
    world.oms.decide(second, "approve")
    world.cycle(3)
    check_answered(world, shop, order, second, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("away", ["channeladvisor", "oms"])
def test_a_side_that_is_away_when_a_request_is_answered_is_told_when_it_is_back(away: str, decision: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop, TWO_TEES)
    world.oms.decide(cancel, decision)
    world.run("poll_oms", shop)
    partner = {"channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}[away]
    partner.add(Fault.UNREACHABLE, times=None)
    world.cycle(4)
    partner.clear()
    world.cycle(8)
    outcome = {"approve": OutcomeAtTikTok.APPROVED, "reject": OutcomeAtTikTok.REJECTED}[decision]
    check_answered(world, shop, order, cancel, outcome)


@pytest.mark.parametrize("rule", ["reject_if_packed", "leave_to_tiktok"])
def test_a_request_during_the_shop_s_own_longer_hold_keeps_the_order_from_leaving(rule: str) -> None:
    world = World()
    shop = world.connect(extra_hold_minutes=90, cancellations={"without_answer": rule})
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR + 5 * MINUTE)
    cancel = ask_to_cancel(world, shop, order)
    world.cycle(12)
    assert world.created(order) == []
    if rule == "reject_if_packed":
        assert request_of(world, shop, order, cancel).answered_by is Decider.SHOP_RULE
        check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)
        return
    world.advance(22 * HOUR)
    world.cycle(2)
    assert world.created(order) == []
    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED_AUTOMATICALLY
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("ended", ["automatically", "withdrawn", "rejected"])
def test_a_request_that_is_first_seen_after_its_end_is_recorded_and_asked_of_nobody(ended: str) -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    cancel = ask_to_cancel(world, shop, order)
    if ended == "withdrawn":
        world.tiktok.withdraw_cancel_request(order)
    elif ended == "rejected":
        world.tiktok.reject_in_seller_center(cancel, "ecom_reverse_reject_cancel_reason_product_packed")
    world.advance(timedelta(hours=24, minutes=5))
    world.cycle(4)
    request = request_of(world, shop, order, cancel)
    assert not request.is_open
    assert request.cancels == (ended == "automatically")
    assert world.oms.books.cancel_requests() == []
    assert decided_by_us(world) == []
    assert buyer_notices(world, shop, order) == ([REFUND] if ended == "automatically" else [])
    check_sides_agree(world, shop, order)


def decided_by_us(world: World) -> list[str]:
    """Answers that we gave."""
    return [each.decision for each in world.tiktok.books.decisions if each.by == "api"]


def test_a_request_that_is_first_seen_within_the_margin_is_asked_and_answered_in_time() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    cancel = ask_to_cancel(world, shop, order)
    deadline = world.tiktok.cancellation(cancel).respond_by
    assert deadline is not None
    until(world, deadline - 20 * MINUTE)
    world.cycle(3)
    assert request_of(world, shop, order, cancel).answered_by is Decider.SHOP_RULE
    world.cycle(2)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)
    assert outcome_at_oms(world, cancel) == ("approved", "shop_rule")


@pytest.mark.parametrize("minutes", [0, 3, 8, 14])
@pytest.mark.parametrize("hours", [1, 3])
def test_a_lost_timer_of_a_shop_with_little_time_is_made_up_for_by_the_sweep(hours: int, minutes: int) -> None:
    """A tenth of an hour is less than the time between two sweeps."""
    world = World()
    shop = world.connect()
    world.tiktok.set_automatic_approval(shop.simulated, hours)
    order = an_order_everywhere(world, shop)
    world.timers.broken = True
    world.advance(minutes * MINUTE)
    cancel = ask_to_cancel(world, shop, order)
    world.advance(CYCLE - minutes * MINUTE)
    world.cycle(4 * hours + 3)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("by", ["buyer", "approved", "rejected"])
def test_what_ended_at_tiktok_just_before_the_wait_is_over_gets_no_answer_of_the_rule(by: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    request = request_of(world, shop, order, cancel)
    assert request.answer_until is not None
    until(world, request.answer_until - MINUTE)
    if by == "buyer":
        world.tiktok.withdraw_cancel_request(order)
    elif by == "approved":
        world.tiktok.approve_in_seller_center(cancel)
    else:
        world.tiktok.reject_in_seller_center(cancel, "ecom_reverse_reject_cancel_reason_product_packed")
    world.advance(2 * MINUTE)
    assert all(each.by == "seller_center" for each in world.tiktok.books.decisions_of(cancel))
    assert request_of(world, shop, order, cancel).answer is None
    world.cycle(3)
    assert ended_at_tiktok(world, cancel).at < world.time
    assert world.counted("answers_overruled") == 0
    check_sides_agree(world, shop, order)
