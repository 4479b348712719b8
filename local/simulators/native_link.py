"""Rithum's own TikTok link between the two simulators: it brings orders, and carries news both ways, late or never."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from local.simulators.channeladvisor.creating import CHECKOUT_DIRECT
from local.simulators.channeladvisor.refusals import RefusedError
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.shops import Shop

_NOT_BROUGHT: Final = frozenset({Status.UNPAID, Status.ON_HOLD})


class NativeLink:
    """Call `work` as often as the real link works. Each fact is carried once, when it is `lag` old.

    It tells TikTok Shop units by SKU, the last of an order first: it knows nothing of anybody's choice of lines.
    """

    def __init__(
        self,
        tiktok: TikTokShopSimulator,
        channeladvisor: ChannelAdvisorSimulator,
        *,
        shop: Shop,
        profile: int,
        lag: timedelta = timedelta(minutes=15),
    ) -> None:
        self.lag = lag
        self.brings = self.carries_parcels = self.carries_cancellations = self.carries_refunds = True
        """What it does; all of them false: it is dead."""
        self.refused: list[str] = []
        """What one side did not take of the other's news."""
        self._tiktok = tiktok
        self._channeladvisor = channeladvisor
        self._shop = shop
        self._profile = profile
        self._first_seen: dict[tuple[object, ...], datetime] = {}
        self._tried: set[tuple[object, ...]] = set()

    def die(self) -> None:
        """Nothing is brought or carried any more."""
        self.brings = self.carries_parcels = self.carries_cancellations = self.carries_refunds = False

    def revive(self) -> None:
        """Everything is brought and carried again."""
        self.brings = self.carries_parcels = self.carries_cancellations = self.carries_refunds = True

    def work(self, now: datetime) -> None:
        """Bring and carry what is old enough."""
        for order in self._tiktok.orders_of(self._shop):
            there = self._channeladvisor.books.orders_of_tiktok(order.id)
            brought = self._brought(there)
            if brought is None:
                if not there:
                    self._bring(order, now)
                continue
            for is_on, carry in (
                (self.carries_parcels, self._carry_parcels),
                (self.carries_cancellations, self._carry_cancellations),
                (self.carries_refunds, self._carry_refunds),
            ):
                if is_on:
                    carry(order, self._channeladvisor.books.order(brought), now)

    def _brought(self, there: Iterable[Mapping[str, Any]]) -> int | None:
        """The order as it brought it; what an integrator has created is no business of the link's."""
        native = (each for each in there if each["SiteID"] != CHECKOUT_DIRECT)
        return next((int(each["ID"]) for each in native if each["ProfileID"] == self._profile), None)

    def _is_time(self, now: datetime, *fact: object) -> bool:
        """Whether a fact is old enough, for the first time."""
        if now - self._first_seen.setdefault(fact, now) < self.lag or fact in self._tried:
            return False
        self._tried.add(fact)
        return True

    def _bring(self, order: Order, now: datetime) -> None:
        wanted = order.status not in _NOT_BROUGHT and order.cancelled_at is None and order.shipped_at is None
        living = [line for line in order.lines if line.cancel_user is None]
        if wanted and living and self.brings and self._is_time(now, "order", order.id):
            prices = {line.seller_sku: Decimal(line.price.sale + line.price.tax) for line in living}
            units = Counter(line.seller_sku for line in living)
            items = [{"Sku": sku, "Quantity": units[sku], "UnitPrice": prices[sku]} for sku in units]
            self._channeladvisor.bring_native_tiktok_order(
                self._profile, order.id, items=items, currency=order.payment["currency"]
            )

    def _carry_parcels(self, order: Order, there: Mapping[str, Any], now: datetime) -> None:
        for tracking, carrier, units in _parcels(there):
            if not self._is_time(now, "parcel", order.id, tracking):
                continue
            lines = _choose([line for line in order.lines if line.package is None], units)
            try:
                self._tiktok.ship_in_seller_center(order.id, tracking, carrier, lines)
            except (RefusalError, IllegalStepError) as error:
                self.refused.append(f"parcel {tracking} of {order.id}: {error}")

    def _carry_cancellations(self, order: Order, there: Mapping[str, Any], now: datetime) -> None:
        here = Counter(line.seller_sku for line in order.lines if line.cancel_user is not None)
        ours = _canceled(there)
        news = here - ours
        if news and self._is_time(now, "canceled at TikTok", order.id, tuple(sorted(here.items()))):
            try:
                self._channeladvisor.cancel_by_channel(int(there["ID"]), news)
            except (RefusedError, ValueError) as error:
                self.refused.append(f"cancellation of {order.id} in ChannelAdvisor: {error}")
        if (back := ours - here) and self._is_time(now, "canceled there", order.id, tuple(sorted(ours.items()))):
            lines = _choose([line for line in order.lines if line.package is None and line.cancel_user is None], back)
            try:
                self._tiktok.cancel_by_seller(order.id, lines=lines)
            except (RefusalError, IllegalStepError) as error:
                self.refused.append(f"cancellation of {order.id} at TikTok Shop: {error}")

    def _carry_refunds(self, order: Order, there: Mapping[str, Any], now: datetime) -> None:
        for number, refund in enumerate(self._tiktok.refunds_issued(order.id)):
            if refund.return_id is None or not self._is_time(now, "refund", order.id, number):
                continue
            booked = sum((each.total for each in self._channeladvisor.books.refunds(int(there["ID"]))), Decimal(0))
            issued = sum((each.refund.total for each in self._tiktok.refunds_issued(order.id)), Decimal(0))
            if issued <= booked:
                continue
            try:
                self._channeladvisor.refund_by_channel(int(there["ID"]), refund.refund.total)
            except RefusedError as error:
                self.refused.append(f"refund of {order.id}: {error}")


def _parcels(there: Mapping[str, Any]) -> Iterator[tuple[str, str, Counter[str]]]:
    for each in there["Fulfillments"]:
        loud = any(part["MarketplaceShippingStatus"] == "Complete" for part in each["Items"])
        if each["DeliveryStatus"] == "Complete" and each["TrackingNumber"] and loud:
            units = Counter[str]()
            for part in each["Items"]:
                units[part["Sku"]] += part["Quantity"]
            yield each["TrackingNumber"], each["ShippingCarrier"], units


def _canceled(there: Mapping[str, Any]) -> Counter[str]:
    """Units that people, or the link, have cancelled there."""
    shipped = Counter[str]()
    for each in there["Fulfillments"]:
        if each["DeliveryStatus"] == "Complete":
            for part in each["Items"]:
                shipped[part["Sku"]] += part["Quantity"]
    canceled = Counter[str]()
    whole = any(each["Type"] == "Cancellation" for each in there["Adjustments"])
    for item in there["Items"]:
        if whole:
            canceled[item["Sku"]] += item["Quantity"] - shipped[item["Sku"]]
        for each in item["Adjustments"]:
            if each["Type"] == "Cancellation" and not whole:
                canceled[item["Sku"]] += each["Quantity"]
    return +canceled


def _choose(lines: list[Line], units: Mapping[str, int]) -> list[str]:
    left, chosen = Counter(units), []
    for line in reversed(lines):
        if left[line.seller_sku] > 0:
            left[line.seller_sku] -= 1
            chosen.append(line.id)
    return chosen
