"""How long a cancellation takes to reach all sides (issue 3): on the world's clock, in the worst order of events.

On the world's clock the jobs of a cycle follow each other within seconds; deployed, within minutes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest

from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.test_cancellation_figures import a_life
from tests.adapters.jobs.test_figures import show
from tests.world import CYCLE, JOBS, Connected, World

RUNS_OF_A_CYCLE = timedelta(minutes=1)


def told_at(world: World, order: OrderId) -> Mapping[str, datetime]:
    """When the other sides heard that an order is cancelled, or what became of a cancellation."""
    times = {
        "ChannelAdvisor": [each.at for each in world.channeladvisor.books.requests(method="POST", path="/Adjust")],
        "OMS": [each.at for each in world.oms.books.requests(method="PUT", path=f"/orders/{order}/cancellation")],
        "OMS, outcome": [each.at for each in world.oms.books.requests(method="PUT", path="/outcome")],
    }
    return {side: min(heard) for side, heard in times.items() if heard}


def cycle_with(world: World, shop: Connected, job: str, happening: Callable[[], object]) -> None:
    """A cycle in which something happens right after a job has run: too late for it by a moment."""
    start = world.time
    for each in JOBS:
        world.run(each, shop)
        if each == job:
            happening()
    world.advance(start + CYCLE - world.time)


def show_times(title: str, since: datetime, told: Mapping[str, datetime]) -> timedelta:
    """Print how long each side waited; the longest."""
    waits = {side: at - since for side, at in told.items()}
    show(title, {f"minutes until {side}": round(wait / timedelta(minutes=1), 1) for side, wait in waits.items()})
    return max(waits.values())


def test_a_platform_s_cancellation_reaches_all_sides_in_the_next_cycle() -> None:
    life = a_life()
    world, shop, order = life.world, life.shop, life.order
    cycle_with(world, shop, "poll_tiktok", lambda: world.tiktok.cancel_by_platform(order))
    (shown,) = world.tiktok.cancellations_of(order)
    world.cycle(1)
    told = told_at(world, order)
    assert set(told) == {"ChannelAdvisor", "OMS"}
    # Shown a moment after a poll: the next one sees it, and the pushes of the same cycle tell it.
    assert show_times("platform, from TikTok's showing it", shown.created_at, told) <= CYCLE + RUNS_OF_A_CYCLE
    seen = min(fact.at for fact in world.ledger.timeline(shop.id, order) if fact.event == "CANCELED")
    assert show_times("platform, from the poll that saw it", seen, told) <= RUNS_OF_A_CYCLE


def test_the_oms_s_approval_reaches_all_sides_within_a_cycle_of_its_telling() -> None:
    life = a_life()
    world, shop, order = life.world, life.shop, life.order
    request = world.tiktok.request_cancel(order)
    world.cycle(1)
    decided: list[datetime] = []

    def decide() -> None:
        world.oms.decide(request, "approve")
        decided.append(world.time)

    cycle_with(world, shop, "poll_oms", decide)
    world.cycle(2)
    ((answer,), told) = (world.tiktok.books.decided(request), told_at(world, order))
    assert set(told) == {"ChannelAdvisor", "OMS", "OMS, outcome"}
    assert show_times("approved by the OMS, from telling TikTok", answer.at, told) <= CYCLE
    assert show_times("approved by the OMS, from its decision", decided[0], told) <= 2 * CYCLE


@pytest.mark.parametrize("rule", ["reject_if_packed", "approve"])
def test_the_shop_s_rule_reaches_all_sides_within_a_cycle_and_tiktok_in_time(rule: str) -> None:
    life = a_life(cancellations={"without_answer": rule})
    world, shop, order = life.world, life.shop, life.order
    request = world.tiktok.request_cancel(order)
    world.cycle(1)
    open_request = world.record(shop, order).cancellations[0]
    assert open_request.answer_until is not None
    world.advance(open_request.answer_until - timedelta(minutes=7) - world.time)
    world.cycle(3)
    ((answer,), told) = (world.tiktok.books.decided(request), told_at(world, order))
    assert set(told) == {"ChannelAdvisor", "OMS", "OMS, outcome"}
    assert show_times(f"by the rule {rule}, from telling TikTok", answer.at, told) <= CYCLE
    assert answer.time_left is not None
    show(f"by the rule {rule}", {"minutes left to TikTok's deadline": answer.time_left / timedelta(minutes=1)})
    assert answer.time_left >= timedelta(minutes=44)


def test_the_oms_s_own_cancellation_reaches_all_sides_within_a_cycle_of_its_telling() -> None:
    life = a_life()
    world, shop, order = life.world, life.shop, life.order
    canceled: list[datetime] = []

    def cancel() -> None:
        world.oms.cancel_order(order)
        canceled.append(world.time)

    cycle_with(world, shop, "poll_oms", cancel)
    world.cycle(2)
    ((taken,), told) = (world.tiktok.books.seller_cancels, told_at(world, order))
    assert set(told) == {"ChannelAdvisor", "OMS, outcome"}
    assert show_times("cancelled by the OMS, from telling TikTok", taken.at, told) <= CYCLE
    assert show_times("cancelled by the OMS, from its cancelling", canceled[0], told) <= 2 * CYCLE
