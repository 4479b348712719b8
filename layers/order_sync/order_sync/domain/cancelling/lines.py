"""What TikTok Shop has cancelled is cancelled with us, and whoever must know is told; whatever showed it first."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from order_sync.domain.cancelling.news import tell_canceled_lines, tell_cancellation
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import LineId
from order_sync.domain.orders import LineState, Source, lines_in_state
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event


def cancel_order(draft: Draft, *, canceled_by: str, happened_at: datetime) -> None:
    """The whole order is cancelled; `canceled_by` is TikTok's own word for who did it."""
    if draft.order.state is OrderState.CANCELED or not draft.move_to(OrderState.CANCELED):
        return
    lines = [line.id for line in draft.order.lines]
    draft.set(
        lines=lines_in_state(draft.order.lines, lines, LineState.CANCELED),
        release_due=None,
        canceled_by=canceled_by,
    )
    if draft.deadlines:
        draft.keep_deadlines(replace(draft.deadlines, canceled_at=happened_at, look_at=None))
    draft.note(Event.CANCELED, Source.TIKTOK_SHOP, happened_at=happened_at, initiator=canceled_by)
    tell_cancellation(draft)


def cancel_lines(draft: Draft, lines: Collection[LineId]) -> None:
    """Single units are cancelled, and the order goes on."""
    fresh = [line.id for line in draft.order.lines if line.id in lines and line.state is not LineState.CANCELED]
    if not fresh:
        return
    draft.set(lines=lines_in_state(draft.order.lines, fresh, LineState.CANCELED))
    draft.note(Event.LINES_CANCELED, Source.TIKTOK_SHOP, lines=" ".join(fresh))
    tell_canceled_lines(draft, fresh)
