"""Comparing one order: what a partner shows of it against what the ledger knows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Handling, LineState, Order, Source
from order_sync.domain.outbox import Action, OutboxEntry
from order_sync.domain.reconciling.differences import Difference, Kind, Repair
from order_sync.domain.reconciling.rules import (
    Rules,
    entry_of,
    is_expected,
    is_under_way,
    may_be_linked_again,
    may_be_told_again,
    stage_of,
)
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState

UNKNOWN_AFTER: Final = timedelta(hours=1)
"""An order that a partner has and we do not may still come by a poll until then."""
_PROGRESS: Final[Mapping[OrderState | None, int]] = {
    OrderState.RELEASED_FOR_SHIPMENT: 1,
    OrderState.PARTIALLY_SHIPPED: 2,
    OrderState.SHIPPED: 3,
    OrderState.CANCELED: 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderThere:
    """One order as a partner shows it."""

    order: OrderId
    number: str = ""
    """The partner's own; empty where it is not told."""
    state: OrderState | None
    """Where it stands in our words; None where others ship it, or the partner's word is not known."""
    units: Mapping[str, int]
    """What is not cancelled, by the name that the partner keeps: the SKU, or TikTok's line id."""
    changed_at: datetime | None = None
    """None where the partner does not say."""
    is_ours: bool = True
    """Whether we created it: another link may name its units otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHere:
    """One order as the ledger knows it. Of a first look the head alone is known, and no entry excuses anything."""

    record: OrderRecord
    changed_at: datetime | None = None
    queued_again: frozenset[str] = frozenset()
    """The entries that an earlier comparison had told once more: they are not told a third time."""


def compare(here: OrderHere | None, there: Sequence[OrderThere], rules: Rules) -> Difference | None:
    """The most telling difference between one side and the ledger about one order; None when there is none.

    `there` is all that the side has for the order. Only orders that are ours to push are compared.
    """
    if any(shown.state is None or rules.is_young(shown.changed_at) for shown in there):
        return None
    living = [shown for shown in there if shown.state is not OrderState.CANCELED]
    if here is None:
        return _unknown(living, rules)
    record = here.record
    if record.order.handling is not Handling.OURS or rules.is_young(here.changed_at) or is_under_way(record, rules):
        return None
    if not there:
        return _missing(here, rules)
    if record.order.state is OrderState.PENDING:
        return None
    if len(living) > 1:
        return _difference(Kind.DUPLICATE, here, rules, ", ".join(sorted(shown.number for shown in living)))
    linked = _linked(record.order, there, rules)
    if linked is None or (living and linked not in living):
        detail = f"{(living or there)[0].number}, linked {record.order.channeladvisor_id or 'none'}"
        other = _difference(Kind.OTHER_NUMBER, here, rules, detail)
        if linked is None and len(living) == 1 and may_be_linked_again(record, rules):
            other = replace(other, repair=Repair.LINK_AGAIN, other_number=living[0].number)
        return other
    found = _other_state(here, linked, rules) or _other_units(here, linked, rules)
    is_news = _is_ahead(record.order, linked) and not rules.has_read(linked.changed_at)
    return replace(found, unsure=True) if found and is_news else found


def _unknown(living: Sequence[OrderThere], rules: Rules) -> Difference | None:
    times = [shown.changed_at for shown in living if shown.changed_at]
    if not living or any(rules.now - time < UNKNOWN_AFTER for time in times):
        return None
    return Difference(
        kind=Kind.UNKNOWN_HERE,
        side=rules.side,
        order=living[0].order,
        since=max(times, default=None),
        detail=", ".join(sorted(shown.number for shown in living if shown.number)),
        repair=Repair.SEE_AGAIN,
    )


def _missing(here: OrderHere, rules: Rules) -> Difference | None:
    order, given = here.record.order, entry_of(here.record, rules, Action.CREATE_ORDER)
    if not is_expected(order, rules) or (rules.side is Source.OMS and here.changed_at and given is None):
        return None
    return _told_again(Kind.MISSING_THERE, here, rules, given, order.state)


def _linked(order: Order, there: Sequence[OrderThere], rules: Rules) -> OrderThere | None:
    """The one that our order stands for; a side that tells no number has but one."""
    if rules.side is not Source.CHANNELADVISOR:
        return there[0]
    return next((shown for shown in there if shown.number == order.channeladvisor_id), None)


def _other_state(here: OrderHere, shown: OrderThere, rules: Rules) -> Difference | None:
    mine, theirs = stage_of(here.record.order), _stage_there(shown)
    # What left before it was cancelled has to be got back, which people are told.
    if mine is theirs or (mine is OrderState.CANCELED and theirs is OrderState.SHIPPED):
        return None
    detail = f"{theirs} there, {mine} here"
    canceled = mine is OrderState.CANCELED and theirs is OrderState.RELEASED_FOR_SHIPMENT
    told = entry_of(here.record, rules, Action.CANCEL_ORDER) if canceled else None
    return _told_again(Kind.OTHER_STATE, here, rules, told, detail)


def _other_units(here: OrderHere, shown: OrderThere, rules: Rules) -> Difference | None:
    order = here.record.order
    if stage_of(order) is OrderState.CANCELED:
        return None
    lines = [line for line in order.lines if line.state is not LineState.CANCELED]
    mine = Counter(line.id if rules.side is Source.OMS else line.sku for line in lines)
    theirs = +Counter(shown.units)
    if mine == theirs or (not shown.is_ours and mine.total() == theirs.total()):
        return None
    return _difference(Kind.OTHER_UNITS, here, rules, f"{theirs.total()} there, {mine.total()} here")


def _is_ahead(order: Order, shown: OrderThere) -> bool:
    """Whether the side has done something that the ledger does not know: it may have been a moment ago."""
    mine, theirs = _PROGRESS[stage_of(order)], _PROGRESS.get(_stage_there(shown), 0)
    living = [line for line in order.lines if line.state is not LineState.CANCELED]
    return theirs > mine or (theirs == mine and sum(shown.units.values()) < len(living))


def _stage_there(shown: OrderThere) -> OrderState | None:
    """Whether the seller has taken note of an order makes no difference."""
    acknowledged = shown.state is OrderState.ACKNOWLEDGED_BY_SELLER
    return OrderState.RELEASED_FOR_SHIPMENT if acknowledged else shown.state


def _told_again(kind: Kind, here: OrderHere, rules: Rules, entry: OutboxEntry | None, detail: str) -> Difference:
    """A difference that is repaired where an entry was told, and has not been told again before."""
    if entry is None or not may_be_told_again(here.record, entry, rules):
        return _difference(kind, here, rules, detail)
    if entry.name in here.queued_again:
        return _difference(kind, here, rules, f"{detail}; telling it again did not help")
    return replace(_difference(kind, here, rules, detail), repair=Repair.QUEUE_AGAIN, entry=entry.name)


def _difference(kind: Kind, here: OrderHere, rules: Rules, detail: str) -> Difference:
    order = here.record.order
    number = order.channeladvisor_id if rules.side is Source.CHANNELADVISOR else order.oms_number
    return Difference(kind=kind, side=rules.side, order=order.id, since=here.changed_at, detail=detail, number=number)
