"""What became of a request: TikTok Shop names neither who closed it nor why, so that the ledger knows or infers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Outcome
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.telling import decide_dropped, decide_failed
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    NOON,
    a_report,
    a_wish,
    answered,
    applied,
    cancel_facts,
    cancellation_change,
    claimed,
    handed_over,
    minutes,
    parcel_reported,
    requested,
    seen,
    some_facts,
    some_lines,
    the_entry,
    the_request,
    told,
    wished,
)

ACTIONS = {Answer.APPROVE: Action.APPROVE_CANCEL_REQUEST, Answer.REJECT: Action.REJECT_CANCEL_REQUEST}
REFUND = '"order refund" e-mail'
REJECTION = '"order cancelation rejected" e-mail'
TWO_HOURS = timedelta(hours=2)


class End(NamedTuple):
    """How a request ended, and what the timeline says about it."""

    outcome: Outcome
    by: Decider
    overruled: str = ""
    buyer_notice: str = ""


def end_of(record: OrderRecord, status: str, after: timedelta = TWO_HOURS) -> End:
    change = cancellation_change(record, cancel_facts(status, seen_after=after, line_ids=the_request(record).line_ids))
    assert change is not None
    (request,) = change.cancellations
    (fact,) = (fact for fact in change.timeline if fact.event is Event.CANCEL_REQUEST_CLOSED)
    assert (request.closed_at, fact.happened_at, request.next_due) == (ASKED + after, ASKED + after, None)
    assert (fact.detail["outcome"], fact.detail["by"]) == (request.outcome, request.decided_by)
    assert request.outcome is not None
    assert request.decided_by is not None
    detail = fact.detail
    return End(request.outcome, request.decided_by, detail.get("overruled", ""), detail.get("buyer_notice", ""))


def with_answer(answer: str) -> OrderRecord:
    """A request with no answer, or one that TikTok Shop was told, was not told, or may have been told."""
    if answer == "none":
        return requested()
    word, telling = answer.split()
    chosen = Answer(word.upper())
    record = answered(requested(), chosen)
    subject: tuple[Target, Action, str] = (Target.TIKTOK_SHOP, ACTIONS[chosen], CANCEL_ID)
    if telling == "told":
        return told(record, *subject, at=ASKED + timedelta(hours=1))
    if telling == "sending":
        return claimed(record, *subject)
    if telling == "doubtful":
        entry = the_entry(record, *subject)
        return applied(record, decide_failed(record, entry, ASKED + timedelta(hours=1), reason="?", in_doubt=True))
    assert telling == "untold"
    return record


@pytest.mark.parametrize(
    ("answer", "hours", "end"),
    [
        ("none", 2, End(Outcome.APPROVED, Decider.SELLER, "", REFUND)),
        ("none", 23.99, End(Outcome.APPROVED, Decider.SELLER, "", REFUND)),
        ("none", 24, End(Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM, "", REFUND)),
        ("approve told", 2, End(Outcome.APPROVED, Decider.OMS, "", REFUND)),
        ("approve told", 24, End(Outcome.APPROVED, Decider.OMS, "", REFUND)),
        ("approve sending", 23, End(Outcome.APPROVED, Decider.OMS, "", REFUND)),
        ("approve doubtful", 23, End(Outcome.APPROVED, Decider.OMS, "", REFUND)),
        ("approve doubtful", 24, End(Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM, "", REFUND)),
        ("approve untold", 2, End(Outcome.APPROVED, Decider.OMS, "", REFUND)),
        ("approve untold", 24, End(Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM, "", REFUND)),
        ("reject told", 2, End(Outcome.APPROVED, Decider.SELLER, "REJECT", REFUND)),
        ("reject untold", 2, End(Outcome.APPROVED, Decider.SELLER, "REJECT", REFUND)),
        ("reject told", 24, End(Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM, "REJECT", REFUND)),
        ("reject untold", 24, End(Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM, "REJECT", REFUND)),
    ],
)
def test_a_granted_request(answer: str, hours: float, end: End) -> None:
    assert end_of(with_answer(answer), "GRANTED", timedelta(hours=hours)) == end


@pytest.mark.parametrize(
    ("hours", "end"),
    [
        (23.99, End(Outcome.APPROVED, Decider.SELLER, "", REFUND)),
        (24, End(Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM, "", REFUND)),
    ],
)
def test_a_request_was_granted_when_its_order_was_cancelled_although_its_refund_ends_later(
    hours: float, end: End
) -> None:
    changed_at = ASKED + timedelta(hours=hours)
    facts = replace(some_facts("CANCELLED", lines=some_lines(canceled=True)), updated_at=changed_at)
    record = seen(facts, requested(), at=changed_at + minutes(5))
    assert end_of(record, "GRANTED", timedelta(hours=25)) == end


def test_a_request_was_granted_when_its_only_line_was_cancelled_although_its_refund_ends_later() -> None:
    one, two = some_lines()
    changed_at = ASKED + timedelta(hours=1)
    facts = some_facts("AWAITING_SHIPMENT", lines=(replace(one, canceled=True), two))
    record = seen(replace(facts, updated_at=changed_at), requested(line_ids=(LINE_1,)), at=changed_at + minutes(5))
    assert end_of(record, "GRANTED", timedelta(hours=25))[:2] == (Outcome.APPROVED, Decider.SELLER)


def test_an_order_that_lives_does_not_show_when_its_request_was_granted() -> None:
    changed_at = ASKED + timedelta(hours=1)
    record = seen(replace(some_facts("AWAITING_SHIPMENT"), updated_at=changed_at), requested(), at=changed_at)
    assert end_of(record, "GRANTED", timedelta(hours=25))[:2] == (Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM)


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("none", End(Outcome.WITHDRAWN, Decider.BUYER)),
        # A buyer who thinks better of it overrules nobody.
        ("approve told", End(Outcome.WITHDRAWN, Decider.BUYER)),
        ("approve untold", End(Outcome.WITHDRAWN, Decider.BUYER)),
        ("reject told", End(Outcome.REJECTED, Decider.OMS, "", REJECTION)),
        ("reject sending", End(Outcome.REJECTED, Decider.OMS, "", REJECTION)),
        ("reject doubtful", End(Outcome.REJECTED, Decider.OMS, "", REJECTION)),
        # TikTok Shop cannot have rejected what nobody told it to reject.
        ("reject untold", End(Outcome.WITHDRAWN, Decider.BUYER)),
    ],
)
def test_a_closed_request_of_an_order_that_goes_on(answer: str, end: End) -> None:
    assert end_of(with_answer(answer), "CLOSED") == end


def canceled_at_tiktok(record: OrderRecord, by: str) -> OrderRecord:
    return seen(some_facts("CANCELLED", seen_after=timedelta(hours=5), canceled_by=by), record, at=ASKED + minutes(70))


@pytest.mark.parametrize(("by", "decider"), [("SELLER", Decider.SELLER), ("SYSTEM", Decider.PLATFORM)])
@pytest.mark.parametrize("answer", ["none", "approve told", "approve untold", "reject untold"])
def test_a_request_whose_lines_were_cancelled_otherwise_was_overtaken(answer: str, by: str, decider: Decider) -> None:
    end = end_of(canceled_at_tiktok(with_answer(answer), by), "CLOSED")
    assert (end.outcome, end.by, end.buyer_notice) == (Outcome.OVERTAKEN, decider, "")


def test_an_approval_whose_lines_were_cancelled_otherwise_is_not_overruled() -> None:
    assert end_of(canceled_at_tiktok(with_answer("approve told"), "SELLER"), "CLOSED").overruled == ""


def test_the_seller_s_cancellation_of_a_single_line_overtakes_a_request_for_it() -> None:
    record = wished(requested(line_ids=(LINE_1,)), a_wish(line_ids=(LINE_1,)))
    one, two = some_lines()
    facts = some_facts(seen_after=timedelta(hours=5), lines=(replaced(one, canceled=True), two))
    assert end_of(seen(facts, record, at=ASKED + minutes(70)), "CLOSED")[:2] == (Outcome.OVERTAKEN, Decider.SELLER)


def replaced(line: Any, **changes: Any) -> Any:
    return type(line)(**({"id": line.id, "sku": line.sku} | changes))


@pytest.mark.parametrize("wish", [a_wish(line_ids=("9",)), a_wish(line_ids=(LINE_2,))])
def test_a_seller_s_cancellation_of_something_else_overtakes_no_request(wish: Any) -> None:
    record = wished(requested(line_ids=(LINE_1,)), wish)
    assert end_of(canceled_at_tiktok(record, "SYSTEM"), "CLOSED")[:2] == (Outcome.OVERTAKEN, Decider.PLATFORM)


def test_a_request_some_of_whose_lines_live_was_not_overtaken() -> None:
    one, two = some_lines()
    facts = some_facts(seen_after=timedelta(hours=5), lines=(replaced(one, canceled=True), two))
    assert end_of(seen(facts, requested(), at=ASKED + minutes(70)), "CLOSED").outcome is Outcome.WITHDRAWN


def with_parcel(record: OrderRecord, source: Source) -> OrderRecord:
    report = a_report(source=source, shipped_at=ASKED + timedelta(hours=1))
    return applied(record, parcel_reported(record, report, ASKED + timedelta(hours=1)))


@pytest.mark.parametrize(("source", "decider"), [(Source.OMS, Decider.OMS), (Source.CHANNELADVISOR, Decider.SELLER)])
def test_a_parcel_at_tiktok_has_rejected_the_request(source: Source, decider: Decider) -> None:
    record = with_parcel(requested(), source)
    record = told(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1", at=ASKED + timedelta(hours=1.5))
    assert end_of(record, "CLOSED") == End(Outcome.REJECTED, decider, "", REJECTION)


def test_a_parcel_that_rejected_a_request_before_it_was_first_seen() -> None:
    record = told(with_parcel(handed_over(), Source.OMS), Target.TIKTOK_SHOP, Action.SHIP, "oms-S1", at=ASKED)
    change = cancellation_change(record, cancel_facts("CLOSED", seen_after=TWO_HOURS))
    assert change is not None
    assert (change.cancellations[0].outcome, change.cancellations[0].decided_by) == (Outcome.REJECTED, Decider.OMS)


def test_a_parcel_shipped_in_seller_center_has_rejected_the_request() -> None:
    lines = some_lines(package_id="P1", tracking_number="T1", shipped=True)
    facts = some_facts("AWAITING_COLLECTION", seen_after=timedelta(hours=5), lines=lines)
    record = seen(facts, requested(), at=ASKED + minutes(70))
    assert end_of(record, "CLOSED") == End(Outcome.REJECTED, Decider.SELLER, "", REJECTION)


def test_a_parcel_shipped_in_seller_center_overrules_an_approval() -> None:
    lines = some_lines(package_id="P1", tracking_number="T1", shipped=True)
    facts = some_facts("AWAITING_COLLECTION", seen_after=timedelta(hours=5), lines=lines)
    record = seen(facts, with_answer("approve untold"), at=ASKED + minutes(70))
    assert end_of(record, "CLOSED") == End(Outcome.REJECTED, Decider.SELLER, "APPROVE", REJECTION)


def test_lines_shipped_without_a_tracking_number_have_rejected_the_request() -> None:
    facts = some_facts("AWAITING_COLLECTION", seen_after=timedelta(hours=5))
    record = seen(facts, requested(), at=ASKED + minutes(70))
    assert end_of(record, "CLOSED")[:2] == (Outcome.REJECTED, Decider.SELLER)


def test_a_parcel_that_tiktok_was_never_told_of_rejected_nothing() -> None:
    record = with_parcel(with_answer("approve told"), Source.OMS)
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING
    assert end_of(record, "CLOSED") == End(Outcome.WITHDRAWN, Decider.BUYER)


def test_a_refused_parcel_rejected_nothing() -> None:
    record = applied(requested(), parcel_reported(requested(), a_report(tracking_number=""), NOON))
    assert end_of(record, "CLOSED")[:2] == (Outcome.WITHDRAWN, Decider.BUYER)


def test_a_rejection_that_tiktok_does_not_take_is_the_answer_all_the_same_when_a_parcel_has_closed_the_request() -> (
    None
):
    record = with_answer("reject untold")
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.REJECT_CANCEL_REQUEST, CANCEL_ID)
    record = applied(record, decide_dropped(record, entry, ASKED + timedelta(hours=1), reason="not offered"))
    record = told(with_parcel(record, Source.OMS), Target.TIKTOK_SHOP, Action.SHIP, "oms-S1", at=ASKED + TWO_HOURS)
    assert end_of(record, "CLOSED") == End(Outcome.REJECTED, Decider.OMS, "", REJECTION)


@pytest.mark.parametrize("answer", ["approve untold", "reject untold"])
@pytest.mark.parametrize("status", ["GRANTED", "CLOSED"])
def test_an_answer_that_comes_too_late_is_not_told_any_more(answer: str, status: str) -> None:
    record = with_answer(answer)
    record = applied(record, cancellation_change(record, cancel_facts(status, seen_after=TWO_HOURS)))
    action = ACTIONS[Answer(answer.partition(" ")[0].upper())]
    assert the_entry(record, Target.TIKTOK_SHOP, action, CANCEL_ID).state is EntryState.WITHDRAWN


@pytest.mark.parametrize("answer", ["approve sending", "reject told", "approve doubtful"])
def test_an_answer_that_may_have_been_told_is_left_as_it_is(answer: str) -> None:
    record = with_answer(answer)
    action = ACTIONS[Answer(answer.partition(" ")[0].upper())]
    before = the_entry(record, Target.TIKTOK_SHOP, action, CANCEL_ID)
    record = applied(record, cancellation_change(record, cancel_facts("CLOSED", seen_after=TWO_HOURS)))
    assert the_entry(record, Target.TIKTOK_SHOP, action, CANCEL_ID) == before
