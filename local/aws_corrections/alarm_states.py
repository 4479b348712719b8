"""The state that CloudWatch gives an alarm whose data has gaps (user guide: how alarms treat missing data)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MORE_POINTS: Final = 2
"""CloudWatch looks at more points than it evaluates and does not say how many more. Its examples take two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an alarm was told: M of N, and what a missing point is."""

    evaluated: int
    to_alarm: int
    missing: str

    @property
    def looked_at(self) -> int:
        """How many points decide, those that stand in for missing ones included."""
        return self.evaluated + MORE_POINTS


def state_of(rule: Rule, points: Sequence[bool | None], before: str) -> str:
    """The state that follows from `looked_at` points, oldest first: breaching or not, None where there is no data."""
    real = [point for point in points if point is not None][-rule.evaluated :]
    gaps = rule.evaluated - len(real)
    breaching = real.count(True) + (gaps if rule.missing == "breaching" else 0)
    if breaching >= rule.to_alarm:
        return "ALARM"
    if not gaps or False in real or rule.missing in ("breaching", "notBreaching"):
        return "OK"
    if rule.missing == "ignore":
        return before
    return "ALARM" if _breached_long_ago(rule, points) else "INSUFFICIENT_DATA"


def _breached_long_ago(rule: Rule, points: Sequence[bool | None]) -> bool:
    return True in points and len(points) - points.index(True) >= rule.to_alarm
