"""An order as the ledger keeps it: its state, its lines, and what each partner is known to hold. No buyer data."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from order_sync.domain.ids import LineId, OrderId, ShopId
from order_sync.domain.money import Money
from order_sync.domain.statuses import OrderState


class LineState(StrEnum):
    """Where one unit stands. It only moves down this list, unless its parcel does not leave after all."""

    OPEN = "OPEN"
    IN_PARCEL = "IN_PARCEL"
    """A parcel was reported to us; TikTok has not confirmed it yet."""
    SHIPPED = "SHIPPED"
    CANCELED = "CANCELED"


class Handling(StrEnum):
    """Whether this order is ours to push."""

    OURS = "OURS"
    WATCHED = "WATCHED"
    THIRD_PARTY = "THIRD_PARTY"


class Source(StrEnum):
    """Who said so."""

    TIKTOK_SHOP = "TIKTOK_SHOP"
    CHANNELADVISOR = "CHANNELADVISOR"
    OMS = "OMS"
    ORDER_SYNC = "ORDER_SYNC"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One unit of an order."""

    id: LineId
    sku: str
    state: LineState = LineState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The head of an order. `version` counts its changes; 0 means not saved yet."""

    shop: ShopId
    id: OrderId
    version: int = 0
    state: OrderState
    handling: Handling
    handling_reason: str = ""
    tiktok_status: str
    updated_at: datetime
    """TikTok's own time of the newest sighting."""
    digest: str
    created_at: datetime
    paid_at: datetime | None = None
    hold_ends_at: datetime | None = None
    release_due: datetime | None = None
    """The slot in which the hold is looked at again; None once the hold is over."""
    held_long: bool = False
    recipient: str = ""
    lines: tuple[Line, ...]
    ship_by: datetime | None = None
    collect_by: datetime | None = None
    cancels_unless_shipped_by: datetime | None = None
    cancels_unless_collected_by: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    cancel_requested: bool = False
    canceled_by: str = ""
    """Whom TikTok names as the one who cancelled."""
    channeladvisor_id: str = ""
    brought_by_link: bool = False
    """Whether another link than we, such as Rithum's own, brought it to ChannelAdvisor; it means something once linked.
    Rithum's link tends only what it brought."""
    channeladvisor_status: str = ""
    oms_number: str = ""
    paid: Money | None = None
    """The most that TikTok ever showed as paid: what is cancelled may be taken off later."""
    replaces: str = ""
    """The order that this one replaces, or is exchanged for."""
    replaced_by: tuple[OrderId, ...] = ()

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """Lines that no parcel holds and nobody cancelled."""
        return tuple(line for line in self.lines if line.state is LineState.OPEN)

    @property
    def nothing_left_the_warehouse(self) -> bool:
        """Whether no line is in a parcel yet."""
        return all(line.state in (LineState.OPEN, LineState.CANCELED) for line in self.lines)


def lines_in_state(lines: Iterable[Line], ids: Iterable[LineId], state: LineState) -> tuple[Line, ...]:
    """The lines with those named moved to a state; a line never moves back."""
    order = list(LineState)
    named = frozenset(ids)
    return tuple(
        Line(id=line.id, sku=line.sku, state=state)
        if line.id in named and order.index(line.state) < order.index(state)
        else line
        for line in lines
    )


def reopened(lines: Iterable[Line], ids: Iterable[LineId]) -> tuple[Line, ...]:
    """The lines with those named open again, where they stood in a parcel that does not leave after all."""
    named = frozenset(ids)
    return tuple(
        replace(line, state=LineState.OPEN) if line.id in named and line.state is LineState.IN_PARCEL else line
        for line in lines
    )


def state_from_lines(lines: Iterable[Line]) -> OrderState | None:
    """What the lines say about the order: CANCELED, SHIPPED, PARTIALLY_SHIPPED, or None while nothing is shipped."""
    states = [line.state for line in lines]
    if not states:
        return None
    if all(state is LineState.CANCELED for state in states):
        return OrderState.CANCELED
    living = [state for state in states if state is not LineState.CANCELED]
    if all(state is LineState.SHIPPED for state in living):
        return OrderState.SHIPPED
    return OrderState.PARTIALLY_SHIPPED if LineState.SHIPPED in living else None
