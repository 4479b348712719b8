"""What an operator decides, maps and loads by command; each rule is the function's own."""

from pathlib import Path

import boto3
import pytest

from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from tests.adapters.cli.operator import Operator, place


@pytest.fixture
def waiting(operator: Operator, shop: str) -> str:
    """An order of the shop whose parcel waits for a mapping of its carrier."""
    account = operator.account
    order = place(operator)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        account.invoke(function)
    account.oms.ship(order, "Postal Service", "First", usps(1))
    for function in ("poll_oms", "push_tiktok", "push_channeladvisor"):
        account.invoke(function)
    assert operator.asks("mappings", shop)["parcels_waiting"] == 1
    return order


def test_a_row_is_added_for_what_waits_and_taken_away_again(operator: Operator, shop: str, waiting: str) -> None:
    said = operator.types("mappings", shop, "list")
    assert "carrier Postal Service" in said.words
    words = ("--carrier", "Postal Service")
    added = operator.asks("mappings", shop, "add", *words, "--code", "usps", "--channeladvisor-carrier", "USPS")
    assert (added["mappings_added"], added["parcels_on_next_push"]) == (1, 1)
    assert {"carrier": "Postal Service", "code": "usps", "channeladvisor_carrier": "USPS"} in added["mappings"]
    assert operator.account.invoke("push_tiktok")["told_ship"] == 1
    assert operator.account.tiktok.books.shipments_of(waiting)
    assert operator.asks("mappings", shop, "remove", *words)["mappings_removed"] == 1
    refused = operator.types("mappings", shop, "remove", *words)
    assert (refused.status, "has no mapping for carrier 'Postal Service'" in refused.error) == (1, True)


def test_a_bad_row_is_refused_by_its_place(operator: Operator, shop: str) -> None:
    said = operator.types("mappings", shop, "add", "--carrier", "Post", "--code", "uspss")
    assert (said.status, said.out) == (1, "")
    assert "nearest is 'usps'" in said.error


def test_listings_are_loaded_from_a_file_shown_and_cleared(operator: Operator, shop: str, tmp_path: Path) -> None:
    file = tmp_path / "listings.csv"
    file.write_text("\ufeffSeller SKU,Handling time\r\nTEE-BLU-M,2\r\nMUG-RED,5\r\n", encoding="utf-8", newline="")
    assert operator.asks("listings", shop) == {"skus": 0}
    assert operator.asks("listings", shop, "load", str(file))["skus_added"] == 2
    assert operator.asks("listings", shop)["skus"] == 2
    file.write_text("sku,handling_days\nTEE-BLU-M,3\n")
    said = operator.asks("listings", shop, "load", str(file), "--replace")
    assert (said["skus_changed"], said["skus_dropped"]) == (1, 1)
    assert operator.types("listings", shop, "clear", lines="n\n").status == 1
    assert operator.asks("listings", shop)["skus"] == 1
    assert operator.types("listings", shop, "clear", lines="y\n").status == 0
    assert operator.asks("listings", shop) == {"skus": 0}


def test_a_file_that_cannot_be_loaded_is_refused_in_a_sentence(operator: Operator, shop: str, tmp_path: Path) -> None:
    file = tmp_path / "listings.csv"
    file.write_text("sku,handling_days\nTEE-BLU-M,soon\n")
    assert "row 2, column 'handling_days'" in operator.types("listings", shop, "load", str(file)).error
    file.write_bytes(b"sku,handling_days\nM\xe4,1\n")
    assert "is not in UTF-8" in operator.types("listings", shop, "load", str(file)).error
    assert "cannot be read" in operator.types("listings", shop, "load", str(tmp_path / "none.csv")).error


def handed_over(operator: Operator) -> str:
    """An order that both sides have."""
    order = place(operator)
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        operator.account.invoke(function)
    return order


def test_a_cancel_request_is_answered_once(operator: Operator, shop: str) -> None:
    account = operator.account
    request = account.tiktok.request_cancel(handed_over(operator))
    account.invoke("poll_tiktok")
    assert operator.asks("decide", shop, request, "approve")["cancel_requests_answered"] == 1
    assert [each.decision for each in account.tiktok.books.decided(request)] == ["APPROVE"]
    refused = operator.types("decide", shop, request, "reject")
    assert (refused.status, refused.out) == (1, "")
    assert len(refused.error.splitlines()) == 1
    assert "has no cancel request '4711'" in operator.types("decide", shop, "4711", "approve").error
    assert operator.types("decide", shop, request, "perhaps").status == 2


def test_a_question_about_a_return_is_answered_in_its_turn(operator: Operator, shop: str) -> None:
    account = operator.account
    order = handed_over(operator)
    account.tiktok.ship_in_seller_center(order, usps(1), "USPS")
    account.invoke("poll_tiktok")
    about = (shop, account.tiktok.buyer_requests_return(order, ReturnType.REFUND))
    account.invoke("poll_tiktok")
    refused = operator.types("decide-return", *about, "return", "reject")
    assert (refused.status, "waits for an answer to REFUND" in refused.error) == (1, True)
    refused = operator.types("decide-return", *about, "refund", "approve", "--reason", "any")
    assert "an approval has no reject_reason" in refused.error
    assert operator.asks("decide-return", *about, "refund", "reject")["returns_answered"] == 1
    assert [each.decision for each in account.tiktok.books.decided_return(about[1])] == ["REJECT_REFUND"]
    assert operator.types("decide-return", *about, "colour", "approve").status == 2


def test_a_comparison_runs_now_and_says_what_it_found(operator: Operator, shop: str) -> None:
    place(operator)
    operator.account.invoke("poll_tiktok")
    said = operator.asks("reconcile", shop)
    assert {"tiktok", "channeladvisor"} <= {side.casefold().split("_")[0] for side in said["sides"]}
    assert operator.asks("reconcile", shop, "--last") == said | {"counts": {}}
    assert operator.types("reconcile", shop, "--last").status == 0


def test_an_outage_is_told_as_such(operator: Operator, shop: str) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="stack/tiktok-app", SecretString="{}")
    said = operator.types("decide", shop, "4711", "approve")
    assert said.status == 1
    assert len(said.error.splitlines()) == 1


def test_a_function_that_the_stack_does_not_have_yet_is_told(operator: Operator, shop: str) -> None:
    del operator.stack.outputs["MapCarriersFunction"]  # type: ignore[attr-defined]  # as an older stack
    assert "deploy this version first" in operator.types("mappings", shop).error
