"""When people are warned of an order's deadlines, and of what: once for each value of a deadline (DESIGN 2, 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.deadlines.business_days import business_time_before
from order_sync.domain.deadlines.counting import profile_of
from order_sync.domain.deadlines.deadlines import MISSED, DeadlineKind, Deadlines, GivenWarning
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.deadlines.pairs import cancel_deadline, dispatch_pair
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState, TikTokStatus

DISPATCH_LEVELS: Final = (24, 12, 4)
"""Business hours before the deadline, so that an order of Monday is warned of on Friday, not on Sunday."""
CANCEL_LEVELS: Final = (24,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a warning is due, and which."""

    at: datetime
    warning: GivenWarning


def is_watched(order: Order, deadlines: Deadlines) -> bool:
    """Whether the seller can still do something for the dispatch of an order: it is paid, living, and the seller's.

    What TikTok Shop only ships, the seller still packs and hands over: it counts in the rate like any other.
    """
    if deadlines.fulfilled_by_tiktok or order.state is OrderState.CANCELED:
        return False
    return order.paid_at is not None or order.tiktok_status != TikTokStatus.UNPAID


def moments(order: Order, deadlines: Deadlines, shop: ShopSettings) -> Iterator[Moment]:
    """All warnings that this order may need with its deadlines as they are, given or not."""
    if not is_watched(order, deadlines):
        return
    is_holiday = holiday_calendar(profile_of(order, shop).holidays)

    def levels(kind: DeadlineKind, deadline: datetime, hours: tuple[int, ...]) -> Iterator[Moment]:
        for level in hours:
            at = business_time_before(deadline, timedelta(hours=level), shop.zone, is_holiday)
            yield Moment(at=at, warning=GivenWarning(kind=kind, deadline=deadline, level=level))

    if not deadlines.is_decided:
        yield from levels(DeadlineKind.DISPATCH, deadlines.act_by, DISPATCH_LEVELS)
        missed = GivenWarning(kind=DeadlineKind.DISPATCH, deadline=deadlines.act_by, level=MISSED)
        yield Moment(at=just_after(deadlines.act_by), warning=missed)
    cancel = cancel_deadline(order, deadlines)
    if cancel:
        yield from levels(DeadlineKind.AUTOMATIC_CANCEL, cancel, CANCEL_LEVELS)


def just_after(deadline: datetime) -> datetime:
    """The first moment at which a deadline is missed: its last second is still in time."""
    return deadline + timedelta(seconds=1)


def due_warnings(
    order: Order, deadlines: Deadlines, shop: ShopSettings, now: datetime, lead: timedelta
) -> tuple[GivenWarning, ...]:
    """What is due and was not given, the most urgent of each kind first. `lead`: the next look would come too late.

    A missed deadline is never foretold.
    """
    due = [
        moment.warning
        for moment in moments(order, deadlines, shop)
        if moment.at <= (now if moment.warning.level == MISSED else now + lead)
    ]
    fresh = [warning for warning in due if warning not in deadlines.given]
    return tuple(sorted(fresh, key=lambda warning: (warning.kind, warning.level)))


def most_urgent(due: tuple[GivenWarning, ...]) -> tuple[GivenWarning, ...]:
    """Of each kind the one that is told; the others are given with it."""
    told: dict[DeadlineKind, GivenWarning] = {}
    for warning in due:
        told.setdefault(warning.kind, warning)
    return tuple(told.values())


def with_next_look(order: Order, deadlines: Deadlines, shop: ShopSettings) -> Deadlines:
    """The deadlines with the moment of the next look: a warning is due then, or a missed deadline to be counted."""
    waiting = [moment.at for moment in moments(order, deadlines, shop) if moment.warning not in deadlines.given]
    waiting += uncounted(order, deadlines)
    return replace(deadlines, look_at=min(waiting, default=None))


def uncounted(order: Order, deadlines: Deadlines) -> list[datetime]:
    """When the deadlines of its dispatch, ours and TikTok Shop's, are over, as far as it was not found open since."""
    if deadlines.is_decided or deadlines.clock.awaiting_since is None or not is_watched(order, deadlines):
        return []
    pair = dispatch_pair(order, deadlines)
    overs = [just_after(moment) for moment in (pair.ours, pair.tiktoks) if moment]
    return [over for over in overs if deadlines.found_open_at is None or deadlines.found_open_at < over]
