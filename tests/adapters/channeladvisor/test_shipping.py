"""Parcels are told to ChannelAdvisor once, and can be read back."""

from datetime import UTC, datetime

import pytest

from local.simulators.faults import Fault
from order_sync.domain.errors import OutcomeUnknownError, RejectedError
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Parcel, Source
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import World

USPS = MappedCarrier(code="usps", name="USPS", channeladvisor_carrier="USPS", channeladvisor_class="Priority")


def parcel(number: str = "1") -> Parcel:
    return Parcel(
        id=ParcelId(f"oms-SHP-{number}"),
        source=Source.OMS,
        carrier="usps",
        tracking_number=f"940010000000000000000{number}",
        shipped_at=datetime(2025, 8, 19, 14, 48, tzinfo=UTC),
        line_ids=(),
    )


def test_a_part_and_then_the_rest_of_an_order_is_shipped_quietly_under_our_ids(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel("1"), USPS, [("TEE-BLU-M", 1), ("MUG", 1)])
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "PartiallyShipped"
    client.ship(order, parcel("2"), USPS, [("TEE-BLU-M", 1)])
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "Shipped"
    first, second = world.simulator.books.shipped_fulfillments(int(order))
    assert [first["SellerFulfillmentID"], second["SellerFulfillmentID"]] == ["oms-SHP-1", "oms-SHP-2"]
    assert (first["TrackingNumber"], first["ShippingCarrier"], first["ShippingClass"]) == (
        "9400100000000000000001",
        "USPS",
        "Priority",
    )
    assert first["ShippedDateUtc"] == datetime(2025, 8, 19, 14, 48, tzinfo=UTC)
    assert {(item["Sku"], item["Quantity"]) for item in first["Items"]} == {("TEE-BLU-M", 1), ("MUG", 1)}
    assert {item["MarketplaceShippingStatus"] for item in first["Items"]} == {"CompletedWithoutNotification"}


def test_a_carrier_that_the_account_does_not_have_is_told_with_parcel_and_order(
    client: ChannelAdvisor, order: str
) -> None:
    unknown = MappedCarrier(code="ups", name="UPS", channeladvisor_carrier="UPS", channeladvisor_class="")
    with pytest.raises(
        RejectedError, match=rf"ship parcel oms-SHP-1 of order {order}: refused: Carrier and Class is invalid\."
    ):
        client.ship(order, parcel(), unknown, [("MUG", 1)])


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
        client.ship(order, parcel("1"), USPS, [("MUG", 1)])
    assert client.find_fulfillment(order, ParcelId("oms-SHP-1")) is is_there
    assert not client.find_fulfillment(order, ParcelId("oms-SHP-2"))


def test_a_parcel_made_in_channeladvisor_is_found_by_the_id_we_gave_it(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", "94001", items={"MUG": 1})
    assert client.find_fulfillment(order, ParcelId(f"channeladvisor-{made}"))
