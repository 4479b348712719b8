"""Refunds of shipped units, by integrators and by people, and how the books list them: CA 4.5."""

from collections.abc import Callable
from dataclasses import astuple
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from local.simulators.channeladvisor import Doubts
from local.simulators.channeladvisor.refusals import RefusedError
from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller, Clock, message_of

GIVEN = {"ItemAdjustment": 15, "TaxAdjustment": 3.4, "ShippingAdjustment": 4.99, "ShippingTaxAdjustment": 0}
GIVEN |= {"GiftWrapAdjustment": 0, "GiftWrapTaxAdjustment": 0, "RecyclingFeeAdjustment": 0}


@pytest.fixture
def order(caller: Caller, order: int) -> int:
    """Two units of SKU-A at 19.99 and one of SKU-B at 10.00, all shipped; 4.99 shipping, 3.50 tax."""
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    return order


def item_of(caller: Caller, order: int) -> int:
    return next(int(each["ID"]) for each in caller.values(f"/v1/Orders({order})/Items") if each["Sku"] == "SKU-A")


def refund(caller: Caller, order: int, **fields: Any) -> httpx.Response:
    """Of one unit of SKU-A."""
    body = {"Quantity": 1, "RefundOnly": True, "Reason": "CustomerReturnedItem"} | fields
    return caller.send("POST", f"/v1/OrderItems({item_of(caller, order)})/Adjust", body)


def test_a_refund_with_given_amounts_is_booked_as_it_was_asked_for(caller: Caller, order: int, clock: Clock) -> None:
    fields = {"SellerAdjustmentID": "R-1", "PreventSiteProcessing": True, "Restock": False}
    assert refund(caller, order, **GIVEN, **fields).status_code == 204
    (booked,) = caller.simulator.books.refunds(order)
    assert (booked.order_id, booked.item_id) == (order, item_of(caller, order))
    assert (booked.source, booked.seller_id, booked.reason) == ("Api", "R-1", "CustomerReturnedItem")
    assert (booked.units, booked.status, booked.made_at) == ({"SKU-A": 1}, "SubmittedNotProcessed", clock())
    assert [booked.goods, booked.tax, booked.shipping] == [Decimal(15), Decimal("3.4"), Decimal("4.99")]
    assert (booked.total, booked.other, booked.stands) == (Decimal("23.39"), Decimal(0), True)
    assert (booked.restocks, booked.prevents_site_processing, booked.refund_only) == (False, True, True)
    statuses = []
    for _ in range(2):
        clock.move(minutes=1)
        statuses += [each.status for each in caller.simulator.books.refunds()]
    assert statuses == ["AcknowledgedPostProcessingNotComplete", "PostProcessingComplete"]
    assert caller.simulator.books.order(order)["ShippingStatus"] == "Shipped"


def test_a_refund_can_end_in_error(caller: Caller, order: int, clock: Clock) -> None:
    caller.simulator.fail_next_adjustment(order)
    assert refund(caller, order).status_code == 204
    assert caller.simulator.books.refunds(order)[0].stands
    clock.move(minutes=2)
    (booked,) = caller.simulator.books.refunds(order)
    assert (booked.status, booked.stands) == ("Error", False)


@pytest.mark.parametrize(
    "amount",
    [
        {"ItemAdjustment": 20},
        {"TaxAdjustment": 3.51},
        {"ShippingAdjustment": 5},
        {"ShippingTaxAdjustment": 0.01},
        {"GiftWrapAdjustment": 0.01},
    ],
)
def test_more_than_was_paid_for_the_units_or_with_the_order_is_refused(
    caller: Caller, order: int, amount: dict[str, float]
) -> None:
    answer = refund(caller, order, **GIVEN | amount)
    assert answer.status_code == 400
    assert next(iter(amount)) in message_of(answer)
    assert caller.simulator.books.refunds() == []


@pytest.mark.parametrize(("name", "most"), [("TaxAdjustment", 0), ("ShippingAdjustment", 0)])
def test_whether_an_item_bears_more_than_its_own_prices_is_a_doubt(
    build: Callable[..., Caller], name: str, most: float
) -> None:
    caller = build(Doubts(item_amounts_within_item_prices=True))
    number: int = caller.create()["ID"]
    caller.simulator.ship_by_hand(number, *CARRIER, "TRACK-1")
    assert refund(caller, number, **{name: most}).status_code == 204
    assert refund(caller, number, **{name: 0.01}).status_code == 400


def test_amounts_may_be_shown_with_a_minus(build: Callable[..., Caller]) -> None:
    caller = build(Doubts(negative_adjustment_amounts=True))
    number: int = caller.create()["ID"]
    caller.simulator.ship_by_hand(number, *CARRIER, "TRACK-1")
    refund(caller, number, **GIVEN)
    (shown,) = caller.values(f"/v1/OrderItems({item_of(caller, number)})/Adjustments")
    assert [shown[name] for name in GIVEN] == [-15, -3.4, -4.99, 0, 0, 0, 0]
    assert caller.simulator.books.refunds(number)[0].total == Decimal("23.39")


def test_a_person_refunds_units_at_once(caller: Caller, order: int) -> None:
    caller.simulator.refund_units_by_hand(order, {"SKU-A": 2, "SKU-B": 1})
    caller.simulator.refund_units_by_hand(order, {"SKU-B": 1}, amount=Decimal("2.5"), reason="GeneralAdjustment")
    made = caller.simulator.books.refunds(order)
    assert [(each.units, each.total, each.reason) for each in made] == [
        ({"SKU-A": 2}, Decimal("39.98"), "CustomerReturnedItem"),
        ({"SKU-B": 1}, Decimal(10), "CustomerReturnedItem"),
        ({"SKU-B": 1}, Decimal("2.5"), "GeneralAdjustment"),
    ]
    assert {(each.source, each.status, each.seller_id) for each in made} == {
        ("UserInterface", "PostProcessingComplete", "")
    }
    assert caller.simulator.books.accidental_refunds() == []


@pytest.mark.parametrize("units", [{"SKU-A": 3}, {"SKU-C": 1}, {"SKU-A": 0}])
def test_a_person_refunds_only_what_is_shipped(caller: Caller, order: int, units: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="shipped units"):
        caller.simulator.refund_units_by_hand(order, units)
    with pytest.raises(ValueError, match="units of one item"):
        caller.simulator.refund_units_by_hand(order, {"SKU-A": 1, "SKU-B": 1}, amount=Decimal(1))
    assert caller.simulator.books.refunds() == []


@pytest.mark.parametrize(("amount", "total"), [(None, "58.47"), (Decimal("12.34"), "12.34")])
def test_a_person_refunds_the_whole_order_or_so_much_of_it(
    caller: Caller, order: int, amount: Decimal | None, total: str
) -> None:
    caller.simulator.refund_by_hand(order, amount=amount)
    (booked,) = caller.simulator.books.refunds(order)
    assert (booked.item_id, booked.total, booked.source) == (None, Decimal(total), "UserInterface")
    assert (booked.status, booked.units) == ("PostProcessingComplete", {"SKU-A": 2, "SKU-B": 1})


def test_a_person_cannot_refund_more_than_the_order_or_what_is_unshipped(caller: Caller, order: int) -> None:
    with pytest.raises(RefusedError, match="AdjustmentAmount must be"):
        caller.simulator.refund_by_hand(order, amount=Decimal("58.48"))
    unshipped: int = caller.create("2")["ID"]
    with pytest.raises(RefusedError, match="Nothing on this order can be adjusted"):
        caller.simulator.refund_by_hand(unshipped)
    assert caller.simulator.books.refunds() == []


def test_what_a_buyer_asks_for_does_not_stand(caller: Caller, order: int) -> None:
    caller.simulator.request_by_buyer(order, units={"SKU-B": 1}, is_return=True)
    (booked,) = caller.simulator.books.refunds()
    assert (booked.source, booked.status, booked.stands) == ("Channel", "NewRma", False)


def test_the_books_list_the_refunds_of_one_order_or_of_all_oldest_first(
    caller: Caller, order: int, clock: Clock
) -> None:
    second: int = caller.create("2")["ID"]
    caller.simulator.ship_by_hand(second, *CARRIER, "TRACK-2")
    caller.simulator.refund_units_by_hand(second, {"SKU-B": 1})
    for sku in ("SKU-B", "SKU-A"):
        clock.now += timedelta(minutes=1)
        caller.simulator.refund_units_by_hand(order, {sku: 1})
    assert [each.units for each in caller.simulator.books.refunds(order)] == [{"SKU-B": 1}, {"SKU-A": 1}]
    assert [each.order_id for each in caller.simulator.books.refunds()] == [order, order, second]
    assert len({astuple(each)[0] for each in caller.simulator.books.refunds()}) == 3


def test_private_notes_are_written_by_people_and_read_by_integrators(caller: Caller, order: int) -> None:
    caller.simulator.write_private_notes(order, "call\r\nthe buyer ")
    body = caller.get(f"/v1/Orders({order})", _select="ID,PrivateNotes").json()
    assert body["PrivateNotes"] == "call\r\nthe buyer "
    for length, status in ((4001, 400), (4000, 204)):
        assert caller.send("PATCH", f"/v1/Orders({order})", {"PrivateNotes": "x" * length}).status_code == status
    with pytest.raises(RefusedError, match="PrivateNotes must not be longer than 4000 characters"):
        caller.simulator.write_private_notes(order, "x" * 4001)
