from collections.abc import Callable

import pytest
from pydantic import SecretStr

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Doubts, Shop, TikTokShopSimulator, Tokens
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import LineId, OrderId
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import TokenExpiredError
from order_sync.partners.tiktok_shop.credentials import AppCredentials
from order_sync.partners.tiktok_shop.tokens import refresh
from tests.adapters.tiktok_shop.surroundings import APP, Clock, Secret, a_simulator, http_to, shop_client

REFRESH = "/api/v2/token/refresh"


def ship(tiktok: TikTokShop, simulator: TikTokShopSimulator, order: OrderId) -> object:
    lines = [LineId(line) for line in simulator.line_ids(order)]
    provider = simulator.provider_id("US", "USPS")
    return tiktok.ship(order, tracking_number="9400100000000000000001", provider_id=provider, line_ids=lines)


def read(tiktok: TikTokShop, _simulator: TikTokShopSimulator, order: OrderId) -> object:
    return tiktok.read_orders([order]).readings[0]


CALLS = [read, ship]
Calling = Callable[[TikTokShop, TikTokShopSimulator, OrderId], object]


@pytest.mark.parametrize("call", CALLS)
def test_an_expired_token_is_replaced_by_the_one_that_was_stored_meanwhile(
    simulator: TikTokShopSimulator,
    shop: Shop,
    secret: Secret,
    tiktok: TikTokShop,
    ready_order: OrderId,
    call: Calling,
) -> None:
    simulator.expire_token(shop)
    secret.store(simulator.authorize(shop))
    assert call(tiktok, simulator, ready_order)
    assert secret.read_afresh == 1
    assert [request.code for request in simulator.books.requests] == [105002, 0]


@pytest.mark.parametrize("call", CALLS)
def test_an_expired_token_without_a_newer_one_ends_as_retriable_after_one_request(
    simulator: TikTokShopSimulator,
    shop: Shop,
    secret: Secret,
    tiktok: TikTokShop,
    ready_order: OrderId,
    call: Calling,
) -> None:
    simulator.expire_token(shop)
    with pytest.raises(TokenExpiredError, match="code 105002"):
        call(tiktok, simulator, ready_order)
    assert (secret.read_afresh, simulator.books.count()) == (1, 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_newer_token_that_has_expired_too_is_the_end(
    simulator: TikTokShopSimulator,
    shop: Shop,
    secret: Secret,
    tiktok: TikTokShop,
    ready_order: OrderId,
    call: Calling,
) -> None:
    secret.store(simulator.authorize(shop))
    simulator.expire_token(shop)
    with pytest.raises(TokenExpiredError):
        call(tiktok, simulator, ready_order)
    assert (secret.read_afresh, simulator.books.count()) == (1, 2)


def test_an_expired_token_is_recognised_with_http_200_as_well(clock: Clock) -> None:
    simulator = a_simulator(clock, Doubts(expired_token_status=200))
    shop = simulator.open_shop("US", "Demo US")
    secret = Secret(simulator.authorize(shop))
    simulator.expire_token(shop)
    with http_to(simulator, clock) as http, pytest.raises(TokenExpiredError, match="HTTP 200, code 105002"):
        shop_client(http, shop, secret, clock).read_orders([OrderId("576000000000000000")])


def test_a_token_that_tiktok_does_not_know_is_looked_for_once_more(
    simulator: TikTokShopSimulator, http: PartnerHttp, shop: Shop, clock: Clock, ready_order: OrderId
) -> None:
    good = simulator.authorize(shop)
    secret = Secret(
        Tokens(
            access_token="TTP_unknown",
            access_token_expires_at=good.access_token_expires_at,
            refresh_token="TTP_unknown",
            refresh_token_expires_at=good.refresh_token_expires_at,
        )
    )
    secret.store(good)
    tiktok = shop_client(http, shop, secret, clock)
    assert tiktok.read_orders([ready_order]).readings


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (APP.model_copy(update={"app_secret": SecretStr("wrong")}), "signature.*code 106001"),
        (APP.model_copy(update={"app_key": "wrong"}), "app key.*code 36009004"),
    ],
)
def test_wrong_app_credentials_are_named(
    http: PartnerHttp, shop: Shop, secret: Secret, clock: Clock, app: AppCredentials, words: str
) -> None:
    tiktok = TikTokShop(http, app=app, tokens=secret, cipher=shop.cipher, fingerprint_key=b"k", now=clock)
    with pytest.raises(RejectedError, match=words):
        tiktok.read_orders([OrderId("576000000000000000")])


def test_a_missing_cipher_is_named(http: PartnerHttp, secret: Secret, clock: Clock) -> None:
    tiktok = TikTokShop(http, app=APP, tokens=secret, cipher="", fingerprint_key=b"k", now=clock)
    with pytest.raises(RejectedError, match=r"cipher.*code 106013"):
        tiktok.read_orders([OrderId("576000000000000000")])


def test_a_withdrawn_authorisation_is_rejected(simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop) -> None:
    simulator.revoke(shop)
    with pytest.raises(RejectedError, match="105001"):
        tiktok.read_orders([OrderId("576000000000000000")])


def test_refreshed_tokens_work_and_carry_their_ends(
    simulator: TikTokShopSimulator, shop: Shop, http: PartnerHttp, clock: Clock, ready_order: OrderId
) -> None:
    old = simulator.authorize(shop)
    simulator.expire_token(shop)
    new = refresh(http, app=APP, refresh_token=old.refresh_token)
    assert new.access_token.get_secret_value() != old.access_token
    assert new.refresh_token.get_secret_value() != old.refresh_token
    assert new.access_token_expires_at > clock()
    assert new.refresh_token_expires_at > new.access_token_expires_at
    tiktok = TikTokShop(http, app=APP, tokens=lambda _: new, cipher=shop.cipher, fingerprint_key=b"k", now=clock)
    assert tiktok.read_orders([ready_order]).readings


def test_a_refresh_that_tiktok_refuses_needs_the_seller(
    simulator: TikTokShopSimulator, shop: Shop, http: PartnerHttp
) -> None:
    old = simulator.authorize(shop)
    simulator.expire_refresh_token(shop)
    with pytest.raises(RejectedError, match=r"authorise the app again.*36004001"):
        refresh(http, app=APP, refresh_token=old.refresh_token)
    with pytest.raises(RejectedError, match=r"authorise the app again.*36004005"):
        refresh(http, app=APP, refresh_token="TTP_unknown")


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.TRUNCATED_JSON, Fault.HTML, Fault.SERVER_ERROR])
def test_a_refresh_without_an_answer_is_in_doubt_and_not_repeated(
    simulator: TikTokShopSimulator, shop: Shop, http: PartnerHttp, fault: Fault
) -> None:
    old = simulator.authorize(shop)
    simulator.faults.add(fault, REFRESH)
    with pytest.raises(OutcomeUnknownError) as caught:
        refresh(http, app=APP, refresh_token=old.refresh_token)
    assert simulator.books.count() == 1
    assert old.refresh_token not in str(caught.value)


def test_a_refresh_that_did_not_arrive_can_be_tried_later(
    simulator: TikTokShopSimulator, shop: Shop, http: PartnerHttp
) -> None:
    old = simulator.authorize(shop)
    simulator.faults.add(Fault.UNREACHABLE, REFRESH)
    with pytest.raises(RetriableError):
        refresh(http, app=APP, refresh_token=old.refresh_token)
    new = refresh(http, app=APP, refresh_token=old.refresh_token)
    assert new.access_token.get_secret_value() != old.access_token
