"""What happens on the trading day: buyers, a warehouse, carriers, and a few answers that get lost on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from local.demo.clock import now, real
from local.demo.partners import PROFILES, Partners
from local.demo.stories import (
    ANSWERS_AFTER,
    APPROVED,
    ASKS_AFTER,
    CANCELLED_BY_PLATFORM,
    CANCELLED_BY_SELLER,
    ORDINARY,
    REJECTED,
    REJECTED_BY_PARCEL,
    UNANSWERED,
    Placed,
    Story,
    answers_of,
)
from local.demo.warehouse import Warehouse
from local.simulators.faults import Fault
from local.simulators.oms.records import Order as OmsOrder
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Status

TEE: Final = LineSpec("TEE-BLU-M", "20.00", 1, seller_discount="1.00", platform_discount="1.50")
TWO_TEES: Final = LineSpec("TEE-BLU-M", "20.00", 2, seller_discount="1.00", platform_discount="1.50")
MUG: Final = LineSpec("MUG-RED", "12.50")
STICKER: Final = LineSpec("STICKER", "2.00", is_gift=True)
LAMP: Final = LineSpec("LAMP-OAK", "79.90", name="Lampe d'été")

COLLECTED_AFTER: Final = timedelta(minutes=30)
DELIVERED_AFTER: Final = timedelta(minutes=45)
CHANNELADVISOR_GOES_DOWN: Final = 150
CHANNELADVISOR_IS_BACK: Final = 210
"""Minutes after opening."""

type PlannedOrder = tuple[float, str, list[LineSpec], dict[str, Any]]
"""Minutes after opening, region, basket, and what is special about it."""

_US_SHIPPING: Final[dict[str, Any]] = {"shipping_fee": "5.00", "shipping_platform_discount": "2.00"}

A_WHOLE_DAY: Final[Sequence[PlannedOrder]] = (
    (0, "US", [TEE], _US_SHIPPING),
    (2, "GB", [MUG], {"shipping_fee": "3.49"}),
    (3, "US", [LAMP], {"story": UNANSWERED, **_US_SHIPPING}),
    (4, "US", [TEE, MUG], {"story": APPROVED, **_US_SHIPPING}),
    (5, "US", [TWO_TEES, MUG], {"note": "answers about it get lost", "answers_get_lost": True, **_US_SHIPPING}),
    (6, "GB", [LAMP], {"story": REJECTED}),
    (7, "US", [MUG], {"story": CANCELLED_BY_PLATFORM}),
    (8, "GB", [LAMP], {"story": CANCELLED_BY_SELLER}),
    (10, "US", [TEE], {"story": REJECTED_BY_PARCEL}),
    (12, "US", [MUG], {"note": "no cool-down: held by us", "hold": False}),
    (15, "US", [TEE], {"note": "cancelled in the cool-down", "travels": False, "cancel_at": 50}),
    (18, "GB", [TWO_TEES], {"note": "cash on delivery", "cod": True}),
    (22, "US", [LAMP, STICKER], {"note": "with a gift", **_US_SHIPPING}),
    (26, "GB", [MUG, TEE], {}),
    (30, "US", [TEE], {"note": "a sample: no money", "sample": True}),
    (34, "GB", [TEE], {"note": "fulfilled by TikTok", "travels": False, "fulfilled_by_tiktok": True}),
    (42, "US", [TWO_TEES], _US_SHIPPING),
    (46, "GB", [LAMP, MUG], {"shipping_fee": "3.49"}),
    (58, "GB", [TEE], {}),
    (64, "US", [LAMP], _US_SHIPPING),
    (80, "GB", [TWO_TEES, MUG], {"shipping_fee": "3.49"}),
    (90, "US", [TEE], {}),
)

WITHOUT_COOL_DOWN: Final[Sequence[PlannedOrder]] = tuple(
    (minutes, "US", [MUG], {"hold": False}) for minutes in (40, 70, 100, 130)
)
"""A short day. On a busy machine an order may be held up by as much as a cool-down takes, but not each of these."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Something that happens at a trading time."""

    at: timedelta
    happen: Callable[[], object]


@dataclass(slots=True)
class TradingDay:
    """Plays the day. `orders` grows as buyers order."""

    partners: Partners
    planned: Sequence[PlannedOrder] = A_WHOLE_DAY
    orders: list[Placed] = field(default_factory=list)
    channeladvisor_is_down: bool = False
    _elapsed: timedelta = timedelta(0)
    _taken: set[str] = field(default_factory=set)
    _warehouse: Warehouse = field(default_factory=Warehouse)
    _plans: list[_Plan] = field(default_factory=list)

    def __post_init__(self) -> None:
        for minutes, region, lines, options in self.planned:
            self._at(minutes, partial(self._place, region, lines, **options))
        # The answer is lost after the effect: the order is there, and only a look can tell.
        self._at(
            0, lambda: self.partners.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST", after=1)
        )
        self._at(0, lambda: self.partners.tiktok.faults.add(Fault.RATE_LIMITED, "/orders/search", retry_after=1))
        self.partners.oms.decide_automatically(answers_of(self._story), after=real(ANSWERS_AFTER))
        if self.is_whole:
            self._at(CHANNELADVISOR_GOES_DOWN, self._take_channeladvisor_down)
            self._at(CHANNELADVISOR_IS_BACK, self._bring_channeladvisor_back)

    @property
    def is_whole(self) -> bool:
        """Whether all of a day happens, with the outage."""
        return self.planned is A_WHOLE_DAY

    @property
    def expected(self) -> int:
        """How many parcels the day will see."""
        return sum(
            options.get("travels", True) and options.get("story", ORDINARY).parcel_leaves
            for _, _, _, options in self.planned
        )

    @property
    def finished(self) -> bool:
        """Whether all has happened, every order has come to its end on all sides, and the OMS knows it."""
        return (
            not self._plans
            and all(self.is_over(order) for order in self.orders)
            and not self.partners.oms.books.unsettled()
        )

    def play(self, elapsed: timedelta) -> None:
        """Let happen what is due by this trading time; the warehouse ships, carriers collect and deliver."""
        self._elapsed = elapsed
        due = [plan for plan in self._plans if plan.at <= elapsed]
        self._plans = [plan for plan in self._plans if plan.at > elapsed]
        for plan in due:
            plan.happen()
        for taken in self.partners.oms.books.orders():
            if taken.tiktok_order_id not in self._taken:
                self._taken.add(taken.tiktok_order_id)
                self._go_on(taken)
        self._carry()

    def has_arrived(self, order: Placed) -> bool:
        """Whether an order's parcel is at TikTok Shop and in ChannelAdvisor."""
        at_tiktok = self.partners.tiktok.books.shipments_of(order.id)
        return bool(at_tiktok) and self.status_in_channeladvisor(order) == "Shipped"

    def is_over(self, order: Placed) -> bool:
        """Whether nothing more is to come for an order, but for its way to the buyer."""
        if not order.travels:
            return True
        requests = self.partners.tiktok.cancellations_of(order.id)
        if order.story.asks and not any(request.outcome for request in requests):
            return False
        is_cancelled = self.partners.tiktok.status(order.id) is Status.CANCELLED
        if order.is_stopped:
            return (
                is_cancelled
                and self.status_in_channeladvisor(order) == "Canceled"
                and self.partners.oms.books.order(order.id).state == "cancelled"
            )
        called_back = is_cancelled and order.id in self.partners.oms.books.recoveries()
        return self.has_arrived(order) and (order.stays_shipped or called_back)

    def status_in_channeladvisor(self, order: Placed) -> str:
        """Its ShippingStatus there; empty while it is not there."""
        there = self.partners.channeladvisor.books.orders_of_tiktok(order.id)
        return str(there[0]["ShippingStatus"]) if there else ""

    def _at(self, minutes: float, happen: Callable[[], object]) -> None:
        self._plans.append(_Plan(timedelta(minutes=minutes), happen))

    def _place(
        self,
        region: str,
        lines: list[LineSpec],
        *,
        note: str = "",
        travels: bool = True,
        story: Story = ORDINARY,
        cancel_at: float = 0,
        answers_get_lost: bool = False,
        **options: Any,
    ) -> None:
        order = self.partners.tiktok.place_order(self.partners.shops[region], lines, **options)
        self.orders.append(Placed(id=order, region=region, note=note or story.note, travels=travels, story=story))
        if answers_get_lost:
            self.partners.oms.faults.add(Fault.LOST_AFTER, f"/orders/{order}", method="PUT")
            self.partners.tiktok.faults.add(Fault.LOST_AFTER, f"/orders/{order}/packages", method="POST")
        if cancel_at:
            self._at(cancel_at, partial(self.partners.tiktok.cancel_as_buyer, order))

    def _story(self, order: str) -> Story:
        return next(placed.story for placed in self.orders if placed.id == order)

    def _go_on(self, taken: OmsOrder) -> None:
        """What follows once the OMS has an order."""
        order, story = taken.tiktok_order_id, self._story(taken.tiktok_order_id)
        if story.ships_after is not None:
            self.partners.oms.ship(order, *self._warehouse.choose(taken.body), after=real(story.ships_after))
        asks_at = self._elapsed + ASKS_AFTER
        if story.asks:
            ask = partial(self.partners.tiktok.request_cancel, order, reason=story.asks)
            self._plans.append(_Plan(asks_at, ask))
        if story.seller_cancels:
            self._plans.append(_Plan(asks_at, partial(self.partners.oms.cancel_order, order)))

    def _take_channeladvisor_down(self) -> None:
        self.channeladvisor_is_down = True
        self.partners.channeladvisor.faults.add(Fault.UNAVAILABLE, times=None)

    def _bring_channeladvisor_back(self) -> None:
        self.partners.channeladvisor.faults.clear()
        self.channeladvisor_is_down = False

    def _carry(self) -> None:
        tiktok = self.partners.tiktok
        for shipment in list(tiktok.books.shipments):
            if shipment.order_id in self.partners.past:
                continue
            order, age = shipment.order_id, now() - shipment.at
            status = tiktok.status(order)
            if status is Status.AWAITING_COLLECTION and age > real(COLLECTED_AFTER):
                tiktok.collect(order)
            elif status is Status.IN_TRANSIT and age > real(COLLECTED_AFTER + DELIVERED_AFTER):
                if self._story(order).platform_cancels:
                    tiktok.cancel_by_platform(order, "Package lost")
                else:
                    tiktok.deliver(order)


def bring_natively(partners: Partners, order: Placed) -> None:
    """Sabotage: ChannelAdvisor's own TikTok link imports an order that is there already."""
    partners.channeladvisor.bring_native_tiktok_order(PROFILES[order.region], order.id)
