"""Each promise of the demo about deadlines is kept by the product, and each can be broken."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from local.demo.day import WRONG_TIME_ZONES
from local.demo.deadline_checks import check_deadlines
from local.demo.deadline_news import ALARMS, DeadlineNews, Message, order_in, warnings_in
from local.demo.dispatch_count import judged, readings
from local.demo.fortnight import Fortnight
from local.demo.past_orders import Fate
from local.simulators.tiktok_shop.orders import Status
from order_sync.domain.ids import OrderId
from tests.adapters.demo.days import PastDay
from tests.world import START

RATE = "The Late Dispatch Rate is that of TikTok Shop's books"
NAMED = "The report names the late orders, and no others"
WARNED = "Each deadline that came near or was missed was warned of once"
ALARMED = "The alarms for late orders are on, and people were told"
LEFT_ALONE = "Orders from before the go-live were told to nobody"

READINGS = (
    "late dispatch rate",
    "reading: shipped orders only",
    "reading: cancelled late above the line only",
    "reading: with what TikTok Shop fulfilled",
    "reading: with open orders that are late",
    "by TikTok Shop's own deadlines",
    "seller-fault cancellation rate",
)


@pytest.fixture(scope="module")
def day() -> PastDay:
    """Not to be changed."""
    return PastDay()


def broken(day: PastDay, news: DeadlineNews | None = None) -> set[str]:
    checks = check_deadlines(day.partners, news or day.news())
    assert [check.promise for check in checks] == [RATE, NAMED, WARNED, ALARMED, LEFT_ALONE]
    return {check.promise for check in checks if not check.holds}


def orders_of(day: PastDay, fate: Fate) -> list[OrderId]:
    return [OrderId(order) for order, past in day.past.items() if past.fate is fate]


def test_the_two_weeks_before_break_no_promise(day: PastDay) -> None:
    assert broken(day) == set()
    assert day.world.problems() == []


def test_the_books_alone_say_seven_of_a_hundred_late(day: PastDay) -> None:
    tiktok, shops = day.world.tiktok, day.partners.shops
    days = {region: Fortnight(region, day.world.time, day.campaigns.get(region)) for region in shops}
    counted = {
        region: readings(judged(tiktok.times_of_orders(shop), days[region]), days[region])
        for region, shop in shops.items()
    }
    assert tuple(counted["US"]) == READINGS
    assert list(counted["US"].values()) == [
        "7.00 % (7 of 100)",
        "6.06 % (6 of 99)",
        "7.07 % (7 of 99)",
        "6.80 % (7 of 103)",
        "9.71 % (10 of 103)",
        "5.00 % (5 of 100)",
        "0.97 % (1 of 103)",
    ]
    assert counted["GB"]["late dispatch rate"] == "4.00 % (1 of 25)"


def test_they_are_kept_as_well_when_midnight_comes_in_between() -> None:
    day = PastDay()
    day.world.advance(timedelta(hours=18, minutes=55))
    day.world.cycle()
    assert day.world.time.astimezone(day.partners.shops["US"].region.timezone).strftime("%H:%M") == "00:25"
    assert broken(day) == set()
    assert {day.world.tiktok.status(order) for order in orders_of(day, Fate.NEARLY_CANCELED)} == {Status.CANCELLED}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_that_is_not_that_of_the_books_is_noticed(day: PastDay, name: str) -> None:
    news = day.news()
    wrong = replace(news.reports["GB"], figures={**news.reports["GB"].figures, name: "1.00 % (1 of 100)"})
    assert broken(day, replace(news, reports={**news.reports, "GB": wrong})) == {RATE}


def test_counters_that_differ_from_the_orders_are_noticed(day: PastDay) -> None:
    news = day.news()
    wrong = replace(news.reports["US"], counters="The counters differ from the orders.")
    assert broken(day, replace(news, reports={**news.reports, "US": wrong})) == {RATE}


def test_a_shop_in_the_wrong_time_zone_is_noticed() -> None:
    assert broken(PastDay(time_zone=WRONG_TIME_ZONES["US"])) == {RATE, NAMED}


def test_a_campaign_that_the_settings_lack_is_noticed() -> None:
    assert broken(PastDay(deadlines={})) >= {RATE, NAMED}


def test_another_policy_than_the_guides_is_noticed() -> None:
    assert broken(PastDay(deadlines={"profile": "us-2026-01"})) >= {RATE, NAMED}


def test_a_dispatch_that_the_product_has_not_seen_is_noticed() -> None:
    day = PastDay()
    day.world.tiktok.dispatch_at(orders_of(day, Fate.OVERDUE)[0], tracking_added=START, collected=START)
    assert broken(day) == {RATE}


def not_the_first(lines: list[str]) -> list[str]:
    return lines[1:]


def the_first_twice(lines: list[str]) -> list[str]:
    return [lines[0], *lines]


def one_in_time(lines: list[str]) -> list[str]:
    return [*lines, "order 576460000000000000: dispatched late"]


@pytest.mark.parametrize("change", [not_the_first, the_first_twice, one_in_time])
def test_a_report_that_names_other_orders_is_noticed(day: PastDay, change: Callable[[list[str]], list[str]]) -> None:
    news = day.news()
    wrong = replace(news.reports["US"], late_orders=change(list(news.reports["US"].late_orders)))
    assert broken(day, replace(news, reports={**news.reports, "US": wrong})) == {NAMED}


def test_orders_that_nobody_was_warned_of_are_noticed() -> None:
    assert broken(PastDay(skip=("watch_deadlines",))) == {RATE, NAMED, WARNED}


def test_an_order_that_is_warned_of_twice_is_noticed(day: PastDay) -> None:
    news = day.news()
    assert broken(day, replace(news, messages=[*news.messages, news.messages[0]])) == {WARNED}


def without(text: str, order: str) -> str:
    return "\n".join(line for line in text.splitlines() if order not in line)


@pytest.mark.parametrize("fate", [Fate.OVERDUE, Fate.NEARLY_CANCELED, Fate.DUE_SOON])
def test_a_warning_that_is_missing_is_noticed(day: PastDay, fate: Fate) -> None:
    news = day.news()
    [order, *_] = orders_of(day, fate)
    messages = [replace(message, text=without(message.text, order)) for message in news.messages]
    assert len(list(warnings_in(messages))) < len(list(warnings_in(news.messages)))
    assert broken(day, replace(news, messages=messages)) == {WARNED}


def test_a_warning_of_an_order_that_left_in_time_is_noticed(day: PastDay) -> None:
    news = day.news()
    [order, *_] = orders_of(day, Fate.IN_TIME)
    text = f"1 order missed the dispatch deadline:\n  {order} by Mon 25 May 23:59"
    assert broken(day, replace(news, messages=[*news.messages, Message(subject="", text=text)])) == {WARNED}


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_that_is_not_on_is_noticed(day: PastDay, alarm: str) -> None:
    news = day.news()
    for state in ("OK", "INSUFFICIENT_DATA"):
        assert broken(day, replace(news, alarms={**news.alarms, alarm: state})) == {ALARMED}


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_that_nobody_hears_is_noticed(day: PastDay, alarm: str) -> None:
    news = day.news()
    heard = [message for message in news.messages if f'"{news.alarm_names[alarm]}"' not in message.text]
    assert len(heard) == len(news.messages) - 1
    assert broken(day, replace(news, messages=heard)) == {ALARMED}
    ended = json.dumps({"AlarmName": news.alarm_names[alarm], "NewStateValue": "OK"})
    assert broken(day, replace(news, messages=[*heard, Message(subject="OK", text=ended)])) == {ALARMED}


def test_orders_from_before_the_go_live_that_are_handed_over_are_noticed() -> None:
    day = PastDay(starts_at=START - timedelta(days=40))
    day.world.cycle(2)
    assert broken(day) == {LEFT_ALONE}


def test_a_report_names_each_order_in_its_line(day: PastDay) -> None:
    lines = day.news().reports["US"].late_orders
    assert {order_in(line) for line in lines} <= day.past.keys()
    assert len(lines) == 10
