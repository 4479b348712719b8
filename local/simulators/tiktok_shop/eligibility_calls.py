"""What TikTok Shop would allow now: answers to requests, their reasons, and what the seller may begin (TT 4.1-4.4)."""

from local.simulators.tiktok_shop.calls import Call, Json, query_choice, query_text
from local.simulators.tiktok_shop.cancel_reasons import Reason
from local.simulators.tiktok_shop.cancellations import Cancellation
from local.simulators.tiktok_shop.deciding import Decision, obstacle, open_refusals
from local.simulators.tiktok_shop.decision_calls import cancellation_of
from local.simulators.tiktok_shop.errors import MESSAGES, business, invalid
from local.simulators.tiktok_shop.lifecycle import can_be_cancelled
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.return_deciding import open_rejections, return_obstacle
from local.simulators.tiktok_shop.return_decision_calls import return_of
from local.simulators.tiktok_shop.return_records import REJECTIONS, Return, ReturnDecision, open_question
from local.simulators.tiktok_shop.seller_cancelling import lines_obstacle, offered_reasons, order_obstacle
from local.simulators.tiktok_shop.seller_returning import offered_return_reasons, units_obstacle

DECISIONS = {"APPROVE_REQUEST_CANCEL": Decision.APPROVE, "REJECT_REQUEST_CANCEL": Decision.REJECT}
# An offer of some of the money cannot be asked about.
RETURN_DECISIONS = {each.value: each for each in ReturnDecision if each is not ReturnDecision.OFFER_PARTIAL_REFUND}
REQUEST_TYPES = frozenset({"CANCEL", "REFUND", "RETURN_AND_REFUND"})
DOES_NOT_FIT = 25020004


def reject_reasons(call: Call) -> Json:
    """GET /return_refund/202309/reject_reasons: none where rejecting is impossible now."""
    id_ = query_text(call, "return_or_cancel_id")
    if id_ not in call.state.returns:
        return {"reasons": _payloads(open_refusals(call.state, cancellation_of(call, id_)))}
    given = return_of(call, id_)
    question = open_question(given)
    return {"reasons": _payloads(open_rejections(call.state, given, REJECTIONS[question]) if question else [])}


def decision_eligibility(call: Call) -> Json:
    """GET /return_refund/202601/decision_eligibility; `check_decisions` comma-joined, by default those that may fit.

    The codes of what is not eligible are those that the decision itself would meet (inferred).
    """
    id_ = query_text(call, "return_or_cancel_id")
    given = return_of(call, id_) if id_ in call.state.returns else cancellation_of(call, id_)
    usual = RETURN_DECISIONS if isinstance(given, Return) else DECISIONS
    names = call.query["check_decisions"].split(",") if "check_decisions" in call.query else list(usual)
    if not set(names) <= DECISIONS.keys() | RETURN_DECISIONS.keys():
        raise business(25001001)
    if isinstance(given, Return):
        return {"decisions": [_return_decision(call, given, name) for name in names]}
    return {"decisions": [_decision(call, given, name) for name in names]}


def aftersale_eligibility(call: Call) -> Json:
    """GET /return_refund/202602/orders/{order_id}/aftersale_eligibility, for sellers; `request_types` comma-joined."""
    query_choice(call, "initiate_aftersale_user", ("SELLER",), "SELLER")
    types = dict.fromkeys(call.query.get("request_types", "CANCEL").split(","))
    if not types.keys() <= REQUEST_TYPES:
        raise invalid(f"Invalid request_types. The value must be one of {', '.join(sorted(REQUEST_TYPES))}")
    order = call.state.orders.get(call.path["order_id"])
    if order is None:
        raise business(25007006)
    if order.shop is not call.shop:
        raise business(25020005)
    return {
        "sku_eligibility": [
            {
                "sku_id": sku_id,
                "line_item_eligibility": [each for type_ in types for each in _of_sku(call, order, sku_id, type_)],
            }
            for sku_id in dict.fromkeys(line.sku_id for line in order.lines)
        ]
    }


def _decision(call: Call, cancellation: Cancellation, name: str) -> Json:
    if name not in DECISIONS:
        return {"decision": name, **_verdict(DOES_NOT_FIT)}
    verdict = _verdict(obstacle(call.state, cancellation, DECISIONS[name]))
    if DECISIONS[name] is Decision.REJECT and verdict["eligible"]:
        verdict["available_reject_reasons"] = _payloads(open_refusals(call.state, cancellation))
    return {"decision": name, **verdict}


def _return_decision(call: Call, given: Return, name: str) -> Json:
    if name not in RETURN_DECISIONS:
        return {"decision": name, **_verdict(DOES_NOT_FIT)}
    decision = RETURN_DECISIONS[name]
    verdict = _verdict(return_obstacle(call.state, given, decision))
    if decision.rejects and verdict["eligible"]:
        verdict["available_reject_reasons"] = _payloads(open_rejections(call.state, given, decision))
    return {"decision": name, **verdict}


def _of_sku(call: Call, order: Order, sku_id: str, type_: str) -> list[Json]:
    groups: dict[tuple[int | None, tuple[str, ...]], list[Line]] = {}
    for line in order.lines:
        if line.sku_id == sku_id:
            code, reasons = _cancelling(call, order, line) if type_ == "CANCEL" else _returning(call, order, line)
            groups.setdefault((code, () if code else tuple(reason.name for reason in reasons)), []).append(line)
    named = call.state.doubts.refund_eligibility_type if type_ == "REFUND" else type_
    return [
        {
            "request_type": named,
            "order_line_items_ids": [line.id for line in lines],
            "order_line_list": [{"order_line_item_id": line.id} for line in lines],
            **_verdict(code),
            "available_reason_names": list(names),
        }
        for (code, names), lines in groups.items()
    ]


def _cancelling(call: Call, order: Order, line: Line) -> tuple[int | None, list[Reason]]:
    # A line goes alone, or with everything that is left of the order: in the US that works after shipping too.
    whole = order.remaining
    together = whole if line in whole and can_be_cancelled(order, whole) else [line]
    part_only = order.status is Status.PARTIALLY_SHIPPING
    code = order_obstacle(call.state, order) or lines_obstacle(order, together)
    return code, offered_reasons(call.state, order, part=part_only)


def _returning(call: Call, order: Order, line: Line) -> tuple[int | None, list[Reason]]:
    return units_obstacle(call.state, order, [line]), offered_return_reasons(call.state, order, [line])


def _verdict(code: int | None) -> Json:
    if code is None:
        return {"eligible": True}
    return {"eligible": False, "ineligible_code": code, "ineligible_reason": MESSAGES[code]}


def _payloads(reasons: list[Reason]) -> list[Json]:
    return [{"name": reason.name, "text": reason.text} for reason in reasons]
