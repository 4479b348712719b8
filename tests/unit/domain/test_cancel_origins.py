"""Who cancelled something and why, as far as it is known."""

from dataclasses import replace
from typing import Any

import pytest

from order_sync.domain.cancelling.cancellations import Cancellation, Initiator, Outcome
from order_sync.domain.cancelling.origins import Origin, cancellation_of, origin_of, seller_cancellation_of
from order_sync.domain.ids import CancelId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import OrderRecord
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    a_cancellation,
    handed_over,
    minutes,
    requested,
    the_entry,
    wished,
)


def ended(number: int = 1, outcome: Outcome | None = Outcome.APPROVED, **changes: Any) -> Cancellation:
    moment = ASKED + minutes(number)
    values: dict[str, Any] = {
        "id": CancelId(str(number)),
        "updated_at": moment,
        "outcome": outcome,
        "closed_at": moment,
    }
    return a_cancellation(**(values | changes))


def with_cancellations(*cancellations: Cancellation, canceled_by: str = "") -> OrderRecord:
    record = handed_over()
    return replace(record, order=replace(record.order, canceled_by=canceled_by), cancellations=cancellations)


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.APPROVED_AUTOMATICALLY, Outcome.AT_ONCE])
def test_a_granted_cancellation_names_its_starter_and_reason(outcome: Outcome) -> None:
    record = with_cancellations(ended(outcome=outcome, initiator=Initiator.SELLER, reason="r"), canceled_by="BUYER")
    assert origin_of(record, [LINE_2]) == Origin(initiator=Initiator.SELLER, reason="r", at=ASKED + minutes(1))


@pytest.mark.parametrize("outcome", [None, Outcome.REJECTED, Outcome.WITHDRAWN, Outcome.OVERTAKEN])
def test_a_cancellation_that_was_not_granted_cancelled_nothing(outcome: Outcome | None) -> None:
    record = with_cancellations(ended(outcome=outcome), canceled_by="SELLER")
    assert origin_of(record, [LINE_1]) == Origin(initiator=Initiator.SELLER)


def test_a_cancellation_of_other_lines_is_not_the_origin() -> None:
    record = with_cancellations(ended(line_ids=(LINE_1,)), canceled_by="SELLER")
    assert origin_of(record, [LINE_2]).initiator is Initiator.SELLER
    assert origin_of(record, [LINE_1, LINE_2]).initiator is Initiator.BUYER


def test_of_several_the_newest_counts() -> None:
    record = with_cancellations(
        ended(2, line_ids=(LINE_2,), initiator=Initiator.PLATFORM), ended(1, line_ids=(LINE_1,))
    )
    assert origin_of(record, [LINE_1, LINE_2]).initiator is Initiator.PLATFORM
    assert origin_of(record, [LINE_1]).initiator is Initiator.BUYER


@pytest.mark.parametrize(
    ("named", "initiator"),
    [
        ("BUYER", Initiator.BUYER),
        ("SELLER", Initiator.SELLER),
        ("SYSTEM", Initiator.PLATFORM),
        ("OPERATOR", Initiator.PLATFORM),
        ("", Initiator.PLATFORM),
    ],
)
def test_without_a_cancellation_the_order_names_who_it_was(named: str, initiator: Initiator) -> None:
    assert origin_of(with_cancellations(canceled_by=named), [LINE_1]) == Origin(initiator=initiator)


def test_an_entry_finds_its_cancellation() -> None:
    record = requested()
    entry = the_entry(record, Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID)
    assert cancellation_of(entry, record).id == CANCEL_ID
    with pytest.raises(LookupError, match=CANCEL_ID):
        cancellation_of(entry, handed_over())


def test_an_entry_finds_its_seller_s_cancellation() -> None:
    record = wished(handed_over())
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")
    assert seller_cancellation_of(entry, record).id == "oms-17"
    with pytest.raises(LookupError, match="oms-17"):
        seller_cancellation_of(entry, handed_over())
