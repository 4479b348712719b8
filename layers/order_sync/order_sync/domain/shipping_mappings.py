"""Outbound shipping mappings (G4): from the words of a warehouse to a carrier that TikTok Shop accepts."""

from dataclasses import dataclass

from order_sync.domain.carriers import ACCEPTED_CARRIERS, nearest_code
from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Parcel, Source
from order_sync.domain.shop import ShippingMapping, ShopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedCarrier:
    """What each side is told about one parcel's carrier."""

    code: str
    name: str
    channeladvisor_carrier: str
    channeladvisor_class: str


def map_carrier(shop: ShopSettings, parcel: Parcel) -> MappedCarrier:
    """The accepted carrier for a warehouse's carrier and class; the class is free text (OP C21).

    An exact accepted code needs no mapping. What TikTok Shop itself reports is accepted as it stands.
    Raises RejectedError with carrier, region and nearest code: a carrier is never switched by guess.
    """
    row = _row(shop, parcel)
    code = row.code if row else parcel.carrier
    name = ACCEPTED_CARRIERS[shop.region].get(code, "")
    if not name and parcel.source is Source.TIKTOK_SHOP:
        name = parcel.carrier
    if not name:
        raise RejectedError(
            f"carrier {parcel.carrier!r} is not accepted by TikTok Shop in {shop.region}; "
            f"nearest accepted code is {nearest_code(shop.region, parcel.carrier)!r}: "
            "add an outbound shipping mapping and replay"
        )
    return MappedCarrier(
        code=code,
        name=name,
        channeladvisor_carrier=(row.channeladvisor_carrier if row else "") or name,
        channeladvisor_class=(row.channeladvisor_class if row else "") or parcel.shipping_class,
    )


def _row(shop: ShopSettings, parcel: Parcel) -> ShippingMapping | None:
    """A row that names the class goes before one that holds for every class."""
    rows = [row for row in shop.shipping_mappings if row.carrier == parcel.carrier]
    for shipping_class in (parcel.shipping_class, ""):
        for row in rows:
            if row.shipping_class == shipping_class:
                return row
    return None
