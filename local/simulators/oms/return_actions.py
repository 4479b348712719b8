"""What the OMS's people do about returns and refunds, in scenarios and tests (not over HTTP)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from local.simulators.oms import returns, seller_refunds
from local.simulators.oms.actions import Actions
from local.simulators.oms.return_records import ReturnRule

QUESTIONS = ("refund", "return", "receive_package", "replacement")


class ReturnActions(Actions):
    """Orders, lines and returns are named by TikTok's ids, questions and decisions by the contract's words."""

    def decide_return(
        self,
        shop: str,
        return_id: str,
        question: str,
        decision: str,
        reject_reason: str = "",
        *,
        after: timedelta = timedelta(0),
    ) -> str:
        """Answer a question about a return with approve or reject when the time comes: the decision's id.

        It is entered even if nobody asks that, or somebody has answered, by then. Raises KeyError for a return that
        was not told, ValueError for one of another shop and for other words: see `list_raw_return_decision`.
        """
        if question not in QUESTIONS or decision not in ("approve", "reject"):
            raise ValueError(f"{decision} is neither approve nor reject, or {question} is no question")
        if decision == "approve" and reject_reason:
            raise ValueError("only a rejection has a reason to reject")
        with self._state.lock:
            known = self._state.returns[return_id]
            if known.shop_id != shop:
                raise ValueError(f"return {return_id} is not one of shop {shop}")
            verdict, decision_id = (decision, reject_reason or None), self._state.next_decision_id()
            self._state.at(
                self._state.clock() + after,
                lambda due: returns.record(self._state, known, question, verdict, due, decision_id=decision_id),
            )
            self._state.advance()
            return decision_id

    def decide_returns_automatically(self, rule: ReturnRule, *, after: timedelta = timedelta(0)) -> None:
        """From now on each question that is told about a return is answered by this rule after this time.

        The rule sees return and order as they stand then; what is answered or not asked any more by then it does not
        see.
        """
        with self._state.lock:
            self._state.automatic_return_decisions = (after, rule)

    def refund(
        self,
        shop: str,
        order: str,
        lines: Sequence[str] | None = None,
        amount: Decimal | str | None = None,
        reason: str = "",
        *,
        currency: str = "",
        after: timedelta = timedelta(0),
    ) -> str:
        """Want the buyer to get money back when the time comes: the refund's id.

        Without lines for the whole order, without an amount all that was paid for them. `currency` is the order's
        unless it is given. Raises KeyError for an order that was not taken, ValueError for one of another shop or
        without these lines.
        """
        with self._state.lock:
            self._refuse_unknown(order, lines)
            taken = self._state.orders[order]
            if taken.shop_id != shop:
                raise ValueError(f"order {order} is not one of shop {shop}")
            money = None if amount is None else {"currency": currency or taken.body["currency"], "total": str(amount)}
            refund_id = self._state.next_refund_id()
            self._state.at(
                self._state.clock() + after,
                lambda due: seller_refunds.record(
                    self._state, order, lines, money, due, reason=reason, refund_id=refund_id
                ),
            )
            self._state.advance()
            return refund_id

    def list_raw_return_decision(self, shop_id: str, entry: Mapping[str, Any]) -> None:
        """A broken OMS: its list of decisions about returns shows this entry as it is."""
        self._list_raw(self._state.return_decisions, shop_id, entry)

    def list_raw_refund(self, shop_id: str, entry: Mapping[str, Any]) -> None:
        """A broken OMS: its list of refunds shows this entry as it is."""
        self._list_raw(self._state.seller_refunds, shop_id, entry)

    def repeat_return_decision(self, decision_id: str) -> None:
        """The list shows this decision once more, at its end: the contract allows it."""
        self._repeat(self._state.return_decisions, decision_id)

    def repeat_refund(self, refund_id: str) -> None:
        """The list shows this refund once more, at its end: the contract allows it."""
        self._repeat(self._state.seller_refunds, refund_id)
