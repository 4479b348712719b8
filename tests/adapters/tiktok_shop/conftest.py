from collections.abc import Iterator

import pytest

from local.simulators.tiktok_shop import LineSpec, Shop, TikTokShopSimulator
from order_sync.domain.ids import OrderId
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import TikTokShop
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, a_simulator, http_to, shop_client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> TikTokShopSimulator:
    return a_simulator(clock)


@pytest.fixture
def shop(simulator: TikTokShopSimulator) -> Shop:
    return simulator.open_shop("US", "Demo US")


@pytest.fixture
def secret(simulator: TikTokShopSimulator, shop: Shop) -> Secret:
    return Secret(simulator.authorize(shop))


@pytest.fixture
def http(simulator: TikTokShopSimulator, clock: Clock) -> Iterator[PartnerHttp]:
    with http_to(simulator, clock) as http:
        yield http


@pytest.fixture
def tiktok(http: PartnerHttp, shop: Shop, secret: Secret, clock: Clock) -> TikTokShop:
    return shop_client(http, shop, secret, clock)


@pytest.fixture
def ready_order(simulator: TikTokShopSimulator, shop: Shop) -> OrderId:
    """Two units of one SKU and one of another, ready to ship."""
    lines = [LineSpec("TEE-BLU-M", "20.00", 2), LineSpec("CAP-RED", "15.00")]
    return OrderId(simulator.place_order(shop, lines, hold=False, shipping_fee="5.00"))
