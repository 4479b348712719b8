"""Look at returns for which a moment has come: reminders, the shop's rule, what TikTok Shop does not confirm."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from order_sync.domain.answering.times import rule_is_due
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.questions import telling_of
from order_sync.domain.returning.unanswered import LATEST, decide_due_returns, rule_speaks
from order_sync.domain.timeline import Event
from order_sync.jobs.oms_questions import AskedOms
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import ShopRun
from order_sync.jobs.settling import Settling, next_look_by, settle
from order_sync.jobs.telling_returns import tell_return_answers
from order_sync.partners.tiktok_shop.client import TikTokShop

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

    Gives back the orders whose answer is still to be given or told.
    """
    returns = Settling(
        named="returns",
        due=watch.book.due,
        asked=lambda record: record.returns,
        id_of=lambda known: known.id,
        wishes_due=lambda record: (wish.confirm_by for wish in record.seller_refunds),
        start_timer=watch.start_timer,
        look=partial(_look, watch),
        speaks=rule_speaks,
        read_decisions=oms.read_return_decisions,
        decide=partial(_decide, run, oms),
        problems=_PROBLEMS,
        tell=lambda: tell_return_answers(run, tiktok, watch, only),
        look_back=partial(_look_back, run),
    )
    return settle(run, returns, only=only)


def _look(watch: ReturnWatch, records: Sequence[OrderRecord]) -> None:
    """The open ones, and what the seller's refunds became, which no poll may have brought."""
    known = [known.id for record in records for known in record.returns if known.is_open]
    wishes = [wish for record in records for wish in record.seller_refunds if wish.is_open]
    watch.look_again([*known, *(wish.return_id for wish in wishes if wish.return_id)])


def _decide(run: ShopRun, oms: AskedOms, order: OrderId, early: Collection[ReturnId]) -> Change | None:
    can_wait = oms.is_away and run.shop.returns.without_answer != "leave_to_tiktok"
    soon = next_look_by(run)

    def decide(record: OrderRecord | None) -> Change | None:
        if record is None:
            return None
        # TikTok Shop may show another question by now, for which there is time.
        urgent = [known.id for known in record.returns if known.respond_by and known.respond_by <= soon]
        return decide_due_returns(
            record,
            run.shop,
            run.timing,
            run.now(),
            early=[each for each in urgent if each in early],
            oms_until=soon if can_wait else LATEST,
        )

    return run.ledger.change(run.shop.shop, order, decide)


def _look_back(run: ShopRun, record: OrderRecord) -> bool:
    order, untold = record.order.id, False
    for known in record.returns:
        if known.is_asked and known.unconfirmed:
            run.report.problem("answers_unconfirmed", f"order {order} return {known.id}")
        telling = telling_of(record, known)
        if telling is not None and telling.state in (EntryState.WAITING, EntryState.SENDING):
            untold = True
        if rule_is_due(known, run.now()):
            run.report.problem("rules_waiting_for_oms", f"order {order} return {known.id}")
            untold = True
    return untold
