"""One run of one job for one shop: what it works with and what it has to say at the end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from order_sync.domain.records import Change
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.shops import Shops


@dataclass(slots=True)
class Report:
    """What a run did, in numbers, and what went wrong, in words without buyer data."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that an operator may want to see as a metric."""
        self.counts[what] += number

    def problem(self, what: str, text: str) -> None:
        """Count something that went wrong and say what and where."""
        self.counts[what] += 1
        self.problems.append(f"{what}: {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRun:
    """Everything that jobs share. Time, chance and the time that is left come in from outside."""

    shop: ShopSettings
    ledger: Ledger
    shops: Shops
    timing: Timing
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    has_time: Callable[[], bool]
    report: Report = field(default_factory=Report)

    def keep_for_a_person(self, what: str, subject: str, text: str) -> None:
        """Count something that a feed will not bring again and keep it beyond the log, as a notice of the shop."""
        self.shops.put_notice(self.shop.shop, subject, text)
        self.report.problem(what, text)

    def count_recoveries(self, change: Change) -> None:
        """Count parcels that left although what they hold is cancelled."""
        for fact in change.timeline:
            if fact.event is Event.RECOVERY_NEEDED:
                self.report.problem(
                    "event_recovery_needed", f"order {change.order.id} {fact.detail['tracking_numbers']}"
                )
