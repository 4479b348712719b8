"""Seeing orders at TikTok Shop: every reading is compared with the ledger, decided on and saved; timers follow."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.listings.times import Listings
from order_sync.domain.orders import Order
from order_sync.domain.records import Change
from order_sync.domain.returning.replacements import decide_replaced
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event
from order_sync.jobs.listed_times import listed_times
from order_sync.jobs.run import ShopRun

if TYPE_CHECKING:
    # Only the words for what is read: a job that tells ChannelAdvisor or people starts without TikTok Shop's client.
    from order_sync.partners.tiktok_shop.client import OrdersPage
    from order_sync.partners.tiktok_shop.mapping import Reading

ORDERS_A_READ = 50

logger = Logger(child=True)

_SOMEBODY_SHOULD_SEE = frozenset(
    {
        Event.HELD_LONGER_THAN_EXPECTED,
        Event.ADDRESS_CHANGED_TOO_LATE,
        Event.TRANSITION_REFUSED,
        Event.RECOVERY_NEEDED,
        Event.DEADLINES_UNKNOWN,
    }
)
"""What happened to these orders needs eyes, so that it becomes a metric and a line of its own."""

type ReadOrders = Callable[[Sequence[OrderId]], OrdersPage]
"""Reads orders at TikTok Shop. What the shop lacks for that (a token, a secret) shows only when it is asked."""

type StartRelease = Callable[[ShopId, datetime], None]
"""Starts the cool-down timer of a shop and slot. Raises RetriableError; starting twice is harmless."""


class OrderWatch:
    """Sees orders for one run."""

    def __init__(self, run: ShopRun, read_orders: ReadOrders, start_release: StartRelease) -> None:
        self._run = run
        self._read_orders = read_orders
        self._start_release = start_release
        self._started: set[datetime] = set()
        self._undecided: set[OrderId] = set()
        self._hinted: dict[OrderId, None] = {}

    def see(self, page: "OrdersPage") -> list[Change]:
        """Save what a page says; one order that cannot be read or decided never stops the others.

        Gives back the changes that came with news, not those that only the passing of time brought.
        """
        run = self._run
        for text in page.unknown:
            run.report.problem("unknown_values", text)
        for order in page.unreadable:
            self._keep_unread(OrderId(order.order_id), order.problem)
        heads = run.ledger.heads(run.shop.shop, [reading.facts.id for reading in page.readings])
        fresh = [reading for reading in page.readings if self._is_fresh(reading, heads.get(reading.facts.id))]
        listings = listed_times(run, _skus_of(fresh, heads))
        news, changed = [], 0
        for reading in fresh:
            head = heads.get(reading.facts.id)
            change = self._see_one(reading, head, listings)
            if change is None:
                continue
            changed += 1
            if head is None or head.digest != reading.facts.digest:
                news.append(change)
        self._link_replaced(page.readings)
        run.report.count("orders_read", len(page.readings))
        run.report.count("orders_changed", changed)
        return news

    def take_hints(self) -> list[OrderId]:
        """The orders that newly say that their buyer has asked to cancel, since this was asked last."""
        hinted = list(self._hinted)
        self._hinted.clear()
        return hinted

    def re_read(self, orders: Iterable[OrderId]) -> "dict[OrderId, Reading]":
        """Read orders afresh, see them, and give back the readings of those that could be decided."""
        readings: dict[OrderId, Reading] = {}
        for batch in batched(dict.fromkeys(orders), ORDERS_A_READ, strict=False):
            page = self._read_orders(batch)
            self.see(page)
            readings |= {
                reading.facts.id: reading for reading in page.readings if reading.facts.id not in self._undecided
            }
        return readings

    def _is_fresh(self, reading: "Reading", head: Order | None) -> bool:
        """Whether there is something to decide: the order or its hold."""
        if head is None or head.digest != reading.facts.digest:
            return True
        return head.release_due is not None and head.release_due <= self._run.now()

    def _see_one(self, reading: "Reading", head: Order | None, listings: Listings) -> Change | None:
        run, facts = self._run, reading.facts
        try:
            change = run.ledger.change(
                run.shop.shop,
                facts.id,
                lambda record: decide_sighting(record, facts, run.shop, run.timing, run.now(), listings=listings),
            )
        except RetriableError:
            raise
        except Exception as error:
            # Whatever is wrong with one order must not stop the others; it is kept, counted and read again.
            logger.exception("order could not be decided", extra={"order": facts.id})
            self._keep_unread(facts.id, type(error).__name__)
            self._undecided.add(facts.id)
            return None
        self._undecided.discard(facts.id)
        if facts.cancel_requested and not (head and head.cancel_requested):
            self._hinted[facts.id] = None
        if change is not None:
            self._count_events(change)
            if change.order.release_due is not None:
                self._start_timer(change.order.release_due)
        return change

    def _link_replaced(self, readings: "Iterable[Reading]") -> None:
        """The orders that others stand for, where they are known, learn of it, whichever of the two was known first.

        Every reading of a replacement looks, since TikTok Shop may name the other order late, and may show it late. A
        page without replacements costs nothing. An order that becomes known after the last reading of its replacement
        is not linked: only the replacement names the other then.
        """
        run, shop = self._run, self._run.shop.shop
        links = [
            (OrderId(reading.facts.replaces), reading.facts.id)
            for reading in readings
            if reading.facts.replaces and reading.facts.id not in self._undecided
        ]
        if not links:
            return
        heads = run.ledger.heads(shop, dict.fromkeys(replaced for replaced, _ in links))
        for replaced, by in links:
            head = heads.get(replaced)
            if head is None or by in head.replaced_by:
                continue
            what = f"order {replaced}, which order {by} replaces"
            with run.apart("replaced_orders_not_linked", f"order {replaced}", what):
                self._link(replaced, by)

    def _link(self, replaced: OrderId, by: OrderId) -> None:
        run = self._run
        run.ledger.change(
            run.shop.shop, replaced, lambda record: decide_replaced(record, by, run.now()) if record else None
        )

    def _count_events(self, change: Change) -> None:
        for fact in change.timeline:
            name = f"event_{fact.event.lower()}"
            if fact.event in _SOMEBODY_SHOULD_SEE:
                detail = " ".join(f"{what} {text}" for what, text in fact.detail.items())
                self._run.report.problem(name, f"order {change.order.id} {detail}".strip())
            else:
                self._run.report.count(name)

    def _start_timer(self, slot: datetime) -> None:
        if slot in self._started:
            return
        try:
            self._start_release(self._run.shop.shop, slot)
        except RetriableError as error:
            # The order's release_due is saved: the sweep finds it some minutes later.
            self._run.report.problem("timers_not_started", str(error))
        else:
            self._started.add(slot)

    def _keep_unread(self, order: OrderId, problem: str) -> None:
        run = self._run
        run.report.problem("orders_unreadable", f"order {order or 'without id'}: {problem}")
        if order:
            run.shops.keep_unread(run.shop.shop, order, problem)


def _skus_of(readings: "Iterable[Reading]", heads: Mapping[OrderId, Order]) -> Iterator[str]:
    """The SKUs of orders as they are shown and as they are known."""
    for reading in readings:
        yield from (line.sku for line in reading.facts.lines)
        if head := heads.get(reading.facts.id):
            yield from (line.sku for line in head.lines)
