"""Between the domain's values and the table's items: empty values are not stored, times are epoch milliseconds."""

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, cast

from order_sync.domain.cancellations import (
    Answer,
    Cancellation,
    Decider,
    Initiator,
    Outcome,
    SellerCancellation,
    SellerCancelState,
    SellerReason,
)
from order_sync.domain.ids import CancelId, LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Handling, Line, LineState, Order, Parcel, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event, TimelineEntry
from order_sync.ledger import keys
from order_sync.ledger.table import Item, Scalar

ENDED_ENTRY_KEPT: Final = timedelta(days=180)
"""Longer than a pre-order may wait, so that a late duplicate still meets the entry."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

type _Value = Scalar | datetime | None


def milliseconds(moment: datetime) -> int:
    """A moment as the table keeps it; exact, so that nothing moves by a rounding."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(value: Scalar | None) -> datetime | None:
    """The way back; None for an attribute that is not there."""
    return None if value is None else _EPOCH + int(value) * _MILLISECOND


def _sure(value: Scalar) -> datetime:
    return _EPOCH + int(value) * _MILLISECOND


def _sparse(values: dict[str, _Value]) -> Item:
    return {
        name: milliseconds(value) if isinstance(value, datetime) else value
        for name, value in values.items()
        if value not in (None, "", False)
    }


def order_item(order: Order) -> Item:
    """An order's head, one version on."""
    return _sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": keys.ORDER,
            "version": order.version + 1,
            "due_list": keys.hold_list(order.shop, order.id) if order.release_due else "",
            "due_at": order.release_due,
            "state": order.state,
            "handling": order.handling,
            "handling_reason": order.handling_reason,
            "tiktok_status": order.tiktok_status,
            "updated_at": order.updated_at,
            "digest": order.digest,
            "created_at": order.created_at,
            "paid_at": order.paid_at,
            "hold_ends_at": order.hold_ends_at,
            "held_long": order.held_long,
            "recipient": order.recipient,
            "lines": json.dumps([[line.id, line.state, line.sku] for line in order.lines], separators=(",", ":")),
            "ship_by": order.ship_by,
            "collect_by": order.collect_by,
            "cancels_unless_shipped_by": order.cancels_unless_shipped_by,
            "cancels_unless_collected_by": order.cancels_unless_collected_by,
            "collected_at": order.collected_at,
            "delivered_at": order.delivered_at,
            "cancel_requested": order.cancel_requested,
            "canceled_by": order.canceled_by,
            "channeladvisor_id": order.channeladvisor_id,
            "channeladvisor_status": order.channeladvisor_status,
            "oms_number": order.oms_number,
        }
    )


def read_order(item: Item) -> Order:
    """The way back. A missing attribute is a KeyError that names it."""
    _, shop, order = str(item["pk"]).split("#")
    return Order(
        shop=ShopId(shop),
        id=OrderId(order),
        version=int(item["version"]),
        state=OrderState(_text(item, "state")),
        handling=Handling(_text(item, "handling")),
        handling_reason=_text(item, "handling_reason"),
        tiktok_status=_text(item, "tiktok_status"),
        updated_at=_sure(item["updated_at"]),
        digest=_text(item, "digest"),
        created_at=_sure(item["created_at"]),
        paid_at=moment(item.get("paid_at")),
        hold_ends_at=moment(item.get("hold_ends_at")),
        release_due=moment(item.get("due_at")),
        held_long=bool(item.get("held_long")),
        recipient=_text(item, "recipient"),
        lines=tuple(
            Line(id=LineId(line), sku=sku, state=LineState(state))
            for line, state, sku in json.loads(str(item["lines"]))
        ),
        ship_by=moment(item.get("ship_by")),
        collect_by=moment(item.get("collect_by")),
        cancels_unless_shipped_by=moment(item.get("cancels_unless_shipped_by")),
        cancels_unless_collected_by=moment(item.get("cancels_unless_collected_by")),
        collected_at=moment(item.get("collected_at")),
        delivered_at=moment(item.get("delivered_at")),
        cancel_requested=bool(item.get("cancel_requested")),
        canceled_by=_text(item, "canceled_by"),
        channeladvisor_id=_text(item, "channeladvisor_id"),
        channeladvisor_status=_text(item, "channeladvisor_status"),
        oms_number=_text(item, "oms_number"),
    )


def parcel_item(order: Order, parcel: Parcel) -> Item:
    """A parcel of an order."""
    return _sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.PARCEL}{parcel.id}",
            "source": parcel.source,
            "carrier": parcel.carrier,
            "shipping_class": parcel.shipping_class,
            "tracking_number": parcel.tracking_number,
            "shipped_at": parcel.shipped_at,
            "line_ids": " ".join(parcel.line_ids),
            "package_id": parcel.package_id,
            "at_tiktok_since": parcel.at_tiktok_since,
            "warning": parcel.warning,
            "refused": parcel.refused,
        }
    )


def read_parcel(item: Item) -> Parcel:
    """The way back."""
    return Parcel(
        id=ParcelId(str(item["sk"]).removeprefix(keys.PARCEL)),
        source=Source(_text(item, "source")),
        carrier=_text(item, "carrier"),
        shipping_class=_text(item, "shipping_class"),
        tracking_number=_text(item, "tracking_number"),
        shipped_at=_sure(item["shipped_at"]),
        line_ids=tuple(LineId(line) for line in _text(item, "line_ids").split()),
        package_id=_text(item, "package_id"),
        at_tiktok_since=moment(item.get("at_tiktok_since")),
        warning=_text(item, "warning"),
        refused=_text(item, "refused"),
    )


def cancellation_item(order: Order, cancellation: Cancellation) -> Item:
    """A cancellation at TikTok Shop; in the due index while something about it is to come."""
    return _sparse(
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
        initiator=Initiator(_text(item, "initiator")),
        is_request=bool(item.get("is_request")),
        reason=_text(item, "cancel_reason"),
        line_ids=tuple(LineId(line) for line in _text(item, "line_ids").split()),
        requested_at=_sure(item["requested_at"]),
        updated_at=_sure(item["updated_at"]),
        respond_by=moment(item.get("respond_by")),
        answer_until=moment(item.get("answer_until")),
        next_due=moment(item.get("due_at")),
        reminders=int(item.get("reminders", 0)),
        answer=_one_of(Answer, item, "answer"),
        answered_by=_one_of(Decider, item, "answered_by"),
        answered_at=moment(item.get("answered_at")),
        answer_reason=_text(item, "answer_reason"),
        rejected_by_shipping=bool(item.get("rejected_by_shipping")),
        left_to_tiktok=bool(item.get("left_to_tiktok")),
        confirm_by=moment(item.get("confirm_by")),
        unconfirmed=bool(item.get("unconfirmed")),
        outcome=_one_of(Outcome, item, "outcome"),
        decided_by=_one_of(Decider, item, "decided_by"),
        closed_at=moment(item.get("closed_at")),
    )


def request_item(order: Order, cancel_request: CancelId) -> Item:
    """Where a buyer's cancel request is found by its id alone."""
    key = keys.request_key(order.shop, cancel_request)
    return {"pk": key.pk, "sk": key.sk, "order": order.id}


def seller_cancellation_item(order: Order, cancellation: SellerCancellation) -> Item:
    """A seller's cancellation; in the due index until TikTok Shop confirms it."""
    return _sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.SELLER_CANCELLATION}{cancellation.id}",
            "due_list": keys.cancellation_list(order.shop) if cancellation.confirm_by else "",
            "due_at": cancellation.confirm_by,
            "source": cancellation.source,
            "cancel_reason": cancellation.reason,
            "requested_at": cancellation.requested_at,
            "line_ids": " ".join(cancellation.line_ids),
            "state": cancellation.state,
            "detail": cancellation.detail,
            "unconfirmed": cancellation.unconfirmed,
        }
    )


def read_seller_cancellation(item: Item) -> SellerCancellation:
    """The way back."""
    return SellerCancellation(
        id=str(item["sk"]).removeprefix(keys.SELLER_CANCELLATION),
        source=Source(_text(item, "source")),
        reason=SellerReason(_text(item, "cancel_reason")),
        requested_at=_sure(item["requested_at"]),
        line_ids=tuple(LineId(line) for line in _text(item, "line_ids").split()),
        state=SellerCancelState(_text(item, "state")),
        detail=_text(item, "detail"),
        confirm_by=moment(item.get("due_at")),
        unconfirmed=bool(item.get("unconfirmed")),
    )


def entry_item(entry: OutboxEntry, now: datetime) -> Item:
    """An outbox entry, one version on. Ended ones leave the index at once and the table later."""
    return _sparse(
        {
            "pk": keys.order_partition(entry.shop, entry.order),
            "sk": f"{keys.OUTBOX}{entry.name}",
            "version": entry.version + 1,
            "due_list": keys.outbox_list(entry.target, entry.action, entry.shop) if entry.due_at else "",
            "due_at": entry.due_at,
            "state": entry.state,
            "attempts": entry.attempts,
            "claimed_until": entry.claimed_until,
            "in_doubt": entry.in_doubt,
            "waits_for": entry.waits_for,
            "reason": entry.reason,
            # DynamoDB's TTL counts in seconds.
            "expires_at": int((now + ENDED_ENTRY_KEPT).timestamp()) if entry.has_ended else None,
        }
    )


def read_entry(item: Item) -> OutboxEntry:
    """The way back."""
    _, shop, order = str(item["pk"]).split("#")
    target, action, rest = str(item["sk"]).removeprefix(keys.OUTBOX).split("#", 2)
    subject, revision = rest.rsplit("#", 1)
    return OutboxEntry(
        shop=ShopId(shop),
        order=OrderId(order),
        target=Target(target),
        action=Action(action),
        subject=subject,
        revision=revision,
        state=EntryState(_text(item, "state")),
        attempts=int(item.get("attempts", 0)),
        due_at=moment(item.get("due_at")),
        claimed_until=moment(item.get("claimed_until")),
        in_doubt=bool(item.get("in_doubt")),
        waits_for=_text(item, "waits_for"),
        reason=_text(item, "reason"),
        version=int(item["version"]),
    )


def timeline_item(order: Order, entry: TimelineEntry, position: int) -> Item:
    """A timeline entry; the order's version in its key makes it one of a kind and keeps the order of writing."""
    return _sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.TIMELINE}{milliseconds(entry.at):013d}#{order.version + 1:06d}.{position:02d}",
            "event": entry.event,
            "source": entry.source,
            "happened_at": entry.happened_at,
            "detail": json.dumps(dict(entry.detail), separators=(",", ":")) if entry.detail else "",
        }
    )


def read_timeline_entry(item: Item) -> TimelineEntry:
    """The way back."""
    return TimelineEntry(
        at=_sure(str(item["sk"]).removeprefix(keys.TIMELINE).split("#")[0]),
        event=Event(_text(item, "event")),
        source=Source(_text(item, "source")),
        happened_at=moment(item.get("happened_at")),
        detail=cast(dict[str, str], json.loads(_text(item, "detail") or "{}")),
    )


def _text(item: Item, name: str) -> str:
    return str(item.get(name, ""))


def _one_of[Kind: StrEnum](kind: type[Kind], item: Item, name: str) -> Kind | None:
    return kind(_text(item, name)) if name in item else None
