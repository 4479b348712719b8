"""A decision in words, a line for each thing that it says: for tests of all that it does, not of a part."""

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import TimelineEntry
from tests.builders import CANCEL_ID, LINE_1, LINE_2

_UNSAID: Final = frozenset({"digest", "version", "lines", "deadlines"})
_NAMES: Final = {LINE_1: "line-1", LINE_2: "line-2", CANCEL_ID: "the-request"}
_KEPT: Final = ("parcels", "cancellations", "seller_cancellations", "returns", "seller_refunds")


def in_words(change: Change | None, before: OrderRecord | None = None) -> list[str]:
    """The facts of a decision, as `RELEASED by ORDER_SYNC`, then what becomes of the outbox, as
    `OMS CREATE_ORDER order 1: WAITING, due 06-01 14:00:00`; compared with the record before it also what else changes,
    as `order: state CANCELED, canceled_by BUYER`."""
    if change is None:
        return []
    said = [*map(_fact, change.timeline), *map(_entry, change.outbox)]
    return [_named(line) for line in (said if before is None else said + list(_changes(change, before)))]


def _named(said: str) -> str:
    for id_, name in _NAMES.items():
        said = said.replace(id_, name)
    return said


def _fact(fact: TimelineEntry) -> str:
    happened = f" at {_moment(fact.happened_at)}" if fact.happened_at else ""
    detail = ", ".join(f"{name}={text}" for name, text in fact.detail.items())
    return f"{fact.event} by {fact.source}{happened}" + (f": {detail}" if detail else "")


def _entry(entry: OutboxEntry) -> str:
    said = [
        entry.state.value,
        f"due {_moment(entry.due_at)}" if entry.due_at else "",
        f"claimed until {_moment(entry.claimed_until)}" if entry.claimed_until else "",
        f"after {entry.waits_for}" if entry.waits_for else "",
        f"attempts {entry.attempts}" if entry.attempts else "",
        "in doubt" if entry.in_doubt else "",
        f"failed {_moment(entry.failed_at)}" if entry.failed_at else "",
        entry.reason,
    ]
    return f"{entry.target} {entry.action} {entry.subject} {entry.revision}: " + ", ".join(filter(None, said))


def _changes(change: Change, before: OrderRecord) -> Iterator[str]:
    if said := ", ".join(_differences(change.order, before.order)):
        yield f"order: {said}"
    for kind in _KEPT:
        known = {each.id: each for each in getattr(before, kind)}
        for each in getattr(change, kind):
            said = ", ".join(_differences(each, known.get(each.id)))
            yield f"{type(each).__name__} {each.id}: {said}"


def _differences(after: Any, before: Any) -> Iterator[str]:
    """What is another value than before; of what is new, what is not as usual."""
    for field in fields(after):
        usual = field.default if before is None else getattr(before, field.name)
        value = getattr(after, field.name)
        if field.name not in _UNSAID and value != usual and not (usual is MISSING and field.name == "id"):
            yield f"{field.name} {_words(value)}"


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, tuple):
        return " ".join(map(_words, value)) or "none"
    if is_dataclass(value) and not isinstance(value, type):
        return f"({', '.join(_differences(value, None))})"
    return str(value)


def _moment(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M:%S}"
