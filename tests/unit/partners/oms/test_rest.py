"""The OMS's address, and its problem documents."""

from typing import Any

import httpx
import pytest

from order_sync.domain.errors import HalfDoneError, RejectedError
from order_sync.domain.ids import OrderId
from order_sync.partners.oms.connection import path_to
from order_sync.partners.oms.problems import read_problem
from order_sync.partners.oms.rest import RestOms, open_http, safe_address
from tests.builders import ORDER_ID, a_shop, released
from tests.purchases import a_purchase


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://oms.example.com/order-sync/", "https://oms.example.com/order-sync"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1/", "http://127.0.0.1"),
    ],
)
def test_an_address_is_https_or_loopback(url: str, kept: str) -> None:
    assert safe_address(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "oms.example.com",
        "http://oms.example.com",
        "http://localhost:8080",
        "http://[::1]:8080",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "https://",
        "https://user:pass@oms.example.com",
        "https://oms.example.com/?key=1",
        "https://oms.example.com/#x",
        "https://oms.example.com:port",
    ],
)
def test_an_address_that_others_could_read_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(RejectedError, match="the OMS's url"):
        safe_address(url)


def test_a_problem_is_told_with_its_mistakes() -> None:
    problem = read_problem(
        {
            "type": "urn:problem:order-sync:invalid-request",
            "title": "Invalid request",
            "status": 400,
            "detail": "Not what the\ncontract describes.",
            "errors": [{"pointer": "/recipient/city", "detail": "is required"}],
        }
    )
    assert problem.kind == "invalid-request"
    assert problem.text == ("Invalid request; Not what the contract describes.; /recipient/city: is required")


@pytest.mark.parametrize("body", [None, "text", [], {"title": {}}])
def test_a_body_that_is_no_problem_document_says_nothing(body: object) -> None:
    assert read_problem(body).text == ""


def answering(status: int, body: Any) -> RestOms:
    """A client of an OMS that answers every call with this."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, json=body))
    http = open_http(sleep=lambda _: None, monotonic=lambda: 0.0, random=lambda: 0.0, transport=transport)
    return RestOms(http, "https://oms.example.com", token=lambda: "token")


@pytest.mark.parametrize("body", [{"number": "9" * 26}, {"number": " "}, {"number": None}, {}])
def test_an_order_that_was_taken_under_a_number_of_no_use_is_half_done(body: dict[str, Any]) -> None:
    with pytest.raises(HalfDoneError, match="no usable number: number"):
        answering(201, body).take_order(a_purchase(order=ORDER_ID), released(), a_shop())


def test_an_oms_that_keeps_no_times_tells_by_the_state_what_is_packed() -> None:
    lines = [{"tiktok_line_id": state, "sku": "A", "state": state} for state in ("open", "packed", "shipped")]
    assert answering(200, {"lines": lines}).packed_lines(ORDER_ID) == {"packed", "shipped"}


@pytest.mark.parametrize("time", ["packed_at", "shipped_at"])
def test_a_line_that_was_packed_or_left_once_is_told_by_its_time(time: str) -> None:
    line = {"tiktok_line_id": "1", "state": "cancelled", "packed_at": None, "shipped_at": None}
    assert answering(200, {"lines": [line]}).packed_lines(ORDER_ID) == frozenset()
    assert answering(200, {"lines": [line | {time: "2025-08-19T12:00:00Z"}]}).packed_lines(ORDER_ID) == {"1"}


@pytest.mark.parametrize(
    "line", [{}, {"tiktok_line_id": "1"}, {"tiktok_line_id": "1", "state": "open", "packed_at": "canary"}]
)
def test_lines_that_cannot_be_read_are_not_taken_for_unpacked_ones(line: dict[str, Any]) -> None:
    with pytest.raises(RejectedError, match=r"the answer is unreadable: lines\.0\.") as caught:
        answering(200, {"lines": [line]}).packed_lines(ORDER_ID)
    assert "canary" not in str(caught.value)


def test_an_address_where_there_is_no_oms_is_not_taken_for_an_unknown_order() -> None:
    for body in ({"message": "no such page"}, {"type": "urn:problem:order-sync:path-unknown", "title": "No"}):
        oms = answering(404, body)
        for look_up in (oms.find_order, oms.packed_lines):
            with pytest.raises(RejectedError, match="HTTP 404"):
                look_up(ORDER_ID)
    unknown = answering(404, {"type": "urn:problem:order-sync:order-unknown", "title": "Order unknown"})
    assert (unknown.find_order(ORDER_ID), unknown.packed_lines(ORDER_ID)) == ("", frozenset())


@pytest.mark.parametrize("order", ["", ".", ".."])
def test_an_id_that_would_lead_elsewhere_is_in_no_address(order: str) -> None:
    with pytest.raises(RejectedError, match="can stand in no address"):
        answering(204, None).cancel_order(OrderId(order), initiator="buyer", reason="")


@pytest.mark.parametrize(
    ("id_", "quoted"), [("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("a b", "a%20b"), ("a~b", "a~b")]
)
def test_an_id_stays_one_part_of_an_address(id_: str, quoted: str) -> None:
    assert path_to("orders", id_, "recovery") == f"/orders/{quoted}/recovery"
