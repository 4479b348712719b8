"""An order that another one replaces, or is exchanged for: each names the other on its timeline."""

from datetime import datetime

from order_sync.domain.drafts import Draft
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Source
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event


def decide_replaced(record: OrderRecord, by: OrderId, now: datetime) -> Change | None:
    """Another order stands for this one, or for a part of it; noted once."""
    if by in record.order.replaced_by:
        return None
    draft = Draft(record, now)
    draft.set(replaced_by=(*record.order.replaced_by, by))
    draft.note(Event.ORDER_REPLACED, Source.TIKTOK_SHOP, by=by)
    return draft.change()
