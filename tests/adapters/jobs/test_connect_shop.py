"""Connecting a seller's shops by consent: the state, the shops one by one, again, in part, and nothing secret told."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from local.memory_table import MemoryTable
from local.simulators.faults import FaultyTransport
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.shops import Shop
from order_sync.domain.authorizations import AuthorizationState, Grantor, refused
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.domain.regions import Region
from order_sync.domain.shop import NOT_STARTED
from order_sync.jobs.connect_shop import GOOD_FOR, Connecting, begin, take_pasted, take_redirect
from order_sync.jobs.refresh_tokens import AUTHORIZATION, LEASE
from order_sync.jobs.run import Report
from order_sync.ledger.once import Consents
from order_sync.ledger.shops import Shops
from order_sync.partners.http import PartnerHttp, open_client
from order_sync.partners.tiktok_shop.consent import Redirect, authorized_shops, consent_link, read_redirect
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http
from order_sync.partners.tiktok_shop.tokens import exchange
from tests.builders import NOON
from tests.world import Killed

TEMPLATE: dict[str, Any] = {"channeladvisor": {"account": "example", "profile_id": 12345678}}


class Scene:
    """TikTok Shop, a ledger, Secrets Manager, and a browser between them."""

    def __init__(self) -> None:
        self.time = NOON
        self.tiktok = TikTokShopSimulator(lambda: self.time, app_key="app", app_secret="app-secret")
        self.tiktok.register("https://api.example.com/connect")
        self.table = MemoryTable()
        self.shops = Shops(self.table, lambda: self.time)
        self.secrets: dict[ShopId, ShopTokens] = {}
        self.broken: set[ShopId] = set()
        self.report = Report()
        self.states = iter(f"state-{number}" for number in range(100))
        self.app = AppCredentials(app_key="app", app_secret=SecretStr("app-secret"), service_id=self.tiktok.service_id)

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def store(self, shop: ShopId, tokens: ShopTokens) -> None:
        if shop in self.broken:
            raise RetriableError("Secrets Manager: ServiceUnavailable")
        self.secrets[shop] = tokens

    @property
    def connecting(self) -> Connecting:
        http = self._http()
        self.report = Report()
        end = self.time + timedelta(seconds=30)
        return Connecting(
            shops=self.shops,
            consents=Consents(self.table, lambda: self.time),
            exchange=lambda code: exchange(http, app=self.app, code=code),
            list_shops=lambda tokens: authorized_shops(http, app=self.app, tokens=tokens, now=lambda: self.time),
            store=self.store,
            now=lambda: self.time,
            sleep=self.sleep,
            seconds_left=lambda: (end - self.time) / timedelta(seconds=1),
            report=self.report,
        )

    def _http(self) -> PartnerHttp:
        client = open_client(
            base_url="https://tiktok.invalid", transport=FaultyTransport(httpx.WSGITransport(app=self.tiktok))
        )
        return partner_http(client, sleep=self.sleep, monotonic=self.monotonic, random=lambda: 0.0, seconds_per_call=5)

    def monotonic(self) -> float:
        return self.time.timestamp()

    def begin(self, **given: Any) -> str:
        begin(
            {"region": "US"} | TEMPLATE | given,
            self.connecting,
            lambda: next(self.states),
            lambda region, state: consent_link(self.app, region, state),
        )
        return str(self.report.answer["consent_link"])

    def agree(self, link: str, *shops: Shop, agrees: bool = True) -> Redirect:
        """The seller opens the link; what the browser brings back."""
        self.tiktok.sign_in(*shops, agrees=agrees)
        with open_client(base_url="https://tiktok.invalid", transport=httpx.WSGITransport(app=self.tiktok)) as browser:
            page = urlsplit(link)
            location = browser.get(f"{page.path}?{page.query}").headers["location"]
        return read_redirect(urlsplit(location).query)

    def paste(self, pasted: str, **template: Any) -> None:
        take_pasted({"pasted": pasted} | template, self.connecting)

    def authorization(self, shop: Shop) -> AuthorizationState:
        return self.shops.authorizations(ShopId(shop.id))[Grantor.TIKTOK_SHOP].state


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def shop(scene: Scene) -> Shop:
    return scene.tiktok.open_shop("US", "Tees & Co")


@pytest.fixture
def other(scene: Scene) -> Shop:
    return scene.tiktok.open_shop("GB", "Tees UK")


# The consent


def test_a_consent_connects_the_shop_switched_off_with_the_usual_settings_of_its_region(
    scene: Scene, shop: Shop
) -> None:
    redirect = scene.agree(scene.begin(extra_hold_minutes=10), shop)
    assert take_redirect(redirect, scene.connecting)
    settings = scene.shops.settings(ShopId(shop.id))

    assert (settings.name, settings.region, settings.time_zone) == ("Tees & Co", Region.US, "America/Los_Angeles")
    assert (settings.tiktok_cipher, settings.extra_hold_minutes) == (shop.cipher, 10)
    assert (settings.active, settings.starts_at) == (False, NOT_STARTED)
    assert scene.shops.active() == []
    assert scene.authorization(shop) is AuthorizationState.AUTHORIZED
    assert scene.report.counts == {"shops_connected": 1}
    assert scene.report.answer == {"connected": [shop.id], "not_connected": {}}


def test_what_was_given_goes_before_what_is_usual(scene: Scene, shop: Shop) -> None:
    link = scene.begin(time_zone="America/New_York", starts_at="2026-05-01T00:00:00Z", deadlines={"shipping_days": 9})
    take_redirect(scene.agree(link, shop), scene.connecting)
    settings = scene.shops.settings(ShopId(shop.id))

    assert (settings.time_zone, settings.deadlines.shipping_days) == ("America/New_York", 9)
    assert settings.starts_at < NOON


def test_the_link_is_answered_with_the_moment_until_which_it_is_good(scene: Scene) -> None:
    link = scene.begin()

    assert scene.report.answer["good_until"] == (NOON + GOOD_FOR).isoformat()
    assert parse_qs(urlsplit(link).query)["state"] == ["state-0"]
    assert scene.report.counts == {"consents_begun": 1}


def test_the_ledger_has_the_hash_of_a_state_only_and_lets_it_go(scene: Scene) -> None:
    scene.begin()
    ((key, item),) = scene.table.items.items()

    assert "state-0" not in json.dumps([*key, item])
    assert item["expires_at"] == int((NOON + GOOD_FOR).timestamp())


@pytest.mark.parametrize("state", ["", "forged", "STATE-0"])
def test_a_state_that_is_not_ours_is_refused_before_the_code_is_exchanged(scene: Scene, shop: Shop, state: str) -> None:
    redirect = scene.agree(scene.begin(), shop)
    with pytest.raises(RejectedError, match="no state of ours that is still good"):
        take_redirect(replace(redirect, state=state), scene.connecting)

    assert scene.tiktok.books.count("/api/v2/token/get") == 0
    assert scene.secrets == {}


def test_a_state_is_good_once(scene: Scene, shop: Shop) -> None:
    link = scene.begin()
    take_redirect(scene.agree(link, shop), scene.connecting)
    with pytest.raises(RejectedError, match="no state of ours"):
        take_redirect(scene.agree(link, shop), scene.connecting)


def test_of_two_redirects_at_once_one_is_taken(scene: Scene, shop: Shop) -> None:
    """Both have read the state before either uses it up."""
    link = scene.begin()
    redirect = scene.agree(link, shop)
    read = scene.table.get
    taken: list[str] = []

    def read_while_another_comes(key: Any) -> Any:
        item = read(key)
        if key.pk.startswith("CONSENT#") and not taken:
            taken.append("the other")
            assert take_redirect(scene.agree(link, shop), scene.connecting)
        return item

    scene.table.get = read_while_another_comes  # type: ignore[method-assign]
    with pytest.raises(RejectedError, match="no state of ours"):
        take_redirect(redirect, scene.connecting)
    assert scene.tiktok.books.count("/api/v2/token/get") == 1


def test_a_state_is_good_for_a_day_whenever_the_table_removes_it(scene: Scene, shop: Shop) -> None:
    link = scene.begin()
    scene.time += GOOD_FOR
    with pytest.raises(RejectedError, match="no state of ours"):
        take_redirect(scene.agree(link, shop), scene.connecting)
    link = scene.begin()
    scene.time += GOOD_FOR - timedelta(seconds=1)
    assert take_redirect(scene.agree(link, shop), scene.connecting)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"region": "VN"}, "begin: region: must be one of US, GB"),
        ({"channeladvisor": {"account": "example", "profile_id": "SECRET"}}, "channeladvisor.profile_id: Input"),
        ({"channeladvisor": None}, "channeladvisor: Input"),
        ({"time_zone": "Mars/SECRET"}, "time_zone: Value error, this time zone is not known"),
        ({"deadlines": {"profile": "mars-2026-01"}}, "settings of shop to connect: "),
        ({"nonsense": "SECRET"}, "nonsense: Extra inputs are not permitted"),
        ({"shop": "1", "active": True}, "shop, active: not chosen here"),
        ({"tiktok_cipher": "SECRET"}, "tiktok_cipher: not chosen here"),
        ({"name": "x" * 20_000}, "name: not chosen here"),
        ({"shipping_mappings": ["x" * 20_000]}, "longer than 16000 signs"),
    ],
)
def test_bad_settings_are_refused_by_name_before_there_is_a_link(
    scene: Scene, given: dict[str, Any], named: str
) -> None:
    with pytest.raises(RejectedError) as bad:
        scene.begin(**given)

    assert named in str(bad.value)
    assert "SECRET" not in str(bad.value)
    assert scene.table.items == {}


@pytest.mark.parametrize("given", [None, [], "US", 7])
def test_what_is_no_object_begins_nothing(scene: Scene, given: object) -> None:
    with pytest.raises(RejectedError, match="must be an object"):
        begin(given, scene.connecting, lambda: "s", lambda _region, _state: "l")


# Several shops, again, and in part


def test_all_shops_of_a_seller_are_connected_and_know_of_each_other(scene: Scene, shop: Shop, other: Shop) -> None:
    assert take_redirect(scene.agree(scene.begin(), shop, other), scene.connecting)

    assert scene.shops.settings(ShopId(other.id)).time_zone == "Europe/London"
    assert scene.secrets[ShopId(shop.id)].shared_with == (other.id,)
    assert scene.secrets[ShopId(other.id)].shared_with == (shop.id,)
    assert scene.secrets[ShopId(shop.id)].access_token == scene.secrets[ShopId(other.id)].access_token


def test_a_known_shop_keeps_its_settings_and_gets_new_tokens_and_cipher(scene: Scene, shop: Shop) -> None:
    take_redirect(scene.agree(scene.begin(), shop), scene.connecting)
    known = scene.shops.change(
        ShopId(shop.id), lambda it: it.model_copy(update={"active": True, "name": "Renamed", "starts_at": NOON})
    )
    scene.shops.put_notice(ShopId(shop.id), AUTHORIZATION, "refused")
    scene.shops.put_notice(ShopId(shop.id), "native_link", "another")
    scene.shops.change_authorization(ShopId(shop.id), Grantor.TIKTOK_SHOP, lambda it: refused(it, scene.time))
    before = scene.secrets[ShopId(shop.id)]
    shop.cipher = "GCP_another"
    take_redirect(scene.agree(scene.begin(extra_hold_minutes=99), shop), scene.connecting)

    assert scene.shops.settings(ShopId(shop.id)) == known.model_copy(update={"tiktok_cipher": "GCP_another"})
    assert scene.secrets[ShopId(shop.id)].access_token != before.access_token
    assert scene.authorization(shop) is AuthorizationState.AUTHORIZED
    assert set(scene.shops.notices(ShopId(shop.id))) == {"native_link"}
    assert scene.report.counts == {"shops_connected_again": 1}
    assert scene.report.answer["settings_kept"] == [shop.id]


def test_a_shop_that_fails_is_named_and_the_others_are_complete_and_a_new_code_repairs_it(
    scene: Scene, shop: Shop, other: Shop
) -> None:
    scene.broken = {ShopId(other.id)}
    assert not take_redirect(scene.agree(scene.begin(), shop, other), scene.connecting)
    assert scene.report.answer["not_connected"] == {other.id: "Secrets Manager: ServiceUnavailable"}
    assert scene.report.problems == [f"shops_not_connected: shop {other.id}: Secrets Manager: ServiceUnavailable"]
    assert scene.shops.connected() == [shop.id]

    scene.broken = set()
    scene.paste(scene.tiktok.consent(shop, other), **TEMPLATE)
    assert scene.report.answer == {"connected": [shop.id, other.id], "not_connected": {}}
    assert scene.report.counts == {"shops_connected_again": 1, "shops_connected": 1}
    assert scene.shops.connected() == sorted([shop.id, other.id])


def test_a_run_that_died_between_tokens_and_settings_is_completed_by_the_next(scene: Scene, shop: Shop) -> None:
    def die(shop: ShopId, tokens: ShopTokens) -> None:
        scene.store(shop, tokens)
        raise Killed

    dying = replace(scene.connecting, store=die)
    with pytest.raises(Killed):
        take_redirect(scene.agree(scene.begin(), shop), dying)
    assert scene.secrets.keys() == {shop.id}
    assert scene.shops.connected() == []

    assert take_redirect(scene.agree(scene.begin(), shop), scene.connecting)
    assert scene.shops.connected() == [shop.id]


def test_a_shop_of_a_region_that_is_not_supported_is_refused_by_name_and_has_no_tokens_here(
    scene: Scene, shop: Shop, other: Shop
) -> None:
    other.region = replace(other.region, code="VN")
    assert not take_redirect(scene.agree(scene.begin(), shop, other), scene.connecting)

    assert scene.report.answer["not_connected"] == {other.id: "its region 'VN' is not supported; US, GB are"}
    assert scene.secrets[ShopId(shop.id)].shared_with == ()
    assert other.id not in scene.secrets


def test_settings_that_do_not_fit_a_shop_s_own_region_keep_only_that_shop_out(
    scene: Scene, shop: Shop, other: Shop
) -> None:
    link = scene.begin(shipping_mappings=[{"carrier": "USPS Ground", "code": "usps"}])
    take_redirect(scene.agree(link, shop, other), scene.connecting)

    assert scene.report.answer["connected"] == [shop.id]
    assert "shipping_mappings.0.code: not an accepted carrier code in GB" in scene.report.problems[0]
    assert other.id not in scene.secrets


def test_connecting_waits_for_a_renewal_that_is_under_way(scene: Scene, shop: Shop) -> None:
    scene.shops.take_lease(ShopId(shop.id), LEASE, timedelta(seconds=5))
    assert take_redirect(scene.agree(scene.begin(), shop), scene.connecting)

    assert scene.time >= NOON + timedelta(seconds=5)
    assert scene.shops.take_lease(ShopId(shop.id), LEASE, timedelta(seconds=5)), "it was given back"


def test_connecting_does_not_write_tokens_beside_a_renewal_that_does_not_end(scene: Scene, shop: Shop) -> None:
    scene.shops.take_lease(ShopId(shop.id), LEASE, timedelta(minutes=10))
    assert not take_redirect(scene.agree(scene.begin(), shop), scene.connecting)

    assert scene.secrets == {}
    assert "being renewed at this moment" in scene.report.problems[0]
    assert scene.time < NOON + timedelta(seconds=25), "API Gateway waits half a minute"


def test_shops_that_can_be_connected_at_once_wait_for_no_other_and_all_share_the_time(
    scene: Scene, shop: Shop, other: Shop
) -> None:
    third, fourth = scene.tiktok.open_shop("US", "Tees 3"), scene.tiktok.open_shop("US", "Tees 4")
    for each in (shop, third, other):
        scene.shops.take_lease(ShopId(each.id), LEASE, timedelta(minutes=10 if each is not other else 0.1))
    assert not take_redirect(scene.agree(scene.begin(), shop, third, other, fourth), scene.connecting)

    assert scene.report.answer["connected"] == [fourth.id, other.id]
    assert scene.report.answer["not_connected"].keys() == {shop.id, third.id}
    assert scene.time < NOON + timedelta(seconds=25), "the function lives for half a minute"


def test_shops_for_which_no_time_is_left_are_reported(scene: Scene, shop: Shop) -> None:
    redirect = scene.agree(scene.begin(), shop)
    assert not take_redirect(redirect, replace(scene.connecting, seconds_left=lambda: 3.0))

    assert "no time left" in scene.report.answer["not_connected"][shop.id]


def test_tokens_are_stored_over_a_short_outage(scene: Scene, shop: Shop) -> None:
    redirect, end = scene.agree(scene.begin(), shop), scene.time + timedelta(seconds=10)

    def store(name: ShopId, tokens: ShopTokens) -> None:
        if scene.time < end:
            raise RetriableError("Secrets Manager: ServiceUnavailable")
        scene.store(name, tokens)

    assert take_redirect(redirect, replace(scene.connecting, store=store))
    assert scene.secrets.keys() == {shop.id}
    assert scene.report.problems == []


def test_a_known_shop_that_was_never_switched_on_takes_the_settings_that_are_given(scene: Scene, shop: Shop) -> None:
    take_redirect(scene.agree(scene.begin(extra_hold_minutes=10), shop), scene.connecting)
    take_redirect(scene.agree(scene.begin(extra_hold_minutes=20), shop), scene.connecting)
    settings = scene.shops.settings(ShopId(shop.id))

    assert (settings.extra_hold_minutes, settings.active, settings.starts_at) == (20, False, NOT_STARTED)
    assert scene.report.answer == {"connected": [shop.id], "not_connected": {}}
    scene.paste(scene.tiktok.consent(shop))
    assert scene.shops.settings(ShopId(shop.id)) == settings


# By hand


def test_a_pasted_address_counts_with_its_own_state_and_settings(scene: Scene, shop: Shop) -> None:
    redirect = scene.agree(scene.begin(extra_hold_minutes=10), shop)
    scene.paste(f"https://api.example.com/connect?code={redirect.code}&state={redirect.state}")
    assert scene.shops.settings(ShopId(shop.id)).extra_hold_minutes == 10


def test_a_pasted_address_whose_state_was_used_up_goes_on_with_the_settings_beside_it(scene: Scene, shop: Shop) -> None:
    redirect = scene.agree(scene.begin(), shop)
    scene.connecting.consents.redeem(redirect.state)
    address = f"https://api.example.com/connect?code={redirect.code}&state={redirect.state}"
    with pytest.raises(RejectedError, match="its state was used or is too old: paste only the code, with --settings"):
        scene.paste(address)

    scene.paste(address, **TEMPLATE)
    assert scene.report.answer["connected"] == [shop.id]


def test_a_pasted_address_without_a_state_needs_the_settings_beside_it(scene: Scene, shop: Shop) -> None:
    scene.paste(f"https://api.example.com/connect?code={scene.tiktok.consent(shop)}")
    assert "channeladvisor: Field required" in scene.report.answer["not_connected"][shop.id]

    scene.paste(f"https://api.example.com/connect?code={scene.tiktok.consent(shop)}", **TEMPLATE)
    assert scene.report.answer["connected"] == [shop.id]


@pytest.mark.parametrize(
    ("pasted", "named"),
    [
        ("null", "the seller has not agreed"),
        ("https://x.example.com/?code=null&error=auth_denied", "the seller has not agreed"),
        ("https://x.example.com/", "brings no code"),
        ("   ", "must be the redirect address or its code"),
        ("x" * 20_000, "must be the redirect address or its code"),
        (7, "must be the redirect address or its code"),
        ("CANARY-code", "code 36004004"),
    ],
)
def test_what_cannot_be_used_is_refused_and_never_repeated(scene: Scene, pasted: Any, named: str) -> None:
    with pytest.raises(RejectedError) as bad:
        scene.paste(pasted, **TEMPLATE)

    assert named in str(bad.value)
    assert "CANARY" not in str(bad.value)


def test_a_denial_gives_no_code(scene: Scene, shop: Shop) -> None:
    redirect = scene.agree(scene.begin(), shop, agrees=False)

    assert (redirect.is_denied, redirect.code, redirect.state) == (True, "", "state-0")


def test_a_consent_that_began_in_seller_center_has_no_state(scene: Scene, shop: Shop) -> None:
    redirect = scene.agree(f"https://x/open/authorize?service_id={scene.tiktok.service_id}", shop)

    assert redirect.state == ""
    scene.paste(redirect.code, **TEMPLATE)
    assert scene.report.answer["connected"] == [shop.id]


def test_nothing_that_is_told_or_kept_beside_the_secret_is_secret(scene: Scene, shop: Shop, other: Shop) -> None:
    scene.broken = {ShopId(other.id)}
    redirect = scene.agree(scene.begin(), shop, other)
    take_redirect(redirect, scene.connecting)
    tokens = scene.secrets[ShopId(shop.id)]
    told = json.dumps([scene.report.counts, scene.report.problems, scene.report.answer, [*scene.table.items.values()]])

    for private in (
        redirect.code,
        redirect.state,
        "app-secret",
        tokens.access_token.get_secret_value(),
        tokens.refresh_token.get_secret_value(),
    ):
        assert private not in told
