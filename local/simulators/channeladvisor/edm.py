"""The shape of ChannelAdvisor's order entities: names, types and enumeration members (CA 3.2-3.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a property is written in JSON and in a filter."""

    INTEGER = "Edm.Int32"
    TEXT = "Edm.String"
    TIME = "Edm.DateTimeOffset"
    MONEY = "Edm.Decimal"
    FLAG = "Edm.Boolean"
    ENUM = "enumeration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of an entity; `members` only for enumerations, `longest` only for limited texts."""

    kind: Kind
    members: tuple[str, ...] = ()
    longest: int = 0


SHIPPING_STATUS = (
    "Unshipped",
    "Shipped",
    "PartiallyShipped",
    "PendingShipment",
    "Canceled",
    "ThirdPartyManaged",
)
PAYMENT_STATUS = ("NotYetSubmitted", "Cleared", "Submitted", "Failed", "Deposited")
CHECKOUT_STATUS = (
    "NotVisited",
    "Completed",
    "Visited",
    "CompletedAndVisited",
    "Disabled",
    "CompletedOffline",
    "OnHold",
)
ROLLUP = ("SellerManaged", "ExternallyManaged", "Mixed")
TAX_TYPE = ("NoTax", "Standard", "ExclusiveVat", "InclusiveVat")
FLAG = (-9999, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7)
FULFILLMENT_TYPE = ("Ship", "Pickup", "ShipToStore", "Courier")
DELIVERY_STATUS = (
    "NoChange",
    "InTransit",
    "ReadyForPickup",
    "Complete",
    "Canceled",
    "ThirdPartyManaged",
    "Confirmed",
    "PickAndPack",
    "LabelCreated",
    "Held",
)
EXTERNAL_FULFILLMENT_STATUS = ("New", "Pending", "Sent", "Processing", "Complete", "Held", "Failed")
MARKETPLACE_SHIPPING_STATUS = ("Pending", "InProgress", "Complete", "CompletedWithoutNotification", "Failed")
ADJUSTMENT_TYPE = ("Refund", "Cancellation")
ADJUSTMENT_SOURCE = ("Channel", "UserInterface", "Api", "System")
ADJUSTMENT_REASON = (
    "GeneralAdjustment",
    "ItemNotAvailable",
    "CustomerReturnedItem",
    "CouldNotShip",
    "AlternateItemProvided",
    "BuyerCancelled",
    "CustomerExchange",
    "MerchandiseNotReceived",
    "ShippingAddressUndeliverable",
    "Other",
)
ADJUSTMENT_REQUEST_STATUS = (
    "NoChange",
    "Error",
    "SubmittedNotProcessed",
    "NewRma",
    "PendingApproval",
    "ProcessingApproval",
    "ReadyForReturn",
    "PendingReturn",
    "ProcessingReturn",
    "PendingRejection",
    "ProcessingRejection",
    "ProcessedNotAcknowledged",
    "PendingReturnRejection",
    "ProcessingReturnRejection",
    "AcknowledgedPostProcessingNotComplete",
    "PostProcessingComplete",
    "RejectionCompleted",
    "InformationOnly",
)

ADDRESS_PARTS = [
    "Title",
    "FirstName",
    "LastName",
    "Suffix",
    "CompanyName",
    "CompanyJobTitle",
    "DaytimePhone",
    "EveningPhone",
    "AddressLine1",
    "AddressLine2",
    "City",
    "StateOrProvince",
    "StateOrProvinceName",
    "PostalCode",
    "Country",
]
SHIPPING_ADDRESS = tuple(f"Shipping{part}" for part in ADDRESS_PARTS)
BILLING_ADDRESS = tuple(f"Billing{part}" for part in ADDRESS_PARTS)


def _properties(
    *,
    integers: str = "",
    texts: str = "",
    times: str = "",
    money: str = "",
    flags: str = "",
    enums: Mapping[str, tuple[str, ...]] | None = None,
    longest: Mapping[str, int] | None = None,
) -> dict[str, Property]:
    limits = longest or {}
    found = {
        name: Property(kind=kind, longest=limits.get(name, 0))
        for kind, names in (
            (Kind.INTEGER, integers),
            (Kind.TEXT, texts),
            (Kind.TIME, times),
            (Kind.MONEY, money),
            (Kind.FLAG, flags),
        )
        for name in names.split()
    }
    found |= {name: Property(kind=Kind.ENUM, members=members) for name, members in (enums or {}).items()}
    return found


ORDER = _properties(
    integers="ID ProfileID SiteID SiteAccountID CheckoutSourceID UserDataPresent FlagID",
    texts=(
        "SiteName SiteOrderID SecondarySiteOrderID SellerOrderID Currency ResellerID PromotionCode "
        "RequestedShippingCarrier RequestedShippingClass PublicNotes PrivateNotes SpecialInstructions "
        "FlagDescription OrderTags BuyerUserId BuyerEmailAddress PaymentMethod PaymentTransactionID "
        "PaymentPaypalAccountID PaymentCreditCardLast4 PaymentMerchantReferenceNumber "
        + " ".join(SHIPPING_ADDRESS + BILLING_ADDRESS)
    ),
    times=(
        "UserDataRemovalDateUTC CreatedDateUtc ImportDateUtc UpdatedDateUtc CheckoutDateUtc PaymentDateUtc "
        "ShippingDateUtc EstimatedShipDateUtc DeliverByDateUtc"
    ),
    money=(
        "TotalPrice TotalTaxPrice TotalShippingPrice TotalShippingTaxPrice TotalInsurancePrice "
        "TotalGiftOptionPrice TotalGiftOptionTaxPrice AdditionalCostOrDiscount PromotionAmount"
    ),
    flags="BuyerEmailOptIn",
    enums={
        "CheckoutStatus": CHECKOUT_STATUS,
        "PaymentStatus": PAYMENT_STATUS,
        "ShippingStatus": SHIPPING_STATUS,
        "DistributionCenterTypeRollup": ROLLUP,
        "OrderTaxType": TAX_TYPE,
        "ShippingTaxType": TAX_TYPE,
        "GiftOptionsTaxType": TAX_TYPE,
    },
    longest={"SellerOrderID": 25, "PublicNotes": 4000, "PrivateNotes": 4000, "SpecialInstructions": 255},
)
ORDER_ITEM = _properties(
    integers="ID ProfileID OrderID ProductID Quantity ReferenceProductID",
    texts=(
        "SiteOrderItemID SellerOrderItemID SiteListingID Sku Title GiftMessage GiftNotes ItemURL "
        "HarmonizedCode ReferenceSku"
    ),
    money=(
        "UnitPrice TaxPrice ShippingPrice ShippingTaxPrice RecyclingFee UnitEstimatedShippingCost GiftPrice "
        "GiftTaxPrice"
    ),
    flags="IsBundle",
)
PROMOTION = _properties(integers="ID", texts="Code", money="Amount ShippingAmount")
ITEM_ATTRIBUTE = _properties(integers="OrderID OrderItemID ProfileID", texts="Name Value")
FULFILLMENT = _properties(
    integers="ID ProfileID OrderID DistributionCenterID ShippingLabelRequestID",
    texts=(
        "TrackingNumber TrackingUrl ReturnTrackingNumber ShippingCarrier ShippingClass "
        "ExternalFulfillmentCenterCode ExternalFulfillmentNumber ExternalFulfillmentReferenceNumber "
        "SellerFulfillmentID StagingLocation SerialShippingContainerCode LabelFormat ReturnLabelFormat "
        "ChannelReturnLabelFormat"
    ),
    times=(
        "CreatedDateUtc UpdatedDateUtc ShippedDateUtc EarliestShipDateUtc EarliestDeliveryDateUtc "
        "EstimatedShipDateUtc EstimatedDeliveryDateUtc"
    ),
    money="ShippingCost InsuranceCost TaxCost",
    flags="HasShippingLabel HasChannelPackingSlip HasReturnLabel HasChannelReturnLabel",
    enums={
        "Type": FULFILLMENT_TYPE,
        "DeliveryStatus": DELIVERY_STATUS,
        "ExternalFulfillmentStatus": EXTERNAL_FULFILLMENT_STATUS,
    },
)
FULFILLMENT_ITEM = _properties(
    integers="ID ProfileID OrderID FulfillmentID OrderItemID ProductID Quantity ReferenceProductID",
    texts="Sku SellerFulfillmentItemID ReferenceSku WarehouseLocation",
    enums={"MarketplaceShippingStatus": MARKETPLACE_SHIPPING_STATUS},
)
ADJUSTMENT = _properties(
    integers="ID ProfileID OrderID",
    texts=(
        "RestockStatus SellerAdjustmentID SiteAdjustmentID AdjustmentTransactionID PublicNotes Comment "
        "RmaNumber ReturnTrackingNumberOrUrl ReturnShippingMethod"
    ),
    times="CreatedDateUtc SiteRefundDateUtc",
    money=(
        "ItemAdjustment TaxAdjustment ShippingAdjustment ShippingTaxAdjustment GiftWrapAdjustment "
        "GiftWrapTaxAdjustment RecyclingFeeAdjustment ReturnShippingFee RestockingFee"
    ),
    flags="IsRestock",
    enums={
        "Type": ADJUSTMENT_TYPE,
        "Reason": ADJUSTMENT_REASON,
        "RequestStatus": ADJUSTMENT_REQUEST_STATUS,
        "CreatedSource": ADJUSTMENT_SOURCE,
        "LastUpdatedSource": ADJUSTMENT_SOURCE,
    },
)
ITEM_ADJUSTMENT = ADJUSTMENT | _properties(integers="OrderItemID Quantity ReferenceProductID", texts="ReferenceSku")
SHIP_VALUE = _properties(
    integers="DistributionCenterID",
    texts=(
        "TrackingNumber ReturnTrackingNumber TrackingUrl ShippingCarrier ShippingClass SellerFulfillmentID "
        "SerialShippingContainerCode"
    ),
    times="ShippedDateUtc",
    flags="PreventMarketplaceCommunication",
    enums={"DeliveryStatus": DELIVERY_STATUS, "FulfillmentType": FULFILLMENT_TYPE},
)
SHIP_ITEM = _properties(integers="OrderItemID ProductID Quantity", texts="Sku SellerFulfillmentItemID ReferenceSku")
ADJUST_ORDER = _properties(
    texts="SellerAdjustmentID",
    money="AdjustmentAmount",
    flags="PreventSiteProcessing Restock RefundOnly",
    enums={"Reason": ADJUSTMENT_REASON},
)
ADJUST_ITEM = _properties(
    integers="Quantity",
    texts="SellerAdjustmentID",
    money=(
        "ItemAdjustment TaxAdjustment ShippingAdjustment ShippingTaxAdjustment GiftWrapAdjustment "
        "GiftWrapTaxAdjustment RecyclingFeeAdjustment"
    ),
    flags="PreventSiteProcessing Restock RefundOnly ForceCalculateOmittedAmounts",
    enums={"Reason": ADJUSTMENT_REASON},
)
