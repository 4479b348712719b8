"""Sellers whose OMS works inside ChannelAdvisor: a flag and a notice ask, a command answers."""

from typing import Any

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import CancelId, OrderId
from tests.adapters.cancellations.cancel_scenes import (
    HOUR,
    MINUTE,
    ask_to_cancel,
    canceled_at_tiktok,
    check_answered,
    check_answered_in_time,
    check_sides_agree,
    decided_at_tiktok,
    decisions_at_tiktok,
    outcome_at_tiktok,
    request_of,
    see_request,
    until,
)
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.world import CYCLE, TWO_TEES, Connected, World

AT_TIKTOK = {"approve": OutcomeAtTikTok.APPROVED, "reject": OutcomeAtTikTok.REJECTED}
ASKED = "A buyer asks to cancel: order "


def without_oms(region: str = "US", **settings: Any) -> tuple[World, Connected]:
    """A shop that has no OMS of its own."""
    world = World()
    return world, world.connect(region, oms={"adapter": "none"}, **settings)


def an_open_request(world: World, shop: Connected, *, units: int | None = None) -> tuple[OrderId, CancelId]:
    """A request that people were asked about."""
    order = world.order(shop, TWO_TEES)
    world.until_released()
    cancel = ask_to_cancel(world, shop, order, units=units)
    see_request(world, shop)
    return order, cancel


def flag_of(world: World, order: OrderId) -> tuple[str, str | None]:
    """The order's flag in ChannelAdvisor and what it says."""
    (created,) = world.created(order)
    return str(created["FlagID"]), created["FlagDescription"]


def no_flag(world: World, order: OrderId) -> bool:
    flag, text = flag_of(world, order)
    return flag in ("0", "NoFlag", "NotSpecified") and not text


def test_the_order_is_flagged_and_people_are_told_with_all_they_need_to_answer() -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    until_ = request_of(world, shop, order, cancel).answer_until
    assert until_ is not None
    _, text = flag_of(world, order)
    assert text is not None
    assert text.startswith(f"TikTok cancel request {cancel}")
    assert f"{until_:%Y-%m-%d %H:%M}" in text
    ((subject, notice),) = world.published
    assert subject == f"{ASKED}{order}"
    for needed in (cancel, str(in_channeladvisor(world, order)), until_.isoformat()):
        assert needed in notice
    world.cycle(3)
    assert len(world.published) == 1
    assert world.oms.books.cancel_requests() == []


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("units", [None, 1])
@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_command_answers_at_once_and_the_flag_goes_within_a_cycle(
    region: str, units: int | None, decision: str
) -> None:
    world, shop = without_oms(region)
    order, cancel = an_open_request(world, shop, units=units)
    commanded = world.time
    report = world.answer(shop, cancel, decision)
    assert report.counts["cancel_requests_answered"] == 1
    assert commanded < decided_at_tiktok(world, cancel).at <= world.time
    request = request_of(world, shop, order, cancel)
    assert (request.answered_by, request.decided_by) == (Decider.OPERATOR, Decider.OPERATOR)
    world.cycle()
    assert no_flag(world, order)
    world.cycle()
    assert len(canceled_at_tiktok(world, order)) == (units or 2) * (decision == "approve")
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


def test_a_request_that_the_buyer_withdraws_loses_its_flag() -> None:
    world, shop = without_oms()
    order, _ = an_open_request(world, shop)
    world.tiktok.withdraw_cancel_request(order)
    world.cycle(2)
    assert no_flag(world, order)
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize(("rule", "outcome"), [("reject_if_packed", "approve"), ("approve", "approve")])
def test_when_no_command_comes_the_rule_answers(rule: str, outcome: str) -> None:
    world, shop = without_oms(cancellations={"without_answer": rule})
    order, cancel = an_open_request(world, shop)
    end = request_of(world, shop, order, cancel).answer_until
    assert end is not None
    until(world, end)
    world.cycle(2)
    assert no_flag(world, order)
    check_answered(world, shop, order, cancel, AT_TIKTOK[outcome])


def test_a_flag_of_the_seller_s_own_stays_as_it_is_and_people_are_told_all_the_same() -> None:
    world, shop = without_oms()
    order = world.order(shop)
    world.until_released()
    number = in_channeladvisor(world, order)
    world.channeladvisor._state.orders[number].fields |= {"FlagID": "RedFlag", "FlagDescription": "call back"}
    before = flag_of(world, order)
    cancel = ask_to_cancel(world, shop, order)
    see_request(world, shop)
    world.cycle()
    assert flag_of(world, order) == before
    assert [subject for subject, _ in world.published] == [f"{ASKED}{order}"]
    world.answer(shop, cancel, "approve")
    world.cycle(2)
    assert flag_of(world, order) == before
    check_answered(world, shop, order, cancel, AT_TIKTOK["approve"])


def test_a_flag_that_the_seller_puts_in_the_place_of_ours_is_not_cleared() -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    number = in_channeladvisor(world, order)
    world.channeladvisor._state.orders[number].fields |= {"FlagDescription": "call back"}
    before = flag_of(world, order)
    world.answer(shop, cancel, "reject")
    world.cycle(2)
    assert flag_of(world, order) == before
    check_answered(world, shop, order, cancel, AT_TIKTOK["reject"])


@pytest.mark.parametrize(
    ("decision", "why"),
    [("maybe", "must be"), ("APPROVE", "must be"), ("", "must be")],
)
def test_a_command_that_is_neither_approve_nor_reject_is_refused(decision: str, why: str) -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    before = world.record(shop, order)
    with pytest.raises(RejectedError, match=why):
        world.answer(shop, cancel, decision)
    assert world.record(shop, order) == before
    assert decisions_at_tiktok(world, cancel) == []


@pytest.mark.parametrize("cancel", ["4035999999999999999", "", "no such"])
def test_a_command_about_an_unknown_request_is_refused(cancel: str) -> None:
    world, shop = without_oms()
    order, _ = an_open_request(world, shop)
    before = world.record(shop, order)
    with pytest.raises(RejectedError, match="has no cancel request"):
        world.answer(shop, cancel, "approve")
    assert world.record(shop, order) == before


def test_a_command_about_another_shop_s_request_is_refused() -> None:
    world, shop = without_oms()
    other = world.connect("GB", oms={"adapter": "none"})
    _, cancel = an_open_request(world, shop)
    with pytest.raises(RejectedError, match="has no cancel request"):
        world.answer(other, cancel, "approve")
    assert decisions_at_tiktok(world, cancel) == []


def test_a_second_command_is_refused_when_it_contradicts_and_harmless_when_it_repeats() -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    world.answer(shop, cancel, "reject")
    report = world.answer(shop, cancel, "reject")
    assert report.counts["cancel_requests_answered_before"] == 1
    with pytest.raises(RejectedError, match="answered REJECT by OPERATOR"):
        world.answer(shop, cancel, "approve")
    world.cycle(2)
    assert decisions_at_tiktok(world, cancel) == [("REJECT", 0)]
    check_answered(world, shop, order, cancel, AT_TIKTOK["reject"])


def test_a_command_about_a_closed_request_is_refused() -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    world.tiktok.withdraw_cancel_request(order)
    world.cycle()
    with pytest.raises(RejectedError, match="is closed: WITHDRAWN"):
        world.answer(shop, cancel, "approve")
    assert decisions_at_tiktok(world, cancel) == []


def test_a_command_about_a_request_that_was_withdrawn_and_not_seen_yet_believes_tiktok() -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    world.tiktok.withdraw_cancel_request(order)
    world.answer(shop, cancel, "approve")
    world.cycle(2)
    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.WITHDRAWN
    assert canceled_at_tiktok(world, order) == set()
    assert not request_of(world, shop, order, cancel).is_open
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_command_while_tiktok_is_down_is_kept_and_told_later(decision: str) -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    world.tiktok.faults.add(Fault.UNREACHABLE, times=None)
    world.answer(shop, cancel, decision)
    assert request_of(world, shop, order, cancel).answer is Answer(decision.upper())
    world.cycle(3)
    world.tiktok.faults.clear()
    world.cycle(4)
    check_answered(world, shop, order, cancel, AT_TIKTOK[decision])


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.LOST_AFTER, Fault.SERVER_ERROR])
def test_a_flag_that_cannot_be_set_or_cleared_now_is_later(fault: Fault) -> None:
    world, shop = without_oms()
    world.channeladvisor.faults.add(fault, "/v1/Orders(", method="PATCH", times=2)
    order, cancel = an_open_request(world, shop)
    world.cycle(3)
    assert (flag_of(world, order)[1] or "").startswith(f"TikTok cancel request {cancel}")
    world.answer(shop, cancel, "approve")
    world.channeladvisor.faults.add(fault, "/v1/Orders(", method="PATCH", times=2)
    world.cycle(4)
    assert no_flag(world, order)
    check_answered(world, shop, order, cancel, AT_TIKTOK["approve"])


def test_a_reminder_comes_while_nobody_answers_and_none_afterwards() -> None:
    world, shop = without_oms()
    order, cancel = an_open_request(world, shop)
    deadline = request_of(world, shop, order, cancel).respond_by
    assert deadline is not None
    until(world, deadline - 12 * HOUR + MINUTE)
    world.cycle()
    assert len(world.published) == 2
    world.answer(shop, cancel, "approve")
    until(world, deadline - HOUR)
    world.cycle()
    assert len(world.published) == 2
    assert world.time < deadline + CYCLE
    check_answered_in_time(world, cancel)
