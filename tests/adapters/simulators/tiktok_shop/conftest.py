from collections.abc import Iterator

import httpx
import pytest

from local.simulators.faults import FaultyTransport
from local.simulators.tiktok_shop import LineSpec, Shop, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> TikTokShopSimulator:
    return TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET)


@pytest.fixture
def shop(simulator: TikTokShopSimulator) -> Shop:
    return simulator.open_shop("US", "Demo US")


@pytest.fixture
def client(simulator: TikTokShopSimulator) -> Iterator[httpx.Client]:
    transport = FaultyTransport(httpx.WSGITransport(app=simulator))
    with httpx.Client(transport=transport, base_url="https://tiktok.invalid") as client:
        yield client


@pytest.fixture
def caller(simulator: TikTokShopSimulator, client: httpx.Client, clock: Clock, shop: Shop) -> Caller:
    return Caller(client=client, clock=clock, shop=shop, token=simulator.authorize(shop).access_token)


@pytest.fixture
def uk_caller(simulator: TikTokShopSimulator, client: httpx.Client, clock: Clock) -> Caller:
    shop = simulator.open_shop("GB", "Demo UK")
    return Caller(client=client, clock=clock, shop=shop, token=simulator.authorize(shop).access_token)


@pytest.fixture
def ready_order(simulator: TikTokShopSimulator, shop: Shop) -> str:
    """Two units of one SKU and one of another, ready to ship."""
    lines = [LineSpec("TEE-BLU-M", "20.00", 2), LineSpec("CAP-RED", "15.00")]
    return simulator.place_order(shop, lines, hold=False)
