"""Cancelling and refunding whole orders: CA 4.5."""

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller, Clock


def adjust(caller: Caller, order: int, **fields: Any) -> int:
    return caller.send("POST", f"/v1/Orders({order})/Adjust", fields).status_code


def read(caller: Caller, order: int) -> tuple[str, list[tuple[str, str]]]:
    body = caller.get(f"/v1/Orders({order})", _expand="Adjustments").json()
    return body["ShippingStatus"], [(each["Type"], each["RequestStatus"]) for each in body["Adjustments"]]


def test_a_cancellation_is_accepted_at_once_and_done_later(caller: Caller, order: int, clock: Clock) -> None:
    assert adjust(caller, order, SellerAdjustmentID="CANCEL-1", Reason="BuyerCancelled") == 204
    assert read(caller, order) == ("Unshipped", [("Cancellation", "SubmittedNotProcessed")])
    clock.move(minutes=1)
    assert read(caller, order) == ("Unshipped", [("Cancellation", "AcknowledgedPostProcessingNotComplete")])
    clock.move(minutes=5)
    assert read(caller, order) == ("Canceled", [("Cancellation", "PostProcessingComplete")])

    [adjustment] = caller.simulator.books.order(order)["Adjustments"]
    assert (adjustment["SellerAdjustmentID"], adjustment["Reason"]) == ("CANCEL-1", "BuyerCancelled")
    assert adjustment["ItemAdjustment"] == Decimal("49.98")
    assert adjustment["TaxAdjustment"] + adjustment["ShippingAdjustment"] == Decimal("8.49")
    assert caller.get(f"/v1/Orders({order})").json()["UpdatedDateUtc"] == "2025-08-19T12:02:00Z"


def test_what_is_being_cancelled_cannot_ship_nor_be_cancelled_again(caller: Caller, order: int) -> None:
    adjust(caller, order)
    carrier, shipping_class = CARRIER
    value = {"ShippingCarrier": carrier, "ShippingClass": shipping_class}
    assert caller.send("POST", f"/v1/Orders({order})/Ship", {"Value": value}).status_code == 400
    assert adjust(caller, order) == 400


def test_a_shipped_order_is_refunded_not_cancelled(caller: Caller, order: int, clock: Clock) -> None:
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    assert adjust(caller, order, AdjustmentAmount=10) == 204
    clock.move(minutes=5)
    assert read(caller, order) == ("Shipped", [("Refund", "PostProcessingComplete")])
    assert caller.simulator.books.order(order)["Adjustments"][0]["ItemAdjustment"] == 10


def test_a_part_shipped_order_is_cancelled_and_refunded(caller: Caller, order: int, clock: Clock) -> None:
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1", items={"SKU-A": 2})
    assert adjust(caller, order) == 204
    clock.move(minutes=5)
    status, adjustments = read(caller, order)
    assert status == "Shipped"
    assert [kind for kind, _ in adjustments] == ["Cancellation", "Refund"]


def test_refund_only_leaves_the_unshipped_rest(caller: Caller, order: int, clock: Clock) -> None:
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1", items={"SKU-A": 2})
    adjust(caller, order, RefundOnly=True)
    clock.move(minutes=5)
    assert read(caller, order) == ("PartiallyShipped", [("Refund", "PostProcessingComplete")])


def test_refund_only_of_an_unshipped_order_is_refused(caller: Caller, order: int) -> None:
    assert adjust(caller, order, RefundOnly=True) == 400


def test_an_adjustment_can_end_in_error_and_the_order_stays(caller: Caller, order: int, clock: Clock) -> None:
    caller.simulator.fail_next_adjustment(order)
    assert adjust(caller, order) == 204
    clock.move(minutes=5)
    assert read(caller, order) == ("Unshipped", [("Cancellation", "Error")])
    assert adjust(caller, order) == 204


def test_the_marketplace_can_be_kept_out_of_it(caller: Caller, order: int) -> None:
    adjust(caller, order, PreventSiteProcessing=True)
    assert caller.simulator.books.order(order)["Adjustments"][0]["PreventSiteProcessing"] is True


def test_a_repeated_refund_is_accepted_and_counted(caller: Caller, order: int) -> None:
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    assert [adjust(caller, order, SellerAdjustmentID="R-1") for _ in range(2)] == [204, 204]
    assert caller.simulator.books.repeated_seller_ids() == {"R-1": 2}


@pytest.mark.parametrize(
    "fields", [{"Reason": "BuyerCanceled"}, {"AdjustmentAmount": 0}, {"AdjustmentAmount": 99}, {"Quantity": 1}]
)
def test_an_adjustment_that_breaks_a_rule_is_refused(caller: Caller, order: int, fields: dict[str, Any]) -> None:
    assert adjust(caller, order, **fields) == 400
    assert read(caller, order) == ("Unshipped", [])


def test_a_cancellation_by_hand_is_done_at_once(caller: Caller, order: int) -> None:
    caller.simulator.cancel_by_hand(order)
    [adjustment] = caller.values(f"/v1/Orders({order})/Adjustments")
    assert read(caller, order)[0] == "Canceled"
    assert (adjustment["CreatedSource"], adjustment["Reason"]) == ("UserInterface", "GeneralAdjustment")
    assert caller.simulator.books.shipped_fulfillments(order) == []
