"""The people who look after parcels: they see what does not go, ask the product why, and add what is missing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from local.demo.clock import now, real
from local.demo.parcel_notes import ParcelNotes, StoppedParcel, UnmappedCarrier
from local.demo.parcels import labels_at_tiktok, shipped
from local.demo.partners import Partners
from local.demo.stories import Placed
from local.demo.warehouse import MEANT
from local.simulators.oms.records import Shipment
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord

LOOKS_EVERY: Final = timedelta(minutes=10)
PATIENCE: Final = timedelta(minutes=20)
"""What left so long ago and is not at TikTok Shop is looked into."""
MAPS_AFTER: Final = timedelta(minutes=35)
"""How long it takes to find out what the warehouse's words mean."""


class Operator(Protocol):
    """What the product lets its operator do."""

    def map_carriers(self, shop: str, **command: Any) -> Mapping[str, Any]:
        """List the parcels that wait for a mapping; with `add`, after adding these rows."""

    def record(self, shop: str, order: str) -> OrderRecord | None:
        """What the ledger has of an order."""


class _Late(NamedTuple):
    """A parcel that should be at TikTok Shop by now."""

    order: Placed
    shipment: Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDesk:
    """Looks now and then. `orders` grows meanwhile, and `notes` are read by others."""

    operator: Operator
    partners: Partners
    orders: Sequence[Placed]
    notes: ParcelNotes
    adds_mappings: bool = True
    now: Callable[[], datetime] = now

    def get_ready(self) -> None:
        """Ask once before the day: a function's first run may take as long as hours of trading on a busy machine."""
        for shop in self.partners.shops.values():
            self.operator.map_carriers(shop.id)

    def look(self) -> None:
        """Ask about what is late and not explained yet, and add the mappings that are known by now."""
        unexplained = {late: reason for late in self._late() if (reason := self._why_not_told(late.order))}
        for region in {late.order.region for late in unexplained}:
            self._note_unmapped(region)
        for late, reason in unexplained.items():
            if not self._is_unmapped(late):
                number = late.shipment.tracking_number
                stopped = StoppedParcel(number=number, reason=reason, seen_at=self.now())
                self.notes.stopped[late.order.id] = stopped
        if self.adds_mappings:
            self._add_mappings()

    def _late(self) -> Iterator[_Late]:
        for order in tuple(self.orders):
            if order.id in self.notes.stopped:
                continue
            at_tiktok = {number for number, _ in labels_at_tiktok(self.partners, order.id)}
            for shipment in shipped(self.partners, order.id):
                late = _Late(order, shipment)
                is_late = self.now() - shipment.shipped_at > real(PATIENCE)
                if is_late and not self._is_unmapped(late) and shipment.tracking_number not in at_tiktok:
                    yield late

    def _is_unmapped(self, late: _Late) -> bool:
        return (late.order.region, late.shipment.carrier) in self.notes.unmapped

    def _why_not_told(self, order: Placed) -> str:
        """Empty while the product still means to tell TikTok Shop."""
        record = self.operator.record(self._shop(order.region), order.id)
        failed = (entry for entry in record.outbox if entry.state is EntryState.FAILED) if record else ()
        telling = (Target.TIKTOK_SHOP, Action.SHIP)
        return next((entry.reason for entry in failed if (entry.target, entry.action) == telling), "")

    def _note_unmapped(self, region: str) -> None:
        for line in self.operator.map_carriers(self._shop(region))["waiting"]:
            if "mapped_to" not in line:
                dispatch_by = line.get("dispatch_by")
                self.notes.unmapped[region, line["carrier"]] = UnmappedCarrier(
                    words=line["carrier"],
                    parcels=line["parcels"],
                    dispatch_by=datetime.fromisoformat(dispatch_by) if dispatch_by else None,
                    seen_at=self.now(),
                )

    def _add_mappings(self) -> None:
        for (region, words), known in self.notes.unmapped.items():
            if known.mapped_at is None and known.seen_at + real(MAPS_AFTER) <= self.now():
                # Before the command: a push may be quicker than its answer.
                mapped_at = self.now()
                self.operator.map_carriers(self._shop(region), add=[{"carrier": words, "code": MEANT[words]}])
                known.code, known.mapped_at = MEANT[words], mapped_at

    def _shop(self, region: str) -> str:
        return self.partners.shops[region].id
