"""What a partner shows of one order against what the ledger knows: the difference, and what is done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from order_sync.domain.orders import Handling, Line, LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.reconciling.comparing import OrderHere, OrderThere, compare
from order_sync.domain.reconciling.differences import Difference, Kind, Repair
from order_sync.domain.reconciling.rules import Rules, is_expected
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    ORDER_ID,
    handed_over,
    minutes,
    released,
    requested,
    seen,
    some_facts,
    told,
    with_entry,
)

NOW = NOON + timedelta(days=2)
LONG_AGO = NOW - timedelta(hours=5)
CHANNELADVISOR, OMS = Source.CHANNELADVISOR, Source.OMS
CREATED = "CHANNELADVISOR#CREATE_ORDER#order#1"


def rules(side: Source = CHANNELADVISOR, *, creates: bool = True) -> Rules:
    return Rules(side=side, now=NOW, young=minutes(30), creates=creates)


def here(record: OrderRecord, changed_at: datetime = LONG_AGO, *queued_again: str) -> OrderHere:
    return OrderHere(record=record, changed_at=changed_at, queued_again=frozenset(queued_again))


def there(
    state: OrderState | None = OrderState.RELEASED_FOR_SHIPMENT,
    *,
    number: str = "12345",
    units: Mapping[str, int] | None = None,
    changed_at: datetime | None = LONG_AGO,
    is_ours: bool = True,
) -> OrderThere:
    return OrderThere(
        order=ORDER_ID,
        number=number,
        state=state,
        units={"TEE-BLU-M": 2} if units is None else units,
        changed_at=changed_at,
        is_ours=is_ours,
    )


def in_oms(state: OrderState | None = OrderState.RELEASED_FOR_SHIPMENT, *lines: str) -> OrderThere:
    return replace(there(state, number="", changed_at=None), units=dict.fromkeys(lines or (LINE_1, LINE_2), 1))


def with_lines(record: OrderRecord, *states: LineState, state: OrderState | None = None) -> OrderRecord:
    lines = tuple(
        Line(id=line, sku="TEE-BLU-M", state=each) for line, each in zip((LINE_1, LINE_2), states, strict=True)
    )
    return replace(record, order=replace(record.order, lines=lines, state=state or record.order.state))


def canceled() -> OrderRecord:
    """A cancelled order of which both partners were told."""
    record = seen(some_facts("CANCELLED", seen_after=timedelta(hours=3)), handed_over(), at=NOON + timedelta(hours=3))
    for target in (Target.CHANNELADVISOR, Target.OMS):
        record = told(record, target, Action.CANCEL_ORDER, at=NOON + timedelta(hours=4))
    return record


def settled(record: OrderRecord) -> OrderRecord:
    """The record after all of its entries were told."""
    for entry in record.outbox:
        record = with_entry(record, entry, state=EntryState.DONE, due_at=None)
    return record


RELEASED, ACKNOWLEDGED = OrderState.RELEASED_FOR_SHIPMENT, OrderState.ACKNOWLEDGED_BY_SELLER
PARTIAL, SHIPPED, CANCELED = OrderState.PARTIALLY_SHIPPED, OrderState.SHIPPED, OrderState.CANCELED
OPEN_LINES = (LineState.OPEN, LineState.OPEN)
SOME_LEFT = (LineState.IN_PARCEL, LineState.OPEN)
ALL_LEFT = (LineState.SHIPPED, LineState.IN_PARCEL)


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (OPEN_LINES, RELEASED),
        (OPEN_LINES, ACKNOWLEDGED),
        (SOME_LEFT, PARTIAL),
        (ALL_LEFT, SHIPPED),
    ],
)
@pytest.mark.parametrize("side", [CHANNELADVISOR, OMS])
def test_sides_that_agree_do_not_differ(lines: Sequence[LineState], shown: OrderState, side: Source) -> None:
    record = with_lines(settled(handed_over()), *lines)
    order = there(shown) if side is CHANNELADVISOR else in_oms(shown)

    assert compare(here(record), [order], rules(side)) is None


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (OPEN_LINES, PARTIAL),
        (OPEN_LINES, SHIPPED),
        (OPEN_LINES, CANCELED),
        (SOME_LEFT, RELEASED),
        (SOME_LEFT, SHIPPED),
        (ALL_LEFT, ACKNOWLEDGED),
        (ALL_LEFT, PARTIAL),
    ],
)
def test_a_state_that_differs_is_for_people(lines: Sequence[LineState], shown: OrderState) -> None:
    found = compare(here(with_lines(settled(handed_over()), *lines)), [there(shown)], rules())

    assert found is not None
    assert (found.kind, found.repair, found.since) == (Kind.OTHER_STATE, None, LONG_AGO)


@pytest.mark.parametrize("side", [CHANNELADVISOR, OMS])
def test_an_order_that_is_cancelled_here_and_open_there_is_cancelled_there_once_more(side: Source) -> None:
    shown = there() if side is CHANNELADVISOR else in_oms()
    found = compare(here(canceled()), [shown], rules(side))

    assert found is not None
    assert (found.kind, found.repair) == (Kind.OTHER_STATE, Repair.QUEUE_AGAIN)
    assert found.entry == f"{side}#CANCEL_ORDER#order#1"


def test_what_was_told_once_more_and_still_is_not_there_is_for_people() -> None:
    entry = "CHANNELADVISOR#CANCEL_ORDER#order#1"
    found = compare(here(canceled(), LONG_AGO, entry), [there()], rules())

    assert found is not None
    assert found.repair is None
    assert "did not help" in found.explanation


def test_a_cancelled_order_that_has_left_in_part_is_never_cancelled_once_more() -> None:
    found = compare(here(canceled()), [there(PARTIAL)], rules())

    assert found is not None
    assert found.repair is None


def test_a_cancelled_order_that_has_left_is_got_back_and_no_difference() -> None:
    assert compare(here(canceled()), [there(SHIPPED)], rules()) is None
    assert compare(here(canceled()), [there(CANCELED)], rules()) is None
    assert compare(here(canceled()), [], rules()) is None


@pytest.mark.parametrize("side", [CHANNELADVISOR, OMS])
def test_an_order_that_was_given_and_is_not_there_is_given_once_more(side: Source) -> None:
    found = compare(here(settled(handed_over())), [], rules(side))

    assert found is not None
    assert (found.kind, found.repair) == (Kind.MISSING_THERE, Repair.QUEUE_AGAIN)
    assert found.entry == f"{side}#CREATE_ORDER#order#1"


def missing(record: OrderRecord, *, creates: bool = True) -> Difference | None:
    return compare(here(record), [], rules(creates=creates))


def test_a_missing_order_of_which_something_has_left_is_never_given_again() -> None:
    found = missing(with_lines(settled(handed_over()), *SOME_LEFT))

    assert found is not None
    assert found.repair is None


def test_a_missing_order_of_which_a_line_is_cancelled_is_never_given_again() -> None:
    found = missing(with_lines(settled(handed_over()), LineState.CANCELED, LineState.OPEN))

    assert found is not None
    assert found.repair is None


def test_where_another_link_creates_a_missing_order_is_for_people() -> None:
    found = missing(settled(handed_over()), creates=False)

    assert found is not None
    assert found.repair is None


def test_an_order_whose_creation_was_withdrawn_is_missing_and_for_people() -> None:
    record = settled(handed_over())
    entry = record.entry(CREATED)
    assert entry is not None
    found = missing(with_entry(record, entry, state=EntryState.WITHDRAWN))

    assert found is not None
    assert found.repair is None


@pytest.mark.parametrize("state", [EntryState.WAITING, EntryState.SENDING, EntryState.FAILED])
def test_what_is_to_be_told_or_failed_excuses_every_difference(state: EntryState) -> None:
    record = settled(handed_over())
    entry = record.entry(CREATED)
    assert entry is not None
    record = with_entry(record, entry, state=state)

    assert missing(record) is None
    assert compare(here(record), [there(SHIPPED)], rules()) is None


def test_a_failed_note_excuses_nothing() -> None:
    record = settled(handed_over())
    entry = next(each for each in record.outbox if each.action is Action.SET_REFERENCE)

    assert missing(with_entry(record, entry, state=EntryState.FAILED)) is not None


def test_a_buyer_who_asks_to_cancel_makes_everybody_wait() -> None:
    assert missing(settled(requested())) is None


def test_what_changed_a_moment_ago_may_be_on_its_way() -> None:
    record, moment = settled(handed_over()), NOW - minutes(29)

    assert compare(here(record, moment), [], rules()) is None
    assert compare(here(record), [there(SHIPPED, changed_at=moment)], rules()) is None
    assert compare(here(record, NOW - minutes(30)), [], rules()) is not None


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_orders_that_are_not_ours_to_push_are_not_compared(handling: Handling) -> None:
    record = settled(handed_over())
    record = replace(record, order=replace(record.order, handling=handling))

    assert missing(record) is None
    assert compare(here(record), [there(CANCELED)], rules()) is None
    assert not is_expected(record.order, rules())


def test_an_order_that_others_ship_there_is_not_compared() -> None:
    assert compare(here(settled(handed_over())), [there(None)], rules()) is None


def test_a_held_order_is_expected_nowhere() -> None:
    assert missing(seen(some_facts("ON_HOLD"), at=NOON + minutes(5))) is None


def test_two_living_orders_are_a_duplicate_and_a_cancelled_twin_is_none() -> None:
    record, twin = settled(handed_over()), there(number="12346")
    found = compare(here(record), [there(), twin], rules())

    assert found is not None
    assert (found.kind, found.repair, found.detail) == (Kind.DUPLICATE, None, "12345, 12346")
    assert compare(here(record), [there(), replace(twin, state=CANCELED)], rules()) is None


@pytest.mark.parametrize("lines", [SOME_LEFT, OPEN_LINES])
def test_an_order_under_another_number_is_for_people(lines: Sequence[LineState]) -> None:
    record = with_lines(settled(handed_over()), *lines)
    shown = [there(number="777"), *([there(CANCELED)] if lines is OPEN_LINES else [])]
    found = compare(here(record), shown, rules())

    assert found is not None
    assert (found.kind, found.repair, found.detail) == (Kind.OTHER_NUMBER, None, "777, linked 12345")


def test_the_only_order_of_that_id_is_linked_where_the_linked_one_is_not_shown() -> None:
    found = compare(here(settled(handed_over())), [there(number="777")], rules())

    assert found is not None
    assert (found.kind, found.repair) == (Kind.OTHER_NUMBER, Repair.LINK_AGAIN)
    assert (found.number, found.other_number) == ("12345", "777")


def test_units_that_differ_are_for_people() -> None:
    record = settled(handed_over())

    for side, shown in (
        (CHANNELADVISOR, there(units={"TEE-BLU-M": 1})),
        (CHANNELADVISOR, there(units={"TEE-BLU-M": 1, "MUG-RED": 1})),
        (OMS, in_oms(RELEASED, LINE_1)),
    ):
        found = compare(here(record), [shown], rules(side))
        assert found is not None
        assert (found.kind, found.repair) == (Kind.OTHER_UNITS, None)


def test_an_order_that_another_link_brought_may_name_its_units_otherwise() -> None:
    record = settled(handed_over())

    assert compare(here(record), [there(units={"OTHER": 2}, is_ours=False)], rules()) is None
    assert compare(here(record), [there(units={"OTHER": 3}, is_ours=False)], rules()) is not None


def test_an_order_that_nobody_here_knows_is_looked_for_at_tiktok_shop() -> None:
    found = compare(None, [there()], rules())

    assert found is not None
    assert (found.kind, found.repair) == (Kind.UNKNOWN_HERE, Repair.SEE_AGAIN)


def test_an_order_that_came_within_the_hour_may_still_be_brought_by_a_poll() -> None:
    assert compare(None, [there(changed_at=NOW - minutes(59))], rules()) is None
    assert compare(None, [there(CANCELED)], rules()) is None
    assert compare(None, [], rules()) is None


def test_an_oms_that_was_never_given_an_order_does_not_miss_it() -> None:
    """The shop had no OMS of its own when the order was released."""
    record = released()
    without_oms = replace(record, outbox=tuple(e for e in record.outbox if e.target is not Target.OMS))

    assert compare(here(settled(without_oms)), [], rules(OMS)) is None


def test_a_first_look_at_the_head_alone_excuses_nothing() -> None:
    head = OrderHere(record=OrderRecord(order=handed_over().order))

    assert compare(head, [], rules()) is not None
    assert compare(head, [there()], rules()) is None


def test_what_a_side_did_at_an_unknown_moment_may_have_been_a_moment_ago() -> None:
    record = settled(handed_over())

    for shown, unsure in (
        (in_oms(SHIPPED), True),
        (in_oms(RELEASED, LINE_1), True),
        (replace(in_oms(SHIPPED), changed_at=LONG_AGO), False),
    ):
        found = compare(here(record), [shown], rules(OMS))
        assert found is not None
        assert found.unsure is unsure


def test_what_a_side_did_after_its_last_poll_may_still_be_brought() -> None:
    found = compare(here(settled(handed_over())), [there(SHIPPED)], replace(rules(), read_up_to=LONG_AGO))

    assert found is not None
    assert found.unsure


def test_what_a_side_did_not_do_needs_no_poll() -> None:
    record = with_lines(settled(handed_over()), *ALL_LEFT)
    found = compare(here(record), [in_oms()], rules(OMS))

    assert found is not None
    assert not found.unsure


@pytest.mark.parametrize("action", [Action.SETTLE_SELLER_CANCELLATION, Action.SETTLE_CANCEL_REQUEST])
def test_an_outcome_that_the_oms_has_not_heard_of_excuses_it(action: Action) -> None:
    record = canceled()
    entry = next(each for each in record.outbox if each.target is Target.OMS)
    untold = replace(entry, action=action, state=EntryState.WAITING)

    assert compare(here(replace(record, outbox=(*record.outbox, untold))), [in_oms()], rules(OMS)) is None
