"""Random histories of shops: orders near holidays, changes of the clocks and campaigns, and what happens to them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from random import Random

from tests.unit.domain.deadlines.brute_force import BY_DATE, RULES, due, last_second
from tests.unit.domain.deadlines.order_lives import HOLD, ZONES, Choice, History, Life, Limits, Parcel, Step, shown

# Around holidays of both countries, changes of the clocks, the turn of the year, and the campaign of the guide.
DATES = """
2025-01-01 2025-01-20 2025-03-09 2025-03-30 2025-04-18 2025-05-05 2025-05-26 2025-07-04 2025-08-25 2025-09-01
2025-10-13 2025-10-23 2025-10-26 2025-11-02 2025-11-11 2025-11-27 2025-12-25 2025-12-31 2026-01-26 2026-02-16
2026-03-08 2026-03-29 2026-04-06 2026-06-19 2026-07-03 2026-08-31 2026-10-25 2026-11-01 2026-11-26 2026-12-25
"""
DAYS = [date.fromisoformat(day) for day in DATES.split()]
CAMPAIGN_DAYS = [date(2023, 11, 20), date(2023, 11, 27)]
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIZES = [1] * 20 + [2] * 20 + [3] * 14 + [4, 5, 6] * 3 + [8, 10, 12] + [30]


def a_history(seed: int) -> History:
    """The history of a seed, the same every time."""
    random = Random(seed)
    region = random.choice(["US", "US", "GB"])
    base = _base(random, region)
    end = base + timedelta(seconds=random.randint(10 * 86_400, 40 * 86_400))
    switches = [base + (end - base) * random.random() for _ in range(random.choice([0, 0, 0, 1, 1, 2]))]
    settings = tuple(
        (since.replace(microsecond=0), a_choice(random, region))
        for since in [datetime(2000, 1, 1, tzinfo=UTC), *sorted(switches)]
    )
    lives = tuple(a_life(random, number, base, settings[0][1], region) for number in range(1, random.choice(SIZES) + 1))
    steps = sorted((step for life in lives for step in _steps(random, life, end)), key=lambda step: step.at)
    last_looks = [Step(at=end, kind="look", number=life.number) for life in lives]
    return History(region=region, settings=settings, lives=lives, steps=(*steps, *last_looks), end=end)


def _base(random: Random, region: str) -> datetime:
    day = random.choice(CAMPAIGN_DAYS if random.random() < 0.12 else DAYS) - timedelta(days=random.randint(0, 5))
    return datetime(day.year, day.month, day.day, tzinfo=ZONES[region]).astimezone(UTC)


def a_choice(random: Random, region: str) -> Choice:
    """Any settings that a shop of the region may have."""
    names = ["by_date", *(name for name, _ in BY_DATE[region])]
    return Choice(
        profile=random.choice(names),
        handling=random.choice(["automated", "automated", "manual"]),
        extra_days=random.choice([0, 0, 0, 0, 1, 2]),
    )


def a_life(random: Random, number: int, base: datetime, choice: Choice, region: str) -> Life:
    """What happens to one order. Some moments lie on the last second of a deadline, or beside it."""
    created_at = base + timedelta(seconds=random.randrange(8 * 86_400))
    if random.random() < 0.1:
        created_at = last_second(created_at.date(), region) + random.choice([-1, 0, 1]) * SECOND
    order_type = random.choice(["NORMAL"] * 7 + ["ZERO_LOTTERY", "PRE_ORDER", "MADE_TO_ORDER", "BACK_ORDER"])
    of_listing = order_type in {"MADE_TO_ORDER", "BACK_ORDER"} and random.random() < 0.8
    life = Life(
        number=number,
        created_at=created_at,
        paid_at=None if random.random() < 0.04 else created_at + random.choice([0, 0, 0, 7, 25]) * MINUTE,
        order_type=order_type,
        handling_time=(random.randint(3, 12), random.choice(["business_days", "calendar_days"]))
        if of_listing
        else None,
        handling_time_shown_at=created_at + random.choice([0, 0, 30]) * HOUR if of_listing else None,
        release_at=created_at + random.randint(1, 12) * DAY
        if order_type == "PRE_ORDER" and random.random() < 0.9
        else None,
        fulfillment_type=random.choice(["FULFILLMENT_BY_SELLER"] * 19 + ["FULFILLMENT_BY_TIKTOK"]),
        shipping_type=random.choice(["SELLER"] * 29 + ["TIKTOK"]),
        parcels=(Parcel(),) if random.random() < 0.7 else (Parcel(), Parcel()),
        shows_first_collection=random.random() < 0.3,
        lines_show_times=random.random() < 0.85,
    )
    life = replace(life, limits=tuple(_limits(random, life, region)))
    return _canceled(random, _shipped(random, life, choice, region), choice, region)


def _limits(random: Random, life: Life, region: str) -> Iterator[Limits]:
    """TikTok Shop's own figures: none, those of a profile, or of nobody; some move later."""

    def figure(day: date) -> datetime | None:
        if random.random() < 0.15:
            return None
        moment = last_second(day, region)
        return moment + random.choice([0, 0, 0, -2, 2, -3, 24, -24]) * HOUR if random.random() < 0.4 else moment

    since = [life.created_at, life.created_at + random.randint(1, 5 * 24) * HOUR]
    for moment in since[: random.choice([1, 1, 1, 2])]:
        if random.random() < 0.25:
            yield Limits(since=moment)
            continue
        counted = due(life, Choice(profile=random.choice(_names(region))), region, life.handling_time)
        yield Limits(
            since=moment,
            ship_by=figure(counted.on),
            collect_by=figure(counted.on),
            cancels_unless_shipped_by=figure(counted.cancel_on),
            cancels_unless_collected_by=figure(counted.cancel_on + 2 * DAY),
        )


def _names(region: str) -> list[str]:
    return [name for name in RULES if name in dict(BY_DATE[region])]


def _shipped(random: Random, life: Life, choice: Choice, region: str) -> Life:
    ready = life.awaits_from
    if ready is None or random.random() < 0.12:
        return life
    deadline = last_second(due(life, choice, region, life.handling_time).on, region)

    def moment(after: datetime) -> datetime:
        if random.random() < 0.4:
            aimed = deadline + random.choice([-3600, -1, 0, 1, 3600]) * SECOND
            if aimed > after:
                return aimed
        return after + timedelta(seconds=int(random.expovariate(1 / random.choice([3600, 40_000, 150_000])) + 1))

    first = moment(ready)
    collected = moment(first) if random.random() < 0.93 else None
    parcels = [Parcel(tracked_at=first, collected_at=collected)]
    if len(life.parcels) > 1:
        last = moment(first)
        if random.random() < 0.2:
            parcels.append(Parcel())
            if random.random() < 0.5:
                return replace(life, parcels=tuple(parcels), rest_canceled_at=last)
        else:
            parcels.append(Parcel(tracked_at=last, collected_at=moment(last) if random.random() < 0.9 else None))
    life = replace(life, parcels=tuple(parcels))
    times = [parcel.collected_at for parcel in parcels if parcel.collected_at]
    if len(times) < len(parcels):
        return life
    delivered = max(times) + random.randint(20, 120) * HOUR
    if random.random() < 0.25:
        at = max(times) + random.randint(1, 90) * HOUR
        right = random.choice([deadline, deadline + SECOND, max(times) - random.randint(1, 40) * HOUR])
        life = replace(life, corrected=(at, min(max(right, ready), at)))
    return replace(life, delivered_at=delivered if random.random() < 0.8 else None)


def _canceled(random: Random, life: Life, choice: Choice, region: str) -> Life:
    """Some orders are cancelled by somebody at some moment, and nothing happens to them afterwards."""
    if life.rest_canceled_at or random.random() < 0.65:
        return life
    counted = due(life, choice, region, life.handling_time)
    deadlines = [last_second(counted.on, region), last_second(counted.cancel_on, region)]
    deadlines += [limit for limit in (life.limits[-1].cancels_unless_shipped_by,) if limit]
    deadlines += [limit for limit in (life.limits[-1].cancels_unless_collected_by,) if limit]
    deadlines += [life.created_at + HOLD, life.created_at + 40 * MINUTE]
    at = life.created_at + timedelta(seconds=random.randrange(60, 14 * 86_400))
    if random.random() < 0.6:
        at = max(random.choice(deadlines) + random.choice([-1, 0, 1]) * SECOND, life.created_at + SECOND)
    by = random.choice(["BUYER", "SELLER", "SYSTEM"])
    return replace(
        life,
        canceled_at=at,
        canceled_by=by,
        delivered_at=_until(life.delivered_at, at),
        corrected=life.corrected if life.corrected and life.corrected[0] <= at else None,
        limits=tuple(limit for limit in life.limits if limit.since <= at),
        paid_at=_until(life.paid_at, at),
    )


def _until(moment: datetime | None, end: datetime) -> datetime | None:
    return moment if moment is not None and moment <= end else None


def _steps(random: Random, life: Life, end: datetime) -> Iterator[Step]:
    """Sightings of some of its changes, some of them late or of old news; looks; perhaps its cancellation by itself."""
    seen = list(_sightings(random, life, end))
    yield from seen
    for earlier, later in pairwise(seen):
        if random.random() < 0.1:
            at = later.at + MINUTE
            yield Step(at=at, kind="stale sighting", number=life.number, shows=earlier.shows)
    if life.canceled_at and seen and random.random() < 0.4:
        at = life.canceled_at + random.randint(1, 20) * MINUTE
        if seen[0].at < at <= end:
            yield Step(at=at, kind="cancellation", number=life.number)
    for _ in range(random.choice([0, 0, 1, 2])):
        at = life.created_at + (end - life.created_at) * random.random()
        yield Step(at=at.replace(microsecond=0), kind="look", number=life.number)


def _sightings(random: Random, life: Life, end: datetime) -> Iterator[Step]:
    changes, newest, at = life.changes(), None, life.created_at
    how_often = random.choice([0.3, 0.6, 0.9])
    for number in count():
        rest = _rest(changes, newest)
        if not rest:
            return
        skipped = 0 if number == 0 and random.random() < 0.7 else _skipped(random, how_often, len(rest))
        at = max(at + SECOND, rest[skipped]) + random.choice([1, 9, 20, 20, 300, 1600]) * MINUTE
        if at > end:
            return
        yield Step(at=at, kind="sighting", number=life.number, shows=at)
        newest = shown(life, at).updated_at


def _rest(changes: Sequence[datetime], newest: datetime | None) -> list[datetime]:
    return [change for change in changes if newest is None or change > newest]


def _skipped(random: Random, how_often: float, most: int) -> int:
    skipped = 0
    while skipped < most - 1 and random.random() > how_often:
        skipped += 1
    return skipped
