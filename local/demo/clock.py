"""The trading clock: a day's work in about a minute. The product knows nothing of it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

SPEED: Final = 300
"""An hour of trading takes twelve seconds. Business days cannot be compressed; nothing here waits for one."""
OPENS_AT: Final = timedelta(hours=8)


def real(trading: timedelta) -> timedelta:
    """How long something takes on this machine."""
    return trading / SPEED


def trading(real_time: timedelta) -> timedelta:
    """What a time on this machine is on the trading clock."""
    return real_time * SPEED


def hours(time: timedelta) -> str:
    """A time in hours and minutes, as "2:05 h"."""
    minutes = max(0, int(time.total_seconds() // 60))
    return f"{minutes // 60}:{minutes % 60:02d} h"


def real_seconds(trading: timedelta, *, least: int = 1) -> int:
    """The same in whole seconds, as the template's parameters want it."""
    return max(least, round(real(trading).total_seconds()))


class TradingClock:
    """Shows what time it would be at the seller's."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.opened_at = now()

    @property
    def elapsed(self) -> timedelta:
        """Trading time since the shops opened."""
        return timedelta(seconds=time.monotonic() - self._started) * SPEED

    def at(self, moment: datetime) -> str:
        """What it showed, or will show, at a moment of this machine."""
        return _shown(trading(moment - self.opened_at))

    def __str__(self) -> str:
        return _shown(self.elapsed)


def _shown(elapsed: timedelta) -> str:
    total = int((OPENS_AT + elapsed).total_seconds())
    return f"{total // 3600:02d}:{total // 60 % 60:02d}"


def now() -> datetime:
    """The moment that simulators and product share."""
    return datetime.now(UTC)


class ClockOfThePast:
    """The moment as above, until somebody turns it back to let happen what happened before."""

    def __init__(self) -> None:
        self._stands_at: datetime | None = None

    def __call__(self) -> datetime:
        return self._stands_at or now()

    def turn_to(self, moment: datetime | None) -> None:
        """Let it stand at a moment; None lets it go on."""
        self._stands_at = moment
