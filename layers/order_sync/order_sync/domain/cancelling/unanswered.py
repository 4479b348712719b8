"""What is due about cancellations: reminders, the shop's rule, and confirmations that are missing (C15)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.answering.times import is_waited_for, reminder_due, reminders, rule_is_due
from order_sync.domain.cancelling.answers import give_answer, keep
from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import CancelId, LineId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing


def rule_answer(shop: ShopSettings, request: Cancellation, packed: Collection[LineId]) -> Answer | None:
    """What the shop's rule answers when nobody did; None leaves it to TikTok Shop, which approves."""
    match shop.cancellations.without_answer:
        case "approve":
            return Answer.APPROVE
        case "reject_if_packed":
            return Answer.REJECT if request.meets(packed) else Answer.APPROVE
        case "leave_to_tiktok":
            return None


def rule_speaks(request: Cancellation, now: datetime, early: Collection[CancelId]) -> bool:
    """Whether the rule answers a request now: at the end of the wait, or early; never once somebody has spoken."""
    return rule_is_due(request, now) or (request.id in early and is_waited_for(request))


def decide_due(
    record: OrderRecord,
    shop: ShopSettings,
    timing: Timing,
    now: datetime,
    *,
    packed: Collection[LineId] | None = (),
    early: Collection[CancelId] = (),
) -> Change | None:
    """What the passing of time brings for an order's cancellations.

    `early` are requests that nobody would look at again in time, so that the rule holds for them now.

    `packed` are the lines that the OMS has packed or shipped, None while it could not be asked: then the rule
    waits, and the caller decides for how long.
    """
    draft = Draft(record, now)
    for request in record.cancellations:
        if rule_speaks(request, now, early):
            if packed is not None:
                _apply_rule(draft, request, shop, timing, packed)
        elif request.next_due is not None and request.next_due <= now:
            _remind(draft, request)
            _miss_confirmation(draft, request)
    _miss_seller_confirmations(draft)
    return draft.change()


def _apply_rule(
    draft: Draft, request: Cancellation, shop: ShopSettings, timing: Timing, packed: Collection[LineId]
) -> None:
    left = {line.id for line in draft.order.lines if line.state in (LineState.IN_PARCEL, LineState.SHIPPED)}
    answer = rule_answer(shop, request, {*packed, *left})
    if answer is None:
        confirm_by = request.respond_by + timing.confirmation if request.respond_by else None
        keep(draft, replace(request, left_to_tiktok=True, confirm_by=confirm_by))
        draft.note(
            Event.CANCEL_REQUEST_LEFT_TO_TIKTOK,
            Source.ORDER_SYNC,
            cancel_request=request.id,
            rule=shop.cancellations.without_answer,
        )
        return
    reason = f"nobody answered; the shop's rule is {shop.cancellations.without_answer}"
    give_answer(draft, request, answer, Decider.SHOP_RULE, reason=reason, timing=timing)


def _remind(draft: Draft, request: Cancellation) -> None:
    over = reminder_due(request, draft.now)
    if not over:
        return
    keep(draft, replace(request, reminders=over))
    draft.note(
        Event.CANCEL_REQUEST_REMINDER,
        Source.ORDER_SYNC,
        happened_at=reminders(request)[over - 1],
        cancel_request=request.id,
        number=str(over),
        respond_by=request.respond_by.isoformat() if request.respond_by else "",
    )
    notify(draft, request.id, f"reminder-{over}")


def _miss_confirmation(draft: Draft, request: Cancellation) -> None:
    """TikTok Shop was told an answer, or should have been, and does not show it."""
    overdue = request.confirm_by is not None and request.confirm_by <= draft.now
    if not overdue or request.unconfirmed or request.rejected_by_shipping:
        return
    keep(draft, replace(request, unconfirmed=True))
    draft.note(
        Event.CANCEL_ANSWER_UNCONFIRMED, Source.TIKTOK_SHOP, cancel_request=request.id, answer=request.answer or ""
    )
    notify(draft, request.id, "unconfirmed")


def _miss_seller_confirmations(draft: Draft) -> None:
    for wish in draft.seller_cancellations:
        if not wish.is_open or wish.unconfirmed or wish.confirm_by is None or wish.confirm_by > draft.now:
            continue
        draft.keep_seller_cancellation(replace(wish, unconfirmed=True))
        draft.note(Event.SELLER_CANCELLATION_UNCONFIRMED, Source.TIKTOK_SHOP, cancellation=wish.id)
