"""Which order another one replaces, after a return or an exchange (TT 2.5). What cannot be read is named."""

import re
from collections.abc import Iterator
from typing import Any, Final

from order_sync.partners.tiktok_shop.models import OrderPayload

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NONE: Final = (None, "", "0")


def replaced_order(order: OrderPayload) -> str:
    """The order that this one replaces, or was exchanged for; empty for most orders."""
    return next((each for each in _named(order) if _is_id(each)), "")


def unknown_replaced_order(order: OrderPayload) -> Iterator[str]:
    """That the order is named in a way that cannot be read."""
    if any(not _is_id(each) for each in _named(order)):
        yield "replaced order that cannot be read"


def _named(order: OrderPayload) -> list[Any]:
    """What names an order. Whether a replaced order names the one that replaces it is not documented: it is left."""
    replaced = order.replaced_order_id if order.is_replacement_order is True else None
    return [each for each in (replaced, order.exchange_source_order_id) if each not in _NONE]


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None
