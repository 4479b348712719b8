"""Bring in the parcels that the OMS has shipped since the last poll."""

from typing import Final

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipments import ReportedParcel, decide_reported_parcel
from order_sync.jobs.run import Report, ShopRun
from order_sync.partners.oms.rest import RestOms

SHIPMENTS_FEED: Final = "oms_shipments"


def poll_oms(run: ShopRun, oms: RestOms) -> Report:
    """Read shipments page by page; each page is saved before the cursor passes it."""
    shop = run.shop.shop
    cursor = run.shops.cursor(shop, SHIPMENTS_FEED)
    while True:
        page = oms.shipments_after(shop, cursor.position)
        for shipment in page.unreadable:
            _keep_for_a_person(run, "shipments_unreadable", shipment.id, f"shipment {shipment.id}: {shipment.reason}")
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
            raise RejectedError(f"{parcel.source} reports parcel {parcel.id} for order {order}, which is not known")
        return decide_reported_parcel(record, parcel, run.now())

    try:
        change = run.ledger.change(run.shop.shop, order, decide)
    except RejectedError as error:
        _keep_for_a_person(run, "parcels_for_unknown_orders", parcel.id, str(error))
        return
    run.report.count("parcels_reported" if change else "parcels_known")
    for kept in change.parcels if change else ():
        if kept.refused:
            run.report.problem("parcels_refused", f"order {order} parcel {kept.id}: {kept.refused}")


def _keep_for_a_person(run: ShopRun, what: str, parcel: str, text: str) -> None:
    """The cursor goes on past it, so it must not be forgotten with the log."""
    run.shops.put_notice(run.shop.shop, f"parcel {parcel}", text)
    run.report.problem(what, text)
