"""The OMS's own cancellations, and parcels that must come back."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.simulators.oms import OmsSimulator
from local.simulators.oms.contract import ContractBrokenError
from tests.adapters.simulators.oms.caller import ORDER, SHOP, Caller, Clock, problem_of


@pytest.fixture(autouse=True)
def _an_order(caller: Caller) -> None:
    caller.take()


def line_states(oms: OmsSimulator) -> list[str]:
    return [line.state for line in oms.books.order(ORDER).lines]


def settle(caller: Caller, cancellation: str, outcome: str, reason: str | None = None) -> httpx.Response:
    body = {"outcome": outcome} | ({"reason": reason} if reason else {})
    return caller.call("settle_seller_cancellation", body, cancellation_id=cancellation)


def test_a_cancellation_is_listed_when_it_is_made(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    whole = oms.cancel_order(ORDER, reason="wrong_price", after=timedelta(hours=1))
    assert caller.cancellations() == []
    clock.move(hours=2)
    assert caller.cancellations() == [
        {
            "id": whole,
            "tiktok_order_id": ORDER,
            "lines": None,
            "reason": "wrong_price",
            "cancelled_at": "2025-08-19T13:00:00+00:00",
        }
    ]


def test_cancellations_stand_behind_a_stable_cursor(caller: Caller, oms: OmsSimulator) -> None:
    made = [oms.cancel_order(ORDER, [line]) for line in ("11", "12", "13")]
    assert [each["id"] for each in caller.cancellations()] == made
    page = caller.call("list_seller_cancellations", shop_id=SHOP, limit=2).json()
    oms.repeat_cancellation(made[1])
    assert [each["id"] for each in caller.cancellations(after=page["next_cursor"])] == [made[2], made[1]]
    assert caller.cancellations(shop_id="another") == []


@pytest.mark.parametrize("reason", ["out_of_stock", "wrong_price", "address_not_deliverable", "buyer_requested"])
def test_every_reason_of_the_contract_can_be_given(caller: Caller, oms: OmsSimulator, reason: str) -> None:
    oms.cancel_order(ORDER, ["11"], reason=reason)
    [cancellation] = caller.cancellations()
    assert (cancellation["reason"], cancellation["lines"]) == (reason, ["11"])


def test_what_the_oms_cancels_does_not_ship(caller: Caller, oms: OmsSimulator) -> None:
    cancellation = oms.cancel_order(ORDER, ["11"])
    oms.ship(ORDER, "UPS", None, "1Z1")
    assert line_states(oms) == ["open", "shipped", "shipped"]
    assert [settle(caller, cancellation, "accepted").status_code for _ in range(2)] == [204, 204]
    assert line_states(oms) == ["cancelled", "shipped", "shipped"]


def test_what_was_refused_ships(caller: Caller, oms: OmsSimulator) -> None:
    cancellation = oms.cancel_order(ORDER)
    settle(caller, cancellation, "refused", "TikTok Shop does not allow it.")
    oms.ship(ORDER, "UPS", None, "1Z1")
    assert line_states(oms) == ["shipped"] * 3


def test_what_tiktok_cancelled_meanwhile_stays_cancelled(caller: Caller, oms: OmsSimulator) -> None:
    cancellation = oms.cancel_order(ORDER)
    caller.call("cancel_order", {"initiator": "buyer", "reason": ""}, tiktok_order_id=ORDER)
    settle(caller, cancellation, "refused", "The buyer was faster.")
    oms.ship(ORDER, "UPS", None, "1Z1")
    assert line_states(oms) == ["cancelled"] * 3


def test_an_outcome_never_flips(caller: Caller, oms: OmsSimulator) -> None:
    cancellation = oms.cancel_order(ORDER)
    assert oms.books.unsettled() == [cancellation]
    settle(caller, cancellation, "accepted")
    assert problem_of(settle(caller, cancellation, "refused", "no")) == (409, "outcome-differs")
    [listed] = oms.books.seller_cancellations(ORDER)
    assert listed.told == {"outcome": "accepted"}
    assert oms.books.unsettled() == []


@pytest.mark.parametrize(("outcome", "reason"), [("refused", None), ("accepted", "because"), ("maybe", "because")])
def test_an_outcome_that_cannot_be_is_refused(
    caller: Caller, oms: OmsSimulator, outcome: str, reason: str | None
) -> None:
    cancellation = oms.cancel_order(ORDER)
    assert problem_of(settle(caller, cancellation, outcome, reason)) == (400, "invalid-request")


def test_an_outcome_of_an_unlisted_cancellation_is_unknown(caller: Caller) -> None:
    assert problem_of(settle(caller, "CAN-9", "accepted")) == (404, "cancellation-unknown")


BAD: list[dict[str, Any]] = [
    {"id": "X1", "tiktok_order_id": "unheard-of", "lines": None, "reason": "out_of_stock"},
    {"id": "X2", "tiktok_order_id": ORDER, "lines": ["99"], "reason": "out_of_stock"},
    {"id": "X3", "tiktok_order_id": ORDER, "lines": ["11"], "reason": "boredom"},
    {"id": "X4", "tiktok_order_id": ORDER, "reason": "out_of_stock"},
]


def test_a_broken_oms_lists_cancellations_that_no_contract_allows(caller: Caller, oms: OmsSimulator) -> None:
    for entry in BAD:
        oms.list_raw_cancellation(SHOP, entry)
    page = caller.http.get("/seller-cancellations", params={"shop_id": SHOP}).json()
    assert page["cancellations"] == BAD
    assert settle(caller, "X2", "refused", "Line 99 is not in the order.").status_code == 204
    assert line_states(oms) == ["open"] * 3
    assert oms.books.unsettled() == ["X1", "X3", "X4"]


def test_an_entry_is_checked_unless_it_is_raw(caller: Caller, oms: OmsSimulator) -> None:
    oms.cancel_order(ORDER, reason="boredom")
    with pytest.raises(ContractBrokenError, match="list_seller_cancellations"):
        caller.cancellations()


def test_a_scenario_cannot_cancel_lines_that_are_not_there(oms: OmsSimulator) -> None:
    with pytest.raises(ValueError, match="99"):
        oms.cancel_order(ORDER, ["99"])


def recovery(*parcels: tuple[str, str], **changes: Any) -> dict[str, Any]:
    return {
        "initiator": "platform",
        "reason": "Fraud",
        "cancelled_at": "2025-08-19T12:00:00Z",
        "parcels": [{"carrier": "usps", "tracking_number": number, "lines": [line]} for number, line in parcels],
    } | changes


def test_parcels_that_must_come_back_are_told_and_the_list_may_grow(caller: Caller, oms: OmsSimulator) -> None:
    for parcels in ([("9400", "11")], [("9400", "11")], [("9400", "11"), ("9401", "12")]):
        answer = caller.call("recover_parcels", recovery(*parcels), tiktok_order_id=ORDER)
        assert answer.status_code == 204
    assert oms.books.recoveries() == {ORDER: recovery(("9400", "11"), ("9401", "12"))}
    assert line_states(oms) == ["open"] * 3


@pytest.mark.parametrize(
    ("order", "body", "problem"),
    [
        ("unheard-of", recovery(("9400", "11")), (404, "order-unknown")),
        (ORDER, recovery(("9400", "99")), (422, "line-unknown")),
        (ORDER, recovery(), (400, "invalid-request")),
        (ORDER, recovery(("9400", "11"), initiator="somebody"), (400, "invalid-request")),
    ],
)
def test_a_recovery_that_breaks_a_rule_is_refused(
    caller: Caller, oms: OmsSimulator, order: str, body: dict[str, Any], problem: tuple[int, str]
) -> None:
    assert problem_of(caller.call("recover_parcels", body, tiktok_order_id=order)) == problem
    assert oms.books.recoveries() == {}
