"""Who is told that something was cancelled, and what has left and must come back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.cancelling.news import CANCELED_FIRST, parcels_to_recover
from order_sync.domain.facts import LineFacts
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_failed, decide_not_told
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    NOON,
    a_report,
    a_shop_without_oms,
    a_wish,
    answered,
    applied,
    claimed,
    created,
    entry_for,
    handed_over,
    parcel_reported,
    released,
    requested,
    seen,
    settled,
    some_facts,
    some_lines,
    the_entry,
    told,
    wished,
    with_entry,
)

LATER = ASKED + timedelta(hours=1)
LINE_3 = LineId("577086512123755125")
NEWS = (Action.CANCEL_ORDER, Action.CANCEL_LINE)
type Telling = tuple[Target, Action, str]


def news(record: OrderRecord) -> set[Telling]:
    return {
        (e.target, e.action, e.subject)
        for e in record.outbox
        if e.action in NEWS and e.state is not EntryState.WITHDRAWN
    }


def canceled(
    record: OrderRecord, *lines: LineId, after: float = 5, shop: ShopSettings | None = None, **changes: Any
) -> OrderRecord:
    """The record after TikTok Shop shows these lines as cancelled, or the whole order."""
    status = "AWAITING_SHIPMENT" if lines else "CANCELLED"
    shown = tuple(replace(line, canceled=not lines or line.id in lines) for line in changes.pop("lines", some_lines()))
    facts = some_facts(status, seen_after=timedelta(hours=after), lines=shown, **changes)
    return seen(facts, record, shop=shop, at=LATER)


def with_parcel(record: OrderRecord, shop: ShopSettings | None = None, **changes: Any) -> OrderRecord:
    return applied(record, parcel_reported(record, a_report(**changes), NOON + timedelta(hours=3), shop))


def shipped_to_channeladvisor(record: OrderRecord) -> OrderRecord:
    return told(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1", at=NOON + timedelta(hours=3))


def recoveries(record: OrderRecord) -> list[OutboxEntry]:
    return [entry for entry in record.outbox if entry.revision.startswith("recovery")]


def test_whoever_has_a_cancelled_order_is_told() -> None:
    assert news(canceled(handed_over())) == {
        (Target.CHANNELADVISOR, Action.CANCEL_ORDER, "order"),
        (Target.OMS, Action.CANCEL_ORDER, "order"),
    }


def test_whoever_has_not_got_a_cancelled_order_never_gets_it() -> None:
    record = canceled(released())
    assert news(record) == set()
    assert {entry.state for entry in record.outbox if entry.action is Action.CREATE_ORDER} == {EntryState.WITHDRAWN}


def test_who_is_just_being_given_the_order_is_told_right_after() -> None:
    record = canceled(claimed(released(), Target.CHANNELADVISOR, Action.CREATE_ORDER))
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER)
    assert (entry.due_at, entry.waits_for) == (None, "CHANNELADVISOR#CREATE_ORDER#order#1")


def test_single_cancelled_units_are_told_as_such() -> None:
    assert news(canceled(handed_over(), LINE_2)) == {
        (Target.CHANNELADVISOR, Action.CANCEL_LINE, LINE_2),
        (Target.OMS, Action.CANCEL_LINE, LINE_2),
    }


def test_a_unit_is_told_once() -> None:
    once = canceled(handed_over(), LINE_2)
    again = canceled(once, LINE_2, after=6, recipient="f2")
    assert news(again) == news(once)


@pytest.mark.parametrize(
    ("source", "others"), [(Source.OMS, Target.CHANNELADVISOR), (Source.CHANNELADVISOR, Target.OMS)]
)
def test_who_started_it_is_not_told(source: Source, others: Target) -> None:
    record = canceled(wished(handed_over(), a_wish(source=source)))
    assert news(record) == {(others, Action.CANCEL_ORDER, "order")}


@pytest.mark.parametrize("source", [Source.OMS, Source.CHANNELADVISOR])
def test_who_started_it_for_one_unit_is_told_of_the_others_one_by_one(source: Source) -> None:
    record = canceled(wished(handed_over(), a_wish(source=source, line_ids=(LINE_1,))))
    starter = Target(source.value)
    (other,) = {Target.OMS, Target.CHANNELADVISOR} - {starter}
    assert news(record) == {(starter, Action.CANCEL_LINE, LINE_2), (other, Action.CANCEL_ORDER, "order")}


def test_who_was_refused_is_told_when_it_is_cancelled_after_all() -> None:
    record = canceled(wished(handed_over(), a_wish(line_ids=(LINE_1, LineId("9")))))
    assert (Target.OMS, Action.CANCEL_ORDER, "order") in news(record)


def test_units_that_left_are_never_told_to_channeladvisor_for_it_would_refund_them() -> None:
    record = shipped_to_channeladvisor(with_parcel(handed_over(), line_ids=(LINE_1,)))
    record = canceled(record)
    assert news(record) == {
        (Target.CHANNELADVISOR, Action.CANCEL_LINE, LINE_2),
        (Target.OMS, Action.CANCEL_LINE, LINE_2),
    }


def test_an_order_that_left_as_a_whole_is_told_to_nobody_but_recovered() -> None:
    record = canceled(shipped_to_channeladvisor(with_parcel(handed_over())))
    assert news(record) == set()
    assert [entry.name for entry in recoveries(record)] == ["OMS#RECOVER_PARCELS#order#recovery-1"]


def test_a_parcel_that_channeladvisor_was_not_told_of_does_not_stop_its_cancellation() -> None:
    record = canceled(with_parcel(handed_over()))
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.WITHDRAWN
    assert news(record) == {(Target.CHANNELADVISOR, Action.CANCEL_ORDER, "order")}


def test_a_parcel_that_channeladvisor_may_have_been_told_of_stops_its_cancellation() -> None:
    record = claimed(with_parcel(handed_over()), Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    assert news(canceled(record)) == set()


def test_a_parcel_that_did_not_reach_channeladvisor_after_all_does_not_stop_its_cancellation() -> None:
    record = canceled(claimed(with_parcel(handed_over()), Target.CHANNELADVISOR, Action.SHIP, "oms-S1"))
    # The attempt met an outage; the next one finds nothing left to ship.
    ship = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    record = with_entry(record, ship, state=EntryState.WAITING, due_at=LATER, claimed_until=None)
    ship = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    record = applied(record, decide_not_told(record, ship, LATER, reason="all lines of the parcel were cancelled"))
    assert news(record) == {(Target.CHANNELADVISOR, Action.CANCEL_ORDER, "order")}


def test_a_parcel_shipped_in_channeladvisor_is_known_there_and_not_yet_to_the_oms() -> None:
    record = canceled(with_parcel(handed_over(), id=ParcelId("ca-9"), source=Source.CHANNELADVISOR))
    assert news(record) == {(Target.OMS, Action.CANCEL_ORDER, "order")}


def test_a_refused_parcel_stops_no_cancellation() -> None:
    record = canceled(with_parcel(handed_over(), tracking_number=""))
    assert len(news(record)) == 2
    assert recoveries(record) == []


def test_the_rest_of_an_order_is_cancelled_as_a_whole_where_single_units_were_told_before() -> None:
    record = canceled(canceled(handed_over(), LINE_2), after=6)
    assert record.order.state is OrderState.CANCELED
    assert news(record) == {
        (Target.CHANNELADVISOR, Action.CANCEL_ORDER, "order"),
        (Target.OMS, Action.CANCEL_ORDER, "order"),
    }


def test_single_units_that_were_told_stay_told_when_the_whole_order_is_cancelled() -> None:
    record = told(canceled(handed_over(), LINE_2), Target.OMS, Action.CANCEL_LINE, LINE_2, at=LATER)
    record = canceled(record, after=6)
    assert the_entry(record, Target.OMS, Action.CANCEL_LINE, LINE_2).state is EntryState.DONE
    assert (Target.OMS, Action.CANCEL_ORDER, "order") in news(record)


def test_what_was_cancelled_after_it_left_is_recovered_by_the_oms() -> None:
    record = canceled(with_parcel(handed_over()))
    (entry,) = recoveries(record)
    assert (entry.name, entry.due_at) == ("OMS#RECOVER_PARCELS#order#recovery-1", LATER)


def test_people_recover_a_parcel_where_no_oms_has_the_order() -> None:
    shop = a_shop_without_oms()
    record = with_parcel(created(released(shop)), shop, source=Source.CHANNELADVISOR)
    record = canceled(record, shop=shop)
    assert [entry.name for entry in recoveries(record)] == ["OPERATOR#NOTIFY#order#recovery-1"]


def test_people_recover_a_parcel_of_an_order_that_the_oms_was_never_given() -> None:
    record = canceled(with_parcel(created(released()), source=Source.CHANNELADVISOR))
    assert [entry.name for entry in recoveries(record)] == ["OPERATOR#NOTIFY#order#recovery-1"]


def test_an_oms_that_is_just_being_given_the_order_recovers_right_after() -> None:
    record = claimed(created(released()), Target.OMS, Action.CREATE_ORDER)
    (entry,) = recoveries(canceled(with_parcel(record, source=Source.CHANNELADVISOR)))
    assert entry.target is Target.OMS
    assert (entry.due_at, entry.waits_for) == (None, "OMS#CREATE_ORDER#order#1")


def test_every_further_parcel_is_recovered_anew_and_none_twice() -> None:
    three = (*some_lines(), LineFacts(id=LINE_3, sku="CAP"))
    record = canceled(handed_over(), LINE_1, LINE_2, lines=three)
    numbers = []
    for parcel, lines in (("A", (LINE_1,)), ("B", (LINE_3,)), ("C", (LINE_2,)), ("C", (LINE_2,))):
        record = with_parcel(record, id=ParcelId(f"oms-{parcel}"), tracking_number=parcel, line_ids=lines)
        numbers.append([entry.revision for entry in recoveries(record)])
    assert numbers == [
        ["recovery-1"],
        ["recovery-1"],
        ["recovery-1", "recovery-2"],
        ["recovery-1", "recovery-2"],
    ]
    assert [parcel.tracking_number for parcel in parcels_to_recover(record)] == ["A", "C"]


def test_a_parcel_reported_after_the_cancellation_is_recovered_though_nobody_is_told_of_it() -> None:
    change = parcel_reported(canceled(handed_over()), a_report(), LATER)
    assert change is not None
    (parcel,) = change.parcels
    assert (parcel.refused, parcel.line_ids) == (CANCELED_FIRST, (LINE_1, LINE_2))
    assert [fact.event for fact in change.timeline] == [Event.FAILED, Event.RECOVERY_NEEDED]
    assert change.timeline[-1].detail == {"tracking_numbers": "9400100000000000000000"}
    assert [entry.action for entry in change.outbox] == [Action.RECOVER_PARCELS]
    record = applied(canceled(handed_over()), change)
    assert parcel_reported(record, a_report(), LATER) is None


def test_nobody_recovers_what_did_not_leave() -> None:
    record = canceled(with_parcel(handed_over(), line_ids=(LINE_1,)), LINE_2)
    assert recoveries(record) == []


def test_what_somebody_else_shipped_is_not_ours_to_recover() -> None:
    lines = some_lines(package_id="P1", tracking_number="T1", shipped=True)
    record = seen(
        some_facts("IN_TRANSIT", seen_after=timedelta(hours=3), fulfillment_type="FULFILLMENT_BY_TIKTOK", lines=lines)
    )
    record = canceled(record, lines=lines, fulfillment_type="FULFILLMENT_BY_TIKTOK")
    assert record.order.state is OrderState.CANCELED
    assert recoveries(record) == []


def test_what_is_pointless_for_a_cancelled_order_is_not_told_any_more() -> None:
    record = canceled(requested(with_parcel(handed_over(), source=Source.CHANNELADVISOR)))
    pointless = {
        entry.action: entry.state
        for entry in record.outbox
        if entry.action in (Action.SHIP, Action.NOTE_PARCEL, Action.NOTE_CANCEL_REQUEST, Action.SET_REFERENCE)
    }
    assert set(pointless) == {Action.SHIP, Action.NOTE_PARCEL, Action.NOTE_CANCEL_REQUEST, Action.SET_REFERENCE}
    assert set(pointless.values()) == {EntryState.WITHDRAWN}


def test_a_granted_request_for_an_order_whose_parcel_is_held_back_recovers_it() -> None:
    record = with_parcel(answered(requested()))
    record = settled(canceled(record, canceled_by="BUYER"), "GRANTED", timedelta(hours=2))
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WITHDRAWN
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.WITHDRAWN
    assert [entry.name for entry in recoveries(record)] == ["OMS#RECOVER_PARCELS#order#recovery-1"]


def test_a_granted_unit_whose_parcel_is_held_back_is_cancelled_and_recovered() -> None:
    record = with_parcel(answered(requested(line_ids=(LINE_1,))), line_ids=(LINE_1,))
    record = settled(canceled(record, LINE_1), "GRANTED", timedelta(hours=2))
    assert (Target.CHANNELADVISOR, Action.CANCEL_LINE, LINE_1) in news(record)
    assert len(recoveries(record)) == 1
    # Whoever would be told of the parcel now skips it: all of its lines are cancelled.
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").waits_for == ""


def test_a_granted_unit_in_a_parcel_with_others_lets_the_others_be_shipped() -> None:
    record = with_parcel(answered(requested(line_ids=(LINE_1,))))
    record = settled(canceled(record, LINE_1), "GRANTED", timedelta(hours=2))
    ship = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    assert (ship.state, ship.waits_for) == (EntryState.WAITING, "")
    assert ship.due_at is not None
    assert len(recoveries(record)) == 1


def test_a_failed_cancellation_of_what_had_left_there_is_forgiven_once_that_parcel_is_reported() -> None:
    record = canceled(handed_over())
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER)
    record = applied(record, decide_failed(record, entry, LATER, reason="something is shipped there"))
    record = with_parcel(record, id=ParcelId("channeladvisor-9"), source=Source.CHANNELADVISOR, line_ids=(LINE_1,))

    assert the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER).state is EntryState.WITHDRAWN
    assert entry_for(record, Target.CHANNELADVISOR, Action.CANCEL_LINE, LINE_1) is None
    assert entry_for(record, Target.CHANNELADVISOR, Action.CANCEL_LINE, LINE_2) is not None
