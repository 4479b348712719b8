"""Days for the demo's checks: the demo's own stories, played over the whole product in one process."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from local.demo.deadline_news import ALARMS, DeadlineNews, Message, read_report
from local.demo.deployment import TIME_ZONES
from local.demo.fortnight import CAMPAIGN_DAYS, campaigns_before
from local.demo.lookout import WHAT_IF
from local.demo.partners import Partners
from local.demo.past_orders import LIVE_FOR, place_past_orders
from local.demo.stories import ORDINARY, REJECTED, REJECTED_BY_PARCEL, UNANSWERED, Placed, Story, answers_of
from local.tracking_numbers import royal_mail, usps
from order_sync.jobs.report_late_dispatch import report_late_dispatch
from tests.world import MUG, START, TEE, Connected, World

TIME_TO_ANSWER = timedelta(hours=3)
TRACKING = usps(1)


def partners_of(world: World) -> Partners:
    """The partners as the demo knows them."""
    return Partners(
        tiktok=world.tiktok,
        channeladvisor=world.channeladvisor,
        oms=world.oms,
        account=world.account,
        shops={shop.simulated.region.code: shop.simulated for shop in world.connected},
        urls={},
    )


class StoryDay:
    """One order that every side has, and then its story; `play` tells it to the end."""

    def __init__(self, story: Story, region: str = "US") -> None:
        self.world = World()
        self.shop: Connected = self.world.connect(region)
        self.world.tiktok.shorten_time_to_answer(self.shop.simulated, TIME_TO_ANSWER)
        order = self.world.order(self.shop, TEE, MUG)
        self.orders = [Placed(id=order, region=region, note=story.note, story=story)]
        self.world.until_released()
        self.world.cycle()

    @property
    def order(self) -> Placed:
        return self.orders[0]

    @property
    def partners(self) -> Partners:
        return partners_of(self.world)

    def ship(self) -> None:
        us = self.order.region == "US"
        carrier, service, number = ("USPS Ground", "Ground", TRACKING) if us else ("RM 24", "24", royal_mail(1))
        self.world.oms.ship(self.order.id, carrier, service, number)

    def play(self, *, skip: tuple[str, ...] = ()) -> None:
        """Everything that the story has; jobs to `skip` never run in its last cycles."""
        world, story, order = self.world, self.order.story, self.order.id
        world.oms.decide_automatically(answers_of(lambda _order: story))
        if story.asks:
            world.tiktok.request_cancel(order, reason=story.asks)
            world.cycle()
        if story.seller_cancels:
            world.oms.cancel_order(order)
        if story in (ORDINARY, REJECTED, REJECTED_BY_PARCEL) or story.platform_cancels:
            self.ship()
        if story.platform_cancels:
            world.cycle(2)
            world.tiktok.collect(order)
            world.tiktok.cancel_by_platform(order, "Package lost")
        if story == UNANSWERED:
            world.advance(TIME_TO_ANSWER)
        world.cycle(3, skip=skip)


class PastDay:
    """Both shops of the demo with their orders from before the go-live, one cycle after it."""

    def __init__(self, *, starts_at: datetime = START - LIVE_FOR, skip: tuple[str, ...] = (), **us: Any) -> None:
        self.world = World()
        self.campaigns = campaigns_before(START, TIME_ZONES)
        self.shops = {region: self._connect(region, starts_at, us if region == "US" else {}) for region in TIME_ZONES}
        simulated = {region: shop.simulated for region, shop in self.shops.items()}
        self.past = place_past_orders(self.world.tiktok, simulated, self.campaigns, START, self._turn_to)
        self.world.time = START
        self.world.cycle(skip=skip)

    @property
    def partners(self) -> Partners:
        return replace(partners_of(self.world), past=self.past, campaigns=self.campaigns)

    def news(self) -> DeadlineNews:
        """What people are told; the alarms, which this world does not have, have done their part."""
        world = self.world
        reports = {
            region: read_report(report_late_dispatch(world.shop_run(shop), {"profile": WHAT_IF[region]}).answer)
            for region, shop in self.shops.items()
        }
        raised = [json.dumps({"AlarmName": f"stack-{name}-1", "NewStateValue": "ALARM"}) for name in ALARMS]
        messages = [Message(subject=subject, text=text) for subject, text in world.summaries]
        return DeadlineNews(
            asked_at=world.time,
            reports=reports,
            messages=[*messages, *(Message(subject="ALARM", text=text) for text in raised)],
            alarms=dict.fromkeys(ALARMS, "ALARM"),
            alarm_names={name: f"stack-{name}-1" for name in ALARMS},
        )

    def _connect(self, region: str, starts_at: datetime, settings: dict[str, Any]) -> Connected:
        campaign = self.campaigns.get(region)
        rows = [] if campaign is None else [_row(campaign.first, campaign.last)]
        values = {"starts_at": starts_at.isoformat(), "deadlines": {"extra_handling": rows}}
        return self.world.connect(region, **(values | settings))

    def _turn_to(self, moment: datetime) -> None:
        self.world.time = moment


def _row(first: date, last: date) -> dict[str, Any]:
    return {"first_order_date": first.isoformat(), "last_order_date": last.isoformat(), "days": CAMPAIGN_DAYS}
