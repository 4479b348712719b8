"""The last look at a parcel before TikTok Shop is told of it, with what the ledger knows of other orders (TT 3)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from order_sync.domain.deadlines.business_days import local_date
from order_sync.domain.deadlines.counting import profile_of
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.domain.tracking.judgement import Grade
from order_sync.domain.tracking.preflight import (
    ORDERS_PER_TRACKING_NUMBER,
    PlannedParcel,
    Preflight,
    preflight,
)
from order_sync.domain.tracking.sharing import Claim, claim_to
from order_sync.jobs.run import ShopRun

_MOST_LOOKED_AT: Final = 3 * ORDERS_PER_TRACKING_NUMBER
"""Of the orders that ever had a tracking number: more would be no parcel, and are not needed to say so."""


def checked(run: ShopRun, record: OrderRecord, parcel: Parcel, mapped: MappedCarrier) -> Preflight:
    """What speaks against a parcel before TikTok Shop is told. Raises RejectedError for one that must not go."""
    order, shop = record.order, run.shop
    whole = record.parcel(parcel.id) or parcel
    planned = PlannedParcel(
        carrier_code=mapped.code,
        tracking_number=parcel.tracking_number,
        shipped_on=local_date(parcel.shipped_at, shop.zone),
        lines=tuple(line for line in order.lines if line.id in whole.line_ids),
        recipient=order.recipient,
        is_there=parcel.at_tiktok_since is not None,
    )
    stops_restricted = shop.shipping.restricted_carriers == "stop"
    found = preflight(planned, profile_of(order, shop), stops_restricted=stops_restricted)
    if found.grade is not Grade.INVALID:
        # Only now: thousands of orders may share a number that is none.
        shared = replace(planned, recipients_elsewhere=_recipients_elsewhere(run, record, parcel))
        found = preflight(shared, profile_of(order, shop), stops_restricted=stops_restricted)
    run.report.count(f"preflight_{found.grade}")
    for warning in found.warnings:
        _doubt(run, warning)
    if found.grade is Grade.INVALID:
        raise RejectedError("; ".join(found.reasons))
    if found.grade is Grade.UNKNOWN and shop.shipping.unknown_tracking == "stop":
        raise RejectedError(f"{'; '.join(found.reasons)}: the shop's setting shipping.unknown_tracking stops it")
    return found


def _recipients_elsewhere(run: ShopRun, record: OrderRecord, parcel: Parcel) -> tuple[str, ...]:
    """Of the orders with this number that go before this one; no more than it takes to say no."""
    recipients: list[str] = []
    for claim in _earlier_claims(run, record, parcel):
        recipients.append(claim.recipient)
        is_foreign = claim.recipient and record.order.recipient and claim.recipient != record.order.recipient
        if is_foreign or len(recipients) >= ORDERS_PER_TRACKING_NUMBER:
            break
    return tuple(recipients)


def _earlier_claims(run: ShopRun, record: OrderRecord, parcel: Parcel) -> Iterator[Claim]:
    """The other orders with this tracking number that go before this one."""
    mine = claim_to(record, parcel.tracking_number)
    others = run.ledger.orders_with_tracking(run.shop.shop, parcel.tracking_number)
    for other in [order for order in others if order != record.order.id][:_MOST_LOOKED_AT]:
        claim = _claim_of(run, other, parcel.tracking_number)
        if claim and (mine is None or claim.goes_before(mine)):
            yield claim


def _claim_of(run: ShopRun, order: OrderId, tracking_number: str) -> Claim | None:
    record = run.load(order)
    return claim_to(record, tracking_number) if record else None


def _doubt(run: ShopRun, warning: str) -> None:
    """Counted for every parcel; in the log once in a run, since thousands may share a carrier."""
    if any(warning in line for line in run.report.problems):
        run.report.count("parcels_doubted")
    else:
        run.report.problem("parcels_doubted", warning)
