"""What the adjustments of an order tell about cancellations by others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.partners.channeladvisor.models import UnreadableOrderError
from tests.unit.partners.channeladvisor.orders import adjustment, facts, fulfillment, order

UPDATED = datetime(2025, 8, 19, 15, 0, 10, 123456, tzinfo=UTC)


def item(*adjustments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"ID": 8800001, "Sku": "SKU-A", "Quantity": 2, "Adjustments": list(adjustments)} | changes


def test_a_cancellation_of_the_order_names_no_units() -> None:
    (seen,) = facts(order(Adjustments=[adjustment(Reason="CouldNotShip")])).cancellations
    assert (seen.id, seen.units, seen.line_ids) == ("channeladvisor-order-5500001", (), ())
    assert seen.reason is SellerReason.OUT_OF_STOCK
    assert seen.requested_at == datetime(2025, 8, 19, 14, 30, tzinfo=UTC)


def test_one_number_on_the_order_and_on_an_item_makes_two_cancellations() -> None:
    seen = facts(order(Adjustments=[adjustment()], Items=[item(adjustment(Quantity=1))])).cancellations
    assert [(each.id, each.units) for each in seen] == [
        ("channeladvisor-order-5500001", ()),
        ("channeladvisor-item-5500001", (("SKU-A", 1),)),
    ]


def test_without_a_date_a_cancellation_is_as_old_as_the_last_change() -> None:
    (seen,) = facts(order(Adjustments=[adjustment(CreatedDateUtc=None)])).cancellations
    assert seen.requested_at == UPDATED


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (101, SellerReason.OUT_OF_STOCK),
        ("103", SellerReason.OUT_OF_STOCK),
        (105, SellerReason.BUYER_REQUESTED),
        (108, SellerReason.ADDRESS_NOT_DELIVERABLE),
        (100, SellerReason.WRONG_PRICE),
        (406, SellerReason.WRONG_PRICE),
        ("SomethingNew", SellerReason.WRONG_PRICE),
        (None, SellerReason.WRONG_PRICE),
    ],
)
def test_a_reason_may_be_a_number_or_unknown(reason: object, expected: SellerReason) -> None:
    (seen,) = facts(order(Adjustments=[adjustment(Reason=reason)])).cancellations
    assert seen.reason is expected


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "Refund", "ItemAdjustment": 20},
        {"RequestStatus": "Error"},
        {"RequestStatus": -1},
        {"RequestStatus": "RejectionCompleted"},
        {"RequestStatus": "PendingApproval", "CreatedSource": None},
        {"CreatedSource": "Channel", "RequestStatus": "PendingApproval"},
        {"CreatedSource": "Channel"},
        {"SellerAdjustmentID": "cancel-577086512123755123"},
        {"SellerAdjustmentID": "cancel-577086512123755123-2", "CreatedSource": "Api"},
    ],
)
def test_what_failed_is_asked_for_or_is_ours_is_not_told(changes: dict[str, Any]) -> None:
    made = adjustment(**changes, Quantity=1)
    assert facts(order(Adjustments=[made], Items=[item(made)])).cancellations == ()


@pytest.mark.parametrize("source", ["UserInterface", "Api", "System", None])
@pytest.mark.parametrize("status", ["SubmittedNotProcessed", "PostProcessingComplete", 30])
def test_whoever_else_cancels_is_told_from_the_start(source: str | None, status: object) -> None:
    made = adjustment(CreatedSource=source, RequestStatus=status, SellerAdjustmentID="OMS-CAN-1")
    assert len(facts(order(Adjustments=[made])).cancellations) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Sku": None}, "item 8800001 is cancelled, but has no SKU"),
        ({"Adjustments": [adjustment()]}, "adjustment 5500001 of item 8800001 has no quantity"),
        ({"Adjustments": [adjustment(Quantity=0)]}, "adjustment 5500001 of item 8800001 has no quantity"),
    ],
)
def test_units_that_cannot_be_told_make_the_order_unreadable(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableOrderError, match=reason):
        facts(order(Items=[item(adjustment(Quantity=1), **changes)]))


OURS = {"SellerAdjustmentID": "cancel-1", "Quantity": 2}
BY_CHANNEL = {"CreatedSource": "Channel", "Quantity": 2}


@pytest.mark.parametrize(
    ("changes", "explained"),
    [
        ({"Adjustments": [], "Items": [item()]}, False),
        ({"Adjustments": [], "Items": []}, False),
        ({"Adjustments": [adjustment(**OURS)]}, True),
        ({"Adjustments": [adjustment(**OURS, RequestStatus="SubmittedNotProcessed")]}, True),
        ({"Adjustments": [adjustment(**OURS, RequestStatus="Error")]}, False),
        ({"Adjustments": [adjustment(**BY_CHANNEL)]}, True),
        ({"Adjustments": [adjustment(**BY_CHANNEL, RequestStatus="PendingApproval")]}, False),
        ({"Items": [item(adjustment(**OURS))]}, True),
        ({"Items": [item(adjustment(**OURS | {"Quantity": 1}))]}, False),
        ({"Items": [item(adjustment(**OURS)), item(ID=8800002, Sku="SKU-B")]}, False),
    ],
)
def test_a_cancelled_order_that_no_adjustment_explains_was_cancelled_by_others(
    changes: dict[str, Any], *, explained: bool
) -> None:
    seen = facts(order(ShippingStatus="Canceled", **changes)).cancellations
    assert [(each.id, each.units, each.requested_at, each.reason) for each in seen] == (
        [] if explained else [("channeladvisor-status", (), UPDATED, SellerReason.WRONG_PRICE)]
    )


def test_an_order_that_goes_on_is_not_cancelled_by_its_status() -> None:
    assert facts(order(fulfillment())).cancellations == ()
    assert facts(order(ShippingStatus="Shipped")).cancellations == ()


def test_units_that_have_left_are_no_part_of_what_must_be_explained() -> None:
    made = adjustment(**OURS | {"Quantity": 1})
    parcel = fulfillment(Items=[{"OrderItemID": 8800001, "Sku": "SKU-A", "Quantity": 1}])
    assert facts(order(parcel, ShippingStatus="Canceled", Items=[item(made)])).cancellations == ()
