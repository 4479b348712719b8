"""What a comparison may repair by itself, and when it had better not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import link_to_channeladvisor
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action
from order_sync.domain.reconciling.differences import NO_ORDER, Difference, Kind, Repair
from order_sync.domain.reconciling.rules import Rules, entry_of, may_be_linked_again, may_be_told_again
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event, TimelineEntry

MOST_REPAIRS: Final = 20
"""So many are repaired with a partner after one comparison of one side: more is an outage, or a wrong setting."""
FEWEST_MISSING: Final = 5
FEWEST_WHEN_ALL: Final = 2
_REPAIRED_THERE: Final = frozenset({Repair.QUEUE_AGAIN, Repair.LINK_AGAIN})


def with_care(differences: Sequence[Difference], *, side: Source, looked_at: int) -> list[Difference]:
    """What is to be done about the differences of one side, of so many orders that should be there.

    A side that lacks all of them, or more than half, is in trouble itself: nothing is told again then, and one
    difference stands for all. Beyond a number of repairs the rest is left to the next comparison, and to people.
    """
    missing = [each for each in differences if each.kind is Kind.MISSING_THERE]
    if is_fault_of_the_list(missing=len(missing), looked_at=looked_at):
        others = [each for each in differences if each.kind is not Kind.MISSING_THERE]
        return [nothing_shown(side, f"{len(missing)} of {looked_at} are missing"), *others]
    kept, left = [], MOST_REPAIRS
    for each in differences:
        left -= each.repair in _REPAIRED_THERE
        kept.append(each if left >= 0 or each.repair not in _REPAIRED_THERE else _left_for_later(each))
    return kept


def is_fault_of_the_list(*, missing: int, looked_at: int) -> bool:
    """Whether so many are missing that the side's list is to be doubted, not the orders."""
    all_are = missing >= looked_at and missing >= FEWEST_WHEN_ALL
    return all_are or (missing >= FEWEST_MISSING and missing * 2 > looked_at)


def nothing_shown(side: Source, detail: str) -> Difference:
    """The difference that stands for a list that shows too little."""
    return Difference(kind=Kind.NOTHING_SHOWN, side=side, order=NO_ORDER, since=None, detail=detail)


def queued_again(timeline: Iterable[TimelineEntry]) -> frozenset[str]:
    """The entries of an order that earlier comparisons had told once more."""
    return frozenset(
        fact.detail.get("entry", "")
        for fact in timeline
        if fact.event is Event.REPLAYED and fact.source is Source.ORDER_SYNC
    )


def decide_queued_again(record: OrderRecord, difference: Difference, rules: Rules, now: datetime) -> Change | None:
    """An entry that was done and left no trace is told once more; None when the order has moved on meanwhile.

    It counts as told meanwhile, so that a cancellation follows it, and so that the push looks before it tells.
    """
    entry = record.entry(difference.entry)
    if entry is None or _is_renumbered(record, difference) or not may_be_told_again(record, entry, rules):
        return None
    draft = Draft(record, now)
    draft.tell_again(entry)
    draft.note(
        Event.REPLAYED,
        Source.ORDER_SYNC,
        target=entry.target,
        told=entry.action,
        subject=entry.subject,
        entry=entry.name,
    )
    return draft.change()


def decide_linked_again(
    record: OrderRecord,
    difference: Difference,
    *,
    units: Mapping[str, int],
    brought_by_link: bool,
    rules: Rules,
    now: datetime,
) -> Change | None:
    """The order is linked with its other number in ChannelAdvisor, and the other sides learn that number.

    `units` by SKU are what it holds there. None when the order has moved on meanwhile.
    """
    entry = entry_of(record, rules, Action.CREATE_ORDER)
    if entry is None or _is_renumbered(record, difference) or not may_be_linked_again(record, rules):
        return None
    draft = Draft(record, now)
    number, event = difference.other_number, Event.ADOPTED_IN_CHANNELADVISOR
    link_to_channeladvisor(draft, entry, number, event, units, brought_by_link=brought_by_link)
    return draft.change()


def _is_renumbered(record: OrderRecord, difference: Difference) -> bool:
    """Whether the order got another number since it was compared."""
    in_channeladvisor = difference.side is Source.CHANNELADVISOR
    return in_channeladvisor and record.order.channeladvisor_id != difference.number


def _left_for_later(difference: Difference) -> Difference:
    return replace(
        difference,
        repair=None,
        entry="",
        other_number="",
        detail=f"{difference.detail}; left to the next comparison, after so many",
    )
