"""Each order leads a life of its own, the same for the same seed, and all lives end well where nothing goes wrong."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import pytest

from local.simulators.tiktok_shop.orders import Status
from order_sync.ledger.table import Item, Key
from tests.simulation.checks import check_all, check_placed
from tests.simulation.choices import channeladvisor_doubts, tiktok_doubts
from tests.simulation.demand import STARTS, orders_of_hour
from tests.simulation.lives import NORMAL, SPECIAL, STORIES, Deck
from tests.simulation.placed_orders import PlacedOrder
from tests.simulation.timed_world import TimedWorld
from tests.simulation.traffic import Traffic, open_shops
from tests.world import Connected

ORDERS = 200


class Days:
    """Days of traffic in a world in which nothing goes wrong, judged order by order as they come to rest."""

    def __init__(self, seed: int, *, orders: int = ORDERS, start: str = "an ordinary week") -> None:
        random = Random(seed)
        self.world = TimedWorld(
            STARTS[start], tiktok_doubts=tiktok_doubts(random), channeladvisor_doubts=channeladvisor_doubts(random)
        )
        self.trace: list[str] = []
        self.broken: list[str] = []
        self.retired: list[PlacedOrder] = []
        self.retired_at: dict[str, datetime] = {}
        self.shops: list[Connected] = open_shops(self.world, random, self.trace.append)
        self.decoys: Sequence[int] = ()
        self.traffic = Traffic(
            self.world, random, self.shops, orders_per_day=100, flash_sales=1, most=orders, note=self._note
        )
        self.traffic.on_retired = self._judge

    def play(self, cycles: int = 2000) -> "Days":
        """Until every order has lived its life, or for so many cycles."""
        self.traffic.start()
        while cycles and (not self.traffic.orders or self.traffic.open_orders):
            self.world.cycle()
            cycles -= 1
        return self

    @property
    def fingerprint(self) -> str:
        """Two runs of one seed have the same."""
        return sha256("\n".join(self.trace).encode()).hexdigest()

    @property
    def orders(self) -> Sequence[PlacedOrder]:
        """All of them."""
        return self.traffic.orders

    @property
    def items(self) -> Mapping[Key, Item]:
        """What is in the table."""
        return self.world.table.items

    @property
    def executions(self) -> Sequence[str]:
        """What timers hold."""
        return [str(self.world.timers.waiting)]

    def was_disturbed(self, since: datetime, until: datetime) -> bool:
        """Nothing goes wrong here."""
        return until < since

    def _note(self, text: str) -> None:
        self.trace.append(f"{self.world.time:%d %H:%M:%S.%f} {text}")

    def _judge(self, order: PlacedOrder) -> None:
        self.retired.append(order)
        self.retired_at[order.id] = self.world.time
        self.broken += check_placed(self, order)


@pytest.fixture(scope="module")
def days() -> Days:
    return Days(3).play()


def test_every_order_is_at_rest_when_it_is_retired_and_everything_agrees(days: Days) -> None:
    assert len(days.retired) == len(days.traffic.orders) == ORDERS
    assert {days.world.tiktok.status(order.id) for order in days.orders} <= {Status.COMPLETED, Status.CANCELLED}
    assert [*days.broken, *check_all(days)] == []


def test_two_hundred_orders_live_every_story_and_see_every_deed(days: Days) -> None:
    assert days.traffic.stories.keys() == {story.name for story in STORIES}
    assert {deed.act for story in STORIES for deed in story.deeds} <= days.traffic.happened.keys()
    assert {"answer", "step", "heal", "repair", "scan"} <= days.traffic.happened.keys()


def test_about_three_of_five_orders_are_normal(days: Days) -> None:
    normal = sum(days.traffic.stories[story.name] for story in NORMAL)
    assert 0.5 < normal / ORDERS < 0.7


def test_most_lives_are_over_within_five_days(days: Days) -> None:
    lives = [days.retired_at[order.id] - days.world.tiktok.times(order.id).created_at for order in days.orders]
    assert sum(life <= timedelta(days=5) for life in lives) > 0.9 * ORDERS
    assert max(lives) < timedelta(days=10)


def test_after_the_stop_nobody_orders_and_the_lives_end() -> None:
    days = Days(5, orders=1000)
    days.traffic.start()
    days.world.cycle(60)
    days.traffic.stop()
    placed, before = len(days.orders), days.traffic.happened.copy()
    assert days.traffic.open_orders
    while days.traffic.open_orders:
        days.world.cycle()
    begun = days.traffic.happened - before
    assert len(days.orders) == placed > 20
    assert not begun.keys() & {"ask to cancel", "ask back", "damage", "cancel in OMS", "refund in OMS"}
    assert days.broken == []
    assert all(days.world.tiktok._state.order(order.id).damage is None for order in days.orders)


def test_the_oms_of_an_absence_takes_no_orders_for_a_day() -> None:
    days = Days(3, orders=0)
    traffic = Traffic(days.world, Random(8), days.shops, orders_per_day=20, absences=1)
    traffic.start()
    while not traffic.absences:
        days.world.cycle()
    (since, until) = traffic.absences[0]
    days.world.cycle(94)
    taken = [order.taken_at for order in days.world.oms.books.orders()]
    assert until - since == timedelta(days=1)
    assert not [at for at in taken if since < at]
    days.world.cycle(10)
    assert len(days.world.oms.books.orders()) > len(taken)


def test_people_order_in_the_evening_at_weekends_and_in_a_campaign() -> None:
    shop = Days(3, orders=0).shops[0]

    def day(year: int, month: int, number: int, hours: range = range(24)) -> int:
        begin = datetime(year, month, number, tzinfo=shop.simulated.region.timezone).astimezone(UTC)
        hour = timedelta(hours=1)
        return sum(len([*orders_of_hour(shop, begin + n * hour, 1000.0, Random(n))]) for n in hours)

    assert 850 < day(2026, 6, 2) < 1150
    assert day(2026, 6, 2, range(6)) * 3 < day(2026, 6, 2, range(18, 24))
    assert day(2026, 6, 6) > 1150
    assert day(2023, 11, 21) > 2000


def test_a_deck_deals_what_a_shop_can_live_and_holds_nothing_back() -> None:
    deck = Deck(Random(1))
    drawn = [deck.draw(with_oms=False, old=False) for _ in range(300)]
    assert not [story for story in drawn if story.needs_oms or story.kind == "old"]
    fresh = Deck(Random(2))
    dealt = {fresh.draw(with_oms=True, old=True).name for _ in range(sum(story.cards for story in STORIES))}
    assert dealt == {story.name for story in STORIES}
    assert len(SPECIAL) > 40


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_a_seed_gives_the_same_lives_in_another_process(hash_seed: str) -> None:
    code = "from tests.simulation.test_traffic import Days; print(Days(4, orders=25).play(90).fingerprint)"
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == Days(4, orders=25).play(90).fingerprint
