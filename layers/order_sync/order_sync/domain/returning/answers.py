"""The seller's answer to what TikTok Shop asks about a return: given once for each question, by whoever is first."""

from dataclasses import replace
from datetime import datetime

from order_sync.domain.answering.answers import Answer, Decider, DecisionProblem, UnusableDecisionError, source_of
from order_sync.domain.answering.times import confirmed_by
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import ReturnId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.questions import TELLINGS, keep, named, tell_others
from order_sync.domain.returning.returns import GivenAnswer, Question, Return
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing


def decide_return_answer(
    record: OrderRecord,
    return_id: ReturnId,
    question: Question,
    answer: Answer,
    by: Decider,
    *,
    reject_reason: str = "",
    decision: str = "",
    decided_at: datetime | None = None,
    timing: Timing,
    now: datetime,
) -> Change | None:
    """The OMS or a person answers. The first answer holds; the same one again changes nothing.

    `reject_reason` is TikTok's name of a reason; without one TikTok's first is taken when it is told. `decision` is
    the sender's own id, by which one that comes twice is known also after TikTok Shop did not take it.
    Raises UnusableDecisionError for a return that is unknown, not ours, ended, not asked about, or answered otherwise.
    """
    known = record.return_of(return_id)
    if known is None:
        raise UnusableDecisionError(
            DecisionProblem.RETURN_UNKNOWN, f"order {record.order.id} has no return {return_id}"
        )
    if record.order.handling is not Handling.OURS:
        raise UnusableDecisionError(
            DecisionProblem.RETURN_UNKNOWN,
            f"order {record.order.id} is not ours to answer for: {record.order.handling_reason}",
        )
    if _was_given_before(known, question, answer, decided_at) or (decision and decision in known.decisions):
        return None
    if not known.is_open:
        raise UnusableDecisionError(DecisionProblem.RETURN_CLOSED, f"return {return_id} has ended: {known.state}")
    if known.question is not question:
        asked = f"it waits for an answer to {known.question}" if known.question else "it waits for no answer"
        raise UnusableDecisionError(DecisionProblem.NOT_ASKED, f"return {return_id}: {asked}, not to {question}")
    if known.answer is answer:
        return None
    if known.answer is not None:
        raise UnusableDecisionError(
            DecisionProblem.DECIDED_ALREADY, f"return {return_id} was answered {known.answer} by {known.answered_by}"
        )
    if known.respond_by is not None and known.respond_by <= now:
        raise UnusableDecisionError(DecisionProblem.RETURN_CLOSED, f"the time to answer return {return_id} is over")
    if decision:
        known = replace(known, decisions=(*known.decisions, decision))
    draft = Draft(record, now)
    give_answer(draft, known, answer, by, reject_reason=reject_reason, decided_at=decided_at, timing=timing)
    return draft.change()


def _was_given_before(known: Return, question: Question, answer: Answer, decided_at: datetime | None) -> bool:
    """Whether a decision comes again that has done its work. TikTok Shop may ask the same question twice."""
    if GivenAnswer(question, answer) not in known.given_before:
        return False
    return known.question is not question or (decided_at is not None and decided_at < known.asked_at)


def decide_answer_not_taken(
    record: OrderRecord, entry: OutboxEntry, now: datetime, *, reason: str, timing: Timing
) -> Change | None:
    """TikTok Shop takes no such answer and still waits: the question is open again, and whoever decides must know.

    A rule would only answer the same again, so that what it was not allowed is left to TikTok Shop.
    """
    draft = Draft(record, now)
    draft.withdraw(entry, reason)
    known = record.return_of(ReturnId(entry.subject))
    if known is None or named(known) != entry.revision:
        return draft.change()
    by_rule = known.answered_by is Decider.SHOP_RULE
    kept = keep(
        draft,
        replace(
            known,
            changes=known.changes + 1,
            answer=None,
            answer_problem=reason,
            reject_reason="",
            answered_by=None,
            answered_at=None,
            left_to_tiktok=by_rule,
            confirm_by=known.respond_by + timing.confirmation if by_rule and known.respond_by else None,
            unconfirmed=False,
        ),
    )
    draft.note(
        Event.RETURN_ANSWER_NOT_TAKEN,
        Source.TIKTOK_SHOP,
        return_id=known.id,
        question=known.question or "",
        answer=known.answer or "",
        reason=reason,
    )
    notify(draft, known.id, f"failed-{known.changes}")
    tell_others(draft, kept)
    return draft.change()


def give_answer(
    draft: Draft,
    known: Return,
    answer: Answer,
    by: Decider,
    *,
    reason: str = "",
    reject_reason: str = "",
    decided_at: datetime | None = None,
    timing: Timing,
) -> None:
    """Keep the answer for good and queue it for TikTok Shop."""
    kept = keep(
        draft,
        replace(
            known,
            changes=known.changes + 1,
            answer=answer,
            answer_problem="",
            left_to_tiktok=False,
            reject_reason=reject_reason,
            answered_by=by,
            answered_at=draft.now,
            confirm_by=confirmed_by(draft.now, known.respond_by, timing.confirmation),
        ),
    )
    draft.note(
        Event.RETURN_ANSWERED,
        source_of(by),
        happened_at=decided_at,
        return_id=known.id,
        question=known.question or "",
        answer=answer,
        by=by,
        reason=reason,
    )
    if by is not Decider.OMS:
        tell_others(draft, kept)
    order, action = draft.order, TELLINGS[answer]
    telling = tell(
        Target.TIKTOK_SHOP, action, order.shop, order.id, now=draft.now, subject=known.id, revision=named(known)
    )
    # The same answer may have been tried for another reason, which TikTok Shop did not take.
    draft.queue(telling, revive=True)
