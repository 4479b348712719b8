"""What the adjustments of an order tell about refunds by others, from payloads of any shape."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.money import Money
from tests.unit.partners.channeladvisor.orders import adjustment, facts, order

UPDATED = datetime(2025, 8, 19, 15, 0, 10, 123456, tzinfo=UTC)


def a_refund(**changes: Any) -> dict[str, Any]:
    """Five dollars of one unit, by a person."""
    return adjustment(**{"Type": "Refund", "Quantity": 1, "ItemAdjustment": 5} | changes)


def item(*adjustments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"ID": 8800001, "Sku": "SKU-A", "Quantity": 2, "Adjustments": list(adjustments)} | changes


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def test_all_parts_of_the_amount_count_whatever_their_sign() -> None:
    parts = {
        "TaxAdjustment": -0.4,
        "ShippingAdjustment": 1,
        "ShippingTaxAdjustment": -0.03,
        "RecyclingFeeAdjustment": 2,
    }
    parts |= {"GiftWrapAdjustment": 0.5, "GiftWrapTaxAdjustment": 0.07, "ReturnShippingFee": 90, "RestockingFee": 90}
    (seen,) = facts(order(Items=[item(a_refund(ItemAdjustment=-5, **parts))])).refunds
    assert seen.amount == usd("9.00")


def test_a_refund_without_a_quantity_is_of_the_whole_item() -> None:
    (seen,) = facts(order(Items=[item(a_refund(Quantity=None))])).refunds
    assert (seen.units, seen.amount) == ((("SKU-A", 2),), usd("5"))


def test_a_refund_of_the_order_names_no_units_even_where_a_quantity_is_shown() -> None:
    (seen,) = facts(order(Adjustments=[a_refund()])).refunds
    assert (seen.id, seen.units, seen.line_ids) == ("channeladvisor-5500001", (), ())


def test_without_a_date_a_refund_is_as_old_as_the_last_change() -> None:
    (seen,) = facts(order(Adjustments=[a_refund(CreatedDateUtc=None)])).refunds
    assert seen.requested_at == UPDATED


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "Cancellation"},
        {"RequestStatus": "Error"},
        {"RequestStatus": 31},
        {"RequestStatus": "NewRma"},
        {"RequestStatus": "PendingReturnRejection"},
        {"CreatedSource": "Channel"},
        {"SellerAdjustmentID": "cancel-577086512123755123"},
    ],
)
def test_what_failed_is_asked_for_or_is_not_a_sellers_is_not_told(changes: dict[str, Any]) -> None:
    made = a_refund(**changes)
    assert facts(order(Adjustments=[made], Items=[item(made)])).refunds == ()


@pytest.mark.parametrize("name", ["refund-403-8800001", "refund-403-8800001-2", "refund-4-03-8800001-3"])
@pytest.mark.parametrize("kind", ["Refund", "Cancellation"])
def test_our_refunds_are_neither_refunds_nor_cancellations_of_others(name: str, kind: str) -> None:
    seen = facts(order(Items=[item(a_refund(SellerAdjustmentID=name, Type=kind))]))
    assert (seen.refunds, seen.cancellations) == ((), ())


@pytest.mark.parametrize("name", ["refund-403", "refund-403-8800002", "refund--8800001", "refund-403-88000011"])
def test_names_like_ours_that_do_not_name_the_item_are_others(name: str) -> None:
    seen = facts(
        order(Items=[item(a_refund(SellerAdjustmentID=name))], Adjustments=[a_refund(SellerAdjustmentID=name)])
    )
    assert len(seen.refunds) == 2


@pytest.mark.parametrize("source", ["UserInterface", "Api", "System", None])
@pytest.mark.parametrize("status", ["SubmittedNotProcessed", "ReadyForReturn", "PostProcessingComplete", 30])
def test_whoever_else_refunds_is_told_from_the_start(source: str | None, status: object) -> None:
    assert len(facts(order(Adjustments=[a_refund(CreatedSource=source, RequestStatus=status)])).refunds) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Currency": None, "Adjustments": [a_refund()]}, "refund 5500001 shows no currency"),
        ({"Adjustments": [a_refund(ItemAdjustment=None)]}, "refund 5500001 shows no amount"),
        ({"Items": [item(a_refund(), Sku=None)]}, "refund 5500001 of item 8800001 has no SKU or no quantity"),
        ({"Items": [item(a_refund(Quantity=0), Quantity=0)]}, "has no SKU or no quantity"),
        ({"Items": [item(a_refund(Quantity=-1))]}, "has no SKU or no quantity"),
    ],
)
def test_no_amount_and_no_unit_is_guessed(changes: dict[str, Any], reason: str) -> None:
    (refund,) = facts(order(**changes)).refunds
    assert reason in refund.problem


def test_a_refund_that_says_all_has_no_problem() -> None:
    (refund,) = facts(order(Adjustments=[a_refund()])).refunds
    assert refund.problem == ""


def test_an_order_without_refunds_needs_no_currency() -> None:
    assert facts(order(Currency=None)).refunds == ()
