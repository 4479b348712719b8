"""The unchanged template on the embedded AWS, with durations that suit the trading clock, and two connected shops."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from local.demo.clock import now, real_seconds
from local.demo.fortnight import CAMPAIGN_DAYS, Campaign
from local.demo.partners import APP_KEY, APP_SECRET, APPLICATION_ID, HOLD, OMS_TOKEN, PROFILES, SHARED_SECRET, Partners
from local.demo.past_orders import LIVE_FOR
from local.stack import Stack, embedded_stack
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.records import OrderRecord
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.ledger import Ledger

MAPPINGS: Final = {
    "US": [
        {"carrier": "USPS Ground Advantage", "code": "usps"},
        {"carrier": "UPS Ground", "code": "ups"},
    ],
    "GB": [{"carrier": "RM Tracked", "code": "Royal Mail"}],
}
TIME_ZONES: Final[Mapping[str, str]] = {"US": "America/Los_Angeles", "GB": "Europe/London"}

SECONDS_TO_CONNECT: Final = 30


class InvocationError(Exception):
    """A function of the deployed stack ended with an error."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The deployed product, as its operator and its schedules reach it."""

    stack: Stack
    dispatched: list[str] = field(default_factory=list)
    """The jobs that were dispatched from here and not by a schedule."""

    def dispatch(self, job: str) -> None:
        """What a schedule does: start a job for every active shop."""
        self.dispatched.append(job)
        self._invoke("DispatchFunction", {"job": job, "source": "demo"})

    def replay(self, shop: str, order: str) -> None:
        """What an operator does after a repair: send an order's failed entries again."""
        self._invoke("ReplayFailedFunction", {"shop": shop, "order": order})

    def connect(self, browser: httpx.Client, tiktok_url: str, begin_with: dict[str, Any]) -> None:
        """What an operator does first: send the seller a link. The seller agrees there, and the browser comes to us."""
        page = urlsplit(self._invoke("ConnectShopFunction", {"begin": begin_with})["consent_link"])
        # TikTok Shop's page is at a host of its own; here its simulator has it.
        seen = browser.get(f"{tiktok_url}{page.path}?{page.query}", follow_redirects=True)
        if seen.status_code != HTTPStatus.OK:
            raise InvocationError(f"the redirect address answers {seen.status_code}")

    @property
    def redirect_url(self) -> str:
        """Where sellers come back to; the embedded AWS has the HTTP API at a path of its own."""
        return f"{self.stack.endpoint}/_aws/execute-api/{self.stack.outputs['PublicApiId']}/$default/connect"

    def switch_on(self, shop: str) -> None:
        """What an operator does once the settings are right: let the shop trade."""
        self._invoke("ChangeSettingsFunction", {"shop": shop, "change": {"active": True}})

    def run(self, function: str, shop: str) -> None:
        """Run one job of one shop now, and wait for its end; `function` is its logical name."""
        self._call(self.stack.physical_names[function], {"shop": shop, "source": "demo"})

    def report_late_dispatch(self, shop: str, **question: str) -> dict[str, Any]:
        """What an operator asks when an alarm says that too much is late."""
        return self._invoke("ReportLateDispatchFunction", {"shop": shop, **question})

    def map_carriers(self, shop: str, **command: Any) -> dict[str, Any]:
        """What an operator asks and says about carriers that nothing stands for."""
        return self._invoke("MapCarriersFunction", {"shop": shop, **command})

    def record(self, shop: str, order: str) -> OrderRecord | None:
        """What an operator finds in the ledger about an order."""
        table = DynamoTable(self.stack.client("dynamodb"), self.stack.outputs["LedgerTable"], time.sleep)
        return Ledger(table, now).load(ShopId(shop), OrderId(order))

    def put_secret(self, name: str, value: dict[str, str]) -> None:
        """Keep a partner's secret, as the README says."""
        secrets = self.stack.client("secretsmanager")
        secret_id = f"{self.stack.outputs['SecretsPrefix']}/{name}"
        text = json.dumps(value, default=str)
        if name == "tiktok-app":
            secrets.put_secret_value(SecretId=secret_id, SecretString=text)
        else:
            secrets.create_secret(Name=secret_id, SecretString=text)

    def _invoke(self, output: str, event: dict[str, Any]) -> dict[str, Any]:
        return self._call(self.stack.outputs[output], event)

    def _call(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        text = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise InvocationError(f"{function}: {text}")
        said: dict[str, Any] = json.loads(text)
        return said


@contextmanager
def deployed(partners: Partners, *, hold: timedelta = HOLD) -> Iterator[Deployment]:
    """Build and deploy the template for these partners; take it all down when the block ends."""
    parameters: dict[str, str | int] = {
        # The product's clock runs in real seconds: each duration is what it would be at the trading clock's speed.
        "PollMinutes": 1,
        "BuyerHoldSeconds": real_seconds(hold, least=0),
        "ReleaseSlotSeconds": real_seconds(timedelta(minutes=5)),
        "OmsWaitSeconds": real_seconds(timedelta(minutes=20)),
        "ConfirmationSeconds": real_seconds(timedelta(minutes=30)),
        "ClaimSeconds": real_seconds(timedelta(hours=1)),
        "RetryBaseSeconds": real_seconds(timedelta(minutes=5)),
        # The simulators take more than the modest rates that are right for a real account.
        "TikTokReadsPerSecond": 30,
        "TikTokWritesPerSecond": 30,
        "TikTokApiUrl": partners.urls["tiktok"],
        "TikTokAuthUrl": partners.urls["tiktok"],
        "ChannelAdvisorUrl": partners.urls["channeladvisor"],
    }
    with embedded_stack(parameters) as stack:
        yield Deployment(stack)


def connect_shops(deployment: Deployment, partners: Partners, time_zones: Mapping[str, str] = TIME_ZONES) -> None:
    """Secrets and consents, as operator and sellers would give them. The shops went live an hour ago."""
    starts_at = now() - LIVE_FOR
    app = {"app_key": APP_KEY, "app_secret": APP_SECRET, "service_id": partners.tiktok.service_id}
    deployment.put_secret("tiktok-app", app)
    partners.tiktok.register(deployment.redirect_url)
    deployment.put_secret(
        f"channeladvisor/{partners.account}",
        {
            "application_id": APPLICATION_ID,
            "shared_secret": SHARED_SECRET,
            "refresh_token": partners.channeladvisor.refresh_token(partners.account),
        },
    )
    with httpx.Client(trust_env=False, timeout=SECONDS_TO_CONNECT) as browser:
        for region, shop in partners.shops.items():
            deployment.put_secret(f"oms/{shop.id}", {"token": OMS_TOKEN})
            partners.tiktok.sign_in(shop)
            begin_with = {
                "region": region,
                "time_zone": time_zones[region],
                "starts_at": starts_at.isoformat(),
                "channeladvisor": {"account": partners.account, "profile_id": PROFILES[region]},
                "oms": {"adapter": "rest", "url": partners.urls["oms"]},
                "shipping_mappings": MAPPINGS[region],
                # Else TikTok Shop decides what nobody answers.
                "returns": {"without_answer": "approve"},
                "deadlines": {"extra_handling": _extra_handling(partners.campaigns.get(region))},
            }
            deployment.connect(browser, partners.urls["tiktok"], begin_with)
            deployment.switch_on(shop.id)


def _extra_handling(campaign: Campaign | None) -> list[dict[str, Any]]:
    """A campaign as it stands in the shop's Fulfillment Settings (G7)."""
    if campaign is None:
        return []
    return [{"first_order_date": str(campaign.first), "last_order_date": str(campaign.last), "days": CAMPAIGN_DAYS}]
