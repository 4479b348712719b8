"""The recipient's address: withheld, masked or in clear (TT 2.9 and 2.10)."""

from datetime import datetime, timedelta

from local.simulators.tiktok_shop.buyers import Address
from local.simulators.tiktok_shop.doubts import Blank, Doubts
from local.simulators.tiktok_shop.orders import Order, Status

type Json = dict[str, object]

MASK = "***"
KEPT_AFTER_COMPLETION = timedelta(days=30)
TEXT_FIELDS = (
    "name",
    "first_name",
    "last_name",
    "phone_number",
    "postal_code",
    "region_code",
    "address_line1",
    "address_line2",
    "address_line3",
    "address_line4",
    "address_detail",
    "full_address",
)


def recipient_address(order: Order, doubts: Doubts, now: datetime) -> Json | None:
    """The address as it may be seen now; None where the key is left out."""
    if order.status in {Status.UNPAID, Status.ON_HOLD}:
        if doubts.withheld_address is Blank.OMITTED:
            return None
        return {**dict.fromkeys(TEXT_FIELDS, ""), "district_info": []}
    return _masked(order) if _is_masked(order, now) else _clear(order)


def _is_masked(order: Order, now: datetime) -> bool:
    if order.shipping_type != "SELLER" or order.fulfillment_type != "FULFILLMENT_BY_SELLER":
        return True
    if order.shop.region.code != "US":
        return False
    if order.status is Status.CANCELLED:
        return True
    return order.completed_at is not None and order.completed_at + KEPT_AFTER_COMPLETION <= now


def _clear(order: Order) -> Json:
    buyer, address, place = order.buyer, order.address, order.address.place
    districts = _districts(order, place.city)
    address_payload: Json = {
        "name": buyer.name,
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "phone_number": buyer.phone_number,
        "postal_code": place.postal_code,
        "region_code": order.shop.region.code,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "address_line3": "",
        "address_line4": "",
        "address_detail": address.detail,
        "full_address": _full(districts, address.detail),
        "district_info": districts,
        "delivery_preferences": {"drop_off_location": "Front Door"},
    }
    return _with_post_town(address_payload, order, address)


def _masked(order: Order) -> Json:
    buyer = order.buyer
    districts = _districts(order, MASK)
    address_payload: Json = {
        "name": f"{buyer.first_name[0]}{MASK} {buyer.last_name[0]}{MASK}",
        "first_name": buyer.first_name[0] + MASK,
        "last_name": buyer.last_name[0] + MASK,
        "phone_number": f"({buyer.country_code}){order.address.place.dialling_code}-{MASK}-{MASK}",
        "postal_code": MASK,
        "region_code": order.shop.region.code,
        "address_line1": MASK,
        "address_line2": MASK,
        "address_line3": "",
        "address_line4": "",
        "address_detail": MASK,
        "full_address": _full(districts, MASK),
        "district_info": districts,
    }
    return _with_post_town(address_payload, order, order.address)


def _with_post_town(payload: Json, order: Order, address: Address) -> Json:
    if order.shop.region.code == "GB":
        payload["post_town"] = MASK if payload["address_line1"] == MASK else address.place.city
    return payload


def _districts(order: Order, city: str) -> list[Json]:
    place, region = order.address.place, order.shop.region
    area_level = "State" if region.code == "US" else "Nation"
    return [
        {
            "address_level": "L0",
            "address_level_name": "Country",
            "address_name": region.country,
            "iso_code": region.code,
        },
        {
            "address_level": "L1",
            "address_level_name": area_level,
            "address_name": place.area,
            "iso_code": place.area_code,
        },
        {"address_level": "L2", "address_level_name": "County", "address_name": place.county},
        {"address_level": "L3", "address_level_name": "City", "address_name": city},
    ]


def _full(districts: list[Json], detail: str) -> str:
    return ", ".join([*(str(district["address_name"]) for district in districts), detail])
