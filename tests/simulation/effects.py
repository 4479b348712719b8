"""What happens in the partners' own books, read as far as it is new: nothing twice, nothing too early, nothing unread.

Call `look` after each request of a partner, before anybody else acts. Books may be cut short only right after it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from local.simulators.channeladvisor.creating import CHECKOUT_DIRECT
from local.simulators.channeladvisor.entities import Order as ChannelAdvisorOrder
from local.simulators.tiktok_shop.orders import Order, Status
from tests.simulation.days import Place
from tests.simulation.writes import Wrong

HOLD: Final = timedelta(hours=1)
FRESH: Final = timedelta(minutes=10)
"""No run lives longer: what it hands over was read at most so long before."""
OURS: Final = "api"
_ORDER_OF_PATH: Final = re.compile(r"/v1/Orders\((\d+)\)")
MOST_READS_A_SECOND: Final = 4
MOST_WRITES_A_SECOND: Final = 2
"""A run reads at most three times a second and writes once (TT 6.2); a second of the clock may hold one more."""


def hold_ends(there: Order, extra: timedelta) -> datetime | None:
    """When an order may leave for ChannelAdvisor and the OMS; None for one that never may."""
    if not there.is_sellers or there.status is Status.UNPAID:
        return None
    start = there.paid_at or (there.created_at if there.is_cod else None)
    if start is None:
        return None
    return max(start + HOLD, there.release_date or start).replace(microsecond=0) + extra


class Effects:
    """Remembers of each order what has happened so far, as far as it may not happen twice."""

    def __init__(self, world: Place, extra_hold: Callable[[str], timedelta]) -> None:
        """`extra_hold` gives what a shop adds to every hold."""
        self._world = world
        self._extra_hold = extra_hold
        self._read: dict[str, int] = {}
        self._happened: Counter[tuple[str, ...]] = Counter()
        self._answers: dict[str, str] = {}
        self._money: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._reads: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        self._taken: set[str] = set()
        self._last_created = 0
        self._pace: Counter[tuple[str, bool, int]] = Counter()

    def look(self, actor: str = "", partner: str = "") -> Iterator[Wrong]:
        """What is wrong of all that happened since the last look, at one partner or at all.

        `actor` is the run that has just called; partners are named tiktok, channeladvisor and oms.
        """
        if partner in ("", "tiktok"):
            yield from self._tiktok(actor)
        if partner in ("", "channeladvisor"):
            yield from self._channeladvisor(actor)
        if partner in ("", "oms"):
            yield from self._oms(actor)

    def forget(self, order: str) -> None:
        """An order is retired: nobody reads or hands it over any more."""
        self._reads.pop(order, None)

    def _new[T](self, name: str, book: list[T]) -> list[T]:
        seen = self._read.get(name, 0)
        if len(book) == seen:
            return []
        self._read[name] = len(book)
        return book[seen:] if len(book) > seen else []

    def _once(self, order: str, what: str, which: str, how: str) -> Iterator[Wrong]:
        key = order, what, which, how
        self._happened[key] += 1
        if self._happened[key] > 1:
            yield Wrong("I2", order, f"{what} {which} {how} {self._happened[key]} times")

    def _asked(self, request: Any, actor: str) -> Iterator[Wrong]:
        if request.code == 0 and "ids" in request.query:
            for order in request.query["ids"].split(","):
                self._reads[order][actor] = request.at
        if actor and request.shop_id is not None:
            writes = request.method != "GET" and not request.path.endswith("/search")
            second = int(request.at.timestamp())
            key = f"{actor} {request.shop_id}", writes, second
            self._pace[key] += 1
            if self._pace[key] > (MOST_WRITES_A_SECOND if writes else MOST_READS_A_SECOND):
                yield Wrong("I11", "", f"{actor} asked TikTok Shop {self._pace[key]} times in a second")
            if len(self._pace) > 1000:
                self._pace = Counter({each: times for each, times in self._pace.items() if each[2] >= second})

    def _tiktok(self, actor: str) -> Iterator[Wrong]:
        books = self._world.tiktok.books
        for request in self._new("requests", books.requests):
            yield from self._asked(request, actor)
        for shipment in self._new("shipments", books.shipments):
            if shipment.by == OURS:
                yield from self._once(shipment.order_id, "parcel", shipment.tracking_number, "was shipped")
                for line in shipment.line_ids:
                    yield from self._once(shipment.order_id, "line", line, "was shipped")
        for decision in self._new("decisions", books.decisions):
            yield from self._decided(decision)
        for cancel in self._new("seller_cancels", books.seller_cancels):
            if (cancel.by, cancel.code) == (OURS, 0):
                for line in cancel.line_ids:
                    yield from self._once(cancel.order_id, "line", line, "was cancelled")
        yield from self._returns()

    def _decided(self, decision: Any) -> Iterator[Wrong]:
        about = decision.order_id or ""
        if decision.by == OURS:
            before = self._answers.setdefault(decision.cancel_id, decision.decision)
            if before != decision.decision:
                yield Wrong(
                    "I4", about, f"request {decision.cancel_id} was answered {before}, then {decision.decision}"
                )
        if decision.code == 0 and not decision.replayed:
            self._happened["decided", decision.cancel_id] += 1
            if self._happened["decided", decision.cancel_id] > 1:
                yield Wrong("I4", about, f"request {decision.cancel_id} was decided twice")
            if decision.by == OURS and decision.respond_by is not None and decision.at >= decision.respond_by:
                yield Wrong("I4", about, f"request {decision.cancel_id} was answered after its deadline")

    def _returns(self) -> Iterator[Wrong]:
        books = self._world.tiktok.books
        for each in self._new("return_decisions", books.return_decisions):
            if each.code == 0 and not each.replayed and "OFFER" not in each.decision:
                key = "return", each.return_id, each.decision
                self._happened[key] += 1
                if self._happened[key] > 1:
                    yield Wrong(
                        "I4", each.order_id or "", f"return {each.return_id} was answered {each.decision} twice"
                    )
        for tried in self._new("seller_returns", books.seller_returns):
            if (tried.by, tried.code, tried.replayed) == (OURS, 0, False):
                yield from self._once(tried.order_id, "refund", tried.idempotency_key or "", "was made")
        for issued in self._new("refunds", books.refunds):
            if issued.return_id is not None:
                yield from self._once(issued.order_id, "return", issued.return_id, "was refunded")
            self._money[issued.order_id] += issued.refund.total
            if self._money[issued.order_id] > issued.paid:
                yield Wrong(
                    "I2", issued.order_id, f"got {self._money[issued.order_id]} back, and had paid {issued.paid}"
                )

    def _channeladvisor(self, actor: str) -> Iterator[Wrong]:
        state = self._world.channeladvisor._state
        created: list[ChannelAdvisorOrder] = []
        for order in reversed(state.orders.values()):
            if order["ID"] <= self._last_created:
                break
            created.append(order)
        if created:
            self._last_created = created[0]["ID"]
        for order in reversed(created):
            if order["SiteID"] == CHECKOUT_DIRECT:
                yield from self._created(order, actor)
        changed: dict[int, None] = {}
        for request in self._new("channeladvisor", state.requests):
            if request.method != "GET" and (named := _ORDER_OF_PATH.match(request.path)):
                changed[int(named[1])] = None
        for order_id in changed:
            if order_id in state.orders:
                yield from _repeated(state.orders[order_id])

    def _created(self, order: ChannelAdvisorOrder, actor: str) -> Iterator[Wrong]:
        named = order.asked_for_as
        same = self._world.channeladvisor._state.by_site_id.get(named, [])
        if sum(each["ProfileID"] == order["ProfileID"] for each in same) > 1:
            yield Wrong("I2", named, f"stands {len(same)} times in ChannelAdvisor")
        yield from self._handed_over(named, "ChannelAdvisor", self._world.time, actor)

    def _oms(self, actor: str) -> Iterator[Wrong]:
        orders = self._world.oms._state.orders
        for name in reversed(orders):
            if name in self._taken:
                break
            self._taken.add(name)
            if orders[name].shop_id != self._world.tiktok._state.orders[name].shop.id:
                yield Wrong("I2", name, "was given to the OMS for another shop")
            yield from self._handed_over(name, "the OMS", self._world.time, actor)

    def _handed_over(self, name: str, where: str, at: datetime, actor: str) -> Iterator[Wrong]:
        there = self._world.tiktok._state.orders.get(name)
        if there is None:
            yield Wrong("I2", name, f"stands in {where}, and TikTok Shop does not know it")
            return
        leaves = hold_ends(there, self._extra_hold(there.shop.id))
        if leaves is None:
            yield Wrong("I3", name, f"reached {where}, though it is {there.status} and not to be shipped by the seller")
        elif at < leaves:
            yield Wrong("I3", name, f"reached {where} {leaves - at} before its hold was over")
        reads = self._reads.get(name, {})
        own = reads.get(actor)
        latest = own or max(reads.values(), default=None)
        for what, since in _stops(there):
            if since > at:
                continue
            if latest is None or at - latest > FRESH:
                yield Wrong("I3", name, f"reached {where} unread, {at - since} after it was {what}")
            elif latest > since + timedelta(seconds=1):
                yield Wrong(
                    "I3", name, f"reached {where}, though TikTok Shop had shown it as {what} {at - since} before"
                )


def _stops(there: Order) -> Iterator[tuple[str, datetime]]:
    if there.cancelled_at is not None:
        yield "cancelled", there.cancelled_at
    if there.open_cancel_id is not None and there.cancel_requested_at is not None:
        yield "asked to be cancelled", there.cancel_requested_at


def _repeated(order: ChannelAdvisorOrder) -> Iterator[Wrong]:
    """What we name ourselves stands once on an order."""
    about = order.asked_for_as
    parcels = Counter(each["SellerFulfillmentID"] for each in order.fulfillments if each.shipped)
    adjustments: Mapping[tuple[Any, ...], int] = Counter(
        (each["SellerAdjustmentID"], each["Type"], each["OrderItemID"]) for each in order.every_adjustment
    )
    for name, times in parcels.items():
        if name and times > 1:
            yield Wrong("I2", about, f"has parcel {name} {times} times in ChannelAdvisor")
    for (name, kind, _), times in adjustments.items():
        if name and times > 1:
            yield Wrong("I2", about, f"has {kind} {name} {times} times in ChannelAdvisor")
    if any(each.shipped_by_edit for each in order.fulfillments):
        yield Wrong("I2", about, "was shipped in ChannelAdvisor by an edit")
