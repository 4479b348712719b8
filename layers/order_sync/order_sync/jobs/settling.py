"""One way to settle what buyers ask for: the loop that cancel requests and returns share."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Final

from order_sync.domain.answering.times import Asked, is_waited_for
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from order_sync.jobs.run import ShopRun

ORDERS_A_RUN: Final = 1_000
ORDERS_A_BATCH: Final = 20
ANOTHER_LOOK: Final = 1.2
"""In cycles: only with more time than that before a deadline, another look is sure to come in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling[One: Asked, Id]:
    """What cancel requests and returns each bring to it.

    `early`, where it is given, are those that nobody would look at again in time, so that the rule holds for them now.
    """

    named: str
    """What they are called in counts."""
    due: Callable[[ShopId, datetime, int], Sequence[OrderId]]
    """Orders with one for which a moment comes by then."""
    asked: Callable[[OrderRecord], Sequence[One]]
    id_of: Callable[[One], Id]
    wishes_due: Callable[[OrderRecord], Iterable[datetime | None]]
    """When TikTok Shop should have confirmed what the seller started."""
    start_timer: Callable[[OrderId, One], bool]
    """Start the timer of a wait; False when it cannot be started now."""
    look: Callable[[Sequence[OrderRecord]], None]
    """Read at TikTok Shop what is open. Raises RetriableError or RejectedError."""
    speaks: Callable[[One, datetime, Collection[Id]], bool]
    """Whether the shop's rule is about to speak, now and with these early ones."""
    read_decisions: Callable[[], None]
    """Read what the OMS has decided, which comes before the rule."""
    decide: Callable[[OrderId, Collection[Id]], Change | None]
    """Decide what is due about an order, with these early ones."""
    problems: Mapping[Event, str]
    """Facts that are counted, and as what."""
    tell: Callable[[], None]
    """Tell TikTok Shop what was decided."""
    look_back: Callable[[OrderRecord], bool]
    """Whether something of an order is still to be answered or told. What is not confirmed is counted in every cycle
    until TikTok Shop confirms it, so that the alarm stays on."""


def settle[One: Asked, Id](run: ShopRun, each: Settling[One, Id], *, only: OrderId | None) -> list[OrderId]:
    """Everything that is due of one subject, for the shop or for a timer about `only` one order.

    TikTok Shop's view is read first: who decides must know whether something is still open. Then come reminders,
    the shop's rule where nobody answered in time, and what TikTok did not confirm. Answers are told in the same
    run. Gives back the orders of which something is still to be answered or told.
    """
    soon = next_look_by(run)
    orders = [only] if only else each.due(run.shop.shop, soon, ORDERS_A_RUN)
    records = [record for order in orders if (record := run.load(order)) is not None]
    early = _see_to_timers(run, each, records, soon)
    due = [record for record in records if _is_due(each, record, run.now(), early)]
    _look(run, each, due)
    if any(each.speaks(one, run.now(), early) for record in due for one in each.asked(record)):
        each.read_decisions()
    for batch in batched(due, ORDERS_A_BATCH, strict=False):
        if not run.has_time():
            run.report.count("settlements_cut_short")
            break
        for record in batch:
            what = f"{each.named} of order {record.order.id}"
            with run.apart(f"{each.named}_undecided", what, what):
                _decide(run, each, record.order.id, early)
        # What is decided is told before more is decided, so that a run that is cut short has not decided in vain.
        each.tell()
    if not due:
        # A timer that repeats itself finds the rule's answer decided, and still to be told.
        each.tell()
    return [order for order in orders if (record := run.load(order)) is not None and each.look_back(record)]


def next_look_by(run: ShopRun) -> datetime:
    """By when another look is sure to have come."""
    return run.now() + run.timing.cycle * ANOTHER_LOOK


def _see_to_timers[One: Asked, Id](
    run: ShopRun, each: Settling[One, Id], records: Sequence[OrderRecord], soon: datetime
) -> set[Id]:
    """Start the timers of waits that end before the next sweep, once more: one may not have been started, or be lost.

    Gives back those whose timer cannot be started and whose deadline comes before the next sweep as well: they are
    settled now.
    """
    early = set[Id]()
    for record in records:
        for one in each.asked(record):
            until, deadline = one.answer_until, one.respond_by
            if until is None or deadline is None or not is_waited_for(one) or not run.now() < until <= soon:
                continue
            if not each.start_timer(record.order.id, one) and deadline <= soon:
                early.add(each.id_of(one))
    return early


def _is_due[One: Asked, Id](each: Settling[One, Id], record: OrderRecord, now: datetime, early: Collection[Id]) -> bool:
    asked = each.asked(record)
    moments = (*(one.next_due for one in asked), *each.wishes_due(record))
    return any(moment is not None and moment <= now for moment in moments) or any(
        each.id_of(one) in early for one in asked
    )


def _look[One: Asked, Id](run: ShopRun, each: Settling[One, Id], records: Sequence[OrderRecord]) -> None:
    """What TikTok Shop shows now. Where that cannot be read the rest goes on: TikTok's word counts later as well."""
    try:
        each.look(records)
    except (RetriableError, RejectedError) as error:
        run.report.problem(f"{each.named}_not_looked_at", str(error))


def _decide[One: Asked, Id](run: ShopRun, each: Settling[One, Id], order: OrderId, early: Collection[Id]) -> None:
    change = each.decide(order, early)
    for fact in change.timeline if change else ():
        if kind := each.problems.get(fact.event):
            detail = " ".join(f"{what} {text}" for what, text in fact.detail.items())
            run.report.problem(kind, f"order {order} {detail}")
