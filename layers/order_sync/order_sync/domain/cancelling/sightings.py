"""What a sighting of a cancellation at TikTok Shop decides; whoever reads one there ends here."""

from dataclasses import replace
from datetime import datetime

from order_sync.domain.answering.answers import Answer, Decider, decider_of
from order_sync.domain.answering.times import answer_deadline, end_of_wait
from order_sync.domain.cancelling.answers import give_answer, keep, telling_of
from order_sync.domain.cancelling.by_seller import refuse, see_seller_cancellations, telling_of_seller
from order_sync.domain.cancelling.cancellations import (
    Cancellation,
    CancellationFacts,
    CancellationStatus,
    Initiator,
    Outcome,
    SellerCancellation,
)
from order_sync.domain.cancelling.carried import see_carried_cancellations
from order_sync.domain.cancelling.lines import cancel_lines, cancel_order
from order_sync.domain.cancelling.outcomes import outcome_of
from order_sync.domain.cancelling.parcels import answer_by_parcel
from order_sync.domain.cancelling.questions import ask
from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import has_or_may_have
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_NOTICES = {
    Outcome.APPROVED: '"order refund" e-mail',
    Outcome.APPROVED_AUTOMATICALLY: '"order refund" e-mail',
    Outcome.REJECTED: '"order cancelation rejected" e-mail',
    Outcome.AT_ONCE: '"order cancelled" e-mail, with a refund',
}
"""What TikTok Shop tells the buyer (G9-G12, OP C26); we send nothing."""


def decide_cancellation_sighting(
    record: OrderRecord, facts: CancellationFacts, shop: ShopSettings, timing: Timing, now: datetime
) -> Change | None:
    """What changes because TikTok Shop shows this cancellation; None when nothing does.

    The order itself should have been read just before: what is shipped is taken from it. What is cancelled holds
    also where the order could not be read.
    """
    draft = Draft(record, now)
    known = record.cancellation(facts.id)
    if known is not None and (facts.updated_at < known.updated_at or not known.is_open):
        return None
    if facts.status is CancellationStatus.GRANTED:
        _carry_out(draft, facts)
        see_carried_cancellations(draft, shop)
    if known is None:
        _first_sight(draft, facts, shop, timing)
        return draft.change()
    current = replace(known, updated_at=facts.updated_at)
    if not known.is_request:
        _see_without_answer(draft, current, facts)
    elif facts.status is CancellationStatus.PENDING:
        _see_deadline(draft, current, facts, shop)
    else:
        _close(draft, current, facts, shop, timing)
    return draft.change()


def _carry_out(draft: Draft, facts: CancellationFacts) -> None:
    living = {line.id for line in draft.order.lines if line.state is not LineState.CANCELED}
    if living and living.issubset(facts.line_ids):
        named = "SYSTEM" if facts.initiator is Initiator.PLATFORM else facts.initiator
        cancel_order(draft, canceled_by=named, happened_at=facts.updated_at)
    else:
        cancel_lines(draft, facts.line_ids)
    see_seller_cancellations(draft)


def _first_sight(draft: Draft, facts: CancellationFacts, shop: ShopSettings, timing: Timing) -> None:
    cancellation = Cancellation(
        id=facts.id,
        initiator=facts.initiator,
        is_request=facts.is_request,
        reason=facts.reason,
        line_ids=facts.line_ids,
        requested_at=facts.requested_at,
        updated_at=facts.updated_at,
    )
    if not facts.is_request or _needed_no_answer(draft, facts, shop):
        _see_without_answer(draft, cancellation, facts)
        return
    respond_by = answer_deadline(facts.requested_at, facts.respond_by)
    request = _with_deadlines(cancellation, respond_by, shop)
    draft.note(
        Event.CANCEL_REQUESTED,
        Source.TIKTOK_SHOP,
        happened_at=facts.requested_at,
        cancel_request=facts.id,
        reason=facts.reason,
        lines=" ".join(facts.line_ids),
        respond_by=respond_by.isoformat(),
    )
    if facts.status is not CancellationStatus.PENDING:
        _close(draft, request, facts, shop, timing)
    elif draft.order.handling is Handling.OURS:
        keep(draft, request)
        _open(draft, request, shop, timing)
    else:
        # Not ours to answer, so that nothing is waited for.
        draft.keep_cancellation(request)


def _see_without_answer(draft: Draft, cancellation: Cancellation, facts: CancellationFacts) -> None:
    """A cancellation that asks nobody: TikTok Shop carries it out, at once as a rule, or it comes to nothing."""
    starter = {Initiator.BUYER: Decider.BUYER, Initiator.SELLER: Decider.SELLER}.get(facts.initiator, Decider.PLATFORM)
    if facts.status is CancellationStatus.PENDING:
        draft.keep_cancellation(cancellation)
        return
    outcome = Outcome.AT_ONCE if facts.status is CancellationStatus.GRANTED else Outcome.WITHDRAWN
    draft.keep_cancellation(replace(cancellation, outcome=outcome, decided_by=starter, closed_at=facts.updated_at))
    draft.note(
        Event.CANCELLATION_SEEN,
        Source.TIKTOK_SHOP,
        happened_at=facts.requested_at,
        cancellation=facts.id,
        outcome="" if outcome is Outcome.AT_ONCE else outcome,
        initiator=facts.initiator,
        reason=facts.reason,
        lines=" ".join(facts.line_ids),
        buyer_notice=_NOTICES.get(outcome, ""),
    )
    if outcome is Outcome.WITHDRAWN and facts.initiator is Initiator.SELLER:
        for wish in draft.seller_cancellations:
            if _was_taken(draft, wish, facts):
                refuse(draft, wish, "TikTok Shop took the cancellation and did not carry it out")


def _was_taken(draft: Draft, wish: SellerCancellation, facts: CancellationFacts) -> bool:
    """Whether a cancellation at TikTok Shop is what a seller's open one became there."""
    telling = telling_of_seller(draft, wish)
    told = telling is not None and telling.state is EntryState.DONE
    is_later = facts.requested_at >= wish.requested_at
    return wish.is_open and told and is_later and set(facts.line_ids) <= set(wish.line_ids)


def _needed_no_answer(draft: Draft, facts: CancellationFacts, shop: ShopSettings) -> bool:
    """A buyer's cancellation in TikTok's own cool-down: granted as soon as it was asked for (G2)."""
    ours_ends_at = draft.order.hold_ends_at
    in_cool_down = ours_ends_at is None or facts.requested_at < ours_ends_at - shop.extra_hold
    return facts.status is CancellationStatus.GRANTED and in_cool_down


def _open(draft: Draft, request: Cancellation, shop: ShopSettings, timing: Timing) -> None:
    """What is decided already when a request is first seen, and whom it is put to."""
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    parcels = [each for each in draft.parcels if not each.refused and request.meets(set(each.line_ids) - canceled)]
    if parcels:
        ask(draft, request, shop)
        for parcel in parcels:
            answer_by_parcel(draft, parcel, shop, timing)
        return
    wish = next(
        (each for each in draft.seller_cancellations if each.is_open and set(request.line_ids) <= set(each.line_ids)),
        None,
    )
    if wish is not None:
        ask(draft, request, shop)
        by, reason = decider_of(wish.source), "the seller had cancelled as well"
        give_answer(draft, request, Answer.APPROVE, by, reason=reason, timing=timing)
        return
    sellers_side = Target.OMS if shop.has_oms else Target.CHANNELADVISOR
    if not has_or_may_have(draft, sellers_side):
        if shop.cancellations.without_answer != "leave_to_tiktok":
            reason = "the seller's side had not been given the order"
            give_answer(draft, request, Answer.APPROVE, Decider.SHOP_RULE, reason=reason, timing=timing)
        return
    ask(draft, request, shop)


def _see_deadline(draft: Draft, request: Cancellation, facts: CancellationFacts, shop: ShopSettings) -> None:
    """TikTok Shop may move its deadline: the wait, the reminders and the question move with it.

    A deadline that it stops showing is not forgotten.
    """
    respond_by = answer_deadline(facts.requested_at, facts.respond_by or request.respond_by)
    if respond_by == request.respond_by or request.next_due is None:
        draft.keep_cancellation(request)
        return
    moved = keep(draft, _moved(request, respond_by, shop))
    if moved.answer is None:
        asked = sum(
            entry.action is Action.NOTE_CANCEL_REQUEST and entry.subject == request.id for entry in draft.outbox
        )
        ask(draft, moved, shop, revision=asked + 1)


def _moved(request: Cancellation, respond_by: datetime, shop: ShopSettings) -> Cancellation:
    """Another deadline. One that is later gives everybody who was silent another chance, as with returns."""
    moved = _with_deadlines(request, respond_by, shop)
    if request.respond_by is not None and respond_by > request.respond_by and request.left_to_tiktok:
        return replace(moved, left_to_tiktok=False, confirm_by=None, unconfirmed=False)
    return moved


def _close(draft: Draft, request: Cancellation, facts: CancellationFacts, shop: ShopSettings, timing: Timing) -> None:
    """TikTok Shop has closed the request: its word is the outcome, whatever was answered."""
    outcome, decided_by = outcome_of(draft, request, facts, shop, timing)
    closed = keep(draft, replace(request, outcome=outcome, decided_by=decided_by, closed_at=facts.updated_at))
    overruled = {Answer.APPROVE: outcome is Outcome.REJECTED, Answer.REJECT: closed.cancels}
    draft.note(
        Event.CANCEL_REQUEST_CLOSED,
        Source.TIKTOK_SHOP,
        happened_at=facts.updated_at,
        cancel_request=request.id,
        outcome=outcome,
        by=decided_by,
        overruled=request.answer if request.answer and overruled[request.answer] else "",
        buyer_notice=_NOTICES.get(outcome, ""),
    )
    telling = telling_of(draft.record, closed)
    if telling is not None and telling.is_untold:
        draft.drop(telling, f"TikTok Shop shows the request as {outcome}")
    _free_waiting(draft, closed)
    _tell_outcome(draft, closed)


def _free_waiting(draft: Draft, request: Cancellation) -> None:
    """What waited for the end of the request goes on, but for parcels that hold only what is cancelled."""
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    for entry in draft.outbox:
        parcel = draft.record.parcel(ParcelId(entry.subject))
        if entry.waits_for == request.name and parcel is not None and canceled.issuperset(parcel.line_ids):
            draft.withdraw(entry, "its lines were cancelled")
        if entry.action is Action.CANCEL_AS_SELLER and entry.is_untold:
            draft.hold_back(entry, "", until=draft.now)
    draft.free(request.name)


def _tell_outcome(draft: Draft, request: Cancellation) -> None:
    """Whoever was asked learns what became of it; who was not asked yet is not asked any more."""
    order, asked = draft.order, list[OutboxEntry]()
    for entry in draft.outbox:
        if entry.action is not Action.NOTE_CANCEL_REQUEST or entry.subject != request.id:
            continue
        if entry.is_untold:
            draft.withdraw(entry, "the request is closed")
        elif entry.may_have_been_told:
            asked.append(entry)
    if not asked:
        return
    on_its_way = next((entry.name for entry in asked if entry.state is not EntryState.DONE), "")
    draft.queue(
        tell(
            asked[0].target,
            Action.SETTLE_CANCEL_REQUEST,
            order.shop,
            order.id,
            now=draft.now,
            subject=request.id,
            waits_for=on_its_way,
        )
    )


def _with_deadlines(request: Cancellation, respond_by: datetime, shop: ShopSettings) -> Cancellation:
    """The request with TikTok's deadline and the end of our wait before it."""
    until = end_of_wait(request.requested_at, respond_by, shop.cancellations.margin)
    return replace(request, respond_by=respond_by, answer_until=until)
