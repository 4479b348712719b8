"""What the simulator never answers: other shapes, ineligible by silence, pages without an end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.errors import OutcomeUnknownError, RejectedError
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.partners.tiktok_shop.cancellations import Cancellations
from tests.unit.partners.tiktok_shop.one_shop import NOON, shop_that_gets

ORDER, LINE, OTHER_LINE = OrderId("576461413038785752"), LineId("577086512123755123"), LineId("577086512123755124")
REQUEST = CancelId("4035318504086604499")
APPROVE = {"decision": "APPROVE_REQUEST_CANCEL", "eligible": True}
REJECT = {"decision": "REJECT_REQUEST_CANCEL", "eligible": True}


def cancellations_that_get(*data: object) -> Cancellations:
    return shop_that_gets(*data).cancellations


def search(cancellations: Cancellations) -> object:
    return cancellations.search(NOON - timedelta(minutes=15), NOON)


def decisions(cancellations: Cancellations) -> object:
    return cancellations.reasons_to_reject(REQUEST)


def reasons(cancellations: Cancellations) -> object:
    return cancellations.seller_reasons(ORDER)


@pytest.mark.parametrize(
    ("call", "data"),
    [
        (search, None),
        (search, {"total_count": 3}),
        (search, {"cancellations": "none"}),
        (search, {"next_page_token": 7}),
        (decisions, None),
        (decisions, {}),
        (decisions, {"decisions": [{"eligible": True}]}),
        (decisions, {"decisions": [APPROVE | {"eligible": "yes"}]}),
        (reasons, None),
        (reasons, {}),
        (reasons, {"sku_eligibility": [{"line_item_eligibility": [{"order_line_items_ids": [7]}]}]}),
    ],
)
def test_an_answer_of_another_shape_is_never_an_empty_one(
    call: Callable[[Cancellations], object], data: object
) -> None:
    with pytest.raises(RejectedError, match="the answer cannot be read: "):
        call(cancellations_that_get(data))


@pytest.mark.parametrize("data", [None, {}, {"cancel_id": None}, {"cancel_id": 7}])
def test_a_cancellation_without_its_id_is_in_doubt(data: object) -> None:
    with pytest.raises(OutcomeUnknownError, match="cancel order: the answer cannot be read: "):
        cancellations_that_get(data).cancel(ORDER, "seller_cancel_reason_out_of_stock")


@pytest.mark.parametrize("data", [None, {}, {"anything": 1}])
def test_an_accepted_answer_needs_no_data(data: object) -> None:
    cancellations_that_get(data).approve(REQUEST)


def test_pages_without_an_end_are_given_up() -> None:
    with pytest.raises(RejectedError, match="read cancellations of orders: the pages have no end"):
        cancellations_that_get({"cancellations": [], "next_page_token": "again"}).of_orders([ORDER])


def test_what_cannot_be_read_on_any_page_is_kept() -> None:
    first = {"cancellations": [{"cancel_id": REQUEST, "order_id": ORDER}], "next_page_token": "more"}
    last = {"cancellations": [None], "next_page_token": "", "total_count": 2}
    page = cancellations_that_get(first, last).read([REQUEST])
    assert [(each.id, each.order) for each in page.unreadable] == [(REQUEST, ORDER), ("", "")]


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        ([], ()),
        ([APPROVE], ()),
        ([APPROVE, REJECT | {"eligible": None}], ()),
        ([APPROVE | {"eligible": False}, REJECT | {"eligible": False}], ()),
        ([{"decision": "SOMETHING_NEW", "eligible": True}], ()),
        (
            [REJECT | {"available_reject_reasons": [{"name": "packed", "text": "Packed"}]}],
            ("packed",),
        ),
    ],
)
def test_a_rejection_is_possible_only_when_tiktok_says_so(data: list[Any], reasons: tuple[str, ...]) -> None:
    assert cancellations_that_get({"decisions": data}).reasons_to_reject(REQUEST) == reasons


@pytest.mark.parametrize("listed", [{}, {"available_reject_reasons": None}, {"available_reject_reasons": []}])
def test_reject_reasons_that_are_not_listed_come_from_their_own_call(listed: dict[str, object]) -> None:
    own = {"reasons": [{"name": "packed", "text": "Packed"}, {"name": "on_its_way", "text": "On its way"}]}
    cancellations = cancellations_that_get({"decisions": [APPROVE, REJECT | listed]}, own)
    assert cancellations.reasons_to_reject(REQUEST) == ("packed", "on_its_way")


def test_reject_reasons_that_are_no_keys_are_offered_to_nobody() -> None:
    listed = {"available_reject_reasons": [{"name": "Jane is angry"}, {"name": "packed"}]}
    assert cancellations_that_get({"decisions": [REJECT | listed]}).reasons_to_reject(REQUEST) == ("packed",)


@pytest.mark.parametrize(
    "named",
    [
        {"order_line_items_ids": [LINE, OTHER_LINE]},
        {"order_line_list": [{"order_line_item_id": LINE}, {"order_line_item_id": OTHER_LINE}]},
    ],
)
def test_lines_are_known_by_both_ways_to_name_them(named: dict[str, object]) -> None:
    lines = named | {"request_type": "CANCEL", "eligible": True, "available_reason_names": ["out_of_stock"]}
    data = {"sku_eligibility": [{"sku_id": "1", "line_item_eligibility": [lines]}]}
    assert cancellations_that_get(data).seller_reasons(ORDER) == {
        LINE: ("out_of_stock",),
        OTHER_LINE: ("out_of_stock",),
    }


def test_reasons_of_returns_and_of_what_is_not_eligible_do_not_count() -> None:
    returns = {"request_type": "REFUND", "eligible": True, "available_reason_names": ["damaged"]}
    refused = {"request_type": "CANCEL", "eligible": False, "available_reason_names": ["out_of_stock"]}
    lines = [each | {"order_line_items_ids": [LINE]} for each in (returns, refused)]
    data = {"sku_eligibility": [{"line_item_eligibility": lines}]}
    assert cancellations_that_get(data).seller_reasons(ORDER) == {LINE: ()}
