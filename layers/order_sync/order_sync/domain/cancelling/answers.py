"""The seller's answer to a buyer's request to cancel: given once, by whoever is first (G10, G11, OP C16, C19)."""

from dataclasses import replace
from datetime import datetime

from order_sync.domain.answering.answers import Answer, Decider, DecisionProblem, UnusableDecisionError, source_of
from order_sync.domain.answering.times import confirmed_by, next_look, reminders_over
from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import CancelId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_TELLINGS = {Answer.APPROVE: Action.APPROVE_CANCEL_REQUEST, Answer.REJECT: Action.REJECT_CANCEL_REQUEST}


def decide_answer(
    record: OrderRecord,
    cancel: CancelId,
    answer: Answer,
    by: Decider,
    *,
    decided_at: datetime | None = None,
    timing: Timing,
    now: datetime,
) -> Change | None:
    """The OMS or a person answers a request. The first answer holds; the same one again changes nothing.

    Their own words for why are not kept: people write names into them.

    Raises UnusableDecisionError for a request that is unknown, not ours, closed, or answered otherwise.
    """
    request = record.cancellation(cancel)
    if request is None or not request.is_request:
        raise UnusableDecisionError(
            DecisionProblem.CANCEL_REQUEST_UNKNOWN, f"order {record.order.id} has no cancel request {cancel}"
        )
    if record.order.handling is not Handling.OURS:
        raise UnusableDecisionError(
            DecisionProblem.CANCEL_REQUEST_UNKNOWN,
            f"order {record.order.id} is not ours to answer for: {record.order.handling_reason}",
        )
    if request.answer is answer:
        return None
    if request.answer is not None:
        raise UnusableDecisionError(
            DecisionProblem.DECIDED_ALREADY,
            f"cancel request {cancel} was answered {request.answer} by {request.answered_by}",
        )
    if not request.is_open:
        raise UnusableDecisionError(
            DecisionProblem.CANCEL_REQUEST_CLOSED, f"cancel request {cancel} is closed: {request.outcome}"
        )
    if time_is_over(request, now):
        raise UnusableDecisionError(
            DecisionProblem.CANCEL_REQUEST_CLOSED, f"the time to answer cancel request {cancel} is over"
        )
    draft = Draft(record, now)
    give_answer(draft, request, answer, by, reason="", decided_at=decided_at, timing=timing)
    return draft.change()


def time_is_over(request: Cancellation, now: datetime) -> bool:
    """Whether TikTok Shop has decided by itself, though it may not have been seen yet."""
    return request.respond_by is not None and request.respond_by <= now


def give_answer(
    draft: Draft,
    request: Cancellation,
    answer: Answer,
    by: Decider,
    *,
    reason: str,
    decided_at: datetime | None = None,
    timing: Timing,
) -> None:
    """Keep the answer for good and queue it for TikTok Shop."""
    keep(
        draft,
        replace(
            request,
            answer=answer,
            answered_by=by,
            answered_at=draft.now,
            answer_reason=reason,
            left_to_tiktok=False,
            unconfirmed=False,
            confirm_by=confirmed_by(draft.now, request.respond_by, timing.confirmation),
        ),
    )
    draft.note(
        Event.CANCEL_REQUEST_ANSWERED,
        source_of(by),
        happened_at=decided_at,
        cancel_request=request.id,
        answer=answer,
        by=by,
        reason=reason,
    )
    order = draft.order
    draft.queue(tell(Target.TIKTOK_SHOP, _TELLINGS[answer], order.shop, order.id, now=draft.now, subject=request.id))


def keep(draft: Draft, request: Cancellation) -> Cancellation:
    """Keep a request with the moment at which it is looked at next."""
    kept = replace(request, next_due=next_look(request))
    draft.keep_cancellation(kept)
    return kept


def telling_of(record: OrderRecord, request: Cancellation) -> OutboxEntry | None:
    """What tells TikTok Shop the answer to a request."""
    return told_by(record, request.id, request.answer) if request.answer else None


def told_by(record: OrderRecord, cancel: CancelId, answer: Answer) -> OutboxEntry | None:
    """The entry that tells TikTok Shop this answer to a request."""
    wanted = (Target.TIKTOK_SHOP, _TELLINGS[answer], cancel)
    return next((e for e in record.outbox if (e.target, e.action, e.subject) == wanted), None)


def decide_reject_not_offered(record: OrderRecord, entry: OutboxEntry, now: datetime) -> Change | None:
    """TikTok Shop takes no rejection from this shop: only a parcel rejects, and it must come before the deadline."""
    draft = Draft(record, now)
    request = record.cancellation(CancelId(entry.subject))
    draft.drop(entry, "TikTok Shop offers no rejection: a parcel is the rejection")
    if request is not None and request.is_open and request.respond_by is not None:
        over = reminders_over(request, now)
        keep(draft, replace(request, rejected_by_shipping=True, reminders=over))
        draft.note(
            Event.TRACKING_DUE_FOR_REJECTION,
            Source.TIKTOK_SHOP,
            cancel_request=request.id,
            due=request.respond_by.isoformat(),
        )
        notify(draft, request.id, "tracking-due")
    return draft.change()
