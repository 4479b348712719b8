"""The states of a return: the guide's words and its ends, TikTok's statuses, and what may follow what (G2, TT 4.4)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ReturnKind(StrEnum):
    """What a buyer wants (TT 4.4)."""

    REFUND = "REFUND"
    """Money only; the goods stay where they are."""
    RETURN_AND_REFUND = "RETURN_AND_REFUND"
    REPLACEMENT = "REPLACEMENT"
    EXCHANGE = "EXCHANGE"
    OTHER = "OTHER"
    """A kind that TikTok has added since."""


class ReturnState(StrEnum):
    """Where a return stands: the guide's four words, and its ends."""

    REQUEST_PENDING = "REQUEST_PENDING"
    WAITING_FOR_BUYER_TO_SHIP = "WAITING_FOR_BUYER_TO_SHIP"
    """Until a return label is generated."""
    RETURN_LABEL_GENERATED = "RETURN_LABEL_GENERATED"
    BUYER_SHIPPED = "BUYER_SHIPPED"
    RECEIVED = "RECEIVED"
    """The seller has the goods back, and the refund is being sent."""
    REFUND_ACCEPTED = "REFUND_ACCEPTED"
    """No goods come back, and the refund is being sent."""
    REFUNDED = "REFUNDED"
    REPLACED = "REPLACED"
    """The buyer got other goods instead."""
    REJECTED = "REJECTED"
    """The buyer may still go to arbitration."""
    CLOSED = "CLOSED"
    """Withdrawn, or run out."""
    IN_ARBITRATION = "IN_ARBITRATION"
    """TikTok Shop decides; nothing but people can do something about it."""
    UNKNOWN = "UNKNOWN"
    """TikTok has added a status since, and the return was never seen with another."""


class ReturnStatus(StrEnum):
    """A return's status at TikTok Shop (TT 4.4)."""

    RETURN_OR_REFUND_REQUEST_PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
    REFUND_OR_RETURN_REQUEST_REJECT = "REFUND_OR_RETURN_REQUEST_REJECT"
    AWAITING_BUYER_SHIP = "AWAITING_BUYER_SHIP"
    BUYER_SHIPPED_ITEM = "BUYER_SHIPPED_ITEM"
    REJECT_RECEIVE_PACKAGE = "REJECT_RECEIVE_PACKAGE"
    RETURN_OR_REFUND_REQUEST_SUCCESS = "RETURN_OR_REFUND_REQUEST_SUCCESS"
    RETURN_OR_REFUND_REQUEST_CANCEL = "RETURN_OR_REFUND_REQUEST_CANCEL"
    RETURN_OR_REFUND_REQUEST_COMPLETE = "RETURN_OR_REFUND_REQUEST_COMPLETE"
    AWAITING_BUYER_RESPONSE = "AWAITING_BUYER_RESPONSE"
    REPLACEMENT_REQUEST_PENDING = "REPLACEMENT_REQUEST_PENDING"
    REPLACEMENT_REQUEST_REJECT = "REPLACEMENT_REQUEST_REJECT"
    REPLACEMENT_REQUEST_REFUND_SUCCESS = "REPLACEMENT_REQUEST_REFUND_SUCCESS"
    REPLACEMENT_REQUEST_CANCEL = "REPLACEMENT_REQUEST_CANCEL"
    REPLACEMENT_REQUEST_COMPLETE = "REPLACEMENT_REQUEST_COMPLETE"
    EXCHANGE_REQUEST_PENDING = "EXCHANGE_REQUEST_PENDING"
    EXCHANGE_REQUEST_REFUND_SUCCESS = "EXCHANGE_REQUEST_REFUND_SUCCESS"
    EXCHANGE_REQUEST_CANCEL = "EXCHANGE_REQUEST_CANCEL"
    EXCHANGE_REQUEST_COMPLETE = "EXCHANGE_REQUEST_COMPLETE"


RETURN_STATES: Final[Mapping[ReturnStatus, ReturnState]] = {
    ReturnStatus.RETURN_OR_REFUND_REQUEST_PENDING: ReturnState.REQUEST_PENDING,
    ReturnStatus.AWAITING_BUYER_RESPONSE: ReturnState.REQUEST_PENDING,
    ReturnStatus.REPLACEMENT_REQUEST_PENDING: ReturnState.REQUEST_PENDING,
    ReturnStatus.EXCHANGE_REQUEST_PENDING: ReturnState.REQUEST_PENDING,
    ReturnStatus.AWAITING_BUYER_SHIP: ReturnState.WAITING_FOR_BUYER_TO_SHIP,
    ReturnStatus.BUYER_SHIPPED_ITEM: ReturnState.BUYER_SHIPPED,
    ReturnStatus.RETURN_OR_REFUND_REQUEST_SUCCESS: ReturnState.RECEIVED,
    ReturnStatus.RETURN_OR_REFUND_REQUEST_COMPLETE: ReturnState.REFUNDED,
    ReturnStatus.REPLACEMENT_REQUEST_REFUND_SUCCESS: ReturnState.REFUNDED,
    ReturnStatus.EXCHANGE_REQUEST_REFUND_SUCCESS: ReturnState.REFUNDED,
    ReturnStatus.REPLACEMENT_REQUEST_COMPLETE: ReturnState.REPLACED,
    ReturnStatus.EXCHANGE_REQUEST_COMPLETE: ReturnState.REPLACED,
    ReturnStatus.REFUND_OR_RETURN_REQUEST_REJECT: ReturnState.REJECTED,
    ReturnStatus.REJECT_RECEIVE_PACKAGE: ReturnState.REJECTED,
    ReturnStatus.REPLACEMENT_REQUEST_REJECT: ReturnState.REJECTED,
    ReturnStatus.RETURN_OR_REFUND_REQUEST_CANCEL: ReturnState.CLOSED,
    ReturnStatus.REPLACEMENT_REQUEST_CANCEL: ReturnState.CLOSED,
    ReturnStatus.EXCHANGE_REQUEST_CANCEL: ReturnState.CLOSED,
}
"""What TikTok's status says. A label, the kind and an arbitration say more: `state_of`."""

RETURN_WORDS: Final[Mapping[ReturnState, str]] = {
    ReturnState.REQUEST_PENDING: "Request Pending",
    ReturnState.WAITING_FOR_BUYER_TO_SHIP: "Waiting for Buyer to Ship",
    ReturnState.RETURN_LABEL_GENERATED: "Return Label Generated",
    ReturnState.BUYER_SHIPPED: "Buyer Shipped",
    ReturnState.RECEIVED: "Received",
    ReturnState.REFUND_ACCEPTED: "Refund Accepted",
    ReturnState.REFUNDED: "Refunded",
    ReturnState.REPLACED: "Replaced",
    ReturnState.REJECTED: "Rejected",
    ReturnState.CLOSED: "Closed",
    ReturnState.IN_ARBITRATION: "In Arbitration",
    ReturnState.UNKNOWN: "Unknown",
}
"""What people see: the guide's words (G2), and ours for the ends."""

FINAL: Final = frozenset({ReturnState.REFUNDED, ReturnState.REPLACED, ReturnState.CLOSED})
"""After these nothing comes."""
ENDED: Final = FINAL | {ReturnState.REJECTED}
"""Nothing is waited for."""
_REFUND_COMES: Final = frozenset({ReturnState.RECEIVED, ReturnState.REFUND_ACCEPTED})
_ANY_TIME: Final = FINAL | _REFUND_COMES | {ReturnState.REJECTED, ReturnState.IN_ARBITRATION}
_ON_ITS_WAY: Final = (
    ReturnState.REQUEST_PENDING,
    ReturnState.WAITING_FOR_BUYER_TO_SHIP,
    ReturnState.RETURN_LABEL_GENERATED,
    ReturnState.BUYER_SHIPPED,
)

COMING_BACK: Final = frozenset(_ON_ITS_WAY[1:])
"""The goods are to come back, or are on their way."""

LEGAL_RETURN_TRANSITIONS: Final[Mapping[ReturnState, frozenset[ReturnState]]] = {
    **{state: _ANY_TIME | frozenset(_ON_ITS_WAY[place + 1 :]) for place, state in enumerate(_ON_ITS_WAY)},
    ReturnState.RECEIVED: FINAL | {ReturnState.IN_ARBITRATION},
    ReturnState.REFUND_ACCEPTED: FINAL | {ReturnState.IN_ARBITRATION},
    # TikTok Shop may overrule the seller, by an arbitration that no poll has met.
    ReturnState.REJECTED: FINAL | _REFUND_COMES | {ReturnState.IN_ARBITRATION, *_ON_ITS_WAY[1:]},
    ReturnState.IN_ARBITRATION: FINAL | _REFUND_COMES | {ReturnState.REJECTED, *_ON_ITS_WAY},
    ReturnState.UNKNOWN: frozenset(ReturnState) - {ReturnState.UNKNOWN},
    **dict.fromkeys(FINAL, frozenset[ReturnState]()),
}
"""From each state, the states that may follow. A poll can miss steps, so a state may be jumped over, never undone."""


def known_return_status(text: str) -> ReturnStatus | None:
    """TikTok's status, or None for one that it has added since."""
    try:
        return ReturnStatus(text)
    except ValueError:
        return None


def state_of(status_text: str, kind: ReturnKind, *, has_label: bool, in_arbitration: bool) -> ReturnState:
    """Where a return stands, by what TikTok Shop shows; UNKNOWN for a status that we do not know."""
    status = known_return_status(status_text)
    state = RETURN_STATES[status] if status else ReturnState.UNKNOWN
    if in_arbitration and state not in FINAL:
        return ReturnState.IN_ARBITRATION
    if state is ReturnState.WAITING_FOR_BUYER_TO_SHIP and has_label:
        return ReturnState.RETURN_LABEL_GENERATED
    if state is ReturnState.RECEIVED and kind is ReturnKind.REFUND:
        return ReturnState.REFUND_ACCEPTED
    return state


def may_follow(current: ReturnState, wanted: ReturnState) -> bool:
    """Whether a return may go from one state to the other; staying is no transition."""
    return wanted in LEGAL_RETURN_TRANSITIONS[current]
