"""The recipient as TikTok shows it (TT 2.5, 2.9, 2.10), and the fingerprint that tells a changed one."""

import hashlib
import hmac
from typing import Final

from order_sync.domain.purchase import Recipient
from order_sync.partners.tiktok_shop.models import District, OrderPayload, RecipientAddress

_STARRED_OUT: Final = "*"
_WITHHELD_IN: Final = frozenset({"UNPAID", "ON_HOLD"})
_CITY_LEVELS: Final = ("L3", "L2", "L4")


def shown_recipient(order: OrderPayload) -> Recipient | None:
    """Who gets the parcel; None while TikTok withholds or stars out the name, the street or the postal code."""
    address = order.recipient_address
    if address is None or order.status in _WITHHELD_IN:
        return None
    name = address.name or f"{address.first_name} {address.last_name}".strip()
    lines = _address_lines(address)
    needed = (name, " ".join(lines), address.postal_code)
    if not all(part.strip() for part in needed) or any(_STARRED_OUT in part for part in needed):
        return None
    levels = {district.address_level: district for district in address.district_info}
    area = levels.get("L1", District())
    country = address.region_code or levels.get("L0", District()).iso_code
    cities = (levels.get(level, District()).address_name for level in _CITY_LEVELS)
    return Recipient(
        name=name,
        first_name=address.first_name,
        last_name=address.last_name,
        phone="" if _STARRED_OUT in address.phone_number else address.phone_number,
        email=order.buyer_email,
        address_lines=lines,
        city=address.post_town or next(filter(None, cities), ""),
        county=levels.get("L2", District()).address_name,
        state=area.iso_code.removeprefix(f"{country}-") or area.address_name,
        state_name=area.address_name,
        postal_code=address.postal_code,
        country=country,
    )


def fingerprint(recipient: Recipient | None, key: bytes) -> str:
    """Tells whether two recipients are the same, without telling who they are; empty for none.

    Case, spacing and the punctuation of a phone number do not count.
    """
    if recipient is None:
        return ""
    parts = (
        recipient.name,
        "".join(filter(str.isdecimal, recipient.phone)),
        *recipient.address_lines,
        recipient.city,
        recipient.postal_code,
        recipient.country,
    )
    text = "\x1f".join(" ".join(part.split()).casefold() for part in parts)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]


def _address_lines(address: RecipientAddress) -> tuple[str, ...]:
    lines = (address.address_line1, address.address_line2, address.address_line3, address.address_line4)
    return tuple(filter(str.strip, lines)) or tuple(filter(str.strip, (address.address_detail,)))
