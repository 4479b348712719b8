"""Which state of ours a return is in: every status of TikTok's, with a label or none, in arbitration, of each kind."""

from datetime import timedelta

import pytest

from order_sync.domain.returning.returns import ReturnFacts
from order_sync.domain.returning.statuses import (
    ENDED,
    FINAL,
    RETURN_STATES,
    RETURN_WORDS,
    ReturnKind,
    ReturnState,
    ReturnStatus,
    known_return_status,
    may_follow,
    state_of,
)
from order_sync.partners.tiktok_shop.return_reading import read_return
from tests.adapters.tiktok_shop.return_payloads import CHANGED, a_return
from tests.builders import ORDER_ID, applied
from tests.unit.domain.returning.scenes import (
    RETURN_ID,
    SHIPPED_BACK,
    TO_SHIP,
    return_change,
    shipped,
    the_return,
    wanted_back,
)
from tests.unit.domain.returning.tables import MAY_FOLLOW, MEANINGS, PAIRS, L, X


@pytest.mark.parametrize("status", MEANINGS)
@pytest.mark.parametrize("kind", ReturnKind)
@pytest.mark.parametrize("has_label", [False, True])
@pytest.mark.parametrize("in_arbitration", [False, True])
def test_each_status_means_one_state(status: str, kind: ReturnKind, *, has_label: bool, in_arbitration: bool) -> None:
    as_a_rule, labelled, without_goods, disputed = MEANINGS[status]
    if in_arbitration:
        expected = disputed
    elif kind is ReturnKind.REFUND and without_goods is not as_a_rule:
        expected = without_goods
    else:
        expected = labelled if has_label else as_a_rule
    assert state_of(status, kind, has_label=has_label, in_arbitration=in_arbitration) is expected


def test_the_table_of_the_tests_has_every_status() -> None:
    assert set(MEANINGS) == {*ReturnStatus, "SOMETHING_NEW"}
    assert set(RETURN_STATES) == set(ReturnStatus)
    assert known_return_status("SOMETHING_NEW") is None


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_each_state_is_followed_only_by_what_may_follow_it(before: ReturnState, after: ReturnState) -> None:
    assert may_follow(before, after) is MAY_FOLLOW[before, after]


def test_there_are_144_pairs() -> None:
    assert len(PAIRS) == len(MAY_FOLLOW) == 144


def test_nothing_follows_a_final_state_and_something_follows_every_other() -> None:
    followed = {before for (before, _), follows in MAY_FOLLOW.items() if follows}
    assert set(ReturnState) - FINAL == followed


@pytest.mark.parametrize("state", [state for state in ReturnState if state not in ENDED])
def test_every_open_state_can_end_in_every_end(state: ReturnState) -> None:
    assert all(may_follow(state, end) for end in FINAL)


def test_the_four_words_of_the_guide_are_shown_as_they_stand_there() -> None:
    assert [RETURN_WORDS[state] for state in list(ReturnState)[:4]] == [
        "Request Pending",
        "Waiting for Buyer to Ship",
        "Return Label Generated",
        "Buyer Shipped",
    ]
    assert len(set(RETURN_WORDS.values())) == len(ReturnState)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_a_return_remains_waiting_for_buyer_to_ship_until_a_return_label_is_generated() -> None:
    record = wanted_back(wanted_back(), TO_SHIP, after=hours(1))
    assert RETURN_WORDS[the_return(record).state] == "Waiting for Buyer to Ship"
    for later in (2, 30, 300):
        record = wanted_back(record, TO_SHIP, after=hours(later))
        assert RETURN_WORDS[the_return(record).state] == "Waiting for Buyer to Ship"
    record = wanted_back(record, TO_SHIP, after=hours(301), has_label=True)
    assert RETURN_WORDS[the_return(record).state] == "Return Label Generated"


@pytest.mark.parametrize(
    "evidence",
    [
        {"return_shipping_document_type": "SHIPPING_LABEL"},
        {"return_tracking_number": "9205590164917312751089"},
        {"return_shipping_document_type": "QR_CODE", "return_tracking_number": "9205590164917312751089"},
    ],
)
def test_each_evidence_of_a_label_is_enough_alone(evidence: dict[str, str]) -> None:
    raw = a_return(return_id=RETURN_ID, order_id=ORDER_ID, return_status=TO_SHIP, seller_next_action_response=[])
    facts, _ = read_return(raw)
    assert isinstance(facts, ReturnFacts)
    record = applied(shipped(), return_change(shipped(), facts))
    assert RETURN_WORDS[the_return(record).state] == "Waiting for Buyer to Ship"
    facts, _ = read_return(raw | {"update_time": CHANGED + 60} | evidence)
    assert isinstance(facts, ReturnFacts)
    record = applied(record, return_change(record, facts))
    assert RETURN_WORDS[the_return(record).state] == "Return Label Generated"


@pytest.mark.parametrize("number", ["", "9205590164917312751089"])
def test_a_label_that_tiktok_stops_showing_still_exists(number: str) -> None:
    record = wanted_back(wanted_back(status=TO_SHIP), TO_SHIP, after=hours(1), has_label=True, tracking_number=number)
    record = wanted_back(record, TO_SHIP, after=hours(2))
    assert the_return(record).state is L
    assert the_return(record).tracking_number == number


def test_a_label_that_came_with_the_request_counts_once_the_buyer_may_ship() -> None:
    record = wanted_back(has_label=True)
    assert RETURN_WORDS[the_return(record).state] == "Request Pending"
    assert the_return(wanted_back(record, TO_SHIP, after=hours(1))).state is L


def test_what_is_on_its_way_is_not_waited_for_though_nobody_saw_a_label() -> None:
    record = wanted_back(wanted_back(status=TO_SHIP), SHIPPED_BACK, after=hours(1))
    assert RETURN_WORDS[the_return(record).state] == "Buyer Shipped"


@pytest.mark.parametrize("status", [TO_SHIP, SHIPPED_BACK])
def test_a_rejected_return_goes_on_where_an_arbitration_was_missed(status: str) -> None:
    record = wanted_back(wanted_back(), "REFUND_OR_RETURN_REQUEST_REJECT", after=hours(1))
    record = wanted_back(record, status, after=hours(90), arbitration="SUPPORT_BUYER")
    assert the_return(record).status_text == status


def test_a_request_that_comes_back_from_arbitration_is_asked_about_again() -> None:
    record = wanted_back(wanted_back(), in_arbitration=True, after=hours(1), question=None)
    assert the_return(record).state is X
    record = wanted_back(record, after=hours(2), arbitration="CLOSED")
    assert the_return(record).is_asked
