"""What a sighting of a return at TikTok Shop decides; whoever reads one there ends here (G2, TT 4.4)."""

from dataclasses import replace
from datetime import datetime

from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.money import add_up
from order_sync.domain.orders import Handling, Source
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.asking import see_question
from order_sync.domain.returning.by_seller import link_lost_start, meet_seller_refunds, see_started_refund
from order_sync.domain.returning.questions import (
    REFUND_COMES_WITHIN,
    keep,
    tell_others,
)
from order_sync.domain.returning.refunds import confirm_refund
from order_sync.domain.returning.returns import Return, ReturnFacts
from order_sync.domain.returning.statuses import (
    COMING_BACK,
    FINAL,
    RETURN_WORDS,
    ReturnState,
    ReturnStatus,
    may_follow,
    state_of,
)
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing


def decide_return_sighting(
    record: OrderRecord, facts: ReturnFacts, shop: ShopSettings, timing: Timing, now: datetime
) -> Change | None:
    """What changes because TikTok Shop shows this return; None when nothing does.

    Raises RejectedError for what cannot be, and then nothing changes: units that the order does not have, another
    currency than the order's, a status that moves backwards.
    """
    known = record.return_of(facts.id)
    if known is not None and facts.updated_at < known.updated_at:
        return None
    _refuse_impossible(record, facts)
    state = _state_now(known, facts)
    if known is not None and not _may_come_now(known, facts, state):
        return None
    draft = Draft(record, now)
    current = _as_shown(known, facts, state)
    if known is None:
        _note_first(draft, current)
    current = see_question(draft, known, current, facts, shop)
    if known is not None:
        _note_news(draft, known, current)
    is_news = known is None or _is_news(known, current)
    kept = keep(draft, replace(_with_refund_times(current), changes=current.changes + is_news))
    if is_news:
        tell_others(draft, kept)
    link_lost_start(draft, kept)
    if known is None or known.state is not state or (known.money is None and kept.money is not None):
        _enter(draft, kept)
    see_started_refund(draft, kept)
    meet_seller_refunds(draft, kept, timing)
    return draft.change()


def _may_come_now(known: Return, facts: ReturnFacts, state: ReturnState) -> bool:
    """Whether a known return may be seen like this. Raises RejectedError for a newer status that moves backwards."""
    if state is known.state:
        return state not in FINAL or (state is ReturnState.REFUNDED and _brings_amounts(known, facts))
    if may_follow(known.state, state):
        return True
    if facts.updated_at == known.updated_at:
        return False
    raise RejectedError(
        f"return {facts.id} cannot go from {RETURN_WORDS[known.state]!r} to {RETURN_WORDS[state]!r} "
        f"(TikTok's status is {facts.status_text})"
    )


def _brings_amounts(known: Return, facts: ReturnFacts) -> bool:
    """Whether an ended return shows at last what was refunded. Raises RejectedError for another amount than before."""
    shown = facts.refund.money if facts.refund else add_up(line.refund.money for line in facts.lines if line.refund)
    if known.money is not None and shown not in (None, known.money) and facts.updated_at > known.updated_at:
        raise RejectedError(f"return {facts.id} has ended with {known.money}, and TikTok Shop shows {shown} now")
    return known.money is None and shown is not None


def _with_refund_times(current: Return) -> Return:
    """When the refund has to be there, or was."""
    if current.state in (ReturnState.RECEIVED, ReturnState.REFUND_ACCEPTED):
        return replace(current, refund_due=current.refund_due or current.updated_at + REFUND_COMES_WITHIN)
    refunded_at = current.refunded_at or current.updated_at if current.state is ReturnState.REFUNDED else None
    return replace(current, refund_due=None, refund_late=False, refunded_at=refunded_at)


def _enter(draft: Draft, current: Return) -> None:
    """What a state brings when a return comes into it."""
    if current.state is ReturnState.REFUNDED:
        confirm_refund(draft, current)
    elif current.state is ReturnState.IN_ARBITRATION:
        draft.note(
            Event.RETURN_IN_ARBITRATION, Source.TIKTOK_SHOP, happened_at=current.updated_at, return_id=current.id
        )
        if draft.order.handling is Handling.OURS:
            notify(draft, current.id, "arbitration")


def _refuse_impossible(record: OrderRecord, facts: ReturnFacts) -> None:
    bought = {line.id for line in record.order.lines}
    unknown = [line.id for line in facts.lines if line.id not in bought]
    if unknown:
        raise RejectedError(f"return {facts.id} is about units that order {record.order.id} does not have: {unknown}")
    currencies = {each.currency for each in (facts.refund, *(line.refund for line in facts.lines)) if each}
    currencies |= {money.currency for money in (record.order.paid, *(each.money for each in record.returns)) if money}
    if len(currencies) > 1:
        raise RejectedError(
            f"return {facts.id} of order {record.order.id} is in several currencies: {', '.join(sorted(currencies))}"
        )


def _state_now(known: Return | None, facts: ReturnFacts) -> ReturnState:
    """A label that existed once exists; a status that we do not know leaves the return where it was."""
    if known is not None and known.state in COMING_BACK and facts.status_text == ReturnStatus.AWAITING_BUYER_RESPONSE:
        # The seller has made an offer: the goods are where they were.
        return known.state
    has_label = facts.has_label or (known is not None and known.has_label)
    state = state_of(facts.status_text, facts.kind, has_label=has_label, in_arbitration=facts.in_arbitration)
    return known.state if known is not None and state is ReturnState.UNKNOWN else state


def _as_shown(known: Return | None, facts: ReturnFacts, state: ReturnState) -> Return:
    """What TikTok Shop shows, over what is known; what it does not show any more is not forgotten."""
    before = known or Return(
        id=facts.id,
        kind=facts.kind,
        state=state,
        status_text=facts.status_text,
        initiator=facts.initiator,
        reason=facts.reason,
        lines=facts.lines,
        requested_at=facts.requested_at,
        updated_at=facts.updated_at,
        asked_at=facts.requested_at,
    )
    return replace(
        before,
        kind=facts.kind,
        state=state,
        status_text=facts.status_text,
        reason=facts.reason or before.reason,
        lines=facts.lines,
        refund=facts.refund or before.refund,
        updated_at=facts.updated_at,
        has_label=facts.has_label or before.has_label,
        tracking_number=facts.tracking_number or before.tracking_number,
        arbitration=facts.arbitration or before.arbitration,
        follows=facts.follows or before.follows,
    )


def _note_first(draft: Draft, current: Return) -> None:
    draft.note(
        Event.RETURN_REQUESTED,
        Source.TIKTOK_SHOP,
        happened_at=current.requested_at,
        return_id=current.id,
        kind=current.kind,
        initiator=current.initiator,
        state=RETURN_WORDS[current.state],
        status=current.status_text,
        reason=current.reason,
        lines=" ".join(current.line_ids),
        refund=str(current.money or ""),
        tracking_number=current.tracking_number,
        follows=current.follows or "",
    )


def _note_news(draft: Draft, known: Return, current: Return) -> None:
    """What is new about a known return; that a question was answered has been noted with it."""
    detail = {
        "status": current.status_text if current.status_text != known.status_text else "",
        "tracking_number": current.tracking_number if current.tracking_number != known.tracking_number else "",
        "label": "generated" if current.has_label and not known.has_label else "",
        "refund": str(current.money or "") if current.money != known.money else "",
        "arbitration": current.arbitration if current.arbitration != known.arbitration else "",
    }
    told = {name: text for name, text in detail.items() if text}
    if current.state is known.state and not told:
        return
    if draft.enrich({Event.RETURN_CHANGED}, **told):
        return
    draft.note(
        Event.RETURN_CHANGED,
        Source.TIKTOK_SHOP,
        happened_at=current.updated_at,
        return_id=current.id,
        before=RETURN_WORDS[known.state] if current.state is not known.state else "",
        after=RETURN_WORDS[current.state],
        **told,
    )


def _is_news(known: Return, current: Return) -> bool:
    """Whether others hear of it: not of TikTok's mere touch of a return."""

    def told(each: Return) -> tuple[object, ...]:
        return (
            each.kind,
            each.state,
            each.lines,
            each.refund,
            each.tracking_number,
            each.question,
            each.respond_by,
            each.arbitration,
        )

    return told(known) != told(current)
