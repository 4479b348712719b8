"""Buyers' requests and the seller's answer, reading adjustments, flags and notes: CA 3.5, 3.6, 4.2, 4.6, 4.7."""

from collections.abc import Callable
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from tests.adapters.simulators.channeladvisor.caller import CARRIER, PROFILE, Caller, Clock, message_of

TIKTOK_ORDER = "576400000000000001"


@pytest.fixture
def order(caller: Caller) -> int:
    items = ({"Sku": "SKU-A", "Quantity": 2, "UnitPrice": 10}, {"Sku": "SKU-B", "Quantity": 1, "UnitPrice": 5})
    return caller.simulator.bring_native_tiktok_order(PROFILE, TIKTOK_ORDER, items=items)


def answer(caller: Caller, adjustment: int, action: str, name: str = "OrderAdjustments", body: Any = None) -> int:
    return caller.send("POST", f"/v1/{name}({adjustment})/{action}BuyerRequest", body).status_code


def read(caller: Caller, order: int) -> tuple[str, list[tuple[str, str]]]:
    status = caller.get(f"/v1/Orders({order})").json()["ShippingStatus"]
    made = caller.simulator.books.adjustments(order)
    return status, [(each["Type"], each["RequestStatus"]) for each in made]


def test_a_request_waits_for_approval_and_takes_nothing_out(caller: Caller, order: int, clock: Clock) -> None:
    clock.move(minutes=1)
    [request] = caller.simulator.request_by_buyer(order, comment="No longer needed", site_adjustment_id="4777")
    body = caller.get(f"/v1/OrderAdjustments({request})").json()
    assert (body["CreatedSource"], body["Reason"], body["Comment"]) == ("Channel", "BuyerCancelled", "No longer needed")
    assert (body["SiteAdjustmentID"], body["OrderID"], body["RmaNumber"]) == ("4777", order, None)
    assert read(caller, order) == ("Unshipped", [("Cancellation", "PendingApproval")])
    assert caller.get(f"/v1/Orders({order})").json()["UpdatedDateUtc"] == "2025-08-19T12:01:00Z"
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    assert read(caller, order)[0] == "Shipped"


def test_an_approved_request_cancels_later(caller: Caller, order: int, clock: Clock) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    assert answer(caller, request, "Approve") == 204
    assert read(caller, order) == ("Unshipped", [("Cancellation", "ProcessingApproval")])
    clock.move(minutes=5)
    assert read(caller, order) == ("Canceled", [("Cancellation", "PostProcessingComplete")])


def test_a_rejected_request_leaves_the_order(caller: Caller, order: int, clock: Clock) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    assert answer(caller, request, "Reject", body={}) == 204
    seen = [read(caller, order)[1]]
    for _ in range(2):
        clock.move(minutes=1)
        seen.append(read(caller, order)[1])
    assert [status for [(_, status)] in seen] == ["PendingRejection", "ProcessingRejection", "RejectionCompleted"]
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    assert read(caller, order)[0] == "Shipped"


def test_a_request_for_units_is_answered_item_by_item(caller: Caller, order: int, clock: Clock) -> None:
    first, second = caller.simulator.request_by_buyer(order, units={"SKU-A": 1, "SKU-B": 1})
    assert answer(caller, first, "Approve", "OrderItemAdjustments") == 204
    assert answer(caller, second, "Reject", "OrderItemAdjustments") == 204
    clock.move(minutes=5)
    assert read(caller, order) == (
        "Unshipped",
        [("Cancellation", "PostProcessingComplete"), ("Cancellation", "RejectionCompleted")],
    )
    [parcel] = caller.values(f"/v1/Orders({order})/Fulfillments", _expand="Items")
    assert {part["Sku"]: part["Quantity"] for part in parcel["Items"]} == {"SKU-A": 1, "SKU-B": 1}


@pytest.mark.parametrize("first", ["Approve", "Reject"])
@pytest.mark.parametrize("second", ["Approve", "Reject"])
def test_a_request_is_answered_once(caller: Caller, order: int, clock: Clock, first: str, second: str) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    assert answer(caller, request, first) == 204
    assert answer(caller, request, second) == 400
    clock.move(minutes=5)
    assert answer(caller, request, second) == 400


def test_an_answer_can_end_in_error_and_the_units_can_ship(caller: Caller, order: int, clock: Clock) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    caller.simulator.fail_next_adjustment(order)
    answer(caller, request, "Approve")
    clock.move(minutes=5)
    assert read(caller, order) == ("Unshipped", [("Cancellation", "Error")])
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    assert read(caller, order)[0] == "Shipped"


def test_what_has_shipped_can_be_rejected_but_not_approved(caller: Caller, order: int) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1", items={"SKU-B": 1})
    assert answer(caller, request, "Approve") == 400
    assert answer(caller, request, "Reject") == 204


def test_a_return_request_is_a_new_rma_and_its_approval_waits_for_the_parcel(
    caller: Caller, order: int, clock: Clock
) -> None:
    caller.simulator.ship_by_hand(order, *CARRIER, "TRACK-1")
    [request] = caller.simulator.request_by_buyer(order, units={"SKU-A": 1}, is_return=True)
    body = caller.get(f"/v1/OrderItemAdjustments({request})").json()
    assert (body["RequestStatus"], body["Quantity"], body["RmaNumber"]) == ("NewRma", 1, f"RMA-{request}")
    answer(caller, request, "Approve", "OrderItemAdjustments")
    clock.move(minutes=5)
    assert read(caller, order) == ("Shipped", [("Refund", "ReadyForReturn")])


def test_an_answer_has_no_reason_and_its_own_entity_set(caller: Caller, order: int) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    assert answer(caller, request, "Reject", body={"Reason": "shipped"}) == 400
    assert answer(caller, request, "Reject", "OrderItemAdjustments") == 404
    assert answer(caller, 1, "Reject") == 404
    assert read(caller, order)[1] == [("Cancellation", "PendingApproval")]


def test_our_own_adjustment_is_no_request_to_answer(caller: Caller, order: int) -> None:
    caller.send("POST", f"/v1/Orders({order})/Adjust", {})
    [made] = caller.simulator.books.adjustments(order)
    assert answer(caller, made["ID"], "Approve") == 400


def test_a_request_on_what_somebody_else_fulfils_cannot_be_answered(caller: Caller, order: int) -> None:
    [request] = caller.simulator.request_by_buyer(order)
    caller.simulator.set_third_party_managed(order)
    assert [answer(caller, request, action) for action in ("Approve", "Reject")] == [400, 400]


def test_a_request_for_units_that_are_not_in_the_order_is_a_mistake(caller: Caller, order: int) -> None:
    for units in ({"SKU-C": 1}, {"SKU-B": 2}, {"SKU-B": 0}):
        with pytest.raises(ValueError, match="no item"):
            caller.simulator.request_by_buyer(order, units=units)
    assert caller.simulator.books.adjustments(order) == []


def test_adjustments_of_order_and_items_are_separate_collections(caller: Caller, order: int) -> None:
    caller.simulator.request_by_buyer(order)
    caller.simulator.request_by_buyer(order, units={"SKU-B": 1})
    body = caller.get(f"/v1/Orders({order})", _expand="Items($expand=Adjustments),Adjustments").json()
    assert len(body["Adjustments"]) == 1
    assert [len(item["Adjustments"]) for item in body["Items"]] == [0, 1]
    assert "Quantity" not in body["Adjustments"][0]
    item = body["Items"][1]
    assert item["Adjustments"][0]["Quantity"] == 1
    assert caller.values(f"/v1/OrderItems({item['ID']})/Adjustments") == item["Adjustments"]
    single = caller.get(f"/v1/OrderItems({item['ID']})", _expand="Adjustments").json()
    assert (single["Sku"], single["Adjustments"]) == ("SKU-B", item["Adjustments"])


def test_open_requests_are_found_by_their_status(caller: Caller, order: int, clock: Clock) -> None:
    [done, waiting] = caller.simulator.request_by_buyer(order, units={"SKU-A": 1, "SKU-B": 1})
    [whole] = caller.simulator.request_by_buyer(order)
    answer(caller, done, "Reject", "OrderItemAdjustments")
    clock.move(minutes=5)
    pending = "RequestStatus eq 'PendingApproval'"
    assert [each["ID"] for each in caller.values("/v1/OrderItemAdjustments", _filter=pending)] == [waiting]
    assert [each["ID"] for each in caller.values("/v1/OrderAdjustments", _filter=pending)] == [whole]
    since = "CreatedDateUtc gt 2025-08-19T12:00:00Z"
    assert caller.values("/v1/OrderItemAdjustments", _filter=since) == []
    page = caller.get("/v1/OrderItemAdjustments", _top="1", _count="true").json()
    assert (page["@odata.count"], page["@odata.context"].rpartition("#")[2]) == (2, "OrderItemAdjustments")


def test_whether_adjustments_can_be_filtered_is_a_doubt(build: Callable[..., Caller]) -> None:
    caller = build(Doubts(adjustment_sets_filterable=False))
    refused = caller.get("/v1/OrderItemAdjustments", _filter="RequestStatus eq 'PendingApproval'")
    assert refused.status_code == 400
    assert "cannot be filtered" in message_of(refused)
    assert caller.values("/v1/OrderItemAdjustments") == []


def test_adjustments_of_another_account_are_not_shown(caller: Caller) -> None:
    caller.simulator.add_account(99)
    theirs = caller.simulator.bring_native_tiktok_order(99, "576400000000000009")
    [request] = caller.simulator.request_by_buyer(theirs)
    assert caller.values("/v1/OrderAdjustments") == []
    assert caller.get(f"/v1/OrderAdjustments({request})").status_code == 404
    assert answer(caller, request, "Approve") == 404


def test_a_flag_and_a_note_show_what_waits_for_an_answer(caller: Caller, order: int, clock: Clock) -> None:
    flag = {"FlagID": 1, "FlagDescription": "Cancel request: answer by 09:15", "PrivateNotes": "Buyer asks to cancel"}
    clock.move(minutes=3)
    assert caller.send("PATCH", f"/v1/Orders({order})", flag).status_code == 204
    [flagged] = caller.values(_filter="FlagID eq 1")
    assert {name: flagged[name] for name in flag} == flag
    assert flagged["UpdatedDateUtc"] == "2025-08-19T12:03:00Z"
    off = {"FlagID": 0, "FlagDescription": None, "PrivateNotes": None}
    assert caller.send("PATCH", f"/v1/Orders({order})", off).status_code == 204
    assert caller.values(_filter="FlagID eq 1") == []


@pytest.mark.parametrize("change", [{"FlagID": 8}, {"FlagID": "Red"}, {"PrivateNotes": "x" * 4001}])
def test_a_flag_or_note_that_breaks_a_rule_is_refused(caller: Caller, order: int, change: dict[str, Any]) -> None:
    assert caller.send("PATCH", f"/v1/Orders({order})", change).status_code == 400
