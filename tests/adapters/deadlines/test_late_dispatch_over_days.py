"""Two weeks of orders that everybody ships, splits, forgets and cancels: the counters say what really happened.

What really happened is TikTok's to say: the simulator's own books are counted order by order, by rules that are
written down here once more.
"""

import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from local.simulators.tiktok_shop.business_days import business_day_after
from local.simulators.tiktok_shop.deadlines import DayCounts
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.orders import Initiator, Status
from local.simulators.tiktok_shop.times import OrderTimes
from local.tracking_numbers import usps
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.domain.deadlines.rates import Window
from order_sync.domain.deadlines.tallies import Counted
from order_sync.domain.ids import OrderId
from order_sync.jobs.recount_late_dispatch import recount_late_dispatch
from order_sync.jobs.report_late_dispatch import report_late_dispatch
from order_sync.ledger.deadlines import DeadlineBook
from tests.adapters.deadlines.deadline_scenes import DAY, HOUR, MISSED, PACIFIC, keep_access, warnings_of, watch
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.jobs.test_figures import show
from tests.world import START, TEE, TWO_TEES, Connected, World

STEP = timedelta(hours=6)
DAYS = 15
ORDERS = 64
SEEDS = (3, 4)
YEAR = Window(first=date(2026, 1, 1), last=date(2026, 12, 31))


class People:
    """Everybody who does something to an order, by chance."""

    def __init__(self, world: World, shop: Connected, chance: random.Random) -> None:
        self.world, self.shop, self.chance = world, shop, chance
        self.diligence: dict[OrderId, float] = {}
        self._parcels = 0

    def order(self) -> None:
        """A buyer orders, at some moment of the last hours; some orders are TikTok's own, some are never paid."""
        kind = self.chance.random()
        options: dict[str, object] = {"created_at": self._lately()}
        if kind < 0.08:
            options |= {"fulfilled_by_tiktok": True}
        elif kind < 0.12:
            options |= {"paid": False}
        elif kind < 0.3:
            options |= {"day_counts": DayCounts(collect=self.chance.choice((2, 4)))}
        lines = TWO_TEES if self.chance.random() < 0.4 else TEE
        order = self.world.order(self.shop, lines, **options)
        self.diligence[order] = self.chance.choice((0, 0.03, 0.06, 0.15, 0.4))

    def act(self) -> None:
        """Something may happen to each order; what is not allowed just now does not."""
        for order, diligence in self.diligence.items():
            with suppress(IllegalStepError, RefusalError):
                self._act(order, diligence)

    def _act(self, order: OrderId, diligence: float) -> None:
        tiktok, kind = self.world.tiktok, self.chance.random()
        match tiktok.status(order):
            case Status.ON_HOLD if kind < 0.1:
                tiktok.cancel_as_buyer(order)
            case Status.AWAITING_SHIPMENT if kind < diligence:
                self._ship(order)
            case Status.AWAITING_SHIPMENT if kind > 0.975:
                self._cancel(order)
            case Status.PARTIALLY_SHIPPING if kind < 0.2:
                self._parcel(order, tiktok._state.order(order).unshipped[0].id)
            case Status.AWAITING_COLLECTION if kind < 0.25:
                tiktok.collect(order, at=self._lately() if kind < 0.15 else None)
            case Status.IN_TRANSIT if kind < 0.1:
                tiktok.deliver(order)
            case Status.IN_TRANSIT if kind > 0.97:
                tiktok.correct_collection_time(order, self.world.time - self.chance.random() * 2 * DAY)
            case Status.IN_TRANSIT if kind > 0.95:
                tiktok.cancel_by_platform(order, "Package did not arrive in time")
            case _:
                pass

    def _ship(self, order: OrderId) -> None:
        times = self.world.tiktok.times(order)
        if times.fulfillment_type != "FULFILLMENT_BY_SELLER":
            self.world.tiktok.dispatch_at(order, tracking_added=self._lately())
        elif len(self.world.tiktok.line_ids(order)) > 1 and self.chance.random() < 0.5:
            self._parcel(order, self.world.tiktok.line_ids(order)[0])
        elif order in [taken.tiktok_order_id for taken in self.world.oms.books.orders()]:
            self._parcels += 1
            self.world.oms.ship(order, "USPS Ground", "Ground", usps(self._parcels))

    def _parcel(self, order: OrderId, line: str) -> None:
        self._parcels += 1
        self.world.tiktok.ship_in_seller_center(order, usps(self._parcels), "USPS", [line])

    def _cancel(self, order: OrderId) -> None:
        """By whoever may: the seller there, in the OMS or in ChannelAdvisor, the buyer with an answer, or TikTok."""
        tiktok, oms = self.world.tiktok, self.world.oms
        match self.chance.randrange(5):
            case 0:
                tiktok.cancel_by_seller(order, at=self._lately())
            case 1 if order in [taken.tiktok_order_id for taken in oms.books.orders()]:
                oms.cancel_order(order)
            case 2 if self.world.created(order):
                self.world.channeladvisor.cancel_by_hand(in_channeladvisor(self.world, order))
            case 3:
                tiktok.request_cancel(order)
            case 4:
                tiktok.cancel_by_platform(order, "Potential fraud")
            case _:
                pass

    def _lately(self) -> datetime:
        return (self.world.time - self.chance.random() * STEP).replace(microsecond=0)


def two_weeks(seed: int) -> tuple[World, Connected]:
    """Orders of the first eight days, and what becomes of them in fifteen; all jobs run every six hours."""
    world = World()
    shop = world.connect()
    people = People(world, shop, random.Random(seed))
    steps = int(DAYS * DAY / STEP)
    for step in range(1, steps + 1):
        world.advance(START + step * STEP - world.time)
        keep_access(world)
        if len(people.diligence) < ORDERS:
            for _ in range(people.chance.randint(0, 4)):
                people.order()
        people.act()
        world.cycle()
    # What was decided last is carried out, told and seen.
    world.cycle(6)
    return world, shop


def counted_by_the_books(world: World, shop: Connected) -> dict[date, Counter[str]]:
    """What should be counted, order by order, by the guide's rules (OP B4, B5, C3-C6)."""
    days: dict[date, Counter[str]] = {}
    for times in world.tiktok.times_of_orders(shop.simulated):
        ours = business_day_after(times.created_at.astimezone(PACIFIC).date(), 3, "US", ())
        due = datetime.combine(ours, time(23, 59, 59), PACIFIC).astimezone(UTC)
        own = days.setdefault(ours, Counter())
        if times.fulfillment_type != "FULFILLMENT_BY_SELLER":
            own["fulfilled_by_tiktok"] += times.collected_at is not None
            continue
        if fate := fate_of(times, due, world.time):
            own[f"profile_{fate}"] += 1
            own["late_canceled_by_platform"] += fate is Counted.LATE_CANCELED and times.cancelled_by is Initiator.SYSTEM
            own["seller_fault"] += is_seller_fault(times)
        if times.deadlines is None:
            continue
        theirs = times.deadlines.tts_sla_time
        own["differing"] += fate is not None and theirs != due
        if fate := fate_of(times, theirs, world.time):
            days.setdefault(theirs.astimezone(PACIFIC).date(), Counter())[f"tiktok_{fate}"] += 1
    return {day: +tally for day, tally in days.items() if +tally}


def fate_of(times: OrderTimes, due: datetime, now: datetime) -> Counted | None:
    """What became of an order that was due then; None while nothing did, or when it never awaited shipment."""
    if times.collected_at is not None:
        return Counted.LATE if times.collected_at > due else Counted.ON_TIME
    ended = times.cancelled_at or now
    if times.paid_at is None or times.hold_ends_at is None or times.hold_ends_at > ended:
        return None
    if times.cancelled_at is not None:
        return Counted.LATE_CANCELED if times.cancelled_at > due else Counted.CANCELED_IN_TIME
    return Counted.LATE_OPEN if now > due else None


def is_seller_fault(times: OrderTimes) -> bool:
    """The seller cancelled, or TikTok because nobody shipped in time or handed it to the carrier in time."""
    if times.cancelled_at is None or times.deadlines is None:
        return False
    if times.cancelled_by is not Initiator.SYSTEM:
        return times.cancelled_by is Initiator.SELLER
    limits = times.deadlines
    unshipped = times.tracking_added_at is None and times.cancelled_at >= limits.shipping_due_time
    return unshipped or (times.collected_at is None and times.cancelled_at >= limits.collection_due_time)


def test_the_counters_are_what_tiktok_s_own_books_say() -> None:
    everything: Counter[str] = Counter()
    for seed in SEEDS:
        world, shop = two_weeks(seed)
        expected = counted_by_the_books(world, shop)
        found = {day: tally for day, tally in DeadlineBook(world.table).days(shop.id, YEAR).items() if tally}
        assert found == expected, seed
        everything.update(sum(expected.values(), Counter[str]()))
        check_report(world, shop)
        check_stages(world, shop)
        check_warnings(world, shop)
    show("orders of two fortnights by what they count for", everything)
    # Each thing that can become of an order became of some: else this would prove nothing.
    assert {f"profile_{fate}" for fate in Counted} <= everything.keys()
    assert {"seller_fault", "fulfilled_by_tiktok", "late_canceled_by_platform", "differing"} <= everything.keys()


def check_report(world: World, shop: Connected) -> None:
    """The report counts the same from the orders as from the counters, and a recount finds nothing to repair."""
    for days in (7, 14, 30):
        report = report_late_dispatch(world.shop_run(shop), {"days": days})
        assert (report.counts["counters_differ"], report.problems) == (0, [])
    assert recount_late_dispatch(world.shop_run(shop), {}, world.sleep).problems == []


def check_stages(world: World, shop: Connected) -> None:
    """Each order stands in one list: closed are those that were collected or cancelled, and no others."""
    watch(world, shop)
    book = DeadlineBook(world.table)
    orders = world.tiktok.times_of_orders(shop.simulated)
    over = [each for each in orders if each.collected_at or each.cancelled_at]
    assert book.count(shop.id, Stage.CLOSED) == len(over)
    assert sum(book.count(shop.id, stage) for stage in Stage) == len(orders)


def check_warnings(world: World, shop: Connected) -> None:
    """No warning was given twice, and only a missed deadline is called one."""
    for times in world.tiktok.times_of_orders(shop.simulated):
        given = warnings_of(world, shop, OrderId(times.order_id))
        assert len({(each.what, each.deadline) for each in given}) == len(given)
        for each in given:
            assert each.what != MISSED or each.at > each.deadline
            assert times.paid_at is not None
            assert times.fulfillment_type == "FULFILLMENT_BY_SELLER"
            assert times.cancelled_at is None or each.at < times.cancelled_at + STEP + HOUR
