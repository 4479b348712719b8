"""What an order's buyer asks for, and what its seller wants: cancellations, returns and refunds, for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from order_sync.domain.answering.times import is_waited_for
from order_sync.domain.cancelling.cancellations import Cancellation, SellerCancellation
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Return, SellerRefund
from order_sync.domain.returning.statuses import RETURN_WORDS
from order_sync.domain.shop import ShopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedView:
    """A cancellation, a return or a refund."""

    kind: str
    id: str
    words: str
    lines: tuple[str, ...]
    is_open: bool
    requested_at: datetime
    answer_until: datetime | None
    """Until then an answer of the seller's is waited for; None when none is."""
    tiktok_decides_at: datetime | None
    """When TikTok Shop decides by itself."""
    command: str
    """What a person types to answer; empty when no answer is waited for."""


def asked_of(record: OrderRecord, shop: ShopSettings) -> Iterator[AskedView]:
    """All that was asked about an order, the oldest first."""
    views = [
        *(_cancellation(each, shop) for each in record.cancellations),
        *(_by_seller(each) for each in record.seller_cancellations),
        *(_return(each, shop) for each in record.returns),
        *(_refund(each) for each in record.seller_refunds),
    ]
    yield from sorted(views, key=lambda view: view.requested_at)


def _cancellation(known: Cancellation, shop: ShopSettings) -> AskedView:
    waited_for = known.is_request and is_waited_for(known)
    return AskedView(
        kind="cancel request" if known.is_request else "cancellation",
        id=known.id,
        words=_cancellation_words(known, shop),
        lines=tuple(known.line_ids),
        is_open=known.is_open,
        requested_at=known.requested_at,
        answer_until=known.answer_until if waited_for else None,
        tiktok_decides_at=known.respond_by if known.is_open else None,
        command=f"order-sync decide {shop.shop} {known.id} approve|reject" if waited_for else "",
    )


def _cancellation_words(known: Cancellation, shop: ShopSettings) -> str:
    name = f"The buyer asks to cancel ({known.reason})" if known.is_request else f"Cancellation ({known.reason})"
    if known.outcome is not None:
        by = f" by {_lower(known.decided_by)}" if known.decided_by else ""
        return f"{name}: {_lower(known.outcome)}{by}."
    if known.rejected_by_shipping:
        return f"{name}: rejected, and TikTok Shop takes only a parcel as the rejection."
    if known.left_to_tiktok:
        return f"{name}: nobody answered in time, TikTok Shop decides by itself."
    if known.answer:
        so_far = ", which TikTok Shop does not show" if known.unconfirmed else ", TikTok Shop has to confirm it"
        return f"{name}: answered {_lower(known.answer)} by {_lower(known.answered_by or '')}{so_far}."
    return f"{name}: an answer is waited for, then the rule {shop.cancellations.without_answer} decides."


def _by_seller(known: SellerCancellation) -> AskedView:
    why = f": {known.detail}" if known.detail else ""
    late = ", which TikTok Shop does not show" if known.unconfirmed else ""
    return AskedView(
        kind="seller's cancellation",
        id=known.id,
        words=f"The seller cancels ({known.reason}): {_lower(known.state)}{why}{late}.",
        lines=tuple(known.line_ids),
        is_open=known.is_open,
        requested_at=known.requested_at,
        answer_until=None,
        tiktok_decides_at=None,
        command="",
    )


def _return(known: Return, shop: ShopSettings) -> AskedView:
    waited_for = is_waited_for(known)
    question = known.question.value if known.question else ""
    return AskedView(
        kind="return",
        id=known.id,
        words=_return_words(known, shop),
        lines=tuple(known.line_ids),
        is_open=known.is_open,
        requested_at=known.requested_at,
        answer_until=known.answer_until if waited_for else None,
        tiktok_decides_at=known.respond_by if known.is_asked else None,
        command=f"order-sync decide-return {shop.shop} {known.id} {question} approve|reject" if waited_for else "",
    )


def _return_words(known: Return, shop: ShopSettings) -> str:
    name = f"{_lower(known.kind).capitalize()} ({known.reason}), {RETURN_WORDS[known.state]}"
    back = f", coming back as {known.tracking_number}" if known.tracking_number else ""
    if known.refund_late:
        return f"{name}{back}: the refund is late."
    if is_waited_for(known) and known.question:
        rule = shop.returns.without_answer
        return f"{name}{back}: TikTok Shop asks {_lower(known.question)}, else the rule {rule} decides."
    if known.answer and known.is_asked:
        so_far = ", which TikTok Shop does not show" if known.unconfirmed else ", TikTok Shop has to confirm it"
        return f"{name}{back}: answered {_lower(known.answer)}{so_far}."
    return f"{name}{back}."


def _refund(known: SellerRefund) -> AskedView:
    why = f": {known.detail}" if known.detail else ""
    late = ", which TikTok Shop does not show" if known.unconfirmed else ""
    amount = f" {known.amount}" if known.amount else ""
    return AskedView(
        kind="seller's refund",
        id=known.id,
        words=f"The seller refunds{amount}: {_lower(known.state)}{why}{late}.",
        lines=tuple(known.line_ids),
        is_open=known.is_open,
        requested_at=known.requested_at,
        answer_until=None,
        tiktok_decides_at=None,
        command="",
    )


def _lower(text: str) -> str:
    return text.replace("_", " ").lower()
