"""Creating and changing orders: CA 3.2, 4.2, 4.8."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from tests.adapters.simulators.channeladvisor.caller import (
    PROFILE,
    Caller,
    Clock,
    message_of,
    order_payload,
)


def test_a_created_order_is_checkout_direct_unpaid_and_has_one_open_fulfilment(caller: Caller) -> None:
    answer = caller.send("POST", "/v1/Orders", order_payload("T1"))
    order = answer.json()

    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/v1/Orders({order['ID']})")
    assert (order["SiteID"], order["SiteName"]) == (587, "Checkout Direct")
    assert (order["SiteOrderID"], order["SecondarySiteOrderID"]) == ("T1", None)
    assert (order["PaymentStatus"], order["ShippingStatus"]) == ("NotYetSubmitted", "Unshipped")
    assert (order["TotalPrice"], order["CreatedDateUtc"]) == (58.47, "2025-08-19T11:00:00Z")
    [parcel] = caller.simulator.books.order(order["ID"])["Fulfillments"]
    assert (parcel["Type"], parcel["DeliveryStatus"]) == ("Ship", "NoChange")
    assert [(part["Sku"], part["Quantity"]) for part in parcel["Items"]] == [("SKU-A", 2), ("SKU-B", 1)]


def test_the_create_action_takes_the_order_wrapped(caller: Caller) -> None:
    answer = caller.send("POST", "/v1/Orders/Create", {"Order": order_payload("T1"), "ShippingOverrides": []})
    assert answer.status_code == 201
    assert answer.json()["SiteOrderID"] == "T1"
    assert caller.send("POST", "/v1/Orders/Create", order_payload("T2")).status_code == 400


def test_in_the_other_reading_the_callers_id_moves_to_the_second_field(build: Callable[..., Caller]) -> None:
    caller = build(Doubts(keeps_site_order_id=False))
    order = caller.create("T1")

    assert (order["SiteOrderID"], order["SecondarySiteOrderID"]) == (str(order["ID"]), "T1")
    found = caller.values(_filter="SiteOrderID eq 'T1' or SecondarySiteOrderID eq 'T1'")
    assert [each["ID"] for each in found] == [order["ID"]]
    assert [each["ID"] for each in caller.simulator.books.orders_of_tiktok("T1")] == [order["ID"]]


def test_payment_on_create_counts_only_in_the_other_reading(build: Callable[..., Caller]) -> None:
    assert build().create(PaymentStatus="Cleared")["PaymentStatus"] == "NotYetSubmitted"
    honoured = build(Doubts(payment_status_honoured_on_create=True)).create(PaymentStatus="Cleared")
    assert honoured["PaymentStatus"] == "Cleared"
    assert honoured["PaymentDateUtc"] == "2025-08-19T12:00:00Z"


ITEM = {"Sku": "SKU-A", "Quantity": 1, "UnitPrice": 58.47}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TotalPrice": None}, "TotalPrice"),
        ({"TotalPrice": "58.47"}, "TotalPrice"),
        ({"Items": None}, "Items"),
        ({"Items": []}, "Items"),
        ({"Items": [ITEM | {"Sku": ""}]}, "Sku"),
        ({"Items": [ITEM | {"Sku": "  "}]}, "Sku"),
        ({"Items": [ITEM | {"Sku": None}]}, "Sku"),
        ({"Items": [ITEM | {"Quantity": 0}]}, "Quantity"),
        ({"Items": [ITEM | {"Quantity": None}]}, "Quantity"),
        ({"Items": [ITEM | {"Quantity": 1.5}]}, "Quantity"),
        ({"Items": [ITEM | {"Colour": "blue"}]}, "Colour"),
        ({"Items": ["SKU-A"]}, "OrderItem"),
        ({"ProfileID": 1}, "ProfileID"),
        ({"ProfileID": "12345678"}, "ProfileID"),
        ({"SiteID": 9999}, "SiteID"),
        ({"ID": 5}, "ID"),
        ({"TikTokID": "1"}, "TikTokID"),
        ({"ShippingStatus": "Shipped"}, "ShippingStatus"),
        ({"PaymentStatus": "Paid"}, "PaymentStatus"),
        ({"CreatedDateUtc": "2025-08-19 11:00"}, "CreatedDateUtc"),
        ({"SellerOrderID": "x" * 26}, "SellerOrderID"),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_by_name(caller: Caller, changes: dict[str, Any], named: str) -> None:
    answer = caller.send("POST", "/v1/Orders", order_payload() | changes)
    assert answer.status_code == 400
    assert named in message_of(answer)
    assert caller.simulator.books.created_by_api() == []


def test_an_unknown_sku_is_refused_until_it_is_in_the_catalogue(build: Callable[..., Caller]) -> None:
    caller = build(Doubts(reject_unknown_skus=True))
    caller.simulator.add_sku("SKU-A", "Sample item A")
    answer = caller.send("POST", "/v1/Orders", order_payload())
    assert (answer.status_code, "'SKU-B'" in message_of(answer)) == (400, True)

    caller.simulator.add_sku("SKU-B")
    order = caller.create()
    assert caller.simulator.books.order(order["ID"])["Items"][0]["Title"] == "Sample item A"


def test_a_profile_must_be_named_when_the_account_has_several(caller: Caller) -> None:
    payload = order_payload()
    del payload["ProfileID"]
    assert caller.send("POST", "/v1/Orders", payload).json()["ProfileID"] == PROFILE
    caller.simulator.add_profile(caller.account, 22)
    assert "ProfileID" in message_of(caller.send("POST", "/v1/Orders", payload))


def test_the_same_tiktok_order_twice_is_accepted_and_counted(caller: Caller) -> None:
    first, second = caller.create("T1")["ID"], caller.create("T1")["ID"]
    caller.create("T2")
    assert caller.simulator.books.duplicates() == {"T1": [first, second]}


def test_an_order_created_beside_the_native_one_is_a_duplicate(caller: Caller) -> None:
    native = caller.simulator.bring_native_tiktok_order(PROFILE, "T1")
    created = caller.create("T1")["ID"]
    assert caller.simulator.books.duplicates() == {"T1": [native, created]}


def test_a_native_order_looks_like_one(caller: Caller) -> None:
    caller.simulator.bring_native_tiktok_order(PROFILE, "T1", site_id=9998)
    [order] = caller.values(_filter="SiteOrderID eq 'T1'")
    assert (order["SiteID"], order["SiteName"], order["PaymentStatus"]) == (9998, "TikTok Shop", "Cleared")
    assert (order["CheckoutStatus"], order["TotalPrice"]) == ("Completed", 10.0)


def test_money_that_does_not_add_up_stands_in_the_books(caller: Caller) -> None:
    caller.create("T1")
    promotion = {"Code": "SELLER", "Amount": -5.0}
    discounted = [{"Sku": "SKU-A", "Quantity": 2, "UnitPrice": 10, "Promotions": [promotion]}]
    caller.create("T2", TotalPrice=20.49, TotalShippingPrice=4.99, TotalTaxPrice=0.5, Items=discounted)
    wrong = caller.create("T3", TotalPrice=58.48)["ID"]
    assert caller.simulator.books.unreconciled() == [wrong]


def test_money_and_line_ids_are_kept_to_the_cent(caller: Caller) -> None:
    order_id = caller.create()["ID"]
    order = caller.simulator.books.order(order_id)
    assert order["TotalPrice"] == Decimal("58.47")
    assert order["Items"][0]["UnitPrice"] == Decimal("19.99")
    assert caller.values(f"/v1/Orders({order_id})/Items")[0]["SiteOrderItemID"] == "11,12"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_change_moves_only_what_it_names_and_the_dates(caller: Caller, clock: Clock, method: str) -> None:
    order_id = caller.create()["ID"]
    clock.move(minutes=5)
    change = {"SellerOrderID": "OMS-1", "PaymentStatus": "Cleared", "ShippingCity": "Springfield"}
    answer = caller.send(method, f"/v1/Orders({order_id})", change)
    order = caller.get(f"/v1/Orders({order_id})").json()

    assert (answer.status_code, answer.content) == (204, b"")
    assert order["UpdatedDateUtc"] == order["PaymentDateUtc"] == "2025-08-19T12:05:00Z"
    assert (order["SellerOrderID"], order["PaymentStatus"]) == ("OMS-1", "Cleared")
    assert (order["ShippingCity"], order["ShippingFirstName"]) == ("Springfield", "Sam")


def test_an_order_can_wait_for_shipment(caller: Caller) -> None:
    order_id = caller.create()["ID"]
    caller.send("PATCH", f"/v1/Orders({order_id})", {"ShippingStatus": "PendingShipment"})
    assert [each["ID"] for each in caller.values(_filter="ShippingStatus eq 'PendingShipment'")] == [order_id]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SellerOrderID": "x" * 26}, "SellerOrderID"),
        ({"TotalPrice": 1}, "TotalPrice"),
        ({"SiteOrderID": "T2"}, "SiteOrderID"),
        ({"Items": []}, "Items"),
        ({"TikTokID": "1"}, "TikTokID"),
        ({"PaymentStatus": None}, "PaymentStatus"),
        ({"ShippingStatus": "Shipped"}, "ShippingStatus"),
        ({"PublicNotes": "x" * 4001}, "PublicNotes"),
    ],
)
def test_a_change_that_is_not_allowed_changes_nothing(caller: Caller, change: dict[str, Any], named: str) -> None:
    order_id = caller.create()["ID"]
    before = caller.simulator.books.order(order_id)
    answer = caller.send("PATCH", f"/v1/Orders({order_id})", {"FlagID": 1} | change)
    assert answer.status_code == 400
    assert named in message_of(answer)
    assert caller.simulator.books.order(order_id) == before


def test_a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    headers = caller.headers | {"Content-Type": "application/json"}
    assert caller.http.post("/v1/Orders", content=b"{", headers=headers).status_code == 400
    plain = caller.http.post("/v1/Orders", content=b"{}", headers=caller.headers)
    assert (plain.status_code, list(plain.json())) == (415, ["Message"])


def test_people_work_inside_channeladvisor(caller: Caller) -> None:
    order_id = caller.create()["ID"]
    caller.simulator.set_seller_order_id(order_id, "OMS-7")
    caller.simulator.set_pending_shipment(order_id)
    order = caller.get(f"/v1/Orders({order_id})").json()
    assert (order["SellerOrderID"], order["ShippingStatus"]) == ("OMS-7", "PendingShipment")


def test_decoys_of_other_sites_stand_beside_ours(caller: Caller) -> None:
    decoy = caller.simulator.add_order_of_another_site(PROFILE, site_id=640)
    ours = caller.create()["ID"]
    assert [each["ID"] for each in caller.values()] == [decoy, ours]
    assert [each["ID"] for each in caller.values(_filter="SiteID eq 587")] == [ours]
    assert caller.simulator.books.order(decoy)["SiteOrderID"] == str(decoy)
