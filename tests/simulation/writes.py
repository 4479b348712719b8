"""What no write to the table may do, whatever else is true: functions on the items before and after."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from order_sync.ledger import keys
from order_sync.ledger.table import Item

type Written = tuple[Item | None, Item | None]
"""An item before and after a write: None where there was none, or is none any more."""


class Wrong(NamedTuple):
    """What is wrong, about whom, and which invariant says so."""

    invariant: str
    about: str
    """A partition of the table, or an order's number; empty for a whole shop or partner."""
    text: str


_PENDING, _RELEASED, _TAKEN, _PARTLY, _SHIPPED, _CANCELED = (
    *("PENDING", "RELEASED_FOR_SHIPMENT", "ACKNOWLEDGED_BY_SELLER"),
    *("PARTIALLY_SHIPPED", "SHIPPED", "CANCELED"),
)
FOLLOWS: Final = {
    _PENDING: {_RELEASED, _PARTLY, _SHIPPED, _CANCELED},
    _RELEASED: {_TAKEN, _PARTLY, _SHIPPED, _CANCELED},
    _TAKEN: {_PARTLY, _SHIPPED, _CANCELED},
    _PARTLY: {_SHIPPED, _CANCELED},
    _SHIPPED: {_CANCELED},
    _CANCELED: set[str](),
}
"""The legal steps of an order (DESIGN 4), written down a second time: not the product's own table."""
_LINE_STATES: Final = ("OPEN", "IN_PARCEL", "SHIPPED", "CANCELED")
_OUTBOX_FOLLOWS: Final = {
    "WAITING": {"WAITING", "SENDING", "DONE", "FAILED", "WITHDRAWN"},
    "SENDING": {"WAITING", "SENDING", "DONE", "FAILED", "WITHDRAWN"},
    "FAILED": {"WAITING", "FAILED", "DONE", "WITHDRAWN"},
    "DONE": {"DONE"},
    "WITHDRAWN": {"WITHDRAWN"},
}
_FINAL_STATES_OF_RETURNS: Final = ("REFUNDED", "REPLACED", "CLOSED")
_OF_A_CANCELLATION: Final = (
    *("initiator", "is_request", "line_ids", "requested_at", "answer", "answered_by", "answered_at", "answer_reason"),
    *("outcome", "decided_by", "closed_at"),
)
"""What about a cancellation never changes once it is known."""
_NEVER_DELETED: Final = (keys.ORDER, keys.OUTBOX, keys.CANCELLATION, keys.RETURN, keys.TIMELINE, keys.DEADLINES)


def wrong_writes(written: Sequence[Written]) -> Iterator[Wrong]:
    """Everything that one transaction, or one single write, does wrong."""
    for before, after in written:
        if after is None:
            if before is not None and str(before["pk"]).startswith("ORDER#"):
                yield from _deleted(before)
            continue
        sort_key = str(after["sk"])
        if sort_key == keys.ORDER and "lines" in after:
            yield from _of_head(before, after, written)
        elif sort_key.startswith(keys.CURSOR):
            yield from _of_cursor(before, after)
        elif str(after["pk"]).startswith("ORDER#"):
            yield from _of_part(sort_key, before, after)


def _deleted(before: Item) -> Iterator[Wrong]:
    sort_key = str(before["sk"])
    if sort_key.startswith(_NEVER_DELETED):
        yield Wrong("I8", str(before["pk"]), f"{sort_key} was deleted")


def _of_head(before: Item | None, after: Item, written: Sequence[Written]) -> Iterator[Wrong]:
    partition = str(after["pk"])
    tells = any(item is not None and str(item["sk"]).startswith(keys.TIMELINE) for _, item in written)
    if before is None:
        if not tells:
            yield Wrong("I8", partition, "is new, and its timeline does not say so")
        if after["version"] != 1:
            yield Wrong("I8", partition, f"is new, and has version {after['version']}")
    else:
        yield from (Wrong("I8", partition, text) for text in _wrong_steps(before, after, written))
        if before["state"] != after["state"] and not tells:
            yield Wrong("I8", partition, f"is {after['state']}, and its timeline does not say so")
    # One that is paid waits for the end of its hold, and somebody must look then; what is a third party's never leaves.
    waits = after["state"] == _PENDING and after.get("tiktok_status") in ("ON_HOLD", "AWAITING_SHIPMENT")
    if waits and after["handling"] == "OURS" and "due_at" not in after:
        yield Wrong("I9", partition, "is held, and nobody will look at the end of its hold")


def _wrong_steps(before: Item, after: Item, written: Sequence[Written]) -> Iterator[str]:
    earlier, later = str(before["state"]), str(after["state"])
    if later != earlier and later not in FOLLOWS[earlier]:
        yield f"went from {earlier} to {later}"
    if int(after["version"]) != int(before["version"]) + 1:
        yield f"went from version {before['version']} to {after['version']}"
    if int(after["updated_at"]) < int(before["updated_at"]):
        yield "went back to an older sighting"
    if before["lines"] == after["lines"]:
        return
    states = {line: state for line, state, _ in json.loads(str(after["lines"]))}
    # A parcel that its reporter deletes does not leave: then its lines are open again.
    is_deleted = any(item is not None and str(item["sk"]).startswith(keys.PARCEL) for _, item in written)
    for line, state, _ in json.loads(str(before["lines"])):
        now = states.get(line)
        is_reopened = is_deleted and (state, now) == ("IN_PARCEL", "OPEN")
        if not is_reopened and (now is None or _LINE_STATES.index(now) < _LINE_STATES.index(state)):
            yield f"line {line} went from {state} to {now}"


def _of_cursor(before: Item | None, after: Item) -> Iterator[Wrong]:
    place, position = f"{after['pk']} {after['sk']}", str(after["position"])
    if before is None:
        return
    if int(after["version"]) != int(before["version"]) + 1:
        yield Wrong("I8", "", f"{place} went from version {before['version']} to {after['version']}")
    if position.isdigit() and str(before["position"]).isdigit() and int(position) < int(str(before["position"])):
        yield Wrong("I7", "", f"{place} went back from {before['position']} to {position}")


def _of_part(sort_key: str, before: Item | None, after: Item) -> Iterator[Wrong]:
    partition = str(after["pk"])
    if sort_key.startswith(keys.OUTBOX):
        yield from (Wrong(which, partition, f"{sort_key} {text}") for which, text in _of_entry(before, after))
    elif sort_key.startswith(keys.TIMELINE):
        if before is not None:
            yield Wrong("I8", partition, f"{sort_key} was written over")
    elif sort_key == keys.DEADLINES:
        yield from (Wrong("I5", partition, text) for text in _of_deadlines(before, after))
    elif before is not None and (stays := _what_stays(sort_key, before)):
        which, fields = stays
        yield from (Wrong(which, partition, f"{sort_key}: {text}") for text in _changed_for_good(before, after, fields))


def _of_entry(before: Item | None, after: Item) -> Iterator[tuple[str, str]]:
    state = str(after["state"])
    if before is not None:
        earlier = str(before["state"])
        if state not in _OUTBOX_FOLLOWS[earlier]:
            yield "I2", f"went from {earlier} to {state}"
        if int(after["version"]) != int(before["version"]) + 1:
            yield "I8", f"went from version {before['version']} to {after['version']}"
    # An entry without a time of its own is woken by what it waits for.
    if state in ("WAITING", "SENDING") and "due_at" not in after and not after.get("waits_for"):
        yield "I9", f"is {state}, and nobody will look at it"
    if state == "SENDING" and "claimed_until" not in after:
        yield "I9", "is claimed without an end"


def _of_deadlines(before: Item | None, after: Item) -> Iterator[str]:
    if "due_at" not in after:
        yield "its deadlines stand in no list"
    given = json.loads(str(after.get("given", "[]")))
    if len({tuple(each) for each in given}) < len(given):
        yield f"was warned twice of one deadline: {given}"
    earlier = json.loads(str(before.get("given", "[]"))) if before is not None else []
    if given[: len(earlier)] != earlier:
        yield f"has forgotten what was warned of: {earlier} became {given}"


def _what_stays(sort_key: str, before: Item) -> tuple[str, tuple[str, ...]] | None:
    """What about a part of an order may never change any more, once it is known."""
    if sort_key.startswith(keys.CANCELLATION):
        return "I4", _OF_A_CANCELLATION
    if sort_key.startswith(keys.SELLER_CANCELLATION) and before["state"] != "OPEN":
        return "I4", ("state", "detail", "line_ids")
    if sort_key.startswith(keys.RETURN) and before["state"] in _FINAL_STATES_OF_RETURNS:
        return "I4", ("state", "refunded_at", "lines")
    if sort_key.startswith(keys.SELLER_REFUND) and before["state"] != "OPEN":
        return "I4", ("state", "detail", "line_ids", "return_id")
    return None


def _changed_for_good(before: Item, after: Item, fields: Iterable[str]) -> Iterator[str]:
    for field in fields:
        if before.get(field) and before[field] != after.get(field):
            yield f"{field} went from {before[field]!r} to {after.get(field)!r}"
