"""Between cancellations and the table's items, below their order."""

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import (
    Cancellation,
    Initiator,
    Outcome,
    SellerCancellation,
    SellerCancelState,
    SellerReason,
)
from order_sync.domain.ids import CancelId, LineId
from order_sync.domain.orders import Order, Source
from order_sync.ledger import keys
from order_sync.ledger.attributes import moment, one_of, sparse, sure, text
from order_sync.ledger.table import Item


def cancellation_item(order: Order, cancellation: Cancellation) -> Item:
    """A cancellation at TikTok Shop; in the due index while something about it is to come."""
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.CANCELLATION}{cancellation.id}",
            "due_list": keys.cancellation_list(order.shop) if cancellation.next_due else "",
            "due_at": cancellation.next_due,
            "initiator": cancellation.initiator,
            "is_request": cancellation.is_request,
            "cancel_reason": cancellation.reason,
            "line_ids": " ".join(cancellation.line_ids),
            "requested_at": cancellation.requested_at,
            "updated_at": cancellation.updated_at,
            "respond_by": cancellation.respond_by,
            "answer_until": cancellation.answer_until,
            "reminders": cancellation.reminders or None,
            "answer": cancellation.answer,
            "answered_by": cancellation.answered_by,
            "answered_at": cancellation.answered_at,
            "answer_reason": cancellation.answer_reason,
            "rejected_by_shipping": cancellation.rejected_by_shipping,
            "left_to_tiktok": cancellation.left_to_tiktok,
            "confirm_by": cancellation.confirm_by,
            "unconfirmed": cancellation.unconfirmed,
            "outcome": cancellation.outcome,
            "decided_by": cancellation.decided_by,
            "closed_at": cancellation.closed_at,
        }
    )


def read_cancellation(item: Item) -> Cancellation:
    """The way back."""
    return Cancellation(
        id=CancelId(str(item["sk"]).removeprefix(keys.CANCELLATION)),
        initiator=Initiator(text(item, "initiator")),
        is_request=bool(item.get("is_request")),
        reason=text(item, "cancel_reason"),
        line_ids=tuple(LineId(line) for line in text(item, "line_ids").split()),
        requested_at=sure(item["requested_at"]),
        updated_at=sure(item["updated_at"]),
        respond_by=moment(item.get("respond_by")),
        answer_until=moment(item.get("answer_until")),
        next_due=moment(item.get("due_at")),
        reminders=int(item.get("reminders", 0)),
        answer=one_of(Answer, item, "answer"),
        answered_by=one_of(Decider, item, "answered_by"),
        answered_at=moment(item.get("answered_at")),
        answer_reason=text(item, "answer_reason"),
        rejected_by_shipping=bool(item.get("rejected_by_shipping")),
        left_to_tiktok=bool(item.get("left_to_tiktok")),
        confirm_by=moment(item.get("confirm_by")),
        unconfirmed=bool(item.get("unconfirmed")),
        outcome=one_of(Outcome, item, "outcome"),
        decided_by=one_of(Decider, item, "decided_by"),
        closed_at=moment(item.get("closed_at")),
    )


def request_item(order: Order, cancel_request: CancelId) -> Item:
    """Where a buyer's cancel request is found by its id alone."""
    key = keys.request_key(order.shop, cancel_request)
    return {"pk": key.pk, "sk": key.sk, "order": order.id}


def seller_cancellation_item(order: Order, cancellation: SellerCancellation) -> Item:
    """A seller's cancellation; in the due index until TikTok Shop confirms it."""
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.SELLER_CANCELLATION}{cancellation.id}",
            "due_list": keys.cancellation_list(order.shop) if cancellation.confirm_by else "",
            "due_at": cancellation.confirm_by,
            "source": cancellation.source,
            "cancel_reason": cancellation.reason,
            "requested_at": cancellation.requested_at,
            "line_ids": " ".join(cancellation.line_ids),
            "parts": " ".join(cancellation.parts),
            "state": cancellation.state,
            "detail": cancellation.detail,
            "unconfirmed": cancellation.unconfirmed,
        }
    )


def read_seller_cancellation(item: Item) -> SellerCancellation:
    """The way back."""
    return SellerCancellation(
        id=str(item["sk"]).removeprefix(keys.SELLER_CANCELLATION),
        source=Source(text(item, "source")),
        reason=SellerReason(text(item, "cancel_reason")),
        requested_at=sure(item["requested_at"]),
        line_ids=tuple(LineId(line) for line in text(item, "line_ids").split()),
        parts=tuple(text(item, "parts").split()),
        state=SellerCancelState(text(item, "state")),
        detail=text(item, "detail"),
        confirm_by=moment(item.get("due_at")),
        unconfirmed=bool(item.get("unconfirmed")),
    )
