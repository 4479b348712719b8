"""What a person reads about cancellations while the day runs."""

import io
from datetime import timedelta

import pytest
from rich.console import Console

from local.demo.cancellations import Seen, cancellations_table, countdown, seen
from local.demo.clock import TradingClock, trading
from local.demo.scenario import TradingDay
from local.demo.screen import DayLog
from local.demo.stories import (
    APPROVED,
    CANCELLED_BY_PLATFORM,
    CANCELLED_BY_SELLER,
    ORDINARY,
    REJECTED,
    REJECTED_BY_PARCEL,
    UNANSWERED,
    Story,
)
from local.simulators.faults import Fault
from tests.adapters.demo.days import TIME_TO_ANSWER, StoryDay


def shown(day: StoryDay) -> list[Seen]:
    return list(seen(day.partners, day.orders, day.world.clock()))


def printed(day: StoryDay) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(cancellations_table(shown(day)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("story", "wish", "state"),
    [
        (APPROVED, "buyer: No longer needed", "approved by the OMS"),
        (REJECTED, "buyer: Better price available", "rejected by the OMS"),
        (REJECTED_BY_PARCEL, "buyer: Not shipped on time", "rejected by its parcel"),
        (UNANSWERED, "buyer: High delivery costs", "approved by the shop's rule"),
        (CANCELLED_BY_SELLER, "seller: Out of stock", "cancelled; the OMS knows"),
        (CANCELLED_BY_PLATFORM, "TikTok Shop: Package lost", "cancelled; parcel called back"),
    ],
)
def test_each_way_of_cancelling_is_told_with_its_end(story: Story, wish: str, state: str) -> None:
    day = StoryDay(story)
    day.play()
    [cancellation] = shown(day)
    assert (cancellation.wish, cancellation.state, cancellation.left) == (wish, state, None)
    assert state in printed(day)


def test_an_order_that_nobody_cancels_is_not_in_the_list() -> None:
    day = StoryDay(ORDINARY)
    day.play()
    assert shown(day) == []


def test_the_time_to_answer_runs_down_on_the_trading_clock() -> None:
    day = StoryDay(UNANSWERED)
    day.world.tiktok.request_cancel(day.order.id)
    assert [each.left for each in shown(day)] == [trading(TIME_TO_ANSWER)]
    day.world.time += timedelta(hours=2)
    [cancellation] = shown(day)
    assert cancellation.left == trading(timedelta(hours=1))
    assert cancellation.part_left == pytest.approx(1 / 3)
    assert "300:00 h ━━━━━━" in printed(day)


def test_who_is_asked_and_what_was_said_is_told_while_a_request_is_open() -> None:
    day = StoryDay(APPROVED)
    cancel = day.world.tiktok.request_cancel(day.order.id)
    assert [each.state for each in shown(day)] == ["the OMS is asked next"]
    day.world.cycle()
    assert [each.state for each in shown(day)] == ["the OMS is asked"]
    day.world.oms.decide(cancel, "approve")
    assert [each.state for each in shown(day)] == ["the OMS says approve"]


def test_a_request_that_tiktok_shop_approved_by_itself_stands_out() -> None:
    day = StoryDay(APPROVED)
    day.world.tiktok.faults.add(Fault.UNAVAILABLE, "/approve", method="POST", times=None)
    day.play()
    day.world.advance(TIME_TO_ANSWER)
    [cancellation] = shown(day)
    assert (cancellation.state, cancellation.style) == ("approved automatically", "bold red")


def test_the_log_tells_each_news_once_and_the_time_left_every_time() -> None:
    day = StoryDay(APPROVED)
    day.world.tiktok.request_cancel(day.order.id)
    log = DayLog(TradingDay(day.partners, (), list(day.orders)), TradingClock())
    first = list(log.lines(with_progress=True))
    assert len(first) == 2
    assert countdown(next(seen(day.partners, day.orders, day.world.clock()))).partition(";")[0] in first[0]
    assert f"to answer: {day.order.id[-6:]}" in first[1]
    assert list(log.lines(with_progress=False)) == []
    day.world.cycle()
    assert ["the OMS says approve" in line for line in log.lines(with_progress=False)] == [True]


def test_the_log_says_while_channeladvisor_is_down() -> None:
    day = TradingDay(StoryDay(ORDINARY).partners, ())
    log = DayLog(day, TradingClock())
    assert "ChannelAdvisor is down" not in next(log.lines(with_progress=True))
    day.channeladvisor_is_down = True
    assert "ChannelAdvisor is down" in next(log.lines(with_progress=True))
