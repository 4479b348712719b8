"""How a basket becomes an order."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.buyers import Buyer, new_buyer
from local.simulators.tiktok_shop.deadlines import DayCounts, HandlingUnit
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import move, touch
from local.simulators.tiktok_shop.money import ZERO, Amount, LineSpec, Shipping, amount, payment, unit_price
from local.simulators.tiktok_shop.orders import Line, Order, OrderType, Status
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.time_limits import set_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSpec:
    """What kind of order to place; see `Actions.place_order`."""

    lines: Sequence[LineSpec]
    created_at: datetime
    shipping_fee: Amount
    shipping_seller_discount: Amount
    shipping_platform_discount: Amount
    shipping_cofunded_discount: Amount
    fees: Mapping[str, Amount]
    tax_rate: Decimal
    order_type: OrderType
    release_date: datetime | None
    handling_days: int
    handling_unit: HandlingUnit
    day_counts: DayCounts | None
    has_hold: bool
    is_cod: bool
    is_sample: bool
    is_replacement: bool
    delivery_option: DeliveryOption
    fulfillment_type: str
    buyer: Buyer
    buyer_message: str


def introduce_buyer(state: State, shop: Shop) -> Buyer:
    """A person nobody has seen before."""
    buyer = new_buyer(len(state.buyers) + 1, state.ids.number("buyer"), shop.region)
    state.buyers.append(buyer)
    state.personal_data |= buyer.personal_data()
    return buyer


def place(state: State, shop: Shop, spec: OrderSpec, now: datetime) -> Order:
    """Create the order, unpaid; cash on delivery needs no payment and goes on at once."""
    if spec.created_at > now:
        raise IllegalStepError(f"an order cannot be placed at {spec.created_at}")
    lines = _lines(state, spec)
    shipping = Shipping(
        original_fee=amount(0 if spec.is_sample else spec.shipping_fee),
        seller_discount=amount(0 if spec.is_sample else spec.shipping_seller_discount),
        platform_discount=amount(0 if spec.is_sample else spec.shipping_platform_discount),
        cofunded_discount=amount(0 if spec.is_sample else spec.shipping_cofunded_discount),
    )
    fees = {name: amount(fee) for name, fee in spec.fees.items()}
    order = Order(
        id=state.ids.number("order"),
        shop=shop,
        buyer=spec.buyer,
        address=spec.buyer.address,
        lines=lines,
        payment=payment([line.price for line in lines], shipping, fees, spec.tax_rate, shop.region.currency),
        status=Status.UNPAID,
        order_type=spec.order_type,
        fulfillment_type=spec.fulfillment_type,
        shipping_type="TIKTOK" if spec.delivery_option.shipped_by_tiktok else "SELLER",
        delivery_option=spec.delivery_option,
        created_at=spec.created_at,
        updated_at=spec.created_at,
        is_cod=spec.is_cod,
        is_sample=spec.is_sample,
        is_replacement=spec.is_replacement,
        has_hold=spec.has_hold,
        buyer_message=spec.buyer_message,
        release_date=spec.release_date,
        handling_days=spec.handling_days,
        handling_unit=spec.handling_unit,
        day_counts=spec.day_counts,
    )
    state.add_order(order)
    touch(order, now)
    if order.is_cod:
        _confirm(state, order, spec.created_at, now)
    return order


def place_again(
    state: State, order: Order, skus: Sequence[tuple[str, str]], *, is_replacement: bool, now: datetime
) -> Order:
    """A new order of the same buyer's that costs nothing, for goods by SKU and name: a replacement, or an exchange."""
    spec = OrderSpec(
        lines=[LineSpec(sku, ZERO, name=name) for sku, name in skus],
        created_at=now,
        shipping_fee=ZERO,
        shipping_seller_discount=ZERO,
        shipping_platform_discount=ZERO,
        shipping_cofunded_discount=ZERO,
        fees={},
        tax_rate=ZERO,
        order_type=OrderType.NORMAL,
        release_date=None,
        handling_days=0,
        handling_unit=HandlingUnit.BUSINESS_DAY,
        day_counts=None,
        has_hold=False,
        is_cod=False,
        is_sample=False,
        is_replacement=is_replacement,
        delivery_option=order.delivery_option,
        fulfillment_type=order.fulfillment_type,
        buyer=order.buyer,
        buyer_message="",
    )
    new = place(state, order.shop, spec, now)
    new.address = order.address
    if is_replacement:
        new.replaced_order_id = order.id
    else:
        new.exchange_source_order_id = order.id
    pay(state, new, now, now)
    return new


def pay(state: State, order: Order, paid_at: datetime, now: datetime) -> None:
    """The buyer pays: the hold begins, or the order is ready where there is none (TT 2.8)."""
    if not order.created_at <= paid_at <= now:
        raise IllegalStepError(f"order {order.id} cannot be paid at {paid_at}")
    _confirm(state, order, paid_at, now)
    order.paid_at = paid_at


def _confirm(state: State, order: Order, start: datetime, now: datetime) -> None:
    move(order, Status.ON_HOLD if order.has_hold else Status.AWAITING_SHIPMENT, now)
    set_limits(state, order)
    if order.has_hold:
        order.hold_ends_at = order.release_date or start + state.hold
        heapq.heappush(state.holds, (order.hold_ends_at, order.id))


def _lines(state: State, spec: OrderSpec) -> list[Line]:
    if not spec.lines or any(line.quantity < 1 for line in spec.lines):
        raise ValueError("an order needs lines, and a line a quantity")
    return [_line(state, line, spec) for line in spec.lines for _ in range(line.quantity)]


def _line(state: State, line: LineSpec, spec: OrderSpec) -> Line:
    if line.sku not in state.products:
        state.products[line.sku] = state.ids.number("product"), state.ids.number("product")
    product_id, sku_id = state.products[line.sku]
    return Line(
        id=state.ids.number("line"),
        product_id=product_id,
        sku_id=sku_id,
        seller_sku=line.sku,
        product_name=line.name or f"Product {line.sku}".strip(),
        price=unit_price(line, spec.tax_rate, free=spec.is_sample),
        is_gift=line.is_gift,
    )
