"""The seller refunds what the buyer wants back: TikTok Shop takes one request about a unit, and it settles both."""

from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.by_seller import decide_refund_started
from order_sync.domain.returning.returns import Question, ReturnLine, SellerRefundState
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, applied, events_of
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    ANSWER_OF_BUYER,
    BOTH,
    CANCEL,
    COMPLETE,
    HOUR,
    REJECT,
    RETURN_ID,
    SHIPPED_BACK,
    SUCCESS,
    TO_SHIP,
    WANTED,
    a_refund,
    a_reported_refund,
    answered,
    answers_told,
    dollars,
    ended,
    facts_of,
    refund_change,
    refund_entry,
    refund_reported,
    refunds_told,
    return_change,
    return_facts,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

OPEN, ACCEPTED, REFUSED = SellerRefundState
SECOND = timedelta(seconds=1)
ASKS: list[dict[str, Any]] = [
    {"kind": ReturnKind.REFUND},
    {"status": SHIPPED_BACK, "question": Question.RECEIVE_PACKAGE, "respond_by": WANTED + 48 * HOUR},
]
"""A refund without goods, and a parcel that came back: approved, both are a refund."""
CHANNELADVISOR: dict[str, Any] = {"id": "channeladvisor-9", "source": Source.CHANNELADVISOR}
ANSWER_THAT_ONE = f"the buyer's return {RETURN_ID} about these units is open: answer that one"


# --- the return first


@pytest.mark.parametrize("asks", ASKS)
@pytest.mark.parametrize("amount", [None, dollars("18.90")])
def test_a_refund_that_the_buyer_asks_for_is_granted_instead(asks: dict[str, Any], amount: Any) -> None:
    change = refund_change(wanted_back(**asks), a_reported_refund(amount=amount))
    assert change is not None
    assert [entry.action for entry in change.outbox if entry.action is not Action.NOTE_RETURN] == [
        Action.APPROVE_RETURN
    ]
    (wish,) = change.seller_refunds
    assert (wish.state, wish.return_id, wish.confirm_by) == (
        OPEN,
        RETURN_ID,
        WANTED + 25 * HOUR + HOUR / 12,
    )
    (known,) = change.returns
    assert (known.answer, known.answered_by) == (Answer.APPROVE, Decider.OMS)
    assert events_of(change) == [Event.SELLER_REFUND_REPORTED, Event.RETURN_ANSWERED]
    assert facts_of(change)[1].detail["reason"] == "the seller refunds it"


def test_a_refund_in_channeladvisor_is_a_person_s_answer() -> None:
    record = refund_reported(wanted_back(**ASKS[0]), **CHANNELADVISOR)
    assert the_return(record).answered_by is Decider.SELLER


@pytest.mark.parametrize("asks", ASKS)
def test_what_was_granted_already_is_only_linked(asks: dict[str, Any]) -> None:
    record = answered(wanted_back(**asks))
    change = refund_change(record, a_reported_refund())
    assert change is not None
    assert (change.outbox, change.returns) == ((), ())
    assert change.seller_refunds[0].return_id == RETURN_ID


@pytest.mark.parametrize("asks", ASKS)
@pytest.mark.parametrize(("status", "state"), [(COMPLETE, ACCEPTED), (REJECT, REFUSED), (CANCEL, REFUSED)])
def test_the_end_of_the_buyer_s_return_is_the_end_of_the_refund(
    asks: dict[str, Any], status: str, state: SellerRefundState
) -> None:
    record = refund_reported(wanted_back(**asks))
    record = wanted_back(record, status, after=3 * HOUR, kind=the_return(record).kind)
    assert the_wish(record).state is state
    settled = [entry for entry in record.outbox if entry.action is Action.SETTLE_SELLER_REFUND]
    assert len(settled) == 1


@pytest.mark.parametrize(
    ("asks", "wish"),
    [
        ({}, {}),
        ({"kind": ReturnKind.REPLACEMENT, "status": "REPLACEMENT_REQUEST_PENDING"}, {}),
        ({"status": TO_SHIP}, {}),
        ({"status": SHIPPED_BACK}, {}),
        ({"status": ANSWER_OF_BUYER}, {}),
        ({"status": SHIPPED_BACK, "in_arbitration": True}, {}),
        ({"kind": ReturnKind.REFUND}, {"amount": dollars("18.89")}),
        ({"kind": ReturnKind.REFUND}, {"line_ids": BOTH}),
        ({"kind": ReturnKind.REFUND, "lines": the_lines(*BOTH)}, {"amount": dollars("18.90")}),
        ({"status": "SOMETHING_NEW"}, {}),
    ],
)
def test_another_refund_of_what_a_buyer_s_return_is_about_is_refused(
    asks: dict[str, Any], wish: dict[str, Any]
) -> None:
    record = wanted_back(**asks)
    change = refund_change(record, a_reported_refund(**wish))
    assert change is not None
    (kept,) = change.seller_refunds
    assert (kept.state, kept.detail) == (REFUSED, ANSWER_THAT_ONE)
    assert [entry.action for entry in change.outbox] == [Action.SETTLE_SELLER_REFUND]
    assert change.returns == ()


@pytest.mark.parametrize("asks", ASKS)
def test_a_refund_against_the_seller_s_own_rejection_is_refused(asks: dict[str, Any]) -> None:
    record = refund_reported(answered(wanted_back(**asks), Answer.REJECT))
    assert (the_wish(record).state, the_wish(record).detail) == (REFUSED, ANSWER_THAT_ONE)
    assert the_return(record).answer is Answer.REJECT


@pytest.mark.parametrize("status", [REJECT, CANCEL])
def test_a_return_that_has_ended_without_a_refund_stands_in_no_way(status: str) -> None:
    record = refund_reported(wanted_back(status=status))
    assert (the_wish(record).state, refund_entry(record).state) == (OPEN, EntryState.WAITING)


def test_a_return_of_other_units_stands_in_no_way() -> None:
    record = refund_reported(wanted_back(**ASKS[0]), line_ids=(LINE_2,))
    assert (the_wish(record).return_id, refund_entry(record).state) == (None, EntryState.WAITING)
    assert the_return(record).answer is None


def test_a_return_without_amounts_is_granted_for_any_amount() -> None:
    record = wanted_back(kind=ReturnKind.REFUND, lines=(ReturnLine(id=LINE_1),), refund=None)
    assert the_wish(refund_reported(record, amount=dollars("3.00"))).return_id == RETURN_ID


# --- the refund first


@pytest.mark.parametrize("asks", ASKS)
@pytest.mark.parametrize("state", [EntryState.WAITING, EntryState.FAILED])
def test_a_buyer_s_return_that_comes_to_light_takes_the_place_of_what_tiktok_was_not_told(
    asks: dict[str, Any], state: EntryState
) -> None:
    record = refund_reported()
    record = wanted_back(ended(record, refund_entry(record), state), **asks)
    assert (refund_entry(record).state, refund_entry(record).reason) == (
        EntryState.WITHDRAWN,
        f"the buyer's return {RETURN_ID} is answered instead",
    )
    assert (the_wish(record).state, the_wish(record).return_id) == (OPEN, RETURN_ID)
    assert (the_return(record).answer, the_return(record).answered_by) == (Answer.APPROVE, Decider.OMS)
    assert [entry.action for entry in answers_told(record)] == [Action.APPROVE_RETURN]
    assert the_wish(wanted_back(record, COMPLETE, after=9 * HOUR)).state is ACCEPTED


@pytest.mark.parametrize("asks", [{}, {"status": TO_SHIP}, {"kind": ReturnKind.REFUND, "lines": the_lines(*BOTH)}])
def test_a_return_that_is_no_such_refund_refuses_what_tiktok_was_not_told(asks: dict[str, Any]) -> None:
    record = wanted_back(refund_reported(), **asks)
    assert (refund_entry(record).state, refund_entry(record).reason) == (EntryState.WITHDRAWN, ANSWER_THAT_ONE)
    assert (the_wish(record).state, the_wish(record).detail) == (REFUSED, ANSWER_THAT_ONE)
    assert the_return(record).answer is None


@pytest.mark.parametrize(
    "told",
    [
        {"state": EntryState.SENDING},
        {"state": EntryState.WAITING, "in_doubt": True},
        {"state": EntryState.FAILED, "in_doubt": True},
    ],
)
@pytest.mark.parametrize("asks", [*ASKS, {}])
def test_what_tiktok_may_have_been_told_is_left_to_tiktok(asks: dict[str, Any], told: dict[str, Any]) -> None:
    record = refund_reported()
    record = ended(record, refund_entry(record), **told)
    after = wanted_back(record, **asks)
    assert (refund_entry(after), the_wish(after)) == (refund_entry(record), the_wish(record))
    assert answers_told(after) == []


def test_a_return_of_other_units_that_comes_to_light_changes_nothing_of_the_refund() -> None:
    record = refund_reported(line_ids=(LINE_2,))
    after = wanted_back(record, **ASKS[0])
    assert (refund_entry(after), the_wish(after)) == (refund_entry(record), the_wish(record))


@pytest.mark.parametrize("status", [REJECT, CANCEL])
def test_a_return_that_comes_to_light_when_it_has_ended_changes_nothing_of_the_refund(status: str) -> None:
    record = wanted_back(refund_reported(), status)
    assert (the_wish(record).state, refund_entry(record).state) == (OPEN, EntryState.WAITING)


@pytest.mark.parametrize("status", [SUCCESS, COMPLETE])
@pytest.mark.parametrize("kind", [ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND])
def test_a_return_that_comes_to_light_when_it_is_refunded_refuses_what_tiktok_was_not_told(
    status: str, kind: ReturnKind
) -> None:
    record = wanted_back(refund_reported(amount=dollars("5.00")), status, kind=kind)
    assert refund_entry(record).state is EntryState.WITHDRAWN
    assert the_wish(record).state is REFUSED
    assert "refunded already, or is being refunded" in the_wish(record).detail


def test_a_question_that_opens_later_on_a_linked_return_is_granted_as_well() -> None:
    record = refund_reported()
    change = decide_refund_started(record, refund_entry(record), WANTED + 2 * HOUR, return_id=RETURN_ID)
    record = wanted_back(applied(record, change), kind=ReturnKind.REFUND, question=None, after=3 * HOUR)
    assert answers_told(record) == []
    record = wanted_back(record, kind=ReturnKind.REFUND, after=4 * HOUR)
    assert [entry.action for entry in answers_told(record)] == [Action.APPROVE_RETURN]
    again = wanted_back(record, kind=ReturnKind.REFUND, after=5 * HOUR, tracking_number="T1")
    assert len(answers_told(again)) == 1


# --- an answer of TikTok Shop's that was lost


def repeated(record: OrderRecord) -> OrderRecord:
    """The refund is told again under its key, and TikTok Shop names the return that it had made."""
    change = decide_refund_started(record, refund_entry(record), WANTED + 9 * HOUR, return_id=RETURN_ID)
    return applied(record, change)


def lost() -> OrderRecord:
    record = refund_reported()
    return ended(record, refund_entry(record), EntryState.WAITING, in_doubt=True)


@pytest.mark.parametrize(
    ("status", "state"), [(SUCCESS, OPEN), (COMPLETE, ACCEPTED), (REJECT, REFUSED), (CANCEL, REFUSED)]
)
def test_a_return_that_was_seen_before_it_was_known_as_the_seller_s_is_linked_by_the_repeat(
    status: str, state: SellerRefundState
) -> None:
    record = wanted_back(lost(), status, kind=ReturnKind.REFUND, after=2 * HOUR)
    assert (the_wish(record).state, the_wish(record).return_id) == (OPEN, None)
    record = repeated(record)
    assert (the_wish(record).state, the_wish(record).return_id) == (state, RETURN_ID)
    settled = [entry for entry in record.outbox if entry.action is Action.SETTLE_SELLER_REFUND]
    assert len(settled) == (state is not OPEN)


def test_a_refund_whose_answer_was_lost_ends_when_its_return_ends() -> None:
    record = repeated(wanted_back(lost(), SUCCESS, kind=ReturnKind.REFUND, after=2 * HOUR))
    record = wanted_back(record, COMPLETE, kind=ReturnKind.REFUND, after=10 * HOUR)
    assert the_wish(record).state is ACCEPTED
    assert len(refunds_told(record)) == 1


def test_another_return_does_not_end_the_refund() -> None:
    record = repeated(wanted_back(lost(), SUCCESS, kind=ReturnKind.REFUND, after=2 * HOUR))
    record = applied(record, return_change(record, return_facts(COMPLETE, id=ANOTHER_ID, lines=the_lines(LINE_2))))
    assert the_wish(record).state is OPEN


def sellers_return(record: OrderRecord, **changes: Any) -> OrderRecord:
    """TikTok Shop shows a refund that a seller started two hours after the buyer could have."""
    values: dict[str, Any] = {
        "kind": ReturnKind.REFUND,
        "initiator": Initiator.SELLER,
        "requested_at": WANTED + 2 * HOUR,
    }
    return wanted_back(record, changes.pop("status", SUCCESS), after=3 * HOUR, **(values | changes))


IN_DOUBT = [
    {"state": EntryState.SENDING},
    {"state": EntryState.WAITING, "in_doubt": True},
    {"state": EntryState.FAILED, "in_doubt": True},
]


@pytest.mark.parametrize("told", IN_DOUBT)
@pytest.mark.parametrize("amount", [None, dollars("18.90")])
def test_a_seller_s_return_is_what_became_of_a_refund_whose_answer_has_not_come(
    told: dict[str, Any], amount: Any
) -> None:
    record = refund_reported(amount=amount)
    record = sellers_return(ended(record, refund_entry(record), **told))
    assert the_wish(record).return_id == RETURN_ID
    assert the_wish(wanted_back(record, COMPLETE, kind=ReturnKind.REFUND, after=4 * HOUR)).state is ACCEPTED


@pytest.mark.parametrize("told", IN_DOUBT)
def test_a_refund_of_channeladvisor_s_own_whose_answer_never_comes_is_not_told_to_it(told: dict[str, Any]) -> None:
    record = refund_reported(**CHANNELADVISOR)
    record = ended(record, refund_entry(record, "channeladvisor-9"), **told)
    record = sellers_return(record, status=COMPLETE)
    assert the_wish(record, "channeladvisor-9").state is ACCEPTED
    assert refunds_told(record) == []


@pytest.mark.parametrize(
    "other",
    [
        {"initiator": Initiator.BUYER},
        {"initiator": Initiator.PLATFORM},
        {"requested_at": WANTED + HOUR - SECOND},
        {"lines": the_lines(*BOTH)},
        {"lines": the_lines(LINE_2)},
        {"refund": a_refund(total=dollars("18.89").amount)},
    ],
)
@pytest.mark.parametrize("told", IN_DOUBT)
def test_another_return_is_not_what_became_of_it(other: dict[str, Any], told: dict[str, Any]) -> None:
    record = refund_reported(amount=dollars("18.90"))
    record = sellers_return(ended(record, refund_entry(record), **told), **other)
    assert (the_wish(record).return_id, the_wish(record).state) == (None, OPEN)


def test_one_return_is_what_became_of_one_refund_alone() -> None:
    record = refund_reported()
    record = sellers_return(ended(record, refund_entry(record), EntryState.SENDING), status=REJECT)
    assert (the_wish(record).state, the_wish(record).return_id) == (REFUSED, RETURN_ID)
    record = refund_reported(record, id="oms-32")
    record = ended(record, refund_entry(record, "oms-32"), EntryState.SENDING)
    record = wanted_back(record, REJECT, kind=ReturnKind.REFUND, after=5 * HOUR)
    assert the_wish(record, "oms-32").return_id is None


def test_a_return_that_was_made_in_seller_center_is_not_what_became_of_an_untold_refund() -> None:
    record = sellers_return(refund_reported())
    assert (the_wish(record).state, the_wish(record).return_id) == (REFUSED, None)
    assert refund_entry(record).state is EntryState.WITHDRAWN
