"""The seller's answer: acted on in the run that reads it, told to every side within a cycle, given once (G10, G11)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import CancelStatus
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Outcome
from order_sync.domain.ids import CancelId, OrderId
from tests.adapters.cancellations.cancel_scenes import (
    HOUR,
    MINUTE,
    an_open_request,
    canceled_at_tiktok,
    check_answered,
    check_sides_agree,
    decided_at_tiktok,
    decisions_at_tiktok,
    facts_of,
    line_ids,
    outcome_at_oms,
    outcome_at_tiktok,
    request_of,
    show,
    told_after,
    until,
)
from tests.adapters.jobs.scenes import CANCELLATIONS, ship_from_oms
from tests.world import CYCLE, TWO_TEES, Connected, World

AT_TIKTOK = {"approve": OutcomeAtTikTok.APPROVED, "reject": OutcomeAtTikTok.REJECTED}
DOUBTFUL = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON]
both_answers = pytest.mark.parametrize("decision", ["approve", "reject"])


@both_answers
@pytest.mark.parametrize("units", [None, 1])
@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_decision_reaches_tiktok_in_the_run_that_reads_it_and_every_side_within_a_cycle(
    region: str, units: int | None, decision: str
) -> None:
    world = World()
    shop = world.connect(region)
    order, cancel = an_open_request(world, shop, TWO_TEES, units=units)
    world.cycle()
    world.oms.decide(cancel, decision, "the warehouse said so")
    decided = world.time
    world.run("poll_oms", shop)
    assert decided < decided_at_tiktok(world, cancel).at <= world.time
    request = request_of(world, shop, order, cancel)
    assert (request.answer, request.answered_by) == (Answer(decision.upper()), Decider.OMS)
    assert request.outcome is Outcome(AT_TIKTOK[decision])
    world.cycle(2)
    told = told_after(world, order, cancel)
    show(f"{region} {decision} {units or 'all'} units: " + ", ".join(f"{who} after {t}" for who, t in told.items()))
    assert max(told.values()) <= CYCLE
    assert len(told) == (3 if decision == "approve" else 1)
    assert len(canceled_at_tiktok(world, order)) == {"approve": units or 2, "reject": 0}[decision]
    assert outcome_at_oms(world, cancel) == (f"{decision}d" if decision == "approve" else "rejected", "oms")
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


@both_answers
@pytest.mark.parametrize("phase", [0, 4, 9, 14])
def test_in_the_rhythm_of_the_cycles_every_side_is_told_within_one_cycle_of_the_answer(
    decision: str, phase: int
) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.cycle()
    world.oms.decide(cancel, decision, after=phase * MINUTE)
    world.cycle(3)
    told = told_after(world, order, cancel)
    show(f"{decision} after {phase} minutes: the last side after {max(told.values())}")
    assert max(told.values()) <= CYCLE
    world.cycle()
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


def test_a_rejection_is_given_for_a_reason_of_tiktok_s_for_this_region() -> None:
    for region, name in (("US", "product_packed"), ("GB", "product_has_been_packed")):
        world = World()
        shop = world.connect(region)
        _, cancel = an_open_request(world, shop)
        world.oms.decide(cancel, "reject")
        world.run("poll_oms", shop)
        assert (decided_at_tiktok(world, cancel).reason or "").endswith(name)


def without_reject(world: World, shop: Connected, how: str) -> None:
    """TikTok Shop takes no rejection from this shop, or knows no reason for one."""
    if how == "not offered":
        world.tiktok.set_reject_offered(shop.simulated, offered=False)
        return
    for name in ("package_delivery_multiple_boxes", "cancel_reason_product_packed"):
        prefix = "ecom_reverse_reject_refund_request_" if "boxes" in name else "ecom_reverse_reject_"
        world.tiktok.take_reason_offline(prefix + name)
    world.tiktok.take_reason_offline("seller_reject_apply_unable_to_change_address")


@pytest.mark.parametrize("how", ["not offered", "no reasons"])
def test_where_no_rejection_is_offered_tracking_is_due_and_the_parcel_rejects(how: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    without_reject(world, shop, how)
    world.oms.decide(cancel, "reject")
    world.cycle(2)
    request = request_of(world, shop, order, cancel)
    assert (request.answer, request.rejected_by_shipping, request.is_open) == (Answer.REJECT, True, True)
    assert request.respond_by is not None
    due = facts_of(world, shop, order, "TRACKING_DUE_FOR_REJECTION")
    assert [fact.detail["due"] for fact in due] == [request.respond_by.isoformat()]
    assert world.counted("rejections_not_offered") == 1
    assert [subject for subject, _ in world.published] == [
        f"A rejected cancel request needs a tracking number: order {order}"
    ]
    until(world, request.respond_by - 12 * HOUR)
    world.cycle()
    until(world, request.respond_by - 4 * HOUR)
    world.cycle()
    assert len(world.published) == 3
    assert world.counted("cancel_reminders") == 2
    assert world.counted("tracking_due_for_rejection") >= 2
    ship_from_oms(world, order)
    world.cycle(4)
    assert outcome_at_oms(world, cancel) == ("rejected", "oms")
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED_BY_SHIPMENT)


def test_where_no_rejection_is_offered_and_no_parcel_leaves_tiktok_approves_and_the_overruling_is_counted() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.tiktok.set_reject_offered(shop.simulated, offered=False)
    world.oms.decide(cancel, "reject")
    world.cycle()
    request = request_of(world, shop, order, cancel)
    assert request.respond_by is not None
    for left in (12 * HOUR, 4 * HOUR, HOUR, -MINUTE):
        until(world, request.respond_by - left)
        world.cycle()
    assert world.counted("answers_overruled") == 1
    assert world.counted("cancel_reminders") == 3
    request = request_of(world, shop, order, cancel)
    assert (request.outcome, request.decided_by) == (Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM)
    assert request.answer is Answer.REJECT
    world.cycle(3)
    assert outcome_at_oms(world, cancel) == ("approved_automatically", "platform")
    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED_AUTOMATICALLY
    check_sides_agree(world, shop, order)


@both_answers
@pytest.mark.parametrize("times", [1, 3])
def test_a_lock_at_tiktok_is_waited_for(times: int, decision: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.tiktok.fail_next_lock(order, times)
    world.oms.decide(cancel, decision)
    decided = world.time
    world.cycle(4)
    assert decided_at_tiktok(world, cancel).at - decided < HOUR
    assert world.counted("entries_failed") == 0
    world.cycle(2)
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


@both_answers
@pytest.mark.parametrize("fault", DOUBTFUL)
def test_an_answer_whose_outcome_is_lost_is_given_again_under_its_key_and_takes_effect_once(
    fault: Fault, decision: str
) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop, TWO_TEES, units=1)
    path = f"/{decision}"
    world.tiktok.faults.add(fault, path)
    world.oms.decide(cancel, decision)
    world.cycle(4)
    assert world.tiktok.books.refused_decisions == []
    keys = {each.idempotency_key for each in world.tiktok.books.decisions_of(cancel)}
    assert len(keys) == 1
    assert None not in keys
    assert world.counted("answers_unconfirmed") == 0
    assert world.counted("rejections_not_offered") == 0
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


@both_answers
@pytest.mark.parametrize(("down_from", "down_to"), [(20, 23.5), (15, 23.75), (23, 23.75)])
def test_an_outage_of_tiktok_that_ends_before_the_deadline_leaves_time_for_the_answer(
    down_from: float, down_to: float, decision: str
) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    asked_at = world.tiktok.cancellation(cancel).created_at
    until(world, asked_at + down_from * HOUR)
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    world.oms.decide(cancel, decision)
    for quarters in range(int(4 * down_from), int(4 * down_to)):
        until(world, asked_at + quarters * CYCLE)
        for job in ("poll_oms", "push_tiktok"):
            world.run(job, shop)
    until(world, asked_at + down_to * HOUR)
    world.tiktok.faults.clear()
    world.cycle(4)
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.RATE_LIMITED])
def test_a_rejection_that_an_outage_keeps_from_tiktok_beyond_the_deadline_is_overruled_and_counted(
    fault: Fault,
) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    end = world.tiktok.cancellation(cancel).respond_by
    assert end is not None
    until(world, end - HOUR)
    world.tiktok.faults.add(fault, times=None)
    world.oms.decide(cancel, "reject")
    world.cycle(6)
    world.tiktok.faults.clear()
    world.cycle(3)
    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED_AUTOMATICALLY
    assert request_of(world, shop, order, cancel).outcome is Outcome.APPROVED_AUTOMATICALLY
    assert world.counted("answers_overruled") == 1
    world.cycle(2)
    check_sides_agree(world, shop, order)


def pretend_to_reject(world: World, order: OrderId, cancel: CancelId) -> None:
    """TikTok Shop takes the rejection and goes on showing the request."""
    at_tiktok = world.tiktok._state.cancellations[cancel]
    if at_tiktok.outcome is OutcomeAtTikTok.REJECTED:
        at_tiktok.status, at_tiktok.outcome = CancelStatus.PENDING, None
        world.tiktok._state.order(order).open_cancel_id = cancel


def test_an_answer_that_tiktok_does_not_confirm_in_two_cycles_is_counted_every_cycle_and_noticed_once() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.on_answer = lambda: pretend_to_reject(world, order, cancel)
    world.oms.decide(cancel, "reject")
    world.cycle(2)
    assert decisions_at_tiktok(world, cancel) == [("REJECT", 0)]
    assert request_of(world, shop, order, cancel).is_open
    assert world.counted("answers_unconfirmed") == 0
    for cycles in range(1, 4):
        world.cycle()
        assert world.counted("answers_unconfirmed") == cycles
    unconfirmed = f"TikTok Shop does not confirm an answer: order {order}"
    assert [subject for subject, _ in world.published] == [unconfirmed]
    assert world.events(shop, order).count("CANCEL_ANSWER_UNCONFIRMED") == 1
    world.on_answer = lambda: None
    world.tiktok.reject_in_seller_center(cancel, "ecom_reverse_reject_cancel_reason_product_packed")
    world.cycle(3)
    counted = world.counted("answers_unconfirmed")
    world.cycle(2)
    assert world.counted("answers_unconfirmed") == counted
    assert request_of(world, shop, order, cancel).outcome is Outcome.REJECTED
    assert [subject for subject, _ in world.published] == [unconfirmed]
    check_sides_agree(world, shop, order)


def test_an_answer_that_cannot_be_read_back_is_not_given_again() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.tiktok.faults.add(Fault.UNAVAILABLE, CANCELLATIONS, times=None)
    world.oms.decide(cancel, "approve")
    world.cycle(6)
    assert decisions_at_tiktok(world, cancel) == [("APPROVE", 0)]
    assert world.counted("answers_not_looked_at") > 0
    world.tiktok.faults.clear()
    world.cycle(3)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


def test_a_request_for_one_of_two_units_leaves_the_other_to_be_shipped() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop, TWO_TEES, units=1)
    world.oms.decide(cancel, "approve")
    world.cycle(2)
    ship_from_oms(world, order)
    world.cycle(3)
    (shipped,) = world.tiktok.books.shipments_of(order)
    assert shipped.line_ids == (line_ids(world, shop, order)[1],)
    assert shipped.at - decided_at_tiktok(world, cancel).at < timedelta(hours=1)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)
