"""The deadlines of one order: what a policy profile makes of them, how far its dispatch is, and what was warned of."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from order_sync.domain.deadlines.business_days import Span
from order_sync.domain.deadlines.policies import ClockStop, OrderKind
from order_sync.domain.listings.times import LongestTime


class Stage(StrEnum):
    """Where an order stands on its way to dispatch."""

    OPEN = "OPEN"
    """Its deadline is far, or it is dispatched and still to be collected."""
    SOON = "SOON"
    """Warned of: due within 24 business hours."""
    LATE = "LATE"
    """Not dispatched, and its deadline is over."""
    CLOSED = "CLOSED"
    """Collected or cancelled: nothing is due any more."""


class DeadlineKind(StrEnum):
    """What there is a deadline for."""

    DISPATCH = "dispatch"
    AUTOMATIC_CANCEL = "automatic cancel"


MISSED = 0
"""The warning level of a deadline that is over; other levels are business hours before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenWarning:
    """What people were warned of: once for each value of a deadline."""

    kind: DeadlineKind
    deadline: datetime
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the days of an order are counted from, besides its order date."""

    kind: OrderKind = OrderKind.REGULAR
    handling_time: Span | None = None
    """The handling time of its listing, where TikTok Shop sends one."""
    listed_handling: LongestTime | None = None
    """The handling time by the shop's table of listings, where TikTok Shop sends none."""
    listed_shipping: LongestTime | None = None
    release_at: datetime | None = None
    """Of a pre-order."""
    awaiting_since: datetime | None = None
    """Since when it awaits shipment; None for one that never did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """An order's deadlines under one policy profile."""

    profile: str
    clock_stops: ClockStop
    cancel_stops: ClockStop
    dispatch_by: datetime
    dispatch_on: date
    """The local date of `dispatch_by`, by which late orders are counted."""
    cancels_by: datetime
    """When TikTok Shop cancels it by itself."""
    delivery_by: datetime
    """Estimated: handling time and shipping time (G5, OP C25). Nothing acts on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All about the deadlines of one order that TikTok Shop does not say itself."""

    clock: Clock
    figures: Figures
    act_by: datetime
    """The deadline of its dispatch that is acted on: the earlier of the profile's and TikTok Shop's own."""
    tiktok_on: date | None = None
    """The local date of TikTok Shop's own figure for the dispatch."""
    fulfilled_by_tiktok: bool = False
    tracking_added_at: datetime | None = None
    """When its last parcel got its tracking number."""
    collected_at: datetime | None = None
    """When its last parcel was collected."""
    canceled_at: datetime | None = None
    given: tuple[GivenWarning, ...] = ()
    found_open_at: datetime | None = None
    """When it was last found open after a deadline of its dispatch."""
    look_at: datetime | None = None
    """When there is something to warn of; None when there is nothing any more."""

    @property
    def dispatched_at(self) -> datetime | None:
        """When the event happened that stops the dispatch clock."""
        return self.happened(self.figures.clock_stops)

    @property
    def is_decided(self) -> bool:
        """Whether it is dispatched or cancelled, so that its dispatch deadline is kept or missed for good."""
        return self.dispatched_at is not None or self.canceled_at is not None

    @property
    def stage(self) -> Stage:
        """Where it stands, as far as people were warned."""
        if self.canceled_at or self.collected_at:
            return Stage.CLOSED
        if self.dispatched_at:
            return Stage.OPEN
        levels = {
            warning.level
            for warning in self.given
            if warning.kind is DeadlineKind.DISPATCH and warning.deadline == self.act_by
        }
        if MISSED in levels or (self.found_open_at and self.found_open_at > self.act_by):
            return Stage.LATE
        return Stage.SOON if levels else Stage.OPEN

    def happened(self, event: ClockStop) -> datetime | None:
        """When an event that stops a clock happened. What was collected surely had its tracking number."""
        if event is ClockStop.IN_TRANSIT:
            return self.collected_at
        return self.tracking_added_at or self.collected_at
