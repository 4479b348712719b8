"""Random days, each decided by its seed: whatever breaks on the way, in the end every promise is kept.

A day that fails prints its seed; `RandomDay(seed).play()` plays it again, step by step, from a debugger too.
"""

import logging

import pytest

from tests.simulation.checks import check_day
from tests.simulation.random_day import RandomDay
from tests.simulation.troubles import Rates

SEEDS = (161, 162, 176, 184, 187, 192, 193, 195, 196, 197, 201, 203, 206, 210, 1203, 1210, 1218, 1365, 1369)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_day_keeps_the_promises(
    seed: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        day = RandomDay(seed).play()
    told = capfd.readouterr()
    logged = caplog.text + told.out + told.err
    broken = check_day(day)
    broken += [f"a buyer's {text!r} is in a log" for text in day.world.tiktok.buyer_data() if text in logged]
    assert broken == [], day.story_of(broken)
    assert len(day.people.orders) >= 10
    assert day.world.tiktok.books.request_ends
    assert any(day.troubles.happened.values()) or day.rates_of_day == Rates()


def test_one_seed_is_one_day() -> None:
    first, second = (RandomDay(139).play() for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert RandomDay(141).play().fingerprint != first.fingerprint
