"""What an order must be after what was seen and reported of it: a model in plain words, to compare the rules with.

It shares no rule with the product: its tables stand here, written from the guide (G2, TT 2.8) and not taken over.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.facts import LineFacts, OrderFacts

HOLD: Final = timedelta(hours=1)
SLOT: Final = timedelta(minutes=5)
STARTED: Final = datetime.fromisoformat("2026-05-31T12:00:00Z")
MEANS: Final = {
    "UNPAID": "PENDING",
    "ON_HOLD": "PENDING",
    "AWAITING_SHIPMENT": "RELEASED_FOR_SHIPMENT",
    "PARTIALLY_SHIPPING": "PARTIALLY_SHIPPED",
    "AWAITING_COLLECTION": "SHIPPED",
    "IN_TRANSIT": "SHIPPED",
    "DELIVERED": "SHIPPED",
    "COMPLETED": "SHIPPED",
    "CANCELLED": "CANCELED",
}
STEPS: Final = {
    "PENDING": {"RELEASED_FOR_SHIPMENT", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELED"},
    "RELEASED_FOR_SHIPMENT": {"ACKNOWLEDGED_BY_SELLER", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELED"},
    "ACKNOWLEDGED_BY_SELLER": {"PARTIALLY_SHIPPED", "SHIPPED", "CANCELED"},
    "PARTIALLY_SHIPPED": {"SHIPPED", "CANCELED"},
    "SHIPPED": {"CANCELED"},
    "CANCELED": set[str](),
}
LINE_STATES: Final = ["OPEN", "IN_PARCEL", "SHIPPED", "CANCELED"]
ONLY_ONCE: Final = {"SEEN", "HELD", "HELD_LONGER_THAN_EXPECTED", "RELEASED", "CANCELED"}


@dataclass(kw_only=True)
class OrderModel:
    """One order as it must stand. States are plain words; `given` says how far each partner's copy has come."""

    extra_hold: timedelta
    partners: Collection[str]
    page: OrderFacts | None = None
    state: str = "PENDING"
    handling: str = "OURS"
    lines: dict[str, str] = field(default_factory=dict)
    paid_at: datetime | None = None
    hold_ends_at: datetime | None = None
    look_at: datetime | None = None
    given: dict[str, str] = field(default_factory=dict)
    parcels: dict[str, set[str]] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)

    # --- TikTok Shop shows a page

    def is_news(self, page: OrderFacts, now: datetime) -> bool:
        """Whether a page says anything: not an older one, nor the same one before the hold is due."""
        if self.page is None:
            return True
        if page.updated_at < self.page.updated_at:
            return False
        return page != self.page or (self.look_at is not None and self.look_at <= now)

    def see(self, page: OrderFacts, now: datetime) -> None:
        """TikTok Shop shows this page."""
        if not self.is_news(page, now):
            return
        ours = page.fulfillment_type == "FULFILLMENT_BY_SELLER" and page.shipping_type == "SELLER"
        if self.page is None:
            self.events["SEEN"] += 1
            if not ours:
                self.handling = "THIRD_PARTY"
            elif page.created_at < STARTED or MEANS.get(page.status_text) in ("PARTIALLY_SHIPPED", "SHIPPED"):
                self.handling = "WATCHED"
        elif not ours:
            self.is_not_ours_after_all("THIRD_PARTY")
        self.page = page
        self.paid_at = page.paid_at or self.paid_at
        for line in page.lines:
            self.lines.setdefault(line.id, "OPEN")
            if line.canceled:
                self.lines[line.id] = "CANCELED"
        self.see_packages(page)
        if page.status_text == "CANCELLED" or set(self.lines.values()) == {"CANCELED"}:
            self.cancel()
        elif self.state == "PENDING":
            self.hold_or_release(page, now)

    def see_packages(self, page: OrderFacts) -> None:
        """Lines that TikTok Shop shows as shipped, in parcels of ours or in others."""
        left = MEANS.get(page.status_text) == "SHIPPED"
        shipped = [line for line in page.lines if not line.canceled and (line.shipped or left)]
        if not shipped:
            return
        by_hand = [line for line in shipped if not self.is_in_known_package(line, shipped)]
        self.advance([line.id for line in shipped], "SHIPPED")
        if by_hand and not self.is_not_ours_after_all("WATCHED") and self.handling == "OURS":
            self.oms_gets_nothing_that_has_left()
        for line in by_hand:
            if line.tracking_number:
                self.parcels.setdefault(line.tracking_number, set()).add(line.id)
        self.follow_lines()
        if self.derived() in ("SHIPPED", "PARTIALLY_SHIPPED"):
            self.look_at = None

    def is_in_known_package(self, line: LineFacts, shipped: list[LineFacts]) -> bool:
        """Whether a line's package is a parcel that we know; one without a number, by all that it holds."""
        if line.tracking_number:
            return line.tracking_number in self.parcels
        together = {each.id for each in shipped if not each.tracking_number}
        return together <= set[str]().union(*self.parcels.values())

    def oms_gets_nothing_that_has_left(self) -> None:
        if self.derived() == "SHIPPED" and self.given.get("OMS") == "QUEUED":
            self.given["OMS"] = "WITHDRAWN"

    def is_not_ours_after_all(self, handling: str) -> bool:
        """The order turns out not to be ours to push: only as long as nobody has it."""
        if self.handling != "OURS" or {"SENDING", "DONE"} & set(self.given.values()):
            return False
        self.handling = handling
        self.withdraw_hand_over()
        return True

    def hold_or_release(self, page: OrderFacts, now: datetime) -> None:
        """The hold runs from payment; a release takes TikTok's word and the end of the hold."""
        if self.handling == "THIRD_PARTY":
            self.look_at = None
            return
        if self.paid_at is None and page.status_text == "UNPAID":
            self.hold_ends_at = None
        else:
            hold = (self.paid_at or page.created_at) + HOLD
            self.hold_ends_at = max(hold, page.release_at or hold) + self.extra_hold
        means = MEANS.get(page.status_text)
        over = self.hold_ends_at is not None and self.hold_ends_at <= now
        if means == "RELEASED_FOR_SHIPMENT" and over:
            self.move("RELEASED_FOR_SHIPMENT")
            self.events["RELEASED"] += 1
            self.look_at = None
            if self.handling == "OURS":
                self.given = dict.fromkeys(self.partners, "QUEUED")
        elif means in ("PENDING", "RELEASED_FOR_SHIPMENT"):
            if self.look_at is None:
                self.events["HELD"] += 1
            self.look_at = slot_after(self.hold_ends_at or now + HOLD, now)
            if self.hold_ends_at is not None and now >= self.hold_ends_at + HOLD:
                self.events["HELD_LONGER_THAN_EXPECTED"] = 1

    def cancel(self) -> None:
        """The whole order is cancelled."""
        if self.state == "CANCELED":
            return
        self.move("CANCELED")
        self.events["CANCELED"] += 1
        self.lines = dict.fromkeys(self.lines, "CANCELED")
        self.look_at = None
        self.withdraw_hand_over()

    def withdraw_hand_over(self) -> None:
        """Who was not given the order yet will not be."""
        for partner, how in self.given.items():
            if how == "QUEUED":
                self.given[partner] = "WITHDRAWN"

    # --- partners

    def is_taken_by(self, partner: str) -> None:
        """A partner has the order now."""
        self.given[partner] = "DONE"
        if partner == "OMS" and self.state == "RELEASED_FOR_SHIPMENT":
            self.move("ACKNOWLEDGED_BY_SELLER")

    def parcel_is_reported(self, number: str, lines: Collection[str]) -> bool:
        """The OMS has shipped; False for a parcel that cannot be right, of which nobody is told."""
        states = {self.lines.get(line, "UNKNOWN") for line in lines}
        right = "OPEN" in states and states <= {"OPEN", "CANCELED"}
        if self.handling != "OURS" or self.state == "PENDING" or not right:
            return False
        self.parcels[number] = set(lines)
        self.advance(lines, "IN_PARCEL")
        return True

    def parcel_is_taken(self, number: str) -> None:
        """TikTok Shop has said yes to one of our parcels: that is never undone."""
        self.advance(self.parcels[number], "SHIPPED")
        self.follow_lines()

    # --- what never goes back

    def advance(self, lines: Collection[str], state: str) -> None:
        """Lines go down the list of their states, and never up."""
        for line in lines:
            if LINE_STATES.index(self.lines[line]) < LINE_STATES.index(state):
                self.lines[line] = state

    def derived(self) -> str | None:
        """What the lines say about their order."""
        living = [state for state in self.lines.values() if state != "CANCELED"]
        if not living:
            return "CANCELED"
        if "SHIPPED" not in living:
            return None
        return "SHIPPED" if set(living) == {"SHIPPED"} else "PARTIALLY_SHIPPED"

    def follow_lines(self) -> None:
        """The order follows its lines, where that is a step forward."""
        wanted = self.derived()
        if wanted is not None and wanted in STEPS[self.state] and wanted != "CANCELED":
            self.state = wanted

    def move(self, state: str) -> None:
        """A step that must be possible."""
        assert state in STEPS[self.state], (self.state, state)
        self.state = state


def slot_after(moment: datetime, now: datetime) -> datetime:
    """The first slot not before a moment, and after now."""
    slot = moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)
    while slot < moment or slot <= now:
        slot += SLOT
    return slot
