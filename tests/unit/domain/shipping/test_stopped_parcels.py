"""A parcel that TikTok Shop never took, reported anew under another id: it takes the place of the first."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from order_sync.domain.orders import LineState
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    a_shop,
    applied,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    requested,
    settled,
)
from tests.unit.domain.shipping.scenes import (
    CHANGED,
    CHANNELADVISOR,
    REPORTED,
    S1,
    S2,
    SHIP,
    SKU,
    A,
    B,
    C,
    at_tiktok,
    done,
    entry,
    everybody_told,
    failed,
    heard,
    in_channeladvisor,
    in_doubt,
    label,
    labels,
    report,
    telling,
    the_parcel,
    waiting,
)

GB = a_shop(region="GB")
BY_LINES: dict[str, Any] = {"line_ids": (LINE_1, LINE_2)}
BY_UNITS: dict[str, Any] = {"units": ((SKU, 2),)}
TWICE: dict[str, Any] = {"units": ((SKU, 1), (SKU, 1))}


def stopped(first: ReportedParcel | None = None) -> OrderRecord:
    record = waiting(first)
    return failed(record, entry(record, SHIP))


def anew(number: str = B, **changes: Any) -> ReportedParcel:
    return report(number, id=S2, **changes)


@pytest.mark.parametrize("content", [BY_LINES, BY_UNITS, TWICE], ids=["lines", "units", "units named twice"])
def test_the_same_content_under_a_new_id_takes_the_place_of_what_was_stopped(content: dict[str, Any]) -> None:
    change = parcel_reported(stopped(), anew(**content), CHANGED)
    assert events_of(change) == [Event.PARCEL_CORRECTED]
    record = applied(stopped(), change)
    assert [parcel.id for parcel in record.parcels] == [S1]
    assert (labels(record), set(the_parcel(record).numbers)) == ((B, B), {A, B})
    assert telling(record) == ["SHIP 1 WAITING"]
    assert entry(record, SHIP).due_at == CHANGED
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WAITING"]


def test_channeladvisor_that_was_told_of_the_stopped_parcel_is_told_of_the_new_label() -> None:
    record = stopped()
    record = heard(done(record, entry(record, SHIP, CHANNELADVISOR)), anew(**BY_UNITS))
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 DONE", "CORRECT_PARCEL 1 WAITING"]


def test_the_feed_of_both_ids_that_is_read_again_changes_nothing() -> None:
    feed = (report(A, **BY_UNITS), anew(**BY_UNITS))
    record = heard(stopped(), *feed)
    assert heard(record, *feed, *feed) == record


def test_what_took_the_place_can_be_corrected_under_its_own_id() -> None:
    record = heard(stopped(), anew(**BY_UNITS), anew(C, **BY_UNITS))
    assert (labels(record), set(the_parcel(record).numbers)) == ((C, C), {A, B, C})
    assert not [parcel for parcel in record.parcels if parcel.refused]


@pytest.mark.parametrize("changes", [{"carrier": "fedex"}, {"shipping_class": "Priority"}])
def test_what_took_the_place_can_get_another_carrier_under_its_own_id(changes: dict[str, str]) -> None:
    record = heard(stopped(), anew(carrier="usp", **BY_UNITS))
    record = failed(record, entry(record, SHIP), "carrier 'usp' is not known")
    mended = anew(**(BY_UNITS | {"carrier": "usps"} | changes))
    record = heard(record, mended)
    assert the_parcel(record).label == mended.label
    assert telling(record) == ["SHIP 1 WAITING"]


def test_a_stopped_part_is_replaced_by_its_like_and_the_rest_stays() -> None:
    one, two = report(A, line_ids=(LINE_1,)), report(C, id="oms-S3", line_ids=(LINE_2,))
    record = heard(handed_over(), one, two, at=REPORTED)
    record = failed(record, entry(record, SHIP))
    record = heard(record, anew(line_ids=(LINE_1,)))
    assert labels(record) == (B, B)
    assert the_parcel(record, two.id).label == label(C)
    assert the_parcel(record, two.id).line_ids == (LINE_2,)


# --- what is something else


def told_to_tiktok() -> OrderRecord:
    return everybody_told()


def perhaps_told() -> OrderRecord:
    record = waiting()
    return in_doubt(record, entry(record, SHIP))


@pytest.mark.parametrize("before", [waiting, told_to_tiktok, perhaps_told])
def test_a_parcel_that_was_not_stopped_keeps_its_place(before: Callable[[], OrderRecord]) -> None:
    record = heard(before(), anew(**BY_LINES))
    assert the_parcel(record) == the_parcel(before())
    assert the_parcel(record, S2).refused


def test_another_side_does_not_replace_what_was_stopped() -> None:
    record = heard(stopped(), in_channeladvisor(B))
    assert labels(record) == (A, A)
    assert entry(record, SHIP).state is EntryState.FAILED


def test_other_content_does_not_replace_what_was_stopped() -> None:
    record = heard(stopped(), anew(line_ids=(LINE_1,)))
    assert labels(record) == (A, A)
    assert the_parcel(record, S2).refused == f"lines {LINE_1} are not open lines of this order"


def test_units_that_are_open_still_are_a_parcel_of_their_own() -> None:
    record = stopped(report(A, units=((SKU, 1),)))
    record = heard(record, anew(units=((SKU, 1),)))
    assert (the_parcel(record).line_ids, the_parcel(record, S2).line_ids) == ((LINE_1,), (LINE_2,))
    assert entry(record, SHIP).state is EntryState.FAILED
    assert [line.state for line in record.order.lines] == [LineState.IN_PARCEL] * 2


def test_a_parcel_that_names_no_content_replaces_nothing() -> None:
    record = heard(stopped(), anew())
    assert labels(record) == (A, A)
    assert the_parcel(record, S2).refused == "no line of this order is open"


# --- stopped, and then a buyer asks to cancel


def test_a_stopped_parcel_that_meets_a_request_goes_with_its_new_number_when_that_is_over() -> None:
    record = requested(stopped(), GB)
    record = applied(record, parcel_reported(record, report(B), ASKED + minutes(20), GB))
    assert (entry(record, SHIP).state, labels(record)) == (EntryState.WAITING, (B, B))
    record = settled(record, "CLOSED", minutes(40), GB)
    ship = entry(record, SHIP)
    assert (ship.state, ship.waits_for) == (EntryState.WAITING, "")
    assert ship.due_at is not None


def test_a_stopped_parcel_that_is_mended_after_the_request_was_closed_goes_at_once() -> None:
    record = settled(requested(stopped(), GB), "CLOSED", minutes(40), GB)
    at = ASKED + minutes(60)
    record = applied(record, parcel_reported(record, report(B), at, GB))
    ship = entry(record, SHIP)
    assert (ship.state, ship.waits_for, ship.due_at) == (EntryState.WAITING, "", at)


def test_a_replaced_parcel_at_tiktok_is_one_parcel_of_the_order() -> None:
    record = at_tiktok(heard(stopped(), anew(**BY_UNITS)))
    assert {line.state for line in record.order.lines} == {LineState.SHIPPED}
    assert [replace(parcel, other_ids=()).id for parcel in record.parcels] == [S1]
