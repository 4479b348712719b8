"""The question that TikTok Shop asks about a return: opened, moved, and closed by what TikTok Shop shows next."""

from dataclasses import replace
from datetime import datetime

from order_sync.domain.answering.answers import Answer, Decider, decider_of
from order_sync.domain.drafts import Draft
from order_sync.domain.orders import Source
from order_sync.domain.returning.questions import ask_people, deadline_of, telling_of, with_deadlines
from order_sync.domain.returning.returns import GivenAnswer, Return, ReturnFacts
from order_sync.domain.returning.statuses import RETURN_WORDS, ReturnState
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event

_GRANTED = frozenset(
    {
        ReturnState.WAITING_FOR_BUYER_TO_SHIP,
        ReturnState.RETURN_LABEL_GENERATED,
        ReturnState.BUYER_SHIPPED,
        ReturnState.RECEIVED,
        ReturnState.REFUND_ACCEPTED,
        ReturnState.REFUNDED,
        ReturnState.REPLACED,
    }
)


def see_question(draft: Draft, known: Return | None, current: Return, facts: ReturnFacts, shop: ShopSettings) -> Return:
    """The question that TikTok Shop asks now: a new one starts its own wait, a moved deadline moves the wait."""
    question = facts.question if current.is_open else None
    if known is not None and known.question is not None and question is not known.question:
        current = _close_question(draft, known, current)
    if question is None:
        return current
    if known is not None and question is known.question:
        respond_by = deadline_of(question, current.asked_at, facts.respond_by or current.respond_by, draft.now)
        return current if respond_by == current.respond_by else _moved(current, respond_by, shop)
    is_first = known is None and current.state is ReturnState.REQUEST_PENDING
    asked_at = facts.requested_at if is_first else facts.updated_at
    current = replace(current, question=question, asked_at=asked_at)
    current = with_deadlines(current, deadline_of(question, asked_at, facts.respond_by, draft.now), shop)
    draft.note(
        Event.RETURN_QUESTION_OPENED,
        Source.TIKTOK_SHOP,
        happened_at=asked_at,
        return_id=current.id,
        question=question,
        respond_by=current.respond_by.isoformat() if current.respond_by else "",
    )
    ask_people(draft, current)
    return current


def _moved(current: Return, respond_by: datetime, shop: ShopSettings) -> Return:
    """Another deadline. One that is later gives everybody who was silent another chance."""
    moved = with_deadlines(current, respond_by, shop)
    if current.respond_by is not None and respond_by > current.respond_by and current.left_to_tiktok:
        return replace(moved, left_to_tiktok=False, confirm_by=None, unconfirmed=False)
    return moved


def _close_question(draft: Draft, known: Return, current: Return) -> Return:
    """TikTok Shop does not ask any more: its word counts, whatever was answered."""
    telling = telling_of(draft.record, known)
    told = telling is not None and telling.may_have_been_told
    if telling is not None and telling.is_untold:
        draft.drop(telling, f"TikTok Shop shows the return as {RETURN_WORDS[current.state]}")
    moved = current.state is not known.state
    overruled = {
        Answer.APPROVE: current.state is ReturnState.REJECTED,
        Answer.REJECT: moved and current.state in _GRANTED,
    }
    draft.note(
        Event.RETURN_CHANGED,
        Source.TIKTOK_SHOP,
        happened_at=current.updated_at,
        return_id=known.id,
        question=known.question or "",
        before=RETURN_WORDS[known.state],
        after=RETURN_WORDS[current.state],
        by=_decided_by(known, current, told=told),
        overruled=known.answer if known.answer and overruled[known.answer] else "",
    )
    return replace(
        current,
        question=None,
        respond_by=None,
        answer_until=None,
        reminders=0,
        answer=None,
        answer_problem="",
        decisions=(),
        given_before=_with_answer(known),
        reject_reason="",
        answered_by=None,
        answered_at=None,
        left_to_tiktok=False,
        confirm_by=None,
        unconfirmed=False,
    )


def _with_answer(known: Return) -> tuple[GivenAnswer, ...]:
    """What was answered to earlier questions, so that a decision that comes twice is known."""
    if known.question is None or known.answer is None:
        return known.given_before
    return (*known.given_before, GivenAnswer(known.question, known.answer))


def _decided_by(known: Return, current: Return, *, told: bool) -> Decider:
    """TikTok names nobody: the ledger knows, or infers."""
    if current.state is ReturnState.CLOSED:
        return Decider.BUYER
    if current.state is ReturnState.IN_ARBITRATION:
        return Decider.PLATFORM
    agrees = (known.answer is Answer.REJECT) is (current.state is ReturnState.REJECTED)
    if known.answer is not None and known.answered_by is not None and told and agrees:
        return known.answered_by
    late = known.respond_by is not None and current.updated_at >= known.respond_by
    return Decider.PLATFORM if late else decider_of(Source.TIKTOK_SHOP)
