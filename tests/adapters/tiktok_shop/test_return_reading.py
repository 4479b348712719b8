from datetime import UTC, datetime
from typing import Any

import pytest

from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.returning.returns import Question, ReturnFacts
from order_sync.domain.returning.statuses import ReturnKind, ReturnState, ReturnStatus, state_of
from order_sync.partners.tiktok_shop.return_reading import UnreadableReturn, read_return
from tests.adapters.tiktok_shop.return_payloads import (
    ASKED,
    CHANGED,
    DUE,
    LINE_1,
    LINE_2,
    ORDER_ID,
    RETURN_ID,
    TEXTS_OF_PEOPLE,
    a_line,
    a_return,
    an_action,
)

NO_WORDS = ("Jane says so", "THIRD-PARTY", " ", "W" * 65, "BUYER\n", "Grün", 7, False, ["SELLER"], {"role": "SELLER"})
BY_KIND = {
    ReturnKind.REFUND: Question.REFUND,
    ReturnKind.RETURN_AND_REFUND: Question.RETURN,
    ReturnKind.REPLACEMENT: Question.REPLACEMENT,
}


def read(**changes: Any) -> tuple[ReturnFacts, tuple[str, ...]]:
    facts, unknown = read_return(a_return(**changes))
    assert isinstance(facts, ReturnFacts)
    return facts, unknown


def facts(**changes: Any) -> ReturnFacts:
    return read(**changes)[0]


def unreadable(raw: Any) -> UnreadableReturn:
    found, unknown = read_return(raw)
    assert isinstance(found, UnreadableReturn)
    assert unknown == ()
    return found


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_request_is_read_into_our_words() -> None:
    found, unknown = read(return_line_items=[a_line(LINE_1), a_line(LINE_2)], pre_return_id="4035318504086600000")
    assert (found.id, found.order, found.kind) == (RETURN_ID, ORDER_ID, ReturnKind.RETURN_AND_REFUND)
    assert (found.status_text, found.initiator) == ("RETURN_OR_REFUND_REQUEST_PENDING", Initiator.BUYER)
    assert found.reason == "ecom_order_delivered_refund_and_return_reason_wrong_product"
    assert [line.id for line in found.lines] == [LINE_1, LINE_2]
    assert (found.requested_at, found.updated_at) == (at(ASKED), at(CHANGED))
    assert (found.question, found.respond_by) == (Question.RETURN, at(DUE))
    assert (found.has_label, found.tracking_number) == (False, "")
    assert (found.in_arbitration, found.arbitration, found.follows) == (False, "", "4035318504086600000")
    assert unknown == ()


@pytest.mark.parametrize("status", ReturnStatus)
@pytest.mark.parametrize("kind", [kind for kind in ReturnKind if kind is not ReturnKind.OTHER])
def test_every_kind_in_every_status_is_read_and_known(kind: ReturnKind, status: ReturnStatus) -> None:
    found, unknown = read(return_type=kind.value, return_status=status.value, seller_next_action_response=[])
    assert (found.kind, found.status_text, unknown) == (kind, status.value, ())
    assert state_of(found.status_text, found.kind, has_label=False, in_arbitration=False) is not ReturnState.UNKNOWN
    is_request = status.endswith("_PENDING")
    assert found.question is (BY_KIND.get(kind) if is_request else None)


@pytest.mark.parametrize(
    ("role", "initiator", "unknown"),
    [
        ("BUYER", Initiator.BUYER, ()),
        ("SELLER", Initiator.SELLER, ()),
        ("SYSTEM", Initiator.PLATFORM, ()),
        ("OPERATOR", Initiator.PLATFORM, ()),
        ("ROBOT", Initiator.PLATFORM, ("return role ROBOT",)),
        ("", Initiator.BUYER, ()),
        (None, Initiator.BUYER, ()),
    ],
)
def test_the_role_tells_who_started_it(role: str | None, initiator: Initiator, unknown: tuple[str, ...]) -> None:
    found, listed = read(role=role)
    assert (found.initiator, listed) == (initiator, unknown)


@pytest.mark.parametrize("document", ["SHIPPING_LABEL", "QR_CODE_NBNL", "SOMETHING_NEW", "SHIPPING-LABEL", "a label"])
def test_a_document_to_ship_with_is_a_label(document: str) -> None:
    found, unknown = read(
        return_status="AWAITING_BUYER_SHIP",
        return_shipping_document_type=document,
        seller_next_action_response=[],
    )
    assert (found.has_label, unknown) == (True, ())
    state = state_of(found.status_text, found.kind, has_label=found.has_label, in_arbitration=False)
    assert state is ReturnState.RETURN_LABEL_GENERATED


@pytest.mark.parametrize("number", ["9400100000000000000000", "1Z999AA10123456784", "RR 123 456 789 US", "A-1"])
def test_a_tracking_number_is_kept_without_its_spaces_and_is_a_label(number: str) -> None:
    found, unknown = read(return_tracking_number=number)
    assert (found.tracking_number, found.has_label, unknown) == (number.replace(" ", ""), True, ())


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_without_document_and_number_there_is_no_label(absent: str | None) -> None:
    found, unknown = read(return_tracking_number=absent, return_shipping_document_type=absent)
    assert (found.tracking_number, found.has_label, unknown) == ("", False, ())


@pytest.mark.parametrize("document", [7, True, {}, ["SHIPPING_LABEL"]])
def test_a_document_that_is_no_text_is_no_label(document: object) -> None:
    assert not facts(return_shipping_document_type=document).has_label


@pytest.mark.parametrize("words", ["I am Jane", "Jane", "jane@example.com 1", "1 Example Street, LA", "9" * 65])
def test_what_a_buyer_typed_in_place_of_a_number_is_not_kept(words: str) -> None:
    found, unknown = read(return_tracking_number=words)
    assert (found.tracking_number, found.has_label) == ("", False)
    assert unknown == ("return tracking number that is none",)


@pytest.mark.parametrize("key", ["platform_cancel", "buyer_refund_package_didn't_arrive_on_time", "reason-1.2"])
def test_a_machine_s_key_is_kept_as_the_reason(key: str) -> None:
    found, unknown = read(return_reason=key)
    assert (found.reason, unknown) == (key, ())


@pytest.mark.parametrize("none", [None, "", "0"])
def test_a_first_return_follows_none(none: str | None) -> None:
    assert facts(pre_return_id=none).follows is None


def test_unknown_values_are_kept_or_told_as_other_and_counted() -> None:
    found, unknown = read(
        return_type="RENTAL",
        return_status="RETURN_PAUSED",
        role="ROBOT",
        arbitration_status="PAUSED",
        return_reason="Jane moved house",
        seller_next_action_response=[an_action("SELLER_DECIDES")],
        brand_new_field={"a": [1]},
    )
    assert (found.kind, found.status_text, found.arbitration) == (ReturnKind.OTHER, "RETURN_PAUSED", "PAUSED")
    assert (found.reason, found.question, found.in_arbitration) == ("", None, False)
    assert unknown == (
        "return type RENTAL",
        "return status RETURN_PAUSED",
        "return role ROBOT",
        "arbitration PAUSED",
        "return reason that is no key",
        "return action SELLER_DECIDES",
    )


@pytest.mark.parametrize("absent", [None, ""])
def test_a_return_without_a_type_is_of_another_kind_and_counted(absent: str | None) -> None:
    found, unknown = read(return_type=absent)
    assert (found.kind, found.question, unknown) == (
        ReturnKind.OTHER,
        Question.RETURN,
        ("return type that is missing",),
    )


@pytest.mark.parametrize("value", NO_WORDS)
def test_what_is_no_word_is_unknown_and_counted_without_being_quoted(value: object) -> None:
    actions = [{"action": value, "deadline": DUE}]
    found, unknown = read(return_type=value, role=value, arbitration_status=value, seller_next_action_response=actions)
    assert (found.kind, found.initiator) == (ReturnKind.OTHER, Initiator.PLATFORM)
    assert (found.in_arbitration, found.arbitration) == (False, "")
    assert unknown == (
        "return type that is no word",
        "return role that is no word",
        "arbitration that is no word",
        "return action that is no word",
    )


@pytest.mark.parametrize("value", NO_WORDS)
@pytest.mark.parametrize("name", ["role", "arbitration_status", "seller_next_action_response"])
def test_a_request_asks_its_question_whatever_stands_beside_it(name: str, value: object) -> None:
    shown = [{"action": value, "deadline": DUE}] if name == "seller_next_action_response" else value
    found = facts(**{name: shown})
    assert (found.question, found.respond_by) == (Question.RETURN, at(DUE))


@pytest.mark.parametrize("status", ["Jane says so", "REQUEST-PENDING", " ", "S" * 65, "RETURN_PAUSED\n"])
def test_a_status_that_is_no_word_is_unknown_and_counted_without_being_quoted(status: str) -> None:
    found, unknown = read(return_status=status)
    assert (found.status_text, unknown) == ("", ("return status that is no word",))
    assert (found.question, found.respond_by) == (Question.RETURN, at(DUE))
    assert state_of(found.status_text, found.kind, has_label=True, in_arbitration=False) is ReturnState.UNKNOWN


def test_a_status_that_is_no_word_asks_nothing_without_an_action() -> None:
    assert facts(return_status="Jane says so", seller_next_action_response=[]).question is None


def test_nothing_that_people_wrote_reaches_the_facts() -> None:
    names = ("return_type", "return_status", "role", "arbitration_status", "return_shipping_document_type")
    shown = repr(
        read(
            return_tracking_number="Jane",
            return_reason="Jane's reason",
            seller_next_action_response=[an_action("Jane's turn")],
            **dict.fromkeys(names, "Jane, 1 Example Street"),
        )
    )
    assert not [text for text in TEXTS_OF_PEOPLE if text in shown]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("return_id", None),
        ("return_id", "../approve"),
        ("order_id", 576461413038785752),
        ("return_status", None),
        ("return_status", ""),
        ("return_status", 7),
        ("create_time", 0),
        ("update_time", "1780304470"),
        ("return_line_items", []),
        ("return_line_items", None),
        ("return_line_items", [{"sku_id": "1"}]),
        ("seller_next_action_response", [{"action": "SELLER_RESPOND_RETURN", "deadline": "tomorrow"}]),
        ("return_tracking_number", 9400100000000000000000),
        ("pre_return_id", "Jane's return"),
    ],
)
def test_a_broken_field_is_named_without_what_stands_there(name: str, value: object) -> None:
    found = unreadable(a_return(**{name: value}))
    assert found.problem.startswith(name)
    assert "Jane" not in found.problem
    assert found.id == ("" if name == "return_id" else RETURN_ID)
    assert found.order == ("" if name == "order_id" else ORDER_ID)


def test_a_line_that_comes_twice_makes_a_return_unreadable() -> None:
    found = unreadable(a_return(return_line_items=[a_line(LINE_1), a_line(LINE_2), a_line(LINE_1)]))
    assert "return_line_items name a line twice" in found.problem
    assert (found.id, found.order) == (RETURN_ID, ORDER_ID)


@pytest.mark.parametrize("raw", [None, [], "a text", {}])
def test_what_is_no_return_at_all_is_unreadable_without_ids(raw: object) -> None:
    found = unreadable(raw)
    assert (found.id, found.order) == ("", "")
    assert found.problem
