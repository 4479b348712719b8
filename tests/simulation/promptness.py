"""How soon everything must happen to an order where nothing goes wrong (DESIGN 6, 8; guide G1-G5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from tests.simulation.told import Told
from tests.world import CYCLE

BY_POLL: Final = 2 * CYCLE + timedelta(minutes=5)
"""What a poll must find, in the cycle after the one that is under way."""
BY_TIMER: Final = timedelta(minutes=7)
"""A timer fires for all orders whose hold ends within five minutes."""
BY_PUSH: Final = 2 * CYCLE + timedelta(minutes=5)
OMS_WAITS: Final = timedelta(minutes=20)
"""For ChannelAdvisor's number at most."""


def too_late(told: Told, lag: timedelta) -> Iterator[str]:
    """What happened later than it must; `lag` is how far the partners' lists are behind."""
    if told.order.damaged or told.order.kind == "old":
        return
    noted = {entry.event.value: entry.at for entry in reversed(told.timeline)}
    yield from _late("was seen", told.there.created_at, noted.get("SEEN"), BY_POLL + lag)
    released = noted.get("RELEASED")
    if told.may_leave_at is not None and released is not None:
        yield from _late("was released", _leaves(told), released, BY_TIMER if _has_timer(told) else BY_POLL + lag)
        # An order that somebody has asked to cancel is kept back until that is decided.
        since = max([released, *(until for asked, until in told.asked if asked <= released + BY_PUSH)])
        for created in told.created:
            yield from _late("was created", since, created["ImportDateUtc"], BY_PUSH + lag)
        if told.taken is not None:
            yield from _late("was given to the OMS", since, told.taken.taken_at, BY_PUSH + OMS_WAITS + lag)
    yield from _parcels(told, lag)
    yield from _requests(told, lag)


def _leaves(told: Told) -> datetime:
    assert told.may_leave_at is not None
    return max(told.may_leave_at, told.there.hold_ends_at or told.may_leave_at)


def _has_timer(told: Told) -> bool:
    """Whether the end of the hold is known beforehand: TikTok Shop may hold an order for longer than it says."""
    return told.may_leave_at == _leaves(told)


def _parcels(told: Told, lag: timedelta) -> Iterator[str]:
    if told.contested or told.canceled or told.order.misspelt:
        return
    shipped = {each.tracking_number: each.at for each in told.day.world.tiktok.books.shipments_of(told.order.id)}
    for parcel in told.order.parcels:
        if not parcel.corrected:
            # TikTok Shop takes no parcel of an order that its buyer asks to cancel.
            limit = 2 * BY_POLL + lag
            since = max([parcel.at, *(until for asked, until in told.asked if asked <= parcel.at + limit)])
            yield from _late(f"parcel {parcel.tracking} was told", since, shipped.get(parcel.tracking), limit)


def _requests(told: Told, lag: timedelta) -> Iterator[str]:
    seen = sorted(entry.at for entry in told.timeline if entry.event == "CANCEL_REQUESTED")
    for there in told.day.world.tiktok.cancellations_of(told.order.id):
        if there.respond_by is not None:
            first = next((at for at in seen if at >= there.created_at), None)
            yield from _late(f"request {there.id} was seen", there.created_at, first, BY_POLL + lag)
    for entry in told.timeline:
        if entry.event in {"CANCEL_REQUEST_REMINDER", "RETURN_REMINDER"} and entry.happened_at is not None:
            yield from _late("somebody was reminded", entry.happened_at, entry.at, CYCLE + timedelta(minutes=5))


def _late(what: str, since: datetime, at: datetime | None, limit: timedelta) -> Iterator[str]:
    if at is not None and at > since + limit:
        yield f"{what} {at - since} late"
