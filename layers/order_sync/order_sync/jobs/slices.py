"""Reading a feed that is sorted by a time that moves (DESIGN 7, TT 6.4).

An item that changes while we read leaves its place, and all behind it move up by one: page numbers
would skip some. So each slice starts again from a time up to which everything was read, under an
upper bound that was fixed at the start.

The index behind the feed lags: an item that has just changed can still stand in its old place and
show its new time. A time that is older than the longest lag is where it stands, so only such a time
says how far a page reached. Where a page shows none, the window is halved until it fits into one
page, or is one second that does not: that second is read page by page, until two readings in a row
show as many items, since then none has left it in between.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SECOND: Final = timedelta(seconds=1)
"""The shortest window: TikTok's times are whole seconds."""
TAIL: Final = 5
"""How many of a page's last items are asked for its end where no time is settled yet. What is skipped
there is read by the next poll, which starts before it."""


@dataclass(frozen=True, slots=True)
class Slice[Page]:
    """One page, and the time up to which everything has been read once it is saved."""

    page: Page
    read_up_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed[Page]:
    """How a partner's feed is read: a page from a time until before another, its items' times, what follows it."""

    search: Callable[[datetime, datetime, str], Page]
    times_of: Callable[[Page], Sequence[datetime]]
    next_of: Callable[[Page], str]


def read_in_slices[Page](
    feed: Feed[Page], *, since: datetime, until: datetime, lag: timedelta
) -> Iterator[Slice[Page]]:
    """All pages with `since` <= time < `until`, ascending; items may come twice, none that stays is left out.

    `lag` is how long the feed's index may take to learn of a change. What changed within it before
    `until` may be left out: the next poll must start that much before the last time seen.
    """
    settled = (until - lag).replace(microsecond=0)
    end = until
    while True:
        page = feed.search(since, end, "")
        times = [time for time in feed.times_of(page) if time < until]
        if not feed.next_of(page):
            if end == until:
                yield Slice(page, max(times, default=since))
                return
            yield Slice(page, end)
            since, end = end, until
            continue
        place = _reached(times, since, settled)
        yield Slice(page, place)
        if place > since:
            since, end = place, until
        elif end - since > SECOND:
            end = _sooner(since, end, settled)
        else:
            yield from _crowded(feed, page, since, end)
            since, end = end, until


def _reached(times: Sequence[datetime], since: datetime, settled: datetime) -> datetime:
    """How far a page surely reached."""
    sure = [time for time in times if time < settled] if since < settled else [min(times[-TAIL:], default=since)]
    return max([since, *sure])


def _sooner(since: datetime, end: datetime, settled: datetime) -> datetime:
    """A shorter window, in whole seconds: half of it, or what is settled of it."""
    length = (end - since) // 2
    if since < settled:
        length = min(length, settled - since)
    return since + max(length // SECOND * SECOND, SECOND)


def _crowded[Page](feed: Feed[Page], first: Page, since: datetime, end: datetime) -> Iterator[Slice[Page]]:
    """The rest of a window that is too short to halve and too full for one page; its first page was given already."""
    before = -1
    page = first
    while True:
        items = len(feed.times_of(page))
        while token := feed.next_of(page):
            page = feed.search(since, end, token)
            yield Slice(page, since)
            items += len(feed.times_of(page))
        if items == before:
            return
        before = items
        page = feed.search(since, end, "")
        yield Slice(page, since)
