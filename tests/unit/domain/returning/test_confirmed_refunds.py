"""A refund that TikTok Shop has made: on the timeline once with the order's total, and told to ChannelAdvisor once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import EntryState, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.by_seller import decide_refund_started
from order_sync.domain.returning.returns import Refund, ReturnLine
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.timeline import Event, TimelineEntry
from tests.builders import LINE_1, LINE_2, applied, released, some_lines
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    BOTH,
    COMPLETE,
    HOUR,
    REJECT,
    RETURN_ID,
    SUCCESS,
    TO_SHIP,
    WANTED,
    a_refund,
    dollars,
    ended,
    facts_of,
    not_ours,
    refund_entry,
    refund_reported,
    refunds_told,
    return_change,
    return_facts,
    shipped,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

REFUNDED = (COMPLETE, "REPLACEMENT_REQUEST_REFUND_SUCCESS", "EXCHANGE_REQUEST_REFUND_SUCCESS")
IN_CHANNELADVISOR: dict[str, Any] = {
    "id": "channeladvisor-9",
    "source": Source.CHANNELADVISOR,
    "line_ids": (),
    "units": (("TEE-BLU-M", 1),),
    "amount": dollars("18.90"),
}


def confirmation(change: Change | None) -> TimelineEntry:
    (fact,) = (fact for fact in facts_of(change) if fact.event is Event.REFUND_CONFIRMED)
    return fact


@pytest.mark.parametrize("status", REFUNDED)
def test_a_refund_is_confirmed_with_its_units_and_the_order_s_total(status: str) -> None:
    fact = confirmation(return_change(wanted_back(), return_facts(status, seen_after=HOUR)))
    assert (fact.source, fact.happened_at) == (Source.TIKTOK_SHOP, WANTED + HOUR)
    assert fact.detail == {
        "return_id": RETURN_ID,
        "lines": LINE_1,
        "refund": "18.90 USD",
        "refunded_in_all": "18.90 USD",
        "paid": "37.80 USD",
    }


def test_a_refund_that_is_first_seen_when_it_is_made_is_confirmed_as_well() -> None:
    record = wanted_back(status=COMPLETE)
    assert the_return(record).refunded_at == WANTED
    assert [entry.target for entry in refunds_told(record)] == [Target.CHANNELADVISOR]


@pytest.mark.parametrize("status", [SUCCESS, TO_SHIP, "EXCHANGE_REQUEST_COMPLETE", "REPLACEMENT_REQUEST_COMPLETE"])
def test_nothing_is_confirmed_before_it_is_made_or_where_goods_are_sent_instead(status: str) -> None:
    change = return_change(wanted_back(), return_facts(status, seen_after=HOUR))
    assert Event.REFUND_CONFIRMED not in [fact.event for fact in facts_of(change)]
    record = applied(wanted_back(), change)
    assert (refunds_told(record), the_return(record).refunded_at) == ([], None)


def test_the_totals_of_an_order_add_up_return_by_return() -> None:
    record = wanted_back(status=COMPLETE, refund=a_refund(total=Decimal("18.91")))
    second = return_facts(COMPLETE, id=ANOTHER_ID, lines=the_lines(LINE_2), seen_after=HOUR)
    fact = confirmation(return_change(record, second))
    assert (fact.detail["refund"], fact.detail["refunded_in_all"]) == ("18.90 USD", "37.81 USD")
    assert fact.detail["beyond_paid"] == "yes"


@pytest.mark.parametrize(("total", "beyond"), [("37.79", ""), ("37.80", ""), ("37.81", "yes")])
def test_more_than_was_paid_is_marked(total: str, beyond: str) -> None:
    facts = return_facts(COMPLETE, lines=the_lines(*BOTH), refund=a_refund(2, total=Decimal(total)))
    assert confirmation(return_change(shipped(), facts)).detail.get("beyond_paid", "") == beyond


def test_where_nobody_knows_what_was_paid_nothing_is_beyond_it() -> None:
    detail = confirmation(return_change(shipped(paid=None), return_facts(COMPLETE))).detail
    assert {"paid", "beyond_paid"}.isdisjoint(detail)
    assert detail["refunded_in_all"] == "18.90 USD"


def test_a_refund_by_units_alone_is_their_sum() -> None:
    facts = return_facts(COMPLETE, lines=the_lines(*BOTH), refund=None)
    assert confirmation(return_change(shipped(), facts)).detail["refund"] == "37.80 USD"


def test_channeladvisor_is_told_once_of_each_return() -> None:
    record = wanted_back(wanted_back(status=SUCCESS), COMPLETE, after=HOUR)
    record = wanted_back(record, COMPLETE, after=2 * HOUR)
    (entry,) = refunds_told(record)
    assert (entry.name, entry.due_at) == (f"CHANNELADVISOR#REFUND_LINES#{RETURN_ID}#1", WANTED + HOUR + HOUR / 12)
    record = wanted_back(record, COMPLETE, after=3 * HOUR, id=ANOTHER_ID, lines=the_lines(LINE_2))
    assert [each.subject for each in refunds_told(record)] == [RETURN_ID, ANOTHER_ID]


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_channeladvisor_is_not_told_of_what_is_not_ours(handling: Handling) -> None:
    change = return_change(not_ours(shipped(), handling), return_facts(COMPLETE))
    assert confirmation(change).detail["refund"] == "18.90 USD"
    assert change is not None
    assert change.outbox == ()


def test_channeladvisor_is_told_after_it_gets_an_order_that_it_does_not_have_yet() -> None:
    (entry,) = refunds_told(wanted_back(released(), COMPLETE))
    assert (entry.waits_for, entry.due_at) == ("CHANNELADVISOR#CREATE_ORDER#order#1", None)


@pytest.mark.parametrize("units", [1, 2])
def test_nothing_is_told_of_a_refund_of_nothing(units: int) -> None:
    nothing = Refund(currency="USD", total=Decimal("0.00"), goods=Decimal("0.00"))
    lines = tuple(ReturnLine(id=line.id, refund=nothing) for line in some_lines()[:units])
    for whole in (nothing, None):
        change = return_change(shipped(paid=dollars("0.00")), return_facts(COMPLETE, lines=lines, refund=whole))
        detail = confirmation(change).detail
        assert (detail["refund"], detail["paid"]) == ("0.00 USD", "0.00 USD")
        assert "beyond_paid" not in detail
        assert refunds_told(applied(shipped(), change)) == []


def test_nothing_is_told_of_a_refund_of_fees_alone() -> None:
    fees = Refund(currency="USD", total=Decimal("0.50"), goods=Decimal(0), other=Decimal("0.50"))
    record = wanted_back(status=COMPLETE, lines=(ReturnLine(id=LINE_1, refund=fees),), refund=fees)
    assert refunds_told(record) == []


def test_a_refund_without_amounts_is_not_lost_on_the_way_to_channeladvisor() -> None:
    record = wanted_back(status=COMPLETE, lines=(ReturnLine(id=LINE_1),), refund=None)
    (entry,) = refunds_told(record)
    assert entry.state is EntryState.WAITING


def test_amounts_that_come_after_the_refund_confirm_it_and_what_failed_for_want_of_them_goes_again() -> None:
    record = wanted_back(status=COMPLETE, lines=(ReturnLine(id=LINE_1),), refund=None)
    record = ended(record, refunds_told(record)[0], EntryState.FAILED)
    change = return_change(record, return_facts(COMPLETE, seen_after=9 * HOUR))
    assert [fact.event for fact in facts_of(change)] == [Event.RETURN_CHANGED, Event.REFUND_CONFIRMED]
    assert facts_of(change)[1].detail["refunded_in_all"] == "18.90 USD"
    record = applied(record, change)
    assert (the_return(record).money, the_return(record).refunded_at) == (dollars("18.90"), WANTED)
    (entry,) = refunds_told(record)
    assert (entry.state, entry.due_at) == (EntryState.WAITING, WANTED + 9 * HOUR + timedelta(minutes=5))


def test_a_refund_that_the_oms_started_is_told_to_channeladvisor() -> None:
    record = refund_reported()
    record = started(record, refund_entry(record).subject)
    record = wanted_back(record, COMPLETE, after=3 * HOUR, kind=ReturnKind.REFUND)
    assert len(refunds_told(record)) == 1


def started(record: OrderRecord, refund: str) -> OrderRecord:
    entry = refund_entry(record, refund)
    return applied(record, decide_refund_started(record, entry, WANTED + 2 * HOUR, return_id=RETURN_ID))


def test_a_refund_that_channeladvisor_started_is_not_told_to_it() -> None:
    record = started(refund_reported(**IN_CHANNELADVISOR), "channeladvisor-9")
    record = wanted_back(record, SUCCESS, after=3 * HOUR, kind=ReturnKind.REFUND)
    record = wanted_back(record, COMPLETE, after=4 * HOUR, kind=ReturnKind.REFUND)
    assert refunds_told(record) == []


def test_a_refund_that_channeladvisor_started_and_that_becomes_the_buyer_s_is_not_told_to_it() -> None:
    record = refund_reported(wanted_back(kind=ReturnKind.REFUND), **IN_CHANNELADVISOR)
    assert the_wish(record, "channeladvisor-9").return_id == RETURN_ID
    assert refunds_told(wanted_back(record, COMPLETE, after=4 * HOUR, kind=ReturnKind.REFUND)) == []


def test_a_refund_that_channeladvisor_started_and_tiktok_refused_is_told_when_the_buyer_gets_it_after_all() -> None:
    record = wanted_back(status=TO_SHIP)
    record = refund_reported(record, **(IN_CHANNELADVISOR | {"units": (), "line_ids": (LINE_1,)}))
    assert the_wish(record, "channeladvisor-9").state == "REFUSED"
    assert len(refunds_told(wanted_back(record, COMPLETE, after=4 * HOUR))) == 1


def test_a_refund_that_was_refused_with_the_buyer_s_return_is_told_when_tiktok_overrules_that() -> None:
    record = refund_reported(wanted_back(kind=ReturnKind.REFUND), **IN_CHANNELADVISOR)
    record = wanted_back(record, REJECT, after=3 * HOUR, kind=ReturnKind.REFUND)
    wish = the_wish(record, "channeladvisor-9")
    assert (wish.state, wish.return_id) == ("REFUSED", RETURN_ID)
    assert len(refunds_told(wanted_back(record, COMPLETE, after=4 * HOUR, kind=ReturnKind.REFUND))) == 1


def test_another_refund_in_channeladvisor_does_not_stand_for_this_one() -> None:
    record = started(refund_reported(**IN_CHANNELADVISOR), "channeladvisor-9")
    record = wanted_back(record, COMPLETE, after=4 * HOUR, id=ANOTHER_ID, lines=the_lines(LINE_2))
    assert [entry.subject for entry in refunds_told(record)] == [ANOTHER_ID]


def lost_answer() -> OrderRecord:
    """ChannelAdvisor refunds; TikTok Shop has made a return of it and refunded, and its answer was lost."""
    record = refund_reported(**IN_CHANNELADVISOR)
    entry = refund_entry(record, "channeladvisor-9")
    record = ended(record, entry, EntryState.WAITING, in_doubt=True)
    return wanted_back(record, COMPLETE, after=3 * HOUR, kind=ReturnKind.REFUND)


def test_a_refund_whose_answer_was_lost_is_not_told_to_channeladvisor_that_started_it() -> None:
    record = started(lost_answer(), "channeladvisor-9")
    assert the_wish(record, "channeladvisor-9").state == "ACCEPTED"
    assert [entry.state for entry in refunds_told(record)] in ([], [EntryState.WITHDRAWN])
