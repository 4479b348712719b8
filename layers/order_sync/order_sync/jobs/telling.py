"""Telling one partner what waits in the outbox: claim, call, record; one mechanism for the three pushes (DESIGN 8)."""

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from itertools import batched, zip_longest
from typing import TYPE_CHECKING, Final

from aws_lambda_powertools import Logger

from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    LeftToLinkError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
    UnderWayError,
)
from order_sync.domain.ids import OrderId
from order_sync.domain.observing import LEFT, LOOK_AGAIN, Leave, decide_left, left_to_link
from order_sync.domain.outbox import Action, OutboxEntry, Target, retry_wait
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_failed, decide_not_told, decide_told
from order_sync.jobs.order_watch import ORDERS_A_READ
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.ledger import DamagedItemError, DueEntry

if TYPE_CHECKING:
    from order_sync.partners.tiktok_shop.mapping import Reading

ENTRIES_A_RUN: Final = 2_000
FAILURES_BEFORE_GIVING_UP: Final = 3
"""So many entries in a row that a partner could not take mean an outage: the rest waits for the next run."""
ATTEMPTS_BEFORE_A_WAIT_IS_LONG: Final = 3
"""What merely waits for something of its own is no problem before that."""
CYCLES_TO_SPARE: Final = 4
"""What is held back goes out so long before its own deadline, so that it can be tried more than once."""

logger = Logger(child=True)

type Decision = Callable[[OrderRecord, OutboxEntry, datetime], Change | None]
type ReRead = Callable[[Iterable[OrderId]], Mapping[OrderId, Reading]]
"""Reads orders afresh at TikTok Shop, sees them, and gives back those that could be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One claimed entry with its order, and TikTok's fresh reading where the action asked for one."""

    record: OrderRecord
    entry: OutboxEntry
    was_interrupted: bool
    """An earlier attempt may have taken effect: look before telling again."""
    reading: "Reading | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How one action is told. `tell` gives the decision that records its success."""

    tell: Callable[[Task], Decision]
    reads_order: bool = False
    """Whether the order is read from TikTok Shop just before, for its buyer and its status."""
    repeatable: bool = False
    """Whether telling it twice is harmless: then it is tried again soon, also after an answer that was lost."""
    why_waits: Callable[[OrderRecord, OutboxEntry, datetime], str] = lambda _record, _entry, _next_try: ""
    """Why it is held back, as while a cancellation is open, at most until it must go; empty when it is not."""


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


def tell_outbox(
    run: ShopRun,
    target: Target,
    tellings: Mapping[Action, Telling],
    re_read: ReRead,
    *,
    only: OrderId | None = None,
) -> Report:
    """Tell a partner what is due, of all orders or of one, parcels first. An outage ends the run normally, counted."""
    tries = FAILURES_BEFORE_GIVING_UP
    for action in Action:
        if action not in tellings:
            continue
        due = run.ledger.outbox_due(target, action, run.shop.shop, ENTRIES_A_RUN)
        if only is not None:
            due = [entry for entry in due if entry.order == only]
        match _tell_action(run, tellings[action], due, re_read, tries):
            case _End.CUT_SHORT:
                run.report.count("pushes_cut_short")
                break
            case _End.OUTAGE:
                run.report.problem("partner_outages", f"{target} did not take {tries} of {action} in a row")
                # One more failure is enough for each of the other kinds: a few bad answers must not hold parcels up.
                tries = 1
    return run.report


class _End(Enum):
    """How telling all that is due of one kind ended."""

    TOLD = auto()
    CUT_SHORT = auto()
    OUTAGE = auto()


def _tell_action(run: ShopRun, telling: Telling, due: Sequence[DueEntry], re_read: ReRead, tries: int) -> _End:
    """Tell what is due of one kind, as far as there is time; so many failures in a row mean an outage."""
    failures = 0
    for batch in batched(_from_both_ends(due), ORDERS_A_READ, strict=False):
        readings = _readings(run, telling, batch, re_read)
        if readings is None:
            break
        for entry in batch:
            if not run.has_time():
                return _End.CUT_SHORT
            failures = 0 if _tell_one(run, entry, telling, readings) else failures + 1
            if failures >= tries:
                return _End.OUTAGE
    return _End.TOLD


def _from_both_ends(due: Sequence[DueEntry]) -> list[DueEntry]:
    """The longest due, the newest, and so on: a few entries that always fail do not look like an outage for ever."""
    older, newer = due[: (len(due) + 1) // 2], due[(len(due) + 1) // 2 :]
    mixed = [entry for pair in zip_longest(older, reversed(newer)) for entry in pair]
    return [entry for entry in mixed if entry is not None]


def _readings(
    run: ShopRun, telling: Telling, entries: Sequence[DueEntry], re_read: ReRead
) -> "Mapping[OrderId, Reading] | None":
    """The orders afresh, where the action wants them; None when TikTok Shop cannot be read now.

    What needs no reading goes on: TikTok's outage, or an authorisation that it withdrew, is not this partner's.
    """
    if not telling.reads_order:
        return {}
    try:
        return re_read([entry.order for entry in entries])
    except (RetriableError, RejectedError) as error:
        run.report.problem("orders_not_re_read", str(error))
        return None


def _tell_one(run: ShopRun, due: DueEntry, telling: Telling, readings: "Mapping[OrderId, Reading]") -> bool:
    """Tell one entry. False when the partner could not be reached or did not answer."""
    try:
        record = run.ledger.load(run.shop.shop, due.order)
    except DamagedItemError as error:
        run.count_damaged(error)
        return True
    entry = record.entry(due.name) if record else None
    if record is None or entry is None or not entry.is_claimable(run.now()):
        run.report.count("entries_not_due_after_all")
        return True
    if _is_held_back(run, record, entry, telling):
        return True
    claim = min(run.timing.claim, run.timing.retry_base) if telling.repeatable else run.timing.claim
    claimed = run.ledger.claim(entry, claim)
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
        _postpone(run, replace(claimed, in_doubt=True), str(error), telling)
        return False
    except RetriableError as error:
        waits, under_way = isinstance(error, NotYetError), isinstance(error, UnderWayError)
        if isinstance(error, LeftToLinkError):
            run.report.count("left_to_native_link")
        elif waits and claimed.attempts < ATTEMPTS_BEFORE_A_WAIT_IS_LONG:
            run.report.count("entries_waiting")
        else:
            run.report.problem("entries_postponed", f"order {entry.order} {entry.name}: {error}")
        longest = LOOK_AGAIN if isinstance(error, LeftToLinkError) else None
        _postpone(run, replace(claimed, in_doubt=claimed.in_doubt or under_way), str(error), telling, longest)
        return waits
    _record(run, entry, decision)
    return True


def _is_held_back(run: ShopRun, record: OrderRecord, entry: OutboxEntry, telling: Telling) -> bool:
    """Whether it is not ours to tell, or not yet; then it is put off."""
    if (leave := left_to_link(record, entry, run.shop, run.now())) is not None:
        _leave_to_link(run, entry, leave)
        return True
    reason = telling.why_waits(record, entry, run.now() + CYCLES_TO_SPARE * run.timing.cycle)
    if not reason or entry.was_interrupted:
        return False
    run.report.count("held_back_for_cancellation")
    _postpone(run, entry, reason, telling)
    return True


def _leave_to_link(run: ShopRun, entry: OutboxEntry, leave: Leave) -> None:
    """ChannelAdvisor's own TikTok link is to carry it; where it did not, people are told, and nothing twice."""
    if leave.until is None:
        run.report.problem("entries_failed", f"order {entry.order} {entry.name}: {leave.reason}")
    else:
        run.report.count("left_to_native_link")
        if leave.reason in (LEFT, entry.reason):
            run.ledger.postpone(entry, leave.until, leave.reason)
            return
    _record(run, entry, partial(decide_left, leave=leave))


def _refuse_outdated(run: ShopRun, reading: "Reading") -> None:
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


def _postpone(
    run: ShopRun, entry: OutboxEntry, reason: str, telling: Telling, longest: timedelta | None = None
) -> None:
    """Put an entry back, for longer after every attempt; in doubt for as long as a claim would have held it.

    By then the partner shows what the doubtful attempt did.
    """
    wait = retry_wait(max(entry.attempts, 1), run.timing.retry_base, run.jitter())
    if telling.repeatable:
        wait = min(wait, run.timing.retry_base / 4)
    elif entry.in_doubt:
        wait = max(wait, run.timing.claim)
    if longest is not None:
        wait = min(wait, longest)
    run.ledger.postpone(entry, run.now() + wait, reason)
