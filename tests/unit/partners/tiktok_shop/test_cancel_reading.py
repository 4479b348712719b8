from datetime import UTC, datetime
from typing import Any

import pytest

from order_sync.domain.cancelling.cancellations import CancellationFacts, CancellationStatus, Initiator
from order_sync.partners.tiktok_shop.cancel_reading import UnreadableCancellation, read_cancellation

ASKED, CHANGED, DUE = 1780304400, 1780304470, 1780390800
DEADLINE = {"action": "SELLER_RESPOND_CANCEL", "deadline": DUE}


def a_line(**changes: Any) -> dict[str, Any]:
    return {
        "cancel_line_item_id": "4035318504086604500",
        "order_line_item_id": "577086512123755123",
        "sku_id": "1729582718312380124",
        "product_name": "Demo tee",
        "seller_sku": "TEE-BLU-M",
        "refund_amount": {"currency": "USD", "refund_total": "17.50"},
    } | changes


def a_payload(**changes: Any) -> dict[str, Any]:
    """A buyer's open request for one of two units."""
    return {
        "cancel_id": "4035318504086604499",
        "order_id": "576461413038785752",
        "cancel_type": "BUYER_CANCEL",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "role": "BUYER",
        "cancel_reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "cancel_reason_text": "Jane no longer needs it",
        "create_time": ASKED,
        "update_time": CHANGED,
        "refund_amount": {"currency": "USD", "refund_total": "17.50"},
        "cancel_line_items": [a_line()],
        "should_replenish_stock": True,
        "seller_next_action_response": [DEADLINE],
    } | changes


def read(**changes: Any) -> tuple[CancellationFacts, tuple[str, ...]]:
    facts, unknown = read_cancellation(a_payload(**changes))
    assert isinstance(facts, CancellationFacts)
    return facts, unknown


def facts(**changes: Any) -> CancellationFacts:
    return read(**changes)[0]


def unreadable(raw: Any) -> UnreadableCancellation:
    found, unknown = read_cancellation(raw)
    assert isinstance(found, UnreadableCancellation)
    assert unknown == ()
    return found


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_request_is_read_into_our_words() -> None:
    assert read(cancel_line_items=[a_line(), a_line(order_line_item_id="577086512123755124")]) == (
        CancellationFacts(
            id="4035318504086604499",  # type: ignore[arg-type]
            order="576461413038785752",  # type: ignore[arg-type]
            initiator=Initiator.BUYER,
            is_request=True,
            status=CancellationStatus.PENDING,
            reason="ecom_order_to_ship_canceled_reason_no_longer_needed",
            line_ids=("577086512123755123", "577086512123755124"),  # type: ignore[arg-type]
            requested_at=at(ASKED),
            updated_at=at(CHANGED),
            respond_by=at(DUE),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("spelled", "status"),
    [
        ("CANCELLATION_REQUEST_PENDING", CancellationStatus.PENDING),
        ("CANCELLATION_REQUEST_SUCCESS", CancellationStatus.GRANTED),
        ("CANCELLATION_REQUEST_COMPLETE", CancellationStatus.GRANTED),
        ("CANCELLATION_REQUEST_CANCEL", CancellationStatus.CLOSED),
        ("CANCELLATION_REQUEST_CANCELLED", CancellationStatus.CLOSED),
    ],
)
def test_every_spelling_of_a_status_is_known(spelled: str, status: CancellationStatus) -> None:
    assert facts(cancel_status=spelled).status is status


@pytest.mark.parametrize("spelled", ["CANCELLATION_REQUEST_PAUSED", "PENDING_CANCELLATION", "CANCELLATION_REQUEST_"])
def test_an_unknown_status_is_unreadable_and_is_named(spelled: str) -> None:
    assert unreadable(a_payload(cancel_status=spelled)) == UnreadableCancellation(
        id="4035318504086604499",
        order="576461413038785752",
        problem=f"cancel_status: {spelled!r} is not known",
    )


@pytest.mark.parametrize(
    ("cancel_type", "role", "is_request", "initiator", "unknown"),
    [
        ("BUYER_CANCEL", "BUYER", True, Initiator.BUYER, ()),
        ("CANCEL", "SELLER", False, Initiator.SELLER, ()),
        ("CANCEL", "SYSTEM", False, Initiator.PLATFORM, ()),
        ("CANCEL", "OPERATOR", False, Initiator.PLATFORM, ()),
        ("CANCEL", "BUYER", False, Initiator.BUYER, ()),
        ("CANCEL", "ROBOT", False, Initiator.PLATFORM, ("cancel role ROBOT",)),
        ("CANCEL", None, False, Initiator.PLATFORM, ()),
        ("BUYER_CANCEL", "", True, Initiator.BUYER, ()),
        ("ASKED_FOR", "BUYER", True, Initiator.BUYER, ("cancel type ASKED_FOR",)),
        ("ASKED_FOR", "SELLER", False, Initiator.SELLER, ("cancel type ASKED_FOR",)),
        (None, "BUYER", True, Initiator.BUYER, ()),
    ],
)
def test_type_and_role_tell_who_started_it_and_whether_it_asks(
    *, cancel_type: str | None, role: str | None, is_request: bool, initiator: Initiator, unknown: tuple[str, ...]
) -> None:
    found, listed = read(cancel_type=cancel_type, role=role)
    assert (found.is_request, found.initiator, listed) == (is_request, initiator, unknown)


@pytest.mark.parametrize("action", ["SELLER_RESPOND_CANCEL", "SELLER_RESPOND_BUYER_CANCEL"])
def test_both_names_of_the_action_give_the_deadline(action: str) -> None:
    found, unknown = read(seller_next_action_response=[{"action": action, "deadline": DUE}])
    assert (found.respond_by, unknown) == (at(DUE), ())


def test_an_unknown_action_of_an_open_request_gives_the_deadline_and_is_listed() -> None:
    found, unknown = read(seller_next_action_response=[{"action": "SELLER_DECIDES", "deadline": DUE}])
    assert (found.respond_by, unknown) == (at(DUE), ("cancel action SELLER_DECIDES",))


def test_the_earliest_deadline_counts() -> None:
    later = {"action": "SELLER_RESPOND_BUYER_CANCEL", "deadline": DUE + 3600}
    none = {"action": "SELLER_RESPOND_CANCEL", "deadline": 0}
    assert facts(seller_next_action_response=[later, none, DEADLINE]).respond_by == at(DUE)


@pytest.mark.parametrize("absent", [None, [], [{"action": "SELLER_RESPOND_CANCEL"}]])
def test_a_request_may_have_no_deadline(absent: object) -> None:
    found, unknown = read(seller_next_action_response=absent)
    assert (found.respond_by, unknown) == (None, ())


@pytest.mark.parametrize("status", ["SUCCESS", "COMPLETE", "CANCELLED"])
def test_only_an_open_request_has_a_deadline(status: str) -> None:
    still_there = [{"action": "SELLER_LOOKS", "deadline": DUE}]
    found, unknown = read(
        cancel_status=f"CANCELLATION_REQUEST_{status}", seller_next_action_response=[DEADLINE, *still_there]
    )
    assert (found.respond_by, unknown) == (None, ())


@pytest.mark.parametrize("value", ["Jane says so", "THIRD-PARTY", " ", "W" * 65, 7, ["BUYER"]])
def test_what_is_no_word_is_unknown_and_counted_without_being_quoted(value: object) -> None:
    actions = [{"action": value, "deadline": DUE}]
    found, unknown = read(role=value, seller_next_action_response=actions)
    assert (found.is_request, found.initiator, found.respond_by) == (True, Initiator.PLATFORM, at(DUE))
    assert unknown == ("cancel role that is no word", "cancel action that is no word")
    found, unknown = read(cancel_type=value)
    assert (found.is_request, found.initiator, unknown) == (True, Initiator.BUYER, ("cancel type that is no word",))


def test_a_line_that_comes_twice_is_one_line() -> None:
    assert facts(cancel_line_items=[a_line(), a_line()]).line_ids == ("577086512123755123",)


def test_people_s_words_are_not_kept_as_a_reason() -> None:
    found, unknown = read(cancel_reason="Jane moved house")
    assert (found.reason, unknown) == ("", ("cancel reason that is no key",))


def test_an_absent_reason_is_empty() -> None:
    found, unknown = read(cancel_reason=None)
    assert (found.reason, unknown) == ("", ())


def test_what_people_wrote_does_not_reach_the_facts() -> None:
    assert "Jane" not in repr(facts())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cancel_id", None),
        ("order_id", 576461413038785752),
        ("cancel_status", None),
        ("cancel_status", "Jane says so"),
        ("create_time", 0),
        ("update_time", "1780304470"),
        ("cancel_line_items", []),
        ("cancel_line_items", None),
        ("cancel_line_items", [{"sku_id": "1"}]),
        ("seller_next_action_response", [{"action": "SELLER_RESPOND_CANCEL", "deadline": "tomorrow"}]),
    ],
)
def test_a_broken_field_is_named_without_what_stands_there(name: str, value: object) -> None:
    found = unreadable(a_payload(**{name: value}))
    assert found.problem.startswith(name)
    assert "Jane" not in found.problem
    assert found.id == ("" if name == "cancel_id" else "4035318504086604499")
    assert found.order == ("" if name == "order_id" else "576461413038785752")


@pytest.mark.parametrize("raw", [None, [], "a text", {}])
def test_what_is_no_cancellation_at_all_is_unreadable_without_ids(raw: object) -> None:
    found = unreadable(raw)
    assert (found.id, found.order) == ("", "")
    assert found.problem
