"""What TikTok Shop would take from a seller about a cancellation or a return, and the keys under which it is said."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal
from urllib.parse import quote

from order_sync.domain.ids import CancelId, LineId, OrderId, ReturnId
from order_sync.partners.tiktok_shop.aftersale_models import (
    DecisionItem,
    DecisionsData,
    EligibilityData,
    RejectReason,
    RejectReasonsData,
)
from order_sync.partners.tiktok_shop.aftersale_reading import machine_key
from order_sync.partners.tiktok_shop.gateway import Gateway

type RequestType = Literal["CANCEL", "REFUND"]

# TikTok's documents list RETURN among the answers, and not the REFUND that is asked for.
_SHOWN_AS: Final[Mapping[RequestType, Collection[str]]] = {
    "CANCEL": frozenset({"CANCEL", ""}),
    "REFUND": frozenset({"REFUND", "RETURN", ""}),
}


def reject_reasons(gateway: Gateway, subject: CancelId | ReturnId, decision: str) -> tuple[str, ...]:
    """For which reasons TikTok would take this rejection now, in its order; none when it takes none (TT 4.3)."""
    found = _eligibility(gateway, subject, decision)
    if found is None or not found.eligible:
        return ()
    listed = _keys(reason.name for reason in found.available_reject_reasons)
    return listed or _keys(reason.name for reason in _all_reject_reasons(gateway, subject))


def why_not(gateway: Gateway, subject: CancelId | ReturnId, decision: str) -> str:
    """Why TikTok would not take this decision now, by its own key where it gives one; empty when it would."""
    found = _eligibility(gateway, subject, decision)
    if found is not None and found.eligible:
        return ""
    key, code = (machine_key(found.ineligible_reason), found.ineligible_code) if found else ("", 0)
    return key or f"TikTok Shop does not take {decision} now" + (f" (code {code})" if code else "")


def seller_reasons(
    gateway: Gateway, operation: str, order: OrderId, request_type: RequestType
) -> Mapping[LineId, tuple[str, ...]]:
    """TikTok's reasons for which its seller could do this now, by line; none for a line that allows nothing."""
    answer = gateway.read(
        operation,
        "GET",
        f"/return_refund/202602/orders/{quote(order, safe='')}/aftersale_eligibility",
        query={"initiate_aftersale_user": "SELLER", "request_types": request_type},
    )
    reasons: dict[LineId, tuple[str, ...]] = {}
    for sku in gateway.data(EligibilityData, operation, answer).sku_eligibility:
        for lines in sku.line_item_eligibility:
            if lines.request_type not in _SHOWN_AS[request_type]:
                continue
            names = _keys(lines.available_reason_names) if lines.eligible else ()
            for line in (*lines.order_line_items_ids, *(each.order_line_item_id for each in lines.order_line_list)):
                reasons[LineId(line)] = tuple(dict.fromkeys((*reasons.get(LineId(line), ()), *names)))
    return reasons


def answer_key(verb: str, subject: str, said: str = "") -> str:
    """The idempotency key of an answer: it stands for one body, and has 255 characters at most (TT 4.3, 6.3)."""
    key = f"order-sync-{verb}-{subject}"
    return f"{key}-{hashlib.sha256(said.encode()).hexdigest()[:16]}" if said else key


def _keys(names: Iterable[str]) -> tuple[str, ...]:
    """The names that are keys: no other is offered to anybody, since it would be repeated wherever it is told."""
    return tuple(name for name in names if machine_key(name))


def _eligibility(gateway: Gateway, subject: str, decision: str) -> DecisionItem | None:
    operation = "read allowed decisions"
    answer = gateway.read(
        operation,
        "GET",
        "/return_refund/202601/decision_eligibility",
        query={"return_or_cancel_id": subject, "check_decisions": decision},
    )
    decisions = gateway.data(DecisionsData, operation, answer).decisions
    shown = [each for each in decisions if each.decision == decision]
    return next((each for each in shown if each.eligible), next(iter(shown), None))


def _all_reject_reasons(gateway: Gateway, subject: str) -> tuple[RejectReason, ...]:
    operation = "read reject reasons"
    answer = gateway.read(
        operation, "GET", "/return_refund/202309/reject_reasons", query={"return_or_cancel_id": subject}
    )
    return gateway.data(RejectReasonsData, operation, answer).reasons
