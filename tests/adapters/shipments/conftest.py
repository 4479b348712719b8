"""Where most tests of parcels begin."""

import pytest

from tests.adapters.shipments.parcel_scenes import connected
from tests.world import Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return connected(world)
