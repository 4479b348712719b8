"""One tracking number under several ids of its reporter: parts of one parcel, or one part more than once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from order_sync.domain.answering.answers import Answer
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    a_shop,
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
    some_facts,
    some_lines,
    taken,
    the_request,
)
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    OMS,
    REPORTED,
    S1,
    S2,
    SHIP,
    SKU,
    TIKTOK_SHOP,
    A,
    B,
    at_tiktok,
    done,
    entry,
    failed,
    heard,
    in_channeladvisor,
    in_doubt,
    labels,
    report,
    sending,
    telling,
    the_parcel,
)

LINE_3 = LineId("577086512123755125")
CAP = "CAP-RED"
ONE, TWO = report(A, line_ids=(LINE_1,)), report(A, id=S2, line_ids=(LINE_2,))


def of_three_lines() -> OrderRecord:
    """Two units of one SKU and one of another, at all sides."""
    one, two = some_lines()
    return taken(created(released(lines=(one, two, replace(one, id=LINE_3, sku=CAP)))))


def with_the_first() -> OrderRecord:
    return heard(handed_over(), ONE, at=REPORTED)


def lines_in_parcels(record: OrderRecord) -> dict[ParcelId, tuple[LineId, ...]]:
    return {parcel.id: parcel.line_ids for parcel in record.parcels if not parcel.refused}


def test_further_lines_join_the_parcel_that_nobody_was_told_of() -> None:
    change = parcel_reported(with_the_first(), TWO, CHANGED)
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.happened_at) == (Event.PARCEL_EXTENDED, "OMS", TWO.shipped_at)
    assert fact.detail == {"parcel": S1, "lines": LINE_2}
    record = applied(with_the_first(), change)
    assert lines_in_parcels(record) == {S1: (LINE_1, LINE_2)}
    assert {line.state for line in record.order.lines} == {LineState.IN_PARCEL}
    assert labels(record) == (A, A)
    for target in (TIKTOK_SHOP, CHANNELADVISOR):
        assert telling(record, target) == ["SHIP 1 WAITING"]


def test_further_lines_join_only_while_no_run_takes_the_parcel() -> None:
    change = parcel_reported(with_the_first(), TWO, CHANGED)
    assert change is not None
    assert {each.name for each in change.outbox} == {"TIKTOK_SHOP#SHIP#oms-S1#1", "CHANNELADVISOR#SHIP#oms-S1#1"}


PARTS = {
    "lines": (report(A, line_ids=(LINE_1,)), report(A, id=S2, line_ids=(LINE_2, LINE_3))),
    "units of other SKUs": (report(A, units=((SKU, 2),)), report(A, id=S2, units=((CAP, 1),))),
    "units of the same SKU": (report(A, units=((SKU, 1), (CAP, 1))), report(A, id=S2, units=((SKU, 1),))),
    "both": (report(A, line_ids=(LINE_2,)), report(A, id=S2, units=((SKU, 1), (CAP, 1)))),
}


@pytest.mark.parametrize("parts", PARTS)
def test_parts_by_lines_and_by_units_make_up_one_parcel(parts: str) -> None:
    record = heard(of_three_lines(), *PARTS[parts])
    assert {parcel: set(lines) for parcel, lines in lines_in_parcels(record).items()} == {S1: {LINE_1, LINE_2, LINE_3}}
    assert record.order.open_lines == ()


@pytest.mark.parametrize("parts", PARTS)
def test_parts_that_are_reported_again_are_the_same_parts(parts: str) -> None:
    record = heard(of_three_lines(), *PARTS[parts])
    assert heard(record, *PARTS[parts], *reversed(PARTS[parts])) == record


def test_a_part_that_is_reported_again_does_not_take_another_unit() -> None:
    first, again = report(A, units=((SKU, 1),)), report(A, id=S2, units=((CAP, 1),))
    record = heard(of_three_lines(), first, again, first, again)
    assert [line.state for line in record.order.lines] == [LineState.IN_PARCEL, LineState.OPEN, LineState.IN_PARCEL]


def test_units_that_a_part_names_twice_add_up() -> None:
    parts = (report(A, units=((CAP, 1),)), report(A, id=S2, units=((SKU, 1), (SKU, 1))))
    record = heard(of_three_lines(), *parts)
    assert record.order.open_lines == ()


def test_a_second_fulfilment_with_the_number_joins_the_first_under_its_id() -> None:
    """ChannelAdvisor's fulfilments of one number are read as one parcel with all of their units."""
    record = heard(handed_over(), in_channeladvisor(units=((SKU, 1),)), at=REPORTED)
    change = parcel_reported(record, in_channeladvisor(units=((SKU, 2),)), CHANGED)
    assert events_of(change) == [Event.PARCEL_EXTENDED]
    record = applied(record, change)
    assert lines_in_parcels(record) == {C1: (LINE_1, LINE_2)}
    assert {each.name for each in record.outbox if each.subject == C1} == {
        "TIKTOK_SHOP#SHIP#channeladvisor-88#1",
        "OMS#NOTE_PARCEL#channeladvisor-88#1",
    }
    assert parcel_reported(record, in_channeladvisor(units=((SKU, 2),)), CHANGED) is None


def test_a_second_fulfilment_with_the_number_of_one_that_was_told_is_left_to_a_person() -> None:
    record = at_tiktok(heard(handed_over(), in_channeladvisor(units=((SKU, 1),)), at=REPORTED), C1)
    change = parcel_reported(record, in_channeladvisor(units=((SKU, 2),)), CHANGED)
    assert events_of(change) == [Event.FAILED]
    record = applied(record, change)
    assert [line.state for line in record.order.lines] == [LineState.SHIPPED, LineState.OPEN]
    assert parcel_reported(record, in_channeladvisor(units=((SKU, 2),)), CHANGED) is None


# --- told already


def taken_by_tiktok(record: OrderRecord) -> OrderRecord:
    return at_tiktok(record)


def being_told(record: OrderRecord) -> OrderRecord:
    return sending(record, entry(record, SHIP))


def in_doubt_at_tiktok(record: OrderRecord) -> OrderRecord:
    return in_doubt(record, entry(record, SHIP))


def known_to_channeladvisor(record: OrderRecord) -> OrderRecord:
    return done(record, entry(record, SHIP, CHANNELADVISOR))


TOLD_TO = [taken_by_tiktok, being_told, in_doubt_at_tiktok, known_to_channeladvisor]


@pytest.mark.parametrize("tell", TOLD_TO)
def test_a_parcel_that_was_told_takes_no_more_lines_and_a_person_is_told_why(
    tell: Callable[[OrderRecord], OrderRecord],
) -> None:
    before = tell(with_the_first())
    change = parcel_reported(before, TWO, CHANGED)
    assert change is not None
    assert (events_of(change), change.outbox) == ([Event.FAILED], ())
    (refused,) = change.parcels
    assert refused.id == f"oms-S2@{A}"
    assert refused.refused == (
        f"tracking number '{A}' was told with parcel oms-S1, and a parcel that was told takes no more lines: "
        "ship these under a number of their own"
    )
    record = applied(before, change)
    assert the_parcel(record) == the_parcel(before)
    assert record.order.open_lines
    assert parcel_reported(record, TWO, CHANGED) is None


def test_lines_that_came_too_late_for_a_parcel_go_under_a_number_of_their_own() -> None:
    record = heard(at_tiktok(with_the_first()), TWO, replace(TWO, tracking_number=B))
    assert lines_in_parcels(record) == {S1: (LINE_1,), S2: (LINE_2,)}
    assert telling(record, parcel=S2) == ["SHIP 1 WAITING"]
    assert heard(record, ONE, TWO, replace(TWO, tracking_number=B)) == record


# --- who else names the number


def test_an_echo_of_the_whole_parcel_by_another_side_is_known_there() -> None:
    record = heard(handed_over(), ONE, TWO, in_channeladvisor(A))
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE"]
    assert lines_in_parcels(record) == {S1: (LINE_1, LINE_2)}
    assert telling(record) == ["SHIP 1 WAITING"]


def test_another_side_that_knows_only_a_part_is_told_of_the_parcel() -> None:
    record = heard(handed_over(), ONE, TWO, in_channeladvisor(A, units=((SKU, 1),)))
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WAITING"]


# --- what becomes of it


def test_a_parcel_that_failed_takes_more_lines_and_waits_for_a_person() -> None:
    record = with_the_first()
    record = heard(failed(record, entry(record, SHIP)), TWO)
    assert lines_in_parcels(record) == {S1: (LINE_1, LINE_2)}
    assert entry(record, SHIP).state is EntryState.FAILED


def test_a_parcel_that_waits_for_the_creation_at_channeladvisor_takes_more_lines() -> None:
    record = heard(claimed(released(), CHANNELADVISOR, Action.CREATE_ORDER), ONE, TWO)
    assert lines_in_parcels(record) == {S1: (LINE_1, LINE_2)}
    assert entry(record, SHIP, CHANNELADVISOR).waits_for == "CHANNELADVISOR#CREATE_ORDER#order#1"


@pytest.mark.parametrize("corrected_part", [S1, S2])
def test_all_parts_of_a_parcel_get_its_new_number(corrected_part: ParcelId) -> None:
    record = heard(handed_over(), ONE, TWO)
    changes: list[ReportedParcel] = [replace(ONE, tracking_number=B), replace(TWO, tracking_number=B)]
    changes.sort(key=lambda each: each.id != corrected_part)
    record = heard(record, *changes)
    assert lines_in_parcels(record) == {S1: (LINE_1, LINE_2)}
    assert labels(record) == (B, B)
    assert not [parcel for parcel in record.parcels if parcel.refused]


@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_part_with_the_line_that_the_buyer_wants_to_cancel_is_the_answer_as_a_parcel_of_its_own_would_be(
    region: str,
) -> None:
    shop, at = a_shop(region=region), ASKED + minutes(30)

    def reported(record: OrderRecord, *reports: ReportedParcel) -> OrderRecord:
        for each in reports:
            record = applied(record, parcel_reported(record, each, at, shop))
        return record

    asked = requested(shop=shop, line_ids=(LINE_2,))
    record = reported(asked, ONE, TWO)
    whole = reported(asked, report(A, line_ids=(LINE_1, LINE_2)))
    assert the_request(record).answer is Answer.REJECT
    assert the_request(record) == the_request(whole)
    assert entry(record, SHIP).waits_for == entry(whole, SHIP).waits_for


def test_a_part_with_nothing_but_cancelled_units_must_come_back() -> None:
    one, two = some_lines()
    facts = some_facts(seen_after=minutes(300), lines=(one, replace(two, canceled=True)))
    record = seen(facts, with_the_first(), at=CHANGED)
    change = parcel_reported(record, TWO, CHANGED)
    assert change is not None
    assert Event.RECOVERY_NEEDED in events_of(change)
    assert {each.action for each in change.outbox if each.target is OMS} == {Action.RECOVER_PARCELS}
