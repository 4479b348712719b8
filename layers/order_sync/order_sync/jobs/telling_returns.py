"""Telling TikTok Shop what was decided about returns, and looking at once what it made of that (TT 4.4)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.errors import (
    AlreadyDoneError,
    NotYetError,
    RejectedError,
    RetriableError,
    SkippableError,
    WishRefusedError,
)
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.returning.answers import decide_answer_not_taken
from order_sync.domain.returning.by_seller import CLOCKS_APART, decide_refund_refused, decide_refund_started
from order_sync.domain.returning.questions import asking, named
from order_sync.domain.returning.returns import Question, Return, SellerRefund
from order_sync.domain.returning.told import return_of, seller_refund_of
from order_sync.domain.telling import decide_dropped, decide_told
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import ShopRun
from order_sync.jobs.telling import Decision, Task, Telling, tell_outbox
from order_sync.partners.tiktok_shop.client import TikTokShop

ATTEMPTS_IN_DOUBT: Final = 3
"""So many attempts later TikTok's search shows what an earlier one did."""
_LOOKED_AT: Final = "TikTok Shop takes no refund of these lines now: its returns are looked at first"


def tell_return_answers(run: ShopRun, tiktok: TikTokShop, watch: ReturnWatch, only: OrderId | None = None) -> None:
    """Tell TikTok Shop the answers and the seller's refunds that are due, and believe what it shows then."""
    answers = ReturnAnswers(run, tiktok)
    tell_outbox(run, Target.TIKTOK_SHOP, answers.tellings, watch.orders.re_read, only=only)
    try:
        watch.look_again(answers.told)
        watch.of_orders(answers.unclear)
    except (RetriableError, RejectedError) as error:
        run.report.problem("answers_not_looked_at", str(error))


class ReturnAnswers:
    """What one run tells TikTok Shop about returns. `told` are those to look at afterwards, and all of the orders of
    which something that we have not seen may stand in the way."""

    def __init__(self, run: ShopRun, tiktok: TikTokShop) -> None:
        self.told: list[ReturnId] = []
        self.unclear: list[OrderId] = []
        self._run = run
        self._returns = tiktok.returns

    @property
    def tellings(self) -> Mapping[Action, Telling]:
        """How answers and seller's refunds are told. Each call has an idempotency key, so it may be told again."""
        return {
            Action.APPROVE_RETURN: Telling(tell=self._approve, repeatable=True),
            Action.REJECT_RETURN: Telling(tell=self._reject, repeatable=True),
            Action.REFUND_AS_SELLER: Telling(tell=self._refund, repeatable=True),
        }

    def _approve(self, task: Task) -> Decision:
        known, question = _asked(task)
        self.told.append(known.id)
        if reason := self._returns.may_approve(known.id, question):
            return self._not_taken(task, reason)
        return self._say(task, partial(self._returns.approve, known.id, question, asking=asking(known)))

    def _reject(self, task: Task) -> Decision:
        """For the reason that the seller chose, among those that TikTok Shop offers; else for its first."""
        known, question = _asked(task)
        self.told.append(known.id)
        offered = self._returns.reasons_to_reject(known.id, question)
        if not offered:
            return self._not_taken(task, "TikTok Shop offers no rejection")
        if known.reject_reason and known.reject_reason not in offered:
            names = ", ".join(offered)
            return self._not_taken(task, f"the reason {known.reject_reason} is not offered, but {names}")
        reason = known.reject_reason or offered[0]
        return self._say(task, partial(self._returns.reject, known.id, question, reason, asking=asking(known)))

    def _say(self, task: Task, say: Callable[[], None]) -> Decision:
        try:
            say()
        except AlreadyDoneError:
            raise
        except (SkippableError, WishRefusedError) as error:
            return self._not_taken(task, str(error))
        return decide_told

    def _not_taken(self, task: Task, reason: str) -> Decision:
        """TikTok Shop takes no such answer now. Where it does not wait for one any more this attempt decided nothing,
        but an earlier one in doubt may have."""
        known, question = _asked(task)
        still_asked = any(facts.question is question for facts in self._returns.read([known.id]).returns)
        if task.was_interrupted and not still_asked:
            return decide_told
        if task.was_interrupted and task.entry.attempts <= ATTEMPTS_IN_DOUBT:
            # TikTok's search lags: an attempt whose answer was lost may have been taken after all.
            raise NotYetError(f"a lost attempt may have answered: {reason}")
        self._run.report.problem("answers_not_taken", f"order {task.entry.order} {task.entry.name}: {reason}")
        if still_asked:
            return partial(decide_answer_not_taken, reason=reason, timing=self._run.timing)
        return partial(decide_dropped, reason=reason)

    def _refund(self, task: Task) -> Decision:
        """A refund that the seller started becomes a return at TikTok Shop, under a key of its own."""
        wish = seller_refund_of(task.entry, task.record)
        if wish.return_id is not None:
            return partial(decide_refund_started, return_id=wish.return_id)
        if not wish.is_open:
            raise SkippableError(f"the refund is {wish.state} already")
        order = task.record.order.id
        if task.was_interrupted and (started := self._started(task, wish)):
            return partial(decide_refund_started, return_id=started)
        try:
            reason = self._reason_for(task, wish)
            started = self._returns.refund(order, wish.line_ids, reason, f"order-sync-refund-{wish.id}", wish.amount)
        except WishRefusedError as error:
            self._run.report.problem("seller_refunds_refused", f"order {order} {wish.id}: {error}")
            return partial(decide_refund_refused, reason=str(error))
        self.told.append(started)
        return partial(decide_refund_started, return_id=started)

    def _started(self, task: Task, wish: SellerRefund) -> ReturnId | None:
        """The return that an attempt made whose answer was lost."""
        since = task.entry.queued_at - CLOCKS_APART
        for facts in self._returns.of_orders([task.entry.order]).returns:
            same_lines = {line.id for line in facts.lines} == set(wish.line_ids)
            if facts.initiator is Initiator.SELLER and same_lines and facts.requested_at >= since:
                return facts.id
        return None

    def _reason_for(self, task: Task, wish: SellerRefund) -> str:
        """The seller's reason, or the shop's, or TikTok's first, among those offered for every one of these lines.

        Where none is, the buyer may have asked for the same a moment ago: that is looked for before it is refused.
        """
        order = task.record.order.id
        offered = self._returns.refund_reasons(order)
        first: Sequence[str] = offered.get(wish.line_ids[0], ())
        common = [name for name in first if all(name in offered.get(line, ()) for line in wish.line_ids)]
        wanted = wish.reason or self._run.shop.returns.refund_reason or next(iter(common), "")
        if wanted in common:
            return wanted
        if common:
            raise WishRefusedError(f"TikTok Shop does not take the reason {wanted}; it offers {', '.join(common)}")
        before = task.record.entry(task.entry.name)
        was_looked_at = before is not None and before.reason == _LOOKED_AT
        in_doubt = task.was_interrupted and task.entry.attempts <= ATTEMPTS_IN_DOUBT
        if in_doubt or not was_looked_at:
            self.unclear.append(order)
            raise NotYetError(_LOOKED_AT)
        raise WishRefusedError("TikTok Shop takes no refund of these lines now")


def _asked(task: Task) -> tuple[Return, Question]:
    """The return that an answer is about, while its question is open. Raises SkippableError when it is not."""
    known = return_of(task.entry, task.record)
    if known.question is None or named(known) != task.entry.revision:
        raise SkippableError("TikTok Shop does not wait for this answer any more")
    return known, known.question
