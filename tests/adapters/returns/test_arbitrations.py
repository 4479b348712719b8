"""TikTok Shop decides between buyer and seller: shown, told to people, left alone, and both of its ends (TT 4.4)."""

import pytest

from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType
from local.tracking_numbers import usps
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ReturnId
from tests.adapters.returns.return_checks import check_agreed, check_untouched
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
    words,
)
from tests.world import Connected, World

ARBITRATION = "In Arbitration"
KINDS = [ReturnType.REFUND, ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT]
QUESTIONS = {
    ReturnType.REFUND: "refund",
    ReturnType.RETURN_AND_REFUND: "return",
    ReturnType.REPLACEMENT: "replacement",
}


def rejected(world: World, shop: Connected, kind: ReturnType) -> tuple[OrderId, ReturnId]:
    """A return that the OMS has rejected, as everybody knows."""
    order, return_id = an_asked_return(world, shop, kind)
    world.oms.decide_return(shop.id, return_id, QUESTIONS[kind], "reject")
    world.cycle(2)
    assert words(world, shop, order)[-1] == "Rejected"
    return order, return_id


def in_arbitration(world: World, shop: Connected, kind: ReturnType) -> tuple[OrderId, ReturnId]:
    """The buyer of it did not accept that, as everybody knows."""
    order, return_id = rejected(world, shop, kind)
    world.tiktok.buyer_escalates(return_id)
    look(world, shop)
    return order, return_id


@pytest.mark.parametrize("kind", KINDS)
def test_an_arbitration_is_shown_everywhere_told_to_people_once_and_answered_by_nobody(
    world: World, shop: Connected, kind: ReturnType
) -> None:
    order, return_id = in_arbitration(world, shop, kind)
    assert words(world, shop, order)[-1] == ARBITRATION
    assert at_oms(world, return_id).state == "in_arbitration"
    assert at_oms(world, return_id).question == ""
    assert note(world, order, return_id).startswith(ARBITRATION)
    assert world.counted("returns_in_arbitration") == 1
    before = decisions(world, return_id)
    world.cycle(4)
    world.advance(60 * HOUR)
    world.cycle(4)
    assert decisions(world, return_id) == before
    told = [text for subject, text in world.published if subject == f"A return is in arbitration: order {order}"]
    assert len(told) == 1
    assert return_id in told[0]
    check_untouched(world, order)
    check_agreed(world, shop, order)


def test_a_decision_during_an_arbitration_is_refused(world: World, shop: Connected) -> None:
    order, return_id = in_arbitration(world, shop, ReturnType.RETURN_AND_REFUND)
    said = world.oms.decide_return(shop.id, return_id, "return", "approve")
    world.cycle(2)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] == "not-asked"
    with pytest.raises(RejectedError, match="waits for no answer"):
        world.answer_return(shop, return_id, "return", "approve")
    check_agreed(world, shop, order)


@pytest.mark.parametrize("kind", KINDS)
def test_an_arbitration_for_the_seller_leaves_the_rejection(world: World, shop: Connected, kind: ReturnType) -> None:
    order, return_id = in_arbitration(world, shop, kind)
    world.tiktok.tiktok_decides_arbitration(return_id, for_buyer=False)
    world.cycle(4)
    assert words(world, shop, order)[-2:] == [ARBITRATION, "Rejected"]
    assert details(world, shop, order, "RETURN_CHANGED")[-1]["arbitration"] == "SUPPORT_SELLER"
    check_untouched(world, order)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("kind", [ReturnType.REFUND, ReturnType.REPLACEMENT])
def test_an_arbitration_for_the_buyer_refunds(world: World, shop: Connected, kind: ReturnType) -> None:
    order, return_id = in_arbitration(world, shop, kind)
    world.tiktok.tiktok_decides_arbitration(return_id, for_buyer=True)
    world.cycle(8)
    assert words(world, shop, order)[-1] == "Refunded"
    assert any(fact.get("arbitration") == "SUPPORT_BUYER" for fact in details(world, shop, order, "RETURN_CHANGED"))
    check_agreed(world, shop, order)


@pytest.mark.parametrize("seen", [True, False])
def test_an_arbitration_for_the_buyer_of_goods_lets_them_come_back_and_the_seller_is_asked_about_them(
    world: World, shop: Connected, *, seen: bool
) -> None:
    if seen:
        order, return_id = in_arbitration(world, shop, ReturnType.RETURN_AND_REFUND)
    else:
        order, return_id = rejected(world, shop, ReturnType.RETURN_AND_REFUND)
        world.tiktok.buyer_escalates(return_id)
    world.tiktok.tiktok_decides_arbitration(return_id, for_buyer=True)
    world.cycle(2)
    assert words(world, shop, order)[-1] == "Waiting for Buyer to Ship"
    world.tiktok.buyer_ships_return(return_id, usps(77))
    world.cycle(2)
    assert at_oms(world, return_id).question == "receive_package"
    world.oms.decide_return(shop.id, return_id, "receive_package", "approve")
    world.cycle(6)
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    check_agreed(world, shop, order)


def test_goods_that_the_seller_rejected_are_refunded_after_an_arbitration(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "receive_package", "reject")
    world.cycle(2)
    world.tiktok.buyer_escalates(return_id)
    world.cycle(2)
    world.tiktok.tiktok_decides_arbitration(return_id, for_buyer=True)
    world.cycle(6)
    assert words(world, shop, order)[-4:] == ["Rejected", ARBITRATION, "Received", "Refunded"]
    check_agreed(world, shop, order)


def test_a_buyer_who_gives_in_during_an_arbitration_closes_the_return(world: World, shop: Connected) -> None:
    order, return_id = in_arbitration(world, shop, ReturnType.REFUND)
    world.tiktok.buyer_withdraws_return(return_id)
    world.cycle(4)
    assert words(world, shop, order)[-2:] == [ARBITRATION, "Closed"]
    assert known(world, shop, order, return_id).arbitration == "CLOSED"
    check_untouched(world, order)
    check_agreed(world, shop, order)


def test_an_unknown_word_for_an_arbitration_is_counted_and_kept(world: World, shop: Connected) -> None:
    order, return_id = rejected(world, shop, ReturnType.REFUND)
    world.tiktok.show_return_as(return_id, arbitration_status="SECOND_INSTANCE")
    world.cycle(2)
    assert any("arbitration SECOND_INSTANCE" in each for each in world.problems())
    assert known(world, shop, order, return_id).arbitration == "SECOND_INSTANCE"
