"""Bring in the parcels that the OMS has shipped since the last poll."""

from typing import Final

from aws_lambda_powertools import Logger

from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipments import ReportedParcel, decide_reported_parcel
from order_sync.jobs.run import Report, ShopRun
from order_sync.partners.oms.rest import RestOms

SHIPMENTS_FEED: Final = "oms_shipments"

logger = Logger(child=True)


class _UnknownOrderError(Exception):
    """The OMS reports a parcel for an order that we never gave it."""


def poll_oms(run: ShopRun, oms: RestOms) -> Report:
    """Read shipments page by page; each page is saved before the cursor passes it."""
    shop = run.shop.shop
    cursor = run.shops.cursor(shop, SHIPMENTS_FEED)
    while True:
        page = oms.shipments_after(shop, cursor.position)
        for shipment in page.unreadable:
            run.keep_for_a_person(
                "shipments_unreadable", f"parcel oms-{shipment.id}", f"shipment {shipment.id}: {shipment.reason}"
            )
        for order, parcel in page.reported:
            keep_parcel(run, order, parcel)
        if page.next_cursor != cursor.position:
            moved = run.shops.move_cursor(shop, SHIPMENTS_FEED, cursor, page.next_cursor)
            if moved is None:
                run.report.count("overlapping_polls")
                break
            cursor = moved
        if not page.has_more or not run.has_time():
            break
    return run.report


def keep_parcel(run: ShopRun, order: OrderId, parcel: ReportedParcel) -> None:
    """Save one reported parcel; one that names an unknown order is kept for a person, and stops nothing."""

    def decide(record: OrderRecord | None) -> Change | None:
        if record is None:
            raise _UnknownOrderError
        return decide_reported_parcel(record, parcel, run.now())

    what = f"order {order} parcel {parcel.id}"
    try:
        change = run.ledger.change(run.shop.shop, order, decide)
    except _UnknownOrderError:
        run.keep_for_a_person("parcels_for_unknown_orders", f"parcel {parcel.id}", f"{what}: the order is not known")
        return
    except RetriableError:
        raise
    except Exception as error:
        # Whatever is wrong with one parcel must not stop the others.
        logger.exception("parcel could not be decided", extra={"order": order, "parcel": parcel.id})
        run.keep_for_a_person("parcels_undecided", f"parcel {parcel.id}", f"{what}: {type(error).__name__}")
        return
    run.report.count("parcels_reported" if change else "parcels_known")
    for kept in change.parcels if change else ():
        if kept.refused:
            run.report.problem("parcels_refused", f"{what}: {kept.refused}")
