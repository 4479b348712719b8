"""The estimated delivery of one unit of a SKU, and where each part of it comes from (G5, OP C25)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from order_sync.domain.deadlines.business_days import DayUnit, Span, due_at
from order_sync.domain.deadlines.counting import TimeParts, figures, profile_of, time_parts, with_listed_times
from order_sync.domain.deadlines.deadlines import Clock
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.listings.times import Listings
from order_sync.domain.orders import Handling, Line, Order
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState, TikTokStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an estimate."""

    name: str
    time: Span
    source: str

    def __str__(self) -> str:
        kind = "business" if self.time.unit is DayUnit.BUSINESS else "calendar"
        days = f"{self.time.days} {kind} {'day' if self.time.days == 1 else 'days'}"
        return f"{self.name}: {days}, from {self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """When an order of that moment is handed over and delivered, as its listing has it."""

    parts: tuple[Part, ...]
    profile: str
    dispatch_by: datetime
    """Its deadline under the policy profile, whatever the listing says: it is a regular order."""
    handed_over_by: datetime
    delivery_by: datetime


def estimate(shop: ShopSettings, sku: str, listings: Listings, ordered_at: datetime) -> Estimate:
    """Counted as for an order that carries no times of its own. Raises RejectedError for a year without holidays."""
    order = _an_order(shop, sku, ordered_at)
    clock = with_listed_times(order, Clock(awaiting_since=ordered_at), listings)
    counted, parts, profile = figures(order, clock, shop), time_parts(order, clock, shop), profile_of(order, shop)
    handled = due_at(parts.starts_at, (parts.handling, *parts.more), shop.zone, holiday_calendar(profile.holidays))
    return Estimate(
        parts=tuple(_parts(shop, clock, profile.label, parts)),
        profile=profile.label,
        dispatch_by=counted.dispatch_by,
        handed_over_by=handled,
        delivery_by=counted.delivery_by,
    )


def _parts(shop: ShopSettings, clock: Clock, profile: str, parts: TimeParts) -> Iterator[Part]:
    table = f"the table of listings, loaded {shop.listings.loaded_at:%Y-%m-%d %H:%M} UTC" if shop.listings else ""
    by_profile, by_settings = f"policy profile {profile}", "the shop's settings (deadlines.shipping_days)"
    yield Part(name="handling", time=parts.handling, source=table if clock.listed_handling else by_profile)
    for span in parts.more:
        yield Part(
            name="more handling", time=span, source="a campaign, or the shop's settings (deadlines.extra_handling)"
        )
    yield Part(name="shipping", time=parts.shipping, source=table if clock.listed_shipping else by_settings)


def _an_order(shop: ShopSettings, sku: str, ordered_at: datetime) -> Order:
    """A regular order of one unit that is paid at once."""
    return Order(
        shop=shop.shop,
        id=OrderId(""),
        state=OrderState.PENDING,
        handling=Handling.WATCHED,
        tiktok_status=TikTokStatus.AWAITING_SHIPMENT,
        updated_at=ordered_at,
        digest="",
        created_at=ordered_at,
        paid_at=ordered_at,
        lines=(Line(id=LineId(""), sku=sku),),
    )
