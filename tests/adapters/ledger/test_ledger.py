"""Orders in the ledger, over either table: read whole, decided on, written whole or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from local.memory_table import item_size
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import LineId, OrderId, ShopId
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_told
from order_sync.domain.timeline import Event
from order_sync.ledger import keys
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.table import Item, Key, Table, VersionConflictError
from tests.builders import (
    NOON,
    ORDER_ID,
    SHOP_ID,
    TIMING,
    a_report,
    a_shop,
    applied,
    minutes,
    parcel_reported,
    released,
    seen,
    some_facts,
    the_entry,
)

CLAIM = minutes(10)
CREATE = (Target.CHANNELADVISOR, Action.CREATE_ORDER)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = NOON + timedelta(hours=2)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(table: Table, clock: Clock) -> Ledger:
    return Ledger(table, clock)


def sighting(status: str = "AWAITING_SHIPMENT", after: int = 0) -> Callable[[OrderRecord | None], Change | None]:
    facts = some_facts(status, seen_after=minutes(after))
    return lambda record: decide_sighting(record, facts, a_shop(), TIMING, NOON + timedelta(hours=2))


def loaded(ledger: Ledger) -> OrderRecord:
    record = ledger.load(SHOP_ID, ORDER_ID)
    assert record is not None
    return record


def entry_in(ledger: Ledger, target: Target, action: Action) -> OutboxEntry:
    return the_entry(loaded(ledger), target, action)


def partition(ledger: Ledger) -> list[Item]:
    return ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID))


def test_an_unknown_order_is_none(ledger: Ledger) -> None:
    assert ledger.load(SHOP_ID, ORDER_ID) is None
    assert ledger.heads(SHOP_ID, [ORDER_ID]) == {}
    assert ledger.timeline(SHOP_ID, ORDER_ID) == []


def test_an_order_is_read_as_it_was_decided(ledger: Ledger) -> None:
    record: OrderRecord | None = None
    for decide in (sighting("ON_HOLD"), sighting(after=90)):
        change = ledger.change(SHOP_ID, ORDER_ID, decide)
        record = applied(record, change)
    parcel = parcel_reported(record or released(), a_report(), NOON + timedelta(hours=3))
    assert parcel is not None
    ledger.commit(parcel)
    expected = applied(record, parcel)
    found = loaded(ledger)
    assert found.order == expected.order
    assert found.parcels == expected.parcels
    assert {entry.name: entry for entry in found.outbox} == {entry.name: entry for entry in expected.outbox}
    assert ledger.heads(SHOP_ID, [ORDER_ID, OrderId("9")]) == {ORDER_ID: expected.order}


def test_the_timeline_is_read_oldest_first(ledger: Ledger) -> None:
    for decide in (sighting("ON_HOLD"), sighting(after=90), sighting("CANCELLED", after=95)):
        ledger.change(SHOP_ID, ORDER_ID, decide)
    assert [fact.event for fact in ledger.timeline(SHOP_ID, ORDER_ID)] == [
        Event.SEEN,
        Event.HELD,
        Event.HELD_LONGER_THAN_EXPECTED,
        Event.RELEASED,
        Event.CANCELED,
    ]


def test_a_commit_that_comes_too_late_writes_nothing_at_all(ledger: Ledger) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    stale = parcel_reported(loaded(ledger), a_report(), NOON)
    assert stale is not None
    ledger.change(SHOP_ID, ORDER_ID, sighting("CANCELLED", after=90))
    before = partition(ledger)
    with pytest.raises(VersionConflictError):
        ledger.commit(stale)
    assert partition(ledger) == before


def test_a_decision_about_an_entry_that_a_run_has_claimed_meanwhile_is_taken_again(ledger: Ledger) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    stale = loaded(ledger)
    assert ledger.claim(the_entry(stale, *CREATE), CLAIM)
    readings = iter([stale])
    cancel = sighting("CANCELLED", after=90)
    # The first reading is from before the claim; the second sees it.
    ledger.change(SHOP_ID, ORDER_ID, lambda record: cancel(next(readings, record)))
    assert entry_in(ledger, *CREATE).state is EntryState.SENDING
    assert entry_in(ledger, Target.CHANNELADVISOR, Action.CANCEL_ORDER).waits_for == entry_in(ledger, *CREATE).name


def test_two_runs_that_see_one_order_at_once_save_it_once(ledger: Ledger) -> None:
    seen_by: list[OrderRecord | None] = []

    def first(record: OrderRecord | None) -> Change | None:
        if not seen_by:
            # The other run is quicker.
            ledger.change(SHOP_ID, ORDER_ID, sighting())
        seen_by.append(record)
        return sighting()(record)

    assert ledger.change(SHOP_ID, ORDER_ID, first) is None
    assert seen_by[0] is None
    assert seen_by[1] is not None
    assert loaded(ledger).order.version == 1
    assert [fact.event for fact in ledger.timeline(SHOP_ID, ORDER_ID)] == [Event.SEEN, Event.RELEASED]
    assert len(loaded(ledger).outbox) == 2


def test_a_race_that_is_lost_again_and_again_is_left_for_later(ledger: Ledger) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting("ON_HOLD"))
    stale = loaded(ledger)
    ledger.change(SHOP_ID, ORDER_ID, sighting(after=90))
    with pytest.raises(RetriableError, match=ORDER_ID):
        ledger.change(SHOP_ID, ORDER_ID, lambda _: sighting("CANCELLED", after=95)(stale))


def test_an_unchanged_order_costs_no_write(ledger: Ledger) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    before = partition(ledger)
    assert ledger.change(SHOP_ID, ORDER_ID, sighting()) is None
    assert partition(ledger) == before


def test_held_orders_are_due_at_their_slot_and_not_before(ledger: Ledger, clock: Clock) -> None:
    for number in range(8):
        record = seen(replace(some_facts("ON_HOLD"), id=OrderId(str(number))), at=NOON + minutes(1))
        ledger.commit(Change(order=replace(record.order, version=0)))
    clock.time = NOON + minutes(60) - timedelta(milliseconds=1)
    assert ledger.held_orders_due(SHOP_ID, 10) == []
    clock.time = NOON + minutes(60)
    assert sorted(ledger.held_orders_due(SHOP_ID, 10)) == [str(number) for number in range(8)]


def test_orders_that_are_held_longer_than_expected_are_counted_and_stay_due(ledger: Ledger, clock: Clock) -> None:
    assert ledger.count_held_long(SHOP_ID) == 0
    for number in range(9):
        record = seen(replace(some_facts("ON_HOLD"), id=OrderId(str(number))), at=NOON + minutes(1))
        order = replace(record.order, version=0, held_long=number < 5)
        ledger.commit(Change(order=order))
    assert ledger.count_held_long(SHOP_ID) == 5
    assert ledger.count_held_long(ShopId("1")) == 0
    clock.time = NOON + minutes(60)
    assert sorted(ledger.held_orders_due(SHOP_ID, 10)) == [str(number) for number in range(9)]


def test_an_order_is_held_long_from_the_decision_that_says_so_until_its_release(ledger: Ledger) -> None:
    def counted_after(decide: Callable[[OrderRecord | None], Change | None]) -> int:
        ledger.change(SHOP_ID, ORDER_ID, decide)
        return ledger.count_held_long(SHOP_ID)

    on_hold = some_facts("ON_HOLD")
    assert counted_after(lambda record: decide_sighting(record, on_hold, a_shop(), TIMING, NOON + minutes(1))) == 0
    later = some_facts("ON_HOLD", seen_after=minutes(121))
    assert counted_after(lambda record: decide_sighting(record, later, a_shop(), TIMING, NOON + minutes(121))) == 1
    assert counted_after(sighting(after=122)) == 0


def test_a_released_order_is_no_longer_due(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting("ON_HOLD"))
    ledger.change(SHOP_ID, ORDER_ID, sighting(after=90))
    clock.time = NOON + timedelta(days=9)
    assert ledger.held_orders_due(SHOP_ID, 10) == []


def test_what_is_due_for_a_partner_is_found_by_name(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    assert [entry.name for entry in ledger.outbox_due(*CREATE, SHOP_ID, 10)] == ["CHANNELADVISOR#CREATE_ORDER#order#1"]
    assert ledger.outbox_due(Target.OMS, Action.CREATE_ORDER, SHOP_ID, 10) == []
    clock.time += TIMING.oms_wait
    (due,) = ledger.outbox_due(Target.OMS, Action.CREATE_ORDER, SHOP_ID, 10)
    assert due == (ORDER_ID, "OMS#CREATE_ORDER#order#1")


def test_the_longest_due_is_told_first_whatever_it_is_called(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    record = loaded(ledger)
    for parcel, minute in (("oms-Z", 1), ("oms-A", 2), ("oms-M", 3)):
        draft = Draft(record, NOON + timedelta(hours=2, minutes=minute))
        draft.queue(tell(Target.TIKTOK_SHOP, Action.SHIP, SHOP_ID, ORDER_ID, now=draft.now, subject=parcel))
        change = draft.change()
        assert change is not None
        ledger.commit(change)
        record = loaded(ledger)
    clock.time = NOON + timedelta(hours=3)
    due = ledger.outbox_due(Target.TIKTOK_SHOP, Action.SHIP, SHOP_ID, 2)
    assert [entry.name for entry in due] == ["TIKTOK_SHOP#SHIP#oms-Z#1", "TIKTOK_SHOP#SHIP#oms-A#1"]


def test_claims_exclude_each_other(ledger: Ledger) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    entry = entry_in(ledger, *CREATE)
    claimed = ledger.claim(entry, CLAIM)
    assert claimed is not None
    assert (claimed.state, claimed.attempts) == (EntryState.SENDING, 1)
    assert claimed == entry_in(ledger, *CREATE)
    # Another run with the same reading, and one that reads afresh.
    assert ledger.claim(entry, CLAIM) is None
    assert ledger.claim(entry_in(ledger, *CREATE), CLAIM) is None


def test_a_claim_that_ran_out_is_claimable_again_and_known_to_be_interrupted(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    clock.time += CLAIM
    assert [due.name for due in ledger.outbox_due(*CREATE, SHOP_ID, 10)] == ["CHANNELADVISOR#CREATE_ORDER#order#1"]
    left = entry_in(ledger, *CREATE)
    assert left.was_interrupted
    again = ledger.claim(left, CLAIM)
    assert again is not None
    assert (again.attempts, again.in_doubt) == (2, True)


def test_a_first_attempt_that_is_postponed_leaves_no_doubt(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    claimed = ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    assert claimed is not None
    postponed = ledger.postpone(claimed, clock.time + minutes(2), "HTTP 503")
    assert postponed == entry_in(ledger, *CREATE)
    assert postponed is not None
    assert (postponed.state, postponed.due_at, postponed.reason) == (
        EntryState.WAITING,
        clock.time + minutes(2),
        "HTTP 503",
    )
    assert not postponed.was_interrupted


def test_an_interrupted_attempt_stays_in_doubt_when_the_next_one_gets_no_answer(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    clock.time += CLAIM
    second = ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    assert second is not None
    ledger.postpone(second, clock.time + minutes(2), "HTTP 503 to the look")
    clock.time += minutes(2)
    assert entry_in(ledger, *CREATE).was_interrupted
    third = ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    assert third is not None
    assert third.in_doubt


def test_a_run_whose_claim_was_taken_over_cannot_postpone(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    first = ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    assert first is not None
    clock.time += CLAIM
    second = ledger.claim(entry_in(ledger, *CREATE), CLAIM)
    assert ledger.postpone(first, clock.time, "late") is None
    assert entry_in(ledger, *CREATE) == second


def test_an_ended_entry_leaves_the_due_list_and_gets_an_expiry(ledger: Ledger, clock: Clock) -> None:
    ledger.change(SHOP_ID, ORDER_ID, sighting())
    ledger.claim(entry_in(ledger, *CREATE), CLAIM)

    def decide(record: OrderRecord | None) -> Change | None:
        return decide_told(record, the_entry(record, *CREATE), clock.time) if record else None

    ledger.change(SHOP_ID, ORDER_ID, decide)
    clock.time += timedelta(days=1)
    assert ledger.outbox_due(*CREATE, SHOP_ID, 10) == []
    item = ledger.table.get(Key(keys.order_partition(SHOP_ID, ORDER_ID), "OUTBOX#CHANNELADVISOR#CREATE_ORDER#order#1"))
    assert item is not None
    assert item["expires_at"] == int((clock.time + timedelta(days=179)).timestamp())
    # A late duplicate of the decision still meets it.
    assert entry_in(ledger, *CREATE).state is EntryState.DONE


def test_the_facts_of_one_decision_are_one_item(ledger: Ledger) -> None:
    change = ledger.change(SHOP_ID, ORDER_ID, sighting("ON_HOLD"))
    assert change is not None
    assert len(change.timeline) > 1
    on_timeline = [str(item["sk"]) for item in partition(ledger) if str(item["sk"]).startswith(keys.TIMELINE)]
    assert on_timeline == [f"TIMELINE#{int((NOON + timedelta(hours=2)).timestamp())}000#000001"]
    assert ledger.timeline(SHOP_ID, ORDER_ID) == list(change.timeline)


def test_an_order_of_ninety_parcels_is_kept_whole_and_its_facts_fit_into_a_small_item(ledger: Ledger) -> None:
    (line, *_) = some_facts().lines
    lines = tuple(
        replace(line, id=LineId(f"57708651212375{n:04}"), package_id=f"11{n:017}", tracking_number=f"9400{n:018}")
        for n in range(90)
    )
    facts = some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=lines)
    change = decide_sighting(None, facts, a_shop(), TIMING, NOON + timedelta(hours=3))
    assert change is not None
    ledger.commit(change)
    assert len(loaded(ledger).parcels) == 90
    assert len(change.timeline) > 90
    assert ledger.timeline(SHOP_ID, ORDER_ID) == list(change.timeline)
    # DynamoDB takes 400 KB.
    assert max(item_size(item) for item in partition(ledger)) < 20_000
