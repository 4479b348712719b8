"""A ChannelAdvisor with one account, or one built as a test wants it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import Cancel, create
from tests.adapters.channeladvisor.world import World


@pytest.fixture
def build() -> Iterator[Callable[..., World]]:
    """Make a world whose ChannelAdvisor has the given doubts and settings."""
    worlds: list[World] = []

    def make(doubts: Doubts | None = None, **settings: Any) -> World:
        worlds.append(World(doubts, **settings))
        return worlds[-1]

    yield make
    for world in worlds:
        for client in world.clients:
            client.close()


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    return build()


@pytest.fixture
def client(world: World) -> ChannelAdvisor:
    return world.client()


@pytest.fixture
def order(client: ChannelAdvisor) -> str:
    """Two tees and a mug."""
    return create(client)


@pytest.fixture(params=["whole order", "one tee"])
def cancel(request: pytest.FixtureRequest, client: ChannelAdvisor, order: str) -> Cancel:
    """Cancel the whole order, or one of the two tees: the same rules hold for both."""
    if request.param == "whole order":
        return partial(client.cancel, order, "cancel-1", by_buyer=False)
    return partial(client.cancel_unit, order, "TEE-BLU-M", "cancel-1", by_buyer=False)


@pytest.fixture
def nothing_ships_by_accident(world: World) -> Iterator[None]:
    """Whatever a test does, no fulfilment leaves because it was changed."""
    yield
    assert world.simulator.books.accidental_shipments() == []
