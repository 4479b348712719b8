"""Refunds that the OMS starts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from local.simulators.oms import OmsSimulator
from local.simulators.oms.contract import ContractBrokenError
from tests.adapters.simulators.oms.caller import ORDER, RETURN, SHOP, Caller, Clock, problem_of


@pytest.fixture(autouse=True)
def _an_order(caller: Caller) -> None:
    caller.take()


def settle(caller: Caller, refund: str, outcome: str, **more: str) -> httpx.Response:
    return caller.call("settle_seller_refund", {"outcome": outcome} | more, refund_id=refund)


def test_a_refund_is_listed_when_it_is_made(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    whole = oms.refund(SHOP, ORDER, after=timedelta(hours=1))
    part = oms.refund(SHOP, ORDER, ["11"], Decimal("5.00"), "damaged")
    at = {"tiktok_order_id": ORDER}
    listed = [
        at
        | {
            "id": part,
            "lines": ["11"],
            "amount": {"currency": "USD", "total": "5.00"},
            "reason": "damaged",
            "refunded_at": "2025-08-19T12:00:00+00:00",
        },
        at
        | {
            "id": whole,
            "lines": None,
            "amount": None,
            "reason": None,
            "refunded_at": "2025-08-19T13:00:00+00:00",
        },
    ]
    assert caller.refunds() == listed[:1]
    clock.move(hours=2)
    assert caller.refunds() == listed
    assert [line.state for line in oms.books.order(ORDER).lines] == ["open"] * 3


def test_refunds_stand_behind_a_stable_cursor(caller: Caller, oms: OmsSimulator) -> None:
    made = [oms.refund(SHOP, ORDER, [line], "1.00") for line in ("11", "12", "13")]
    assert [each["id"] for each in caller.refunds()] == made
    page = caller.call("list_seller_refunds", shop_id=SHOP, limit=2).json()
    oms.repeat_refund(made[1])
    assert [each["id"] for each in caller.refunds(after=page["next_cursor"])] == [made[2], made[1]]
    assert caller.refunds(shop_id="another") == []


def test_a_refund_can_be_in_another_currency_by_mistake(caller: Caller, oms: OmsSimulator) -> None:
    oms.refund(SHOP, ORDER, amount="5.00", currency="GBP")
    assert caller.refunds()[0]["amount"] == {"currency": "GBP", "total": "5.00"}


@pytest.mark.parametrize("amount", ["0", "0.00", "-1.00", "1.23456", "all"])
def test_an_entry_is_checked_unless_it_is_raw(caller: Caller, oms: OmsSimulator, amount: str) -> None:
    oms.refund(SHOP, ORDER, amount=amount)
    with pytest.raises(ContractBrokenError, match="list_seller_refunds"):
        caller.refunds()


def test_an_outcome_may_be_repeated_and_never_flips(caller: Caller, oms: OmsSimulator) -> None:
    refund = oms.refund(SHOP, ORDER)
    assert oms.books.unsettled() == [refund]
    assert [settle(caller, refund, "accepted", return_id=RETURN).status_code for _ in range(2)] == [204, 204]
    assert settle(caller, refund, "accepted").status_code == 204
    assert problem_of(settle(caller, refund, "accepted", return_id="R2")) == (409, "outcome-differs")
    assert problem_of(settle(caller, refund, "refused", reason="no")) == (409, "outcome-differs")
    [listed] = oms.books.seller_refunds(ORDER)
    assert listed.told == {"outcome": "accepted", "return_id": RETURN}
    assert oms.books.unsettled() == []
    assert oms.books.seller_refunds("unheard-of") == []


def test_a_refusal_may_name_the_return_later(caller: Caller, oms: OmsSimulator) -> None:
    refund = oms.refund(SHOP, ORDER)
    settle(caller, refund, "refused", reason="More than was paid.")
    assert settle(caller, refund, "refused", reason="In other words.", return_id=RETURN).status_code == 204
    told = {"outcome": "refused", "reason": "More than was paid.", "return_id": RETURN}
    assert oms.books.seller_refunds()[0].told == told


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        ("refused", {}),
        ("refused", {"return_id": RETURN}),
        ("accepted", {"reason": "because"}),
        ("accepted", {"return_id": "a b"}),
        ("maybe", {"reason": "because"}),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(
    caller: Caller, oms: OmsSimulator, outcome: str, more: dict[str, str]
) -> None:
    refund = oms.refund(SHOP, ORDER)
    assert problem_of(settle(caller, refund, outcome, **more)) == (400, "invalid-request")


def test_an_outcome_of_an_unlisted_refund_is_unknown(caller: Caller) -> None:
    assert problem_of(settle(caller, "REF-9", "accepted")) == (404, "refund-unknown")


BAD: list[dict[str, Any]] = [
    {"id": "X1", "tiktok_order_id": "unheard-of", "lines": None, "amount": None},
    {"id": "X2", "tiktok_order_id": ORDER, "lines": ["99"], "amount": None},
    {"id": "X3", "tiktok_order_id": ORDER, "lines": None, "amount": "12.50"},
]


def test_a_broken_oms_lists_refunds_that_no_contract_allows(caller: Caller, oms: OmsSimulator) -> None:
    for entry in BAD:
        oms.list_raw_refund(SHOP, entry)
    page = caller.http.get("/seller-refunds", params={"shop_id": SHOP}).json()
    assert page["refunds"] == BAD
    assert settle(caller, "X2", "refused", reason="Line 99 is not in the order.").status_code == 204
    assert oms.books.unsettled() == ["X1", "X3"]


def test_a_scenario_cannot_refund_by_mistake(caller: Caller, oms: OmsSimulator) -> None:
    with pytest.raises(ValueError, match="99"):
        oms.refund(SHOP, ORDER, ["99"])
    with pytest.raises(ValueError, match="not one of shop"):
        oms.refund("another", ORDER)
    with pytest.raises(KeyError):
        oms.refund(SHOP, "unheard-of")
    assert caller.refunds() == []
