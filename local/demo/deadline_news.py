"""What the deployed product tells people about deadlines: its report, its notices and its alarms."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

ALARMS: Final = ("LateDispatchRateOverLimit", "LateDispatchRateWarning", "OrdersOverdue")
"""By their names in the template."""

_COLUMNS: Final = re.compile(r"\s{2,}")
_NAMED: Final = re.compile(r"^  (\d+) by ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one who subscribed to the stack's topic got."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An answer of report_late_dispatch. `what_if` has the same figures under another policy profile."""

    figures: Mapping[str, str]
    late_orders: Sequence[str]
    note: str = ""
    what_if: Mapping[str, str]
    counters: str = ""
    """What is wrong with the counters; empty when nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineNews:
    """All that people were told by some moment: reports by region, messages, and the states of the alarms.

    Alarms go by their names in the template; `alarm_names` are those that AWS gave them.
    """

    asked_at: datetime
    reports: Mapping[str, Report]
    messages: Sequence[Message]
    alarms: Mapping[str, str]
    alarm_names: Mapping[str, str]


def read_report(answer: Mapping[str, Any]) -> Report:
    """An answer as it came from the function."""
    rows = [_COLUMNS.split(line) for line in answer["lines"]]
    compared = [_COLUMNS.split(line) for line in answer.get("what_if", ())]
    return Report(
        figures={row[0]: row[1] for row in rows},
        late_orders=answer["late_orders"],
        note=answer.get("note", ""),
        what_if={row[0]: row[2] for row in compared},
        counters=answer.get("counters", ""),
    )


def warnings_in(messages: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """(order, what it was warned of) of every order that a summary names, in the order of the messages."""
    for message in messages:
        title = ""
        for line in message.text.splitlines():
            if named := _NAMED.match(line):
                yield named[1], title
            else:
                title = _title(line)


def order_in(line: str) -> str:
    """The order that a line of `late_orders` is about."""
    return line.split()[1].rstrip(":")


def raised(messages: Sequence[Message]) -> set[str]:
    """The alarms that said that they were raised."""
    found = set()
    for message in messages:
        if message.text.startswith("{"):
            notice = json.loads(message.text)
            if notice.get("NewStateValue") == "ALARM":
                found.add(notice["AlarmName"])
    return found


def _title(line: str) -> str:
    """ "3 orders missed the dispatch deadline:" without number and noun."""
    return re.sub(r"^\d+ orders? ", "", line).removesuffix(":")
