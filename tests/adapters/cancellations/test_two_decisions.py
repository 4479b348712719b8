"""Two who decide about one request, or one request after another (issue 3 point 8): the first answer holds."""

from datetime import timedelta

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.races import (
    after_oms_answer,
    answers,
    check_over,
    told_problems,
    winners,
)
from tests.world import Connected, World

WORDS = {"approve": "APPROVED", "reject": "REJECTED"}


@pytest.mark.parametrize("same", [True, False], ids=["the-same", "the-other"])
@pytest.mark.parametrize("first", ["oms", "operator"])
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_of_the_oms_and_an_operator_the_first_decides(
    world: World, shop: Connected, order: OrderId, first: str, decision: str, *, same: bool
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    second = decision if same else {"approve": "reject", "reject": "approve"}[decision]
    if first == "oms":
        world.oms.decide(cancel, decision)
        world.run("poll_oms", shop)
        if same:
            world.answer(shop, cancel, second)
        else:
            with pytest.raises(RejectedError, match=f"answered {decision.upper()} by OMS"):
                world.answer(shop, cancel, second)
    else:
        world.answer(shop, cancel, decision)
        world.oms.decide(cancel, second)
    world.cycle(4)

    assert answers(world, shop, order) == [f"{decision.upper()} by {first.upper()}"]
    assert winners(world, shop, order) == [f"{WORDS[decision]} by {first.upper()}"]
    assert len(world.tiktok.books.decisions_of(cancel)) == 1
    expected = ["decided-already"] if first == "operator" and not same else []
    assert told_problems(world, cancel) == expected
    check_over(world, shop, order)


@pytest.mark.parametrize("second", ["approve", "reject"])
@pytest.mark.parametrize("together", [True, False], ids=["one-list", "two-lists"])
def test_of_two_decisions_of_the_oms_the_first_holds(
    world: World, shop: Connected, order: OrderId, second: str, *, together: bool
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, "reject")
    if not together:
        world.run("poll_oms", shop)
    world.oms.decide(cancel, second)
    world.cycle(4)

    assert answers(world, shop, order) == ["REJECT by OMS"]
    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert told_problems(world, cancel) == (["decided-already"] if second == "approve" else [])
    check_over(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("moment", ["read before the rule", "recorded before the rule", "after the rule"])
def test_of_the_oms_and_the_rule_the_first_decides(
    world: World, shop: Connected, order: OrderId, decision: str, moment: str
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    (request,) = world.record(shop, order).cancellations
    assert request.answer_until is not None
    world.advance(request.answer_until - timedelta(seconds=10) - world.time)
    is_late = moment == "after the rule"
    if is_late:
        world.advance(timedelta(seconds=30))
    world.oms.decide(cancel, decision)
    if moment == "read before the rule":
        world.run("poll_oms", shop)
    world.advance(timedelta(minutes=1))
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED by SHOP_RULE" if is_late else f"{WORDS[decision]} by OMS"]
    assert told_problems(world, cancel) == (["decided-already"] if is_late and decision == "reject" else [])
    check_over(world, shop, order)


def test_a_new_request_after_a_rejected_one_is_a_new_question(world: World, shop: Connected, order: OrderId) -> None:
    first = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(first, "reject")
    world.cycle(2)
    second = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(second, "approve")
    world.cycle(4)

    assert winners(world, shop, order) == ["REJECTED by OMS", "APPROVED by OMS"]
    assert answers(world, shop, order) == ["REJECT by OMS", "APPROVE by OMS"]
    check_over(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_that_is_made_again_while_the_old_answer_is_told_is_not_answered_by_it(
    world: World, shop: Connected, order: OrderId, decision: str
) -> None:
    first = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(first, decision)

    def think_twice() -> None:
        world.tiktok.withdraw_cancel_request(order)
        world.tiktok.request_cancel(order)

    after_oms_answer(world, "/cancel-request-decisions", think_twice)
    world.cycle(2)
    requests = [each.id for each in world.oms.books.cancel_requests()]
    assert len(requests) == 2
    world.oms.decide(requests[1], "reject")
    world.cycle(4)

    assert winners(world, shop, order) == ["WITHDRAWN by BUYER", "REJECTED by OMS"]
    assert world.tiktok.books.decided(first) == []
    check_over(world, shop, order)
