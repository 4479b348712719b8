"""Returns beside all else that happens to an order: parts of it, cancellations, replacements, nothing paid (OP C18)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.money import Money
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.refunds import refunded
from order_sync.domain.returning.replacements import decide_replaced
from order_sync.domain.returning.returns import Refund, ReturnLine, SellerRefundState
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    ORDER_ID,
    TIMING,
    a_shop,
    applied,
    cancel_facts,
    cancellation_change,
    events_of,
    handed_over,
    seen,
    some_facts,
)
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    BOTH,
    CANCEL,
    COMPLETE,
    HOUR,
    RETURN_ID,
    SUCCESS,
    TO_SHIP,
    WANTED,
    answered,
    answers_told,
    dollars,
    due_change,
    facts_of,
    notes,
    refund_reported,
    refunds_told,
    return_change,
    return_facts,
    shipped,
    shipped_facts,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

# --- after a part was shipped


def test_what_was_shipped_of_an_order_can_come_back_while_the_rest_waits() -> None:
    record = wanted_back(shipped(LINE_1))
    assert [line.state for line in record.order.lines] == [LineState.SHIPPED, LineState.OPEN]
    record = wanted_back(record, COMPLETE, after=HOUR)
    assert refunded(record) == dollars("18.90")
    assert [line.state for line in record.order.lines] == [LineState.SHIPPED, LineState.OPEN]


def test_the_seller_refunds_of_a_part_only_what_was_shipped() -> None:
    record = refund_reported(shipped(LINE_1), line_ids=())
    assert the_wish(record).line_ids == (LINE_1,)
    record = refund_reported(record, id="oms-32", line_ids=(LINE_2,))
    assert the_wish(record, "oms-32").detail == f"line {LINE_2} is not shipped: cancel it instead"


def test_a_return_does_not_hide_that_the_rest_is_shipped_later() -> None:
    record = wanted_back(shipped(LINE_1))
    facts = shipped_facts(updated_at=WANTED + HOUR)
    record = applied(record, decide_sighting(record, facts, a_shop(), TIMING, WANTED + HOUR))
    assert [line.state for line in record.order.lines] == [LineState.SHIPPED] * 2
    assert the_return(record).is_asked


def test_a_unit_whose_shipment_was_not_seen_yet_can_be_wanted_back() -> None:
    record = wanted_back(handed_over())
    assert the_return(record).is_asked


# --- a unit that is refunded already


def test_a_second_return_of_a_refunded_unit_is_recorded_and_its_excess_marked() -> None:
    record = wanted_back(status=COMPLETE, lines=the_lines(*BOTH))
    change = return_change(record, return_facts(COMPLETE, id=ANOTHER_ID, seen_after=HOUR))
    fact = facts_of(change)[-1]
    assert (fact.event, fact.detail["beyond_paid"]) == (Event.REFUND_CONFIRMED, "yes")
    assert fact.detail["refunded_in_all"] == "56.70 USD"


def test_a_second_return_of_a_refunded_unit_asks_the_seller_all_the_same() -> None:
    record = wanted_back(wanted_back(status=COMPLETE), id=ANOTHER_ID, after=HOUR)
    assert the_return(record, ANOTHER_ID).is_asked
    assert the_return(record).state is ReturnState.REFUNDED


def test_a_return_that_continues_another_names_it() -> None:
    record = wanted_back(wanted_back(status=CANCEL), id=ANOTHER_ID, follows=RETURN_ID, after=HOUR)
    assert the_return(record, ANOTHER_ID).follows == RETURN_ID


# --- beside a cancellation


def canceled_and_returned() -> OrderRecord:
    """The second unit was cancelled before the first was shipped, which then comes back."""
    record = handed_over()
    granted = cancel_facts("GRANTED", line_ids=(LINE_2,), updated_at=NOON + 5 * HOUR)
    record = applied(record, cancellation_change(record, granted))
    lines = tuple(
        replace(line, canceled=line.id == LINE_2, shipped=line.id == LINE_1) for line in shipped_facts(LINE_1).lines
    )
    return seen(shipped_facts(LINE_1, lines=lines), record, at=WANTED - HOUR)


def test_a_return_and_a_cancellation_of_one_order_leave_each_other_alone() -> None:
    before = canceled_and_returned()
    assert [line.state for line in before.order.lines] == [LineState.SHIPPED, LineState.CANCELED]
    record = wanted_back(wanted_back(before), COMPLETE, after=HOUR)
    assert record.cancellations == before.cancellations
    assert record.order.lines == before.order.lines
    assert [entry.subject for entry in refunds_told(record)] == [RETURN_ID]


def test_money_of_cancelled_units_is_not_in_the_refunds_of_returns() -> None:
    record = wanted_back(canceled_and_returned(), COMPLETE)
    assert refunded(record) == dollars("18.90")


def test_a_cancelled_unit_is_not_refunded_by_the_seller() -> None:
    record = refund_reported(canceled_and_returned(), line_ids=())
    assert the_wish(record).line_ids == (LINE_1,)
    record = refund_reported(record, id="oms-32", line_ids=(LINE_2,))
    assert the_wish(record, "oms-32").detail == f"line {LINE_2} is cancelled, and its money went back with that"


def test_an_order_that_is_cancelled_whole_keeps_its_return() -> None:
    record = wanted_back()
    granted = cancel_facts("GRANTED", is_request=False, updated_at=WANTED + HOUR)
    record = applied(record, cancellation_change(record, granted))
    assert the_return(record).is_asked
    record = wanted_back(record, COMPLETE, after=2 * HOUR)
    assert refunded(record) == dollars("18.90")


# --- withdrawn


def test_a_return_that_is_withdrawn_ends_all_that_waits_for_it() -> None:
    record = wanted_back(answered(wanted_back()), CANCEL, after=2 * HOUR)
    known = the_return(record)
    assert (known.state, known.next_due, known.is_asked) == (ReturnState.CLOSED, None, False)
    assert [entry.state.value for entry in answers_told(record)] == ["WITHDRAWN"]
    assert due_change(record, WANTED + timedelta(days=99)) is None
    assert refunds_told(record) == []
    assert refunded(record) is None


def test_what_was_withdrawn_can_be_wanted_back_again_by_another_return() -> None:
    record = wanted_back(wanted_back(status=CANCEL), id=ANOTHER_ID, after=HOUR)
    assert the_return(record, ANOTHER_ID).is_asked
    record = wanted_back(record, COMPLETE, id=ANOTHER_ID, after=2 * HOUR)
    assert refunded(record) == dollars("18.90")


@pytest.mark.parametrize("kind", [ReturnKind.REPLACEMENT, ReturnKind.EXCHANGE])
def test_a_replacement_that_was_sent_refunds_nothing(kind: ReturnKind) -> None:
    record = wanted_back(status=TO_SHIP, kind=kind)
    record = wanted_back(record, f"{kind}_REQUEST_COMPLETE", kind=kind, after=HOUR)
    assert the_return(record).state is ReturnState.REPLACED
    assert (refunded(record), refunds_told(record)) == (None, [])


@pytest.mark.parametrize("kind", [ReturnKind.REPLACEMENT, ReturnKind.EXCHANGE])
def test_a_replacement_that_becomes_a_refund_is_refunded(kind: ReturnKind) -> None:
    record = wanted_back(status=TO_SHIP, kind=kind)
    record = wanted_back(record, f"{kind}_REQUEST_REFUND_SUCCESS", kind=kind, after=HOUR)
    assert (refunded(record), len(refunds_told(record))) == (dollars("18.90"), 1)


# --- orders in the place of others


REPLACEMENT = OrderId("576461413038785999")


def test_an_order_that_another_one_replaces_names_it_once() -> None:
    record = shipped()
    change = decide_replaced(record, REPLACEMENT, WANTED)
    (fact,) = facts_of(change)
    assert (fact.event, fact.source, fact.detail) == (Event.ORDER_REPLACED, "TIKTOK_SHOP", {"by": REPLACEMENT})
    record = applied(record, change)
    assert record.order.replaced_by == (REPLACEMENT,)
    assert decide_replaced(record, REPLACEMENT, WANTED + HOUR) is None
    record = applied(record, decide_replaced(record, OrderId("9"), WANTED + HOUR))
    assert record.order.replaced_by == (REPLACEMENT, "9")


def test_an_order_that_is_replaced_goes_on_as_before() -> None:
    record = wanted_back()
    change = decide_replaced(record, REPLACEMENT, WANTED)
    assert change is not None
    assert (change.outbox, change.returns) == ((), ())
    assert change.order == replace(record.order, replaced_by=(REPLACEMENT,))


def test_a_replacement_names_the_order_in_whose_place_it_is() -> None:
    facts = some_facts(id=REPLACEMENT, replaces=ORDER_ID)
    change = decide_sighting(None, facts, a_shop(), TIMING, NOON)
    assert change is not None
    assert change.order.replaces == ORDER_ID
    assert (change.timeline[0].event, change.timeline[0].detail["replaces"]) == (Event.SEEN, ORDER_ID)


def test_most_orders_are_in_no_other_s_place() -> None:
    change = decide_sighting(None, some_facts(), a_shop(), TIMING, NOON)
    assert change is not None
    assert (change.order.replaces, change.order.replaced_by) == ("", ())
    assert "replaces" not in change.timeline[0].detail


# --- orders for which nothing was paid


def test_an_order_for_nothing_can_be_returned_and_refunds_nothing() -> None:
    nothing = Refund(currency="USD", total=Decimal("0.00"), goods=Decimal("0.00"))
    record = shipped(paid=dollars("0.00"))
    for status in (TO_SHIP, SUCCESS, COMPLETE):
        after = {TO_SHIP: HOUR, SUCCESS: 2 * HOUR, COMPLETE: 3 * HOUR}[status]
        record = wanted_back(
            record, status, after=after, lines=(ReturnLine(id=LINE_1, refund=nothing),), refund=nothing
        )
    assert the_return(record).state is ReturnState.REFUNDED
    assert (refunded(record), refunds_told(record)) == (dollars("0.00"), [])
    assert len(notes(record, Target.OMS)) == 1


def test_an_order_for_nothing_has_nothing_for_the_seller_to_refund() -> None:
    record = refund_reported(shipped(paid=dollars("0.00")), amount=dollars("1.00"))
    assert the_wish(record).state is SellerRefundState.REFUSED


# --- what was paid


def test_what_was_paid_is_the_most_that_tiktok_ever_showed() -> None:
    record = shipped(paid=None)
    assert record.order.paid is None
    for shown, kept in ((None, None), ("37.80", "37.80"), ("18.90", "37.80"), (None, "37.80"), ("40.00", "40.00")):
        moment = record.order.updated_at + HOUR
        facts = shipped_facts(paid=dollars(shown) if shown else None, updated_at=moment)
        record = seen(facts, record, at=moment)
        assert record.order.paid == (dollars(kept) if kept else None)


def test_a_payment_in_another_currency_than_before_is_not_believed() -> None:
    facts = shipped_facts(paid=Money(amount=Decimal("99.00"), currency="GBP"), updated_at=WANTED)
    assert seen(facts, shipped(), at=WANTED).order.paid == dollars("37.80")


def test_a_return_of_a_currency_that_turns_out_wrong_is_refused_from_then_on() -> None:
    pounds = Refund(currency="GBP", total=Decimal("9.00"), goods=Decimal("9.00"))
    lines = (ReturnLine(id=LINE_1, refund=pounds),)
    record = wanted_back(shipped(paid=None), lines=lines, refund=pounds)
    record = seen(shipped_facts(updated_at=WANTED + HOUR), record, at=WANTED + HOUR)
    with pytest.raises(RejectedError, match="several currencies: GBP, USD"):
        return_change(record, return_facts(COMPLETE, seen_after=2 * HOUR, lines=lines, refund=pounds))


def test_returns_are_no_news_for_the_order_s_own_state() -> None:
    before = shipped()
    change = return_change(before, return_facts())
    assert change is not None
    assert (change.order, change.parcels, change.deadlines) == (before.order, (), before.deadlines)
    assert events_of(change) == [Event.RETURN_REQUESTED, Event.RETURN_QUESTION_OPENED]
    assert {entry.action for entry in change.outbox} == {Action.NOTE_RETURN}
