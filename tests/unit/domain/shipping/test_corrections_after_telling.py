"""Another label for a parcel that TikTok Shop has: who is told, when, and who is not because it said so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.orders import LineState
from order_sync.domain.outbox import EntryState
from order_sync.domain.parcels import Label
from order_sync.domain.shipping.corrections import why_not_correctable
from order_sync.domain.timeline import Event
from tests.builders import (
    a_shop_without_oms,
    created,
    events_of,
    handed_over,
    parcel_reported,
    released,
    seen,
    some_facts,
)
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    NOTE,
    OMS,
    S1,
    SHIP,
    T1,
    TIKTOK_SHOP,
    TOLD,
    A,
    B,
    C,
    at_tiktok,
    corrected,
    done,
    entries,
    entry,
    everybody_told,
    failed,
    heard,
    in_channeladvisor,
    label,
    labels,
    looked,
    report,
    telling,
    the_parcel,
    waiting,
)


def test_the_last_accepted_label_is_kept_until_tiktok_takes_the_new_one() -> None:
    record = heard(everybody_told(), report(B))
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, parcel.newest_label) == (label(A), label(B), label(B))
    assert (parcel.at_tiktok_since, parcel.package_id, parcel.corrections) == (TOLD, "P1", 0)
    assert {line.state for line in record.order.lines} == {LineState.SHIPPED}
    parcel = the_parcel(corrected(record))
    assert (parcel.label, parcel.wanted, set(parcel.numbers), parcel.corrections) == (label(B), None, {A, B}, 1)
    assert (parcel.at_tiktok_since, parcel.package_id) == (TOLD, "P1")


def test_tiktok_and_channeladvisor_are_told_of_the_oms_s_new_number_at_once() -> None:
    change = parcel_reported(everybody_told(), report(B), CHANGED)
    assert change is not None
    assert [(each.target, each.action, each.revision, each.due_at, each.waits_for) for each in change.outbox] == [
        (TIKTOK_SHOP, CORRECT, "1", CHANGED, ""),
        (CHANNELADVISOR, CORRECT, "1", CHANGED, ""),
    ]
    assert events_of(change) == [Event.PARCEL_CORRECTED]


def test_tiktok_and_the_oms_are_told_of_channeladvisor_s_new_number_at_once() -> None:
    change = parcel_reported(everybody_told(in_channeladvisor()), in_channeladvisor(B), CHANGED)
    assert change is not None
    assert [(each.target, each.action, each.revision, each.due_at, each.waits_for) for each in change.outbox] == [
        (TIKTOK_SHOP, CORRECT, "1", CHANGED, ""),
        (OMS, NOTE, "2", CHANGED, ""),
    ]


def test_people_in_channeladvisor_who_change_the_oms_s_parcel_are_not_told_of_it() -> None:
    change = parcel_reported(everybody_told(), in_channeladvisor(B, id=S1), CHANGED)
    assert change is not None
    assert {(each.target, each.action) for each in change.outbox} == {(TIKTOK_SHOP, CORRECT)}
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.PARCEL_CORRECTED, "CHANNELADVISOR")


def test_people_in_channeladvisor_can_change_a_parcel_that_was_shipped_in_seller_center() -> None:
    record = looked(handed_over(), A, at=TOLD)
    record = done(record, entry(record, SHIP, CHANNELADVISOR, parcel=T1))
    record = done(record, entry(record, NOTE, OMS, parcel=T1))
    record = heard(record, in_channeladvisor(B, id=T1))
    assert labels(record, T1) == (A, B)
    assert telling(record, TIKTOK_SHOP, T1) == ["CORRECT_PARCEL 1 WAITING"]
    assert entry(record, CORRECT, parcel=T1).due_at == CHANGED
    assert telling(record, OMS, T1) == ["NOTE_PARCEL 1 DONE", "NOTE_PARCEL 2 WAITING"]
    assert telling(record, CHANNELADVISOR, T1) == ["SHIP 1 DONE"]


def test_a_shop_without_an_oms_has_none_to_tell_of_a_change() -> None:
    record = created(released(a_shop_without_oms()))
    record = at_tiktok(heard(record, in_channeladvisor()), C1)
    record = heard(record, in_channeladvisor(B))
    assert {each.target for each in record.outbox if each.subject == C1} == {TIKTOK_SHOP}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"carrier": "fedex"}, label(A, "fedex")),
        ({"shipping_class": "Priority"}, label(A, "usps", "Priority")),
        ({"number": B, "carrier": "fedex", "shipping_class": "2Day"}, label(B, "fedex", "2Day")),
    ],
)
def test_whatever_its_reporter_changed_on_the_label_is_told(changes: dict[str, Any], expected: Label) -> None:
    record = heard(everybody_told(), report(**changes))
    assert (the_parcel(record).label, the_parcel(record).wanted) == (label(A), expected)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert the_parcel(corrected(record)).label == expected


def test_another_spelling_of_the_carrier_in_an_echo_is_no_change() -> None:
    """ChannelAdvisor shows the mapped names of what it was told."""
    echo = in_channeladvisor(id=S1, carrier="USPS", shipping_class="Ground")
    assert parcel_reported(everybody_told(), echo, CHANGED) is None


def test_a_second_change_takes_the_place_of_the_first_that_nobody_was_told_of() -> None:
    record = heard(everybody_told(), report(B), report(C))
    assert labels(record) == (A, C)
    for target in (TIKTOK_SHOP, CHANNELADVISOR):
        assert telling(record, target) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    change = parcel_reported(heard(everybody_told(), report(B)), report(C), CHANGED)
    assert change is not None
    # They are written again, so that a run which has taken one with B makes this fail.
    assert [each.name for each in change.outbox] == [
        "TIKTOK_SHOP#CORRECT_PARCEL#oms-S1#1",
        "CHANNELADVISOR#CORRECT_PARCEL#oms-S1#1",
    ]
    assert corrected(record).parcels[0].corrections == 1


def test_a_second_change_after_the_first_was_told_is_told_once_more() -> None:
    record = corrected(heard(everybody_told(), report(B)))
    record = done(record, entry(record, CORRECT, CHANNELADVISOR))
    record = heard(record, report(C))
    for target in (TIKTOK_SHOP, CHANNELADVISOR):
        assert telling(record, target) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 DONE", "CORRECT_PARCEL 2 WAITING"]
        assert (entry(record, CORRECT, target).due_at, entry(record, CORRECT, target).waits_for) == (CHANGED, "")
    assert labels(record) == (B, C)
    parcel = the_parcel(corrected(record))
    assert (parcel.label, parcel.corrections, set(parcel.numbers)) == (label(C), 2, {A, B, C})


def test_the_oms_hears_of_every_label_of_channeladvisor_s_parcel() -> None:
    record = everybody_told(in_channeladvisor())
    for revision, number in (("2", B), ("3", C)):
        record = heard(record, in_channeladvisor(number))
        note = entry(record, NOTE, OMS, parcel=C1)
        assert (note.revision, note.due_at) == (revision, CHANGED)
        record = done(record, note)
    assert telling(record, OMS, C1) == [f"NOTE_PARCEL {n} DONE" for n in (1, 2, 3)]


def test_many_changes_are_all_told() -> None:
    record = everybody_told()
    for number in range(12):
        record = heard(record, report(f"T{number}"))
        assert entry(record, CORRECT, CHANNELADVISOR).state is EntryState.WAITING
        record = corrected(record)
        record = done(record, entry(record, CORRECT, CHANNELADVISOR))
    assert len(entries(record)) == 13
    assert the_parcel(record).corrections == 12
    # The thirteenth and the fourteenth are one telling, though "10" is less than "9" for whoever sorts by letters.
    record = heard(record, report(B), report(C))
    assert [each.revision for each in entries(record) if not each.has_ended] == ["13"]


def test_channeladvisor_that_does_not_have_the_parcel_yet_is_told_of_it_once() -> None:
    record = heard(at_tiktok(waiting()), report(B))
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WAITING"]


def test_a_correction_of_an_order_that_was_cancelled_meanwhile_is_not_told_to_tiktok() -> None:
    record = heard(everybody_told(), report(B))
    record = seen(some_facts("CANCELLED", updated_at=CHANGED), record, at=CHANGED)
    assert entry(record, CORRECT).state is EntryState.WITHDRAWN
    record = heard(record, report(C))
    assert not [each for each in entries(record) if not each.has_ended]


def test_what_was_used_up_can_be_changed_by_a_person_and_is_found_done() -> None:
    record = heard(everybody_told(), report(B))
    record = failed(record, entry(record, CORRECT), "used up")
    assert labels(record) == (A, B)
    record = looked(record, B, at=CHANGED + timedelta(hours=1))
    assert labels(record) == (B, B)
    assert entry(record, CORRECT).state is EntryState.DONE


# --- how long, and how often


@pytest.mark.parametrize(("corrections", "hours", "allowed"), [(0, 0, 1), (0, 72, 1), (1, 1, 2), (8, 72, 9)])
def test_tiktok_takes_another_label_for_72_hours_and_so_often(corrections: int, hours: float, allowed: int) -> None:
    parcel = replace(the_parcel(everybody_told()), corrections=corrections)
    assert not why_not_correctable(parcel, TOLD + timedelta(hours=hours), allowed)


@pytest.mark.parametrize(
    ("corrections", "hours", "allowed", "said"),
    [
        (1, 1, 1, "shipping.tracking_changes: 1), and has taken 1"),
        (3, 1, 2, "shipping.tracking_changes: 2), and has taken 3"),
        (0, 1, 0, "shipping.tracking_changes: 0), and has taken 0"),
        (0, 72.001, 1, "72 hours"),
    ],
)
def test_a_change_that_comes_too_late_or_too_often_says_so_and_what_a_person_can_do(
    corrections: int, hours: float, allowed: int, said: str
) -> None:
    parcel = replace(the_parcel(everybody_told()), corrections=corrections)
    reason = why_not_correctable(parcel, TOLD + timedelta(hours=hours), allowed)
    assert said in reason
    assert reason.endswith(
        ": change it in Seller Center if that still takes it, else open a ticket with TikTok Shop (30 days)"
    )
