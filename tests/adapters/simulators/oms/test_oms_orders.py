"""What Order Sync tells the OMS about orders."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.simulators.faults import AnswerLostError, Fault
from local.simulators.oms import OmsSimulator
from tests.adapters.simulators.oms.caller import (
    LINES,
    ORDER,
    Caller,
    Clock,
    order_body,
    problem_of,
    recipient,
)


def test_an_order_is_taken_once_and_keeps_its_number(caller: Caller, oms: OmsSimulator) -> None:
    first, again = caller.take(), caller.take()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"number": "SO-100001"}
    [order] = oms.books.orders()
    assert (order.times_sent, order.recipient["name"]) == (2, "Sam Sample")


def test_a_lost_answer_leaves_the_order_taken(caller: Caller, oms: OmsSimulator) -> None:
    oms.faults.add(Fault.LOST_AFTER, "/orders/")
    with pytest.raises(AnswerLostError):
        caller.take()
    assert caller.call("read_order", tiktok_order_id=ORDER).json()["number"] == "SO-100001"
    assert caller.take().status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"lines": order_body()["lines"][:2]},
        {"lines": [line | {"sku": "OTHER"} for line in order_body()["lines"]]},
        {"shop_id": "another"},
    ],
)
def test_the_same_order_with_other_lines_is_a_conflict(caller: Caller, change: dict[str, Any]) -> None:
    caller.take()
    assert problem_of(caller.take(**change)) == (409, "lines-differ")


def test_a_repeated_order_changes_neither_address_nor_number(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    assert caller.take(recipient=recipient(city="Elsewhere")).status_code == 200
    assert oms.books.order(ORDER).recipient["city"] == "Los Angeles"


def test_the_channeladvisor_number_can_follow(caller: Caller) -> None:
    caller.take(channeladvisor_order_id=None)
    assert caller.call("read_order", tiktok_order_id=ORDER).json()["channeladvisor_order_id"] is None
    body = {"channeladvisor_order_id": "4100009"}
    assert caller.call("set_channeladvisor_order", body, tiktok_order_id=ORDER).status_code == 204
    assert caller.call("read_order", tiktok_order_id=ORDER).json()["channeladvisor_order_id"] == "4100009"


def test_the_channeladvisor_number_can_come_with_a_repeated_order(caller: Caller, oms: OmsSimulator) -> None:
    caller.take(channeladvisor_order_id=None)
    caller.take()
    assert oms.books.order(ORDER).channeladvisor_order_id == "4100001"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in order_body().items() if key != name}


LINE = order_body()["lines"][0]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (without("dispatch_by"), ""),
        (without("recipient"), ""),
        (order_body() | {"colour": "blue"}, ""),
        (order_body() | {"lines": []}, "/lines"),
        (order_body() | {"lines": [LINE | {"sku": " "}]}, "/lines/0/sku"),
        (order_body() | {"lines": [LINE | {"unit_price": 20}]}, "/lines/0/unit_price"),
        (order_body() | {"lines": [LINE | {"unit_price": "-1"}]}, "/lines/0/unit_price"),
        (order_body() | {"lines": [LINE | {"quantity": 2}]}, "/lines/0"),
        (order_body() | {"ordered_at": "2025-08-19T10:00:00"}, "/ordered_at"),
        (order_body() | {"ordered_at": "yesterday"}, "/ordered_at"),
        (order_body() | {"paid_at": 1755600000}, "/paid_at"),
        (order_body() | {"currency": "dollars"}, "/currency"),
        (order_body() | {"tiktok_order_id": 576400000000000001}, "/tiktok_order_id"),
        (order_body() | {"recipient": recipient(country="USA")}, "/recipient/country"),
        (order_body() | {"recipient": recipient(address_lines=[])}, "/recipient/address_lines"),
        ([], ""),
        (None, ""),
    ],
)
def test_a_body_that_is_not_the_contracts_is_refused_with_the_place(
    caller: Caller, oms: OmsSimulator, body: Any, pointer: str
) -> None:
    answer = caller.call("take_order", body, tiktok_order_id=ORDER)
    assert problem_of(answer) == (400, "invalid-request")
    assert pointer in [mistake["pointer"] for mistake in answer.json()["errors"]]
    assert oms.books.orders() == []


def test_a_refusal_does_not_repeat_buyer_data(caller: Caller) -> None:
    bad = recipient(name="Canary Person", country="Canary Land", postal_code=["Canary"], canary="Canary Field")
    answer = caller.take(recipient=bad)
    assert answer.status_code == 400
    assert "Canary" not in answer.text


def changed_totals(**changes: str) -> dict[str, Any]:
    return {"totals": order_body()["totals"] | changes}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (changed_totals(total="41.05"), "totals-differ"),
        (changed_totals(items="41.00", total="42.04"), "totals-differ"),
        (changed_totals(discount="4.00", total="42.04"), "totals-differ"),
        (changed_totals(tax="1.00", total="39.00"), "totals-differ"),
        ({"lines": [LINE, LINE]}, "line-repeated"),
        ({"tiktok_order_id": "another"}, "ids-differ"),
    ],
)
def test_content_that_cannot_be_is_refused(
    caller: Caller, oms: OmsSimulator, change: dict[str, Any], name: str
) -> None:
    assert problem_of(caller.take(**change)) == (422, name)
    assert oms.books.orders() == []


def test_an_oms_that_lacks_a_sku_says_so(caller: Caller, oms: OmsSimulator) -> None:
    oms.know_only(["TEE"])
    assert problem_of(caller.take()) == (422, "sku-unknown")
    oms.know_only(["TEE", "PIN"])
    assert caller.take().status_code == 201


@pytest.mark.parametrize(
    ("operation", "body", "values"),
    [
        ("read_order", None, {}),
        ("set_channeladvisor_order", {"channeladvisor_order_id": "1"}, {}),
        ("change_shipping_address", recipient(), {}),
        ("cancel_order", {"initiator": "buyer", "reason": ""}, {}),
        ("note_parcel", {"carrier": "UPS", "tracking_number": "1", "lines": ["11"]}, {"parcel_id": "P"}),
    ],
)
def test_an_order_that_was_never_given_is_unknown(
    caller: Caller, operation: str, body: Any, values: dict[str, str]
) -> None:
    answer = caller.call(operation, body, tiktok_order_id=ORDER, **values)
    assert problem_of(answer) == (404, "order-unknown")


def test_a_new_address_is_taken_until_something_is_packed(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    new = recipient(city="Pasadena")
    for _ in range(2):
        assert caller.call("change_shipping_address", new, tiktok_order_id=ORDER).status_code == 204
    order = oms.books.order(ORDER)
    assert (order.recipient["city"], len(order.earlier_recipients)) == ("Pasadena", 1)

    oms.pack(ORDER, lines=["13"])
    packed = caller.call("change_shipping_address", recipient(city="Irvine"), tiktok_order_id=ORDER)
    assert problem_of(packed) == (409, "already-packed")
    oms.ship(ORDER, "UPS", None, "1Z1", lines=["13"])
    shipped = caller.call("change_shipping_address", recipient(city="Irvine"), tiktok_order_id=ORDER)
    assert problem_of(shipped) == (409, "already-shipped")


def test_a_cancelled_order_takes_no_new_address(caller: Caller) -> None:
    caller.take()
    cancel(caller)
    answer = caller.call("change_shipping_address", recipient(city="Irvine"), tiktok_order_id=ORDER)
    assert problem_of(answer) == (409, "already-cancelled")


def cancel(caller: Caller, *lines: str) -> httpx.Response:
    body: dict[str, Any] = {"initiator": "buyer", "reason": "no longer needed"}
    if lines:
        body["lines"] = list(lines)
    return caller.call("cancel_order", body, tiktok_order_id=ORDER)


def test_a_cancellation_stops_the_order_and_may_be_repeated(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    oms.pack(ORDER)
    assert [cancel(caller).status_code for _ in range(2)] == [204, 204]
    order = oms.books.order(ORDER)
    assert order.state == "cancelled"
    assert [(each.initiator, each.lines) for each in order.cancellations] == [("buyer", tuple(LINES))]


def test_lines_are_cancelled_one_by_one(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    cancel(caller, "11")
    cancel(caller, "11", "13")
    order = caller.call("read_order", tiktok_order_id=ORDER).json()
    assert [line["state"] for line in order["lines"]] == ["cancelled", "open", "cancelled"]
    assert order["state"] == "open"
    assert [each.lines for each in oms.books.order(ORDER).cancellations] == [("11",), ("13",)]


def test_what_has_shipped_cannot_be_cancelled(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    oms.ship(ORDER, "UPS", None, "1Z1", lines=["11"])
    assert problem_of(cancel(caller)) == (409, "already-shipped")
    assert oms.books.order(ORDER).state == "partially_shipped"
    assert cancel(caller, "12", "13").status_code == 204
    assert oms.books.order(ORDER).state == "shipped"


def test_a_line_that_is_not_in_the_order_cannot_be_cancelled(caller: Caller) -> None:
    caller.take()
    assert problem_of(cancel(caller, "11", "99")) == (422, "line-unknown")


def parcel(*lines: str, tracking_number: str = "9400") -> dict[str, Any]:
    return {"carrier": "usps", "tracking_number": tracking_number, "lines": list(lines)}


def test_a_parcel_from_elsewhere_counts_as_shipped_and_is_not_listed(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    for number in ("9400", "9401"):
        body = parcel("11", "12", tracking_number=number)
        answer = caller.call("note_parcel", body, tiktok_order_id=ORDER, parcel_id="P-1")
        assert answer.status_code == 204
    order = oms.books.order(ORDER)
    assert (order.state, order.parcels["P-1"]["tracking_number"]) == ("partially_shipped", "9401")

    oms.ship(ORDER, "UPS", None, "1Z1")
    [shipment] = caller.shipments()["shipments"]
    assert shipment["lines"] == [{"tiktok_line_id": "13"}]


def test_a_parcel_replaced_by_fewer_lines_frees_the_others(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    caller.call("note_parcel", parcel("11", "12"), tiktok_order_id=ORDER, parcel_id="P-1")
    caller.call("note_parcel", parcel("11"), tiktok_order_id=ORDER, parcel_id="P-1")
    assert [line.state for line in oms.books.order(ORDER).lines] == ["shipped", "open", "open"]


def test_a_parcel_with_lines_that_left_or_are_cancelled_is_a_conflict(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    oms.ship(ORDER, "UPS", None, "1Z1", lines=["11"])
    cancel(caller, "12")
    names = {"11": "already-shipped", "12": "already-cancelled"}
    for line, name in names.items():
        answer = caller.call("note_parcel", parcel(line), tiktok_order_id=ORDER, parcel_id="P-1")
        assert problem_of(answer) == (409, name)
    unknown = caller.call("note_parcel", parcel("99"), tiktok_order_id=ORDER, parcel_id="P-1")
    assert problem_of(unknown) == (422, "line-unknown")


def test_what_is_cancelled_before_its_time_does_not_ship(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    caller.take()
    oms.ship(ORDER, "UPS", None, "1Z1", after=timedelta(minutes=10))
    cancel(caller, "11")
    clock.move(minutes=10)
    [shipment] = oms.books.shipments(ORDER)
    assert shipment.lines == ("12", "13")
