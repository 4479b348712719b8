"""TikTok Shop's payloads, as far as they are read here (TT 2.4, 2.5). Unknown fields and values are let through."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

_LAST_SECOND: Final = 253_402_300_799  # the end of the year 9999


def absent_as(replacement: object) -> BeforeValidator:
    """Reads null as `replacement`."""
    return BeforeValidator(lambda value: replacement if value is None else value)


def _time(value: object) -> object:
    """Unix seconds to UTC; TikTok leaves an absent time out, or sends 0 or an empty text."""
    if value is None or value in (0, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LAST_SECOND:
        raise ValueError("Input should be a time in unix seconds")
    return datetime.fromtimestamp(value, UTC)


def _money(value: object) -> object:
    """Money comes as text."""
    if not isinstance(value, str):
        raise ValueError("Input should be money as text")  # noqa: TRY004 - pydantic reads ValueError only
    return value


def _optional_money(value: object) -> object:
    """Money that may be absent, or an empty text: nothing to pay."""
    return Decimal(0) if value is None or value == "" else _money(value)


def absent_when_blank(value: object) -> object:
    """None for an object in which nothing stands: TikTok leaves absent values out, or sends empty texts (TT 9.5)."""
    parts = value.values() if isinstance(value, Mapping) else (value,)
    return None if all(each is None or each == "" for each in parts) else value


Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
"""Ids are text with more digits than a number holds exactly; they become parts of paths."""
Text = Annotated[str, absent_as("")]
Flag = Annotated[bool, Field(strict=True), absent_as(False)]  # noqa: FBT003
Time = Annotated[datetime | None, BeforeValidator(_time)]
Moment = Annotated[datetime, BeforeValidator(_time)]
Money = Annotated[Decimal, BeforeValidator(_money), Field(allow_inf_nan=False)]
OptionalMoney = Annotated[Decimal, BeforeValidator(_optional_money), Field(allow_inf_nan=False)]
Amount = Annotated[Money, Field(ge=0, max_digits=20)]
"""Money that is never owed the other way round, in as many digits as every store keeps."""
OptionalAmount = Annotated[OptionalMoney, Field(ge=0, max_digits=20)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Payload(BaseModel):
    """What every payload has in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Nothing: payloads hold buyers and tokens."""
        return ()


class District(Payload):
    """One level of an address: L0 country, L1 state, L2 county, L3 city."""

    address_level: Text = ""
    address_name: Text = ""
    iso_code: Text = ""


class RecipientAddress(Payload):
    """Who gets the parcel; partly empty or starred out where TikTok hides it (TT 2.10)."""

    name: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    phone_number: Text = ""
    address_line1: Text = ""
    address_line2: Text = ""
    address_line3: Text = ""
    address_line4: Text = ""
    address_detail: Text = ""
    postal_code: Text = ""
    region_code: Text = ""
    post_town: Text = ""
    district_info: Annotated[tuple[District, ...], absent_as(())] = ()


class LineItem(Payload):
    """One unit of an order, without its money."""

    id: Id
    seller_sku: Text = ""
    display_status: Text = ""
    package_id: Text = ""
    tracking_number: Text = ""
    shipping_provider_name: Text = ""
    rts_time: Time = None
    handling_duration_days: Any = None


class OrderPayload(Payload):
    """What the facts of an order are taken from."""

    id: Id
    status: Annotated[str, StringConstraints(min_length=1)]
    create_time: Moment
    update_time: Moment
    paid_time: Time = None
    release_date: Time = None
    handling_duration: Any = None
    order_type: Text = ""
    fulfillment_type: Text = ""
    shipping_type: Text = ""
    delivery_option_id: Text = ""
    is_buyer_request_cancel: Flag = False
    cancellation_initiator: Text = ""
    cancel_time: Time = None
    rts_sla_time: Time = None
    tts_sla_time: Time = None
    shipping_due_time: Time = None
    collection_due_time: Time = None
    rts_time: Time = None
    collection_time: Time = None
    delivery_time: Time = None
    is_replacement_order: Any = None
    replaced_order_id: Any = None
    exchange_source_order_id: Any = None
    payment: Any = None
    buyer_email: Text = ""
    recipient_address: RecipientAddress | None = None
    line_items: tuple[LineItem, ...] = Field(min_length=1)


class ItemTax(Payload):
    """One tax on one unit."""

    tax_amount: OptionalMoney = Decimal(0)


class PricedLine(LineItem):
    """One unit with its money."""

    product_id: Text = ""
    product_name: Text = ""
    sku_name: Text = ""
    original_price: Money
    sale_price: Money
    seller_discount: OptionalMoney = Decimal(0)
    platform_discount: OptionalMoney = Decimal(0)
    item_tax: Annotated[tuple[ItemTax, ...], absent_as(())] = ()
    is_gift: Flag = False


class Payment(Payload):
    """An order's money."""

    currency: Currency
    sub_total: Money
    shipping_fee: OptionalMoney = Decimal(0)
    tax: OptionalMoney = Decimal(0)
    shipping_fee_tax: OptionalMoney = Decimal(0)
    total_amount: Money


class PurchasePayload(OrderPayload):
    """What a purchase is taken from: the same order with its money, read only when it is handed over."""

    delivery_option_name: Text = ""
    buyer_message: Text = ""
    payment: Payment
    line_items: tuple[PricedLine, ...] = Field(min_length=1)


class OrdersData(Payload):
    """A page of orders, each still to be read by itself."""

    orders: Annotated[tuple[Any, ...], absent_as(())] = ()
    next_page_token: Text = ""
    total_count: Annotated[int, absent_as(0)] = 0

    @model_validator(mode="after")
    def _orders_are_there_when_counted(self) -> Self:
        if self.total_count and "orders" not in self.model_fields_set:
            raise ValueError("orders are counted but missing")
        return self


class RefusedReference(Payload):
    """One external reference that TikTok did not take."""

    code: int
    message: Text = ""


class ReferencesData(Payload):
    """What came of setting external references: nothing to say when all were taken."""

    errors: Annotated[tuple[RefusedReference, ...], absent_as(())] = ()


class TokenData(Payload):
    """A refreshed pair of tokens. TikTok's `expire_in` are moments, not durations (TT 1.2)."""

    access_token: Annotated[str, StringConstraints(min_length=1)]
    access_token_expire_in: Moment
    refresh_token: Annotated[str, StringConstraints(min_length=1)]
    refresh_token_expire_in: Moment


class GrantData(TokenData):
    """What a seller's consent gives; `user_type` 0 is a seller."""

    user_type: int = 0


class GrantEnvelope(Payload):
    """The answer to a code."""

    data: GrantData


class AuthorizedShopData(Payload):
    """One shop that a seller has agreed about (TT 7)."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,24}$")]
    name: str = ""
    region: str
    cipher: Annotated[str, StringConstraints(min_length=1)]


class AuthorizedShopsData(Payload):
    """All of them."""

    shops: tuple[AuthorizedShopData, ...]


class TokenEnvelope(Payload):
    """The answer of the token endpoints."""

    data: TokenData
