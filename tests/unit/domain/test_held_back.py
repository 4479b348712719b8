"""What is not told while a cancellation is open."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer
from order_sync.domain.cancelling.by_seller import decide_refused_by_tiktok
from order_sync.domain.cancelling.held_back import why_creation_waits, why_parcel_waits
from order_sync.domain.ids import LineId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import OrderRecord
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_wish,
    answered,
    applied,
    handed_over,
    parcel_reported,
    released,
    requested,
    seen,
    settled,
    some_facts,
    the_entry,
    wished,
)

LATER = ASKED + timedelta(hours=1)
NEXT_TRY = LATER + TIMING.cycle
BUYER = "the buyer has asked to cancel"


def hinted(record: OrderRecord, *, cancel_requested: bool = True) -> OrderRecord:
    facts = some_facts(seen_after=timedelta(hours=4), cancel_requested=cancel_requested)
    return seen(facts, record, at=ASKED)


def creation_waits(record: OrderRecord) -> str:
    return why_creation_waits(record, the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER), NEXT_TRY)


def parcel_waits(record: OrderRecord, lines: tuple[LineId, ...] = (), **changes: Any) -> str:
    report = a_report(line_ids=lines, **changes)
    record = applied(record, parcel_reported(record, report, LATER))
    return why_parcel_waits(record, the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1"), NEXT_TRY)


def test_nothing_speaks_against_telling_of_an_order_without_cancellations() -> None:
    assert creation_waits(released()) == ""
    assert parcel_waits(handed_over()) == ""


def test_an_order_is_not_handed_over_while_its_buyer_waits_for_an_answer() -> None:
    assert creation_waits(requested(released())) == BUYER
    assert creation_waits(settled(requested(released()), "CLOSED", timedelta(hours=1))) == ""


def test_an_order_is_not_handed_over_while_tiktok_hints_at_a_request() -> None:
    assert creation_waits(hinted(released())) == BUYER
    assert creation_waits(seen(some_facts(seen_after=timedelta(hours=5)), hinted(released()))) == ""


def test_an_order_is_not_handed_over_while_the_seller_cancels_it() -> None:
    record = wished(released())
    assert creation_waits(record) == "the seller is cancelling"
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")
    assert creation_waits(applied(record, decide_refused_by_tiktok(record, entry, LATER, reason="no"))) == ""


def test_a_refused_cancellation_of_the_seller_holds_up_nothing() -> None:
    assert creation_waits(wished(released(), a_wish(line_ids=(LineId("9"),)))) == ""


@pytest.mark.parametrize("answer", [None, *Answer])
def test_a_parcel_with_requested_lines_is_told(answer: Answer | None) -> None:
    record = requested(line_ids=(LINE_1,))
    assert parcel_waits(answered(record, answer) if answer else record, (LINE_1,)) == ""


def test_a_parcel_with_other_lines_waits_for_the_answer() -> None:
    record = requested(line_ids=(LINE_1,))
    assert parcel_waits(record, (LINE_2,)) == "the buyer has asked to cancel other lines"
    # TikTok Shop might still take the parcel for a rejection of what we approved.
    assert parcel_waits(answered(record), (LINE_2,)) == "the buyer has asked to cancel other lines"
    assert parcel_waits(answered(record, Answer.REJECT), (LINE_2,)) == ""
    assert parcel_waits(settled(record, "CLOSED", timedelta(hours=1)), (LINE_2,)) == ""


@pytest.mark.parametrize(("hours", "waits"), [(1, False), (1.25, False), (1.26, True), (72, True)])
def test_a_parcel_with_other_lines_waits_no_longer_than_its_own_deadline_allows(hours: float, *, waits: bool) -> None:
    record = requested(line_ids=(LINE_1,))
    deadline = ASKED + timedelta(hours=hours)
    record = replace(record, order=replace(record.order, ship_by=deadline, collect_by=None))
    assert bool(parcel_waits(record, (LINE_2,))) is waits


def test_a_parcel_without_a_deadline_of_its_own_waits_for_the_answer() -> None:
    record = requested(line_ids=(LINE_1,))
    record = replace(record, order=replace(record.order, ship_by=None, collect_by=None))
    assert parcel_waits(record, (LINE_2,)) != ""


def test_a_parcel_does_not_wait_for_a_request_that_tiktok_only_hints_at() -> None:
    assert parcel_waits(hinted(handed_over())) == ""
