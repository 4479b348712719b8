"""Each partner gets a released order once, then each learns of the other."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from order_sync.domain.hand_over import decide_created, decide_taken
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_failed, decide_not_told
from order_sync.domain.timeline import Event
from tests.builders import (
    NOON,
    TIMING,
    a_report,
    a_shop_without_oms,
    applied,
    claimed,
    created,
    entry_for,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    released,
    seen,
    some_facts,
    taken,
    the_entry,
    with_entry,
)

RELEASED_AT = NOON + timedelta(hours=2)
LATER = NOON + timedelta(hours=3)
CREATE = (Target.CHANNELADVISOR, Action.CREATE_ORDER)
CREATION = "CHANNELADVISOR#CREATE_ORDER#order#1"


def names(record: OrderRecord) -> set[str]:
    return {entry.name for entry in record.outbox}


def cancelled(record: OrderRecord) -> OrderRecord:
    return seen(some_facts("CANCELLED", seen_after=minutes(100)), record, at=LATER)


def test_a_release_gives_the_order_to_channeladvisor_at_once() -> None:
    entry = the_entry(released(), Target.CHANNELADVISOR, Action.CREATE_ORDER)
    assert (entry.due_at, entry.waits_for) == (RELEASED_AT, "")


def test_the_oms_waits_for_channeladvisor_at_most_the_set_time() -> None:
    entry = the_entry(released(), Target.OMS, Action.CREATE_ORDER)
    assert (entry.due_at, entry.waits_for) == (RELEASED_AT + TIMING.oms_wait, CREATION)
    assert not entry.is_claimable(RELEASED_AT + minutes(20) - timedelta(seconds=1))
    assert entry.is_claimable(RELEASED_AT + minutes(20))


def test_a_shop_without_an_oms_gives_its_orders_to_channeladvisor_alone() -> None:
    assert names(released(a_shop_without_oms())) == {CREATION}


def test_a_created_order_makes_the_oms_due_at_once() -> None:
    record = created(released(), LATER)
    entry = the_entry(record, Target.OMS, Action.CREATE_ORDER)
    assert (entry.due_at, entry.waits_for) == (LATER, "")
    assert record.order.channeladvisor_id == "12345"


def test_an_order_is_acknowledged_once_the_oms_has_taken_it() -> None:
    record = created(released())
    change = decide_taken(record, the_entry(record, Target.OMS, Action.CREATE_ORDER), "OMS-1", LATER)
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.detail) == (Event.TAKEN_BY_OMS, Source.OMS, {"oms_number": "OMS-1"})
    record = applied(record, change)
    assert record.order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    assert record.order.oms_number == "OMS-1"


def test_a_parcel_that_came_first_keeps_its_state_when_the_oms_answers() -> None:
    record = created(released())
    one = some_facts(
        "PARTIALLY_SHIPPING",
        seen_after=minutes(90),
        lines=tuple(
            type(line)(id=line.id, sku=line.sku, shipped=first, tracking_number="T1" if first else "")
            for first, line in zip((True, False), some_facts().lines, strict=True)
        ),
    )
    record = taken(seen(one, record))
    assert record.order.state is OrderState.PARTIALLY_SHIPPED


@pytest.mark.parametrize("steps", [(created, taken), (taken, created)])
def test_either_order_of_events_lets_everyone_know_both_numbers(
    steps: tuple[Callable[[OrderRecord], OrderRecord], ...],
) -> None:
    record = released()
    for step in steps:
        record = step(record)
    told = {name for name in names(record) if "SET_CHANNELADVISOR_NUMBER" not in name}
    assert told == {
        CREATION,
        "OMS#CREATE_ORDER#order#1",
        "CHANNELADVISOR#MARK_EXPORTED#order#1",
        "TIKTOK_SHOP#SET_REFERENCE#order#1",
    }
    assert record.order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    assert (record.order.channeladvisor_id, record.order.oms_number) == ("12345", "OMS-1")


def test_an_oms_that_went_without_channeladvisor_s_number_gets_it_later() -> None:
    record = created(taken(released()), LATER)
    assert the_entry(record, Target.OMS, Action.SET_CHANNELADVISOR_NUMBER).due_at == LATER


def test_an_oms_that_is_just_being_given_the_order_gets_the_number_right_after() -> None:
    record = created(claimed(released(), Target.OMS, Action.CREATE_ORDER), LATER)
    number = the_entry(record, Target.OMS, Action.SET_CHANNELADVISOR_NUMBER)
    assert (number.due_at, number.waits_for) == (None, "OMS#CREATE_ORDER#order#1")
    assert the_entry(taken(record, LATER), Target.OMS, Action.SET_CHANNELADVISOR_NUMBER).due_at == LATER


def test_an_oms_that_waited_gets_the_number_with_the_order() -> None:
    assert entry_for(handed_over(), Target.OMS, Action.SET_CHANNELADVISOR_NUMBER) is None


def test_an_order_found_in_channeladvisor_is_adopted() -> None:
    record = released()
    change = decide_created(record, the_entry(record, *CREATE), "777", adopted=True, now=LATER)
    assert events_of(change) == [Event.ADOPTED_IN_CHANNELADVISOR]
    assert change is not None
    assert change.order.channeladvisor_id == "777"
    assert {entry.name: entry.state for entry in change.outbox}[CREATION] is EntryState.DONE


def test_a_failed_creation_blocks_only_what_waits_for_it() -> None:
    record = released()
    record = applied(record, decide_failed(record, the_entry(record, *CREATE), LATER, reason="SKU unknown"))
    oms = the_entry(record, Target.OMS, Action.CREATE_ORDER)
    assert oms.is_claimable(RELEASED_AT + TIMING.oms_wait)
    record = taken(record, LATER)
    record = applied(record, parcel_reported(record, a_report(), LATER))
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").due_at == LATER
    blocked = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    assert (blocked.due_at, blocked.waits_for) == (None, CREATION)


def test_an_order_cancelled_while_it_is_being_created_is_cancelled_right_after() -> None:
    record = cancelled(claimed(released(), *CREATE))
    assert the_entry(record, *CREATE).state is EntryState.SENDING
    assert the_entry(record, Target.OMS, Action.CREATE_ORDER).state is EntryState.WITHDRAWN
    cancel = the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER)
    assert (cancel.due_at, cancel.waits_for) == (None, CREATION)
    record = created(record, LATER)
    assert the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER).due_at == LATER
    assert record.order.state is OrderState.CANCELED
    assert record.order.channeladvisor_id == "12345"
    assert entry_for(record, Target.TIKTOK_SHOP, Action.SET_REFERENCE) is None


def test_a_creation_that_was_never_made_takes_its_cancellation_with_it() -> None:
    record = cancelled(claimed(released(), *CREATE))
    record = applied(record, decide_not_told(record, the_entry(record, *CREATE), LATER, reason="never created"))
    assert the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER).state is EntryState.WITHDRAWN


def test_an_order_cancelled_while_the_oms_is_being_given_it_is_cancelled_there_right_after() -> None:
    # ChannelAdvisor is down: the OMS's entry still names the creation that it waited for.
    record = released()
    oms = the_entry(record, Target.OMS, Action.CREATE_ORDER)
    record = cancelled(with_entry(record, oms, state=EntryState.SENDING, attempts=1, claimed_until=LATER))
    assert the_entry(record, Target.OMS, Action.CREATE_ORDER).state is EntryState.SENDING
    assert the_entry(record, *CREATE).state is EntryState.WITHDRAWN
    record = taken(record, LATER)
    assert the_entry(record, Target.OMS, Action.CANCEL_ORDER).due_at == LATER


def test_an_order_that_may_have_been_created_is_not_forgotten_when_it_is_cancelled() -> None:
    # An attempt died without our knowing how far it came, and the look at ChannelAdvisor failed as well.
    record = released()
    record = cancelled(with_entry(record, the_entry(record, *CREATE), in_doubt=True, attempts=2))
    assert the_entry(record, *CREATE).state is EntryState.WAITING
    assert the_entry(record, Target.CHANNELADVISOR, Action.CANCEL_ORDER).waits_for == CREATION


def test_an_oms_that_answers_after_the_cancellation_does_not_revive_the_order() -> None:
    record = cancelled(claimed(created(released()), Target.OMS, Action.CREATE_ORDER))
    change = decide_taken(record, the_entry(record, Target.OMS, Action.CREATE_ORDER), "OMS-9", LATER)
    assert change is not None
    assert (change.order.state, change.order.oms_number) == (OrderState.CANCELED, "OMS-9")
    assert [(entry.action, entry.due_at) for entry in change.outbox] == [
        (Action.CREATE_ORDER, None),
        (Action.CANCEL_ORDER, LATER),
    ]


def test_channeladvisor_is_not_marked_exported_where_there_is_no_oms_of_its_own() -> None:
    record = created(released(a_shop_without_oms()))
    assert entry_for(record, Target.CHANNELADVISOR, Action.MARK_EXPORTED) is None
