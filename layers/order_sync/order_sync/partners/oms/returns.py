"""Returns between us and the OMS: how they stand, its answers to TikTok's questions, and refunds that it starts."""

from decimal import Decimal
from typing import Any, Final

from order_sync.domain.answering.answers import DecisionProblem
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.returning.returns import Refund, Return
from order_sync.partners.oms.connection import OmsConnection, path_to
from order_sync.partners.oms.entries import outcome_body, tell_refusal
from order_sync.partners.oms.orders import LONGEST_TEXT, wire_money, wire_time
from order_sync.partners.oms.return_lists import (
    RefundsPage,
    ReturnDecisionsPage,
    read_refunds,
    read_return_decisions,
)

_DECISIONS: Final = "return-decisions"
_REFUNDS: Final = "seller-refunds"
_WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "VND"})


class OmsReturns:
    """The returns of one shop's OMS. Every write may be repeated, and the errors are those of `RestOms`."""

    def __init__(self, connection: OmsConnection) -> None:
        self._connection = connection

    def note_return(self, shop: ShopId, order: OrderId, known: Return) -> None:
        """Tell how a return stands; a question only while the OMS's answer would count.

        What TikTok Shop changed earlier than the OMS knows changes nothing there. Raises RejectedError for a return
        without lines, and when the OMS knows it of another order.
        """
        what = f"note return {known.id}"
        if not known.lines:
            raise RejectedError(f"OMS: {what}: it has no lines")
        self._connection.put(what, path_to("returns", known.id), return_body(shop, order, known))

    def decisions_after(self, shop: ShopId, cursor: str) -> ReturnDecisionsPage:
        """The page of a shop's decisions about returns after a cursor; an empty cursor asks for the oldest."""
        body = self._connection.list_after("list return decisions", path_to(_DECISIONS), shop, cursor)
        return read_return_decisions(body, cursor)

    def refuse_decision(self, decision_id: str, problem: DecisionProblem, detail: str) -> None:
        """Tell that a decision changed nothing, and why. Raises RejectedError when the OMS does not know it."""
        tell_refusal(self._connection, _DECISIONS, decision_id, problem, detail)

    def refunds_after(self, shop: ShopId, cursor: str) -> RefundsPage:
        """The page of what a shop's OMS refunds, after a cursor; an empty cursor asks for the oldest."""
        return read_refunds(self._connection.list_after("list refunds", path_to(_REFUNDS), shop, cursor), cursor)

    def settle_refund(self, refund_id: str, *, refused: str = "", return_id: str = "") -> None:
        """Tell what became of a refund by the OMS's own id: accepted, or refused for this reason.

        `return_id` is the return that it became at TikTok Shop. Raises RejectedError when the OMS does not know the
        refund, and when another outcome was told before.
        """
        body = outcome_body(refused)
        self._connection.put(
            f"settle refund {refund_id}",
            path_to(_REFUNDS, refund_id, "outcome"),
            body | {"return_id": return_id} if return_id else body,
        )


def return_body(shop: ShopId, order: OrderId, known: Return) -> dict[str, Any]:
    """A return in the contract's words. Raises RejectedError for an amount that cannot be told."""
    what = f"return {known.id}"
    lines = [
        {"line": line.id} | ({"refund_amount": _amount(line.refund, line.refund.total, what)} if line.refund else {})
        for line in known.lines
    ]
    body = {
        "shop_id": shop,
        "tiktok_order_id": order,
        "kind": known.kind.lower(),
        "state": known.state.lower(),
        "lines": lines,
        "reason": known.reason[:LONGEST_TEXT],
        "requested_at": wire_time(known.requested_at),
        "changed_at": wire_time(known.updated_at),
        "question": _question(known),
        "refund": _refund(known.refund, what) if known.refund else None,
    }
    more = {
        "return_tracking_number": known.tracking_number.strip()[:LONGEST_TEXT],
        "refunded_at": wire_time(known.refunded_at) if known.refunded_at else "",
        "follows": known.follows,
    }
    return body | {name: text for name, text in more.items() if text}


def _question(known: Return) -> dict[str, str | None] | None:
    """What an answer of the OMS would still count for."""
    if known.question is None or not known.is_open or known.answer is not None or known.left_to_tiktok:
        return None
    # The OMS has time until we stop waiting, not until TikTok Shop does.
    respond_by = known.answer_until or known.respond_by
    asked: dict[str, str | None] = {
        "asked": known.question.lower(),
        "respond_by": wire_time(respond_by) if respond_by else None,
    }
    return asked | {"problem": known.answer_problem[:LONGEST_TEXT]} if known.answer_problem else asked


def _refund(refund: Refund, what: str) -> dict[str, str]:
    amounts = {
        "total": refund.total,
        "goods": refund.goods,
        "shipping": refund.shipping,
        "tax": refund.tax,
        "other": refund.other,
    }
    return {"currency": refund.currency} | {name: _amount(refund, each, what) for name, each in amounts.items()}


def _amount(refund: Refund, amount: Decimal, what: str) -> str:
    """With at least the digits of the currency; more of them only where they say something."""
    whole, _, part = wire_money(amount, f"{what}: refund").partition(".")
    part = part.rstrip("0").ljust(0 if refund.currency in _WITHOUT_CENTS else 2, "0")
    return f"{whole}.{part}" if part else whole
