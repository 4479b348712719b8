"""When a buyer's request must be answered, and when it is looked at again (OP C15)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.shop import ShopSettings

TIME_TO_ANSWER: Final = timedelta(hours=24)
"""Elapsed hours from the request; TikTok's own deadline counts where it is earlier (TT 4.3)."""
REMINDERS: Final = (2, 6, 24)
"""Parts of the time that are left when a reminder goes out: 12 h, 4 h and 1 h of 24 h."""
LARGEST_MARGIN: Final = 10
"""The margin is at most this part of the time, so that an hour's request is not answered at once."""


def answer_deadline(requested_at: datetime, tiktok: datetime | None) -> datetime:
    """When TikTok Shop approves by itself: its own deadline, or 24 hours from the request if that is earlier."""
    usual = requested_at + TIME_TO_ANSWER
    return min(usual, tiktok) if tiktok else usual


def end_of_wait(requested_at: datetime, respond_by: datetime, margin: timedelta) -> datetime:
    """Until when an answer is waited for: a margin before the deadline, at most a tenth of the time."""
    return respond_by - min(margin, (respond_by - requested_at) / LARGEST_MARGIN)


def reminders(request: Cancellation) -> tuple[datetime, ...]:
    """When people are reminded of a request."""
    if request.respond_by is None:
        return ()
    time = request.respond_by - request.requested_at
    return tuple(request.respond_by - time / part for part in REMINDERS)


def reminders_over(request: Cancellation, now: datetime) -> int:
    """How many reminders should have gone out by now."""
    return sum(moment <= now for moment in reminders(request))


def next_look(request: Cancellation) -> datetime | None:
    """When a request is to be looked at again; None once it is closed. A moment that has passed stays due."""
    if not request.is_open or request.respond_by is None or request.answer_until is None:
        return None
    coming = reminders(request)[request.reminders :]
    if request.rejected_by_shipping or request.left_to_tiktok:
        return min(*coming, request.respond_by) if coming else request.respond_by
    if request.answer is not None:
        return request.confirm_by
    return min(*coming, request.answer_until) if coming else request.answer_until


def with_deadlines(request: Cancellation, respond_by: datetime, shop: ShopSettings) -> Cancellation:
    """The request with TikTok's deadline and the end of our wait before it."""
    until = end_of_wait(request.requested_at, respond_by, shop.cancellations.margin)
    return replace(request, respond_by=respond_by, answer_until=until)
