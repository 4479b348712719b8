"""A refund that the seller starts, in the OMS or in ChannelAdvisor: TikTok Shop carries it out, or refuses it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.answering.answers import Answer, decider_of
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ReturnId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import give_answer
from order_sync.domain.returning.booked_by_hand import book_by_hand
from order_sync.domain.returning.questions import REFUND_COMES_WITHIN
from order_sync.domain.returning.refundable import (
    REFUND_BY_ANSWER,
    check_amount,
    check_report,
    lines_of,
    refuse_refunded,
    return_about,
)
from order_sync.domain.returning.returns import (
    ReportedRefund,
    Return,
    SellerRefund,
    SellerRefundState,
)
from order_sync.domain.returning.statuses import ReturnState
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

CLOCKS_APART: Final = timedelta(minutes=5)
"""TikTok's clock and ours. The source's own is nobody's business: an OMS may be minutes ahead."""


def decide_reported_refund(record: OrderRecord, report: ReportedRefund, timing: Timing, now: datetime) -> Change | None:
    """A seller refunds: kept once, and put to TikTok Shop. What cannot be right is refused, and its sender told."""
    draft = Draft(record, now)
    report_refund(draft, report, timing)
    return draft.change()


def report_refund(draft: Draft, report: ReportedRefund, timing: Timing) -> None:
    """The same, inside a larger decision."""
    if draft.record.seller_refund(report.id) is not None:
        return
    wish = SellerRefund(
        id=report.id,
        source=report.source,
        requested_at=report.requested_at,
        amount=report.amount,
        reason=report.reason,
        confirm_by=draft.now + REFUND_COMES_WITHIN,
    )
    draft.note(
        Event.SELLER_REFUND_REPORTED,
        report.source,
        happened_at=report.requested_at,
        refund=report.id,
        lines=" ".join(report.line_ids) or " ".join(f"{quantity}x{sku}" for sku, quantity in report.units),
        amount=str(report.amount or ""),
    )
    try:
        check_report(draft, report)
        if book_by_hand(draft, report, wish):
            return
        lines = lines_of(draft, report)
        check_amount(draft, report.amount)
        wish = replace(wish, line_ids=tuple(line.id for line in lines))
        asking = return_about(draft, wish)
    except RejectedError as error:
        refuse_refund(draft, wish, str(error))
        return
    if asking is not None:
        draft.keep_seller_refund(replace(wish, return_id=asking.id))
        agree_with_return(draft, asking, timing)
        return
    draft.keep_seller_refund(wish)
    order = draft.order
    draft.queue(tell(Target.TIKTOK_SHOP, Action.REFUND_AS_SELLER, order.shop, order.id, now=draft.now, subject=wish.id))


def meet_seller_refunds(draft: Draft, known: Return, timing: Timing) -> None:
    """A buyer's return that comes to light while the seller's refund of the same units waits to be told."""
    for wish in draft.seller_refunds:
        telling = _telling_of(draft, wish)
        overlaps = set(known.line_ids).intersection(wish.line_ids)
        if not wish.is_open or wish.return_id or telling is None or not telling.is_untold or not overlaps:
            continue
        try:
            refuse_refunded(known, wish)
            asking = return_about(draft, wish)
        except RejectedError as error:
            draft.drop(telling, str(error))
            refuse_refund(draft, wish, str(error))
            continue
        if asking is not None:
            draft.drop(telling, f"the buyer's return {asking.id} is answered instead")
            draft.keep_seller_refund(replace(wish, return_id=asking.id))
    agree_with_return(draft, known, timing)


def link_lost_start(draft: Draft, known: Return) -> None:
    """A seller's return that TikTok Shop made of a refund, though its answer to that has not come, or never does."""
    if known.initiator is not Initiator.SELLER or any(wish.return_id == known.id for wish in draft.seller_refunds):
        return
    for wish in draft.seller_refunds:
        telling = _telling_of(draft, wish)
        may_be_it = (
            wish.is_open
            and wish.return_id is None
            and telling is not None
            and telling.was_interrupted
            and set(wish.line_ids) == set(known.line_ids)
            and telling.queued_at - CLOCKS_APART <= known.requested_at
            and (wish.amount is None or known.money is None or wish.amount == known.money)
        )
        if may_be_it:
            draft.keep_seller_refund(replace(wish, return_id=known.id))
            return


def agree_with_return(draft: Draft, known: Return, timing: Timing) -> None:
    """The buyer asked for what the seller refunds: it is granted, since TikTok Shop takes no second request."""
    wish = next((each for each in draft.seller_refunds if each.return_id == known.id and each.is_open), None)
    is_open = known.question in REFUND_BY_ANSWER and known.answer is None
    if wish is None or not is_open or known.answer_problem:
        return
    by, reason = decider_of(wish.source), "the seller refunds it"
    give_answer(draft, known, Answer.APPROVE, by, reason=reason, timing=timing)


def decide_refund_started(
    record: OrderRecord, entry: OutboxEntry, now: datetime, *, return_id: ReturnId
) -> Change | None:
    """TikTok Shop has made a return of a seller's refund; the refund itself is confirmed later."""
    draft = Draft(record, now)
    draft.finish(entry)
    draft.note(Event.TOLD, Source.TIKTOK_SHOP, told=entry.action, subject=entry.subject, return_id=return_id)
    wish = record.seller_refund(entry.subject)
    if wish is not None and wish.is_open:
        draft.keep_seller_refund(replace(wish, return_id=return_id))
        if wish.source is Source.CHANNELADVISOR:
            _spare_channeladvisor(draft, return_id)
        if (known := record.return_of(return_id)) is not None:
            see_started_refund(draft, known)
    return draft.change()


def decide_refund_refused(record: OrderRecord, entry: OutboxEntry, now: datetime, *, reason: str) -> Change | None:
    """TikTok Shop does not allow a seller's refund: the entry has failed, and its sender is told."""
    draft = Draft(record, now)
    draft.fail(entry, reason)
    draft.note(Event.FAILED, Source.TIKTOK_SHOP, told=entry.action, subject=entry.subject, reason=reason)
    wish = record.seller_refund(entry.subject)
    if wish is not None and wish.is_open:
        refuse_refund(draft, wish, reason)
    return draft.change()


def see_started_refund(draft: Draft, known: Return) -> None:
    """What became of a return that a seller's refund became."""
    for wish in draft.seller_refunds:
        if wish.return_id != known.id or not wish.is_open:
            continue
        if known.state is ReturnState.REFUNDED:
            done = replace(wish, state=SellerRefundState.ACCEPTED, confirm_by=None)
            draft.keep_seller_refund(done)
            draft.note(Event.SELLER_REFUND_ACCEPTED, Source.TIKTOK_SHOP, refund=wish.id, return_id=known.id)
            _tell_outcome(draft, done)
        elif not known.is_open:
            refuse_refund(draft, wish, f"TikTok Shop shows its return {known.id} as {known.state}")


def refuse_refund(draft: Draft, wish: SellerRefund, reason: str) -> None:
    """A seller's refund will not happen: its sender must know, for it may stand in its own books."""
    refused = replace(wish, state=SellerRefundState.REFUSED, detail=reason, confirm_by=None, unconfirmed=False)
    draft.keep_seller_refund(refused)
    draft.note(Event.SELLER_REFUND_REFUSED, Source.ORDER_SYNC, refund=wish.id, reason=reason)
    _tell_outcome(draft, refused)


def _spare_channeladvisor(draft: Draft, return_id: ReturnId) -> None:
    """Its own refund may have been confirmed before it was known to be its own."""
    for entry in draft.outbox:
        if entry.action is Action.REFUND_LINES and entry.subject == return_id and entry.is_untold:
            draft.drop(entry, "it was refunded there first")


def _telling_of(draft: Draft, wish: SellerRefund) -> OutboxEntry | None:
    wanted = (Action.REFUND_AS_SELLER, wish.id)
    return next((entry for entry in draft.outbox if (entry.action, entry.subject) == wanted), None)


def _tell_outcome(draft: Draft, wish: SellerRefund) -> None:
    """The OMS is told what became of it; ChannelAdvisor cannot be, so that people are told of a refusal there."""
    order = draft.order
    if wish.source is Source.OMS:
        action = Action.SETTLE_SELLER_REFUND
        draft.queue(tell(Target.OMS, action, order.shop, order.id, now=draft.now, subject=wish.id))
    elif wish.state is SellerRefundState.REFUSED:
        notify(draft, wish.id, "refund-refused")
