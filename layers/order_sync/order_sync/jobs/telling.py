"""Telling one partner what waits in the outbox: claim, call, record; one mechanism for the three pushes (DESIGN 8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import batched, groupby
from typing import Final

from order_sync.domain.errors import (
    AlreadyDoneError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
)
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, OutboxEntry, Target, in_telling_order, retry_wait
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.telling import decide_failed, decide_not_told, decide_told
from order_sync.jobs.order_watch import ORDERS_A_READ, OrderWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.partners.tiktok_shop.mapping import Reading

ENTRIES_A_RUN: Final = 2_000
FAILURES_BEFORE_GIVING_UP: Final = 3
"""So many entries in a row that a partner could not take mean an outage: the rest waits for the next run."""

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


def tell_outbox(run: ShopRun, target: Target, tellings: Mapping[Action, Telling], watch: OrderWatch) -> Report:
    """Tell a partner what is due, parcels first. An outage ends the run normally, with a count."""
    due = in_telling_order(run.ledger.outbox_due(target, run.shop.shop, ENTRIES_A_RUN))
    failures = 0
    for action, entries in groupby(due, key=lambda entry: entry.action):
        telling = tellings[action]
        for batch in batched(entries, ORDERS_A_READ, strict=False):
            orders = [entry.order for entry in batch]
            readings = watch.re_read(orders) if telling.reads_order else {}
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


def _tell_one(run: ShopRun, named: OutboxEntry, telling: Telling, readings: Mapping[OrderId, Reading]) -> bool:
    """Tell one entry. False when the partner could not be reached or did not answer."""
    record = run.ledger.load(named.shop, named.order)
    entry = record.entry(named.name) if record else None
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
    task = Task(record=record, entry=claimed, was_interrupted=entry.was_interrupted, reading=readings.get(entry.order))
    try:
        decision = _outcome(run, task, telling)
    except OutcomeUnknownError as error:
        # The claim stays: when it has run out, the next run looks before it tells again.
        run.report.problem("outcomes_unknown", f"order {entry.order} {entry.name}: {error}")
        return False
    except RetriableError as error:
        run.report.problem("entries_postponed", f"order {entry.order} {entry.name}: {error}")
        _postpone(run, claimed, str(error))
        return False
    _record(run, entry, decision)
    return True


def _outcome(run: ShopRun, task: Task, telling: Telling) -> Decision:
    """Call the partner; whatever it says that is final becomes the decision that records it."""
    entry = task.entry
    try:
        return telling.tell(task)
    except AlreadyDoneError:
        run.report.count("already_done")
        return decide_told
    except SkippableError as error:
        run.report.problem("entries_skipped", f"order {entry.order} {entry.name}: {error}")
        return partial(decide_not_told, reason=str(error))
    except RejectedError as error:
        run.report.problem("entries_failed", f"order {entry.order} {entry.name}: {error}")
        return partial(decide_failed, reason=str(error))


def _record(run: ShopRun, entry: OutboxEntry, decision: Decision) -> None:
    def decide(record: OrderRecord | None) -> Change | None:
        current = record.entry(entry.name) if record else None
        return decision(record, current, run.now()) if record and current else None

    run.ledger.change(entry.shop, entry.order, decide)
    run.report.count(f"told_{entry.action.lower()}")


def _postpone(run: ShopRun, entry: OutboxEntry, reason: str) -> None:
    wait = retry_wait(max(entry.attempts, 1), run.timing.retry_base, run.jitter())
    run.ledger.postpone(entry, run.now() + wait, reason)
