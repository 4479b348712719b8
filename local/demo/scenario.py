"""What happens on the trading day: buyers, a warehouse, carriers, and a few answers that get lost on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from local.demo.aftersales import RETURNS_ANSWERED_AFTER, verdicts_of
from local.demo.clock import now, real
from local.demo.deadline_news import Message
from local.demo.parcel_notes import ParcelNotes
from local.demo.parcels import is_known_everywhere
from local.demo.partners import PROFILES, Partners
from local.demo.planned_orders import A_WHOLE_DAY, PlannedOrder
from local.demo.returned import booked_refunds, is_settled, refusals
from local.demo.returning import Returning
from local.demo.stories import ANSWERS_AFTER, ASKS_AFTER, ORDINARY, Packing, Placed, Story, answers_of
from local.demo.warehouse import Warehouse
from local.simulators.faults import Fault
from local.simulators.oms.cancel_records import Verdict
from local.simulators.oms.records import Order as OmsOrder
from local.simulators.tiktok_shop.buyers import Buyer
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Status

COLLECTED_AFTER: Final = timedelta(minutes=30)
DELIVERED_AFTER: Final = timedelta(minutes=45)
EXPRESS: Final = 6
"""How many times faster some parcels are."""
CHANNELADVISOR_GOES_DOWN: Final = 150
CHANNELADVISOR_IS_BACK: Final = 210
"""Minutes after opening."""


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
    notes: ParcelNotes = field(default_factory=ParcelNotes)
    """Of those who look after parcels."""
    messages: Sequence[Message] = ()
    """What people have read so far."""
    _elapsed: timedelta = timedelta(0)
    _taken: set[str] = field(default_factory=set)
    _plans: list[_Plan] = field(default_factory=list)
    _buyers: dict[str, Buyer] = field(default_factory=dict)
    """By region: those whose orders share a parcel."""
    _warehouse: Warehouse = field(init=False)
    _returning: Returning = field(init=False)

    def __post_init__(self) -> None:
        self._warehouse = Warehouse(self.partners, self.notes)
        self._returning = Returning(self.partners, self.orders)
        for minutes, region, lines, options in self.planned:
            self._at(minutes, partial(self._place, region, lines, **options))
        # The answer is lost after the effect: the order is there, and only a look can tell.
        self._at(
            0, lambda: self.partners.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST", after=1)
        )
        self._at(0, lambda: self.partners.tiktok.faults.add(Fault.RATE_LIMITED, "/orders/search", retry_after=1))
        self.partners.oms.decide_automatically(answers_of(self._story), after=real(ANSWERS_AFTER))
        self.partners.oms.decide_returns_automatically(
            verdicts_of(self._verdict_about), after=real(RETURNS_ANSWERED_AFTER)
        )
        if self.is_whole:
            self._at(CHANNELADVISOR_GOES_DOWN, self._take_channeladvisor_down)
            self._at(CHANNELADVISOR_IS_BACK, self._bring_channeladvisor_back)

    @property
    def is_whole(self) -> bool:
        """Whether all of a day happens, with the outage."""
        return self.planned is A_WHOLE_DAY

    @property
    def expected(self) -> int:
        """How many orders of the day will ship."""
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
        self._warehouse.work()
        self._returning.work()
        self._carry()

    def has_arrived(self, order: Placed) -> bool:
        """Whether all of an order has left, and everyone knows its parcels."""
        return is_known_everywhere(self.partners, order.id) and self.status_in_channeladvisor(order) == "Shipped"

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
        return self.has_arrived(order) and (order.stays_shipped or called_back) and self._is_given_back(order)

    def _is_given_back(self, order: Placed) -> bool:
        aftersale = order.story.aftersale
        tried = aftersale is not None and aftersale.tried_by_hand
        return is_settled(self.partners, order) and (not tried or bool(refusals(self.messages, order.id)))

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
        shop = self.partners.shops[region]
        if story.packing is Packing.TOGETHER:
            if region not in self._buyers:
                self._buyers[region] = self.partners.tiktok.new_buyer(shop)
            options["buyer"] = self._buyers[region]
        order = self.partners.tiktok.place_order(shop, lines, **options)
        self.orders.append(Placed(id=order, region=region, note=note or story.note, travels=travels, story=story))
        if answers_get_lost:
            self.partners.oms.faults.add(Fault.LOST_AFTER, f"/orders/{order}", method="PUT")
            self.partners.tiktok.faults.add(Fault.LOST_AFTER, f"/orders/{order}/packages", method="POST")
        if cancel_at:
            self._at(cancel_at, partial(self.partners.tiktok.cancel_as_buyer, order))

    def _story(self, order: str) -> Story:
        return self._placed(order).story

    def _placed(self, order: str) -> Placed:
        return next(placed for placed in self.orders if placed.id == order)

    def _verdict_about(self, order: str) -> Verdict | None:
        placed = self._placed(order)
        return placed.story.aftersale.verdict(placed.region) if placed.story.aftersale else None

    def _go_on(self, taken: OmsOrder) -> None:
        """What follows once the OMS has an order."""
        order, story = taken.tiktok_order_id, self._story(taken.tiktok_order_id)
        self._warehouse.take(taken, story)
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
        last = {each.order_id: each.at for each in tuple(tiktok.books.shipments)}
        for order in last.keys() - self.partners.past.keys():
            story = self._story(order)
            age = (now() - last[order]) * (EXPRESS if story.is_express else 1)
            status = tiktok.status(order)
            if status is Status.AWAITING_COLLECTION and age > real(COLLECTED_AFTER):
                tiktok.collect(order)
            elif status is Status.IN_TRANSIT and age > real(COLLECTED_AFTER + DELIVERED_AFTER):
                if story.platform_cancels:
                    tiktok.cancel_by_platform(order, "Package lost")
                else:
                    tiktok.deliver(order)


def bring_natively(partners: Partners, order: Placed) -> None:
    """Sabotage: ChannelAdvisor's own TikTok link imports an order that is there already."""
    partners.channeladvisor.bring_native_tiktok_order(PROFILES[order.region], order.id)


def refund_again(partners: Partners, orders: Sequence[Placed]) -> None:
    """Sabotage: somebody refunds in ChannelAdvisor what was refunded there already."""
    booked = (refund for order in orders for refund in booked_refunds(partners, order.id))
    for again in islice(booked, 1):
        partners.channeladvisor.refund_units_by_hand(again.order_id, again.units)
