"""How the shops of a random day are set, and what the sheets leave open, one way or the other."""

from random import Random
from typing import Any, Final

from local.simulators.channeladvisor.doubts import Doubts as ChannelAdvisorDoubts
from local.simulators.tiktok_shop.doubts import Blank
from local.simulators.tiktok_shop.doubts import Doubts as TikTokDoubts

CARRIERS: Final = {"US": ("USPS Ground", "USPS", "Ground", "USPS"), "GB": ("RM 24", "Royal Mail", "24", "Royal Mail")}
"""The OMS's word; the carrier and class of ChannelAdvisor's list; TikTok's name."""
MISSPELT: Final = {"US": "U.S.P.S. Grnd", "GB": "Royal Male"}
CODES: Final = {"US": ("usps", "Ground"), "GB": ("Royal Mail", "24")}
_CLOSED: Final = ("CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED")


def shop_settings(region: str, random: Random) -> dict[str, Any]:
    """What a seller may have chosen."""
    settings: dict[str, Any] = {"shipping_mappings": mappings(region)}
    if random.random() < 0.3:
        settings["oms"] = {"adapter": "none"}
    if random.random() < 0.3:
        settings["extra_hold_minutes"] = random.choice([7, 45, 200])
    settings["cancellations"] = {
        "without_answer": random.choice(["reject_if_packed", "reject_if_packed", "approve", "leave_to_tiktok"]),
        "margin_minutes": random.choice([45, 45, 15, 120]),
        "restock": random.choice(["never", "always", "unless_out_of_stock"]),
        "default_reason": random.choice(["out_of_stock", "out_of_stock", "wrong_price"]),
    }
    return settings


def mappings(region: str, *, repaired: bool = False) -> list[dict[str, str]]:
    """The shop's outbound shipping mappings, at the end with the misspelt carrier."""
    oms_word, carrier, _, _ = CARRIERS[region]
    code, shipping_class = CODES[region]
    words = [oms_word, carrier, *([MISSPELT[region]] if repaired else [])]
    return [{"carrier": word, "code": code, "channeladvisor_class": shipping_class} for word in words]


def tiktok_doubts(random: Random) -> TikTokDoubts:
    """What the sheet leaves open about TikTok Shop, one way or the other."""
    return TikTokDoubts(
        expired_token_status=random.choice([401, 200]),
        business_error_status=random.choice([200, 400]),
        tracking_before_shipping=random.choice(list(Blank)),
        withheld_address=random.choice(list(Blank)),
        already_shipped_code=random.choice([21011020, 21011006, 21011040, 21042056, 11006021]),
        cancelled_code=random.choice([21011041, 21011042]),
        closed_cancel_status=random.choice(_CLOSED),
        closed_cancel_filter=random.choice(_CLOSED),
        respond_action=random.choice(["SELLER_RESPOND_CANCEL", "SELLER_RESPOND_BUYER_CANCEL"]),
        request_meets_other_lines=random.random() < 0.7,
        staff_is_operator=random.random() < 0.3,
        cancelled_again_code=random.choice([25001011, 25001051]),
        approved_again_code=random.choice([25011012, 25020003]),
        rejected_again_code=random.choice([25011011, 25020003]),
        pending_request_code=random.choice([21011007, 21008044]),
    )


def channeladvisor_doubts(random: Random) -> ChannelAdvisorDoubts:
    """What the sheet leaves open about ChannelAdvisor, one way or the other."""
    return ChannelAdvisorDoubts(
        keeps_site_order_id=random.random() < 0.8,
        payment_status_honoured_on_create=random.random() < 0.3,
        short_pages=random.random() < 0.3,
        adjustment_sets_filterable=random.random() < 0.7,
    )
