"""Lines of the embedded metric format in a function's log become metrics.

Left alone, MiniStack keeps them as text, and nothing that a function publishes reaches an alarm.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import cloudwatch, lambda_svc


def correct() -> None:
    """Read the metrics out of whatever a function logs."""
    stock_emit = lambda_svc._emit_lambda_logs

    def emit(function: Mapping[str, Any], request_id: str, log_text: str, *rest: object, **named: object) -> None:
        stock_emit(function, request_id, log_text, *rest, **named)
        for blob in _blobs(log_text or ""):
            for directive in blob["_aws"]["CloudWatchMetrics"]:
                _store(blob, directive)

    lambda_svc._emit_lambda_logs = emit


def _blobs(log_text: str) -> Iterator[Mapping[str, Any]]:
    """The lines that announce metrics; any other is only text."""
    for line in log_text.splitlines():
        if line.startswith("{") and '"CloudWatchMetrics"' in line:
            try:
                blob = json.loads(line)
            except ValueError:
                continue
            if "_aws" in blob:
                yield blob


def _store(blob: Mapping[str, Any], directive: Mapping[str, Any]) -> None:
    """Store each metric once for each set of dimensions that the line has values for."""
    moment = blob["_aws"]["Timestamp"] / 1000
    for names in directive.get("Dimensions") or [[]]:
        if not all(name in blob for name in names):
            continue
        dimensions = {name: str(blob[name]) for name in names}
        for metric in directive["Metrics"]:
            given = blob[metric["Name"]]
            values = given if isinstance(given, list) else [given]
            unit = metric.get("Unit", "None")
            cloudwatch._store_datum(
                directive["Namespace"], metric["Name"], dimensions, moment, unit, None, values, None, None
            )
