"""Another label for a parcel that TikTok Shop surely has not heard of: it replaces the first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.parcels import Label
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    a_shop,
    answered,
    applied,
    claimed,
    created,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    released,
    requested,
    seen,
    settled,
    some_facts,
    told,
    with_entry,
)
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    NOTE,
    OMS,
    REPORTED,
    S1,
    S2,
    SHIP,
    TOLD,
    A,
    B,
    entry,
    failed,
    found,
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

type Before = Callable[[], OrderRecord]

GB = a_shop(region="GB")


def stopped() -> OrderRecord:
    """A parcel that the last look before telling did not let go."""
    record = waiting()
    return failed(record, entry(record, SHIP))


def postponed() -> OrderRecord:
    """A parcel that TikTok Shop had no time for."""
    record = waiting()
    return with_entry(record, entry(record, SHIP), attempts=3, due_at=CHANGED + minutes(30), reason="429")


def held_back_until_a_limit() -> OrderRecord:
    """Outside the US the rejection of the buyer's request goes first."""
    record = requested(shop=GB)
    return applied(record, parcel_reported(record, report(), ASKED + minutes(20), GB))


def held_back_without_limit() -> OrderRecord:
    """The request was approved before the parcel was reported."""
    return heard(answered(requested()), report(), at=ASKED + minutes(80))


BEFORE = [waiting, stopped, postponed, held_back_until_a_limit, held_back_without_limit]


@pytest.mark.parametrize("before", BEFORE)
def test_another_number_replaces_the_one_that_tiktok_never_took(before: Before) -> None:
    record = heard(before(), report(B))
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted) == (label(B), None)
    assert (set(parcel.numbers), parcel.corrections, parcel.refused) == ({A, B}, 0, "")
    assert telling(record) == ["SHIP 1 WAITING"]
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WAITING"]
    assert [each.id for each in record.parcels] == [S1]


@pytest.mark.parametrize("before", BEFORE)
def test_the_change_holds_only_while_no_run_takes_what_it_replaces(before: Before) -> None:
    change = parcel_reported(before(), report(B), CHANGED)
    assert change is not None
    assert {each.name for each in change.outbox} == {"TIKTOK_SHOP#SHIP#oms-S1#1", "CHANNELADVISOR#SHIP#oms-S1#1"}


@pytest.mark.parametrize("before", [waiting, stopped, postponed])
def test_what_failed_or_was_put_off_with_the_old_number_goes_at_once_with_the_new_one(before: Before) -> None:
    ship = entry(heard(before(), report(B)), SHIP)
    assert (ship.state, ship.due_at, ship.attempts, ship.reason) == (EntryState.WAITING, CHANGED, 0, "")


@pytest.mark.parametrize("before", [held_back_until_a_limit, held_back_without_limit])
def test_a_parcel_that_waits_for_the_end_of_a_request_goes_on_waiting_under_its_new_number(before: Before) -> None:
    held = before()
    record = heard(held, report(B))
    ship, was = entry(record, SHIP), entry(held, SHIP)
    assert was.waits_for
    assert (ship.waits_for, ship.due_at) == (was.waits_for, was.due_at)


def test_a_parcel_that_was_held_back_goes_under_its_new_number_when_the_request_is_closed() -> None:
    record = settled(heard(held_back_without_limit(), report(B)), "CLOSED", minutes(200))
    assert (entry(record, SHIP).waits_for, the_parcel(record).tracking_number) == ("", B)


def test_a_parcel_that_waits_for_the_creation_at_channeladvisor_arrives_there_under_its_new_number() -> None:
    record = heard(claimed(released(), CHANNELADVISOR, Action.CREATE_ORDER), report(), report(B))
    ship = entry(record, SHIP, CHANNELADVISOR)
    assert (ship.waits_for, ship.due_at) == ("CHANNELADVISOR#CREATE_ORDER#order#1", None)
    record = created(record, CHANGED)
    assert entry(record, SHIP, CHANNELADVISOR).due_at == CHANGED
    assert (telling(record, CHANNELADVISOR), the_parcel(record).tracking_number) == (["SHIP 1 WAITING"], B)


def test_the_timeline_says_who_put_which_label_in_the_place_of_which() -> None:
    shipped_at = report().shipped_at
    change = parcel_reported(waiting(), report(B, carrier="fedex"), CHANGED)
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.happened_at) == (Event.PARCEL_CORRECTED, Source.OMS, shipped_at)
    assert fact.detail == {"parcel": S1, "before": A, "tracking_number": B, "carrier": "fedex"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"carrier": "fedex"}, label(A, "fedex")),
        ({"shipping_class": "Priority"}, label(A, "usps", "Priority")),
        ({"carrier": "fedex", "shipping_class": "2Day"}, label(A, "fedex", "2Day")),
    ],
)
@pytest.mark.parametrize("before", [waiting, stopped])
def test_another_carrier_or_class_replaces_the_first_and_goes_again(
    before: Before, changes: dict[str, Any], expected: Label
) -> None:
    record = heard(before(), report(A, **changes))
    parcel = the_parcel(record)
    assert (parcel.label, parcel.wanted, set(parcel.numbers)) == (expected, None, {A})
    assert entry(record, SHIP).due_at == CHANGED
    assert telling(record) == ["SHIP 1 WAITING"]


def test_channeladvisor_that_was_told_already_is_told_of_the_change() -> None:
    record = told(waiting(), CHANNELADVISOR, SHIP, S1, at=TOLD)
    change = parcel_reported(record, report(B), CHANGED)
    assert change is not None
    record = applied(record, change)
    assert telling(record) == ["SHIP 1 WAITING"]
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]
    again = entry(record, Action.CORRECT_PARCEL, CHANNELADVISOR)
    assert (again.due_at, again.waits_for) == (CHANGED, "")


def test_what_channeladvisor_refused_with_the_old_label_goes_there_again() -> None:
    record = waiting()
    record = failed(record, entry(record, SHIP, CHANNELADVISOR), "Carrier and Class is invalid.")
    record = heard(record, report(A, carrier="fedex"))
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WAITING"]
    assert entry(record, SHIP, CHANNELADVISOR).due_at == CHANGED


def test_a_parcel_of_channeladvisor_s_is_replaced_for_tiktok_and_for_the_oms() -> None:
    record = heard(waiting(in_channeladvisor()), in_channeladvisor(B))
    assert labels(record, C1) == (B, B)
    assert telling(record, parcel=C1) == ["SHIP 1 WAITING"]
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 WAITING"]
    assert telling(record, CHANNELADVISOR, C1) == []


def test_the_oms_that_was_told_of_channeladvisor_s_parcel_is_told_once_more() -> None:
    record = told(waiting(in_channeladvisor()), OMS, NOTE, C1, at=TOLD)
    record = heard(record, in_channeladvisor(B))
    assert telling(record, OMS, C1) == ["NOTE_PARCEL 1 DONE", "NOTE_PARCEL 2 WAITING"]
    assert telling(record, parcel=C1) == ["SHIP 1 WAITING"]


def test_people_in_channeladvisor_can_replace_the_number_of_the_oms_s_parcel_there() -> None:
    record = told(waiting(), CHANNELADVISOR, SHIP, S1, at=TOLD)
    record = heard(record, in_channeladvisor(B, id=S1))
    assert labels(record) == (B, B)
    assert telling(record) == ["SHIP 1 WAITING"]
    # They know, since they did it.
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE"]


def test_the_second_of_two_labels_is_told_and_the_first_two_are_remembered() -> None:
    record = heard(waiting(), report(B), report("9400C"))
    assert labels(record) == ("9400C", "9400C")
    assert set(the_parcel(record).numbers) == {A, B, "9400C"}
    assert telling(record) == ["SHIP 1 WAITING"]


def test_a_parcel_whose_number_became_blank_keeps_its_last_one_and_a_person_is_told() -> None:
    change = parcel_reported(waiting(), report("  "), CHANGED)
    assert change is not None
    assert (events_of(change), change.outbox) == ([Event.FAILED], ())
    record = applied(waiting(), change)
    assert labels(record) == (A, A)
    assert [each.refused for each in record.parcels] == ["", "the parcel has no tracking number"]


# --- what is not told any more


def canceled() -> OrderRecord:
    return seen(some_facts("CANCELLED", updated_at=TOLD), waiting(), at=TOLD)


def shipped_in_another_parcel() -> OrderRecord:
    return looked(waiting(), "9400X", at=TOLD)


@pytest.mark.parametrize("before", [canceled, shipped_in_another_parcel])
def test_what_was_withdrawn_is_not_told_because_its_label_changed(before: Before) -> None:
    record = before()
    assert entry(record, SHIP).state is EntryState.WITHDRAWN
    record = heard(record, report(B))
    assert entry(record, SHIP).state is EntryState.WITHDRAWN
    assert telling(record) == ["SHIP 1 WITHDRAWN"]


def test_what_was_withdrawn_at_channeladvisor_stays_so() -> None:
    record = heard(canceled(), report(B))
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WITHDRAWN"]


def test_a_refused_parcel_is_no_parcel_that_could_be_corrected() -> None:
    refused = heard(handed_over(), report(units=(("CAP", 1),)))
    record = heard(refused, report(B))
    assert (the_parcel(record).refused, labels(record)) == ("", (B, B))
    assert telling(record) == ["SHIP 1 WAITING"]


def test_a_correction_of_one_parcel_leaves_the_other_alone() -> None:
    one, other = report(units=(("TEE-BLU-M", 1),)), report("9400C", id=S2, units=(("TEE-BLU-M", 1),))
    record = heard(handed_over(), one, other, at=REPORTED)
    after = heard(record, report(B, units=(("TEE-BLU-M", 1),)))
    assert the_parcel(after, other.id) == the_parcel(record, other.id)
    for each in record.outbox:
        if each.subject == other.id:
            assert found(after, each) == each


def test_a_correction_is_recorded_at_the_moment_at_which_it_was_heard() -> None:
    at = datetime.fromisoformat("2026-06-01T20:30:00+00:00")
    change = parcel_reported(waiting(), report(B), at)
    assert change is not None
    assert {fact.at for fact in change.timeline} == {at}
