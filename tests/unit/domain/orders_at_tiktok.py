"""One order at TikTok Shop: what happens to it there, and every page that ever showed it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.ids import LineId
from tests.builders import NOON, some_facts

PROGRESS: Final = [
    "UNPAID",
    "ON_HOLD",
    "AWAITING_SHIPMENT",
    "PARTIALLY_SHIPPING",
    "AWAITING_COLLECTION",
    "IN_TRANSIT",
    "DELIVERED",
    "COMPLETED",
]
IDS: Final = tuple(LineId(f"57708651212375512{number}") for number in range(3, 6))


class OrderAtTikTok:
    """What TikTok Shop knows; each change is a page of its own, and one of the same second is not newer."""

    def __init__(self, status: str, created_at: datetime, release_at: datetime | None) -> None:
        self.now = NOON
        self.status = status
        self.lines = {line: LineFacts(id=line, sku=f"SKU-{line[-1]}") for line in IDS[:2]}
        self.also: dict[str, Any] = {"created_at": created_at, "release_at": release_at, "recipient": ""}
        self.also["paid_at"] = None if status == "UNPAID" else self.now
        self.pages: list[OrderFacts] = []
        self.show()

    def show(self) -> None:
        """A change that a page shows from now on."""
        page = some_facts(self.status, lines=tuple(self.lines.values()), updated_at=self.now, **self.also)
        self.pages.append(page)

    @property
    def open_lines(self) -> list[LineId]:
        """Lines that are neither cancelled nor shipped."""
        return [line.id for line in self.lines.values() if not line.canceled and not line.shipped]

    def set(self, line: LineId, **changes: Any) -> None:
        self.lines[line] = replace(self.lines[line], **changes)

    def pay(self) -> None:
        """The buyer pays, and the cool-down begins."""
        self.also["paid_at"] = self.now
        self.status = "ON_HOLD"
        self.show()

    def ship(self, lines: list[LineId], number: str) -> None:
        """Lines leave in one package."""
        for line in lines:
            package = f"P-{number}" if number else ""
            self.set(line, shipped=True, tracking_number=number, package_id=package, carrier="USPS")
        self.follow_lines()

    def show_for_once(self, status: str, *, times: bool) -> None:
        """A page that is no step of the order's: another status, or times left out."""
        kept = self.status, self.also
        self.status = status
        self.also = self.also if times else self.also | {"paid_at": None, "collected_at": None, "delivered_at": None}
        self.show()
        self.status, self.also = kept

    def cancel(self, lines: list[LineId], *, says_so: bool) -> None:
        """Single lines are cancelled, and with the last one the order, whether its status `says_so` or not yet."""
        for line in lines:
            self.set(line, canceled=True)
        if says_so or self.open_lines:
            self.follow_lines()
        else:
            self.show()

    def add_line(self) -> None:
        """A line that was not shown before; an order that was shipped is shipped in part only."""
        self.lines.setdefault(IDS[2], LineFacts(id=IDS[2], sku="SKU-5"))
        if self.status == "AWAITING_COLLECTION":
            self.status = "PARTIALLY_SHIPPING"
        self.show()

    def cancel_whole(self, *, flags: bool) -> None:
        """The order is cancelled; TikTok Shop may show that on its lines, or not."""
        self.status = "CANCELLED"
        self.also["canceled_by"] = "BUYER"
        for line in self.lines if flags else ():
            self.set(line, canceled=True)
        self.show()

    def follow_lines(self) -> None:
        """The order's status after something happened to its lines."""
        living = [line for line in self.lines.values() if not line.canceled]
        if not living:
            self.status = "CANCELLED"
        elif self.status != "CANCELLED" and any(line.shipped for line in living):
            status = "AWAITING_COLLECTION" if all(line.shipped for line in living) else "PARTIALLY_SHIPPING"
            self.status = max(self.status, status, key=PROGRESS.index)
        self.show()

    @property
    def can_go_on(self) -> bool:
        """Whether a next step is due that needs no parcel first."""
        last = "AWAITING_SHIPMENT" if self.open_lines else "COMPLETED"
        return self.status in PROGRESS and PROGRESS.index(self.status) < PROGRESS.index(last)

    def go_on(self, steps: int, *, with_time: bool) -> None:
        """The next steps in TikTok's own order; a poll may miss some of them. An order is completed days later."""
        last = PROGRESS.index("AWAITING_SHIPMENT" if self.open_lines else "COMPLETED")
        status = PROGRESS[min(PROGRESS.index(self.status) + steps, last)]
        if status == "COMPLETED":
            self.wait(timedelta(days=2))
        self.go_on_to(status, with_time=with_time)

    def go_on_to(self, status: str, *, with_time: bool) -> None:
        """A status of TikTok's; `with_time` shows when the carrier came, where it came."""
        self.status = status
        self.also["paid_at"] = self.also["paid_at"] or self.now
        if with_time and status in ("IN_TRANSIT", "DELIVERED", "COMPLETED"):
            self.also.setdefault("collected_at", self.now)
        if status in ("DELIVERED", "COMPLETED"):
            self.also.setdefault("delivered_at", self.now)
        self.show()

    def wait(self, time: timedelta) -> None:
        self.now += time
