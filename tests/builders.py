"""Values for tests: each builder fills in what a test does not care about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.hand_over import decide_created, decide_taken
from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipments import ReportedParcel
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""The moment at which most tests' orders are placed: a Monday."""
SHOP_ID = ShopId("7495540735365777507")
ORDER_ID = OrderId("576461413038785752")
LINE_1 = LineId("577086512123755123")
LINE_2 = LineId("577086512123755124")
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
        "ship_by": NOON + timedelta(days=3),
        "collect_by": NOON + timedelta(days=4),
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
    return OrderRecord(
        order=replace(change.order, version=change.order.version + 1),
        parcels=tuple(parcels.values()),
        outbox=tuple(entries.values()),
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
