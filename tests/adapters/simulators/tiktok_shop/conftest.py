from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from local.simulators.faults import FaultyTransport
from local.simulators.tiktok_shop import Doubts, LineSpec, Shop, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.return_caller import ship_and_deliver
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


@pytest.fixture
def delivered_order(simulator: TikTokShopSimulator, ready_order: str) -> str:
    """The same order, with the buyer."""
    ship_and_deliver(simulator, ready_order)
    return ready_order


@pytest.fixture
def doubtful(clock: Clock) -> Iterator[Callable[[Doubts], tuple[TikTokShopSimulator, Caller]]]:
    """Another TikTok Shop in the US, which has settled its doubts so."""
    with ExitStack() as clients:

        def open_shop(doubts: Doubts) -> tuple[TikTokShopSimulator, Caller]:
            simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts)
            shop = simulator.open_shop("US", "Demo US")
            transport = httpx.WSGITransport(app=simulator)
            client = clients.enter_context(httpx.Client(transport=transport, base_url="https://tiktok.invalid"))
            token = simulator.authorize(shop).access_token
            return simulator, Caller(client=client, clock=clock, shop=shop, token=token)

        yield open_shop
