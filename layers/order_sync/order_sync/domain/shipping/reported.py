"""A parcel as it was reported, and which lines of the order it must be: ids, units by SKU, or all that is open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from order_sync.domain.cancelling.news import CANCELED_FIRST
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Handling, Line, LineState, Order, Source
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.statuses import OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedParcel:
    """A parcel in the words of whoever shipped it. Lines by id, or units by SKU, or neither for all that is open."""

    id: ParcelId
    source: Source
    carrier: str
    shipping_class: str = ""
    tracking_number: str
    shipped_at: datetime
    line_ids: tuple[LineId, ...] = ()
    units: tuple[tuple[str, int], ...] = ()
    seen_at: datetime | None = None
    """The version of the partner's order that shows it, where there is one."""

    @property
    def label(self) -> Label:
        """What stands on it."""
        return Label(carrier=self.carrier, shipping_class=self.shipping_class, tracking_number=self.tracking_number)


DELETED: Final = "deleted where it was reported, before TikTok Shop was told"
"""Why a parcel is told to nobody any more."""


class CanceledFirstError(RejectedError):
    """All lines of a parcel were cancelled before it was reported."""

    def __init__(self, line_ids: tuple[LineId, ...]) -> None:
        super().__init__(CANCELED_FIRST)
        self.line_ids = line_ids


def lines_of(order: Order, parcels: Iterable[Parcel], report: ReportedParcel) -> tuple[LineId, ...]:
    """The lines of a new parcel. Raises RejectedError when it cannot be one of this order's."""
    if not report.tracking_number.strip():
        raise RejectedError("the parcel has no tracking number")
    if order.handling is not Handling.OURS:
        raise RejectedError(f"the order is not ours to ship: {order.handling_reason}")
    if order.state is OrderState.PENDING:
        raise RejectedError(f"the order is {order.state}")
    open_ids = {line.id for line in order.open_lines}
    canceled = {line.id for line in order.lines if line.state is LineState.CANCELED}
    if report.line_ids:
        chosen = _as_tiktok_has_them(order, parcels, tuple(dict.fromkeys(report.line_ids)))
        if wrong := [line for line in chosen if line not in open_ids | canceled]:
            raise RejectedError(f"lines {', '.join(wrong)} are not open lines of this order")
    elif report.units:
        chosen = _lines_by_units(order, report.units)
    else:
        chosen = tuple(line.id for line in order.lines if line.id in (open_ids or canceled))
    if not chosen:
        raise RejectedError("no line of this order is open")
    if open_ids.isdisjoint(chosen):
        raise CanceledFirstError(chosen)
    return chosen


def _as_tiktok_has_them(order: Order, parcels: Iterable[Parcel], line_ids: tuple[LineId, ...]) -> tuple[LineId, ...]:
    """The named lines. One that no reporter has named, and that our choice or an exchange of units put into a parcel,
    stands for an open one of its SKU: one unit is as good as another."""
    skus = {line.id: line.sku for line in order.lines}
    standing = [parcel for parcel in parcels if not parcel.refused]
    named = {line for parcel in standing if not parcel.counted for line in parcel.named_lines or parcel.line_ids}
    chosen = {line for parcel in standing for line in parcel.line_ids} - named
    instead = [line.id for line in order.open_lines if line.id not in line_ids]
    found = []
    for line in line_ids:
        match = next((each for each in instead if line in chosen and skus[each] == skus[line]), None)
        if match is not None:
            instead.remove(match)
        found.append(match or line)
    return tuple(found)


def _lines_by_units(order: Order, units: tuple[tuple[str, int], ...]) -> tuple[LineId, ...]:
    wanted = Counter[str]()
    for sku, quantity in units:
        if quantity < 1:
            raise RejectedError(f"{quantity} of {sku!r} is no number of units")
        wanted[sku] += quantity
    chosen = []
    # Of the units of one SKU those that are still wanted have left; more than those were cancelled too late.
    for line in lines_left(order):
        if wanted[line.sku] > 0:
            wanted[line.sku] -= 1
            chosen.append(line.id)
    missing = [f"{quantity} of {sku!r}" for sku, quantity in wanted.items() if quantity > 0]
    if missing:
        raise RejectedError(f"more units than are open in this order: {', '.join(missing)}")
    return tuple(chosen)


def lines_beyond(order: Order, known: Parcel, report: ReportedParcel) -> tuple[LineId, ...]:
    """The lines that the parcel's own reporter names beyond what it holds; none in what others echo.

    Those that were cancelled too late among them, after the open ones.

    ChannelAdvisor shows all units under a number together. Each shipment of an OMS has units of its own, and the same
    ones whenever it is shown again.
    """
    if report.source is not known.source:
        return ()
    may_be = [line for line in lines_left(order) if line.id not in known.line_ids]
    if not report.units:
        return tuple(line.id for line in may_be if line.id in report.line_ids)
    wanted = units_of(report)
    if report.source is Source.CHANNELADVISOR:
        wanted.subtract(line.sku for line in order.lines if line.id in known.line_ids)
    elif report.id in (known.id, *known.other_ids):
        return ()
    more = []
    for line in may_be:
        if wanted[line.sku] > 0:
            wanted[line.sku] -= 1
            more.append(line.id)
    return tuple(more)


def lines_left(order: Order) -> tuple[Line, ...]:
    """The lines that a parcel may still hold: the open ones, then what was cancelled too late."""
    return (*order.open_lines, *(line for line in order.lines if line.state is LineState.CANCELED))


def units_of(report: ReportedParcel) -> Counter[str]:
    """How many of each SKU, which may be named more than once."""
    units = Counter[str]()
    for sku, quantity in report.units:
        units[sku] += quantity
    return units


def is_all_of(order: Order, parcel: Parcel, report: ReportedParcel) -> bool:
    """Whether a report is of the whole of a known parcel."""
    if report.units:
        skus = Counter(line.sku for line in order.lines if line.id in parcel.line_ids)
        return units_of(report) == skus
    return not report.line_ids or set(report.line_ids) == set(parcel.line_ids)


def is_open(order: Order, report: ReportedParcel) -> bool:
    """Whether all that a report names is open, so that it can be a parcel of its own."""
    if report.units:
        return not units_of(report) - Counter(line.sku for line in order.open_lines)
    return set(report.line_ids) <= {line.id for line in order.open_lines}
