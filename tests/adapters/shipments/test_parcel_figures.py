"""What a parcel costs the partners, and how long it is on its way (issue 5's figures): counted from their books."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from local.tracking_numbers import ups
from tests.adapters.jobs.test_figures import show
from tests.adapters.shipments.parcel_scenes import (
    NEW_NUMBER,
    NUMBER,
    all_everywhere,
    connected,
    cycle,
    everywhere,
    numbers_at_tiktok,
    report,
    shipped,
    type_in,
    until,
)
from tests.world import CYCLE, JOBS, MUG, TEE, TWO_TEES, Connected, World

SCHEDULE = {minute: job for minute, job in zip(range(0, 15, 2), JOBS, strict=False) if job.startswith(("poll", "push"))}
"""Each job's minute in the quarter of an hour; parcels are polled four minutes, and two, before they are pushed."""
LONGEST = CYCLE + timedelta(minutes=5)


def tiktok_requests(world: World) -> Counter[str]:
    """By endpoint."""
    return Counter(each.endpoint for each in world.tiktok.books.requests)


def channeladvisor_requests(world: World) -> Counter[str]:
    """By method and path, ids left open."""
    return Counter(
        f"{each.method} {''.join(sign for sign in each.path if not sign.isdigit())}"
        for each in world.channeladvisor.books.requests()
    )


def spent(world: World, shop: Connected, *jobs: str) -> tuple[Counter[str], Counter[str]]:
    """What some runs ask of TikTok Shop and of ChannelAdvisor."""
    before = tiktok_requests(world), channeladvisor_requests(world)
    for job in jobs:
        world.run(job, shop)
    return tiktok_requests(world) - before[0], channeladvisor_requests(world) - before[1]


@pytest.mark.parametrize(
    ("parcels", "at_most"), [(50, (1.1, 1.1)), (1, (3.0, 3.0))], ids=["fifty at once", "one alone"]
)
def test_a_parcel_costs_few_requests(world: World, shop: Connected, parcels: int, at_most: tuple[float, float]) -> None:
    """One to ship, and a share of the reading of fifty orders and of the list of carriers."""
    orders = all_everywhere(world, shop, [[TEE]] * parcels)
    for number, order in enumerate(orders):
        report(world, order, ups(number))
    world.run("poll_oms", shop)
    tiktok, _ = spent(world, shop, "push_tiktok")
    _, channeladvisor = spent(world, shop, "push_channeladvisor")
    show(f"requests of {parcels} parcels", tiktok | channeladvisor)
    show("per parcel", {"TikTok": tiktok.total() / parcels, "ChannelAdvisor": channeladvisor.total() / parcels})
    assert all(numbers_at_tiktok(world, order) for order in orders)
    assert tiktok.total() / parcels <= at_most[0]
    assert channeladvisor.total() / parcels <= at_most[1]


@pytest.mark.parametrize(
    ("parcels", "at_most"), [(50, (1.1, 2.1)), (1, (3.0, 3.0))], ids=["fifty at once", "one alone"]
)
def test_another_number_costs_few_requests(
    world: World, shop: Connected, parcels: int, at_most: tuple[float, float]
) -> None:
    """One to change it at TikTok Shop; a look and a change in ChannelAdvisor."""
    orders = all_everywhere(world, shop, [[TEE]] * parcels)
    shipments = [report(world, order, ups(number)) for number, order in enumerate(orders)]
    cycle(world, 2)
    for number, shipment in enumerate(shipments, 1000):
        world.oms.correct_shipment(shipment, ups(number))
    world.run("poll_oms", shop)
    tiktok, _ = spent(world, shop, "push_tiktok")
    _, channeladvisor = spent(world, shop, "push_channeladvisor")
    show(f"requests of {parcels} corrections", tiktok | channeladvisor)
    show("per correction", {"TikTok": tiktok.total() / parcels, "ChannelAdvisor": channeladvisor.total() / parcels})
    assert [numbers_at_tiktok(world, order) for order in orders] == [[ups(number + 1000)] for number in range(parcels)]
    assert tiktok.total() / parcels <= at_most[0]
    assert channeladvisor.total() / parcels <= at_most[1]


def one(world: World, shop: Connected) -> Callable[[], object]:
    order = everywhere(world, shop, TWO_TEES, MUG)
    return lambda: report(world, order)


def three(world: World, shop: Connected) -> Callable[[], object]:
    order = everywhere(world, shop, TWO_TEES, MUG)
    lines = world.tiktok.line_ids(order)
    return lambda: [report(world, order, ups(number), lines=[line]) for number, line in enumerate(lines)]


def by_line(world: World, shop: Connected) -> Callable[[], object]:
    order = everywhere(world, shop, TWO_TEES, MUG)
    return lambda: [report(world, order, lines=[line]) for line in world.tiktok.line_ids(order)]


def combined(world: World, shop: Connected) -> Callable[[], object]:
    orders = all_everywhere(world, shop, [[TEE]] * 20, buyer=world.tiktok.new_buyer(shop.simulated))
    world.tiktok.combine_in_seller_center(orders)
    return lambda: [report(world, order) for order in orders]


def split(world: World, shop: Connected) -> Callable[[], object]:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    return lambda: report(world, order, lines=[first])


def typed(world: World, shop: Connected) -> Callable[[], object]:
    order = everywhere(world, shop, TWO_TEES, MUG)
    return lambda: type_in(world, order)


def corrected(world: World, shop: Connected) -> Callable[[], object]:
    _, shipment = shipped(world, shop)
    return lambda: world.oms.correct_shipment(shipment, NEW_NUMBER)


def mended(world: World, shop: Connected) -> Callable[[], object]:
    order = everywhere(world, shop)
    shipment = report(world, order, NUMBER[:-1])
    cycle(world, 2)
    return lambda: world.oms.correct_shipment(shipment, NUMBER)


def run_until(world: World, shop: Connected, moment: datetime) -> None:
    """Each job at its own minute of the quarter of an hour, as the schedules of the template have it."""
    minute = world.time.replace(second=0, microsecond=0)
    while (minute := minute + timedelta(minutes=1)) <= moment:
        until(world, minute)
        if job := SCHEDULE.get(minute.minute % 15):
            world.run(job, shop)
    until(world, moment)


def heard_since(world: World, since: datetime) -> list[datetime]:
    """When TikTok Shop took a parcel or another label."""
    books = world.tiktok.books
    times = [each.at for each in books.shipments] + [each.at for each in books.tracking_updates]
    return [at for at in times if at >= since]


def show_waits(title: str, waits: list[timedelta]) -> None:
    minutes = [wait.total_seconds() / 60 for wait in waits]
    show(title, {"minutes at most": round(max(minutes), 1), "minutes at least": round(min(minutes), 1)})


@pytest.mark.parametrize(
    ("shape", "expected"),
    [(one, 1), (three, 3), (by_line, 1), (combined, 20), (split, 1), (typed, 1), (corrected, 1), (mended, 1)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_a_poll_brings_is_at_tiktok_within_one_cycle(
    shape: Callable[[World, Connected], Callable[[], object]], expected: int
) -> None:
    """And after the report within one cycle and the minutes between poll and push, whenever the warehouse reports."""
    waits: list[timedelta] = []
    for minute in (5, 7, 9):
        world = World()
        shop = connected(world)
        leave = shape(world, shop)
        start = world.time.replace(minute=minute, second=30) + timedelta(hours=1)
        run_until(world, shop, start)
        leave()
        since = world.time
        run_until(world, shop, since + LONGEST)
        heard = heard_since(world, since)
        assert len(heard) == expected
        waits += [at - since for at in heard]
    show_waits(f"from report to TikTok: {shape.__name__}", waits)
    assert max(waits) < LONGEST
    assert min(waits) < CYCLE / 3
