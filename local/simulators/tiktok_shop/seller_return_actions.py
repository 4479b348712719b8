"""Returns in scenarios and tests: what people do in Seller Center, and what is true of returns (not over HTTP)."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial

from local.simulators.tiktok_shop.cancel_actions import lines_named
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.money import Amount
from local.simulators.tiktok_shop.money import amount as money
from local.simulators.tiktok_shop.return_actions import ReturnActions
from local.simulators.tiktok_shop.return_books import IssuedRefund
from local.simulators.tiktok_shop.return_deciding import decide_return, write_down_return
from local.simulators.tiktok_shop.return_records import (
    APPROVALS,
    REJECTIONS,
    ReturnDecision,
    ReturnQuestion,
    ReturnRecord,
    ReturnType,
    open_question,
    record_of,
)
from local.simulators.tiktok_shop.return_steps import note
from local.simulators.tiktok_shop.seller_returning import offered_return_reasons, return_as_seller


class SellerReturnActions(ReturnActions):
    """Every method takes effect at once."""

    def approve_return_in_seller_center(
        self, return_id: str, decision: ReturnDecision | None = None, *, keeps_item: bool = False
    ) -> None:
        """The seller grants by hand what is asked, or decides otherwise for the buyer. Raises RefusalError."""
        self._decide_return(return_id, decision or APPROVALS[self._question(return_id)], keeps_item=keeps_item)

    def reject_return_in_seller_center(
        self, return_id: str, reason: str, decision: ReturnDecision | None = None
    ) -> None:
        """The seller says no by hand, for one of TikTok's reasons. Raises RefusalError as the API would."""
        self._decide_return(return_id, decision or REJECTIONS[self._question(return_id)], reason=reason)

    def offer_partial_refund_in_seller_center(self, return_id: str, amount: Amount) -> None:
        """The seller asks the buyer to be content with some of the money. Raises RefusalError."""
        self._decide_return(return_id, ReturnDecision.OFFER_PARTIAL_REFUND, amount=amount)

    def refund_in_seller_center(
        self,
        order_id: str,
        lines: Collection[str] | None = None,
        *,
        reason: str | None = None,
        amount: Amount | None = None,
    ) -> str:
        """The seller refunds shipped units by hand, or all units. Returns the return id; raises RefusalError.

        `reason` None: the first that TikTok offers.
        """
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            chosen = order.remaining if lines is None else lines_named(order, lines)
            named = reason or offered_return_reasons(self._state, order, chosen)[0].name
            given = return_as_seller(
                self._state,
                order,
                chosen,
                named,
                now,
                type_=ReturnType.REFUND,
                by="seller_center",
                amount=None if amount is None else money(amount),
            )
            return given.id

    def set_time_to_answer_return(self, question: ReturnQuestion, time: timedelta) -> None:
        """For days that pass faster than TikTok's: questions from now on are answered by TikTok after this time."""
        with self._state.lock:
            self._state.now()
            self._state.return_times.answer[question] = time

    def show_return_as(self, return_id: str, **fields: object) -> None:
        """Serve fields of a return otherwise than they are, None leaves one out; no fields: the truth again."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            given.shown = fields
            note(self._state, given, now)

    def return_record(self, return_id: str) -> ReturnRecord:
        """A return as it is now."""
        with self._state.lock:
            self._state.now()
            return record_of(self._state.return_(return_id))

    def returns_of(self, order_id: str) -> list[ReturnRecord]:
        """All returns of an order as they are now, oldest first."""
        with self._state.lock:
            self._state.now()
            return self.books.returns(order_id)

    def returns(self) -> list[ReturnRecord]:
        """All returns of all shops as they are now, oldest first."""
        with self._state.lock:
            self._state.now()
            return self.books.returns()

    def refunds_issued(self, order_id: str | None = None) -> list[IssuedRefund]:
        """What returns have refunded by now, of all orders or of one."""
        with self._state.lock:
            self._state.now()
            return self.books.refunds_issued(order_id)

    def _question(self, return_id: str) -> ReturnQuestion:
        with self._state.lock:
            self._state.now()
            given = self._state.return_(return_id)
            question = open_question(given)
            if question is None:
                raise IllegalStepError(f"return {return_id} in {given.status} asks the seller nothing")
            return question

    def _decide_return(
        self,
        return_id: str,
        decision: ReturnDecision,
        *,
        reason: str | None = None,
        keeps_item: bool = False,
        amount: Amount | None = None,
    ) -> None:
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            written = partial(
                write_down_return,
                self._state,
                given.order.shop,
                return_id,
                decision.value,
                now,
                by="seller_center",
                reason=reason,
            )
            try:
                decide_return(
                    self._state,
                    given,
                    decision,
                    now,
                    by="seller_center",
                    reason=reason,
                    keeps_item=keeps_item,
                    amount=None if amount is None else money(amount),
                )
            except RefusalError as refusal:
                written(code=refusal.code)
                raise
            written()
