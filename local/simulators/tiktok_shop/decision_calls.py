"""Approve and reject a buyer's cancel request over the API (TT 4.3, 6.3)."""

import json
from functools import partial

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, object_list, required_text
from local.simulators.tiktok_shop.cancellations import Cancellation
from local.simulators.tiktok_shop.deciding import Decision, decide, write_down
from local.simulators.tiktok_shop.errors import RefusalError, business, invalid

KEY_LENGTH, MOST_IMAGES = 255, 9
REJECT_FIELDS = {"reject_reason": str, "comment": str, "images": list}
IMAGE_FIELDS = {"image_id": str, "mime_type": str, "width": int, "height": int}


def approve_cancellation(call: Call) -> Json:
    """POST /return_refund/202309/cancellations/{cancel_id}/approve."""
    check_fields(call.body, {})
    return _answer(call, Decision.APPROVE, None)


def reject_cancellation(call: Call) -> Json:
    """POST /return_refund/202309/cancellations/{cancel_id}/reject."""
    check_fields(call.body, REJECT_FIELDS)
    reason = required_text(call.body, "reject_reason")
    check_images(call.body)
    return _answer(call, Decision.REJECT, reason)


def cancellation_of(call: Call, cancel_id: str) -> Cancellation:
    """The cancellation that a call names. Raises RefusalError: 25007006 unknown, 25020005 of another shop."""
    cancellation = call.state.cancellations.get(cancel_id)
    if cancellation is None:
        raise business(25007006)
    if cancellation.order.shop is not call.shop:
        raise business(25020005)
    return cancellation


def check_images(body: Json) -> None:
    """The pictures of a rejection, which may be missing. Raises RefusalError 36009004."""
    if "images" in body:
        for image in object_list(body, "images", MOST_IMAGES):
            check_fields(image, IMAGE_FIELDS, "images.")
            required_text(image, "image_id", "images.")


def idempotency_key(call: Call) -> str | None:
    """The key that a call carries. Raises RefusalError 36009004 for a bad one."""
    key = call.query.get("idempotency_key")
    if key is not None and not 1 <= len(key) <= KEY_LENGTH:
        raise invalid(f"Invalid idempotency_key. The value must have 1 to {KEY_LENGTH} characters")
    return key


def _answer(call: Call, decision: Decision, reason: str | None) -> Json:
    key = idempotency_key(call)
    cancel_id = call.path["cancel_id"]
    said = cancel_id, decision.value, json.dumps(call.body, sort_keys=True)
    before = None if key is None else call.state.answered.get((call.shop.id, key))
    note = partial(write_down, call.state, call.shop, cancel_id, decision, call.now, by="api", reason=reason, key=key)
    try:
        if before is None:
            decide(call.state, cancellation_of(call, cancel_id), decision, reason, call.now)
        elif before != said:
            # What the real service does with a key that stood for something else is not documented.
            raise business(25001001)
    except RefusalError as refusal:
        note(code=refusal.code)
        raise
    if key is not None:
        call.state.answered[call.shop.id, key] = said
    note(replayed=before is not None)
    return {}
