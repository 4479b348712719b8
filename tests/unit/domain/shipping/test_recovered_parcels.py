"""A parcel that must come back because what it holds was cancelled, and that gets another number before it does."""

from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import a_shop, parcel_reported, seen, some_facts, the_entry
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    OMS,
    A,
    B,
    done,
    everybody_told,
    heard,
    in_channeladvisor,
)


def cancelled() -> OrderRecord:
    """A parcel of ChannelAdvisor's, cancelled after it left; the OMS was told to get it back."""
    record = everybody_told(in_channeladvisor())
    record = seen(some_facts("CANCELLED", updated_at=CHANGED), record, at=CHANGED)
    return done(record, the_entry(record, OMS, Action.RECOVER_PARCELS))


def test_a_parcel_that_must_come_back_is_asked_for_again_under_its_new_number() -> None:
    record = heard(cancelled(), in_channeladvisor(B))
    again = [each for each in record.outbox if each.action is Action.RECOVER_PARCELS]
    assert [each.state for each in again] == [EntryState.DONE, EntryState.WAITING]
    assert again[0].name != again[1].name


def test_the_timeline_names_the_number_that_is_on_the_parcel_by_now() -> None:
    change = parcel_reported(cancelled(), in_channeladvisor(B), CHANGED, a_shop())
    assert change is not None
    (needed,) = [fact for fact in change.timeline if fact.event is Event.RECOVERY_NEEDED]
    assert needed.detail == {"tracking_numbers": B}


def test_a_number_that_is_late_news_asks_for_nothing_again() -> None:
    record = heard(cancelled(), in_channeladvisor(B))
    assert heard(record, in_channeladvisor(A), in_channeladvisor(B)) == record


def test_a_parcel_whose_number_is_corrected_before_the_cancellation_is_asked_for_by_the_newest() -> None:
    record = heard(everybody_told(in_channeladvisor()), in_channeladvisor(B))
    record = seen(some_facts("CANCELLED", updated_at=CHANGED), record, at=CHANGED)
    known = record.parcel(C1)
    assert known is not None
    assert known.newest_label.tracking_number == B
    assert the_entry(record, OMS, Action.RECOVER_PARCELS).state is EntryState.WAITING
