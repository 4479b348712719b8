"""One order as everybody has it: TikTok, the ledger, ChannelAdvisor, the OMS."""

from datetime import datetime, timedelta
from typing import Any, Final

from local.simulators.oms.records import Order as OmsOrder
from local.simulators.tiktok_shop.orders import Order as TikTokOrder
from local.simulators.tiktok_shop.orders import Status
from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.orders import Source
from order_sync.domain.outbox import OutboxEntry
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import TimelineEntry
from tests.simulation.days import Day
from tests.simulation.placed_orders import PlacedOrder, TrueParcel
from tests.world import CYCLE

HOLD: Final = timedelta(hours=1)


class Told:
    """One order as everybody has it."""

    def __init__(self, day: Day, order: PlacedOrder, record: OrderRecord) -> None:
        self.day = day
        self.order = order
        self.record = record
        self.there: TikTokOrder = day.world.tiktok._state.order(order.id)
        self.created: list[dict[str, Any]] = day.world.channeladvisor.books.orders_of_tiktok(order.id)
        self.taken: OmsOrder | None = _in_oms(day, order)
        self.timeline: list[TimelineEntry] = day.world.ledger.timeline(order.shop.id, order.id)
        self.settings = day.world.shops.settings(order.shop.id)
        self.canceled = self.there.status is Status.CANCELLED
        self.canceled_lines = frozenset(line.id for line in self.there.lines if line.is_cancelled)
        self.crossing = [parcel for parcel in order.parcels if self._crosses(parcel)]
        self.crossed = bool(self.crossing) or self._kept_canceled_by_hand()
        """Whether something left although it was cancelled, or is cancelled on one side only: books cannot agree."""
        self.ours = self.there.shipping_type == "SELLER" and self.there.fulfillment_type == "FULFILLMENT_BY_SELLER"

    @property
    def asked(self) -> list[tuple[datetime, datetime]]:
        """From when until when the buyer's requests to cancel it were open."""
        requests = {each.id: each for each in self.day.world.tiktok.cancellations_of(self.order.id)}
        ends = self.day.world.tiktok.books.request_ends
        return [(requests[end.cancel_id].created_at, end.at) for end in ends if end.cancel_id in requests]

    @property
    def contested(self) -> bool:
        """Whether the partners' books cannot agree on the parcels."""
        return bool(self.order.contested) or self.crossed

    def _crosses(self, parcel: TrueParcel) -> bool:
        skus = {line.seller_sku for line in self.there.lines if line.is_cancelled}
        return not self.canceled_lines.isdisjoint(parcel.lines) if parcel.lines else not skus.isdisjoint(parcel.units)

    def _kept_canceled_by_hand(self) -> bool:
        """ChannelAdvisor has units cancelled by hand that TikTok did not let go: people were told so."""
        refused = SellerCancelState.REFUSED
        wishes = self.record.seller_cancellations
        return any(wish.source is Source.CHANNELADVISOR and wish.state is refused for wish in wishes)

    @property
    def may_leave_at(self) -> datetime | None:
        """When the hold is over."""
        if not self.ours or self.order.kind == "old" or self.there.status is Status.UNPAID:
            return None
        start = self.there.paid_at or (self.there.created_at if self.there.is_cod else None)
        if start is None:
            return None
        end = max(start + HOLD, self.there.release_date or start)
        return end.replace(microsecond=0) + self.settings.extra_hold

    @property
    def by_hand_first(self) -> bool:
        """Whether the first to ship was Seller Center, perhaps before the hand-over."""
        return any(parcel.source == "seller center" for parcel in self.order.parcels)

    @property
    def on_its_way(self) -> bool:
        """Whether something was queued so late that no run has come by since, as for a pre-order at the very end."""
        return any(self.is_fresh(entry) for entry in self.record.outbox)

    def is_fresh(self, entry: OutboxEntry) -> bool:
        """Whether an entry has become due since the last cycle and nobody has tried it."""
        return entry.attempts == 0 and entry.due_at is not None and entry.due_at > self.day.world.time - 2 * CYCLE

    def open_entries(self) -> list[OutboxEntry]:
        """What is still to be told, though there was time."""
        return [entry for entry in self.record.outbox if not entry.has_ended and not self.is_fresh(entry)]


def _in_oms(day: Day, order: PlacedOrder) -> OmsOrder | None:
    try:
        return day.world.oms.books.order(order.id)
    except KeyError:
        return None
