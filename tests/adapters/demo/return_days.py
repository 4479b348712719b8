"""Days on which something is given back: the demo's own people, over the whole product in one process."""

from collections.abc import Sequence
from datetime import timedelta

from local.demo.aftersales import verdicts_of
from local.demo.deadline_news import Message
from local.demo.partners import Partners
from local.demo.return_checks import check_returns
from local.demo.returning import Returning
from local.demo.scenario import TradingDay
from local.demo.stories import Placed, Story
from local.simulators.oms.cancel_records import Verdict
from local.simulators.tiktok_shop.orders import Status
from local.simulators.tiktok_shop.return_records import ReturnQuestion
from local.tracking_numbers import royal_mail, usps
from tests.adapters.demo.days import partners_of
from tests.world import MUG, TWO_TEES, Connected, World

REFUND_TIME = timedelta(minutes=20)
TIME_TO_ANSWER = timedelta(hours=3)
BASKET = (TWO_TEES, MUG)


class ReturnDay:
    """One order for each story that every side has, and whose parcel has just left."""

    def __init__(self, *stories: Story, region: str = "US") -> None:
        self.world = World()
        self.shop: Connected = self.world.connect(region, returns={"without_answer": "approve"})
        tiktok = self.world.tiktok
        tiktok.set_refund_time(REFUND_TIME)
        for question in ReturnQuestion:
            tiktok.set_time_to_answer_return(question, TIME_TO_ANSWER)
        fees = {"shipping_fee": "5.00", "shipping_platform_discount": "2.00"}
        self.orders = [
            Placed(id=self.world.order(self.shop, *BASKET, **fees), region=region, note=story.note, story=story)
            for story in stories
        ]
        self.world.oms.decide_returns_automatically(verdicts_of(self._verdict_about))
        self.returning = Returning(self.partners, self.orders, self.world.clock)
        self.world.until_released()
        self.world.cycle()
        for number, order in enumerate(self.orders, start=1):
            label = ("USPS Ground", "Ground", usps(number)) if region == "US" else ("RM 24", "24", royal_mail(number))
            self.world.oms.ship(order.id, *label)

    @property
    def partners(self) -> Partners:
        return partners_of(self.world)

    @property
    def order(self) -> Placed:
        return self.orders[0]

    @property
    def messages(self) -> Sequence[Message]:
        """What people have read so far."""
        return [Message(subject=subject, text=text) for subject, text in self.world.published]

    def cycle(self, times: int = 1, *, skip: tuple[str, ...] = ()) -> None:
        """So many quarters of an hour; jobs to `skip` do not run in them."""
        for _ in range(times):
            self.returning.work()
            self.world.cycle(skip=skip)
            self._carry()

    def play(self, *, skip: tuple[str, ...] = ()) -> None:
        """As long as any of the stories takes."""
        self.cycle(18, skip=skip)

    def until_asked(self) -> None:
        """Until somebody wants something back, and TikTok Shop knows it."""
        for _ in range(10):
            if self.partners.tiktok.books.returns(self.order.id):
                return
            self.cycle()
        raise AssertionError("nobody wants anything back")

    def is_over(self) -> bool:
        """Whether the demo would let the day end."""
        plays = TradingDay(self.partners, (), list(self.orders), messages=self.messages)
        return all(plays.is_over(order) for order in self.orders)

    def broken(self) -> set[str]:
        """The promises about returns that were not kept."""
        checks = check_returns(self.partners, self.orders, self.messages)
        assert len(checks) == 7
        return {check.promise for check in checks if not check.holds}

    def _carry(self) -> None:
        for order in self.orders:
            match self.world.tiktok.status(order.id):
                case Status.AWAITING_COLLECTION:
                    self.world.tiktok.collect(order.id)
                case Status.IN_TRANSIT if order.story.is_express:
                    self.world.tiktok.deliver(order.id)
                case _:
                    pass

    def _verdict_about(self, order: str) -> Verdict | None:
        placed = next(each for each in self.orders if each.id == order)
        return placed.story.aftersale.verdict(placed.region) if placed.story.aftersale else None
