"""What a sighting of a known return may change: forwards only, in the order of TikTok Shop's own times (TT 4.4)."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.orders import Handling
from order_sync.domain.outbox import Action
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Question, Return, ReturnFacts, ReturnLine
from order_sync.domain.returning.statuses import ENDED, FINAL, RETURN_WORDS, ReturnKind, ReturnState
from order_sync.domain.timeline import Event
from tests.builders import LINE_1, LINE_2, ORDER_ID, applied, events_of
from tests.unit.domain.returning.scenes import (
    BOTH,
    CANCEL,
    COMPLETE,
    HOUR,
    PENDING,
    RETURN_ID,
    SHIPPED_BACK,
    SUCCESS,
    TO_SHIP,
    WANTED,
    a_refund,
    dollars,
    facts_of,
    not_ours,
    return_change,
    return_facts,
    shipped,
    the_lines,
    the_return,
    wanted_back,
)
from tests.unit.domain.returning.tables import MAY_FOLLOW, MEANINGS, L, S, U, W, X

SECOND = timedelta(seconds=1)


class Sight(NamedTuple):
    """How TikTok Shop can show a return."""

    status: str
    evidence: str
    expected: ReturnState

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.status}{self.evidence}"


SIGHTS = [
    *(Sight(status, "", meanings[0]) for status, meanings in MEANINGS.items()),
    Sight(TO_SHIP, "+label", L),
    Sight(PENDING, "+arbitration", X),
    Sight(SUCCESS, "+arbitration", X),
]
PAIRS = [pytest.param(*pair, id=f"{pair[0].name}-{pair[1].name}") for pair in product(SIGHTS, repeat=2)]


def facts(sight: Sight, after: timedelta, **changes: Any) -> ReturnFacts:
    shown = {"has_label": sight.evidence == "+label", "in_arbitration": sight.evidence == "+arbitration"}
    if sight.evidence == "+arbitration":
        changes.setdefault("question", None)
    return return_facts(sight.status, seen_after=after, **(shown | changes))


@cache
def seen_as(sight: Sight) -> OrderRecord:
    return applied(shipped(), return_change(shipped(), facts(sight, HOUR)))


def reached(before: Sight, after: Sight) -> ReturnState:
    """Where a return is that was seen like this first and is seen like that then."""
    label_stays = (before.expected, after.expected) == (L, W)
    is_unknown = after.expected is U and before.expected is not U
    is_offer = after.name == "AWAITING_BUYER_RESPONSE" and before.expected in (W, L, S)
    return before.expected if label_stays or is_unknown or is_offer else after.expected


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_return_is_kept_as_it_is_first_seen(sight: Sight) -> None:
    assert the_return(seen_as(sight)).state is sight.expected


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_newer_sighting_moves_a_return_forwards_or_is_refused(before: Sight, after: Sight) -> None:
    record, newer = seen_as(before), facts(after, HOUR + SECOND)
    state = reached(before, after)
    if state is before.expected or MAY_FOLLOW[before.expected, state]:
        now = the_return(applied(record, return_change(record, newer)))
        is_over = before.expected in FINAL
        assert (now.state, now.updated_at) == (state, WANTED + HOUR + SECOND * (not is_over))
        return
    with pytest.raises(RejectedError) as refusal:
        return_change(record, newer)
    assert str(refusal.value) == (
        f"return {RETURN_ID} cannot go from {RETURN_WORDS[before.expected]!r} to {RETURN_WORDS[state]!r} "
        f"(TikTok's status is {after.status})"
    )


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_sighting_of_the_same_time_moves_a_return_forwards_or_is_ignored(before: Sight, after: Sight) -> None:
    record, state = seen_as(before), reached(before, after)
    now = applied(record, return_change(record, facts(after, HOUR)))
    assert the_return(now).state is (state if MAY_FOLLOW[before.expected, state] else before.expected)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_an_older_sighting_is_ignored(before: Sight, after: Sight) -> None:
    assert return_change(seen_as(before), facts(after, HOUR - SECOND)) is None


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_the_same_sighting_again_changes_nothing(sight: Sight) -> None:
    assert return_change(seen_as(sight), facts(sight, HOUR)) is None


@pytest.mark.parametrize("sight", [sight for sight in SIGHTS if sight.expected in FINAL], ids=lambda each: each.name)
def test_another_amount_touches_no_final_return_and_a_refund_needs_a_person(sight: Sight) -> None:
    record = seen_as(sight)
    newer = facts(sight, 9 * HOUR, refund=a_refund(total=dollars("1.00").amount), tracking_number="T2")
    if sight.expected is not ReturnState.REFUNDED:
        assert return_change(record, newer) is None
        return
    with pytest.raises(RejectedError, match=r"has ended with 18\.90 USD, and TikTok Shop shows 1\.00 USD now"):
        return_change(record, newer)


@pytest.mark.parametrize("sight", [sight for sight in SIGHTS if sight.expected in FINAL], ids=lambda each: each.name)
def test_nothing_else_touches_a_final_return(sight: Sight) -> None:
    assert return_change(seen_as(sight), facts(sight, 9 * HOUR, tracking_number="T2")) is None


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_only_what_is_not_ended_is_asked_about(sight: Sight) -> None:
    change = return_change(shipped(), facts(sight, HOUR, question=Question.RETURN))
    known = the_return(applied(shipped(), change))
    assert known.is_open is (sight.expected not in ENDED)
    assert known.is_asked is known.is_open is (known.question is not None)
    assert (Event.RETURN_QUESTION_OPENED in events_of(change)) is known.is_open
    assert (known.next_due is None) is (not known.is_open)


def test_a_first_sighting_is_on_the_timeline_with_what_is_wanted() -> None:
    change = return_change(shipped(), return_facts(tracking_number="T1", follows=ReturnId("7")))
    requested, opened = facts_of(change)
    assert (requested.event, requested.source, requested.happened_at) == (
        Event.RETURN_REQUESTED,
        "TIKTOK_SHOP",
        WANTED,
    )
    assert requested.detail == {
        "return_id": RETURN_ID,
        "kind": "RETURN_AND_REFUND",
        "initiator": "BUYER",
        "state": "Request Pending",
        "status": PENDING,
        "reason": "ecom_order_delivered_refund_and_return_reason_wrong_product",
        "lines": LINE_1,
        "refund": "18.90 USD",
        "tracking_number": "T1",
        "follows": "7",
    }
    assert opened.event is Event.RETURN_QUESTION_OPENED


def test_every_thing_that_tiktok_shows_is_kept() -> None:
    shown = return_facts(
        TO_SHIP,
        has_label=True,
        tracking_number="T1",
        arbitration="SUPPORT_BUYER",
        follows=ReturnId("7"),
        lines=the_lines(*BOTH),
    )
    known = the_return(applied(shipped(), return_change(shipped(), shown)))
    for name in ("id", "kind", "status_text", "initiator", "reason", "lines", "refund", "requested_at", "updated_at"):
        assert getattr(known, name) == getattr(shown, name)
    for name in ("has_label", "tracking_number", "arbitration", "follows"):
        assert getattr(known, name) == getattr(shown, name)


def test_what_tiktok_does_not_show_any_more_is_not_forgotten() -> None:
    record = wanted_back(
        status=TO_SHIP, has_label=True, tracking_number="T1", arbitration="CLOSED", follows=ReturnId("7")
    )
    before = the_return(record)
    bare = return_facts(SHIPPED_BACK, seen_after=HOUR, refund=None, reason="")
    after = the_return(applied(record, return_change(record, bare)))
    names = ("reason", "refund", "has_label", "tracking_number", "arbitration", "follows", "requested_at", "initiator")
    for name in names:
        assert getattr(after, name) == getattr(before, name) != ""
    assert after.status_text == SHIPPED_BACK


def test_what_tiktok_shows_anew_holds() -> None:
    record = wanted_back(status=TO_SHIP, tracking_number="T1")
    newer = return_facts(
        TO_SHIP,
        seen_after=HOUR,
        tracking_number="T2",
        lines=the_lines(*BOTH),
        kind=ReturnKind.EXCHANGE,
        reason="another",
        arbitration="CLOSED",
    )
    after = the_return(applied(record, return_change(record, newer)))
    assert (after.tracking_number, after.line_ids, after.kind) == ("T2", BOTH, ReturnKind.EXCHANGE)
    assert (after.reason, after.money, after.arbitration) == ("another", dollars("37.80"), "CLOSED")


def test_an_unknown_status_leaves_a_known_return_where_it_was_and_is_kept() -> None:
    record = wanted_back(wanted_back(status=TO_SHIP, has_label=True), "PAUSED_BY_TIKTOK", after=HOUR)
    known = the_return(record)
    assert (known.state, known.status_text, known.updated_at) == (L, "PAUSED_BY_TIKTOK", WANTED + HOUR)
    assert the_return(wanted_back(record, SHIPPED_BACK, after=2 * HOUR)).state is S


def test_an_unknown_status_and_an_unknown_kind_at_first_sight_are_kept_as_such() -> None:
    record = wanted_back(status="PAUSED_BY_TIKTOK", kind=ReturnKind.OTHER)
    known = the_return(record)
    assert (known.state, known.status_text, known.kind) == (U, "PAUSED_BY_TIKTOK", ReturnKind.OTHER)
    assert known.is_open
    assert the_return(wanted_back(record, COMPLETE, after=HOUR, kind=ReturnKind.OTHER)).state is ReturnState.REFUNDED


def test_an_unknown_status_that_asks_is_asked_about() -> None:
    known = the_return(wanted_back(status="PAUSED_BY_TIKTOK", question=Question.RETURN))
    assert (known.is_asked, known.next_due) == (True, WANTED + 24 * HOUR)


def test_the_way_of_a_return_is_on_the_timeline() -> None:
    record = wanted_back(status=TO_SHIP)
    change = return_change(record, return_facts(SHIPPED_BACK, seen_after=HOUR, tracking_number="T1"))
    (fact,) = facts_of(change)
    assert (fact.event, fact.source, fact.happened_at) == (Event.RETURN_CHANGED, "TIKTOK_SHOP", WANTED + HOUR)
    assert fact.detail == {
        "return_id": RETURN_ID,
        "before": "Waiting for Buyer to Ship",
        "after": "Buyer Shipped",
        "status": SHIPPED_BACK,
        "tracking_number": "T1",
    }


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"tracking_number": "T1"}, {"tracking_number": "T1"}),
        ({"refund": a_refund(2)}, {"refund": "37.80 USD"}),
        ({"arbitration": "CLOSED"}, {"arbitration": "CLOSED"}),
        ({"status_text": "PAUSED_BY_TIKTOK"}, {"status": "PAUSED_BY_TIKTOK"}),
    ],
)
def test_what_is_new_about_a_return_that_stays_is_on_the_timeline(
    changes: dict[str, Any], detail: dict[str, str]
) -> None:
    record = wanted_back(status=SHIPPED_BACK)
    (fact,) = facts_of(return_change(record, return_facts(SHIPPED_BACK, seen_after=HOUR, **changes)))
    assert fact.event is Event.RETURN_CHANGED
    assert fact.detail == {"return_id": RETURN_ID, "after": "Buyer Shipped"} | detail


def test_the_label_is_on_the_timeline_once() -> None:
    record = wanted_back(status=TO_SHIP)
    change = return_change(record, return_facts(TO_SHIP, seen_after=HOUR, has_label=True))
    (fact,) = facts_of(change)
    assert (fact.detail["label"], fact.detail["after"]) == ("generated", "Return Label Generated")
    record = applied(record, change)
    assert facts_of(return_change(record, return_facts(TO_SHIP, seen_after=2 * HOUR, has_label=True))) == []


def test_a_mere_touch_is_not_on_the_timeline() -> None:
    change = return_change(wanted_back(), return_facts(seen_after=HOUR))
    assert change is not None
    assert (events_of(change), change.outbox) == ([], ())
    assert change.returns[0].updated_at == WANTED + HOUR


@pytest.mark.parametrize("status", [PENDING, COMPLETE, "SOMETHING_NEW"])
def test_a_return_of_units_that_were_not_bought_is_refused_by_name(status: str) -> None:
    stranger = LineId("577086512123755999")
    lines = (*the_lines(LINE_1), ReturnLine(id=stranger))
    with pytest.raises(RejectedError) as refusal:
        return_change(shipped(), return_facts(status, lines=lines))
    assert str(refusal.value) == (
        f"return {RETURN_ID} is about units that order {ORDER_ID} does not have: ['{stranger}']"
    )


def test_a_known_return_that_grows_beyond_what_was_bought_is_refused() -> None:
    lines = the_lines(LINE_1, LINE_2, LineId("9"))
    with pytest.raises(RejectedError, match=RETURN_ID):
        return_change(wanted_back(), return_facts(TO_SHIP, seen_after=HOUR, lines=lines))


@pytest.mark.parametrize(
    "changes",
    [
        {"refund": a_refund(currency="GBP"), "lines": (ReturnLine(id=LINE_1),)},
        {"refund": None, "lines": (ReturnLine(id=LINE_1, refund=a_refund(currency="GBP")),)},
        {"refund": a_refund(), "lines": (ReturnLine(id=LINE_1, refund=a_refund(currency="GBP")),)},
    ],
)
@pytest.mark.parametrize("status", [PENDING, COMPLETE])
def test_a_return_in_another_currency_than_the_order_is_refused_by_name(status: str, changes: dict[str, Any]) -> None:
    with pytest.raises(RejectedError) as refusal:
        return_change(shipped(), return_facts(status, **changes))
    assert str(refusal.value) == f"return {RETURN_ID} of order {ORDER_ID} is in several currencies: GBP, USD"


def test_two_currencies_in_one_return_are_refused_though_nobody_knows_what_was_paid() -> None:
    lines = (ReturnLine(id=LINE_1, refund=a_refund()), ReturnLine(id=LINE_2, refund=a_refund(currency="GBP")))
    with pytest.raises(RejectedError, match="several currencies: GBP, USD"):
        return_change(shipped(paid=None), return_facts(lines=lines, refund=None))


@pytest.mark.parametrize("status", [TO_SHIP, COMPLETE])
def test_a_return_that_changes_its_currency_is_refused_though_nobody_knows_what_was_paid(status: str) -> None:
    record = wanted_back(shipped(paid=None))
    lines = (ReturnLine(id=LINE_1, refund=a_refund(currency="GBP")),)
    with pytest.raises(RejectedError, match="several currencies"):
        return_change(record, return_facts(status, seen_after=HOUR, lines=lines, refund=None))


def test_two_returns_in_two_currencies_are_refused_by_name_though_nobody_knows_what_was_paid() -> None:
    record = wanted_back(shipped(paid=None), COMPLETE)
    second = return_facts(
        COMPLETE,
        id=ReturnId("4035318504086605002"),
        lines=(ReturnLine(id=LINE_2, refund=a_refund(currency="GBP")),),
        refund=None,
    )
    with pytest.raises(RejectedError, match="4035318504086605002"):
        return_change(record, second)


def test_an_order_whose_payment_nobody_knows_takes_a_return_in_any_currency() -> None:
    lines = (ReturnLine(id=LINE_1, refund=a_refund(currency="GBP")),)
    record = wanted_back(shipped(paid=None), COMPLETE, lines=lines, refund=None)
    assert str(the_return(record).money) == "18.90 GBP"


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
@pytest.mark.parametrize(
    "way",
    [
        [PENDING, TO_SHIP, SHIPPED_BACK, SUCCESS, COMPLETE],
        [PENDING, CANCEL],
        ["SOMETHING_NEW", COMPLETE],
    ],
)
def test_returns_of_orders_that_are_not_ours_are_recorded_and_nobody_is_asked_or_told(
    handling: Handling, way: list[str]
) -> None:
    record = not_ours(shipped(), handling)
    events: list[Event] = []
    for place, status in enumerate(way):
        change = return_change(record, return_facts(status, seen_after=place * HOUR))
        events += events_of(change)
        record = applied(record, change)
        assert the_return(record).next_due is None
    assert Event.RETURN_REQUESTED in events
    assert (Event.REFUND_CONFIRMED in events) is (way[-1] == COMPLETE)
    assert record.outbox == ()


def test_an_arbitration_of_an_order_that_is_not_ours_calls_nobody() -> None:
    record = not_ours(shipped(), Handling.WATCHED)
    change = return_change(record, return_facts(in_arbitration=True, question=None))
    assert Event.RETURN_IN_ARBITRATION in events_of(change)
    assert change is not None
    assert change.outbox == ()


def test_an_arbitration_is_for_people_once() -> None:
    record = wanted_back(status=SHIPPED_BACK)
    change = return_change(
        record, return_facts(SHIPPED_BACK, seen_after=HOUR, in_arbitration=True, arbitration="IN_PROGRESS")
    )
    assert events_of(change) == [Event.RETURN_CHANGED, Event.RETURN_IN_ARBITRATION]
    record = applied(record, change)
    (notice,) = (entry for entry in record.outbox if entry.action is Action.NOTIFY)
    assert (notice.subject, notice.revision) == (RETURN_ID, "arbitration")
    again = return_facts(SHIPPED_BACK, seen_after=2 * HOUR, in_arbitration=True, arbitration="IN_PROGRESS")
    assert events_of(return_change(record, again)) == []
    assert the_return(record).next_due is None


def test_a_return_is_found_again_by_its_id_alone() -> None:
    record = wanted_back(wanted_back(), id=ReturnId("4035318504086605002"), lines=the_lines(LINE_2))
    found: list[Return] = list(record.returns)
    assert [each.line_ids for each in found] == [(LINE_1,), (LINE_2,)]
    assert replace(found[0], id=found[1].id, lines=found[1].lines) == found[1]
