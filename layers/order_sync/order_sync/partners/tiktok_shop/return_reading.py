"""From TikTok Shop's return to our facts: no buyer, no addresses, no words of people (TT 4.4)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.returning.returns import Question, Refund, ReturnFacts, ReturnLine
from order_sync.domain.returning.statuses import FINAL, ReturnKind, ReturnStatus, known_return_status, state_of
from order_sync.partners.tiktok_shop.aftersale_models import NO_WORD, NextAction
from order_sync.partners.tiktok_shop.aftersale_reading import INITIATORS, earliest_deadline, machine_key
from order_sync.partners.tiktok_shop.return_models import RefundAmount, ReturnPayload
from order_sync.partners.unreadable import readable_id, why_unreadable

_KINDS: Final = {kind.value: kind for kind in ReturnKind if kind is not ReturnKind.OTHER}
_QUESTIONS: Final = {
    "SELLER_RESPOND_REFUND": Question.REFUND,
    "SELLER_RESPOND_RETURN": Question.RETURN,
    "SELLER_RESPOND_RECEIVE_PACKAGE": Question.RECEIVE_PACKAGE,
    "SELLER_RESPOND_REPLACEMENT": Question.REPLACEMENT,
}
_PENDING: Final = frozenset(
    {
        ReturnStatus.RETURN_OR_REFUND_REQUEST_PENDING,
        ReturnStatus.REPLACEMENT_REQUEST_PENDING,
        ReturnStatus.EXCHANGE_REQUEST_PENDING,
    }
)
# TikTok documents no answer of a seller's to an exchange.
_ASKED_BY_KIND: Final = {
    ReturnKind.REFUND: Question.REFUND,
    ReturnKind.RETURN_AND_REFUND: Question.RETURN,
    ReturnKind.REPLACEMENT: Question.REPLACEMENT,
}
_IN_ARBITRATION: Final = "IN_PROGRESS"
_ARBITRATIONS: Final = frozenset({_IN_ARBITRATION, "SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED"})
# Buyers type it in themselves where they arrange the shipment, so that it may hold anything.
_TRACKING_NUMBER: Final = re.compile(r"(?=.*\d)[0-9A-Za-z-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableReturn:
    """A return that is not as TikTok documents it. `id` and `order` are empty when they cannot be read."""

    id: str
    order: str
    problem: str


def read_return(raw: Any) -> tuple[ReturnFacts | UnreadableReturn, tuple[str, ...]]:
    """Read one return; also gives the values that we do not know, such as "return status SOMETHING_NEW"."""
    try:
        found = ReturnPayload.model_validate(raw)
    except ValidationError as error:
        problem = why_unreadable(error)
        id_, order = readable_id(raw, "return_id"), readable_id(raw, "order_id")
        return UnreadableReturn(id=id_, order=order, problem=problem), ()
    question, respond_by = _asked(found)
    tracking_number = _tracking_number(found)
    facts = ReturnFacts(
        id=ReturnId(found.return_id),
        order=OrderId(found.order_id),
        kind=_kind(found),
        status_text=_word(found.return_status),
        initiator=_initiator(found),
        reason=machine_key(found.return_reason),
        lines=tuple(
            ReturnLine(id=LineId(line.order_line_item_id), refund=_refund(line.refund_amount))
            for line in found.return_line_items
        ),
        refund=_refund(found.refund_amount),
        requested_at=found.create_time,
        updated_at=found.update_time,
        question=question,
        respond_by=respond_by,
        has_label=bool(found.return_shipping_document_type or tracking_number),
        tracking_number=tracking_number,
        in_arbitration=_in_arbitration(found),
        arbitration=_word(found.arbitration_status),
        follows=ReturnId(found.pre_return_id) if found.pre_return_id else None,
    )
    return facts, tuple(_unknown(found, facts))


def _word(value: str | None) -> str:
    """A word to keep; empty for none."""
    return "" if value is None or value == NO_WORD else value


def _kind(found: ReturnPayload) -> ReturnKind:
    return _KINDS.get(found.return_type or "", ReturnKind.OTHER)


def _initiator(found: ReturnPayload) -> Initiator:
    """Where TikTok names nobody, the buyer: no one who waits for an answer must go unseen."""
    return INITIATORS.get(found.role, Initiator.PLATFORM) if found.role else Initiator.BUYER


def _in_arbitration(found: ReturnPayload) -> bool:
    return found.arbitration_status == _IN_ARBITRATION


def _tracking_number(found: ReturnPayload) -> str:
    number = found.return_tracking_number.replace(" ", "")
    return number if _TRACKING_NUMBER.fullmatch(number) else ""


def _asked(found: ReturnPayload) -> tuple[Question | None, datetime | None]:
    """What TikTok waits for from the seller, and until when."""
    if _waits_for_no_seller(found):
        return None, None
    actions = found.seller_next_action_response
    known = [each for each in actions if each.action in _QUESTIONS]
    if known:
        first = min(known, key=_soonest)
        return _QUESTIONS[first.action or ""], first.deadline
    by_kind = _asked_by_kind(found)
    return (by_kind, earliest_deadline(actions)) if by_kind else (None, None)


def _waits_for_no_seller(found: ReturnPayload) -> bool:
    state = state_of(found.return_status, _kind(found), has_label=False, in_arbitration=_in_arbitration(found))
    waits_for_buyer = found.return_status == ReturnStatus.AWAITING_BUYER_RESPONSE
    return _in_arbitration(found) or waits_for_buyer or state in FINAL


def _soonest(action: NextAction) -> tuple[bool, datetime | None]:
    return action.deadline is None, action.deadline


def _asked_by_kind(found: ReturnPayload) -> Question | None:
    """What a request asks for that TikTok names no action for; a seller does not ask itself."""
    is_asked = known_return_status(found.return_status) in _PENDING and _initiator(found) is not Initiator.SELLER
    return _ASKED_BY_KIND.get(_kind(found)) if is_asked else None


def _refund(amount: RefundAmount | None) -> Refund | None:
    if amount is None:
        return None
    return Refund(
        currency=amount.currency,
        total=amount.refund_total,
        goods=amount.refund_subtotal,
        shipping=amount.refund_shipping_fee,
        tax=amount.refund_tax,
        other=amount.retail_delivery_fee + amount.buyer_service_fee,
    )


def _adds_up(refund: Refund) -> bool:
    return refund.total == refund.goods + refund.shipping + refund.tax + refund.other


def _unknown(found: ReturnPayload, facts: ReturnFacts) -> Iterator[str]:
    if facts.kind is ReturnKind.OTHER:
        yield f"return type {found.return_type or 'that is missing'}"
    if known_return_status(found.return_status) is None:
        yield f"return status {found.return_status}"
    if found.role and found.role not in INITIATORS:
        yield f"return role {found.role}"
    if found.arbitration_status and found.arbitration_status not in _ARBITRATIONS:
        yield f"arbitration {found.arbitration_status}"
    if found.return_reason and not facts.reason:
        yield "return reason that is no key"
    if found.return_tracking_number.strip() and not facts.tracking_number:
        yield "return tracking number that is none"
    if not _waits_for_no_seller(found):
        yield from _unknown_actions(found.seller_next_action_response)
    if not all(_adds_up(refund) for refund in (facts.refund, *(line.refund for line in facts.lines)) if refund):
        yield "refund that does not add up"


def _unknown_actions(actions: Sequence[NextAction]) -> Iterator[str]:
    for action in sorted({each.action for each in actions if each.action} - _QUESTIONS.keys()):
        yield f"return action {action}"
