"""Cancellations in the ledger: every field survives, what is due is found, and a request is found by its id alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.memory_table import item_size
from order_sync.domain.cancelling.cancellations import Outcome
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.ids import CancelId, LineId, OrderId, ShopId
from order_sync.domain.records import Change, OrderRecord
from order_sync.ledger import keys
from order_sync.ledger.ledger import DamagedItemError, Ledger
from order_sync.ledger.table import Item, Put, Table, Write
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    ORDER_ID,
    SHOP_ID,
    TIMING,
    a_shop,
    a_wish,
    answered,
    cancel_facts,
    handed_over,
    requested,
    settled,
    wished,
)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = ASKED

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(table: Table, clock: Clock) -> Ledger:
    return Ledger(table, clock)


def saved(ledger: Ledger, record: OrderRecord, before: OrderRecord | None = None) -> OrderRecord:
    """Write a record as one decision on an order that the ledger does not know, or knows as `before`."""
    version = before.order.version if before else 0
    known = {entry.name for entry in before.outbox} if before else set()
    outbox = tuple(replace(entry, version=0) for entry in record.outbox if entry.name not in known)
    change = Change(
        order=replace(record.order, version=version),
        outbox=outbox,
        parcels=record.parcels,
        cancellations=record.cancellations,
        seller_cancellations=record.seller_cancellations,
    )
    ledger.commit(change, before)
    return loaded(ledger)


def loaded(ledger: Ledger, order: OrderId = ORDER_ID) -> OrderRecord:
    record = ledger.load(SHOP_ID, order)
    assert record is not None
    return record


def item_at(ledger: Ledger, sort_key: str) -> Item:
    (found,) = (item for item in ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID)) if item["sk"] == sort_key)
    return found


def test_an_order_is_read_with_its_cancellations(ledger: Ledger) -> None:
    record = wished(answered(requested()), a_wish(line_ids=(LINE_1,)))
    found = saved(ledger, record)
    assert found.cancellations == record.cancellations
    assert found.seller_cancellations == record.seller_cancellations
    assert found.open_request == record.open_request


def test_cancellations_do_not_hide_the_timeline(ledger: Ledger) -> None:
    saved(ledger, handed_over())
    ledger.change(SHOP_ID, ORDER_ID, sighting)
    assert [fact.event for fact in ledger.timeline(SHOP_ID, ORDER_ID)] == ["CANCEL_REQUESTED"]


def sighting(record: OrderRecord | None, status: str = "PENDING", hours: float = 0) -> Change | None:
    assert record is not None
    facts = cancel_facts(status, seen_after=timedelta(hours=hours))
    return decide_cancellation_sighting(record, facts, a_shop(), TIMING, facts.updated_at)


def test_an_order_with_a_request_is_due_at_its_next_look_and_not_before(ledger: Ledger, clock: Clock) -> None:
    saved(ledger, requested())
    clock.time = ASKED + timedelta(hours=12) - timedelta(milliseconds=1)
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 10) == []
    clock.time = ASKED + timedelta(hours=12)
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 10) == [ORDER_ID]
    assert ledger.orders_with_due_cancellations(ShopId("1"), clock.time, 10) == []


def test_an_order_with_two_due_cancellations_is_due_once(ledger: Ledger, clock: Clock) -> None:
    saved(ledger, wished(answered(requested()), a_wish(line_ids=(LINE_1,))))
    clock.time = ASKED + timedelta(days=2)
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 10) == [ORDER_ID]


def test_what_is_closed_is_due_no_longer(ledger: Ledger, clock: Clock) -> None:
    before = saved(ledger, requested())
    saved(ledger, settled(before, "CLOSED", timedelta(hours=1)), before)
    clock.time = ASKED + timedelta(days=9)
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 10) == []


def test_a_refused_cancellation_of_the_seller_is_due_no_longer(ledger: Ledger, clock: Clock) -> None:
    saved(ledger, wished(handed_over(), a_wish(line_ids=(LineId("9"),))))
    clock.time = ASKED + timedelta(days=9)
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 10) == []


def test_the_longest_due_comes_first_and_no_more_than_were_asked_for(ledger: Ledger, clock: Clock) -> None:
    for number, hours in (("3", 2), ("1", 3), ("2", 1)):
        record = requested()
        order = replace(record.order, id=OrderId(number), version=0)
        request = replace(record.cancellations[0], next_due=ASKED + timedelta(hours=hours))
        ledger.commit(Change(order=order, cancellations=(request,)))
    clock.time = ASKED + timedelta(hours=4)
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 10) == ["2", "3", "1"]
    assert ledger.orders_with_due_cancellations(SHOP_ID, clock.time, 2) == ["2", "3"]


def test_the_order_of_a_request_is_found_by_the_request_alone(ledger: Ledger) -> None:
    assert ledger.order_of_request(SHOP_ID, CANCEL_ID) is None
    saved(ledger, requested())
    assert ledger.order_of_request(SHOP_ID, CANCEL_ID) == ORDER_ID
    assert ledger.order_of_request(ShopId("1"), CANCEL_ID) is None


def test_a_cancellation_that_is_no_request_cannot_be_answered_and_is_not_found(ledger: Ledger) -> None:
    saved(ledger, requested(is_request=False))
    assert ledger.order_of_request(SHOP_ID, CANCEL_ID) is None


class CountingTable:
    """A table that remembers what was written to it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.written: list[str] = []

    def write_all(self, writes: Sequence[Write]) -> None:
        self.written += [write.key.pk for write in writes]
        self._table.write_all(writes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)


@pytest.fixture
def counting(table: Table) -> CountingTable:
    return CountingTable(table)


def test_where_a_request_is_found_is_written_once(counting: CountingTable, clock: Clock) -> None:
    ledger = Ledger(counting, clock)
    saved(ledger, handed_over())
    ledger.change(SHOP_ID, ORDER_ID, sighting)
    ledger.change(SHOP_ID, ORDER_ID, remind)
    ledger.change(SHOP_ID, ORDER_ID, lambda record: sighting(record, "CLOSED", 13))
    assert loaded(ledger).cancellations[0].outcome is Outcome.WITHDRAWN
    assert counting.written.count(f"REQUEST#{SHOP_ID}#{CANCEL_ID}") == 1
    assert ledger.order_of_request(SHOP_ID, CANCEL_ID) == ORDER_ID


def remind(record: OrderRecord | None) -> Change | None:
    assert record is not None
    change = decide_due(record, a_shop(), TIMING, ASKED + timedelta(hours=12))
    assert change is not None
    return change


def test_known_cancellations_are_read_without_their_orders(ledger: Ledger) -> None:
    record = saved(ledger, requested())
    wanted = [(ORDER_ID, CANCEL_ID), (ORDER_ID, CancelId("9")), (OrderId("9"), CANCEL_ID)]
    assert ledger.cancellations(SHOP_ID, wanted) == {CANCEL_ID: record.cancellations[0]}
    assert ledger.cancellations(SHOP_ID, []) == {}


@pytest.mark.parametrize(
    ("sort_key", "attribute", "value"),
    [
        (f"CANCEL#{CANCEL_ID}", "initiator", "NOBODY"),
        (f"CANCEL#{CANCEL_ID}", "requested_at", None),
        (f"CANCEL#{CANCEL_ID}", "answer", "PERHAPS"),
        (f"CANCEL#{CANCEL_ID}", "outcome", "LOST"),
        ("SELLER_CANCEL#oms-17", "state", "LOST"),
        ("SELLER_CANCEL#oms-17", "cancel_reason", None),
    ],
)
def test_a_damaged_cancellation_holds_up_only_its_order(
    ledger: Ledger, sort_key: str, attribute: str, value: str | None
) -> None:
    saved(ledger, wished(requested(), a_wish(line_ids=(LINE_1,))))
    item = item_at(ledger, sort_key)
    item.pop(attribute, None)
    ledger.table.put(Put(item=item if value is None else item | {attribute: value}))
    with pytest.raises(DamagedItemError, match=sort_key):
        ledger.load(SHOP_ID, ORDER_ID)
    left = ledger.cancellations(SHOP_ID, [(ORDER_ID, CANCEL_ID)])
    assert (CANCEL_ID in left) == sort_key.startswith("SELLER")
    assert ORDER_ID in ledger.heads(SHOP_ID, [ORDER_ID])


def test_a_decision_on_a_request_that_comes_too_late_is_taken_again(ledger: Ledger) -> None:
    saved(ledger, requested())
    stale = loaded(ledger)
    ledger.change(SHOP_ID, ORDER_ID, lambda record: sighting(record, "CLOSED", 1))
    readings = iter([stale])

    def remind_or_not(record: OrderRecord | None) -> Change | None:
        seen_first = next(readings, record)
        assert seen_first is not None
        return decide_due(seen_first, a_shop(), TIMING, ASKED + timedelta(hours=12))

    assert ledger.change(SHOP_ID, ORDER_ID, remind_or_not) is None
    assert loaded(ledger).cancellations[0].outcome is Outcome.WITHDRAWN


def test_a_cancellation_s_item_is_small(ledger: Ledger) -> None:
    saved(ledger, answered(requested()))
    # One write unit.
    assert item_size(item_at(ledger, f"CANCEL#{CANCEL_ID}")) < 1024
