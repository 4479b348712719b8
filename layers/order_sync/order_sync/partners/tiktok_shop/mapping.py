"""From TikTok Shop's order to our facts (no buyer) and to our purchase (with its buyer, in memory only)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.purchase import OrderMoney, Purchase, PurchasedLine
from order_sync.domain.statuses import known_tiktok_status
from order_sync.partners.tiktok_shop.handling_times import handling_time, unknown_handling_times
from order_sync.partners.tiktok_shop.models import LineItem, OrderPayload, Payment, PricedLine, PurchasePayload
from order_sync.partners.tiktok_shop.payments import paid_total, unknown_payment
from order_sync.partners.tiktok_shop.recipients import fingerprint, shown_recipient
from order_sync.partners.tiktok_shop.replaced_orders import replaced_order, unknown_replaced_order
from order_sync.partners.unreadable import readable_id, why_unreadable

_SHIPPED: Final = frozenset({"AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"})
_COLLECTED: Final = _SHIPPED - {"AWAITING_COLLECTION"}
_CANCELED: Final = "CANCELLED"
# TO_SHIP is a word of an older version that the documentation's sample still shows (TT 2.5).
_LINE_STATUSES: Final = _SHIPPED | {_CANCELED, "UNPAID", "AWAITING_SHIPMENT", "TO_SHIP"}
_ORDER_TYPES: Final = frozenset(
    {"NORMAL", "ZERO_LOTTERY", "AUCTION", "PRE_ORDER", "MADE_TO_ORDER", "BACK_ORDER", "VIRTUAL_ORDER"}
)
_FULFILLMENT_TYPES: Final = frozenset(
    {"FULFILLMENT_BY_SELLER", "FULFILLMENT_BY_TIKTOK", "FULFILLMENT_BY_DILAYANI_TOKOPEDIA"}
)
_SHIPPING_TYPES: Final = frozenset({"TIKTOK", "SELLER", "TIKTOK_DIGITAL", "IN-STORE PICKUP"})
_INITIATORS: Final = frozenset({"SELLER", "BUYER", "SYSTEM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One order as read: its facts, and the whole purchase for whoever hands it over."""

    facts: OrderFacts
    _purchase: Callable[[], Purchase] = field(repr=False, compare=False)

    def purchase(self) -> Purchase:
        """The whole order with its buyer. Raises RejectedError naming the field when its money is unreadable."""
        return self._purchase()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableOrder:
    """An order that is not as TikTok documents it. `order_id` is empty when even that cannot be read."""

    order_id: str
    problem: str


def read_order(raw: Any, fingerprint_key: bytes) -> tuple[Reading | UnreadableOrder, tuple[str, ...]]:
    """Read one order; also gives the values that we do not know, such as "order status SOMETHING_NEW"."""
    try:
        order = OrderPayload.model_validate(raw)
    except ValidationError as error:
        return UnreadableOrder(order_id=readable_id(raw, "id"), problem=why_unreadable(error)), ()
    facts = facts_of(order, fingerprint_key)
    return Reading(facts=facts, _purchase=lambda: read_purchase(facts.id, raw)), tuple(_unknown(order))


def facts_of(order: OrderPayload, fingerprint_key: bytes) -> OrderFacts:
    """What TikTok says about an order, without its buyer."""
    return OrderFacts(
        id=OrderId(order.id),
        status_text=order.status,
        created_at=order.create_time,
        updated_at=order.update_time,
        paid_at=order.paid_time,
        release_at=order.release_date,
        order_type=order.order_type or "NORMAL",
        handling_time=handling_time(order),
        fulfillment_type=order.fulfillment_type or "FULFILLMENT_BY_SELLER",
        shipping_type=order.shipping_type or "SELLER",
        delivery_option_id=order.delivery_option_id,
        cancel_requested=order.is_buyer_request_cancel,
        canceled_by=order.cancellation_initiator,
        canceled_at=order.cancel_time,
        recipient=fingerprint(shown_recipient(order), fingerprint_key),
        ship_by=order.rts_sla_time,
        collect_by=order.tts_sla_time,
        cancels_unless_shipped_by=order.shipping_due_time,
        cancels_unless_collected_by=order.collection_due_time,
        tracking_added_at=order.rts_time,
        collected_at=order.collection_time,
        delivered_at=order.delivery_time,
        replaces=replaced_order(order),
        paid=paid_total(order),
        lines=tuple(_line_facts(order, line) for line in order.line_items),
    )


def _line_facts(order: OrderPayload, line: LineItem) -> LineFacts:
    return LineFacts(
        id=LineId(line.id),
        sku=line.seller_sku,
        canceled=line.display_status == _CANCELED,
        shipped=line.display_status in _SHIPPED,
        collected=(line.display_status or order.status) in _COLLECTED,
        package_id=line.package_id,
        tracking_number=line.tracking_number,
        carrier=line.shipping_provider_name,
        tracking_added_at=line.rts_time,
    )


def read_purchase(order_id: OrderId, raw: Any) -> Purchase:
    """The whole order with its buyer and its money. Raises RejectedError naming order and field."""
    try:
        order = PurchasePayload.model_validate(raw)
    except ValidationError as error:
        problem = why_unreadable(error)
    else:
        return _purchase_of(order)
    raise RejectedError(f"TikTok Shop: order {order_id} cannot be handed over: {problem}")


def _purchase_of(order: PurchasePayload) -> Purchase:
    living = [_purchased_line(line) for line in order.line_items if line.display_status != _CANCELED]
    canceled = [_purchased_line(line) for line in order.line_items if line.display_status == _CANCELED]
    return Purchase(
        order=OrderId(order.id),
        ordered_at=order.create_time,
        paid_at=order.paid_time,
        delivery_option=order.delivery_option_name,
        recipient=shown_recipient(order),
        buyer_message=order.buyer_message,
        money=_money_of(order.payment, living, canceled),
        lines=tuple(living),
    )


def _money_of(payment: Payment, living: list[PurchasedLine], canceled: list[PurchasedLine]) -> OrderMoney:
    """The money of what is still wanted. Whether TikTok's sums hold cancelled lines is not documented: they tell it."""
    gone = canceled if payment.sub_total == sum(line.paid for line in (*living, *canceled)) else []
    paid = sum((line.paid for line in gone), Decimal(0))
    tax = sum((line.tax for line in gone), Decimal(0))
    return OrderMoney(
        currency=payment.currency,
        sub_total=payment.sub_total - paid,
        shipping=payment.shipping_fee,
        tax=payment.tax - tax,
        shipping_tax=payment.shipping_fee_tax,
        total=payment.total_amount - paid - tax,
    )


def _purchased_line(line: PricedLine) -> PurchasedLine:
    return PurchasedLine(
        id=LineId(line.id),
        sku=line.seller_sku,
        product_id=line.product_id,
        title=" - ".join(part for part in (line.product_name, line.sku_name) if part),
        price=line.original_price,
        seller_discount=line.seller_discount,
        platform_discount=line.platform_discount,
        paid=line.sale_price,
        tax=sum((tax.tax_amount for tax in line.item_tax), Decimal(0)),
        is_gift=line.is_gift,
    )


def _unknown(order: OrderPayload) -> Iterator[str]:
    if known_tiktok_status(order.status) is None:
        yield f"order status {order.status}"
    for name, value, known in (
        ("order type", order.order_type, _ORDER_TYPES),
        ("fulfillment type", order.fulfillment_type, _FULFILLMENT_TYPES),
        ("shipping type", order.shipping_type, _SHIPPING_TYPES),
        ("cancellation initiator", order.cancellation_initiator, _INITIATORS),
    ):
        if value and value not in known:
            yield f"{name} {value}"
    yield from sorted(set(unknown_handling_times(order)))
    yield from unknown_replaced_order(order)
    yield from unknown_payment(order)
    for status in sorted({line.display_status for line in order.line_items} - _LINE_STATUSES - {""}):
        yield f"line status {status}"
