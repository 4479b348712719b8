"""When a carrier has a parcel, and when nobody waits for that any more."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_report,
    a_shop,
    applied,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    seen,
    some_facts,
    some_lines,
    the_entry,
)

REPORTED = NOON + timedelta(hours=4)
AT_TIKTOK = NOON + timedelta(hours=5)
COLLECTED = NOON + timedelta(hours=8)
NUMBERS = {LINE_1: "T1", LINE_2: "T2"}


def reported(record: OrderRecord, *lines: LineId) -> OrderRecord:
    """The record after a parcel with these lines was reported, under an id and a number of its own."""
    number = NUMBERS[lines[0]]
    report = a_report(id=ParcelId(f"oms-{number}"), tracking_number=number, line_ids=lines)
    return applied(record, parcel_reported(record, report, REPORTED))


def at_tiktok(record: OrderRecord, parcel: str = "oms-T1", at: datetime = AT_TIKTOK) -> OrderRecord:
    """The record after TikTok Shop took a reported parcel."""
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, parcel)
    return applied(record, decide_shipped_at_tiktok(record, entry, f"P-{parcel}", "", at))


def one_parcel() -> OrderRecord:
    """An order whose two lines are in one parcel, which TikTok Shop has."""
    return at_tiktok(reported(handed_over(), LINE_1, LINE_2))


def two_parcels() -> OrderRecord:
    """An order whose lines are in a parcel each, and TikTok Shop has both."""
    record = reported(reported(handed_over(), LINE_1), LINE_2)
    return at_tiktok(at_tiktok(record), "oms-T2")


def lines_in(*packages: str, **changes: Any) -> tuple[LineFacts, ...]:
    """Both lines in packages of TikTok's, named by our parcels' tracking numbers."""
    return tuple(
        replace(line, shipped=True, package_id=f"P-oms-{number}", tracking_number=number, **changes)
        for line, number in zip(some_lines(), packages, strict=True)
    )


def sighting(
    status: str, lines: tuple[LineFacts, ...], after: timedelta = timedelta(hours=9), **changes: Any
) -> OrderFacts:
    """What TikTok Shop shows so long after noon."""
    return some_facts(status, seen_after=after, lines=lines, **changes)


def decided(record: OrderRecord, facts: OrderFacts) -> Change | None:
    return decide_sighting(record, facts, a_shop(), TIMING, facts.updated_at + minutes(5))


def parcel_of(record: OrderRecord, parcel: str = "oms-T1") -> Parcel:
    found = record.parcel(ParcelId(parcel))
    assert found is not None
    return found


WHOLE = lines_in("T1", "T1", collected=True)
COLLECTED_WHOLE = sighting("IN_TRANSIT", WHOLE, collected_at=COLLECTED)


# ---- scanned


def test_a_collected_parcel_is_scanned_at_the_time_of_its_collection() -> None:
    change = decided(one_parcel(), COLLECTED_WHOLE)
    assert change is not None
    (parcel,) = change.parcels
    assert (parcel.scanned_at, parcel.recalled) == (COLLECTED, False)
    (fact,) = [fact for fact in change.timeline if fact.event is Event.PARCEL_SCANNED]
    assert (fact.source, fact.happened_at) == (Source.TIKTOK_SHOP, COLLECTED)
    assert fact.detail == {"parcel": "oms-T1", "tracking_number": "T1"}


@pytest.mark.parametrize("status", ["IN_TRANSIT", "DELIVERED", "COMPLETED"])
def test_a_missed_sighting_in_between_changes_nothing_of_it(status: str) -> None:
    record = seen(sighting(status, WHOLE, collected_at=COLLECTED), one_parcel())
    assert parcel_of(record).scanned_at == COLLECTED


def test_until_it_is_collected_it_is_not_scanned() -> None:
    record = seen(sighting("AWAITING_COLLECTION", lines_in("T1", "T1")), one_parcel())
    assert parcel_of(record).scanned_at is None


def test_of_two_parcels_only_the_collected_one_is_scanned() -> None:
    one, two = lines_in("T1", "T2")
    facts = sighting("AWAITING_COLLECTION", (replace(one, collected=True), two))
    change = decided(two_parcels(), facts)
    assert change is not None
    assert [(parcel.id, parcel.scanned_at) for parcel in change.parcels] == [("oms-T1", facts.updated_at)]
    assert events_of(change).count(Event.PARCEL_SCANNED) == 1


def test_the_second_parcel_is_scanned_when_it_is_its_turn() -> None:
    one, two = lines_in("T1", "T2")
    first = sighting("AWAITING_COLLECTION", (replace(one, collected=True), two))
    both = sighting(
        "IN_TRANSIT", lines_in("T1", "T2", collected=True), timedelta(hours=30), collected_at=NOON + timedelta(hours=29)
    )
    record = seen(both, seen(first, two_parcels()))
    assert parcel_of(record, "oms-T1").scanned_at == first.updated_at
    assert parcel_of(record, "oms-T2").scanned_at == both.collected_at


def test_a_collection_before_the_parcel_was_at_tiktok_is_another_parcel_s() -> None:
    record = at_tiktok(reported(handed_over(), LINE_1, LINE_2), at=COLLECTED + timedelta(seconds=1))
    assert parcel_of(seen(COLLECTED_WHOLE, record)).scanned_at == COLLECTED_WHOLE.updated_at


def test_a_collection_at_the_moment_at_which_tiktok_got_it_is_its_own() -> None:
    record = at_tiktok(reported(handed_over(), LINE_1, LINE_2), at=COLLECTED)
    assert parcel_of(seen(COLLECTED_WHOLE, record)).scanned_at == COLLECTED


def test_where_tiktok_shows_no_time_of_collection_the_sighting_s_time_stands() -> None:
    facts = sighting("IN_TRANSIT", WHOLE)
    assert parcel_of(seen(facts, one_parcel())).scanned_at == facts.updated_at


def test_a_parcel_is_scanned_once() -> None:
    record = seen(COLLECTED_WHOLE, one_parcel())
    later = sighting("DELIVERED", WHOLE, timedelta(days=3), collected_at=COLLECTED + timedelta(hours=1))
    change = decided(record, later)
    assert Event.PARCEL_SCANNED not in events_of(change)
    assert parcel_of(applied(record, change)).scanned_at == COLLECTED


def test_an_older_sighting_does_not_undo_a_scan() -> None:
    record = seen(COLLECTED_WHOLE, one_parcel())
    older = sighting("AWAITING_COLLECTION", lines_in("T1", "T1"), timedelta(hours=7))
    assert decided(record, older) is None


def test_a_parcel_whose_lines_leave_one_by_one_is_scanned_with_the_first() -> None:
    one, two = lines_in("T1", "T1")
    record = seen(sighting("AWAITING_COLLECTION", (one, replace(two, collected=True))), one_parcel())
    assert parcel_of(record).scanned_at is not None


def test_a_parcel_by_hand_is_scanned_like_any_other() -> None:
    by_hand = sighting("AWAITING_COLLECTION", lines_in("T1", "T1"), timedelta(hours=6))
    record = seen(by_hand, handed_over())
    assert parcel_of(record, "tiktok-P-oms-T1").scanned_at is None
    assert parcel_of(seen(COLLECTED_WHOLE, record), "tiktok-P-oms-T1").scanned_at == COLLECTED


def test_a_parcel_by_hand_that_is_seen_only_on_its_way_is_scanned_from_the_first() -> None:
    change = decided(handed_over(), COLLECTED_WHOLE)
    assert change is not None
    (parcel,) = change.parcels
    # It was at TikTok Shop at the latest then.
    assert (parcel.at_tiktok_since, parcel.scanned_at) == (COLLECTED_WHOLE.updated_at, COLLECTED_WHOLE.updated_at)
    assert events_of(change)[-2:] == [Event.PARCEL_REPORTED, Event.PARCEL_SCANNED]


def test_a_parcel_that_tiktok_is_seen_to_have_and_a_carrier_too_is_scanned_in_one_go() -> None:
    """The answer to the push was lost."""
    record = seen(COLLECTED_WHOLE, reported(handed_over(), LINE_1, LINE_2))
    assert parcel_of(record).at_tiktok_since == COLLECTED_WHOLE.updated_at
    assert parcel_of(record).scanned_at == COLLECTED_WHOLE.updated_at


def test_a_parcel_that_tiktok_does_not_have_is_not_scanned() -> None:
    """Its line left in another package, by hand."""
    record = reported(handed_over(), LINE_1, LINE_2)
    record = seen(sighting("IN_TRANSIT", lines_in("X", "X", collected=True)), record)
    assert parcel_of(record).scanned_at is None
    assert parcel_of(record, "tiktok-P-oms-X").scanned_at is not None


def test_a_line_that_left_in_another_package_says_nothing_about_the_parcel() -> None:
    one, two = lines_in("X", "T1")
    record = seen(sighting("AWAITING_COLLECTION", (replace(one, collected=True), two)), one_parcel())
    assert parcel_of(record).scanned_at is None


def test_a_refused_parcel_is_never_scanned() -> None:
    record = one_parcel()
    refused = replace(parcel_of(record), refused="for a test")
    record = seen(COLLECTED_WHOLE, replace(record, parcels=(refused,)))
    assert parcel_of(record).scanned_at is None


# ---- recalled


def canceled(lines: tuple[LineFacts, ...]) -> tuple[LineFacts, ...]:
    return tuple(replace(line, canceled=True, shipped=False, collected=False) for line in lines)


def test_a_parcel_of_a_cancelled_order_is_recalled() -> None:
    change = decided(one_parcel(), sighting("CANCELLED", canceled(lines_in("T1", "T1"))))
    assert change is not None
    (parcel,) = change.parcels
    assert (parcel.recalled, parcel.scanned_at) == (True, None)
    assert Event.PARCEL_SCANNED not in events_of(change)


DUE = NOON + timedelta(days=16)
"""When TikTok Shop cancels what no carrier has collected."""


@pytest.mark.parametrize(
    ("canceled_by", "after_due", "recalled"),
    [
        ("SYSTEM", timedelta(0), False),
        ("SYSTEM", timedelta(hours=1), False),
        ("SYSTEM", -timedelta(seconds=1), True),
        ("SELLER", timedelta(hours=1), True),
        ("BUYER", timedelta(hours=1), True),
        ("", timedelta(hours=1), True),
    ],
)
@pytest.mark.parametrize("shows_its_time", [True, False])
def test_what_tiktok_cancels_because_nobody_collected_it_lacks_its_scan(
    canceled_by: str, after_due: timedelta, *, recalled: bool, shows_its_time: bool
) -> None:
    at = DUE + after_due
    facts = sighting(
        "CANCELLED",
        canceled(lines_in("T1", "T1")),
        at - NOON,
        canceled_by=canceled_by,
        canceled_at=at if shows_its_time else None,
        cancels_unless_collected_by=DUE,
    )
    assert parcel_of(seen(facts, one_parcel())).recalled is recalled


def test_what_tiktok_cancels_by_itself_without_having_shown_a_deadline_lacks_its_scan() -> None:
    facts = sighting("CANCELLED", canceled(lines_in("T1", "T1")), canceled_by="SYSTEM")
    assert not parcel_of(seen(facts, one_parcel())).recalled


def test_a_parcel_of_an_order_that_is_cancelled_as_a_whole_is_recalled_whatever_its_lines_say() -> None:
    record = seen(sighting("CANCELLED", lines_in("T1", "T1")), one_parcel())
    assert parcel_of(record).recalled


def test_a_parcel_is_recalled_when_its_last_line_is_cancelled() -> None:
    one, two = lines_in("T1", "T2")
    record = seen(sighting("AWAITING_COLLECTION", (*canceled((one,)), two)), two_parcels())
    assert (parcel_of(record, "oms-T1").recalled, parcel_of(record, "oms-T2").recalled) == (True, False)


def test_a_parcel_with_a_living_line_is_waited_for() -> None:
    one, two = lines_in("T1", "T1")
    record = seen(sighting("AWAITING_COLLECTION", (*canceled((one,)), two)), one_parcel())
    assert not parcel_of(record).recalled
    record = seen(
        sighting("IN_TRANSIT", (*canceled((one,)), replace(two, collected=True)), timedelta(hours=10)), record
    )
    assert parcel_of(record).scanned_at is not None


def test_a_cancelled_line_without_a_status_of_its_own_is_no_scan() -> None:
    """It may seem collected, since the order is."""
    one, two = lines_in("T1", "T2")
    facts = sighting("IN_TRANSIT", (replace(one, canceled=True, collected=True), replace(two, collected=True)))
    record = seen(facts, two_parcels())
    assert (parcel_of(record, "oms-T1").scanned_at, parcel_of(record, "oms-T1").recalled) == (None, True)
    assert parcel_of(record, "oms-T2").scanned_at == facts.updated_at


def test_a_scanned_parcel_stays_scanned_when_its_order_is_cancelled() -> None:
    """It was lost on its way."""
    record = seen(COLLECTED_WHOLE, one_parcel())
    record = seen(sighting("CANCELLED", canceled(WHOLE), timedelta(days=12), collected_at=COLLECTED), record)
    assert (parcel_of(record).scanned_at, parcel_of(record).recalled) == (COLLECTED, False)


def test_a_scan_that_was_missed_before_the_cancellation_is_seen_by_the_time_of_collection() -> None:
    lost = sighting("CANCELLED", canceled(WHOLE), timedelta(days=12), collected_at=COLLECTED, canceled_by="SYSTEM")
    record = seen(lost, one_parcel())
    assert (parcel_of(record).scanned_at, parcel_of(record).recalled) == (COLLECTED, False)


def test_of_several_parcels_a_time_of_collection_says_nothing_once_they_are_cancelled() -> None:
    lines = canceled(lines_in("T1", "T2"))
    record = seen(sighting("CANCELLED", lines, timedelta(days=12), collected_at=COLLECTED), two_parcels())
    assert [(parcel.scanned_at, parcel.recalled) for parcel in record.parcels] == [(None, True)] * 2


def test_tiktok_s_answer_to_a_parcel_may_come_after_its_cancellation() -> None:
    record = seen(sighting("CANCELLED", canceled(some_lines())), reported(handed_over(), LINE_1, LINE_2))
    assert parcel_of(record).recalled
    record = at_tiktok(record)
    assert parcel_of(record).at_tiktok_since == AT_TIKTOK
    assert parcel_of(record).recalled


def test_a_recalled_parcel_that_holds_more_again_is_waited_for() -> None:
    record = one_parcel()
    recalled = replace(parcel_of(record), recalled=True)
    record = seen(sighting("AWAITING_COLLECTION", lines_in("T1", "T1")), replace(record, parcels=(recalled,)))
    assert not parcel_of(record).recalled


def test_a_refused_parcel_is_not_recalled() -> None:
    record = one_parcel()
    refused = replace(parcel_of(record), refused="for a test")
    change = decided(replace(record, parcels=(refused,)), sighting("CANCELLED", canceled(lines_in("T1", "T1"))))
    assert change is not None
    assert change.parcels == ()


# ---- many


def test_no_sighting_writes_more_parcels_than_a_transaction_holds() -> None:
    """Of an order with more of them the next sighting shows the rest."""
    lines = tuple(LineFacts(id=LineId(str(number)), sku="TEE-BLU-M", package_id=f"P{number}") for number in range(120))
    record = seen(some_facts(lines=lines))
    parcels = tuple(
        Parcel(
            id=ParcelId(f"oms-{line.id}"),
            source=Source.OMS,
            carrier="usps",
            tracking_number=f"T{line.id}",
            shipped_at=REPORTED,
            line_ids=(line.id,),
            package_id=line.package_id,
            at_tiktok_since=AT_TIKTOK,
        )
        for line in lines
    )
    shipped = tuple(replace(line, state=LineState.SHIPPED) for line in record.order.lines)
    record = replace(record, order=replace(record.order, lines=shipped), parcels=parcels)
    collected = tuple(replace(line, collected=True, shipped=True, tracking_number=f"T{line.id}") for line in lines)
    written = []
    for number, status in enumerate(("IN_TRANSIT", "DELIVERED", "COMPLETED")):
        change = decided(record, sighting(status, collected, timedelta(days=1 + number)))
        assert change is not None
        written.append(len(change.parcels))
        record = applied(record, change)
    assert written == [50, 50, 20]
    assert all(parcel.scanned_at for parcel in record.parcels)
