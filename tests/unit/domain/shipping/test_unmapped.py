"""Parcels that wait for a mapping of their carrier: what became of them, and how they are listed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.ids import LineId, OrderId, ParcelId
from order_sync.domain.orders import LineState, Source, lines_in_state
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.unmapped import (
    Standing,
    UnmappedParcel,
    Waiting,
    by_words,
    count_parcels,
    is_mapped_by_now,
    standing_of,
)
from order_sync.domain.shop import ShopSettings
from order_sync.domain.telling import decide_failed, decide_not_told, decide_replay, decide_told
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    ORDER_ID,
    a_report,
    a_shop,
    applied,
    claimed,
    handed_over,
    parcel_reported,
    the_entry,
)

PARCEL = ParcelId("oms-S1")
LATER = NOON + timedelta(hours=4)
SHIP_AT_TIKTOK = (Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
SHIP_IN_CHANNELADVISOR = (Target.CHANNELADVISOR, Action.SHIP, "oms-S1")


def failed(target: Target = Target.TIKTOK_SHOP) -> OrderRecord:
    """An order whose parcel failed for want of a mapping."""
    record = handed_over()
    record = applied(record, parcel_reported(record, a_report(carrier="Own", shipping_class="Fast"), LATER))
    record = claimed(record, target, Action.SHIP, "oms-S1")
    entry = the_entry(record, target, Action.SHIP, "oms-S1")
    return applied(record, decide_failed(record, entry, LATER, reason="not accepted"))


def waits(target: Target = Target.TIKTOK_SHOP, **changes: Any) -> UnmappedParcel:
    values: dict[str, Any] = {
        "target": target,
        "order": ORDER_ID,
        "parcel": PARCEL,
        "carrier": "Own",
        "shipping_class": "Fast",
        "entry": f"{target}#SHIP#oms-S1#1",
        "attempt": 2,
    }
    return UnmappedParcel(**(values | changes))


def mapped(**row: str) -> ShopSettings:
    return a_shop(shipping_mappings=[{"carrier": "Own", "code": "ups"} | row])


@pytest.mark.parametrize("target", [Target.TIKTOK_SHOP, Target.CHANNELADVISOR])
def test_a_parcel_that_failed_waits(target: Target) -> None:
    assert standing_of(failed(target), waits(target)) is Standing.WAITS


def test_a_parcel_is_over_when_nobody_knows_its_order_its_entry_or_it() -> None:
    record = failed()
    assert standing_of(None, waits()) is Standing.OVER
    assert standing_of(record, waits(entry="TIKTOK_SHOP#SHIP#oms-S1#2")) is Standing.OVER
    assert standing_of(record, waits(parcel=ParcelId("oms-S2"))) is Standing.OVER
    assert standing_of(replace(record, parcels=()), waits()) is Standing.OVER


def test_a_parcel_in_the_hands_of_a_run_is_left_to_it() -> None:
    record = claimed(failed(), Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    assert standing_of(record, waits()) is Standing.BEING_TOLD


def test_a_parcel_that_was_told_withdrawn_or_sent_again_waits_no_more() -> None:
    record = failed()
    entry = the_entry(record, *SHIP_AT_TIKTOK)
    for decided in (
        decide_told(record, entry, LATER),
        decide_not_told(record, entry, LATER, reason="deleted"),
        decide_replay(record, LATER, entry.name),
    ):
        assert decided is not None
        assert standing_of(applied(record, decided), waits()) is Standing.OVER


def test_a_parcel_that_is_refused_or_whose_lines_are_all_cancelled_waits_no_more() -> None:
    record = failed()
    (parcel,) = record.parcels

    def with_canceled(*lines: LineId) -> OrderRecord:
        changed = lines_in_state(record.order.lines, lines, LineState.CANCELED)
        return replace(record, order=replace(record.order, lines=changed))

    assert standing_of(replace(record, parcels=(replace(parcel, refused="deleted"),)), waits()) is Standing.OVER
    assert standing_of(with_canceled(LINE_1), waits()) is Standing.WAITS
    assert standing_of(with_canceled(LINE_1, LINE_2), waits()) is Standing.OVER


@pytest.mark.parametrize("label", [("Other", "Fast"), ("Own", "Slow")])
def test_a_parcel_with_other_words_on_it_waits_for_these_no_more(label: tuple[str, str]) -> None:
    record = failed()
    (parcel,) = record.parcels
    corrected = replace(parcel, carrier=label[0], shipping_class=label[1])
    assert standing_of(replace(record, parcels=(corrected,)), waits()) is Standing.OVER


def test_words_are_mapped_once_a_row_stands_for_them_exactly() -> None:
    assert not is_mapped_by_now(a_shop(), waits())
    assert not is_mapped_by_now(mapped(carrier="own"), waits())
    assert not is_mapped_by_now(mapped(shipping_class="Slow"), waits())
    assert is_mapped_by_now(mapped(), waits())
    assert is_mapped_by_now(mapped(shipping_class="Fast"), waits())


def test_what_channeladvisor_refused_is_tried_again_only_as_something_else() -> None:
    refused = waits(Target.CHANNELADVISOR, tried=("UPS", "Fast"))
    assert not is_mapped_by_now(mapped(), refused)
    assert not is_mapped_by_now(mapped(channeladvisor_carrier="UPS", channeladvisor_class="Fast"), refused)
    assert is_mapped_by_now(mapped(channeladvisor_class="Ground"), refused)
    assert is_mapped_by_now(mapped(channeladvisor_carrier="United Parcel Service"), refused)


def test_an_accepted_code_that_channeladvisor_refused_waits_for_a_row() -> None:
    refused = waits(Target.CHANNELADVISOR, carrier="usps", shipping_class="First", tried=("USPS", "First"))
    assert not is_mapped_by_now(a_shop(), refused)
    assert is_mapped_by_now(mapped(carrier="usps", code="usps", channeladvisor_class="Ground"), refused)


def test_what_tiktok_named_itself_waits_for_a_row_after_channeladvisor_refused_it() -> None:
    refused = waits(Target.CHANNELADVISOR, carrier="Veho", shipping_class="", tried=("Veho", ""))
    assert not is_mapped_by_now(a_shop(), refused)
    assert is_mapped_by_now(mapped(carrier="Veho", channeladvisor_carrier="Veho", channeladvisor_class="X"), refused)


def listed(order: str, target: Target, due: datetime | None, **changes: Any) -> Waiting:
    return Waiting(waits(target, order=OrderId(order), **changes), due)


def test_parcels_are_listed_by_their_words_the_most_urgent_first() -> None:
    waiting = [
        listed("1", Target.TIKTOK_SHOP, None, carrier="Undated"),
        listed("2", Target.TIKTOK_SHOP, NOON + timedelta(days=2)),
        listed("2", Target.CHANNELADVISOR, NOON + timedelta(days=2)),
        listed("3", Target.TIKTOK_SHOP, NOON + timedelta(days=1)),
        listed("3", Target.TIKTOK_SHOP, NOON + timedelta(days=1), parcel=ParcelId("oms-S9")),
        listed("4", Target.CHANNELADVISOR, NOON, shipping_class="Slow", tried=("UPS", "Slow")),
        listed("5", Target.CHANNELADVISOR, None, carrier="Another"),
    ]
    found = by_words(a_shop(), waiting)
    assert [(each.carrier, each.shipping_class, each.parcels, each.dispatch_by) for each in found] == [
        ("Own", "Slow", 1, NOON),
        ("Own", "Fast", 3, NOON + timedelta(days=1)),
        ("Another", "Fast", 1, None),
        ("Undated", "Fast", 1, None),
    ]
    assert found[1].sides == {Target.TIKTOK_SHOP: 3, Target.CHANNELADVISOR: 1}
    assert (found[0].refused, found[1].refused) == ((("UPS", "Slow"),), ())
    assert count_parcels(each.parcel for each in waiting) == 6
    assert by_words(a_shop(), []) == []


def test_of_the_parcels_of_some_words_those_are_counted_that_a_mapping_frees() -> None:
    waiting = [
        listed("1", Target.TIKTOK_SHOP, NOON),
        listed("1", Target.CHANNELADVISOR, NOON, tried=("UPS", "Fast")),
        listed("2", Target.CHANNELADVISOR, NOON, tried=("UPS", "Fast")),
    ]
    assert [each.mapped for each in by_words(a_shop(), waiting)] == [0]
    assert [each.mapped for each in by_words(mapped(), waiting)] == [1]
    assert [each.mapped for each in by_words(mapped(channeladvisor_class="Ground"), waiting)] == [2]


def test_a_parcel_s_source_does_not_matter_to_what_it_waits_for() -> None:
    record = failed()
    parcels: tuple[Parcel, ...] = tuple(replace(each, source=Source.CHANNELADVISOR) for each in record.parcels)
    assert standing_of(replace(record, parcels=parcels), waits()) is Standing.WAITS
    assert the_entry(record, *SHIP_AT_TIKTOK).state is EntryState.FAILED
