"""A person enters in ChannelAdvisor what TikTok Shop has refunded, since we could not yet: that is no new wish."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.returning.returns import ReportedRefund, Return, SellerRefund, SellerRefundState
from order_sync.domain.timeline import Event


def book_by_hand(draft: Draft, report: ReportedRefund, wish: SellerRefund) -> bool:
    """Whether a refund by hand is the booking of a return's, or a part of it; then it is kept as that.

    Only what is not booked of the return yet, and only after TikTok Shop has refunded it. Once nothing is left, what
    would have told ChannelAdvisor is withdrawn. Raises RejectedError where nobody knows what ChannelAdvisor has of it:
    then no money is sent after it.
    """
    if report.source is not Source.CHANNELADVISOR:
        return False
    for entry in draft.outbox:
        known = draft.record.return_of(ReturnId(entry.subject))
        if entry.action is not Action.REFUND_LINES or known is None:
            continue
        if known.refunded_at is None or report.requested_at < known.refunded_at:
            continue
        lines, money = _left(draft, known)
        booked = _booked_lines(draft, report, lines)
        if booked is None or _is_more(report.amount, money):
            continue
        if entry.state is EntryState.FAILED and entry.in_doubt:
            raise RejectedError(
                f"it may be what was left to book of return {known.id}; a refund of its own is made in Seller Center"
            )
        if not entry.is_untold:
            continue
        draft.keep_seller_refund(
            replace(wish, state=SellerRefundState.ACCEPTED, return_id=known.id, line_ids=booked, confirm_by=None)
        )
        draft.note(Event.SELLER_REFUND_ACCEPTED, Source.ORDER_SYNC, refund=wish.id, return_id=known.id)
        left_lines, left_money = _left(draft, known)
        by_units = report.amount is None or left_money is None
        if not left_lines if by_units else left_money == 0:
            draft.withdraw(entry, f"a person has booked it there, at last as {report.id}")
        return True
    return False


def _left(draft: Draft, known: Return) -> tuple[list[LineId], Decimal | None]:
    """What of a return's refund nobody has booked by hand: units, and money where TikTok Shop shows it."""
    bookings = [
        wish
        for wish in draft.seller_refunds
        if wish.source is Source.CHANNELADVISOR
        and wish.return_id == known.id
        and wish.state is SellerRefundState.ACCEPTED
    ]
    gone = {line for wish in bookings for line in wish.line_ids}
    money = known.money
    booked = sum((wish.amount.amount for wish in bookings if wish.amount), Decimal(0))
    return [line for line in known.line_ids if line not in gone], money.amount - booked if money else None


def _booked_lines(draft: Draft, report: ReportedRefund, left: list[LineId]) -> tuple[LineId, ...] | None:
    """The units that a booking is about; none for an amount alone, None for others than are left."""
    skus = {line.id: line.sku for line in draft.order.lines}
    wanted = Counter[str]()
    for sku, quantity in report.units:
        wanted[sku] += quantity
    chosen: list[LineId] = []
    for line in left:
        if wanted[skus[line]] > 0:
            wanted[skus[line]] -= 1
            chosen.append(line)
    return None if wanted.total() else tuple(chosen)


def _is_more(amount: Money | None, left: Decimal | None) -> bool:
    return amount is not None and left is not None and amount.amount > left
