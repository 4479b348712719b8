"""The OMS's shipments as reported parcels; a bad one does not stop the others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Source
from order_sync.partners.oms.shipments import read_page


def shipment(**changes: Any) -> dict[str, Any]:
    return {
        "id": "SHP-1",
        "tiktok_order_id": "577086512123755123",
        "carrier": "usps",
        "shipping_class": None,
        "tracking_number": "9400100000000000000000",
        "shipped_at": "2025-08-19T16:48:00+02:00",
        "lines": [{"tiktok_line_id": "577086512123755124"}],
        "new_field": 1,
    } | changes


def page(*shipments: Any, **changes: Any) -> dict[str, Any]:
    return {"shipments": list(shipments), "next_cursor": "c2", "has_more": False} | changes


def test_a_shipment_is_a_parcel_under_the_omss_id() -> None:
    ((order, parcel),) = read_page(page(shipment()), "c1").reported
    assert order == "577086512123755123"
    assert (parcel.id, parcel.source, parcel.carrier) == ("oms-SHP-1", Source.OMS, "usps")
    assert (parcel.shipping_class, parcel.tracking_number) == ("", "9400100000000000000000")
    assert parcel.shipped_at == datetime(2025, 8, 19, 14, 48, tzinfo=UTC)
    assert (parcel.line_ids, parcel.units) == (("577086512123755124",), ())


def test_lines_may_be_told_by_sku_and_quantity() -> None:
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]
    ((_, parcel),) = read_page(page(shipment(lines=lines)), "").reported
    assert (parcel.line_ids, parcel.units) == ((), (("A", 2), ("B", 1)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"shipped_at": "2025-08-19T14:48:00"}, "shipped_at"),
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "A", "quantity": 0}]}, "lines"),
        ({"lines": [{"sku": "A", "quantity": "canary"}]}, "lines.0.quantity"),
        ({"lines": [{"tiktok_line_id": "1"}, {"sku": "A", "quantity": 1}]}, "lines"),
        ({"tracking_number": ""}, "tracking_number"),
        ({"tracking_number": None}, "tracking_number"),
        ({"tiktok_order_id": "a b"}, "tiktok_order_id"),
    ],
)
def test_a_bad_shipment_is_told_by_id_and_place_and_the_others_are_read(changes: dict[str, Any], reason: str) -> None:
    found = read_page(page(shipment(**changes), shipment(id="SHP-2")), "")
    assert [parcel.id for _, parcel in found.reported] == ["oms-SHP-2"]
    assert [bad.id for bad in found.unreadable] == ["SHP-1"]
    assert found.unreadable[0].reason.startswith(reason)
    assert "canary" not in found.unreadable[0].reason


def test_something_that_is_no_shipment_at_all_is_unreadable() -> None:
    assert [bad.id for bad in read_page(page("nonsense", None), "").unreadable] == ["", ""]


@pytest.mark.parametrize(
    "body",
    [None, [], {}, page(next_cursor=""), page(has_more="no"), page(shipments={})],
)
def test_an_unreadable_page_is_refused_as_a_whole(body: Any) -> None:
    with pytest.raises(RejectedError, match="list shipments: the answer is unreadable"):
        read_page(body, "")


def test_a_cursor_that_stands_still_is_not_followed_for_ever() -> None:
    with pytest.raises(RejectedError, match="the cursor stands still"):
        read_page(page(next_cursor="c1", has_more=True), "c1")
    assert read_page(page(next_cursor="c1"), "c1").next_cursor == "c1"
