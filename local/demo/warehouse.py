"""The seller's warehouse: with whom it ships an order, in which parcels, and what it gets wrong."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final, NamedTuple

from local.demo.clock import now, real
from local.demo.parcel_notes import ParcelNotes
from local.demo.parcels import is_known_everywhere
from local.demo.partners import Partners
from local.demo.stories import Packing, Story
from local.simulators.oms.records import Order
from local.tracking_numbers import royal_mail, ups, usps

MISSPELT: Final = "U.P.S. Grnd"
MEANT: Final = {MISSPELT: "ups"}
"""What people find out when they ask the warehouse: an accepted code."""
REST_SHIPS_AFTER: Final = timedelta(hours=1)
MENDS_AFTER: Final = timedelta(minutes=25)
"""How long after a parcel was stopped somebody has found the right number."""


class Label(NamedTuple):
    """Carrier and class in the warehouse's own words, which the shop's mappings translate."""

    carrier: str
    shipping_class: str
    number: str


class _Rest(NamedTuple):
    """What is left of an order whose first parcel is on its way."""

    order: Order
    ships_at: datetime


class Warehouse:
    """Plans parcels when the OMS takes an order; `work` does what cannot be planned then."""

    def __init__(self, partners: Partners, notes: ParcelNotes, clock: Callable[[], datetime] = now) -> None:
        self._partners = partners
        self._notes = notes
        self._now = clock
        self._numbers = count(1)
        self._random = Random(7)
        self._waiting: list[Order] = []
        """For another order of the same recipient."""
        self._rests: list[_Rest] = []
        self._right: dict[str, tuple[str, str]] = {}
        """By order: the shipment that got a mistyped number, and the right one."""

    def take(self, order: Order, story: Story) -> None:
        """Plan the parcels of an order."""
        after = story.ships_after
        if after is None:
            return
        match story.packing:
            case Packing.WHOLE:
                self._ship(order, self._label(order), after=after)
            case Packing.IN_PARTS:
                self._ship(order, self._label(order), after=after, lines=[order.lines[0].id])
                self._rests.append(_Rest(order, self._now() + real(after + REST_SHIPS_AFTER)))
            case Packing.TOGETHER:
                self._pack_together(order, after)
            case Packing.MISSPELT_CARRIER:
                self._ship(order, Label(MISSPELT, "Ground", ups(next(self._numbers))), after=after)
            case Packing.MISTYPED_NUMBER:
                label = self._label(order)
                shipment = self._ship(order, label._replace(number=mistyped(label.number)), after=after)
                self._right[order.tiktok_order_id] = shipment, label.number

    def work(self) -> None:
        """Ship what was left, and mend what was stopped."""
        for rest in tuple(self._rests):
            # Not before everyone knows of the first parcel, for which an hour is not enough on a slow machine.
            if rest.ships_at <= self._now() and is_known_everywhere(self._partners, rest.order.tiktok_order_id):
                self._rests.remove(rest)
                self._ship(rest.order, self._label(rest.order))
        for order, stopped in tuple(self._notes.stopped.items()):
            if order in self._right and stopped.seen_at + real(MENDS_AFTER) <= self._now():
                self._partners.oms.correct_shipment(*self._right.pop(order))
                stopped.mended_at = self._now()

    def _pack_together(self, order: Order, after: timedelta) -> None:
        other = next((each for each in self._waiting if each.recipient == order.recipient), None)
        if other is None:
            self._waiting.append(order)
            return
        self._waiting.remove(other)
        label = self._label(order)
        for each in (other, order):
            self._ship(each, label, after=after)

    def _ship(
        self, order: Order, label: Label, *, after: timedelta = timedelta(0), lines: Sequence[str] | None = None
    ) -> str:
        return self._partners.oms.ship(order.tiktok_order_id, *label, lines=lines, after=real(after))

    def _label(self, order: Order) -> Label:
        number = next(self._numbers)
        if order.body["currency"] == "GBP":
            return Label("RM Tracked", "Tracked 24", royal_mail(number))
        if self._random.random() < 0.5:
            return Label("USPS Ground Advantage", "Ground Advantage", usps(number))
        return Label("UPS Ground", "Ground", ups(number))


def mistyped(number: str) -> str:
    """The same with another last digit, by which its carrier checks it."""
    place = max(place for place, sign in enumerate(number) if sign.isdigit())
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"
