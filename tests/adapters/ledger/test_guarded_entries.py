"""A label that changes while a run is about to tell the old one: whichever comes second sees what the first did."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from order_sync.domain.drafts import Draft
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.deletions import see_deletions
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.ledger import keys
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.table import Table, VersionConflictError
from tests.builders import LINE_1, LINE_2, ORDER_ID, SHOP_ID, handed_over, minutes, parcel_reported
from tests.unit.domain.shipping.scenes import (
    C1,
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    REPORTED,
    S1,
    SHIP,
    TIKTOK_SHOP,
    A,
    B,
    C,
    at_tiktok,
    entry,
    everybody_told,
    heard,
    in_channeladvisor,
    labels,
    lines_at_tiktok,
    look,
    report,
    telling,
    the_parcel,
)

CLAIM = minutes(10)
type Decide = Callable[[OrderRecord | None], Change | None]


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return Ledger(table, lambda: CHANGED)


def stored(ledger: Ledger, record: OrderRecord) -> OrderRecord:
    """The record as the ledger gives it back, every entry in its first version."""
    entries = tuple(replace(each, version=0) for each in record.outbox)
    change = Change(
        order=replace(record.order, version=0), outbox=entries, parcels=record.parcels, deadlines=record.deadlines
    )
    ledger.commit(change)
    return loaded(ledger)


def loaded(ledger: Ledger) -> OrderRecord:
    record = ledger.load(SHOP_ID, ORDER_ID)
    assert record is not None
    return record


def reporting(parcel: ReportedParcel) -> Decide:
    return lambda record: parcel_reported(record, parcel, CHANGED) if record else None


def deleting(record: OrderRecord | None) -> Change | None:
    assert record is not None
    draft = Draft(record, CHANGED)
    see_deletions(draft, Source.CHANNELADVISOR, (), CHANGED)
    return draft.change()


def set_by_hand(record: OrderRecord | None) -> Change | None:
    assert record is not None
    return look(record, *lines_at_tiktok(C))


def the_oms_s_parcel() -> OrderRecord:
    return heard(handed_over(), report(A, line_ids=(LINE_1,)), at=REPORTED)


def channeladvisor_s_parcel() -> OrderRecord:
    return heard(handed_over(), in_channeladvisor(seen_at=REPORTED), at=REPORTED)


def corrected_once() -> OrderRecord:
    return heard(everybody_told(), report(B))


def with_a_parcel_at_tiktok_only() -> OrderRecord:
    return at_tiktok(heard(handed_over(), report(), at=REPORTED))


MORE = report(A, id=ParcelId("oms-S2"), line_ids=(LINE_2,))
DECISIONS = {
    "another number": (the_oms_s_parcel, reporting(report(B)), (TIKTOK_SHOP, SHIP, S1)),
    "another number, for ChannelAdvisor": (the_oms_s_parcel, reporting(report(B)), (CHANNELADVISOR, SHIP, S1)),
    "another carrier": (the_oms_s_parcel, reporting(report(A, carrier="fedex")), (TIKTOK_SHOP, SHIP, S1)),
    "a second change": (corrected_once, reporting(report(C)), (TIKTOK_SHOP, CORRECT, S1)),
    "a second change, for ChannelAdvisor": (corrected_once, reporting(report(C)), (CHANNELADVISOR, CORRECT, S1)),
    "more lines": (the_oms_s_parcel, reporting(MORE), (TIKTOK_SHOP, SHIP, S1)),
    "a deletion": (channeladvisor_s_parcel, deleting, (TIKTOK_SHOP, SHIP, C1)),
    "a change in Seller Center": (with_a_parcel_at_tiktok_only, set_by_hand, (CHANNELADVISOR, SHIP, S1)),
}


def entry_named(record: OrderRecord, what: tuple[Target, Action, ParcelId]) -> OutboxEntry:
    target, action, parcel = what
    return entry(record, action, target, parcel=parcel)


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_about_what_a_run_took_meanwhile_is_not_written(ledger: Ledger, decision: str) -> None:
    before, decide, what = DECISIONS[decision]
    record = stored(ledger, before())
    change = decide(record)
    assert change is not None
    assert ledger.claim(entry_named(record, what), CLAIM) is not None
    items = ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID))
    with pytest.raises(VersionConflictError):
        ledger.commit(change, record)
    assert ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID)) == items


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_run_does_not_take_what_a_decision_has_changed_meanwhile(ledger: Ledger, decision: str) -> None:
    before, decide, what = DECISIONS[decision]
    record = stored(ledger, before())
    change = decide(record)
    assert change is not None
    ledger.commit(change, record)
    assert ledger.claim(entry_named(record, what), CLAIM) is None


def claimed_in_between(ledger: Ledger, decide: Decide, what: tuple[Target, Action, ParcelId]) -> OrderRecord:
    """The record after a run took an entry between the reading and the writing of a decision."""
    decided: list[Change | None] = []

    def decide_and_lose(record: OrderRecord | None) -> Change | None:
        change = decide(record)
        if not decided:
            assert record is not None
            assert ledger.claim(entry_named(record, what), CLAIM) is not None
        decided.append(change)
        return change

    assert ledger.change(SHOP_ID, ORDER_ID, decide_and_lose) is not None
    assert len(decided) == 2
    return loaded(ledger)


def test_a_number_that_lost_the_race_is_told_as_a_correction_after_the_first(ledger: Ledger) -> None:
    stored(ledger, the_oms_s_parcel())
    record = claimed_in_between(ledger, reporting(report(B)), (TIKTOK_SHOP, SHIP, S1))
    assert labels(record) == (A, B)
    assert telling(record) == ["SHIP 1 SENDING", "CORRECT_PARCEL 1 WAITING"]
    assert entry(record, CORRECT).waits_for == "TIKTOK_SHOP#SHIP#oms-S1#1"
    # ChannelAdvisor was not told yet, and is told of the new one only.
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 WAITING"]


def test_lines_that_lost_the_race_are_left_to_a_person(ledger: Ledger) -> None:
    stored(ledger, the_oms_s_parcel())
    record = claimed_in_between(ledger, reporting(MORE), (TIKTOK_SHOP, SHIP, S1))
    assert the_parcel(record).line_ids == (LINE_1,)
    assert [line.state for line in record.order.lines] == [LineState.IN_PARCEL, LineState.OPEN]
    assert [parcel.id for parcel in record.parcels if parcel.refused] == [f"oms-S2@{A}"]


def test_a_deletion_that_lost_the_race_takes_nothing_back(ledger: Ledger) -> None:
    stored(ledger, channeladvisor_s_parcel())
    record = claimed_in_between(ledger, deleting, (TIKTOK_SHOP, SHIP, C1))
    assert not the_parcel(record, C1).refused
    assert {line.state for line in record.order.lines} == {LineState.IN_PARCEL}
    assert entry(record, SHIP, parcel=C1).state is EntryState.SENDING


def test_a_change_in_seller_center_that_lost_the_race_is_told_after_the_first(ledger: Ledger) -> None:
    stored(ledger, with_a_parcel_at_tiktok_only())
    record = claimed_in_between(ledger, set_by_hand, (CHANNELADVISOR, SHIP, S1))
    assert telling(record, CHANNELADVISOR) == ["SHIP 1 SENDING", "CORRECT_PARCEL 1 WAITING"]
    assert entry(record, CORRECT, CHANNELADVISOR).waits_for == "CHANNELADVISOR#SHIP#oms-S1#1"
    assert labels(record) == (C, C)
