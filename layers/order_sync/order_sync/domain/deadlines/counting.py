"""Counting an order's deadlines as a policy profile does (G5, OP B2, B4, C3, C9, C25)."""

from datetime import datetime
from hashlib import blake2b

from order_sync.domain.deadlines.business_days import Span, due_at, local_date
from order_sync.domain.deadlines.deadlines import Clock, Figures
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.deadlines.policies import ClockStart, PolicyProfile, dispatch_spans, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings


def profile_of(order: Order, shop: ShopSettings) -> PolicyProfile:
    """The policy profile that holds for an order of this shop."""
    ordered_on = local_date(order.created_at, shop.zone)
    return profile_for(policy_profiles(), shop.region, shop.deadlines.profile, ordered_on)


def rules_digest(shop: ShopSettings) -> str:
    """A short digest of all that deadlines of this shop are counted by, to tell when they must be counted anew."""
    profiles = [profile for profile in policy_profiles() if profile.region is shop.region]
    rules = repr((shop.time_zone, shop.deadlines, profiles))
    return blake2b(rules.encode(), digest_size=6).hexdigest()


def figures(order: Order, clock: Clock, shop: ShopSettings) -> Figures:
    """The deadlines under the profile that the shop has chosen. Raises RejectedError for a year without holidays."""
    profile = profile_of(order, shop)
    zone, is_holiday = shop.zone, holiday_calendar(profile.holidays)
    spans = dispatch_spans(profile, clock.kind, local_date(order.created_at, zone), clock.handling_time, shop.deadlines)
    dispatch_by = due_at(_starts_at(order, clock, profile), spans, zone, is_holiday)
    cancel = profile.automatic_cancel[clock.kind]
    counted_from = dispatch_by if cancel.counts_from == "dispatch_deadline" else order.created_at
    return Figures(
        profile=profile.name,
        clock_stops=profile.clock_stops,
        cancel_stops=profile.cancel_stops,
        dispatch_by=dispatch_by,
        dispatch_on=local_date(dispatch_by, zone),
        cancels_by=due_at(counted_from, [Span(days=cancel.days, unit=cancel.unit)], zone, is_holiday),
        delivery_by=due_at(dispatch_by, [Span(days=shop.deadlines.shipping_days)], zone, is_holiday),
    )


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
