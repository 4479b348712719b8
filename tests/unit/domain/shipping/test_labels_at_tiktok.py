"""Labels that TikTok Shop shows for a parcel of ours: as we know it, as we want it, an old one, or changed by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from order_sync.domain.outbox import EntryState, OutboxEntry
from order_sync.domain.records import OrderRecord
from tests.builders import minutes
from tests.unit.domain.shipping.scenes import (
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    S1,
    SHIP,
    TOLD,
    A,
    B,
    C,
    D,
    at_tiktok,
    corrected,
    entry,
    everybody_told,
    failed,
    found,
    heard,
    in_doubt,
    label,
    labels,
    lines_at_tiktok,
    look,
    looked,
    report,
    sending,
    telling,
    the_parcel,
    waiting,
)

type State = Callable[[OrderRecord, OutboxEntry], OrderRecord]

NEXT = CHANGED + timedelta(hours=1)
LATER = CHANGED + timedelta(hours=2)


def seen_there(record: OrderRecord | None = None) -> OrderRecord:
    """All sides have the parcel, and TikTok Shop was seen to show it."""
    return looked(record or everybody_told(), A, at=TOLD + minutes(15))


def test_the_label_that_we_know_changes_nothing() -> None:
    change = look(seen_there(), *lines_at_tiktok(A))
    assert change is not None
    assert (change.parcels, change.outbox, change.timeline) == ((), (), ())


def test_the_carrier_s_name_at_tiktok_is_no_other_label() -> None:
    record = looked(everybody_told(), A, carrier="United States Postal Service")
    assert the_parcel(record).label == label(A)
    assert record.outbox == everybody_told().outbox


def test_a_package_without_a_tracking_number_says_nothing_about_the_label() -> None:
    record = heard(seen_there(), report(B))
    assert the_parcel(looked(record, "")) == the_parcel(record)


# --- as we want it


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_the_label_that_we_want_is_accepted_and_need_not_be_told(state: str) -> None:
    record = heard(everybody_told(), report(B, carrier="fedex"))
    if state == "failed":
        record = failed(record, entry(record, CORRECT), "used up: change it in Seller Center")
    record = looked(record, B)
    parcel = the_parcel(record)
    # In its reporter's words, not in TikTok's.
    assert (parcel.label, parcel.wanted, set(parcel.numbers)) == (label(B, "fedex"), None, {A, B})
    assert parcel.corrections == 1
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 DONE"]
    # The others are told of it all the same.
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_the_label_that_an_attempt_in_doubt_has_brought_there_is_accepted_and_not_told_again() -> None:
    record = heard(everybody_told(), report(B))
    record = looked(in_doubt(record, entry(record, CORRECT)), B)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 DONE"]
    assert (labels(record), the_parcel(record).corrections) == ((B, B), 1)


def test_a_label_that_is_seen_before_the_answer_of_its_own_run_counts_once() -> None:
    record = heard(everybody_told(), report(B))
    record = sending(record, entry(record, CORRECT))
    record = looked(record, B)
    assert entry(record, CORRECT).state is EntryState.SENDING
    record = corrected(record, label(B))
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, parcel.corrections) == (label(B), None, 1)
    assert entry(record, CORRECT).state is EntryState.DONE


@pytest.mark.parametrize("state", [sending, in_doubt])
def test_a_number_that_is_seen_before_its_answer_does_not_end_a_change_of_the_carrier(state: State) -> None:
    record = heard(seen_there(), report(B))
    first = entry(record, CORRECT)
    record = looked(heard(state(record, first), report(B, carrier="fedex")), B)
    assert the_parcel(record).newest_label == label(B, "fedex")
    assert not entry(record, CORRECT).has_ended
    if not found(record, first).has_ended:
        record = corrected(record, label(B), by=first)
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, parcel.corrections) == (label(B), label(B, "fedex"), 1)
    record = corrected(record)
    assert (the_parcel(record).label, the_parcel(record).wanted) == (label(B, "fedex"), None)


@pytest.mark.parametrize("state", [sending, in_doubt])
def test_a_parcel_that_is_seen_before_its_answer_keeps_the_change_of_its_carrier(state: State) -> None:
    record = waiting()
    ship = entry(record, SHIP)
    record = looked(heard(state(record, ship), report(A, carrier="fedex")), A)
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, parcel.at_tiktok_since) == (label(A), label(A, "fedex"), CHANGED)
    assert not entry(record, CORRECT).has_ended
    if not found(record, ship).has_ended:
        record = at_tiktok(record, at=NEXT)
    assert (entry(record, CORRECT).state, entry(record, CORRECT).waits_for) == (EntryState.WAITING, "")
    record = corrected(record)
    assert (the_parcel(record).label, the_parcel(record).wanted) == (label(A, "fedex"), None)


def test_the_number_that_we_want_is_known_although_its_carrier_was_corrected_in_between() -> None:
    record = heard(everybody_told(), report(B), report(B, carrier="fedex"))
    record = looked(failed(record, entry(record, CORRECT), "used up"), B)
    assert the_parcel(record).label == label(B, "fedex")
    assert entry(record, CORRECT).state is EntryState.DONE


def test_the_number_that_we_want_is_known_before_the_package_is() -> None:
    """The first telling is in doubt; somebody ships in Seller Center with the new number."""
    record = waiting()
    record = heard(in_doubt(record, entry(record, SHIP)), report(B))
    record = looked(record, B)
    assert [each.id for each in record.parcels] == [S1]
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, parcel.package_id, parcel.at_tiktok_since) == (label(B), None, "P1", CHANGED)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 DONE"]


# --- an old one


@pytest.mark.parametrize("wanted", [False, True])
def test_an_old_number_is_a_late_page(*, wanted: bool) -> None:
    record = corrected(heard(everybody_told(), report(B)))
    record = heard(record, report(C)) if wanted else record
    late = looked(record, A, at=NEXT)
    assert late.parcels == record.parcels
    assert late.outbox == record.outbox


def test_a_number_that_was_wanted_once_and_never_told_was_set_by_hand() -> None:
    """What its reporter wants by now is told all the same."""
    record = looked(heard(everybody_told(), report(B), report(C)), B)
    assert (labels(record), the_parcel(record).corrections) == ((B, C), 1)
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


# --- in doubt


def with_a_doubtful_change_that_is_out_of_date() -> OrderRecord:
    """TikTok Shop may have B; by now its reporter wants C."""
    record = heard(seen_there(), report(B))
    return heard(in_doubt(record, entry(record, CORRECT)), report(C))


def test_what_an_attempt_in_doubt_has_brought_there_is_what_tiktok_has_and_the_newest_is_told_next() -> None:
    record = looked(with_a_doubtful_change_that_is_out_of_date(), B)
    parcel = the_parcel(record)
    assert (parcel.tracking_number, parcel.newest_label, parcel.corrections) == (B, label(C), 1)
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    assert any(each.state is EntryState.WAITING and each.action is CORRECT for each in record.outbox)


def test_what_an_attempt_in_doubt_did_not_bring_there_changes_nothing() -> None:
    record = with_a_doubtful_change_that_is_out_of_date()
    assert looked(record, A).parcels == record.parcels


def test_a_late_page_while_a_change_is_in_doubt_is_still_a_late_page() -> None:
    record = heard(corrected(heard(everybody_told(), report(B))), report(C))
    record = in_doubt(record, entry(record, CORRECT))
    late = looked(record, A, at=NEXT)
    assert labels(late) == (B, C)
    assert the_parcel(late).corrections == 1
    record = looked(late, C, at=LATER)
    assert (labels(record), the_parcel(record).corrections) == ((C, C), 2)


def test_a_change_by_hand_while_another_is_in_doubt_is_what_tiktok_has() -> None:
    record = heard(everybody_told(), report(B))
    record = looked(in_doubt(record, entry(record, CORRECT)), D)
    assert labels(record) == (D, B)
    assert the_parcel(record).corrections == 1
    # What its reporter wants is still to be told, or to fail for a person.
    assert telling(record) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
