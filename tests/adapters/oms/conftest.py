"""An OMS and a client of it."""

from collections.abc import Iterator

import pytest

from order_sync.partners.oms.rest import RestOms
from order_sync.partners.oms.returns import OmsReturns
from tests.adapters.oms.world import World, take


@pytest.fixture
def world() -> Iterator[World]:
    made = World(largest_page=2)
    yield made
    for client in made.clients:
        client.close()


@pytest.fixture
def oms(world: World) -> RestOms:
    return world.client()


@pytest.fixture
def returns(oms: RestOms) -> OmsReturns:
    """The calls about returns of an OMS that has taken an order of two units."""
    take(oms)
    return oms.returns
