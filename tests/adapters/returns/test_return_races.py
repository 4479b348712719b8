"""Decisions that come seconds before or after others, and two about one question: one holds, all learn which."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType
from local.tracking_numbers import usps
from order_sync.domain.answering.answers import Decider
from order_sync.domain.errors import RejectedError
from tests.adapters.cancellations.races import after_answer, connected
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import (
    MINUTE,
    an_asked_return,
    at_tiktok,
    decisions,
    details,
    known,
    look,
    told_about,
    until,
)
from tests.world import Connected, World

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("before", [30, 3])
def test_a_decision_seconds_before_tiktok_s_deadline_still_counts(
    world: World, shop: Connected, before: int, decision: str
) -> None:
    order, return_id = an_asked_return(world, shop)
    deadline = at_tiktok(world, return_id).respond_by
    assert deadline is not None
    until(world, deadline - before * SECOND)
    world.oms.decide_return(shop.id, return_id, "refund", decision)
    world.run("poll_oms", shop)
    assert [(word, by) for word, by, _ in decisions(world, return_id)] == [(f"{decision.upper()}_REFUND", "api")]
    world.cycle(6)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_seconds_after_the_deadline_is_refused_to_the_oms(
    world: World, shop: Connected, decision: str
) -> None:
    order, return_id = an_asked_return(world, shop)
    deadline = at_tiktok(world, return_id).respond_by
    assert deadline is not None
    until(world, deadline)
    said = world.oms.decide_return(shop.id, return_id, "refund", decision)
    world.run("poll_oms", shop)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] == "return-closed"
    assert world.counted("return_decisions_refused") == 1
    world.cycle(6)
    assert [by for _, by, _ in decisions(world, return_id)] == ["tiktok"]
    check_agreed(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_that_tiktok_overtakes_while_it_is_told_is_left(
    world: World, shop: Connected, decision: str
) -> None:
    """TikTok's deadline passes between the question what it would take and the answer itself."""
    order, return_id = an_asked_return(world, shop)
    deadline = at_tiktok(world, return_id).respond_by
    assert deadline is not None
    until(world, deadline - 30 * SECOND)
    world.oms.decide_return(shop.id, return_id, "refund", decision)
    after_answer(world, "/decision_eligibility", lambda: world.sleep(60))
    world.run("poll_oms", shop)
    world.cycle(6)
    assert [by for _, by, code in decisions(world, return_id) if code == 0] == ["tiktok"]
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    assert world.counted("answers_not_taken") == 1
    assert world.counted("answers_overruled") == (decision == "reject")
    check_agreed(world, shop, order)


def _seller_center_approves(world: World, _shop: Connected, return_id: str) -> None:
    world.tiktok.approve_return_in_seller_center(return_id)


def _buyer_withdraws(world: World, _shop: Connected, return_id: str) -> None:
    world.tiktok.buyer_withdraws_return(return_id)


def _seller_center_offers(world: World, _shop: Connected, return_id: str) -> None:
    world.tiktok.offer_partial_refund_in_seller_center(return_id, "5")


def _person_approves(world: World, shop: Connected, return_id: str) -> None:
    world.answer_return(shop, return_id, "return", "approve")


HAPPENINGS = [_seller_center_approves, _buyer_withdraws, _seller_center_offers]


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("happening", HAPPENINGS)
def test_what_happens_at_tiktok_just_before_the_oms_decides_wins(
    world: World, shop: Connected, happening: Callable[[World, Connected, str], None], decision: str
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    happening(world, shop, return_id)
    world.oms.decide_return(shop.id, return_id, "return", decision)
    world.run("poll_oms", shop)
    assert [code for _, by, code in decisions(world, return_id) if by == "api" and code == 0] == []
    world.cycle(4)
    assert world.counted("answers_not_taken") == 1
    assert known(world, shop, order, return_id).answer is None
    check_agreed(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("happening", HAPPENINGS)
def test_what_happens_at_tiktok_while_an_answer_is_told_wins(
    world: World, shop: Connected, happening: Callable[[World, Connected, str], None], decision: str
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    world.oms.decide_return(shop.id, return_id, "return", decision)
    after_answer(world, "/decision_eligibility", lambda: happening(world, shop, return_id))
    world.run("poll_oms", shop)
    world.cycle(4)
    assert [by for _, by, code in decisions(world, return_id) if code == 0 and by == "api"] == []
    check_agreed(world, shop, order)


@pytest.mark.parametrize("first", ["approve", "reject"])
def test_of_two_decisions_of_the_oms_the_first_holds_and_the_second_is_refused(
    world: World, shop: Connected, first: str
) -> None:
    order, return_id = an_asked_return(world, shop)
    second = "reject" if first == "approve" else "approve"
    world.tiktok.fail_next_lock(order)
    world.oms.decide_return(shop.id, return_id, "refund", first)
    said = world.oms.decide_return(shop.id, return_id, "refund", second)
    world.cycle(6)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] == "decided-already"
    assert [word for word, _, code in decisions(world, return_id) if code == 0] == [f"{first.upper()}_REFUND"]
    check_agreed(world, shop, order)


def test_a_decision_of_the_oms_after_a_person_s_is_refused(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    world.tiktok.fail_next_lock(order)
    _person_approves(world, shop, return_id)
    said = world.oms.decide_return(shop.id, return_id, "return", "reject")
    world.cycle(4)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] == "decided-already"
    assert details(world, shop, order, "RETURN_ANSWERED")[0]["by"] == Decider.OPERATOR
    check_agreed(world, shop, order)


def test_a_person_s_command_after_the_oms_s_decision_is_refused(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    world.tiktok.fail_next_lock(order)
    world.oms.decide_return(shop.id, return_id, "return", "reject")
    world.run("poll_oms", shop)
    with pytest.raises(RejectedError, match="was answered REJECT by OMS"):
        world.answer_return(shop, return_id, "return", "approve")
    assert world.answer_return(shop, return_id, "return", "reject").counts["returns_answered_before"] == 1
    world.cycle(4)
    assert at_tiktok(world, return_id).status is ReturnStatus.REJECT
    check_agreed(world, shop, order)


def test_an_answer_to_the_first_question_is_not_taken_for_one_to_the_next(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    look(world, shop)
    said = world.oms.decide_return(shop.id, return_id, "return", "reject")
    world.cycle(3)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] == "not-asked"
    assert decisions(world, return_id) == []
    assert at_tiktok(world, return_id).status is ReturnStatus.BUYER_SHIPPED
    check_agreed(world, shop, order)


def test_the_rule_and_a_late_decision_end_in_one_answer(region: str) -> None:
    world = World()
    shop = connected(world, region, returns={"without_answer": "approve"})
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    until(world, kept.answer_until)
    said = world.oms.decide_return(shop.id, return_id, "refund", "reject")
    world.cycle(6)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] in ("decided-already", "return-closed", "not-asked")
    assert [word for word, _, code in decisions(world, return_id) if code == 0] == ["APPROVE_REFUND"]
    check_agreed(world, shop, order)


def test_the_same_question_comes_again_after_an_offer_that_the_buyer_declined(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop)
    world.tiktok.offer_partial_refund_in_seller_center(return_id, "5")
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(2)
    assert known(world, shop, order, return_id).question is None
    world.advance(30 * 60 * MINUTE)
    world.tiktok.buyer_answers_offer(return_id, accepts=False)
    world.cycle(2)
    again = known(world, shop, order, return_id)
    deadline = at_tiktok(world, return_id).respond_by
    assert deadline is not None
    assert again.respond_by == deadline.replace(microsecond=0)
    said = world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    assert told_about(world, said) is None
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    check_agreed(world, shop, order)
