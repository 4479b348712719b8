"""Whether somebody, or something, will come back to an order that is not at its end (DESIGN 8, 9)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from order_sync.domain.outbox import EntryState
from order_sync.domain.records import OrderRecord


def stuck(record: OrderRecord, now: datetime, patience: timedelta) -> Iterator[str]:
    """What has been due for longer than `patience`, and what waits for nothing that is still to come."""
    order, overdue = record.order, now - patience
    if order.release_due is not None and order.release_due < overdue:
        yield f"should have been looked at {now - order.release_due} ago, at the end of its hold"
    to_come = {entry.name for entry in record.outbox if not entry.has_ended}
    for entry in record.outbox:
        if entry.has_ended or entry.state is EntryState.FAILED:
            continue
        if entry.due_at is not None and entry.due_at < overdue:
            yield f"{entry.name} has been due for {now - entry.due_at}"
        elif entry.due_at is None and "#" in entry.waits_for and entry.waits_for not in to_come:
            yield f"{entry.name} waits for {entry.waits_for}, which is over or never was"
    for request in record.cancellations:
        if request.is_open and request.next_due is None:
            yield f"cancellation {request.id} is open, and nobody will look at it"
        elif request.next_due is not None and request.next_due < overdue:
            yield f"cancellation {request.id} has been due for {now - request.next_due}"
