"""Where most tests of returns begin: each in both regions."""

import pytest

from tests.adapters.cancellations.races import connected
from tests.world import Connected, World


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
