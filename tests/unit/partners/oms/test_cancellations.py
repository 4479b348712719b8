"""The OMS's decisions and cancellations as values, and outcomes in the contract's words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.simulators.oms.contract import read_contract
from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import GRANTED, Outcome, SellerReason
from order_sync.domain.errors import RejectedError
from order_sync.partners.oms.cancellation_lists import read_cancellations, read_decisions
from order_sync.partners.oms.cancellations import wire_outcome

DECIDERS = [*Decider, None]
ORDER = "577086512123755123"


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "id": "D-1",
        "cancel_id": "4035",
        "decision": "approve",
        "reason": None,
        "decided_at": "2025-08-19T16:48:00+02:00",
        "new_field": 1,
    } | changes


def cancellation(**changes: Any) -> dict[str, Any]:
    return {
        "id": "C-1",
        "tiktok_order_id": ORDER,
        "lines": ["1", "2"],
        "reason": "out_of_stock",
        "cancelled_at": "2025-08-19T16:48:00+02:00",
        "new_field": 1,
    } | changes


def page(name: str, *entries: Any, **changes: Any) -> dict[str, Any]:
    return {name: list(entries), "next_cursor": "c2", "has_more": False} | changes


@pytest.mark.parametrize("decided_by", DECIDERS)
@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.AT_ONCE])
def test_every_outcome_is_told_in_a_pair_that_the_contract_allows(outcome: Outcome, decided_by: Decider | None) -> None:
    told, by = wire_outcome(outcome, decided_by)
    body = {"outcome": told, "decided_by": by, "decided_at": "2025-08-19T14:48:00Z"}
    assert read_contract()["settle_cancel_request"].mistakes_in_body(body) == []
    cancelled = outcome in GRANTED or outcome is Outcome.OVERTAKEN
    assert (told in ("approved", "approved_automatically", "overtaken")) is cancelled


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.AT_ONCE])
@pytest.mark.parametrize("decided_by", list(Decider))
def test_a_pair_that_the_contract_allows_is_told_as_it_is(outcome: Outcome, decided_by: Decider) -> None:
    own = (outcome.lower(), decided_by.lower())
    body = {"outcome": own[0], "decided_by": own[1], "decided_at": "2025-08-19T14:48:00Z"}
    allowed = read_contract()["settle_cancel_request"].mistakes_in_body(body) == []
    assert (wire_outcome(outcome, decided_by) == own) is allowed


@pytest.mark.parametrize(
    ("outcome", "decided_by", "told"),
    [
        (Outcome.APPROVED, Decider.PLATFORM, ("approved_automatically", "platform")),
        (Outcome.APPROVED, Decider.BUYER, ("approved_automatically", "platform")),
        (Outcome.APPROVED, None, ("approved", "seller")),
        (Outcome.REJECTED, Decider.BUYER, ("withdrawn", "buyer")),
        (Outcome.REJECTED, Decider.PLATFORM, ("rejected", "seller")),
        (Outcome.WITHDRAWN, Decider.OMS, ("withdrawn", "buyer")),
        (Outcome.APPROVED_AUTOMATICALLY, None, ("approved_automatically", "platform")),
        (Outcome.OVERTAKEN, Decider.OPERATOR, ("overtaken", "seller")),
        (Outcome.OVERTAKEN, Decider.SHOP_RULE, ("overtaken", "seller")),
        (Outcome.OVERTAKEN, Decider.BUYER, ("overtaken", "platform")),
        (Outcome.OVERTAKEN, None, ("overtaken", "platform")),
    ],
)
def test_another_pair_becomes_the_nearest_one(
    outcome: Outcome, decided_by: Decider | None, told: tuple[str, str]
) -> None:
    assert wire_outcome(outcome, decided_by) == told


@pytest.mark.parametrize("decided_by", DECIDERS)
def test_what_needed_no_answer_has_no_outcome_to_tell(decided_by: Decider | None) -> None:
    with pytest.raises(RejectedError, match="AT_ONCE was never asked about"):
        wire_outcome(Outcome.AT_ONCE, decided_by)


def test_a_decision_is_an_answer() -> None:
    found = read_decisions(page("decisions", decision(), decision(decision="reject", reason="Packed")), "c1")
    approved, rejected = found.reported
    assert (approved.id, approved.cancel_id, approved.answer, approved.reason) == ("D-1", "4035", Answer.APPROVE, "")
    assert approved.decided_at == datetime(2025, 8, 19, 14, 48, tzinfo=UTC)
    assert (rejected.answer, rejected.said, rejected.reason) == (Answer.REJECT, "", "Packed")
    assert (found.next_cursor, found.has_more) == ("c2", False)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("maybe", "maybe"),
        ("Approve", "Approve"),
        ("no_answer-yet", "no_answer-yet"),
        ("x" * 40, "x" * 40),
        ("x" * 41, ""),
        (" approve", ""),
        ("approve, as Euphemia wishes", ""),
        ("555-0100", ""),
        (json.loads('"half\\ud83d"'), ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (["approve"], ""),
    ],
)
def test_a_word_that_is_neither_approve_nor_reject_is_no_answer_but_readable(word: Any, said: str) -> None:
    [found] = read_decisions(page("decisions", decision(decision=word)), "").reported
    assert (found.answer, found.said) == (None, said)


def test_a_decision_without_a_word_or_a_reason_is_readable() -> None:
    bare = {name: value for name, value in decision().items() if name not in ("decision", "reason")}
    [found] = read_decisions(page("decisions", bare), "").reported
    assert (found.answer, found.said, found.reason) == (None, "", "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cancel_id": "a b"}, "cancel_id"),
        ({"cancel_id": None}, "cancel_id"),
        ({"decided_at": "2025-08-19T14:48:00"}, "decided_at"),
        ({"decided_at": "canary"}, "decided_at"),
        ({"reason": ["canary"]}, "reason"),
    ],
)
def test_a_bad_decision_is_told_by_id_and_place_and_the_others_are_read(changes: dict[str, Any], reason: str) -> None:
    found = read_decisions(page("decisions", decision(**changes), decision(id="D-2")), "")
    assert [each.id for each in found.reported] == ["D-2"]
    [bad] = found.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("D-1", None, True)
    assert bad.reason.startswith(f"{reason}: ")
    assert "canary" not in bad.reason


def test_a_cancellation_is_a_wish_of_the_seller_under_the_omss_id() -> None:
    ((order, found),) = read_cancellations(page("cancellations", cancellation()), "").reported
    assert (order, found.id, found.reason) == (ORDER, "oms-C-1", SellerReason.OUT_OF_STOCK)
    assert (found.line_ids, found.units) == (("1", "2"), ())
    assert found.requested_at == datetime(2025, 8, 19, 14, 48, tzinfo=UTC)


def test_only_null_is_the_whole_order() -> None:
    bare = {name: value for name, value in cancellation(id="C-2").items() if name != "lines"}
    found = read_cancellations(page("cancellations", cancellation(lines=None), bare), "")
    assert [(each.id, each.line_ids) for _, each in found.reported] == [("oms-C-1", ())]
    assert [(each.id, each.reason) for each in found.unreadable] == [("C-2", "lines: Field required")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lines": []}, "lines"),
        ({"lines": ["1", "1"]}, "lines: a line stands there twice"),
        ({"lines": ["a b"]}, "lines.0"),
        ({"lines": "canary"}, "lines"),
        ({"reason": "canary"}, "reason: Input should be 'out_of_stock', 'wrong_price'"),
        ({"reason": None}, "reason"),
        ({"cancelled_at": "2025-08-19T14:48:00"}, "cancelled_at"),
    ],
)
def test_a_bad_cancellation_is_told_by_id_order_and_place(changes: dict[str, Any], reason: str) -> None:
    found = read_cancellations(page("cancellations", cancellation(**changes), cancellation(id="C-2")), "")
    assert [each.id for _, each in found.reported] == ["oms-C-2"]
    [bad] = found.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("C-1", ORDER, True)
    assert bad.reason.startswith(reason)
    assert "canary" not in bad.reason


@pytest.mark.parametrize(
    ("entry_id", "id_", "can_be_told"),
    [
        (17, "17", True),
        ("...", "...", True),
        (".", "(no id: ", False),
        ("..", "(no id: ", False),
        ("a b", "(no id: ", False),
        ("C-1\n", "(no id: ", False),
        ("x" * 200, "(no id: ", False),
        (json.loads('"\\ud83d"'), "(no id: ", False),
        ("", "", False),
        (None, "", False),
        (True, "", False),
        (["C-1"], "", False),
    ],
)
def test_only_an_entry_with_an_id_of_the_contracts_form_can_be_answered(
    entry_id: Any, id_: str, *, can_be_told: bool
) -> None:
    [bad] = read_cancellations(page("cancellations", cancellation(id=entry_id, reason="?")), "").unreadable
    assert bad.id.startswith(id_)
    assert bool(bad.id) is bool(id_)
    assert bad.can_be_told is can_be_told


@pytest.mark.parametrize("order", [None, "a b", "..", "1" * 129, ["1"]])
def test_an_order_that_cannot_be_read_is_none(order: Any) -> None:
    [bad] = read_cancellations(page("cancellations", cancellation(tiktok_order_id=order)), "").unreadable
    assert (bad.id, bad.order) == ("C-1", None)


@pytest.mark.parametrize("body", [None, [], {}, {"decisions": {}, "next_cursor": "c", "has_more": False}])
def test_an_unreadable_page_is_refused_as_a_whole(body: Any) -> None:
    with pytest.raises(RejectedError, match="list decisions: the answer is unreadable"):
        read_decisions(body, "")
    with pytest.raises(RejectedError, match="list cancellations: the answer is unreadable"):
        read_cancellations(body, "")


def test_a_page_of_another_list_is_refused() -> None:
    with pytest.raises(RejectedError, match="list decisions: the answer is unreadable"):
        read_decisions(page("cancellations"), "")


def test_cursors_that_stand_still_are_not_followed_for_ever() -> None:
    with pytest.raises(RejectedError, match="list decisions: more is promised, but the cursor stands still"):
        read_decisions(page("decisions", next_cursor="c1", has_more=True), "c1")
    with pytest.raises(RejectedError, match="list cancellations: more is promised, but the cursor stands still"):
        read_cancellations(page("cancellations", next_cursor="c1", has_more=True), "c1")
