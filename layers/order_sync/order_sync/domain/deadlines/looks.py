"""What seeing an order, and the passing of time, decide about its deadlines."""

from dataclasses import replace
from datetime import datetime, timedelta

from order_sync.domain.deadlines.counting import figures, with_listed_times
from order_sync.domain.deadlines.deadlines import MISSED, Clock, DeadlineKind, Deadlines, GivenWarning
from order_sync.domain.deadlines.pairs import beside_tiktoks, cancel_pairs, dispatch_pair, explain
from order_sync.domain.deadlines.policies import order_kind
from order_sync.domain.deadlines.tallies import counted_as
from order_sync.domain.deadlines.warnings import due_warnings, most_urgent, uncounted, with_next_look
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.facts import OrderFacts
from order_sync.domain.listings.times import NO_LISTINGS, Listings
from order_sync.domain.orders import LineState, Order, Source
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState, TikTokStatus
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_DECIDE = frozenset({Event.COLLECTED, Event.CANCELED, Event.STATUS_CHANGED, Event.DELIVERED, Event.COMPLETED})
_NOT_AWAITING = frozenset({TikTokStatus.UNPAID, TikTokStatus.ON_HOLD, TikTokStatus.CANCELLED})


def see_deadlines(draft: Draft, facts: OrderFacts, shop: ShopSettings, timing: Timing, listings: Listings) -> None:
    """The deadlines as a sighting makes them, also the one that shows it dispatched or cancelled; then they stay.

    Deadlines that cannot be counted, because a date of the order cannot be right, stop nothing else of the order.
    """
    try:
        _see(draft, facts, shop, timing, listings)
    except RejectedError as error:
        draft.note(Event.DEADLINES_UNKNOWN, Source.ORDER_SYNC, reason=str(error))


def _see(draft: Draft, facts: OrderFacts, shop: ShopSettings, timing: Timing, listings: Listings) -> None:
    order, before = draft.order, draft.deadlines
    old = before.clock if before else Clock()
    clock = replace(
        old,
        kind=order_kind(facts.order_type),
        handling_time=facts.handling_time or (None if _a_line_was_canceled(draft) else old.handling_time),
        release_at=facts.release_at or old.release_at,
        awaiting_since=old.awaiting_since or _awaiting_since(facts, order, timing),
    )
    settled = draft.before.deadlines
    if settled and settled.is_decided:
        known = replace(settled, clock=clock)
    else:
        known = _counted(order, with_listed_times(order, clock, listings), shop)
    if before:
        known = replace(
            known,
            tracking_added_at=before.tracking_added_at,
            collected_at=before.collected_at,
            canceled_at=before.canceled_at,
            given=before.given,
            found_open_at=before.found_open_at,
        )
    seen = replace(
        known,
        fulfilled_by_tiktok=facts.fulfillment_type != "FULFILLMENT_BY_SELLER",
        tracking_added_at=_moment(
            facts, facts.all_tracking_added_at, facts.last_tracking_added_at, known.tracking_added_at
        ),
        collected_at=_moment(facts, facts.all_collected_at, facts.last_collected_at, known.collected_at),
    )
    if facts.status is TikTokStatus.CANCELLED or order.state is OrderState.CANCELED:
        seen = replace(seen, canceled_at=facts.canceled_at or seen.canceled_at or facts.updated_at)
    if not (settled and settled.is_decided and _tiktoks_stays(draft, seen)):
        seen = beside_tiktoks(order, seen, shop)
    draft.keep_deadlines(with_next_look(order, seen, shop))
    _note_figures(draft)
    _note_verdict(draft)
    _note_differences(draft, shop)


def decide_look(
    record: OrderRecord, shop: ShopSettings, now: datetime, lead: timedelta, listings: Listings = NO_LISTINGS
) -> tuple[Change | None, tuple[GivenWarning, ...]]:
    """What time has brought: warnings that are due, each given once, and deadlines that were missed.

    Also gives what people are told of: of each kind of deadline only the most urgent warning. `lead` is how long
    before its moment a warning may be given because the next look would come too late.
    """
    known = record.deadlines
    if known is None:
        return None, ()
    draft = Draft(record, now)
    current = known
    if not known.is_decided:
        clock = with_listed_times(record.order, known.clock, listings)
        counted = replace(known, clock=clock, figures=figures(record.order, clock, shop))
        current = beside_tiktoks(record.order, counted, shop)
    due = due_warnings(record.order, current, shop, now, lead)
    current = replace(current, given=(*current.given, *due))
    if any(over <= now for over in uncounted(record.order, current)):
        current = replace(current, found_open_at=now)
    draft.keep_deadlines(with_next_look(record.order, current, shop))
    _note_figures(draft)
    _note_differences(draft, shop)
    told = most_urgent(due)
    for warning in told:
        draft.note(
            _event(warning),
            Source.ORDER_SYNC,
            deadline=warning.deadline.isoformat(),
            business_hours=str(warning.level or ""),
            profile=current.figures.profile,
        )
    return draft.change(), told


def _event(warning: GivenWarning) -> Event:
    if warning.kind is DeadlineKind.AUTOMATIC_CANCEL:
        return Event.AUTOMATIC_CANCEL_NEAR
    return Event.DISPATCH_DEADLINE_MISSED if warning.level == MISSED else Event.DISPATCH_DEADLINE_NEAR


def _counted(order: Order, clock: Clock, shop: ShopSettings) -> Deadlines:
    counted = figures(order, clock, shop)
    return Deadlines(clock=clock, figures=counted, act_by=counted.dispatch_by)


def _a_line_was_canceled(draft: Draft) -> bool:
    """Whether a part of the order is cancelled just now: a handling time that is gone may have been that part's."""
    before = {line.id for line in draft.before.order.lines if line.state is LineState.CANCELED}
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    return before < canceled and len(canceled) < len(draft.order.lines)


def _tiktoks_stays(draft: Draft, deadlines: Deadlines) -> bool:
    """Whether TikTok Shop's own figure is the same as before: then a settled order stays on its date."""
    return dispatch_pair(draft.order, deadlines).tiktoks == dispatch_pair(draft.before.order, deadlines).tiktoks


def _moment(
    facts: OrderFacts, of_all: datetime | None, shown: datetime | None, known: datetime | None
) -> datetime | None:
    """When an event happened. A time that TikTok Shop shows corrects an earlier one; one that was inferred does not."""
    if facts.status is TikTokStatus.CANCELLED:
        return (shown if facts.left_whole else None) or known
    return (of_all or known) if shown or known is None else known


def _awaiting_since(facts: OrderFacts, order: Order, timing: Timing) -> datetime | None:
    """Since when it awaits shipment, as far as TikTok Shop lets know."""
    if facts.status is TikTokStatus.AWAITING_SHIPMENT:
        return facts.updated_at
    if facts.status not in _NOT_AWAITING:
        return facts.paid_at or facts.created_at
    if facts.status is TikTokStatus.CANCELLED and order.paid_at and facts.canceled_at:
        # Nobody saw it awaiting shipment, but it was cancelled after its hold.
        over = max(order.paid_at + timing.buyer_hold, facts.release_at or order.paid_at)
        return over if facts.canceled_at >= over else None
    return None


def _note_figures(draft: Draft) -> None:
    """Say which deadlines hold from now on, under which policy profile; with the first sight, where it is one."""
    before, deadlines = draft.before.deadlines, draft.deadlines
    if deadlines is None or (before and before.figures == deadlines.figures):
        return
    counted = deadlines.figures
    details = {
        "profile": counted.profile,
        "dispatch_by": counted.dispatch_by.isoformat(),
        "cancels_by": counted.cancels_by.isoformat(),
        "delivery_by": counted.delivery_by.isoformat(),
    }
    if not draft.enrich(frozenset({Event.SEEN}), **details):
        draft.note(Event.DEADLINES_SET, Source.ORDER_SYNC, happened_at=None, **details)


def _note_verdict(draft: Draft) -> None:
    """Say what the order counts for from now on, on the entry of what decided it."""
    deadlines, before = draft.deadlines, draft.before.deadlines
    if deadlines is None:
        return
    counted = counted_as(deadlines, deadlines.figures.dispatch_by)
    if counted is None or (before and counted is counted_as(before, before.figures.dispatch_by)):
        return
    details = {
        "counts_as": counted,
        "deadline": deadlines.figures.dispatch_by.isoformat(),
        "under": deadlines.figures.profile,
    }
    if not draft.enrich(_DECIDE, **details):
        draft.note(Event.DISPATCH_COUNTED, Source.ORDER_SYNC, happened_at=None, **details)


def _note_differences(draft: Draft, shop: ShopSettings) -> None:
    """Say once for each value why TikTok Shop's figure differs from ours."""
    before, deadlines = draft.before, draft.deadlines
    if deadlines is None or deadlines.is_decided:
        return
    known = before.deadlines and (
        dispatch_pair(before.order, before.deadlines),
        *cancel_pairs(before.order, before.deadlines),
    )
    for pair in (dispatch_pair(draft.order, deadlines), *cancel_pairs(draft.order, deadlines)):
        if (known and pair in known) or not pair.differs(shop.zone):
            continue
        draft.note(
            Event.DEADLINES_DIFFER,
            Source.ORDER_SYNC,
            deadline=f"{pair.kind} ({pair.event})",
            ours=pair.ours.isoformat() if pair.ours else "",
            tiktok_shop=pair.tiktoks.isoformat() if pair.tiktoks else "",
            profile=deadlines.figures.profile,
            why=explain(draft.order, deadlines, shop, pair),
        )
