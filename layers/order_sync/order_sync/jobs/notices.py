"""Telling the people who watch over a shop what waits in the outbox for them."""

from collections.abc import Callable, Mapping
from typing import Final

from order_sync.domain.cancelling.news import parcels_to_recover
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.telling import decide_told
from order_sync.jobs.run import ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, tell_outbox

type Publish = Callable[[str, str], None]
"""Sends a subject and a text. Raises RetriableError or RejectedError."""

_SUBJECTS: Final[Mapping[str, str]] = {
    "asked": "A buyer asks to cancel",
    "tracking-due": "A rejected cancel request needs a tracking number",
    "unconfirmed": "TikTok Shop does not confirm an answer",
    "refused": "TikTok Shop does not allow a cancellation",
    "failed": "TikTok Shop does not take an answer",
}
_REMINDER: Final = "A cancel request waits for an answer"
_RECOVERY: Final = "A cancelled order has left: get the parcel back"


def tell_people(run: ShopRun, publish: Publish, only: OrderId | None = None) -> None:
    """Publish what is due, of all orders or of one. After a lost answer of the topic people may read it twice."""

    def tell(task: Task) -> Decision:
        subject, text = notice(task.record, task.entry)
        publish(f"{subject}: order {task.record.order.id}", f"Shop {run.shop.name} ({run.shop.shop})\n{text}")
        return decide_told

    tell_outbox(run, Target.OPERATOR, {Action.NOTIFY: Telling(tell=tell)}, lambda _orders: {}, only=only)


def notice(record: OrderRecord, entry: OutboxEntry) -> tuple[str, str]:
    """Subject and text of one notice. No buyer data: the ledger holds none."""
    lines = [f"TikTok Shop order {record.order.id}"]
    if record.order.channeladvisor_id:
        lines.append(f"ChannelAdvisor order {record.order.channeladvisor_id}")
    request = next((each for each in record.cancellations if each.id == entry.subject), None)
    if request is not None:
        lines.append(f"Cancel request {request.id}: lines {' '.join(request.line_ids)}, reason {request.reason}")
        if request.is_open and request.respond_by and request.answer_until:
            lines.append(
                f"Answer until {request.answer_until.isoformat()}; TikTok Shop waits until "
                f"{request.respond_by.isoformat()}"
            )
        if request.answer:
            lines.append(f"Answered {request.answer} by {request.answered_by}: {request.answer_reason}")
        if request.outcome:
            lines.append(f"It is closed by now: {request.outcome}")
    wish = record.seller_cancellation(entry.subject)
    if wish is not None:
        lines.append(f"Cancellation {wish.id}: {wish.state}. {wish.detail}")
    kind = entry.revision
    if kind.startswith("recovery"):
        labels = [parcel.newest_label for parcel in parcels_to_recover(record)]
        lines += [f"Parcel {label.tracking_number} by {label.carrier}" for label in labels]
        return _RECOVERY, "\n".join(lines)
    if request is not None and request.rejected_by_shipping:
        kind = "tracking-due"
    if kind.startswith("tracking-due"):
        kind = "tracking-due"
    return _SUBJECTS.get(kind, _REMINDER), "\n".join(lines)
