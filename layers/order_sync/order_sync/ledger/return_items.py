"""Between returns, with the refunds that the seller starts, and the table's items, below their order."""

import json

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.orders import Order, Source
from order_sync.domain.returning.returns import (
    GivenAnswer,
    Question,
    Refund,
    Return,
    ReturnLine,
    SellerRefund,
    SellerRefundState,
)
from order_sync.domain.returning.stages import ReturnStage, stage_of
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from order_sync.ledger import keys
from order_sync.ledger.attributes import decimal, moment, money, one_of, packed_money, sparse, sure, text
from order_sync.ledger.table import Item

_FIGURES = ("total", "goods", "shipping", "tax", "other")


def return_item(order: Order, known: Return) -> Item:
    """A return; in the list of its stage while something about it is still to come."""
    stage = stage_of(known)
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.RETURN}{known.id}",
            "due_list": keys.return_list(stage, order.shop) if stage else "",
            "due_at": (known.next_due or known.updated_at) if stage else None,
            "next_due": known.next_due,
            "kind": known.kind,
            "state": known.state,
            "status_text": known.status_text,
            "initiator": known.initiator,
            "return_reason": known.reason,
            "lines": json.dumps([[line.id, _packed(line.refund)] for line in known.lines], separators=(",", ":")),
            "refund": _packed(known.refund),
            "requested_at": known.requested_at,
            "updated_at": known.updated_at,
            "has_label": known.has_label,
            "tracking_number": known.tracking_number,
            "arbitration": known.arbitration,
            "follows": known.follows or "",
            "changes": known.changes,
            "question": known.question or "",
            "asked_at": known.asked_at,
            "respond_by": known.respond_by,
            "answer_until": known.answer_until,
            "reminders": known.reminders or None,
            "answer": known.answer,
            "answer_problem": known.answer_problem,
            "decisions": " ".join(known.decisions),
            "given_before": " ".join(f"{question}:{answer}" for question, answer in known.given_before),
            "reject_reason": known.reject_reason,
            "answered_by": known.answered_by,
            "answered_at": known.answered_at,
            "left_to_tiktok": known.left_to_tiktok,
            "confirm_by": known.confirm_by,
            "unconfirmed": known.unconfirmed,
            "refund_due": known.refund_due,
            "refund_late": known.refund_late,
            "refunded_at": known.refunded_at,
        }
    )


def read_return(item: Item) -> Return:
    """The way back."""
    return Return(
        id=ReturnId(str(item["sk"]).removeprefix(keys.RETURN)),
        kind=ReturnKind(text(item, "kind")),
        state=ReturnState(text(item, "state")),
        status_text=text(item, "status_text"),
        initiator=Initiator(text(item, "initiator")),
        reason=text(item, "return_reason"),
        lines=tuple(
            ReturnLine(id=LineId(line), refund=_unpacked(refund)) for line, refund in json.loads(str(item["lines"]))
        ),
        refund=_unpacked(text(item, "refund")),
        requested_at=sure(item["requested_at"]),
        updated_at=sure(item["updated_at"]),
        has_label=bool(item.get("has_label")),
        tracking_number=text(item, "tracking_number"),
        arbitration=text(item, "arbitration"),
        follows=ReturnId(text(item, "follows")) if item.get("follows") else None,
        changes=int(item.get("changes", 0)),
        question=one_of(Question, item, "question"),
        asked_at=sure(item["asked_at"]),
        respond_by=moment(item.get("respond_by")),
        answer_until=moment(item.get("answer_until")),
        next_due=moment(item.get("next_due")),
        reminders=int(item.get("reminders", 0)),
        answer=one_of(Answer, item, "answer"),
        answer_problem=text(item, "answer_problem"),
        decisions=tuple(text(item, "decisions").split()),
        given_before=tuple(_given(each) for each in text(item, "given_before").split()),
        reject_reason=text(item, "reject_reason"),
        answered_by=one_of(Decider, item, "answered_by"),
        answered_at=moment(item.get("answered_at")),
        left_to_tiktok=bool(item.get("left_to_tiktok")),
        confirm_by=moment(item.get("confirm_by")),
        unconfirmed=bool(item.get("unconfirmed")),
        refund_due=moment(item.get("refund_due")),
        refund_late=bool(item.get("refund_late")),
        refunded_at=moment(item.get("refunded_at")),
    )


def return_request_item(order: Order, return_id: ReturnId) -> Item:
    """Where a return is found by its id alone."""
    key = keys.return_request_key(order.shop, return_id)
    return {"pk": key.pk, "sk": key.sk, "order": order.id}


def seller_refund_item(order: Order, refund: SellerRefund) -> Item:
    """A refund that the seller started; in a list until TikTok Shop has carried it out."""
    stage = ReturnStage.OVERDUE if refund.unconfirmed else ReturnStage.STARTED
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.SELLER_REFUND}{refund.id}",
            "due_list": keys.return_list(stage, order.shop) if refund.confirm_by else "",
            "due_at": refund.confirm_by,
            "source": refund.source,
            "requested_at": refund.requested_at,
            "line_ids": " ".join(refund.line_ids),
            "amount": packed_money(refund.amount),
            "refund_reason": refund.reason,
            "state": refund.state,
            "return_id": refund.return_id or "",
            "detail": refund.detail,
            "unconfirmed": refund.unconfirmed,
        }
    )


def read_seller_refund(item: Item) -> SellerRefund:
    """The way back."""
    return SellerRefund(
        id=str(item["sk"]).removeprefix(keys.SELLER_REFUND),
        source=Source(text(item, "source")),
        requested_at=sure(item["requested_at"]),
        line_ids=tuple(LineId(line) for line in text(item, "line_ids").split()),
        amount=money(item, "amount"),
        reason=text(item, "refund_reason"),
        state=SellerRefundState(text(item, "state")),
        return_id=ReturnId(text(item, "return_id")) if item.get("return_id") else None,
        detail=text(item, "detail"),
        confirm_by=moment(item.get("due_at")),
        unconfirmed=bool(item.get("unconfirmed")),
    )


def _given(packed: str) -> GivenAnswer:
    question, _, answer = packed.partition(":")
    return GivenAnswer(Question(question), Answer(answer))


def _packed(refund: Refund | None) -> str:
    """Short, for a return of many units must fit in one item."""
    return f"{refund.currency} {' '.join(str(getattr(refund, name)) for name in _FIGURES)}" if refund else ""


def _unpacked(packed: str) -> Refund | None:
    if not packed:
        return None
    currency, *figures = packed.split()
    return Refund(currency=currency, **{name: decimal(each) for name, each in zip(_FIGURES, figures, strict=True)})
