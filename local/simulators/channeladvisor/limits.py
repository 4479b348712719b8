"""ChannelAdvisor's limits: 5 concurrent requests per integration, 2,000 a minute per account (CA 1.4)."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.simulators.channeladvisor.refusals import RefusedError

CONCURRENT = 5
PER_MINUTE = 2000
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Limits:
    """Counts what is in flight and what came in the last minute; not locked by itself.

    The highest figures hold refused requests too.
    """

    per_minute: int = PER_MINUTE
    in_flight: Counter[str] = field(default_factory=Counter)
    recent: defaultdict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    highest_concurrency: int = 0
    highest_per_minute: int = 0
    refused_for_concurrency: int = 0
    refused_for_rate: int = 0

    def enter(self, application: str, account: str, now: datetime) -> None:
        """One more request is in flight until `leave`. Raises 429, and then nothing is counted."""
        asking = self.in_flight[application] + 1
        self.highest_concurrency = max(self.highest_concurrency, asking)
        if asking > CONCURRENT:
            self.refused_for_concurrency += 1
            raise _too_many()
        self._count(account, now)
        self.in_flight[application] = asking

    def leave(self, application: str) -> None:
        """The request was answered."""
        self.in_flight[application] -= 1

    def _count(self, account: str, now: datetime) -> None:
        times = self.recent[account]
        while times and times[0] <= now - _MINUTE:
            times.popleft()
        self.highest_per_minute = max(self.highest_per_minute, len(times) + 1)
        if len(times) >= self.per_minute:
            self.refused_for_rate += 1
            raise _too_many()
        times.append(now)


def _too_many() -> RefusedError:
    return RefusedError(429, "Too Many Requests", odata=False)
