"""Reasons for returns, for a seller's own refunds and for rejecting returns, by region and what has arrived (TT 4.4).

The names are TikTok's; the texts stand for what its own screens say, in English.
"""

from collections.abc import Iterable

from local.simulators.tiktok_shop.cancel_reasons import CANCEL_NAMES, REFUSAL_NAMES, Reason
from local.simulators.tiktok_shop.orders import Line, Order, PackageStatus
from local.simulators.tiktok_shop.return_records import ReturnQuestion, ReturnType


def _reasons(names: dict[str, str], prefix: str = "", suffix: str = "") -> tuple[Reason, ...]:
    return tuple(Reason(name=f"{prefix}{name}{suffix}", text=text) for name, text in names.items())


_ARRIVED, _ARRIVED_RETURN = "ecom_order_delivered_refund_reason_", "ecom_order_delivered_refund_and_return_reason_"
_NOT_RECEIVED, _LATE, _LOST = "Package wasn't received", "Missed estimated delivery date", "Package lost"
_GOODS = {
    "damaged": "Package or product is damaged",
    "defective": "Product is defective",
    "missing_product": "Missing product or accessories",
}
_REFUND_ON_ITS_WAY = {
    "US": _reasons({"ecom_order_shipped_refund_reason_not_arrive_on_time": "Product wouldn't arrive on time"}),
    # The apostrophe is TikTok's.
    "GB": _reasons({"buyer_refund_package_didn't_arrive_on_time": "Package didn't arrive on time"}),
}
_REFUND_ARRIVED = {
    "US": _reasons(
        {
            "not_received": _NOT_RECEIVED,
            **_GOODS,
            "missing_broken_parts": "Missing or broken parts",
            "not_match_description": "Item doesn't match description",
            "wrong_product_1": "Wrong item was sent",
        },
        _ARRIVED,
    ),
    "GB": _reasons(
        {
            "no_need": "No longer needed",
            "not_received": _NOT_RECEIVED,
            **_GOODS,
            "not_match": "Product doesn't match description",
            "wrong_product": "Wrong product was sent",
            "missed_delivery_date": _LATE,
            "other": "Other",
        },
        _ARRIVED,
        "_uk",
    ),
}
_RETURN = {
    "no_need": "No longer needed",
    **_GOODS,
    "not_match_description": "Item doesn't match description",
    "wrong_product": "Wrong item was sent",
}
_RETURNS = {"US": _reasons(_RETURN, _ARRIVED_RETURN), "GB": _reasons(_RETURN, _ARRIVED_RETURN, "_uk")}

_SELLER_ON_ITS_WAY = {
    "US": _reasons(
        {
            "package_lost": _LOST,
            "package_delivery_failed": "Package delivery failed",
            "miss_estimated_delivery_date": _LATE,
        },
        "seller_shipped_refund_",
    ),
    "GB": _reasons(
        {
            "seller_package_lost_uk": _LOST,
            "ecom_order_shipped_refund_reason_not_arrive_on_time_seller_uk": "Product wouldn't arrive on time",
        }
    ),
}
_SELLER = {
    "missing_product": "Missing product or accessories",
    "not_received": _NOT_RECEIVED,
    "not_match_description": "Product doesn't match description",
    "damaged": "Package or product is damaged",
    "wrong_product": "Wrong product was sent",
    "missed_delivery_date": _LATE,
}
_SELLER_ARRIVED = {
    "US": (*_reasons(_SELLER, _ARRIVED, "_seller"), *_SELLER_ON_ITS_WAY["US"][:2]),
    "GB": _reasons({**_SELLER, "defective": "Product is defective"}, _ARRIVED, "_seller_uk"),
}

_ON_SCHEDULE, _UNCLEAR = "Product delivery is on schedule", "Reason is unclear or evidence is missing"
_NOT_ELIGIBLE = "Not eligible for return, such as used or broken"
_REQUEST = "reverse_reject_request_reason_"
_REJECT_REFUND = {
    "US": _reasons(
        {
            "reverse_reject_request_reason_4": _ON_SCHEDULE,
            "reverse_reject_refund_request_correct_item": "Item is correct",
            "reverse_reject_refund_request_package_delivery_multiple_boxes": "Sent in several packages",
            "reverse_reject_refund_request_unclear_evidence": _UNCLEAR,
            "reverse_reject_refund_request_product_function_well": "Product works well",
            "reverse_reject_request_reason_3": _NOT_ELIGIBLE,
        }
    ),
    "GB": (
        *_reasons({"1": "Reason is not valid", "3": _NOT_ELIGIBLE, "4": _ON_SCHEDULE}, _REQUEST, "_uk"),
        *_reasons(
            {
                "seller_reject_apply_item_is_correct": "Item is correct",
                "seller_reject_apply_reason_is_unclear_or_lack_of_evidence": _UNCLEAR,
            }
        ),
    ),
}
_REQUESTS = {"1": "Reason is not valid", "2": "Change of mind is no reason", "3": _NOT_ELIGIBLE, "5": "Agreed"}
_REJECT_RETURN = {"US": _reasons(_REQUESTS, _REQUEST), "GB": _reasons(_REQUESTS, _REQUEST, "_uk")}
_PARCELS = {
    "1": "Not the product that was sold",
    "2": "Not eligible for return",
    "3": "Product or accessories are missing",
    "4": "Package has not arrived",
    "5": "Product is damaged or used",
}
_REJECT_PARCEL = {
    "US": _reasons(_PARCELS, "reverse_reject_return_parcel_reason_"),
    "GB": _reasons(_PARCELS, "reverse_reject_return_parcel_reason_", "_uk"),
}
_REJECTIONS = {
    ReturnQuestion.REFUND: _REJECT_REFUND,
    ReturnQuestion.RETURN: _REJECT_RETURN,
    ReturnQuestion.RECEIVE_PACKAGE: _REJECT_PARCEL,
    ReturnQuestion.REPLACEMENT: _REJECT_RETURN,
}


def _names(*lists: tuple[Reason, ...]) -> frozenset[str]:
    return frozenset(reason.name for reasons in lists for reason in reasons)


BUYER_RETURN_NAMES = _names(*_REFUND_ON_ITS_WAY.values(), *_REFUND_ARRIVED.values(), *_RETURNS.values())
SELLER_RETURN_NAMES = _names(*_SELLER_ON_ITS_WAY.values(), *_SELLER_ARRIVED.values())
REJECTION_NAMES = _names(*(reasons for regions in _REJECTIONS.values() for reasons in regions.values()))
OTHER_NAMES = CANCEL_NAMES | REFUSAL_NAMES | BUYER_RETURN_NAMES | SELLER_RETURN_NAMES | REJECTION_NAMES
SYSTEM_REASON = Reason(name="platform_cancel", text="Refunded by TikTok Shop")


def buyer_reasons(order: Order, lines: Iterable[Line], type_: ReturnType) -> tuple[Reason, ...]:
    """The reasons that the buyer may give for these units now."""
    region = order.shop.region.code
    if type_ is not ReturnType.REFUND:
        return _RETURNS[region]
    return (_REFUND_ARRIVED if _have_arrived(lines) else _REFUND_ON_ITS_WAY)[region]


def seller_reasons(order: Order, lines: Iterable[Line]) -> tuple[Reason, ...]:
    """The reasons for which the seller may refund these units, or take them back, by itself now."""
    return (_SELLER_ARRIVED if _have_arrived(lines) else _SELLER_ON_ITS_WAY)[order.shop.region.code]


def sellers_of_region(region: str) -> frozenset[str]:
    """The names that sellers of the region may give whatever has arrived."""
    return _names(_SELLER_ON_ITS_WAY[region], _SELLER_ARRIVED[region])


def rejections(order: Order, question: ReturnQuestion) -> tuple[Reason, ...]:
    """The reasons for saying no to the question."""
    return _REJECTIONS[question][order.shop.region.code]


def return_reason_in_words(said: str, offered: tuple[Reason, ...]) -> Reason:
    """The reason that a person gives by name or in words; other words stand under the last name that is offered.

    Raises LookupError for the name of a reason that is not offered.
    """
    for reason in offered:
        if said in {reason.name, reason.text}:
            return reason
    if said in OTHER_NAMES:
        raise LookupError(f"{said} is no reason here")
    return Reason(name=offered[-1].name, text=said)


def _have_arrived(lines: Iterable[Line]) -> bool:
    return all(line.package is not None and line.package.status is PackageStatus.COMPLETED for line in lines)
