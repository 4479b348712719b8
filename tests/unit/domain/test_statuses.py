import pytest

from order_sync.domain.orders import Line, LineState, lines_in_state, state_from_lines
from order_sync.domain.statuses import (
    SHIPPING_STATUS_TO_STATE,
    SHIPPING_STATUS_WORDS,
    TIKTOK_TO_STATE,
    TIKTOK_WORDS,
    OrderState,
    ShippingStatus,
    TikTokStatus,
    known_tiktok_status,
    may_follow,
    words_for_tiktok,
)
from tests.builders import LINE_1, LINE_2

# A row is where an order stands, a column where it would go: y is legal, n is refused.
#                             PENDING  RELEASED  ACKNOWLEDGED  PARTIALLY  SHIPPED  CANCELED
TRANSITIONS = """
    PENDING                   n        y         n             y          y        y
    RELEASED_FOR_SHIPMENT     n        n         y             y          y        y
    ACKNOWLEDGED_BY_SELLER    n        n         n             y          y        y
    PARTIALLY_SHIPPED         n        n         n             n          y        y
    SHIPPED                   n        n         n             n          n        y
    CANCELED                  n        n         n             n          n        n
"""
COLUMNS = (
    "PENDING",
    "RELEASED_FOR_SHIPMENT",
    "ACKNOWLEDGED_BY_SELLER",
    "PARTIALLY_SHIPPED",
    "SHIPPED",
    "CANCELED",
)
PAIRS = [
    (row.split()[0], wanted, answer == "y")
    for row in TRANSITIONS.strip().splitlines()
    for wanted, answer in zip(COLUMNS, row.split()[1:], strict=True)
]

# The words that the guide prints in G2, for either side.
WORDS_OF_THE_GUIDE = {
    "Request Pending",
    "Waiting for Buyer to Ship",
    "Return Label Generated",
    "Buyer Shipped",
    "Unshipped",
    "Shipped",
    "Partially Shipped",
    "Pending Shipment",
    "Canceled",
    "Third Party Managed",
    "Awaiting Shipment",
    "Awaiting Collection",
    "In Transit",
    "Delivered",
    "Completed",
}


@pytest.mark.parametrize(("current", "wanted", "legal"), PAIRS)
def test_a_transition_is_legal_or_refused_as_the_table_says(current: str, wanted: str, *, legal: bool) -> None:
    assert may_follow(OrderState(current), OrderState(wanted)) is legal


def test_the_table_of_transitions_knows_every_pair_of_states() -> None:
    assert {(current, wanted) for current, wanted, _ in PAIRS} == {(a, b) for a in OrderState for b in OrderState}


@pytest.mark.parametrize(
    ("tiktok", "state", "words"),
    [
        ("UNPAID", "PENDING", "Pending Shipment"),
        ("ON_HOLD", "PENDING", "Pending Shipment"),
        ("AWAITING_SHIPMENT", "RELEASED_FOR_SHIPMENT", "Awaiting Shipment"),
        ("PARTIALLY_SHIPPING", "PARTIALLY_SHIPPED", "Partially Shipped"),
        ("AWAITING_COLLECTION", "SHIPPED", "Awaiting Collection"),
        ("IN_TRANSIT", "SHIPPED", "In Transit"),
        ("DELIVERED", "SHIPPED", "Delivered"),
        ("COMPLETED", "SHIPPED", "Completed"),
        ("CANCELLED", "CANCELED", "Canceled"),
    ],
)
def test_a_status_of_tiktok_has_a_state_and_a_word(tiktok: str, state: str, words: str) -> None:
    assert TIKTOK_TO_STATE[TikTokStatus(tiktok)] == state
    assert words_for_tiktok(tiktok) == words


@pytest.mark.parametrize(
    ("shipping_status", "state", "words"),
    [
        ("Unshipped", "RELEASED_FOR_SHIPMENT", "Unshipped"),
        ("PendingShipment", "ACKNOWLEDGED_BY_SELLER", "Pending Shipment"),
        ("PartiallyShipped", "PARTIALLY_SHIPPED", "Partially Shipped"),
        ("Shipped", "SHIPPED", "Shipped"),
        ("Canceled", "CANCELED", "Canceled"),
        ("ThirdPartyManaged", None, "Third Party Managed"),
    ],
)
def test_a_shipping_status_has_a_state_and_a_word(shipping_status: str, state: str | None, words: str) -> None:
    assert SHIPPING_STATUS_TO_STATE[ShippingStatus(shipping_status)] == state
    assert SHIPPING_STATUS_WORDS[ShippingStatus(shipping_status)] == words


def test_no_status_is_left_out_of_a_mapping() -> None:
    assert set(TIKTOK_TO_STATE) == set(TIKTOK_WORDS) == set(TikTokStatus)
    assert set(SHIPPING_STATUS_TO_STATE) == set(SHIPPING_STATUS_WORDS) == set(ShippingStatus)


def test_people_see_only_words_of_the_guide() -> None:
    shown = {*TIKTOK_WORDS.values(), *SHIPPING_STATUS_WORDS.values()}
    assert shown <= WORDS_OF_THE_GUIDE


def test_an_unknown_status_is_shown_as_it_came() -> None:
    assert known_tiktok_status("SOMETHING_NEW") is None
    assert words_for_tiktok("SOMETHING_NEW") == "SOMETHING_NEW"


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("OPEN", "OPEN", None),
        ("OPEN", "IN_PARCEL", None),
        ("IN_PARCEL", "IN_PARCEL", None),
        ("OPEN", "CANCELED", None),
        ("IN_PARCEL", "CANCELED", None),
        ("OPEN", "SHIPPED", "PARTIALLY_SHIPPED"),
        ("IN_PARCEL", "SHIPPED", "PARTIALLY_SHIPPED"),
        ("SHIPPED", "SHIPPED", "SHIPPED"),
        ("SHIPPED", "CANCELED", "SHIPPED"),
        ("CANCELED", "CANCELED", "CANCELED"),
    ],
)
def test_the_lines_say_how_far_an_order_is(first: str, second: str, state: str | None) -> None:
    one, two = Line(id=LINE_1, sku="A", state=LineState(first)), Line(id=LINE_2, sku="A", state=LineState(second))
    assert state_from_lines([one, two]) == state
    assert state_from_lines([two, one]) == state


def test_an_order_without_lines_says_nothing_about_its_state() -> None:
    assert state_from_lines([]) is None


@pytest.mark.parametrize("current", list(LineState))
@pytest.mark.parametrize("wanted", list(LineState))
def test_a_line_never_moves_back(current: LineState, wanted: LineState) -> None:
    ranks = ["OPEN", "IN_PARCEL", "SHIPPED", "CANCELED"]
    (line,) = lines_in_state([Line(id=LINE_1, sku="A", state=current)], [LINE_1], wanted)
    assert line == Line(id=LINE_1, sku="A", state=max(current, wanted, key=ranks.index))
