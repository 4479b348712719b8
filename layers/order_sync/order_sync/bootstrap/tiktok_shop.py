"""TikTok Shop for one shop: its client, what watches its orders, cancellations and returns, and its tokens."""

import random
import time
from functools import cache
from typing import TYPE_CHECKING

import boto3

from order_sync.bootstrap.runs import AWS_CONFIG, now, secrets, settings
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import ShopRun
from order_sync.partners.http import PartnerHttp, open_client
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http
from order_sync.partners.tiktok_shop.tokens import refresh
from order_sync.workflows import ApprovalTimers, CoolDownTimers

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient


def client(shop: ShopSettings) -> TikTokShop:
    """The client of one shop; kept with the fingerprint key that it needs, until the app's secret changes."""
    return _client(shop.shop, shop.tiktok_cipher, _app())


@cache
def _client(shop: ShopId, cipher: str, app: AppCredentials) -> TikTokShop:
    return TikTokShop(
        _http(settings().tiktok_api_url, shop),
        app=app,
        tokens=TokenStore(shop).read,
        cipher=cipher,
        fingerprint_key=secrets().read("fingerprint-key").encode(),
        now=now,
    )


@cache
def _http(url: str, _shop: ShopId) -> PartnerHttp:
    """One for each shop, since TikTok's limits are per app and shop (TT 6.2)."""
    return partner_http(
        open_client(base_url=url),
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=random.random,
        reads_per_second=settings().tiktok_reads_per_second,
        writes_per_second=settings().tiktok_writes_per_second,
    )


def _app() -> AppCredentials:
    return AppCredentials.from_json(secrets().read("tiktok-app"))


@cache
def _step_functions() -> "SFNClient":
    return boto3.client("stepfunctions", config=AWS_CONFIG)


@cache
def _cool_downs() -> CoolDownTimers:
    return CoolDownTimers(_step_functions(), settings().cool_down_state_machine_arn)


@cache
def _approvals() -> ApprovalTimers:
    return ApprovalTimers(_step_functions(), settings().cancellation_approval_state_machine_arn)


def order_watch(run: ShopRun) -> OrderWatch:
    """What sees a shop's orders and starts their cool-down timers."""
    return OrderWatch(run, lambda orders: client(run.shop).read_orders(orders), _cool_downs().start)


def watch(run: ShopRun) -> CancellationWatch:
    """What sees a shop's orders together with their cancellations, and starts the timers of both."""
    return CancellationWatch(run, order_watch(run), lambda: client(run.shop).cancellations, _approvals().start)


def return_watch(run: ShopRun, orders: OrderWatch) -> ReturnWatch:
    """What sees a shop's returns, and starts the timers of what they wait for."""
    return ReturnWatch(run, orders, lambda: client(run.shop).returns, _approvals().start_for_return)


class TokenStore:
    """One shop's tokens in Secrets Manager."""

    def __init__(self, shop: ShopId) -> None:
        self._shop = shop
        self._name = f"tiktok/{shop}"

    def read(self, afresh: bool = False) -> ShopTokens:  # noqa: FBT001, FBT002 - the client's port is a plain callable
        """The tokens; `afresh` skips what was kept in memory."""
        return ShopTokens.from_json(secrets().read(self._name, afresh=afresh))

    def read_stored(self) -> ShopTokens:
        """The tokens as they stand in the secret now: whoever renews them must not go by what was kept."""
        return self.read(afresh=True)

    def renew(self, tokens: ShopTokens) -> ShopTokens:
        """New tokens for old ones, from TikTok Shop."""
        http = _http(settings().tiktok_auth_url, self._shop)
        return refresh(http, app=_app(), refresh_token=tokens.refresh_token.get_secret_value())

    def store(self, tokens: ShopTokens) -> None:
        """Keep new tokens."""
        secrets().write(self._name, tokens.to_json())
