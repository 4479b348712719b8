"""What an order in ChannelAdvisor tells us: the id, the status, the parcels."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.models import UnreadableOrderError
from order_sync.partners.channeladvisor.seeing import order_id_of
from tests.unit.partners.channeladvisor.orders import TIKTOK_ID, facts, fulfillment, order


def test_facts_hold_status_number_and_parcel() -> None:
    seen = facts(order(fulfillment(), SellerOrderID="SO-1"))
    assert (seen.id, seen.order, seen.shipping_status) == ("4100123", TIKTOK_ID, "PartiallyShipped")
    assert seen.seller_order_id == "SO-1"
    assert seen.updated_at == datetime(2025, 8, 19, 15, 0, 10, 123456, tzinfo=UTC)
    (parcel,) = seen.parcels
    assert parcel.id == "channeladvisor-6600001"
    assert (parcel.carrier, parcel.shipping_class) == ("USPS", "Priority")
    assert parcel.tracking_number == "9400100000000000000000"
    assert parcel.shipped_at == datetime(2025, 8, 19, 14, 48, tzinfo=UTC)
    assert parcel.units == (("SKU-A", 2),)


@pytest.mark.parametrize(
    "changes",
    [
        {"DeliveryStatus": "NoChange"},
        {"DeliveryStatus": "Canceled"},
        {"DeliveryStatus": "ThirdPartyManaged"},
        {"DeliveryStatus": "PickAndPack"},
        {"Type": "Pickup"},
        {"TrackingNumber": None},
        {"TrackingNumber": " "},
    ],
)
def test_a_fulfilment_that_did_not_leave_by_a_carrier_is_no_parcel(changes: dict[str, Any]) -> None:
    assert facts(order(fulfillment(**changes))).parcels == ()


@pytest.mark.parametrize("ours", ["oms-SHP-1", "channeladvisor-6600009", "tiktok-1154"])
def test_our_own_parcel_is_known_by_its_id(ours: str) -> None:
    assert facts(order(fulfillment(SellerFulfillmentID=ours))).parcels[0].id == ours


@pytest.mark.parametrize("theirs", ["SHP-1", "", "oms-", "xoms-1"])
def test_a_sellers_own_parcel_is_known_by_channeladvisors_id(theirs: str) -> None:
    parcel = facts(order(fulfillment(SellerFulfillmentID=theirs))).parcels[0]
    assert parcel.id == "channeladvisor-6600001"


def test_units_of_one_sku_in_several_items_are_added_up() -> None:
    parts = [{"OrderItemID": 1, "Sku": "SKU-A", "Quantity": 2}, {"OrderItemID": 2, "Sku": "SKU-A", "Quantity": 1}]
    assert facts(order(fulfillment(Items=parts))).parcels[0].units == (("SKU-A", 3),)


def test_a_missing_sku_is_found_through_the_orders_item() -> None:
    parts = [{"OrderItemID": 8800002, "Sku": None, "Quantity": 1}]
    assert facts(order(fulfillment(Items=parts))).parcels[0].units == (("SKU-B", 1),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Items": []}, "holds no items"),
        ({"Items": [{"OrderItemID": 5, "Quantity": 1}]}, "an item without a SKU"),
        ({"ShippedDateUtc": None, "UpdatedDateUtc": None}, "has no date"),
    ],
)
def test_a_parcel_that_cannot_be_told_makes_the_order_unreadable(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableOrderError, match=f"6600001 {reason}|6600001 holds {reason}"):
        facts(order(fulfillment(**changes)))


@pytest.mark.parametrize(
    ("site_order_id", "secondary", "field", "expected"),
    [
        (TIKTOK_ID, None, "SiteOrderID", TIKTOK_ID),
        ("4100123", TIKTOK_ID, "SiteOrderID", TIKTOK_ID),
        (TIKTOK_ID, "99", "SecondarySiteOrderID", "99"),
        (TIKTOK_ID, "", "SecondarySiteOrderID", TIKTOK_ID),
        ("111-7654321-0000001", None, "SiteOrderID", None),
        ("4100123", None, "SiteOrderID", None),
    ],
)
def test_tiktoks_id_is_in_the_configured_field_or_the_other_one(
    site_order_id: str | None, secondary: str | None, field: str, expected: str | None
) -> None:
    settings = ChannelAdvisorSettings.model_validate({"account": "main", "profile_id": 1, "order_id_field": field})
    payload = order(SiteOrderID=site_order_id, SecondarySiteOrderID=secondary)
    assert order_id_of(payload, settings) == expected


def test_what_is_wrong_with_a_payload_is_told_without_its_content() -> None:
    with pytest.raises(ValidationError) as caught:
        order(fulfillment(Items=[{"Sku": "SKU-A", "Quantity": "canary"}]))
    assert "canary" not in str(caught.value)
