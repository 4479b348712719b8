"""Where most tests of what meets begin: each in both regions, over an order that all sides have."""

import pytest

from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.races import connected, everywhere
from tests.world import MUG, TWO_TEES, Connected, World


@pytest.fixture(params=["US", "GB"])
def region(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World, region: str) -> Connected:
    return connected(world, region)


@pytest.fixture
def order(world: World, shop: Connected) -> OrderId:
    return everywhere(world, shop, TWO_TEES, MUG)
