"""Each order leads a life of its own, the same for the same seed, and all lives end well where nothing goes wrong."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from zoneinfo import ZoneInfo

import pytest

from local.simulators.tiktok_shop.orders import Status
from order_sync.ledger.table import Item, Key
from tests.simulation.checks import check_all, check_placed
from tests.simulation.choices import channeladvisor_doubts, tiktok_doubts
from tests.simulation.demand import STARTS, orders_of_hour, sharp
from tests.simulation.lives import NORMAL, SPECIAL, STORIES, Deck, Story
from tests.simulation.placed_orders import PlacedOrder
from tests.simulation.timed_world import TimedWorld
from tests.simulation.traffic import Traffic, open_shops
from tests.world import Connected

ORDERS = sum(story.cards for story in SPECIAL) + 1
"""Each of the special stories as often as it has cards; two orders live the combined one together."""
SEED = 13
SOON_ABSENT = 21
"""A seed by which the OMS is absent on the first day."""


class Days:
    """Days of traffic in a world in which nothing goes wrong, judged order by order as they come to rest."""

    def __init__(self, seed: int, *, orders: int = ORDERS, stories: Sequence[Story] = STORIES) -> None:
        random = Random(seed)
        self.world = TimedWorld(
            STARTS["an ordinary week"],
            tiktok_doubts=tiktok_doubts(random),
            channeladvisor_doubts=channeladvisor_doubts(random),
        )
        self.trace: list[str] = []
        self.broken: list[str] = []
        self.retired: list[PlacedOrder] = []
        self.retired_at: dict[str, datetime] = {}
        self.shops: list[Connected] = open_shops(self.world, random, self.trace.append)
        self.decoys: Sequence[int] = ()
        self.traffic = Traffic(
            self.world,
            random,
            self.shops,
            orders_per_day=100,
            flash_sales=1,
            most=orders,
            stories=stories,
            note=self._note,
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
    return Days(SEED, stories=SPECIAL).play()


def test_every_order_is_at_rest_when_it_is_retired_and_everything_agrees(days: Days) -> None:
    assert len(days.retired) == len(days.traffic.orders) == ORDERS
    assert {days.world.tiktok.status(order.id) for order in days.orders} <= {Status.COMPLETED, Status.CANCELLED}
    assert [*days.broken, *check_all(days)] == []


def test_every_story_is_lived_and_every_deed_is_done(days: Days) -> None:
    assert days.traffic.stories.keys() == {story.name for story in SPECIAL}
    assert {act for story in SPECIAL for act in story.acts} <= days.traffic.happened.keys()
    assert {"answer", "step", "heal", "repair", "replay", "scan"} <= days.traffic.happened.keys()


def test_everybody_who_may_ship_does(days: Days) -> None:
    ways = ("oms", "channeladvisor", "seller center", "mixed", "brawl", "TikTok Shop")
    assert {f"ship by {way}" for way in ways} <= days.traffic.happened.keys()
    sources = {parcel.source for order in days.orders for parcel in order.parcels}
    assert sources == {"oms", "channeladvisor", "seller center"}
    assert any(len(order.parcels) > 1 and not order.contested for order in days.orders)


def test_everybody_who_may_cancel_does(days: Days) -> None:
    books = days.world.tiktok.books
    assert len({end.outcome for end in books.request_ends}) > 1
    assert len({decision.by for decision in books.decisions}) > 1
    by = {each.by for each in books.seller_cancels if each.code == 0}
    assert by == {"api", "seller_center"}
    cancelled = {order.kind for order in days.orders if days.world.tiktok.status(order.id) is Status.CANCELLED}
    assert {"normal", "unpaid"} <= cancelled


def test_two_orders_of_a_buyer_travel_in_one_parcel(days: Days) -> None:
    (first, second) = [order for order in days.orders if order.kind == "combined"]
    assert (first.joined, second.joined) == ((second,), (first,))
    assert [parcel.tracking for parcel in first.parcels] == [parcel.tracking for parcel in second.parcels] != []


def test_some_acts_fall_on_midnight_and_on_the_second_before() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    moments = {
        sharp(datetime(2026, 11, 1, 6, 50, tzinfo=UTC) + timedelta(seconds=n, microseconds=n), zone) for n in range(9)
    }
    there = {moment.astimezone(zone).strftime("%d %H:%M:%S") for moment in moments}
    assert {"01 00:00:00", "31 23:59:59"} < there
    assert len(there) == 5
    noon = datetime(2026, 11, 1, 20, 0, 0, 1, tzinfo=UTC)
    assert sharp(noon, zone) == noon


def test_about_three_of_five_orders_are_normal() -> None:
    deck, dealt = Deck(Random(3)), 300
    drawn = Counter(deck.draw(with_oms=True, old=True).name for _ in range(dealt))
    assert 0.5 < sum(drawn[story.name] for story in NORMAL) / dealt < 0.7


def test_most_lives_are_over_within_five_days(days: Days) -> None:
    lives = [days.retired_at[order.id] - days.world.tiktok.times(order.id).created_at for order in days.orders]
    assert sum(life <= timedelta(days=5) for life in lives) > 0.9 * ORDERS
    assert max(lives) < timedelta(days=10)


def test_after_the_stop_nobody_orders_and_the_lives_end() -> None:
    days = Days(5, orders=1000, stories=SPECIAL)
    days.traffic.start()
    days.world.cycle(30)
    days.traffic.stop()
    placed, before = len(days.orders), days.traffic.happened.copy()
    assert days.traffic.open_orders
    while days.traffic.open_orders:
        days.world.cycle()
    begun = days.traffic.happened - before
    assert len(days.orders) == placed > 5
    assert not begun.keys() & {"ask to cancel", "ask back", "damage", "cancel in OMS", "refund in OMS"}
    assert days.broken == []
    assert all(days.world.tiktok._state.order(order.id).damage is None for order in days.orders)


def test_the_oms_of_an_absence_takes_no_orders_for_a_day() -> None:
    days = Days(3, orders=0)
    traffic = Traffic(days.world, Random(SOON_ABSENT), days.shops, orders_per_day=20, absences=1)
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


def test_a_seed_gives_the_same_lives_in_another_process() -> None:
    code = "from tests.simulation.test_traffic import Days; print(Days(4, orders=10).play(25).fingerprint)"
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == Days(4, orders=10).play(25).fingerprint
