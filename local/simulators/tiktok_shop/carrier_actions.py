"""Parcels in scenarios and tests: packed by sellers and by TikTok, scanned by carriers (not over HTTP)."""

from collections.abc import Sequence
from datetime import datetime

from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import advance_package, move
from local.simulators.tiktok_shop.orders import Order, Package, PackageStatus, Status
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.seller_return_actions import SellerReturnActions
from local.simulators.tiktok_shop.shipping import pack, ship
from local.tracking_numbers import usps

TIKTOK_CARRIER = Provider(id="7100000000000000001", name="TikTok Shipping")


class CarrierActions(SellerReturnActions):
    """Every method takes effect at once, or at a moment `at` of the past, of which TikTok learns now."""

    def ship_in_seller_center(
        self,
        order_id: str,
        tracking_number: str,
        provider: str,
        lines: Sequence[str] | None = None,
        *,
        at: datetime | None = None,
    ) -> str:
        """The seller ships by hand (`provider` by name). Returns the package id; raises RefusalError."""
        with self._state.lock:
            order = self._state.order(order_id)
            package = ship(
                self._state,
                order,
                tracking_number=tracking_number,
                provider_id=self._provider_named(order, provider),
                line_ids=lines,
                now=self._state.moment(order, at),
                by="seller_center",
            )
            self._learn(order, at, packages=[package])
            return package.id

    def ship_by_tiktok(self, order_id: str, tracking_number: str, *, at: datetime | None = None) -> str:
        """TikTok ships an order that the seller does not ship. Returns the package id."""
        with self._state.lock:
            order = self._state.order(order_id)
            now = self._state.moment(order, at)
            if order.is_sellers:
                raise IllegalStepError(f"order {order_id} is shipped by the seller")
            if order.status is not Status.AWAITING_SHIPMENT:
                raise IllegalStepError(f"order {order_id} in {order.status} cannot be shipped")
            package = pack(
                self._state,
                order,
                order.unshipped,
                tracking_number=tracking_number,
                provider=TIKTOK_CARRIER,
                now=now,
                by="tiktok",
            )
            self._learn(order, at, packages=[package])
            return package.id

    def dispatch_at(
        self,
        order_id: str,
        *,
        tracking_added: datetime,
        collected: datetime | None = None,
        delivered: datetime | None = None,
    ) -> str:
        """Whoever ships the order packed it whole, with its first carrier, and the carrier came: all in the past.

        Returns the package id.
        """
        with self._state.lock:
            order = self._state.order(order_id)
            tracking_number = usps(int(self._state.ids.number("tracking")))
            if order.is_sellers:
                carrier = next(iter(order.delivery_option.providers.values())).name
                package_id = self.ship_in_seller_center(order_id, tracking_number, carrier, at=tracking_added)
            else:
                package_id = self.ship_by_tiktok(order_id, tracking_number, at=tracking_added)
            if collected is not None:
                self.collect(package_id, at=collected)
            if delivered is not None:
                self.deliver(package_id, at=delivered)
            return package_id

    def collect(self, order_or_package_id: str, *, at: datetime | None = None) -> None:
        """The carrier scans the package, or all packages of the order that wait for it."""
        self._scan(order_or_package_id, PackageStatus.PROCESSING, PackageStatus.FULFILLING, at)

    def deliver(self, order_or_package_id: str, *, at: datetime | None = None) -> None:
        """The carrier delivers the package, or all packages of the order that are on their way."""
        self._scan(order_or_package_id, PackageStatus.FULFILLING, PackageStatus.COMPLETED, at)

    def complete(self, order_id: str, *, at: datetime | None = None) -> None:
        """The time for returns is over."""
        with self._state.lock:
            order = self._state.order(order_id)
            now = self._state.moment(order, at)
            if order.status is not Status.DELIVERED:
                raise IllegalStepError(f"order {order_id} in {order.status} cannot be completed")
            move(order, Status.COMPLETED, now)
            self._learn(order, at)

    def _provider_named(self, order: Order, name: str) -> str:
        """The id of a carrier that is offered for the order, or else of one of the region's."""
        offered = (each.id for each in order.delivery_option.providers.values() if each.name == name)
        return next(offered, None) or self.provider_id(order.shop.region.code, name)

    def _scan(self, id_: str, before: PackageStatus, after: PackageStatus, at: datetime | None) -> None:
        with self._state.lock:
            scanned = self._state.packages.get(id_, [])
            order = scanned[0].order if scanned else self._state.order(id_)
            now = self._state.moment(order, at)
            waiting = [part for part in scanned or self._parts_of(order) if part.status is before]
            if not waiting:
                raise IllegalStepError(f"nothing of {id_} is {before}")
            for part in waiting:
                advance_package(part, after, now)
                self._learn(part.order, at, packages=[part])

    def _parts_of(self, order: Order) -> list[Package]:
        """Those of other orders in the same packages too: they are scanned together."""
        return [part for package in order.packages for part in self._state.packages[package.id]]
