from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from order_sync.domain.returning.returns import Question, ReturnFacts
from order_sync.domain.returning.statuses import ReturnKind, ReturnStatus
from order_sync.partners.tiktok_shop.return_reading import read_return
from tests.adapters.tiktok_shop.return_payloads import DUE, a_return, an_action

PENDING = ReturnStatus.RETURN_OR_REFUND_REQUEST_PENDING
REFUND, RETURN, REPLACEMENT = Question.REFUND, Question.RETURN, Question.REPLACEMENT
BY_KIND = {ReturnKind.REFUND: REFUND, ReturnKind.RETURN_AND_REFUND: RETURN, ReturnKind.REPLACEMENT: REPLACEMENT}
FINAL = [status for status in ReturnStatus if status.endswith(("_CANCEL", "_COMPLETE", "_REQUEST_REFUND_SUCCESS"))]
GOES_ON = sorted(set(ReturnStatus) - {*FINAL, ReturnStatus.AWAITING_BUYER_RESPONSE})


def read(**changes: Any) -> tuple[ReturnFacts, tuple[str, ...]]:
    facts, unknown = read_return(a_return(**changes))
    assert isinstance(facts, ReturnFacts)
    return facts, unknown


def facts(**changes: Any) -> ReturnFacts:
    return read(**changes)[0]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def asked(status: str, kind: str, actions: Iterable[dict[str, Any]] = (), **changes: Any) -> Question | None:
    found = facts(return_status=status, return_type=kind, seller_next_action_response=list(actions), **changes)
    return found.question


@pytest.mark.parametrize(
    ("action", "question"),
    [
        ("SELLER_RESPOND_REFUND", Question.REFUND),
        ("SELLER_RESPOND_RETURN", Question.RETURN),
        ("SELLER_RESPOND_RECEIVE_PACKAGE", Question.RECEIVE_PACKAGE),
        ("SELLER_RESPOND_REPLACEMENT", Question.REPLACEMENT),
    ],
)
@pytest.mark.parametrize("status", GOES_ON)
def test_the_action_is_what_is_asked_in_every_status_that_goes_on(
    status: ReturnStatus, action: str, question: Question
) -> None:
    found, unknown = read(return_status=status.value, seller_next_action_response=[an_action(action)])
    assert (found.question, found.respond_by, unknown) == (question, at(DUE), ())


@pytest.mark.parametrize("status", [*FINAL, ReturnStatus.AWAITING_BUYER_RESPONSE])
def test_nothing_is_asked_at_the_end_nor_while_the_buyer_answers(status: ReturnStatus) -> None:
    actions = [an_action("SELLER_RESPOND_RETURN"), an_action("SELLER_LOOKS")]
    found, unknown = read(return_status=status.value, seller_next_action_response=actions)
    assert (found.question, found.respond_by, unknown) == (None, None, ())


@pytest.mark.parametrize("status", GOES_ON)
def test_nothing_is_asked_while_tiktok_s_staff_decides(status: ReturnStatus) -> None:
    found, unknown = read(return_status=status.value, arbitration_status="IN_PROGRESS")
    assert (found.question, found.respond_by, unknown) == (None, None, ())
    assert (found.in_arbitration, found.arbitration) == (True, "IN_PROGRESS")


@pytest.mark.parametrize("word", ["SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED"])
def test_an_arbitration_that_is_over_lets_the_return_go_on(word: str) -> None:
    found, unknown = read(arbitration_status=word)
    assert (found.in_arbitration, found.arbitration, found.question, unknown) == (False, word, RETURN, ())


def test_the_action_with_the_earliest_deadline_is_asked_first() -> None:
    later = an_action("SELLER_RESPOND_RECEIVE_PACKAGE", DUE + 3600)
    without = {"action": "SELLER_RESPOND_REPLACEMENT", "deadline": 0}
    found = facts(seller_next_action_response=[without, later, an_action("SELLER_RESPOND_REFUND")])
    assert (found.question, found.respond_by) == (REFUND, at(DUE))
    found = facts(seller_next_action_response=[without, later])
    assert (found.question, found.respond_by) == (Question.RECEIVE_PACKAGE, at(DUE + 3600))
    found = facts(seller_next_action_response=[without])
    assert (found.question, found.respond_by) == (REPLACEMENT, None)


def test_an_unknown_action_of_a_request_gives_the_deadline_and_the_kind_what_is_asked() -> None:
    found, unknown = read(return_type="REFUND", seller_next_action_response=[an_action("SELLER_DECIDES")])
    assert (found.question, found.respond_by, unknown) == (REFUND, at(DUE), ("return action SELLER_DECIDES",))


def test_an_unknown_action_beside_a_known_one_is_counted_and_changes_nothing() -> None:
    actions = [an_action("SELLER_DECIDES", DUE - 3600), an_action("SELLER_RESPOND_RETURN")]
    found, unknown = read(seller_next_action_response=actions)
    assert (found.question, found.respond_by, unknown) == (RETURN, at(DUE), ("return action SELLER_DECIDES",))


def test_an_unknown_action_asks_nothing_of_what_is_no_request() -> None:
    actions = [an_action("SELLER_LOOKS")]
    found, unknown = read(return_status="AWAITING_BUYER_SHIP", seller_next_action_response=actions)
    assert (found.question, found.respond_by, unknown) == (None, None, ("return action SELLER_LOOKS",))


@pytest.mark.parametrize("absent", [None, [], [{}], [{"action": ""}]])
@pytest.mark.parametrize(("kind", "question"), [(kind.value, question) for kind, question in BY_KIND.items()])
def test_a_request_without_an_action_asks_by_its_kind(kind: str, question: Question, absent: object) -> None:
    found, unknown = read(return_type=kind, seller_next_action_response=absent)
    assert (found.question, found.respond_by, unknown) == (question, None, ())


@pytest.mark.parametrize(
    ("role", "question"),
    [("BUYER", RETURN), (None, RETURN), ("SYSTEM", RETURN), ("OPERATOR", RETURN), ("ROBOT", RETURN), ("SELLER", None)],
)
def test_a_seller_s_own_request_asks_nobody_unless_tiktok_names_an_action(
    role: str | None, question: Question | None
) -> None:
    assert asked(PENDING, "RETURN_AND_REFUND", role=role) is question
    assert asked(PENDING, "RETURN_AND_REFUND", [an_action("SELLER_RESPOND_RETURN")], role=role) is RETURN


def test_an_unknown_status_asks_what_its_action_says() -> None:
    assert asked("RETURN_PAUSED", "REFUND", [an_action("SELLER_RESPOND_REFUND")]) is REFUND
    assert asked("RETURN_PAUSED", "REFUND") is None
