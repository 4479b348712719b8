"""The unchanged template on the embedded AWS, with durations that suit the trading clock, and two connected shops."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Final

from local.demo.clock import real_seconds
from local.demo.partners import APP_KEY, APP_SECRET, APPLICATION_ID, HOLD, OMS_TOKEN, PROFILES, SHARED_SECRET, Partners
from local.stack import Stack, embedded_stack

MAPPINGS: Final = {
    "US": [
        {"carrier": "USPS Ground Advantage", "code": "usps"},
        {"carrier": "UPS Ground", "code": "ups"},
    ],
    "GB": [{"carrier": "RM Tracked", "code": "Royal Mail"}],
}
TIME_ZONES: Final = {"US": "America/Los_Angeles", "GB": "Europe/London"}


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

    def connect(self, settings: dict[str, Any]) -> None:
        """What an operator does first: connect a shop."""
        self._invoke("ConnectShopFunction", settings)

    def put_secret(self, name: str, value: dict[str, str]) -> None:
        """Keep a partner's secret, as the README says."""
        secrets = self.stack.client("secretsmanager")
        secret_id = f"{self.stack.outputs['SecretsPrefix']}/{name}"
        text = json.dumps(value, default=str)
        if name == "tiktok-app":
            secrets.put_secret_value(SecretId=secret_id, SecretString=text)
        else:
            secrets.create_secret(Name=secret_id, SecretString=text)

    def _invoke(self, output: str, event: dict[str, Any]) -> None:
        answer = self.stack.client("lambda").invoke(
            FunctionName=self.stack.outputs[output], Payload=json.dumps(event).encode()
        )
        if "FunctionError" in answer:
            raise InvocationError(f"{output}: {answer['Payload'].read().decode()}")


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


def connect_shops(deployment: Deployment, partners: Partners) -> None:
    """Secrets and settings, as an operator would give them."""
    deployment.put_secret("tiktok-app", {"app_key": APP_KEY, "app_secret": APP_SECRET})
    deployment.put_secret(
        f"channeladvisor/{partners.account}",
        {
            "application_id": APPLICATION_ID,
            "shared_secret": SHARED_SECRET,
            "refresh_token": partners.channeladvisor.refresh_token(partners.account),
        },
    )
    for region, shop in partners.shops.items():
        deployment.put_secret(f"tiktok/{shop.id}", asdict(partners.tiktok.authorize(shop)))
        deployment.put_secret(f"oms/{shop.id}", {"token": OMS_TOKEN})
        deployment.connect(
            {
                "shop": shop.id,
                "name": shop.name,
                "region": region,
                "time_zone": TIME_ZONES[region],
                "tiktok_cipher": shop.cipher,
                "channeladvisor": {"account": partners.account, "profile_id": PROFILES[region]},
                "oms": {"adapter": "rest", "url": partners.urls["oms"]},
                "shipping_mappings": MAPPINGS[region],
            }
        )
