"""What a person does with fulfilments in ChannelAdvisor's screens."""

from datetime import UTC, datetime

import pytest

from local.simulators.channeladvisor.refusals import RefusedError
from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller, Clock
from tests.adapters.simulators.channeladvisor.parcels import fulfillment_ids, parcels, shipment, shipping_status

LATER = datetime(2025, 8, 19, 12, 10, tzinfo=UTC)


@pytest.fixture
def shipped(caller: Caller, order: int, clock: Clock) -> int:
    """The fulfilment of one mug that left ten minutes ago."""
    number = caller.simulator.ship_by_hand(order, *CARRIER, "T-1", items={"SKU-B": 1})
    clock.move(minutes=10)
    return number


def test_a_person_corrects_a_fulfilment_and_it_stays_shipped(caller: Caller, order: int, shipped: int) -> None:
    caller.simulator.add_carrier("UPS", "Ground", account=caller.account)
    caller.simulator.change_fulfillment_by_hand(shipped, tracking_number="T-2")
    caller.simulator.change_fulfillment_by_hand(shipped, carrier="UPS", shipping_class="Ground")
    [parcel] = caller.simulator.books.shipped_fulfillments(order)
    assert (parcel["TrackingNumber"], parcel["ShippingCarrier"], parcel["ShippingClass"]) == ("T-2", "UPS", "Ground")
    assert caller.simulator.books.order(order)["UpdatedDateUtc"] == LATER
    assert parcels(caller, order) == [("Complete", {"SKU-B": 1}), ("NoChange", {"SKU-A": 2})]


@pytest.mark.usefixtures("shipped")
def test_a_number_noted_on_what_has_not_left_does_not_ship_it(caller: Caller, order: int) -> None:
    _, rest = fulfillment_ids(caller, order)
    caller.simulator.change_fulfillment_by_hand(rest, tracking_number="T-9")
    assert parcels(caller, order) == [("Complete", {"SKU-B": 1}), ("NoChange", {"SKU-A": 2})]
    assert caller.simulator.books.accidental_shipments() == []


def test_a_person_can_only_pick_carriers_of_the_list(caller: Caller, order: int, shipped: int) -> None:
    with pytest.raises(RefusedError, match="Carrier and Class is invalid"):
        caller.simulator.change_fulfillment_by_hand(shipped, carrier="Pigeon")
    assert caller.simulator.books.order(order)["UpdatedDateUtc"] < LATER


def test_a_person_deletes_a_fulfilment(caller: Caller, order: int, shipped: int) -> None:
    caller.simulator.delete_fulfillment_by_hand(shipped)
    assert shipping_status(caller, order) == "Unshipped"
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]
    assert [each["ID"] for each in caller.simulator.books.deleted_fulfillments(order)] == [shipped]
    assert caller.simulator.books.order(order)["UpdatedDateUtc"] == LATER


def test_an_order_is_split_over_several_fulfilments_that_ship_one_by_one(
    caller: Caller, order: int, clock: Clock
) -> None:
    clock.move(minutes=10)
    first, second = caller.simulator.split_by_hand(order, {"SKU-A": 1}, {"SKU-B": 1})
    assert caller.simulator.books.order(order)["UpdatedDateUtc"] == LATER
    assert shipping_status(caller, order) == "Unshipped"
    assert parcels(caller, order) == [
        ("NoChange", {"SKU-A": 1}),
        ("NoChange", {"SKU-B": 1}),
        ("NoChange", {"SKU-A": 1}),
    ]

    body = shipment(Items=[{"Sku": "SKU-B", "Quantity": 1}])
    assert caller.send("POST", f"/v1/Orders({order})/Ship", body).status_code == 204
    [parcel] = caller.simulator.books.shipped_fulfillments(order)
    assert parcel["ID"] == second
    assert caller.send("PATCH", f"/v1/Fulfillments({first})", {"DeliveryStatus": "Complete"}).status_code == 204
    assert parcels(caller, order) == [
        ("Complete", {"SKU-A": 1}),
        ("Complete", {"SKU-B": 1}),
        ("NoChange", {"SKU-A": 1}),
    ]
    assert shipping_status(caller, order) == "PartiallyShipped"


def test_a_shipment_over_several_open_fulfilments_leaves_each_what_did_not_leave(caller: Caller, order: int) -> None:
    first, _ = caller.simulator.split_by_hand(order, {"SKU-A": 2}, {"SKU-B": 1})
    body = shipment(Items=[{"Sku": "SKU-A", "Quantity": 1}, {"Sku": "SKU-B", "Quantity": 1}])
    assert caller.send("POST", f"/v1/Orders({order})/Ship", body).status_code == 204
    assert parcels(caller, order) == [("Complete", {"SKU-A": 1, "SKU-B": 1}), ("NoChange", {"SKU-A": 1})]
    [parcel] = caller.simulator.books.shipped_fulfillments(order)
    assert parcel["ID"] == first


def test_a_split_order_is_split_anew(caller: Caller, order: int) -> None:
    caller.simulator.split_by_hand(order, {"SKU-A": 1}, {"SKU-A": 1}, {"SKU-B": 1})
    (whole,) = caller.simulator.split_by_hand(order, {"SKU-A": 2, "SKU-B": 1})
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]
    assert fulfillment_ids(caller, order) == [whole]


def test_an_order_cannot_be_split_into_more_than_it_holds(caller: Caller, order: int) -> None:
    with pytest.raises(RefusedError, match="more than what is left to ship"):
        caller.simulator.split_by_hand(order, {"SKU-A": 2}, {"SKU-A": 1})
    with pytest.raises(RefusedError, match="no item with Sku MUG"):
        caller.simulator.split_by_hand(order, {"MUG": 1})
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]


def test_an_order_that_others_fulfil_changes_hands_and_is_left_alone(caller: Caller, order: int, shipped: int) -> None:
    caller.simulator.set_third_party_managed(order)
    seen = caller.simulator.books.order(order)
    assert (seen["ShippingStatus"], seen["UpdatedDateUtc"]) == ("ThirdPartyManaged", LATER)
    with pytest.raises(RefusedError, match="ThirdPartyManaged"):
        caller.simulator.delete_fulfillment_by_hand(shipped)
    with pytest.raises(RefusedError, match="ThirdPartyManaged"):
        caller.simulator.split_by_hand(order, {"SKU-A": 1})
