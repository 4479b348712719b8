"""What the real client is given in these tests: a clock that sleeping moves, and a secret that can be renewed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr

from local.simulators.faults import FaultyTransport
from local.simulators.tiktok_shop import Doubts, Shop, TikTokShopSimulator, Tokens
from order_sync.partners.http import PartnerHttp, open_client
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http

APP = AppCredentials(app_key="29a39d", app_secret=SecretStr("e59af819cc"))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """The time of everything in a test; only sleeping and `pass_time` move it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        """Seconds for the paces."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Wait by moving the clock."""
        self.now += timedelta(seconds=seconds)

    def pass_time(self, duration: timedelta) -> None:
        """Let a scenario's time go by."""
        self.now += duration


class Secret:
    """The shop's secret: what was read last, and what a refresh has stored since."""

    def __init__(self, tokens: Tokens) -> None:
        self._read = self._stored = _as_secret(tokens)
        self.read_afresh = 0

    def store(self, tokens: Tokens) -> None:
        """Another function refreshed the tokens."""
        self._stored = _as_secret(tokens)

    def __call__(self, afresh: bool) -> ShopTokens:  # noqa: FBT001 - the port of the client
        if afresh:
            self.read_afresh += 1
            self._read = self._stored
        return self._read


def a_simulator(clock: Clock, doubts: Doubts | None = None) -> TikTokShopSimulator:
    """A TikTok Shop that knows our app."""
    return TikTokShopSimulator(clock, app_key=APP.app_key, app_secret=APP.app_secret.get_secret_value(), doubts=doubts)


@contextmanager
def http_to(simulator: TikTokShopSimulator, clock: Clock) -> Iterator[PartnerHttp]:
    """What sends requests to the simulator, in process."""
    transport = FaultyTransport(httpx.WSGITransport(app=simulator))
    with open_client(base_url="https://tiktok.invalid", transport=transport) as client:
        yield partner_http(client, sleep=clock.sleep, monotonic=clock.monotonic, random=lambda: 0.0)


def shop_client(http: PartnerHttp, shop: Shop, secret: Secret, clock: Clock) -> TikTokShop:
    """The real client for a simulated shop."""
    return TikTokShop(http, app=APP, tokens=secret, cipher=shop.cipher, fingerprint_key=b"fingerprint key", now=clock)


def _as_secret(tokens: Tokens) -> ShopTokens:
    return ShopTokens(
        access_token=SecretStr(tokens.access_token),
        access_token_expires_at=tokens.access_token_expires_at,
        refresh_token=SecretStr(tokens.refresh_token),
        refresh_token_expires_at=tokens.refresh_token_expires_at,
    )
