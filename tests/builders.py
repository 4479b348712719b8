"""Values for tests: each builder fills in what a test does not care about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.answering.times import answer_deadline, end_of_wait
from order_sync.domain.cancelling.answers import decide_answer
from order_sync.domain.cancelling.by_seller import decide_reported_cancellation
from order_sync.domain.cancelling.cancellations import (
    Cancellation,
    CancellationFacts,
    CancellationStatus,
    Initiator,
    ReportedCancellation,
    SellerReason,
)
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.hand_over import decide_created, decide_taken
from order_sync.domain.ids import CancelId, LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.reports import decide_reported_parcel
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_told
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""The moment at which most tests' orders are placed: a Monday."""
SHIP_BY = datetime(2026, 6, 4, 6, 59, 59, tzinfo=UTC)
COLLECT_BY = SHIP_BY + timedelta(days=1)
"""TikTok's figures for them: the ends of the second and of the third business day, where the shop is."""
SHOP_ID = ShopId("7495540735365777507")
ORDER_ID = OrderId("576461413038785752")
LINE_1 = LineId("577086512123755123")
LINE_2 = LineId("577086512123755124")
CANCEL_ID = CancelId("4035318504086604002")
ASKED = NOON + timedelta(hours=4)
"""When buyers ask to cancel: after their cool-down."""
TIMING = Timing()


def minutes(number: float) -> timedelta:
    """A duration."""
    return timedelta(minutes=number)


def a_shop(**changes: Any) -> ShopSettings:
    """A US shop with an OMS of its own, connected a day before noon."""
    values: dict[str, Any] = {
        "shop": SHOP_ID,
        "name": "Test Shop",
        "region": "US",
        "time_zone": "America/Los_Angeles",
        "tiktok_cipher": "GCP_test",
        "starts_at": NOON - timedelta(days=1),
        "channeladvisor": {"account": "test", "profile_id": 12345678},
        "oms": {"adapter": "rest", "url": "https://oms.example.com"},
    }
    return ShopSettings.model_validate(values | changes)


def a_shop_without_oms(**changes: Any) -> ShopSettings:
    """A shop whose OMS works inside ChannelAdvisor."""
    return a_shop(oms={"adapter": "none"}, **changes)


def some_lines(**changes: Any) -> tuple[LineFacts, ...]:
    """Two units of one SKU."""
    return tuple(LineFacts(**({"id": line, "sku": "TEE-BLU-M"} | changes)) for line in (LINE_1, LINE_2))


def some_facts(
    status: str = "AWAITING_SHIPMENT", *, seen_after: timedelta = timedelta(0), **changes: Any
) -> OrderFacts:
    """An order placed and paid at noon, as TikTok shows it `seen_after` later."""
    values: dict[str, Any] = {
        "id": ORDER_ID,
        "status_text": status,
        "created_at": NOON,
        "updated_at": NOON + seen_after,
        "paid_at": None if status == "UNPAID" else NOON,
        "recipient": "" if status in ("UNPAID", "ON_HOLD") else "f1",
        "ship_by": SHIP_BY,
        "collect_by": COLLECT_BY,
        "lines": some_lines(),
    }
    return OrderFacts(**(values | changes))


def applied(record: OrderRecord | None, change: Change | None) -> OrderRecord:
    """The record after a change was saved: what the ledger would read next."""
    if change is None:
        assert record is not None
        return record
    entries = {entry.name: entry for entry in record.outbox} if record else {}
    entries |= {entry.name: replace(entry, version=entry.version + 1) for entry in change.outbox}
    parcels = {parcel.id: parcel for parcel in record.parcels} if record else {}
    parcels |= {parcel.id: parcel for parcel in change.parcels}
    cancellations = {each.id: each for each in (*(record.cancellations if record else ()), *change.cancellations)}
    wishes = {
        wish.id: wish for wish in (*(record.seller_cancellations if record else ()), *change.seller_cancellations)
    }
    returns = {each.id: each for each in (*(record.returns if record else ()), *change.returns)}
    refunds = {each.id: each for each in (*(record.seller_refunds if record else ()), *change.seller_refunds)}
    return OrderRecord(
        order=replace(change.order, version=change.order.version + 1),
        parcels=tuple(parcels.values()),
        outbox=tuple(entries.values()),
        cancellations=tuple(cancellations.values()),
        seller_cancellations=tuple(wishes.values()),
        returns=tuple(returns.values()),
        seller_refunds=tuple(refunds.values()),
        deadlines=change.deadlines or (record.deadlines if record else None),
    )


def seen(
    facts: OrderFacts,
    record: OrderRecord | None = None,
    *,
    shop: ShopSettings | None = None,
    at: datetime = NOON + timedelta(hours=2),
    timing: Timing = TIMING,
) -> OrderRecord:
    """The record after a sighting."""
    return applied(record, decide_sighting(record, facts, shop or a_shop(), timing, at))


def with_entry(record: OrderRecord, entry: OutboxEntry, **changes: Any) -> OrderRecord:
    """The record with one outbox entry changed, as a run would have left it."""
    changed = replace(entry, **changes)
    return replace(record, outbox=tuple(changed if e.name == entry.name else e for e in record.outbox))


def entry_for(record: OrderRecord, target: Target, action: Action, subject: str = "order") -> OutboxEntry | None:
    """The newest outbox entry that tells this partner this."""
    found = [e for e in record.outbox if (e.target, e.action, e.subject) == (target, action, subject)]
    return max(found, key=lambda entry: entry.revision, default=None)


def the_entry(record: OrderRecord, target: Target, action: Action, subject: str = "order") -> OutboxEntry:
    """The outbox entry that tells this partner this; the test fails when there is none."""
    entry = entry_for(record, target, action, subject)
    assert entry is not None
    return entry


def claimed(record: OrderRecord, target: Target, action: Action, subject: str = "order") -> OrderRecord:
    """The record while a run is telling a partner something."""
    entry = the_entry(record, target, action, subject)
    return with_entry(
        record, entry, state=EntryState.SENDING, attempts=1, claimed_until=NOON + timedelta(days=1), waits_for=""
    )


def released(shop: ShopSettings | None = None, **changes: Any) -> OrderRecord:
    """An order two hours old, just released, that nobody has been given yet."""
    return seen(some_facts(**changes), shop=shop)


def created(record: OrderRecord, at: datetime = NOON + timedelta(hours=2)) -> OrderRecord:
    """The record after ChannelAdvisor took the order."""
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    return applied(record, decide_created(record, entry, "12345", adopted=False, now=at))


def taken(record: OrderRecord, at: datetime = NOON + timedelta(hours=2)) -> OrderRecord:
    """The record after the OMS took the order."""
    entry = the_entry(record, Target.OMS, Action.CREATE_ORDER)
    return applied(record, decide_taken(record, entry, "OMS-1", at))


def handed_over(shop: ShopSettings | None = None) -> OrderRecord:
    """An order that ChannelAdvisor and the OMS have."""
    return taken(created(released(shop)))


def events_of(change: Change | None) -> list[Event]:
    """What a decision puts on the timeline."""
    return [fact.event for fact in change.timeline] if change else []


def a_report(**changes: Any) -> ReportedParcel:
    """A parcel with the whole order, reported by the OMS."""
    values: dict[str, Any] = {
        "id": ParcelId("oms-S1"),
        "source": Source.OMS,
        "carrier": "usps",
        "tracking_number": "9400100000000000000000",
        "shipped_at": NOON + timedelta(hours=3),
    }
    return ReportedParcel(**(values | changes))


def parcel_reported(
    record: OrderRecord, report: ReportedParcel, at: datetime, shop: ShopSettings | None = None
) -> Change | None:
    """What a reported parcel decides."""
    return decide_reported_parcel(record, report, shop or a_shop(), TIMING, at)


def told(record: OrderRecord, target: Target, action: Action, subject: str = "order", *, at: datetime) -> OrderRecord:
    """The record after a partner was told something and said yes."""
    return applied(record, decide_told(record, the_entry(record, target, action, subject), at))


def cancel_facts(status: str = "PENDING", *, seen_after: timedelta = timedelta(0), **changes: Any) -> CancellationFacts:
    """A buyer's request to cancel a whole order, as TikTok Shop shows it `seen_after` the moment it was made."""
    values: dict[str, Any] = {
        "id": CANCEL_ID,
        "order": ORDER_ID,
        "initiator": Initiator.BUYER,
        "is_request": True,
        "status": CancellationStatus(status),
        "reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "line_ids": (LINE_1, LINE_2),
        "requested_at": ASKED,
        "updated_at": ASKED + seen_after,
        "respond_by": ASKED + timedelta(hours=24) if status == "PENDING" else None,
    }
    return CancellationFacts(**(values | changes))


def cancellation_change(
    record: OrderRecord, facts: CancellationFacts, shop: ShopSettings | None = None, at: datetime | None = None
) -> Change | None:
    """What a sighting of a cancellation decides, five minutes after it changed."""
    return decide_cancellation_sighting(record, facts, shop or a_shop(), TIMING, at or facts.updated_at + minutes(5))


def requested(record: OrderRecord | None = None, shop: ShopSettings | None = None, **changes: Any) -> OrderRecord:
    """The record after the buyer's request was first seen, five minutes after it was made."""
    before = record or handed_over(shop)
    return applied(before, cancellation_change(before, cancel_facts(**changes), shop))


def settled(record: OrderRecord, status: str, after: timedelta, shop: ShopSettings | None = None) -> OrderRecord:
    """The record after TikTok Shop granted or closed the buyer's request."""
    facts = cancel_facts(status, seen_after=after, line_ids=the_request(record).line_ids)
    return applied(record, cancellation_change(record, facts, shop))


def the_request(record: OrderRecord, cancel: CancelId = CANCEL_ID) -> Cancellation:
    """The buyer's request in a record; the test fails when there is none."""
    request = record.cancellation(cancel)
    assert request is not None
    return request


def answered(
    record: OrderRecord,
    answer: Answer = Answer.APPROVE,
    by: Decider = Decider.OMS,
    *,
    at: datetime = ASKED + timedelta(hours=1),
) -> OrderRecord:
    """The record after somebody answered the buyer's request."""
    return applied(record, decide_answer(record, CANCEL_ID, answer, by, timing=TIMING, now=at))


def a_cancellation(*, time: timedelta = timedelta(hours=24), **changes: Any) -> Cancellation:
    """An open request with so much time to answer and the usual margin, not yet looked at."""
    respond_by = answer_deadline(ASKED, ASKED + time)
    values: dict[str, Any] = {
        "id": CANCEL_ID,
        "initiator": Initiator.BUYER,
        "is_request": True,
        "reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "line_ids": (LINE_1, LINE_2),
        "requested_at": ASKED,
        "updated_at": ASKED,
        "respond_by": respond_by,
        "answer_until": end_of_wait(ASKED, respond_by, a_shop().cancellations.margin),
    }
    return Cancellation(**(values | changes))


def a_wish(**changes: Any) -> ReportedCancellation:
    """The OMS cancels a whole order, four hours after noon, because nothing is left to ship."""
    values: dict[str, Any] = {
        "id": "oms-17",
        "source": Source.OMS,
        "reason": SellerReason.OUT_OF_STOCK,
        "requested_at": ASKED,
    }
    return ReportedCancellation(**(values | changes))


def wished(
    record: OrderRecord, report: ReportedCancellation | None = None, *, at: datetime = ASKED + timedelta(minutes=10)
) -> OrderRecord:
    """The record after the seller's cancellation was reported."""
    return applied(record, decide_reported_cancellation(record, report or a_wish(), TIMING, at))
