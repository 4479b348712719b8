"""Parcels with other labels: what their reporters say, what is told, what TikTok Shop shows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts, decide_channeladvisor_sighting
from order_sync.domain.facts import LineFacts
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.corrections import decide_corrected
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_failed, decide_told
from tests.builders import (
    NOON,
    ORDER_ID,
    TIMING,
    a_report,
    a_shop,
    applied,
    handed_over,
    parcel_reported,
    some_facts,
    some_lines,
    told,
    with_entry,
)

SKU = "TEE-BLU-M"
A, B, C, D = "9400A", "9400B", "9400C", "9400D"
"""Tracking numbers, in the order in which a parcel gets them."""
S1, S2 = ParcelId("oms-S1"), ParcelId("oms-S2")
C1 = ParcelId("channeladvisor-88")
T1 = ParcelId("tiktok-P1")
TIKTOK_SHOP, CHANNELADVISOR, OMS = Target.TIKTOK_SHOP, Target.CHANNELADVISOR, Target.OMS
SHIP, CORRECT, NOTE = Action.SHIP, Action.CORRECT_PARCEL, Action.NOTE_PARCEL
FIRST_TELLINGS = ((TIKTOK_SHOP, SHIP), (CHANNELADVISOR, SHIP), (OMS, NOTE))
REPORTED = NOON + timedelta(hours=4)
TOLD = NOON + timedelta(hours=5)
CHANGED = NOON + timedelta(hours=6)
"""When parcels are reported, told, and get another label."""


def label(number: str = B, carrier: str = "usps", shipping_class: str = "") -> Label:
    """What stands on a parcel."""
    return Label(carrier=carrier, shipping_class=shipping_class, tracking_number=number)


def report(number: str = A, **changes: Any) -> ReportedParcel:
    """The OMS's parcel under this number."""
    return a_report(**({"tracking_number": number} | changes))


def in_channeladvisor(number: str = A, **changes: Any) -> ReportedParcel:
    """A parcel that people shipped in ChannelAdvisor, with the whole order."""
    return report(number, **({"id": C1, "source": Source.CHANNELADVISOR, "units": ((SKU, 2),)} | changes))


def heard(record: OrderRecord, *reports: ReportedParcel, at: datetime = CHANGED) -> OrderRecord:
    """The record after these parcels were reported, one after the other."""
    for each in reports:
        record = applied(record, parcel_reported(record, each, at))
    return record


def waiting(first: ReportedParcel | None = None) -> OrderRecord:
    """An order that everybody has, with a parcel that nobody was told of."""
    return heard(handed_over(), first or report(), at=REPORTED)


def at_tiktok(record: OrderRecord, parcel: ParcelId = S1, package: str = "P1", at: datetime = TOLD) -> OrderRecord:
    """The record after TikTok Shop took a parcel."""
    return applied(record, decide_shipped_at_tiktok(record, entry(record, SHIP, parcel=parcel), package, "", at))


def everybody_told(first: ReportedParcel | None = None) -> OrderRecord:
    """An order with one parcel of which all sides know."""
    reported = first or report()
    record = at_tiktok(waiting(reported), reported.id)
    for target, action in FIRST_TELLINGS[1:]:
        if target.as_source is not reported.source:
            record = told(record, target, action, reported.id, at=TOLD)
    return record


def entries(record: OrderRecord, target: Target = TIKTOK_SHOP, parcel: ParcelId = S1) -> list[OutboxEntry]:
    """All that tells a side of a parcel, oldest first."""
    found = [each for each in record.outbox if (each.target, each.subject) == (target, parcel)]
    order = list(Action)
    return sorted(found, key=lambda each: (order.index(each.action), int(each.revision)))


def entry(record: OrderRecord, action: Action, target: Target = TIKTOK_SHOP, *, parcel: ParcelId = S1) -> OutboxEntry:
    """The newest entry that tells a side this of a parcel; the test fails when there is none."""
    return [each for each in entries(record, target, parcel) if each.action is action][-1]


def failed(
    record: OrderRecord, what: OutboxEntry, reason: str = "the tracking number is no number of usps"
) -> OrderRecord:
    """The record after a run tried to tell something and it was refused, by us or by the partner."""
    record = sending(record, what)
    return applied(record, decide_failed(record, found(record, what), TOLD, reason=reason))


def done(record: OrderRecord, what: OutboxEntry) -> OrderRecord:
    """The record after a partner was told and said yes."""
    return applied(record, decide_told(record, found(record, what), CHANGED))


def sending(record: OrderRecord, what: OutboxEntry) -> OrderRecord:
    """The record while a run tells something."""
    return with_entry(record, what, state=EntryState.SENDING, attempts=1, claimed_until=NOON + timedelta(days=1))


def in_doubt(record: OrderRecord, what: OutboxEntry) -> OrderRecord:
    """The record after an attempt whose answer was lost: it is to be looked at and tried again."""
    return with_entry(record, what, state=EntryState.WAITING, attempts=1, in_doubt=True, due_at=CHANGED)


def found(record: OrderRecord, what: OutboxEntry) -> OutboxEntry:
    """An entry as it stands now."""
    now = record.entry(what.name)
    assert now is not None
    return now


def corrected(
    record: OrderRecord, new: Label | None = None, parcel: ParcelId = S1, *, by: OutboxEntry | None = None
) -> OrderRecord:
    """The record after TikTok Shop took another label, the newest one unless said otherwise."""
    taken = new or the_parcel(record, parcel).newest_label
    what = found(record, by) if by else entry(record, CORRECT, parcel=parcel)
    return applied(record, decide_corrected(record, what, taken, CHANGED))


def the_parcel(record: OrderRecord, parcel: ParcelId = S1) -> Parcel:
    """A parcel that stands in the record."""
    known = record.parcel(parcel)
    assert known is not None
    return known


def lines_at_tiktok(number: str, package: str = "P1", carrier: str = "USPS") -> tuple[LineFacts, ...]:
    """The whole order in one package."""
    return some_lines(package_id=package, tracking_number=number, carrier=carrier)


def look(
    record: OrderRecord, *lines: LineFacts, at: datetime = CHANGED, status: str = "AWAITING_COLLECTION"
) -> Change | None:
    """What a sighting of these lines decides."""
    facts = some_facts(status, updated_at=at, lines=lines)
    return decide_sighting(record, facts, a_shop(), TIMING, at)


def looked(record: OrderRecord, number: str, at: datetime = CHANGED, carrier: str = "USPS") -> OrderRecord:
    """The record after TikTok Shop was seen to have the whole order under this number."""
    return applied(record, look(record, *lines_at_tiktok(number, carrier=carrier), at=at))


def seen_in_channeladvisor(
    record: OrderRecord, *parcels: ReportedParcel, at: datetime = CHANGED, shop: ShopSettings | None = None
) -> OrderRecord:
    """The record after ChannelAdvisor was seen to have these parcels, in the version of this moment."""
    facts = ChannelAdvisorFacts(
        id="12345",
        order=ORDER_ID,
        updated_at=at,
        shipping_status="Shipped" if parcels else "Unshipped",
        parcels=tuple(replace(each, seen_at=at) for each in parcels),
    )
    return applied(record, decide_channeladvisor_sighting(record, facts, shop or a_shop(), TIMING, at))


def labels(record: OrderRecord, parcel: ParcelId = S1) -> tuple[str, str]:
    """The number that TikTok Shop has or will be told first, and the newest."""
    known = the_parcel(record, parcel)
    return known.tracking_number, known.newest_label.tracking_number


def telling(record: OrderRecord, target: Target = TIKTOK_SHOP, parcel: ParcelId = S1) -> list[str]:
    """What tells a side of a parcel, in short: action, revision, state."""
    return [f"{each.action} {each.revision} {each.state}" for each in entries(record, target, parcel)]
