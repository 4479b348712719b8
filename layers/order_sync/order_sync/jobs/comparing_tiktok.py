"""TikTok Shop's open orders against the ledger's: each is seen again, whatever time has passed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Final

from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Order
from order_sync.domain.reconciling.differences import Difference, Kind, Repair
from order_sync.domain.statuses import TikTokStatus
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.comparing import KNOWN, LISTED, Comparing
from order_sync.jobs.order_watch import ORDERS_A_READ
from order_sync.jobs.poll_tiktok import orders_feed
from order_sync.jobs.slices import read_in_slices
from order_sync.partners.tiktok_shop.client import OrdersPage, TikTokShop

OPEN: Final = (
    TikTokStatus.ON_HOLD,
    TikTokStatus.AWAITING_SHIPMENT,
    TikTokStatus.PARTIALLY_SHIPPING,
    TikTokStatus.AWAITING_COLLECTION,
)
"""Not UNPAID: nothing is due of such an order, and a payment is a change that polls bring."""


def compare_tiktok(comparing: Comparing, tiktok: TikTokShop, watch: CancellationWatch, reach: datetime) -> None:
    """Read every open order there since the shop went live, then those of the ledger that were not among them.

    What had changed before the poll's `reach` was missed by it: it is seen now, and counted as a repair.
    """
    orders = _Orders(comparing, watch, reach)
    if not comparing.place.startswith(KNOWN) and not _search(comparing, tiktok, orders):
        return
    last = comparing.place.removeprefix(KNOWN) if comparing.place.startswith(KNOWN) else ""
    left = [order for order in comparing.open_orders() if order not in orders.seen and order > last]
    comparing.looked_at += len(orders.seen)
    for batch in batched(left, ORDERS_A_READ, strict=False):
        orders.see(tiktok.read_orders(batch), asked_for=batch)
        comparing.looked_at += len(batch)
        if batch[-1] != left[-1] and comparing.stops_at(f"{KNOWN}{batch[-1]}"):
            return
    watch.look_at_hints()
    comparing.place = ""


def _search(comparing: Comparing, tiktok: TikTokShop, orders: "_Orders") -> bool:
    """What TikTok Shop lists as open; False when there was no time for all."""
    run = comparing.run
    name, _, since = comparing.place.removeprefix(LISTED).partition(":")
    first = next((number for number, status in enumerate(OPEN) if status == name), 0)
    for number, status in enumerate(OPEN[first:]):
        goes_on = number == 0 and since
        slices = read_in_slices(
            orders_feed(tiktok, status),
            since=datetime.fromtimestamp(int(since), UTC) if goes_on else run.shop.starts_at,
            until=run.now(),
            lag=run.timing.poll_overlap,
        )
        for part in slices:
            orders.see(part.page)
            if comparing.stops_at(f"{LISTED}{status}:{int(part.read_up_to.timestamp())}"):
                return False
    return True


class _Orders:
    """Sees pages of orders, and notes what the polls should have brought."""

    def __init__(self, comparing: Comparing, watch: CancellationWatch, reach: datetime) -> None:
        self.seen: set[OrderId] = set()
        self._comparing = comparing
        self._watch = watch
        self._reach = reach

    def see(self, page: OrdersPage, asked_for: Sequence[OrderId] = ()) -> None:
        """Save what a page says; of those that were asked for, note which TikTok Shop does not give."""
        shown = [reading.facts.id for reading in page.readings]
        heads = self._comparing.heads(dict.fromkeys((*shown, *asked_for)))
        for change in self._watch.orders.see(page):
            order = change.order
            if order.updated_at < self._reach:
                self._missed_by_polls(order, heads.get(order.id))
        given = {*shown, *(OrderId(order.order_id) for order in page.unreadable)}
        self.seen |= given
        if any(not order.order_id for order in page.unreadable):
            # One of those that were asked for came without its id.
            return
        for missing in (heads[order] for order in asked_for if order in heads and order not in given):
            if not self._comparing.rules.is_young(missing.updated_at):
                self._note(Kind.MISSING_THERE, missing, missing.tiktok_status, repair=None)

    def _missed_by_polls(self, order: Order, before: Order | None) -> None:
        self._comparing.run.report.problem("orders_repaired", f"order {order.id} was {order.tiktok_status}")
        if before is None:
            self._note(Kind.UNKNOWN_HERE, order, order.tiktok_status, Repair.SEE_AGAIN)
        else:
            detail = f"{order.tiktok_status} there, {before.tiktok_status} here"
            self._note(Kind.OTHER_STATE, order, detail, Repair.SEE_AGAIN)

    def _note(self, kind: Kind, order: Order, detail: str, repair: Repair | None) -> None:
        side, since = self._comparing.rules.side, order.updated_at
        self._comparing.found.append(
            Difference(kind=kind, side=side, order=order.id, since=since, detail=detail, repair=repair)
        )
