"""The ledger: orders are read whole, decided on, and written whole or not at all (DESIGN 6-8)."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId, OrderId, ShopId
from order_sync.domain.orders import Order
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import TimelineEntry
from order_sync.ledger import items, keys
from order_sync.ledger.attributes import milliseconds
from order_sync.ledger.cancellation_items import (
    cancellation_item,
    read_cancellation,
    read_seller_cancellation,
    request_item,
    seller_cancellation_item,
)
from order_sync.ledger.table import Item, Put, Table, VersionConflictError

MOST_PUTS: Final = 100
_LOST_RACES_ALLOWED: Final = 8


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
                head = _read(items.read_order, item)
                heads[head.id] = head
        return heads

    def load(self, shop: ShopId, order: OrderId) -> OrderRecord | None:
        """One order with all but its timeline; None when it is not known. Raises DamagedItemError."""
        found = self.table.query(keys.order_partition(shop, order), before=keys.TIMELINE)
        head: Order | None = None
        parcels, outbox, cancellations, seller_cancellations = [], [], [], []
        for item in found:
            sort_key = str(item["sk"])
            if sort_key == keys.ORDER:
                head = _read(items.read_order, item)
            elif sort_key.startswith(keys.PARCEL):
                parcels.append(_read(items.read_parcel, item))
            elif sort_key.startswith(keys.OUTBOX):
                outbox.append(_read(items.read_entry, item))
            elif sort_key.startswith(keys.CANCELLATION):
                cancellations.append(_read(read_cancellation, item))
            elif sort_key.startswith(keys.SELLER_CANCELLATION):
                seller_cancellations.append(_read(read_seller_cancellation, item))
        if head is None:
            return None
        return OrderRecord(
            order=head,
            parcels=tuple(parcels),
            outbox=tuple(outbox),
            cancellations=tuple(cancellations),
            seller_cancellations=tuple(seller_cancellations),
        )

    def cancellations(self, shop: ShopId, wanted: Iterable[tuple[OrderId, CancelId]]) -> dict[CancelId, Cancellation]:
        """Those of the cancellations that are known; a damaged one is left out, as in `heads`."""
        found = self.table.get_many(keys.cancellation_key(shop, order, cancel) for order, cancel in wanted)
        known = {}
        for item in found:
            with suppress(DamagedItemError):
                cancellation = _read(read_cancellation, item)
                known[cancellation.id] = cancellation
        return known

    def timeline(self, shop: ShopId, order: OrderId) -> list[TimelineEntry]:
        """An order's history, oldest first."""
        found = self.table.query(keys.order_partition(shop, order), since=keys.TIMELINE)
        return [items.read_timeline_entry(item) for item in found]

    def commit(self, change: Change, before: OrderRecord | None = None) -> None:
        """Write a decision, all of it or nothing. Raises VersionConflictError when its reading is out of date.

        `before` is what it was decided on; a cancel request that was not there can be found by its id alone later.
        """
        order = change.order
        puts = [Put(item=items.order_item(order), expects=order.version)]
        puts += [Put(item=items.entry_item(e, self._now()), expects=e.version) for e in change.outbox]
        puts += [Put(item=items.parcel_item(order, parcel)) for parcel in change.parcels]
        puts += [Put(item=cancellation_item(order, each)) for each in change.cancellations]
        puts += [
            Put(item=request_item(order, each.id))
            for each in change.cancellations
            if each.is_request and (before is None or before.cancellation(each.id) is None)
        ]
        puts += [Put(item=seller_cancellation_item(order, each)) for each in change.seller_cancellations]
        puts += [Put(item=items.timeline_item(order, fact, n)) for n, fact in enumerate(change.timeline)]
        # One transaction takes so many items. Of a larger decision the new entries go first: they tell facts, and
        # whoever decides again after a lost race, or a death in between, finds them queued.
        fresh = [put for put in puts if put.expects == 0 and str(put.item["sk"]).startswith(keys.OUTBOX)]
        while len(puts) > MOST_PUTS:
            first, fresh = fresh[:MOST_PUTS], fresh[MOST_PUTS:]
            self.table.put_all(first)
            puts = [put for put in puts if put not in first]
        self.table.put_all(puts)

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

    def held_orders_due(self, shop: ShopId, limit: int) -> list[OrderId]:
        """Orders whose hold is to be looked at now. From the index: read the head before deciding."""
        now = milliseconds(self._now())
        return [
            keys.order_of(key) for due_list in keys.hold_lists(shop) for key in self.table.due(due_list, now, limit)
        ]

    def order_of_request(self, shop: ShopId, cancel_request: CancelId) -> OrderId | None:
        """The order that a buyer's cancel request is about; None when the request is not known."""
        item = self.table.get(keys.request_key(shop, cancel_request))
        return _read(lambda known: OrderId(str(known["order"])), item) if item else None

    def orders_with_due_cancellations(self, shop: ShopId, until: datetime, limit: int) -> list[OrderId]:
        """Orders one of whose cancellations is to be looked at by then. From the index: read before deciding."""
        due = self.table.due(keys.cancellation_list(shop), milliseconds(until), limit)
        return list(dict.fromkeys(keys.order_of(key) for key in due))

    def outbox_due(self, target: Target, action: Action, shop: ShopId, limit: int) -> list[DueEntry]:
        """What is to be told now, the longest due first. From the index: read the entry before deciding."""
        due = self.table.due(keys.outbox_list(target, action, shop), milliseconds(self._now()), limit)
        return [DueEntry(keys.order_of(key), keys.entry_name(key)) for key in due]

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


def _read[Value](read: Callable[[Item], Value], item: Item) -> Value:
    try:
        return read(item)
    except (KeyError, ValueError) as error:
        raise DamagedItemError(f"ledger item {item['pk']} {item['sk']} is damaged: {error}") from error
