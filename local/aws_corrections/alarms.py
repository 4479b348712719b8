"""Alarms are evaluated by the clock, each on the one metric that has its dimensions.

Left alone, MiniStack evaluates an alarm only when PutMetricData is called, over all metrics of its name whatever their
dimensions, in a single window, and knows neither M of N nor missing data: the figure of another stack raises our alarm,
and nothing ends it. Here as on AWS a window slides, by the second where CloudWatch slides it by the minute. What stays
different: MiniStack publishes no metrics of SQS and Step Functions, so alarms on those never see data.
"""

import logging
import operator
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.aws_corrections.alarm_states import Rule, state_of

SECONDS_BETWEEN_LOOKS: Final = 1.0

BREACHES: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}

logger = logging.getLogger(__name__)


def correct() -> None:
    """Let a clock evaluate all alarms, and nothing else."""
    cloudwatch._evaluate_alarm = _leave_to_the_clock
    threading.Thread(target=_look_again_and_again, name="alarms", daemon=True).start()


def _leave_to_the_clock(_alarm: Mapping[str, Any]) -> None:
    """MiniStack calls this when data has come or an alarm was made."""


def _look_again_and_again() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        for (account, region, name), alarm in list(cloudwatch._alarms._data.items()):
            try:
                with request_scope(account, region):
                    _evaluate(alarm, time.time())
            except Exception:
                logger.exception("alarm %s cannot be evaluated", name)


def _evaluate(alarm: dict[str, Any], now: float) -> None:
    evaluated = alarm["EvaluationPeriods"]
    rule = Rule(
        evaluated=evaluated,
        to_alarm=alarm.get("DatapointsToAlarm") or evaluated,
        missing=alarm["TreatMissingData"] or "missing",
    )
    breaches, threshold = BREACHES[alarm["ComparisonOperator"]], alarm["Threshold"]
    values = _values(alarm, now, rule.looked_at)
    points = [None if value is None else breaches(value, threshold) for value in values]
    before = alarm["StateValue"]
    after = state_of(rule, points, before)
    if after != before:
        told = ", ".join("missing" if value is None else f"{value:g}" for value in values[-evaluated:])
        _move(
            alarm, before, after, f"Threshold Crossed: {told} against {alarm['ComparisonOperator']} {threshold:g}", now
        )


def _values(alarm: Mapping[str, Any], now: float, number: int) -> list[float | None]:
    """The alarm's statistic in each of its last periods, oldest first."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    stored = list(cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or [])
    statistic, period = alarm.get("ExtendedStatistic") or alarm["Statistic"], alarm["Period"]
    values: list[float | None] = []
    for back in reversed(range(number)):
        end = now - back * period
        window = [each for each in stored if end - period < each["Timestamp"] <= end]
        values.append(cloudwatch._stat_value(cloudwatch._calc_stats(window), statistic, window) if window else None)
    return values


def _move(alarm: dict[str, Any], before: str, after: str, reason: str, now: float) -> None:
    alarm.update(StateValue=after, StateReason=reason, StateUpdatedTimestamp=int(now))
    cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
