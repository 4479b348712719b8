"""Between an order with its parcels, outbox and timeline, and the table's items."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from order_sync.domain.ids import LineId, OrderId, ParcelId, ShopId
from order_sync.domain.orders import Handling, Line, LineState, Order, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event, TimelineEntry
from order_sync.ledger import keys
from order_sync.ledger.attributes import milliseconds, moment, money, packed_money, sparse, sure, text
from order_sync.ledger.table import Item

ENDED_ENTRY_KEPT: Final = timedelta(days=180)
"""Longer than a pre-order may wait, so that a late duplicate still meets the entry."""

TRACKING_KEPT: Final = timedelta(days=180)
"""A carrier may give a number again later."""


def order_item(order: Order) -> Item:
    """An order's head, one version on."""
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": keys.ORDER,
            "version": order.version + 1,
            "due_list": keys.hold_list(order.shop, order.id, held_long=order.held_long) if order.release_due else "",
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
            "brought_by_link": order.brought_by_link,
            "channeladvisor_status": order.channeladvisor_status,
            "oms_number": order.oms_number,
            "paid": packed_money(order.paid),
            "replaces": order.replaces,
            "replaced_by": " ".join(order.replaced_by),
        }
    )


def read_order(item: Item) -> Order:
    """The way back. A missing attribute is a KeyError that names it."""
    _, shop, order = str(item["pk"]).split("#")
    return Order(
        shop=ShopId(shop),
        id=OrderId(order),
        version=int(item["version"]),
        state=OrderState(text(item, "state")),
        handling=Handling(text(item, "handling")),
        handling_reason=text(item, "handling_reason"),
        tiktok_status=text(item, "tiktok_status"),
        updated_at=sure(item["updated_at"]),
        digest=text(item, "digest"),
        created_at=sure(item["created_at"]),
        paid_at=moment(item.get("paid_at")),
        hold_ends_at=moment(item.get("hold_ends_at")),
        release_due=moment(item.get("due_at")),
        held_long=bool(item.get("held_long")),
        recipient=text(item, "recipient"),
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
        canceled_by=text(item, "canceled_by"),
        channeladvisor_id=text(item, "channeladvisor_id"),
        brought_by_link=bool(item.get("brought_by_link")),
        channeladvisor_status=text(item, "channeladvisor_status"),
        oms_number=text(item, "oms_number"),
        paid=money(item, "paid"),
        replaces=text(item, "replaces"),
        replaced_by=tuple(OrderId(each) for each in text(item, "replaced_by").split()),
    )


def parcel_item(order: Order, parcel: Parcel) -> Item:
    """A parcel of an order."""
    scans = _scan_list(order, parcel)
    return sparse(
        {
            "pk": keys.order_partition(order.shop, order.id),
            "sk": f"{keys.PARCEL}{parcel.id}",
            "due_list": scans,
            "due_at": parcel.at_tiktok_since if scans else None,
            "source": parcel.source,
            "carrier": parcel.carrier,
            "shipping_class": parcel.shipping_class,
            "tracking_number": parcel.tracking_number,
            "shipped_at": parcel.shipped_at,
            "line_ids": " ".join(parcel.line_ids),
            "named_lines": " ".join(parcel.named_lines),
            "counted": parcel.counted,
            "package_id": parcel.package_id,
            "at_tiktok_since": parcel.at_tiktok_since,
            "warning": parcel.warning,
            "refused": parcel.refused,
            "in_tiktoks_words": parcel.in_tiktoks_words,
            "tiktok_carrier": parcel.tiktok_carrier,
            "wanted": _packed_labels([parcel.wanted] if parcel.wanted else []),
            "earlier": _packed_labels(parcel.earlier),
            "shown_before": _packed_labels(parcel.shown_before),
            "other_ids": json.dumps(parcel.other_ids, separators=(",", ":")) if parcel.other_ids else "",
            "corrections": parcel.corrections,
            "seen_at": parcel.seen_at,
            "scanned_at": parcel.scanned_at,
            "recalled": parcel.recalled,
        }
    )


def _scan_list(order: Order, parcel: Parcel) -> str:
    """Where a parcel stands by its scan; nowhere before TikTok Shop has it, nor where TikTok Shop ships by itself."""
    if parcel.at_tiktok_since is None or parcel.refused or order.handling is Handling.THIRD_PARTY:
        return ""
    if parcel.scanned_at:
        return keys.scanned_list(order.shop)
    return "" if parcel.recalled else keys.unscanned_list(order.shop)


def tracking_item(order: Order, tracking_number: str, now: datetime) -> Item:
    """That a parcel of this order carries a tracking number, to be found by the number."""
    return {
        "pk": keys.tracking_partition(order.shop, tracking_number),
        "sk": order.id,
        "expires_at": int((now + TRACKING_KEPT).timestamp()),
    }


def read_parcel(item: Item) -> Parcel:
    """The way back."""
    return Parcel(
        id=ParcelId(str(item["sk"]).removeprefix(keys.PARCEL)),
        source=Source(text(item, "source")),
        carrier=text(item, "carrier"),
        shipping_class=text(item, "shipping_class"),
        tracking_number=text(item, "tracking_number"),
        shipped_at=sure(item["shipped_at"]),
        line_ids=tuple(LineId(line) for line in text(item, "line_ids").split()),
        named_lines=tuple(LineId(line) for line in text(item, "named_lines").split()),
        counted=bool(item.get("counted")),
        package_id=text(item, "package_id"),
        at_tiktok_since=moment(item.get("at_tiktok_since")),
        warning=text(item, "warning"),
        refused=text(item, "refused"),
        in_tiktoks_words=bool(item.get("in_tiktoks_words")),
        tiktok_carrier=text(item, "tiktok_carrier"),
        wanted=next(iter(_read_labels(item, "wanted")), None),
        earlier=_read_labels(item, "earlier"),
        shown_before=_read_labels(item, "shown_before"),
        other_ids=tuple(ParcelId(each) for each in json.loads(text(item, "other_ids") or "[]")),
        corrections=int(item.get("corrections", 0)),
        seen_at=moment(item.get("seen_at")),
        scanned_at=moment(item.get("scanned_at")),
        recalled=bool(item.get("recalled")),
    )


def _packed_labels(labels: Sequence[Label]) -> str:
    rows = [[each.carrier, each.shipping_class, each.tracking_number, int(each.in_tiktoks_words)] for each in labels]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def _read_labels(item: Item, name: str) -> tuple[Label, ...]:
    return tuple(
        Label(
            carrier=carrier,
            shipping_class=shipping_class,
            tracking_number=tracking_number,
            in_tiktoks_words=bool(in_tiktoks_words),
        )
        for carrier, shipping_class, tracking_number, in_tiktoks_words in json.loads(text(item, name) or "[]")
    )


def entry_item(entry: OutboxEntry, now: datetime) -> Item:
    """An outbox entry, one version on. Ended ones leave the index at once and the table later.

    A failed one stands in the list of its own kind, since no run looks at it any more.
    """
    failed_at = (entry.failed_at or now) if entry.state is EntryState.FAILED else None
    due_list = keys.failed_list(entry.shop) if failed_at else ""
    if entry.due_at and not failed_at:
        due_list = keys.outbox_list(entry.target, entry.action, entry.shop)
    return sparse(
        {
            "pk": keys.order_partition(entry.shop, entry.order),
            "sk": f"{keys.OUTBOX}{entry.name}",
            "version": entry.version + 1,
            "due_list": due_list,
            "due_at": failed_at or entry.due_at,
            "state": entry.state,
            "queued_at": entry.queued_at,
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
    state, listed_at = EntryState(text(item, "state")), moment(item.get("due_at"))
    return OutboxEntry(
        shop=ShopId(shop),
        order=OrderId(order),
        target=Target(target),
        action=Action(action),
        subject=subject,
        revision=revision,
        state=state,
        queued_at=moment(item.get("queued_at")) or _queued_by_an_early_version(item),
        attempts=int(item.get("attempts", 0)),
        due_at=None if state is EntryState.FAILED else listed_at,
        claimed_until=moment(item.get("claimed_until")),
        in_doubt=bool(item.get("in_doubt")),
        waits_for=text(item, "waits_for"),
        reason=text(item, "reason"),
        failed_at=listed_at if state is EntryState.FAILED else None,
        version=int(item["version"]),
    )


def _queued_by_an_early_version(item: Item) -> datetime:
    """Nearly: the first versions wrote when an entry is due, and when one that has ended is forgotten, and no more."""
    if listed_at := moment(item.get("due_at")):
        return listed_at
    return datetime.fromtimestamp(int(item["expires_at"]), UTC) - ENDED_ENTRY_KEPT


def timeline_item(order: Order, facts: Sequence[TimelineEntry]) -> Item:
    """All facts of one decision, which share its moment; the order's version makes the key one of a kind.

    One item, because a transaction is billed by the item, at least two units each.
    """
    (at,) = {milliseconds(fact.at) for fact in facts}
    return {
        "pk": keys.order_partition(order.shop, order.id),
        "sk": f"{keys.TIMELINE}{at:013d}#{order.version + 1:06d}",
        "facts": json.dumps([_packed(fact) for fact in facts], separators=(",", ":")),
    }


def read_timeline_item(item: Item) -> list[TimelineEntry]:
    """The way back."""
    at = sure(str(item["sk"]).removeprefix(keys.TIMELINE).split("#")[0])
    return [
        TimelineEntry(at=at, event=Event(event), source=Source(source), happened_at=moment(happened_at), detail=detail)
        for event, source, happened_at, detail in _facts(item)
    ]


def _facts(item: Item) -> Iterable[Any]:
    if "facts" not in item and "event" in item:
        # The first versions wrote an item for each fact.
        return [(item["event"], item["source"], item.get("happened_at"), json.loads(text(item, "detail") or "{}"))]
    facts: list[Any] = json.loads(str(item["facts"]))
    return facts


def _packed(fact: TimelineEntry) -> list[object]:
    happened_at = None if fact.happened_at is None else milliseconds(fact.happened_at)
    return [fact.event, fact.source, happened_at, dict(fact.detail)]
