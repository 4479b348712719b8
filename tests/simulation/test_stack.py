"""The product deployed to the cloud on virtual time: an ordinary day, a bad one, and the same one twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from local.translate_template import TEMPLATE
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from tests.simulation.cloud.deployment import deployment
from tests.simulation.cloud.schedules import next_time
from tests.simulation.faults import TIMES, Faults, Kind
from tests.simulation.stack import Stack
from tests.simulation.trace import Trace
from tests.world import MUG, START, TEE, TWO_TEES

PLAY = """
import sys
from tests.simulation.test_stack import bad_day
stack, _ = bad_day(int(sys.argv[1]), hours=5)
print(stack.trace.fingerprint, stack.trace.length)
"""


def deployed(rates: dict[Kind, float], seed: int = 1) -> Stack:
    return Stack(seed=seed, start=START, faults=lambda clock: Faults(seed, rates, clock), trace=Trace())


def bad_day(seed: int, hours: int) -> tuple[Stack, list[OrderId]]:
    """Three orders while a great deal goes wrong; then a quiet half of a day, with what failed started again."""
    stack = deployed({kind: rate * 5 for kind, rate in TIMES.items()}, seed)
    with stack.connected_to_partners():
        for name in (rates := stack.faults.rates.copy()):
            stack.faults.rates[name] = 0.0
        shop = stack.connect()
        stack.faults.rates.update(rates)
        stack.wake()
        orders = [stack.order(shop, *lines) for lines in ([TEE], [TWO_TEES, MUG], [MUG])]
        stack.loop.run_until(START + timedelta(hours=hours))
        stack.faults.end()
        stack.functions.redrive()
        stack.loop.run_until(START + timedelta(hours=hours + 12))
    return stack, orders


def test_an_order_is_seen_held_released_and_handed_over_by_the_real_handlers() -> None:
    stack = deployed({})
    with stack.connected_to_partners():
        shop = stack.connect()
        stack.wake()
        order = stack.order(shop, TEE)
        stack.loop.run_until(START + timedelta(minutes=59))
        assert stack.channeladvisor.books.orders_of_tiktok(order) == []

        stack.loop.run_until(START + timedelta(hours=2))
        assert len(stack.channeladvisor.books.orders_of_tiktok(order)) == 1
        assert stack.oms.books.order(order).channeladvisor_order_id

        stack.oms.ship(order, "USPS Ground", "Ground", "9400100000000000000000", lines=None)
        stack.loop.run_until(START + timedelta(hours=3))
    events = Counter(fact.event.value for fact in stack.ledger.timeline(shop.id, order))
    assert events["PARCEL_REPORTED"] == 1
    assert stack.functions.dead_letters == []
    assert stack.log.lines > 0
    assert stack.machines.executions
    assert stack.machines.open_executions() == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_goes_wrong_each_order_is_handed_over_once(seed: int) -> None:
    stack, orders = bad_day(seed, hours=5)

    assert len(stack.faults.counts()) >= 8, stack.faults.counts()
    assert stack.functions.killed
    assert not stack.channeladvisor.books.duplicates()
    for order in orders:
        story = "\n".join(stack.trace.text()[-200:])
        assert len(stack.channeladvisor.books.orders_of_tiktok(order)) == 1, story
        assert stack.oms.books.order(order).channeladvisor_order_id, story
        record = stack.ledger.load(stack.connected[0].id, order)
        assert record is not None
        assert all(entry.state is EntryState.DONE for entry in record.outbox), story


def test_one_seed_is_one_day_in_any_process() -> None:
    told = set()
    for hash_seed in ("0", "1"):
        done = subprocess.run(  # noqa: S603 (this very test)
            [sys.executable, "-c", PLAY, "7"],
            cwd=Path(TEMPLATE).parent,
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "layers/order_sync:functions:."},
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(done.stdout)
    assert len(told) == 1
    stack, _ = bad_day(8, hours=5)
    assert stack.trace.fingerprint not in told.pop()


def test_a_fault_that_is_left_out_does_not_strike() -> None:
    rates = {Kind.SCHEDULE_LOST: 0.5}

    def struck(left_out: tuple[str, ...]) -> list[str]:
        faults = Faults(1, rates, lambda: START, left_out)
        for _ in range(20):
            faults.strikes(Kind.SCHEDULE_LOST)
        return [strike.name for strike in faults.struck]

    first, *others = struck(())
    assert others
    assert struck((first,)) == others
    assert struck((Kind.SCHEDULE_LOST.name,)) == []


def test_every_schedule_of_the_template_wakes_at_its_minute() -> None:
    schedules = {schedule.event["job"]: schedule for schedule in deployment().schedules}

    assert next_time(schedules["poll_tiktok"], START) == START + timedelta(minutes=15)
    assert next_time(schedules["push_oms"], START) == START + timedelta(minutes=4)
    assert next_time(schedules["refresh_tokens"], START) == START.replace(minute=40)
    assert next_time(schedules["reconcile"], START) == START.replace(hour=3, minute=50) + timedelta(days=1)


def test_functions_have_the_limits_of_the_template() -> None:
    functions = deployment().functions

    assert functions["simulated-push-channeladvisor"].concurrency == 2
    assert functions["simulated-poll-tiktok"].concurrency is None
    assert functions["simulated-reconcile"].event_seconds == 21600
    jobs = json.loads(functions["simulated-dispatch"].environment["JOB_FUNCTIONS"])
    assert set(jobs.values()) <= set(functions)
