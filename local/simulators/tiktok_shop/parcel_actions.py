"""Splitting, combining and relabelling in scenarios and tests: by sellers in Seller Center (not over HTTP)."""

from collections.abc import Collection, Sequence

from local.simulators.tiktok_shop.carrier_actions import CarrierActions
from local.simulators.tiktok_shop.combining import combine
from local.simulators.tiktok_shop.correcting import change_label
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.splitting import split


class ParcelActions(CarrierActions):
    """Every method takes effect at once."""

    def split_in_seller_center(self, order_id: str, groups: Sequence[Collection[str]]) -> list[str]:
        """The seller splits what is left of the order into packages of these line ids. Returns the package ids."""
        with self._state.lock:
            now = self._state.now()
            return split(self._state, self._state.order(order_id), groups, now)

    def combine_in_seller_center(self, order_ids: Sequence[str]) -> None:
        """The seller, or TikTok itself, puts several orders of one recipient into one package."""
        with self._state.lock:
            now = self._state.now()
            combine(self._state, [self._state.order(order_id) for order_id in order_ids], now)

    def demand_split(
        self, order_id: str, *, type_: str = "CATEGORY", category_id: str = "601739", max_count: str = "1"
    ) -> None:
        """TikTok's rules ask for several packages; which words it has for the type is not documented."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            order.must_split = type_, category_id, max_count
            touch(order, now)

    def change_tracking_in_seller_center(self, package_id: str, tracking_number: str, provider: str) -> None:
        """The seller changes a package's label by hand (`provider` by name). Raises RefusalError as the API would."""
        with self._state.lock:
            now, parts = self._state.now(), self._state.packages.get(package_id)
            if not parts:
                raise IllegalStepError(f"no shipped package {package_id}")
            provider_id = self._provider_named(parts[0].order, provider)
            change_label(self._state, parts, tracking_number, provider_id, now=now, by="seller_center")

    def forbid_tracking_changes(self, order_id: str) -> None:
        """A rule of TikTok's keeps the tracking numbers of this order as they are (21011049)."""
        with self._state.lock:
            self._state.order(order_id).tracking_is_fixed = True
