"""Nobody answers about a return: reminders, the shop's rule, TikTok's own approval at the deadline (OP B2)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.return_records import ReturnQuestion, ReturnStatus, ReturnType
from local.tracking_numbers import royal_mail, usps
from order_sync.domain.answering.answers import Answer, Decider
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import (
    HOUR,
    MINUTE,
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    at_tiktok,
    decisions,
    details,
    facts,
    known,
    look,
    note,
    until,
)
from tests.world import Connected, World

APPROVE = {"returns": {"without_answer": "approve"}}
SETTLE = "settle_requests"


def time_left(world: World, return_id: str) -> timedelta:
    """How long before TikTok's deadline a decision of ours took effect."""
    (decided,) = world.tiktok.books.decided_return(return_id)
    left = decided.time_left
    assert left is not None
    return left


@pytest.mark.parametrize("kind", [ReturnType.REFUND, ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT])
def test_by_default_the_answer_is_left_to_tiktok_which_approves_at_its_deadline(
    world: World, shop: Connected, kind: ReturnType
) -> None:
    order, return_id = an_asked_return(world, shop, kind, units=[0])
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    assert kept.respond_by is not None
    until(world, kept.answer_until + MINUTE)
    assert decisions(world, return_id) == []
    assert known(world, shop, order, return_id).left_to_tiktok
    left = facts(world, shop, order, "RETURN_LEFT_TO_TIKTOK")
    assert [fact.detail["rule"] for fact in left] == ["leave_to_tiktok"]
    until(world, kept.respond_by + MINUTE)
    world.cycle(6)
    assert [by for _, by, _ in decisions(world, return_id)] == ["tiktok"]
    changed = [fact for fact in details(world, shop, order, "RETURN_CHANGED") if fact.get("question")]
    assert [fact["by"] for fact in changed] == [Decider.PLATFORM]
    assert world.counted("answers_unconfirmed") == 0
    check_agreed(world, shop, order)


@pytest.mark.parametrize("kind", [ReturnType.REFUND, ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT])
def test_the_rule_to_approve_does_so_at_the_end_of_our_wait(region: str, kind: ReturnType) -> None:
    world = World()
    shop = connected(world, region, **APPROVE)
    order, return_id = an_asked_return(world, shop, kind, units=[0])
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    until(world, kept.answer_until - MINUTE)
    assert decisions(world, return_id) == []
    until(world, kept.answer_until + MINUTE)
    assert [(by, code) for _, by, code in decisions(world, return_id)] == [("api", 0)]
    assert 40 * MINUTE < time_left(world, return_id) <= 45 * MINUTE
    world.cycle(6)
    (answered,) = details(world, shop, order, "RETURN_ANSWERED")
    assert (answered["by"], answered["answer"]) == (Decider.SHOP_RULE, Answer.APPROVE)
    assert "nobody answered; the shop's rule is approve" in answered["reason"]
    check_agreed(world, shop, order)


def test_people_are_reminded_at_half_a_sixth_and_a_twenty_fourth_of_the_time(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.respond_by is not None
    due = []
    for _ in range(3):
        moment = known(world, shop, order, return_id).next_due
        assert moment is not None
        due.append(kept.respond_by - moment)
        until(world, moment)
        world.run(SETTLE, shop)
    assert due == [12 * HOUR, 4 * HOUR, HOUR]
    assert [fact["number"] for fact in details(world, shop, order, "RETURN_REMINDER")] == ["1", "2", "3"]
    texts = [text for subject, text in world.published if subject == f"A return waits for an answer: order {order}"]
    assert len(texts) == 3
    assert all(return_id in text and "Asked: REFUND" in text for text in texts)
    assert "TikTok Shop waits until" in texts[0]
    assert world.counted("return_reminders") == 3


@pytest.mark.parametrize("rule", ["approve", "leave_to_tiktok"])
def test_the_timer_alone_wakes_at_the_end_of_the_wait(region: str, rule: str) -> None:
    world = World()
    shop = connected(world, region, returns={"without_answer": rule})
    started = world.timers.started
    order, return_id = an_asked_return(world, shop)
    assert world.timers.started == started + 2
    kept = known(world, shop, order, return_id)
    assert (kept.answer_until, SETTLE, shop.id) in world.timers.waiting
    world.cycle(3)
    assert world.timers.started == started + 2
    assert kept.answer_until is not None
    until(world, kept.answer_until + MINUTE)
    now = known(world, shop, order, return_id)
    assert now.left_to_tiktok if rule == "leave_to_tiktok" else now.question is None


def test_a_timer_that_could_not_be_started_is_made_up_for_by_the_sweep(region: str) -> None:
    world = World()
    shop = connected(world, region, **APPROVE)
    order = a_shipped_order(world, shop)
    world.timers.broken = True
    return_id = ask(world, order)
    look(world, shop)
    assert world.counted("timers_not_started") > 0
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    until(world, kept.answer_until - MINUTE)
    world.cycle(6)
    assert [by for _, by, _ in decisions(world, return_id)] == ["api"]
    check_agreed(world, shop, order)


@pytest.mark.parametrize("minutes", [0, 3, 6, 9, 12])
@pytest.mark.parametrize("rule", ["approve", "leave_to_tiktok"])
def test_an_hour_to_answer_without_a_timer_gets_the_rule_before_tiktok_decides(rule: str, minutes: int) -> None:
    world = World()
    shop = connected(world, "US", returns={"without_answer": rule})
    world.tiktok.set_time_to_answer_return(ReturnQuestion.RETURN, HOUR)
    order = a_shipped_order(world, shop)
    world.timers.broken = True
    world.advance(minutes * MINUTE)
    return_id = ask(world, order, ReturnType.RETURN_AND_REFUND)
    look(world, shop)
    respond_by = known(world, shop, order, return_id).respond_by
    assert respond_by is not None
    world.cycle(6)
    by, event = {"approve": ("api", "RETURN_ANSWERED"), "leave_to_tiktok": ("tiktok", "RETURN_LEFT_TO_TIKTOK")}[rule]
    assert [decider for _, decider, _ in decisions(world, return_id)] == [by]
    (spoken,) = facts(world, shop, order, event)
    assert respond_by - 20 * MINUTE < spoken.at < respond_by
    check_agreed(world, shop, order)


def test_a_rule_that_speaks_early_reads_the_answer_that_the_oms_has_already(region: str) -> None:
    world = World()
    shop = connected(world, region, **APPROVE)
    world.tiktok.set_time_to_answer_return(ReturnQuestion.RETURN, HOUR)
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    respond_by = known(world, shop, order, return_id).respond_by
    assert respond_by is not None
    until(world, respond_by - 15 * MINUTE)
    world.timers.broken = True
    world.oms.decide_return(shop.id, return_id, "return", "reject")
    world.run(SETTLE, shop)
    assert decisions(world, return_id) == [("REJECT_RETURN", "api", 0)]
    assert [fact["by"] for fact in details(world, shop, order, "RETURN_ANSWERED")] == [Decider.OMS]


@pytest.mark.parametrize("hours", [1, 3, 6])
def test_wait_and_reminders_scale_with_the_time_that_tiktok_gives(world: World, shop: Connected, hours: int) -> None:
    world.tiktok.set_time_to_answer_return(ReturnQuestion.RETURN, hours * HOUR)
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    kept = known(world, shop, order, return_id)
    assert kept.respond_by == kept.requested_at + hours * HOUR
    assert kept.answer_until == kept.respond_by - min(45 * MINUTE, hours * 6 * MINUTE)
    assert at_oms(world, return_id).question == "return"


def test_tiktok_s_figure_counts_only_where_it_is_earlier_for_a_refund_without_goods(
    world: World, shop: Connected
) -> None:
    world.tiktok.set_time_to_answer_return(ReturnQuestion.REFUND, 72 * HOUR)
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.respond_by == kept.requested_at + 24 * HOUR


def test_a_deadline_that_tiktok_moves_moves_wait_timer_and_the_oms_s_time(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND)
    before = known(world, shop, order, return_id)
    sooner = before.requested_at + 5 * HOUR
    action = [{"action": "SELLER_RESPOND_RETURN", "deadline": int(sooner.timestamp())}]
    world.tiktok.show_return_as(return_id, seller_next_action_response=action)
    world.cycle()
    after = known(world, shop, order, return_id)
    assert (after.respond_by, after.answer_until) == (sooner, sooner - 30 * MINUTE)
    asked = at_oms(world, return_id).body["question"]
    assert asked["respond_by"] == f"{sooner - 30 * MINUTE:%Y-%m-%dT%H:%M:%SZ}"
    assert (after.answer_until, SETTLE, shop.id) in world.timers.waiting


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_an_answer_in_the_oms_that_no_poll_has_brought_is_read_before_the_rule_speaks(
    region: str, decision: str
) -> None:
    world = World()
    shop = connected(world, region, **APPROVE)
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    until(world, kept.answer_until - MINUTE)
    world.oms.decide_return(shop.id, return_id, "refund", decision)
    until(world, kept.answer_until + MINUTE)
    assert [(word, by) for word, by, _ in decisions(world, return_id)] == [(f"{decision.upper()}_REFUND", "api")]
    assert details(world, shop, order, "RETURN_ANSWERED")[0]["by"] == Decider.OMS
    world.cycle(6)
    check_agreed(world, shop, order)


def test_the_rule_waits_for_an_oms_that_is_away_while_there_is_time_and_then_speaks(region: str) -> None:
    world = World()
    shop = connected(world, region, **APPROVE)
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    world.oms.faults.add(Fault.UNREACHABLE, times=None)
    until(world, kept.answer_until + MINUTE)
    assert decisions(world, return_id) == []
    assert world.counted("rules_waiting_for_oms") > 0
    world.cycle(3)
    assert [by for _, by, _ in decisions(world, return_id)] == ["api"]
    assert time_left(world, return_id) > timedelta(0)
    world.oms.faults.clear()
    world.advance(HOUR)
    world.cycle(6)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("rule", ["approve", "leave_to_tiktok"])
def test_an_outage_of_tiktok_over_the_deadline_ends_with_what_tiktok_did(region: str, rule: str) -> None:
    world = World()
    shop = connected(world, region, returns={"without_answer": rule})
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    until(world, kept.answer_until - 10 * MINUTE)
    world.tiktok.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(6)
    world.tiktok.faults.clear()
    world.cycle(6)
    assert [by for _, by, _ in decisions(world, return_id)] == ["tiktok"]
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    check_agreed(world, shop, order)


def test_a_shop_without_an_oms_asks_people_who_answer_by_command(region: str) -> None:
    world = World()
    shop = connected(world, region, oms={"adapter": "none"})
    order = world.order(shop)
    world.until_released()
    carrier, shipping_class = ("USPS", "Ground") if region == "US" else ("Royal Mail", "24")
    tracking = usps(13) if region == "US" else royal_mail(13)
    number = int(world.created(order)[0]["ID"])
    world.channeladvisor.ship_by_hand(number, carrier, shipping_class, tracking)
    world.cycle(2)
    return_id = ask(world, order)
    world.cycle()
    subject, text = world.published[0]
    assert subject == f"A return waits for an answer: order {order}"
    assert f"Return {return_id}" in text
    assert "Answer until" in text
    assert "waits for an answer (refund)" in note(world, order, return_id)
    assert len(world.published) == 1
    world.answer_return(shop, return_id, "refund", "approve")
    world.cycle(6)
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    assert note(world, order, return_id).startswith("Refunded")
    assert (
        sum(each.total for each in world.channeladvisor.books.refunds(number))
        == at_tiktok(world, return_id).refund.total
    )
    assert len(world.published) == 1


def test_a_command_after_the_rule_left_it_to_tiktok_still_counts(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.answer_until is not None
    until(world, kept.answer_until + MINUTE)
    assert known(world, shop, order, return_id).left_to_tiktok
    world.answer_return(shop, return_id, "refund", "reject")
    world.cycle(4)
    assert at_tiktok(world, return_id).status is ReturnStatus.REJECT
    check_agreed(world, shop, order)


def test_goods_that_came_back_wait_for_the_seller_for_as_long_as_tiktok_says(world: World, shop: Connected) -> None:
    world.tiktok.set_time_to_answer_return(ReturnQuestion.RECEIVE_PACKAGE, 72 * HOUR)
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    look(world, shop)
    kept = known(world, shop, order, return_id)
    assert kept.respond_by is not None
    assert timedelta(0) <= kept.respond_by - (world.time + 72 * HOUR) + MINUTE
    assert kept.answer_until == kept.respond_by - 45 * MINUTE
    until(world, kept.respond_by + MINUTE)
    world.cycle(6)
    assert [by for _, by, _ in decisions(world, return_id)] == ["tiktok"]
    check_agreed(world, shop, order)
