"""What is not told while a cancellation is open (OP C14, C16)."""

from datetime import datetime

from order_sync.domain.answering.answers import Answer
from order_sync.domain.ids import ParcelId
from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.records import OrderRecord


def why_creation_waits(record: OrderRecord, _entry: OutboxEntry, _next_try: datetime) -> str:
    """Why an order is not handed over now; empty when nothing speaks against it."""
    if record.order.cancel_requested or record.open_request is not None:
        return "the buyer has asked to cancel"
    if any(wish.is_open for wish in record.seller_cancellations):
        return "the seller is cancelling"
    return ""


def why_parcel_waits(record: OrderRecord, entry: OutboxEntry, next_try: datetime) -> str:
    """Why TikTok Shop is not told of a parcel now; empty when nothing speaks against it.

    A parcel with requested lines is itself the answer to the request. One with other lines waits until it is
    rejected or closed, since TikTok might take it for a rejection (TT 4.3); but no longer than its own deadline
    allows: a deadline before `next_try` is too near to wait.
    """
    request, parcel = record.open_request, record.parcel(ParcelId(entry.subject))
    if request is None or request.answer is Answer.REJECT or parcel is None or request.meets(parcel.line_ids):
        return ""
    in_time = record.dispatch_by is None or next_try < record.dispatch_by
    return "the buyer has asked to cancel other lines" if in_time else ""
