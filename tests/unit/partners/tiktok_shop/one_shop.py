"""The client of a shop whose TikTok Shop says what a test wants, whatever it is asked."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from pydantic import SecretStr

from order_sync.partners.http import open_client
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOKENS = ShopTokens(
    access_token=SecretStr("TTP_access"),
    access_token_expires_at=NOON,
    refresh_token=SecretStr("TTP_refresh"),
    refresh_token_expires_at=NOON,
)


def shop_that_gets(*data: object) -> TikTokShop:
    """The client, given these answers in turn, and the last one for ever."""
    left = list(data)

    def transport(_request: httpx.Request) -> httpx.Response:
        return said(left.pop(0) if len(left) > 1 else left[0])

    return shop_behind(transport)


def shop_that_is_refused(code: int) -> TikTokShop:
    """The client, refused with a code for ever."""
    return shop_behind(lambda _request: said(None, code))


def said(data: object, code: int = 0) -> httpx.Response:
    """TikTok's envelope."""
    return httpx.Response(200, json={"code": code, "message": "", "request_id": "2026", "data": data})


def shop_behind(transport: Callable[[httpx.Request], httpx.Response]) -> TikTokShop:
    """The client, with something else than TikTok Shop behind it."""
    return TikTokShop(
        partner_http(
            open_client(base_url="https://tiktok.example", transport=httpx.MockTransport(transport)),
            sleep=lambda _: None,
            monotonic=lambda: 0.0,
            random=lambda: 0.0,
        ),
        app=AppCredentials(app_key="29a39d", app_secret=SecretStr("e59af819cc")),
        tokens=lambda _: TOKENS,
        cipher="GCP_cipher",
        fingerprint_key=b"key",
        now=lambda: NOON,
    )
