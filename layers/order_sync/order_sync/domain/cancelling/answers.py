"""The seller's answer to a buyer's request to cancel: given once, by whoever is first (G10, G11, OP C16, C19)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from order_sync.domain.cancelling.cancellations import Answer, Cancellation, Decider, DecisionProblem
from order_sync.domain.cancelling.times import end_of_wait, next_look, reminders_over
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.hand_over import tell_holders
from order_sync.domain.ids import CancelId, LineId, ParcelId
from order_sync.domain.orders import Handling, Parcel, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.regions import SHIPPING_REJECTS
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_TELLINGS = {Answer.APPROVE: Action.APPROVE_CANCEL_REQUEST, Answer.REJECT: Action.REJECT_CANCEL_REQUEST}
_DECIDERS = {Source.OMS: Decider.OMS, Source.OPERATOR: Decider.OPERATOR, Source.ORDER_SYNC: Decider.SHOP_RULE}
_SOURCES = {Decider.OMS: Source.OMS, Decider.OPERATOR: Source.OPERATOR, Decider.SHOP_RULE: Source.ORDER_SYNC}


class UnusableDecisionError(RejectedError):
    """A decision that changes nothing; its sender is told why."""

    def __init__(self, problem: DecisionProblem, text: str) -> None:
        super().__init__(text)
        self.problem = problem


def decider_of(source: Source) -> Decider:
    """Who decides when this side acts; in Seller Center and in ChannelAdvisor it is a person of the seller's."""
    return _DECIDERS.get(source, Decider.SELLER)


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
            confirm_by=_confirmed_by(draft, request, timing),
        ),
    )
    draft.note(
        Event.CANCEL_REQUEST_ANSWERED,
        _SOURCES.get(by, Source.CHANNELADVISOR),
        happened_at=decided_at,
        cancel_request=request.id,
        answer=answer,
        by=by,
        reason=reason,
    )
    order = draft.order
    draft.queue(tell(Target.TIKTOK_SHOP, _TELLINGS[answer], order.shop, order.id, now=draft.now, subject=request.id))


def _confirmed_by(draft: Draft, request: Cancellation, timing: Timing) -> datetime:
    usual = draft.now + timing.confirmation
    return min(usual, request.respond_by) if request.respond_by else usual


def keep(draft: Draft, request: Cancellation) -> Cancellation:
    """Keep a request with the moment at which it is looked at next."""
    kept = replace(request, next_due=next_look(request))
    draft.keep_cancellation(kept)
    return kept


def telling_of(record: OrderRecord, request: Cancellation) -> OutboxEntry | None:
    """What tells TikTok Shop the answer to a request."""
    return _telling_of(record, request.id, request.answer) if request.answer else None


def _telling_of(record: OrderRecord, cancel: CancelId, answer: Answer) -> OutboxEntry | None:
    wanted = (Target.TIKTOK_SHOP, _TELLINGS[answer], cancel)
    return next((e for e in record.outbox if (e.target, e.action, e.subject) == wanted), None)


def answer_by_parcel(draft: Draft, parcel: Parcel, shop: ShopSettings, timing: Timing) -> None:
    """A parcel with requested lines has left: that is a rejection, unless the request was approved before (OP C16).

    In the US the parcel itself rejects the request. Elsewhere TikTok Shop takes no parcel while a request is
    open, so that it is rejected first. A parcel that comes after an approval is held back: if TikTok Shop
    grants the request the parcel is recovered, else it is told.
    """
    request = draft.record.open_request
    if request is None or not request.meets(parcel.line_ids):
        return
    ships = [
        entry
        for entry in draft.outbox
        if entry.action is Action.SHIP and entry.subject == parcel.id and entry.is_untold and not entry.waits_for
    ]
    if request.answer is Answer.APPROVE:
        for ship in ships:
            draft.hold_back(ship, request.name, until=None)
        return
    if request.answer is None and time_is_over(request, draft.now):
        for ship in ships:
            draft.hold_back(ship, request.name, until=draft.now + timing.confirmation)
        return
    if request.answer is None:
        reason = f"parcel {parcel.tracking_number} has left"
        give_answer(draft, request, Answer.REJECT, decider_of(parcel.source), reason=reason, timing=timing)
    elif request.rejected_by_shipping:
        confirm_by = _confirmed_by(draft, request, timing)
        keep(draft, replace(request, rejected_by_shipping=False, confirm_by=confirm_by))
    _put_in_order(draft, request, ships, shop, timing)


def _put_in_order(
    draft: Draft, request: Cancellation, ships: list[OutboxEntry], shop: ShopSettings, timing: Timing
) -> None:
    """Whether TikTok Shop hears of the parcel or of the rejection first; the other one does not wait for ever."""
    reject = _telling_of(draft.record, request.id, Answer.REJECT)
    ship = next((entry for entry in ships if entry.target is Target.TIKTOK_SHOP), None)
    if ship is None or reject is None or not reject.is_untold:
        return
    limit = draft.now + timing.confirmation
    if shop.region in SHIPPING_REJECTS:
        draft.hold_back(reject, ship.name, until=min(limit, request.answer_until or limit))
    else:
        draft.hold_back(ship, request.name, until=limit)


def give_up_parcel(draft: Draft, ship: OutboxEntry) -> None:
    """A parcel that was to reject a request does not get there: the rejection goes without it, or needs another."""
    request, parcel = draft.record.open_request, draft.record.parcel(ParcelId(ship.subject))
    if ship.target is not Target.TIKTOK_SHOP or request is None or parcel is None or not request.meets(parcel.line_ids):
        return
    reject = _telling_of(draft.record, request.id, Answer.REJECT)
    if reject is None or request.answer is not Answer.REJECT:
        return
    if reject.is_untold:
        draft.free(ship.name)
    elif reject.state is EntryState.WITHDRAWN:
        keep(draft, replace(request, rejected_by_shipping=True, reminders=reminders_over(request, draft.now)))
        notify(draft, request.id, f"tracking-due-{parcel.id}")


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


def ask(draft: Draft, request: Cancellation, shop: ShopSettings, *, revision: int = 1) -> None:
    """Put the buyer's question to whoever decides: the OMS, or people, by a flag in ChannelAdvisor and a notice."""
    target = Target.OMS if shop.has_oms else Target.CHANNELADVISOR
    tell_holders(draft, Action.NOTE_CANCEL_REQUEST, target, subject=request.id, revision=str(revision))
    if not shop.has_oms and revision == 1:
        notify(draft, request.id, "asked")


def notify(draft: Draft, subject: str, what: str) -> None:
    """Tell the people who watch over the shop, once for each kind of news about a cancellation."""
    order = draft.order
    draft.queue(
        tell(Target.OPERATOR, Action.NOTIFY, order.shop, order.id, now=draft.now, subject=subject, revision=what)
    )


def rule_answer(shop: ShopSettings, request: Cancellation, packed: Collection[LineId]) -> Answer | None:
    """What the shop's rule answers when nobody did; None leaves it to TikTok Shop, which approves."""
    match shop.cancellations.without_answer:
        case "approve":
            return Answer.APPROVE
        case "reject_if_packed":
            return Answer.REJECT if request.meets(packed) else Answer.APPROVE
        case "leave_to_tiktok":
            return None


def with_deadlines(request: Cancellation, respond_by: datetime, shop: ShopSettings) -> Cancellation:
    """The request with TikTok's deadline and the end of our wait before it."""
    until = end_of_wait(request.requested_at, respond_by, shop.cancellations.margin)
    return replace(request, respond_by=respond_by, answer_until=until)
