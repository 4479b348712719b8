"""Which tracking numbers and carriers TikTok Shop takes (TT 3, OP B6)."""

import re
from collections.abc import Collection

from local.simulators.tiktok_shop.errors import business
from local.simulators.tiktok_shop.orders import Order, Package
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.state import State

TRACKING_LENGTHS = range(4, 51)
TRACKING_CHARACTERS = re.compile(r"[A-Za-z0-9\-_./]*")
ORDERS_PER_TRACKING_NUMBER = 20


def check_tracking(
    state: State, order: Order, tracking_number: str, provider_id: str, *, relabelled: Collection[Package] = ()
) -> Provider:
    """The carrier of the order's delivery option. Raises RefusalError with the code of the first broken rule.

    `relabelled`: packages that are to get this number instead of their own, which then counts no more.
    """
    if not TRACKING_CHARACTERS.fullmatch(tracking_number):
        raise business(21004012)
    provider = order.delivery_option.providers.get(provider_id)
    if provider is None or len(tracking_number) not in TRACKING_LENGTHS:
        raise business(21011022)
    own = {package.order.id for package in relabelled if package.tracking_number == tracking_number}
    used_by = [other for other in state.tracking_used_by.get(tracking_number, []) if other not in own]
    if order.id in used_by:
        raise business(21011025)
    if any(state.orders[other].recipient != order.recipient for other in used_by):
        raise business(21034012)
    if len(used_by) + max(1, len(relabelled)) > ORDERS_PER_TRACKING_NUMBER:
        raise business(21011026)
    return provider
