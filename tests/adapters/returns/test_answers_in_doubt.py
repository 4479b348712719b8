"""What an attempt that died, or another clock, must not hide: the answer, the refund, who is told."""

from datetime import datetime, timedelta

import pytest

from local.simulators.faults import Fault
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.returning.returns import SellerRefundState
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.interruptions import watched_world
from tests.adapters.returns.return_scenes import (
    CREATE,
    MINUTE,
    a_shipped_order,
    ask,
    at_oms,
    decisions,
    issued,
    known,
    look,
    outcome,
    wish,
)
from tests.world import MUG, Connected, Killed, World

ELIGIBILITY = "/decision_eligibility"


def said(world: World, refund: str) -> str:
    """What the OMS was told about its refund."""
    told = outcome(world, refund)
    assert told is not None
    return str(told["outcome"])


@pytest.fixture
def shop(world: World) -> Connected:
    return connected(world, "US")


@pytest.fixture
def world() -> World:
    return World()


def test_an_answer_that_tiktok_never_got_is_not_taken_for_told() -> None:
    """The run dies while it asks which reasons are offered; the OMS's own is none of them."""
    world, _ = watched_world()
    shop = connected(world, "US")
    order = a_shipped_order(world, shop, MUG)
    return_id = ask(world, order)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "reject", reject_reason="no_such_reason")

    def die() -> None:
        if any(request.endpoint.endswith(ELIGIBILITY) for request in world.tiktok.books.requests):
            world.on_answer = lambda: None
            raise Killed

    world.on_answer = die
    world.run("poll_oms", shop)
    world.cycle(6)
    told = known(world, shop, order, return_id)
    assert decisions(world, return_id) == []
    assert (told.answer, "no_such_reason" in told.answer_problem) == (None, True)
    assert at_oms(world, return_id).question == "refund"

    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    assert len(issued(world, order)) == 1


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=2), timedelta(hours=3)])
def test_an_oms_whose_clock_is_ahead_learns_what_became_of_its_refund(
    world: World, shop: Connected, ahead: timedelta
) -> None:
    order = a_shipped_order(world, shop, MUG)
    refund = world.oms.refund(shop.id, order)
    (listed,) = world.oms._state.seller_refunds
    moment = datetime.fromisoformat(listed.body["refunded_at"]) + ahead
    listed.body = {**listed.body, "refunded_at": moment.isoformat()}
    world.tiktok.faults.add(Fault.LOST_AFTER, CREATE, method="POST", times=1)
    world.run("poll_oms", shop)
    world.cycle(8)
    assert wish(world, shop, order).state is SellerRefundState.ACCEPTED
    assert said(world, refund) == "accepted"
    assert len(issued(world, order)) == 1


def test_the_rest_of_what_was_paid_can_be_refunded_later(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    for amount in ("2.50", "3.00"):
        refund = world.oms.refund(shop.id, order, amount=amount)
        world.cycle(6)
        assert said(world, refund) == "accepted"
    assert [str(each.refund.total) for each in issued(world, order)] == ["2.50", "3.00"]
    too_much = world.oms.refund(shop.id, order, amount="8.01")
    world.cycle(2)
    assert said(world, too_much) == "refused"


def test_the_buyer_s_own_request_is_looked_for_also_after_an_outage(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    return_id = ask(world, order)
    world.oms.refund(shop.id, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/aftersale_eligibility", times=9)
    world.run("poll_oms", shop)
    world.tiktok.faults.clear()
    world.advance(5 * MINUTE)
    world.run("push_tiktok", shop)
    world.cycle(6)
    assert (wish(world, shop, order).state, wish(world, shop, order).return_id) == (
        SellerRefundState.ACCEPTED,
        return_id,
    )
    assert len(issued(world, order)) == 1


def test_a_decision_that_was_not_taken_is_not_tried_again_when_it_is_listed_again(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, MUG)
    return_id = ask(world, order)
    look(world, shop)
    decision = world.oms.decide_return(shop.id, return_id, "refund", "reject", reject_reason="no_such_reason")
    world.cycle(2)
    notices = len(world.published)
    world.oms.repeat_return_decision(decision)
    world.cycle(2)
    told = [entry for entry in world.record(shop, order).outbox if entry.action is Action.REJECT_RETURN]
    assert [entry.state for entry in told] == [EntryState.WITHDRAWN]
    assert (known(world, shop, order, return_id).answer, len(world.published)) == (None, notices)
    assert world.counted("answers_not_taken") == 1
