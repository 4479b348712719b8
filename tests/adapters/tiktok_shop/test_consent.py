"""A seller's consent on the wire: the link, what the browser brings back, the code, the shops (TT 1.1, 1.2, 7)."""

from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Shop, TikTokShopSimulator
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.regions import Region
from order_sync.partners.http import PartnerHttp, open_client
from order_sync.partners.tiktok_shop.consent import authorized_shops, consent_link, read_pasted, read_redirect
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http
from order_sync.partners.tiktok_shop.tokens import exchange
from tests.adapters.tiktok_shop.surroundings import APP, Clock

GET = "/api/v2/token/get"
CODE = "ROW_Fe-_7"


def exchanged(http: PartnerHttp, code: str) -> ShopTokens:
    return exchange(http, app=APP, code=code)


def answering(data: object, clock: Clock) -> PartnerHttp:
    """A token service that gives this to every code."""
    envelope = {"code": 0, "message": "success", "data": data, "request_id": "1"}
    client = open_client(
        base_url="https://auth.invalid", transport=httpx.MockTransport(lambda _: httpx.Response(200, json=envelope))
    )
    return partner_http(client, sleep=clock.sleep, monotonic=clock.monotonic, random=lambda: 0.0)


def test_a_code_gives_tokens_with_the_moments_of_their_ends(
    simulator: TikTokShopSimulator, http: PartnerHttp, shop: Shop, clock: Clock
) -> None:
    tokens = exchanged(http, simulator.consent(shop))

    assert tokens.access_token_expires_at == clock.now + timedelta(days=7)
    assert tokens.refresh_token_expires_at == clock.now + timedelta(days=365)


def test_the_tokens_open_the_shops_that_the_seller_agreed_about(
    simulator: TikTokShopSimulator, http: PartnerHttp, shop: Shop, clock: Clock
) -> None:
    other = simulator.open_shop("GB", "Other")
    tokens = exchanged(http, simulator.consent(shop, other))
    listed = authorized_shops(http, app=APP, tokens=tokens, now=clock)

    assert [(each.shop, each.region, each.cipher) for each in listed] == [
        (shop.id, "US", shop.cipher),
        (other.id, "GB", other.cipher),
    ]
    assert "shop_cipher" not in simulator.books.requests[-1].query


def test_a_code_is_good_once_and_for_half_an_hour(
    simulator: TikTokShopSimulator, http: PartnerHttp, shop: Shop, clock: Clock
) -> None:
    code, late = simulator.consent(shop), simulator.consent(shop)
    exchanged(http, code)
    with pytest.raises(RejectedError, match="code 36004004") as refused:
        exchanged(http, code)
    assert code not in str(refused.value)

    clock.pass_time(timedelta(minutes=30))
    with pytest.raises(RejectedError, match="code 36004004"):
        exchanged(http, late)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.HTML])
def test_a_code_is_sent_once_and_its_loss_tells_nothing_secret(
    simulator: TikTokShopSimulator, http: PartnerHttp, shop: Shop, fault: Fault
) -> None:
    simulator.faults.add(fault, GET)
    code = simulator.consent(shop)
    with pytest.raises(RetriableError) as lost:
        exchanged(http, code)

    assert simulator.books.count(GET) == 1
    said = f"{lost.value!r} {lost.value.__cause__!r} {lost.value.__context__!r}"
    assert code not in said
    assert APP.app_secret.get_secret_value() not in said


def test_an_account_that_is_no_seller_s_is_refused(clock: Clock) -> None:
    creator = {
        "access_token": "CANARY",
        "access_token_expire_in": 1812000000,
        "refresh_token": "CANARY",
        "refresh_token_expire_in": 1812000000,
        "user_type": 1,
    }
    with pytest.raises(RejectedError, match=r"no seller's \(type 1\)") as refused:
        exchanged(answering(creator, clock), CODE)
    assert "CANARY" not in str(refused.value)


def test_an_answer_that_cannot_be_read_leaves_the_code_in_doubt(clock: Clock) -> None:
    with pytest.raises(OutcomeUnknownError, match=r"cannot be read: data\.access_token_expire_in") as lost:
        exchanged(answering({"access_token": "CANARY"}, clock), CODE)
    assert "CANARY" not in str(lost.value)


def test_a_seller_without_shops_is_refused(
    simulator: TikTokShopSimulator, http: PartnerHttp, shop: Shop, clock: Clock
) -> None:
    tokens = exchanged(http, simulator.consent(shop))
    with pytest.raises(RejectedError, match="the seller has agreed about no shop"):
        authorized_shops(answering({"shops": []}, clock), app=APP, tokens=tokens, now=clock)


@pytest.mark.parametrize(
    ("region", "host"),
    [(Region.US, "https://services.us.tiktokshop.com"), (Region.GB, "https://services.tiktokshop.com")],
)
def test_each_region_agrees_at_its_own_host(region: Region, host: str) -> None:
    app = AppCredentials(app_key="k", app_secret=SecretStr("s"), service_id="70001")

    assert consent_link(app, region, "a-state") == f"{host}/open/authorize?service_id=70001&state=a-state"


def test_without_the_service_id_there_is_no_link() -> None:
    app = AppCredentials(app_key="k", app_secret=SecretStr("s"))
    with pytest.raises(RejectedError, match="secret tiktok-app: service_id: missing"):
        consent_link(app, Region.US, "a-state")


@pytest.mark.parametrize(
    ("pasted", "code", "state", "is_denied"),
    [
        (CODE, CODE, "", False),
        (f"  {CODE}\n", CODE, "", False),
        (f"https://example.com/connect?code={CODE}&state=abc&locale=en", CODE, "abc", False),
        (f"https://example.com/connect?app_key=k&code={CODE}#top", CODE, "", False),
        ("https://example.com/connect", "", "", False),
        ("https://example.com/connect?code=null&error=auth_denied&state=abc", "", "abc", True),
        ("null", "", "", True),
        (f"https://example.com/connect?code={CODE}&code=other", "", "", False),
    ],
)
def test_what_is_pasted_is_an_address_or_a_code(pasted: str, code: str, state: str, *, is_denied: bool) -> None:
    redirect = read_pasted(pasted)

    assert (redirect.code, redirect.state, redirect.is_denied) == (code, state, is_denied)
    assert CODE not in repr(redirect)


def test_a_query_of_a_thousand_parts_brings_nothing() -> None:
    redirect = read_redirect("&".join(f"code={number}" for number in range(1000)))

    assert (redirect.code, redirect.state, redirect.is_denied) == ("", "", False)
