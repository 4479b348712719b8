"""Look at returns for which a moment has come: reminders, the shop's rule, what TikTok Shop does not confirm."""

from collections.abc import Sequence
from datetime import datetime
from itertools import batched
from typing import Final

from order_sync.domain.answering.times import is_waited_for, rule_is_due
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.questions import telling_of
from order_sync.domain.returning.unanswered import LATEST, decide_due_returns
from order_sync.domain.timeline import Event
from order_sync.jobs.oms_questions import AskedOms
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import ShopRun
from order_sync.jobs.telling_returns import tell_return_answers
from order_sync.partners.tiktok_shop.client import TikTokShop

ORDERS_A_RUN: Final = 1_000
ORDERS_A_BATCH: Final = 20
ANOTHER_LOOK: Final = 1.2
"""In cycles: only with more time than that before a deadline, another look is sure to come in time."""

_PROBLEMS: Final = {
    Event.RETURN_REMINDER: "return_reminders",
    Event.RETURN_LEFT_TO_TIKTOK: "returns_left_to_tiktok",
    Event.RETURN_ANSWERED: "returns_answered_by_rule",
    Event.REFUND_LATE: "refunds_not_confirmed",
    Event.SELLER_REFUND_UNCONFIRMED: "refunds_not_confirmed",
}


def settle_returns(
    run: ShopRun,
    tiktok: TikTokShop,
    watch: ReturnWatch,
    oms: AskedOms,
    *,
    only: OrderId | None = None,
) -> list[OrderId]:
    """Everything that is due about the shop's returns, or for a timer about those of `only` one order.

    TikTok Shop's view is read first, then the OMS's answers where a rule is about to speak for it. Gives back the
    orders whose answer is still to be told.
    """
    soon = run.now() + run.timing.cycle * ANOTHER_LOOK
    orders = [only] if only else watch.book.due(run.shop.shop, soon, ORDERS_A_RUN)
    records = [record for order in orders if (record := run.load(order)) is not None]
    _see_to_timers(run, watch, records, soon)
    due = [record for record in records if _is_due(record, run.now())]
    _look(run, watch, due)
    if any(rule_is_due(known, run.now()) for record in due for known in record.returns):
        oms.read_return_decisions()
    oms_until = soon if oms.is_away and run.shop.returns.without_answer != "leave_to_tiktok" else LATEST
    for batch in batched(due, ORDERS_A_BATCH, strict=False):
        if not run.has_time():
            run.report.count("settlements_cut_short")
            break
        for record in batch:
            what = f"returns of order {record.order.id}"
            with run.apart("returns_undecided", what, what):
                _decide(run, record.order.id, oms_until)
        tell_return_answers(run, tiktok, watch, only)
    if not due:
        tell_return_answers(run, tiktok, watch, only)
    return [record.order.id for record in records if _look_back(run, record.order.id)]


def _see_to_timers(run: ShopRun, watch: ReturnWatch, records: Sequence[OrderRecord], soon: datetime) -> None:
    """Start the timers of waits that end before the next sweep once more: one may not have been started, or be lost."""
    for record in records:
        for known in record.returns:
            if is_waited_for(known) and known.answer_until and run.now() < known.answer_until <= soon:
                watch.start_timer(record.order.id, known)


def _is_due(record: OrderRecord, now: datetime) -> bool:
    returns = (known.next_due for known in record.returns)
    wishes = (wish.confirm_by for wish in record.seller_refunds)
    return any(moment is not None and moment <= now for moment in (*returns, *wishes))


def _look(run: ShopRun, watch: ReturnWatch, records: Sequence[OrderRecord]) -> None:
    """What TikTok Shop shows now. Where that cannot be read the rest goes on: TikTok's word counts later as well."""
    try:
        watch.look_again(known.id for record in records for known in record.returns if known.is_open)
    except (RetriableError, RejectedError) as error:
        run.report.problem("returns_not_looked_at", str(error))


def _decide(run: ShopRun, order: OrderId, oms_until: datetime) -> None:
    def decide(record: OrderRecord | None) -> Change | None:
        return decide_due_returns(record, run.shop, run.timing, run.now(), oms_until=oms_until) if record else None

    change = run.ledger.change(run.shop.shop, order, decide)
    for fact in change.timeline if change else ():
        if kind := _PROBLEMS.get(fact.event):
            detail = " ".join(f"{what} {text}" for what, text in fact.detail.items())
            run.report.problem(kind, f"order {order} {detail}")


def _look_back(run: ShopRun, order: OrderId) -> bool:
    """Whether something is still to be answered or told. What is not confirmed is counted in every cycle until
    TikTok Shop confirms it, so that the alarm stays on."""
    record = run.load(order)
    if record is None:
        return False
    untold = False
    for known in record.returns:
        if known.is_asked and known.unconfirmed:
            run.report.problem("answers_unconfirmed", f"order {order} return {known.id}")
        telling = telling_of(record, known)
        if telling is not None and telling.state is EntryState.WAITING:
            untold = True
        if rule_is_due(known, run.now()):
            run.report.problem("rules_waiting_for_oms", f"order {order} return {known.id}")
            untold = True
    return untold
