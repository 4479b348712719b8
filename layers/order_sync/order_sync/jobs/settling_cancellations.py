"""Look at cancellations for which a moment has come: reminders, the shop's rule, what TikTok Shop does not confirm."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from order_sync.domain.answering.times import rule_is_due
from order_sync.domain.cancelling.answers import telling_of
from order_sync.domain.cancelling.unanswered import decide_due, rule_speaks
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.oms_questions import AskedOms
from order_sync.jobs.run import ShopRun
from order_sync.jobs.settling import Settling, next_look_by, settle
from order_sync.jobs.telling_answers import tell_answers
from order_sync.partners.tiktok_shop.client import TikTokShop

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

    Gives back the orders of which the rule waits for the OMS, or an answer could not be told.
    """
    cancellations = Settling(
        named="cancellations",
        due=run.ledger.orders_with_due_cancellations,
        asked=lambda record: record.cancellations,
        id_of=lambda request: request.id,
        wishes_due=lambda record: (wish.confirm_by for wish in record.seller_cancellations),
        start_timer=watch.start_timer,
        look=partial(_look, watch),
        speaks=rule_speaks,
        read_decisions=oms.read_decisions,
        decide=partial(_decide, run, oms),
        problems=_PROBLEMS,
        tell=lambda: tell_answers(run, tiktok, watch, only),
        look_back=partial(_look_back, run),
    )
    return settle(run, cancellations, only=only)


def _look(watch: CancellationWatch, records: Sequence[OrderRecord]) -> None:
    wishing = [record.order.id for record in records if any(wish.is_open for wish in record.seller_cancellations)]
    watch.look_again(each.id for record in records for each in record.cancellations if each.is_open)
    if wishing:
        watch.re_read(wishing)


def _decide(run: ShopRun, oms: AskedOms, order: OrderId, early: Collection[CancelId]) -> Change | None:
    record = run.load(order)
    if record is None:
        return None
    packed = _packed(run, record, oms, early)

    def decide(current: OrderRecord | None) -> Change | None:
        if current is None:
            return None
        return decide_due(current, run.shop, run.timing, run.now(), packed=packed, early=early)

    return run.ledger.change(run.shop.shop, order, decide)


def _packed(run: ShopRun, record: OrderRecord, oms: AskedOms, early: Collection[CancelId]) -> frozenset[LineId] | None:
    """What the OMS has packed, where the rule needs it; None while it cannot say and another sweep comes in time."""
    request, asked = record.open_request, run.shop.cancellations.without_answer == "reject_if_packed"
    if request is None or not asked or not rule_speaks(request, run.now(), early):
        return frozenset()
    packed = oms.packed_lines(record.order.id)
    if packed is not None:
        return packed
    what = f"order {record.order.id} cancel request {request.id}"
    if request.respond_by and next_look_by(run) < request.respond_by:
        run.report.problem("rules_waiting_for_oms", what)
        return None
    run.report.problem("rules_without_oms", what)
    return frozenset()


def _look_back(run: ShopRun, record: OrderRecord) -> bool:
    order = record.order.id
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
    # Also one that is being told: nobody may live to end that attempt, and no sweep comes before the deadline.
    untold = telling is not None and telling.state in (EntryState.WAITING, EntryState.SENDING) and not telling.waits_for
    return untold or rule_is_due(request, run.now())
