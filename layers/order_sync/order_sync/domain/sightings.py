"""What a sighting of an order at TikTok Shop decides. Every read of an order there ends here, whoever reads it."""

from dataclasses import replace
from datetime import datetime

from order_sync.domain.cancelling.by_seller import see_seller_cancellations
from order_sync.domain.cancelling.carried import see_carried_cancellations
from order_sync.domain.cancelling.lines import cancel_order
from order_sync.domain.cool_down import hold_ends_at, release_slot
from order_sync.domain.deadlines.looks import see_deadlines
from order_sync.domain.drafts import Draft
from order_sync.domain.facts import OrderFacts
from order_sync.domain.hand_over import (
    hand_over,
    is_handed_over,
    tell_address,
    withdraw_hand_over,
)
from order_sync.domain.line_sightings import see_lines
from order_sync.domain.listings.times import NO_LISTINGS, Listings
from order_sync.domain.money import Money
from order_sync.domain.orders import Handling, Line, Order, Source, state_from_lines
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.scans import see_scans
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import TIKTOK_TO_STATE, OrderState, TikTokStatus, known_tiktok_status
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

_HAVE_EVENTS_OF_THEIR_OWN = frozenset({None, TikTokStatus.IN_TRANSIT, TikTokStatus.DELIVERED, TikTokStatus.CANCELLED})


def decide_sighting(
    record: OrderRecord | None,
    facts: OrderFacts,
    shop: ShopSettings,
    timing: Timing,
    now: datetime,
    *,
    listings: Listings = NO_LISTINGS,
) -> Change | None:
    """What changes in the ledger because TikTok Shop shows these facts; None when nothing does.

    `listings` are the times of the order's SKUs, as far as the shop has a table of them.

    An older sighting than the newest is ignored, one with the same time is compared by content, and
    what is already shipped or cancelled with us is never undone.
    """
    if record is None:
        draft = Draft(OrderRecord(order=_first_sight(facts, shop)), now)
        draft.note(
            Event.SEEN,
            Source.TIKTOK_SHOP,
            happened_at=facts.created_at,
            status=facts.status_text,
            handling=draft.order.handling_reason,
            replaces=facts.replaces,
        )
    else:
        if facts.updated_at < record.order.updated_at:
            return None
        if facts.digest == record.order.digest and not _hold_is_due(record.order, now):
            return None
        draft = Draft(record, now)
        _note_progress(draft, facts)
        _note_replaced(draft, facts)
    _take_over(draft, facts)
    _see_third_party(draft, facts)
    see_lines(draft, facts)
    _see_recipient(draft, facts)
    if facts.status is TikTokStatus.CANCELLED or state_from_lines(draft.order.lines) is OrderState.CANCELED:
        cancel_order(draft, canceled_by=facts.canceled_by, happened_at=facts.updated_at)
    elif draft.order.state is OrderState.PENDING:
        _see_hold(draft, facts, shop, timing)
    see_carried_cancellations(draft, shop)
    see_scans(draft, facts)
    see_seller_cancellations(draft)
    if record is not None:
        _note_status(draft, record.order, facts)
    see_deadlines(draft, facts, shop, timing, listings)
    return draft.change()


def _first_sight(facts: OrderFacts, shop: ShopSettings) -> Order:
    handling, reason = Handling.OURS, ""
    if facts.third_party_reason:
        handling, reason = Handling.THIRD_PARTY, facts.third_party_reason
    elif facts.created_at < shop.starts_at:
        handling, reason = Handling.WATCHED, "placed before go-live"
    elif _allowed_state(facts) in (OrderState.PARTIALLY_SHIPPED, OrderState.SHIPPED):
        handling, reason = Handling.WATCHED, "already shipped when first seen"
    return Order(
        shop=shop.shop,
        id=facts.id,
        state=OrderState.PENDING,
        handling=handling,
        handling_reason=reason,
        tiktok_status=facts.status_text,
        updated_at=facts.updated_at,
        digest="",
        created_at=facts.created_at,
        recipient=facts.recipient,
        lines=tuple(Line(id=line.id, sku=line.sku) for line in facts.lines),
    )


def _allowed_state(facts: OrderFacts) -> OrderState | None:
    """What TikTok's status allows; None for one that we do not know."""
    return TIKTOK_TO_STATE[facts.status] if facts.status else None


def _hold_is_due(order: Order, now: datetime) -> bool:
    return order.release_due is not None and order.release_due <= now


def _take_over(draft: Draft, facts: OrderFacts) -> None:
    """Keep TikTok's own figures; what it stops showing is not forgotten."""
    order = draft.order
    if facts.status is None and (order.version == 0 or order.tiktok_status != facts.status_text):
        draft.note(Event.UNKNOWN_STATUS, Source.TIKTOK_SHOP, status=facts.status_text)
    known = {line.id for line in order.lines}
    draft.set(
        tiktok_status=facts.status_text,
        updated_at=facts.updated_at,
        digest=facts.digest,
        paid_at=facts.paid_at or order.paid_at,
        ship_by=facts.ship_by or order.ship_by,
        collect_by=facts.collect_by or order.collect_by,
        cancels_unless_shipped_by=facts.cancels_unless_shipped_by or order.cancels_unless_shipped_by,
        cancels_unless_collected_by=facts.cancels_unless_collected_by or order.cancels_unless_collected_by,
        collected_at=facts.collected_at or order.collected_at,
        delivered_at=facts.delivered_at or order.delivered_at,
        cancel_requested=facts.cancel_requested,
        replaces=facts.replaces or order.replaces,
        paid=_most_paid(order.paid, facts.paid),
        lines=order.lines + tuple(Line(id=f.id, sku=f.sku) for f in facts.lines if f.id not in known),
    )


def _most_paid(known: Money | None, shown: Money | None) -> Money | None:
    """What is cancelled may be taken off what TikTok shows, and then it was paid all the same."""
    if known is None or shown is None or shown.currency != known.currency:
        return known or shown
    return max(known, shown, key=lambda each: each.amount)


def _note_progress(draft: Draft, facts: OrderFacts) -> None:
    """What TikTok reports between release and completion, with the notice that the buyer gets from TikTok (G3).

    A poll can miss a status; the time of a collection or a delivery is noted all the same, and once.
    """
    before, status = draft.order, facts.status
    earlier = known_tiktok_status(before.tiktok_status)
    # The deadlines remember a collection whose time was not shown, whatever status came after it.
    counted = draft.deadlines is not None and draft.deadlines.collected_at is not None
    if (facts.collected_at or status is TikTokStatus.IN_TRANSIT) and not (
        before.collected_at or earlier is TikTokStatus.IN_TRANSIT or counted
    ):
        draft.note(Event.COLLECTED, Source.TIKTOK_SHOP, happened_at=facts.collected_at, buyer_notice="shipment notice")
    if (facts.delivered_at or status is TikTokStatus.DELIVERED) and not (
        before.delivered_at or earlier is TikTokStatus.DELIVERED
    ):
        draft.note(Event.DELIVERED, Source.TIKTOK_SHOP, happened_at=facts.delivered_at, buyer_notice="delivery notice")


def _note_replaced(draft: Draft, facts: OrderFacts) -> None:
    """The order in whose place this one is, where TikTok shows it later than the order itself."""
    if facts.replaces and facts.replaces != draft.order.replaces:
        draft.note(Event.ORDER_REPLACED, Source.TIKTOK_SHOP, replaces=facts.replaces)


def _note_status(draft: Draft, before: Order, facts: OrderFacts) -> None:
    """Another status, where nothing else on the timeline says so."""
    released = before.state is OrderState.PENDING and draft.order.state is OrderState.RELEASED_FOR_SHIPMENT
    if facts.status_text == before.tiktok_status or facts.status in _HAVE_EVENTS_OF_THEIR_OWN or released:
        return
    if facts.status is TikTokStatus.COMPLETED:
        draft.note(Event.COMPLETED, Source.TIKTOK_SHOP)
        return
    draft.note(
        Event.STATUS_CHANGED,
        Source.TIKTOK_SHOP,
        happened_at=facts.updated_at,
        before=before.tiktok_status,
        after=facts.status_text,
    )


def _see_third_party(draft: Draft, facts: OrderFacts) -> None:
    """TikTok may say only later that it ships an order itself."""
    if facts.third_party_reason and draft.order.handling is Handling.OURS and not is_handed_over(draft):
        withdraw_hand_over(draft, Handling.THIRD_PARTY, facts.third_party_reason)


def _see_recipient(draft: Draft, facts: OrderFacts) -> None:
    before = draft.order.recipient
    if not facts.recipient or facts.recipient == before:
        return
    draft.set(recipient=facts.recipient)
    if not before:
        return
    too_late = is_handed_over(draft) and not draft.order.nothing_left_the_warehouse
    event = Event.ADDRESS_CHANGED_TOO_LATE if too_late else Event.ADDRESS_CHANGED
    draft.note(event, Source.TIKTOK_SHOP, happened_at=facts.updated_at)
    if not too_late:
        tell_address(draft)


def _see_hold(draft: Draft, facts: OrderFacts, shop: ShopSettings, timing: Timing) -> None:
    """Release when TikTok allows it and the hold is over; else choose the slot in which to look again."""
    order = draft.order
    if order.handling is Handling.THIRD_PARTY:
        draft.set(release_due=None)
        return
    end = hold_ends_at(replace(facts, paid_at=order.paid_at), shop, timing)
    draft.set(hold_ends_at=end)
    allowed = _allowed_state(facts)
    if allowed is OrderState.RELEASED_FOR_SHIPMENT and end is not None and end <= draft.now:
        draft.move_to(OrderState.RELEASED_FOR_SHIPMENT)
        draft.set(release_due=None)
        draft.note(Event.RELEASED, Source.ORDER_SYNC)
        if order.handling is Handling.OURS:
            hand_over(draft, shop, timing)
        return
    if allowed not in (OrderState.PENDING, OrderState.RELEASED_FOR_SHIPMENT):
        return
    slot = release_slot(end, draft.now, timing)
    if order.release_due is None:
        draft.note(Event.HELD, Source.ORDER_SYNC, until=slot.isoformat())
    draft.set(release_due=slot)
    if end is not None and draft.now >= end + timing.buyer_hold and not order.held_long:
        draft.set(held_long=True)
        draft.note(Event.HELD_LONGER_THAN_EXPECTED, Source.ORDER_SYNC, expected=end.isoformat())
