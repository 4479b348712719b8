"""Five weeks of parcels that carriers scan, or forget, or that are cancelled: every figure is what TikTok's books say.

What really happened is TikTok's to say: the simulator's packages are counted one by one, by rules that are written down
here once more.
"""

import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.orders import Initiator, Order, Package, Status
from local.tracking_numbers import ups
from order_sync.domain.ids import OrderId
from order_sync.jobs.report_late_dispatch import report_late_dispatch
from tests.adapters.deadlines.deadline_scenes import DAY, HOUR, PACIFIC, keep_access, watch
from tests.adapters.jobs.test_figures import show
from tests.world import START, TEE, TWO_TEES, Connected, World

STEP = timedelta(hours=6)
DAYS = 36
ORDERING_DAYS = 30
SEED = 5


class People:
    """Everybody who does something to a parcel, by chance."""

    def __init__(self, world: World, shop: Connected, chance: random.Random) -> None:
        self.world, self.shop, self.chance = world, shop, chance
        self.orders: list[OrderId] = []
        self.forgotten: set[str] = set()
        """Packages that no carrier ever scans."""
        self._numbers = 0

    def order(self) -> None:
        """A buyer orders; some orders are shipped by TikTok itself."""
        kind = self.chance.random()
        options: dict[str, bool] = {"fulfilled_by_tiktok": True} if kind < 0.1 else {}
        options |= {"shipped_by_tiktok": True} if kind > 0.95 else {}
        lines = TWO_TEES if self.chance.random() < 0.4 else TEE
        self.orders.append(self.world.order(self.shop, lines, **options))

    def act(self) -> None:
        """Something may happen to each order; what is not allowed just now does not."""
        for order in self.orders:
            with suppress(IllegalStepError, RefusalError):
                self._act(order, self.world.tiktok._state.order(order))

    def _act(self, order: OrderId, there: Order) -> None:
        tiktok, kind = self.world.tiktok, self.chance.random()
        match there.status:
            case Status.AWAITING_SHIPMENT | Status.PARTIALLY_SHIPPING if kind < 0.25:
                self._ship(order, there)
            case Status.AWAITING_SHIPMENT if kind > 0.99:
                tiktok.cancel_by_seller(order)
            case Status.PARTIALLY_SHIPPING | Status.AWAITING_COLLECTION if kind < 0.3:
                self._collect(there)
            case Status.AWAITING_COLLECTION if kind > 0.998:
                tiktok.cancel_by_seller(order)
            case Status.AWAITING_COLLECTION if kind > 0.996:
                tiktok.cancel_by_platform(order, "Potential fraud")
            case Status.IN_TRANSIT if kind < 0.1:
                tiktok.deliver(order)
            case Status.IN_TRANSIT if kind > 0.99:
                tiktok.cancel_by_platform(order, "Package did not arrive in time")
            case _:
                pass

    def _ship(self, order: OrderId, there: Order) -> None:
        """By hand, or by the OMS; the whole order, or one unit of it."""
        self._numbers += 1
        number = ups(self._numbers)
        if not there.is_sellers:
            self.world.tiktok.ship_by_tiktok(order, number)
        elif self.chance.random() < 0.4:
            lines = [line.id for line in there.unshipped]
            part = lines[:1] if self.chance.random() < 0.5 else lines
            self.world.tiktok.ship_in_seller_center(order, number, "UPS", part)
        elif order in [taken.tiktok_order_id for taken in self.world.oms.books.orders()]:
            self.world.oms.ship(order, "ups", "Ground", number)

    def _collect(self, there: Order) -> None:
        for package in there.packages:
            if package.collected_at is None and self.chance.random() < 0.7 and not self._is_forgotten(package):
                self.world.tiktok.collect(package.id)

    def _is_forgotten(self, package: Package) -> bool:
        if self.chance.random() < 0.12:
            self.forgotten.add(package.id)
        return package.id in self.forgotten


def fate_of(package: Package) -> str | None:
    """What a parcel of the seller's counts for; None where it counts for nothing."""
    order = package.order
    if not order.is_sellers:
        return None
    if package.collected_at is not None:
        return "scanned"
    if any(not line.is_cancelled for line in package.lines):
        return "unscanned"
    assert order.cancelled_at is not None
    assert order.deadlines is not None
    given_up = order.cancel_initiator is Initiator.SYSTEM and order.cancelled_at >= order.deadlines.collection_due_time
    return "unscanned" if given_up else None


def packages_of(world: World, shop: Connected) -> list[Package]:
    """All packages that TikTok Shop has of a shop."""
    return [package for order in world.tiktok._state.orders_of(shop.simulated) for package in order.packages]


def by_the_books(world: World, shop: Connected, now: datetime) -> dict[str, float]:
    """The figures as they should be at that moment."""
    today = now.astimezone(PACIFIC).date()
    in_window: Counter[str] = Counter()
    figures: dict[str, float] = {"parcels_unscanned_24h": 0, "parcels_unscanned_48h": 0}
    for package in packages_of(world, shop):
        fate, age = fate_of(package), now - package.created_at
        if fate and 15 <= (today - package.created_at.astimezone(PACIFIC).date()).days <= 21:
            in_window[fate] += 1
        if fate == "unscanned" and 24 * HOUR < age <= 48 * HOUR:
            figures["parcels_unscanned_24h"] += 1
        if fate == "unscanned" and 48 * HOUR < age <= 21 * DAY:
            figures["parcels_unscanned_48h"] += 1
    if in_window.total() >= 10:
        figures["valid_tracking_rate"] = 100 * in_window["scanned"] / in_window.total()
    return figures


def test_the_figures_of_scans_are_what_tiktok_s_own_books_say() -> None:
    world = World()
    shop = world.connect()
    people = People(world, shop, random.Random(SEED))
    rates = []
    for step in range(1, int(DAYS * DAY / STEP) + 1):
        world.advance(START + step * STEP - world.time)
        keep_access(world)
        if world.time < START + ORDERING_DAYS * DAY:
            for _ in range(people.chance.randint(0, 3)):
                people.order()
        people.act()
        world.cycle(skip=["poll_channeladvisor", "settle_requests"])
        expected = by_the_books(world, shop, world.time)
        gauges = watch(world, shop).gauges
        assert {name: gauges.get(name) for name in expected} == expected, world.time
        assert ("valid_tracking_rate" in gauges) == ("valid_tracking_rate" in expected), world.time
        rates.append(expected.get("valid_tracking_rate"))
        if step % 4 == 0:
            check_list(world, shop)
    published = [rate for rate in rates if rate is not None]
    fates = Counter(fate_of(package) or "counts for nothing" for package in packages_of(world, shop))
    given_up = [
        each
        for each in packages_of(world, shop)
        if fate_of(each) == "unscanned" and each.order.cancel_initiator is Initiator.SYSTEM
    ]
    show(
        "parcels of five weeks",
        fates
        | {"given up by TikTok Shop": len(given_up), "rates compared": len(published)}
        | {"lowest rate": round(min(published), 2), "highest rate": round(max(published), 2)},
    )
    # Each thing that can become of a parcel became of some, and the rate moved: else this would prove nothing.
    assert min(fates.values()) >= 5
    assert given_up
    assert len(set(published)) > 10


def check_list(world: World, shop: Connected) -> None:
    """The report names the parcels that the figures count, with the numbers that TikTok Shop has."""
    now = world.time
    listed = report_late_dispatch(world.shop_run(shop), {"late_orders": 0}).answer["unscanned_parcels"]
    expected = sorted(
        (package.created_at.replace(microsecond=0), package.tracking_number, package.order.id)
        for package in packages_of(world, shop)
        if fate_of(package) == "unscanned" and 24 * HOUR < now - package.created_at <= 21 * DAY
    )
    assert "left_out" not in listed
    named = [(each["tracking_number"], each["order"]) for each in listed["parcels"]]
    assert sorted(named) == sorted((number, order) for _, number, order in expected)
    hours = [each["hours_without_a_scan"] for each in listed["parcels"]]
    assert hours == sorted(hours, reverse=True)
