import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Doubts, Shop, TikTokShopSimulator
from order_sync.domain.errors import RejectedError, RetriableError, SkippableError
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import NoProvidersError
from order_sync.partners.tiktok_shop.delivery_options import DeliveryOption
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, a_simulator, http_to, shop_client

PROVIDERS = "/logistics/202309/delivery_options/<delivery_option_id>/shipping_providers"
OPTIONS = "/logistics/202309/warehouses/<warehouse_id>/delivery_options"


def test_the_delivery_options_of_all_warehouses_are_there_once(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop
) -> None:
    standard, by_tiktok = shop.option(shipped_by_tiktok=False), shop.option(shipped_by_tiktok=True)
    express = simulator.add_delivery_option(shop, "Express")
    simulator.add_warehouse(shop, "Second", [express, by_tiktok])
    assert tiktok.delivery_options() == (
        DeliveryOption(id=standard.id, name="Standard shipping"),
        DeliveryOption(id=by_tiktok.id, name="TikTok shipping"),
        DeliveryOption(id=express.id, name="Express"),
    )
    assert (simulator.books.count(OPTIONS), simulator.books.count(PROVIDERS)) == (2, 0)


@pytest.mark.parametrize("type_", ["STANDARD", "SEND_BY_SELLER"])
def test_who_ships_by_an_option_is_not_read_from_its_type(clock: Clock, type_: str) -> None:
    simulator = a_simulator(clock, Doubts(sellers_option_type=type_))
    shop = simulator.open_shop("US", "Demo US")
    with http_to(simulator, clock) as http:
        options = shop_client(http, shop, Secret(simulator.authorize(shop)), clock).delivery_options()
    assert [option.name for option in options] == ["Standard shipping", "TikTok shipping"]


def test_each_option_has_its_own_providers(simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop) -> None:
    express, standard = simulator.add_delivery_option(shop, "Express"), shop.option(shipped_by_tiktok=False)
    simulator.withdraw_provider(shop, express, "Wizmo")
    simulator.withdraw_provider(shop, standard, "USPS")
    names = [{each.name for each in tiktok.shipping_providers(option.id)} for option in (standard, express)]
    assert names[0] ^ names[1] == {"USPS", "Wizmo"}


def test_an_option_by_which_tiktok_ships_has_no_providers(tiktok: TikTokShop, shop: Shop) -> None:
    with pytest.raises(SkippableError, match="code 21008117"):
        tiktok.shipping_providers(shop.option(shipped_by_tiktok=True).id)


def test_an_option_that_the_shop_has_not_has_no_providers(tiktok: TikTokShop) -> None:
    with pytest.raises(NoProvidersError, match=r"no shipping service.*code 21008116"):
        tiktok.shipping_providers("7091146663229654785")
    assert issubclass(NoProvidersError, RejectedError)


def test_an_app_without_the_scope_is_rejected(simulator: TikTokShopSimulator, tiktok: TikTokShop) -> None:
    simulator.refuse_next("/delivery_options", 21008111)
    with pytest.raises(RejectedError, match="21008111"):
        tiktok.delivery_options()


def test_an_outage_is_no_shop_without_options(simulator: TikTokShopSimulator, tiktok: TikTokShop) -> None:
    simulator.faults.add(Fault.UNAVAILABLE, "/delivery_options", times=None)
    with pytest.raises(RetriableError, match="read delivery options"):
        tiktok.delivery_options()


def test_one_lost_answer_is_asked_for_again(simulator: TikTokShopSimulator, tiktok: TikTokShop) -> None:
    simulator.faults.add(Fault.LOST_AFTER, "/warehouses")
    assert len(tiktok.delivery_options()) == 2
