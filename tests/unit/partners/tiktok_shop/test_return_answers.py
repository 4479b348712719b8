"""What the simulator never answers: other shapes, ineligible by silence, pages without an end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.errors import OutcomeUnknownError, RejectedError
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.returning.returns import Question
from order_sync.partners.tiktok_shop.returns import Returns
from tests.unit.partners.tiktok_shop.one_shop import NOON, shop_that_gets

ORDER, LINE, OTHER_LINE = OrderId("576461413038785752"), LineId("577086512123755123"), LineId("577086512123755124")
RETURN = ReturnId("4035318504086604111")
APPROVE = {"decision": "APPROVE_RECEIVED_PACKAGE", "eligible": True}
REJECT = {"decision": "REJECT_RECEIVED_PACKAGE", "eligible": True}
REFUSED = APPROVE | {"eligible": False}
NOT_TAKEN = "TikTok Shop does not take APPROVE_RECEIVED_PACKAGE now"


def returns_that_get(*data: object) -> Returns:
    return shop_that_gets(*data).returns


def search(returns: Returns) -> object:
    return returns.search(NOON - timedelta(minutes=15), NOON)


def rejections(returns: Returns) -> tuple[str, ...]:
    return returns.reasons_to_reject(RETURN, Question.RECEIVE_PACKAGE)


def approval(returns: Returns) -> str:
    return returns.may_approve(RETURN, Question.RECEIVE_PACKAGE)


def reasons(returns: Returns) -> object:
    return returns.refund_reasons(ORDER)


@pytest.mark.parametrize(
    ("call", "data"),
    [
        (search, None),
        (search, {"total_count": 3}),
        (search, {"return_orders": "none"}),
        (search, {"next_page_token": 7}),
        (rejections, None),
        (rejections, {}),
        (rejections, {"decisions": [{"eligible": True}]}),
        (approval, None),
        (approval, {"decisions": [APPROVE | {"eligible": "yes"}]}),
        (reasons, None),
        (reasons, {}),
        (reasons, {"sku_eligibility": [{"line_item_eligibility": [{"order_line_items_ids": [7]}]}]}),
    ],
)
def test_an_answer_of_another_shape_is_never_an_empty_one(call: Callable[[Returns], object], data: object) -> None:
    with pytest.raises(RejectedError, match="the answer cannot be read: "):
        call(returns_that_get(data))


@pytest.mark.parametrize("data", [None, {}, {"return_id": None}, {"return_id": 7}])
def test_a_refund_without_its_id_is_in_doubt(data: object) -> None:
    with pytest.raises(OutcomeUnknownError, match="refund: the answer cannot be read: "):
        returns_that_get(data).refund(ORDER, [LINE], "a_reason", "key")


@pytest.mark.parametrize("data", [None, {}, {"anything": 1}])
def test_an_accepted_answer_needs_no_data(data: object) -> None:
    returns_that_get(data).approve(RETURN, Question.REFUND)
    returns_that_get(data).reject(RETURN, Question.REFUND, "a_reason")


def test_pages_without_an_end_are_given_up() -> None:
    with pytest.raises(RejectedError, match="read returns of orders: the pages have no end"):
        returns_that_get({"return_orders": [], "next_page_token": "again"}).of_orders([ORDER])


def test_what_cannot_be_read_on_any_page_is_kept() -> None:
    first = {"return_orders": [{"return_id": RETURN, "order_id": ORDER}], "next_page_token": "more"}
    last = {"return_orders": [None], "next_page_token": "", "total_count": 2}
    page = returns_that_get(first, last).read([RETURN])
    assert [(each.id, each.order) for each in page.unreadable] == [(RETURN, ORDER), ("", "")]
    assert page.returns == ()


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        ([], ()),
        ([APPROVE], ()),
        ([APPROVE, REJECT | {"eligible": None}], ()),
        ([REJECT | {"eligible": False}], ()),
        ([{"decision": "REJECT_RETURN", "eligible": True, "available_reject_reasons": [{"name": "other"}]}], ()),
        ([REJECT | {"available_reject_reasons": [{"name": "used", "text": "Used"}]}], ("used",)),
    ],
)
def test_a_rejection_is_possible_only_when_tiktok_says_so(data: list[Any], reasons: tuple[str, ...]) -> None:
    assert rejections(returns_that_get({"decisions": data})) == reasons


@pytest.mark.parametrize("listed", [{}, {"available_reject_reasons": None}, {"available_reject_reasons": []}])
def test_reject_reasons_that_are_not_listed_come_from_their_own_call(listed: dict[str, object]) -> None:
    own = {"reasons": [{"name": "used", "text": "Used"}, {"name": "empty_box", "text": "Empty box"}]}
    assert rejections(returns_that_get({"decisions": [REJECT | listed]}, own)) == ("used", "empty_box")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ([APPROVE], ""),
        ([APPROVE | {"ineligible_reason": "left over"}], ""),
        ([APPROVE | {"eligible": False, "ineligible_reason": "Not received"}, APPROVE], ""),
        ([REFUSED | {"ineligible_reason": "not_received"}], "not_received"),
        ([REFUSED | {"ineligible_reason": "not_received", "ineligible_code": 25011013}], "not_received"),
        ([REFUSED | {"ineligible_code": 25011013}], f"{NOT_TAKEN} (code 25011013)"),
        ([REFUSED | {"ineligible_code": None}], NOT_TAKEN),
        ([REFUSED | {"ineligible_code": "Jane"}], NOT_TAKEN),
        ([REFUSED | {"ineligible_code": True}], NOT_TAKEN),
        ([APPROVE | {"eligible": None, "ineligible_reason": None}], NOT_TAKEN),
        ([REJECT], NOT_TAKEN),
        ([], NOT_TAKEN),
    ],
)
def test_an_approval_is_possible_only_when_tiktok_says_so(data: list[Any], why: str) -> None:
    assert approval(returns_that_get({"decisions": data})) == why


@pytest.mark.parametrize("words", ["Jane has not sent it", "x" * 129, "call +1 555 0100", "Jane\n", "Zoë", " "])
def test_why_an_approval_is_not_taken_is_said_in_our_words_where_tiktok_s_are_no_key(words: str) -> None:
    refused = REFUSED | {"ineligible_reason": words}
    assert approval(returns_that_get({"decisions": [refused]})) == NOT_TAKEN
    with_code = refused | {"ineligible_code": 25011013}
    assert approval(returns_that_get({"decisions": [with_code]})) == f"{NOT_TAKEN} (code 25011013)"


def test_reject_reasons_that_are_no_keys_are_offered_to_nobody() -> None:
    listed = [{"name": name} for name in ("Jane is angry", "used", "x" * 129, "empty_box")]
    assert rejections(returns_that_get({"decisions": [REJECT | {"available_reject_reasons": listed}]})) == (
        "used",
        "empty_box",
    )
    own = {"reasons": [{"name": "Jane is angry"}, {"name": "used"}]}
    assert rejections(returns_that_get({"decisions": [REJECT]}, own)) == ("used",)
    assert rejections(returns_that_get({"decisions": [REJECT]}, {"reasons": [{"name": "Jane is angry"}]})) == ()


def test_reject_reasons_of_which_none_is_a_key_come_from_their_own_call() -> None:
    listed = {"available_reject_reasons": [{"name": "Jane is angry"}]}
    own = {"reasons": [{"name": "used"}]}
    assert rejections(returns_that_get({"decisions": [REJECT | listed]}, own)) == ("used",)


def test_reasons_to_refund_that_are_no_keys_are_offered_to_nobody() -> None:
    names = ["Jane is angry", "damaged", "buyer_refund_package_didn't_arrive_on_time"]
    lines = {"request_type": "REFUND", "eligible": True, "available_reason_names": names}
    data = {"sku_eligibility": [{"line_item_eligibility": [lines | {"order_line_items_ids": [LINE]}]}]}
    assert returns_that_get(data).refund_reasons(ORDER) == {
        LINE: ("damaged", "buyer_refund_package_didn't_arrive_on_time")
    }


@pytest.mark.parametrize("request_type", ["REFUND", "RETURN", "", None])
def test_reasons_to_refund_are_known_by_every_spelling_of_what_was_asked_for(request_type: str | None) -> None:
    lines = {"request_type": request_type, "eligible": True, "available_reason_names": ["damaged", "damaged"]}
    named = [
        lines | {"order_line_items_ids": [LINE]},
        lines | {"order_line_list": [{"order_line_item_id": OTHER_LINE}]},
    ]
    data = {"sku_eligibility": [{"sku_id": "1", "line_item_eligibility": [each]} for each in named]}
    assert returns_that_get(data).refund_reasons(ORDER) == {LINE: ("damaged",), OTHER_LINE: ("damaged",)}


def test_reasons_to_cancel_or_take_back_and_of_what_is_not_eligible_do_not_count() -> None:
    cancel = {"request_type": "CANCEL", "eligible": True, "available_reason_names": ["out_of_stock"]}
    take_back = {"request_type": "RETURN_AND_REFUND", "eligible": True, "available_reason_names": ["wrong"]}
    refused = {"request_type": "REFUND", "eligible": False, "available_reason_names": ["damaged"]}
    lines = [each | {"order_line_items_ids": [LINE]} for each in (cancel, take_back, refused)]
    data = {"sku_eligibility": [{"line_item_eligibility": lines}]}
    assert returns_that_get(data).refund_reasons(ORDER) == {LINE: ()}
