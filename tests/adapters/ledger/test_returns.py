"""Returns in the ledger: read with their order, due at their time, counted by stage, found by their id alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId, ReturnId, ShopId
from order_sync.domain.orders import Line, LineState
from order_sync.domain.outbox import EntryState, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_return_answer
from order_sync.domain.returning.returns import Question
from order_sync.domain.returning.stages import ReturnStage
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from order_sync.ledger import keys
from order_sync.ledger.ledger import DamagedItemError, Ledger
from order_sync.ledger.returns import ReturnBook
from order_sync.ledger.table import Item, Put, Table, VersionConflictError, Write
from tests.builders import LINE_2, ORDER_ID, SHOP_ID, TIMING
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    CANCEL,
    COMPLETE,
    HOUR,
    REJECT,
    RETURN_ID,
    SUCCESS,
    TO_SHIP,
    WANTED,
    a_reported_refund,
    due_change,
    notes,
    refund_change,
    refund_reported,
    return_change,
    return_facts,
    shipped,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

MILLISECOND = timedelta(milliseconds=1)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = WANTED

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return Ledger(table, Clock())


@pytest.fixture
def book(table: Table) -> ReturnBook:
    return ReturnBook(table)


def saved(ledger: Ledger, record: OrderRecord, order: OrderId = ORDER_ID) -> OrderRecord:
    """Write a record as one decision on an order that the ledger does not know."""
    ledger.commit(
        Change(
            order=replace(record.order, id=order, version=0),
            outbox=tuple(replace(entry, order=order, version=0) for entry in record.outbox),
            parcels=record.parcels,
            returns=record.returns,
            seller_refunds=record.seller_refunds,
        )
    )
    return loaded(ledger, order)


def loaded(ledger: Ledger, order: OrderId = ORDER_ID) -> OrderRecord:
    record = ledger.load(SHOP_ID, order)
    assert record is not None
    return record


def decided(ledger: Ledger, decide: Callable[[OrderRecord], Change | None]) -> Change | None:
    def on_what_is_known(record: OrderRecord | None) -> Change | None:
        assert record is not None
        return decide(record)

    return ledger.change(SHOP_ID, ORDER_ID, on_what_is_known)


def sighted(ledger: Ledger, status: str, hours: float = 0, **changes: Any) -> Change | None:
    facts = return_facts(status, seen_after=hours * HOUR, **changes)
    return decided(ledger, lambda record: return_change(record, facts))


def item_at(ledger: Ledger, sort_key: str) -> Item:
    (found,) = (item for item in ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID)) if item["sk"] == sort_key)
    return found


def test_an_order_is_read_with_its_returns_and_its_seller_s_refunds(ledger: Ledger) -> None:
    record = refund_reported(wanted_back(), line_ids=(LINE_2,))
    found = saved(ledger, record)
    assert found.returns == record.returns
    assert found.seller_refunds == record.seller_refunds


def test_a_decision_is_saved_with_its_timeline_and_its_news(ledger: Ledger) -> None:
    saved(ledger, shipped())
    sighted(ledger, "RETURN_OR_REFUND_REQUEST_PENDING")
    assert [fact.event for fact in ledger.timeline(SHOP_ID, ORDER_ID)] == ["RETURN_REQUESTED", "RETURN_QUESTION_OPENED"]
    assert [entry.state for entry in notes(loaded(ledger), Target.OMS)] == [EntryState.WAITING]
    before = loaded(ledger)
    assert sighted(ledger, "RETURN_OR_REFUND_REQUEST_PENDING") is None
    assert loaded(ledger) == before


def test_what_is_refused_leaves_the_ledger_as_it_was(ledger: Ledger) -> None:
    before = saved(ledger, wanted_back(status=SUCCESS))
    with pytest.raises(RejectedError):
        sighted(ledger, TO_SHIP, 1)
    assert loaded(ledger) == before


def test_an_order_is_due_when_its_return_is_looked_at_next_and_not_before(ledger: Ledger, book: ReturnBook) -> None:
    saved(ledger, wanted_back())
    assert book.due(SHOP_ID, WANTED + 24 * HOUR - MILLISECOND, 10) == []
    assert book.due(SHOP_ID, WANTED + 24 * HOUR, 10) == [ORDER_ID]
    assert book.due(ShopId("1"), WANTED + 24 * HOUR, 10) == []


def test_an_order_is_due_when_a_refund_of_the_seller_s_should_have_come(ledger: Ledger, book: ReturnBook) -> None:
    record = saved(ledger, refund_reported())
    moment = the_wish(record).confirm_by
    assert moment is not None
    assert book.due(SHOP_ID, moment - MILLISECOND, 10) == []
    assert book.due(SHOP_ID, moment, 10) == [ORDER_ID]


def test_an_order_of_which_two_things_are_due_is_due_once(ledger: Ledger, book: ReturnBook) -> None:
    record = wanted_back(wanted_back(), SUCCESS, id=ANOTHER_ID, lines=the_lines(LINE_2))
    saved(ledger, record)
    assert book.due(SHOP_ID, WANTED + 99 * HOUR, 10) == [ORDER_ID]


@pytest.mark.parametrize("status", [TO_SHIP, REJECT, CANCEL, COMPLETE])
def test_what_waits_for_nothing_of_ours_is_never_due(ledger: Ledger, book: ReturnBook, status: str) -> None:
    saved(ledger, wanted_back())
    sighted(ledger, status, 1)
    assert book.due(SHOP_ID, WANTED + 999 * HOUR, 10) == []


def test_what_was_said_to_be_late_is_counted_and_due_no_longer(ledger: Ledger, book: ReturnBook) -> None:
    saved(ledger, refund_reported(wanted_back(status=SUCCESS), line_ids=(LINE_2,)))
    decided(ledger, lambda record: due_change(record, WANTED + 99 * HOUR))
    assert book.due(SHOP_ID, WANTED + 999 * HOUR, 10) == []
    assert [book.count(SHOP_ID, stage) for stage in (ReturnStage.REFUND_LATE, ReturnStage.OVERDUE)] == [1, 1]
    assert [book.count(SHOP_ID, stage) for stage in (ReturnStage.AWAITED, ReturnStage.STARTED)] == [0, 0]


def test_the_longest_due_comes_first_and_no_more_than_were_asked_for(ledger: Ledger, book: ReturnBook) -> None:
    for number, hours in (("3", 2), ("1", 3), ("2", 1)):
        record = wanted_back()
        known = replace(the_return(record), next_due=WANTED + hours * HOUR)
        saved(ledger, replace(record, returns=(known,)), OrderId(number))
    assert book.due(SHOP_ID, WANTED + 4 * HOUR, 10) == ["2", "3", "1"]
    assert book.due(SHOP_ID, WANTED + 4 * HOUR, 2) == ["2", "3"]


def test_a_return_moves_from_stage_to_stage_and_is_counted_once(ledger: Ledger, book: ReturnBook) -> None:
    def counts() -> dict[str, int]:
        return {stage: number for stage in ReturnStage if (number := book.count(SHOP_ID, stage))}

    def answer(record: OrderRecord) -> Change | None:
        now = WANTED + HOUR
        return decide_return_answer(
            record, RETURN_ID, Question.RETURN, Answer.APPROVE, Decider.OMS, timing=TIMING, now=now
        )

    saved(ledger, wanted_back())
    assert counts() == {"ASKED": 1}
    decided(ledger, answer)
    assert counts() == {"AWAITED": 1}
    sighted(ledger, TO_SHIP, 2)
    assert counts() == {"QUIET": 1}
    sighted(ledger, SUCCESS, 3)
    assert counts() == {"AWAITED": 1}
    decided(ledger, lambda record: due_change(record, WANTED + 27 * HOUR))
    assert counts() == {"REFUND_LATE": 1}
    sighted(ledger, COMPLETE, 28)
    assert counts() == {}


def test_the_refund_of_a_seller_moves_through_its_stages(ledger: Ledger, book: ReturnBook) -> None:
    saved(ledger, shipped())
    decided(ledger, lambda record: refund_change(record, a_reported_refund()))
    assert book.count(SHOP_ID, ReturnStage.STARTED) == 1
    decided(ledger, lambda record: due_change(record, WANTED + 99 * HOUR))
    assert [book.count(SHOP_ID, stage) for stage in (ReturnStage.STARTED, ReturnStage.OVERDUE)] == [0, 1]
    assert the_wish(loaded(ledger)).unconfirmed


def test_the_returns_that_wait_for_an_answer_are_listed(ledger: Ledger, book: ReturnBook) -> None:
    saved(ledger, wanted_back())
    saved(ledger, wanted_back(id=ANOTHER_ID, kind=ReturnKind.REFUND), OrderId("9"))
    saved(ledger, wanted_back(status=TO_SHIP, id=ReturnId("3")), OrderId("10"))
    assert {known.id: known.question for known in book.asked(SHOP_ID)} == {
        RETURN_ID: Question.RETURN,
        ANOTHER_ID: Question.REFUND,
    }
    assert book.asked(ShopId("1")) == []


def test_the_order_of_a_return_is_found_by_the_return_alone(ledger: Ledger, book: ReturnBook) -> None:
    assert book.order_of(SHOP_ID, RETURN_ID) is None
    saved(ledger, wanted_back())
    assert book.order_of(SHOP_ID, RETURN_ID) == ORDER_ID
    assert book.order_of(ShopId("1"), RETURN_ID) is None
    assert book.order_of(SHOP_ID, ANOTHER_ID) is None


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


def test_where_a_return_is_found_is_written_once(table: Table) -> None:
    counting = CountingTable(table)
    ledger = Ledger(counting, Clock())
    saved(ledger, shipped())
    for hours, status in enumerate(["RETURN_OR_REFUND_REQUEST_PENDING", TO_SHIP, SUCCESS, COMPLETE]):
        assert sighted(ledger, status, hours) is not None
    assert counting.written.count(f"RETURN#{SHOP_ID}#{RETURN_ID}") == 1
    assert ReturnBook(table).order_of(SHOP_ID, RETURN_ID) == ORDER_ID


def test_known_returns_are_read_without_their_orders(ledger: Ledger, book: ReturnBook) -> None:
    record = saved(ledger, wanted_back())
    wanted = [(ORDER_ID, RETURN_ID), (ORDER_ID, ANOTHER_ID), (OrderId("9"), RETURN_ID)]
    assert book.known(SHOP_ID, wanted) == {RETURN_ID: the_return(record)}
    assert book.known(SHOP_ID, []) == {}


@pytest.mark.parametrize(
    ("sort_key", "attribute", "value"),
    [
        (f"RETURN#{RETURN_ID}", "state", "LOST"),
        (f"RETURN#{RETURN_ID}", "lines", "[["),
        (f"RETURN#{RETURN_ID}", "requested_at", None),
        (f"RETURN#{RETURN_ID}", "refund", "USD one 0 0 0 0"),
        ("SELLER_REFUND#oms-31", "state", "LOST"),
        ("SELLER_REFUND#oms-31", "amount", "much USD"),
    ],
)
def test_a_damaged_return_holds_up_only_its_order(
    ledger: Ledger, book: ReturnBook, sort_key: str, attribute: str, value: str | None
) -> None:
    saved(ledger, refund_reported(wanted_back(), line_ids=(LINE_2,)))
    item = item_at(ledger, sort_key)
    item.pop(attribute, None)
    ledger.table.put(Put(item=item if value is None else item | {attribute: value}))
    with pytest.raises(DamagedItemError, match=sort_key):
        ledger.load(SHOP_ID, ORDER_ID)
    is_return = sort_key.startswith("RETURN")
    assert (RETURN_ID in book.known(SHOP_ID, [(ORDER_ID, RETURN_ID)])) is not is_return
    assert len(book.asked(SHOP_ID)) == (not is_return)
    assert ORDER_ID in ledger.heads(SHOP_ID, [ORDER_ID])


def test_a_decision_on_a_return_that_comes_too_late_is_taken_again(ledger: Ledger) -> None:
    stale = saved(ledger, wanted_back())
    sighted(ledger, REJECT, 1)
    readings = iter([stale])

    def remind_or_not(record: OrderRecord) -> Change | None:
        return due_change(next(readings, record), WANTED + 24 * HOUR)

    assert decided(ledger, remind_or_not) is None
    assert the_return(loaded(ledger)).state is ReturnState.REJECTED


def test_news_that_a_run_takes_meanwhile_is_queued_anew(ledger: Ledger) -> None:
    before = saved(ledger, wanted_back())
    change = return_change(before, return_facts(TO_SHIP, seen_after=HOUR))
    assert change is not None
    (entry,) = notes(before, Target.OMS)
    claimed = ledger.claim(replace(entry, due_at=WANTED - HOUR), TIMING.claim)
    assert claimed is not None
    with pytest.raises(VersionConflictError):
        ledger.commit(change, before)
    sighted(ledger, TO_SHIP, 1)
    assert [each.state for each in notes(loaded(ledger), Target.OMS)] == [EntryState.SENDING, EntryState.WAITING]


def test_an_order_of_hundreds_of_units_that_all_come_back_is_saved(ledger: Ledger) -> None:
    ids = tuple(LineId(f"57708651212375{place:04}") for place in range(300))
    lines = tuple(Line(id=each, sku="TEE-BLU-M", state=LineState.SHIPPED) for each in ids)
    record = shipped(paid=None)
    saved(ledger, replace(record, order=replace(record.order, lines=lines), parcels=()))
    sighted(ledger, COMPLETE, lines=the_lines(*ids))
    assert the_return(loaded(ledger)).line_ids == ids
