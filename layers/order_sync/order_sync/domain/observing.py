"""Observe mode: what is left to Rithum's own TikTok link, how long, and what holds after that (decision 0016)."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import creation, tell_whoever_gets_it
from order_sync.domain.orders import Order, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event

CARRIED_SOON: Final = timedelta(minutes=30)
"""Two of the link's cycles: less is no sign of trouble, however near a deadline is."""
SPARE_BEFORE_DISPATCH: Final = timedelta(hours=1)
"""A parcel counts as late so long before its dispatch deadline, that somebody can still tell it in time."""
LOOK_AGAIN: Final = timedelta(minutes=10)
"""Less than a cycle: what is left to the link, in time or late, is looked at in each, and a changed setting acts."""
FEWEST_LOOKS: Final = 4
"""What is late is looked at more than once before people are told: it may have come to light late itself."""
LEFT: Final = "left to ChannelAdvisor's own TikTok link"
NOT_CARRIED: Final = (
    "TikTok Shop does not have it after the set time: ChannelAdvisor's own TikTok link has not carried it"
)
NOT_BROUGHT: Final = "ChannelAdvisor's own TikTok link has not brought the order in time"
_PARCELS: Final = frozenset({Action.SHIP, Action.CORRECT_PARCEL})
_VERIFIED: Final = frozenset({Action.CANCEL_ORDER, Action.CANCEL_LINE, Action.REFUND_LINES})


class Leave(NamedTuple):
    """What is left to the link, until it is looked at again; None where a person must look now."""

    until: datetime | None
    reason: str


def link_tends(order: Order, shop: ShopSettings) -> bool:
    """Whether Rithum's own link knows the order, so that it may have carried what happened to it.

    The link knows nothing of orders that we created. What is in ChannelAdvisor not yet goes by the mode.
    """
    return order.brought_by_link if order.channeladvisor_id else shop.observes


def is_observed(order: Order, shop: ShopSettings) -> bool:
    """Whether what happens to this order is left to the link: the shop observes, and the link knows the order."""
    return shop.observes and link_tends(order, shop)


def left_to_link(record: OrderRecord, entry: OutboxEntry, shop: ShopSettings, now: datetime) -> Leave | None:
    """Whether TikTok Shop is to hear of this by the link and not by us; None when we tell it.

    Parcels by whomever: ChannelAdvisor has them, and relays. Of cancellations and refunds those that began in
    ChannelAdvisor. What we may have told already is seen through by us. Answers are always ours.
    """
    if entry.target is not Target.TIKTOK_SHOP or entry.was_interrupted or not is_observed(record.order, shop):
        return None
    if entry.action in _PARCELS:
        late_from = _parcel_late_from(record, entry, shop)
        if now < late_from:
            return Leave(min(late_from, now + LOOK_AGAIN), LEFT)
        return None if shop.channeladvisor.push_late_parcels else Leave(now + LOOK_AGAIN, NOT_CARRIED)
    if _began_in_channeladvisor(record, entry):
        late_from = entry.queued_at + shop.link_grace
        return Leave(min(late_from, now + LOOK_AGAIN), LEFT) if now < late_from else Leave(None, NOT_CARRIED)
    return None


def is_not_carried(entry: OutboxEntry) -> bool:
    """Whether TikTok Shop lacks a parcel, or its newest label, for longer than the set time."""
    is_parcel = entry.target is Target.TIKTOK_SHOP and entry.action in _PARCELS
    return is_parcel and entry.reason == NOT_CARRIED and not entry.has_ended


def patience(entry: OutboxEntry, shop: ShopSettings) -> timedelta:
    """How long ChannelAdvisor's own link may take for what this entry waits for; it is not late before."""
    if not shop.observes or entry.target is not Target.CHANNELADVISOR:
        return timedelta(0)
    if entry.action is Action.CREATE_ORDER:
        return shop.look_up_time
    return shop.link_grace + SPARE_BEFORE_DISPATCH if entry.action in _VERIFIED else timedelta(0)


def is_overdue(entry: OutboxEntry, shop: ShopSettings, now: datetime) -> bool:
    """Whether the link should have brought by now what ChannelAdvisor does not show; after more looks than one."""
    limit = shop.look_up_time if entry.action is Action.CREATE_ORDER else shop.link_grace
    return now - entry.queued_at >= limit and entry.attempts > FEWEST_LOOKS


def look_for_canceled(draft: Draft, shop: ShopSettings) -> None:
    """An order that is cancelled before we knew it in ChannelAdvisor: the link may have brought it all the same."""
    entry = creation(draft, Target.CHANNELADVISOR)
    if not shop.observes or entry is None or draft.order.state is not OrderState.CANCELED:
        return
    before = draft.before.entry(entry.name)
    if before is not None and before.is_untold and entry.state is EntryState.WITHDRAWN:
        draft.put_off(entry, draft.now, "")
        tell_whoever_gets_it(draft, Action.CANCEL_ORDER, Target.CHANNELADVISOR, subject="order")


def decide_left(record: OrderRecord, entry: OutboxEntry, now: datetime, *, leave: Leave) -> Change | None:
    """An entry is left to the link, and what the link has not carried in time is noted once."""
    if not entry.is_untold:
        return None
    draft = Draft(record, now)
    if leave.until is None:
        draft.fail(entry, leave.reason)
    else:
        draft.put_off(entry, leave.until, leave.reason)
    if leave.reason == NOT_CARRIED and entry.reason != NOT_CARRIED:
        draft.note(Event.NOT_CARRIED_BY_NATIVE_LINK, Source.TIKTOK_SHOP, told=entry.action, subject=entry.subject)
    return draft.change()


def decide_carried(record: OrderRecord, entry: OutboxEntry, now: datetime) -> Change | None:
    """A partner has it, brought by the link; nothing was told by us."""
    draft = Draft(record, now)
    draft.finish(entry)
    draft.note(Event.CARRIED_BY_NATIVE_LINK, entry.target.as_source, told=entry.action, subject=entry.subject)
    return draft.change()


def _parcel_late_from(record: OrderRecord, entry: OutboxEntry, shop: ShopSettings) -> datetime:
    late_from, dispatch_by = entry.queued_at + shop.link_grace, record.dispatch_by
    if dispatch_by is None or dispatch_by <= entry.queued_at:
        return late_from
    return min(late_from, max(entry.queued_at + CARRIED_SOON, dispatch_by - SPARE_BEFORE_DISPATCH))


def _began_in_channeladvisor(record: OrderRecord, entry: OutboxEntry) -> bool:
    if entry.action is Action.CANCEL_AS_SELLER:
        wish = record.seller_cancellation(entry.subject)
        return wish is not None and wish.source is Source.CHANNELADVISOR
    if entry.action is Action.REFUND_AS_SELLER:
        refund = record.seller_refund(entry.subject)
        return refund is not None and refund.source is Source.CHANNELADVISOR and refund.return_id is None
    return False
