"""The real client in front of the simulated ChannelAdvisor, in process, on a clock that sleeping moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.simulators.channeladvisor import ChannelAdvisorSimulator, Doubts
from local.simulators.faults import FaultyTransport
from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.calls import open_http
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.channeladvisor.credentials import AccountCredentials

PROFILE = 12345678
START = datetime(2025, 8, 19, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The time that simulator and client see; sleeping moves it."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()

    def move(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class World:
    """A simulator and clients of it."""

    def __init__(self, doubts: Doubts | None = None, **settings: Any) -> None:
        self.clock = Clock()
        self.simulator = ChannelAdvisorSimulator(
            lambda: self.clock.now,
            application_id="order-sync",
            shared_secret="shared-secret",
            doubts=doubts or Doubts(),
            **settings,
        )
        self.account = self.simulator.add_account(PROFILE, carriers=[("USPS", "Priority")])
        self.clients: list[httpx.Client] = []

    def client(
        self,
        *,
        interval: float = 0.0,
        transport: httpx.BaseTransport | None = None,
        default_reason: SellerReason = SellerReason.OUT_OF_STOCK,
        **settings: Any,
    ) -> ChannelAdvisor:
        """Another client, as another function would build it."""
        http = open_http(
            sleep=self.clock.sleep,
            monotonic=self.clock.monotonic,
            random=lambda: 0.0,
            interval=interval,
            transport=transport or FaultyTransport(httpx.WSGITransport(app=self.simulator)),
        )
        self.clients.append(http.client)
        return ChannelAdvisor(
            http,
            AccountCredentials.model_validate(
                {
                    "application_id": "order-sync",
                    "shared_secret": "shared-secret",
                    "refresh_token": self.simulator.refresh_token(self.account),
                }
            ),
            ChannelAdvisorSettings.model_validate({"account": "main", "profile_id": PROFILE} | settings),
            now=lambda: self.clock.now,
            default_reason=default_reason,
        )
