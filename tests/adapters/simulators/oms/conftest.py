"""An OMS, and a clock that stands still until it is told to move."""

from collections.abc import Iterator

import httpx
import pytest

from local.simulators.oms import OmsSimulator
from tests.adapters.simulators.oms.caller import TOKEN, Caller, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def oms(clock: Clock) -> OmsSimulator:
    return OmsSimulator(clock, token=TOKEN)


@pytest.fixture
def caller(oms: OmsSimulator) -> Iterator[Caller]:
    transport = httpx.WSGITransport(app=oms)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(transport=transport, base_url="https://oms.test", headers=headers) as http:
        yield Caller(oms, http)
