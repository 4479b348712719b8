"""The demo's parcels that are out of the ordinary keep every promise, and each promise about them can be broken."""

from dataclasses import replace

import pytest

from local.demo.parcels import numbers_replaced, shipped
from local.demo.scenario import TradingDay
from local.demo.stories import (
    IN_TWO_PARCELS,
    MISSPELT_CARRIER,
    MISTYPED_NUMBER,
    ORDINARY,
    SHARES_A_PARCEL,
    Story,
)
from local.demo.warehouse import MISSPELT, mistyped
from local.tracking_numbers import royal_mail, ups, usps
from tests.adapters.demo.parcel_days import ParcelDay

PARTS = "An order in two parcels was partially shipped on all three sides"
SHARED = "Orders that share a parcel have its number on all three sides"
MAPPED = "A misspelt carrier's parcel waited for its mapping, then left by itself"
MENDED = "A mistyped number was mended before TikTok Shop heard of it"
AT_TIKTOK = "Each parcel is at TikTok Shop once, as it was shipped"
IN_CHANNELADVISOR = "Each parcel is in ChannelAdvisor once"


@pytest.mark.parametrize(
    ("stories", "region"),
    [
        ([ORDINARY], "US"),
        ([IN_TWO_PARCELS], "GB"),
        ([SHARES_A_PARCEL, SHARES_A_PARCEL], "GB"),
        ([MISSPELT_CARRIER], "US"),
        ([MISTYPED_NUMBER], "US"),
        ([MISTYPED_NUMBER], "GB"),
        ([IN_TWO_PARCELS, SHARES_A_PARCEL, MISSPELT_CARRIER, SHARES_A_PARCEL, MISTYPED_NUMBER], "US"),
    ],
)
def test_parcels_that_people_look_after_break_no_promise(stories: list[Story], region: str) -> None:
    day = ParcelDay(*stories, region=region)
    day.play()
    assert day.broken() == set()
    assert day.broken_in_the_books() == set()
    assert all(day.is_known_everywhere(story.packing) for story in stories)


def test_an_order_in_two_parcels_is_partially_shipped_on_all_sides_for_a_while() -> None:
    day = ParcelDay(IN_TWO_PARCELS)
    [order] = day.orders
    seen = set()
    for _ in range(8):
        day.world.cycle()
        [there] = day.partners.channeladvisor.books.orders_of_tiktok(order.id)
        at_oms = day.partners.oms.books.order(order.id).state
        seen.add((day.partners.tiktok.status(order.id).value, there["ShippingStatus"], at_oms))
        day.warehouse.work()
    assert ("PARTIALLY_SHIPPING", "PartiallyShipped", "partially_shipped") in seen
    assert ("AWAITING_COLLECTION", "Shipped", "shipped") in seen


@pytest.mark.parametrize("story", [IN_TWO_PARCELS, MISSPELT_CARRIER, MISTYPED_NUMBER])
def test_an_order_is_not_over_before_all_of_it_is_everywhere_with_its_right_number(story: Story) -> None:
    day = ParcelDay(story)
    plays = TradingDay(day.partners, ())
    day.world.cycle(3)
    assert day.partners.oms.books.shipments()
    assert not plays.is_over(day.orders[0])
    day.play()
    assert plays.is_over(day.orders[0])


def test_an_order_that_left_as_a_whole_is_not_in_two_parcels() -> None:
    day = ParcelDay(ORDINARY)
    day.play()
    day.orders[0] = replace(day.orders[0], story=IN_TWO_PARCELS)
    assert day.broken() == {PARTS}


def test_two_parcels_that_leave_at_once_leave_nothing_partially_shipped() -> None:
    day = ParcelDay(replace(IN_TWO_PARCELS, ships_after=None))
    [order] = day.orders
    first, *rest = day.partners.tiktok.line_ids(order.id)
    day.partners.oms.ship(order.id, "UPS Ground", "Ground", ups(1), lines=[first])
    day.partners.oms.ship(order.id, "UPS Ground", "Ground", ups(2), lines=rest)
    day.play()
    assert day.broken() == {PARTS}
    assert day.broken_in_the_books() == set()


def test_orders_that_should_share_a_parcel_and_do_not_are_noticed() -> None:
    day = ParcelDay(ORDINARY, ORDINARY)
    day.play()
    day.orders[:] = [replace(order, story=SHARES_A_PARCEL) for order in day.orders]
    assert day.broken() == {SHARED}


def test_a_shared_parcel_that_one_side_has_on_one_order_alone_is_noticed() -> None:
    day = ParcelDay(SHARES_A_PARCEL, SHARES_A_PARCEL)
    order = day.orders[0].id
    day.world.tiktok.ship_in_seller_center(order, usps(99), "USPS")
    day.play()
    assert SHARED in day.broken()


def test_a_mapping_that_nobody_adds_is_noticed() -> None:
    day = ParcelDay(MISSPELT_CARRIER, adds_mappings=False)
    day.play()
    [unmapped] = day.notes.unmapped.values()
    assert (unmapped.words, unmapped.parcels, unmapped.mapped_at) == (MISSPELT, 1, None)
    assert day.broken() == {MAPPED}
    assert day.broken_in_the_books() >= {AT_TIKTOK, IN_CHANNELADVISOR}


def test_a_parcel_that_leaves_without_anybody_having_been_told_is_noticed() -> None:
    day = ParcelDay(MISSPELT_CARRIER, adds_mappings=False)
    day.map_carriers(day.shop.id, add=[{"carrier": MISSPELT, "code": "ups"}])
    day.play()
    assert day.notes.unmapped == {}
    assert day.broken() == {MAPPED}


def test_a_parcel_that_left_before_its_mapping_was_added_is_noticed() -> None:
    day = ParcelDay(MISSPELT_CARRIER)
    day.play()
    [unmapped] = day.notes.unmapped.values()
    unmapped.mapped_at = day.world.time
    assert day.broken() == {MAPPED}


def test_a_mistyped_number_that_nobody_mends_is_noticed() -> None:
    day = ParcelDay(replace(MISTYPED_NUMBER, ships_after=None))
    day.partners.oms.ship(day.orders[0].id, "UPS Ground", "Ground", mistyped(ups(1)))
    day.play()
    [stopped] = day.notes.stopped.values()
    assert "check digit is wrong" in stopped.reason
    assert day.broken() == {MENDED}
    assert AT_TIKTOK in day.broken_in_the_books()


def test_a_wrong_number_that_tiktok_shop_heard_of_is_noticed() -> None:
    day = ParcelDay(ORDINARY)
    day.play()
    order = day.orders[0]
    [shipment] = shipped(day.partners, order.id)
    day.partners.oms.correct_shipment(shipment.id, usps(7) if shipment.carrier.startswith("USPS") else ups(7))
    day.orders[0] = replace(order, story=MISTYPED_NUMBER)
    day.play()
    assert numbers_replaced(day.partners, order.id) == {shipment.tracking_number}
    assert day.broken() == {MENDED}
    assert day.broken_in_the_books() == set()


def test_a_parcel_with_another_carrier_than_its_number_says_is_noticed() -> None:
    day = ParcelDay(replace(ORDINARY, ships_after=None))
    day.world.tiktok.ship_in_seller_center(day.orders[0].id, ups(1), "FedEx")
    day.partners.oms.ship(day.orders[0].id, "UPS Ground", "Ground", ups(1))
    day.play()
    assert AT_TIKTOK in day.broken_in_the_books()


@pytest.mark.parametrize("number", [usps(1), ups(1), royal_mail(1)])
def test_a_mistyped_number_differs_in_one_digit(number: str) -> None:
    wrong = mistyped(number)
    assert len(wrong) == len(number)
    assert sum(one != other for one, other in zip(wrong, number, strict=True)) == 1
