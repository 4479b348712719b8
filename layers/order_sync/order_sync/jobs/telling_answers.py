"""Telling TikTok Shop what was decided about cancellations, and looking at once what it made of that (G9-G11)."""

from collections.abc import Mapping
from functools import partial

from order_sync.domain.cancelling.answers import decide_reject_not_offered
from order_sync.domain.cancelling.by_seller import decide_refused_by_tiktok
from order_sync.domain.cancelling.cancellations import (
    CancellationStatus,
    SellerCancellation,
    SellerCancelState,
    SellerReason,
)
from order_sync.domain.cancelling.origins import seller_cancellation_of
from order_sync.domain.errors import (
    AlreadyDoneError,
    NotYetError,
    RejectedError,
    RetriableError,
    SkippableError,
    WishRefusedError,
)
from order_sync.domain.facts import OrderFacts
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.regions import PARTS_MAY_BE_CANCELED, Region
from order_sync.domain.telling import decide_dropped, decide_told
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.run import ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, tell_outbox
from order_sync.partners.tiktok_shop.cancel_reasons import reject_reason, tiktok_reason
from order_sync.partners.tiktok_shop.client import TikTokShop


def tell_answers(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, only: OrderId | None = None) -> None:
    """Tell TikTok Shop the answers and the seller's cancellations that are due, and believe what it shows then."""
    answers = Answers(run, tiktok, watch)
    tell_outbox(run, Target.TIKTOK_SHOP, answers.tellings, watch.re_read, only=only)
    answers.look()


class Answers:
    """What one run tells TikTok Shop about cancellations."""

    def __init__(self, run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch) -> None:
        self._run = run
        self._tiktok = tiktok
        self._watch = watch
        self._requests: list[CancelId] = []
        self._orders: list[OrderId] = []

    @property
    def tellings(self) -> Mapping[Action, Telling]:
        """How answers and seller's cancellations are told."""
        return {
            Action.APPROVE_CANCEL_REQUEST: Telling(tell=self._approve, repeatable=True),
            Action.REJECT_CANCEL_REQUEST: Telling(tell=self._reject, repeatable=True),
            Action.CANCEL_AS_SELLER: Telling(tell=self._cancel, reads_order=True),
        }

    def look(self) -> None:
        """Read what became of it; where that fails, the next poll brings it."""
        requests, orders = self._requests, self._orders
        self._requests, self._orders = [], []
        try:
            self._watch.look_again(requests)
            if orders:
                self._watch.re_read(orders)
        except (RetriableError, RejectedError) as error:
            self._run.report.problem("answers_not_looked_at", str(error))

    def _approve(self, task: Task) -> Decision:
        """The buyer may cancel. The call has an idempotency key, so that an unknown outcome is simply told again."""
        cancel = CancelId(task.entry.subject)
        self._requests.append(cancel)
        try:
            self._tiktok.cancellations.approve(cancel)
        except SkippableError as error:
            return self._not_taken(task, str(error))
        return decide_told

    def _reject(self, task: Task) -> Decision:
        """The buyer may not cancel: for one of TikTok's reasons where it takes a rejection at all (TT 4.3)."""
        cancel = CancelId(task.entry.subject)
        self._requests.append(cancel)
        reason = reject_reason(self._tiktok.cancellations.reasons_to_reject(cancel))
        if reason is None:
            if self._is_over(cancel):
                return self._not_taken(task, "the request is over already")
            self._run.report.problem("rejections_not_offered", f"order {task.entry.order} cancel request {cancel}")
            return decide_reject_not_offered
        try:
            self._tiktok.cancellations.reject(cancel, reason)
        except SkippableError as error:
            return self._not_taken(task, str(error))
        return decide_told

    def _is_over(self, cancel: CancelId) -> bool:
        shown = self._tiktok.cancellations.read([cancel]).cancellations
        return any(facts.status is not CancellationStatus.PENDING for facts in shown)

    def _not_taken(self, task: Task, reason: str) -> Decision:
        """The request is over: this attempt decided nothing, but an earlier one in doubt may have."""
        if task.was_interrupted:
            return decide_told
        self._run.report.problem("answers_not_taken", f"order {task.entry.order} {task.entry.name}: {reason}")
        return partial(decide_dropped, reason=reason)

    def _cancel(self, task: Task) -> Decision:
        """A seller's cancellation. It has no idempotency key, so what TikTok shows is believed before it is sent."""
        wish = seller_cancellation_of(task.entry, task.record)
        order, reading = task.entry.order, task.reading
        if task.record.open_request is not None:
            raise NotYetError("the buyer's request is open")
        if wish.state is SellerCancelState.REFUSED and (left := lines_that_left(task.record, wish)):
            # Its sender was told to ship, and has; only then a person replayed the entry.
            raise SkippableError(f"lines {', '.join(left)} have left")
        if order in self._orders:
            # Another cancellation of this order was told in this run, after it was read.
            reading = self._watch.re_read([order]).get(order)
        if reading is None:
            raise NotYetError(f"TikTok Shop does not show order {order}")
        facts = reading.facts
        living = lines_to_cancel(facts, wish)
        if not living:
            return decide_told
        self._orders.append(order)
        try:
            is_part = len(living) < sum(not line.canceled for line in facts.lines)
            refuse_part(self._run.shop.region, wish.reason, is_part=is_part)
            reason = self._reason_for(facts.id, wish.reason, living)
            self._tiktok.cancellations.cancel(facts.id, reason, living if is_part else ())
        except AlreadyDoneError:
            raise
        except SkippableError as error:
            # The order is completed or cancelled since it was read: the next attempt reads which.
            raise NotYetError(str(error)) from error
        except WishRefusedError as error:
            self._run.report.problem("seller_cancellations_refused", f"order {order} {wish.id}: {error}")
            return partial(decide_refused_by_tiktok, reason=str(error))
        return decide_told

    def _reason_for(self, order: OrderId, reason: SellerReason, lines: tuple[LineId, ...]) -> str:
        """TikTok's name for the reason, among those that it offers for every one of these lines now."""
        offered = self._tiktok.cancellations.seller_reasons(order)
        common = set.intersection(*(set(offered.get(line, ())) for line in lines))
        found = tiktok_reason(reason, common)
        if found is None:
            names = ", ".join(sorted(common)) or "none"
            raise WishRefusedError(f"TikTok Shop does not take the reason {reason} now; it offers {names}")
        return found


def lines_to_cancel(facts: OrderFacts, wish: SellerCancellation) -> tuple[LineId, ...]:
    """Those lines of a seller's cancellation that TikTok Shop does not show as cancelled."""
    canceled = {line.id for line in facts.lines if line.canceled}
    return tuple(line for line in wish.line_ids if line not in canceled)


def lines_that_left(record: OrderRecord, wish: SellerCancellation) -> tuple[LineId, ...]:
    """Those lines of a seller's cancellation that are in a parcel."""
    gone = (LineState.IN_PARCEL, LineState.SHIPPED)
    return tuple(line.id for line in record.order.lines if line.id in wish.line_ids and line.state in gone)


def refuse_part(region: Region, reason: SellerReason, *, is_part: bool) -> None:
    """Raises WishRefusedError for a part of an order where TikTok Shop takes only whole ones (TT 4.1, OP B2)."""
    if not is_part:
        return
    if region not in PARTS_MAY_BE_CANCELED:
        raise WishRefusedError(f"a part of an order cannot be cancelled in {region}")
    if reason is not SellerReason.OUT_OF_STOCK:
        raise WishRefusedError(f"a part of an order can be cancelled only as out_of_stock, not as {reason}")
