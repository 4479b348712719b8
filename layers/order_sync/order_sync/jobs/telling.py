"""Telling one partner what waits in the outbox: claim, call, record; one mechanism for the three pushes (DESIGN 8)."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import batched
from typing import Final

from aws_lambda_powertools import Logger

from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
)
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, OutboxEntry, Target, retry_wait
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_failed, decide_not_told, decide_told
from order_sync.jobs.order_watch import ORDERS_A_READ, OrderWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.ledger import DamagedItemError, DueEntry
from order_sync.partners.tiktok_shop.mapping import Reading

ENTRIES_A_RUN: Final = 2_000
FAILURES_BEFORE_GIVING_UP: Final = 3
"""So many entries in a row that a partner could not take mean an outage: the rest waits for the next run."""

logger = Logger(child=True)

type Decision = Callable[[OrderRecord, OutboxEntry, datetime], Change | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One claimed entry with its order, and TikTok's fresh reading where the action asked for one."""

    record: OrderRecord
    entry: OutboxEntry
    was_interrupted: bool
    """An earlier attempt may have taken effect: look before telling again."""
    reading: Reading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How one action is told. `tell` gives the decision that records its success."""

    tell: Callable[[Task], Decision]
    reads_order: bool = False
    """Whether the order is read from TikTok Shop just before, for its buyer and its status."""
    waits_for_cancel_request: bool = False
    """Whether it is held back while the buyer's request to cancel is open."""


def purchase_of(task: Task) -> Purchase:
    """The order with its buyer, fresh from TikTok Shop. Raises NotYetError while TikTok does not show it."""
    if task.reading is None:
        raise NotYetError(f"TikTok Shop does not show order {task.record.order.id}")
    return task.reading.purchase()


def recipient_of(task: Task) -> Recipient:
    """The recipient, fresh from TikTok Shop. Raises NotYetError while TikTok does not show one.

    Raises SkippableError for a cancelled order: nobody needs its address, and TikTok may never show it again.
    """
    if task.record.order.state is OrderState.CANCELED:
        raise SkippableError("the order was cancelled")
    recipient = purchase_of(task).recipient
    if recipient is None:
        raise NotYetError(f"TikTok Shop shows no recipient for order {task.record.order.id}")
    return recipient


def tell_outbox(run: ShopRun, target: Target, tellings: Mapping[Action, Telling], watch: OrderWatch) -> Report:
    """Tell a partner what is due, parcels first. An outage ends the run normally, with a count."""
    failures = 0
    for action in Action:
        if action not in tellings:
            continue
        telling = tellings[action]
        due = run.ledger.outbox_due(target, action, run.shop.shop, ENTRIES_A_RUN)
        for batch in batched(due, ORDERS_A_READ, strict=False):
            readings = _readings(run, telling, batch, watch)
            if readings is None:
                break
            for entry in batch:
                if not run.has_time():
                    run.report.count("pushes_cut_short")
                    return run.report
                answered = _tell_one(run, entry, telling, readings)
                failures = 0 if answered else failures + 1
                if failures >= FAILURES_BEFORE_GIVING_UP:
                    run.report.problem("partner_outages", f"{target} did not take {failures} entries in a row")
                    return run.report
    return run.report


def _readings(
    run: ShopRun, telling: Telling, entries: Sequence[DueEntry], watch: OrderWatch
) -> Mapping[OrderId, Reading] | None:
    """The orders afresh, where the action wants them; None when TikTok Shop cannot be read now.

    What needs no reading goes on: TikTok's outage, or an authorisation that it withdrew, is not this partner's.
    """
    if not telling.reads_order:
        return {}
    try:
        return watch.re_read([entry.order for entry in entries])
    except (RetriableError, RejectedError) as error:
        run.report.problem("orders_not_re_read", str(error))
        return None


def _tell_one(run: ShopRun, due: DueEntry, telling: Telling, readings: Mapping[OrderId, Reading]) -> bool:
    """Tell one entry. False when the partner could not be reached or did not answer."""
    try:
        record = run.ledger.load(run.shop.shop, due.order)
    except DamagedItemError as error:
        run.report.problem("orders_damaged", str(error))
        return True
    entry = record.entry(due.name) if record else None
    if record is None or entry is None or not entry.is_claimable(run.now()):
        run.report.count("entries_not_due_after_all")
        return True
    if telling.waits_for_cancel_request and record.order.cancel_requested and not entry.was_interrupted:
        run.report.count("held_back_for_cancel_request")
        _postpone(run, entry, "the buyer has asked to cancel")
        return True
    claimed = run.ledger.claim(entry, run.timing.claim)
    if claimed is None:
        run.report.count("entries_taken_by_another_run")
        return True
    reading = readings.get(entry.order)
    task = Task(record=record, entry=claimed, was_interrupted=entry.was_interrupted, reading=reading)
    try:
        if reading is not None:
            _refuse_outdated(run, reading)
        decision = _outcome(run, task, telling)
    except OutcomeUnknownError as error:
        run.report.problem("outcomes_unknown", f"order {entry.order} {entry.name}: {error}")
        _postpone(run, replace(claimed, in_doubt=True), str(error))
        return False
    except RetriableError as error:
        run.report.problem("entries_postponed", f"order {entry.order} {entry.name}: {error}")
        _postpone(run, claimed, str(error))
        return isinstance(error, NotYetError)
    _record(run, entry, decision)
    return True


def _refuse_outdated(run: ShopRun, reading: Reading) -> None:
    """Between the reading and the claim another run may have seen a newer address or status; it queued nothing
    for an entry that was not claimed yet. After the claim, every news of the order queues what must follow."""
    order = reading.facts.id
    head = run.ledger.heads(run.shop.shop, [order])[order]
    if head.updated_at > reading.facts.updated_at:
        raise NotYetError(f"order {order} changed at TikTok Shop after it was read")


def _outcome(run: ShopRun, task: Task, telling: Telling) -> Decision:
    """Call the partner; whatever it says that is final becomes the decision that records it."""
    entry = task.entry
    what = f"order {entry.order} {entry.name}"
    try:
        decision = telling.tell(task)
    except AlreadyDoneError:
        run.report.count("already_done")
        return decide_told
    except SkippableError as error:
        run.report.problem("entries_skipped", f"{what}: {error}")
        return partial(decide_not_told, reason=str(error))
    except RejectedError as error:
        run.report.problem("entries_failed", f"{what}: {error}")
        return partial(decide_failed, reason=str(error), in_doubt=isinstance(error, HalfDoneError))
    except RetriableError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one order must not stop the others
        name = type(error).__name__
        # The error's own text could quote the buyer, so that only its way is logged.
        logger.error(  # noqa: TRY400
            "entry could not be told", extra={"entry": what, "stack": traceback.format_tb(error.__traceback__)}
        )
        run.report.problem("entries_failed", f"{what}: unexpected {name}")
        return partial(decide_failed, reason=f"unexpected {name}: see the log", in_doubt=True)
    run.report.count(f"told_{entry.action.lower()}")
    return decision


def _record(run: ShopRun, entry: OutboxEntry, decision: Decision) -> None:
    def decide(record: OrderRecord | None) -> Change | None:
        current = record.entry(entry.name) if record else None
        if record is None or current is None or current.has_ended:
            return None
        return decision(record, current, run.now())

    run.ledger.change(entry.shop, entry.order, decide)


def _postpone(run: ShopRun, entry: OutboxEntry, reason: str) -> None:
    """Put an entry back, for longer after every attempt; in doubt for as long as a claim would have held it.

    By then the partner shows what the doubtful attempt did.
    """
    wait = retry_wait(max(entry.attempts, 1), run.timing.retry_base, run.jitter())
    if entry.in_doubt:
        wait = max(wait, run.timing.claim)
    run.ledger.postpone(entry, run.now() + wait, reason)
