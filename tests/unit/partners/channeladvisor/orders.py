"""Orders as ChannelAdvisor's payloads show them, to be changed by each test."""

from typing import Any

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.ids import OrderId
from order_sync.partners.channeladvisor.models import OrderPayload
from order_sync.partners.channeladvisor.seeing import facts_of

TIKTOK_ID = OrderId("577086512123755123")


def order(*fulfillments: dict[str, Any], **changes: Any) -> OrderPayload:
    """Part-shipped, of two SKUs."""
    payload: dict[str, Any] = {
        "ID": 4100123,
        "SiteID": 587,
        "SiteOrderID": TIKTOK_ID,
        "SecondarySiteOrderID": None,
        "SellerOrderID": None,
        "UpdatedDateUtc": "2025-08-19T15:00:10.1234567Z",
        "ShippingStatus": "PartiallyShipped",
        "Currency": "USD",
        "Items": [{"ID": 8800001, "Sku": "SKU-A"}, {"ID": 8800002, "Sku": "SKU-B"}],
        "Fulfillments": list(fulfillments),
        "NewField": {"deep": [1]},
    }
    return OrderPayload.model_validate(payload | changes)


def fulfillment(**changes: Any) -> dict[str, Any]:
    """A parcel with two units of SKU-A."""
    return {
        "ID": 6600001,
        "Type": "Ship",
        "DeliveryStatus": "Complete",
        "TrackingNumber": "9400100000000000000000",
        "ShippingCarrier": "USPS",
        "ShippingClass": "Priority",
        "ShippedDateUtc": "2025-08-19T14:48:00Z",
        "UpdatedDateUtc": "2025-08-19T14:50:00Z",
        "SellerFulfillmentID": None,
        "Items": [{"OrderItemID": 8800001, "Sku": "SKU-A", "Quantity": 2}],
    } | changes


def adjustment(**changes: Any) -> dict[str, Any]:
    """A cancellation that a person has carried out."""
    return {
        "ID": 5500001,
        "Type": "Cancellation",
        "Reason": "GeneralAdjustment",
        "RequestStatus": "PostProcessingComplete",
        "CreatedSource": "UserInterface",
        "CreatedDateUtc": "2025-08-19T14:30:00Z",
        "SellerAdjustmentID": None,
        "Comment": "never read",
    } | changes


def facts(payload: OrderPayload) -> ChannelAdvisorFacts:
    """What the payload tells about TikTok's order; reasons that say nothing mean a wrong price here."""
    return facts_of(payload, TIKTOK_ID, SellerReason.WRONG_PRICE)
