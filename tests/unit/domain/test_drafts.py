from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.drafts import Draft
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, Target, tell
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    NOON,
    ORDER_ID,
    SHOP_ID,
    applied,
    events_of,
    handed_over,
    released,
    the_entry,
    with_entry,
)

LATER = NOON + timedelta(hours=4)


def test_a_draft_that_changes_nothing_is_no_change() -> None:
    assert Draft(handed_over(), LATER).change() is None


def test_a_refused_transition_changes_nothing_and_stands_on_the_timeline() -> None:
    draft = Draft(handed_over(), LATER)
    assert not draft.move_to(OrderState.PENDING)
    change = draft.change()
    assert change is not None
    assert change.order == handed_over().order
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.TRANSITION_REFUSED, Source.ORDER_SYNC)
    assert fact.detail == {"current": "ACKNOWLEDGED_BY_SELLER", "wanted": "PENDING"}


def test_staying_is_no_transition() -> None:
    draft = Draft(handed_over(), LATER)
    assert not draft.move_to(OrderState.ACKNOWLEDGED_BY_SELLER)
    assert draft.change() is None


def test_the_same_decision_is_queued_once() -> None:
    draft = Draft(handed_over(), LATER)
    draft.queue(tell(Target.OMS, Action.CREATE_ORDER, SHOP_ID, ORDER_ID, now=LATER))
    assert draft.change() is None


# --- entries that must not be taken meanwhile


def waiting() -> OrderRecord:
    """An order with entries that nobody was told of."""
    return released()


def test_a_guarded_entry_is_written_again_as_it_is() -> None:
    record = waiting()
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    draft = Draft(record, LATER)
    draft.set(held_long=True)
    draft.guard(entry)
    change = draft.change()
    assert change is not None
    assert change.outbox == (entry,)
    assert applied(record, change).entry(entry.name) == replace(entry, version=entry.version + 1)


def test_what_is_not_guarded_is_not_written_again() -> None:
    draft = Draft(waiting(), LATER)
    draft.set(held_long=True)
    change = draft.change()
    assert change is not None
    assert change.outbox == ()


@pytest.mark.parametrize("guard_first", [True, False])
def test_a_guarded_entry_that_changes_in_the_same_decision_is_written_once_as_it_became(*, guard_first: bool) -> None:
    record = waiting()
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    draft = Draft(record, LATER)
    if guard_first:
        draft.guard(entry)
    draft.withdraw(entry, "the order was cancelled")
    if not guard_first:
        draft.guard(entry)
    change = draft.change()
    assert change is not None
    (written,) = [each for each in change.outbox if each.name == entry.name]
    assert (written.state, written.version) == (EntryState.WITHDRAWN, entry.version)


def test_an_entry_that_was_withdrawn_is_queued_anew_only_where_it_is_to_revive() -> None:
    record = waiting()
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    record = with_entry(record, entry, state=EntryState.WITHDRAWN, due_at=None, attempts=3, reason="why", version=7)
    again = tell(Target.CHANNELADVISOR, Action.CREATE_ORDER, SHOP_ID, ORDER_ID, now=LATER)
    draft = Draft(record, LATER)
    draft.queue(again)
    assert draft.change() is None
    draft.queue(again, revive=True)
    change = draft.change()
    assert change is not None
    # Under the version that was read: a run that changed it meanwhile makes this fail.
    assert change.outbox == (replace(again, version=7),)


@pytest.mark.parametrize("state", [state for state in EntryState if state is not EntryState.WITHDRAWN])
def test_only_what_was_withdrawn_revives(state: EntryState) -> None:
    record = waiting()
    entry = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    draft = Draft(with_entry(record, entry, state=state), LATER)
    draft.queue(tell(Target.CHANNELADVISOR, Action.CREATE_ORDER, SHOP_ID, ORDER_ID, now=LATER), revive=True)
    assert draft.change() is None


@pytest.mark.parametrize(("detail", "kept"), [({"reason": "why", "warning": ""}, {"reason": "why"}), ({}, {})])
def test_empty_details_are_left_out_of_the_timeline(detail: dict[str, str], kept: dict[str, str]) -> None:
    draft = Draft(handed_over(), LATER)
    draft.note(Event.FAILED, Source.OMS, happened_at=None, **detail)
    change = draft.change()
    assert change is not None
    assert change.timeline[0].detail == kept
    assert events_of(change) == [Event.FAILED]


def test_a_failed_entry_that_was_held_back_and_whose_limit_nobody_keeps_is_due_when_it_is_replayed() -> None:
    entry = tell(Target.TIKTOK_SHOP, Action.SHIP, SHOP_ID, ORDER_ID, now=NOON, subject="oms-1", waits_for="a request")
    failed = replace(entry, state=EntryState.FAILED, failed_at=NOON)
    draft = Draft(with_entry(handed_over(), failed), LATER)
    draft.replay(failed)
    (replayed,) = [each for each in draft.outbox if each.name == entry.name]
    assert (replayed.state, replayed.due_at) == (EntryState.WAITING, LATER)
