"""Outbound shipping mappings (G4): from the words of a warehouse to a carrier that TikTok Shop accepts."""

from collections.abc import Callable
from dataclasses import dataclass

from order_sync.domain.carriers import ACCEPTED_CARRIERS, folded, nearest_code
from order_sync.domain.errors import RejectedError, UnmappedCarrierError
from order_sync.domain.parcels import Parcel
from order_sync.domain.shop import ShippingMapping, ShopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedCarrier:
    """What each side is told about one parcel's carrier."""

    code: str
    name: str
    channeladvisor_carrier: str
    channeladvisor_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What people may have meant by words that nothing stands for. Never used by itself."""

    code: str
    """The accepted code that they would come to."""
    meant: str = ""
    """The known spelling that they equal but for case and spaces; empty when they only look like the code."""


def map_carrier(shop: ShopSettings, parcel: Parcel) -> MappedCarrier:
    """The accepted carrier for a warehouse's carrier and class; the class is free text (OP C21).

    An exact accepted code needs no mapping. What TikTok Shop itself names is accepted as it stands.
    Raises UnmappedCarrierError with carrier, region and nearest code: a carrier is never switched by guess. One that
    names none is a RejectedError.
    """
    carrier, shipping_class = parcel.carrier, parcel.shipping_class
    if not carrier.strip():
        raise RejectedError("the parcel names no carrier: let whoever reported it name one")
    if mapped := find_mapping(shop, carrier, shipping_class):
        return mapped
    if carrier and parcel.in_tiktoks_words:
        return _mapped(carrier, carrier, shipping_class)
    nearest = suggest(shop, carrier, shipping_class)
    meant = f" (did you mean {nearest.meant!r}?)" if nearest.meant else ""
    of_class = f" with class {shipping_class!r}" if shipping_class else ""
    raise UnmappedCarrierError(
        f"carrier {carrier!r} is not accepted by TikTok Shop in {shop.region}; "
        f"nearest accepted code is {nearest.code!r}{meant}: "
        f"add an outbound shipping mapping for it{of_class}, and the parcel goes by itself"
    )


def find_mapping(shop: ShopSettings, carrier: str, shipping_class: str) -> MappedCarrier | None:
    """What a warehouse's words stand for, by the shop's rows or as an exact accepted code; None when for nothing."""
    row = _row(shop, carrier, shipping_class)
    code = row.code if row else carrier
    name = ACCEPTED_CARRIERS[shop.region].get(code)
    return _mapped(code, name, shipping_class, row) if name else None


def suggest(shop: ShopSettings, carrier: str, shipping_class: str) -> Suggestion:
    """What may be meant: the same but for case and spaces, else the accepted code that looks most like it."""
    if row := _row(shop, carrier, shipping_class, spelt=folded):
        return Suggestion(code=row.code, meant=", ".join(filter(None, (row.carrier, row.shipping_class))))
    for code, name in ACCEPTED_CARRIERS[shop.region].items():
        if folded(carrier) in (folded(code), folded(name)):
            return Suggestion(code=code, meant=code)
    return Suggestion(code=nearest_code(shop.region, carrier))


def _mapped(code: str, name: str, shipping_class: str, row: ShippingMapping | None = None) -> MappedCarrier:
    return MappedCarrier(
        code=code,
        name=name,
        channeladvisor_carrier=(row.channeladvisor_carrier if row else "") or name,
        channeladvisor_class=(row.channeladvisor_class if row else "") or shipping_class,
    )


def _row(
    shop: ShopSettings, carrier: str, shipping_class: str, *, spelt: Callable[[str], str] = str
) -> ShippingMapping | None:
    """A row that names the class goes before one that holds for every class."""
    rows = [row for row in shop.shipping_mappings if spelt(row.carrier) == spelt(carrier)]
    for wanted in (spelt(shipping_class), ""):
        for row in rows:
            if spelt(row.shipping_class) == wanted:
                return row
    return None
