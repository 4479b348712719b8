"""The order management system of one shop."""

import random
import time
from functools import cache

from order_sync.bootstrap.runs import secrets
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.partners.oms.credentials import OmsCredentials
from order_sync.partners.oms.rest import RestOms, open_http


def client(shop: ShopSettings) -> RestOms:
    """The client of one shop's OMS; kept, because it keeps its connections."""
    return _client(shop.shop, shop.oms.url)


@cache
def _client(shop: ShopId, url: str) -> RestOms:
    http = open_http(sleep=time.sleep, monotonic=time.monotonic, random=random.random)
    return RestOms(http, url, token=lambda: _token(shop))


def _token(shop: ShopId) -> str:
    return OmsCredentials.from_json(secrets().read(f"oms/{shop}")).token.get_secret_value()
