"""Refusals with TikTok Shop's codes and words, from the error sheet."""

from http import HTTPStatus

DETAILS = " For more details: https://m.tiktok.shop/s/simulated"

INTERNAL = (
    "Internal error. Please try again. If the issue persists after multiple attempts, please contact platform support."
)
SHIPPED = "These orders are already shipped."
BUSY = "System process error, please try again later."
NOT_FETCHED = "Failed to get orders, If multiple retry have failed, please contact the platform for assistance"
CANCELLED = "Cannot complete the operation when order is cancelled."

MESSAGES = {
    10002014: NOT_FETCHED,
    10002015: NOT_FETCHED,
    10006402: INTERNAL,
    10007002: "Current order is not a merchant blind box order.",
    10037002: NOT_FETCHED,
    10037003: NOT_FETCHED,
    10037004: NOT_FETCHED,
    11001027: "System timeout. If this error persists, please contact the platform for assistance.",
    11001031: BUSY,
    11005004: "warehouse not exist",
    11005010: "get lead time from card service error",
    11006005: BUSY,
    11006021: "Package has been shipped. Please not ship the package again.",
    11006026: BUSY,
    11021009: "No available shipping services for this request. Please modify the package weight or check the "
    "recipient address. If the error persists, please contact the platform for assistance.",
    11028006: "This tracking number cannot be matched to any carrier, please check the tracking number and upload "
    "again.",
    11050001: "invalid param",
    21001001: "Invalid parameters. Please ensure you are passing the correct request parameter(s).",
    21001003: "System timeout. If the error persists, please contact the platform for assistance.",
    21001008: BUSY,
    21001011: BUSY,
    21001029: "rpc logistics_logistics_service_4b failed",
    21001043: BUSY,
    21001055: BUSY,
    21004012: "Tracking number has special characters, verify failed.",
    21004015: "Tracking number mismatch provider.",
    21004016: "Tracking number verify, not avalible logsitics service or provider",
    21004019: "Need invoice uploaded for all order before rts.",
    21004020: "Fulfillment Invoice status is not success, can not rts pkg.",
    21008025: "Seller cannot operate orders which are fulfilled by platform",
    21008042: "seller already print shipping label",
    21008044: "SellerFulfillUnitInReverseCannotOperate",
    21008099: "Package has been shipped. Please not ship the package again.",
    21008106: "This interface cannot be used in this region.",
    21008111: "The order or package does not belong to the current seller.",
    21008116: "No Subscription without specified delivery option.",
    21008117: "The delivery of the specified delivery_option_id is fulfilled by TikTok. "
    "No shipping provider will be returned.",
    21008300: BUSY,
    21011001: "Package not found. If the error persists, please contact the platform for assistance.",
    21011003: "fulfill_unit action not allowed",
    21011004: "This API cannot be used to update package shipping information for packages that are not shipped "
    "by sellers.",
    21011006: SHIPPED,
    21011007: "Package item has after-sale request, please process the after-sale request first.",
    21011012: "not match trade rule",
    21011013: "not match logistics rule",
    21011020: SHIPPED,
    21011022: "Invalid tracking number or provider ID. Please double check and try again.",
    21011025: "Duplicate tracking number.",
    21011026: "fulfillment tracking no used times over limit",
    21011028: "The package does not belong to the current shop.",
    21011029: "order does not belong to fulfill unit",
    21011030: "Package has already been delivered. If you would still like to update the tracking number, please "
    "contact the platform for assistance.",
    21011033: "order already combined",
    21011035: "split order not allowed",
    21011036: "split same sku in Multi Package not allow.",
    21011040: "Package has already been shipped.",
    21011041: CANCELLED,
    21011042: CANCELLED,
    21011043: "The package has not been shipped yet.",
    21011044: "Order status is on hold. Please process when order status update to awaiting shipment",
    21011046: "Order has combine, not allow split order",
    21011048: "There are multiple packages that can be shipped, please specify the order line that needs to be "
    "shipped.",
    21011049: "Due to platform rule limitations, you are unable to update the tracking number.",
    21011050: "The tracking number can only be updated within a certain number of hours.",
    21011051: "The tracking number can only be updated once.",
    21011052: "The tracking number can only be updated a limited number of times.",
    21021010: "Failed to ship. You may cancel the order without penalty by selecting the following reason: "
    "Unable to deliver to buyer address.",
    21022025: "A shipping label has already been purchased.",
    21022026: "Cannot purchase shipping label, please try again later.",
    21022028: "split pkg fail.",
    21022029: BUSY,
    21022030: BUSY,
    21032001: "fulfill unit status not allow to update pkg attr",
    21034006: "decision route occurs error",
    21034012: "tracking no has been used",
    21042056: SHIPPED,
    21042057: "These orders are not in the Awaiting shipment status. Couldn't create labels for them.",
    25001001: "An invalid request parameter was passed. Please check that you have the correct parameter type(s) and "
    "format.",
    25001003: "Invalid order status.",
    25001010: "A return request has already been completed, or the order has already been cancelled.",
    25001011: "A return request is already in process, or the order has already been cancelled.",
    25001014: "Unknown return reason. Please ensure you are passing a valid return reason.",
    25001015: "The provided return reason cannot be used by the seller. Please select a valid return reason and try "
    "again.",
    25001016: "reverse reason not match action type",
    25001020: "The provided return reason is currently offline. Please select a different return reason.",
    25001021: "Reason not match order status",
    25001028: "reverse lock failed",
    25001042: "Return package creation has failed due to internal error.",
    25001044: "ConfirmReceive fulfillment order failed",
    25001045: "The order has already been shipped and we are unable to cancel shipment with the courier.",
    25001046: "Return request has failed due to an interception by TikTok risk control.",
    25001051: "Not allowed to return or cancel since order is completed or cancelled",
    25001057: "reverse reason not match reason type",
    25001058: "reverse downstream data load error",
    25005005: "Refund total amount is larger than the refundable amount.",
    25005010: "Unable to cancel individual line items within this request.",
    25005011: "The requested line item(s) for return or refund exceeds the allowable limit.",
    25007002: "db access error",
    25007006: "Order not found.",
    25007007: "ReverseOrderExistNegotiate",
    25011010: "request has been transferred to platform operator",
    25011011: "reverse status cannot reject application",
    25011012: "reverse status cannot approve application",
    25011013: "reverse status cannot approve receive",
    25011023: "forbid process authentic guarantee order",
    25011025: "Quick refund forbid reject receive.",
    25011026: "forbid process receive for FBT order",
    25011032: "ReverseInvalidStatusPartialRefund",
    25011035: "could not reject parcel now",
    25020003: "decision not match reverse status",
    25020004: "decision not match reverse type",
    25020005: "No permission to process this order",
    25020008: INTERNAL,
    25020009: "reverse already cancelled",
    25020010: "Aftersales has been approved and cannot be rejected.",
    25020011: "return already received",
    25020012: "status can't reject receive",
    36009003: INTERNAL,
    36020001: "Invalid order_id",
}

ALREADY_SHIPPED = frozenset({11006021, 21008099, 21011006, 21011020, 21011040, 21042056})


class RefusalError(Exception):
    """A request that TikTok Shop refuses. `status` None: a business refusal, its HTTP status is a doubt."""

    def __init__(self, code: int, message: str, status: int | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status


def business(code: int) -> RefusalError:
    """A business refusal, in the words of the error sheet."""
    return RefusalError(code, MESSAGES[code])


def invalid(message: str) -> RefusalError:
    """36009004, the bucket for missing and invalid parameters: only the message tells them apart (TT 6.1)."""
    return RefusalError(36009004, message + DETAILS, HTTPStatus.BAD_REQUEST)


def malformed(message: str) -> RefusalError:
    """36009021, input that cannot be read at all (TT 6.1)."""
    return RefusalError(36009021, message + DETAILS, HTTPStatus.BAD_REQUEST)


def unauthorised(code: int, message: str, status: int = HTTPStatus.UNAUTHORIZED) -> RefusalError:
    """A refusal of the caller's credentials."""
    return RefusalError(code, message + DETAILS, status)


class IllegalStepError(ValueError):
    """A scenario asked for something that the status machine of TT 2.8 does not allow."""
