"""A seller's own cancellation (G9): from the OMS or ChannelAdvisor to TikTok Shop, which has the last word."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Final

from order_sync.domain.answering.answers import Answer, decider_of
from order_sync.domain.cancelling.answers import give_answer
from order_sync.domain.cancelling.cancellations import ReportedCancellation, SellerCancellation, SellerCancelState
from order_sync.domain.cancelling.news import tell_canceled_lines
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Handling, Line, LineState, Order, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_NOT_TOLD_YET: Final = frozenset({EntryState.WAITING, EntryState.SENDING, EntryState.FAILED})


def decide_reported_cancellation(
    record: OrderRecord, report: ReportedCancellation, timing: Timing, now: datetime
) -> Change | None:
    """A seller cancels: kept once, and put to TikTok Shop. What cannot be right is refused, and its sender told."""
    draft = Draft(record, now)
    report_cancellation(draft, report, timing)
    return draft.change()


def report_cancellation(draft: Draft, report: ReportedCancellation, timing: Timing) -> None:
    """The same, inside a larger decision."""
    if draft.record.seller_cancellation(report.id) is not None:
        return
    wish = SellerCancellation(
        id=report.id,
        source=report.source,
        reason=report.reason,
        requested_at=report.requested_at,
        parts=report.parts,
    )
    draft.note(
        Event.SELLER_CANCELLATION_REPORTED,
        report.source,
        happened_at=report.requested_at,
        cancellation=report.id,
        reason=report.reason,
        lines=" ".join(report.line_ids) or " ".join(f"{quantity}x{sku}" for sku, quantity in report.units),
        parts=" ".join(report.parts),
    )
    try:
        lines = _lines_of(draft, report)
    except RejectedError as error:
        refuse(draft, wish, str(error))
        return
    wish = replace(wish, line_ids=tuple(line.id for line in lines), confirm_by=draft.now + timing.confirmation)
    draft.keep_seller_cancellation(wish)
    order = draft.order
    draft.queue(tell(Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, order.shop, order.id, now=draft.now, subject=wish.id))
    _agree_with_buyer(draft, wish, timing)
    see_seller_cancellations(draft)


def _agree_with_buyer(draft: Draft, wish: SellerCancellation, timing: Timing) -> None:
    """The buyer asked for the same: TikTok Shop takes no seller's cancellation now, but an approval (TT 4.1)."""
    request = draft.record.open_request
    telling = telling_of_seller(draft, wish)
    if request is None or telling is None or not set(request.line_ids) <= set(wish.line_ids):
        return
    if request.answer is None:
        by, reason = decider_of(wish.source), "the seller has cancelled as well"
        give_answer(draft, request, Answer.APPROVE, by, reason=reason, timing=timing)
    draft.hold_back(telling, request.name, until=draft.now + timing.confirmation)


def telling_of_seller(draft: Draft, wish: SellerCancellation) -> OutboxEntry | None:
    """What tells TikTok Shop of a seller's cancellation."""
    wanted = (Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, wish.id)
    return next((e for e in draft.outbox if (e.target, e.action, e.subject) == wanted), None)


def see_seller_cancellations(draft: Draft) -> None:
    """Those whose lines TikTok Shop shows as cancelled are accepted, whoever cancelled them there."""
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    for wish in draft.seller_cancellations:
        if not wish.is_open or not canceled.issuperset(wish.line_ids):
            continue
        draft.keep_seller_cancellation(replace(wish, state=SellerCancelState.ACCEPTED, confirm_by=None))
        draft.note(Event.SELLER_CANCELLATION_ACCEPTED, Source.TIKTOK_SHOP, cancellation=wish.id)
        telling = telling_of_seller(draft, wish)
        if telling is not None and telling.is_untold:
            draft.drop(telling, "TikTok Shop shows the lines as cancelled")
        _spare_sender(draft, wish)
        _tell_outcome(draft, wish)


def _spare_sender(draft: Draft, wish: SellerCancellation) -> None:
    """Who has cancelled these lines itself need not be told of them, whoever cancelled them at TikTok Shop."""
    is_whole = {line.id for line in draft.order.lines} == set(wish.line_ids)
    for entry in draft.outbox:
        if entry.target.as_source is not wish.source or not entry.is_untold:
            continue
        same_line = entry.action is Action.CANCEL_LINE and entry.subject in wish.line_ids
        if same_line or (entry.action is Action.CANCEL_ORDER and is_whole):
            draft.withdraw(entry, "it was cancelled there as well")


def refuse(draft: Draft, wish: SellerCancellation, reason: str) -> None:
    """A seller's cancellation will not happen: its sender must know, for the lines are to be shipped.

    Those of them that are cancelled all the same it has to hear of, since it does not count as their canceller now.
    """
    refused = replace(wish, state=SellerCancelState.REFUSED, detail=reason, confirm_by=None, unconfirmed=False)
    draft.keep_seller_cancellation(refused)
    draft.note(Event.SELLER_CANCELLATION_REFUSED, Source.ORDER_SYNC, cancellation=wish.id, reason=reason)
    _tell_outcome(draft, refused)
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    tell_canceled_lines(draft, [line for line in wish.line_ids if line in canceled])


def decide_refused_by_tiktok(record: OrderRecord, entry: OutboxEntry, now: datetime, *, reason: str) -> Change | None:
    """TikTok Shop does not allow a seller's cancellation: the entry has failed, and its sender is told."""
    draft = Draft(record, now)
    draft.fail(entry, reason)
    draft.note(Event.FAILED, Source.TIKTOK_SHOP, told=entry.action, subject=entry.subject, reason=reason)
    wish = record.seller_cancellation(entry.subject)
    if wish is not None and wish.is_open:
        refuse(draft, wish, reason)
    return draft.change()


def yield_to_parcel(draft: Draft, parcel: Parcel, timing: Timing) -> None:
    """A parcel left although the seller had cancelled: it wins unless TikTok Shop may have been told (OP C19)."""
    for wish in draft.seller_cancellations:
        if not wish.is_open or not set(wish.line_ids).intersection(parcel.line_ids):
            continue
        telling = telling_of_seller(draft, wish)
        if telling is None or telling.is_untold:
            if telling is not None:
                draft.drop(telling, f"parcel {parcel.tracking_number} has left")
            refuse(draft, wish, f"parcel {parcel.tracking_number} left before TikTok Shop had cancelled")
            continue
        for ship in draft.outbox:
            if ship.action is Action.SHIP and ship.subject == parcel.id and ship.is_untold and not ship.waits_for:
                draft.hold_back(ship, telling.name, until=draft.now + timing.confirmation)


def _tell_outcome(draft: Draft, wish: SellerCancellation) -> None:
    """The OMS is told what became of it; ChannelAdvisor cannot be, so that people are told of a refusal there."""
    order = draft.order
    if wish.source is Source.OMS:
        draft.queue(
            tell(Target.OMS, Action.SETTLE_SELLER_CANCELLATION, order.shop, order.id, now=draft.now, subject=wish.id)
        )
    elif wish.state is SellerCancelState.REFUSED:
        notify(draft, wish.id, "refused")


def _lines_of(draft: Draft, report: ReportedCancellation) -> list[Line]:
    """The lines that a seller means. Raises RejectedError when they are not, or can no longer be, cancelled."""
    order = draft.order
    if order.handling is not Handling.OURS:
        raise RejectedError(f"the order is not ours to cancel: {order.handling_reason}")
    living = [line for line in order.lines if line.state is not LineState.CANCELED]
    if report.line_ids:
        known = {line.id for line in order.lines}
        if wrong := [line for line in report.line_ids if line not in known]:
            raise RejectedError(f"lines {', '.join(wrong)} are not in order {order.id}")
        chosen = [line for line in order.lines if line.id in report.line_ids]
    elif report.units:
        chosen = _lines_by_units(order, report.units, _meant_by(draft, report.source))
    else:
        chosen = living or list(order.lines)
    _refuse_what_left(order, chosen, is_whole=set(chosen) >= set(living))
    return chosen


def _refuse_what_left(order: Order, chosen: list[Line], *, is_whole: bool) -> None:
    """A parcel that was reported first wins (OP C19); TikTok Shop lets a shipped order be cancelled only whole."""
    left = [line.id for line in chosen if line.state is LineState.IN_PARCEL]
    left += [line.id for line in chosen if line.state is LineState.SHIPPED and not is_whole]
    if left:
        raise RejectedError(f"lines {', '.join(left)} of order {order.id} are in a parcel")


def _meant_by(draft: Draft, source: Source) -> list[Line]:
    """The lines that a side may mean when it cancels a unit: what it waits to be told of first, then open ones.

    What another cancellation of that side means is not meant a second time.
    """
    meant_before = {
        line
        for wish in draft.seller_cancellations
        if wish.source is source and wish.state is not SellerCancelState.REFUSED
        for line in wish.line_ids
    }
    news = [e for e in draft.outbox if e.target.as_source is source and e.state in _NOT_TOLD_YET]
    of_order = any(entry.action is Action.CANCEL_ORDER for entry in news)
    untold = {entry.subject for entry in news if entry.action is Action.CANCEL_LINE}
    free = [line for line in draft.order.lines if line.id not in meant_before]
    canceled = [line for line in free if line.state is LineState.CANCELED and (of_order or line.id in untold)]
    return canceled + [line for line in free if line.state is LineState.OPEN]


def _lines_by_units(order: Order, units: tuple[tuple[str, int], ...], meant: list[Line]) -> list[Line]:
    wanted, chosen = Counter[str](), []
    for sku, quantity in units:
        if quantity < 1:
            raise RejectedError(f"{quantity} of {sku!r} is no number of units")
        wanted[sku] += quantity
    for line in meant:
        if wanted[line.sku] > 0:
            wanted[line.sku] -= 1
            chosen.append(line)
    if missing := [f"{quantity} of {sku!r}" for sku, quantity in wanted.items() if quantity > 0]:
        raise RejectedError(f"more units than can be cancelled in order {order.id}: {', '.join(missing)}")
    return chosen
