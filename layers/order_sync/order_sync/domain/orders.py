"""An order as the ledger keeps it: its state, its lines, and what each partner is known to hold. No buyer data."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
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
    channeladvisor_status: str = ""
    oms_number: str = ""

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """Lines that no parcel holds and nobody cancelled."""
        return tuple(line for line in self.lines if line.state is LineState.OPEN)

    @property
    def nothing_left_the_warehouse(self) -> bool:
        """Whether no line is in a parcel yet."""
        return all(line.state in (LineState.OPEN, LineState.CANCELED) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on a parcel, in the words of whoever reported it."""

    carrier: str
    shipping_class: str = ""
    tracking_number: str
    in_tiktoks_words: bool = False
    """The carrier is named as TikTok Shop names it, and needs no mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One tracking number over some lines of an order, in the words of whoever reported it."""

    id: ParcelId
    source: Source
    carrier: str
    shipping_class: str = ""
    tracking_number: str
    """The last one that TikTok accepted, once TikTok has the parcel."""
    in_tiktoks_words: bool = False
    shipped_at: datetime
    line_ids: tuple[LineId, ...]
    named_lines: tuple[LineId, ...] = ()
    """The lines as its reporter names them, where TikTok Shop wanted other units of the same SKUs."""
    counted: bool = False
    """Its reporter counted units by SKU, so that which lines they are was our choice."""
    package_id: str = ""
    """TikTok's id of the package, once TikTok has it."""
    at_tiktok_since: datetime | None = None
    """When TikTok was seen to have it."""
    tiktok_carrier: str = ""
    """How TikTok names its carrier, once TikTok has shown it."""
    warning: str = ""
    """TikTok took the tracking but doubts it."""
    refused: str = ""
    """Why nobody is told of this parcel."""
    wanted: Label | None = None
    """The label that it got meanwhile; TikTok has not accepted it yet."""
    earlier: tuple[Label, ...] = ()
    """Labels that it had, or should have had, before: who still names one of them is late."""
    shown_before: tuple[Label, ...] = ()
    """Labels that TikTok has shown and shows no more, in TikTok's words: one of them stands on a late page."""
    other_ids: tuple[ParcelId, ...] = ()
    """Other ids under which it was reported as well."""
    corrections: int = 0
    """How often its label was changed at TikTok."""
    seen_at: datetime | None = None
    """The version of the partner's order that showed it first, where there is one."""
    scanned_at: datetime | None = None
    """When the carrier was first seen to have it."""
    recalled: bool = False
    """All that it holds was cancelled: no scan is waited for."""

    @property
    def label(self) -> Label:
        """What stands on it, as TikTok has it or will be told."""
        return Label(
            carrier=self.carrier,
            shipping_class=self.shipping_class,
            tracking_number=self.tracking_number,
            in_tiktoks_words=self.in_tiktoks_words,
        )

    @property
    def newest_label(self) -> Label:
        """What stands on it now, whether TikTok has accepted it or not."""
        return self.wanted or self.label

    @property
    def labels(self) -> tuple[Label, ...]:
        """All that it has or had, the newest first."""
        return tuple(dict.fromkeys((self.newest_label, self.label, *reversed(self.earlier))))

    def label_with(self, tracking_number: str) -> Label | None:
        """The label with a tracking number; where several have it, the one that was to be told first."""
        told_first = (self.label, *reversed(self.earlier), self.newest_label)
        return next((label for label in told_first if label.tracking_number == tracking_number), None)

    @property
    def numbers(self) -> frozenset[str]:
        """All tracking numbers that it has or had."""
        return frozenset(label.tracking_number for label in self.labels)

    def under(self, label: Label) -> "Parcel":
        """The same parcel with this on it."""
        return replace(
            self,
            carrier=label.carrier,
            shipping_class=label.shipping_class,
            tracking_number=label.tracking_number,
            in_tiktoks_words=label.in_tiktoks_words,
        )


def relabeled(parcel: Parcel, label: Label) -> Parcel:
    """The parcel under another label; the old one is remembered."""
    earlier = [known for known in dict.fromkeys((*parcel.earlier, parcel.label)) if known != label]
    return replace(
        parcel.under(label), earlier=tuple(earlier), wanted=None if parcel.wanted == label else parcel.wanted
    )


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
