"""Parcels that wait for a mapping of their carrier, as the ledger keeps them."""

from dataclasses import replace
from typing import Any

import pytest

from order_sync.domain.ids import OrderId, ParcelId, ShopId
from order_sync.domain.outbox import Target
from order_sync.domain.shipping.unmapped import UnmappedParcel
from order_sync.ledger.table import Key, Put, Table
from order_sync.ledger.unmapped import KEPT, UnmappedParcels
from tests.builders import NOON, ORDER_ID, SHOP_ID

OTHER = ShopId("42")


def an_unmapped_parcel(target: Target = Target.TIKTOK_SHOP, **changes: Any) -> UnmappedParcel:
    values: dict[str, Any] = {
        "target": target,
        "order": ORDER_ID,
        "parcel": ParcelId("oms-S1"),
        "carrier": "Own",
        "shipping_class": "Fast",
        "entry": f"{target}#SHIP#oms-S1#1",
        "attempt": 2,
    }
    return UnmappedParcel(**(values | changes))


@pytest.fixture
def unmapped(table: Table) -> UnmappedParcels:
    return UnmappedParcels(table)


@pytest.mark.parametrize(
    "parcel",
    [
        an_unmapped_parcel(),
        an_unmapped_parcel(shipping_class="", carrier=""),
        an_unmapped_parcel(carrier="Ünïted 🧵 ", shipping_class="#"),
        an_unmapped_parcel(parcel=ParcelId("oms-S#1#2")),
        an_unmapped_parcel(Target.CHANNELADVISOR, tried=("UPS", "Fast")),
        an_unmapped_parcel(Target.CHANNELADVISOR, tried=("Veho", "")),
    ],
)
def test_a_parcel_is_read_as_it_was_kept(unmapped: UnmappedParcels, parcel: UnmappedParcel) -> None:
    unmapped.keep(SHOP_ID, parcel, NOON)
    assert unmapped.of_target(SHOP_ID, parcel.target) == [parcel] == unmapped.all(SHOP_ID)


def test_each_side_has_its_own_list(unmapped: UnmappedParcels) -> None:
    parcels = [an_unmapped_parcel(), an_unmapped_parcel(order=OrderId("2")), an_unmapped_parcel(Target.CHANNELADVISOR)]
    for parcel in parcels:
        unmapped.keep(SHOP_ID, parcel, NOON)
    unmapped.keep(OTHER, an_unmapped_parcel(carrier="Another shop's"), NOON)
    assert unmapped.of_target(SHOP_ID, Target.TIKTOK_SHOP) == sorted(parcels[:2], key=lambda each: each.order)
    assert unmapped.of_target(SHOP_ID, Target.CHANNELADVISOR) == [parcels[2]]
    assert unmapped.of_target(OTHER, Target.CHANNELADVISOR) == []
    assert len(unmapped.all(SHOP_ID)) == 3


def test_a_later_attempt_takes_the_place_of_an_earlier_one(unmapped: UnmappedParcels) -> None:
    refused = an_unmapped_parcel(Target.CHANNELADVISOR, tried=("UPS", "Fast"))
    later = replace(refused, carrier="Other", tried=None, attempt=5)
    unmapped.keep(SHOP_ID, refused, NOON)
    unmapped.keep(SHOP_ID, later, NOON)
    assert unmapped.all(SHOP_ID) == [later]


def test_a_parcel_is_forgotten_unless_it_failed_again_meanwhile(unmapped: UnmappedParcels) -> None:
    seen, again = an_unmapped_parcel(), an_unmapped_parcel(attempt=5)
    unmapped.keep(SHOP_ID, again, NOON)
    unmapped.forget(SHOP_ID, seen)
    assert unmapped.all(SHOP_ID) == [again]
    for _ in range(2):
        unmapped.forget(SHOP_ID, again)
        assert unmapped.all(SHOP_ID) == []


def test_a_parcel_that_waits_for_half_a_year_is_dropped_by_the_table(unmapped: UnmappedParcels, table: Table) -> None:
    unmapped.keep(SHOP_ID, an_unmapped_parcel(), NOON)
    (item,) = table.query(f"SHOP#{SHOP_ID}")
    assert item["expires_at"] == int((NOON + KEPT).timestamp())


@pytest.mark.parametrize(
    ("sort_key", "version"),
    [("UNMAPPED#TIKTOK_SHOP#1", 1), ("UNMAPPED#TIKTOK_SHOP#1#oms-S1", "no number")],
)
def test_what_somebody_has_damaged_stops_no_other(
    unmapped: UnmappedParcels, table: Table, sort_key: str, version: int | str
) -> None:
    table.put(Put(item={"pk": f"SHOP#{SHOP_ID}", "sk": sort_key, "version": version}))
    unmapped.keep(SHOP_ID, an_unmapped_parcel(), NOON)
    assert unmapped.of_target(SHOP_ID, Target.TIKTOK_SHOP) == [an_unmapped_parcel()]
    assert table.get(Key(f"SHOP#{SHOP_ID}", sort_key)) is not None
