"""A ChannelAdvisor with one account, or one built as a test wants it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from order_sync.partners.channeladvisor.client import ChannelAdvisor
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
