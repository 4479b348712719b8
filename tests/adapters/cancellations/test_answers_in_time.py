"""Answers reach TikTok Shop in time although something stands in their way: what was once in their way."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.timing import Timing
from order_sync.ledger import keys
from order_sync.ledger.ledger import MOST_WRITES
from tests.adapters.cancellations.cancel_scenes import (
    an_open_request,
    ask_to_cancel,
    outcome_at_tiktok,
    request_of,
    see_request,
)
from tests.adapters.jobs.scenes import CANCELLATIONS, an_order_everywhere, parcels_at_tiktok, ship_from_oms
from tests.world import JOBS, TEE, Connected, World

MINUTE = timedelta(minutes=1)
OFFSETS = dict(zip(JOBS, (0, 2, 4, 6, 8, 10, 12, 13, 14), strict=True))
"""The minute of the cycle in which each job is woken, as the template says."""


def real_cycle(world: World, shop: Connected, cycle: timedelta = timedelta(minutes=15)) -> None:
    start = world.time
    for job in JOBS:
        world.advance(max(timedelta(0), start + OFFSETS[job] * MINUTE - world.time))
        world.run(job, shop)
    world.advance(max(timedelta(0), start + cycle - world.time))


def test_a_timer_repeats_until_the_answer_of_the_rule_is_told() -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "approve"})
    world.tiktok.set_automatic_approval(shop.simulated, 1)
    order, cancel = an_open_request(world, shop)
    end = request_of(world, shop, order, cancel).answer_until
    assert end is not None
    world.timers.waiting.clear()
    world.time = end
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/approve", times=5)
    for wait in (5, 10, 20, 40, 60, 60, 60, 60):
        report = world.run("settle_requests", shop, only=order)
        if not report.counts["runs_postponed"]:
            break
        world.time += timedelta(seconds=wait)

    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED


def test_three_answers_that_always_fail_keep_no_other_answer_back() -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "approve"})
    orders = [world.order(shop) for _ in range(4)]
    world.until_released()
    *failing, good = [ask_to_cancel(world, shop, order) for order in orders]
    see_request(world, shop)
    for cancel in failing:
        world.tiktok.faults.add(Fault.SERVER_ERROR, f"/{cancel}/approve", times=None)
        world.oms.decide(cancel, "approve")
    real_cycle(world, shop)
    world.oms.decide(good, "reject")
    real_cycle(world, shop)

    assert outcome_at_tiktok(world, good) is OutcomeAtTikTok.REJECTED


@pytest.mark.parametrize("minutes", [15, 20, 30, 60])
@pytest.mark.parametrize("phase", [1, 19, 55])
def test_the_rule_answers_in_time_while_the_oms_is_away_whatever_the_cycle(minutes: int, phase: int) -> None:
    cycle = minutes * MINUTE
    world = World(timing=Timing(cycle=cycle, confirmation=2 * cycle))
    shop = world.connect()
    _, cancel = an_open_request(world, shop, TEE)
    world.oms.faults.add(Fault.UNAVAILABLE, times=None)
    world.advance(phase * MINUTE)
    world.advance(timedelta(hours=20))
    while outcome_at_tiktok(world, cancel) is None:
        real_cycle(world, shop, cycle)

    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED


def test_an_oms_that_hangs_is_asked_once_in_a_run_and_all_requests_are_answered() -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop) for _ in range(20)]
    world.until_released()
    cancels = [ask_to_cancel(world, shop, order) for order in orders]
    see_request(world, shop)
    end = request_of(world, shop, orders[0], cancels[0]).answer_until
    assert end is not None
    world.timers.waiting.clear()
    world.advance(end - 20 * MINUTE - world.time)
    world.seconds_lost = 10.0
    world.oms.faults.add(Fault.LOST_BEFORE, times=None)
    for _ in range(6):
        start = world.time
        world.has_time = lambda start=start: world.time - start < timedelta(minutes=7)  # type: ignore[misc]
        world.run("settle_requests", shop)
        world.has_time = lambda: True
        world.advance(max(timedelta(0), start + 15 * MINUTE - world.time))

    assert {outcome_at_tiktok(world, cancel) for cancel in cancels} == {OutcomeAtTikTok.APPROVED}


def test_in_the_us_a_parcel_goes_although_the_request_that_it_rejects_cannot_be_read() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    world.tiktok.faults.add(Fault.SERVER_ERROR, CANCELLATIONS, times=None)
    cancel = ask_to_cancel(world, shop, order)
    real_cycle(world, shop)
    ship_from_oms(world, order)
    real_cycle(world, shop)

    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.REJECTED_BY_SHIPMENT
    assert len(parcels_at_tiktok(world, order)) == 1


def test_many_cancelled_units_fit_into_transactions() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop, LineSpec("TEE-BLU-M", "2.00", 60))
    cancel = ask_to_cancel(world, shop, order, units=55)
    see_request(world, shop)
    world.oms.decide(cancel, "approve")
    world.cycle(3)

    canceled = [line for line in world.oms.books.order(order).lines if line.state == "cancelled"]
    assert len(canceled) == 55 > MOST_WRITES / 2
    assert world.problems() == []


def test_a_damaged_pointer_to_one_request_stops_no_other_decision() -> None:
    world = World()
    shop = world.connect()
    damaged, good = world.order(shop), world.order(shop)
    world.until_released()
    cancels = [ask_to_cancel(world, shop, order) for order in (damaged, good)]
    see_request(world, shop)
    del world.table.items[keys.request_key(shop.id, cancels[0])]["order"]
    for cancel in cancels:
        world.oms.decide(cancel, "approve")
    world.run("poll_oms", shop)

    assert outcome_at_tiktok(world, cancels[1]) is OutcomeAtTikTok.APPROVED
    assert world.counted("decisions_undecided") == 1


def test_the_own_words_of_whoever_decides_are_kept_nowhere() -> None:
    world = World()
    shop = world.connect()
    _, cancel = an_open_request(world, shop)
    world.oms.decide(cancel, "reject", "Jane Doe of 12 Elm Street has phoned")
    world.cycle(2)

    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.REJECTED
    assert [item for item in world.table.items.values() if "Jane" in str(item)] == []
    assert [notice for notice in world.published if "Jane" in str(notice)] == []
