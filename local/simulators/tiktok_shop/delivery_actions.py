"""What a shop ships from and by, as its seller and TikTok change it (not over HTTP)."""

from collections.abc import Sequence

from local.simulators.tiktok_shop.market import Market
from local.simulators.tiktok_shop.providers import BY_REGION, Provider
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop, Warehouse


class DeliveryActions(Market):
    """Every method takes effect at once."""

    def add_warehouse(
        self,
        shop: Shop,
        name: str,
        options: Sequence[DeliveryOption] = (),
        *,
        effect_status: str = "ENABLED",
        type_: str = "SALES_WAREHOUSE",
    ) -> Warehouse:
        """One more warehouse, which serves these delivery options of the shop."""
        with self._state.lock:
            warehouse = Warehouse(
                id=self._state.ids.number("warehouse"),
                name=name,
                type=type_,
                effect_status=effect_status,
                option_ids=[_of(shop, option).id for option in options],
            )
            shop.warehouses[warehouse.id] = warehouse
            return warehouse

    def withdraw_provider(self, shop: Shop, option: DeliveryOption, name: str) -> None:
        """TikTok no longer offers a carrier for this delivery option. Raises LookupError when it has none such."""
        with self._state.lock:
            providers = _of(shop, option).providers
            del providers[next((each.id for each in providers.values() if each.name == name), name)]

    def offer_provider(self, shop: Shop, option: DeliveryOption, name: str) -> str:
        """TikTok offers one more carrier, of the guide's or a new one. Returns its id."""
        with self._state.lock:
            known = next((each for each in BY_REGION[shop.region.code].values() if each.name == name), None)
            provider = known or Provider(id=self._state.ids.number("provider"), name=name)
            _of(shop, option).providers[provider.id] = provider
            return provider.id


def _of(shop: Shop, option: DeliveryOption) -> DeliveryOption:
    if shop.delivery_options.get(option.id) is not option:
        raise LookupError(f"shop {shop.name} has no delivery option {option.name}")
    return option
