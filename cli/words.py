"""The words and the moments that operators read, the same in every command."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, Target
from order_sync.domain.statuses import OrderState

STATE_WORDS: Final[Mapping[OrderState, str]] = {
    OrderState.PENDING: "Pending",
    OrderState.RELEASED_FOR_SHIPMENT: "Released for Shipment",
    OrderState.ACKNOWLEDGED_BY_SELLER: "Acknowledged by Seller",
    OrderState.PARTIALLY_SHIPPED: "Partially Shipped",
    OrderState.SHIPPED: "Shipped",
    OrderState.CANCELED: "Canceled",
}
"""Where an order stands with us, as ChannelAdvisor's partner contract calls it (CA 6)."""

LINE_WORDS: Final[Mapping[LineState, str]] = {
    LineState.OPEN: "open",
    LineState.IN_PARCEL: "in a parcel that TikTok Shop has not confirmed",
    LineState.SHIPPED: "shipped",
    LineState.CANCELED: "cancelled",
}
HANDLING_WORDS: Final[Mapping[Handling, str]] = {
    Handling.OURS: "ours to push",
    Handling.WATCHED: "only watched",
    Handling.THIRD_PARTY: "fulfilled by a third party, only watched",
}
WHO: Final[Mapping[str, str]] = {
    Source.TIKTOK_SHOP: "TikTok Shop",
    Source.CHANNELADVISOR: "ChannelAdvisor",
    Source.OMS: "the OMS",
    Source.ORDER_SYNC: "Order Sync",
    Source.OPERATOR: "an operator",
}
PEOPLE: Final = "the people who watch over the shop"
"""Whom the target OPERATOR means: they are told by notice."""
ACTION_WORDS: Final[Mapping[Action, str]] = {
    Action.APPROVE_CANCEL_REQUEST: "approve the buyer's cancel request",
    Action.REJECT_CANCEL_REQUEST: "reject the buyer's cancel request",
    Action.SHIP: "ship a parcel",
    Action.CORRECT_PARCEL: "correct a parcel's label",
    Action.CANCEL_AS_SELLER: "cancel as the seller",
    Action.APPROVE_RETURN: "approve what the buyer asks back",
    Action.REJECT_RETURN: "reject what the buyer asks back",
    Action.REFUND_AS_SELLER: "refund as the seller",
    Action.CANCEL_ORDER: "cancel the order",
    Action.CANCEL_LINE: "cancel a unit",
    Action.RECOVER_PARCELS: "get the parcels back",
    Action.SETTLE_CANCEL_REQUEST: "tell how the cancel request ended",
    Action.SETTLE_SELLER_CANCELLATION: "tell how the seller's cancellation ended",
    Action.SETTLE_SELLER_REFUND: "tell how the seller's refund ended",
    Action.CREATE_ORDER: "create the order",
    Action.NOTE_CANCEL_REQUEST: "note the buyer's cancel request",
    Action.REFUND_LINES: "book the refund",
    Action.NOTE_RETURN: "note how a return stands",
    Action.UPDATE_ADDRESS: "change the address",
    Action.NOTE_PARCEL: "note a parcel",
    Action.CHECK_PARCEL: "look again at a parcel that was taken with a warning",
    Action.SET_CHANNELADVISOR_NUMBER: "give ChannelAdvisor's number",
    Action.MARK_EXPORTED: "mark the order as exported",
    Action.SET_REFERENCE: "give the order's other numbers",
    Action.NOTIFY: "send a notice",
}


def who(side: str) -> str:
    """Who says or is told something, in words."""
    return WHO.get(side, side)


def whom(target: Target) -> str:
    """Who is told something, in words."""
    return PEOPLE if target is Target.OPERATOR else WHO[target.value]


def what(action: str) -> str:
    """What is told, in words; an action of a newer version is named as it is."""
    return ACTION_WORDS[Action(action)] if action in list(Action) else action


def entry_words(name: str) -> str:
    """What an entry is about, by its name; also of what entries wait for that is no entry."""
    parts = name.split("#")
    if parts[0] == "CANCEL_REQUEST":
        return f"the end of cancel request {parts[-1]}"
    if parts[0] not in list(Target) or len(parts) < 4:
        return name
    target, action, subject = parts[0], parts[1], parts[2]
    about = "" if subject == "order" else f" {subject}"
    return f"{whom(Target(target))}: {what(action)}{about}"


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment where the shop is."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}"


def local_and_utc(moment: datetime, zone: ZoneInfo) -> str:
    """The same, and in UTC beside it."""
    return f"{local(moment, zone)} = {moment:%Y-%m-%d %H:%M}Z"


def span(time: timedelta) -> str:
    """How long something takes, in the two largest units that matter."""
    seconds = int(abs(time).total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def until(moment: datetime, now: datetime) -> str:
    """How far away a moment is."""
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"
