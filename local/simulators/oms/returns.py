"""Buyers' returns: how they stand, and the OMS's answers to what TikTok Shop asks about them."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from local.simulators.oms.cancel_records import Listed, Verdict
from local.simulators.oms.lists import page_of_entries
from local.simulators.oms.orders import named
from local.simulators.oms.problems import ProblemError
from local.simulators.oms.records import Order
from local.simulators.oms.return_records import ReturnRecord
from local.simulators.oms.state import State


def note(state: State, return_id: str, body: Mapping[str, Any]) -> None:
    """How the return stands. The newest `changed_at` holds, whenever it is told."""
    known = state.returns.get(return_id)
    if known is not None and any(known.body[name] != body[name] for name in ("shop_id", "tiktok_order_id")):
        raise ProblemError("return-differs", "This return is known of another order.")
    order = state.orders.get(body["tiktok_order_id"])
    if order is None or order.shop_id != body["shop_id"]:
        raise ProblemError("order-unknown", "No such order of this shop here.")
    _check(order, body)
    if known is None:
        known = state.returns[return_id] = ReturnRecord(id=return_id, body=body, told_at=state.clock())
        asked_before = ("", "")
    else:
        known.times_told += 1
        if datetime.fromisoformat(body["changed_at"]) < known.changed_at:
            return
        asked_before = known.question, known.problem
        known.earlier.append(known.body)
        known.body = body
    if (known.question, known.problem) != asked_before:
        known.asked_at = state.clock() if known.question else None
        _ask(state, known)


def record(
    state: State, known: ReturnRecord, question: str, verdict: Verdict, at: datetime, *, decision_id: str
) -> None:
    """Enter the OMS's decision."""
    decision, reject_reason = verdict
    body = {
        "id": decision_id,
        "return_id": known.id,
        "question": question,
        "decision": decision,
        "reject_reason": reject_reason,
        "decided_at": at.isoformat(),
    }
    state.return_decisions.append(Listed(shop_id=known.shop_id, body=body, recorded_at=at))


def decisions_page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's decisions about returns after the cursor."""
    return page_of_entries(state.return_decisions, query, largest_page, name="decisions", of="return-")


def _check(order: Order, body: Mapping[str, Any]) -> None:
    lines = [line["line"] for line in body["lines"]]
    if len(set(lines)) < len(lines):
        raise ProblemError("line-repeated", "A line of this return stands there twice.")
    named(order, lines)
    if body["refund"] and body["refund"]["currency"] != order.body["currency"]:
        raise ProblemError("currency-differs", "The refund is not in the order's currency.")


def _ask(state: State, known: ReturnRecord) -> None:
    if state.automatic_return_decisions is None or known.asked_at is None:
        return
    after, _ = state.automatic_return_decisions
    asked_at = known.asked_at
    state.at(state.clock() + after, lambda due: _decide_by_rule(state, known, asked_at, due))
    state.advance()


def _decide_by_rule(state: State, known: ReturnRecord, asked_at: datetime, due: datetime) -> None:
    if state.automatic_return_decisions is None or known.asked_at != asked_at or _decided(state, known):
        return
    _, rule = state.automatic_return_decisions
    verdict = rule(deepcopy(known), deepcopy(state.orders[known.tiktok_order_id]))
    if verdict is not None:
        record(state, known, known.question, verdict, due, decision_id=state.next_decision_id())


def _decided(state: State, known: ReturnRecord) -> bool:
    """Whether the open question has an answer since it was asked."""
    return any(
        each.body.get("return_id") == known.id
        and each.body.get("question") == known.question
        and known.asked_at is not None
        and each.recorded_at >= known.asked_at
        for each in state.return_decisions
    )
