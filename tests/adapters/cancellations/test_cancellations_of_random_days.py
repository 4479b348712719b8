"""What the random days have found about cancellations, each as small as it could be made."""

from collections.abc import Mapping

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Damage
from local.tracking_numbers import usps
from order_sync.domain.answering.answers import Decider
from order_sync.domain.cancelling.cancellations import Outcome, SellerCancelState
from tests.adapters.cancellations.cancel_scenes import (
    MINUTE,
    an_open_request,
    ask_to_cancel,
    canceled_at_oms,
    canceled_at_tiktok,
    check_sides_agree,
    decisions_at_tiktok,
    facts_of,
    line_ids,
    outcome_at_oms,
    request_of,
    until,
)
from tests.adapters.jobs.checks import failed_entries
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, ship_from_oms
from tests.world import MUG, TWO_TEES, World

TEE, CUP = "TEE-BLU-M", "MUG-RED"


def test_a_unit_that_people_cancel_in_channeladvisor_while_it_waits_to_be_told_so_is_not_told_any_more() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    first, second = line_ids(world, shop, order)
    world.channeladvisor.faults.add(Fault.UNAVAILABLE, "/Adjust", times=None)
    world.tiktok.cancel_by_seller(order, lines=[first])
    world.cycle()
    ship_from_oms(world, order, lines=[second])
    world.cycle()
    world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1})
    world.cycle()
    world.channeladvisor.faults.clear()
    world.cycle(8)

    assert failed_entries(world, shop, order) == {}
    assert world.channeladvisor.books.accidental_refunds() == []


def test_a_request_is_overtaken_by_a_granted_cancellation_although_the_order_itself_cannot_be_read() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.tiktok.corrupt(order, Damage.WRONG_TYPE)
    world.tiktok.cancel_by_seller(order)
    world.cycle(2)

    assert request_of(world, shop, order, cancel).outcome is Outcome.OVERTAKEN
    told = world.oms.books.cancel_request(cancel).outcome
    assert told is not None
    assert told["outcome"] == "overtaken"


def test_a_line_cancelled_while_channeladvisor_s_first_attempt_is_in_doubt_takes_no_other_unit_along() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TWO_TEES)
    world.channeladvisor.faults.add(Fault.LOST_BEFORE, "/v1/Orders", method="POST")
    world.until_released()
    assert world.created(order) == []
    first, _ = line_ids(world, shop, order)
    world.tiktok.cancel_by_seller(order, lines=[first])
    world.cycle(6)

    (created,) = world.created(order)
    (item,) = world.channeladvisor._state.orders[created["ID"]].items
    assert item.unshipped == 1
    assert failed_entries(world, shop, order) == {}


def test_a_line_cancelled_while_the_oms_s_first_attempt_is_in_doubt_is_no_failure() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TWO_TEES)
    world.oms.faults.add(Fault.LOST_BEFORE, "/orders/", method="PUT")
    world.until_released()
    first, second = line_ids(world, shop, order)
    world.tiktok.cancel_by_seller(order, lines=[first])
    world.cycle(6)

    assert [line.id for line in world.oms.books.order(order).lines if line.state == "open"] == [second]
    assert failed_entries(world, shop, order) == {}


@pytest.mark.parametrize("minute", range(0, 15, 3))
def test_an_hour_s_request_is_answered_in_time_although_its_timer_never_started(minute: int) -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "approve"})
    world.tiktok.set_automatic_approval(shop.simulated, 1)
    order = an_order_everywhere(world, shop)
    world.advance(minute * MINUTE)
    cancel = ask_to_cancel(world, shop, order)
    world.advance((15 - minute) * MINUTE)
    world.timers.broken = True
    world.cycle(6)

    assert request_of(world, shop, order, cancel).outcome is Outcome.APPROVED


def test_a_unit_cancelled_by_hand_in_channeladvisor_is_no_line_that_channeladvisor_never_had() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TWO_TEES, hold=False)
    world.tiktok.cancel_by_seller(order, lines=world.tiktok.line_ids(order)[:1])
    world.until_released()
    world.channeladvisor.faults.add(Fault.UNAVAILABLE, "/Ship", times=None)
    ship_from_oms(world, order)
    world.cycle()
    world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1})
    world.cycle()

    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state is SellerCancelState.REFUSED
    assert [subject for subject, _ in world.published] == [
        f"TikTok Shop does not allow a cancellation: order {order}",
    ]


def test_two_units_of_a_sku_cancelled_by_hand_one_after_the_other_are_two_lines() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/cancellations", method="POST", times=4)
    for _ in range(2):
        world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1})
        world.run("poll_channeladvisor", shop)
    world.cycle(4)

    assert canceled_at_tiktok(world, order) == set(line_ids(world, shop, order)[:2])
    assert failed_entries(world, shop, order) == {}


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_that_is_read_after_tiktok_s_deadline_is_no_answer(decision: str) -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "leave_to_tiktok"})
    world.tiktok.set_automatic_approval(shop.simulated, 1)
    order, cancel = an_open_request(world, shop)
    respond_by = world.tiktok.cancellation(cancel).respond_by
    assert respond_by is not None
    world.advance(respond_by - world.time)
    world.oms.decide(cancel, decision)
    world.run("poll_oms", shop)
    world.cycle(2)

    assert decisions_at_tiktok(world, cancel) == []
    request = request_of(world, shop, order, cancel)
    assert (request.answer, request.outcome) == (None, Outcome.APPROVED_AUTOMATICALLY)
    told = world.oms.books.cancel_request(cancel).outcome
    assert told is not None
    assert told["outcome"] == "approved_automatically"


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_that_is_read_just_before_the_rule_speaks_early_is_the_only_answer(decision: str) -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "approve"})
    world.tiktok.set_automatic_approval(shop.simulated, 1)
    order, cancel = an_open_request(world, shop)
    respond_by = request_of(world, shop, order, cancel).respond_by
    assert respond_by is not None
    until(world, respond_by - 15 * MINUTE)
    world.timers.broken = True
    world.oms.decide(cancel, decision)
    world.run("settle_requests", shop)

    assert decisions_at_tiktok(world, cancel) == [(decision.upper(), 0)]
    assert len(facts_of(world, shop, order, "CANCEL_REQUEST_ANSWERED")) == 1
    world.cycle(2)
    assert outcome_at_oms(world, cancel)[1] == "oms"
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize("units", [{TEE: 2, CUP: 1}, {TEE: 1}], ids=["each item", "a unit, then the order"])
def test_an_order_cancelled_in_channeladvisor_in_several_steps_at_once_is_one_cancellation_that_nobody_refused(
    region: str, units: Mapping[str, int]
) -> None:
    world = World()
    shop = world.connect(region)
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    number = in_channeladvisor(world, order)
    world.channeladvisor.cancel_units_by_hand(number, units)
    if CUP not in units:
        world.channeladvisor.cancel_by_hand(number)
    world.cycle(3)

    assert world.tiktok.status(order) == "CANCELLED"
    assert world.published == []
    assert world.counted("seller_cancellations_refused") == 0
    assert [wish.state for wish in world.record(shop, order).seller_cancellations] == [SellerCancelState.ACCEPTED]
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize("steps", [(TEE, CUP), (CUP, TEE), (TEE, "all")], ids=" then ".join)
def test_what_is_out_of_stock_goes_although_tiktok_may_not_take_the_reason_of_the_rest(
    region: str, steps: tuple[str, str]
) -> None:
    world = World()
    shop = world.connect(region)
    order = an_order_everywhere(world, shop, LineSpec(TEE, "20.00"), MUG)
    number = in_channeladvisor(world, order)
    for step in steps:
        reason = "ItemNotAvailable" if step == TEE else "BuyerCancelled"
        if step == "all":
            world.channeladvisor.cancel_by_hand(number, reason=reason)
        else:
            world.channeladvisor.cancel_units_by_hand(number, {step: 1}, reason=reason)
    world.cycle(3)

    tee, mug = line_ids(world, shop, order)
    taken = {"US": {tee, mug}, "GB": {tee}}[region]
    assert (canceled_at_tiktok(world, order), canceled_at_oms(world, order)) == (taken, taken)
    assert world.counted("seller_cancellations_refused") == len(world.published) == 2 - len(taken)
    assert [name for name in failed_entries(world, shop, order) if "CANCEL_AS_SELLER" not in name] == []


def test_a_request_that_a_parcel_with_another_line_rejected_is_rejected_although_tiktok_s_answer_to_it_was_lost() -> (
    None
):
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop, TWO_TEES, units=1)
    first, second = line_ids(world, shop, order)
    ship_from_oms(world, order, usps(1), lines=[first])
    ship_from_oms(world, order, usps(2), lines=[second])
    world.run("poll_oms", shop)
    world.tiktok.faults.add(Fault.HTML, "/shipping_providers", times=5)
    world.tiktok.faults.add(Fault.LOST_AFTER, "/packages", method="POST")
    world.run("push_tiktok", shop)
    assert world.tiktok.faults.happened[Fault.LOST_AFTER] == 1
    world.tiktok.faults.clear()
    world.run("poll_tiktok", shop)

    request = request_of(world, shop, order, cancel)
    assert (request.outcome, request.decided_by) == (Outcome.REJECTED, Decider.OMS)
    world.cycle(2)
    assert outcome_at_oms(world, cancel) == ("rejected", "oms")
    assert failed_entries(world, shop, order) == {}


def test_a_request_approved_in_seller_center_is_no_automatic_approval_although_it_is_read_late() -> None:
    world = World()
    shop = world.connect(cancellations={"without_answer": "leave_to_tiktok"})
    world.tiktok.set_automatic_approval(shop.simulated, 1)
    order, cancel = an_open_request(world, shop)
    respond_by = request_of(world, shop, order, cancel).respond_by
    assert respond_by is not None
    until(world, respond_by - 10 * MINUTE)
    world.tiktok.approve_in_seller_center(cancel)
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/cancellations/search", times=None)
    world.cycle(3)
    assert request_of(world, shop, order, cancel).is_open
    world.tiktok.faults.clear()
    world.cycle(2)

    request = request_of(world, shop, order, cancel)
    assert (request.outcome, request.decided_by) == (Outcome.APPROVED, Decider.SELLER)
    assert outcome_at_oms(world, cancel) == ("approved", "seller")
