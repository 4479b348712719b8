"""Reasons for cancelling and for refusing to, by region and state of the order (TT 4.1 and 4.3).

The names are TikTok's; the texts stand for what its own screens say, in English.
"""

from dataclasses import dataclass

from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.orders import Order, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`name` is for machines, `text` for people."""

    name: str
    text: str


def _reasons(names: dict[str, str], prefix: str = "", suffix: str = "") -> tuple[Reason, ...]:
    return tuple(Reason(name=f"{prefix}{name}{suffix}", text=text) for name, text in names.items())


_OUT_OF_STOCK, _WRONG_PRICE = "Out of stock", "Pricing error"
_NO_DELIVERY, _BUYER_ASKED = "Unable to deliver to buyer address", "Buyer requested cancellation"
_UNPAID = {
    "out_of_stock": _OUT_OF_STOCK,
    "wrong_price": _WRONG_PRICE,
    "buyer_hasnt_paid_within_time_allowed": "Buyer has not paid within the time allowed",
}
_PAID = {
    "seller_cancel_reason_out_of_stock": _OUT_OF_STOCK,
    "seller_cancel_reason_wrong_price": _WRONG_PRICE,
    "seller_cancel_paid_reason_address_not_deliver": _NO_DELIVERY,
}
_SELLER_UNPAID = {
    "US": _reasons({**_UNPAID, "buyer_requested_cancellation": _BUYER_ASKED}, "seller_cancel_unpaid_reason_"),
    "GB": _reasons(_UNPAID, "seller_cancel_unpaid_reason_", "_uk"),
}
_SELLER_PAID = {
    "US": _reasons({**_PAID, "seller_cancel_paid_reason_buyer_requested_cancellation": _BUYER_ASKED}),
    "GB": _reasons(_PAID, suffix="_uk"),
}
_SELLER_ELSEWHERE = _reasons({"seller_cancel_order_reason_potential_fraud": "Potential fraud"})

_BUYER = {
    "change_payment_method": "Need to change payment method",
    "discount_not_expected": "Discount not as expected",
    "created_by_mistakes": "Order created by mistake",
    "high_delivery_costs": "High delivery costs",
    "better_price": "Better price available",
    "wrong_delivery_info": "Need to change delivery address",
    "not_shipped_on_time": "Not shipped on time",
    "no_longer_needed": "No longer needed",
    "forgot_to_apply_coupons": "Forgot to apply coupons",
}
_BUYER_PREFIX = "ecom_order_to_ship_canceled_reason_"
_BUYERS = {
    "US": _reasons(_BUYER, _BUYER_PREFIX),
    "GB": (*_reasons(_BUYER, _BUYER_PREFIX, "_uk"), *_reasons({"buyer_cancel_late_shipment": "Late shipment"})),
}

_SYSTEM = _reasons(
    {
        "system_cancel_order_reason_shipping_timeout": "Shipping timed out",
        "system_cancel_unpaid_time_out": "Payment timed out",
        "system_cancel_order_untracked": "Package could not be tracked",
        "system_cancel_add_address_overtime": "Address was not added in time",
        "system_cancel_order_exceed_edt_not_arrive": "Package did not arrive in time",
        "system_cancel_anti_span_block": "Order blocked",
        "package_cancel": "Package cancelled",
        "platform_cancel": "Cancelled by TikTok Shop",
        "package_lost": "Package lost",
        "package_damaged": "Package damaged",
        "package_scrap": "Package scrapped",
        "threepl_breach": "Carrier failed",
        "returned_to_shipper_refused": "Buyer refused the package",
        "returned_to_shipper_other": "Package returned to sender",
    }
)
_STAFF = _reasons(
    {
        "system_cancel_order_reason_potential_fraud": "Potential fraud",
        "operator_cancel_risk_control_block": "Blocked by risk control",
    }
)

_PACKED = "Product has been packed"
_UK_REFUSAL = "order_manage_list_action_respond_popup_reject_reason_"
_DELIVERED_UK = f"{_UK_REFUSAL}delivered_uk"
_REFUSALS = {
    "US": _reasons(
        {
            "ecom_reverse_reject_refund_request_package_delivery_multiple_boxes": "Sent in several boxes",
            "seller_reject_apply_unable_to_change_address": "Unable to change the address",
            "ecom_reverse_reject_cancel_reason_product_packed": _PACKED,
        }
    ),
    "GB": _reasons(
        {
            f"{_UK_REFUSAL}invalid_cancellation_reason_uk": "Invalid cancellation reason",
            _DELIVERED_UK: "Order is on its way",
            f"{_UK_REFUSAL}buyer_agree_uk": "Agreed with the buyer",
            "seller_reject_apply_product_has_been_packed": _PACKED,
        }
    ),
}
_REFUSALS_ELSEWHERE = _reasons(
    {
        "ecom_refund_reject_reason_cancel_unacceptable_uk": "Cancellation not accepted",
        f"{_UK_REFUSAL}invalid_cancellation_reason": "Invalid cancellation reason",
        f"{_UK_REFUSAL}delivered": "Order is on its way",
        f"{_UK_REFUSAL}buyer_agree": "Agreed with the buyer",
        "reverse_reject_request_reason_5": "Other",
    }
)


def _names(*lists: tuple[Reason, ...]) -> frozenset[str]:
    return frozenset(reason.name for reasons in lists for reason in reasons)


SELLER_NAMES = _names(*_SELLER_UNPAID.values(), *_SELLER_PAID.values(), _SELLER_ELSEWHERE)
CANCEL_NAMES = SELLER_NAMES | _names(*_BUYERS.values(), _SYSTEM, _STAFF)
REFUSAL_NAMES = _names(*_REFUSALS.values(), _REFUSALS_ELSEWHERE)
STAFF_NAMES = _names(_STAFF)


def sellers_of_region(region: str) -> frozenset[str]:
    """The names that sellers of the region may give for orders of any status."""
    return _names(_SELLER_UNPAID[region], _SELLER_PAID[region])


def cancel_reasons(order: Order, role: Role) -> tuple[Reason, ...]:
    """The reasons that somebody may give for cancelling this order now."""
    region = order.shop.region.code
    match role:
        case Role.BUYER:
            return _BUYERS[region]
        case Role.SELLER:
            return (_SELLER_UNPAID if order.status is Status.UNPAID else _SELLER_PAID)[region]
        case _:
            return (*_SYSTEM, *_STAFF)


def refusals(order: Order) -> tuple[Reason, ...]:
    """The reasons for refusing a buyer's request; "on its way" needs a parcel (inferred)."""
    of_region = _REFUSALS[order.shop.region.code]
    return tuple(reason for reason in of_region if order.packages or reason.name != _DELIVERED_UK)


def is_out_of_stock(name: str) -> bool:
    """The one reason for which single lines may be cancelled, and whose stock does not come back."""
    return "out_of_stock" in name


def reason_in_words(order: Order, role: Role, said: str) -> Reason:
    """The reason that a person gives by name or in words; other words stand under a general name.

    Raises LookupError for the name of a reason that does not apply to this order.
    """
    offered = cancel_reasons(order, role)
    for reason in offered:
        if said in {reason.name, reason.text}:
            return reason
    if said in CANCEL_NAMES | REFUSAL_NAMES:
        raise LookupError(f"{said} is no reason of the {role.lower()} for an order in {order.status}")
    general = {Role.BUYER: "No longer needed", Role.SELLER: _OUT_OF_STOCK}.get(role, "Cancelled by TikTok Shop")
    return Reason(name=next(reason.name for reason in offered if reason.text == general), text=said)
