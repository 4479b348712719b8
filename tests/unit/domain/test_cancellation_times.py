"""When a buyer's request must be answered, when people are reminded, and when it is looked at again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.domain.answering.answers import Answer
from order_sync.domain.answering.times import answer_deadline, end_of_wait, next_look, reminders, reminders_over
from order_sync.domain.cancelling.cancellations import Outcome
from tests.builders import ASKED, a_cancellation, minutes

TIMES = st.integers(60, 86_400).map(lambda seconds: timedelta(seconds=seconds))
MARGINS = st.integers(1, 12 * 60).map(minutes)


def after(hours: float) -> datetime:
    return ASKED + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("tiktok", "expected"),
    [
        (None, after(24)),
        (after(24), after(24)),
        (after(1), after(1)),
        (after(24) - timedelta(seconds=1), after(24) - timedelta(seconds=1)),
        (after(25), after(24)),
        (after(48), after(24)),
    ],
)
def test_the_deadline_is_24_elapsed_hours_or_tiktok_s_own_if_that_is_earlier(
    tiktok: datetime | None, expected: datetime
) -> None:
    assert answer_deadline(ASKED, tiktok) == expected


def test_24_hours_are_elapsed_hours_across_the_end_of_summer_time() -> None:
    # The clocks of the US go back on this night; the buyer's day has 25 hours.
    asked = datetime.fromisoformat("2026-10-31T22:00:00-07:00")
    assert answer_deadline(asked, None) == datetime.fromisoformat("2026-11-01T21:00:00-08:00")


@pytest.mark.parametrize(
    ("hours", "margin", "wait"),
    [
        (24, 45, timedelta(hours=23, minutes=15)),
        (24, 15, timedelta(hours=23, minutes=45)),
        (24, 144, timedelta(hours=21, minutes=36)),
        (24, 145, timedelta(hours=21, minutes=36)),
        (24, 720, timedelta(hours=21, minutes=36)),
        (5, 45, timedelta(hours=4, minutes=30)),
        (3, 45, timedelta(hours=2, minutes=42)),
        (1, 45, timedelta(minutes=54)),
        (1, 6, timedelta(minutes=54)),
        (1, 2, timedelta(minutes=58)),
    ],
)
def test_the_wait_ends_the_margin_before_the_deadline_but_at_most_a_tenth_of_the_time(
    hours: float, margin: float, wait: timedelta
) -> None:
    assert end_of_wait(ASKED, after(hours), minutes(margin)) == ASKED + wait


@pytest.mark.parametrize(
    ("hours", "left"),
    [
        (24, [timedelta(hours=12), timedelta(hours=4), timedelta(hours=1)]),
        (5, [minutes(150), minutes(50), minutes(12.5)]),
        (3, [minutes(90), minutes(30), minutes(7.5)]),
        (1, [minutes(30), minutes(10), minutes(2.5)]),
    ],
)
def test_reminders_scale_with_the_time(hours: float, left: list[timedelta]) -> None:
    request = a_cancellation(time=timedelta(hours=hours))
    assert [after(hours) - moment for moment in reminders(request)] == left


def test_a_request_without_a_deadline_has_no_reminder() -> None:
    assert reminders(a_cancellation(respond_by=None)) == ()
    assert reminders_over(a_cancellation(respond_by=None), after(99)) == 0


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        (after(0), 0),
        (after(12) - timedelta(milliseconds=1), 0),
        (after(12), 1),
        (after(20), 2),
        (after(22.9), 2),
        (after(23), 3),
        (after(99), 3),
    ],
)
def test_a_reminder_is_over_from_its_own_moment_on(moment: datetime, over: int) -> None:
    assert reminders_over(a_cancellation(), moment) == over


@pytest.mark.parametrize(("sent", "look"), [(0, after(12)), (1, after(20)), (2, after(23)), (3, after(23.25))])
def test_the_next_look_is_at_the_next_reminder_and_then_at_the_end_of_the_wait(sent: int, look: datetime) -> None:
    assert next_look(a_cancellation(reminders=sent)) == look


def test_the_end_of_an_hour_s_wait_comes_before_its_last_reminder() -> None:
    assert next_look(a_cancellation(time=timedelta(hours=1), reminders=2)) == ASKED + minutes(54)


def test_an_answered_request_is_looked_at_when_its_confirmation_is_missing() -> None:
    answered = a_cancellation(answer=Answer.APPROVE, confirm_by=after(2))
    assert next_look(answered) == after(2)
    # It stays due until TikTok Shop confirms, so that the alarm stays on.
    assert next_look(replace(answered, unconfirmed=True)) == after(2)


@pytest.mark.parametrize(("sent", "look"), [(0, after(12)), (2, after(23)), (3, after(24))])
def test_a_rejection_that_needs_a_parcel_is_reminded_of_until_the_deadline(sent: int, look: datetime) -> None:
    request = a_cancellation(answer=Answer.REJECT, rejected_by_shipping=True, confirm_by=after(2), reminders=sent)
    assert next_look(request) == look


def test_a_request_that_is_left_to_tiktok_is_looked_at_when_tiktok_should_have_decided() -> None:
    assert next_look(a_cancellation(left_to_tiktok=True, reminders=3)) == after(24)


@pytest.mark.parametrize("changes", [{"outcome": Outcome.WITHDRAWN}, {"respond_by": None}, {"answer_until": None}])
def test_what_is_closed_or_has_no_deadline_is_not_looked_at(changes: dict[str, Any]) -> None:
    assert next_look(a_cancellation(**changes)) is None


@given(time=TIMES, margin=MARGINS)
def test_the_wait_ends_after_the_question_and_before_the_deadline(time: timedelta, margin: timedelta) -> None:
    until = end_of_wait(ASKED, ASKED + time, margin)
    assert ASKED < until < ASKED + time
    assert ASKED + time - until <= time / 10
    assert ASKED + time - until <= margin


@given(time=TIMES)
def test_reminders_come_in_order_and_before_the_deadline(time: timedelta) -> None:
    first, second, third = reminders(a_cancellation(time=time))
    assert ASKED < first < second < third < ASKED + time


@given(time=TIMES, sent=st.integers(0, 3), elapsed=st.integers(0, 200_000))
def test_a_moment_that_has_passed_stays_due_until_it_is_dealt_with(time: timedelta, sent: int, elapsed: int) -> None:
    request = a_cancellation(time=time, reminders=sent)
    now = ASKED + timedelta(seconds=elapsed)
    look = next_look(request)
    assert look is not None
    assert request.answer_until is not None
    waits_for_something = reminders_over(request, now) > sent or request.answer_until <= now
    assert (look <= now) == waits_for_something
