"""Another label while TikTok Shop is being told of a parcel, or may have been told: that is settled first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.orders import Source
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.corrections import decide_corrected
from order_sync.domain.telling import decide_not_told
from order_sync.domain.timeline import Event
from tests.builders import applied, events_of, minutes, parcel_reported, told, with_entry
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    NOTE,
    OMS,
    S1,
    SHIP,
    TIKTOK_SHOP,
    A,
    B,
    C,
    D,
    at_tiktok,
    corrected,
    entries,
    entry,
    everybody_told,
    failed,
    found,
    heard,
    in_channeladvisor,
    in_doubt,
    label,
    labels,
    looked,
    report,
    sending,
    telling,
    the_parcel,
    waiting,
)

type Before = Callable[[], OrderRecord]


def under_way() -> OrderRecord:
    record = waiting()
    return sending(record, entry(record, SHIP))


def doubtful() -> OrderRecord:
    """The answer to the telling was lost."""
    record = waiting()
    return in_doubt(record, entry(record, SHIP))


def left_by_a_run_that_died() -> OrderRecord:
    """The claim ran out long ago."""
    record = under_way()
    ship = replace(entry(record, SHIP), claimed_until=CHANGED - timedelta(hours=1))
    return replace(record, outbox=tuple(ship if each.name == ship.name else each for each in record.outbox))


MAYBE_TOLD = [under_way, doubtful, left_by_a_run_that_died]


@pytest.mark.parametrize("before", MAYBE_TOLD)
def test_the_number_that_is_being_told_stays_until_its_fate_is_known(before: Before) -> None:
    first = before()
    record = heard(first, report(B))
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, set(parcel.numbers)) == (label(A), label(B), {A, B})
    assert found(record, entry(first, SHIP)) == entry(first, SHIP)
    correction = entry(record, CORRECT)
    assert (correction.waits_for, correction.due_at) == ("TIKTOK_SHOP#SHIP#oms-S1#1", None)


@pytest.mark.parametrize("before", MAYBE_TOLD)
def test_tiktok_is_told_of_the_change_right_after_the_parcel(before: Before) -> None:
    record = at_tiktok(heard(before(), report(B)), at=CHANGED)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert (entry(record, CORRECT).waits_for, entry(record, CORRECT).due_at) == ("", CHANGED)
    assert labels(record) == (A, B)
    record = corrected(record)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 DONE"]
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, set(parcel.numbers), parcel.corrections) == (label(B), None, {A, B}, 1)


def test_a_telling_whose_answer_was_lost_is_followed_by_the_change_when_tiktok_shows_it() -> None:
    record = looked(heard(doubtful(), report(B)), A)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert entry(record, CORRECT).due_at == CHANGED
    assert labels(record) == (A, B)


@pytest.mark.parametrize("changes", [{"carrier": "fedex"}, {"number": B}])
def test_a_telling_that_is_refused_goes_again_with_the_label_that_came_meanwhile(changes: dict[str, str]) -> None:
    newest = report(**changes)
    record = heard(under_way(), newest)
    record = failed(record, entry(record, SHIP))
    parcel, ship = the_parcel(record), entry(record, SHIP)
    assert (parcel.label, parcel.wanted) == (newest.label, None)
    assert (ship.state, ship.waits_for) == (EntryState.WAITING, "")
    assert ship.due_at is not None
    corrections = [each for each in record.outbox if each.action is CORRECT and each.target is TIKTOK_SHOP]
    assert all(each.has_ended for each in corrections)


def test_a_label_after_a_telling_that_was_put_off_is_the_newest() -> None:
    """TikTok Shop had no time for the first; while that was found out the second came, and then the third."""
    record = heard(under_way(), report(B))
    record = with_entry(record, entry(record, SHIP), state=EntryState.WAITING, due_at=CHANGED, claimed_until=None)
    record = heard(record, report(C))
    parcel = the_parcel(record)
    assert (parcel.newest_label, set(parcel.numbers)) == (label(C), {A, B, C})
    assert all(each.has_ended for each in entries(record) if each.action is CORRECT)
    assert heard(record, report(A), report(B), report(C)) == record
    record = at_tiktok(record, at=CHANGED)
    if the_parcel(record).wanted:
        record = corrected(record)
    assert (the_parcel(record).label, the_parcel(record).wanted) == (label(C), None)
    corrections = [each for each in record.outbox if each.action is CORRECT and each.target is TIKTOK_SHOP]
    assert all(each.has_ended for each in corrections)


def test_a_correction_never_goes_before_its_parcel() -> None:
    record = heard(doubtful(), report(B))
    record = failed(record, entry(record, SHIP))
    record = heard(record, report(C))
    assert not entry(record, SHIP).has_ended
    going = [each for each in record.outbox if each.action is CORRECT and each.target is TIKTOK_SHOP]
    assert all(each.has_ended or each.waits_for == entry(record, SHIP).name for each in going)
    assert the_parcel(record).newest_label == label(C)


def test_a_parcel_that_need_not_be_told_any_more_takes_the_correction_with_it() -> None:
    record = heard(under_way(), report(B))
    ship = entry(record, SHIP)
    record = applied(record, decide_not_told(record, ship, CHANGED, reason="all lines of the parcel were cancelled"))
    assert telling(record) == ["SHIP 1 WITHDRAWN", "CORRECT_PARCEL 1 WITHDRAWN"]


@pytest.mark.parametrize("before", MAYBE_TOLD)
def test_the_second_change_takes_the_place_of_the_first_that_nobody_was_told_of(before: Before) -> None:
    record = heard(before(), report(B), report(C))
    assert telling(record)[1:] == ["CORRECT_PARCEL 1 WAITING"]
    assert entry(record, CORRECT).waits_for == "TIKTOK_SHOP#SHIP#oms-S1#1"
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, set(parcel.numbers)) == (label(A), label(C), {A, B, C})
    change = parcel_reported(heard(before(), report(B)), report(C), CHANGED)
    assert change is not None
    assert entry(record, CORRECT).name in {each.name for each in change.outbox}


def correction_under_way() -> OrderRecord:
    record = heard(everybody_told(), report(B))
    return sending(record, entry(record, CORRECT))


def correction_in_doubt() -> OrderRecord:
    record = heard(everybody_told(), report(B))
    return in_doubt(record, entry(record, CORRECT))


@pytest.mark.parametrize("before", [correction_under_way, correction_in_doubt])
def test_a_change_while_a_correction_is_being_told_is_told_after_it(before: Before) -> None:
    record = before()
    first = entry(record, CORRECT)
    record = heard(record, report(C))
    assert found(record, first) == first
    second = entry(record, CORRECT)
    assert (second.revision, second.waits_for, second.due_at) == ("2", first.name, None)
    assert labels(record) == (A, C)

    record = corrected(record, label(B), by=first)
    parcel = the_parcel(record)
    assert (labels(record), parcel.corrections) == ((B, C), 1)
    assert found(record, second).due_at == CHANGED

    record = corrected(record)
    parcel = the_parcel(record)
    assert (labels(record), parcel.wanted, parcel.corrections) == ((C, C), None, 2)
    assert set(parcel.numbers) == {A, B, C}


@pytest.mark.parametrize("before", [correction_under_way, correction_in_doubt])
def test_a_third_change_still_follows_the_one_that_is_being_told(before: Before) -> None:
    record = before()
    first = entry(record, CORRECT)
    record = heard(record, report(C), report(D))
    assert [each for each in telling(record) if "WAITING" in each][-1] == "CORRECT_PARCEL 2 WAITING"
    assert len(telling(record)) == 3
    assert entry(record, CORRECT).waits_for == first.name
    assert labels(record) == (A, D)


def test_a_refused_correction_is_no_obstacle_to_the_one_that_waits_for_it() -> None:
    """The first was refused for its number; the next has another one."""
    record = correction_under_way()
    first = entry(record, CORRECT)
    record = failed(heard(record, report(C)), first, "21011022")
    alive = [each for each in record.outbox if each.action is CORRECT and each.target is TIKTOK_SHOP]
    assert any(each.state is EntryState.WAITING and not each.waits_for for each in alive)
    assert labels(record) == (A, C)


def test_channeladvisor_that_is_being_told_hears_of_the_change_right_after() -> None:
    record = waiting()
    record = heard(sending(record, entry(record, SHIP, CHANNELADVISOR)), report(B))
    correction = entry(record, CORRECT, CHANNELADVISOR)
    assert (correction.waits_for, correction.due_at) == ("CHANNELADVISOR#SHIP#oms-S1#1", None)
    record = told(record, CHANNELADVISOR, SHIP, S1, at=CHANGED)
    assert entry(record, CORRECT, CHANNELADVISOR).due_at == CHANGED


def test_the_oms_that_is_being_told_hears_of_the_change_right_after() -> None:
    record = waiting(in_channeladvisor())
    record = heard(sending(record, entry(record, NOTE, OMS, parcel=C1)), in_channeladvisor(B))
    second = entry(record, NOTE, OMS, parcel=C1)
    assert (second.revision, second.waits_for, second.due_at) == ("2", "OMS#NOTE_PARCEL#channeladvisor-88#1", None)


def test_what_channeladvisor_refuses_with_the_old_label_goes_again_with_the_new_one() -> None:
    record = waiting()
    ship = entry(record, SHIP, CHANNELADVISOR)
    record = heard(sending(record, ship), report(A, carrier="fedex"))
    record = failed(record, ship, "Carrier and Class is invalid.")
    assert any(each.state is EntryState.WAITING and not each.waits_for for each in entries(record, CHANNELADVISOR))
    assert not [each for each in entries(record, CHANNELADVISOR) if each.waits_for]


def test_what_the_oms_refuses_with_the_old_label_goes_again_with_the_new_one() -> None:
    record = waiting(in_channeladvisor())
    note = entry(record, NOTE, OMS, parcel=C1)
    record = heard(sending(record, note), in_channeladvisor(B))
    record = failed(record, note, "422")
    assert any(each.state is EntryState.WAITING and not each.waits_for for each in entries(record, OMS, C1))
    assert not [each for each in entries(record, OMS, C1) if each.waits_for]


def test_a_correction_that_failed_for_good_goes_again_with_the_next_label() -> None:
    record = heard(everybody_told(), report(B))
    record = failed(record, entry(record, CORRECT), "9400B is no number of usps")
    record = heard(record, report(C))
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert (entry(record, CORRECT).due_at, entry(record, CORRECT).reason) == (CHANGED, "")
    assert labels(record) == (A, C)


def test_an_answer_that_arrives_twice_counts_once() -> None:
    record = corrected(heard(everybody_told(), report(B)))
    again = corrected(record, label(B))
    assert the_parcel(again) == the_parcel(record)


def test_tiktok_s_answer_stands_on_the_timeline() -> None:
    record = heard(everybody_told(), report(B))
    change = decide_corrected(record, entry(record, CORRECT), label(B), CHANGED + minutes(1))
    assert events_of(change) == [Event.PARCEL_CORRECTED_AT_TIKTOK]
    assert change is not None
    (fact,) = change.timeline
    assert fact.source is Source.TIKTOK_SHOP
    assert fact.detail == {"parcel": S1, "before": A, "tracking_number": B, "carrier": "usps"}
