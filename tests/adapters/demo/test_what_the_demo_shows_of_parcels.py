"""What a person reads about parcels that need somebody's eye, while the day runs."""

import io
import re
from datetime import timedelta

import pytest
from rich.console import Console

from local.demo.clock import TradingClock, real
from local.demo.parcel_news import news_line, parcel_news, parcels_table
from local.demo.scenario import TradingDay
from local.demo.screen import DayLog
from local.demo.stories import (
    IN_TWO_PARCELS,
    MISSPELT_CARRIER,
    MISTYPED_NUMBER,
    ORDINARY,
    SHARES_A_PARCEL,
    Story,
)
from tests.adapters.demo.parcel_days import ParcelDay


def lines(day: ParcelDay) -> list[str]:
    """Everything, with an o'clock for every moment."""
    return [news_line(each) for each in parcel_news(day.partners, day.orders, day.notes, lambda _: "T")]


def told(day: ParcelDay, cycles: int = 8) -> list[str]:
    """What was new at the end of each cycle, as a log shows it."""
    found: list[str] = []
    for _ in range(cycles):
        day.cycle()
        found += [re.sub(r"\d{6,}", "…", line) for line in lines(day) if line not in found]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("stories", "news"),
    [
        ([ORDINARY], []),
        (
            [MISSPELT_CARRIER],
            [
                "order …: carrier U.P.S. Grnd: 1 parcel waits, dispatch by Wed 3 Jun",
                "order …: carrier U.P.S. Grnd: mapped to ups T",
                "order …: carrier U.P.S. Grnd: mapped to ups T → at TikTok Shop T",
            ],
        ),
        (
            [MISTYPED_NUMBER],
            [
                "order …: number …: stopped T: the check digit is wrong",
                "order …: number …: stopped T → mended T",
                "order …: number …: stopped T → mended T → at TikTok Shop T",
            ],
        ),
        (
            [IN_TWO_PARCELS],
            [
                "order …: in two parcels: partially shipped T",
                "order …: in two parcels: partially shipped T → the rest T",
            ],
        ),
        (
            [SHARES_A_PARCEL, SHARES_A_PARCEL],
            ["order …: one parcel with …: left T", "order …: one parcel with …: left T → at TikTok Shop T"],
        ),
    ],
)
def test_each_matter_is_told_with_what_was_done_about_it(stories: list[Story], news: list[str]) -> None:
    day = ParcelDay(*stories)
    day.warehouse.work()
    assert told(day) == news


def test_parcels_that_wait_for_the_same_mapping_are_one_matter() -> None:
    day = ParcelDay(MISSPELT_CARRIER, MISSPELT_CARRIER)
    day.cycle(2)
    [line] = lines(day)
    assert line.endswith("2 parcels wait, dispatch by Wed 3 Jun")
    day.cycle(4)
    [line] = lines(day)
    assert line.endswith("mapped to ups T → at TikTok Shop T")


def test_a_matter_stays_open_until_all_its_orders_have_their_parcel_at_tiktok_shop() -> None:
    day = ParcelDay(SHARES_A_PARCEL, SHARES_A_PARCEL)
    day.cycle(1)
    day.world.tiktok.ship_in_seller_center(
        day.orders[0].id, day.partners.oms.books.shipments()[0].tracking_number, "UPS"
    )
    [line] = lines(day)
    assert "at TikTok Shop" not in line


def test_the_table_names_what_is_open_in_yellow_and_what_is_done_in_green() -> None:
    day = ParcelDay(MISTYPED_NUMBER, IN_TWO_PARCELS)
    day.cycle(2)
    console = Console(file=io.StringIO(), width=100)
    news = list(parcel_news(day.partners, day.orders, day.notes, TradingClock().at))
    assert [each.style for each in news] == ["yellow", "yellow"]
    console.print(parcels_table(news))
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "Parcels that need eyes" in printed
    assert "the check digit is wrong" in printed
    day.cycle(6)
    assert {each.style for each in parcel_news(day.partners, day.orders, day.notes, TradingClock().at)} == {"green"}


def test_the_log_tells_each_step_once() -> None:
    day = ParcelDay(MISSPELT_CARRIER)
    log = DayLog(TradingDay(day.partners, (), list(day.orders), notes=day.notes), TradingClock())
    assert list(log.lines(with_progress=False)) == []
    day.cycle(2)
    assert ["1 parcel waits" in line for line in log.lines(with_progress=False)] == [True]
    assert list(log.lines(with_progress=False)) == []
    day.cycle(2)
    assert ["mapped to ups" in line for line in log.lines(with_progress=False)] == [True]


def test_the_trading_clock_says_what_it_showed_at_a_moment() -> None:
    clock = TradingClock()
    assert clock.at(clock.opened_at) == "08:00"
    assert clock.at(clock.opened_at + real(timedelta(hours=2, minutes=5, seconds=30))) == "10:05"
