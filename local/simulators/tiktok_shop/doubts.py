"""What the reference sheet leaves open, as switches."""

from dataclasses import dataclass
from enum import StrEnum


class Blank(StrEnum):
    """How a value that does not exist yet is sent (TT 9.5: both were seen)."""

    EMPTY = "EMPTY"
    OMITTED = "OMITTED"


class LabelSign(StrEnum):
    """What first shows that a return label exists."""

    DOCUMENT = "DOCUMENT"
    """return_shipping_document_type; the tracking number comes with the carrier's scan."""
    TRACKING = "TRACKING"
    """return_tracking_number, without a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Each default is the reading that the sheet calls more likely, or else the stricter one."""

    expired_token_status: int = 401
    """HTTP status of 105002: 401, or 200 as one report says (TT 9.2)."""
    business_error_status: int = 200
    """HTTP status of a business refusal: 200 is inferred, 400 is possible (TT 9.2)."""
    tracking_before_shipping: Blank = Blank.EMPTY
    """tracking_number and shipping_provider of an order that has not shipped (TT 9.5)."""
    withheld_address: Blank = Blank.OMITTED
    """recipient_address in UNPAID and ON_HOLD (TT 2.9, 9.5)."""
    rotation_kills_old_refresh_token: bool = True
    """Whether a refresh token dies when its successor is issued (TT 9.4)."""
    us_shipment_rejects_request: bool = True
    """Whether shipping in the US rejects a pending buyer's cancel request (TT 9.3)."""
    same_sku_may_be_split: bool = True
    """Whether units of one SKU may go into different packages, else 21011036 (TT 3)."""
    tracking_changes: int = 1
    """How often a package's tracking number or carrier may be changed within 72 hours (TT 3, OP B6)."""
    too_many_changes_code: int = 21011051
    """Answer for one change too many: 21011051 ("once"), or 21011052 ("a limited number of times")."""
    same_label_again_counts: bool = True
    """Whether sending a package the tracking number and carrier that it has uses up a change, or does nothing."""
    combined_orders_share_a_package: bool = True
    """Whether combined orders have one package id between them, known before they ship and changed for all at once:
    the package lists name several orders for one id (TT 3). Else each order's package has an id of its own."""
    sellers_option_type: str = "STANDARD"
    """The `type` of a delivery option that the seller ships by: STANDARD, or SEND_BY_SELLER (TT 3)."""
    already_shipped_code: int = 21011020
    """Answer for an order that has shipped whole: 21011020, 21011006, 21011040, 21042056 or 11006021 (TT 3)."""
    packed_line_code: int = 21008099
    """Answer for a line that is in a package already, while others are not."""
    cancelled_code: int = 21011041
    """Answer for shipping a cancelled order: 21011041 or 21011042."""
    late_rest_is_cancelled: bool = True
    """Whether what has not shipped of a partly shipped order is cancelled when its time is over (OP B3)."""
    first_parcel_sets_collection_time: bool = False
    """Whether an order's collection_time is that of its first parcel, or of the last one (TT 2.5)."""
    handling_time_only_of_lines: bool = False
    """Whether only lines carry the handling time of made-to-order and back-ordered goods (TT 2.5)."""
    request_meets_other_lines: bool = True
    """Whether a shipment of lines outside an open request meets the request all the same (TT 4.3)."""
    us_offers_reject: bool = True
    """Whether US apps may still reject a request: told to stop by 2024-03-31, but reasons are listed (TT 4.3)."""
    closed_cancel_status: str = "CANCELLATION_REQUEST_CANCELLED"
    """A withdrawn or rejected request in answers: this, or CANCELLATION_REQUEST_CANCEL (TT 9.1)."""
    closed_cancel_filter: str = "CANCELLATION_REQUEST_CANCEL"
    """The same as a search filter; the other spelling is refused (TT 4.2, 9.1)."""
    respond_action: str = "SELLER_RESPOND_CANCEL"
    """The seller's next action: this, or SELLER_RESPOND_BUYER_CANCEL (TT 9.1)."""
    staff_is_operator: bool = False
    """Whether a cancellation by TikTok's staff (fraud) names OPERATOR instead of SYSTEM (TT 4.2)."""
    cancelled_again_code: int = 25001011
    """Answer for cancelling a cancelled order: 25001011, as for an open request, or 25001051 (TT 4.1)."""
    approved_again_code: int = 25011012
    """Answer for approving what is approved: 25011012 or 25020003 (TT 4.3)."""
    rejected_again_code: int = 25011011
    """Answer for rejecting what is closed: 25011011 or 25020003 (TT 4.3)."""
    pending_request_code: int = 21011007
    """Answer for shipping while a cancel request is open, outside the US: 21011007 or 21008044."""
    first_return_is_approved: bool = True
    """Whether TikTok grants an order's first request to return goods itself (CA 7), or the seller is asked."""
    label_shows_as: LabelSign = LabelSign.DOCUMENT
    """How a return says that its label was made (TT 4.4 has one status before and after)."""
    returns_name_next_action: bool = True
    """Whether a return that waits for the seller carries seller_next_action_response."""
    returns_touch_orders: bool = False
    """Whether update_time of an order moves with its returns."""
    full_refund_completes_order: bool = True
    """Whether an order on its way is COMPLETED when all of it is refunded (TT 2.8)."""
    returns_give_back_shipping: bool = True
    """Whether shipping and fees go back with the last units that are returned."""
    return_approved_again_code: int = 25011012
    """Answer for approving a request that is granted or rejected: 25011012 or 25001003 (TT 4.4)."""
    return_rejected_again_code: int = 25001003
    """Answer for rejecting a request that is over: 25001003, or 25011011 as for cancellations."""
    refund_eligibility_type: str = "REFUND"
    """request_type that eligibility for a refund is answered under: REFUND, as asked, or RETURN."""
