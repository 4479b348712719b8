"""The three simulated partners of the demo, on loopback, with what a seller has set up at each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from local.demo.clock import ClockOfThePast, now, real
from local.demo.fortnight import Campaign, campaigns_before
from local.demo.past_orders import PastOrder, place_past_orders
from local.demo.stories import TIME_TO_ANSWER
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.oms.simulator import OmsSimulator
from local.simulators.serving import serve
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.return_records import ReturnQuestion
from local.simulators.tiktok_shop.shops import Shop

APP_KEY: Final = "demo-app"
APP_SECRET: Final = "demo-app-secret"
APPLICATION_ID: Final = "demo-application"
SHARED_SECRET: Final = "demo-shared-secret"
OMS_TOKEN: Final = "demo-oms-token"
PROFILES: Final[Mapping[str, int]] = {"US": 12345678, "GB": 87654321}
HOLD: Final = timedelta(hours=1)
REFUND_TIME: Final = timedelta(minutes=15)
"""From the end of a request until the buyer has the money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partners:
    """The simulators, where they listen, the two shops, and their orders from before the go-live."""

    tiktok: TikTokShopSimulator
    channeladvisor: ChannelAdvisorSimulator
    oms: OmsSimulator
    account: str
    shops: Mapping[str, Shop]
    urls: Mapping[str, str]
    past: Mapping[str, PastOrder] = field(default_factory=dict)
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    """By region: more time for the orders of some dates."""


@contextmanager
def open_partners(*, with_past: bool = True) -> Iterator[Partners]:
    """Start the simulators; stop them when the block ends. `with_past`: the shops have orders already."""
    clock = ClockOfThePast()
    tiktok = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, hold=real(HOLD))
    tiktok.set_refund_time(real(REFUND_TIME))
    channeladvisor = ChannelAdvisorSimulator(
        now,
        application_id=APPLICATION_ID,
        shared_secret=SHARED_SECRET,
        adjustment_time=real(timedelta(minutes=5)),
    )
    account = channeladvisor.add_account(
        *PROFILES.values(), carriers=[("USPS", "Ground Advantage"), ("UPS", "Ground"), ("Royal Mail", "Tracked 24")]
    )
    for profile in PROFILES.values():
        channeladvisor.add_order_of_another_site(profile)
    oms = OmsSimulator(now, token=OMS_TOKEN)
    shops = {region: tiktok.open_shop(region, f"Demo Shop {region}") for region in PROFILES}
    for shop in shops.values():
        tiktok.shorten_time_to_answer(shop, real(TIME_TO_ANSWER))
    for question in ReturnQuestion:
        tiktok.set_time_to_answer_return(question, real(TIME_TO_ANSWER))
    opened_at = now()
    campaigns = campaigns_before(opened_at, shops)
    past = place_past_orders(tiktok, shops, campaigns, opened_at, clock.turn_to) if with_past else {}
    clock.turn_to(None)
    with serve(tiktok) as at_tiktok, serve(channeladvisor) as at_channeladvisor, serve(oms) as at_oms:
        yield Partners(
            tiktok=tiktok,
            channeladvisor=channeladvisor,
            oms=oms,
            account=account,
            shops=shops,
            urls={"tiktok": at_tiktok.url, "channeladvisor": at_channeladvisor.url, "oms": at_oms.url},
            past=past,
            campaigns=campaigns,
        )
