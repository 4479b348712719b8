"""A refund that a person makes in ChannelAdvisor goes to TikTok Shop once, and never comes back to ChannelAdvisor."""

from decimal import Decimal

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action
from order_sync.domain.returning.returns import SellerRefundState
from tests.adapters.jobs.checks import failed_entries
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.returns.return_checks import check_agreed, check_books
from tests.adapters.returns.return_scenes import (
    HOUR,
    MINUTE,
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    at_tiktok,
    booked,
    decisions,
    issued,
    look,
    wish,
)
from tests.world import MUG, TWO_TEES, Connected, World

REFUSED = "TikTok Shop does not allow a refund"


def by_hand(world: World, order: OrderId, sku: str = "TEE-BLU-M", units: int = 1, amount: str = "") -> None:
    """A person refunds units in ChannelAdvisor's screens."""
    world.channeladvisor.refund_units_by_hand(
        in_channeladvisor(world, order), {sku: units}, amount=Decimal(amount) if amount else None
    )


def refund_lines(world: World, shop: Connected, order: OrderId) -> list[str]:
    """What was queued to be refunded in ChannelAdvisor."""
    return [entry.name for entry in world.record(shop, order).outbox if entry.action is Action.REFUND_LINES]


@pytest.mark.parametrize(("sku", "units"), [("TEE-BLU-M", 1), ("TEE-BLU-M", 2), ("MUG-RED", 1)])
def test_units_that_a_person_refunds_are_refunded_by_tiktok_once(
    world: World, shop: Connected, sku: str, units: int
) -> None:
    order = a_shipped_order(world, shop)
    by_hand(world, order, sku, units)
    world.cycle(8)
    (made,) = issued(world, order)
    assert len(made.line_ids) == units
    assert wish(world, shop, order).state is SellerRefundState.ACCEPTED
    assert refund_lines(world, shop, order) == []
    assert [each.source for each in booked(world, order)] == ["UserInterface"]
    assert at_oms(world, str(made.return_id)).state == "refunded"
    check_agreed(world, shop, order)
    world.cycle(8)
    assert len(issued(world, order)) == len(booked(world, order)) == 1


@pytest.mark.parametrize("amount", ["0.01", "7.77", "19.99"])
def test_so_much_of_a_unit_as_a_person_types_is_refunded(world: World, shop: Connected, amount: str) -> None:
    order = a_shipped_order(world, shop)
    by_hand(world, order, amount=amount)
    world.cycle(8)
    assert issued(world, order)[0].refund.total == Decimal(amount)
    check_agreed(world, shop, order)


def test_the_whole_order_refunded_by_hand_is_the_whole_order_at_tiktok(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, MUG, shipping_fee="4.99")
    world.channeladvisor.refund_by_hand(in_channeladvisor(world, order))
    world.cycle(8)
    assert sorted(issued(world, order)[0].line_ids) == sorted(world.tiktok.line_ids(order))
    assert refund_lines(world, shop, order) == []
    check_agreed(world, shop, order)


def test_two_refunds_of_two_skus_by_hand_are_two_refunds(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    by_hand(world, order, "TEE-BLU-M", 2)
    by_hand(world, order, "MUG-RED", 1)
    world.cycle(8)
    assert sorted(len(each.line_ids) for each in issued(world, order)) == [1, 2]
    check_agreed(world, shop, order)


def test_what_tiktok_has_refunded_is_not_refunded_again_when_a_person_does_it_by_hand(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, MUG)
    world.tiktok.refund_in_seller_center(order)
    world.cycle(8)
    check_agreed(world, shop, order)
    by_hand(world, order, "MUG-RED")
    world.cycle(4)
    assert len(issued(world, order)) == 1
    assert wish(world, shop, order).state is SellerRefundState.REFUSED
    (text,) = (text for subject, text in world.published if subject.startswith(REFUSED))
    assert "channeladvisor-" in text
    check_books(world)


def test_a_person_who_refunds_what_is_not_shipped_or_refused_reads_why(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    world.tiktok.refund_in_seller_center(order, world.tiktok.line_ids(order)[:2])
    by_hand(world, order, "TEE-BLU-M", 2)
    world.cycle(8)
    assert wish(world, shop, order).state is SellerRefundState.REFUSED
    assert [subject for subject, _ in world.published] == [f"{REFUSED}: order {order}"]
    assert world.counted("seller_refunds_refused") == 1
    assert len(issued(world, order)) == 1
    check_books(world)


@pytest.mark.parametrize("asked", [ReturnType.REFUND, ReturnType.RETURN_AND_REFUND])
def test_a_person_who_refunds_what_the_buyer_asks_for_answers_the_buyer(
    world: World, shop: Connected, asked: ReturnType
) -> None:
    order, return_id = an_asked_return(world, shop, asked, MUG)
    by_hand(world, order, "MUG-RED")
    world.cycle(8)
    if asked is ReturnType.REFUND:
        assert [(word, by) for word, by, _ in decisions(world, return_id)] == [("APPROVE_REFUND", "api")]
        assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
        assert refund_lines(world, shop, order) == []
        check_agreed(world, shop, order)
    else:
        assert decisions(world, return_id) == []
        assert wish(world, shop, order).state is SellerRefundState.REFUSED
        assert any(subject.startswith(REFUSED) for subject, _ in world.published)
        check_books(world)


def test_goods_that_came_back_are_taken_by_refunding_them_in_channeladvisor(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, MUG, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(return_id, "9400100000000000000077")
    look(world, shop)
    by_hand(world, order, "MUG-RED")
    world.cycle(8)
    assert [(word, by) for word, by, _ in decisions(world, return_id)] == [("APPROVE_RECEIVED_PACKAGE", "api")]
    assert len(booked(world, order)) == 1
    check_agreed(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.TRUNCATED_JSON])
def test_a_lost_answer_of_tiktok_doubles_nothing_on_either_side(world: World, shop: Connected, fault: Fault) -> None:
    order = a_shipped_order(world, shop)
    by_hand(world, order, "MUG-RED")
    world.run("poll_channeladvisor", shop)
    world.tiktok.faults.add(fault, "/202602/returns", method="POST")
    world.run("push_tiktok", shop)
    world.cycle(8)
    assert len(issued(world, order)) == len(booked(world, order)) == 1
    check_agreed(world, shop, order)


def test_a_poll_that_sees_the_return_before_the_lost_answer_is_made_up_for_doubles_nothing(
    world: World, shop: Connected
) -> None:
    world.tiktok.set_refund_time(0 * HOUR)
    order = a_shipped_order(world, shop)
    by_hand(world, order, "MUG-RED")
    world.run("poll_channeladvisor", shop)
    world.tiktok.faults.add(Fault.LOST_AFTER, "/202602/returns", method="POST")
    world.run("push_tiktok", shop)
    for job in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        world.run(job, shop)
    world.cycle(8)
    assert len(issued(world, order)) == len(booked(world, order)) == 1
    check_agreed(world, shop, order)


def test_a_channel_that_refunds_there_itself_is_no_seller(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    world.channeladvisor.request_by_buyer(in_channeladvisor(world, order), units={"MUG-RED": 1}, is_return=True)
    world.cycle(3)
    assert world.record(shop, order).seller_refunds == ()
    assert issued(world, order) == []


def test_our_own_refunds_are_never_taken_for_a_person_s(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    return_id = ask(world, order, units=[0])
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(20)
    assert world.record(shop, order).seller_refunds == ()
    assert len(issued(world, order)) == len(booked(world, order)) == 1
    check_agreed(world, shop, order)


def test_a_refund_by_hand_beside_one_of_the_oms_for_other_units_makes_two(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    by_hand(world, order, "MUG-RED")
    world.oms.refund(shop.id, order, world.tiktok.line_ids(order)[:1])
    world.cycle(8)
    assert len(issued(world, order)) == 2
    assert sorted(each.source for each in booked(world, order)) == ["Api", "UserInterface"]
    check_agreed(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.UNAVAILABLE])
def test_a_person_who_books_by_hand_what_we_could_not_book_yet_refunds_nothing_more(
    world: World, shop: Connected, fault: Fault
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, MUG)
    world.channeladvisor.faults.add(fault, "/Adjust", times=None)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    assert issued(world, order)
    by_hand(world, order, "MUG-RED")
    world.channeladvisor.faults.clear()
    world.advance(HOUR)
    world.cycle(8)
    assert len(issued(world, order)) == 1
    assert len([each for each in booked(world, order) if each.stands]) == 1
    if fault is Fault.UNREACHABLE:
        assert world.published == []
        check_agreed(world, shop, order)
    else:
        # Ours may have been booked as well, so that a person compares.
        assert any("compare, and settle by hand" in each for each in world.problems())
        check_books(world)


def test_a_smaller_amount_by_hand_does_not_end_our_booking_in_silence(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, "/Adjust", times=None)
    world.oms.refund(shop.id, order)
    world.cycle(5)
    by_hand(world, order, "MUG-RED", amount="2.50")
    world.run("poll_channeladvisor", shop)
    world.channeladvisor.faults.clear()
    world.cycle(8)
    assert len(issued(world, order)) == 1
    in_books = sum(each.total for each in booked(world, order) if each.stands)
    assert in_books == issued(world, order)[0].refund.total or failed_entries(world, shop, order) or world.published


@pytest.mark.parametrize("rest", ["buyer", "Seller Center"])
def test_the_rest_of_a_unit_that_a_person_refunded_in_part_is_booked_too(
    world: World, shop: Connected, rest: str
) -> None:
    order = a_shipped_order(world, shop, MUG)
    by_hand(world, order, "MUG-RED", amount="2.50")
    world.cycle(8)
    assert issued(world, order)[0].refund.total == Decimal("2.50")
    if rest == "buyer":
        return_id = ask(world, order)
        look(world, shop)
        world.oms.decide_return(shop.id, return_id, "refund", "approve")
    else:
        world.tiktok.refund_in_seller_center(order)
    world.cycle(8)
    paid = world.record(shop, order).order.paid
    assert paid is not None
    assert sum(each.total for each in booked(world, order)) == paid.amount
    assert failed_entries(world, shop, order) == {}
    check_books(world)


def test_a_refund_by_hand_that_is_seen_while_ours_is_processed_is_one_of_its_own(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TWO_TEES)
    world.tiktok.refund_in_seller_center(order, world.tiktok.line_ids(order)[:1])
    world.advance(31 * MINUTE)
    by_hand(world, order)
    for job in ("poll_tiktok", "push_channeladvisor", "poll_channeladvisor"):
        world.run(job, shop)
    world.cycle(8)
    assert len(issued(world, order)) == len(booked(world, order)) == 2
    check_agreed(world, shop, order)
