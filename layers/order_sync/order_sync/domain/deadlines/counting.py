"""Counting an order's deadlines as a policy profile does (G5, OP B2, B4, C3, C9, C25)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import blake2b

from order_sync.domain.deadlines.business_days import IsHoliday, Span, day_after, due_at, local_date
from order_sync.domain.deadlines.deadlines import Clock, Figures
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.deadlines.policies import ClockStart, DispatchRule, PolicyProfile, dispatch_spans, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.listings.times import Listings, longest_times
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings


def profile_of(order: Order, shop: ShopSettings) -> PolicyProfile:
    """The policy profile that holds for an order of this shop."""
    ordered_on = local_date(order.created_at, shop.zone)
    return profile_for(policy_profiles(), shop.region, shop.deadlines.profile, ordered_on)


def rules_digest(shop: ShopSettings) -> str:
    """A short digest of all that deadlines of this shop are counted by, to tell when they must be counted anew."""
    profiles = [profile for profile in policy_profiles() if profile.region is shop.region]
    listings = shop.listings.digest if shop.listings else ""
    rules = repr((shop.time_zone, shop.deadlines, profiles, listings))
    return blake2b(rules.encode(), digest_size=6).hexdigest()


def with_listed_times(order: Order, clock: Clock, listings: Listings) -> Clock:
    """The clock with what the shop's table of listings has for the lines. An order's own handling time comes first."""
    handling, shipping = longest_times(order.lines, listings)
    return replace(clock, listed_handling=None if clock.handling_time else handling, listed_shipping=shipping)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeParts:
    """What the dispatch and the estimated delivery of an order are counted by, one part after the other."""

    starts_at: datetime
    """On day 0."""
    dispatch: Span
    """Of the policy profile, or the handling time where that takes its place."""
    handling: Span
    """The handling time of the estimate, which no rule replaces (G5); without one, the time until dispatch."""
    more: tuple[Span, ...]
    """Campaigns, or the shop's own extra days: both get them."""
    shipping: Span


def time_parts(order: Order, clock: Clock, shop: ShopSettings) -> TimeParts:
    """The parts under the profile that the shop has chosen."""
    profile = profile_of(order, shop)
    starts_at, rule = _starts_at(order, clock, profile), profile.dispatch[clock.kind]
    handling = _handling_time(clock, rule, local_date(starts_at, shop.zone), holiday_calendar(profile.holidays))
    ordered_on = local_date(order.created_at, shop.zone)
    dispatch, *more = dispatch_spans(profile, clock.kind, ordered_on, handling, shop.deadlines)
    # What is released later is handled from then on, and a listing's time counts from the order.
    counts_from_order = rule.counts_from == "clock_start"
    return TimeParts(
        starts_at=starts_at,
        dispatch=dispatch,
        handling=handling if handling and counts_from_order else dispatch,
        more=tuple(more),
        shipping=_shipping_time(clock, shop),
    )


def figures(order: Order, clock: Clock, shop: ShopSettings) -> Figures:
    """The deadlines under the profile that the shop has chosen. Raises RejectedError for a year without holidays."""
    profile, parts = profile_of(order, shop), time_parts(order, clock, shop)
    zone, is_holiday = shop.zone, holiday_calendar(profile.holidays)
    dispatch_by = due_at(parts.starts_at, (parts.dispatch, *parts.more), zone, is_holiday)
    cancel = profile.automatic_cancel[clock.kind]
    counted_from = dispatch_by if cancel.counts_from == "dispatch_deadline" else order.created_at
    return Figures(
        profile=profile.name,
        clock_stops=profile.clock_stops,
        cancel_stops=profile.cancel_stops,
        dispatch_by=dispatch_by,
        dispatch_on=local_date(dispatch_by, zone),
        cancels_by=due_at(counted_from, [Span(days=cancel.days, unit=cancel.unit)], zone, is_holiday),
        delivery_by=due_at(parts.starts_at, (parts.handling, *parts.more, parts.shipping), zone, is_holiday),
    )


def _handling_time(clock: Clock, rule: DispatchRule, day: date, is_holiday: IsHoliday) -> Span | None:
    """The order's own handling time, else the longest of its lines by the table; None where neither is known.

    A line without one has the rule's time, and that may be the longest.
    """
    if clock.handling_time or clock.listed_handling is None:
        return clock.handling_time
    listed = Span(days=clock.listed_handling.days)
    if clock.listed_handling.of_all:
        return listed
    by_rule = Span(days=rule.days, unit=rule.unit)
    return max(listed, by_rule, key=lambda span: day_after(day, [span], is_holiday))


def _shipping_time(clock: Clock, shop: ShopSettings) -> Span:
    """The longest of the lines by the table; a line without one has that of the shop's settings."""
    listed, usual = clock.listed_shipping, shop.deadlines.shipping_days
    if listed is None:
        return Span(days=usual)
    return Span(days=listed.days if listed.of_all else max(listed.days, usual))


def _starts_at(order: Order, clock: Clock, profile: PolicyProfile) -> datetime:
    """The moment whose date is day 0 of the dispatch."""
    if profile.dispatch[clock.kind].counts_from == "release_date" and clock.release_at:
        return clock.release_at
    starts = {
        ClockStart.CREATED: order.created_at,
        ClockStart.PAID: order.paid_at,
        ClockStart.RELEASED: clock.awaiting_since,
    }
    return starts[profile.clock_starts] or order.created_at
