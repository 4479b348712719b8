"""Our deadlines beside TikTok Shop's own figures, paired by the event that stops the clock (OP B3, E4)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from order_sync.domain.deadlines.business_days import end_of_day, is_business_day, local_date
from order_sync.domain.deadlines.counting import figures, profile_of
from order_sync.domain.deadlines.deadlines import DeadlineKind, Deadlines
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.deadlines.policies import ClockStop, DeadlineSettings, PolicyProfile
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings

TOLERANCE: Final = timedelta(hours=2)
"""Two figures of the same local date that lie no further apart mean the same."""
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One deadline as the policy profile and as TikTok Shop have it; None where one of them has none."""

    kind: DeadlineKind
    event: ClockStop
    """What must have happened by then."""
    ours: datetime | None
    tiktoks: datetime | None

    @property
    def acted_on(self) -> datetime | None:
        """The earlier one, so that no warning comes too late."""
        return min((moment for moment in (self.ours, self.tiktoks) if moment), default=None)

    def differs(self, zone: ZoneInfo) -> bool:
        """Whether they are two different deadlines: of another local date, or more than two hours apart."""
        if self.ours is None or self.tiktoks is None:
            return False
        apart = abs(self.ours - self.tiktoks) > TOLERANCE
        return apart or local_date(self.ours, zone) != local_date(self.tiktoks, zone)


def tiktoks_dispatch_deadline(order: Order, event: ClockStop) -> datetime | None:
    """TikTok Shop's own figure for the event: `tts_sla_time` for in transit, `rts_sla_time` for tracking added."""
    return order.collect_by if event is ClockStop.IN_TRANSIT else order.ship_by


def dispatch_pair(order: Order, deadlines: Deadlines) -> Pair:
    """The dispatch deadline."""
    event = deadlines.figures.clock_stops
    return Pair(
        kind=DeadlineKind.DISPATCH,
        event=event,
        ours=deadlines.figures.dispatch_by,
        tiktoks=tiktoks_dispatch_deadline(order, event),
    )


def beside_tiktoks(order: Order, deadlines: Deadlines, shop: ShopSettings) -> Deadlines:
    """The deadlines with what TikTok Shop's own figure for the dispatch makes of them."""
    pair = dispatch_pair(order, deadlines)
    return replace(
        deadlines,
        act_by=pair.acted_on or deadlines.figures.dispatch_by,
        tiktok_on=local_date(pair.tiktoks, shop.zone) if pair.tiktoks else None,
    )


def cancel_pairs(order: Order, deadlines: Deadlines) -> tuple[Pair, Pair]:
    """The automatic cancellations: unless tracking is added, and unless it is collected."""
    ours = {deadlines.figures.cancel_stops: deadlines.figures.cancels_by}
    tiktoks = {
        ClockStop.TRACKING_ADDED: order.cancels_unless_shipped_by,
        ClockStop.IN_TRANSIT: order.cancels_unless_collected_by,
    }
    added, collected = (
        Pair(kind=DeadlineKind.AUTOMATIC_CANCEL, event=event, ours=ours.get(event), tiktoks=tiktoks[event])
        for event in ClockStop
    )
    return added, collected


def cancel_deadline(order: Order, deadlines: Deadlines) -> datetime | None:
    """The next automatic cancellation that has nothing yet to keep it away."""
    open_pairs = (pair for pair in cancel_pairs(order, deadlines) if deadlines.happened(pair.event) is None)
    return min((pair.acted_on for pair in open_pairs if pair.acted_on), default=None)


def explain(order: Order, deadlines: Deadlines, shop: ShopSettings, pair: Pair) -> str:
    """Why TikTok Shop's figure may differ from ours, in words; empty when the two mean the same."""
    if not pair.differs(shop.zone) or pair.tiktoks is None or pair.ours is None:
        return ""
    wanted = local_date(pair.tiktoks, shop.zone)
    if pair.tiktoks != end_of_day(wanted, shop.zone) and abs(pair.tiktoks - pair.ours) < A_DAY:
        return "it is not the end of a day here: the time zone of the shop's settings may not be TikTok Shop's"
    for other, words in _otherwise(order, _with(shop, profile=deadlines.figures.profile)):
        counted = figures(order, deadlines.clock, other)
        if pair.kind is DeadlineKind.DISPATCH:
            event, deadline = counted.clock_stops, counted.dispatch_by
        else:
            event, deadline = counted.cancel_stops, counted.cancels_by
        if event is pair.event and local_date(deadline, shop.zone) == wanted:
            return words
    if not is_business_day(wanted, holiday_calendar(profile_of(order, shop).holidays)):
        return "it falls on a day that is no business day here: TikTok Shop counts other holidays or calendar days"
    sign = "later" if pair.tiktoks > pair.ours else "earlier"
    apart = abs((wanted - local_date(pair.ours, shop.zone)).days)
    return f"{_days(apart, 'calendar')} {sign}, and no profile explains it"


def _days(number: int, kind: str) -> str:
    return f"{number} {kind} {'day' if number == 1 else 'days'}"


def _otherwise(order: Order, shop: ShopSettings) -> Iterator[tuple[ShopSettings, str]]:
    """The shop as it would be with other settings, and what that would mean."""
    chosen = profile_of(order, shop)
    flipped = "manual" if shop.deadlines.handling == "automated" else "automated"
    yield _with(shop, handling=flipped), f"as with {flipped} handling settings"
    yield _with(shop, extra_handling=()), "as without the shop's extra handling days"
    for profile in _others(chosen):
        yield _with(shop, profile=profile.name), f"as under policy profile {profile.label}"
    for days in range(1, 4):
        extra = {"first_order_date": local_date(order.created_at, shop.zone), "days": days}
        yield _with(shop, extra_handling=(extra,)), f"{_days(days, 'more business')}, as for extra handling days"


def _others(chosen: PolicyProfile) -> Iterator[PolicyProfile]:
    others = [profile for profile in policy_profiles() if profile.region is chosen.region and profile != chosen]
    yield from sorted(others, key=lambda profile: profile.in_force_from, reverse=True)


def _with(shop: ShopSettings, **changes: object) -> ShopSettings:
    settings = DeadlineSettings.model_validate(shop.deadlines.model_dump() | changes)
    return shop.model_copy(update={"deadlines": settings})
