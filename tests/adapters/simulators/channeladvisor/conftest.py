"""A ChannelAdvisor with one account, and a clock that stands still until it is told to move."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from local.simulators.channeladvisor import ChannelAdvisorSimulator, Doubts
from tests.adapters.simulators.channeladvisor.caller import (
    APPLICATION,
    CARRIER,
    PROFILE,
    SECRET,
    Caller,
    Clock,
    buy_token,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def build(clock: Clock) -> Iterator[Callable[..., Caller]]:
    """Make a simulator with the given doubts and settings, and a caller with a token."""
    clients: list[httpx.Client] = []

    def make(doubts: Doubts | None = None, **settings: Any) -> Caller:
        simulator = ChannelAdvisorSimulator(
            clock, application_id=APPLICATION, shared_secret=SECRET, doubts=doubts or Doubts(), **settings
        )
        account = simulator.add_account(PROFILE, carriers=[CARRIER])
        http = httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://api.channeladvisor.test")
        clients.append(http)
        caller = Caller(simulator, http, account)
        caller.token = buy_token(caller).json()["access_token"]
        return caller

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def caller(build: Callable[..., Caller]) -> Caller:
    return build()


@pytest.fixture
def order(caller: Caller) -> int:
    """Two units of SKU-A and one of SKU-B."""
    created: int = caller.create()["ID"]
    return created
