"""The OMS and ChannelAdvisor hear how a return stands: once for each news, and what holds by then (CA 4.6)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, parcel_of
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import ReturnLine
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.telling import decide_told
from tests.builders import LINE_1, LINE_2, a_shop_without_oms, applied, claimed, released, the_entry, with_entry
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    ANSWER_OF_BUYER,
    BOTH,
    COMPLETE,
    HOUR,
    PENDING,
    REJECT,
    RETURN_ID,
    SHIPPED_BACK,
    TO_SHIP,
    WANTED,
    a_refund,
    all_notes_told,
    answered,
    notes,
    notices,
    return_change,
    return_facts,
    shipped,
    the_lines,
    the_return,
    wanted_back,
)

BOTH_SIDES = (Target.CHANNELADVISOR, Target.OMS)
NEWS: list[dict[str, Any]] = [
    {"status_text": TO_SHIP, "question": None},
    {"status_text": REJECT},
    {"lines": the_lines(*BOTH)},
    {"lines": (ReturnLine(id=LINE_1, refund=a_refund(total=a_refund().total / 2)),)},
    {"refund": a_refund(total=a_refund().total / 2)},
    {"tracking_number": "T1"},
    {"question": None},
    {"respond_by": WANTED + 30 * HOUR},
    {"arbitration": "CLOSED"},
    {"kind": ReturnKind.EXCHANGE},
]


@pytest.mark.parametrize("target", BOTH_SIDES)
def test_a_new_return_is_told_to_both_sides_now(target: Target) -> None:
    (entry,) = notes(wanted_back(), target)
    assert (entry.state, entry.due_at, entry.revision) == (EntryState.WAITING, WANTED + HOUR / 12, "1")


@pytest.mark.parametrize("news", NEWS, ids=lambda news: next(iter(news)))
@pytest.mark.parametrize("target", BOTH_SIDES)
def test_each_news_is_told_once(target: Target, news: dict[str, Any]) -> None:
    record = all_notes_told(wanted_back())
    facts = return_facts(seen_after=HOUR, **news)
    record = applied(record, return_change(record, facts))
    assert the_return(record).changes == 2
    told, waiting = notes(record, target)
    assert (told.state, waiting.state, waiting.revision) == (EntryState.DONE, EntryState.WAITING, "2")
    touched = replace(facts, updated_at=facts.updated_at + HOUR)
    assert len(notes(applied(record, return_change(record, touched)), target)) == 2


@pytest.mark.parametrize(
    "touch", [{}, {"initiator": "SELLER"}, {"reason": "another"}, {"has_label": True}, {"respond_by": None}]
)
def test_a_mere_touch_is_told_to_nobody(touch: dict[str, Any]) -> None:
    record = all_notes_told(wanted_back())
    change = return_change(record, return_facts(seen_after=HOUR, **touch))
    assert change is not None
    assert change.outbox == ()
    assert change.returns[0].changes == 1


@pytest.mark.parametrize("target", BOTH_SIDES)
def test_what_still_waits_to_be_told_is_told_as_it_stands_then_and_held_against_a_run_that_takes_it(
    target: Target,
) -> None:
    record = wanted_back()
    (before,) = notes(record, target)
    change = return_change(record, return_facts(TO_SHIP, seen_after=HOUR))
    assert change is not None
    assert [entry for entry in change.outbox if entry.target is target] == [before]
    assert notes(applied(record, change), target) == [replace(before, version=before.version + 1)]


@pytest.mark.parametrize("target", BOTH_SIDES)
def test_a_touch_holds_nothing_against_a_run(target: Target) -> None:
    change = return_change(wanted_back(), return_facts(seen_after=HOUR))
    assert change is not None
    assert [entry for entry in change.outbox if entry.target is target] == []


@pytest.mark.parametrize("state", [EntryState.SENDING, EntryState.DONE, EntryState.FAILED, EntryState.WITHDRAWN])
def test_what_a_run_tells_now_or_told_before_does_not_hold_the_next_news(state: EntryState) -> None:
    record = wanted_back()
    (before,) = notes(record, Target.OMS)
    record = with_entry(record, before, state=state)
    record = wanted_back(record, TO_SHIP, after=HOUR)
    old, new = notes(record, Target.OMS)
    assert (old.state, new.state, new.revision) == (state, EntryState.WAITING, "2")
    (channeladvisor,) = notes(record, Target.CHANNELADVISOR)
    assert channeladvisor.revision == "1"


def test_news_waits_for_the_older_one_that_a_run_is_telling_so_that_the_last_told_holds() -> None:
    record = claimed(wanted_back(), Target.OMS, Action.NOTE_RETURN, RETURN_ID)
    record = wanted_back(record, TO_SHIP, after=HOUR)
    older, newer = notes(record, Target.OMS)
    assert (newer.waits_for, newer.due_at) == (older.name, older.claimed_until)
    record = applied(record, decide_told(record, older, WANTED + 2 * HOUR))
    assert (notes(record, Target.OMS)[1].waits_for, notes(record, Target.OMS)[1].due_at) == ("", WANTED + 2 * HOUR)


def test_what_the_oms_answered_is_no_news_to_it() -> None:
    record = answered(all_notes_told(wanted_back()), Answer.APPROVE, Decider.OMS)
    assert [len(notes(record, target)) for target in BOTH_SIDES] == [1, 1]


@pytest.mark.parametrize("target", BOTH_SIDES)
def test_what_an_operator_answered_is_told_to_both_sides(target: Target) -> None:
    record = answered(all_notes_told(wanted_back()), Answer.REJECT, Decider.OPERATOR)
    assert [entry.state for entry in notes(record, target)] == [EntryState.DONE, EntryState.WAITING]
    assert len({entry.name for entry in notes(record, target)}) == 2


def test_two_returns_are_told_each_by_itself() -> None:
    record = wanted_back(wanted_back(), id=ANOTHER_ID, lines=the_lines(LINE_2))
    for target in BOTH_SIDES:
        assert [len(notes(record, target, each)) for each in (RETURN_ID, ANOTHER_ID)] == [1, 1]
    record = wanted_back(all_notes_told(record), TO_SHIP, after=HOUR)
    assert [len(notes(record, Target.OMS, each)) for each in (RETURN_ID, ANOTHER_ID)] == [2, 1]


def test_without_an_oms_channeladvisor_alone_is_told() -> None:
    shop = a_shop_without_oms()
    record = wanted_back(shipped(shop=shop), shop=shop)
    assert [len(notes(record, target)) for target in BOTH_SIDES] == [1, 0]


def not_handed_over() -> OrderRecord:
    """Released and shipped in Seller Center before ChannelAdvisor or the OMS had the order."""
    return released()


def test_whoever_is_still_to_get_the_order_is_told_after_that_and_people_are_asked() -> None:
    record = wanted_back(not_handed_over())
    for target in (Target.CHANNELADVISOR, Target.OMS):
        (entry,) = notes(record, target)
        assert (entry.waits_for, entry.due_at) == (f"{target}#CREATE_ORDER#order#1", None)
    assert notices(record) == [(RETURN_ID, "asked-RETURN-20260606T120000Z")]


def test_who_is_being_given_the_order_is_told_after_that() -> None:
    record = not_handed_over()
    creation = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    record = wanted_back(with_entry(record, creation, state=EntryState.SENDING))
    (entry,) = notes(record, Target.CHANNELADVISOR)
    assert (entry.waits_for, entry.due_at) == (creation.name, None)


def test_nobody_is_told_about_an_order_that_nobody_will_get() -> None:
    record = not_handed_over()
    for target in (Target.CHANNELADVISOR, Target.OMS):
        creation = the_entry(record, target, Action.CREATE_ORDER)
        record = with_entry(record, creation, state=EntryState.WITHDRAWN, due_at=None)
    record = wanted_back(record)
    assert (notes(record, Target.CHANNELADVISOR), notes(record, Target.OMS)) == ([], [])


def test_the_whole_way_of_a_return_is_told_step_by_step() -> None:
    record, told = shipped(), list[OutboxEntry]()
    for place, status in enumerate([PENDING, TO_SHIP, SHIPPED_BACK, ANSWER_OF_BUYER, COMPLETE]):
        if status == ANSWER_OF_BUYER:
            continue
        record = wanted_back(record, status, after=place * timedelta(days=1))
        told += [entry for entry in notes(record, Target.OMS) if entry.state is EntryState.WAITING]
        record = all_notes_told(record)
    assert [entry.revision for entry in told] == ["1", "2", "3", "4"]


def test_a_note_is_about_no_parcel() -> None:
    (entry,) = notes(wanted_back(), Target.OMS)
    with pytest.raises(LookupError, match=RETURN_ID):
        parcel_of(entry, ())
