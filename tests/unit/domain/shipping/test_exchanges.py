"""The exchange of units that TikTok Shop does not let go alone for others of the same SKUs."""

from dataclasses import replace

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.facts import LineFacts
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.splits import decide_exchange, lines_that_fit
from order_sync.domain.timeline import Event
from tests.builders import (
    NOON,
    applied,
    created,
    entry_for,
    events_of,
    minutes,
    released,
    seen,
    some_facts,
    taken,
)
from tests.unit.domain.shipping.scenes import (
    CHANGED,
    REPORTED,
    S1,
    S2,
    SHIP,
    A,
    B,
    at_tiktok,
    entry,
    heard,
    report,
    sending,
    telling,
    the_parcel,
)

TEE, CAP = "TEE-BLU-M", "CAP-RED"
HERE, OPEN = LineState.IN_PARCEL, LineState.OPEN


L1, L2, L3, L4 = (LineId(name) for name in "1234")


def of_four() -> OrderRecord:
    """Three tees and a cap, at all sides; the parcel has the first tee and the cap."""
    lines = tuple(LineFacts(id=line, sku=CAP if line == L4 else TEE) for line in (L1, L2, L3, L4))
    return heard(taken(created(released(lines=lines))), report(A, line_ids=(L1, L4)), at=REPORTED)


def test_a_parcel_holds_other_units_from_now_on() -> None:
    change = decide_exchange(of_four(), S1, (L2, L4), CHANGED)
    assert change is not None
    (fact,) = change.timeline
    assert fact.event is Event.PARCEL_LINES_EXCHANGED
    assert fact.detail == {"parcel": S1, "before": "1 4", "after": "2 4"}
    record = applied(of_four(), change)
    assert set(the_parcel(record).line_ids) == {L2, L4}
    assert [line.state for line in record.order.lines] == [OPEN, HERE, OPEN, HERE]
    assert (record.outbox, the_parcel(record).label) == (of_four().outbox, the_parcel(of_four()).label)


def test_what_was_given_back_can_go_in_another_parcel() -> None:
    record = applied(of_four(), decide_exchange(of_four(), S1, (L2, L4), CHANGED))
    record = heard(record, report(B, id=S2, line_ids=(L1,)))
    assert the_parcel(record, S2).line_ids == (L1,)
    assert telling(record, parcel=S2) == ["SHIP 1 WAITING"]


@pytest.mark.parametrize("lines", [(L1, L4), (L4, L1)])
def test_an_exchange_for_the_same_units_is_none(lines: tuple[LineId, ...]) -> None:
    assert decide_exchange(of_four(), S1, lines, CHANGED) is None


def test_a_parcel_that_is_not_there_any_more_exchanges_nothing() -> None:
    assert decide_exchange(of_four(), ParcelId("oms-S9"), (L2, L4), CHANGED) is None
    record = of_four()
    record = replace(record, parcels=tuple(replace(each, refused="deleted") for each in record.parcels))
    assert decide_exchange(record, S1, (L2, L4), CHANGED) is None


def test_a_unit_that_left_in_another_parcel_meanwhile_is_not_taken() -> None:
    record = at_tiktok(heard(of_four(), report(B, id=S2, line_ids=(L2,))), S2, "P2")
    with pytest.raises(RejectedError, match="lines 2 "):
        decide_exchange(record, S1, (L2, L4), CHANGED)


def with_canceled(*canceled: LineId) -> OrderRecord:
    lines = tuple(LineFacts(id=line.id, sku=line.sku, canceled=line.id in canceled) for line in of_four().order.lines)
    return seen(some_facts(seen_after=minutes(330), lines=lines), of_four(), at=NOON + minutes(330))


def test_a_unit_that_was_cancelled_meanwhile_is_not_taken() -> None:
    with pytest.raises(RejectedError, match="lines 2 "):
        decide_exchange(with_canceled(L2), S1, (L2, L4), CHANGED)


def test_a_cancelled_unit_stays_in_the_parcel_in_which_it_left_and_must_come_back() -> None:
    record = with_canceled(L4)
    assert entry_for(record, Target.OMS, Action.RECOVER_PARCELS) is not None
    change = decide_exchange(record, S1, (L2,), CHANGED)
    assert events_of(change) == [Event.PARCEL_LINES_EXCHANGED]
    record = applied(record, change)
    assert set(the_parcel(record).line_ids) == {L2, L4}
    assert [line.state for line in record.order.lines] == [OPEN, HERE, OPEN, LineState.CANCELED]


# --- with a parcel that TikTok Shop was not told of


def with_another() -> OrderRecord:
    """The second tee is in another parcel of ours."""
    return heard(of_four(), report(B, id=S2, line_ids=(L2,)))


def test_units_of_a_parcel_that_nobody_was_told_of_may_take_the_place() -> None:
    record = with_another()
    one, other = the_parcel(record), the_parcel(record, S2)
    groups = (frozenset({L1, L3}), frozenset({L2}), frozenset({L4}))
    assert set(lines_that_fit(record, one, groups)) == {L2, L4}
    assert set(lines_that_fit(record, other, groups)) == {L2}
    record = sending(record, entry(record, SHIP, parcel=S2))
    assert lines_that_fit(record, one, groups) == ()


def test_open_units_go_before_those_of_another_parcel() -> None:
    groups = (frozenset({L2}), frozenset({L3}), frozenset({L4}), frozenset({L1, LineId("9")}))
    assert set(lines_that_fit(with_another(), the_parcel(with_another()), groups)) == {L3, L4}


def test_two_parcels_exchange_their_units_and_both_keep_what_they_hold() -> None:
    change = decide_exchange(with_another(), S1, (L2, L4), CHANGED)
    assert change is not None
    assert events_of(change) == [Event.PARCEL_LINES_EXCHANGED] * 2
    record = applied(with_another(), change)
    assert set(the_parcel(record).line_ids) == {L2, L4}
    assert set(the_parcel(record, S2).line_ids) == {L1}
    assert [line.state for line in record.order.lines] == [HERE, HERE, OPEN, HERE]
    # No run may take the other parcel with its units of before.
    assert {each.name for each in change.outbox} == {"TIKTOK_SHOP#SHIP#oms-S2#1"}


def test_a_unit_of_another_parcel_that_is_being_told_by_now_is_not_taken() -> None:
    record = with_another()
    record = sending(record, entry(record, SHIP, parcel=S2))
    with pytest.raises(RejectedError, match="lines 2 "):
        decide_exchange(record, S1, (L2, L4), CHANGED)


def test_a_unit_of_another_parcel_that_was_cancelled_meanwhile_is_not_taken() -> None:
    lines = tuple(LineFacts(id=line.id, sku=line.sku, canceled=line.id == L2) for line in of_four().order.lines)
    record = seen(some_facts(updated_at=CHANGED, lines=lines), with_another(), at=CHANGED)
    with pytest.raises(RejectedError, match="lines 2 "):
        decide_exchange(record, S1, (L2, L4), CHANGED)


def test_a_feed_that_is_read_again_after_an_exchange_changes_nothing() -> None:
    """Whoever named the lines names them again."""
    record = applied(with_another(), decide_exchange(with_another(), S1, (L2, L4), CHANGED))
    assert heard(record, report(A, line_ids=(L1, L4)), report(B, id=S2, line_ids=(L2,))) == record


def test_what_is_left_can_be_shipped_by_the_lines_that_its_reporter_takes_for_left() -> None:
    """For the OMS the first tee has left; for TikTok Shop the second has."""
    record = applied(of_four(), decide_exchange(of_four(), S1, (L2, L4), CHANGED))
    record = heard(record, report(B, id=S2, line_ids=(L2, L3)))
    assert not the_parcel(record, S2).refused
    assert set(the_parcel(record, S2).line_ids) == {L1, L3}
    assert record.order.open_lines == ()
