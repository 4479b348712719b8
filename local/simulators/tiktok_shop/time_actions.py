"""Time limits and times in scenarios and tests: what TikTok grants, and what really happened (not over HTTP)."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from local.simulators.tiktok_shop.cancellations import Cancellation, change
from local.simulators.tiktok_shop.deadlines import DayCounts
from local.simulators.tiktok_shop.delivery_actions import DeliveryActions
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Order, OrderType, Package
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.time_limits import set_limits
from local.simulators.tiktok_shop.times import OrderTimes, times_of


class TimeActions(DeliveryActions):
    """Every method takes effect at once."""

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """No request is answered between the actions of the block.

        An order of the past belongs into one, with all that happened to it: its time to ship may be over by now, and
        placing the next order is enough for TikTok to notice.
        """
        with self._state.lock:
            yield

    def set_day_counts(self, shop: Shop, counts: DayCounts, types: Collection[OrderType] = (OrderType.NORMAL,)) -> None:
        """TikTok's figures for orders of these types that the shop gets from now on."""
        with self._state.lock:
            shop.day_counts |= dict.fromkeys(types, counts)

    def change_limits(self, order_id: str, counts: DayCounts) -> None:
        """TikTok moves the limits of one order, as in a campaign; what it cancels by them moves too."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            order.day_counts = counts
            if order.deadlines is not None:
                set_limits(self._state, order)
            touch(order, now)

    def correct_collection_time(self, order_id: str, at: datetime) -> None:
        """TikTok corrects afterwards when the carrier collected the order: update_time moves."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if order.collected_at is None or not order.created_at <= at <= now:
                raise IllegalStepError(f"order {order_id} in {order.status} was not collected at {at}")
            for package in order.packages:
                package.collected_at = at
            order.collected_at = at
            touch(order, now)

    def times(self, order_id: str) -> OrderTimes:
        """What has happened to an order by now, and when."""
        with self._state.lock:
            self._state.now()
            return times_of(self._state.order(order_id))

    def times_of_orders(self, shop: Shop) -> list[OrderTimes]:
        """The same of all orders of a shop, in the order of placing."""
        with self._state.lock:
            self._state.now()
            return [times_of(order) for order in self._state.orders_of(shop)]

    def _learn(
        self,
        order: Order,
        at: datetime | None,
        *,
        packages: Collection[Package] = (),
        cancellation: Cancellation | None = None,
    ) -> None:
        """What happened in the past becomes known now: the update times move to now, and not to then."""
        if at is None:
            return
        now = self._state.clock()
        touch(order, now)
        for package in packages:
            package.updated_at = now
        if cancellation is not None:
            change(cancellation, cancellation.status, now)
