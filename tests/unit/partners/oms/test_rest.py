"""The OMS's address, and its problem documents."""

from typing import Any

import httpx
import pytest

from order_sync.domain.errors import HalfDoneError, RejectedError
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


@pytest.mark.parametrize("body", [{"number": "9" * 26}, {"number": " "}, {"number": None}, {}])
def test_an_order_that_was_taken_under_a_number_of_no_use_is_half_done(body: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(201, json=body))
    http = open_http(sleep=lambda _: None, monotonic=lambda: 0.0, random=lambda: 0.0, transport=transport)
    oms = RestOms(http, "https://oms.example.com", token=lambda: "token")
    with http.client, pytest.raises(HalfDoneError, match="no usable number: number"):
        oms.take_order(a_purchase(order=ORDER_ID), released().order, a_shop())
