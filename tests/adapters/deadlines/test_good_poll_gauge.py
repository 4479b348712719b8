"""Minutes since the last good poll: of the poll that has been without success for the longest."""

import pytest

from local.simulators.faults import Fault
from local.simulators.oms.simulator import OmsSimulator
from local.tracking_numbers import usps
from tests.adapters.deadlines.deadline_scenes import (
    DAY,
    HOUR,
    gauge,
    pass_time,
)
from tests.adapters.jobs.scenes import CANCELLATIONS, SEARCH, in_channeladvisor
from tests.world import CYCLE, Connected, Killed, World

POLLS = ("poll_tiktok", "poll_channeladvisor", "poll_oms")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def poll_all(world: World, shop: Connected, *skip: str) -> None:
    for job in POLLS:
        if job not in skip:
            world.run(job, shop)


def test_a_new_shop_s_polls_count_from_its_first_look(world: World, shop: Connected) -> None:
    pass_time(world, world.time + DAY)
    assert gauge(world, shop, "minutes_since_good_poll") == 0
    pass_time(world, world.time + HOUR)
    assert gauge(world, shop, "minutes_since_good_poll") == pytest.approx(60, abs=0.1)


@pytest.mark.parametrize("silent", POLLS)
def test_the_poll_that_has_been_without_success_for_the_longest_counts(
    world: World, shop: Connected, silent: str
) -> None:
    poll_all(world, shop)
    for _ in range(4):
        pass_time(world, world.time + CYCLE)
        poll_all(world, shop, silent)
    assert gauge(world, shop, "minutes_since_good_poll") == pytest.approx(60, abs=1)
    world.run(silent, shop)
    assert gauge(world, shop, "minutes_since_good_poll") < 1


FAULTS = {
    "TikTok's orders": ("tiktok", SEARCH),
    "TikTok's cancellations": ("tiktok", CANCELLATIONS),
    "ChannelAdvisor": ("channeladvisor", "/v1/Orders"),
    "the OMS's shipments": ("oms", "/shipments"),
    "the OMS's decisions": ("oms", "/cancel-request-decisions"),
    "the OMS's cancellations": ("oms", "/seller-cancellations"),
}


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON])
@pytest.mark.parametrize("feed", FAULTS)
def test_a_poll_that_fails_is_no_good_poll(world: World, shop: Connected, feed: str, fault: Fault) -> None:
    partner, path = FAULTS[feed]
    poll_all(world, shop)
    faults = getattr(world, partner).faults
    faults.add(fault, path, times=None)
    for _ in range(4):
        pass_time(world, world.time + CYCLE)
        poll_all(world, shop)
    assert world.counted("runs_postponed") == 4
    assert gauge(world, shop, "minutes_since_good_poll") > 59
    faults.clear()
    poll_all(world, shop)
    assert gauge(world, shop, "minutes_since_good_poll") < 1


def test_an_expired_token_is_no_good_poll(world: World, shop: Connected) -> None:
    poll_all(world, shop)
    world.tiktok.expire_token(shop.simulated)
    pass_time(world, world.time + HOUR)
    poll_all(world, shop)
    assert gauge(world, shop, "minutes_since_good_poll") > 59


@pytest.mark.parametrize("poll", POLLS)
def test_a_poll_that_is_cut_short_is_no_good_poll(poll: str) -> None:
    world = World(channeladvisor_page=3)
    world.oms = OmsSimulator(world.clock, token="oms-token", largest_page=3)
    shop = world.connect()
    orders = [world.order(shop, hold=False) for _ in range(8)]
    world.cycle(6, skip=("poll_channeladvisor", "poll_oms"))
    poll_all(world, shop)
    pass_time(world, world.time + HOUR)
    for number, order in enumerate(orders):
        match poll:
            case "poll_oms":
                world.oms.ship(order, "USPS Ground", "Ground", usps(number))
            case "poll_channeladvisor":
                world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", f"9{order}")
            case "poll_tiktok":
                world.tiktok.touch(order)
    pass_time(world, world.time + CYCLE)
    world.has_time = lambda: False
    assert world.run(poll, shop).counts["polls_cut_short"] >= 1
    world.has_time = lambda: True
    poll_all(world, shop, poll)
    assert gauge(world, shop, "minutes_since_good_poll") > 59
    world.run(poll, shop)
    assert gauge(world, shop, "minutes_since_good_poll") < 1


@pytest.mark.parametrize("poll", POLLS)
def test_a_poll_that_dies_is_no_good_poll(world: World, shop: Connected, poll: str) -> None:
    world.order(shop)
    poll_all(world, shop)
    pass_time(world, world.time + HOUR)

    def die() -> None:
        raise Killed

    world.on_answer = die
    world.run(poll, shop)
    world.on_answer = lambda: None
    poll_all(world, shop, poll)
    assert gauge(world, shop, "minutes_since_good_poll") > 59


def test_a_shop_without_an_oms_of_its_own_needs_no_poll_of_one(world: World) -> None:
    shop = world.connect(oms={"adapter": "none"})
    for _ in range(5):
        poll_all(world, shop, "poll_oms")
        pass_time(world, world.time + CYCLE)
    assert gauge(world, shop, "minutes_since_good_poll") < 16


def test_an_oms_that_a_shop_has_had_is_asked_for_no_more(world: World, shop: Connected) -> None:
    poll_all(world, shop)
    world.reconnect(shop, oms={"adapter": "none"})
    pass_time(world, world.time + DAY)
    poll_all(world, shop, "poll_oms")
    assert gauge(world, shop, "minutes_since_good_poll") < 1
