"""When buyers order: by the hour where the shop is, more at weekends and in campaigns, at once in a flash sale."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import exp
from random import Random
from typing import Final

from order_sync.domain.deadlines.policy_files import policy_profiles
from tests.world import Connected

HOUR: Final = timedelta(hours=1)
BY_HOUR: Final = (6, 3, 2, 1, 1, 2, 5, 9, 13, 16, 18, 20, 24, 23, 21, 21, 23, 27, 33, 40, 45, 42, 30, 15)
"""The share of each hour of a shop's day."""
WEEKEND: Final = 1.3
CAMPAIGN: Final = 2.5
BUSY: Final = frozenset({(11, 27), (11, 28), (11, 30), (12, 1), (12, 26), (12, 27)})
"""Month and day of what is a campaign without being one of a policy profile."""
NEAR_MIDNIGHT: Final = timedelta(minutes=30)
FLASH_LASTS: Final = timedelta(minutes=8)
STARTS: Final = {
    "an ordinary week": datetime(2026, 6, 1, 6, tzinfo=UTC),
    "an ordinary week in autumn": datetime(2026, 9, 14, 6, tzinfo=UTC),
    "summer time begins in the US": datetime(2026, 3, 7, 6, tzinfo=UTC),
    "summer time ends in the US": datetime(2026, 10, 31, 6, tzinfo=UTC),
    "summer time begins in GB": datetime(2026, 3, 28, 6, tzinfo=UTC),
    "summer time ends in GB": datetime(2026, 10, 24, 6, tzinfo=UTC),
    "Thanksgiving": datetime(2026, 11, 25, 6, tzinfo=UTC),
    "Christmas": datetime(2026, 12, 23, 6, tzinfo=UTC),
    "the year changes": datetime(2026, 12, 30, 6, tzinfo=UTC),
    "Easter": datetime(2026, 4, 1, 6, tzinfo=UTC),
    "a bank holiday": datetime(2026, 5, 22, 6, tzinfo=UTC),
    "a campaign of the profiles": datetime(2023, 11, 19, 6, tzinfo=UTC),
}
"""Where days may begin, by what comes up a day or two later."""


def some_start(random: Random) -> datetime:
    """A moment at which the days of a seed begin."""
    return random.choice(list(STARTS.values()))


def orders_of_hour(shop: Connected, hour: datetime, per_day: float, random: Random) -> Iterator[datetime]:
    """When buyers order in the hour that begins then, as `per_day` is what an ordinary day brings the shop."""
    there = hour.astimezone(shop.simulated.region.timezone)
    share = BY_HOUR[there.hour] / sum(BY_HOUR)
    expected = per_day * share * _crowd(shop.simulated.region.code, there.date())
    for moment in sorted(random.random() for _ in range(_poisson(expected, random))):
        yield sharp(hour + moment * HOUR, shop.simulated.region.timezone)


def sharp(moment: datetime, zone: tzinfo) -> datetime:
    """Of three moments near a day's end two are its last second, or the first one of the next day, exactly."""
    there = moment.astimezone(zone)
    day = (there + NEAR_MIDNIGHT).date()
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    match abs(moment - midnight) <= NEAR_MIDNIGHT, moment.microsecond % 3:
        case True, 1:
            return midnight
        case True, 2:
            return midnight - timedelta(seconds=1)
        case _:
            return moment


def orders_of_flash_sale(begins: datetime, count: int, random: Random) -> Iterator[datetime]:
    """When buyers order what is for sale for some minutes: most of them at once."""
    for moment in sorted(random.random() ** 2 for _ in range(count)):
        yield begins + moment * FLASH_LASTS


def _crowd(region: str, day: date) -> float:
    is_campaign = (day.month, day.day) in BUSY or any(
        campaign.covers(day)
        for profile in policy_profiles()
        if profile.region == region
        for campaign in profile.campaigns
    )
    return (WEEKEND if day.weekday() >= 5 else 1.0) * (CAMPAIGN if is_campaign else 1.0)


def _poisson(expected: float, random: Random) -> int:
    if expected > 50:
        return max(0, round(random.gauss(expected, expected**0.5)))
    count, left = 0, random.random()
    limit = exp(-expected)
    while left > limit:
        count += 1
        left *= random.random()
    return count
