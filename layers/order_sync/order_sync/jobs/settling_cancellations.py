"""Look at cancellations for which a moment has come: reminders, the shop's rule, what TikTok Shop does not confirm."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import batched
from typing import Final

from order_sync.domain.answering.times import is_waited_for, rule_is_due
from order_sync.domain.cancelling.answers import telling_of
from order_sync.domain.cancelling.unanswered import decide_due, rule_speaks
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.oms_questions import AskedOms
from order_sync.jobs.run import ShopRun
from order_sync.jobs.telling_answers import tell_answers
from order_sync.partners.tiktok_shop.client import TikTokShop

ORDERS_A_RUN: Final = 1_000
ORDERS_A_BATCH: Final = 20
ANOTHER_LOOK: Final = 1.2
"""In cycles: only with more time than that before a deadline, another look is sure to come in time."""

_PROBLEMS: Final = {
    Event.CANCEL_REQUEST_REMINDER: "cancel_reminders",
    Event.CANCEL_REQUEST_LEFT_TO_TIKTOK: "cancel_requests_left_to_tiktok",
    Event.CANCEL_REQUEST_ANSWERED: "cancel_requests_answered_by_rule",
}


def settle_cancellations(
    run: ShopRun,
    tiktok: TikTokShop,
    watch: CancellationWatch,
    oms: AskedOms,
    *,
    only: OrderId | None = None,
) -> list[OrderId]:
    """Everything that is due about the shop's cancellations (C15), or for a timer about those of `only` one order.

    TikTok Shop's view is read first: who decides must know whether the request is still open. Then come
    reminders, the shop's rule where nobody answered in time, and what TikTok did not confirm. Answers are told
    in the same run. Gives back the orders of which the rule waits for the OMS, or an answer could not be told.
    """
    soon = run.now() + run.timing.cycle * ANOTHER_LOOK
    orders = [only] if only else run.ledger.orders_with_due_cancellations(run.shop.shop, soon, ORDERS_A_RUN)
    records = [record for order in orders if (record := run.load(order)) is not None]
    early = _see_to_timers(run, watch, records, soon)
    due = [record for record in records if _is_due(record, run.now(), early)]
    _look(run, watch, due)
    if any(_speaks_for_oms(record, run.now(), early) for record in due):
        oms.read_decisions()
    for batch in batched(due, ORDERS_A_BATCH, strict=False):
        if not run.has_time():
            run.report.count("settlements_cut_short")
            break
        for record in batch:
            what = f"cancellations of order {record.order.id}"
            with run.apart("cancellations_undecided", what, what):
                _decide(run, record.order.id, oms, early)
        # What is decided is told before more is decided, so that a run that is cut short has not decided in vain.
        tell_answers(run, tiktok, watch, only)
    if not due:
        # A timer that repeats itself finds the rule's answer decided, and still to be told.
        tell_answers(run, tiktok, watch, only)
    return [order for order in orders if _look_back(run, order)]


def _see_to_timers(
    run: ShopRun, watch: CancellationWatch, records: Sequence[OrderRecord], soon: datetime
) -> set[CancelId]:
    """Start the timers of waits that end before the next sweep, once more: one may not have been started, or be lost.

    Gives back the requests whose timer cannot be started and whose deadline comes before the next sweep as well:
    they are settled now.
    """
    early = set[CancelId]()
    for record in records:
        for request in record.cancellations:
            until, deadline = request.answer_until, request.respond_by
            if until is None or deadline is None or not is_waited_for(request) or not run.now() < until <= soon:
                continue
            if not watch.start_timer(record.order.id, request) and deadline <= soon:
                early.add(request.id)
    return early


def _is_due(record: OrderRecord, now: datetime, early: Collection[CancelId]) -> bool:
    requests = (each.next_due for each in record.cancellations if each.next_due)
    wishes = (wish.confirm_by for wish in record.seller_cancellations if wish.confirm_by)
    return any(moment <= now for moment in (*requests, *wishes)) or any(
        each.id in early for each in record.cancellations
    )


def _look(run: ShopRun, watch: CancellationWatch, records: Sequence[OrderRecord]) -> None:
    """What TikTok Shop shows now. Where that cannot be read the rest goes on: TikTok's word counts later as well."""
    wishing = [record.order.id for record in records if any(wish.is_open for wish in record.seller_cancellations)]
    try:
        watch.look_again(each.id for record in records for each in record.cancellations if each.is_open)
        if wishing:
            watch.re_read(wishing)
    except (RetriableError, RejectedError) as error:
        run.report.problem("cancellations_not_looked_at", str(error))


def _speaks_for_oms(record: OrderRecord, now: datetime, early: Collection[CancelId]) -> bool:
    request = record.open_request
    return request is not None and rule_speaks(request, now, early)


def _decide(run: ShopRun, order: OrderId, oms: AskedOms, early: Collection[CancelId]) -> None:
    record = run.load(order)
    if record is None:
        return
    packed = _packed(run, record, oms, early)

    def decide(current: OrderRecord | None) -> Change | None:
        if current is None:
            return None
        return decide_due(current, run.shop, run.timing, run.now(), packed=packed, early=early)

    change = run.ledger.change(run.shop.shop, order, decide)
    for fact in change.timeline if change else ():
        if kind := _PROBLEMS.get(fact.event):
            detail = " ".join(f"{what} {text}" for what, text in fact.detail.items())
            run.report.problem(kind, f"order {order} {detail}")


def _packed(run: ShopRun, record: OrderRecord, oms: AskedOms, early: Collection[CancelId]) -> frozenset[LineId] | None:
    """What the OMS has packed, where the rule needs it; None while it cannot say and another sweep comes in time."""
    request, asked = record.open_request, run.shop.cancellations.without_answer == "reject_if_packed"
    if request is None or not asked or not _speaks_for_oms(record, run.now(), early):
        return frozenset()
    packed = oms.packed_lines(record.order.id)
    if packed is not None:
        return packed
    what = f"order {record.order.id} cancel request {request.id}"
    if request.respond_by and run.now() + run.timing.cycle * ANOTHER_LOOK < request.respond_by:
        run.report.problem("rules_waiting_for_oms", what)
        return None
    run.report.problem("rules_without_oms", what)
    return frozenset()


def _look_back(run: ShopRun, order: OrderId) -> bool:
    """Whether the order's request is still to be settled. What is not confirmed is counted in every cycle until
    TikTok Shop confirms it, so that the alarm stays on."""
    record = run.load(order)
    if record is None:
        return False
    for wish in record.seller_cancellations:
        if wish.is_open and wish.unconfirmed:
            run.report.problem("answers_unconfirmed", f"order {order} seller's cancellation {wish.id}")
    request = record.open_request
    if request is None:
        return False
    what = f"order {order} cancel request {request.id}"
    if request.unconfirmed:
        run.report.problem("answers_unconfirmed", f"{what}: {request.answer} is not confirmed")
    if request.rejected_by_shipping:
        run.report.problem("tracking_due_for_rejection", f"{what}: due by {request.respond_by}")
    telling = telling_of(record, request)
    untold = telling is not None and telling.state is EntryState.WAITING and not telling.waits_for
    return untold or rule_is_due(request, run.now())
