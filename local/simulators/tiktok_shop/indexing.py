"""How the searches know what they find: an index that hears of changes late (TT 6.4), and spans of time."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def indexed(index: Sequence[tuple[datetime, int]], now: datetime, lag: timedelta) -> int | None:
    """The newest update time that the index has heard of, None before the first; `index` as in `Order`."""
    for written_at, updated_at in reversed(index):
        if written_at + lag <= now:
            return updated_at
    return None


def within(moment: int, first: object, end: object) -> bool:
    """Whether seconds lie in a span of a filter: from `first` on, before `end`, either of them missing."""
    return (not isinstance(first, int) or moment >= first) and (not isinstance(end, int) or moment < end)
