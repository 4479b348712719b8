"""When something that a buyer asks for must be answered, and when it is looked at again (OP B2, C15)."""

from datetime import datetime, timedelta
from typing import Final, Protocol

from order_sync.domain.answering.answers import Answer

TIME_TO_ANSWER: Final = timedelta(hours=24)
"""Elapsed hours from the request; TikTok's own deadline counts where it is earlier (TT 4.3)."""
REMINDERS: Final = (2, 6, 24)
"""Parts of the time that are left when a reminder goes out: 12 h, 4 h and 1 h of 24 h."""
LARGEST_MARGIN: Final = 10
"""The margin is at most this part of the time, so that an hour's request is not answered at once."""


class Asked(Protocol):
    """A question of a buyer's to the seller: a request to cancel, or what a return waits for."""

    @property
    def asked_at(self) -> datetime:
        """Since when it waits."""

    @property
    def respond_by(self) -> datetime | None:
        """After it TikTok Shop decides by itself."""

    @property
    def answer_until(self) -> datetime | None:
        """Until then an answer is waited for; then the shop's rule decides."""

    @property
    def next_due(self) -> datetime | None:
        """When it is looked at again; None for what is not ours to answer."""

    @property
    def reminders(self) -> int:
        """How many of its reminders are over."""

    @property
    def is_asked(self) -> bool:
        """Whether TikTok Shop still waits."""

    @property
    def is_left(self) -> bool:
        """Whether we will tell TikTok Shop nothing, so that only people can still do something."""

    @property
    def answer(self) -> Answer | None:
        """What was answered."""

    @property
    def confirm_by(self) -> datetime | None:
        """When TikTok Shop should have confirmed the answer that it was told."""


def answer_deadline(asked_at: datetime, tiktok: datetime | None) -> datetime:
    """When TikTok Shop approves by itself: its own deadline, or 24 hours from the request if that is earlier."""
    usual = asked_at + TIME_TO_ANSWER
    return min(usual, tiktok) if tiktok else usual


def end_of_wait(asked_at: datetime, respond_by: datetime, margin: timedelta) -> datetime:
    """Until when an answer is waited for: a margin before the deadline, at most a tenth of the time."""
    return respond_by - min(margin, (respond_by - asked_at) / LARGEST_MARGIN)


def reminders(asked: Asked) -> tuple[datetime, ...]:
    """When people are reminded of a question."""
    if asked.respond_by is None:
        return ()
    time = asked.respond_by - asked.asked_at
    return tuple(asked.respond_by - time / part for part in REMINDERS)


def reminders_over(asked: Asked, now: datetime) -> int:
    """How many reminders should have gone out by now."""
    return sum(moment <= now for moment in reminders(asked))


def reminder_due(asked: Asked, now: datetime) -> int:
    """The number of the reminder that goes out now, 0 for none.

    One for all that are over: after an outage nobody needs three at once, and none that is too late.
    """
    over = reminders_over(asked, now)
    answered = asked.answer is not None and not asked.is_left
    too_late = asked.respond_by is None or asked.respond_by <= now
    return 0 if over <= asked.reminders or answered or too_late else over


def next_look(asked: Asked) -> datetime | None:
    """When a question is to be looked at again; None once it is closed. A moment that has passed stays due."""
    if not asked.is_asked or asked.respond_by is None or asked.answer_until is None:
        return None
    coming = reminders(asked)[asked.reminders :]
    if asked.is_left:
        return min(*coming, asked.respond_by) if coming else asked.respond_by
    if asked.answer is not None:
        return asked.confirm_by
    return min(*coming, asked.answer_until) if coming else asked.answer_until


def is_waited_for(asked: Asked) -> bool:
    """Whether an answer is waited for, until its `answer_until`."""
    nobody_spoke = asked.answer is None and not asked.is_left
    return asked.is_asked and asked.next_due is not None and nobody_spoke


def rule_is_due(asked: Asked, now: datetime) -> bool:
    """Whether nobody has answered until the end of the wait."""
    return is_waited_for(asked) and asked.answer_until is not None and asked.answer_until <= now


def confirmed_by(now: datetime, respond_by: datetime | None, confirmation: timedelta) -> datetime:
    """When TikTok Shop should show an answer that is given now; at its deadline at the latest."""
    usual = now + confirmation
    return min(usual, respond_by) if respond_by else usual
