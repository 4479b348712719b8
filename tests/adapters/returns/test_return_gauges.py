"""Figures that people watch: open returns, answers due, refunds that TikTok Shop does not confirm for a day."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import (
    HOUR,
    MINUTE,
    a_shipped_order,
    an_asked_return,
    ask,
    at_tiktok,
    details,
    facts,
    gauges,
    known,
    look,
    until,
    wish,
)
from tests.world import MUG, TEE, Connected, World

LATE = "TikTok Shop does not confirm a refund"


def test_open_returns_are_counted_until_they_end(world: World, shop: Connected) -> None:
    assert gauges(world, shop) == (0, 0, 0)
    kinds = [ReturnType.REFUND, ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT, ReturnType.EXCHANGE]
    asked = [an_asked_return(world, shop, kind, TEE)[1] for kind in kinds]
    assert gauges(world, shop) == (4, 0, 0)
    for number, return_id in enumerate(asked, 1):
        world.tiktok.buyer_withdraws_return(return_id)
        look(world, shop)
        assert gauges(world, shop) == (4 - number, 0, 0)


def test_a_return_is_open_in_each_of_its_steps(world: World, shop: Connected) -> None:
    _, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, MUG)
    seen = [gauges(world, shop)[0]]
    world.oms.decide_return(shop.id, return_id, "return", "approve")
    world.run("poll_oms", shop)
    seen.append(gauges(world, shop)[0])
    world.tiktok.tiktok_makes_label(return_id)
    look(world, shop)
    seen.append(gauges(world, shop)[0])
    world.tiktok.buyer_ships_return(return_id, usps(77))
    look(world, shop)
    seen.append(gauges(world, shop)[0])
    world.oms.decide_return(shop.id, return_id, "receive_package", "approve")
    world.run("poll_oms", shop)
    seen.append(gauges(world, shop)[0])
    world.cycle(6)
    assert seen == [1, 1, 1, 1, 1]
    assert gauges(world, shop) == (0, 0, 0)


def test_an_answer_that_is_due_within_two_hours_is_near(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    end = known(world, shop, order, return_id).answer_until
    assert end is not None
    until(world, end - 2 * HOUR - 2 * MINUTE)
    assert gauges(world, shop) == (1, 0, 0)
    until(world, end - 2 * HOUR)
    assert gauges(world, shop) == (1, 1, 0)
    world.oms.decide_return(shop.id, return_id, "return", "approve")
    world.run("poll_oms", shop)
    assert gauges(world, shop) == (1, 0, 0)


def test_each_shop_has_its_own_figures() -> None:
    world = World()
    us, uk = connected(world, "US"), connected(world, "GB")
    an_asked_return(world, us)
    assert gauges(world, us) == (1, 0, 0)
    assert gauges(world, uk) == (0, 0, 0)


def test_a_refund_that_tiktok_does_not_confirm_for_a_day_is_late_told_once_and_counted_until_it_comes(
    world: World, shop: Connected
) -> None:
    world.tiktok.set_refund_time(timedelta(hours=30))
    order, return_id = an_asked_return(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.run("poll_oms", shop)
    granted = at_tiktok(world, return_id).decided_at
    assert granted is not None
    until(world, granted + 23 * HOUR)
    world.cycle(2)
    assert gauges(world, shop) == (1, 0, 0)
    until(world, granted + 24 * HOUR)
    world.cycle(4)
    assert gauges(world, shop) == (1, 0, 1)
    assert len(facts(world, shop, order, "REFUND_LATE")) == 1
    assert [subject for subject, _ in world.published if subject.startswith(LATE)] == [f"{LATE}: order {order}"]
    assert world.counted("refunds_not_confirmed") == 1
    until(world, granted + 31 * HOUR)
    world.cycle(6)
    assert gauges(world, shop) == (0, 0, 0)
    check_agreed(world, shop, order)


def test_a_refund_of_the_seller_s_that_tiktok_makes_no_return_of_for_a_day_is_late(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop)
    world.oms.refund(shop.id, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/aftersale_eligibility", times=None)
    world.cycle(2)
    assert gauges(world, shop) == (0, 0, 0)
    world.advance(24 * HOUR)
    world.cycle(2)
    assert wish(world, shop, order).unconfirmed
    assert gauges(world, shop) == (0, 0, 1)
    assert len(details(world, shop, order, "SELLER_REFUND_UNCONFIRMED")) == 1
    world.tiktok.faults.clear()
    world.advance(HOUR)
    world.cycle(8)
    assert gauges(world, shop) == (0, 0, 0)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("source", ["OMS", "ChannelAdvisor"])
def test_a_refund_of_the_seller_s_that_stays_open_at_tiktok_for_a_day_is_late(
    world: World, shop: Connected, source: str
) -> None:
    world.tiktok.set_refund_time(timedelta(hours=48))
    order = a_shipped_order(world, shop, MUG)
    if source == "OMS":
        world.oms.refund(shop.id, order)
    else:
        world.channeladvisor.refund_units_by_hand(int(world.created(order)[0]["ID"]), {"MUG-RED": 1})
    world.cycle(3)
    assert gauges(world, shop) == (1, 0, 0)
    world.advance(25 * HOUR)
    world.cycle(3)
    assert gauges(world, shop)[2] >= 1
    assert any(subject.startswith("TikTok Shop does not confirm") for subject, _ in world.published)
    world.advance(24 * HOUR)
    world.cycle(8)
    assert gauges(world, shop) == (0, 0, 0)
    check_agreed(world, shop, order)


def test_an_answer_that_tiktok_does_not_confirm_is_counted_in_every_cycle_and_told_once(
    world: World, shop: Connected
) -> None:
    order, return_id = an_asked_return(world, shop)
    action = [{"action": "SELLER_RESPOND_REFUND", "deadline": int((world.time + 20 * HOUR).timestamp())}]
    world.tiktok.show_return_as(
        return_id, return_status="RETURN_OR_REFUND_REQUEST_PENDING", seller_next_action_response=action
    )
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    assert known(world, shop, order, return_id).unconfirmed
    assert world.counted("answers_unconfirmed") >= 2
    told = [subject for subject, _ in world.published if subject.startswith("TikTok Shop does not confirm an answer")]
    assert len(told) == 1
    world.tiktok.show_return_as(return_id)
    world.cycle(7)
    assert gauges(world, shop) == (0, 0, 0)
    check_agreed(world, shop, order)


def test_a_shop_with_returns_in_every_step_is_healthy(world: World, shop: Connected) -> None:
    orders = [a_shipped_order(world, shop, TEE) for _ in range(3)]
    for order in orders:
        return_id = ask(world, order)
        look(world, shop)
        world.oms.decide_return(shop.id, return_id, "refund", "approve")
        world.cycle(2)
    world.cycle(8)
    figures = world.run("watch_deadlines", shop).gauges
    assert (figures["stuck_work"], figures["oldest_entry_minutes"]) == (0, 0)
    assert gauges(world, shop) == (0, 0, 0)
    assert [text for text in world.problems() if not text.startswith("parcels_doubted")] == []
