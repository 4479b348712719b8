"""Parcels without a carrier's scan, and the Valid Tracking Rate, as people watch them."""

from datetime import datetime, timedelta

import pytest

from local.tracking_numbers import usps
from tests.adapters.deadlines.deadline_scenes import DAY, HOUR, MINUTE, gauge, local, pass_time, watch
from tests.adapters.deadlines.scan_scenes import Parcels
from tests.adapters.jobs.scenes import an_order_everywhere, ship_from_oms
from tests.world import TEE, Connected, World

SHIPPED = local("2026-06-03 15:00:00")
RATE = "valid_tracking_rate"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


@pytest.fixture
def parcels(world: World, shop: Connected) -> Parcels:
    return Parcels(world, shop)


def unscanned(parcels: Parcels, at: datetime | None = None) -> tuple[float, float]:
    """How many parcels have no scan after 24 to 48 hours, and after more."""
    if at is not None:
        pass_time(parcels.world, at)
    gauges = watch(parcels.world, parcels.shop).gauges
    return gauges["parcels_unscanned_24h"], gauges["parcels_unscanned_48h"]


# ---- parcels without a scan


@pytest.mark.parametrize(
    ("age", "found"),
    [
        (MINUTE, (0, 0)),
        (24 * HOUR - MINUTE, (0, 0)),
        (24 * HOUR + MINUTE, (1, 0)),
        (48 * HOUR - MINUTE, (1, 0)),
        (48 * HOUR + MINUTE, (0, 1)),
        (21 * DAY - MINUTE, (0, 1)),
        (21 * DAY + MINUTE, (0, 0)),
    ],
)
def test_a_parcel_without_a_scan_is_counted_by_its_age(
    parcels: Parcels, age: timedelta, found: tuple[float, float]
) -> None:
    parcels.ship(at=SHIPPED)
    assert unscanned(parcels, SHIPPED + age) == found


@pytest.mark.parametrize(("age", "before"), [(25 * HOUR, (3, 0)), (50 * HOUR, (0, 3))])
def test_a_scan_takes_a_parcel_off(parcels: Parcels, age: timedelta, before: tuple[float, float]) -> None:
    first, second, _ = parcels.ship(3, at=SHIPPED)
    assert unscanned(parcels, SHIPPED + age) == before
    parcels.scan(first, second)
    assert sum(unscanned(parcels)) == 1


def test_a_parcel_that_is_scanned_in_time_is_never_counted(parcels: Parcels) -> None:
    orders = parcels.ship(2, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + 8 * HOUR)
    parcels.scan(*orders)
    ages = (25 * HOUR, 50 * HOUR, 10 * DAY)
    assert [unscanned(parcels, SHIPPED + age) for age in ages] == [(0, 0)] * 3


def test_of_two_parcels_of_an_order_the_one_without_a_scan_is_counted(parcels: Parcels) -> None:
    world, shop = parcels.world, parcels.shop
    pass_time(world, SHIPPED)
    order = world.order(shop, TEE, TEE, hold=False)
    packages = [
        world.tiktok.ship_in_seller_center(order, usps(number), "USPS", [line])
        for number, line in enumerate(world.tiktok.line_ids(order))
    ]
    parcels.see()
    assert unscanned(parcels, SHIPPED + 25 * HOUR) == (2, 0)
    world.tiktok.collect(packages[0])
    parcels.see()
    assert unscanned(parcels) == (1, 0)
    world.tiktok.collect(packages[1])
    parcels.see()
    assert unscanned(parcels) == (0, 0)


def test_a_parcel_that_we_told_tiktok_of_counts_from_then_on(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.cycle(2)
    (parcel,) = world.record(shop, order).parcels
    (shipment,) = world.tiktok.books.shipments_of(order)
    assert parcel.at_tiktok_since is not None
    assert abs(parcel.at_tiktok_since - shipment.at) < timedelta(seconds=2)
    pass_time(world, shipment.at + 25 * HOUR)
    assert gauge(world, shop, "parcels_unscanned_24h") == 1


def test_nobody_waits_for_the_scan_of_a_cancelled_parcel(parcels: Parcels) -> None:
    (order,) = parcels.ship(at=SHIPPED)
    assert unscanned(parcels, SHIPPED + 25 * HOUR) == (1, 0)
    parcels.world.tiktok.cancel_by_seller(order)
    parcels.see()
    assert unscanned(parcels) == (0, 0)


def test_a_parcel_that_tiktok_gives_up_because_nobody_scanned_it_has_no_scan(parcels: Parcels) -> None:
    """Twelve business days after the order, at TikTok Shop's own word."""
    (order,) = parcels.ship(at=SHIPPED)
    pass_time(parcels.world, SHIPPED + 20 * DAY)
    parcels.see()
    assert parcels.world.record(parcels.shop, order).order.canceled_by == "SYSTEM"
    assert unscanned(parcels) == (0, 1)


def test_what_tiktok_ships_by_itself_is_not_counted(world: World, shop: Connected) -> None:
    pass_time(world, SHIPPED)
    for own in ({"fulfilled_by_tiktok": True}, {"shipped_by_tiktok": True}):
        order = world.order(shop, TEE, hold=False, **own)
        world.tiktok.ship_by_tiktok(order, usps(len(own)))
    world.run("poll_tiktok", shop)
    pass_time(world, SHIPPED + 25 * HOUR)
    assert gauge(world, shop, "parcels_unscanned_24h") == 0


def test_each_shop_has_its_own_parcels(parcels: Parcels) -> None:
    other = parcels.world.connect("GB")
    parcels.ship(2, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + 25 * HOUR)
    assert gauge(parcels.world, parcels.shop, "parcels_unscanned_24h") == 2
    assert gauge(parcels.world, other, "parcels_unscanned_24h") == 0


# ---- the rate


def rated(parcels: Parcels, scanned: int, others: int) -> None:
    """Parcels of Wednesday of which so many are scanned on Thursday; it is noon, fifteen days after Wednesday."""
    orders = parcels.ship(scanned + others, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + DAY)
    parcels.scan(*orders[:scanned])
    pass_time(parcels.world, local("2026-06-18 12:00:00"))


@pytest.mark.parametrize(("scanned", "others", "percent"), [(19, 1, 95.0), (38, 2, 95.0), (10, 0, 100.0), (0, 10, 0.0)])
def test_the_rate_is_exact(parcels: Parcels, scanned: int, others: int, percent: float) -> None:
    rated(parcels, scanned, others)
    assert gauge(parcels.world, parcels.shop, RATE) == percent


@pytest.mark.parametrize(("scanned", "published"), [(8, False), (9, True)])
def test_the_rate_is_published_from_ten_parcels_on(parcels: Parcels, scanned: int, *, published: bool) -> None:
    rated(parcels, scanned, 1)
    assert watch(parcels.world, parcels.shop).gauges.get(RATE) == (90.0 if published else None)


def test_the_rate_is_that_of_seven_days_which_ended_two_weeks_ago(parcels: Parcels) -> None:
    """Parcels of the 3rd are looked at from the 18th to the 24th, where the shop is."""
    rated(parcels, 9, 1)
    seen = []
    for at in ("17 23:58:00", "18 00:02:00", "24 23:58:00", "25 00:02:00"):
        parcels.world.time = local(f"2026-06-{at}")
        seen.append(RATE in watch(parcels.world, parcels.shop).gauges)
    assert seen == [False, True, True, False]


def test_a_late_scan_counts_as_long_as_it_comes(parcels: Parcels) -> None:
    rated(parcels, 9, 1)
    assert gauge(parcels.world, parcels.shop, RATE) == 90.0
    (late,) = list(parcels.numbers)[9:]
    # TikTok Shop has not given it up yet.
    parcels.scan(late)
    assert gauge(parcels.world, parcels.shop, RATE) == 100.0


def test_what_was_cancelled_before_a_carrier_came_stands_in_neither_number(parcels: Parcels) -> None:
    orders = parcels.ship(20, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + DAY)
    parcels.scan(*orders[:9])
    for order in orders[10:]:
        parcels.world.tiktok.cancel_by_seller(order)
    parcels.see()
    pass_time(parcels.world, local("2026-06-18 12:00:00"))
    assert gauge(parcels.world, parcels.shop, RATE) == 90.0


def test_what_tiktok_gave_up_because_nobody_scanned_it_counts_against_the_rate(parcels: Parcels) -> None:
    rated(parcels, 9, 1)
    pass_time(parcels.world, local("2026-06-24 12:00:00"))
    parcels.see()
    (late,) = list(parcels.numbers)[9:]
    assert parcels.world.record(parcels.shop, late).order.canceled_by == "SYSTEM"
    assert gauge(parcels.world, parcels.shop, RATE) == 90.0
