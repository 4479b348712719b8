from typing import Any

import httpx
import pytest

from local.simulators.tiktok_shop import Doubts, Shop, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

GET, REFRESH = "/api/v2/token/get", "/api/v2/token/refresh"
APP = {"app_key": APP_KEY, "app_secret": APP_SECRET}


def exchange(client: httpx.Client, code: str, **changed: str) -> Any:
    params = {**APP, "auth_code": code, "grant_type": "authorized_code", **changed}
    return client.get(GET, params=params).json()


def refresh(client: httpx.Client, token: str, **changed: str) -> Any:
    params = {**APP, "refresh_token": token, "grant_type": "refresh_token", **changed}
    return client.get(REFRESH, params=params).json()


def test_a_consent_code_gives_tokens_with_absolute_expiry(
    simulator: TikTokShopSimulator, client: httpx.Client, clock: Clock, shop: Shop
) -> None:
    reply = exchange(client, simulator.consent(shop))
    data = reply["data"]
    assert (reply["code"], reply["message"]) == (0, "success")
    assert data["access_token"].startswith("TTP_")
    assert data["access_token_expire_in"] == clock.seconds + 7 * 86400
    assert data["refresh_token_expire_in"] > clock.seconds + 300 * 86400
    assert (data["seller_base_region"], data["user_type"]) == ("US", 0)
    assert "seller.order.info" in data["granted_scopes"]


def test_a_consent_code_works_once(simulator: TikTokShopSimulator, client: httpx.Client, shop: Shop) -> None:
    code = simulator.consent(shop)
    assert [exchange(client, code)["code"] for _ in range(2)] == [0, 36004004]


def test_a_consent_code_lives_thirty_minutes(
    simulator: TikTokShopSimulator, client: httpx.Client, clock: Clock, shop: Shop
) -> None:
    code = simulator.consent(shop)
    clock.pass_time(minutes=30)
    assert exchange(client, code)["code"] == 36004004


def test_a_refresh_gives_a_new_pair_and_the_old_refresh_token_dies(
    simulator: TikTokShopSimulator, client: httpx.Client, caller: Caller, shop: Shop
) -> None:
    old = simulator.authorize(shop)
    new = refresh(client, old.refresh_token)["data"]
    assert {new["access_token"], new["refresh_token"]}.isdisjoint({old.access_token, old.refresh_token})
    caller.token = new["access_token"]
    assert caller.code("GET", "/order/202309/orders", query={"ids": "1"}) == 0
    assert refresh(client, old.refresh_token)["code"] == 36004005
    assert refresh(client, new["refresh_token"])["code"] == 0


def test_whether_the_old_refresh_token_dies_is_a_doubt(clock: Clock) -> None:
    doubts = Doubts(rotation_kills_old_refresh_token=False)
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts)
    old = simulator.authorize(simulator.open_shop("US", "Demo US")).refresh_token
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        assert [refresh(client, old)["code"] for _ in range(2)] == [0, 0]


def test_an_expired_refresh_token_is_refused_with_36004001(
    simulator: TikTokShopSimulator, client: httpx.Client, shop: Shop
) -> None:
    token = simulator.authorize(shop).refresh_token
    simulator.expire_refresh_token(shop)
    assert refresh(client, token)["code"] == 36004001


def test_a_revoked_seller_cannot_be_refreshed(simulator: TikTokShopSimulator, client: httpx.Client, shop: Shop) -> None:
    token = simulator.authorize(shop).refresh_token
    simulator.revoke(shop)
    assert refresh(client, token)["code"] == 36004005


@pytest.mark.parametrize("changed", [{"app_secret": "wrong"}, {"app_key": "wrong"}, {"grant_type": "refresh"}])
def test_a_refresh_with_wrong_credentials_is_refused(
    simulator: TikTokShopSimulator, client: httpx.Client, shop: Shop, changed: dict[str, str]
) -> None:
    token = simulator.authorize(shop).refresh_token
    assert refresh(client, token, **changed)["code"] == 36009004


def test_one_authorisation_can_cover_several_shops(simulator: TikTokShopSimulator, caller: Caller) -> None:
    second = simulator.open_shop("US", "Second US")
    caller.token = simulator.authorize(caller.shop, second).access_token
    shops = caller.data("GET", "/authorization/202309/shops", query={"shop_cipher": None})["shops"]
    assert [shop["name"] for shop in shops] == ["Demo US", "Second US"]
