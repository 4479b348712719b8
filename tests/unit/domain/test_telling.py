"""How a told entry ends: done, failed for a person, withdrawn, or replayed."""

from datetime import timedelta

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.telling import decide_failed, decide_not_told, decide_replay, decide_told
from order_sync.domain.timeline import Event
from tests.builders import (
    NOON,
    a_report,
    applied,
    claimed,
    created,
    events_of,
    handed_over,
    parcel_reported,
    released,
    the_entry,
    with_entry,
)

LATER = NOON + timedelta(hours=4)
EXPORT = (Target.CHANNELADVISOR, Action.MARK_EXPORTED)
CREATE = (Target.CHANNELADVISOR, Action.CREATE_ORDER)


def failed(record: OrderRecord, target: Target, action: Action) -> OrderRecord:
    record = claimed(record, target, action)
    return applied(record, decide_failed(record, the_entry(record, target, action), LATER, reason="no such SKU"))


def test_a_told_entry_is_done_and_leaves_the_queue() -> None:
    record = claimed(handed_over(), *EXPORT)
    change = decide_told(record, the_entry(record, *EXPORT), LATER)
    assert change is not None
    (entry,) = change.outbox
    assert (entry.state, entry.due_at, entry.claimed_until) == (EntryState.DONE, None, None)
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.TOLD, Source.CHANNELADVISOR)
    assert fact.detail == {"told": "MARK_EXPORTED", "subject": "order"}


@pytest.mark.parametrize("in_doubt", [True, False])
def test_a_failed_entry_says_whether_the_partner_may_have_it(*, in_doubt: bool) -> None:
    record = claimed(released(), *CREATE)
    change = decide_failed(record, the_entry(record, *CREATE), LATER, reason="not paid", in_doubt=in_doubt)
    assert change is not None
    (entry,) = change.outbox
    assert (entry.state, entry.may_have_been_told) == (EntryState.FAILED, in_doubt)


def test_a_failed_entry_keeps_its_reason_and_waits_for_a_person() -> None:
    record = claimed(handed_over(), *EXPORT)
    change = decide_failed(record, the_entry(record, *EXPORT), LATER, reason="no such order")
    assert change is not None
    (entry,) = change.outbox
    assert (entry.state, entry.due_at, entry.reason) == (EntryState.FAILED, None, "no such order")
    (fact,) = change.timeline
    assert (fact.event, fact.detail["reason"], fact.detail["target"]) == (
        Event.FAILED,
        "no such order",
        "CHANNELADVISOR",
    )


def test_what_waits_for_a_failed_entry_goes_on_waiting() -> None:
    record = claimed(released(), *CREATE)
    record = applied(record, parcel_reported(record, a_report(), LATER))
    record = failed(record, *CREATE)
    waiting = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    assert (waiting.state, waiting.due_at) == (EntryState.WAITING, None)
    record = applied(record, decide_replay(record, LATER))
    record = created(record, LATER)
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").due_at == LATER


def test_a_withdrawn_entry_takes_with_it_what_waits_for_it() -> None:
    record = claimed(released(), *CREATE)
    record = applied(record, parcel_reported(record, a_report(), LATER))
    change = decide_not_told(record, the_entry(record, *CREATE), LATER, reason="never created")
    assert change is not None
    withdrawn = {entry.name: entry.reason for entry in change.outbox if entry.state is EntryState.WITHDRAWN}
    assert events_of(change) == [Event.NOT_TOLD]
    assert withdrawn == dict.fromkeys(
        (
            "CHANNELADVISOR#CREATE_ORDER#order#1",
            "OMS#CREATE_ORDER#order#1",
            "CHANNELADVISOR#SHIP#oms-S1#1",
        ),
        "never created",
    )


def test_a_withdrawal_leaves_alone_what_a_run_has_in_its_hands() -> None:
    record = released()
    oms = the_entry(record, Target.OMS, Action.CREATE_ORDER)
    record = with_entry(record, oms, state=EntryState.SENDING, claimed_until=LATER)
    change = decide_not_told(record, the_entry(record, *CREATE), LATER, reason="never created")
    assert change is not None
    assert [entry.name for entry in change.outbox] == ["CHANNELADVISOR#CREATE_ORDER#order#1"]


def test_a_replay_makes_failed_entries_due_again() -> None:
    record = failed(failed(handed_over(), *EXPORT), Target.TIKTOK_SHOP, Action.SET_REFERENCE)
    change = decide_replay(record, LATER)
    assert change is not None
    assert {(entry.state, entry.due_at, entry.attempts, entry.reason) for entry in change.outbox} == {
        (EntryState.WAITING, LATER, 0, "")
    }
    assert len(change.outbox) == 2
    assert events_of(change) == [Event.REPLAYED, Event.REPLAYED]
    assert {fact.source for fact in change.timeline} == {Source.OPERATOR}


def test_a_replay_can_name_its_entry() -> None:
    record = failed(failed(handed_over(), *EXPORT), Target.TIKTOK_SHOP, Action.SET_REFERENCE)
    change = decide_replay(record, LATER, "TIKTOK_SHOP#SET_REFERENCE#order#1")
    assert change is not None
    assert [entry.name for entry in change.outbox] == ["TIKTOK_SHOP#SET_REFERENCE#order#1"]


@pytest.mark.parametrize("name", ["CHANNELADVISOR#MARK_EXPORTED#order#1", "NOTHING#OF#THE#KIND"])
def test_a_replay_of_what_did_not_fail_is_refused(name: str) -> None:
    with pytest.raises(RejectedError, match=name):
        decide_replay(handed_over(), LATER, name)


def test_a_replay_of_an_order_without_failures_changes_nothing() -> None:
    assert decide_replay(handed_over(), LATER) is None


def test_doubt_about_an_earlier_attempt_outlives_a_failure_and_its_replay() -> None:
    record = claimed(released(), *CREATE)
    record = with_entry(record, the_entry(record, *CREATE), in_doubt=True)
    record = applied(record, decide_failed(record, the_entry(record, *CREATE), LATER, reason="no answer to the look"))
    record = applied(record, decide_replay(record, LATER))
    assert the_entry(record, *CREATE).was_interrupted


def test_doubt_ends_with_the_answer() -> None:
    record = claimed(released(), *CREATE)
    record = created(with_entry(record, the_entry(record, *CREATE), in_doubt=True))
    entry = the_entry(record, *CREATE)
    assert (entry.state, entry.in_doubt) == (EntryState.DONE, False)
