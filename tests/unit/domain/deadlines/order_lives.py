"""What really happens to an order, what TikTok Shop shows of it at a moment, and what the product does about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.ids import LineId, OrderId

HOLD = timedelta(hours=1)
ZONES = {"US": ZoneInfo("America/Los_Angeles"), "GB": ZoneInfo("Europe/London")}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A shop's settings that matter here."""

    profile: str
    handling: str = "automated"
    extra_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What becomes of one parcel; None for what never happens."""

    tracked_at: datetime | None = None
    collected_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """TikTok Shop's own deadlines of an order, from a moment on."""

    since: datetime
    ship_by: datetime | None = None
    collect_by: datetime | None = None
    cancels_unless_shipped_by: datetime | None = None
    cancels_unless_collected_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """One order from beginning to end. What comes after its cancellation does not happen."""

    number: int
    created_at: datetime
    paid_at: datetime | None
    order_type: str = "NORMAL"
    handling_time: tuple[int, str] | None = None
    handling_time_shown_at: datetime | None = None
    release_at: datetime | None = None
    fulfillment_type: str = "FULFILLMENT_BY_SELLER"
    shipping_type: str = "SELLER"
    parcels: tuple[Parcel, ...]
    shows_first_collection: bool = False
    """Of two parcels the first one's collection stands for the order."""
    lines_show_times: bool = True
    corrected: tuple[datetime, datetime] | None = None
    """When TikTok Shop corrects the moment of collection, and to what."""
    rest_canceled_at: datetime | None = None
    """When the line of the second parcel, which is never shipped, is cancelled alone."""
    delivered_at: datetime | None = None
    canceled_at: datetime | None = None
    canceled_by: str = ""
    limits: tuple[Limits, ...] = ()

    @property
    def awaits_from(self) -> datetime | None:
        """When its hold is over; None for one that is never paid."""
        if self.paid_at is None:
            return None
        return max(self.paid_at + HOLD, self.release_at or self.paid_at)

    def parcels_at(self, moment: datetime) -> list[Parcel]:
        """Its parcels as they are at a moment."""
        if self.canceled_at is not None:
            moment = min(moment, self.canceled_at)
        wanted = self.parcels[:1] if past(self.rest_canceled_at, moment) else self.parcels
        return [
            Parcel(tracked_at=past(parcel.tracked_at, moment), collected_at=past(parcel.collected_at, moment))
            for parcel in wanted
        ]

    def collection_shown(self, moment: datetime) -> datetime | None:
        """The collection time of the order that TikTok Shop shows."""
        parcels = self.parcels_at(moment)
        times = [parcel.collected_at for parcel in parcels if parcel.collected_at]
        if times and len(times) == len(parcels) and self.corrected and self.corrected[0] <= moment:
            return self.corrected[1]
        if self.shows_first_collection:
            return min(times, default=None)
        return max(times) if len(times) == len(parcels) else None

    def limits_at(self, moment: datetime) -> Limits:
        """TikTok Shop's own deadlines that it shows at a moment."""
        return [each for each in self.limits if each.since <= moment][-1]

    def changes(self) -> list[datetime]:
        """The moments at which it changes, the first of them its creation."""
        found = {self.created_at, *(each.since for each in self.limits)}
        for parcel in self.parcels:
            found |= {moment for moment in (parcel.tracked_at, parcel.collected_at) if moment}
        others = (self.paid_at, self.awaits_from, self.handling_time_shown_at, self.delivered_at, self.canceled_at)
        found |= {self.rest_canceled_at} if self.rest_canceled_at else set()
        found |= {moment for moment in others if moment}
        found |= {self.corrected[0]} if self.corrected else set()
        last = self.canceled_at or max(found)
        return sorted(moment for moment in found if self.created_at <= moment <= last)


def past(moment: datetime | None, now: datetime) -> datetime | None:
    """A moment that has come, else None."""
    return moment if moment is not None and moment <= now else None


def status_of(life: Life, moment: datetime) -> str:
    """TikTok Shop's word for an order at a moment."""
    if past(life.canceled_at, moment):
        return "CANCELLED"
    parcels = life.parcels_at(moment)
    tracked, collected = (
        [each for each in times if each]
        for times in ([parcel.tracked_at for parcel in parcels], [parcel.collected_at for parcel in parcels])
    )
    if len(tracked) == len(parcels):
        if past(life.delivered_at, moment):
            return "DELIVERED"
        enough = 1 if life.shows_first_collection else len(parcels)
        return "IN_TRANSIT" if len(collected) >= enough else "AWAITING_COLLECTION"
    if tracked:
        return "PARTIALLY_SHIPPING"
    if not past(life.paid_at, moment):
        return "UNPAID"
    return "AWAITING_SHIPMENT" if past(life.awaits_from, moment) else "ON_HOLD"


def shown(life: Life, moment: datetime) -> OrderFacts:
    """What TikTok Shop shows of an order at a moment."""
    status, parcels, limits = status_of(life, moment), life.parcels_at(moment), life.limits_at(moment)
    tracked = [parcel.tracked_at for parcel in parcels if parcel.tracked_at]
    handling = life.handling_time if past(life.handling_time_shown_at, moment) else None
    return OrderFacts(
        id=OrderId(f"{life.number}"),
        status_text=status,
        created_at=life.created_at,
        updated_at=max(each for each in life.changes() if each <= moment),
        paid_at=past(life.paid_at, moment),
        release_at=life.release_at,
        order_type=life.order_type,
        handling_time=Span(days=handling[0], unit=DayUnit(handling[1])) if handling else None,
        fulfillment_type=life.fulfillment_type,
        shipping_type=life.shipping_type,
        canceled_by=life.canceled_by if status == "CANCELLED" else "",
        canceled_at=past(life.canceled_at, moment),
        ship_by=limits.ship_by,
        collect_by=limits.collect_by,
        cancels_unless_shipped_by=limits.cancels_unless_shipped_by,
        cancels_unless_collected_by=limits.cancels_unless_collected_by,
        tracking_added_at=max(tracked) if len(tracked) == len(parcels) else None,
        collected_at=life.collection_shown(moment),
        delivered_at=past(life.delivered_at, min(moment, life.canceled_at or moment)),
        lines=tuple(_lines(life, parcels, canceled=status == "CANCELLED")),
    )


def line_ids(life: Life) -> tuple[LineId, ...]:
    """Its lines: one in each parcel."""
    return tuple(LineId(f"{life.number}-{place}") for place in range(len(life.parcels)))


def _lines(life: Life, parcels: list[Parcel], *, canceled: bool) -> Iterator[LineFacts]:
    for place, name in enumerate(line_ids(life)):
        line = LineFacts(id=name, sku="TEE-BLU-M", canceled=canceled or place >= len(parcels))
        tracked_at = parcels[place].tracked_at if place < len(parcels) else None
        if tracked_at is not None:
            times = tracked_at if life.lines_show_times else None
            line = replace(line, shipped=True, package_id=f"P{name}", tracking_number=name, tracking_added_at=times)
        yield line


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that the product does about an order."""

    at: datetime
    kind: str
    """`sighting`, `stale sighting`, `cancellation` or `look`."""
    number: int
    shows: datetime | None = None
    """The moment whose state a sighting shows; None for a look."""


@dataclass(frozen=True, kw_only=True)
class History:
    """The orders of a shop, its settings over time, and all that the product did, in its order."""

    region: str
    settings: tuple[tuple[datetime, Choice], ...]
    lives: tuple[Life, ...]
    steps: tuple[Step, ...] = field(repr=False)
    end: datetime

    def choice_at(self, moment: datetime) -> Choice:
        """The settings in force."""
        return [choice for since, choice in self.settings if since <= moment][-1]
