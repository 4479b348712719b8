"""A draft collects what one decision does to one order and becomes a Change."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from order_sync.domain.cancelling.cancellations import Cancellation, SellerCancellation
from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.tallies import moves
from order_sync.domain.orders import Order, Source
from order_sync.domain.outbox import EntryState, OutboxEntry
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.returns import Return, SellerRefund
from order_sync.domain.statuses import OrderState, may_follow
from order_sync.domain.timeline import Event, TimelineEntry


class Draft:
    """The one mutable thing in the domain; it never outlives the decision that made it."""

    def __init__(self, record: OrderRecord, now: datetime) -> None:
        self.now = now
        self.order: Order = record.order
        self.before = record
        self.deadlines: Deadlines | None = record.deadlines
        self._timeline: list[TimelineEntry] = []
        self._outbox: dict[str, OutboxEntry] = {entry.name: entry for entry in record.outbox}
        self._guarded: set[str] = set()
        self._parcels = {parcel.id: parcel for parcel in record.parcels}
        self._cancellations = {known.id: known for known in record.cancellations}
        self._seller_cancellations = {known.id: known for known in record.seller_cancellations}
        self._returns = {known.id: known for known in record.returns}
        self._seller_refunds = {known.id: known for known in record.seller_refunds}

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        """All entries as they stand in this draft."""
        return tuple(self._outbox.values())

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """All parcels as they stand in this draft."""
        return tuple(self._parcels.values())

    @property
    def cancellations(self) -> tuple[Cancellation, ...]:
        """TikTok's cancellations as they stand in this draft."""
        return tuple(self._cancellations.values())

    @property
    def seller_cancellations(self) -> tuple[SellerCancellation, ...]:
        """The seller's cancellations as they stand in this draft."""
        return tuple(self._seller_cancellations.values())

    @property
    def returns(self) -> tuple[Return, ...]:
        """The returns as they stand in this draft."""
        return tuple(self._returns.values())

    @property
    def seller_refunds(self) -> tuple[SellerRefund, ...]:
        """The seller's refunds as they stand in this draft."""
        return tuple(self._seller_refunds.values())

    @property
    def record(self) -> OrderRecord:
        """The order with all that belongs to it, as it stands in this draft."""
        return OrderRecord(
            order=self.order,
            parcels=self.parcels,
            outbox=self.outbox,
            cancellations=self.cancellations,
            seller_cancellations=self.seller_cancellations,
            returns=self.returns,
            seller_refunds=self.seller_refunds,
            deadlines=self.deadlines,
        )

    def set(self, **changes: Any) -> None:
        """Change fields of the order."""
        self.order = replace(self.order, **changes)

    def note(self, event: Event, source: Source, *, happened_at: datetime | None = None, **detail: str) -> None:
        """Add a fact to the timeline; empty details are left out."""
        kept = {name: text for name, text in detail.items() if text}
        self._timeline.append(
            TimelineEntry(at=self.now, event=event, source=source, happened_at=happened_at, detail=kept)
        )

    def enrich(self, events: Collection[Event], **detail: str) -> bool:
        """Add details to the newest of this decision's facts that is one of these events; False when none is."""
        for place, fact in reversed(list(enumerate(self._timeline))):
            if fact.event in events:
                self._timeline[place] = replace(fact, detail={**fact.detail, **detail})
                return True
        return False

    def move_to(self, state: OrderState) -> bool:
        """Move the order along a legal edge; another edge is refused and stands on the timeline."""
        current = self.order.state
        if state is current:
            return False
        if not may_follow(current, state):
            self.note(Event.TRANSITION_REFUSED, Source.ORDER_SYNC, current=current, wanted=state)
            return False
        self.set(state=state)
        return True

    def keep_parcel(self, parcel: Parcel) -> None:
        """Add a parcel or change a known one."""
        self._parcels[parcel.id] = parcel

    def keep_cancellation(self, cancellation: Cancellation) -> None:
        """Add one of TikTok's cancellations or change a known one."""
        self._cancellations[cancellation.id] = cancellation

    def keep_seller_cancellation(self, cancellation: SellerCancellation) -> None:
        """Add one of the seller's cancellations or change a known one."""
        self._seller_cancellations[cancellation.id] = cancellation

    def keep_return(self, known: Return) -> None:
        """Add a return or change a known one."""
        self._returns[known.id] = known

    def keep_seller_refund(self, refund: SellerRefund) -> None:
        """Add one of the seller's refunds or change a known one."""
        self._seller_refunds[refund.id] = refund

    def keep_deadlines(self, deadlines: Deadlines) -> None:
        """Change what is known of the order's deadlines."""
        self.deadlines = deadlines

    def queue(self, entry: OutboxEntry, *, revive: bool = False) -> None:
        """Queue an entry once: one of the same name is kept as it is, unless it was withdrawn and is to `revive`."""
        known = self._outbox.get(entry.name)
        if known is None:
            self._outbox[entry.name] = entry
        elif revive and known.state is EntryState.WITHDRAWN:
            self._outbox[entry.name] = replace(entry, version=known.version)

    def guard(self, entry: OutboxEntry) -> None:
        """This decision holds only while no run takes the entry: it is written again, under its version."""
        self._guarded.add(entry.name)

    def finish(self, entry: OutboxEntry) -> None:
        """An entry is done; what waited only for it is due now."""
        self._end(entry, EntryState.DONE, "")
        self.free(entry.name)

    def drop(self, entry: OutboxEntry, reason: str) -> None:
        """An entry need not be told any more; what waited only for it goes on."""
        self._end(entry, EntryState.WITHDRAWN, reason)
        self.free(entry.name)

    def free(self, name: str) -> None:
        """What waited only for this goes on."""
        for waiting in self._waiting_for(name):
            self._outbox[waiting.name] = replace(waiting, waits_for="", due_at=self.now)

    def hold_back(self, entry: OutboxEntry, waits_for: str, *, until: datetime | None) -> None:
        """An entry that no run has tried waits for another one; `until` limits the wait."""
        self._outbox[entry.name] = replace(entry, waits_for=waits_for, due_at=until)

    def put_off(self, entry: OutboxEntry, until: datetime, reason: str) -> None:
        """An entry that no run has in its hands is looked at again later."""
        self._outbox[entry.name] = replace(
            entry, state=EntryState.WAITING, due_at=until, claimed_until=None, reason=reason
        )

    def withdraw(self, entry: OutboxEntry, reason: str) -> None:
        """An entry will not be told any more, nor what waits for it."""
        self._end(entry, EntryState.WITHDRAWN, reason)
        for waiting in self._waiting_for(entry.name):
            self.withdraw(waiting, reason)

    def fail(self, entry: OutboxEntry, reason: str, *, in_doubt: bool = False) -> None:
        """An entry needs a person; only what waits for it is held up. `in_doubt`: it may have taken effect."""
        self._end(replace(entry, in_doubt=entry.in_doubt or in_doubt), EntryState.FAILED, reason)

    def replay(self, entry: OutboxEntry) -> None:
        """A failed entry is due again, unless it waits for another one.

        The ledger keeps no limit of what failed; what must still wait is held back again when it is to be told.
        """
        lost_its_limit = entry.state is EntryState.FAILED and entry.due_at is None
        due_at = entry.due_at if entry.waits_for and not lost_its_limit else self.now
        self._outbox[entry.name] = replace(
            entry, state=EntryState.WAITING, due_at=due_at, claimed_until=None, attempts=0, reason="", failed_at=None
        )

    def tell_again(self, entry: OutboxEntry) -> None:
        """An entry that was done is due again, in doubt: the partner may have it all the same."""
        self._outbox[entry.name] = replace(
            entry, state=EntryState.WAITING, due_at=self.now, claimed_until=None, attempts=0, in_doubt=True, reason=""
        )

    def _end(self, entry: OutboxEntry, state: EntryState, reason: str) -> None:
        self._outbox[entry.name] = replace(
            entry,
            state=state,
            due_at=None,
            claimed_until=None,
            in_doubt=entry.in_doubt and state is EntryState.FAILED,
            waits_for="",
            reason=reason,
            failed_at=self.now if state is EntryState.FAILED else None,
        )

    def _waiting_for(self, name: str) -> list[OutboxEntry]:
        """What no run has tried yet: a wait with a limit may have ended, and then the attempt has its own fate."""
        return [other for other in self._outbox.values() if other.waits_for == name and other.is_untold]

    def change(self) -> Change | None:
        """The decision, or None when nothing changed."""
        before = self.before
        change = Change(
            order=self.order,
            timeline=tuple(self._timeline),
            outbox=tuple(each for each in self.outbox if each.name in self._guarded or each not in before.outbox),
            parcels=_changed(before.parcels, self.parcels),
            cancellations=_changed(before.cancellations, self.cancellations),
            seller_cancellations=_changed(before.seller_cancellations, self.seller_cancellations),
            returns=_changed(before.returns, self.returns),
            seller_refunds=_changed(before.seller_refunds, self.seller_refunds),
            deadlines=self.deadlines,
            moves=moves((before.order, before.deadlines), (self.order, self.deadlines)),
        )
        unchanged = change == Change(order=before.order, deadlines=before.deadlines) and before.order.version > 0
        return None if unchanged else change


def _changed[Value](before: tuple[Value, ...], after: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(value for value in after if value not in before)
