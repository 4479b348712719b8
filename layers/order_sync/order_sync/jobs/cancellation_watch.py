"""Seeing cancellations at TikTok Shop: each is decided on after its order was read, and its timer started."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched

from order_sync.domain.answering.times import is_waited_for
from order_sync.domain.cancelling.cancellations import Cancellation, CancellationFacts, CancellationStatus
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId, OrderId, ShopId
from order_sync.domain.records import Change
from order_sync.domain.timeline import Event
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.run import ShopRun
from order_sync.partners.tiktok_shop.cancellations import Cancellations, CancellationsPage
from order_sync.partners.tiktok_shop.mapping import Reading

CANCELLATIONS_A_READ = 50

type StartApproval = Callable[[ShopId, OrderId, CancelId, datetime], None]
"""Starts the timer of one cancel request. Raises RetriableError; starting twice is harmless."""


class CancellationWatch:
    """Sees cancellations, and orders with their hints at cancellations, for one run."""

    def __init__(
        self, run: ShopRun, orders: OrderWatch, cancellations: Callable[[], Cancellations], start_timer: StartApproval
    ) -> None:
        """`cancellations` gives the client: what the shop lacks for it shows only when something is asked."""
        self.orders = orders
        self._run = run
        self._cancellations = cancellations
        self._start_timer = start_timer
        self._requested: set[OrderId] = set()

    def see(self, page: CancellationsPage) -> list[Change]:
        """Save what a page says; one cancellation that cannot be read or decided never stops the others.

        The orders of those that changed are read first: what is shipped, and what is cancelled, decides. Gives
        back what changed.
        """
        run, shop = self._run, self._run.shop.shop
        for text in page.unknown:
            run.report.problem("unknown_values", text)
        for damaged in page.unreadable:
            subject = f"cancellation {damaged.id or 'without id'}"
            run.keep_for_a_person("cancellations_unreadable", subject, f"{subject}: {damaged.problem}")
        known = run.ledger.cancellations(shop, [(facts.order, facts.id) for facts in page.cancellations])
        fresh = [facts for facts in page.cancellations if _is_news(facts, known.get(facts.id))]
        run.report.count("cancellations_read", len(page.cancellations))
        self._requested |= {facts.order for facts in page.cancellations if facts.is_request}
        if not fresh:
            return []
        self.orders.re_read(facts.order for facts in fresh)
        # What cancelled something comes before what was closed by it.
        fresh.sort(key=lambda facts: facts.status is not CancellationStatus.GRANTED)
        return [change for facts in fresh if (change := self._see_one(facts))]

    def re_read(self, orders: Iterable[OrderId]) -> dict[OrderId, Reading]:
        """Read orders afresh; those that newly hint at a request have their cancellations read too."""
        readings = self.orders.re_read(orders)
        self.look_at_hints()
        return readings

    def look_at_hints(self) -> None:
        """Look for the requests of orders that hinted at one and whose request this run has not met.

        Where that fails, the feed brings them.
        """
        hinted = [order for order in self.orders.take_hints() if order not in self._requested]
        try:
            for batch in batched(hinted, CANCELLATIONS_A_READ, strict=False):
                self.see(self._cancellations().of_orders(batch))
        except (RetriableError, RejectedError) as error:
            self._run.report.problem("cancel_requests_not_read", str(error))

    def look_again(self, cancellations: Iterable[CancelId]) -> None:
        """Read cancellations afresh, with their orders where something changed."""
        for batch in batched(dict.fromkeys(cancellations), CANCELLATIONS_A_READ, strict=False):
            self.see(self._cancellations().read(batch))

    def _see_one(self, facts: CancellationFacts) -> Change | None:
        run, subject = self._run, f"cancellation {facts.id}"
        what = f"{subject} of order {facts.order}"
        change: Change | None = None
        with run.apart("cancellations_undecided", subject, what):
            change = run.ledger.change(
                run.shop.shop,
                facts.order,
                lambda record: (
                    decide_cancellation_sighting(record, facts, run.shop, run.timing, run.now()) if record else None
                ),
            )
            if change is not None:
                self._follow(change)
            elif not run.ledger.heads(run.shop.shop, [facts.order]):
                # The next poll reads the order; its hint at the request then brings the cancellation again.
                run.shops.keep_unread(run.shop.shop, facts.order, f"{subject}: the order is not known yet")
                run.report.problem("cancellations_without_order", what)
        return change

    def _follow(self, change: Change) -> None:
        run = self._run
        for fact in change.timeline:
            run.report.count(f"event_{fact.event.lower()}")
            if fact.event is Event.CANCEL_REQUEST_CLOSED and fact.detail.get("overruled"):
                run.report.problem(
                    "answers_overruled",
                    f"order {change.order.id} cancel request {fact.detail['cancel_request']}: "
                    f"answered {fact.detail['overruled']}, {fact.detail['outcome']} at TikTok Shop",
                )
        for request in change.cancellations:
            if is_waited_for(request):
                self.start_timer(change.order.id, request)

    def start_timer(self, order: OrderId, request: Cancellation) -> bool:
        """Start the timer that ends the wait for an answer; False when it cannot be started now.

        Its next_due is saved, and starting again is harmless: the sweep before that moment does it.
        """
        if request.answer_until is None:
            return False
        try:
            self._start_timer(self._run.shop.shop, order, request.id, request.answer_until)
        except RetriableError as error:
            self._run.report.problem("timers_not_started", str(error))
            return False
        return True


def _is_news(facts: CancellationFacts, known: Cancellation | None) -> bool:
    if known is None:
        return True
    if not known.is_open or facts.updated_at < known.updated_at:
        return False
    pending = facts.status is CancellationStatus.PENDING
    return not pending or facts.updated_at != known.updated_at or facts.respond_by not in (None, known.respond_by)
