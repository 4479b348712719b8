"""What the ledger knows of one order, and a decided change to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from order_sync.domain.cancelling.cancellations import Cancellation, SellerCancellation
from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.tallies import Tally
from order_sync.domain.ids import CancelId, ParcelId, ReturnId
from order_sync.domain.orders import Order
from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.parcels import Parcel
from order_sync.domain.returning.returns import Return, SellerRefund
from order_sync.domain.timeline import TimelineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order with all that belongs to it but its timeline, as it was read together."""

    order: Order
    parcels: tuple[Parcel, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    seller_cancellations: tuple[SellerCancellation, ...] = ()
    returns: tuple[Return, ...] = ()
    seller_refunds: tuple[SellerRefund, ...] = ()
    deadlines: Deadlines | None = None
    """None only until the order is seen at TikTok Shop for the first time."""

    def entry(self, name: str) -> OutboxEntry | None:
        """The outbox entry of that name."""
        return next((entry for entry in self.outbox if entry.name == name), None)

    def parcel(self, parcel: ParcelId) -> Parcel | None:
        """The parcel of that id."""
        return next((known for known in self.parcels if known.id == parcel), None)

    def cancellation(self, cancellation: CancelId) -> Cancellation | None:
        """TikTok's cancellation of that id."""
        return next((known for known in self.cancellations if known.id == cancellation), None)

    def seller_cancellation(self, cancellation: str) -> SellerCancellation | None:
        """The seller's cancellation of that id."""
        return next((known for known in self.seller_cancellations if known.id == cancellation), None)

    def return_of(self, return_id: ReturnId) -> Return | None:
        """The return of that id."""
        return next((known for known in self.returns if known.id == return_id), None)

    def seller_refund(self, refund: str) -> SellerRefund | None:
        """The seller's refund of that id."""
        return next((known for known in self.seller_refunds if known.id == refund), None)

    @property
    def dispatch_by(self) -> datetime | None:
        """The deadline that the warehouse is given: the earliest of the policy profile's and TikTok Shop's two."""
        figures = [self.order.ship_by, self.order.collect_by, self.deadlines and self.deadlines.figures.dispatch_by]
        return min((moment for moment in figures if moment), default=None)

    @property
    def open_request(self) -> Cancellation | None:
        """The buyer's request that waits for an answer or for its confirmation; TikTok has one at a time."""
        return next((known for known in self.cancellations if known.is_request and known.is_open), None)


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
    cancellations: tuple[Cancellation, ...] = ()
    seller_cancellations: tuple[SellerCancellation, ...] = ()
    returns: tuple[Return, ...] = ()
    seller_refunds: tuple[SellerRefund, ...] = ()
    deadlines: Deadlines | None = None
    """As they are from now on."""
    moves: Mapping[date, Tally] = field(default_factory=dict)
    """How the daily counters of the Late Dispatch Rate move."""
