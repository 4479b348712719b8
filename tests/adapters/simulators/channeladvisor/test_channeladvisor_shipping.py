"""Shipping: CA 4.3."""

from collections.abc import Callable
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller, Clock, message_of
from tests.adapters.simulators.channeladvisor.parcels import BAD_CARRIER, parcels, shipment, shipping_status


def test_without_items_the_whole_order_ships(caller: Caller, order: int, clock: Clock) -> None:
    clock.move(minutes=30)
    answer = caller.send("POST", f"/v1/Orders({order})/Ship", shipment())

    assert (answer.status_code, answer.content) == (204, b"")
    assert shipping_status(caller, order) == "Shipped"
    [parcel] = caller.values(f"/v1/Orders({order})/Fulfillments", _expand="Items")
    assert parcel["SellerFulfillmentID"] == "PARCEL-1"
    assert parcel["ShippedDateUtc"] == "2025-08-19T14:48:00Z"
    assert parcel["UpdatedDateUtc"] == "2025-08-19T12:30:00Z"
    assert {part["MarketplaceShippingStatus"] for part in parcel["Items"]} == {"Complete"}
    assert caller.get(f"/v1/Orders({order})").json()["UpdatedDateUtc"] == "2025-08-19T12:30:00Z"


def test_a_part_that_ships_leaves_the_rest_in_a_second_fulfilment(caller: Caller, order: int) -> None:
    first = shipment(Items=[{"Sku": "SKU-A", "Quantity": 1}])
    assert caller.send("POST", f"/v1/Orders({order})/Ship", first).status_code == 204
    assert shipping_status(caller, order) == "PartiallyShipped"
    assert parcels(caller, order) == [("Complete", {"SKU-A": 1}), ("NoChange", {"SKU-A": 1, "SKU-B": 1})]

    rest = shipment(SellerFulfillmentID="PARCEL-2", Items=None)
    assert caller.send("POST", f"/v1/Orders({order})/Ship", rest).status_code == 204
    assert shipping_status(caller, order) == "Shipped"
    assert parcels(caller, order) == [("Complete", {"SKU-A": 1}), ("Complete", {"SKU-A": 1, "SKU-B": 1})]
    assert len(caller.simulator.books.shipped_fulfillments(order)) == 2


def test_items_are_named_by_id_sku_or_product(caller: Caller, order: int) -> None:
    first, second = caller.values(f"/v1/Orders({order})/Items")
    items = [
        {"OrderItemID": first["ID"], "Sku": "SKU-A", "Quantity": 2},
        {"ProductID": second["ProductID"], "Quantity": 1},
    ]
    assert caller.send("POST", f"/v1/Orders({order})/Ship", shipment(Items=items)).status_code == 204
    assert shipping_status(caller, order) == "Shipped"


@pytest.mark.parametrize("change", [{"ShippingCarrier": "Pigeon"}, {"ShippingClass": "Slow"}, {"ShippingClass": None}])
def test_a_carrier_and_class_outside_the_list_get_the_exact_answer(
    caller: Caller, order: int, change: dict[str, Any]
) -> None:
    answer = caller.send("POST", f"/v1/Orders({order})/Ship", shipment(**change))
    assert (answer.status_code, answer.content) == (400, BAD_CARRIER)
    assert shipping_status(caller, order) == "Unshipped"


def test_a_carrier_that_is_added_to_the_list_works(caller: Caller, order: int) -> None:
    caller.simulator.add_carrier("Pigeon", "Slow", account=caller.account)
    body = shipment(ShippingCarrier="Pigeon", ShippingClass="Slow")
    assert caller.send("POST", f"/v1/Orders({order})/Ship", body).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        {"Items": []},
        {"Items": [{"Sku": "SKU-A", "Quantity": 3}]},
        {"Items": [{"Sku": "SKU-A", "Quantity": 1}, {"Sku": "SKU-A", "Quantity": 2}]},
        {"Items": [{"Sku": "SKU-A", "Quantity": 0}]},
        {"Items": [{"Sku": "SKU-C", "Quantity": 1}]},
        {"Items": [{"OrderItemID": 1, "Quantity": 1}]},
        {"Items": [{"Quantity": 1}]},
        {"DeliveryStatus": "NoChange"},
        {"DeliveryStatus": "Gone"},
        {"ShippedDateUtc": "2025-08-19T14:48:00"},
        {"Carrier": "USPS"},
    ],
)
def test_a_shipment_that_breaks_a_rule_is_refused(caller: Caller, order: int, change: dict[str, Any]) -> None:
    answer = caller.send("POST", f"/v1/Orders({order})/Ship", shipment(**change))
    assert answer.status_code == 400
    assert message_of(answer)
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]


def test_a_shipped_order_cannot_ship_again(caller: Caller, order: int) -> None:
    caller.send("POST", f"/v1/Orders({order})/Ship", shipment())
    again = caller.send("POST", f"/v1/Orders({order})/Ship", shipment())
    assert again.status_code == 400
    assert caller.simulator.books.repeated_seller_ids() == {}


def test_the_same_parcel_id_ships_twice_while_units_are_left(caller: Caller, order: int) -> None:
    body = shipment(Items=[{"Sku": "SKU-A", "Quantity": 1}])
    answers = [caller.send("POST", f"/v1/Orders({order})/Ship", body).status_code for _ in range(3)]
    assert answers == [204, 204, 400]
    assert caller.simulator.books.repeated_seller_ids() == {"PARCEL-1": 2}


def test_a_body_without_value_is_refused_unless_the_doubt_says_otherwise(build: Callable[..., Caller]) -> None:
    for doubts, status in ((Doubts(), 400), (Doubts(ship_accepts_unwrapped_body=True), 204)):
        caller = build(doubts)
        order = caller.create()["ID"]
        assert caller.send("POST", f"/v1/Orders({order})/Ship", shipment()["Value"]).status_code == status


def test_third_party_managed_orders_are_left_alone(caller: Caller, order: int) -> None:
    caller.simulator.set_third_party_managed(order)
    ship = caller.send("POST", f"/v1/Orders({order})/Ship", shipment())
    adjust = caller.send("POST", f"/v1/Orders({order})/Adjust", {})
    assert (ship.status_code, adjust.status_code) == (400, 400)
    assert "ThirdPartyManaged" in message_of(ship)


def test_a_quiet_shipment_says_that_the_marketplace_was_not_told(caller: Caller, order: int) -> None:
    caller.send("POST", f"/v1/Orders({order})/Ship", shipment(PreventMarketplaceCommunication=True))
    [parcel] = caller.simulator.books.shipped_fulfillments(order)
    assert {part["MarketplaceShippingStatus"] for part in parcel["Items"]} == {"CompletedWithoutNotification"}


def test_a_person_ships_a_part_by_hand(caller: Caller, order: int) -> None:
    parcel_id = caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1", items={"SKU-B": 1})
    parcel = caller.get(f"/v1/Fulfillments({parcel_id})", _expand="Items").json()
    assert (parcel["TrackingNumber"], parcel["SellerFulfillmentID"]) == ("TRACK-1", None)
    assert shipping_status(caller, order) == "PartiallyShipped"
