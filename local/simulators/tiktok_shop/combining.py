"""Orders of one recipient that travel in one package (TT 3; OP B6, D).

Each of them is told by itself, with the same label. What the sheets leave open is in
`Doubts.combined_orders_share_a_package`.
"""

from collections.abc import Sequence
from datetime import datetime

from local.simulators.tiktok_shop.errors import IllegalStepError, business
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Combination, Order, Status
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tracking_rules import ORDERS_PER_TRACKING_NUMBER


def combine(state: State, orders: Sequence[Order], now: datetime) -> None:
    """Put the orders into one package. Raises IllegalStepError where OP B6 does not allow it."""
    if not 2 <= len(set(orders)) == len(orders) <= ORDERS_PER_TRACKING_NUMBER:
        raise IllegalStepError(f"{len(orders)} orders are not combined")
    for order in orders:
        _check(order, orders[0])
    package_id = state.ids.number("package") if state.doubts.combined_orders_share_a_package else None
    combination = Combination(package_id=package_id, orders=list(orders))
    for order in orders:
        order.combination = combination
        touch(order, now)
    if package_id is not None:
        state.announced[package_id] = list(orders)


def check_label_of_siblings(order: Order, tracking_number: str, provider: Provider) -> None:
    """Raises RefusalError 21011033 when an order combined with this one was shipped with another label."""
    siblings = () if order.combination is None else order.combination.orders
    labels = {(package.tracking_number, package.provider.id) for each in siblings for package in each.packages}
    if labels - {(tracking_number, provider.id)}:
        raise business(21011033)


def _check(order: Order, first: Order) -> None:
    if order.shop is not first.shop or not order.is_sellers:
        raise IllegalStepError(f"order {order.id} is not one that this seller ships")
    if order.recipient != first.recipient or order.delivery_option is not first.delivery_option:
        raise IllegalStepError(f"order {order.id} goes elsewhere, or otherwise, than order {first.id}")
    if order.status is not Status.AWAITING_SHIPMENT or order.cancel_request_open:
        raise IllegalStepError(f"order {order.id} in {order.status} is not combined")
    if order.combination is not None or order.groups:
        raise IllegalStepError(f"order {order.id} is combined or split already")
