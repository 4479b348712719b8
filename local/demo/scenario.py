"""What happens on the trading day: buyers, a warehouse, carriers, and a few answers that get lost on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from local.demo.clock import now, real
from local.demo.partners import PROFILES, Partners
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Status

TEE: Final = LineSpec("TEE-BLU-M", "20.00", 1, seller_discount="1.00", platform_discount="1.50")
TWO_TEES: Final = LineSpec("TEE-BLU-M", "20.00", 2, seller_discount="1.00", platform_discount="1.50")
MUG: Final = LineSpec("MUG-RED", "12.50")
STICKER: Final = LineSpec("STICKER", "2.00", is_gift=True)
LAMP: Final = LineSpec("LAMP-OAK", "79.90", name="Lampe d'été")

COLLECTED_AFTER: Final = timedelta(minutes=30)
DELIVERED_AFTER: Final = timedelta(minutes=45)


type PlannedOrder = tuple[float, str, list[LineSpec], dict[str, Any]]
"""Minutes after opening, region, basket, and what is special about it."""

_US_SHIPPING: Final[dict[str, Any]] = {"shipping_fee": "5.00", "shipping_platform_discount": "2.00"}

A_WHOLE_DAY: Final[Sequence[PlannedOrder]] = (
    (0, "US", [TEE], _US_SHIPPING),
    (2, "GB", [MUG], {"shipping_fee": "3.49"}),
    (5, "US", [TWO_TEES, MUG], {"note": "three units, two SKUs", **_US_SHIPPING}),
    (8, "GB", [LAMP], {}),
    (12, "US", [MUG], {"note": "a category without cool-down: held by us", "hold": False}),
    (15, "US", [TEE], {"note": "the buyer cancels in the cool-down", "travels": False, "cancel_at": 50}),
    (18, "GB", [TWO_TEES], {"note": "cash on delivery", "cod": True}),
    (22, "US", [LAMP, STICKER], {"note": "with a gift", **_US_SHIPPING}),
    (26, "GB", [MUG, TEE], {}),
    (30, "US", [TEE], {"note": "a sample: no money", "sample": True}),
    (34, "GB", [TEE], {"note": "fulfilled by TikTok", "travels": False, "fulfilled_by_tiktok": True}),
    (38, "US", [MUG], {}),
    (42, "US", [TWO_TEES], _US_SHIPPING),
    (46, "GB", [LAMP, MUG], {"shipping_fee": "3.49"}),
    (52, "US", [TEE, MUG], {}),
    (58, "GB", [TEE], {}),
    (64, "US", [LAMP], _US_SHIPPING),
    (72, "US", [MUG], {}),
    (80, "GB", [TWO_TEES, MUG], {"shipping_fee": "3.49"}),
    (90, "US", [TEE], {}),
)

ONE_ORDER_WITHOUT_COOL_DOWN: Final[Sequence[PlannedOrder]] = ((0, "US", [MUG], {"hold": False}),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order of the day, and whether it should reach ChannelAdvisor and the OMS."""

    id: str
    region: str
    note: str = ""
    travels: bool = True


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
    _plans: list[_Plan] = field(default_factory=list)

    def __post_init__(self) -> None:
        for minutes, region, lines, options in self.planned:
            self._at(minutes, partial(self._place, region, lines, **options))
        # The answer is lost after the effect: the order is there, and only a look can tell.
        self._at(
            0, lambda: self.partners.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST", after=1)
        )
        self._at(0, lambda: self.partners.oms.faults.add(Fault.LOST_AFTER, "/orders/", method="PUT", after=2))
        self._at(0, lambda: self.partners.tiktok.faults.add(Fault.LOST_AFTER, "/packages", method="POST", after=1))
        self._at(0, lambda: self.partners.tiktok.faults.add(Fault.RATE_LIMITED, "/orders/search", retry_after=1))

    @property
    def expected(self) -> int:
        """How many parcels the day will see: one for each order that travels."""
        return sum(options.get("travels", True) for _, _, _, options in self.planned)

    @property
    def finished(self) -> bool:
        """Whether all has happened and every parcel of the day is at TikTok Shop and in ChannelAdvisor."""
        return not self._plans and all(self.has_arrived(order) for order in self.orders if order.travels)

    def play(self, elapsed: timedelta) -> None:
        """Let happen what is due by this trading time; carriers collect and deliver."""
        due = [plan for plan in self._plans if plan.at <= elapsed]
        self._plans = [plan for plan in self._plans if plan.at > elapsed]
        for plan in due:
            plan.happen()
        self._carry()

    def _at(self, minutes: float, happen: Callable[[], object]) -> None:
        self._plans.append(_Plan(timedelta(minutes=minutes), happen))

    def _place(
        self,
        region: str,
        lines: list[LineSpec],
        *,
        note: str = "",
        travels: bool = True,
        cancel_at: float = 0,
        **options: Any,
    ) -> None:
        order = self.partners.tiktok.place_order(self.partners.shops[region], lines, **options)
        self.orders.append(Placed(id=order, region=region, note=note, travels=travels))
        if cancel_at:
            self._at(cancel_at, partial(self.partners.tiktok.cancel_as_buyer, order))

    def has_arrived(self, order: Placed) -> bool:
        """Whether an order's parcel is at TikTok Shop and in ChannelAdvisor."""
        shipped = self.partners.tiktok.status(order.id) not in (Status.AWAITING_SHIPMENT, Status.ON_HOLD)
        there = self.partners.channeladvisor.books.orders_of_tiktok(order.id)
        return shipped and bool(there) and there[0]["ShippingStatus"] == "Shipped"

    def _carry(self) -> None:
        for shipment in list(self.partners.tiktok.books.shipments):
            age = now() - shipment.at
            status = self.partners.tiktok.status(shipment.order_id)
            if status is Status.AWAITING_COLLECTION and age > real(COLLECTED_AFTER):
                self.partners.tiktok.collect(shipment.order_id)
            elif status is Status.IN_TRANSIT and age > real(COLLECTED_AFTER + DELIVERED_AFTER):
                self.partners.tiktok.deliver(shipment.order_id)


def bring_natively(partners: Partners, order: Placed) -> None:
    """Sabotage: ChannelAdvisor's own TikTok link imports an order that is there already."""
    partners.channeladvisor.bring_native_tiktok_order(PROFILES[order.region], order.id)
