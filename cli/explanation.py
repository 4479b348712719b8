"""What happened to one order, and what it waits for: a value made of what the ledger holds, and of nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cli.entries import EntryView, view_of, whole
from cli.finding import Found
from cli.questions import AskedView, asked_of
from cli.sentences import sentence_of
from cli.words import HANDLING_WORDS, LINE_WORDS, STATE_WORDS, who
from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.pairs import Pair, cancel_pairs, dispatch_pair, explain, tiktoks_dispatch_deadline
from order_sync.domain.deadlines.policies import ClockStop
from order_sync.domain.deadlines.tallies import counted_as
from order_sync.domain.orders import Order
from order_sync.domain.outbox import EntryState
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import SHIPPING_STATUS_WORDS, OrderState, known_shipping_status, words_for_tiktok
from order_sync.domain.timeline import TimelineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One unit."""

    id: str
    sku: str
    state: str
    words: str
    parcel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineView:
    """One deadline as we have it and as TikTok Shop has it."""

    name: str
    must_happen: str
    ours: datetime | None
    tiktok_shop: datetime | None
    met_at: datetime | None
    is_over: bool
    """It needs nothing any more: met, or the order is cancelled."""
    why_different: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelView:
    """One parcel, as it was last reported."""

    id: str
    reported_by: str
    carrier: str
    tracking_number: str
    shipped_at: datetime
    lines: tuple[str, ...]
    package_id: str
    at_tiktok_since: datetime | None
    scanned_at: datetime | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One entry of the timeline."""

    at: datetime
    happened_at: datetime | None
    event: str
    source: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that is known of an order. There is no buyer in it, because there is none in the ledger."""

    order: str
    shop: str
    shop_name: str
    time_zone: str
    state: str
    state_words: str
    tiktok_status: str
    channeladvisor_status: str
    channeladvisor_id: str
    oms_number: str
    handling: str
    handling_reason: str
    created_at: datetime
    paid_at: datetime | None
    hold_ends_at: datetime | None
    is_held: bool
    held_long: bool
    paid: str
    canceled_by: str
    replaces: str
    replaced_by: tuple[str, ...]
    collected_at: datetime | None
    delivered_at: datetime | None
    counts_as: str
    """What the Late Dispatch Rate makes of it; empty while nothing is decided."""
    policy_profile: str
    lines: tuple[LineView, ...]
    deadlines: tuple[DeadlineView, ...]
    questions: tuple[AskedView, ...]
    parcels: tuple[ParcelView, ...]
    outbox: tuple[EntryView, ...]
    to_do: tuple[str, ...]
    timeline: tuple[EventView, ...]
    damaged: tuple[str, ...]
    now: datetime


def explain_order(found: Found, shop: ShopSettings, now: datetime) -> Explanation:
    """Make the explanation of an order."""
    record, order, deadlines = found.record, found.record.order, found.record.deadlines
    outbox = tuple(
        view_of(entry, now, found.repairs) for entry in sorted(record.outbox, key=lambda entry: entry.queued_at)
    )
    questions = tuple(asked_of(record, shop))
    counted = counted_as(deadlines, deadlines.figures.dispatch_by) if deadlines else None
    return Explanation(
        order=order.id,
        shop=shop.shop,
        shop_name=shop.name,
        time_zone=shop.time_zone,
        state=order.state.value,
        state_words=STATE_WORDS[order.state],
        tiktok_status=words_for_tiktok(order.tiktok_status),
        channeladvisor_status=_channeladvisor_words(order.channeladvisor_status),
        channeladvisor_id=order.channeladvisor_id,
        oms_number=order.oms_number,
        handling=HANDLING_WORDS[order.handling],
        handling_reason=order.handling_reason,
        created_at=order.created_at,
        paid_at=order.paid_at,
        hold_ends_at=order.hold_ends_at,
        is_held=order.release_due is not None,
        held_long=order.held_long,
        paid=str(order.paid or ""),
        canceled_by=order.canceled_by,
        replaces=order.replaces,
        replaced_by=tuple(order.replaced_by),
        collected_at=order.collected_at,
        delivered_at=order.delivered_at,
        counts_as=counted.replace("_", " ") if counted else "",
        policy_profile=deadlines.figures.profile if deadlines else "",
        lines=tuple(_lines(record)),
        deadlines=tuple(_deadlines(order, deadlines, shop)) if deadlines else (),
        questions=questions,
        parcels=tuple(_parcel(parcel) for parcel in record.parcels),
        outbox=outbox,
        to_do=tuple(_to_do(record, questions, outbox, found.damaged)),
        timeline=tuple(_event(fact, shop) for fact in found.timeline),
        damaged=found.damaged,
        now=now,
    )


def _channeladvisor_words(text: str) -> str:
    status = known_shipping_status(text)
    return SHIPPING_STATUS_WORDS[status] if status else text


def _lines(record: OrderRecord) -> Iterator[LineView]:
    parcels = {line: parcel.id for parcel in record.parcels if not parcel.refused for line in parcel.line_ids}
    for line in record.order.lines:
        yield LineView(
            id=line.id,
            sku=line.sku,
            state=line.state.value,
            words=LINE_WORDS[line.state],
            parcel=parcels.get(line.id, ""),
        )


def _deadlines(order: Order, deadlines: Deadlines, shop: ShopSettings) -> Iterator[DeadlineView]:
    dispatch = dispatch_pair(order, deadlines)
    # Of TikTok Shop's two figures for the dispatch only one is paired with ours; the warehouse keeps the other one too.
    others = [
        Pair(kind=dispatch.kind, event=event, ours=None, tiktoks=tiktoks_dispatch_deadline(order, event))
        for event in ClockStop
        if event is not dispatch.event
    ]
    pairs = [dispatch, *others, *cancel_pairs(order, deadlines)]
    for pair in pairs:
        if pair.ours or pair.tiktoks:
            yield DeadlineView(
                name=pair.kind.value,
                must_happen=pair.event.value,
                ours=pair.ours,
                tiktok_shop=pair.tiktoks,
                met_at=deadlines.happened(pair.event),
                is_over=order.state is OrderState.CANCELED or deadlines.happened(pair.event) is not None,
                why_different=explain(order, deadlines, shop, pair),
            )


def _parcel(parcel: Parcel) -> ParcelView:
    label = parcel.newest_label
    return ParcelView(
        id=parcel.id,
        reported_by=who(parcel.source),
        carrier=f"{label.carrier} {label.shipping_class}".strip(),
        tracking_number=label.tracking_number,
        shipped_at=parcel.shipped_at,
        lines=tuple(parcel.line_ids),
        package_id=parcel.package_id,
        at_tiktok_since=parcel.at_tiktok_since,
        scanned_at=parcel.scanned_at,
        words=_parcel_words(parcel),
    )


def _parcel_words(parcel: Parcel) -> str:
    if parcel.refused:
        return f"nobody is told of it: {parcel.refused}"
    if parcel.recalled:
        return "must come back: all that it holds was cancelled"
    if parcel.scanned_at:
        return "scanned by the carrier"
    if not parcel.at_tiktok_since:
        return "TikTok Shop does not have it yet"
    doubts = f", which doubts it: {parcel.warning}" if parcel.warning else ""
    return f"at TikTok Shop{doubts}, not scanned by the carrier yet"


def _to_do(
    record: OrderRecord, questions: tuple[AskedView, ...], outbox: tuple[EntryView, ...], damaged: tuple[str, ...]
) -> Iterator[str]:
    yield from (f"{each.words} Answer it: {each.command}" for each in questions if each.command)
    for entry in outbox:
        if entry.state == EntryState.FAILED:
            yield f"{whole(entry)}: {entry.words}. Repair it, or its cause: {entry.command}"
        elif entry.stuck:
            yield f"{whole(entry)}: {entry.words}. Look whether the pushes run (docs/runbook.md)."
    if record.order.held_long:
        yield "TikTok Shop holds the order longer than expected: look at it in Seller Center."
    yield from (f"{each}: nothing is done about this item until it is repaired or restored." for each in damaged)


def _event(fact: TimelineEntry, shop: ShopSettings) -> EventView:
    return EventView(
        at=fact.at,
        happened_at=fact.happened_at,
        event=fact.event.value,
        source=who(fact.source),
        words=sentence_of(fact, shop.zone),
    )
