"""Reading a feed that is sorted by a time that moves (DESIGN 7, TT 6.4).

An item that changes while we read leaves its place, and all behind it move up by one: page numbers
would skip some. So each slice starts again from the last time seen, under an upper bound that was
fixed at the start. Page tokens serve only inside one instant that fills a whole page.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

TAIL: Final = 5
"""An item that changed since it was indexed shows a later time than its place has. Among a page's
last few, the earliest time is taken for the place; all of them would have to have changed to fool it."""


@dataclass(frozen=True, slots=True)
class Slice[Page]:
    """One page, and the time up to which everything has been read once it is saved."""

    page: Page
    read_up_to: datetime


def read_in_slices[Page](
    search: Callable[[datetime, datetime, str], Page],
    times_of: Callable[[Page], Sequence[datetime]],
    next_of: Callable[[Page], str],
    *,
    since: datetime,
    until: datetime,
) -> Iterator[Slice[Page]]:
    """All pages with `since` <= time < `until`, ascending; items may come twice, none is left out."""
    token = ""
    while True:
        page = search(since, until, token)
        times = [time for time in times_of(page) if time < until]
        token = next_of(page)
        if not token:
            yield Slice(page, max(times, default=since))
            return
        place = max(since, min(times[-TAIL:], default=since))
        yield Slice(page, place)
        if place > since:
            since, token = place, ""
