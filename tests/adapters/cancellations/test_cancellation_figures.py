"""Figures of cancellations, counted (issue 3): write units, TikTok's requests, state transitions."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.tracking_numbers import royal_mail, ups
from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.seller_cancel_scenes import check_books
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.jobs.scenes import in_channeladvisor, ship_from_oms
from tests.adapters.jobs.test_figures import THE_MARK_OF_A_GOOD_POLL, show
from tests.world import JOBS, TWO_TEES, Connected, World

POLLS_OF_TIKTOK = 3
"""Requests that an idle poll_tiktok makes: a search of orders, one of cancellations and one of returns."""
STATE_MACHINE = Path(__file__).parents[3] / "statemachines" / "cancellation_approval.asl.json"
STATE_TRANSITIONS = 3
"""A transition for each state that is entered, and one for the start, which AWS may count as well."""
MANY = 200
READS_OF_MANY = 0.17


@dataclass(slots=True)
class Life:
    """One order and its cancellation: what each step of its life costs."""

    world: World
    shop: Connected
    order: OrderId
    writes: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)

    def step(self, name: str, *jobs: str) -> None:
        """Run some jobs and count them under a name."""
        writes, requests = self.world.table.write_units, len(self.world.tiktok.books.requests)
        for job in jobs:
            self.world.run(job, self.shop)
        marks = THE_MARK_OF_A_GOOD_POLL * sum(job.startswith("poll_") for job in jobs)
        self.writes[name] += self.world.table.write_units - writes - marks
        idle = POLLS_OF_TIKTOK * jobs.count("poll_tiktok")
        self.requests[name] += len(self.world.tiktok.books.requests) - requests - idle

    def wait(self, time: timedelta) -> None:
        """Let time pass without runs."""
        self.world.time += time


def given(world: World, shop: Connected, number: int) -> list[OrderId]:
    """Orders that ChannelAdvisor and the OMS were just given."""
    orders = [world.order(shop, TWO_TEES) for _ in range(number)]
    for job in ("poll_tiktok", "poll_oms"):
        world.run(job, shop)
    world.time += timedelta(hours=1, minutes=5)
    world.timers.waiting.clear()
    for job in ("release_due_orders", "push_channeladvisor", "push_oms"):
        world.run(job, shop)
    return orders


def handed_over(world: World, shop: Connected) -> OrderId:
    """An order that ChannelAdvisor and the OMS have, with all cursors moved and nothing left to tell."""
    (order,) = given(world, shop, 1)
    for jobs in (("push_channeladvisor", "push_tiktok"), JOBS):
        for job in jobs:
            world.run(job, shop)
        world.time += timedelta(minutes=11)
    return order


def a_life(**settings: Any) -> Life:
    """An order that everybody has, before anybody cancels."""
    world = World()
    shop = world.connect(**settings)
    return Life(world, shop, handed_over(world, shop))


def seen_and_asked(life: Life) -> str:
    request = life.world.tiktok.request_cancel(life.order)
    life.step("seen", "poll_tiktok")
    life.step("asked", "push_oms")
    return request


def told_to_the_others(life: Life) -> None:
    life.step("cancelled in ChannelAdvisor", "push_channeladvisor")
    life.step("told to the OMS", "push_oms")
    life.wait(timedelta(minutes=5))
    life.step("confirmed by ChannelAdvisor", "push_channeladvisor")
    life.step("seen afterwards", "poll_tiktok", "poll_channeladvisor")


def approved(life: Life) -> None:
    request = seen_and_asked(life)
    life.world.oms.decide(request, "approve")
    life.step("answered", "poll_oms")
    told_to_the_others(life)


def rejected(life: Life) -> None:
    request = seen_and_asked(life)
    life.world.oms.decide(request, "reject")
    life.step("answered", "poll_oms")
    life.step("told to the OMS", "push_oms")
    life.step("seen afterwards", "poll_tiktok")


def unanswered(life: Life) -> None:
    seen_and_asked(life)
    for name in ("reminder 1", "reminder 2", "reminder 3", "answered by the shop's rule"):
        due = life.world.record(life.shop, life.order).cancellations[0].next_due
        assert due is not None
        life.world.time = due
        life.step(name, "settle_requests")
    told_to_the_others(life)


def shipped(life: Life) -> None:
    seen_and_asked(life)
    ship_from_oms(life.world, life.order, ups(42), carrier="ups")
    tell_parcel(life)


def shipped_in_gb(life: Life) -> None:
    seen_and_asked(life)
    ship_from_oms(life.world, life.order, royal_mail(42), carrier="RM 24")
    tell_parcel(life)


def tell_parcel(life: Life) -> None:
    life.step("parcel reported", "poll_oms")
    life.step("parcel told to TikTok", "push_tiktok")
    life.step("parcel told to ChannelAdvisor", "push_channeladvisor")
    life.step("told to the OMS", "push_oms")
    life.step("seen afterwards", "poll_tiktok", "poll_channeladvisor")


def by_oms(life: Life) -> None:
    life.world.oms.cancel_order(life.order)
    life.step("reported and carried out", "poll_oms")
    told_to_the_others(life)


def by_hand(life: Life) -> None:
    life.world.channeladvisor.cancel_by_hand(in_channeladvisor(life.world, life.order))
    life.step("seen in ChannelAdvisor", "poll_channeladvisor")
    life.step("carried out", "push_tiktok")
    life.step("told to the OMS", "push_oms")
    life.step("seen afterwards", "poll_tiktok")


def in_seller_center(life: Life) -> None:
    life.world.tiktok.cancel_by_seller(life.order)
    life.step("seen", "poll_tiktok")
    told_to_the_others(life)


@pytest.mark.parametrize(
    ("play", "writes", "requests", "state"),
    [
        pytest.param(approved, 105, 4, "CANCELED", id="a request that the OMS approves"),
        pytest.param(rejected, 66, 5, "ACKNOWLEDGED_BY_SELLER", id="a request that the OMS rejects"),
        pytest.param(unanswered, 161, 8, "CANCELED", id="a request that nobody answers"),
        pytest.param(shipped, 101, 6, "SHIPPED", id="a request that a parcel rejects"),
        pytest.param(shipped_in_gb, 108, 8, "SHIPPED", id="a request that is rejected for a parcel"),
        pytest.param(by_oms, 71, 5, "CANCELED", id="cancelled by the OMS"),
        pytest.param(by_hand, 51, 5, "CANCELED", id="cancelled in ChannelAdvisor"),
        pytest.param(in_seller_center, 49, 1, "CANCELED", id="cancelled in Seller Center"),
    ],
)
def test_a_cancellation_s_whole_life_stays_within_its_write_units_and_requests(
    play: Callable[[Life], None], writes: int, requests: int, state: str
) -> None:
    life = a_life(region="GB" if play is shipped_in_gb else "US")
    play(life)
    spent, asked = life.writes.total(), life.requests.total()
    show(f"write units: {play.__name__}", life.writes | {"in all": spent})
    show(f"requests at TikTok Shop: {play.__name__}", life.requests | {"in all": asked})

    assert life.world.record(life.shop, life.order).order.state == state
    assert life.world.problems() == [] or play is unanswered
    check_nothing_left(life.world, life.shop, life.order)
    check_books(life.world)
    assert spent <= writes
    assert asked <= requests


@pytest.mark.parametrize("has_open_request", [True, False])
def test_a_settling_run_with_nothing_due_writes_nothing_and_asks_nobody(*, has_open_request: bool) -> None:
    life = a_life()
    if has_open_request:
        seen_and_asked(life)
    tiktok, oms = life.world.tiktok.books, life.world.oms.books
    before = len(tiktok.requests), len(oms.requests())
    life.step("idle", "settle_requests")
    show(f"idle settle_requests, open request: {has_open_request}", {"write units": life.writes["idle"]})
    assert life.writes["idle"] == 0
    assert (len(tiktok.requests), len(oms.requests())) == before


@pytest.mark.parametrize("play", [approved, rejected, unanswered, shipped])
def test_a_request_costs_one_execution_of_few_state_transitions(play: Callable[[Life], None]) -> None:
    life = a_life()
    started = life.world.timers.started
    play(life)
    executions = life.world.timers.started - started
    states = json.loads(STATE_MACHINE.read_text())["States"]
    transitions = executions * (len(states) + 1)
    show(f"Step Functions: {play.__name__}", {"executions": executions, "state transitions": transitions})
    assert executions == 1
    assert transitions <= STATE_TRANSITIONS


def test_two_hundred_requests_at_once_are_read_in_full_batches() -> None:
    world = World()
    shop = world.connect()
    orders = given(world, shop, MANY)
    requests = [world.tiktok.request_cancel(order) for order in orders]
    life = Life(world, shop, orders[0])
    life.step("seen", "poll_tiktok")
    life.step("asked", "push_oms")
    for request in requests:
        world.oms.decide(request, "approve")
    life.step("approved", "poll_oms")
    show(f"requests at TikTok Shop for {MANY} cancel requests", life.requests)
    show("write units of each", {name: units / MANY for name, units in life.writes.items()})
    assert all(world.record(shop, order).order.state == "CANCELED" for order in orders)
    assert [len(world.tiktok.books.decided(request)) for request in requests] == [1] * MANY
    assert life.requests["seen"] <= MANY * READS_OF_MANY
    assert life.requests["asked"] == 0
    assert life.requests["approved"] <= MANY * (1 + READS_OF_MANY)
    check_books(world)
