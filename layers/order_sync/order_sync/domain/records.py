"""What the ledger knows of one order, and a decided change to it."""

from dataclasses import dataclass

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Order, Parcel
from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.timeline import TimelineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order with its parcels and its outbox, as they were read together."""

    order: Order
    parcels: tuple[Parcel, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()

    def entry(self, name: str) -> OutboxEntry | None:
        """The outbox entry of that name."""
        return next((entry for entry in self.outbox if entry.name == name), None)

    def parcel(self, parcel: ParcelId) -> Parcel | None:
        """The parcel of that id."""
        return next((known for known in self.parcels if known.id == parcel), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A decision, to be written as a whole or not at all.

    The head and the entries carry the versions that were read; they are written one higher, and
    only if nobody else wrote them meanwhile.
    """

    order: Order
    timeline: tuple[TimelineEntry, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()
    parcels: tuple[Parcel, ...] = ()
