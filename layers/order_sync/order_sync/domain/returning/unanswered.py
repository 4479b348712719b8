"""What is due about returns: reminders, the shop's rule, answers and refunds that TikTok Shop does not confirm."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.answering.times import is_waited_for, reminder_due, reminders, rule_is_due
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import ReturnId
from order_sync.domain.orders import Source
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import give_answer
from order_sync.domain.returning.questions import keep, named
from order_sync.domain.returning.returns import Return
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

LATEST: Final = datetime.max.replace(tzinfo=UTC)


def rule_speaks(known: Return, now: datetime, early: Collection[ReturnId], *, oms_until: datetime = LATEST) -> bool:
    """Whether the shop's rule answers now: at the end of the wait, or early; never once somebody has spoken.

    It waits for an OMS that cannot be asked while there is time until then.
    """
    is_due = rule_is_due(known, now) or (known.id in early and is_waited_for(known))
    return is_due and (known.respond_by is None or known.respond_by <= oms_until)


def decide_due_returns(
    record: OrderRecord,
    shop: ShopSettings,
    timing: Timing,
    now: datetime,
    *,
    early: Collection[ReturnId] = (),
    oms_until: datetime = LATEST,
) -> Change | None:
    """What the passing of time brings for an order's returns and for refunds that the seller started.

    `early` are returns that nobody would look at again in time, so that the rule holds for them now.

    `oms_until` is the next sweep while the OMS cannot be asked: questions that end later can wait for it.
    """
    draft = Draft(record, now)
    for known in record.returns:
        if rule_speaks(known, now, early, oms_until=oms_until):
            _apply_rule(draft, known, shop, timing)
        elif known.next_due is not None and known.next_due <= now:
            _remind(draft, known)
            _miss_confirmation(draft, known)
            _miss_refund(draft, known)
    _miss_seller_refunds(draft)
    return draft.change()


def _apply_rule(draft: Draft, known: Return, shop: ShopSettings, timing: Timing) -> None:
    rule = shop.returns.without_answer
    if rule == "approve":
        reason = f"nobody answered; the shop's rule is {rule}"
        give_answer(draft, known, Answer.APPROVE, Decider.SHOP_RULE, reason=reason, timing=timing)
        return
    confirm_by = known.respond_by + timing.confirmation if known.respond_by else None
    keep(draft, replace(known, left_to_tiktok=True, confirm_by=confirm_by))
    draft.note(
        Event.RETURN_LEFT_TO_TIKTOK, Source.ORDER_SYNC, return_id=known.id, question=known.question or "", rule=rule
    )


def _remind(draft: Draft, known: Return) -> None:
    over = reminder_due(known, draft.now) if known.is_asked else 0
    if not over:
        return
    keep(draft, replace(known, reminders=over))
    draft.note(
        Event.RETURN_REMINDER,
        Source.ORDER_SYNC,
        happened_at=reminders(known)[over - 1],
        return_id=known.id,
        question=known.question or "",
        number=str(over),
        respond_by=known.respond_by.isoformat() if known.respond_by else "",
    )
    notify(draft, known.id, f"reminder-{over}-{named(known)}")


def _miss_confirmation(draft: Draft, known: Return) -> None:
    """TikTok Shop was told an answer, or should have been, or should have decided by itself, and does not show it."""
    current = draft.record.return_of(known.id) or known
    due = current.confirm_by
    if not current.is_asked or current.unconfirmed or due is None or due > draft.now:
        return
    keep(draft, replace(current, unconfirmed=True))
    draft.note(
        Event.RETURN_ANSWER_UNCONFIRMED,
        Source.TIKTOK_SHOP,
        return_id=known.id,
        question=known.question or "",
        answer=known.answer or "",
    )
    notify(draft, known.id, f"unconfirmed-{named(known)}")


def _miss_refund(draft: Draft, known: Return) -> None:
    current = draft.record.return_of(known.id) or known
    if not current.is_open or current.refund_late or current.refund_due is None or current.refund_due > draft.now:
        return
    keep(draft, replace(current, refund_late=True))
    draft.note(Event.REFUND_LATE, Source.TIKTOK_SHOP, return_id=known.id, due=current.refund_due.isoformat())
    notify(draft, known.id, "refund-late")


def _miss_seller_refunds(draft: Draft) -> None:
    for wish in draft.seller_refunds:
        if not wish.is_open or wish.unconfirmed or wish.confirm_by is None or wish.confirm_by > draft.now:
            continue
        known = draft.record.return_of(wish.return_id) if wish.return_id else None
        if known is not None and known.refund_late:
            # The return has told it.
            draft.keep_seller_refund(replace(wish, confirm_by=None))
            continue
        draft.keep_seller_refund(replace(wish, unconfirmed=True))
        draft.note(Event.SELLER_REFUND_UNCONFIRMED, Source.TIKTOK_SHOP, refund=wish.id)
        notify(draft, wish.id, "unconfirmed")
