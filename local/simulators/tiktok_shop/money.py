"""Prices of lines and the payment of an order, in the arithmetic of TT 2.5."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import ROUND_HALF_UP, Decimal

type Amount = Decimal | str | int

CENT = Decimal("0.01")
ZERO = Decimal(0)
FEES = frozenset(
    {
        "small_order_fee",
        "retail_delivery_fee",
        "buyer_service_fee",
        "handling_fee",
        "shipping_insurance_fee",
        "item_insurance_fee",
        "item_insurance_tax",
        "distance_shipping_fee",
    }
)


@dataclass(frozen=True, slots=True)
class LineSpec:
    """What a buyer puts into the basket; price and discounts are per unit. A gift costs nothing."""

    sku: str
    price: Amount
    quantity: int = 1
    _: KW_ONLY
    seller_discount: Amount = ZERO
    platform_discount: Amount = ZERO
    is_gift: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPrice:
    """Money of one unit. `retail` is what it costs where it is not given away."""

    retail: Decimal
    original: Decimal
    seller_discount: Decimal
    platform_discount: Decimal
    tax: Decimal
    tax_rate: Decimal

    @property
    def sale(self) -> Decimal:
        return self.original - self.seller_discount - self.platform_discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    original_fee: Decimal
    seller_discount: Decimal
    platform_discount: Decimal
    cofunded_discount: Decimal

    @property
    def fee(self) -> Decimal:
        return self.original_fee - self.seller_discount - self.platform_discount - self.cofunded_discount


def amount(value: Amount) -> Decimal:
    """Money to the cent; refuses a finer or negative one."""
    money = Decimal(value)
    if money < 0 or money != money.quantize(CENT):
        raise ValueError(f"not an amount of money: {value}")
    return money


def text(money: Decimal) -> str:
    """As the API writes money: "0" or two decimals (TT 2.6)."""
    return f"{money:.2f}" if money else "0"


def unit_price(spec: LineSpec, tax_rate: Decimal, *, free: bool) -> UnitPrice:
    """The money of one unit of a line; `free` for samples, where all is zero."""
    retail = amount(spec.price)
    given_away = free or spec.is_gift
    original = ZERO if given_away else retail
    seller = ZERO if given_away else amount(spec.seller_discount)
    platform = ZERO if given_away else amount(spec.platform_discount)
    sale = original - seller - platform
    if sale < 0:
        raise ValueError(f"discounts exceed the price of {spec.sku}")
    return UnitPrice(
        retail=retail,
        original=original,
        seller_discount=seller,
        platform_discount=platform,
        tax=(sale * tax_rate).quantize(CENT, ROUND_HALF_UP),
        tax_rate=tax_rate,
    )


def payment(
    units: Sequence[UnitPrice],
    shipping: Shipping,
    fees: Mapping[str, Decimal],
    tax_rate: Decimal,
    currency: str,
) -> dict[str, str]:
    """The `payment` object of an order."""
    if not fees.keys() <= FEES:
        raise ValueError(f"unknown fees: {sorted(fees.keys() - FEES)}")
    original = sum((unit.original for unit in units), ZERO)
    seller = sum((unit.seller_discount for unit in units), ZERO)
    platform = sum((unit.platform_discount for unit in units), ZERO)
    sub_total = original - seller - platform
    product_tax = sum((unit.tax for unit in units), ZERO)
    shipping_tax = (shipping.fee * tax_rate).quantize(CENT, ROUND_HALF_UP)
    total = sub_total + shipping.fee + product_tax + shipping_tax + sum(fees.values(), ZERO)
    return {
        "currency": currency,
        "original_total_product_price": text(original),
        "seller_discount": text(seller),
        "platform_discount": text(platform),
        "sub_total": text(sub_total),
        "original_shipping_fee": text(shipping.original_fee),
        "shipping_fee_seller_discount": text(shipping.seller_discount),
        "shipping_fee_platform_discount": text(shipping.platform_discount),
        "shipping_fee_cofunded_discount": text(shipping.cofunded_discount),
        "shipping_fee": text(shipping.fee),
        "product_tax": text(product_tax),
        "shipping_fee_tax": text(shipping_tax),
        "tax": text(product_tax + shipping_tax),
        "retail_delivery_fee": "0",
        **{name: text(fee) for name, fee in fees.items()},
        "total_amount": text(total),
    }
