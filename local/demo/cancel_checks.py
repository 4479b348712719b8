"""The promises about cancellations and about ChannelAdvisor's outage, checked in the partners' own books."""

from collections.abc import Iterator, Sequence

from local.demo.checks import Check
from local.demo.partners import Partners
from local.demo.stories import Placed
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import CancellationRecord, Outcome
from local.simulators.tiktok_shop.orders import Status

_SHIPPED = frozenset({Status.AWAITING_COLLECTION, Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED})
_WORDS = {
    Outcome.APPROVED: "approved",
    Outcome.REJECTED: "rejected",
    Outcome.REJECTED_BY_SHIPMENT: "rejected",
}


def check_cancellations(partners: Partners, orders: Sequence[Placed]) -> list[Check]:
    """Every promise about cancellations that the partners' books can confirm."""
    return [
        Check("Each cancel request was answered once, before its deadline", tuple(_answers(partners, orders))),
        Check("Each cancel request ended as it was decided", tuple(_ends(partners, orders))),
        Check("Cancelled orders are cancelled on all three sides", tuple(_cancelled(partners, orders))),
        Check("Rejected requests are shipped on all three sides", tuple(_rejected(partners, orders))),
        Check("The OMS was told all that it waits for", tuple(_untold(partners))),
        Check("The OMS gets back what left too late to be stopped", tuple(_recoveries(partners, orders))),
        Check("Nothing was refunded by accident", tuple(_refunds(partners))),
    ]


def check_outage(partners: Partners, orders: Sequence[Placed]) -> Check:
    """What ChannelAdvisor could not be told while it was down it knows in the end."""
    return Check("ChannelAdvisor was down for a while, and nothing was lost", tuple(_lost(partners, orders)))


def _requests(partners: Partners, order: Placed) -> list[CancellationRecord]:
    return [each for each in partners.tiktok.cancellations_of(order.id) if each.respond_by is not None]


def _answers(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    """TikTok's own book of answers, which takes none after the deadline. A parcel that leaves is one too (OP C16)."""
    for order in orders:
        for request in _requests(partners, order):
            answers = len(partners.tiktok.books.decided(request.id))
            answers += request.outcome is Outcome.REJECTED_BY_SHIPMENT
            if answers != 1:
                yield f"{order.id} ({order.note}) was answered {answers} times and {_ended(request)}"


def _ends(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    told = {request.id: request.outcome or {} for request in partners.oms.books.cancel_requests()}
    for order in orders:
        if not order.story.asks:
            continue
        requests = _requests(partners, order)
        if [_WORDS.get(request.outcome) for request in requests if request.outcome] != [order.story.ends]:
            ends = ", ".join(_ended(request) for request in requests) or "was never asked"
            yield f"{order.id} ({order.note}): the request {ends}"
        for request in requests:
            heard = told.get(request.id, {})
            if (heard.get("outcome"), heard.get("decided_by")) != (order.story.ends, order.story.decided_by):
                heard_word = f"{heard['outcome']} by {heard['decided_by']}" if heard else "nothing"
                yield f"{order.id} ({order.note}): the OMS heard {heard_word}"


def _ended(request: CancellationRecord) -> str:
    return f"ended as {request.outcome}" if request.outcome else "is still open"


def _cancelled(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in orders:
        if order.is_stopped:
            states = _states(partners, order)
            if states != (Status.CANCELLED, "Canceled", "cancelled"):
                yield f"{order.id} ({order.note}): {_words(states)}"


def _rejected(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    for order in orders:
        if order.story.asks and order.stays_shipped:
            at_tiktok, *others = states = _states(partners, order)
            if at_tiktok not in _SHIPPED or others != ["Shipped", "shipped"]:
                yield f"{order.id} ({order.note}): {_words(states)}"


def _untold(partners: Partners) -> Iterator[str]:
    yield from (f"{name}: the OMS never heard" for name in partners.oms.books.unsettled())


def _recoveries(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    told = partners.oms.books.recoveries()
    for order in orders:
        left: list[str] = []
        if partners.tiktok.status(order.id) is Status.CANCELLED:
            left = sorted(shipment.tracking_number for shipment in partners.oms.books.shipments(order.id))
        parcels = told.get(order.id, {}).get("parcels", [])
        wanted = sorted(parcel["tracking_number"] for parcel in parcels) if isinstance(parcels, list) else []
        if wanted != left:
            yield f"{order.id}: {left} left, the OMS is to get back {wanted}"
        if order.travels and order.story.platform_cancels and not left:
            yield f"{order.id} ({order.note}) was not cancelled after its parcel had left"


def _refunds(partners: Partners) -> Iterator[str]:
    for refund in partners.channeladvisor.books.accidental_refunds():
        yield f"{refund['SellerAdjustmentID']} in ChannelAdvisor"


def _lost(partners: Partners, orders: Sequence[Placed]) -> Iterator[str]:
    if not partners.channeladvisor.faults.happened[Fault.UNAVAILABLE]:
        yield "nobody called it while it was down"
    for order in orders:
        if order.travels:
            wanted = "Shipped" if order.ships else "Canceled"
            _, there, _ = _states(partners, order)
            if there != wanted:
                yield f"{order.id} ({order.note or 'an order'}) is {there or 'not there'}, and should be {wanted}"


def _states(partners: Partners, order: Placed) -> tuple[Status, str, str]:
    """An order at TikTok Shop, in ChannelAdvisor and at the OMS; empty where it is not."""
    there = partners.channeladvisor.books.orders_of_tiktok(order.id)
    at_oms = [taken.state for taken in partners.oms.books.orders() if taken.tiktok_order_id == order.id]
    return (
        partners.tiktok.status(order.id),
        str(there[0]["ShippingStatus"]) if there else "",
        at_oms[0] if at_oms else "",
    )


def _words(states: tuple[Status, str, str]) -> str:
    at_tiktok, there, at_oms = states
    return f"{at_tiktok} at TikTok Shop, {there or 'not'} in ChannelAdvisor, {at_oms or 'not'} at the OMS"
