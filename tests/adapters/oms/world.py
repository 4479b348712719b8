"""The real client in front of the simulated OMS, in process."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from local.simulators.faults import FaultyTransport
from local.simulators.oms import OmsSimulator
from order_sync.partners.oms.rest import RestOms, open_http

START = datetime(2025, 8, 19, 13, 0, tzinfo=UTC)
TOKEN = "the-oms-token"


@dataclass
class World:
    """A simulator, and clients of it; sleeping moves the clock."""

    largest_page: int = 500
    now: datetime = START
    slept: list[float] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.simulator = OmsSimulator(lambda: self.now, token=TOKEN, largest_page=self.largest_page)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()

    def client(self, token: str = TOKEN, *, transport: httpx.BaseTransport | None = None) -> RestOms:
        http = open_http(
            sleep=self.sleep,
            monotonic=self.monotonic,
            random=lambda: 0.0,
            interval=0.0,
            transport=transport or FaultyTransport(httpx.WSGITransport(app=self.simulator)),
        )
        self.clients.append(http.client)
        return RestOms(http, "https://oms.example.com/", lambda: token)
