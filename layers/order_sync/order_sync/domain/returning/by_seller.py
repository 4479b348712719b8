"""A refund that the seller starts, in the OMS or in ChannelAdvisor: TikTok Shop carries it out, or refuses it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from order_sync.domain.answering.answers import Answer, decider_of
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.money import Money, add_up
from order_sync.domain.orders import Handling, Line, LineState, Source
from order_sync.domain.outbox import Action, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import give_answer
from order_sync.domain.returning.booked_by_hand import book_by_hand
from order_sync.domain.returning.questions import REFUND_COMES_WITHIN
from order_sync.domain.returning.refunds import REFUND_GRANTED, refunded_lines
from order_sync.domain.returning.returns import (
    Question,
    ReportedRefund,
    Return,
    SellerRefund,
    SellerRefundState,
)
from order_sync.domain.returning.statuses import ReturnState
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_REFUND_BY_ANSWER: Final = frozenset({Question.REFUND, Question.RECEIVE_PACKAGE})
"""Questions whose approval is a refund."""


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
        parts=report.parts,
        confirm_by=draft.now + REFUND_COMES_WITHIN,
    )
    draft.note(
        Event.SELLER_REFUND_REPORTED,
        report.source,
        happened_at=report.requested_at,
        refund=report.id,
        lines=" ".join(report.line_ids) or " ".join(f"{quantity}x{sku}" for sku, quantity in report.units),
        amount=str(report.amount or ""),
        parts=" ".join(report.parts),
    )
    if book_by_hand(draft, report, wish):
        return
    try:
        lines = _lines_of(draft, report)
        _check_amount(draft, report.amount)
        wish = replace(wish, line_ids=tuple(line.id for line in lines))
        asking = _return_about(draft, wish)
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
            _refuse_refunded(known, wish)
            asking = _return_about(draft, wish)
        except RejectedError as error:
            draft.drop(telling, str(error))
            refuse_refund(draft, wish, str(error))
            continue
        if asking is not None:
            draft.drop(telling, f"the buyer's return {asking.id} is answered instead")
            draft.keep_seller_refund(replace(wish, return_id=asking.id))
    agree_with_return(draft, known, timing)


def agree_with_return(draft: Draft, known: Return, timing: Timing) -> None:
    """The buyer asked for what the seller refunds: it is granted, since TikTok Shop takes no second request."""
    wish = next((each for each in draft.seller_refunds if each.return_id == known.id and each.is_open), None)
    if wish is None or known.question not in _REFUND_BY_ANSWER or known.answer is not None:
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


def _lines_of(draft: Draft, report: ReportedRefund) -> list[Line]:
    """The units that a seller means. Raises RejectedError when they cannot be refunded."""
    order = draft.order
    if order.handling is not Handling.OURS:
        raise RejectedError(f"the order is not ours to refund: {order.handling_reason}")
    taken = refunded_lines(draft.record) | _wished(draft.seller_refunds)
    free = [line for line in order.lines if line.state is LineState.SHIPPED and line.id not in taken]
    if report.line_ids:
        return _named_lines(order.lines, report.line_ids, taken)
    if report.units:
        return _units(free, report.units)
    if not free:
        raise RejectedError("nothing of the order is shipped and not refunded yet")
    return free


def _named_lines(lines: Iterable[Line], wanted: tuple[LineId, ...], taken: frozenset[LineId]) -> list[Line]:
    known = {line.id: line for line in lines}
    named = []
    for line_id in dict.fromkeys(wanted):
        line = known.get(line_id)
        if line is None:
            raise RejectedError(f"the order has no line {line_id}")
        if line.state is LineState.CANCELED:
            raise RejectedError(f"line {line_id} is cancelled, and its money went back with that")
        if line.state is not LineState.SHIPPED:
            raise RejectedError(f"line {line_id} is not shipped: cancel it instead")
        if line_id in taken:
            raise RejectedError(f"line {line_id} is refunded already, or is being refunded")
        named.append(line)
    return named


def _units(free: list[Line], units: tuple[tuple[str, int], ...]) -> list[Line]:
    wanted = Counter[str]()
    for sku, quantity in units:
        wanted[sku] += quantity
    chosen = []
    for sku, quantity in wanted.items():
        of_sku = [line for line in free if line.sku == sku]
        if quantity < 1 or len(of_sku) < quantity:
            raise RejectedError(
                f"{quantity} units of {sku!r} are to be refunded, but {len(of_sku)} are shipped and not refunded yet"
            )
        chosen += of_sku[:quantity]
    return chosen


def _wished(wishes: Iterable[SellerRefund]) -> frozenset[LineId]:
    return frozenset(line for wish in wishes if wish.is_open for line in wish.line_ids)


def _check_amount(draft: Draft, amount: Money | None) -> None:
    """Raises RejectedError for nothing, another currency, or more than was paid and not refunded yet."""
    paid = draft.order.paid
    if amount is None:
        return
    if amount.amount <= 0:
        raise RejectedError(f"{amount} is nothing to refund")
    if paid is None:
        return
    if amount.currency != paid.currency:
        raise RejectedError(f"{amount} is in another currency than the order, which was paid in {paid.currency}")
    granted = [each for each in draft.returns if each.state in REFUND_GRANTED]
    on_the_way = [
        wish.amount for wish in draft.seller_refunds if wish.is_open and wish.return_id not in {e.id for e in granted}
    ]
    gone = add_up(money for money in (*on_the_way, *(each.money for each in granted)) if money)
    left = paid.amount - (gone.amount if gone else Decimal(0))
    if amount.amount > left:
        raise RejectedError(f"{amount} is more than the {left} {paid.currency} that were paid and not refunded yet")


def _refuse_refunded(known: Return, wish: SellerRefund) -> None:
    """Raises RejectedError where a return gives the buyer the money back for these units."""
    again = [line for line in wish.line_ids if line in known.line_ids]
    if known.state in REFUND_GRANTED and again:
        raise RejectedError(f"line {', '.join(again)} is refunded already, or is being refunded")


def _return_about(draft: Draft, wish: SellerRefund) -> Return | None:
    """The buyer's open return about these units, where its approval is just this refund.

    Raises RejectedError for another open return about them: TikTok Shop takes no second one.
    """
    for known in draft.returns:
        if not known.is_open or not set(known.line_ids).intersection(wish.line_ids):
            continue
        same_lines = set(known.line_ids) == set(wish.line_ids)
        same_money = wish.amount is None or known.money is None or wish.amount == known.money
        if same_lines and same_money and known.question in _REFUND_BY_ANSWER and known.answer is not Answer.REJECT:
            return known
        raise RejectedError(f"the buyer's return {known.id} about these units is open: answer that one")
    return None
