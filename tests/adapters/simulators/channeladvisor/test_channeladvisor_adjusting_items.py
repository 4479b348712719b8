"""Cancelling and refunding units of one item: CA 4.5."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller, Clock, message_of


def item_of(caller: Caller, order: int, sku: str = "SKU-A") -> int:
    return next(int(each["ID"]) for each in caller.values(f"/v1/Orders({order})/Items") if each["Sku"] == sku)


def adjust(caller: Caller, item: int, quantity: int = 1, **fields: Any) -> int:
    return caller.send("POST", f"/v1/OrderItems({item})/Adjust", {"Quantity": quantity} | fields).status_code


def ship(caller: Caller, order: int, quantity: int, sku: str = "SKU-A") -> None:
    caller.simulator.ship_by_hand(order, *CARRIER, f"TRACK-{quantity}", items={sku: quantity})


def summary(caller: Caller, order: int) -> tuple[str, list[tuple[str, int, str]]]:
    status = caller.get(f"/v1/Orders({order})").json()["ShippingStatus"]
    made = caller.simulator.books.adjustments(order)
    return status, [(each["Type"], sum(each["Units"].values()), each["RequestStatus"]) for each in made]


def open_units(caller: Caller, order: int) -> list[tuple[str, dict[str, int]]]:
    return [
        (parcel["DeliveryStatus"], {part["Sku"]: part["Quantity"] for part in parcel["Items"]})
        for parcel in caller.values(f"/v1/Orders({order})/Fulfillments", _expand="Items")
        if parcel["DeliveryStatus"] in ("NoChange", "Canceled")
    ]


def test_a_unit_is_cancelled_and_the_rest_of_the_order_stays(caller: Caller, order: int, clock: Clock) -> None:
    item = item_of(caller, order)
    assert adjust(caller, item, Reason="ItemNotAvailable", Restock=True, SellerAdjustmentID="C-1") == 204
    assert summary(caller, order) == ("Unshipped", [("Cancellation", 1, "SubmittedNotProcessed")])
    assert open_units(caller, order) == [("NoChange", {"SKU-A": 2, "SKU-B": 1})]
    clock.move(minutes=1)
    assert summary(caller, order)[1] == [("Cancellation", 1, "AcknowledgedPostProcessingNotComplete")]
    clock.move(minutes=1)
    assert summary(caller, order) == ("Unshipped", [("Cancellation", 1, "PostProcessingComplete")])
    assert open_units(caller, order) == [("NoChange", {"SKU-A": 1, "SKU-B": 1})]

    [made] = caller.simulator.books.adjustments(order)
    assert (made["OrderItemID"], made["Reason"], made["IsRestock"]) == (item, "ItemNotAvailable", True)
    assert (made["SellerAdjustmentID"], made["Units"], made["CreatedSource"]) == ("C-1", {item: 1}, "Api")
    assert made["ItemAdjustment"] == Decimal("19.99")


def test_an_order_whose_items_are_all_cancelled_is_canceled(caller: Caller, order: int, clock: Clock) -> None:
    assert adjust(caller, item_of(caller, order), 2) == 204
    assert adjust(caller, item_of(caller, order, "SKU-B")) == 204
    clock.move(minutes=5)
    assert summary(caller, order)[0] == "Canceled"
    assert [status for status, _ in open_units(caller, order)] == ["Canceled"]


def test_what_is_left_of_an_order_ships_without_the_cancelled_units(caller: Caller, order: int, clock: Clock) -> None:
    adjust(caller, item_of(caller, order))
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    clock.move(minutes=5)
    assert summary(caller, order)[0] == "Shipped"
    [parcel] = caller.simulator.books.shipped_fulfillments(order)
    assert [(part["Sku"], part["Quantity"]) for part in parcel["Items"]] == [("SKU-A", 1), ("SKU-B", 1)]


def test_units_of_a_shipped_item_are_refunded(caller: Caller, order: int, clock: Clock) -> None:
    ship(caller, order, 2)
    assert adjust(caller, item_of(caller, order)) == 204
    clock.move(minutes=5)
    assert summary(caller, order) == ("PartiallyShipped", [("Refund", 1, "PostProcessingComplete")])
    [refund] = caller.simulator.books.accidental_refunds()
    assert refund["Quantity"] == 1


@pytest.mark.parametrize(("quantity", "kinds"), [(1, [("Cancellation", 1)]), (2, [("Cancellation", 1), ("Refund", 1)])])
def test_of_a_part_shipped_item_the_unshipped_units_are_cancelled_first(
    caller: Caller, order: int, quantity: int, kinds: list[tuple[str, int]]
) -> None:
    ship(caller, order, 1)
    assert adjust(caller, item_of(caller, order), quantity) == 204
    assert [(kind, units) for kind, units, _ in summary(caller, order)[1]] == kinds


def test_whether_shipped_units_come_first_is_a_doubt(build: Callable[..., Caller]) -> None:
    caller = build(Doubts(adjusts_shipped_units_first=True))
    order: int = caller.create()["ID"]
    ship(caller, order, 1)
    assert adjust(caller, item_of(caller, order)) == 204
    assert [(kind, units) for kind, units, _ in summary(caller, order)[1]] == [("Refund", 1)]
    assert len(caller.simulator.books.accidental_refunds()) == 1


def test_refund_only_refunds_shipped_units_and_is_no_accident(caller: Caller, order: int, clock: Clock) -> None:
    ship(caller, order, 1)
    item = item_of(caller, order)
    assert adjust(caller, item, 2, RefundOnly=True) == 400
    assert adjust(caller, item, 1, RefundOnly=True) == 204
    clock.move(minutes=5)
    assert summary(caller, order) == ("PartiallyShipped", [("Refund", 1, "PostProcessingComplete")])
    assert caller.simulator.books.accidental_refunds() == []


def test_a_whole_order_call_on_a_part_shipped_order_is_an_accident_unless_it_says_refund_only(
    caller: Caller, order: int
) -> None:
    ship(caller, order, 2)
    caller.send("POST", f"/v1/Orders({order})/Adjust", {"RefundOnly": True})
    assert caller.simulator.books.accidental_refunds() == []
    caller.send("POST", f"/v1/Orders({order})/Adjust", {})
    [accident] = caller.simulator.books.accidental_refunds()
    assert accident["Units"] == {item_of(caller, order): 2}


@pytest.fixture
def doc_order(caller: Caller) -> int:
    """The figures of CA 4.5: 3 x 14.95, tax 3.59, shipping 9.95; 0.15 of tax on shipping gives the last cents."""
    item = {"Sku": "SKU-A", "Quantity": 3, "UnitPrice": 14.95}
    item |= {"TaxPrice": 3.59, "ShippingPrice": 9.95, "ShippingTaxPrice": 0.15}
    created: int = caller.create(Items=[item], TotalPrice=58.54, TotalTaxPrice=3.74, TotalShippingPrice=9.95)["ID"]
    return created


def amounts(caller: Caller, order: int) -> list[Decimal]:
    [made] = caller.simulator.books.adjustments(order)
    names = ("ItemAdjustment", "TaxAdjustment", "ShippingAdjustment", "ShippingTaxAdjustment")
    return [made[name] for name in names]


def test_amounts_that_are_left_out_follow_from_the_quantity(caller: Caller, doc_order: int) -> None:
    ship(caller, doc_order, 3)
    assert adjust(caller, item_of(caller, doc_order)) == 204
    assert amounts(caller, doc_order) == [Decimal("14.95"), Decimal("1.20"), Decimal("3.32"), Decimal("0.05")]


def test_amounts_that_are_given_count_for_a_refund(caller: Caller, doc_order: int) -> None:
    ship(caller, doc_order, 3)
    assert adjust(caller, item_of(caller, doc_order), ItemAdjustment=5, ShippingAdjustment=0) == 204
    assert amounts(caller, doc_order) == [Decimal(5), Decimal("1.20"), Decimal(0), Decimal("0.05")]


def test_a_cancellation_is_always_of_the_full_amount(caller: Caller, doc_order: int) -> None:
    assert adjust(caller, item_of(caller, doc_order), ItemAdjustment=5) == 204
    assert amounts(caller, doc_order)[0] == Decimal("14.95")


def test_an_adjustment_of_units_can_end_in_error_and_they_can_ship_again(
    caller: Caller, order: int, clock: Clock
) -> None:
    caller.simulator.fail_next_adjustment(order)
    assert adjust(caller, item_of(caller, order, "SKU-B")) == 204
    ship(caller, order, 2)
    assert summary(caller, order)[0] == "Shipped"
    clock.move(minutes=5)
    assert summary(caller, order) == ("PartiallyShipped", [("Cancellation", 1, "Error")])
    ship(caller, order, 1, "SKU-B")
    assert summary(caller, order)[0] == "Shipped"


def test_units_that_are_being_cancelled_cannot_be_cancelled_again(caller: Caller, order: int) -> None:
    item = item_of(caller, order)
    assert [adjust(caller, item, 2), adjust(caller, item)] == [204, 400]


def test_units_go_one_after_the_other_and_the_order_is_cancelled_with_its_rest(
    caller: Caller, order: int, clock: Clock
) -> None:
    adjust(caller, item_of(caller, order))
    clock.move(seconds=30)
    assert caller.send("POST", f"/v1/Orders({order})/Adjust", {}).status_code == 204
    clock.move(seconds=90)
    assert open_units(caller, order) == [("NoChange", {"SKU-A": 1, "SKU-B": 1})]
    acknowledged = ("Cancellation", 2, "AcknowledgedPostProcessingNotComplete")
    assert summary(caller, order) == ("Unshipped", [("Cancellation", 1, "PostProcessingComplete"), acknowledged])
    clock.move(seconds=30)
    assert summary(caller, order)[0] == "Canceled"


def test_an_order_is_not_canceled_before_its_last_cancellation_is_through(
    caller: Caller, order: int, clock: Clock
) -> None:
    adjust(caller, item_of(caller, order), 2)
    caller.simulator.fail_next_adjustment(order)
    adjust(caller, item_of(caller, order, "SKU-B"))
    clock.move(minutes=5)
    assert summary(caller, order)[0] == "Unshipped"
    assert open_units(caller, order) == [("NoChange", {"SKU-B": 1})]


@pytest.mark.parametrize(
    "fields",
    [
        {"Quantity": 0},
        {"Quantity": -1},
        {"Quantity": 3},
        {"Quantity": None},
        {"Reason": "BuyerCanceled"},
        {"ItemAdjustment": -1},
        {"ItemAdjustment": 100},
        {"AdjustmentAmount": 1},
        {"Restock": "yes"},
    ],
)
def test_an_adjustment_of_units_that_breaks_a_rule_is_refused(
    caller: Caller, order: int, fields: dict[str, Any]
) -> None:
    item = item_of(caller, order)
    answer = caller.send("POST", f"/v1/OrderItems({item})/Adjust", {"Quantity": 1} | fields)
    assert answer.status_code == 400
    assert message_of(answer)
    assert summary(caller, order) == ("Unshipped", [])


def test_what_somebody_else_fulfils_cannot_be_adjusted(caller: Caller, order: int) -> None:
    item = item_of(caller, order)
    caller.simulator.set_third_party_managed(order)
    assert adjust(caller, item) == 400
    assert caller.send("POST", f"/v1/Orders({order})/Adjust", {}).status_code == 400
    assert summary(caller, order) == ("ThirdPartyManaged", [])


def test_an_unknown_item_and_one_of_another_account_are_404(caller: Caller) -> None:
    caller.simulator.add_account(99)
    theirs = caller.simulator.add_order_of_another_site(99)
    [item] = caller.simulator.books.order(theirs)["Items"]
    assert [adjust(caller, 1), adjust(caller, item["ID"])] == [404, 404]


def test_one_seller_id_may_stand_on_several_items_but_not_twice_on_one(caller: Caller, order: int) -> None:
    first, second = item_of(caller, order), item_of(caller, order, "SKU-B")
    assert [adjust(caller, each, SellerAdjustmentID="C-1") for each in (first, second)] == [204, 204]
    assert caller.simulator.books.repeated_seller_ids() == {}
    adjust(caller, first, SellerAdjustmentID="C-1")
    assert caller.simulator.books.repeated_seller_ids() == {"C-1": 2}


def test_a_person_cancels_units_at_once(caller: Caller, order: int) -> None:
    ship(caller, order, 1)
    caller.simulator.cancel_units_by_hand(order, {"SKU-A": 1, "SKU-B": 1}, reason="ItemNotAvailable")
    assert summary(caller, order) == (
        "Shipped",
        [("Cancellation", 1, "PostProcessingComplete"), ("Cancellation", 1, "PostProcessingComplete")],
    )
    made = caller.simulator.books.adjustments(order)
    assert {(each["CreatedSource"], each["Reason"]) for each in made} == {("UserInterface", "ItemNotAvailable")}


@pytest.mark.parametrize("units", [{"SKU-A": 3}, {"SKU-C": 1}, {"SKU-A": 0}])
def test_a_person_cancels_only_what_is_unshipped(caller: Caller, order: int, units: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="unshipped"):
        caller.simulator.cancel_units_by_hand(order, units)
    assert summary(caller, order) == ("Unshipped", [])
