"""What DynamoDB does and moto does not, as AWS documents it: transactions that meet, tokens, answers that get lost."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from random import Random

import pytest

from local.memory_table import MemoryTable
from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Add, Item, Key, Put, VersionConflictError
from tests.simulation.cloud.dynamodb import (
    TOKENS_LAST,
    IdempotentParameterMismatchError,
    InFlight,
    TokenBook,
    TransactionInProgressError,
    units_of_a_second_try,
)
from tests.simulation.cloud.event_loop import Loop, Task
from tests.simulation.cloud.runs import Calls, Run
from tests.simulation.cloud.table import SimulatedTable
from tests.simulation.cloud.tries import LOST, NO_ANSWER_SECONDS, TRIES
from tests.simulation.faults import Faults, Kind
from tests.simulation.trace import Trace
from tests.world import START

A, B, C = Key("P", "A"), Key("P", "B"), Key("P", "C")
LIFE = timedelta(minutes=9)


def item(key: Key, version: int = 1, **more: int | str) -> Item:
    return {"pk": key.pk, "sk": key.sk, "version": version, **more}


class Rig:
    """A table on virtual time, and runs that use it."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.loop = Loop(START, Random(1))
        trace = Trace()
        faults = faults or Faults(1, {}, lambda: self.loop.now)
        self.table = SimulatedTable(MemoryTable(), Calls(self.loop, faults, trace, Random(2)), faults)
        self.written: list[tuple[Item | None, Item | None]] = []
        self.table.on_write = self.written.extend

    def run(self, action: Callable[[], object]) -> Task:
        """Something that a run does; it goes on when the loop turns."""
        task = self.loop.spawn("run", action)
        task.owner = Run(function="f", event={}, number=1, begun_at=START, ends_at=START + LIFE)
        return task

    def done(self, action: Callable[[], object]) -> Task:
        """The same, at its end."""
        task = self.run(action)
        self.loop.run_until(self.loop.now + timedelta(minutes=2))
        assert task.has_ended
        return task


def losing(answers: int) -> Rig:
    """A table whose first writes get lost so many answers in a row."""
    rates = {Kind.TABLE_ANSWER_LOST: 1.0}
    for seed in range(100):
        tried = Faults(seed, rates, lambda: START)
        if tried.strikes(Kind.TABLE_ANSWER_LOST) and tried.choose(Kind.TABLE_ANSWER_LOST, LOST) == answers:
            return Rig(Faults(seed, rates, lambda: START))
    raise AssertionError(f"no seed loses {answers} answers")


def test_a_transaction_that_meets_another_one_is_refused_and_the_first_goes_on() -> None:
    writes = InFlight()
    with writes.transaction([A, B]):
        with pytest.raises(VersionConflictError), writes.transaction([B, C]):
            pass
        with writes.transaction([C]):
            pass


def test_a_put_that_meets_a_transaction_is_refused_and_so_is_a_transaction_that_meets_a_put() -> None:
    writes = InFlight()
    with writes.transaction([A, B]), pytest.raises(VersionConflictError), writes.single(B):
        pass
    with writes.single(B), pytest.raises(VersionConflictError), writes.transaction([A, B]):
        pass


def test_two_puts_of_one_item_do_not_meet_and_each_holds_it_to_its_own_end() -> None:
    writes, first = InFlight(), ExitStack()
    first.enter_context(writes.single(A))
    with writes.single(A):
        first.close()
        with pytest.raises(VersionConflictError), writes.transaction([A]):
            pass
    with writes.transaction([A]):
        pass


def test_what_ended_or_was_refused_or_broke_off_is_met_by_nobody() -> None:
    writes = InFlight()
    with writes.transaction([A]), pytest.raises(VersionConflictError), writes.transaction([A, B]):
        pass
    with pytest.raises(KeyboardInterrupt), writes.transaction([A, B, C]):
        raise KeyboardInterrupt
    with writes.transaction([A, B, C]), pytest.raises(VersionConflictError), writes.single(C):
        pass


@pytest.mark.parametrize("second", ["transaction", "put"])
def test_two_runs_that_write_the_same_item_at_once_meet_in_the_table(second: str) -> None:
    rig = Rig()
    tasks = []
    for _ in range(2):
        tasks.append(rig.run(lambda: rig.table.write_all([Put(item=item(A)), Put(item=item(B))])))
        if second == "put":
            tasks[1:] = [rig.run(lambda: rig.table.put(Put(item=item(B))))]
            break
    rig.loop.run_until(START + timedelta(minutes=1))
    # Both set out within the same few milliseconds: whoever comes second loses.
    assert sorted(type(task.error).__name__ for task in tasks) == ["NoneType", "VersionConflictError"]


def test_reads_wait_for_nobody_and_see_what_is_committed_as_a_whole() -> None:
    rig = Rig()
    rig.table.write_all([Put(item=item(A)), Put(item=item(B))])
    seen: list[list[int]] = []

    def look() -> None:
        seen.extend(sorted(int(each["version"]) for each in rig.table.get_many([A, B])) for _ in range(12))

    rig.run(look)
    rig.run(lambda: rig.table.write_all([Put(item=item(A, 2), expects=1), Put(item=item(B, 2), expects=1)]))
    rig.loop.run_until(START + timedelta(minutes=1))
    assert len(seen) == 12
    assert seen[0] == [1, 1]
    assert seen[-1] == [2, 2]
    assert all(versions in ([1, 1], [2, 2]) for versions in seen)


def test_a_token_that_comes_again_is_told_of_its_success_for_ten_minutes() -> None:
    book = TokenBook()
    assert not book.seen("token", ["request"], START)
    book.succeeded("token", START)
    assert book.seen("token", ["request"], START + TOKENS_LAST - timedelta(seconds=1))
    assert not book.seen("token", ["request"], START + TOKENS_LAST)


def test_a_token_with_another_request_is_refused() -> None:
    book = TokenBook()
    book.seen("token", ["request"], START)
    with pytest.raises(IdempotentParameterMismatchError):
        book.seen("token", ["another"], START)
    book.succeeded("token", START)
    with pytest.raises(IdempotentParameterMismatchError):
        book.seen("token", ["another"], START)


def test_a_token_whose_first_transaction_is_under_way_has_to_wait() -> None:
    book = TokenBook()
    book.seen("token", ["request"], START)
    with pytest.raises(TransactionInProgressError):
        book.seen("token", ["request"], START)


def test_a_token_whose_transaction_was_canceled_or_is_forgotten_is_judged_anew() -> None:
    book = TokenBook()
    book.seen("token", ["request"], START)
    book.canceled("token")
    assert not book.seen("token", ["request"], START)
    book.succeeded("token", START)
    book.forget("token")
    assert not book.seen("token", ["request"], START)


def test_a_second_try_costs_two_reads_of_each_item_in_whole_four_kilobytes() -> None:
    assert units_of_a_second_try([item(A)]) == 2
    assert units_of_a_second_try([item(A), item(B, text="x" * 4096)]) == 2 + 4


@pytest.mark.parametrize("answers", [1, 2])
def test_a_transaction_whose_answer_was_lost_succeeds_at_the_next_try_and_adds_once(answers: int) -> None:
    rig = losing(answers)
    ended: list[float] = []

    def write() -> None:
        rig.table.write_all([Put(item=item(A), expects=0), Add(key=B, amounts={"late": 1})])
        ended.append((rig.loop.now - START).total_seconds())

    task = rig.done(write)
    assert task.error is None
    assert rig.table.memory.items[B]["late"] == 1
    assert len(rig.written) == 2
    assert rig.table.memory.read_units == 4 * answers
    assert ended[0] == pytest.approx(answers * NO_ANSWER_SECONDS, abs=0.2)


def test_a_transaction_succeeds_at_its_second_try_though_others_have_deleted_what_it_wrote() -> None:
    rig = losing(1)
    task = rig.run(lambda: rig.table.write_all([Put(item=item(A)), Put(item=item(B))]))
    rig.loop.at(START + timedelta(seconds=2), lambda: rig.table.delete(A))
    rig.loop.run_until(START + timedelta(seconds=9))
    assert task.has_ended
    assert task.error is None
    assert rig.table.memory.items.keys() == {B}


def test_a_transaction_none_of_whose_tries_is_answered_is_an_error_though_it_was_written() -> None:
    rig = losing(TRIES)
    task = rig.done(lambda: rig.table.write_all([Put(item=item(A), expects=0)]))
    assert isinstance(task.error, RetriableError)
    assert not isinstance(task.error, VersionConflictError)
    assert len(rig.written) == 1
    assert A in rig.table.memory.items


@pytest.mark.parametrize("expects", [0, 1])
def test_a_put_with_a_condition_meets_what_its_own_first_try_wrote(expects: int) -> None:
    rig = losing(1)
    if expects:
        rig.table.put(Put(item=item(A)))
    task = rig.done(lambda: rig.table.put(Put(item=item(A, 2), expects=expects)))
    assert isinstance(task.error, VersionConflictError)
    assert rig.table.memory.items[A]["version"] == 2


def test_a_put_without_a_condition_is_written_again_over_what_others_wrote_meanwhile() -> None:
    rig = losing(1)
    task = rig.run(lambda: rig.table.put(Put(item=item(A, 1))))
    rig.loop.at(START + timedelta(seconds=2), lambda: rig.table.put(Put(item=item(A, 7))))
    rig.loop.run_until(START + timedelta(seconds=3))
    assert rig.table.memory.items[A]["version"] == 7
    rig.loop.run_until(START + timedelta(seconds=9))
    assert task.has_ended
    assert task.error is None
    assert rig.table.memory.items[A]["version"] == 1


def test_a_delete_with_a_condition_meets_that_its_own_first_try_deleted() -> None:
    rig = losing(1)
    rig.table.put(Put(item=item(A)))
    task = rig.done(lambda: rig.table.delete(A, expects=1))
    assert isinstance(task.error, VersionConflictError)
    assert A not in rig.table.memory.items


def test_a_refused_transaction_writes_nothing_and_is_told_to_nobody() -> None:
    rig = Rig()
    rig.table.put(Put(item=item(A)))
    rig.written.clear()
    task = rig.done(lambda: rig.table.write_all([Put(item=item(B)), Put(item=item(A), expects=0)]))
    assert isinstance(task.error, VersionConflictError)
    assert rig.written == []
    assert B not in rig.table.memory.items


def test_every_write_is_told_as_a_whole_with_what_was_there_before() -> None:
    rig = Rig()
    rig.table.write_all([Put(item=item(A)), Put(item=item(B))])
    rig.table.delete(A)
    assert rig.written == [(None, item(A)), (None, item(B)), (item(A), None)]


def test_a_run_that_is_paused_on_its_way_to_dynamodb_is_met_by_nobody() -> None:
    faults = Faults(1, {Kind.PAUSE: 1.0}, lambda: START)
    rig = Rig(faults)
    rig.run(lambda: rig.table.write_all([Put(item=item(A))]))
    rig.loop.run_until(START + timedelta(milliseconds=500))
    faults.end()
    assert rig.done(lambda: rig.table.write_all([Put(item=item(A))])).error is None
