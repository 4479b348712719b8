"""A shop is connected as a seller and an operator do it, through the HTTP API of the deployed stack."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local.demo.deployment import InvocationError
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.serving import serve
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.stack import Stack, embedded_stack
from order_sync.domain.authorizations import AuthorizationState, Grantor
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import NOT_STARTED
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.shops import Shops

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

BEGIN = {
    "region": "US",
    "channeladvisor": {"account": "example", "profile_id": 12345678},
    "extra_hold_minutes": 15,
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """The stack, the simulated TikTok Shop, and a browser."""

    stack: Stack
    tiktok: TikTokShopSimulator
    tiktok_url: str
    browser: httpx.Client

    def invoke(self, output: str, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.stack.client("lambda").invoke(
            FunctionName=self.stack.outputs[output], Payload=json.dumps(event).encode()
        )
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise InvocationError(json.dumps(said))
        return said

    @property
    def api(self) -> str:
        return f"{self.stack.endpoint}/_aws/execute-api/{self.stack.outputs['PublicApiId']}/$default"

    @property
    def shops(self) -> Shops:
        table = DynamoTable(self.stack.client("dynamodb"), self.stack.outputs["LedgerTable"], lambda _seconds: None)
        return Shops(table, lambda: datetime.now(UTC))

    def secret(self, name: str) -> dict[str, Any]:
        secret = f"{self.stack.outputs['SecretsPrefix']}/{name}"
        kept: dict[str, Any] = self.stack.client("secretsmanager").describe_secret(SecretId=secret)
        text = self.stack.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        return kept | {"value": json.loads(text)}

    def agree(self, link: str) -> httpx.Response:
        """The seller opens the link in a browser, which follows TikTok's redirect to us."""
        page = urlsplit(link)
        seen = self.browser.get(f"{self.tiktok_url}{page.path}?{page.query}")
        assert seen.status_code == 302
        return self.browser.get(seen.headers["location"])


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    def clock() -> datetime:
        return datetime.now(UTC) - timedelta(seconds=2)

    tiktok = TikTokShopSimulator(clock, app_key="app", app_secret="app-secret")
    channeladvisor = ChannelAdvisorSimulator(clock, application_id="application", shared_secret="shared-secret")
    with serve(tiktok) as tiktok_server, serve(channeladvisor) as channeladvisor_server:
        parameters: dict[str, str | int] = {
            "TikTokApiUrl": tiktok_server.url,
            "TikTokAuthUrl": tiktok_server.url,
            "ChannelAdvisorUrl": channeladvisor_server.url,
        }
        with embedded_stack(parameters) as stack, httpx.Client(trust_env=False, timeout=60) as browser:
            made = Deployed(stack, tiktok, tiktok_server.url, browser)
            tiktok.register(f"{made.api}/connect")
            app = {"app_key": "app", "app_secret": "app-secret", "service_id": tiktok.service_id}
            stack.client("secretsmanager").put_secret_value(
                SecretId=f"{stack.outputs['SecretsPrefix']}/tiktok-app", SecretString=json.dumps(app)
            )
            yield made


def test_a_seller_s_consent_connects_the_shop_and_an_operator_switches_it_on(deployed: Deployed) -> None:
    shop = deployed.tiktok.open_shop("US", "Tees & Co")
    deployed.tiktok.sign_in(shop)
    begun = deployed.invoke("ConnectShopFunction", {"begin": BEGIN})
    assert begun["consent_link"].startswith("https://services.us.tiktokshop.com/open/authorize?service_id=")
    shown = deployed.agree(begun["consent_link"])
    settings = deployed.shops.settings(ShopId(shop.id))
    secret = deployed.secret(f"tiktok/{shop.id}")

    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert "Connected" in shown.text
    assert (settings.name, settings.time_zone, settings.extra_hold_minutes) == ("Tees & Co", "America/Los_Angeles", 15)
    assert (settings.active, settings.starts_at) == (False, NOT_STARTED)
    assert secret["KmsKeyId"].endswith(deployed.stack.outputs["DataKeyId"])
    assert deployed.shops.authorizations(ShopId(shop.id))[Grantor.TIKTOK_SHOP].state is AuthorizationState.AUTHORIZED

    deployed.invoke("ChangeSettingsFunction", {"shop": shop.id, "change": {"active": True}})
    assert deployed.shops.active() == [shop.id]
    assert deployed.shops.settings(ShopId(shop.id)).starts_at != NOT_STARTED
    assert deployed.invoke("RefreshTokensFunction", {"shop": shop.id, "at_once": True})["tokens_renewed"] == 1
    said = "\n".join(deployed.stack.log_lines("ConnectShop"))
    for private in (secret["value"]["access_token"], secret["value"]["refresh_token"], "app-secret", "code="):
        assert private not in said


def test_a_forged_state_is_refused_and_nothing_is_exchanged(deployed: Deployed) -> None:
    shop = deployed.tiktok.open_shop("US", "Forged")
    before = deployed.tiktok.books.count("/api/v2/token/get")
    code = deployed.tiktok.consent(shop)
    for query in (f"code={code}&state=forged", f"code={code}", "", f"code={code}&state="):
        shown = deployed.browser.get(f"{deployed.api}/connect?{query}")
        assert shown.status_code == 400
        assert "forged" not in shown.text

    assert deployed.tiktok.books.count("/api/v2/token/get") == before
    assert deployed.shops.starting_moment(ShopId(shop.id)) == ""


def test_tiktok_s_notification_that_the_seller_left_is_known_at_once_and_a_forged_one_is_not(
    deployed: Deployed,
) -> None:
    shop = deployed.tiktok.open_shop("GB", "Leaving")
    code = deployed.tiktok.consent(shop)
    said = deployed.invoke(
        "ConnectShopFunction", {"pasted": code, "channeladvisor": {"account": "example", "profile_id": 7}}
    )
    assert said["connected"] == [shop.id]
    body, headers = deployed.tiktok.notification(6, shop.id, {"message": "The seller has left."})
    webhook = f"{deployed.api}/webhook"
    forged = deployed.browser.post(webhook, content=body, headers=headers | {"Authorization": "0" * 64})
    assert forged.status_code == 401
    known = deployed.shops.authorizations(ShopId(shop.id))[Grantor.TIKTOK_SHOP]
    assert known.state is AuthorizationState.AUTHORIZED

    assert deployed.browser.post(webhook, content=body, headers=headers).status_code == 200
    known = deployed.shops.authorizations(ShopId(shop.id))[Grantor.TIKTOK_SHOP]
    assert known.state is AuthorizationState.WITHDRAWN
    assert "taken the authorisation back" in deployed.shops.notice(ShopId(shop.id), "authorization")


def test_a_path_that_the_api_does_not_have_is_not_found(deployed: Deployed) -> None:
    assert deployed.browser.get(f"{deployed.api}/orders").status_code == 404
    assert deployed.browser.get(f"{deployed.api}/webhook").status_code == 404
