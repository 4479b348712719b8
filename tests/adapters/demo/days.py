"""Days for the demo's checks: the demo's own stories, played over the whole product in one process."""

from datetime import timedelta

from local.demo.partners import Partners
from local.demo.stories import ORDINARY, REJECTED, REJECTED_BY_PARCEL, UNANSWERED, Placed, Story, answers_of
from tests.world import MUG, TEE, Connected, World

TIME_TO_ANSWER = timedelta(hours=3)
TRACKING = "9400100000000000000001"


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
        carrier, service, number = ("USPS Ground", "Ground", TRACKING) if us else ("RM 24", "24", "AB000000001GB")
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
