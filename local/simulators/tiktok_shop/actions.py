"""What sellers, buyers, carriers and TikTok itself do, for scenarios and tests (not over HTTP)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.buyers import Buyer, new_address
from local.simulators.tiktok_shop.cancel_actions import CancelActions
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import advance_package, move, touch
from local.simulators.tiktok_shop.money import ZERO, Amount, LineSpec
from local.simulators.tiktok_shop.orders import Order, OrderType, Package, PackageStatus, Status
from local.simulators.tiktok_shop.placing import OrderSpec, introduce_buyer, pay, place
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.shipping import pack, ship
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop

TIKTOK_CARRIER = Provider(id="7100000000000000001", name="TikTok Shipping")


class Actions(CancelActions):
    """What happens to orders. Every method takes effect at once, at the time of the clock.

    Orders and packages are named by id. Raises IllegalStepError where TT 2.8 does not allow the step.
    """

    def place_order(
        self,
        shop: Shop,
        lines: Sequence[LineSpec],
        *,
        paid: bool = True,
        cod: bool = False,
        hold: bool = True,
        created_at: datetime | None = None,
        order_type: OrderType = OrderType.NORMAL,
        release_date: datetime | None = None,
        handling_days: int = 0,
        sample: bool = False,
        replacement: bool = False,
        shipping_fee: Amount = "0",
        shipping_seller_discount: Amount = "0",
        shipping_platform_discount: Amount = "0",
        shipping_cofunded_discount: Amount = "0",
        fees: Mapping[str, Amount] | None = None,
        tax_rate: Amount | None = None,
        delivery_option: DeliveryOption | None = None,
        shipped_by_tiktok: bool = False,
        fulfilled_by_tiktok: bool = False,
        buyer: Buyer | None = None,
        buyer_message: str = "",
    ) -> str:
        """A buyer places an order and, unless `paid` is false, pays at once. Returns the order id.

        `hold` false: a category without the cool-down. `created_at` back-dates the order; it is listed from now.
        `sample`: all its money is zero. `release_date` makes a pre-order. `tax_rate` as a fraction ("0.08").
        `shipped_by_tiktok`: TikTok's carrier picks up at the seller's; `fulfilled_by_tiktok`: from TikTok's warehouse.
        """
        with self._state.lock:
            now = self._state.now()
            option = delivery_option or shop.option(shipped_by_tiktok=shipped_by_tiktok or fulfilled_by_tiktok)
            spec = OrderSpec(
                lines=lines,
                created_at=created_at or now,
                shipping_fee=shipping_fee,
                shipping_seller_discount=shipping_seller_discount,
                shipping_platform_discount=shipping_platform_discount,
                shipping_cofunded_discount=shipping_cofunded_discount,
                fees=fees or {},
                tax_rate=ZERO if sample else Decimal(shop.region.tax_rate if tax_rate is None else tax_rate),
                order_type=OrderType.PRE_ORDER if release_date is not None else order_type,
                release_date=release_date,
                handling_days=handling_days,
                has_hold=hold or release_date is not None,
                is_cod=cod,
                is_sample=sample,
                is_replacement=replacement,
                delivery_option=option,
                fulfillment_type="FULFILLMENT_BY_TIKTOK" if fulfilled_by_tiktok else "FULFILLMENT_BY_SELLER",
                buyer=buyer or introduce_buyer(self._state, shop),
                buyer_message=buyer_message,
            )
            order = place(self._state, shop, spec, now)
            if paid and not cod:
                pay(self._state, order, order.created_at, now)
            return order.id

    def pay(self, order_id: str) -> None:
        """The buyer pays: the hold begins."""
        with self._state.lock:
            now = self._state.now()
            pay(self._state, self._state.order(order_id), now, now)

    def change_address(self, order_id: str) -> None:
        """The buyer moves: a new street for an order that is not on its way."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if order.status in {Status.IN_TRANSIT, Status.DELIVERED, Status.COMPLETED, Status.CANCELLED}:
                raise IllegalStepError(f"order {order_id} in {order.status} keeps its address")
            self._state.addresses += 1
            order.address = new_address(50_000 + self._state.addresses, order.shop.region)
            order.address_changed = True
            self._state.personal_data |= {order.address.line1, order.address.line2}
            touch(order, now)

    def ship_in_seller_center(
        self, order_id: str, tracking_number: str, provider: str, lines: Sequence[str] | None = None
    ) -> str:
        """The seller ships by hand (`provider` by name). Returns the package id; raises RefusalError."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            provider_id = self.provider_id(order.shop.region.code, provider)
            return ship(
                self._state,
                order,
                tracking_number=tracking_number,
                provider_id=provider_id,
                line_ids=lines,
                now=now,
                by="seller_center",
            ).id

    def ship_by_tiktok(self, order_id: str, tracking_number: str) -> str:
        """TikTok ships an order that the seller does not ship. Returns the package id."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if order.shipping_type == "SELLER" and order.fulfillment_type == "FULFILLMENT_BY_SELLER":
                raise IllegalStepError(f"order {order_id} is shipped by the seller")
            if order.status is not Status.AWAITING_SHIPMENT:
                raise IllegalStepError(f"order {order_id} in {order.status} cannot be shipped")
            return pack(
                self._state,
                order,
                order.unshipped,
                tracking_number=tracking_number,
                provider=TIKTOK_CARRIER,
                now=now,
                by="tiktok",
            ).id

    def split_in_seller_center(self, order_id: str, groups: Sequence[Collection[str]]) -> None:
        """The seller splits the order into several shippable packages of these line ids."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if sorted(line for group in groups for line in group) != sorted(line.id for line in order.lines):
                raise IllegalStepError(f"the groups are not the lines of order {order_id}")
            order.groups = [frozenset(group) for group in groups]
            touch(order, now)

    def collect(self, order_or_package_id: str) -> None:
        """The carrier scans the package, or all packages of the order that wait for it."""
        self._scan(order_or_package_id, PackageStatus.PROCESSING, PackageStatus.FULFILLING)

    def deliver(self, order_or_package_id: str) -> None:
        """The carrier delivers the package, or all packages of the order that are on their way."""
        self._scan(order_or_package_id, PackageStatus.FULFILLING, PackageStatus.COMPLETED)

    def complete(self, order_id: str) -> None:
        """The time for returns is over."""
        with self._state.lock:
            order = self._state.order(order_id)
            if order.status is not Status.DELIVERED:
                raise IllegalStepError(f"order {order_id} in {order.status} cannot be completed")
            move(order, Status.COMPLETED, self._state.now())

    def touch(self, order_id: str) -> None:
        """Something that we do not see changes the order: only its update_time moves."""
        with self._state.lock:
            touch(self._state.order(order_id), self._state.now())

    def _scan(self, id_: str, before: PackageStatus, after: PackageStatus) -> None:
        with self._state.lock:
            now = self._state.now()
            waiting = self._packages(id_, before)
            if not waiting:
                raise IllegalStepError(f"nothing of {id_} is {before}")
            for package in waiting:
                advance_package(package, after, now)

    def _packages(self, id_: str, before: PackageStatus) -> list[Package]:
        if id_ in self._state.packages:
            return [self._state.packages[id_]]
        order: Order = self._state.order(id_)
        return [package for package in order.packages if package.status is before]
