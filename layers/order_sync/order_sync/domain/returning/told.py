"""What partners are told about a return: which one an entry is about, in words for people, and in parts for books."""

from decimal import Decimal

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ReturnId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.refunds import Parts, refund_by_line
from order_sync.domain.returning.refunds_told import RefundedUnits, RefundInChannelAdvisor
from order_sync.domain.returning.returns import BY_HAND, Return, SellerRefund, SellerRefundState
from order_sync.domain.returning.statuses import RETURN_WORDS, ReturnKind

_KINDS = {
    ReturnKind.REFUND: "refund only",
    ReturnKind.RETURN_AND_REFUND: "return and refund",
    ReturnKind.REPLACEMENT: "replacement",
    ReturnKind.EXCHANGE: "exchange",
    ReturnKind.OTHER: "of an unknown kind",
}


def return_of(entry: OutboxEntry, record: OrderRecord) -> Return:
    """The return that an entry is about. Raises LookupError when the ledger has none."""
    found = record.return_of(ReturnId(entry.subject))
    if found is None:
        raise LookupError(f"order {entry.order} has no return {entry.subject}")
    return found


def seller_refund_of(entry: OutboxEntry, record: OrderRecord) -> SellerRefund:
    """The seller's refund that an entry is about. Raises LookupError when the ledger has none."""
    found = record.seller_refund(entry.subject)
    if found is None:
        raise LookupError(f"order {entry.order} has no seller's refund {entry.subject}")
    return found


def note_for_people(known: Return, record: OrderRecord) -> str:
    """One line on how a return stands, for a note on the order."""
    skus = [line.sku for line in record.order.lines if line.id in known.line_ids]
    parts = [
        f"{RETURN_WORDS[known.state]} ({_KINDS[known.kind]})",
        f"{len(skus)} of {', '.join(sorted(set(skus)))}",
    ]
    if money := known.money:
        fees = sum((each.fees for each in refund_by_line(known).values()), Decimal(0))
        parts.append(f"refund {money}" + (f" with {fees} of fees that no item bears" if fees else ""))
    if known.is_asked and known.answer is None and known.answer_until and known.question:
        parts.append(f"waits for an answer ({known.question.lower()}) until {known.answer_until:%Y-%m-%d %H:%M} UTC")
    if known.tracking_number:
        parts.append(f"comes back as {known.tracking_number}")
    return ", ".join(parts)


def refund_in_channeladvisor(known: Return, record: OrderRecord) -> RefundInChannelAdvisor:
    """A refund by SKU, with the amounts that TikTok Shop gives. Raises RejectedError while it gives none."""
    by_line = refund_by_line(known)
    if not by_line:
        raise RejectedError(f"TikTok Shop shows no amounts for return {known.id}")
    skus: dict[str, list[Parts]] = {}
    for line in record.order.lines:
        if line.id in by_line:
            skus.setdefault(line.sku, []).append(by_line[line.id])
    return RefundInChannelAdvisor(
        return_id=known.id,
        reason_is_return=known.kind is not ReturnKind.REFUND,
        units=tuple(
            RefundedUnits(
                sku=sku,
                units=len(parts),
                goods=sum((each.goods for each in parts), Decimal(0)),
                shipping=sum((each.shipping for each in parts), Decimal(0)),
                tax=sum((each.tax for each in parts), Decimal(0)),
            )
            for sku, parts in skus.items()
        ),
        confirmed=frozenset(
            wish.id.removeprefix(BY_HAND)
            for wish in record.seller_refunds
            if wish.source is Source.CHANNELADVISOR
            and wish.state is SellerRefundState.ACCEPTED
            and wish.return_id != known.id
        ),
    )
