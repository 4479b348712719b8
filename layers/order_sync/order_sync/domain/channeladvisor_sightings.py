"""What a sighting of an order in ChannelAdvisor decides: the OMS's trace there, and parcels entered by hand."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from order_sync.domain.cancelling.by_seller import report_cancellation
from order_sync.domain.cancelling.cancellations import ReportedCancellation, SellerReason
from order_sync.domain.cancelling.carried import see_carried_cancellations
from order_sync.domain.cancelling.news import tell_canceled_lines, tell_cancellation
from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import (
    acknowledge,
    creation,
    drop_lines_beyond,
    has_or_may_have,
    link_to_channeladvisor,
)
from order_sync.domain.ids import OrderId
from order_sync.domain.observing import is_observed
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.by_seller import report_refund
from order_sync.domain.returning.returns import ReportedRefund
from order_sync.domain.shipping.deletions import see_deletions
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.reports import report_parcel
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import SHIPPING_STATUS_TO_STATE, OrderState, ShippingStatus, known_shipping_status
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAdvisorFacts:
    """One order as ChannelAdvisor shows it; `parcels` are its shipped fulfilments, ours by their own ids."""

    id: str
    order: OrderId
    updated_at: datetime
    shipping_status: str
    seller_order_id: str = ""
    units: tuple[tuple[str, int], ...] = ()
    """What it holds, by SKU, cancelled or not."""
    parcels: tuple[ReportedParcel, ...] = ()
    cancellations: tuple[ReportedCancellation, ...] = ()
    """Made there by others than us; what a buyer asks for is none."""
    refunds: tuple[ReportedRefund, ...] = ()
    """Made there by others than us and than the channel."""


def decide_channeladvisor_sighting(
    record: OrderRecord, facts: ChannelAdvisorFacts, shop: ShopSettings, timing: Timing, now: datetime
) -> Change | None:
    """What changes in the ledger because ChannelAdvisor shows these facts; None when nothing does.

    For sellers whose OMS works inside ChannelAdvisor, a seller's order number or PendingShipment is
    the evidence that the OMS has the order (CA 4.2). An order whose creation is in doubt is seen as well:
    the feed may not bring again what happens to it before we know its number.
    """
    draft = Draft(record, now)
    if shop.observes and not record.order.channeladvisor_id:
        _see_brought(draft, facts)
    in_doubt = not record.order.channeladvisor_id and has_or_may_have(draft, Target.CHANNELADVISOR)
    if draft.order.channeladvisor_id != facts.id and not in_doubt:
        return None
    _see(draft, facts, shop, timing)
    return draft.change()


def decide_found(
    record: OrderRecord,
    entry: OutboxEntry,
    *,
    facts: ChannelAdvisorFacts,
    shop: ShopSettings,
    timing: Timing,
    now: datetime,
    brought_by_link: bool,
) -> Change | None:
    """An order that was looked for is there: it is linked, and what happened to it there before is seen at once."""
    draft = Draft(record, now)
    _link(draft, entry, facts, brought_by_link=brought_by_link)
    _see(draft, facts, shop, timing)
    return draft.change()


def _see_brought(draft: Draft, facts: ChannelAdvisorFacts) -> None:
    """The order that is waited for, unless an attempt of ours to create it may have made it."""
    entry = creation(draft, Target.CHANNELADVISOR)
    canceled = draft.order.state is OrderState.CANCELED
    if entry is None or draft.order.handling is not Handling.OURS:
        return
    if entry.is_untold or (entry.state is EntryState.WITHDRAWN and canceled):
        _link(draft, entry, facts, brought_by_link=True)


def _link(draft: Draft, entry: OutboxEntry, facts: ChannelAdvisorFacts, *, brought_by_link: bool) -> None:
    units = Counter[str]()
    for sku, quantity in facts.units:
        units[sku] += quantity
    event = Event.ADOPTED_IN_CHANNELADVISOR
    link_to_channeladvisor(draft, entry, facts.id, event, units, brought_by_link=brought_by_link)
    canceled = [line.id for line in draft.order.lines if line.state is LineState.CANCELED]
    if draft.order.state is OrderState.CANCELED:
        tell_cancellation(draft)
    elif canceled:
        # The link may have brought the order before these were cancelled, or after that, without them.
        tell_canceled_lines(draft, canceled)
        drop_lines_beyond(draft, units)


def _see(draft: Draft, facts: ChannelAdvisorFacts, shop: ShopSettings, timing: Timing) -> None:
    record = draft.before
    if facts.shipping_status != record.order.channeladvisor_status:
        draft.set(channeladvisor_status=facts.shipping_status)
        if record.order.channeladvisor_status or facts.shipping_status != ShippingStatus.UNSHIPPED:
            draft.note(
                Event.CHANNELADVISOR_STATUS_CHANGED,
                Source.CHANNELADVISOR,
                happened_at=facts.updated_at,
                before=record.order.channeladvisor_status,
                after=facts.shipping_status,
            )
    if not shop.has_oms:
        _see_trace_of_oms(draft, facts)
    if record.order.handling is Handling.OURS:
        if facts.shipping_status != ShippingStatus.THIRD_PARTY_MANAGED:
            see_deletions(draft, Source.CHANNELADVISOR, facts.parcels, facts.updated_at)
        for parcel in facts.parcels:
            report_parcel(draft, parcel, shop, timing)
        if is_observed(draft.order, shop):
            # The link carries them to TikTok Shop, so that it takes longer until they show there.
            timing = replace(timing, confirmation=max(timing.confirmation, shop.link_grace))
            _see_carried_cancellation(draft, facts)
        for cancellation in _cancellations(draft, facts):
            report_cancellation(draft, cancellation, timing)
        see_carried_cancellations(draft, shop)
        for refund in facts.refunds:
            report_refund(draft, refund, timing)


def _see_carried_cancellation(draft: Draft, facts: ChannelAdvisorFacts) -> None:
    """The link has brought a cancellation after people were told that it had not."""
    if facts.shipping_status != ShippingStatus.CANCELED:
        return
    for entry in draft.outbox:
        is_cancellation = entry.action in (Action.CANCEL_ORDER, Action.CANCEL_LINE)
        if entry.target is Target.CHANNELADVISOR and is_cancellation and entry.is_untold:
            draft.finish(entry)
            draft.note(Event.CARRIED_BY_NATIVE_LINK, Source.CHANNELADVISOR, told=entry.action, subject=entry.subject)


def _see_trace_of_oms(draft: Draft, facts: ChannelAdvisorFacts) -> None:
    if facts.seller_order_id and facts.seller_order_id != draft.order.oms_number:
        acknowledge(draft, facts.seller_order_id, Source.CHANNELADVISOR)
        return
    status = known_shipping_status(facts.shipping_status)
    shown = SHIPPING_STATUS_TO_STATE[status] if status else None
    if shown is OrderState.ACKNOWLEDGED_BY_SELLER and draft.order.state is OrderState.RELEASED_FOR_SHIPMENT:
        draft.move_to(shown)


def _cancellations(draft: Draft, facts: ChannelAdvisorFacts) -> tuple[ReportedCancellation, ...]:
    """What was cancelled there and is not known yet.

    Unit by unit until nothing is left is the whole order, not its parts, which TikTok Shop takes for one reason only
    (TT 4.1). What has that reason goes alone all the same where the rest has another, which may be refused.
    """
    known = {name for wish in draft.seller_cancellations for name in (wish.id, *wish.parts)}
    fresh = tuple(each for each in facts.cancellations if each.id not in known)
    if facts.shipping_status != ShippingStatus.CANCELED or len(fresh) < max(len(facts.cancellations), 2):
        return fresh
    alone = tuple(each for each in fresh if each.reason is SellerReason.OUT_OF_STOCK)
    rest = tuple(each for each in fresh if each not in alone)
    return (*alone, _whole(rest)) if rest else (_whole(alone),)


def _whole(steps: tuple[ReportedCancellation, ...]) -> ReportedCancellation:
    return replace(steps[0], units=(), parts=tuple(each.id for each in steps[1:]))
