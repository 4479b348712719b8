"""Parcels on their way back (G3): who reported one, who must be told, and what TikTok confirmed."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from order_sync.domain.cancelling.by_seller import yield_to_parcel
from order_sync.domain.cancelling.news import CANCELED_FIRST, forgive_failed, recover_parcels
from order_sync.domain.cancelling.parcels import answer_by_parcel
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.hand_over import creation
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import (
    Handling,
    LineState,
    Order,
    Parcel,
    Source,
    lines_in_state,
    state_from_lines,
)
from order_sync.domain.outbox import UNCLAIMED, Action, EntryState, OutboxEntry, Target, parcel_of, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing


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


class _CanceledFirstError(RejectedError):
    """All lines of a parcel were cancelled before it was reported."""

    def __init__(self, line_ids: tuple[LineId, ...]) -> None:
        super().__init__(CANCELED_FIRST)
        self.line_ids = line_ids


def decide_reported_parcel(
    record: OrderRecord, report: ReportedParcel, shop: ShopSettings, timing: Timing, now: datetime
) -> Change | None:
    """A parcel was reported: kept once, and told to everyone who does not know it.

    A parcel that cannot be right (its lines, its tracking number, the order's state) is kept with the
    reason and told to nobody, until it is reported again and is right by then. A known tracking number
    is an echo, and its reporter is told nothing; a known id with another tracking number cannot be right.
    What has left although it was cancelled must come back.
    """
    draft = Draft(record, now)
    report_parcel(draft, report, shop, timing)
    return draft.change()


def report_parcel(draft: Draft, report: ReportedParcel, shop: ShopSettings, timing: Timing) -> None:
    """The same, inside a larger decision."""
    echo_of = next((k for k in draft.parcels if k.tracking_number == report.tracking_number and not k.refused), None)
    if echo_of is not None:
        _spare_reporter(draft, echo_of, report)
        return
    earlier = next((known for known in draft.parcels if known.id == report.id and not known.refused), None)
    parcel = Parcel(
        id=report.id if earlier is None else ParcelId(f"{report.id}@{report.tracking_number}"),
        source=report.source,
        carrier=report.carrier,
        shipping_class=report.shipping_class,
        tracking_number=report.tracking_number,
        shipped_at=report.shipped_at,
        line_ids=(),
    )
    try:
        line_ids = _lines_of(draft.order, report, earlier)
    except RejectedError as error:
        if any((known.id, known.tracking_number) == (parcel.id, parcel.tracking_number) for known in draft.parcels):
            return
        left = error.line_ids if isinstance(error, _CanceledFirstError) else ()
        refused = replace(parcel, refused=str(error), line_ids=left)
        draft.keep_parcel(refused)
        draft.note(
            Event.FAILED,
            report.source,
            happened_at=report.shipped_at,
            parcel=parcel.id,
            tracking_number=parcel.tracking_number,
            reason=str(error),
        )
        forgive_failed(draft, refused)
        recover_parcels(draft)
        return
    parcel = replace(parcel, line_ids=line_ids)
    keep_new_parcel(draft, parcel)
    draft.set(lines=lines_in_state(draft.order.lines, line_ids, LineState.IN_PARCEL))
    tell_parcel(draft, parcel)
    answer_by_parcel(draft, parcel, shop, timing)
    yield_to_parcel(draft, parcel, timing)
    forgive_failed(draft, parcel)
    recover_parcels(draft)


def keep_new_parcel(draft: Draft, parcel: Parcel) -> None:
    """Keep a parcel and say on the timeline who reported it."""
    draft.keep_parcel(parcel)
    draft.note(
        Event.PARCEL_REPORTED,
        parcel.source,
        happened_at=parcel.shipped_at,
        parcel=parcel.id,
        tracking_number=parcel.tracking_number,
        carrier=parcel.carrier,
    )


def _spare_reporter(draft: Draft, parcel: Parcel, report: ReportedParcel) -> None:
    """Who reports a whole parcel knows it, however that came about, and need not be told: twice would be refused."""
    if not _is_all_of(draft.order, parcel, report):
        return
    for entry in draft.outbox:
        is_about_it = entry.subject == parcel.id and entry.action in (Action.SHIP, Action.NOTE_PARCEL)
        if is_about_it and entry.target.as_source is report.source and entry.state in UNCLAIMED:
            draft.finish(entry)
            draft.note(
                Event.NOT_TOLD,
                report.source,
                told=entry.action,
                subject=entry.subject,
                reason="the same parcel is there already",
            )


def _is_all_of(order: Order, parcel: Parcel, report: ReportedParcel) -> bool:
    if report.units:
        skus = Counter(line.sku for line in order.lines if line.id in parcel.line_ids)
        return Counter(dict(report.units)) == skus
    return not report.line_ids or set(report.line_ids) == set(parcel.line_ids)


def _lines_of(order: Order, report: ReportedParcel, earlier: Parcel | None) -> tuple[LineId, ...]:
    if earlier is not None:
        raise RejectedError(f"parcel {report.id} was reported before with {earlier.tracking_number!r}")
    if not report.tracking_number.strip():
        raise RejectedError("the parcel has no tracking number")
    if order.handling is not Handling.OURS:
        raise RejectedError(f"the order is not ours to ship: {order.handling_reason}")
    if order.state is OrderState.PENDING:
        raise RejectedError(f"the order is {order.state}")
    open_ids = {line.id for line in order.open_lines}
    canceled = {line.id for line in order.lines if line.state is LineState.CANCELED}
    if report.line_ids:
        chosen = tuple(dict.fromkeys(report.line_ids))
        if wrong := [line for line in chosen if line not in open_ids | canceled]:
            raise RejectedError(f"lines {', '.join(wrong)} are not open lines of this order")
    elif report.units:
        chosen = _lines_by_units(order, report.units)
    else:
        chosen = tuple(line.id for line in order.lines if line.id in (open_ids or canceled))
    if not chosen:
        raise RejectedError("no line of this order is open")
    if open_ids.isdisjoint(chosen):
        raise _CanceledFirstError(chosen)
    return chosen


def _lines_by_units(order: Order, units: tuple[tuple[str, int], ...]) -> tuple[LineId, ...]:
    wanted = Counter[str]()
    for sku, quantity in units:
        if quantity < 1:
            raise RejectedError(f"{quantity} of {sku!r} is no number of units")
        wanted[sku] += quantity
    chosen = []
    # Of the units of one SKU those that are still wanted have left; more than those were cancelled too late.
    canceled = [line for line in order.lines if line.state is LineState.CANCELED]
    for line in (*order.open_lines, *canceled):
        if wanted[line.sku] > 0:
            wanted[line.sku] -= 1
            chosen.append(line.id)
    missing = [f"{quantity} of {sku!r}" for sku, quantity in wanted.items() if quantity > 0]
    if missing:
        raise RejectedError(f"more units than are open in this order: {', '.join(missing)}")
    return tuple(chosen)


def tell_parcel(draft: Draft, parcel: Parcel) -> None:
    """Queue a parcel for everyone but its reporter; who has not got the order yet hears of it right after."""
    order = draft.order
    for target, action in (
        (Target.TIKTOK_SHOP, Action.SHIP),
        (Target.CHANNELADVISOR, Action.SHIP),
        (Target.OMS, Action.NOTE_PARCEL),
    ):
        if target.as_source is parcel.source:
            continue
        waits_for = ""
        if target is not Target.TIKTOK_SHOP:
            created = creation(draft, target)
            if created is None or created.state is EntryState.WITHDRAWN:
                continue
            waits_for = "" if created.state is EntryState.DONE else created.name
        draft.queue(tell(target, action, order.shop, order.id, now=draft.now, subject=parcel.id, waits_for=waits_for))


def decide_shipped_at_tiktok(
    record: OrderRecord, entry: OutboxEntry, package_id: str, warning: str, now: datetime
) -> Change | None:
    """TikTok took a parcel, perhaps with a warning: its lines are shipped."""
    draft = Draft(record, now)
    parcel = parcel_of(entry, draft.parcels)
    draft.finish(entry)
    known, since = package_id or parcel.package_id, parcel.at_tiktok_since or now
    draft.keep_parcel(replace(parcel, package_id=known, at_tiktok_since=since, warning=warning))
    draft.set(lines=lines_in_state(draft.order.lines, parcel.line_ids, LineState.SHIPPED))
    draft.note(
        Event.PARCEL_AT_TIKTOK,
        Source.TIKTOK_SHOP,
        parcel=parcel.id,
        package=package_id,
        warning=warning,
    )
    state = state_from_lines(draft.order.lines)
    if state is not None:
        draft.move_to(state)
    return draft.change()
