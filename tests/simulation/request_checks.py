"""What must hold for the buyers' requests to cancel one order: one answer, in time, and TikTok's own outcome."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from local.simulators.tiktok_shop.cancel_books import DecisionRecord
from local.simulators.tiktok_shop.cancellations import CancellationRecord, CancelType
from local.simulators.tiktok_shop.cancellations import Outcome as Ended
from order_sync.domain.answering.answers import Answer
from order_sync.domain.cancelling.cancellations import Cancellation, Outcome
from order_sync.domain.ids import CancelId
from order_sync.domain.orders import Handling
from order_sync.partners.oms.cancellations import wire_outcome
from tests.simulation.told import Told
from tests.world import CYCLE

GRANTED: Final = frozenset({Ended.APPROVED, Ended.APPROVED_AUTOMATICALLY})
ONCE_A_REQUEST: Final = frozenset({"CANCEL_REQUESTED", "CANCEL_REQUEST_ANSWERED", "CANCEL_REQUEST_CLOSED"})


def requests_agree(told: Told) -> Iterator[str]:
    """Every cancellation at TikTok is in the ledger as it ended."""
    for there in told.day.world.tiktok.cancellations_of(told.order.id):
        known = told.record.cancellation(CancelId(there.id))
        if known is None:
            yield f"has cancellation {there.id} at TikTok ({there.outcome or there.status}) that the ledger lacks"
        elif (known.initiator.value == "BUYER") != (there.type is CancelType.BUYER_CANCEL):
            yield f"has cancellation {there.id} of the {known.initiator} in the ledger, which is {there.type}"
        elif there.respond_by is not None:
            yield from (f"cancel request {there.id}: {wrong}" for wrong in _request(told, there, known))
    yield from _told_once(told)


def _request(told: Told, there: CancellationRecord, known: Cancellation) -> Iterator[str]:
    if there.outcome is None:
        yield "is still open at TikTok: the day was too short"
        return
    allowed = set(_outcomes(told, there, known))
    if known.outcome not in allowed and not told.order.damaged:
        yield f"ended {there.outcome} at TikTok, {known.outcome} by {known.decided_by} in the ledger"
    yield from _answers(told, there, known)
    yield from _in_oms(told, known)


def _outcomes(told: Told, there: CancellationRecord, known: Cancellation) -> Iterator[Outcome]:
    """TikTok tells neither who closed a request nor why: what the ledger cannot know it infers."""
    decisions = told.day.world.tiktok.books.decisions_of(there.id)
    if there.outcome in GRANTED:
        yield Outcome.APPROVED if there.outcome is Ended.APPROVED else Outcome.APPROVED_AUTOMATICALLY
        if known.answer is Answer.APPROVE and any(each.by == "api" for each in decisions):
            yield Outcome.APPROVED
        if not _was_seen_open(told, there):
            # Its deadline is shown only while it is open.
            yield from (Outcome.APPROVED, Outcome.AT_ONCE)
        return
    by_us = any(each.by == "api" and each.code == 0 for each in decisions)
    lines = set(there.line_ids)
    by_parcel = there.outcome is Ended.REJECTED_BY_SHIPMENT
    if by_us or by_parcel:
        yield Outcome.REJECTED
    if by_us or (by_parcel and _shipped_together(told, there)):
        return
    if known.answer is Answer.REJECT or any(line.package for line in told.there.lines if line.id in lines):
        yield Outcome.REJECTED
    if any(lines.intersection(parcel.line_ids) for parcel in told.record.parcels):
        yield Outcome.REJECTED
    if lines <= told.canceled_lines:
        yield Outcome.OVERTAKEN
    if there.outcome is not Ended.OVERTAKEN or not lines <= _canceled_by_the_end_of(told, there):
        yield Outcome.WITHDRAWN


def _canceled_by_the_end_of(told: Told, request: CancellationRecord) -> set[str]:
    """What was cancelled when a request ended: of several lines a seller may cancel one, which ends it."""
    ends = {end.cancel_id: end for end in told.day.world.tiktok.books.request_ends}
    until = ends[request.id].at
    return {
        line
        for each in told.day.world.tiktok.cancellations_of(told.order.id)
        if each.outcome in {None, *GRANTED} and (ends[each.id].at if each.id in ends else each.created_at) <= until
        for line in each.line_ids
    }


def _was_seen_open(told: Told, there: CancellationRecord) -> bool:
    seen_at = next(
        (fact.at for fact in told.timeline if fact.detail.get("cancel_request") == there.id), told.day.world.time
    )
    return any(seen_at < end.at for end in told.day.world.tiktok.books.request_ends if end.cancel_id == there.id)


def _shipped_together(told: Told, there: CancellationRecord) -> bool:
    """Whether the parcel that rejected a request holds a line of it that was not cancelled afterwards."""
    lines = set(there.line_ids) - told.canceled_lines
    return any(lines.intersection(each.line_ids) for each in told.day.world.tiktok.books.shipments_of(told.order.id))


def _answers(told: Told, there: CancellationRecord, known: Cancellation) -> Iterator[str]:
    respond_by = there.respond_by
    if respond_by is None:
        return
    decisions = told.day.world.tiktok.books.decisions_of(there.id)
    ours = [each for each in decisions if each.by == "api"]
    if len({each.decision for each in ours}) > 1:
        yield f"was answered {[each.decision for each in ours]} by us"
    if len([each for each in decisions if each.code == 0 and not each.replayed]) > 1:
        yield "was answered twice with success"
    if known.answer is not None and any(each.decision != known.answer for each in ours):
        yield f"was answered {known.answer} in the ledger, {[each.decision for each in ours]} at TikTok"
    if ours and known.answer is None:
        yield "was answered by us, and the ledger does not say so"
    if any(each.code == 0 and not each.replayed and each.at >= respond_by for each in ours):
        yield "was answered after its deadline"
    if told.day.was_disturbed(there.created_at - CYCLE, respond_by + timedelta(minutes=1)) or told.order.damaged:
        return
    yield from _in_time(told, there, known, ours)


def _in_time(told: Told, there: CancellationRecord, known: Cancellation, ours: list[DecisionRecord]) -> Iterator[str]:
    respond_by = there.respond_by
    if respond_by is None or told.record.order.handling is not Handling.OURS:
        return
    if late := [each.at - respond_by for each in ours if each.at >= respond_by]:
        yield f"was answered {late[0]} after its deadline"
    left = told.settings.cancellations.without_answer == "leave_to_tiktok"
    ran_out = there.outcome in (Ended.APPROVED_AUTOMATICALLY, Ended.LAPSED)
    if ran_out and known.answer is None and not left:
        yield f"had no answer of ours until {respond_by}, though nothing went wrong meanwhile"
    if ran_out and known.answer is not None and not known.rejected_by_shipping and not ours:
        yield f"was answered {known.answer} at {known.answered_at}, but TikTok was never told until {respond_by}"


def _in_oms(told: Told, known: Cancellation) -> Iterator[str]:
    """What the OMS was told as the outcome is the ledger's."""
    if told.taken is None or known.outcome is None:
        return
    request = told.day.world.oms._state.cancel_requests.get(known.id)
    if request is not None:
        outcome = request.outcome
        right = wire_outcome(known.outcome, known.decided_by)
        if outcome is None:
            yield f"was put to the OMS, which never heard that it ended {known.outcome}"
        elif (outcome["outcome"], outcome["decided_by"]) != right:
            yield f"ended {right}, but {outcome['outcome']} by {outcome['decided_by']} as the OMS was told"


def _told_once(told: Told) -> Iterator[str]:
    seen: set[tuple[str, str, str]] = set()
    for fact in told.timeline:
        if fact.event in ONCE_A_REQUEST or fact.event == "CANCEL_REQUEST_REMINDER":
            key = fact.event.value, fact.detail["cancel_request"], fact.detail.get("number", "")
            if key in seen:
                yield f"has {key} twice on its timeline"
            seen.add(key)
