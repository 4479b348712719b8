"""The same random days, with buyers who want money or goods back, and sellers who refund of themselves."""

import logging

import pytest

from tests.simulation.checks import check_day
from tests.simulation.random_day import RandomDay

SEEDS = (1, 2, 4, 6, 7, 33, 50)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_day_with_returns_keeps_the_promises(
    seed: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        day = RandomDay(seed, returns=True).play()
    told = capfd.readouterr()
    logged = caplog.text + told.out + told.err
    broken = check_day(day)
    broken += [f"a buyer's {text!r} is in a log" for text in day.world.tiktok.buyer_data() if text in logged]
    assert broken == [], day.story_of(broken)
    assert day.world.tiktok.books.returns()
