"""Nobody answers: reminders, the end of the wait, the shop's rule, and what happens when a partner is away (OP C15)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from local.tracking_numbers import usps
from order_sync.domain.answering.answers import Decider
from order_sync.domain.cancelling.cancellations import Outcome
from order_sync.domain.ids import CancelId, OrderId
from tests.adapters.cancellations.cancel_scenes import (
    HOUR,
    MINUTE,
    an_open_request,
    ask_to_cancel,
    check_answered,
    check_answered_in_time,
    check_sides_agree,
    decided_at_tiktok,
    decisions_at_tiktok,
    facts_of,
    line_ids,
    outcome_at_oms,
    outcome_at_tiktok,
    request_of,
    see_request,
    until,
)
from tests.adapters.jobs.scenes import CANCELLATIONS, an_order_everywhere
from tests.world import CYCLE, TWO_TEES, Connected, World

APPROVED, REJECTED = OutcomeAtTikTok.APPROVED, OutcomeAtTikTok.REJECTED
AUTOMATICALLY = OutcomeAtTikTok.APPROVED_AUTOMATICALLY
LOOK_UP = "/orders/"
REMINDED = "A cancel request waits for an answer: order "


def end_of_wait(world: World, shop: Connected, order: OrderId, cancel: CancelId) -> timedelta:
    """Turn the clock until our wait is over; how long TikTok's own takes from there."""
    request = request_of(world, shop, order, cancel)
    assert request.answer_until is not None
    assert request.respond_by is not None
    until(world, request.answer_until)
    return request.respond_by - request.answer_until


@pytest.mark.parametrize("hours", [1, 3, 5, None])
@pytest.mark.parametrize(
    ("rule", "packed", "outcome"),
    [
        ("reject_if_packed", True, REJECTED),
        ("reject_if_packed", False, APPROVED),
        ("approve", True, APPROVED),
        ("approve", False, APPROVED),
    ],
)
def test_when_nobody_answers_the_shop_s_rule_does_at_the_end_of_the_wait(
    rule: str, outcome: OutcomeAtTikTok, hours: int | None, *, packed: bool
) -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": rule})
    world.tiktok.set_automatic_approval(shop.simulated, hours)
    order, cancel = an_open_request(world, shop, TWO_TEES)
    if packed:
        world.oms.pack(order)
    left = end_of_wait(world, shop, order, cancel)
    decision = decided_at_tiktok(world, cancel)
    assert decision.respond_by is not None
    assert left - MINUTE < decision.respond_by - decision.at <= left
    assert request_of(world, shop, order, cancel).answered_by is Decider.SHOP_RULE
    assert world.counted("cancel_requests_answered_by_rule") == 1
    world.cycle(2)
    assert outcome_at_oms(world, cancel)[1] == "shop_rule"
    check_answered(world, shop, order, cancel, outcome)


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize(("packed", "outcome"), [(0, REJECTED), (1, APPROVED)])
def test_of_single_units_it_counts_whether_these_are_packed(region: str, packed: int, outcome: OutcomeAtTikTok) -> None:
    world = World()
    shop = world.connect(region)
    order, cancel = an_open_request(world, shop, TWO_TEES, units=1)
    world.oms.pack(order, lines=[line_ids(world, shop, order)[packed]])
    end_of_wait(world, shop, order, cancel)
    world.cycle(2)
    check_answered(world, shop, order, cancel, outcome)


def test_a_shop_that_leaves_it_to_tiktok_records_the_automatic_approval() -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "leave_to_tiktok"})
    order, cancel = an_open_request(world, shop)
    world.oms.pack(order)
    left = end_of_wait(world, shop, order, cancel)
    request = request_of(world, shop, order, cancel)
    assert (request.left_to_tiktok, request.answer, request.is_open) == (True, None, True)
    assert world.counted("cancel_requests_left_to_tiktok") == 1
    world.advance(left)
    world.cycle(3)
    request = request_of(world, shop, order, cancel)
    assert (request.outcome, request.decided_by) == (Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM)
    assert decisions_at_tiktok(world, cancel) == []
    assert outcome_at_tiktok(world, cancel) is AUTOMATICALLY
    assert outcome_at_oms(world, cancel) == ("approved_automatically", "platform")
    assert world.events(shop, order).count("CANCEL_REQUEST_LEFT_TO_TIKTOK") == 1
    assert world.counted("answers_overruled") == 0
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_that_was_left_to_tiktok_may_still_be_answered(decision: str) -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "leave_to_tiktok"})
    order, cancel = an_open_request(world, shop)
    end_of_wait(world, shop, order, cancel)
    world.oms.decide(cancel, decision)
    world.cycle(3)
    check_answered(world, shop, order, cancel, {"approve": APPROVED, "reject": REJECTED}[decision])


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.HTML, Fault.UNAVAILABLE, Fault.TRUNCATED_JSON])
def test_while_the_oms_cannot_say_what_is_packed_the_rule_waits_for_it(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.oms.pack(order)
    world.oms.faults.add(fault, LOOK_UP, method="GET", times=None)
    end_of_wait(world, shop, order, cancel)
    assert decisions_at_tiktok(world, cancel) == []
    assert world.counted("rules_waiting_for_oms") == 1
    world.oms.faults.clear()
    world.cycle(3)
    check_answered(world, shop, order, cancel, REJECTED)


@pytest.mark.parametrize(
    ("hours", "margin", "sweep"),
    [
        (24, 45, 1),
        (24, 45, 8),
        (24, 45, 14),
        (24, 20, 1),
        (24, 20, 8),
        (24, 15, 1),
        (3, 45, 1),
        (3, 15, 8),
        (1, 45, 14),
    ],
)
@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.HTML])
def test_when_the_oms_stays_away_the_rule_decides_without_it_before_tiktok_does(
    fault: Fault, hours: int, margin: int, sweep: int
) -> None:
    """Between the timer and TikTok's deadline only the sweep looks again, every fifteen minutes."""
    world = World()
    shop = world.connect(cancellations={"margin_minutes": margin})
    world.tiktok.set_automatic_approval(shop.simulated, None if hours == 24 else hours)
    order, cancel = an_open_request(world, shop)
    deadline = world.tiktok.cancellation(cancel).respond_by
    assert deadline is not None
    world.oms.faults.add(fault, LOOK_UP, method="GET", times=None)
    for cycles in (4, 3, 2, 1):
        until(world, max(deadline - cycles * CYCLE + sweep * MINUTE - 10 * timedelta(seconds=1), world.time))
        world.run("settle_requests", shop)
    until(world, deadline + MINUTE)
    world.oms.faults.clear()
    world.cycle(3)
    check_answered(world, shop, order, cancel, APPROVED)
    assert world.counted("rules_without_oms") == 1


def test_an_order_that_the_oms_cannot_tell_about_holds_up_no_other_request() -> None:
    world = World()
    shop = world.connect()
    gone, order = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    gone_cancel, cancel = ask_to_cancel(world, shop, gone), ask_to_cancel(world, shop, order)
    see_request(world, shop)
    world.oms.faults.add(Fault.HTML, f"{LOOK_UP}{gone}", times=None)
    deadline = world.tiktok.cancellation(cancel).respond_by
    assert deadline is not None
    until(world, deadline - 40 * MINUTE)
    world.cycle(3)
    world.oms.faults.clear()
    world.cycle(3)
    check_answered(world, shop, order, cancel, APPROVED)
    assert outcome_at_tiktok(world, gone_cancel) is APPROVED
    check_answered_in_time(world, gone_cancel)


def test_reminders_are_recorded_counted_and_published_once_at_twelve_four_and_one_hour() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    deadline = request_of(world, shop, order, cancel).respond_by
    assert deadline is not None
    for number, left in enumerate((12, 4, 1), start=1):
        until(world, deadline - left * HOUR - MINUTE)
        world.run("settle_requests", shop)
        assert world.counted("cancel_reminders") == number - 1
        world.advance(MINUTE)
        for _ in range(2):
            world.run("settle_requests", shop)
        assert world.counted("cancel_reminders") == number
        assert len(world.published) == number
    reminders = facts_of(world, shop, order, "CANCEL_REQUEST_REMINDER")
    assert [fact.happened_at for fact in reminders] == [deadline - left * HOUR for left in (12, 4, 1)]
    for subject, text in world.published:
        assert subject == f"{REMINDED}{order}"
        assert cancel in text
        assert deadline.isoformat() in text
        assert not any(private in text for private in world.tiktok.buyer_data())
    world.cycle(4)
    check_answered(world, shop, order, cancel, APPROVED)
    assert len(world.published) == 3


def test_nobody_is_reminded_of_a_request_that_was_answered_or_that_the_buyer_has_withdrawn() -> None:
    world = World()
    shop = world.connect()
    _, answered = an_open_request(world, shop)
    withdrawn, _ = an_open_request(world, shop)
    world.oms.decide(answered, "reject")
    world.cycle()
    world.tiktok.withdraw_cancel_request(withdrawn)
    world.advance(23 * HOUR)
    world.cycle(3)
    assert world.published == []
    assert world.counted("cancel_reminders") == 0


def test_after_an_outage_people_are_reminded_once_of_all_that_is_over() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.advance(22 * HOUR + 5 * MINUTE)
    world.cycle(2)
    assert [subject for subject, _ in world.published] == [f"{REMINDED}{order}"]
    assert [fact.detail["number"] for fact in facts_of(world, shop, order, "CANCEL_REQUEST_REMINDER")] == ["2"]
    world.cycle(6)
    check_answered(world, shop, order, cancel, APPROVED)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.UNREACHABLE])
def test_a_wake_up_that_fails_is_made_up_for_by_the_next_sweep(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.oms.pack(order)
    end = request_of(world, shop, order, cancel).answer_until
    assert end is not None
    until(world, end - MINUTE)
    world.tiktok.faults.add(fault, times=None)
    world.advance(2 * MINUTE)
    assert decisions_at_tiktok(world, cancel) == []
    world.tiktok.faults.clear()
    world.cycle(3)
    check_answered(world, shop, order, cancel, REJECTED)


@pytest.mark.parametrize(("packed", "outcome"), [(True, REJECTED), (False, APPROVED)])
def test_while_only_tiktok_s_search_is_out_the_rule_still_answers_before_the_deadline(
    outcome: OutcomeAtTikTok, *, packed: bool
) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    if packed:
        world.oms.pack(order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, CANCELLATIONS, times=None)
    end_of_wait(world, shop, order, cancel)
    world.cycle(4)
    world.tiktok.faults.clear()
    world.cycle(3)
    check_answered(world, shop, order, cancel, outcome)


def test_a_rule_that_rejects_where_no_rejection_is_offered_calls_people_at_once() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.oms.pack(order)
    world.tiktok.set_reject_offered(shop.simulated, offered=False)
    end_of_wait(world, shop, order, cancel)
    assert any(subject.startswith("A rejected cancel request needs") for subject, _ in world.published)
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))
    world.cycle(3)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED_BY_SHIPMENT)
