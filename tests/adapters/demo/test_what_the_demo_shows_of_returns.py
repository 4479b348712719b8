"""What a person reads about returns and refunds while the day runs."""

import io

import pytest
from rich.console import Console

from local.demo.cancellations import Seen, countdown
from local.demo.clock import TradingClock, trading
from local.demo.return_news import returns_seen, returns_table
from local.demo.scenario import TradingDay
from local.demo.screen import DayLog
from local.demo.stories import ORDINARY, REFUND_REJECTED, REFUND_UNANSWERED, REFUNDED_BY_OMS, SENT_BACK, Story
from local.simulators.faults import Fault
from tests.adapters.demo.return_days import TIME_TO_ANSWER, ReturnDay


def shown(day: ReturnDay) -> list[Seen]:
    return list(returns_seen(day.partners, day.orders, day.messages, day.world.clock()))


def printed(day: ReturnDay) -> str:
    console = Console(file=io.StringIO(), width=130)
    console.print(returns_table(shown(day)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def states(day: ReturnDay) -> list[str]:
    """What was shown while the day went on, each once."""
    found: list[str] = []
    for _ in range(18):
        day.returning.work()
        found += [each.state for each in shown(day)]
        day.cycle()
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("story", "lines"),
    [
        (ORDINARY, []),
        (SENT_BACK, [("goods: No longer needed", "Refunded 21.60 everywhere (OMS)")]),
        (REFUND_REJECTED, [("money: Product wouldn't arrive on time", "Rejected (OMS)")]),
        (
            REFUND_UNANSWERED,
            [
                (
                    "money: Product wouldn't arrive on time",
                    "Refunded 59.94 everywhere (shop's rule)",
                )
            ],
        ),
        (
            REFUNDED_BY_OMS,
            [
                ("OMS: refund of 1 unit", "Refunded 21.60 everywhere (OMS)"),
                ("by hand: all 59.94", "more than was paid: refused, people know"),
            ],
        ),
    ],
)
def test_each_way_of_giving_back_is_told_with_its_end(story: Story, lines: list[tuple[str, str]]) -> None:
    day = ReturnDay(story)
    day.play()
    assert [(each.wish, each.state) for each in shown(day)] == lines
    assert all(each.left is None for each in shown(day))
    assert all(state in printed(day) for _, state in lines)


def test_goods_that_come_back_are_shown_in_the_guides_words() -> None:
    seen = states(ReturnDay(SENT_BACK))
    words = (
        "Request Pending",
        "Waiting for Buyer to Ship",
        "Return Label Generated",
        "Buyer Shipped",
        "Refunded 21.60",
    )
    places = [next(place for place, state in enumerate(seen) if state.startswith(word)) for word in words]
    assert places == sorted(places)


def test_who_is_asked_and_what_was_said_is_told_while_a_return_is_open() -> None:
    day = ReturnDay(REFUND_REJECTED)
    day.cycle()
    day.returning.work()
    day.world.tiktok.faults.add(Fault.UNAVAILABLE, "/reject", method="POST", times=None)
    assert [each.state for each in shown(day)] in ([], ["the OMS hears of it next"])
    day.until_asked()
    day.cycle(2)
    assert [each.state for each in shown(day)] == ["Request Pending: the OMS says reject"]


def test_the_time_to_answer_runs_down_on_the_trading_clock() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.until_asked()
    [given] = day.partners.tiktok.books.returns(day.order.id)
    [seen] = shown(day)
    assert given.respond_by is not None
    assert seen.left == trading(given.respond_by - day.world.time)
    assert trading(TIME_TO_ANSWER) > seen.left
    assert "left to answer" in countdown(seen)
    assert "the OMS is asked" in seen.state


def test_a_question_that_tiktok_shop_answered_by_itself_says_so() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.world.tiktok.faults.add(Fault.UNAVAILABLE, "/approve", method="POST", times=None)
    day.play()
    [seen] = shown(day)
    assert seen.state == "Refunded 59.94 everywhere (TikTok Shop)"


def test_a_refund_that_is_in_channeladvisor_alone_says_so_until_people_know_why() -> None:
    seen = states(ReturnDay(REFUNDED_BY_OMS))
    assert seen[-2:] == ["refunded in ChannelAdvisor alone", "more than was paid: refused, people know"]
    assert "TikTok Shop is told next" in seen


def test_the_log_tells_each_news_of_a_return_once_and_the_time_left_every_time() -> None:
    day = ReturnDay(REFUND_UNANSWERED)
    day.until_asked()
    log = DayLog(TradingDay(day.partners, (), list(day.orders)), TradingClock())
    first = list(log.lines(with_progress=True))
    assert ["money: " in line for line in first] == [True, False]
    assert f"to answer: {day.order.id[-6:]}" in first[-1]
    assert list(log.lines(with_progress=False)) == []
    day.play()
    assert ["Refunded 59.94 everywhere" in line for line in log.lines(with_progress=False)] == [True]
