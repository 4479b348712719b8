"""Whole lives of refunds, played again and again with something wrong a partner's answer later each time."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from local.simulators.tiktok_shop.return_records import ReturnQuestion, ReturnType
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import HOUR, a_shipped_order, ask, at_tiktok, issued
from tests.world import MUG, TWO_TEES, Connected, World

MOST_PLACES = 300
MOST_CYCLES = 12
SEE = ("poll_tiktok", "push_channeladvisor", "push_oms", "settle_requests")
QUIET = ("release_due_orders", "watch_deadlines")

type Disturb = Callable[[World, Connected, int], None]
"""Plans that something happens at the partner's answer of this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What people do about an order that was shipped, and the runs that carry it to everybody."""

    play: Callable[[World, Connected, OrderId], None]
    refunds: int = 1
    decisions: tuple[ReturnQuestion, ...] = ()
    """The questions that are answered on the way."""


def run_all(world: World, shop: Connected, jobs: Iterable[str]) -> None:
    """These jobs, one after the other."""
    for job in jobs:
        world.run(job, shop)


def wait_until(world: World, happened: Callable[[], bool]) -> None:
    """What went wrong is made up for by the next runs: people see it later."""
    for _ in range(MOST_CYCLES):
        if happened():
            return
        world.cycle(skip=QUIET)
    raise AssertionError(f"it did not happen in {MOST_CYCLES} cycles")


def _oms_approves(world: World, shop: Connected, return_id: str, question: str) -> None:
    def is_asked() -> bool:
        return any(each.id == return_id and each.question == question for each in world.oms.books.returns())

    wait_until(world, is_asked)
    world.oms.decide_return(shop.id, return_id, question, "approve")


def _both_questions(world: World, shop: Connected, order: OrderId) -> None:
    """The goods may come back, come back, and are taken."""
    world.tiktok.set_refund_time(HOUR * 0)
    return_id = ask(world, order, ReturnType.RETURN_AND_REFUND, units=[0])
    run_all(world, shop, SEE)
    _oms_approves(world, shop, return_id, "return")
    run_all(world, shop, ("poll_oms", "push_channeladvisor", "push_oms"))
    wait_until(world, lambda: at_tiktok(world, return_id).question is None)
    world.tiktok.tiktok_makes_label(return_id)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    run_all(world, shop, SEE)
    _oms_approves(world, shop, return_id, "receive_package")
    run_all(world, shop, ("poll_oms", *SEE))


def _oms_refunds(world: World, shop: Connected, order: OrderId) -> None:
    world.tiktok.set_refund_time(HOUR * 0)
    world.oms.refund(shop.id, order, world.tiktok.line_ids(order)[:1])
    run_all(world, shop, ("poll_oms", *SEE))


def _a_person_refunds_in_channeladvisor(world: World, shop: Connected, order: OrderId) -> None:
    world.tiktok.set_refund_time(HOUR * 0)
    world.channeladvisor.refund_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1})
    run_all(world, shop, ("poll_channeladvisor", "push_tiktok", *SEE))


def _the_oms_grants_a_refund_of_two_skus(world: World, shop: Connected, order: OrderId) -> None:
    """Two items are adjusted in ChannelAdvisor, one after the other."""
    world.tiktok.set_refund_time(HOUR * 0)
    return_id = ask(world, order)
    run_all(world, shop, SEE)
    _oms_approves(world, shop, return_id, "refund")
    run_all(world, shop, ("poll_oms", *SEE))


LIVES = {
    "both questions": Life(play=_both_questions, decisions=(ReturnQuestion.RETURN, ReturnQuestion.RECEIVE_PACKAGE)),
    "two SKUs": Life(play=_the_oms_grants_a_refund_of_two_skus, decisions=(ReturnQuestion.REFUND,)),
    "by the OMS": Life(play=_oms_refunds),
    "by hand in ChannelAdvisor": Life(play=_a_person_refunds_in_channeladvisor),
}


def play(
    name: str, disturb: Disturb, place: int, *, cycles: int = 5, notices: Collection[str] = ()
) -> tuple[World, Connected, OrderId]:
    """One life in which something happens at this place, and what must hold in the end.

    `notices`: what people may be told on the way.
    """
    life, world = LIVES[name], World()
    shop = connected(world, "US")
    order = a_shipped_order(world, shop, TWO_TEES, MUG)
    disturb(world, shop, place)
    life.play(world, shop, order)
    world.cycle(cycles, skip=QUIET)
    check_end(world, shop, order, life)
    assert {subject.partition(":")[0] for subject, _ in world.published}.issubset(notices)
    return world, shop, order


def check_end(world: World, shop: Connected, order: OrderId, life: Life) -> None:
    """Answered once, refunded once, booked once, all told."""
    check_agreed(world, shop, order)
    assert len(issued(world, order)) == life.refunds
    decided = [each for given in world.tiktok.returns_of(order) for each in world.tiktok.books.decided_return(given.id)]
    assert [each.decision for each in decided] == [f"APPROVE_{_word(each)}" for each in life.decisions]
    assert {each.by for each in decided} <= {"api"}
    events = world.events(shop, order)
    for event in ("RETURN_REQUESTED", "REFUND_CONFIRMED"):
        assert events.count(event) == life.refunds
    assert events.count("SELLER_REFUND_ACCEPTED") == events.count("SELLER_REFUND_REPORTED")
    assert "SELLER_REFUND_REFUSED" not in events


def _word(question: ReturnQuestion) -> str:
    return "RECEIVED_PACKAGE" if question is ReturnQuestion.RECEIVE_PACKAGE else question.value


class Places:
    """Counts the partners' answers; at one of them something happens, once."""

    def __init__(self, world: World, place: int, happening: Callable[[], object]) -> None:
        self.reached = 0
        self.happened = False
        self._place = place
        self._happening = happening
        world.on_answer = self._answered

    def _answered(self) -> None:
        if self.happened:
            return
        self.reached += 1
        if self.reached == self._place:
            self.happened = True
            self._happening()
