"""The list of shipments."""

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.oms import OmsSimulator
from tests.adapters.simulators.oms.caller import ORDER, SHOP, TOKEN, Caller, Clock, problem_of


def test_a_shipment_tells_carrier_tracking_and_lines(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    shipment_id = oms.ship(ORDER, "USPS", "Priority", "9400", lines=["11", "13"])
    page = caller.shipments()
    assert page["shipments"] == [
        {
            "id": shipment_id,
            "tiktok_order_id": ORDER,
            "carrier": "USPS",
            "shipping_class": "Priority",
            "tracking_number": "9400",
            "shipped_at": "2025-08-19T12:00:00+00:00",
            "lines": [{"tiktok_line_id": "11"}, {"tiktok_line_id": "13"}],
        }
    ]
    assert page["has_more"] is False


def test_an_oms_without_line_ids_tells_sku_and_quantity(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    oms.ship(ORDER, "USPS", None, "9400", by_sku=True)
    [shipment] = caller.shipments()["shipments"]
    assert shipment["lines"] == [{"sku": "TEE", "quantity": 2}, {"sku": "PIN", "quantity": 1}]


def test_the_cursor_walks_over_all_shipments_once(caller: Caller, oms: OmsSimulator) -> None:
    ids = []
    for number in range(5):
        caller.take(f"T{number}")
        ids.append(oms.ship(f"T{number}", "UPS", None, f"1Z{number}"))

    found: list[list[str]] = []
    query: dict[str, str] = {}
    more = True
    while more:
        page = caller.shipments(limit=2, **query)
        found.append([shipment["id"] for shipment in page["shipments"]])
        query, more = {"after": page["next_cursor"]}, page["has_more"]
    assert found == [ids[:2], ids[2:4], ids[4:]]


def test_the_last_cursor_waits_for_what_comes(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    caller.take()
    cursor = caller.shipments()["next_cursor"]
    assert caller.shipments(after=cursor)["shipments"] == []
    oms.ship(ORDER, "UPS", None, "1Z1", after=timedelta(hours=1))
    assert caller.shipments(after=cursor)["shipments"] == []
    clock.move(hours=1)
    page = caller.shipments(after=cursor)
    assert [shipment["shipped_at"] for shipment in page["shipments"]] == ["2025-08-19T13:00:00+00:00"]
    assert caller.shipments(after=cursor) == page


def test_shipments_stand_in_the_order_in_which_they_became_due(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    caller.take("T1")
    caller.take("T2")
    late = oms.ship("T1", "UPS", None, "1Z1", after=timedelta(minutes=2))
    early = oms.ship("T2", "UPS", None, "1Z2", after=timedelta(minutes=1))
    clock.move(minutes=5)
    assert [shipment["id"] for shipment in caller.shipments()["shipments"]] == [early, late]


def test_a_page_is_never_larger_than_the_oms_likes(clock: Clock, caller: Caller) -> None:
    small = OmsSimulator(clock, token=TOKEN, largest_page=1)
    caller.http._transport.app = small  # type: ignore[attr-defined]
    for number in range(2):
        caller.take(f"T{number}")
        small.ship(f"T{number}", "UPS", None, f"1Z{number}")
    page = caller.shipments(limit=500)
    assert (len(page["shipments"]), page["has_more"]) == (1, True)


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"limit": "ten"}, {"after": "nonsense"}, {"after": ""}, {"since": "1"}]
)
def test_a_query_that_the_contract_does_not_know_is_refused(caller: Caller, query: dict[str, Any]) -> None:
    answer = caller.call("list_shipments", **({"shop_id": SHOP} | query))
    assert problem_of(answer) == (400, "invalid-request")
    assert answer.json()["errors"][0]["pointer"] in query


def test_a_cursor_beyond_the_end_is_refused(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    oms.ship(ORDER, "UPS", None, "1Z1")
    cursor = caller.shipments()["next_cursor"]
    fresh = OmsSimulator(lambda: Clock().now, token=TOKEN)
    caller.http._transport.app = fresh  # type: ignore[attr-defined]
    assert problem_of(caller.call("list_shipments", shop_id=SHOP, after=cursor)) == (400, "invalid-request")


def test_one_parcel_with_two_orders_is_two_shipments(caller: Caller, oms: OmsSimulator) -> None:
    for order in ("T1", "T2"):
        caller.take(order)
        oms.ship(order, "UPS", None, "1Z1")
    shipments = caller.shipments()["shipments"]
    assert [(each["tiktok_order_id"], each["tracking_number"]) for each in shipments] == [
        ("T1", "1Z1"),
        ("T2", "1Z1"),
    ]
    assert shipments[0]["id"] != shipments[1]["id"]


def test_orders_ship_by_themselves_when_told_to(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.ship_automatically(
        after=timedelta(hours=2), choose=lambda order: ("USPS", "Priority", "9400" + order["tiktok_order_id"])
    )
    caller.take("T1")
    caller.take("T1")
    oms.ship_by_hand_only()
    caller.take("T2")
    clock.move(hours=2)
    assert [each.tracking_number for each in oms.books.shipments()] == ["9400T1"]
    assert oms.books.order("T1").state == "shipped"
    assert oms.books.order("T2").state == "open"


def test_a_shipment_may_be_listed_again_with_the_same_id(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    shipment_id = oms.ship(ORDER, "UPS", None, "1Z1")
    cursor = caller.shipments()["next_cursor"]
    oms.repeat_shipment(shipment_id)
    [again] = caller.shipments(after=cursor)["shipments"]
    assert again["id"] == shipment_id


def test_nothing_ships_twice(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    oms.ship(ORDER, "UPS", None, "1Z1")
    oms.ship(ORDER, "UPS", None, "1Z2")
    assert [each.tracking_number for each in oms.books.shipments(ORDER)] == ["1Z1"]


def test_only_lines_of_the_order_can_ship(caller: Caller, oms: OmsSimulator) -> None:
    caller.take()
    with pytest.raises(ValueError, match="99"):
        oms.ship(ORDER, "UPS", None, "1Z1", lines=["99"])


def test_a_shop_sees_only_its_own_shipments(caller: Caller, oms: OmsSimulator) -> None:
    other = "7495000000000000002"
    caller.take()
    caller.take("576400000000000002", shop_id=other)
    mine = oms.ship(ORDER, "usps", None, "9400100000000000000001")
    theirs = oms.ship("576400000000000002", "usps", None, "9400100000000000000002")
    assert [each["id"] for each in caller.shipments()["shipments"]] == [mine]
    assert [each["id"] for each in caller.shipments(shop_id=other)["shipments"]] == [theirs]
