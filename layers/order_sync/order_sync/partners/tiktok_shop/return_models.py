"""TikTok Shop's payloads about returns, as far as they are read here (TT 4.4)."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from order_sync.partners.tiktok_shop.aftersale_models import NO_WORD, MaybeWord, NextAction, is_word
from order_sync.partners.tiktok_shop.models import (
    Amount,
    Currency,
    Id,
    Moment,
    OptionalAmount,
    Payload,
    Text,
    absent_as,
    absent_when_blank,
)

# A status must be there; one that cannot be repeated is as unknown as one that TikTok has added since.
_Status = Annotated[
    str,
    StringConstraints(min_length=1),
    AfterValidator(lambda status: status if is_word(status) else NO_WORD),
]
# Only that it is there says something.
_IsThere = Annotated[bool, BeforeValidator(lambda value: isinstance(value, str) and bool(value.strip()))]
MaybeId = Annotated[Id | None, BeforeValidator(lambda value: None if value in ("", "0") else value)]


class RefundAmount(Payload):
    """What is refunded for a return or for a unit of it."""

    currency: Currency
    refund_total: Amount
    refund_subtotal: OptionalAmount = Decimal(0)
    refund_shipping_fee: OptionalAmount = Decimal(0)
    refund_tax: OptionalAmount = Decimal(0)
    retail_delivery_fee: OptionalAmount = Decimal(0)
    buyer_service_fee: OptionalAmount = Decimal(0)


MaybeRefund = Annotated[RefundAmount | None, BeforeValidator(absent_when_blank)]


class ReturnedLine(Payload):
    """One unit of a return. What it is called is not read."""

    order_line_item_id: Id
    refund_amount: MaybeRefund = None


class ReturnPayload(Payload):
    """One return. Neither its localised reason, nor pictures, comments or addresses are read."""

    return_id: Id
    order_id: Id
    return_type: MaybeWord = None
    return_status: _Status
    arbitration_status: MaybeWord = None
    role: MaybeWord = None
    return_reason: Text = ""
    create_time: Moment
    update_time: Moment
    seller_next_action_response: Annotated[tuple[NextAction, ...], absent_as(())] = ()
    return_tracking_number: Text = ""
    return_shipping_document_type: _IsThere = False
    pre_return_id: MaybeId = None
    refund_amount: MaybeRefund = None
    return_line_items: tuple[ReturnedLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _lines_stand_once(self) -> Self:
        if len({line.order_line_item_id for line in self.return_line_items}) < len(self.return_line_items):
            raise ValueError("return_line_items name a line twice")
        return self

    @model_validator(mode="after")
    def _money_is_in_one_currency(self) -> Self:
        amounts = (self.refund_amount, *(line.refund_amount for line in self.return_line_items))
        if len({amount.currency for amount in amounts if amount}) > 1:
            raise ValueError("refund_amount is in several currencies")
        return self


class ReturnsData(Payload):
    """A page of returns, each still to be read by itself."""

    return_orders: Annotated[tuple[Any, ...], absent_as(())] = ()
    next_page_token: Text = ""
    total_count: Annotated[int, absent_as(0)] = 0

    @model_validator(mode="after")
    def _returns_are_there_when_counted(self) -> Self:
        if self.total_count and "return_orders" not in self.model_fields_set:
            raise ValueError("returns are counted but missing")
        return self


class CreatedReturnData(Payload):
    """A return that TikTok made for the seller."""

    return_id: Id
