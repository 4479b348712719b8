"""Filters, pages, expansions, export marks: CA 2, 4.1, 9."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.channeladvisor import Doubts
from tests.adapters.simulators.channeladvisor.caller import PROFILE, Caller, Clock, buy_token, message_of

ODATA = "application/json; odata.metadata=minimal; odata.streaming=true"


def test_answers_carry_the_odata_headers_and_context(caller: Caller) -> None:
    order = caller.create()
    answers = {"": caller.get("/v1/Orders"), "/$entity": caller.get(f"/v1/Orders({order['ID']})")}
    for ending, answer in answers.items():
        assert answer.headers["Content-Type"] == ODATA
        assert answer.headers["OData-Version"] == "4.0"
        assert answer.json()["@odata.context"].endswith(f"$metadata#Orders{ending}")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("SiteOrderID eq 'T1'", ["T1"]),
        ("SiteOrderID eq 'T1' or SecondarySiteOrderID eq 'T1'", ["T1"]),
        ("SiteOrderID eq 'nowhere' or SecondarySiteOrderID eq 'T1'", []),
        ("SiteOrderID ne 'T1'", ["T2", "T3"]),
        ("SiteOrderID eq 'O''Neil'", []),
        (f"ProfileID eq {PROFILE}", ["T1", "T2", "T3"]),
        ("ProfileID eq 1", []),
        ("SiteID eq 587 and SiteOrderID eq 'T2'", ["T2"]),
        ("SiteOrderID eq 'T1' or SiteOrderID eq 'T2' and ProfileID eq 1", ["T1"]),
        ("(SiteOrderID eq 'T1' or SiteOrderID eq 'T2') and ProfileID eq 1", []),
        ("(siteorderid EQ 'T1') OR SiteOrderID eq 'T3'", ["T1", "T3"]),
        ("UpdatedDateUtc gt 2025-08-19T12:00:00Z", ["T2", "T3"]),
        ("UpdatedDateUtc ge 2025-08-19T12:01:00Z and UpdatedDateUtc lt 2025-08-19T12:02:00Z", ["T2"]),
        ("UpdatedDateUtc ge 2025-08-19T14:01:00+02:00", ["T2", "T3"]),
        ("CreatedDateUtc ge 2025-08-19", ["T1", "T2", "T3"]),
        ("CreatedDateUtc ge 2025-08-20", []),
        ("CreatedDateUtc eq 2025-08-19", []),
        ("ShippingStatus eq 'Unshipped' and PaymentStatus eq 'NotYetSubmitted'", ["T1", "T2", "T3"]),
        ("PaymentStatus ne 'NotYetSubmitted'", []),
        ("TotalPrice le 58.47 and TotalPrice gt 58.46", ["T1", "T2", "T3"]),
        ("SellerOrderID eq null", ["T1", "T2", "T3"]),
        ("SellerOrderID ne 'X-1'", ["T1", "T2", "T3"]),
        ("ShippingDateUtc lt 2030-01-01", []),
    ],
)
def test_a_filter_finds_exactly_what_it_says(caller: Caller, clock: Clock, condition: str, found: list[str]) -> None:
    for tiktok_order_id in ("T1", "T2", "T3"):
        caller.create(tiktok_order_id)
        clock.move(minutes=1)
    assert [order["SiteOrderID"] for order in caller.values(_filter=condition)] == found


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "SiteOrderID",
        "SiteOrderID eq",
        "SiteOrderID eq T1",
        "SiteOrderID eq 1",
        "SiteOrderID like 'T1'",
        "(SiteOrderID eq 'T1'",
        "SiteOrderID eq 'T1')",
        "SiteOrderID eq 'T1' SiteID eq 587",
        "not SiteID eq 587",
        "TikTokID eq 'T1'",
        "startswith(SiteOrderID,'T')",
        "year(CreatedDateUtc) eq 2025",
        "Adjustments/Any(c: c/Reason eq '2')",
        "ShippingStatus eq 'Sent'",
        "ShippingStatus eq Unshipped",
        "ShippingStatus gt 'Unshipped'",
        "UpdatedDateUtc gt '2025-08-19T12:00:00Z'",
        "UpdatedDateUtc gt 2025-08-19T12:00:00",
        "UpdatedDateUtc gt 2025-13-01",
        "ProfileID eq '12345678'",
    ],
)
def test_a_filter_that_channeladvisor_does_not_know_is_refused(caller: Caller, condition: str) -> None:
    answer = caller.get("/v1/Orders", _filter=condition)
    assert answer.status_code == 400
    assert answer.headers["OData-Version"] == "4.0"
    assert message_of(answer).startswith("The query specified in the URI is not valid.")


@pytest.mark.parametrize(
    "options",
    [
        {"_expand": "Lines"},
        {"_expand": "Items($expand=Nothing)"},
        {"_expand": "Items($skip=1)"},
        {"_expand": "Items("},
        {"_select": "ID,TikTokID"},
        {"_orderby": "ID sideways"},
        {"_orderby": "TikTokID"},
        {"_skip": "-1"},
        {"_search": "T1"},
        {"_count": "maybe"},
        {"exported": "no"},
    ],
)
def test_query_options_that_make_no_sense_are_refused(caller: Caller, options: dict[str, str]) -> None:
    answer = caller.get("/v1/Orders", **options)
    assert answer.status_code == 400
    assert message_of(answer)


def test_select_and_order_and_count(caller: Caller, clock: Clock) -> None:
    for tiktok_order_id in ("T1", "T2"):
        caller.create(tiktok_order_id)
        clock.move(minutes=1)
    body = caller.get("/v1/Orders", _select="ID,SiteOrderID", _orderby="UpdatedDateUtc desc", _count="true").json()

    assert [list(order) for order in body["value"]] == [["ID", "SiteOrderID"]] * 2
    assert [order["SiteOrderID"] for order in body["value"]] == ["T2", "T1"]
    assert body["@odata.count"] == 2
    assert body["@odata.context"].endswith("#Orders(ID,SiteOrderID)")


def test_children_come_only_when_they_are_asked_for(caller: Caller) -> None:
    caller.create()
    bare = caller.values()[0]
    full = caller.values(
        _expand="Items($select=ID,Sku;$expand=FulfillmentItems,Promotions,Adjustments),Fulfillments($expand=Items),Adjustments"
    )[0]

    assert "Items" not in bare
    assert [(item["Sku"], item["FulfillmentItems"][0]["Quantity"]) for item in full["Items"]] == [
        ("SKU-A", 2),
        ("SKU-B", 1),
    ]
    assert set(full["Items"][0]) == {"ID", "Sku", "FulfillmentItems", "Promotions", "Adjustments"}
    assert [part["Sku"] for part in full["Fulfillments"][0]["Items"]] == ["SKU-A", "SKU-B"]
    assert full["Adjustments"] == []


def test_a_filter_inside_an_expansion_narrows_the_children(caller: Caller) -> None:
    caller.create()
    order = caller.values(_expand="Fulfillments($filter=DeliveryStatus ne 'NoChange')")[0]
    assert order["Fulfillments"] == []


def all_pages(caller: Caller, link: str) -> list[list[int]]:
    pages = []
    while link:
        body = caller.http.get(link, headers=caller.headers).json()
        pages.append([order["ID"] for order in body["value"]])
        link = body.get("@odata.nextLink", "")
    return pages


def test_pages_are_followed_by_their_link(build: Callable[..., Caller]) -> None:
    caller = build(page_size=2)
    ids = [caller.create(f"T{number}")["ID"] for number in range(5)]
    pages = all_pages(caller, "/v1/Orders?exported=false&$filter=SiteID eq 587&$expand=Items")
    assert pages == [ids[:2], ids[2:4], ids[4:]]


def test_a_page_holds_a_hundred_orders(caller: Caller) -> None:
    for number in range(101):
        caller.create(f"T{number}")
    first = caller.get("/v1/Orders", _top="500").json()
    assert len(first["value"]) == 100
    assert "$skip=100" in first["@odata.nextLink"]


def test_top_within_a_page_has_no_further_page(caller: Caller) -> None:
    for number in range(3):
        caller.create(f"T{number}")
    body = caller.get("/v1/Orders", _top="2").json()
    assert len(body["value"]) == 2
    assert "@odata.nextLink" not in body


def test_a_short_page_is_not_the_end(build: Callable[..., Caller]) -> None:
    caller = build(Doubts(short_pages=True), page_size=3)
    ids = [caller.create(f"T{number}")["ID"] for number in range(4)]
    assert all_pages(caller, "/v1/Orders") == [ids[:2], ids[2:]]


def test_a_page_beyond_the_end_is_the_first_page_again(build: Callable[..., Caller]) -> None:
    caller = build(page_size=2)
    ids = [caller.create(f"T{number}")["ID"] for number in range(3)]
    beyond = caller.get("/v1/Orders", _skip="40").json()
    assert [order["ID"] for order in beyond["value"]] == ids[:2]
    assert "$skip=2" in beyond["@odata.nextLink"]


def test_the_link_repeats_the_token_of_the_query_and_dies_with_it(build: Callable[..., Caller]) -> None:
    caller = build(page_size=1)
    caller.create("T1")
    caller.create("T2")
    link = caller.http.get("/v1/Orders", params={"access_token": caller.token}).json()["@odata.nextLink"]
    assert f"access_token={caller.token}" in link

    caller.simulator.expire_tokens()
    assert caller.http.get(link).status_code == 401
    fresh = buy_token(caller).json()["access_token"]
    assert caller.http.get(link.replace(caller.token, fresh)).status_code == 200


def test_a_token_in_the_header_is_not_in_the_link(build: Callable[..., Caller]) -> None:
    caller = build(page_size=1)
    caller.create("T1")
    caller.create("T2")
    assert "access_token" not in caller.get("/v1/Orders").json()["@odata.nextLink"]


def many_items(count: int) -> list[dict[str, Any]]:
    return [{"Sku": f"SKU-{number}", "Quantity": 1, "UnitPrice": 1} for number in range(count)]


def test_a_list_shows_twenty_children_and_links_to_the_rest(caller: Caller) -> None:
    caller.create(Items=many_items(23))
    order = caller.values(_expand="Items($expand=FulfillmentItems),Fulfillments($expand=Items)")[0]

    assert len(order["Items"]) == 20
    rest = caller.http.get(order["Items@odata.nextLink"], headers=caller.headers).json()["value"]
    assert [item["Sku"] for item in rest] == ["SKU-20", "SKU-21", "SKU-22"]
    assert rest[0]["FulfillmentItems"][0]["Sku"] == "SKU-20"

    parcel = order["Fulfillments"][0]
    assert len(parcel["Items"]) == 20
    more = caller.http.get(parcel["Items@odata.nextLink"], headers=caller.headers).json()["value"]
    assert len(more) == 3


def test_a_single_order_shows_all_of_its_children(caller: Caller) -> None:
    order_id = caller.create(Items=many_items(23))["ID"]
    order = caller.get(f"/v1/Orders({order_id})", _expand="Items").json()
    assert len(order["Items"]) == 23
    assert "Items@odata.nextLink" not in order


def test_items_and_fulfilments_can_be_read_by_themselves(caller: Caller) -> None:
    order_id = caller.create()["ID"]
    parcel = caller.values(f"/v1/Orders({order_id})/Fulfillments", _expand="Items")[0]

    assert [item["Sku"] for item in caller.values(f"/v1/Orders({order_id})/Items")] == ["SKU-A", "SKU-B"]
    assert (parcel["Type"], parcel["DeliveryStatus"], len(parcel["Items"])) == ("Ship", "NoChange", 2)
    assert caller.get(f"/v1/Fulfillments({parcel['ID']})").json()["OrderID"] == order_id
    assert len(caller.values(f"/v1/Fulfillments({parcel['ID']})/Items")) == 2


def test_export_marks_belong_to_the_application(caller: Caller) -> None:
    first, second = caller.create("T1")["ID"], caller.create("T2")["ID"]
    theirs = caller.simulator.add_application("other", "other-secret", account=caller.account)
    token = caller.http.post(
        "/oauth2/token",
        data={"grant_type": "refresh_token", "refresh_token": theirs},
        auth=("other", "other-secret"),
    ).json()["access_token"]
    other = Caller(caller.simulator, caller.http, caller.account, token)

    assert caller.send("POST", f"/v1/Orders({first})/Export").status_code == 204
    assert caller.send("POST", f"/v1/Orders({first})/Export").status_code == 204

    assert [order["ID"] for order in caller.values(exported="false")] == [second]
    assert [order["ID"] for order in caller.values(exported="true")] == [first]
    assert len(other.values(exported="false")) == 2
    assert caller.simulator.books.exported("order-sync") == {first}
    assert caller.simulator.books.exported("other") == frozenset()


def test_an_export_mark_can_be_taken_off(caller: Caller) -> None:
    order = caller.create()["ID"]
    caller.send("POST", f"/v1/Orders({order})/Export")
    assert caller.send("DELETE", f"/v1/Orders({order})/Export").status_code == 204
    assert [each["ID"] for each in caller.values(exported="false")] == [order]


def test_a_mark_set_while_paging_shifts_the_window(build: Callable[..., Caller]) -> None:
    caller = build(page_size=2)
    ids = [caller.create(f"T{number}")["ID"] for number in range(4)]
    body = caller.get("/v1/Orders", exported="false").json()
    for order in body["value"]:
        caller.send("POST", f"/v1/Orders({order['ID']})/Export")
    following = caller.http.get(body["@odata.nextLink"], headers=caller.headers).json()["value"]

    # Two are left and both are skipped: beyond the end stands the first page.
    assert [order["ID"] for order in following] == ids[2:]
    body = caller.get("/v1/Orders", exported="false").json()
    assert "@odata.nextLink" not in body


def test_a_new_order_can_be_late_in_lists(caller: Caller, clock: Clock) -> None:
    caller.simulator.index_delay = timedelta(minutes=3)
    order = caller.create("T1")["ID"]

    assert caller.values(_filter="SiteOrderID eq 'T1'") == []
    assert caller.get(f"/v1/Orders({order})").status_code == 200
    clock.move(minutes=3)
    assert [each["ID"] for each in caller.values(_filter="SiteOrderID eq 'T1'")] == [order]


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/Returns", "/v1/$batch", "/v2/Orders", "/v1/Orders(1)/Lines"])
def test_a_path_that_does_not_exist_is_404(caller: Caller, path: str) -> None:
    assert caller.get(path).status_code == 404


def test_a_method_that_a_path_does_not_have_is_405(caller: Caller) -> None:
    answer = caller.send("DELETE", "/v1/Orders")
    assert answer.status_code == 405
    assert "DELETE" in answer.json()["Message"]


def test_an_unknown_order_is_404_with_an_odata_error(caller: Caller) -> None:
    answer = caller.get("/v1/Orders(1)")
    assert answer.status_code == 404
    assert message_of(answer) == "Resource not found."
