"""The final refund, and only that, becomes an Adjust in ChannelAdvisor: its units, its cents, once (CA 4.5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts as TikTokDoubts
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.return_records import ReturnType
from order_sync.domain.ids import OrderId, ReturnId
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.returns.return_checks import check_agreed, check_money, check_untouched
from tests.adapters.returns.return_scenes import (
    HOUR,
    a_shipped_order,
    an_asked_return,
    arrive,
    ask,
    at_oms,
    at_tiktok,
    booked,
    details,
    issued,
    look,
    note,
    ship,
)
from tests.world import MUG, TWO_TEES, Connected, World

ADJUST = "/Adjust"
ODD = LineSpec("ODD", "19.99", 3)


def refunded(
    world: World, shop: Connected, *lines: LineSpec, units: list[int] | None = None, **options: Any
) -> tuple[OrderId, ReturnId]:
    """A return without goods that the OMS grants and TikTok refunds; the others are told in the cycles."""
    order = a_shipped_order(world, shop, *lines, **options)
    return_id = ask(world, order, units=units)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(7)
    return order, return_id


def test_a_whole_order_is_refunded_by_sku_with_tiktok_s_amounts(world: World, shop: Connected) -> None:
    order, return_id = refunded(world, shop, TWO_TEES, MUG)
    made = {tuple(each.units.items()): (each.goods, each.tax, each.shipping) for each in booked(world, order)}
    taxes = ("3.2", "1.0") if shop.simulated.region.code == "US" else ("0", "0")
    assert made == {
        (("TEE-BLU-M", 2),): (Decimal(40), Decimal(taxes[0]), Decimal(0)),
        (("MUG-RED", 1),): (Decimal("12.5"), Decimal(taxes[1]), Decimal(0)),
    }
    assert {each.seller_id.rpartition("-")[0] for each in booked(world, order)} == {f"refund-{return_id}"}
    check_agreed(world, shop, order)


@pytest.mark.parametrize("units", [[0], [0, 1], [2], [1, 2]])
def test_a_part_of_the_units_is_refunded_alone(world: World, shop: Connected, units: list[int]) -> None:
    order, _ = refunded(world, shop, TWO_TEES, MUG, units=units)
    assert sum(sum(each.units.values()) for each in booked(world, order)) == len(units)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("amount", ["0.01", "7.77", "20.00", "32.49"])
def test_a_partial_amount_that_the_seller_offers_and_the_buyer_takes_is_booked_to_the_cent(
    world: World, shop: Connected, amount: str
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, TWO_TEES, MUG, units=[0, 2])
    world.tiktok.offer_partial_refund_in_seller_center(return_id, amount)
    world.cycle(2)
    assert at_oms(world, return_id).question == ""
    check_untouched(world, order)
    world.tiktok.buyer_answers_offer(return_id, accepts=True)
    world.cycle(7)
    assert sum(each.total for each in booked(world, order)) == Decimal(amount)
    assert details(world, shop, order, "REFUND_CONFIRMED")[0]["refund"].split()[0] == f"{Decimal(amount):.2f}"
    check_agreed(world, shop, order)


def test_three_units_with_odd_cents_and_a_discount_add_up(world: World, shop: Connected) -> None:
    order, return_id = refunded(world, shop, ODD, shipping_fee="3.33")
    money = at_tiktok(world, return_id).refund
    assert money.total == money.subtotal + money.tax + money.shipping_fee
    assert sum(each.total for each in booked(world, order)) == money.total
    check_agreed(world, shop, order)


def test_each_unit_in_a_return_of_its_own_adds_up_to_the_whole(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, ODD, MUG, shipping_fee="4.99")
    for unit in range(4):
        return_id = ask(world, order, units=[unit])
        look(world, shop)
        world.oms.decide_return(shop.id, return_id, "refund", "approve")
        world.cycle(5)
        check_money(world, shop, order)
    paid = world.record(shop, order).order.paid
    assert paid is not None
    assert sum(each.total for each in booked(world, order)) == paid.amount
    totals = [fact["refunded_in_all"] for fact in details(world, shop, order, "REFUND_CONFIRMED")]
    assert len(totals) == 4
    assert totals[-1] == str(paid)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("units", [[0, 1, 2], [2]])
def test_fees_that_go_back_too_are_told_to_the_oms_and_noted_but_channeladvisor_books_goods_shipping_and_tax(
    units: list[int],
) -> None:
    world = World()
    shop = connected(world, "US")
    fees = {"retail_delivery_fee": "0.28", "buyer_service_fee": "1.50"}
    order = a_shipped_order(world, shop, TWO_TEES, MUG, shipping_fee="5.99", fees=fees)
    return_id = ask(world, order, units=units)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(7)
    all_goes_back = len(units) == 3
    assert at_oms(world, return_id).body["refund"]["other"] == ("1.78" if all_goes_back else "0.00")
    assert ("1.78" in note(world, order, return_id)) == all_goes_back
    check_agreed(world, shop, order)


@pytest.mark.parametrize("hours", [1, 5])
def test_a_slow_adjustment_is_looked_at_again_and_never_sent_twice(world: World, shop: Connected, hours: int) -> None:
    world.channeladvisor._state.adjustment_time = hours * HOUR
    order, _ = refunded(world, shop, TWO_TEES, MUG)
    assert {each.status for each in booked(world, order)} != {"PostProcessingComplete"}
    world.advance(hours * HOUR)
    world.cycle(6)
    assert {each.status for each in booked(world, order)} == {"PostProcessingComplete"}
    assert len(booked(world, order)) == 2
    posts = world.channeladvisor.books.requests(method="POST", path=ADJUST)
    assert len(posts) == 2
    check_agreed(world, shop, order)


def test_an_adjustment_that_ends_in_error_is_tried_again_under_another_id(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, MUG)
    world.channeladvisor.fail_next_adjustment(in_channeladvisor(world, order))
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(9)
    assert [each.status for each in booked(world, order)] == ["Error", "PostProcessingComplete"]
    assert len({each.seller_id for each in booked(world, order)}) == 2
    check_agreed(world, shop, order)


@pytest.mark.parametrize(
    "fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.TRUNCATED_JSON, Fault.SERVER_ERROR, Fault.HTML]
)
@pytest.mark.parametrize("after", [0, 1])
def test_a_lost_answer_of_an_adjustment_books_nothing_twice(fault: Fault, after: int) -> None:
    world = World()
    shop = connected(world, "US")
    world.channeladvisor.faults.add(fault, ADJUST, after=after)
    order, _ = refunded(world, shop, TWO_TEES, MUG)
    world.advance(HOUR)
    world.cycle(6)
    assert len(booked(world, order)) == 2
    check_agreed(world, shop, order)


def test_a_lost_answer_about_notes_writes_them_once(world: World, shop: Connected) -> None:
    world.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders(", method="PATCH", after=2, times=2)
    order, return_id = refunded(world, shop, MUG)
    world.cycle(2)
    assert note(world, order, return_id).startswith("Refunded")
    check_agreed(world, shop, order)


@pytest.mark.parametrize("negative", [True, False])
@pytest.mark.parametrize("within_item", [True, False])
def test_the_doubts_about_adjustments_make_no_difference(*, negative: bool, within_item: bool) -> None:
    doubts = Doubts(negative_adjustment_amounts=negative, item_amounts_within_item_prices=within_item)
    world = World(channeladvisor_doubts=doubts)
    shop = connected(world, "US")
    order, _ = refunded(world, shop, TWO_TEES, MUG)
    check_agreed(world, shop, order)
    assert world.record(shop, order).seller_refunds == ()


def test_a_parcel_that_channeladvisor_learns_of_after_the_refund_does_not_lose_the_refund(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, units=0)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, "/Ship", times=None)
    ship(world, shop, order)
    return_id = ask(world, order)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(10)
    assert issued(world, order)
    assert booked(world, order) == []
    assert world.channeladvisor.books.adjustments(in_channeladvisor(world, order)) == []
    world.channeladvisor.faults.clear()
    world.advance(HOUR)
    world.cycle(10)
    check_agreed(world, shop, order)


def test_a_channeladvisor_that_is_away_while_tiktok_refunds_books_it_when_it_is_back(
    world: World, shop: Connected
) -> None:
    order, return_id = an_asked_return(world, shop)
    world.channeladvisor.faults.add(Fault.UNAVAILABLE, times=None)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(20)
    assert booked(world, order) == []
    world.channeladvisor.faults.clear()
    world.advance(HOUR)
    world.cycle(8)
    check_agreed(world, shop, order)


def test_a_refund_by_tiktok_itself_is_confirmed_recorded_once_and_told_to_both(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    return_id = world.tiktok.refund_by_platform(order)
    world.cycle(8)
    confirmed = details(world, shop, order, "REFUND_CONFIRMED")
    assert [fact["return_id"] for fact in confirmed] == [return_id]
    assert details(world, shop, order, "RETURN_REQUESTED")[0]["initiator"] == "PLATFORM"
    assert at_oms(world, return_id).state == "refunded"
    check_agreed(world, shop, order)


def test_the_timeline_adds_up_what_went_back_beside_what_was_paid(world: World, shop: Connected) -> None:
    order, first = refunded(world, shop, TWO_TEES, MUG, units=[0])
    arrive(world, order)
    second = ask(world, order, units=[2])
    look(world, shop)
    world.oms.decide_return(shop.id, second, "refund", "approve")
    world.cycle(7)
    rows = [
        (fact["return_id"], fact["refund"], fact["refunded_in_all"], fact["paid"])
        for fact in details(world, shop, order, "REFUND_CONFIRMED")
    ]
    us = shop.simulated.region.code == "US"
    assert rows == (
        [(first, "21.60 USD", "21.60 USD", "56.70 USD"), (second, "13.50 USD", "35.10 USD", "56.70 USD")]
        if us
        else [(first, "20.00 GBP", "20.00 GBP", "52.50 GBP"), (second, "12.50 GBP", "32.50 GBP", "52.50 GBP")]
    )
    check_agreed(world, shop, order)


def test_a_refund_that_tiktok_shows_only_after_hours_waits_that_long(world: World, shop: Connected) -> None:
    world.tiktok.set_refund_time(timedelta(hours=5))
    order, return_id = an_asked_return(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    for _ in range(4):
        world.cycle(4)
        check_untouched(world, order)
        assert at_oms(world, return_id).state == "refund_accepted"
    world.cycle(10)
    check_agreed(world, shop, order)


@pytest.mark.parametrize("back", [True, False])
def test_shipping_goes_back_with_the_last_units_or_never(region: str, *, back: bool) -> None:
    world = World(tiktok_doubts=TikTokDoubts(returns_give_back_shipping=back))
    shop = connected(world, region)
    order, _ = refunded(world, shop, TWO_TEES, MUG, shipping_fee="5.99")
    assert sum(each.shipping for each in booked(world, order)) == (Decimal("5.99") if back else 0)
    check_agreed(world, shop, order)
