"""Seeing returns at TikTok Shop: each is decided on after its order was read, and the timer of its question started."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched
from typing import Final

from order_sync.domain.answering.times import is_waited_for
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ReturnId, ShopId
from order_sync.domain.records import Change
from order_sync.domain.returning.returns import Return, ReturnFacts
from order_sync.domain.returning.sightings import decide_return_sighting
from order_sync.domain.timeline import Event
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.run import ShopRun
from order_sync.ledger.returns import ReturnBook
from order_sync.partners.tiktok_shop.returns import Returns, ReturnsPage

RETURNS_A_READ: Final = 50

type StartWait = Callable[[ShopId, OrderId, ReturnId, datetime], None]
"""Starts the timer of one question about a return. Raises RetriableError; starting twice is harmless."""


class ReturnWatch:
    """Sees returns for one run."""

    def __init__(
        self, run: ShopRun, orders: OrderWatch, returns: Callable[[], Returns], start_timer: StartWait
    ) -> None:
        """`returns` gives the client: what the shop lacks for it shows only when something is asked."""
        self.orders = orders
        self.book = ReturnBook(run.ledger.table)
        self._run = run
        self._returns = returns
        self._start_timer = start_timer

    def see(self, page: ReturnsPage) -> list[Change]:
        """Save what a page says; one return that cannot be read or decided never stops the others.

        The orders of those that changed are read first: what is shipped and what was paid decides. Gives back what
        changed.
        """
        run, shop = self._run, self._run.shop.shop
        for text in page.unknown:
            run.report.problem("unknown_values", text)
        for damaged in page.unreadable:
            subject = f"return {damaged.id or 'without id'}"
            run.keep_for_a_person("returns_unreadable", subject, f"{subject}: {damaged.problem}")
        known = self.book.known(shop, [(facts.order, facts.id) for facts in page.returns])
        fresh = [facts for facts in page.returns if _may_be_news(facts, known.get(facts.id))]
        run.report.count("returns_read", len(page.returns))
        if not fresh:
            return []
        self.orders.re_read(facts.order for facts in fresh)
        return [change for facts in fresh if (change := self._see_one(facts))]

    def of_orders(self, orders: Iterable[OrderId]) -> None:
        """Read all returns of some orders, which may have been unknown when the feed brought them."""
        for batch in batched(dict.fromkeys(orders), RETURNS_A_READ, strict=False):
            self.see(self._returns().of_orders(batch))

    def look_again(self, returns: Iterable[ReturnId]) -> None:
        """Read returns afresh, with their orders where something changed."""
        for batch in batched(dict.fromkeys(returns), RETURNS_A_READ, strict=False):
            self.see(self._returns().read(batch))

    def start_timer(self, order: OrderId, known: Return) -> bool:
        """Start the timer that ends the wait for an answer; False when it cannot be started now.

        Its next_due is saved, and starting again is harmless: the sweep before that moment does it.
        """
        if known.answer_until is None:
            return False
        try:
            self._start_timer(self._run.shop.shop, order, known.id, known.answer_until)
        except RetriableError as error:
            self._run.report.problem("timers_not_started", str(error))
            return False
        return True

    def _see_one(self, facts: ReturnFacts) -> Change | None:
        run, subject = self._run, f"return {facts.id}"
        what = f"{subject} of order {facts.order}"
        change: Change | None = None
        with run.apart("returns_undecided", subject, what):
            try:
                change = run.ledger.change(
                    run.shop.shop,
                    facts.order,
                    lambda record: (
                        decide_return_sighting(record, facts, run.shop, run.timing, run.now()) if record else None
                    ),
                )
            except RejectedError as error:
                run.keep_for_a_person("returns_impossible", subject, str(error))
                return None
            if change is not None:
                self._follow(change)
            elif not run.ledger.heads(run.shop.shop, [facts.order]):
                # The next poll reads the order by its id, and then its returns.
                run.shops.keep_unread(run.shop.shop, facts.order, f"{subject}: the order is not known yet")
                run.report.problem("returns_without_order", what)
        return change

    def _follow(self, change: Change) -> None:
        run, order = self._run, change.order.id
        for fact in change.timeline:
            run.report.count(f"event_{fact.event.lower()}")
            if fact.detail.get("overruled"):
                text = f"order {order} return {fact.detail['return_id']}: answered {fact.detail['overruled']}"
                run.report.problem("answers_overruled", f"{text}, {fact.detail['after']} at TikTok Shop")
            if fact.detail.get("beyond_paid"):
                text = f"order {order} return {fact.detail['return_id']}: {fact.detail['refunded_in_all']} of"
                run.report.problem("refunds_beyond_paid", f"{text} {fact.detail['paid']}")
            if fact.event is Event.RETURN_IN_ARBITRATION:
                run.report.problem("returns_in_arbitration", f"order {order} return {fact.detail['return_id']}")
        for known in change.returns:
            if is_waited_for(known):
                self.start_timer(order, known)


def _may_be_news(facts: ReturnFacts, known: Return | None) -> bool:
    """Whether a return has to be decided on. One that was seen with the same time is compared by what it shows."""
    if known is None or facts.updated_at > known.updated_at:
        return True
    if facts.updated_at < known.updated_at:
        return False
    shown = (facts.status_text, facts.lines, facts.refund or known.refund, facts.question, facts.arbitration)
    kept = (known.status_text, known.lines, known.refund, known.question, known.arbitration)
    evidence = (facts.has_label, facts.tracking_number) != (known.has_label, known.tracking_number)
    return shown != kept or evidence or facts.respond_by not in (None, known.respond_by)
