"""What a person reads about the two weeks before the go-live."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from local.demo.deadline_news import DeadlineNews
from local.demo.deadline_screen import deadlines_view
from tests.adapters.demo.days import PastDay


@pytest.fixture(scope="module")
def day() -> PastDay:
    """Not to be changed."""
    return PastDay()


def printed(day: PastDay, news: DeadlineNews | None = None) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(deadlines_view(day.partners, news or day.news()))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_rate_of_each_shop_is_told_with_its_verdict(day: PastDay) -> None:
    said = printed(day)
    assert "Late Dispatch Rate 7.00 % (7 of 100)  above 4.00 %: TikTok Shop may act" in said
    assert "Late Dispatch Rate 4.00 % (1 of 25)  warning: 3.00 % or more" in said


def test_every_order_of_the_rate_has_its_sign(day: PastDay) -> None:
    lines = [line for line in printed(day).splitlines() if "due " in line and "  ▪" in line]
    signs = "".join(lines)
    assert {sign: signs.count(sign) for sign in "✗⊘○□◆"} == {"✗": 7, "⊘": 1, "○": 3, "□": 2, "◆": 6}


def test_readings_and_what_if_stand_side_by_side(day: PastDay) -> None:
    said = printed(day)
    assert "as it is: guide-2025-08" in said
    assert "what if: us-2026-01" in said
    report = day.news().reports["US"]
    [line] = [line for line in said.splitlines() if "with open orders that are late" in line]
    name = "reading: with open orders that are late"
    assert report.figures[name] in line
    assert report.what_if[name] in line
    assert report.figures[name] != report.what_if[name]


def test_the_newer_policy_profile_is_named(day: PastDay) -> None:
    assert "a newer one of US exists: us-2026-01" in printed(day).replace("\n", " ")


def test_of_each_kind_of_late_order_one_is_shown(day: PastDay) -> None:
    said = printed(day)
    for words in ("dispatched late", "1 more business day", "cancelled after its deadline", "not dispatched yet"):
        assert words in said
    assert "and 5 more" in said


def test_people_read_the_summary_as_it_was_sent(day: PastDay) -> None:
    said = printed(day)
    [(subject, text)] = day.world.summaries
    assert subject in said
    assert "3 orders missed the dispatch deadline" in text
    assert all(line in said for line in text.splitlines()[:-1])


def test_an_alarm_that_is_on_says_so(day: PastDay) -> None:
    assert printed(day).count(" ALARM ") == 3
    news = day.news()
    assert " OK  OrdersOverdue" in printed(day, replace(news, alarms={**news.alarms, "OrdersOverdue": "OK"}))
