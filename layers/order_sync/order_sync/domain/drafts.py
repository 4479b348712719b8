"""A draft collects what one decision does to one order and becomes a Change."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from order_sync.domain.orders import Order, Parcel, Source
from order_sync.domain.outbox import EntryState, OutboxEntry
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.statuses import OrderState, may_follow
from order_sync.domain.timeline import Event, TimelineEntry


class Draft:
    """The one mutable thing in the domain; it never outlives the decision that made it."""

    def __init__(self, record: OrderRecord, now: datetime) -> None:
        self.now = now
        self.order: Order = record.order
        self._before = record
        self._timeline: list[TimelineEntry] = []
        self._outbox: dict[str, OutboxEntry] = {entry.name: entry for entry in record.outbox}
        self._parcels = {parcel.id: parcel for parcel in record.parcels}

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        """All entries as they stand in this draft."""
        return tuple(self._outbox.values())

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """All parcels as they stand in this draft."""
        return tuple(self._parcels.values())

    def set(self, **changes: Any) -> None:
        """Change fields of the order."""
        self.order = replace(self.order, **changes)

    def note(self, event: Event, source: Source, *, happened_at: datetime | None = None, **detail: str) -> None:
        """Add a fact to the timeline; empty details are left out."""
        kept = {name: text for name, text in detail.items() if text}
        self._timeline.append(
            TimelineEntry(at=self.now, event=event, source=source, happened_at=happened_at, detail=kept)
        )

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

    def queue(self, entry: OutboxEntry) -> None:
        """Queue an entry once: one of the same name is kept as it is."""
        self._outbox.setdefault(entry.name, entry)

    def finish(self, entry: OutboxEntry) -> None:
        """An entry is done; what waited only for it is due now."""
        self._end(entry, EntryState.DONE, "")
        for waiting in self._waiting_for(entry):
            self._outbox[waiting.name] = replace(waiting, waits_for="", due_at=self.now)

    def withdraw(self, entry: OutboxEntry, reason: str) -> None:
        """An entry will not be told any more, nor what waits for it."""
        self._end(entry, EntryState.WITHDRAWN, reason)
        for waiting in self._waiting_for(entry):
            self.withdraw(waiting, reason)

    def fail(self, entry: OutboxEntry, reason: str, *, in_doubt: bool = False) -> None:
        """An entry needs a person; only what waits for it is held up. `in_doubt`: it may have taken effect."""
        self._end(replace(entry, in_doubt=entry.in_doubt or in_doubt), EntryState.FAILED, reason)

    def replay(self, entry: OutboxEntry) -> None:
        """A failed entry is due again."""
        self._outbox[entry.name] = replace(
            entry, state=EntryState.WAITING, due_at=self.now, claimed_until=None, attempts=0, reason=""
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
        )

    def _waiting_for(self, entry: OutboxEntry) -> list[OutboxEntry]:
        """What no run has tried yet: a wait with a limit may have ended, and then the attempt has its own fate."""
        return [other for other in self._outbox.values() if other.waits_for == entry.name and other.is_untold]

    def change(self) -> Change | None:
        """The decision, or None when nothing changed."""
        before_outbox = {entry.name: entry for entry in self._before.outbox}
        before_parcels = {parcel.id: parcel for parcel in self._before.parcels}
        change = Change(
            order=self.order,
            timeline=tuple(self._timeline),
            outbox=tuple(entry for name, entry in self._outbox.items() if before_outbox.get(name) != entry),
            parcels=tuple(parcel for parcel in self._parcels.values() if before_parcels.get(parcel.id) != parcel),
        )
        unchanged = change == Change(order=self._before.order) and self._before.order.version > 0
        return None if unchanged else change
