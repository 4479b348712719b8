"""What TikTok Shop asks about returns is answered by the OMS or by a person, for TikTok's own reasons (TT 4.4)."""

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.return_records import ReturnDecision, ReturnStatus, ReturnType
from local.tracking_numbers import usps
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.domain.returning.returns import Question
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.returns.return_checks import check_agreed, check_books, check_untouched
from tests.adapters.returns.return_scenes import (
    HOUR,
    an_asked_return,
    at_oms,
    at_tiktok,
    decisions,
    details,
    known,
    look,
    note,
    told_about,
)
from tests.world import Connected, World

REFUND, RETURN = Question.REFUND, Question.RETURN
PACKAGE, REPLACEMENT = Question.RECEIVE_PACKAGE, Question.REPLACEMENT
WORDS = {REFUND: "REFUND", RETURN: "RETURN", PACKAGE: "RECEIVED_PACKAGE", REPLACEMENT: "REPLACEMENT"}
APPROVED = {
    REFUND: ReturnStatus.COMPLETE,
    RETURN: ReturnStatus.AWAITING_BUYER_SHIP,
    PACKAGE: ReturnStatus.COMPLETE,
    REPLACEMENT: ReturnStatus.REPLACEMENT_COMPLETE,
}
REJECTED = {
    REFUND: ReturnStatus.REJECT,
    RETURN: ReturnStatus.REJECT,
    PACKAGE: ReturnStatus.REJECT_RECEIVED,
    REPLACEMENT: ReturnStatus.REPLACEMENT_REJECT,
}
LOCKED = 25001028
"""Another process works on the order at TikTok Shop."""
WRONG = "reverse_reject_no_such_reason"
KINDS = {
    REFUND: ReturnType.REFUND,
    RETURN: ReturnType.RETURN_AND_REFUND,
    PACKAGE: ReturnType.RETURN_AND_REFUND,
    REPLACEMENT: ReturnType.REPLACEMENT,
}


def asked(world: World, shop: Connected, question: Question) -> tuple[OrderId, ReturnId]:
    """A return about which TikTok Shop asks this, and of which the OMS knows that."""
    order, return_id = an_asked_return(world, shop, KINDS[question], units=[0], approved_by_tiktok=question is PACKAGE)
    if question is PACKAGE:
        world.tiktok.buyer_ships_return(return_id, usps(77))
        look(world, shop)
    return order, return_id


def check_answered(
    world: World, shop: Connected, order: OrderId, return_id: str, question: Question, answer: Answer, by: Decider
) -> None:
    """TikTok Shop was told once, took it, and everybody knows how it stands now."""
    ours = [each for each in decisions(world, return_id) if each[0].endswith(f"_{WORDS[question]}")]
    given = [each for each in ours if each[2] != LOCKED]
    assert given == [(f"{answer}_{WORDS[question]}", "api", 0)]
    assert at_tiktok(world, return_id).status is (APPROVED if answer is Answer.APPROVE else REJECTED)[question]
    told = [fact for fact in details(world, shop, order, "RETURN_ANSWERED") if fact["question"] == question]
    assert [(fact["answer"], fact["by"]) for fact in told] == [(answer, by)]
    changed = [fact for fact in details(world, shop, order, "RETURN_CHANGED") if fact.get("question") == question]
    assert [fact["by"] for fact in changed] == [by]
    check_agreed(world, shop, order)


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("question", Question)
def test_the_oms_answers_every_question(world: World, shop: Connected, question: Question, answer: Answer) -> None:
    order, return_id = asked(world, shop, question)
    decision = world.oms.decide_return(shop.id, return_id, question.lower(), answer.lower())
    world.run("poll_oms", shop)
    # Told in the run that brought the decision, and looked at at once.
    assert decisions(world, return_id)[-1][2] == 0
    assert known(world, shop, order, return_id).question is None
    world.cycle(6)
    check_answered(world, shop, order, return_id, question, answer, Decider.OMS)
    assert told_about(world, decision) is None


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("question", Question)
def test_a_person_answers_every_question_by_command(
    world: World, shop: Connected, question: Question, answer: Answer
) -> None:
    order, return_id = asked(world, shop, question)
    report = world.answer_return(shop, return_id, question.lower(), answer.lower())
    assert report.counts["returns_answered"] == 1
    assert known(world, shop, order, return_id).question is None
    world.cycle(6)
    check_answered(world, shop, order, return_id, question, answer, Decider.OPERATOR)


@pytest.mark.parametrize("has_oms", [True, False])
@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("question", Question)
def test_a_person_in_seller_center_answers_and_the_oms_is_not_asked_any_more(
    question: Question, answer: Answer, *, has_oms: bool
) -> None:
    world = World()
    shop = connected(
        world, "GB", **({} if has_oms else {"oms": {"adapter": "rest", "url": "https://other.example.com"}})
    )
    order, return_id = asked(world, shop, question)
    if answer is Answer.APPROVE:
        world.tiktok.approve_return_in_seller_center(return_id)
    else:
        reasons = world.tiktok_client(shop, world.shops.settings(shop.id)).returns.reasons_to_reject(
            return_id, question
        )
        world.tiktok.reject_return_in_seller_center(return_id, reasons[-1])
    world.cycle(6)
    assert [by for _, by, _ in decisions(world, return_id)][-1] == "seller_center"
    changed = [fact for fact in details(world, shop, order, "RETURN_CHANGED") if fact.get("question") == question]
    assert [fact["by"] for fact in changed] == [Decider.SELLER]
    assert details(world, shop, order, "RETURN_ANSWERED") == []
    assert at_oms(world, return_id).question == ""
    check_agreed(world, shop, order)


@pytest.mark.parametrize("question", Question)
def test_a_rejection_without_a_reason_takes_the_first_that_tiktok_offers(
    world: World, shop: Connected, question: Question
) -> None:
    _, return_id = asked(world, shop, question)
    offered = world.tiktok_client(shop, world.shops.settings(shop.id)).returns.reasons_to_reject(return_id, question)
    world.tiktok.take_reason_offline(offered[0])
    world.oms.decide_return(shop.id, return_id, question.lower(), "reject")
    world.run("poll_oms", shop)
    (told,) = world.tiktok.books.decided_return(return_id)
    assert told.reason == offered[1]


def test_a_rejection_has_the_reason_that_the_oms_chose(world: World, shop: Connected) -> None:
    _, return_id = asked(world, shop, PACKAGE)
    offered = world.tiktok_client(shop, world.shops.settings(shop.id)).returns.reasons_to_reject(return_id, PACKAGE)
    world.oms.decide_return(shop.id, return_id, "receive_package", "reject", offered[2])
    world.run("poll_oms", shop)
    assert world.tiktok.books.decided_return(return_id)[-1].reason == offered[2]


@pytest.mark.parametrize("second", ["another reason", "no reason", "approval", "the same"])
def test_a_reason_that_tiktok_does_not_offer_is_told_to_the_oms_which_is_asked_again(
    world: World, shop: Connected, second: str
) -> None:
    order, return_id = asked(world, shop, RETURN)
    world.oms.decide_return(shop.id, return_id, "return", "reject", WRONG)
    world.cycle(2)
    offered = world.tiktok_client(shop, world.shops.settings(shop.id)).returns.reasons_to_reject(return_id, RETURN)
    assert decisions(world, return_id) == []
    question = at_oms(world, return_id).body["question"]
    assert question["asked"] == "return"
    assert WRONG in question["problem"]
    assert offered[0] in question["problem"]
    assert details(world, shop, order, "RETURN_ANSWER_NOT_TAKEN")[0]["answer"] == Answer.REJECT
    answer = "approve" if second == "approval" else "reject"
    reason = {"another reason": offered[1], "the same": WRONG}.get(second, "")
    world.oms.decide_return(shop.id, return_id, "return", answer, reason)
    world.cycle(3)
    assert [code for _, _, code in decisions(world, return_id)] == ([] if second == "the same" else [0])
    check_agreed(world, shop, order)


def test_a_person_mends_an_answer_that_tiktok_did_not_take(world: World, shop: Connected) -> None:
    order, return_id = asked(world, shop, RETURN)
    world.oms.decide_return(shop.id, return_id, "return", "reject", WRONG)
    world.cycle(2)
    assert any(f"the reason {WRONG} is not offered" in each for each in world.problems())
    assert any(subject.startswith("TikTok Shop does not take an answer") for subject, _ in world.published)
    check_untouched(world, order)
    world.answer_return(shop, return_id, "return", "approve")
    world.cycle(2)
    assert at_tiktok(world, return_id).status is ReturnStatus.AWAITING_BUYER_SHIP
    check_agreed(world, shop, order)


def test_a_decision_that_is_read_again_after_it_was_used_changes_nothing(world: World, shop: Connected) -> None:
    order, return_id = asked(world, shop, RETURN)
    first = world.oms.decide_return(shop.id, return_id, "return", "approve")
    world.cycle(2)
    world.oms.repeat_return_decision(first)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    world.cycle()
    second = world.oms.decide_return(shop.id, return_id, "receive_package", "approve")
    world.cycle()
    for decision in (first, second, first):
        world.oms.repeat_return_decision(decision)
    world.cycle(6)
    assert [told_about(world, each) for each in (first, second)] == [None, None]
    assert world.counted("return_decisions_refused") == 0
    check_agreed(world, shop, order)


@pytest.mark.parametrize("code", [25011012, 25001003])
def test_an_approval_whose_answer_is_lost_is_told_again_under_its_key_and_counts_once(code: int) -> None:
    world = World(tiktok_doubts=Doubts(return_approved_again_code=code))
    shop = connected(world, "US")
    order, return_id = asked(world, shop, REFUND)
    world.tiktok.faults.add(Fault.LOST_AFTER, "/approve")
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(7)
    assert len(world.tiktok.books.decided_return(return_id)) == 1
    check_agreed(world, shop, order)


@pytest.mark.parametrize("answer", Answer)
def test_an_answer_while_tiktok_is_away_is_told_when_it_is_back(world: World, shop: Connected, answer: Answer) -> None:
    order, return_id = asked(world, shop, REFUND)
    world.tiktok.faults.add(Fault.UNREACHABLE, times=None)
    world.oms.decide_return(shop.id, return_id, "refund", answer.lower())
    world.cycle(4)
    assert decisions(world, return_id) == []
    world.tiktok.faults.clear()
    world.cycle(6)
    check_answered(world, shop, order, return_id, REFUND, answer, Decider.OMS)


def test_a_seller_who_refunds_at_once_without_the_goods_is_understood(world: World, shop: Connected) -> None:
    order, return_id = asked(world, shop, RETURN)
    world.tiktok.approve_return_in_seller_center(return_id, ReturnDecision.DIRECT_REFUND)
    world.cycle(6)
    assert at_oms(world, return_id).state == "refunded"
    check_agreed(world, shop, order)


def test_without_named_actions_the_kind_of_the_return_says_what_is_asked(region: str) -> None:
    world = World(tiktok_doubts=Doubts(returns_name_next_action=False))
    shop = connected(world, region)
    for question in (REFUND, RETURN, REPLACEMENT):
        order, return_id = asked(world, shop, question)
        kept = known(world, shop, order, return_id)
        assert (kept.question, kept.respond_by) == (question, kept.requested_at + 24 * HOUR)
        world.oms.decide_return(shop.id, return_id, question.lower(), "approve")
        world.cycle(6)
        check_answered(world, shop, order, return_id, question, Answer.APPROVE, Decider.OMS)


def test_an_answer_by_hand_stands_in_channeladvisor_and_the_oms_until_tiktok_shows_it(
    world: World, shop: Connected
) -> None:
    order, return_id = asked(world, shop, RETURN)
    assert "waits for an answer" in note(world, order, return_id)
    world.tiktok.fail_next_lock(order, times=1)
    world.answer_return(shop, return_id, "return", "approve")
    look(world, shop)
    assert "waits for an answer" not in note(world, order, return_id)
    assert at_oms(world, return_id).question == ""
    world.cycle(3)
    check_answered(world, shop, order, return_id, RETURN, Answer.APPROVE, Decider.OPERATOR)


def test_a_command_says_what_is_wrong_and_changes_nothing(world: World, shop: Connected) -> None:
    order, return_id = asked(world, shop, RETURN)
    before = world.record(shop, order)
    commands: list[tuple[str, str, str, dict[str, str], str]] = [
        (return_id, "return", "maybe", {}, 'decision must be "approve" or "reject"'),
        (return_id, "parcel", "approve", {}, "question must be one of"),
        (return_id, "refund", "approve", {}, "it waits for an answer to RETURN, not to REFUND"),
        ("4035999999999999999", "return", "approve", {}, "has no return"),
        ("", "return", "approve", {}, "has no return"),
        (return_id, "return", "approve", {"reject_reason": "x"}, "an approval has no reject_reason"),
        (return_id, "return", "approve", {"why": "x"}, "not why"),
    ]
    for target, question, decision, more, text in commands:
        with pytest.raises(RejectedError, match=text):
            world.answer_return(shop, target, question, decision, **more)
    assert world.record(shop, order) == before
    assert decisions(world, return_id) == []
    check_books(world)
    check_nothing_left(world, shop, order)
