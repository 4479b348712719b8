"""TikTok Shop for one shop: its client, what watches its orders, cancellations and returns, and its tokens."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger

from order_sync.bootstrap.runs import AWS_CONFIG, now, secrets, settings, start
from order_sync.bootstrap.tiktok_app import app
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.refresh_tokens import TokenBook
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import ShopRun
from order_sync.partners.http import PartnerHttp, open_client
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import Tokens, partner_http
from order_sync.partners.tiktok_shop.tokens import refresh
from order_sync.workflows import ApprovalTimers, CoolDownTimers

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient

logger = Logger(child=True)

ASKED_AGAIN_AFTER: Final = timedelta(minutes=10)
"""Longer than a renewal with its own tries takes, and shorter than from one poll to the next."""


def client(shop: ShopSettings) -> TikTokShop:
    """The client of one shop; kept with the fingerprint key that it needs, until the app's secret changes."""
    return _client(shop.shop, shop.tiktok_cipher, app())


@cache
def _client(shop: ShopId, cipher: str, app: AppCredentials) -> TikTokShop:
    return TikTokShop(
        _http(settings().tiktok_api_url, shop),
        app=app,
        tokens=_tokens(shop),
        cipher=cipher,
        fingerprint_key=secrets().read("fingerprint-key").encode(),
        now=now,
        ask_for_renewal=RenewalRequests(
            shop, send=lambda event: start(settings().refresh_tokens_function, event), now=now
        ).ask,
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


class RenewalRequests:
    """Asks refresh_tokens for a shop's new tokens, once in a while: many calls of a run can meet tokens that ran out.

    What was asked may be lost, or its run may fail: whoever still meets the same tokens after some minutes asks again.
    """

    def __init__(self, shop: ShopId, *, send: Callable[[dict[str, Any]], None], now: Callable[[], datetime]) -> None:
        """`send` hands an event to refresh_tokens, or raises RetriableError."""
        self._shop = shop
        self._send = send
        self._now = now
        self._asked: tuple[datetime, datetime] | None = None
        """The end of the refused token, and when new ones were asked for."""

    def ask(self, refused: ShopTokens) -> None:
        """TikTok Shop refuses tokens that are the stored ones. What cannot be asked is asked by the next run."""
        end, now = refused.access_token_expires_at, self._now()
        if self._asked is not None and self._asked[0] == end and now - self._asked[1] < ASKED_AGAIN_AFTER:
            return
        event = {"shop": self._shop, "at_once": True, "instead_of": end.isoformat(), "source": "refused_token"}
        try:
            self._send(event)
        except RetriableError as error:
            logger.warning("no new tokens could be asked for", extra={"why": str(error)})
            return
        self._asked = end, now


def token_book() -> TokenBook:
    """All shops' tokens in Secrets Manager, and TikTok Shop to renew them."""
    return TokenBook(
        read=lambda shop: _stored_tokens(shop, afresh=True),
        renew=lambda tokens: refresh(auth_http(), app=app(), refresh_token=tokens.refresh_token.get_secret_value()),
        store=lambda shop, tokens: secrets().write(_secret_of(shop), tokens.to_json()),
        sleep=time.sleep,
    )


@cache
def auth_http() -> PartnerHttp:
    """The authorisation host."""
    return _http(settings().tiktok_auth_url, ShopId(""))


def _tokens(shop: ShopId) -> Tokens:
    """What gives a shop's tokens; True skips what was kept in memory."""
    return lambda afresh: _stored_tokens(shop, afresh=afresh)


def _stored_tokens(shop: ShopId, *, afresh: bool) -> ShopTokens:
    return ShopTokens.from_json(secrets().read(_secret_of(shop), afresh=afresh))


def _secret_of(shop: ShopId) -> str:
    return f"tiktok/{shop}"
