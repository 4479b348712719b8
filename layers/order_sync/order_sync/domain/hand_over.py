"""The hand-over of a released order (G1, G3): each partner gets it once, then each learns of the other."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from order_sync.domain.drafts import Draft
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing


def hand_over(draft: Draft, shop: ShopSettings, timing: Timing) -> None:
    """Queue the order for ChannelAdvisor and, independently, for the OMS.

    The OMS waits for ChannelAdvisor's number, but no longer than the set time, so that an outage of
    ChannelAdvisor never stops a warehouse.
    """
    order = draft.order
    create = tell(Target.CHANNELADVISOR, Action.CREATE_ORDER, order.shop, order.id, now=draft.now)
    draft.queue(create)
    if shop.has_oms:
        draft.queue(
            OutboxEntry(
                shop=order.shop,
                order=order.id,
                target=Target.OMS,
                action=Action.CREATE_ORDER,
                queued_at=draft.now,
                due_at=draft.now + timing.oms_wait,
                waits_for=create.name,
            )
        )


def creation(draft: Draft, target: Target) -> OutboxEntry | None:
    """The entry that gives this order to a partner, if there is one."""
    return next((e for e in draft.outbox if e.target is target and e.action is Action.CREATE_ORDER), None)


def has_or_may_have(draft: Draft, target: Target) -> bool:
    """Whether a partner has this order, or may have it because a call is on its way."""
    entry = creation(draft, target)
    return entry is not None and entry.may_have_been_told


def is_handed_over(draft: Draft) -> bool:
    """Whether ChannelAdvisor or the OMS has this order or may have it."""
    return has_or_may_have(draft, Target.CHANNELADVISOR) or has_or_may_have(draft, Target.OMS)


def withdraw_hand_over(draft: Draft, handling: Handling, reason: str) -> None:
    """Nobody was given this order yet, and nobody will be."""
    for entry in draft.outbox:
        if entry.is_untold:
            draft.withdraw(entry, reason)
    draft.set(handling=handling, handling_reason=reason)
    draft.note(Event.HANDLING_CHANGED, Source.ORDER_SYNC, handling=handling, reason=reason)


def tell_holders(draft: Draft, action: Action, target: Target, *, subject: str = "order", revision: str = "1") -> None:
    """Tell a partner something about an order that it has; where a creation is on its way, right after it."""
    entry = creation(draft, target)
    if entry is None or not has_or_may_have(draft, target):
        return
    draft.queue(
        tell(
            target,
            action,
            draft.order.shop,
            draft.order.id,
            now=draft.now,
            subject=subject,
            revision=revision,
            waits_for="" if entry.state is EntryState.DONE else entry.name,
        )
    )


def tell_whoever_gets_it(draft: Draft, action: Action, target: Target, *, subject: str, revision: str = "1") -> None:
    """Tell a partner something about an order that it has, or will have: where it is still to be given, after that."""
    entry = creation(draft, target)
    if entry is None or entry.state is EntryState.WITHDRAWN:
        return
    waits_for = "" if entry.state is EntryState.DONE else entry.name
    order = draft.order
    draft.queue(
        tell(
            target,
            action,
            order.shop,
            order.id,
            now=draft.now,
            subject=subject,
            revision=revision,
            waits_for=waits_for,
        )
    )


def tell_address(draft: Draft) -> None:
    """A new address: who has the order is told; who has not will read it when the order is given.

    The time is part of the revision: a buyer may return to an earlier address, and that is news too.
    """
    revision = f"{draft.order.updated_at:%Y%m%dT%H%M%SZ}-{draft.order.recipient}"
    tell_holders(draft, Action.UPDATE_ADDRESS, Target.CHANNELADVISOR, revision=revision)
    tell_holders(draft, Action.UPDATE_ADDRESS, Target.OMS, revision=revision)


def decide_created(
    record: OrderRecord,
    entry: OutboxEntry,
    channeladvisor_id: str,
    *,
    adopted: bool,
    brought_by_link: bool = False,
    units: Mapping[str, int] | None = None,
    now: datetime,
) -> Change | None:
    """ChannelAdvisor has the order, created by us or found there and adopted.

    `units` by SKU are what it holds there: a line that was cancelled before must not take another unit along.
    """
    draft = Draft(record, now)
    event = Event.ADOPTED_IN_CHANNELADVISOR if adopted else Event.CREATED_IN_CHANNELADVISOR
    link_to_channeladvisor(draft, entry, channeladvisor_id, event, units, brought_by_link=brought_by_link)
    return draft.change()


def link_to_channeladvisor(
    draft: Draft,
    entry: OutboxEntry,
    channeladvisor_id: str,
    event: Event,
    units: Mapping[str, int] | None,
    *,
    brought_by_link: bool = False,
) -> None:
    """ChannelAdvisor has the order: what waited for that goes on, and the other sides learn its number."""
    if units is not None:
        drop_lines_beyond(draft, units)
    renumbered = draft.order.channeladvisor_id not in ("", channeladvisor_id)
    draft.finish(entry)
    draft.set(channeladvisor_id=channeladvisor_id, brought_by_link=brought_by_link)
    brought_by = "the native link" if brought_by_link else ""
    draft.note(event, Source.CHANNELADVISOR, channeladvisor_id=channeladvisor_id, brought_by=brought_by)
    if draft.order.state is not OrderState.CANCELED:
        revision = channeladvisor_id if renumbered else "1"
        tell_holders(draft, Action.SET_CHANNELADVISOR_NUMBER, Target.OMS, revision=revision)
        introduce_partners(draft, again=renumbered)
        if renumbered and draft.order.oms_number and creation(draft, Target.OMS) is not None:
            tell_holders(draft, Action.MARK_EXPORTED, Target.CHANNELADVISOR, revision=revision)


def drop_lines_beyond(draft: Draft, units: Mapping[str, int]) -> None:
    """Of the cancelled lines that ChannelAdvisor waits to hear of, those that its order never held."""
    skus = {line.id: line.sku for line in draft.order.lines}
    left = Counter(units)
    left.subtract(line.sku for line in draft.order.lines if line.state is not LineState.CANCELED)
    for entry in untold_lines(draft, Target.CHANNELADVISOR):
        sku = skus[LineId(entry.subject)]
        left[sku] -= 1
        if left[sku] < 0:
            draft.drop(entry, "the order was created without it")


def untold_lines(draft: Draft, target: Target) -> list[OutboxEntry]:
    """Single cancelled lines that a partner surely has not heard of."""
    return [e for e in draft.outbox if e.target is target and e.action is Action.CANCEL_LINE and e.is_untold]


def decide_taken(
    record: OrderRecord,
    entry: OutboxEntry,
    oms_number: str,
    now: datetime,
    *,
    given: Collection[LineId] | None = None,
) -> Change | None:
    """The OMS has the order under its own number; `given` are the lines that it holds, where that is known."""
    draft = Draft(record, now)
    for canceled in untold_lines(draft, Target.OMS):
        if given is not None and canceled.subject not in given:
            draft.drop(canceled, "the order was given without it")
    draft.finish(entry)
    acknowledge(draft, oms_number, Source.OMS)
    return draft.change()


def acknowledge(draft: Draft, oms_number: str, source: Source) -> None:
    """The seller's side has the order, as the OMS says, or as ChannelAdvisor shows where the OMS works inside it."""
    renumbered = draft.order.oms_number not in ("", oms_number)
    draft.set(oms_number=oms_number)
    draft.note(Event.TAKEN_BY_OMS, source, oms_number=oms_number)
    if draft.order.state is OrderState.RELEASED_FOR_SHIPMENT:
        draft.move_to(OrderState.ACKNOWLEDGED_BY_SELLER)
    if draft.order.state is not OrderState.CANCELED:
        introduce_partners(draft, again=renumbered)


def introduce_partners(draft: Draft, *, again: bool = False) -> None:
    """Once both numbers exist: ChannelAdvisor learns the OMS's, and TikTok Shop learns both (TT 2.7, OP C14).

    `again` tells TikTok Shop once more, because a number that it knows has changed.
    """
    order = draft.order
    if not (order.channeladvisor_id and order.oms_number):
        return
    if creation(draft, Target.OMS) is not None:
        tell_holders(draft, Action.MARK_EXPORTED, Target.CHANNELADVISOR)
    told = sum(entry.action is Action.SET_REFERENCE for entry in draft.outbox)
    revision = str(told + 1 if again else 1)
    draft.queue(tell(Target.TIKTOK_SHOP, Action.SET_REFERENCE, order.shop, order.id, now=draft.now, revision=revision))
