"""Figures of returns, counted (issue 6): write units, requests at each partner, state transitions."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId, ReturnId
from tests.adapters.cancellations.races import connected
from tests.adapters.cancellations.test_cancellation_figures import STATE_MACHINE, STATE_TRANSITIONS
from tests.adapters.jobs.test_figures import THE_MARK_OF_A_GOOD_POLL, show
from tests.adapters.returns.return_checks import check_agreed, check_books
from tests.adapters.returns.return_scenes import MINUTE, a_shipped_order, ask, at_oms, known
from tests.world import JOBS, TEE, TWO_TEES, Connected, World

POLLS_OF_TIKTOK = 3
"""Requests that an idle poll_tiktok makes: searches of orders, cancellations and returns."""
POLLS_OF_OMS = 5
POLLS_OF_CHANNELADVISOR = 1
SOON = timedelta(minutes=11)
"""Longer than the overlap, so that no poll reads again what the one before has read."""
MANY = 100
READS_OF_MANY = 13
READS_OF_MANY_ANSWERS = 4
SECOND = timedelta(seconds=1)

type Cost = dict[str, int]


@dataclass(slots=True)
class Life:
    """One order and its return: what each step of its life costs."""

    world: World
    shop: Connected
    order: OrderId
    return_id: ReturnId = field(default_factory=lambda: ReturnId(""))
    writes: Counter[str] = field(default_factory=Counter)
    tiktok: Counter[str] = field(default_factory=Counter)
    channeladvisor: Counter[str] = field(default_factory=Counter)
    oms: Counter[str] = field(default_factory=Counter)

    def step(self, name: str, *jobs: str) -> None:
        """Run some jobs and count what they cost beyond idle polls."""
        world = self.world
        before = world.table.write_units, *self._requests()
        for job in jobs:
            world.run(job, self.shop)
        after = world.table.write_units, *self._requests()
        polls = [jobs.count(f"poll_{name}") for name in ("tiktok", "channeladvisor", "oms")]
        idle = (
            THE_MARK_OF_A_GOOD_POLL * sum(polls),
            POLLS_OF_TIKTOK * polls[0],
            POLLS_OF_CHANNELADVISOR * polls[1],
            POLLS_OF_OMS * polls[2],
        )
        spent = [now - then - rest for now, then, rest in zip(after, before, idle, strict=True)]
        for counter, figure in zip((self.writes, self.tiktok, self.channeladvisor, self.oms), spent, strict=True):
            counter[name] += figure

    def _requests(self) -> tuple[int, int, int]:
        world = self.world
        asked = [each for each in world.channeladvisor.books.requests() if "oauth" not in each.path]
        return len(world.tiktok.books.requests), len(asked), len(world.oms.books.requests())

    def wait(self, time: timedelta = SOON) -> None:
        """Let time pass without runs."""
        self.world.time += time

    def cost(self) -> Cost:
        """The whole life, in figures."""
        return {
            "write units": self.writes.total(),
            "TikTok Shop": self.tiktok.total(),
            "ChannelAdvisor": self.channeladvisor.total(),
            "OMS": self.oms.total(),
        }


def a_life(region: str = "US", **settings: Any) -> Life:
    """A shipped order, with all cursors moved and nothing left to tell."""
    world = World()
    shop = connected(world, region, **settings)
    order = a_shipped_order(world, shop, TWO_TEES)
    for _ in range(2):
        world.time += SOON
        world.timers.waiting.clear()
        for job in JOBS:
            world.run(job, shop)
    world.time += SOON
    return Life(world, shop, order)


def seen(life: Life, kind: ReturnType = ReturnType.REFUND) -> None:
    life.return_id = ask(life.world, life.order, kind)
    told(life, "asked")


def told(life: Life, name: str) -> None:
    life.step(name, "poll_tiktok")
    life.step(f"{name}: told", "push_oms", "push_channeladvisor")
    life.wait()


def answered(life: Life, question: str, answer: str) -> None:
    life.world.oms.decide_return(life.shop.id, life.return_id, question, answer)
    life.step(f"{question}: {answer}", "poll_oms")
    life.wait()
    life.step(f"{question}: {answer}, told", "push_oms", "push_channeladvisor")
    life.wait()


def refunded(life: Life) -> None:
    life.wait(timedelta(minutes=31))
    life.step("refunded", "poll_tiktok")
    life.step("refunded: told", "push_oms", "push_channeladvisor")
    life.wait()
    life.step("refund confirmed by ChannelAdvisor", "push_channeladvisor")
    life.wait()
    life.step("seen afterwards", "poll_tiktok", "poll_channeladvisor")


def refund_approved(life: Life) -> None:
    seen(life)
    answered(life, "refund", "approve")
    refunded(life)


def refund_rejected(life: Life) -> None:
    seen(life)
    answered(life, "refund", "reject")
    life.step("seen afterwards", "poll_tiktok", "poll_channeladvisor")


def refund_unanswered(life: Life) -> None:
    seen(life)
    for name in ("reminder 1", "reminder 2", "reminder 3", "left to TikTok Shop", "confirmed"):
        due = known(life.world, life.shop, life.order, life.return_id).next_due
        if due is None:
            break
        life.world.time = max(life.world.time, due) + MINUTE
        life.step(name, "settle_requests")
    told(life, "approved by TikTok Shop")
    refunded(life)


def goods_returned(life: Life) -> None:
    seen(life, ReturnType.RETURN_AND_REFUND)
    answered(life, "return", "approve")
    life.world.tiktok.tiktok_makes_label(life.return_id)
    told(life, "label")
    life.world.tiktok.buyer_ships_return(life.return_id, usps(77))
    told(life, "shipped")
    answered(life, "receive_package", "approve")
    refunded(life)


def withdrawn(life: Life) -> None:
    seen(life)
    life.world.tiktok.buyer_withdraws_return(life.return_id)
    told(life, "withdrawn")
    life.step("seen afterwards", "poll_tiktok", "poll_channeladvisor")


def by_oms(life: Life) -> None:
    life.world.oms.refund(life.shop.id, life.order)
    life.step("reported and carried out", "poll_oms")
    life.wait()
    life.step("told", "push_oms", "push_channeladvisor")
    refunded(life)


def by_hand(life: Life) -> None:
    number = int(life.world.created(life.order)[0]["ID"])
    life.world.channeladvisor.refund_units_by_hand(number, {"TEE-BLU-M": 2})
    life.step("seen in ChannelAdvisor", "poll_channeladvisor")
    life.step("carried out", "push_tiktok")
    life.wait()
    life.step("told", "push_oms", "push_channeladvisor")
    refunded(life)


@pytest.mark.parametrize(
    ("play", "writes", "tiktok", "channeladvisor", "oms"),
    [
        pytest.param(refund_approved, 143, 6, 10, 3, id="a refund that the OMS approves"),
        pytest.param(refund_rejected, 83, 5, 4, 2, id="a refund that the OMS rejects"),
        pytest.param(refund_unanswered, 189, 8, 10, 4, id="a refund that nobody answers"),
        pytest.param(goods_returned, 255, 12, 16, 6, id="goods that come back and are refunded"),
        pytest.param(withdrawn, 63, 2, 4, 2, id="a request that the buyer withdraws"),
        pytest.param(by_oms, 127, 5, 8, 3, id="a refund that the OMS starts"),
        pytest.param(by_hand, 101, 5, 4, 2, id="a refund made by hand in ChannelAdvisor"),
    ],
)
def test_a_return_s_whole_life_costs_so_many_write_units_and_requests(
    play: Callable[[Life], None], writes: int, tiktok: int, channeladvisor: int, oms: int
) -> None:
    life = a_life()
    play(life)
    for name, figures in (
        ("write units", life.writes),
        ("requests at TikTok Shop", life.tiktok),
        ("requests at ChannelAdvisor", life.channeladvisor),
        ("requests at the OMS", life.oms),
    ):
        show(f"{name}: {play.__name__}", figures | {"in all": figures.total()})

    check_agreed(life.world, life.shop, life.order)
    assert life.cost() == {"write units": writes, "TikTok Shop": tiktok, "ChannelAdvisor": channeladvisor, "OMS": oms}


@pytest.mark.parametrize("has_open_return", [True, False])
def test_a_settling_run_with_nothing_due_writes_nothing_and_asks_nobody(*, has_open_return: bool) -> None:
    life = a_life()
    if has_open_return:
        seen(life)
    life.step("idle", "settle_requests")
    assert (life.writes["idle"], life.tiktok["idle"], life.channeladvisor["idle"], life.oms["idle"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(("play", "questions"), [(refund_approved, 1), (goods_returned, 2), (by_oms, 0)])
def test_each_question_costs_one_execution_of_few_state_transitions(
    play: Callable[[Life], None], questions: int
) -> None:
    life = a_life()
    started = life.world.timers.started
    play(life)
    executions = life.world.timers.started - started
    states = json.loads(STATE_MACHINE.read_text())["States"]
    show(f"Step Functions: {play.__name__}", {"state transitions": executions * (len(states) + 1)})
    assert executions == questions
    assert len(states) + 1 <= STATE_TRANSITIONS


def test_a_hundred_returns_at_once_are_read_in_full_batches_and_answered_each_once() -> None:
    world = World()
    shop = connected(world, "US")
    orders = [world.order(shop, TEE) for _ in range(MANY)]
    world.run("poll_tiktok", shop)
    world.advance(timedelta(minutes=65))
    for job in ("push_channeladvisor", "push_oms", "push_channeladvisor", "poll_channeladvisor", "push_tiktok"):
        world.run(job, shop)
    for number, order in enumerate(orders):
        world.oms.ship(order, "USPS Ground", "Ground", usps(100 + number))
    for job in ("poll_oms", "push_tiktok", "push_channeladvisor", "poll_tiktok", "poll_channeladvisor"):
        world.run(job, shop)
    world.time += SOON
    world.run("poll_tiktok", shop)
    asked = []
    for order in orders:
        asked.append(ask(world, order))
        world.time += SECOND
    life = Life(world, shop, orders[0])
    life.step("seen", "poll_tiktok")
    life.step("asked", "push_oms")
    for return_id in asked:
        world.oms.decide_return(shop.id, return_id, "refund", "approve")
    life.step("approved", "poll_oms")
    show(f"requests at TikTok Shop for {MANY} returns", life.tiktok)
    show("write units of each", {name: units / MANY for name, units in life.writes.items()})
    assert [len(world.tiktok.books.decided_return(each)) for each in asked] == [1] * MANY
    assert {at_oms(world, each).times_told for each in asked} == {1}
    assert (life.tiktok["seen"], life.tiktok["asked"], life.oms["asked"]) == (READS_OF_MANY, 0, MANY)
    assert life.tiktok["approved"] == 2 * MANY + READS_OF_MANY_ANSWERS
    check_books(world)
