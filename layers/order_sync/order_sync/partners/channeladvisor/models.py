"""ChannelAdvisor's order as far as we read it: no buyer data is asked for, unknown fields are ignored."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from order_sync.partners.channeladvisor.request_statuses import Stage, stage_of


def _wire_name(name: str) -> str:
    return "".join("ID" if part == "id" else part.capitalize() for part in name.split("_"))


class _Entity(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=_wire_name, hide_input_in_errors=True, coerce_numbers_to_str=True
    )


def _empty_for_null(value: object) -> object:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_empty_for_null)]
Id = Annotated[str, Field(pattern=r"^[0-9]+$")]
AMOUNTS: Final = (
    "item_adjustment",
    "tax_adjustment",
    "shipping_adjustment",
    "shipping_tax_adjustment",
    "gift_wrap_adjustment",
    "gift_wrap_tax_adjustment",
    "recycling_fee_adjustment",
)
"""What an adjustment adds up to (CA 4.5)."""


class UnreadableOrderError(Exception):
    """An order that cannot be told as facts."""


class AdjustmentPayload(_Entity):
    """OrderAdjustment or OrderItemAdjustment (CA 3.5); its enumerations are open."""

    id: Id
    type: Text = ""
    reason: Text = ""
    request_status: Text = ""
    created_source: Text = ""
    created_date_utc: AwareDatetime | None = None
    seller_adjustment_id: Text = ""
    quantity: int | None = None
    """Only adjustments of single items have one."""
    item_adjustment: Decimal | None = None
    tax_adjustment: Decimal | None = None
    shipping_adjustment: Decimal | None = None
    shipping_tax_adjustment: Decimal | None = None
    gift_wrap_adjustment: Decimal | None = None
    gift_wrap_tax_adjustment: Decimal | None = None
    recycling_fee_adjustment: Decimal | None = None

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        return stage_of(self.request_status)

    @property
    def stands(self) -> bool:
        """Whether it was carried out or still may be; what a buyer only asks for does not stand."""
        return self.stage in (Stage.UNDER_WAY, Stage.DONE)

    @property
    def cancels(self) -> bool:
        """Whether it is a cancellation that stands."""
        return self.type == "Cancellation" and self.stands

    @property
    def refunds(self) -> bool:
        """Whether it is a refund that stands."""
        return self.type == "Refund" and self.stands

    @property
    def amount(self) -> Decimal | None:
        """All of it, without a sign, which is not documented (CA 3.5); None when no amount is shown."""
        shown = [abs(amount) for name in AMOUNTS if (amount := getattr(self, name)) is not None]
        return sum(shown, Decimal(0)) if shown else None


class ItemPayload(_Entity):
    """OrderItem (CA 3.3)."""

    id: Id
    sku: Text = ""
    quantity: int = 0
    unit_price: Decimal | None = None
    """Before discounts."""
    adjustments: tuple[AdjustmentPayload, ...] = ()


class FulfillmentItemPayload(_Entity):
    """FulfillmentItem (CA 3.4)."""

    order_item_id: Text = ""
    sku: Text = ""
    quantity: int


class FulfillmentPayload(_Entity):
    """Fulfillment (CA 3.4)."""

    id: Id
    type: Text = ""
    delivery_status: Text = ""
    tracking_number: Text = ""
    shipping_carrier: Text = ""
    shipping_class: Text = ""
    seller_fulfillment_id: Text = ""
    shipped_date_utc: AwareDatetime | None = None
    updated_date_utc: AwareDatetime | None = None
    created_date_utc: AwareDatetime | None = None
    items: tuple[FulfillmentItemPayload, ...] = ()


class FlagPayload(_Entity):
    """The flag on an Order (CA 3.2)."""

    flag_id: Text = ""
    flag_description: Text = ""


class OrderNames(_Entity):
    """What tells whose an Order is, and when it changed (CA 3.2)."""

    id: Id
    site_order_id: Text = ""
    secondary_site_order_id: Text = ""
    updated_date_utc: AwareDatetime | None = None


class OrderPayload(OrderNames):
    """Order (CA 3.2)."""

    site_id: int
    seller_order_id: Text = ""
    created_date_utc: AwareDatetime | None = None
    shipping_status: Text = ""
    currency: Text = ""
    payment_status: Text = ""
    items: tuple[ItemPayload, ...] = ()
    fulfillments: tuple[FulfillmentPayload, ...] = ()
    adjustments: tuple[AdjustmentPayload, ...] = ()


class PricedOrderPayload(OrderPayload):
    """Order with its total, which is never null (CA 3.2)."""

    total_price: Decimal
    """What was to be paid, of all that it holds."""


class NotesPayload(_Entity):
    """The notes of an Order that buyers do not see (CA 3.2). People may have written about buyers there."""

    private_notes: Annotated[Text, Field(repr=False)] = ""
