"""The ledger: orders are read whole, decided on, and written whole or not at all (DESIGN 6-8)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Final, NamedTuple

from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId, OrderId, ShopId
from order_sync.domain.orders import Order
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import TimelineEntry
from order_sync.ledger import items, keys
from order_sync.ledger.attributes import FAR, milliseconds
from order_sync.ledger.cancellation_items import (
    cancellation_item,
    read_cancellation,
    read_seller_cancellation,
    request_item,
    seller_cancellation_item,
)
from order_sync.ledger.deadline_items import counter_moves, deadlines_item, milestones, read_deadlines
from order_sync.ledger.return_items import (
    read_return,
    read_seller_refund,
    return_item,
    return_request_item,
    seller_refund_item,
)
from order_sync.ledger.table import Item, Key, Put, Table, VersionConflictError, Write

MOST_WRITES: Final = 100
_LOST_RACES_ALLOWED: Final = 8
_MOST_COUNTED: Final = 1_000
_MOST_ENTRIES_READ: Final = 100
MOST_FAILED: Final = 100_000
"""More than anybody can look at; all are sent again by one command, or by a few."""


class DamagedItemError(RejectedError):
    """An item of an order cannot be understood: somebody has written there by hand. Only its order is held up."""


class DueEntry(NamedTuple):
    """An outbox entry that may be due, by its order and its name."""

    order: OrderId
    name: str


class Ledger:
    """Orders, their outbox and their timeline."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self.table = table
        self._now = now

    def heads(self, shop: ShopId, orders: Iterable[OrderId]) -> dict[OrderId, Order]:
        """The heads of those orders that are known.

        One that is damaged is left out, so that it does not stop the others: whoever needs it loads it, and
        meets the damage there.
        """
        found = self.table.get_many(keys.order_key(shop, order) for order in orders)
        heads = {}
        for item in found:
            with suppress(DamagedItemError):
                head = reading(items.read_order, item)
                heads[head.id] = head
        return heads

    def load(
        self, shop: ShopId, order: OrderId, damaged: Callable[[DamagedItemError], None] | None = None
    ) -> OrderRecord | None:
        """One order with all but its timeline; None when it is not known. Raises DamagedItemError.

        Whoever only reads may say what to do about `damaged` items: they are told of and left out, all but the head.
        """
        found = self.table.query(keys.order_partition(shop, order), before=keys.TIMELINE)
        items_of_order = {str(item["sk"]): item for item in found}
        head, deadlines = items_of_order.get(keys.ORDER), items_of_order.get(keys.DEADLINES)
        if head is None:
            return None

        def those[Value](prefix: str, read: Callable[[Item], Value]) -> tuple[Value, ...]:
            wanted = [item for key, item in items_of_order.items() if key.startswith(prefix)]
            return tuple(_readable(read, wanted, damaged))

        return OrderRecord(
            order=reading(items.read_order, head),
            parcels=those(keys.PARCEL, items.read_parcel),
            outbox=those(keys.OUTBOX, items.read_entry),
            cancellations=those(keys.CANCELLATION, read_cancellation),
            seller_cancellations=those(keys.SELLER_CANCELLATION, read_seller_cancellation),
            returns=those(keys.RETURN, read_return),
            seller_refunds=those(keys.SELLER_REFUND, read_seller_refund),
            deadlines=next(
                _readable(partial(read_deadlines, head=head), [deadlines] if deadlines else [], damaged), None
            ),
        )

    def cancellations(self, shop: ShopId, wanted: Iterable[tuple[OrderId, CancelId]]) -> dict[CancelId, Cancellation]:
        """Those of the cancellations that are known; a damaged one is left out, as in `heads`."""
        found = self.table.get_many(keys.cancellation_key(shop, order, cancel) for order, cancel in wanted)
        known = {}
        for item in found:
            with suppress(DamagedItemError):
                cancellation = reading(read_cancellation, item)
                known[cancellation.id] = cancellation
        return known

    def timeline(
        self, shop: ShopId, order: OrderId, damaged: Callable[[DamagedItemError], None] | None = None
    ) -> list[TimelineEntry]:
        """An order's history, oldest first. Raises DamagedItemError, unless it is said what to do about it."""
        found = self.table.query(keys.order_partition(shop, order), since=keys.TIMELINE)
        return [fact for facts in _readable(items.read_timeline_item, found, damaged) for fact in facts]

    def commit(self, change: Change, before: OrderRecord | None = None) -> None:
        """Write a decision, all of it or nothing. Raises VersionConflictError when its reading is out of date.

        `before` is what it was decided on; a cancel request that was not there can be found by its id alone later.
        Raises RejectedError for a decision that no transaction can hold.
        """
        # Where a tracking number is looked up goes first, and alone: an order that is found there is read before
        # anything is decided, so that a trace without its parcel is harmless, and half as dear.
        in_use = _tracking_numbers(before.parcels) if before else set()
        for number in sorted(_tracking_numbers(change.parcels) - in_use):
            self.table.put(Put(item=items.tracking_item(change.order, number, self._now())))
        writes = self._writes(change, before)
        # One transaction takes so many items. Of a larger decision the new entries go first: they tell facts, and
        # whoever decides again after a lost race, or a death in between, finds them queued.
        fresh: list[Write] = [
            write
            for write in writes
            if isinstance(write, Put) and write.expects == 0 and write.key.sk.startswith(keys.OUTBOX)
        ]
        if len(writes) - len(fresh) > MOST_WRITES:
            raise RejectedError(f"order {change.order.id}: {len(writes)} items changed at once, too many to write")
        while len(writes) > MOST_WRITES:
            first, fresh = fresh[:MOST_WRITES], fresh[MOST_WRITES:]
            self.table.write_all(first)
            writes = [write for write in writes if write not in first]
        self.table.write_all(writes)

    def _writes(self, change: Change, before: OrderRecord | None) -> list[Write]:
        order = change.order
        writes: list[Write] = [Put(item=_head(change), expects=order.version)]
        writes += [Put(item=items.entry_item(e, self._now()), expects=e.version) for e in change.outbox]
        writes += [Put(item=items.parcel_item(order, parcel)) for parcel in change.parcels]
        writes += [Put(item=cancellation_item(order, each)) for each in change.cancellations]
        writes += [
            Put(item=request_item(order, each.id))
            for each in change.cancellations
            if each.is_request and (before is None or before.cancellation(each.id) is None)
        ]
        writes += [Put(item=seller_cancellation_item(order, each)) for each in change.seller_cancellations]
        writes += [Put(item=return_item(order, each)) for each in change.returns]
        writes += [
            Put(item=return_request_item(order, each.id))
            for each in change.returns
            if before is None or before.return_of(each.id) is None
        ]
        writes += [Put(item=seller_refund_item(order, each)) for each in change.seller_refunds]
        known = _deadlines(before.order, before.deadlines) if before else {}
        if (fresh_deadlines := _deadlines(order, change.deadlines)) != known:
            writes.append(Put(item=fresh_deadlines))
        writes += counter_moves(order.shop, order.id, change.moves)
        if change.timeline:
            writes.append(Put(item=items.timeline_item(order, change.timeline)))
        told = {entry.name for entry in change.outbox}
        unlisted = [entry for entry in _unlisted(before) if entry.name not in told]
        writes += [self._listing(entry) for entry in unlisted[: max(0, MOST_WRITES - len(writes))]]
        return writes

    def change(
        self, shop: ShopId, order: OrderId, decide: Callable[[OrderRecord | None], Change | None]
    ) -> Change | None:
        """Read an order, decide, write. A lost race is read and decided again."""
        for _ in range(_LOST_RACES_ALLOWED):
            before = self.load(shop, order)
            change = decide(before)
            if change is None:
                return None
            try:
                self.commit(change, before)
            except VersionConflictError:
                continue
            return change
        raise RetriableError(f"order {order} was changed by others {_LOST_RACES_ALLOWED} times in a row")

    def held_orders_due(self, shop: ShopId, limit: int, until: datetime | None = None) -> list[OrderId]:
        """Orders whose hold is to be looked at by now, or by then. From the index: read the head before deciding."""
        now = milliseconds(until or self._now())
        return [
            keys.order_of(key) for due_list in keys.hold_lists(shop) for key in self.table.due(due_list, now, limit)
        ]

    def count_held_long(self, shop: ShopId) -> int:
        """How many orders TikTok Shop holds longer than expected. From the index, which lags a little."""
        return self.table.count_due(keys.long_hold_list(shop), milliseconds(FAR))

    def orders_with_tracking(self, shop: ShopId, tracking_number: str) -> list[OrderId]:
        """The orders of which a parcel carries a tracking number."""
        found = self.table.query(keys.tracking_partition(shop, tracking_number))
        return [OrderId(str(item["sk"])) for item in found]

    def order_of_request(self, shop: ShopId, cancel_request: CancelId) -> OrderId | None:
        """The order that a buyer's cancel request is about; None when the request is not known."""
        item = self.table.get(keys.request_key(shop, cancel_request))
        return reading(lambda known: OrderId(str(known["order"])), item) if item else None

    def orders_with_due_cancellations(self, shop: ShopId, until: datetime, limit: int) -> list[OrderId]:
        """Orders one of whose cancellations is to be looked at by then. From the index: read before deciding."""
        due = self.table.due(keys.cancellation_list(shop), milliseconds(until), limit)
        return list(dict.fromkeys(keys.order_of(key) for key in due))

    def open_requests(self, shop: ShopId) -> list[Cancellation]:
        """The cancel requests that are not settled, a thousand at most; a damaged one is left out."""
        keys_found = self.table.due(keys.cancellation_list(shop), milliseconds(FAR), _MOST_COUNTED)
        found = self.table.get_many(key for key in keys_found if key.sk.startswith(keys.CANCELLATION))
        known = []
        for item in found:
            with suppress(DamagedItemError):
                known.append(reading(read_cancellation, item))
        return [cancellation for cancellation in known if cancellation.is_request and cancellation.is_open]

    def oldest_entries(self, target: Target, action: Action, shop: ShopId) -> list[OutboxEntry]:
        """What is still to be told of one kind, the longest due first, a hundred at most; damaged ones are left out."""
        due = self.table.due(keys.outbox_list(target, action, shop), milliseconds(FAR), _MOST_ENTRIES_READ)
        entries = []
        for item in self.table.get_many(due):
            with suppress(DamagedItemError):
                entries.append(reading(items.read_entry, item))
        return entries

    def outbox_due(self, target: Target, action: Action, shop: ShopId, limit: int) -> list[DueEntry]:
        """What is to be told now, the longest due first. From the index: read the entry before deciding."""
        due = self.table.due(keys.outbox_list(target, action, shop), milliseconds(self._now()), limit)
        return [DueEntry(keys.order_of(key), keys.entry_name(key)) for key in due]

    def failed_entries(
        self,
        shop: ShopId,
        limit: int = MOST_FAILED,
        *,
        until: datetime | None = None,
        damaged: Callable[[DamagedItemError], None] = lambda _error: None,
    ) -> Iterator[OutboxEntry]:
        """What waits for a person, the longest first; one that is damaged is told of and left out.

        One that failed before failures were listed is in it once its order is written again, or `list_failed` was
        asked about it.
        """
        found = self.table.due(keys.failed_list(shop), milliseconds(until or FAR), limit)
        for batch in batched(found, _MOST_ENTRIES_READ, strict=False):
            read = {Key(str(item["pk"]), str(item["sk"])): item for item in self.table.get_many(batch)}
            for key in batch:
                try:
                    entry = reading(items.read_entry, read[key]) if key in read else None
                except DamagedItemError as error:
                    damaged(error)
                    continue
                # The index lags: it may have been sent again since.
                if entry and entry.state is EntryState.FAILED:
                    yield entry

    def list_failed(self, shop: ShopId, order: OrderId) -> int:
        """List those entries of an order that failed before failures were listed; how many there were.

        What somebody else writes meanwhile is listed by that.
        """
        unlisted = _unlisted(self.load(shop, order))
        for entry in unlisted:
            with suppress(VersionConflictError):
                self.table.put(self._listing(entry))
        return len(unlisted)

    def _listing(self, entry: OutboxEntry) -> Put:
        return Put(item=items.entry_item(entry, self._now()), expects=entry.version)

    def claim(self, entry: OutboxEntry, claim: timedelta) -> OutboxEntry | None:
        """Take an entry for one attempt; None when another run was quicker.

        Its place in the due index stays, so that an attempt that dies is found when the claim runs out.
        """
        now = self._now()
        if not entry.is_claimable(now):
            return None
        return self._save(
            replace(
                entry,
                state=EntryState.SENDING,
                attempts=entry.attempts + 1,
                claimed_until=now + claim,
                in_doubt=entry.was_interrupted,
                reason="",
            )
        )

    def postpone(self, entry: OutboxEntry, due_at: datetime, reason: str) -> OutboxEntry | None:
        """Put an entry back for later; None when somebody else changed it meanwhile.

        This attempt did nothing, but whether an earlier one did stays in doubt.
        """
        return self._save(replace(entry, state=EntryState.WAITING, due_at=due_at, claimed_until=None, reason=reason))

    def _save(self, entry: OutboxEntry) -> OutboxEntry | None:
        item: Item = items.entry_item(entry, self._now())
        try:
            self.table.put(Put(item=item, expects=entry.version))
        except VersionConflictError:
            return None
        return replace(entry, version=entry.version + 1)


def _unlisted(record: OrderRecord | None) -> list[OutboxEntry]:
    """What failed before failures were listed."""
    outbox = record.outbox if record else ()
    return [entry for entry in outbox if entry.state is EntryState.FAILED and entry.failed_at is None]


def _head(change: Change) -> Item:
    return items.order_item(change.order) | (milestones(change.deadlines) if change.deadlines else {})


def _tracking_numbers(parcels: Iterable[Parcel]) -> set[str]:
    standing = [parcel for parcel in parcels if not parcel.refused]
    return {number for each in standing for number in (each.tracking_number, each.newest_label.tracking_number)}


def _deadlines(order: Order, deadlines: Deadlines | None) -> Item:
    return deadlines_item(order, deadlines) if deadlines else {}


def _readable[Value](
    read: Callable[[Item], Value], found: Iterable[Item], damaged: Callable[[DamagedItemError], None] | None
) -> Iterator[Value]:
    for item in found:
        try:
            value = reading(read, item)
        except DamagedItemError as error:
            if damaged is None:
                raise
            damaged(error)
        else:
            yield value


def reading[Value](read: Callable[[Item], Value], item: Item) -> Value:
    """What an item says. Raises DamagedItemError."""
    try:
        return read(item)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise DamagedItemError(f"ledger item {item['pk']} {item['sk']} is damaged: {error}") from error
