"""One order in several packages, before they are shipped (TT 3)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from local.simulators.tiktok_shop.calls import Call, Json, query_text
from local.simulators.tiktok_shop.errors import MESSAGES, IllegalStepError, invalid
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Group, Order, Status
from local.simulators.tiktok_shop.state import State

MOST_ORDERS = 50
"""Not documented: as many as details are asked for (TT 2.3)."""


def split_attributes(call: Call) -> Json:
    """GET /fulfillment/202309/orders/split_attributes: ids of nobody and of other shops are left out, as in details."""
    ids = query_text(call, "order_ids").split(",")
    if len(ids) > MOST_ORDERS:
        raise invalid(f"Invalid order_ids. At most {MOST_ORDERS} are allowed")
    orders = (call.state.orders.get(order_id) for order_id in dict.fromkeys(ids))
    return {
        "split_attributes": [
            _attributes(call.state, order) for order in orders if order is not None and order.shop is call.shop
        ]
    }


def split(state: State, order: Order, groups: Sequence[Collection[str]], now: datetime) -> list[str]:
    """Make a package of each group of line ids, and give their ids. Raises IllegalStepError."""
    obstacle = _obstacle(state, order)
    if obstacle:
        raise IllegalStepError(f"order {order.id} in {order.status} is not split: {obstacle}")
    named = sorted(line for group in groups for line in group)
    if len(groups) < 2 or not all(groups) or named != sorted(line.id for line in order.unshipped):
        raise IllegalStepError(f"the groups are not what is left of order {order.id}")
    skus = [{line.sku_id for line in order.lines if line.id in group} for group in groups]
    if not state.doubts.same_sku_may_be_split and sum(map(len, skus)) > len(set().union(*skus)):
        raise IllegalStepError(MESSAGES[21011036])
    order.groups = [Group(package_id=state.ids.number("package"), line_ids=frozenset(line_ids)) for line_ids in groups]
    state.announced |= {group.package_id: [order] for group in order.groups}
    touch(order, now)
    return [group.package_id for group in order.groups]


def _attributes(state: State, order: Order) -> Json:
    obstacle = _obstacle(state, order)
    attributes: Json = {"order_id": order.id, "can_split": not obstacle, "must_split": order.must_split is not None}
    if obstacle:
        attributes["reason"] = obstacle
    if order.must_split is not None:
        # Of seller shipping no code is known for an order that had to be split: this is only shown.
        names = ("type", "category_id", "max_count")
        attributes["must_split_reasons"] = [dict(zip(names, order.must_split, strict=True))]
    return attributes


def _obstacle(state: State, order: Order) -> str:
    """Why the order cannot be split now; empty when it can. The service's own texts are not documented."""
    if not order.is_sellers:
        return MESSAGES[21008025]
    if order.combination is not None:
        return MESSAGES[21011046]
    if order.cancel_request_open:
        return MESSAGES[21011007]
    if order.status not in {Status.AWAITING_SHIPMENT, Status.PARTIALLY_SHIPPING} or len(order.unshipped) < 2:
        return MESSAGES[21011035]
    if not state.doubts.same_sku_may_be_split and len({line.sku_id for line in order.unshipped}) < 2:
        return MESSAGES[21011036]
    return ""
