from datetime import timedelta

import httpx
import pytest

from local.simulators.tiktok_shop import Doubts, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

DETAIL, SEARCH, SHOPS = "/order/202309/orders", "/order/202309/orders/search", "/authorization/202309/shops"


def refusal(response: httpx.Response) -> tuple[int, int, str]:
    reply = response.json()
    assert reply["data"] is None
    assert len(reply["request_id"]) == 32
    return response.status_code, reply["code"], reply["message"]


def test_a_good_request_gets_the_envelope_with_code_0(caller: Caller) -> None:
    reply = caller.send("GET", DETAIL, query={"ids": "1"}).json()
    assert (reply["code"], reply["message"], reply["data"]) == (0, "Success", {"orders": []})


def test_a_wrong_secret_is_refused_with_106001_and_401(caller: Caller) -> None:
    status, code, _ = refusal(caller.send("GET", DETAIL, query={"ids": "1"}, secret="wrong"))
    assert (status, code) == (401, 106001)


def test_a_body_that_differs_from_the_signed_one_is_refused(caller: Caller) -> None:
    params = {"page_size": "10", "timestamp": str(caller.clock.seconds), "app_key": APP_KEY}
    other = caller.send("POST", SEARCH, query=params, body={}).request.url.params["sign"]
    response = caller.send("POST", SEARCH, query={**params, "sign": other}, body={"order_status": "UNPAID"})
    assert refusal(response)[:2] == (401, 106001)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"app_key": "other"}, "`app_key`"),
        ({"app_key": None}, "`app_key`"),
        ({"timestamp": None}, "Invalid timestamp"),
        ({"timestamp": "1780300800000"}, "Invalid timestamp"),
        ({"foo": "bar"}, "`foo`"),
        ({"shop_cipher": "GCP_nobody"}, "`shop_cipher`"),
        ({"ids": None}, "Ids is a required field"),
        ({"ids": ""}, "Ids is a required field"),
        ({"ids": ",".join(str(n) for n in range(51))}, "At most 50"),
    ],
)
def test_36009004_is_told_apart_by_its_message(caller: Caller, query: dict[str, str | None], words: str) -> None:
    status, code, message = refusal(caller.send("GET", DETAIL, query={"ids": "1", **query}))
    assert (status, code) == (400, 36009004)
    assert words in message
    assert " For more details: https://m.tiktok.shop/s/" in message


def test_a_missing_signature_is_named(caller: Caller) -> None:
    params = {"app_key": APP_KEY, "timestamp": str(caller.clock.seconds)}
    status, code, message = refusal(caller.client.get(SHOPS, params=params))
    assert (status, code) == (400, 36009004)
    assert "required signature" in message


@pytest.mark.parametrize(("seconds", "code"), [(-300, 0), (-301, 36009004), (30, 0), (31, 36009004)])
def test_the_timestamp_may_be_five_minutes_old_and_thirty_seconds_ahead(
    caller: Caller, seconds: int, code: int
) -> None:
    response = caller.send("GET", DETAIL, query={"ids": "1", "timestamp": str(caller.clock.seconds + seconds)})
    assert response.json()["code"] == code


def test_an_unknown_token_is_refused_by_message(caller: Caller) -> None:
    caller.token = "TTP_made_up"
    status, code, message = refusal(caller.send("GET", DETAIL, query={"ids": "1"}))
    assert (status, code) == (400, 36009004)
    assert "`x-tts-access-token` header is invalid" in message


def test_an_expired_token_is_refused_with_105002(caller: Caller, simulator: TikTokShopSimulator) -> None:
    simulator.expire_token(caller.shop)
    assert refusal(caller.send("GET", DETAIL, query={"ids": "1"}))[:2] == (401, 105002)


def test_a_token_lives_seven_days(caller: Caller, clock: Clock) -> None:
    clock.pass_time(days=7, seconds=-1)
    assert caller.code("GET", DETAIL, query={"ids": "1"}) == 0
    clock.pass_time(seconds=1)
    assert caller.code("GET", DETAIL, query={"ids": "1"}) == 105002


def test_the_http_status_of_an_expired_token_is_a_doubt(clock: Clock) -> None:
    simulator = TikTokShopSimulator(
        clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=Doubts(expired_token_status=200)
    )
    shop = simulator.open_shop("US", "Demo US")
    token = simulator.authorize(shop).access_token
    simulator.expire_token(shop)
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        caller = Caller(client=client, clock=clock, shop=shop, token=token)
        assert refusal(caller.send("GET", DETAIL, query={"ids": "1"}))[:2] == (200, 105002)


def test_a_revoked_authorisation_is_refused(caller: Caller, simulator: TikTokShopSimulator) -> None:
    simulator.revoke(caller.shop)
    assert refusal(caller.send("GET", DETAIL, query={"ids": "1"}))[:2] == (401, 105001)


def test_a_token_of_another_shop_does_not_match_the_cipher(caller: Caller, uk_caller: Caller) -> None:
    uk_caller.token = caller.token
    assert refusal(uk_caller.send("GET", DETAIL, query={"ids": "1"}))[:2] == (401, 101000)


def test_a_missing_cipher_is_refused_with_106013(caller: Caller) -> None:
    assert caller.code("GET", DETAIL, query={"ids": "1", "shop_cipher": None}) == 106013


def test_a_missing_scope_is_refused_with_105005(caller: Caller, simulator: TikTokShopSimulator) -> None:
    caller.token = simulator.authorize(caller.shop, scopes={"seller.authorization.info"}).access_token
    assert caller.code("GET", DETAIL, query={"ids": "1"}) == 105005


def test_the_authorised_shops_are_listed_without_a_cipher(caller: Caller, uk_caller: Caller) -> None:
    (shop,) = caller.data("GET", SHOPS, query={"shop_cipher": None})["shops"]
    assert shop == {
        "id": caller.shop.id,
        "name": "Demo US",
        "region": "US",
        "seller_type": "LOCAL",
        "cipher": caller.shop.cipher,
        "code": caller.shop.code,
    }
    (other,) = uk_caller.data("GET", SHOPS, query={"shop_cipher": None})["shops"]
    assert other["region"] == "GB"


def test_a_cipher_on_an_authorisation_path_is_an_unexpected_identifier(caller: Caller) -> None:
    status, code, message = refusal(caller.send("GET", SHOPS))
    assert (status, code) == (400, 36009004)
    assert message.startswith("Unexpected identifier")


@pytest.mark.parametrize("path", ["/order/202309/orders/576461413038785752", "/orders", DETAIL + "/"])
def test_an_unknown_path_is_refused_with_36009009(caller: Caller, path: str) -> None:
    assert refusal(caller.send("GET", path))[:2] == (404, 36009009)


def test_a_wrong_method_is_refused_with_36009010(caller: Caller) -> None:
    assert caller.code("GET", SEARCH) == 36009010


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_malformed(caller: Caller, raw: bytes) -> None:
    assert caller.code("POST", SEARCH, query={"page_size": "10"}, raw=raw) == 36009021


def test_a_post_that_is_not_json_is_refused(caller: Caller) -> None:
    headers = {"content-type": "text/plain"}
    assert caller.code("POST", SEARCH, query={"page_size": "10"}, body={}, headers=headers) == 36009004


def test_more_requests_in_a_second_than_the_limit_are_refused_with_429(clock: Clock) -> None:
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, requests_per_second=2)
    shop = simulator.open_shop("US", "Demo US")
    token = simulator.authorize(shop).access_token
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        caller = Caller(client=client, clock=clock, shop=shop, token=token)
        statuses = [caller.send("GET", DETAIL, query={"ids": "1"}).status_code for _ in range(3)]
        clock.now += timedelta(seconds=1)
        assert caller.code("GET", DETAIL, query={"ids": "1"}) == 0
    assert statuses == [200, 200, 429]
    assert simulator.books.max_per_second_of(shop.id) == 3
