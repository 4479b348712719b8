"""Telling the people who watch over a shop what waits in the outbox for them."""

from collections.abc import Callable, Mapping
from typing import Final

from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.cancelling.news import parcels_to_recover
from order_sync.domain.ids import CancelId, OrderId, ReturnId
from order_sync.domain.outbox import Action, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Return
from order_sync.domain.returning.told import note_for_people
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
    "reminder": "A cancel request waits for an answer",
    "recovery": "A cancelled order has left: get the parcel back",
}
_OF_RETURNS: Final[Mapping[str, str]] = {
    "asked": "A return waits for an answer",
    "reminder": "A return waits for an answer",
    "unconfirmed": "TikTok Shop does not confirm an answer or a refund",
    "failed": "TikTok Shop does not take an answer",
    "arbitration": "A return is in arbitration",
    "refund-late": "TikTok Shop does not confirm a refund",
    "refund-refused": "TikTok Shop does not allow a refund",
}


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
    known, refund = record.return_of(ReturnId(entry.subject)), record.seller_refund(entry.subject)
    if known is not None or refund is not None:
        lines += _about_return(record, known) if known else []
        lines += [f"Refund {refund.id}: {refund.state}. {refund.detail}"] if refund else []
        return _subject(_OF_RETURNS, entry.revision), "\n".join(lines)
    request = record.cancellation(CancelId(entry.subject))
    lines += _about_request(request) if request else []
    wish = record.seller_cancellation(entry.subject)
    lines += [f"Cancellation {wish.id}: {wish.state}. {wish.detail}"] if wish else []
    if entry.revision.startswith("recovery"):
        labels = [parcel.newest_label for parcel in parcels_to_recover(record)]
        lines += [f"Parcel {label.tracking_number} by {label.carrier}" for label in labels]
    kind = "tracking-due" if request is not None and request.rejected_by_shipping else entry.revision
    return _subject(_SUBJECTS, kind), "\n".join(lines)


def _subject(subjects: Mapping[str, str], revision: str) -> str:
    """By the longest beginning of an entry's revision that is a kind of news."""
    kinds = [kind for kind in subjects if revision == kind or revision.startswith(f"{kind}-")]
    return subjects[max(kinds, key=len)] if kinds else f"News about an order: {revision}"


def _about_request(request: Cancellation) -> list[str]:
    lines = [f"Cancel request {request.id}: lines {' '.join(request.line_ids)}, reason {request.reason}"]
    if request.is_open and request.respond_by and request.answer_until:
        lines.append(
            f"Answer until {request.answer_until.isoformat()}; TikTok Shop waits until {request.respond_by.isoformat()}"
        )
    if request.answer:
        lines.append(f"Answered {request.answer} by {request.answered_by}: {request.answer_reason}")
    if request.outcome:
        lines.append(f"It is closed by now: {request.outcome}")
    return lines


def _about_return(record: OrderRecord, known: Return) -> list[str]:
    lines = [f"Return {known.id}: {note_for_people(known, record)}", f"Reason {known.reason}"]
    if known.is_asked and known.respond_by and known.answer_until:
        lines.append(
            f"Asked: {known.question}. Answer until {known.answer_until.isoformat()}; TikTok Shop waits until "
            f"{known.respond_by.isoformat()}"
        )
    if known.answer:
        lines.append(f"Answered {known.answer} by {known.answered_by}")
    if known.answer_problem:
        lines.append(f"The last answer was not taken: {known.answer_problem}")
    if known.refund_due and known.is_open:
        lines.append(f"The refund was due at {known.refund_due.isoformat()}")
    return lines
