"""Answers that are lost, broken or refused at each write of a whole life, and hours without a partner in it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from local.simulators.faults import Fault, Faults
from local.simulators.tiktok_shop.return_records import ReturnQuestion, ReturnStatus, ReturnType
from local.tracking_numbers import usps
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_lives import LIVES, MOST_PLACES, play
from tests.adapters.returns.return_scenes import (
    CREATE,
    HOUR,
    a_shipped_order,
    an_asked_return,
    ask,
    at_tiktok,
    booked,
    decisions,
    issued,
    known,
    look,
    until,
)
from tests.world import MUG, TWO_TEES, Connected, World

DOUBTFUL = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON]
WRITES = [
    ("channeladvisor", "POST", "/Adjust"),
    ("channeladvisor", "PATCH", "/v1/Orders("),
    ("oms", "PUT", "/returns/"),
    ("oms", "PUT", "/seller-refunds/"),
]
BY_HAND = "by hand in ChannelAdvisor"
PARTNERS = ("tiktok", "channeladvisor", "oms")
AWAY = [Fault.UNREACHABLE, Fault.UNAVAILABLE]


def faults_of(world: World) -> Mapping[str, Faults]:
    """Where each partner's faults are planned."""
    return {"tiktok": world.tiktok.faults, "channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}


def lose_each(life: str, partner: str, method: str | None, path: str, fault: Fault, *, every: int = 1) -> int:
    """Play a life with one answer lost, another one each time; how many of these calls were tried."""
    for place in range(1, MOST_PLACES, every):

        def disturb(world: World, _shop: Connected, place: int) -> None:
            faults_of(world)[partner].add(fault, path, method=method, after=place - 1)

        try:
            world, _, _ = play(life, disturb, place)
        except AssertionError as error:
            raise AssertionError(f"{life}, {fault} at call {place} of {method} {path}: {error}") from error
        if not faults_of(world)[partner].happened:
            return place - 1
    raise AssertionError(f"more than {MOST_PLACES} calls")


@pytest.mark.parametrize(("partner", "method", "path"), WRITES)
@pytest.mark.parametrize("life", [life for life in LIVES if life != BY_HAND])
def test_an_answer_that_is_lost_after_its_effect_doubles_nothing(
    life: str, partner: str, method: str, path: str
) -> None:
    tried = lose_each(life, partner, method, path, Fault.LOST_AFTER)
    assert bool(tried) == (path != "/seller-refunds/" or life == "by the OMS")


@pytest.mark.parametrize("fault", DOUBTFUL)
@pytest.mark.parametrize("life", [life for life in LIVES if life != BY_HAND])
def test_an_answer_to_a_refund_or_a_decision_that_is_broken_or_lost_doubles_nothing(life: str, fault: Fault) -> None:
    assert lose_each(life, "tiktok", "POST", CREATE if life == "by the OMS" else "/approve", fault) >= 1
    assert lose_each(life, "channeladvisor", "POST", "/Adjust", fault) >= 1


@pytest.mark.parametrize("fault", DOUBTFUL)
def test_a_lost_answer_to_the_refund_that_a_person_made_in_channeladvisor_doubles_nothing(fault: Fault) -> None:
    assert lose_each(BY_HAND, "tiktok", "POST", CREATE, fault) >= 1


@pytest.mark.parametrize("partner", PARTNERS)
def test_any_read_that_fails_is_made_up_for(partner: str) -> None:
    assert lose_each("both questions", partner, "GET", "", Fault.SERVER_ERROR, every=6) > 4


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("life", LIVES)
def test_hours_without_a_partner_in_the_middle_are_made_up_for(life: str, partner: str) -> None:
    """It goes away after two answers, and is back two hours later. The waits between attempts have grown by then."""
    path = {"tiktok": "/return_refund/", "channeladvisor": "/v1/Orders", "oms": "/"}[partner]

    def disturb(world: World, _shop: Connected, place: int) -> None:
        faults = faults_of(world)[partner]
        faults.add(Fault.UNREACHABLE, path, times=None, after=place)
        back_at = world.time + 2 * HOUR

        def come_back() -> None:
            if world.time >= back_at:
                faults.clear()
                world.on_answer = lambda: None

        world.on_answer = come_back

    world, _, _ = play(life, disturb, 2, cycles=22, notices=["TikTok Shop does not confirm an answer or a refund"])
    assert faults_of(world)[partner].happened


@pytest.mark.parametrize("question", ["refund", "return", "receive_package"])
def test_timers_that_cannot_be_started_leave_the_rule_to_the_sweep(world: World, region: str, question: str) -> None:
    shop = connected(world, region, returns={"without_answer": "approve"})
    order = a_shipped_order(world, shop, TWO_TEES)
    world.timers.broken = True
    # A month, as TikTok has it, is longer than a token lives.
    world.tiktok.set_time_to_answer_return(ReturnQuestion.RECEIVE_PACKAGE, 72 * HOUR)
    kind = ReturnType.REFUND if question == "refund" else ReturnType.RETURN_AND_REFUND
    return_id = ask(world, order, kind, approved_by_tiktok=question == "receive_package")
    look(world, shop)
    if question == "receive_package":
        world.tiktok.buyer_ships_return(return_id, usps(78))
        look(world, shop)
    end = known(world, shop, order, return_id).answer_until
    deadline = at_tiktok(world, return_id).respond_by
    assert end is not None
    assert deadline is not None
    until(world, end - timedelta(minutes=40))
    world.cycle(5)
    assert world.time < deadline
    assert [(by, code) for _, by, code in decisions(world, return_id)] == [("api", 0)]
    assert world.counted("timers_not_started") > 0
    if question == "return":
        assert at_tiktok(world, return_id).status is ReturnStatus.AWAITING_BUYER_SHIP
    else:
        world.cycle(4)
        assert len(issued(world, order)) == len(booked(world, order)) == 1
    check_agreed(world, shop, order)


@pytest.mark.parametrize("away", AWAY)
def test_tiktok_that_is_away_over_its_own_deadline_decides_itself_and_all_learn_it(
    world: World, shop: Connected, away: Fault
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, MUG)
    deadline = at_tiktok(world, return_id).respond_by
    assert deadline is not None
    until(world, deadline - 2 * HOUR)
    world.tiktok.faults.add(away, times=None)
    world.oms.decide_return(shop.id, return_id, "refund", "reject")
    for _ in range(5):
        world.cycle()
        world.advance(HOUR)
    world.tiktok.faults.clear()
    world.cycle(8)
    assert [by for _, by, code in decisions(world, return_id) if code == 0] == ["tiktok"]
    assert len(issued(world, order)) == len(booked(world, order)) == 1
    check_agreed(world, shop, order)


@pytest.mark.parametrize("away", AWAY)
def test_channeladvisor_that_is_away_for_a_day_books_every_refund_once_when_it_is_back(
    world: World, shop: Connected, away: Fault
) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, MUG)
    world.channeladvisor.faults.add(away, times=None)
    ids = world.tiktok.line_ids(order)
    world.tiktok.refund_in_seller_center(order, ids[:1])
    world.oms.refund(shop.id, order, ids[1:2])
    world.cycle(4)
    world.tiktok.refund_by_platform(order, ids[2:])
    world.cycle(4)
    for _ in range(16):
        world.advance(HOUR)
        world.cycle()
    world.channeladvisor.faults.clear()
    world.advance(HOUR)
    world.cycle(8)
    assert len(issued(world, order)) == len(booked(world, order)) == 3
    check_agreed(world, shop, order)
