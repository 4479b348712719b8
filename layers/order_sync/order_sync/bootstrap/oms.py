"""The order management system of one shop."""

import json
import random
import time
from functools import cache

from order_sync.bootstrap.runs import secrets
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.partners.oms.rest import RestOms, open_http


def client(shop: ShopSettings) -> RestOms:
    """The client of one shop's OMS."""
    return _client(shop.shop, shop.oms.url)


@cache
def _client(shop: ShopId, url: str) -> RestOms:
    http = open_http(sleep=time.sleep, monotonic=time.monotonic, random=random.random)
    return RestOms(http, url, token=lambda: _token(shop))


def _token(shop: ShopId) -> str:
    try:
        return str(json.loads(secrets().read(f"oms/{shop}"))["token"])
    except (ValueError, KeyError, TypeError):
        raise RejectedError(f'the secret oms/{shop} must be {{"token": "…"}}') from None
