"""Changing and deleting fulfilments over HTTP: CA 4.4."""

from typing import Any

import httpx
import pytest

from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller, Clock, message_of
from tests.adapters.simulators.channeladvisor.parcels import (
    BAD_CARRIER,
    fulfillment_ids,
    parcels,
    shipment,
    shipping_status,
)

COMPLETE = {"DeliveryStatus": "Complete"}


@pytest.fixture
def part_shipped(caller: Caller, order: int) -> int:
    """One unit of SKU-A has left quietly, the rest waits in the second fulfilment."""
    body = shipment(Items=[{"Sku": "SKU-A", "Quantity": 1}], PreventMarketplaceCommunication=True)
    assert caller.send("POST", f"/v1/Orders({order})/Ship", body).status_code == 204
    return order


def patch(caller: Caller, fulfillment: int, change: dict[str, Any]) -> httpx.Response:
    return caller.send("PATCH", f"/v1/Fulfillments({fulfillment})", change)


def delete(caller: Caller, fulfillment: int) -> int:
    return caller.send("DELETE", f"/v1/Fulfillments({fulfillment})").status_code


def updated_at(caller: Caller, order: int) -> str:
    return str(caller.get(f"/v1/Orders({order})").json()["UpdatedDateUtc"])


def test_a_patch_without_delivery_status_ships(caller: Caller, order: int) -> None:
    [number] = fulfillment_ids(caller, order)
    noted = patch(caller, number, {"TrackingNumber": "T-1", "DeliveryStatus": "NoChange"})
    assert (noted.status_code, shipping_status(caller, order)) == (204, "Unshipped")
    assert caller.simulator.books.accidental_shipments() == []
    trapped = patch(caller, number, {"TrackingNumber": "T-2"})
    assert (trapped.status_code, shipping_status(caller, order)) == (204, "Shipped")
    assert caller.get(f"/v1/Fulfillments({number})").json()["DeliveryStatus"] == "Complete"
    assert [each["ID"] for each in caller.simulator.books.accidental_shipments()] == [number]


def test_any_delivery_status_but_nochange_ships(caller: Caller, order: int) -> None:
    [number] = fulfillment_ids(caller, order)
    patch(caller, number, {"DeliveryStatus": "LabelCreated"})
    assert shipping_status(caller, order) == "Shipped"


def test_a_patch_of_the_rest_without_delivery_status_ships_what_has_not_left(caller: Caller, part_shipped: int) -> None:
    _, rest = fulfillment_ids(caller, part_shipped)
    patch(caller, rest, {"TrackingNumber": "T-2"})
    assert shipping_status(caller, part_shipped) == "Shipped"
    assert parcels(caller, part_shipped) == [("Complete", {"SKU-A": 1}), ("Complete", {"SKU-A": 1, "SKU-B": 1})]


def test_a_shipped_fulfilment_is_corrected_and_nothing_else_moves(
    caller: Caller, part_shipped: int, clock: Clock
) -> None:
    caller.simulator.add_carrier("UPS", "Ground", account=caller.account)
    shipped, _ = fulfillment_ids(caller, part_shipped)
    clock.move(minutes=10)
    label = {"TrackingNumber": "T-2", "ShippingCarrier": "UPS", "ShippingClass": "Ground"}
    assert patch(caller, shipped, label | COMPLETE).status_code == 204

    assert parcels(caller, part_shipped) == [("Complete", {"SKU-A": 1}), ("NoChange", {"SKU-A": 1, "SKU-B": 1})]
    assert shipping_status(caller, part_shipped) == "PartiallyShipped"
    seen = caller.get(f"/v1/Fulfillments({shipped})", _expand="Items").json()
    assert {name: seen[name] for name in label} == label
    assert (seen["SellerFulfillmentID"], seen["ShippedDateUtc"]) == ("PARCEL-1", "2025-08-19T14:48:00Z")
    assert [part["MarketplaceShippingStatus"] for part in seen["Items"]] == ["CompletedWithoutNotification"]
    assert seen["UpdatedDateUtc"] == updated_at(caller, part_shipped) == "2025-08-19T12:10:00Z"
    assert caller.simulator.books.accidental_shipments() == []


@pytest.mark.parametrize("change", [{"ShippingCarrier": "Pigeon"}, {"ShippingClass": "Slow"}, {"ShippingClass": None}])
def test_a_change_to_a_carrier_and_class_outside_the_list_gets_the_exact_answer(
    caller: Caller, part_shipped: int, change: dict[str, Any]
) -> None:
    shipped, _ = fulfillment_ids(caller, part_shipped)
    answer = patch(caller, shipped, change | COMPLETE)
    assert (answer.status_code, answer.content) == (400, BAD_CARRIER)
    seen = caller.get(f"/v1/Fulfillments({shipped})").json()
    assert (seen["ShippingCarrier"], seen["ShippingClass"]) == CARRIER


@pytest.mark.parametrize(
    "change", [{"OrderID": 1}, {"Tracking": "1"}, {"DeliveryStatus": "Gone"}, {"DeliveryStatus": "Canceled"}]
)
def test_a_change_that_is_not_allowed_is_refused(caller: Caller, order: int, change: dict[str, Any]) -> None:
    [number] = fulfillment_ids(caller, order)
    assert patch(caller, number, change).status_code == 400
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]


def test_what_has_left_cannot_go_back_to_nochange(caller: Caller, part_shipped: int) -> None:
    shipped, _ = fulfillment_ids(caller, part_shipped)
    assert patch(caller, shipped, {"DeliveryStatus": "NoChange"}).status_code == 400
    assert shipping_status(caller, part_shipped) == "PartiallyShipped"


def test_what_is_being_cancelled_does_not_ship_by_a_patch(caller: Caller, order: int, clock: Clock) -> None:
    [number] = fulfillment_ids(caller, order)
    assert caller.send("POST", f"/v1/Orders({order})/Adjust", {}).status_code == 204
    early = patch(caller, number, {"TrackingNumber": "T-1"})
    assert (early.status_code, message_of(early)) == (400, "The fulfillment holds more than what is left to ship.")
    clock.move(minutes=5)
    assert patch(caller, number, {"TrackingNumber": "T-1"}).status_code == 400
    assert shipping_status(caller, order) == "Canceled"


def test_a_canceled_rest_does_not_ship_by_a_patch(caller: Caller, part_shipped: int) -> None:
    caller.simulator.cancel_units_by_hand(part_shipped, {"SKU-A": 1, "SKU-B": 1})
    _, rest = fulfillment_ids(caller, part_shipped)
    assert patch(caller, rest, {"TrackingNumber": "T-1"}).status_code == 400
    assert parcels(caller, part_shipped) == [("Complete", {"SKU-A": 1}), ("Canceled", {"SKU-B": 1})]
    assert delete(caller, rest) == 204
    assert parcels(caller, part_shipped) == [("Complete", {"SKU-A": 1})]
    assert shipping_status(caller, part_shipped) == "Shipped"


def test_a_third_party_managed_order_is_neither_changed_nor_deleted(caller: Caller, part_shipped: int) -> None:
    shipped, rest = fulfillment_ids(caller, part_shipped)
    caller.simulator.set_third_party_managed(part_shipped)
    assert patch(caller, rest, {"TrackingNumber": "T-2"}).status_code == 400
    assert patch(caller, shipped, {"TrackingNumber": "T-2"} | COMPLETE).status_code == 400
    assert delete(caller, shipped) == 400
    assert shipping_status(caller, part_shipped) == "ThirdPartyManaged"


def test_what_a_deleted_fulfilment_held_is_unshipped_and_held_again(caller: Caller, order: int, clock: Clock) -> None:
    caller.send("POST", f"/v1/Orders({order})/Ship", shipment())
    [shipped] = fulfillment_ids(caller, order)
    clock.move(minutes=10)
    answer = caller.send("DELETE", f"/v1/Fulfillments({shipped})")

    assert (answer.status_code, answer.content) == (204, b"")
    assert shipping_status(caller, order) == "Unshipped"
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]
    assert fulfillment_ids(caller, order) != [shipped]
    assert updated_at(caller, order) == "2025-08-19T12:10:00Z"
    assert [each["SellerFulfillmentID"] for each in caller.simulator.books.deleted_fulfillments(order)] == ["PARCEL-1"]
    assert caller.simulator.books.shipped_fulfillments(order) == []
    assert caller.get(f"/v1/Fulfillments({shipped})").status_code == 404
    assert (delete(caller, shipped), patch(caller, shipped, COMPLETE).status_code) == (404, 404)


def test_what_was_unshipped_by_deletion_ships_again(caller: Caller, order: int) -> None:
    for _ in range(2):
        assert caller.send("POST", f"/v1/Orders({order})/Ship", shipment()).status_code == 204
        [shipped] = fulfillment_ids(caller, order)
        assert shipping_status(caller, order) == "Shipped"
        assert delete(caller, shipped) == 204


def test_a_deleted_part_joins_what_is_still_to_be_shipped(caller: Caller, part_shipped: int) -> None:
    _, rest = fulfillment_ids(caller, part_shipped)
    caller.send("POST", f"/v1/Orders({part_shipped})/Ship", shipment(Items=[{"Sku": "SKU-B", "Quantity": 1}]))
    first, second, rest = fulfillment_ids(caller, part_shipped)
    assert delete(caller, second) == 204
    assert shipping_status(caller, part_shipped) == "PartiallyShipped"
    assert parcels(caller, part_shipped) == [("Complete", {"SKU-A": 1}), ("NoChange", {"SKU-A": 1, "SKU-B": 1})]
    assert delete(caller, first) == 204
    assert shipping_status(caller, part_shipped) == "Unshipped"
    assert parcels(caller, part_shipped) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]
    assert fulfillment_ids(caller, part_shipped) == [rest]


def test_an_open_fulfilment_that_is_deleted_leaves_its_units_to_another(caller: Caller, order: int) -> None:
    [number] = fulfillment_ids(caller, order)
    assert delete(caller, number) == 204
    assert parcels(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]
    assert fulfillment_ids(caller, order) != [number]


def test_a_canceled_order_keeps_its_last_fulfilment(caller: Caller, order: int) -> None:
    caller.simulator.cancel_by_hand(order)
    [number] = fulfillment_ids(caller, order)
    assert delete(caller, number) == 400
    assert parcels(caller, order) == [("Canceled", {"SKU-A": 2, "SKU-B": 1})]


def test_a_fulfilment_of_another_account_or_of_nobody_is_404(caller: Caller) -> None:
    caller.simulator.add_account(99)
    foreign = caller.simulator.add_order_of_another_site(99)
    [parcel] = caller.simulator.books.order(foreign)["Fulfillments"]
    assert caller.get("/v1/Fulfillments(1)").status_code == 404
    assert delete(caller, parcel["ID"]) == 404
    assert patch(caller, parcel["ID"], COMPLETE).status_code == 404
    assert caller.simulator.books.order(foreign)["ShippingStatus"] == "Unshipped"
