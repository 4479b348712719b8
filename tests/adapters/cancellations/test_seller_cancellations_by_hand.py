"""A person cancels, in ChannelAdvisor or in Seller Center: the sides that did not start it are told (G9)."""

from collections.abc import Iterator

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import royal_mail
from order_sync.domain.ids import OrderId
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.seller_cancel_scenes import (
    MAPPINGS,
    adjustments,
    asked_at_tiktok,
    buyer_notices,
    check_books,
    check_canceled_everywhere,
    check_ships,
    taken_at_tiktok,
    units_in_oms,
)
from tests.adapters.jobs.checks import check_nothing_left, failed_entries
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, parcels_at_tiktok, ship_from_oms
from tests.world import MUG, TWO_TEES, Connected, World

NOT_ALLOWED = "TikTok Shop does not allow a cancellation"
ORDER_SYNC = "Api"
PERSON = "UserInterface"


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


def canceled_in_channeladvisor(
    world: World, shop: Connected, *lines: LineSpec, reason: str = "GeneralAdjustment"
) -> OrderId:
    """An order that everybody has, of which a person just cancelled everything in ChannelAdvisor."""
    order = an_order_everywhere(world, shop, *lines)
    world.channeladvisor.cancel_by_hand(in_channeladvisor(world, order), reason=reason)
    return order


def adjusted_by(world: World, order: OrderId) -> list[str]:
    """Who adjusted the order in ChannelAdvisor."""
    found = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    return [each["CreatedSource"] for each in found]


@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_whole_order_cancelled_in_channeladvisor_is_cancelled_at_tiktok_and_in_the_oms(
    world: World, region: str
) -> None:
    shop = world.connect(region)
    order = canceled_in_channeladvisor(world, shop, TWO_TEES, MUG)
    world.cycle(2)

    assert [lines for _, lines in taken_at_tiktok(world, order)] == [tuple(world.tiktok.line_ids(order))]
    assert adjusted_by(world, order) == [PERSON]
    ((initiator, reason),) = [(each.initiator, each.reason) for each in world.oms.books.order(order).cancellations]
    assert (initiator, reason) == ("seller", taken_at_tiktok(world, order)[0][0])
    check_canceled_everywhere(world, shop, order)
    assert world.problems() == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ItemNotAvailable", "seller_cancel_reason_out_of_stock"),
        ("CouldNotShip", "seller_cancel_reason_out_of_stock"),
        ("BuyerCancelled", "seller_cancel_paid_reason_buyer_requested_cancellation"),
        ("ShippingAddressUndeliverable", "seller_cancel_paid_reason_address_not_deliver"),
        ("GeneralAdjustment", "seller_cancel_reason_out_of_stock"),
    ],
)
def test_the_reason_that_was_given_there_is_tiktok_s_reason(world: World, said: str, told: str) -> None:
    shop = world.connect()
    order = canceled_in_channeladvisor(world, shop, TWO_TEES, reason=said)
    world.cycle(2)
    assert [reason for reason, _ in taken_at_tiktok(world, order)] == [told]
    check_canceled_everywhere(world, shop, order)


def test_a_reason_that_says_nothing_is_the_shop_s_own(world: World) -> None:
    shop = world.connect(cancellations={"default_reason": "wrong_price"})
    order = canceled_in_channeladvisor(world, shop)
    world.cycle(2)
    assert [reason for reason, _ in taken_at_tiktok(world, order)] == ["seller_cancel_reason_wrong_price"]


def test_units_cancelled_there_are_the_open_units_of_their_sku(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, LineSpec("TEE-BLU-M", "20.00", 3), MUG)
    first, second, third, _ = world.tiktok.line_ids(order)
    ship_from_oms(world, order, lines=[first])
    world.cycle(2)
    world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 2})
    world.cycle(2)

    assert [lines for _, lines in taken_at_tiktok(world, order)] == [(second, third)]
    assert units_in_oms(world, order) == ["shipped", "cancelled", "cancelled", "open"]
    assert set(adjusted_by(world, order)) == {PERSON}
    check_nothing_left(world, shop, order)


def test_units_of_two_skus_are_both_cancelled(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES, LineSpec("MUG-RED", "12.50", 2))
    world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1, "MUG-RED": 1})
    world.cycle(3)
    assert units_in_oms(world, order) == ["cancelled", "open", "cancelled", "open"]
    assert world.published == []
    check_nothing_left(world, shop, order)


def test_every_unit_cancelled_there_one_after_the_other_is_the_whole_order_in_the_end(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    for _ in range(2):
        world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1})
        world.cycle(2)
    assert len(taken_at_tiktok(world, order)) == 2
    assert set(adjusted_by(world, order)) == {PERSON}
    check_canceled_everywhere(world, shop, order)


@pytest.mark.parametrize("whole", [True, False], ids=["reason not offered", "part for another reason"])
def test_what_tiktok_refuses_people_hear_of_and_the_oms_keeps_the_order(world: World, *, whole: bool) -> None:
    shop = world.connect("GB")
    order = an_order_everywhere(world, shop, TWO_TEES)
    number = in_channeladvisor(world, order)
    if whole:
        world.channeladvisor.cancel_by_hand(number, reason="BuyerCancelled")
    else:
        world.channeladvisor.cancel_units_by_hand(number, {"TEE-BLU-M": 1}, reason="BuyerCancelled")
    world.cycle(2)

    assert taken_at_tiktok(world, order) == []
    assert units_in_oms(world, order) == ["open", "open"]
    assert world.counted("seller_cancellations_refused") == 1
    ((subject, text),) = world.published
    assert subject == f"{NOT_ALLOWED}: order {order}"
    assert f"ChannelAdvisor order {number}" in text
    assert "buyer_requested" in text
    assert any("CANCEL_AS_SELLER" in name for name in failed_entries(world, shop, order))
    ship_from_oms(world, order, royal_mail(42), carrier="RM 24")
    world.cycle(2)
    assert [tracking for tracking, _ in parcels_at_tiktok(world, order)] == [royal_mail(42)]


def test_what_was_refused_is_not_asked_again_at_every_look(world: World) -> None:
    shop = world.connect("GB")
    order = canceled_in_channeladvisor(world, shop, reason="BuyerCancelled")
    world.cycle(4)
    assert world.counted("seller_cancellations_refused") == 1
    assert len(world.published) == 1
    assert world.events(shop, order).count("SELLER_CANCELLATION_REPORTED") == 1


@pytest.mark.parametrize("lines", [None, [1]], ids=["whole order", "one unit"])
def test_our_own_cancellation_there_is_not_taken_for_a_person_s(world: World, lines: list[int] | None) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    ids = world.tiktok.line_ids(order)
    world.tiktok.cancel_by_seller(order, lines=None if lines is None else [ids[number] for number in lines])
    world.cycle(4)
    assert world.record(shop, order).seller_cancellations == ()
    assert asked_at_tiktok(world, order) == []
    assert adjusted_by(world, order) == [ORDER_SYNC]


def test_a_request_that_another_link_brings_there_is_not_taken_for_the_seller_s(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.channeladvisor.request_by_buyer(in_channeladvisor(world, order))
    world.cycle(2)
    assert world.record(shop, order).seller_cancellations == ()
    assert asked_at_tiktok(world, order) == []


def test_a_cancellation_in_channeladvisor_reaches_tiktok_without_an_oms(world: World) -> None:
    shop = world.connect(oms={"adapter": "none"})
    order = world.order(shop, TWO_TEES)
    world.until_released()
    world.channeladvisor.cancel_by_hand(in_channeladvisor(world, order), reason="ItemNotAvailable")
    world.cycle(2)
    assert world.tiktok.status(order) == "CANCELLED"
    assert adjusted_by(world, order) == [PERSON]
    assert world.published == []
    check_nothing_left(world, shop, order)


def test_both_sides_cancel_at_once_and_tiktok_is_asked_once(world: World) -> None:
    shop = world.connect()
    order = canceled_in_channeladvisor(world, shop, TWO_TEES)
    cancellation = world.oms.cancel_order(order)
    world.cycle(3)
    assert asked_at_tiktok(world, order) == [0]
    assert adjusted_by(world, order) == [PERSON]
    assert world.oms.books.order(order).cancellations == []
    assert [each.told for each in world.oms.books.seller_cancellations() if each.id == cancellation] == [
        {"outcome": "accepted"}
    ]
    check_canceled_everywhere(world, shop, order)


def test_a_lost_answer_of_tiktok_cancels_once(world: World) -> None:
    shop = world.connect()
    order = canceled_in_channeladvisor(world, shop, TWO_TEES)
    world.run("poll_channeladvisor", shop)
    world.tiktok.faults.add(Fault.LOST_AFTER, "/return_refund/202309/cancellations", method="POST")
    world.run("push_tiktok", shop)
    assert world.tiktok.faults.happened[Fault.LOST_AFTER] == 1
    world.cycle(3)
    assert asked_at_tiktok(world, order) == [0]
    check_canceled_everywhere(world, shop, order)


@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_whole_order_cancelled_in_seller_center_is_told_to_both_sides(world: World, region: str) -> None:
    shop = world.connect(region)
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    world.tiktok.cancel_by_seller(order, "Pricing error")
    world.cycle(2)

    suffix = "_uk" if region == "GB" else ""
    (told,) = world.oms.books.order(order).cancellations
    assert (told.initiator, told.reason) == ("seller", f"seller_cancel_reason_wrong_price{suffix}")
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert (adjustment["Type"], adjustment["Reason"]) == ("Cancellation", "GeneralAdjustment")
    assert adjustment["PreventSiteProcessing"] is True
    assert world.published == []
    check_canceled_everywhere(world, shop, order)


def test_a_unit_cancelled_in_seller_center_is_told_to_both_sides_and_the_rest_ships(world: World) -> None:
    shop = world.connect(shipping_mappings=MAPPINGS["US"])
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    line = world.tiktok.line_ids(order)[1]
    world.tiktok.cancel_by_seller(order, lines=[line])
    world.cycle(2)

    (told,) = world.oms.books.order(order).cancellations
    assert (told.initiator, told.reason, told.lines) == ("seller", "seller_cancel_reason_out_of_stock", (line,))
    assert adjustments(world, order) == [("Cancellation", f"cancel-{line}", "PostProcessingComplete")]
    check_ships(world, shop, order)


def test_the_timeline_of_a_cancellation_in_seller_center_names_the_seller_and_the_buyer_s_notice(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(1)
    facts = {fact.event: fact for fact in world.ledger.timeline(shop.id, order)}
    assert facts[Event.CANCELED].detail["initiator"] == "SELLER"
    (notice,) = buyer_notices(world, shop, order)
    assert "order cancelled" in notice
    assert facts[Event.CANCELLATION_SEEN].detail["initiator"] == "SELLER"
    assert facts[Event.CANCELLATION_SEEN].detail["reason"] == "seller_cancel_reason_out_of_stock"


@pytest.mark.parametrize("moment", ["on hold", "released", "in ChannelAdvisor only"])
def test_an_order_cancelled_in_seller_center_before_the_hand_over_is_given_to_nobody_more(
    world: World, moment: str
) -> None:
    shop = world.connect()
    order = world.order(shop, TWO_TEES)
    world.cycle(1)
    if moment != "on hold":
        world.cycle(3)
        world.run("release_due_orders", shop)
    if moment == "in ChannelAdvisor only":
        world.run("push_channeladvisor", shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)
    assert order not in [taken.tiktok_order_id for taken in world.oms.books.orders()]
    assert [created["ShippingStatus"] for created in world.created(order)] == (
        ["Canceled"] if moment == "in ChannelAdvisor only" else []
    )
    check_nothing_left(world, shop, order)
