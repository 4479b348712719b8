"""Who cancelled something and why, and which cancellation an outbox entry is about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from order_sync.domain.cancelling.cancellations import Cancellation, Initiator, SellerCancellation, SellerCancelState
from order_sync.domain.ids import CancelId, LineId
from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.records import OrderRecord

_NAMED_ON_ORDER = {"BUYER": Initiator.BUYER, "SELLER": Initiator.SELLER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who cancelled, TikTok's machine key for why, and when; as far as it is known."""

    initiator: Initiator
    reason: str = ""
    at: datetime | None = None


def origin_of(record: OrderRecord, lines: Collection[LineId]) -> Origin:
    """The newest cancellation that took one of these lines; else the seller who asked for it, or whom TikTok names."""
    granted = [each for each in record.cancellations if each.cancels and each.meets(lines)]
    if granted:
        newest = max(granted, key=lambda each: each.updated_at)
        return Origin(initiator=newest.initiator, reason=newest.reason, at=newest.closed_at)
    for wish in record.seller_cancellations:
        if wish.state is not SellerCancelState.REFUSED and any(line in lines for line in wish.line_ids):
            return Origin(initiator=Initiator.SELLER, reason=wish.reason)
    return Origin(initiator=_NAMED_ON_ORDER.get(record.order.canceled_by, Initiator.PLATFORM))


def cancellation_of(entry: OutboxEntry, record: OrderRecord) -> Cancellation:
    """The cancellation at TikTok Shop that an entry is about. Raises LookupError when the ledger has none."""
    found = record.cancellation(CancelId(entry.subject))
    if found is None:
        raise LookupError(f"order {entry.order} has no cancellation {entry.subject}")
    return found


def seller_cancellation_of(entry: OutboxEntry, record: OrderRecord) -> SellerCancellation:
    """The seller's cancellation that an entry is about. Raises LookupError when the ledger has none."""
    found = record.seller_cancellation(entry.subject)
    if found is None:
        raise LookupError(f"order {entry.order} has no seller's cancellation {entry.subject}")
    return found
