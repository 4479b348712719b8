"""Buyers' cancel requests: the question, the OMS's answers, and what became of it."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from local.simulators.oms.cancel_records import CancelRequest, Listed
from local.simulators.oms.lists import page_of_entries
from local.simulators.oms.orders import named
from local.simulators.oms.problems import ProblemError
from local.simulators.oms.state import State, chosen

_MAY_CHANGE = ("respond_by", "parcel_known")
_CANCELLED = ("approved", "approved_automatically", "overtaken")


def note(state: State, cancel_id: str, body: Mapping[str, Any]) -> None:
    """The question. Told again it may bring another deadline, or that a parcel is known; nothing else."""
    known = state.cancel_requests.get(cancel_id)
    if known is not None:
        if _fixed(known.body) != _fixed(body):
            raise ProblemError("cancel-request-differs", "This cancel request is known with other content.")
        known.body = body
        known.times_told += 1
        return
    order = state.orders.get(body["tiktok_order_id"])
    if order is None or order.shop_id != body["shop_id"]:
        raise ProblemError("order-unknown", "No such order of this shop here.")
    named(order, body.get("lines"))
    state.cancel_requests[cancel_id] = CancelRequest(id=cancel_id, body=body, told_at=state.clock())
    if state.automatic_decisions is not None:
        after, _ = state.automatic_decisions
        state.at(state.clock() + after, lambda due: _decide_by_rule(state, cancel_id, due))
        state.advance()


def settle(state: State, cancel_id: str, body: Mapping[str, Any]) -> None:
    """What became of the request. Lines that the OMS withheld in vain are to be shipped again."""
    request = state.cancel_requests.get(cancel_id)
    if request is None:
        raise ProblemError("cancel-request-unknown", "No such cancel request here.")
    if request.outcome is None:
        request.outcome, request.outcome_told_at = body, state.clock()
        if body["outcome"] not in _CANCELLED:
            for line in state.orders[request.tiktok_order_id].lines:
                line.withheld_for.discard(cancel_id)
    elif any(request.outcome[name] != body[name] for name in ("outcome", "decided_by")):
        raise ProblemError("outcome-differs", "Another outcome of this cancel request was told before.")
    request.times_outcome_told += 1


def record(
    state: State,
    cancel_id: str,
    decision: str,
    reason: str | None,
    at: datetime,
    *,
    decision_id: str,
    withhold: bool = True,
) -> None:
    """Enter the OMS's decision. Approved lines are withheld from shipping, unless the warehouse does not listen."""
    request = state.cancel_requests[cancel_id]
    order = state.orders[request.tiktok_order_id]
    body = {
        "id": decision_id,
        "cancel_id": cancel_id,
        "decision": decision,
        "reason": reason,
        "decided_at": at.isoformat(),
    }
    state.decisions.append(Listed(shop_id=order.shop_id, body=body, recorded_at=at))
    if decision == "approve" and withhold and request.outcome is None:
        for line in chosen(order, request.lines):
            line.withheld_for.add(cancel_id)


def decisions_page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's decisions after the cursor."""
    return page_of_entries(state.decisions, query, largest_page, name="decisions")


def _decide_by_rule(state: State, cancel_id: str, due: datetime) -> None:
    request = state.cancel_requests[cancel_id]
    if state.automatic_decisions is None or request.outcome is not None or _decided(state, cancel_id):
        return
    _, rule = state.automatic_decisions
    verdict = rule(deepcopy(request), deepcopy(state.orders[request.tiktok_order_id]))
    if verdict is not None:
        decision, reason = verdict
        record(state, cancel_id, decision, reason, due, decision_id=state.next_decision_id())


def _decided(state: State, cancel_id: str) -> bool:
    return any(each.body.get("cancel_id") == cancel_id for each in state.decisions)


def _fixed(body: Mapping[str, Any]) -> dict[str, Any]:
    fixed = {name: value for name, value in body.items() if name not in _MAY_CHANGE}
    if "lines" in fixed:
        fixed["lines"] = sorted(fixed["lines"])
    return fixed
