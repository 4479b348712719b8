"""Answers to cancel requests in runs that die, overlap or race their timer: one answer, told once, on every side."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.ids import CancelId, OrderId
from tests.adapters.cancellations.cancel_scenes import (
    HOUR,
    MINUTE,
    an_open_request,
    ask_to_cancel,
    check_answered,
    decisions_at_tiktok,
    outcome_at_oms,
    outcome_at_tiktok,
    request_of,
    until,
)
from tests.adapters.jobs.interruptions import Interruption, watched_world
from tests.world import TWO_TEES, Connected, Killed, World

MOST_PLACES = 100
SECONDS = timedelta(seconds=1)
AT_TIKTOK = {"approve": OutcomeAtTikTok.APPROVED, "reject": OutcomeAtTikTok.REJECTED}
both_answers = pytest.mark.parametrize("decision", ["approve", "reject"])


def a_quick_order(world: World, shop: Connected) -> OrderId:
    """An order that both sides have, in as few runs as it takes."""
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR)
    for job in ("push_channeladvisor", "push_oms"):
        world.run(job, shop)
    return order


def a_quick_request(world: World, shop: Connected) -> tuple[OrderId, CancelId]:
    """An open request in as few runs as it takes."""
    order = a_quick_order(world, shop)
    cancel = ask_to_cancel(world, shop, order)
    for job in ("poll_tiktok", "push_oms"):
        world.run(job, shop)
    return order, cancel


def interrupt_everywhere(
    job: str,
    prepare: Callable[[World, Connected, OrderId, CancelId], None],
    happen: Callable[[World, Connected], None],
    outcome: OutcomeAtTikTok,
) -> int:
    """Play one run of a job again and again, with something a place later each time; how many places there were."""
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = world.connect()
        order, cancel = a_quick_request(world, shop)
        prepare(world, shop, order, cancel)
        interruption = Interruption(world, table, place, lambda w=world, s=shop: happen(w, s))  # type: ignore[misc]
        world.run(job, shop)
        if not interruption.happened:
            return place - 1
        world.cycle(3, skip=["release_due_orders", "poll_channeladvisor"])
        assert len({decision for decision, code in decisions_at_tiktok(world, cancel) if code == 0}) == 1
        assert world.events(shop, order).count("CANCEL_REQUEST_ANSWERED") == 1
        check_answered(world, shop, order, cancel, outcome)
    raise AssertionError(f"more than {MOST_PLACES} places")


def die(_world: World, _shop: Connected) -> None:
    raise Killed


@both_answers
def test_a_run_that_dies_between_reading_a_decision_and_telling_it_is_made_up_for(decision: str) -> None:
    def decide(world: World, _shop: Connected, _order: OrderId, cancel: CancelId) -> None:
        world.oms.decide(cancel, decision)

    assert interrupt_everywhere("poll_oms", decide, die, AT_TIKTOK[decision]) > 15


def test_a_run_that_dies_while_it_applies_the_shop_s_rule_is_made_up_for() -> None:
    def wait(world: World, shop: Connected, order: OrderId, cancel: CancelId) -> None:
        world.timers.waiting.clear()
        end = request_of(world, shop, order, cancel).answer_until
        assert end is not None
        until(world, end)

    assert interrupt_everywhere("settle_requests", wait, die, OutcomeAtTikTok.APPROVED) > 10


@pytest.mark.parametrize("other", ["poll_oms", "push_tiktok"])
def test_another_run_that_comes_in_while_a_decision_is_taken_changes_nothing(other: str) -> None:
    def decide(world: World, _shop: Connected, _order: OrderId, cancel: CancelId) -> None:
        world.oms.decide(cancel, "reject")

    def overlap(world: World, shop: Connected) -> None:
        world.run(other, shop)

    assert interrupt_everywhere("poll_oms", decide, overlap, OutcomeAtTikTok.REJECTED) > 15


def test_a_poll_that_dies_when_it_has_seen_a_request_asks_the_oms_once_and_looks_again() -> None:
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = world.connect()
        order = a_quick_order(world, shop)
        cancel = ask_to_cancel(world, shop, order)
        interruption = Interruption(world, table, place, lambda w=world, s=shop: die(w, s))  # type: ignore[misc]
        world.run("poll_tiktok", shop)
        if not interruption.happened:
            assert place > 8
            return
        world.cycle(2, skip=["release_due_orders", "poll_channeladvisor", "push_tiktok"])
        assert world.oms.books.cancel_request(cancel).times_told == 1
        assert request_of(world, shop, order, cancel).next_due is not None
        assert world.events(shop, order).count("CANCEL_REQUESTED") == 1
    raise AssertionError(f"more than {MOST_PLACES} places")


def test_of_two_different_decisions_the_first_holds_and_the_second_is_refused_at_the_oms() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.oms.decide(cancel, "reject")
    second = world.oms.decide(cancel, "approve")
    world.cycle(3)
    assert decisions_at_tiktok(world, cancel) == [("REJECT", 0)]
    (refused,) = (each for each in world.oms.books.decisions(cancel) if each.id == second)
    assert refused.told is not None
    assert refused.told["problem"] == "decided-already"
    assert world.counted("decisions_refused") == 1
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED)


@both_answers
def test_the_same_decision_twice_or_a_repeated_entry_changes_nothing(decision: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    first = world.oms.decide(cancel, decision)
    world.cycle(1)
    world.oms.decide(cancel, decision)
    world.oms.repeat_decision(first)
    world.cycle(2)
    assert len(decisions_at_tiktok(world, cancel)) == 1
    assert world.counted("decisions_refused") == 0
    assert world.events(shop, order).count("CANCEL_REQUEST_ANSWERED") == 1
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_decision_seconds_before_the_timer_holds(region: str) -> None:
    world = World()
    shop = world.connect(region)
    order, cancel = an_open_request(world, shop, TWO_TEES)
    end = request_of(world, shop, order, cancel).answer_until
    assert end is not None
    until(world, end - 5 * SECONDS)
    world.oms.decide(cancel, "reject")
    world.run("poll_oms", shop)
    world.advance(MINUTE)
    assert request_of(world, shop, order, cancel).answered_by is Decider.OMS
    assert decisions_at_tiktok(world, cancel) == [("REJECT", 0)]
    world.cycle(2)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED)


@both_answers
def test_a_decision_seconds_after_the_timer_comes_too_late(decision: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    end = request_of(world, shop, order, cancel).answer_until
    assert end is not None
    until(world, end + 3 * SECONDS)
    world.oms.decide(cancel, decision)
    world.run("poll_oms", shop)
    request = request_of(world, shop, order, cancel)
    assert (request.answer, request.answered_by) == (Answer.APPROVE, Decider.SHOP_RULE)
    (said,) = world.oms.books.decisions(cancel)
    assert (said.told is not None) == (decision == "reject")
    assert decisions_at_tiktok(world, cancel) == [("APPROVE", 0)]
    world.cycle(2)
    assert outcome_at_oms(world, cancel) == ("approved", "shop_rule")
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


def test_a_decision_that_nobody_has_read_when_the_timer_fires_is_read_before_the_rule_speaks() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    end = request_of(world, shop, order, cancel).answer_until
    assert end is not None
    until(world, end - 5 * SECONDS)
    world.oms.decide(cancel, "reject")
    world.advance(MINUTE)
    assert decisions_at_tiktok(world, cancel) == [("REJECT", 0)]
    world.cycle(2)
    assert outcome_at_oms(world, cancel) == ("rejected", "oms")
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.REJECTED)


def test_a_timer_whose_run_is_killed_anywhere_still_answers_within_the_hour() -> None:
    """No sweep comes in the six minutes that are left then; what the killed run had claimed is told as well."""
    places = 0
    while places < MOST_PLACES:
        world, table = watched_world()
        shop = world.connect(cancellations={"without_answer": "approve"})
        world.tiktok.set_automatic_approval(shop.simulated, 1)
        order, cancel = a_quick_request(world, shop)
        end = request_of(world, shop, order, cancel).answer_until
        assert end is not None
        world.timers.waiting.clear()
        world.time = end
        interruption = Interruption(world, table, places + 1, lambda w=world, s=shop: die(w, s))  # type: ignore[misc]
        table.after_put = table.before_call
        for wait in (5, 10, 20, 40, 60, 60, 60, 60):
            report = world.run("settle_requests", shop, only=order)
            if not report.counts["runs_postponed"] and not report.counts["runs_killed"]:
                break
            world.time += timedelta(seconds=wait)
        assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED, places
        if not interruption.happened:
            break
        places += 1

    assert places > 10
