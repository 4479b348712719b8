"""From TikTok Shop's cancellation to our facts: no buyer, no money, no words of people (TT 4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from order_sync.domain.cancelling.cancellations import CancellationFacts, CancellationStatus, Initiator
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.partners.tiktok_shop.aftersale_reading import INITIATORS, earliest_deadline, machine_key
from order_sync.partners.tiktok_shop.cancel_models import CancellationPayload
from order_sync.partners.unreadable import readable_id, why_unreadable

# TikTok's documents spell them differently (TT 9.1), so the last word counts.
_STATUSES: Final = {
    "PENDING": CancellationStatus.PENDING,
    "SUCCESS": CancellationStatus.GRANTED,
    "COMPLETE": CancellationStatus.GRANTED,
    "CANCEL": CancellationStatus.CLOSED,
    "CANCELLED": CancellationStatus.CLOSED,
}
_BUYERS: Final = "BUYER_CANCEL"
_TYPES: Final = frozenset({"CANCEL", _BUYERS})
_ACTIONS: Final = frozenset({"SELLER_RESPOND_CANCEL", "SELLER_RESPOND_BUYER_CANCEL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableCancellation:
    """A cancellation that is not as TikTok documents it. `id` and `order` are empty when they cannot be read."""

    id: str
    order: str
    problem: str


def read_cancellation(raw: Any) -> tuple[CancellationFacts | UnreadableCancellation, tuple[str, ...]]:
    """Read one cancellation; also gives the values that we do not know, such as "cancel role SOMEBODY"."""
    try:
        cancellation = CancellationPayload.model_validate(raw)
    except ValidationError as error:
        return _unreadable(raw, why_unreadable(error)), ()
    status = _STATUSES.get(cancellation.cancel_status.rpartition("_")[2])
    if status is None:
        return _unreadable(raw, f"cancel_status: {cancellation.cancel_status!r} is not known"), ()
    facts = CancellationFacts(
        id=CancelId(cancellation.cancel_id),
        order=OrderId(cancellation.order_id),
        initiator=_initiator(cancellation),
        is_request=_is_request(cancellation),
        status=status,
        reason=machine_key(cancellation.cancel_reason),
        line_ids=tuple(dict.fromkeys(LineId(line.order_line_item_id) for line in cancellation.cancel_line_items)),
        requested_at=cancellation.create_time,
        updated_at=cancellation.update_time,
        respond_by=_respond_by(cancellation, status),
    )
    return facts, tuple(_unknown(cancellation, status))


def _initiator(cancellation: CancellationPayload) -> Initiator:
    if cancellation.role is None and cancellation.cancel_type == _BUYERS:
        return Initiator.BUYER
    return INITIATORS.get(cancellation.role or "", Initiator.PLATFORM)


def _is_request(cancellation: CancellationPayload) -> bool:
    """An unknown type is told by its role: a buyer who waits for an answer must not go unseen."""
    if cancellation.cancel_type in _TYPES:
        return cancellation.cancel_type == _BUYERS
    return cancellation.role == "BUYER"


def _respond_by(cancellation: CancellationPayload, status: CancellationStatus) -> datetime | None:
    """While it is pending, nothing but an answer is due."""
    return earliest_deadline(cancellation.seller_next_action_response) if status is CancellationStatus.PENDING else None


def _unknown(cancellation: CancellationPayload, status: CancellationStatus) -> Iterator[str]:
    if cancellation.cancel_type and cancellation.cancel_type not in _TYPES:
        yield f"cancel type {cancellation.cancel_type}"
    if cancellation.role and cancellation.role not in INITIATORS:
        yield f"cancel role {cancellation.role}"
    if cancellation.cancel_reason and not machine_key(cancellation.cancel_reason):
        yield "cancel reason that is no key"
    if status is CancellationStatus.PENDING:
        actions = {each.action for each in cancellation.seller_next_action_response if each.action}
        for action in sorted(actions - _ACTIONS):
            yield f"cancel action {action}"


def _unreadable(raw: Any, problem: str) -> UnreadableCancellation:
    return UnreadableCancellation(id=readable_id(raw, "cancel_id"), order=readable_id(raw, "order_id"), problem=problem)
