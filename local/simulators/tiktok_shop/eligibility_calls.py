"""What TikTok Shop would allow now: answers to a request, reasons, and cancelling by the seller (TT 4.1, 4.3)."""

from local.simulators.tiktok_shop.calls import Call, Json, query_choice, query_text
from local.simulators.tiktok_shop.cancel_reasons import Reason
from local.simulators.tiktok_shop.cancellations import Cancellation
from local.simulators.tiktok_shop.deciding import Decision, obstacle, open_refusals
from local.simulators.tiktok_shop.decision_calls import cancellation_of
from local.simulators.tiktok_shop.errors import MESSAGES, business
from local.simulators.tiktok_shop.lifecycle import can_be_cancelled
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.seller_cancelling import lines_obstacle, offered_reasons, order_obstacle

DECISIONS = {"APPROVE_REQUEST_CANCEL": Decision.APPROVE, "REJECT_REQUEST_CANCEL": Decision.REJECT}
RETURN_DECISIONS = frozenset(
    {
        "APPROVE_REFUND",
        "APPROVE_RETURN",
        "APPROVE_RECEIVED_PACKAGE",
        "APPROVE_REPLACEMENT",
        "ISSUE_REPLACEMENT_REFUND",
        "DIRECT_REFUND",
        "REJECT_REFUND",
        "REJECT_RETURN",
        "REJECT_RECEIVED_PACKAGE",
        "REJECT_REPLACEMENT",
    }
)
NOT_OF_A_CANCELLATION = 25020004


def reject_reasons(call: Call) -> Json:
    """GET /return_refund/202309/reject_reasons: none where rejecting is impossible now."""
    cancellation = cancellation_of(call, query_text(call, "return_or_cancel_id"))
    return {"reasons": _payloads(open_refusals(call.state, cancellation))}


def decision_eligibility(call: Call) -> Json:
    """GET /return_refund/202601/decision_eligibility; `check_decisions` comma-joined, by default those of cancelling.

    The codes of what is not eligible are those that the decision itself would meet (inferred).
    """
    cancellation = cancellation_of(call, query_text(call, "return_or_cancel_id"))
    names = call.query["check_decisions"].split(",") if "check_decisions" in call.query else list(DECISIONS)
    if not set(names) <= DECISIONS.keys() | RETURN_DECISIONS:
        raise business(25001001)
    return {"decisions": [_decision(call, cancellation, name) for name in names]}


def aftersale_eligibility(call: Call) -> Json:
    """GET /return_refund/202602/orders/{order_id}/aftersale_eligibility, for cancelling by the seller."""
    query_choice(call, "initiate_aftersale_user", ("SELLER",), "SELLER")
    query_choice(call, "request_types", ("CANCEL",), "CANCEL")
    order = call.state.orders.get(call.path["order_id"])
    if order is None:
        raise business(25007006)
    if order.shop is not call.shop:
        raise business(25020005)
    return {
        "sku_eligibility": [
            {"sku_id": sku_id, "line_item_eligibility": _of_sku(call, order, sku_id)}
            for sku_id in dict.fromkeys(line.sku_id for line in order.lines)
        ]
    }


def _decision(call: Call, cancellation: Cancellation, name: str) -> Json:
    if name not in DECISIONS:
        return {"decision": name, **_verdict(NOT_OF_A_CANCELLATION)}
    verdict = _verdict(obstacle(call.state, cancellation, DECISIONS[name]))
    if DECISIONS[name] is Decision.REJECT and verdict["eligible"]:
        verdict["available_reject_reasons"] = _payloads(open_refusals(call.state, cancellation))
    return {"decision": name, **verdict}


def _of_sku(call: Call, order: Order, sku_id: str) -> list[Json]:
    part_only = order.status is Status.PARTIALLY_SHIPPING
    reasons = [reason.name for reason in offered_reasons(call.state, order, part=part_only)]
    by_code: dict[int | None, list[Line]] = {}
    for line in order.lines:
        if line.sku_id == sku_id:
            by_code.setdefault(_line_obstacle(call, order, line), []).append(line)
    return [
        {
            "request_type": "CANCEL",
            "order_line_items_ids": [line.id for line in lines],
            "order_line_list": [{"order_line_item_id": line.id} for line in lines],
            **_verdict(code),
            "available_reason_names": [] if code else reasons,
        }
        for code, lines in by_code.items()
    ]


def _line_obstacle(call: Call, order: Order, line: Line) -> int | None:
    # A line goes alone, or with everything that is left of the order: in the US that works after shipping too.
    whole = order.remaining
    together = whole if line in whole and can_be_cancelled(order, whole) else [line]
    return order_obstacle(call.state, order) or lines_obstacle(order, together)


def _verdict(code: int | None) -> Json:
    if code is None:
        return {"eligible": True}
    return {"eligible": False, "ineligible_code": code, "ineligible_reason": MESSAGES[code]}


def _payloads(reasons: list[Reason]) -> list[Json]:
    return [{"name": reason.name, "text": reason.text} for reason in reasons]
