"""ChannelAdvisor for one shop."""

import random
import time
from functools import cache

from order_sync.bootstrap.runs import now, secrets, settings
from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.shop import ChannelAdvisorSettings, ShopSettings
from order_sync.partners.channeladvisor.calls import open_http
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.channeladvisor.tokens import AccessTokens
from order_sync.partners.http import PartnerHttp


def client(shop: ShopSettings) -> ChannelAdvisor:
    """The client of one shop's profile; kept, because it keeps its access token, until the secret changes."""
    secret = secrets().read(f"channeladvisor/{shop.channeladvisor.account}")
    return _client(shop.channeladvisor, shop.cancellations.default_reason, AccountCredentials.from_json(secret))


def use_refresh_token(shop: ShopSettings) -> None:
    """Buy an access token for a shop's account. Raises RejectedError when its refresh token is not good."""
    name = shop.channeladvisor.account
    credentials = AccountCredentials.from_json(secrets().read(f"channeladvisor/{name}", afresh=True))
    AccessTokens(_http(), credentials, account=name, now=now).current()


@cache
def _client(
    profile: ChannelAdvisorSettings, default_reason: SellerReason, credentials: AccountCredentials
) -> ChannelAdvisor:
    return ChannelAdvisor(_http(), credentials, profile, default_reason=default_reason, now=now)


@cache
def _http() -> PartnerHttp:
    """One for all shops, so that their calls share one pace (CA 1.4)."""
    return open_http(
        base_url=settings().channeladvisor_url,
        sleep=time.sleep,
        monotonic=time.monotonic,
        random=random.random,
    )
