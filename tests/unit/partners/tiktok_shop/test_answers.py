from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import LineId, OrderId
from order_sync.partners.http import TransientError, open_client
from order_sync.partners.tiktok_shop.client import OrdersPage, Platform, TikTokShop
from order_sync.partners.tiktok_shop.codes import TokenExpiredError
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http
from tests.unit.partners.tiktok_shop.payloads import a_payload

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORDER = OrderId("576461413038785752")
LINE = LineId("577086512123755123")
TOKENS = ShopTokens(
    access_token=SecretStr("TTP_access"),
    access_token_expires_at=NOON,
    refresh_token=SecretStr("TTP_refresh"),
    refresh_token_expires_at=NOON,
)
ENVELOPE = {"code": 0, "message": "Success", "request_id": "20260601120000ABCDEF"}


def shop_that_gets(answer: httpx.Response, asked: list[httpx.Request] | None = None) -> TikTokShop:
    def transport(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return answer

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


def enveloped(data: object, **changes: Any) -> httpx.Response:
    return httpx.Response(200, json=ENVELOPE | {"data": data} | changes)


def search(shop: TikTokShop) -> OrdersPage:
    return shop.search_orders(NOON - timedelta(minutes=15), NOON)


def ship(shop: TikTokShop) -> object:
    return shop.ship(ORDER, tracking_number="9400", provider_id="1", line_ids=[LINE])


def refer(shop: TikTokShop) -> None:
    shop.set_references(ORDER, {Platform.CHANNEL_ADVISOR: "4711"}, [LINE])


@pytest.mark.parametrize("body", [[], "Success", 0, None, {}, {"code": "0"}, {"code": True}, {"data": {}}])
def test_json_that_is_no_envelope_is_never_an_empty_success(body: object) -> None:
    answer = httpx.Response(200, json=body)
    with pytest.raises(TransientError):
        search(shop_that_gets(answer))
    with pytest.raises(OutcomeUnknownError):
        refer(shop_that_gets(answer))


@pytest.mark.parametrize("data", [None, [], {"total_count": 3}, {"orders": "none"}, {"next_page_token": 7}])
def test_a_page_of_another_shape_is_never_an_empty_page(data: object) -> None:
    with pytest.raises(RejectedError, match="search orders: the answer cannot be read: "):
        search(shop_that_gets(enveloped(data)))


@pytest.mark.parametrize("data", [{"orders": [], "total_count": 0}, {"orders": None}, {"total_count": 0}])
def test_a_page_without_orders_may_leave_them_out(data: object) -> None:
    assert search(shop_that_gets(enveloped(data))) == OrdersPage(readings=())


def test_one_unreadable_order_leaves_the_page_readable() -> None:
    page = search(shop_that_gets(enveloped({"orders": [None, a_payload(line_items=[]), a_payload()]})))
    assert [reading.facts.id for reading in page.readings] == [ORDER]
    assert [order.order_id for order in page.unreadable] == ["", ORDER]


@pytest.mark.parametrize("data", [None, {}, {"package_id": ""}, {"package_id": 1}])
def test_a_parcel_that_was_taken_without_a_package_id_is_in_doubt(data: object) -> None:
    with pytest.raises(OutcomeUnknownError, match=r"package_id|whole"):
        ship(shop_that_gets(enveloped(data)))


@pytest.mark.parametrize("call", [search, ship, refer])
@pytest.mark.parametrize("status", [200, 401, 429, 500])
def test_an_expired_token_is_one_whatever_the_status(status: int, call: Callable[[TikTokShop], object]) -> None:
    with pytest.raises(TokenExpiredError):
        call(shop_that_gets(httpx.Response(status, json=ENVELOPE | {"code": 105002})))


def test_an_unknown_code_is_rejected_by_number() -> None:
    with pytest.raises(RejectedError, match=r"a code that we do not know.*code 99999999"):
        ship(shop_that_gets(enveloped(None, code=99999999)))


@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_what_tiktok_says_about_a_buyer_is_not_repeated(status: int) -> None:
    body = ENVELOPE | {
        "code": 21011001,
        "message": "No package for Jane Doe",
        "request_id": "Jane Doe!",
        "data": {"name": "Jane Doe"},
    }
    with pytest.raises((RetriableError, RejectedError)) as caught:
        ship(shop_that_gets(httpx.Response(status, json=body)))
    assert "code 21011001" in str(caught.value)
    assert "Jane" not in str(caught.value)


def test_a_request_carries_the_token_in_its_header_and_filters_where_they_belong() -> None:
    asked: list[httpx.Request] = []
    search(shop_that_gets(enveloped({"orders": []}), asked))
    (request,) = asked
    assert request.headers["x-tts-access-token"] == "TTP_access"
    assert request.headers["content-type"] == "application/json"
    query = dict(request.url.params)
    assert query.pop("sign")
    assert query == {
        "app_key": "29a39d",
        "timestamp": "1780315200",
        "shop_cipher": "GCP_cipher",
        "page_size": "100",
        "sort_field": "update_time",
        "sort_order": "ASC",
    }
    assert request.content == b'{"update_time_ge":1780314300,"update_time_lt":1780315200}'


def test_a_page_token_goes_into_the_address_encoded() -> None:
    asked: list[httpx.Request] = []
    shop_that_gets(enveloped({"orders": []}), asked).search_orders(NOON, NOON, "a/b+c=")
    assert b"page_token=a%2Fb%2Bc%3D" in asked[0].url.query
