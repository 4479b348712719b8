"""Buyers' cancel requests: the question, the OMS's decision, what became of it."""

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.oms import OmsSimulator
from local.simulators.oms.cancel_records import CancelRequest, Verdict
from local.simulators.oms.records import Order
from tests.adapters.simulators.oms.caller import CANCEL, ORDER, SHOP, Caller, Clock, problem_of, request_body


@pytest.fixture(autouse=True)
def _an_order(caller: Caller) -> None:
    caller.take()


def line_states(caller: Caller) -> list[str]:
    order = caller.call("read_order", tiktok_order_id=ORDER).json()
    return [line["state"] for line in order["lines"]]


def cancel(caller: Caller, *lines: str) -> None:
    body: dict[str, Any] = {"initiator": "buyer", "reason": "No longer needed"} | ({"lines": lines} if lines else {})
    assert caller.call("cancel_order", body, tiktok_order_id=ORDER).status_code == 204


def test_a_request_is_noted_once(caller: Caller, oms: OmsSimulator) -> None:
    assert [caller.ask(lines=["11", "12"]).status_code, caller.ask(lines=["12", "11"]).status_code] == [204, 204]
    [request] = oms.books.cancel_requests()
    assert (request.id, request.tiktok_order_id, request.times_told) == (CANCEL, ORDER, 2)
    assert request.outcome is None
    assert line_states(caller) == ["open"] * 3


def test_a_repeated_request_may_bring_another_deadline_or_a_parcel(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    assert caller.ask(respond_by="2025-08-19T15:00:00Z", parcel_known=True).status_code == 204
    request = oms.books.cancel_request(CANCEL)
    assert (request.respond_by.isoformat(), request.body["parcel_known"]) == ("2025-08-19T15:00:00+00:00", True)


@pytest.mark.parametrize(
    "change", [{"lines": ["11"]}, {"reason": "Another"}, {"requested_at": "2025-08-19T12:00:01Z"}, {"shop_id": "2"}]
)
def test_another_request_under_a_known_id_is_a_conflict(
    caller: Caller, oms: OmsSimulator, change: dict[str, Any]
) -> None:
    caller.ask()
    assert problem_of(caller.ask(**change)) == (409, "cancel-request-differs")
    assert oms.books.cancel_request(CANCEL).body == request_body()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tiktok_order_id": "576400000000000009"}, (404, "order-unknown")),
        ({"shop_id": "another"}, (404, "order-unknown")),
        ({"lines": ["11", "99"]}, (422, "line-unknown")),
        ({"lines": []}, (400, "invalid-request")),
        ({"lines": None}, (400, "invalid-request")),
        ({"respond_by": "tomorrow"}, (400, "invalid-request")),
        ({"parcel_known": "no"}, (400, "invalid-request")),
        ({"colour": "blue"}, (400, "invalid-request")),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    caller: Caller, oms: OmsSimulator, change: dict[str, Any], problem: tuple[int, str]
) -> None:
    assert problem_of(caller.ask(**change)) == problem
    assert oms.books.cancel_requests() == []


def test_a_decision_is_listed_when_it_is_made(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    caller.ask()
    decision = oms.decide(CANCEL, "reject", "Already packed", after=timedelta(hours=2))
    assert caller.decisions() == []
    clock.move(hours=3)
    assert caller.decisions() == [
        {
            "id": decision,
            "cancel_id": CANCEL,
            "decision": "reject",
            "reason": "Already packed",
            "decided_at": "2025-08-19T14:00:00+00:00",
        }
    ]
    assert [each.body["decision"] for each in oms.books.decisions(CANCEL)] == ["reject"]


def test_decisions_stand_behind_a_stable_cursor(caller: Caller, oms: OmsSimulator) -> None:
    ids = [str(number) for number in range(5)]
    for cancel_id in ids:
        caller.ask(cancel_id)
    made = [oms.decide(cancel_id, "approve") for cancel_id in ids]
    assert [each["id"] for each in caller.decisions()] == made
    first = caller.call("list_cancel_request_decisions", shop_id=SHOP, limit=3).json()
    oms.repeat_decision(made[0])
    assert [each["id"] for each in caller.decisions(after=first["next_cursor"])] == [*made[3:], made[0]]


def test_a_cursor_of_another_list_is_refused(caller: Caller) -> None:
    cursor = caller.shipments()["next_cursor"]
    for operation in ("list_cancel_request_decisions", "list_seller_cancellations"):
        answer = caller.call(operation, shop_id=SHOP, after=cursor)
        assert problem_of(answer) == (400, "invalid-request")


def test_a_shop_sees_only_its_own_decisions(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    oms.decide(CANCEL, "approve")
    assert caller.decisions(shop_id="another") == []


def test_what_is_approved_does_not_ship_while_the_cancellation_is_on_its_way(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask(lines=["11"])
    oms.decide(CANCEL, "approve")
    oms.ship(ORDER, "UPS", None, "1Z1")
    assert line_states(caller) == ["open", "shipped", "shipped"]
    cancel(caller, "11")
    caller.settle("approved", "oms")
    assert line_states(caller) == ["cancelled", "shipped", "shipped"]


@pytest.mark.parametrize(("outcome", "decided_by"), [("rejected", "seller"), ("withdrawn", "buyer")])
def test_what_was_approved_in_vain_ships(caller: Caller, oms: OmsSimulator, outcome: str, decided_by: str) -> None:
    caller.ask()
    oms.decide(CANCEL, "approve")
    caller.settle(outcome, decided_by)
    oms.ship(ORDER, "UPS", None, "1Z1")
    assert line_states(caller) == ["shipped"] * 3


def test_a_warehouse_that_does_not_listen_ships_what_was_approved(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    oms.decide(CANCEL, "approve", withhold=False)
    oms.ship(ORDER, "UPS", None, "1Z1")
    assert line_states(caller) == ["shipped"] * 3


def test_a_request_can_be_decided_twice_and_too_late(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    oms.decide(CANCEL, "reject")
    oms.decide(CANCEL, "approve")
    caller.settle("rejected", "oms")
    oms.decide(CANCEL, "approve", withhold=True)
    assert [each["decision"] for each in caller.decisions()] == ["reject", "approve", "approve"]


def by_rule(_: CancelRequest, order: Order) -> Verdict | None:
    match order.state:
        case "open":
            return "approve", None
        case "packed":
            return "reject", "Already packed"
        case _:
            return None


def test_requests_are_decided_by_a_rule_when_told_to(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_automatically(by_rule, after=timedelta(hours=1))
    caller.take("T2")
    caller.take("T3")
    for cancel_id, order in (("C1", ORDER), ("C2", "T2"), ("C3", "T3")):
        caller.ask(cancel_id, tiktok_order_id=order)
    oms.pack("T2")
    oms.ship("T3", "UPS", None, "1Z1")
    assert caller.decisions() == []
    clock.move(hours=1)
    assert [(each["cancel_id"], each["decision"]) for each in caller.decisions()] == [
        ("C1", "approve"),
        ("C2", "reject"),
    ]


def test_a_rule_leaves_alone_what_is_decided_or_closed(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_automatically(by_rule, after=timedelta(hours=1))
    caller.ask("C1")
    caller.ask("C2")
    oms.decide("C1", "reject")
    caller.settle("withdrawn", "buyer", "C2")
    clock.move(hours=1)
    assert [each["decision"] for each in caller.decisions()] == ["reject"]


def test_an_oms_that_falls_silent_decides_nothing_by_itself(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_automatically(by_rule, after=timedelta(hours=1))
    caller.ask()
    oms.stay_silent()
    caller.ask("C2")
    clock.move(hours=2)
    assert caller.decisions() == []
    assert oms.books.unsettled() == [CANCEL, "C2"]


@pytest.mark.parametrize(
    ("outcome", "decided_by"),
    [
        ("approved", "oms"),
        ("approved", "shop_rule"),
        ("rejected", "seller"),
        ("rejected", "operator"),
        ("withdrawn", "buyer"),
        ("approved_automatically", "platform"),
        ("overtaken", "platform"),
    ],
)
def test_an_outcome_closes_the_request_and_may_be_repeated(
    caller: Caller, oms: OmsSimulator, outcome: str, decided_by: str
) -> None:
    caller.ask()
    assert [caller.settle(outcome, decided_by).status_code for _ in range(2)] == [204, 204]
    request = oms.books.cancel_request(CANCEL)
    assert request.outcome is not None
    assert (request.outcome["outcome"], request.outcome["decided_by"]) == (outcome, decided_by)
    assert request.times_outcome_told == 2
    assert oms.books.unsettled() == []
    assert line_states(caller) == ["open"] * 3


def test_an_outcome_never_flips(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    caller.settle("rejected", "oms")
    for other in (("approved", "oms"), ("rejected", "shop_rule")):
        assert problem_of(caller.settle(*other)) == (409, "outcome-differs")
    request = oms.books.cancel_request(CANCEL)
    assert (request.outcome or {})["decided_by"] == "oms"


@pytest.mark.parametrize(
    ("outcome", "decided_by"),
    [("withdrawn", "oms"), ("approved_automatically", "shop_rule"), ("rejected", "buyer"), ("lost", "oms")],
)
def test_an_outcome_that_cannot_be_is_refused(caller: Caller, outcome: str, decided_by: str) -> None:
    caller.ask()
    assert problem_of(caller.settle(outcome, decided_by)) == (400, "invalid-request")


def test_an_outcome_of_a_request_that_was_never_told_is_unknown(caller: Caller) -> None:
    assert problem_of(caller.settle("withdrawn", "buyer")) == (404, "cancel-request-unknown")


BAD: list[dict[str, Any]] = [
    {"id": "X1", "cancel_id": CANCEL, "decision": "maybe", "reason": None, "decided_at": "2025-08-19T12:30:00Z"},
    {
        "id": "X2",
        "cancel_id": "unheard-of",
        "decision": "approve",
        "reason": None,
        "decided_at": "2025-08-19T12:30:00Z",
    },
    {"colour": "blue"},
]


def test_a_broken_oms_lists_decisions_that_no_contract_allows(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    oms.list_raw_decision(SHOP, BAD[0])
    good = oms.decide(CANCEL, "approve")
    for entry in BAD[1:]:
        oms.list_raw_decision(SHOP, entry)
    page = caller.http.get("/cancel-request-decisions", params={"shop_id": SHOP}).json()
    assert [page["decisions"][number] for number in (0, 2, 3)] == BAD
    assert page["decisions"][1]["id"] == good


def test_a_refused_decision_is_told_to_its_sender(caller: Caller, oms: OmsSimulator) -> None:
    oms.list_raw_decision(SHOP, BAD[1])
    assert oms.books.unsettled() == ["X2"]
    body = {"problem": "cancel-request-unknown", "detail": "No such cancel request."}
    for _ in range(2):
        assert caller.call("refuse_cancel_request_decision", body, decision_id="X2").status_code == 204
    [decision] = oms.books.decisions()
    assert decision.told == body
    assert oms.books.unsettled() == []
    other = caller.call("refuse_cancel_request_decision", body, decision_id="X3")
    assert problem_of(other) == (404, "decision-unknown")


def test_a_scenario_cannot_decide_by_mistake(caller: Caller, oms: OmsSimulator) -> None:
    caller.ask()
    with pytest.raises(ValueError, match="neither"):
        oms.decide(CANCEL, "maybe")
    with pytest.raises(KeyError):
        oms.decide("unheard-of", "approve")
    assert caller.decisions() == []


def test_the_order_shows_when_a_line_was_packed_and_left(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.pack(ORDER, lines=["11", "12"])
    clock.move(hours=1)
    oms.ship(ORDER, "UPS", None, "1Z1", lines=["11"])
    lines = caller.call("read_order", tiktok_order_id=ORDER).json()["lines"]
    noon, one = "2025-08-19T12:00:00+00:00", "2025-08-19T13:00:00+00:00"
    assert [(line["state"], line["packed_at"], line["shipped_at"]) for line in lines] == [
        ("shipped", noon, one),
        ("packed", noon, None),
        ("open", None, None),
    ]


def test_the_order_shows_when_a_parcel_from_elsewhere_left(caller: Caller) -> None:
    body = {"carrier": "usps", "tracking_number": "9400", "shipped_at": "2025-08-19T11:00:00Z", "lines": ["11"]}
    for lines in (["11"], ["12"]):
        caller.call("note_parcel", body | {"lines": lines}, tiktok_order_id=ORDER, parcel_id="P-1")
    first, second, _ = caller.call("read_order", tiktok_order_id=ORDER).json()["lines"]
    assert (first["state"], first["shipped_at"]) == ("open", None)
    assert (second["state"], second["shipped_at"]) == ("shipped", "2025-08-19T11:00:00+00:00")
