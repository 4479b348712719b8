"""A parcel leaves although the request was approved (issue 3 point 8; OP C16, C19): it is held back."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from tests.adapters.cancellations.races import (
    OTHER_TRACKING,
    after_answer,
    after_oms_answer,
    answers,
    check_over,
    check_recovering,
    check_settled,
    connected,
    everywhere,
    recoveries,
    ship,
    ship_in_channeladvisor,
    ship_in_seller_center,
    winners,
)
from tests.adapters.jobs.scenes import TRACKING, parcels_at_tiktok
from tests.world import MUG, TWO_TEES, Connected, World

APPROVE = "/approve"
LONG_ENOUGH = 12
"""Calls that an outage of some cycles hits, with the client's own repetitions."""


def approved_but_not_told(world: World, shop: Connected, order: str, lines: list[str] | None = None) -> str:
    """The OMS approved a request; the ledger has that, TikTok Shop cannot be told."""
    cancel = world.tiktok.request_cancel(order, lines)
    world.cycle()
    world.tiktok.faults.add(Fault.UNAVAILABLE, APPROVE, times=None)
    world.oms.decide(cancel, "approve", withhold=False)
    world.run("poll_oms", shop)
    return cancel


@pytest.mark.parametrize("parcel", [slice(0, 3), slice(0, 1)], ids=["all-lines", "one-line"])
def test_a_parcel_after_a_committed_approval_is_blocked_and_recovered(
    world: World, shop: Connected, parcel: slice
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    approved_but_not_told(world, shop, order)
    ship(world, shop, order, world.tiktok.line_ids(order)[parcel])
    world.cycle(2)
    assert parcels_at_tiktok(world, order) == []
    world.tiktok.faults.clear()
    world.cycle(6)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert answers(world, shop, order) == ["APPROVE by OMS"]
    assert parcels_at_tiktok(world, order) == []
    assert world.counted("event_recovery_needed") == 1
    check_recovering(world, shop, order, TRACKING)


def test_a_parcel_after_a_told_approval_is_recovered(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, "approve", withhold=False)
    world.run("poll_oms", shop)
    ship(world, shop, order)
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert parcels_at_tiktok(world, order) == []
    assert world.tiktok.books.refused_shipments == []
    check_recovering(world, shop, order, TRACKING)


def test_an_approval_in_the_same_list_run_as_the_parcel_comes_too_late(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    decision = world.oms.decide(cancel, "approve", withhold=False)
    ship(world, shop, order)
    world.cycle(4)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    (listed,) = world.oms.books.decisions(cancel)
    assert (listed.id, listed.told and listed.told["problem"]) == (decision, "decided-already")
    check_over(world, shop, order)


def test_a_lost_answer_to_the_approval_is_no_second_decision(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.tiktok.faults.add(Fault.LOST_AFTER, APPROVE, times=3)
    world.oms.decide(cancel, "approve", withhold=False)
    world.run("poll_oms", shop)
    ship(world, shop, order)
    world.cycle(5)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert len(world.tiktok.books.decided(cancel)) == 1
    check_recovering(world, shop, order, TRACKING)


def test_a_part_that_left_before_the_approval_is_not_part_of_it(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    approved_but_not_told(world, shop, order, others)
    ship(world, shop, order, [tee])
    world.tiktok.faults.clear()
    world.cycle(6)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert parcels_at_tiktok(world, order) == [(TRACKING, (tee,))]
    assert recoveries(world, order) == []
    check_over(world, shop, order)


def test_a_parcel_over_approved_and_other_lines_ships_what_is_not_cancelled_and_is_recovered(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    approved_but_not_told(world, shop, order, [tee])
    ship(world, shop, order)
    world.tiktok.faults.clear()
    world.cycle(6)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(others))]
    check_recovering(world, shop, order, TRACKING)


@pytest.mark.parametrize("reported", [True, False], ids=["with-a-parcel-held-back", "without-a-parcel"])
def test_an_approval_that_the_buyer_forestalled_by_withdrawing_lets_the_goods_go(
    world: World, shop: Connected, *, reported: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    approved_but_not_told(world, shop, order)
    if reported:
        ship(world, shop, order)
        world.run("poll_oms", shop)
    world.tiktok.withdraw_cancel_request(order)
    world.tiktok.faults.clear()
    world.cycle(4)

    assert winners(world, shop, order) == ["WITHDRAWN by BUYER"]
    assert answers(world, shop, order) == ["APPROVE by OMS"]
    assert len(parcels_at_tiktok(world, order)) == int(reported)
    check_over(world, shop, order)


def test_a_withdrawal_between_seeing_and_telling_the_approval_is_believed(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, "approve", withhold=False)
    after_oms_answer(world, "/cancel-request-decisions", lambda: world.tiktok.withdraw_cancel_request(order))
    world.cycle()
    ship(world, shop, order)
    world.cycle(4)

    assert winners(world, shop, order) == ["WITHDRAWN by BUYER"]
    assert [each.code for each in world.tiktok.books.refused_decisions] == [25020009]
    assert len(parcels_at_tiktok(world, order)) == 1
    assert recoveries(world, order) == []
    check_over(world, shop, order)


def test_a_parcel_by_hand_in_channeladvisor_after_a_committed_approval_is_recovered(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    approved_but_not_told(world, shop, order)
    ship_in_channeladvisor(world, shop, order)
    world.run("poll_channeladvisor", shop)
    world.tiktok.faults.clear()
    world.cycle(6)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert parcels_at_tiktok(world, order) == []
    assert recoveries(world, order) == [TRACKING]
    assert world.channeladvisor.books.accidental_refunds() == []
    assert world.oms.books.unsettled() == []


def test_shipping_in_seller_center_overrules_an_approval_that_was_not_told_in_the_us() -> None:
    world = World()
    shop = connected(world, "US")
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = approved_but_not_told(world, shop, order)
    ship_in_seller_center(world, shop, order, tracking=OTHER_TRACKING)
    world.tiktok.faults.clear()
    world.cycle(5)

    assert winners(world, shop, order) == ["REJECTED by SELLER"]
    assert world.counted("answers_overruled") == 1
    assert world.tiktok.books.decided(cancel) == []
    check_over(world, shop, order)


def test_a_parcel_reported_while_the_approval_is_told_does_not_flip_it(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, "approve", withhold=False)

    def parcel_meanwhile() -> None:
        ship(world, shop, order)
        world.run("poll_oms", shop)

    after_answer(world, APPROVE, parcel_meanwhile)
    world.cycle(1)
    world.advance(timedelta(minutes=15))
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert answers(world, shop, order) == ["APPROVE by OMS"]
    check_recovering(world, shop, order, TRACKING)


def test_tiktok_is_believed_when_it_approves_although_the_parcel_was_told() -> None:
    # The Seller University's reading (TT 4.3): shipping rejects nothing, and no rejection is taken by call.
    world = World(tiktok_doubts=Doubts(us_shipment_rejects_request=False, us_offers_reject=False))
    shop = connected(world, "US")
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    ship(world, shop, order)
    world.cycle(3)
    assert answers(world, shop, order) == ["REJECT by OMS"]
    assert world.record(shop, order).cancellations[0].is_open
    world.advance(timedelta(hours=24))
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED_AUTOMATICALLY by PLATFORM"]
    assert world.counted("answers_overruled") == 1
    assert world.tiktok.books.decided(cancel) == []
    assert recoveries(world, order) == [TRACKING]
    assert world.channeladvisor.books.accidental_refunds() == []
    check_settled(world, shop, order)
