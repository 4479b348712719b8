"""Approve and reject a return over the API (TT 4.4, 6.3)."""

import json
from decimal import Decimal
from functools import partial

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, required_text
from local.simulators.tiktok_shop.decision_calls import REJECT_FIELDS, check_images, idempotency_key
from local.simulators.tiktok_shop.errors import RefusalError, business
from local.simulators.tiktok_shop.money import CENT
from local.simulators.tiktok_shop.return_deciding import decide_return, write_down_return
from local.simulators.tiktok_shop.return_records import Return, ReturnDecision

APPROVE_FIELDS = {"decision": str, "buyer_keep_item": bool, "partial_refund": dict}
OFFER_FIELDS = {"currency": str, "amount": str}


def approve_return(call: Call) -> Json:
    """POST /return_refund/202309/returns/{return_id}/approve."""
    check_fields(call.body, APPROVE_FIELDS)
    return _answer(call, rejects=False)


def reject_return(call: Call) -> Json:
    """POST /return_refund/202309/returns/{return_id}/reject."""
    check_fields(call.body, {"decision": str, **REJECT_FIELDS})
    required_text(call.body, "reject_reason")
    check_images(call.body)
    return _answer(call, rejects=True)


def return_of(call: Call, return_id: str) -> Return:
    """The return that a call names. Raises RefusalError: 25007006 unknown, 25020005 of another shop."""
    given = call.state.returns.get(return_id)
    if given is None:
        raise business(25007006)
    if given.order.shop is not call.shop:
        raise business(25020005)
    return given


def money_of(value: str) -> Decimal:
    """An amount as requests write it. Raises RefusalError 25001001."""
    whole, _, cents = value.partition(".")
    if not (value.isascii() and whole.isdigit() and (cents or "0").isdigit()):
        raise business(25001001)
    amount = Decimal(value)
    if amount != amount.quantize(CENT):
        raise business(25001001)
    return amount


def _answer(call: Call, *, rejects: bool) -> Json:
    key = idempotency_key(call)
    return_id, said = call.path["return_id"], required_text(call.body, "decision")
    known = call.state.answered.get((call.shop.id, key)) if key is not None else None
    meant = return_id, "REJECT_RETURN" if rejects else "APPROVE_RETURN", json.dumps(call.body, sort_keys=True)
    reason = str(call.body["reject_reason"]) if rejects else None
    note = partial(
        write_down_return, call.state, call.shop, return_id, said, call.now, by="api", reason=reason, key=key
    )
    try:
        if known is None:
            _decide(call, return_of(call, return_id), _decision(said, rejects=rejects), reason)
        elif known != meant:
            # What the real service does with a key that stood for something else is not documented.
            raise business(25001001)
    except RefusalError as refusal:
        note(code=refusal.code)
        raise
    if key is not None:
        call.state.answered[call.shop.id, key] = meant
    note(replayed=known is not None)
    return {}


def _decide(call: Call, given: Return, decision: ReturnDecision, reason: str | None) -> None:
    decide_return(
        call.state,
        given,
        decision,
        call.now,
        by="api",
        reason=reason,
        keeps_item=call.body.get("buyer_keep_item") is True,
        amount=_offered(call, given),
    )


def _decision(said: str, *, rejects: bool) -> ReturnDecision:
    if said not in ReturnDecision or ReturnDecision(said).rejects is not rejects:
        raise business(25001001)
    return ReturnDecision(said)


def _offered(call: Call, given: Return) -> Decimal | None:
    offered = call.body.get("partial_refund")
    if not isinstance(offered, dict):
        return None
    check_fields(offered, OFFER_FIELDS, "partial_refund.")
    amount = money_of(required_text(offered, "amount", "partial_refund."))
    if required_text(offered, "currency", "partial_refund.") != given.refund.currency:
        raise business(25001001)
    return amount
