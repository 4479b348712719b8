"""Which orders carry a tracking number: known from the moment when a parcel is kept, over either table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_told
from order_sync.ledger import keys
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.table import Key, Table
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    ORDER_ID,
    SHOP_ID,
    TIMING,
    a_report,
    a_shop,
    minutes,
    parcel_reported,
    some_facts,
    some_lines,
    the_entry,
)

OTHER_ORDER = OrderId("576461413038785753")
NUMBER = a_report().tracking_number
OTHER_NUMBER = "9405803699300124287899"


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return Ledger(table, lambda: NOON + timedelta(hours=4))


def seen(ledger: Ledger, order: OrderId = ORDER_ID, status: str = "AWAITING_SHIPMENT") -> None:
    facts = some_facts(status, id=order)
    ledger.change(SHOP_ID, order, lambda record: decide_sighting(record, facts, a_shop(), TIMING, NOON + minutes(90)))


def reported(report: ReportedParcel) -> Callable[[OrderRecord | None], Change | None]:
    return lambda record: parcel_reported(record, report, NOON + timedelta(hours=3)) if record else None


def found(ledger: Ledger, number: str = NUMBER, shop: ShopId = SHOP_ID) -> list[OrderId]:
    return ledger.orders_with_tracking(shop, number)


def test_orders_are_found_by_the_tracking_numbers_of_their_parcels(ledger: Ledger) -> None:
    for order in (ORDER_ID, OTHER_ORDER):
        seen(ledger, order)
    assert found(ledger) == []

    ledger.change(SHOP_ID, ORDER_ID, reported(a_report(line_ids=(LINE_1,))))
    assert found(ledger) == [ORDER_ID]

    ledger.change(SHOP_ID, OTHER_ORDER, reported(a_report()))
    ledger.change(
        SHOP_ID,
        ORDER_ID,
        reported(a_report(id=ParcelId("oms-S2"), tracking_number=OTHER_NUMBER, line_ids=(LINE_2,))),
    )
    assert found(ledger) == [ORDER_ID, OTHER_ORDER]
    assert found(ledger, OTHER_NUMBER) == [ORDER_ID]
    assert found(ledger, NUMBER[:-1]) == []
    assert found(ledger, shop=ShopId("7495540735365777508")) == []


def test_a_refused_parcel_is_not_found_until_it_is_reported_again_and_right_by_then(ledger: Ledger) -> None:
    seen(ledger, status="ON_HOLD")
    ledger.change(SHOP_ID, ORDER_ID, reported(a_report()))
    record = ledger.load(SHOP_ID, ORDER_ID)
    assert record is not None
    assert [parcel.refused for parcel in record.parcels] == ["the order is PENDING"]
    assert found(ledger) == []

    seen(ledger)
    ledger.change(SHOP_ID, ORDER_ID, reported(a_report()))
    assert found(ledger) == [ORDER_ID]


def test_a_parcel_that_is_known_writes_its_tracking_number_no_more(ledger: Ledger) -> None:
    seen(ledger)
    ledger.change(SHOP_ID, ORDER_ID, reported(a_report()))
    ledger.table.delete(Key(keys.tracking_partition(SHOP_ID, NUMBER), ORDER_ID))

    def told(record: OrderRecord | None) -> Change | None:
        assert record is not None
        (parcel,) = record.parcels
        entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, parcel.id)
        change = decide_told(record, entry, NOON + timedelta(hours=4))
        return replace(change, parcels=(replace(parcel, package_id="P1"),)) if change else None

    assert ledger.change(SHOP_ID, ORDER_ID, told) is not None
    assert found(ledger) == []


def test_two_packages_under_one_number_are_kept_and_found_as_one_order(ledger: Ledger) -> None:
    one, two = some_lines(shipped=True, tracking_number=NUMBER)
    lines = (replace(one, package_id="P1"), replace(two, package_id="P2"))
    facts = some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=lines)
    ledger.change(SHOP_ID, ORDER_ID, lambda record: decide_sighting(record, facts, a_shop(), TIMING, NOON))
    record = ledger.load(SHOP_ID, ORDER_ID)
    assert record is not None
    assert [parcel.tracking_number for parcel in record.parcels] == [NUMBER, NUMBER]
    assert found(ledger) == [ORDER_ID]


def test_each_of_ninety_parcels_that_one_sighting_brings_is_found(ledger: Ledger) -> None:
    (line, _) = some_lines(shipped=True)
    lines = tuple(replace(line, id=LineId(f"L{n}"), package_id=f"P{n}", tracking_number=f"T{n}") for n in range(90))
    facts = some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=lines)
    ledger.change(SHOP_ID, ORDER_ID, lambda record: decide_sighting(record, facts, a_shop(), TIMING, NOON))
    assert all(found(ledger, f"T{n}") == [ORDER_ID] for n in range(90))
