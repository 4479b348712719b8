"""Parcels are told to ChannelAdvisor once, and can be read back."""

from datetime import UTC, datetime

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.errors import CarrierRefusedError, OutcomeUnknownError, RejectedError
from order_sync.domain.ids import ParcelId
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.parcels import UPS, USPS, now_as, parcel
from tests.adapters.channeladvisor.world import World


def test_a_part_and_then_the_rest_of_an_order_is_shipped_quietly_under_our_ids(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(1), USPS, [("TEE-BLU-M", 1), ("MUG", 1)])
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "PartiallyShipped"
    client.ship(order, parcel(2), USPS, [("TEE-BLU-M", 1)])
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "Shipped"
    first, second = world.simulator.books.shipped_fulfillments(int(order))
    assert [first["SellerFulfillmentID"], second["SellerFulfillmentID"]] == ["oms-SHP-1", "oms-SHP-2"]
    assert (first["TrackingNumber"], first["ShippingCarrier"], first["ShippingClass"]) == (
        usps(1),
        "USPS",
        "Priority",
    )
    assert first["ShippedDateUtc"] == datetime(2025, 8, 19, 14, 48, tzinfo=UTC)
    assert {(item["Sku"], item["Quantity"]) for item in first["Items"]} == {("TEE-BLU-M", 1), ("MUG", 1)}
    assert {item["MarketplaceShippingStatus"] for item in first["Items"]} == {"CompletedWithoutNotification"}


def test_a_carrier_that_the_account_does_not_have_is_told_with_what_was_sent_and_what_helps(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    with pytest.raises(
        CarrierRefusedError,
        match=rf"ship parcel oms-SHP-1 of order {order}: refused: Carrier and Class is invalid\..*; "
        r"sent were carrier 'UPS' and class 'Ground': add them to the account's carriers \(Fulfill > Carriers\), "
        r"or set channeladvisor_carrier and channeladvisor_class of the shop's shipping mapping",
    ):
        client.ship(order, parcel(), UPS, [("MUG", 1)])
    assert world.simulator.books.shipped_fulfillments(int(order)) == []


def test_a_shipment_refused_for_something_else_is_no_matter_of_carriers(client: ChannelAdvisor, order: str) -> None:
    with pytest.raises(RejectedError, match="more than what is left to ship") as caught:
        client.ship(order, parcel(), USPS, [("MUG", 2)])
    assert not isinstance(caught.value, CarrierRefusedError)


def test_a_parcel_whose_label_changed_before_it_was_told_ships_with_the_newest_number(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, now_as(parcel(), usps(900)), USPS, [("MUG", 1)])
    (shipped,) = world.simulator.books.shipped_fulfillments(int(order))
    assert (shipped["SellerFulfillmentID"], shipped["TrackingNumber"]) == ("oms-SHP-1", usps(900))


def test_a_parcel_without_units_is_not_sent_as_the_whole_order(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    with pytest.raises(RejectedError, match="holds no units"):
        client.ship(order, parcel(), USPS, [])
    assert world.simulator.books.shipped_fulfillments(int(order)) == []


@pytest.mark.parametrize(("fault", "is_there"), [(Fault.LOST_AFTER, True), (Fault.LOST_BEFORE, False)])
def test_a_parcel_of_unknown_outcome_is_read_back_by_our_id(
    world: World, client: ChannelAdvisor, order: str, fault: Fault, *, is_there: bool
) -> None:
    world.simulator.faults.add(fault, "/Ship")
    with pytest.raises(OutcomeUnknownError):
        client.ship(order, parcel(1), USPS, [("MUG", 1)])
    assert client.find_fulfillment(order, ParcelId("oms-SHP-1")) is is_there
    assert not client.find_fulfillment(order, ParcelId("oms-SHP-2"))


def test_a_parcel_made_in_channeladvisor_is_found_by_the_id_we_gave_it(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"MUG": 1})
    assert client.find_fulfillment(order, ParcelId(f"channeladvisor-{made}"))
