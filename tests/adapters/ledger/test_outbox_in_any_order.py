"""Random runs that tell partners, die, overlap and look again, beside a model of the outbox and the partners' books."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from local.memory_table import MemoryTable
from order_sync.domain.drafts import Draft
from order_sync.domain.errors import RejectedError
from order_sync.domain.outbox import Action, OutboxEntry, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_dropped, decide_failed, decide_not_told, decide_replay, decide_told
from order_sync.ledger.ledger import Ledger
from tests.adapters.ledger.model_of_an_outbox import CLAIM, OPEN_REQUEST, OutboxModel
from tests.builders import NOON, ORDER_ID, SHOP_ID, TIMING, a_shop, some_facts
from tests.sequences import as_test

KINDS = (
    (Target.CHANNELADVISOR, Action.CREATE_ORDER),
    (Target.CHANNELADVISOR, Action.UPDATE_ADDRESS),
    (Target.OMS, Action.CREATE_ORDER),
    (Target.OMS, Action.SET_CHANNELADVISOR_NUMBER),
    (Target.TIKTOK_SHOP, Action.SET_REFERENCE),
    (Target.OPERATOR, Action.NOTIFY),
)
NUMBERS = st.integers(0, 99)
WAITS = st.sampled_from([timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=5), timedelta(minutes=10)])
LIMITS = st.sampled_from([None, timedelta(minutes=5), timedelta(minutes=20)])
ANSWERS = st.sampled_from(
    ["yes", "yes", "yes", "not yet", "lost before", "lost after", "refused", "half done", "too late", "not needed"]
)
HAS_EFFECT = {"yes", "lost after", "half done"}


@dataclass(kw_only=True)
class Run:
    """A run with one entry in its hands: as it was read, then as it was claimed, then what the partner said."""

    entry: OutboxEntry
    changes_seen: int
    claimed: OutboxEntry | None = None
    answer: str = ""


class OutboxInAnyOrder(RuleBasedStateMachine):
    """The outbox of one order, whose partners are books that count."""

    @initialize(chain=st.lists(st.sampled_from(KINDS), unique=True, max_size=4), limit=LIMITS, tried=st.booleans())
    def begin(self, chain: list[tuple[Target, Action]], limit: timedelta | None, *, tried: bool) -> None:
        self.now: datetime = NOON
        self.ledger = Ledger(MemoryTable(), lambda: self.now)
        self.model = OutboxModel()
        self.runs: list[Run] = []
        facts = some_facts("ON_HOLD")
        self.ledger.change(SHOP_ID, ORDER_ID, lambda record: decide_sighting(record, facts, a_shop(), TIMING, self.now))
        for place, kind in enumerate(chain):
            self.something_is_to_be_told(kind, "1", place or None)
        if limit and len(chain) > 1:
            self.hold_back(list(self.model.things)[-1], list(self.model.things)[-2], self.now + limit)
        if tried and limit and len(chain) > 2:
            # The wait's limit is over, and the attempt has a fate of its own whatever becomes of what was waited for.
            self.now += limit
            self.tell_one(list(self.model.things)[-1], "lost after")

    @property
    def record(self) -> OrderRecord:
        found = self.ledger.load(SHOP_ID, ORDER_ID)
        assert found is not None
        return found

    def entry(self, name: str) -> OutboxEntry:
        found = self.record.entry(name)
        assert found is not None, name
        return found

    # --- decisions

    def decide(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        def of_known(record: OrderRecord | None) -> Change | None:
            assert record is not None
            return decide(record)

        self.ledger.change(SHOP_ID, ORDER_ID, of_known)

    def draft(self, act: Callable[[Draft], None]) -> None:
        def decide(record: OrderRecord) -> Change | None:
            draft = Draft(record, self.now)
            act(draft)
            return draft.change()

        self.decide(decide)

    @rule(kind=st.sampled_from(KINDS), revision=st.sampled_from("12"), number=st.none() | NUMBERS)
    def something_is_to_be_told(self, kind: tuple[Target, Action], revision: str, number: int | None) -> None:
        going_on = [name for name, thing in self.model.things.items() if thing.state not in ("DONE", "WITHDRAWN")]
        waits_for = "" if number is None else [OPEN_REQUEST, *going_on][number % (len(going_on) + 1)]
        entry = tell(*kind, SHOP_ID, ORDER_ID, now=self.now, revision=revision, waits_for=waits_for)
        if waits_for != entry.name:
            self.model.queue(entry.name, waits_for, self.now)
            self.draft(lambda draft: draft.queue(entry))

    @precondition(lambda self: self.waiting_alone())
    @rule(number=NUMBERS, other=NUMBERS, limit=LIMITS)
    def something_waits_for_another(self, number: int, other: int, limit: timedelta | None) -> None:
        names = self.waiting_alone()
        name = names[number % len(names)]
        others = [OPEN_REQUEST, *(each for each in names if each != name)]
        self.hold_back(name, others[other % len(others)], self.now + limit if limit else None)

    def hold_back(self, name: str, waits_for: str, until: datetime | None) -> None:
        entry = self.entry(name)
        self.model.hold_back(name, waits_for, until)
        self.draft(lambda draft: draft.hold_back(entry, waits_for, until=until))

    def waiting_alone(self) -> list[str]:
        """What waits for nothing, and for which nothing waits, so that no circle comes about."""
        things = self.model.things
        awaited = {thing.waits_for for thing in things.values()}
        waiting = [name for name in self.model.untold() if things[name].state == "WAITING"]
        return [name for name in waiting if not things[name].waits_for and name not in awaited]

    @rule()
    def the_request_is_closed(self) -> None:
        self.model.free(OPEN_REQUEST, self.now)
        self.draft(lambda draft: draft.free(OPEN_REQUEST))

    @precondition(lambda self: self.model.untold())
    @rule(number=NUMBERS)
    def a_cancellation_withdraws(self, number: int) -> None:
        names = self.model.untold()
        entry = self.entry(names[number % len(names)])
        assert entry.is_untold
        self.model.withdraw(entry.name)
        self.draft(lambda draft: draft.withdraw(entry, "cancelled"))

    @precondition(lambda self: self.model.in_state("FAILED"))
    @rule(number=st.none() | NUMBERS)
    def an_operator_replays(self, number: int | None) -> None:
        failed = self.model.in_state("FAILED")
        name = "" if number is None else failed[number % len(failed)]
        self.model.replay([name] if name else failed, self.now)
        self.decide(lambda record: decide_replay(record, self.now, name))

    @precondition(lambda self: len(self.model.things) > len(self.model.in_state("FAILED")))
    @rule(number=NUMBERS)
    def an_operator_replays_what_has_not_failed(self, number: int) -> None:
        names = sorted(set(self.model.things) - set(self.model.in_state("FAILED")))
        with pytest.raises(RejectedError, match="has no failed outbox entry"):
            decide_replay(self.record, self.now, names[number % len(names)])

    @precondition(lambda self: self.model.in_state("DONE"))
    @rule(number=NUMBERS, was_lost=st.booleans())
    def a_comparison_misses_what_was_told(self, number: int, *, was_lost: bool) -> None:
        done = self.model.in_state("DONE")
        entry = self.entry(done[number % len(done)])
        if was_lost:
            self.model.done_there[entry.name] = 0
        self.model.tell_again(entry.name, self.now)
        self.draft(lambda draft: draft.tell_again(entry))

    # --- time and runs

    @rule(wait=WAITS)
    def time_passes(self, wait: timedelta) -> None:
        """No run lives longer than its claim."""
        self.now += wait
        self.runs = [run for run in self.runs if run.claimed is None or not self.is_over(run.claimed)]

    def is_over(self, claimed: OutboxEntry) -> bool:
        return claimed.claimed_until is not None and claimed.claimed_until <= self.now

    def due(self) -> list[str]:
        return [name for name, thing in self.model.things.items() if thing.may_be_claimed(self.now)]

    @precondition(lambda self: self.due())
    @rule(number=NUMBERS, pauses=st.sampled_from([False, False, True]))
    def a_run_reads(self, number: int, *, pauses: bool) -> None:
        due = self.due()
        self.read(due[number % len(due)])
        if not pauses:
            self.a_run_claims(-1)

    def read(self, name: str) -> None:
        self.runs.append(Run(entry=self.entry(name), changes_seen=self.model.things[name].changes))

    def having(self, *, claimed: bool, answered: bool = False) -> list[Run]:
        return [run for run in self.runs if (run.claimed is not None, bool(run.answer)) == (claimed, answered)]

    @precondition(lambda self: self.having(claimed=False))
    @rule(number=NUMBERS)
    def a_run_claims(self, number: int) -> None:
        """Only what nobody has touched since it was read."""
        runs = self.having(claimed=False)
        run = runs[number % len(runs)]
        thing = self.model.things[run.entry.name]
        may = thing.changes == run.changes_seen and thing.may_be_claimed(self.now)
        run.claimed = self.ledger.claim(run.entry, CLAIM)
        assert (run.claimed is not None) is may
        if may:
            self.model.claim(run.entry.name, self.now)
        else:
            self.runs.remove(run)

    @precondition(lambda self: self.having(claimed=True))
    @rule(number=NUMBERS, answer=ANSWERS, dies=st.sampled_from([False, False, False, True]))
    def a_run_calls(self, number: int, answer: str, *, dies: bool) -> None:
        """Where an earlier attempt may have taken effect it looks first, and tells nothing that is there."""
        runs = self.having(claimed=True)
        run = runs[number % len(runs)]
        name = run.entry.name
        assert run.entry.was_interrupted or not self.model.done_there[name], "told again without a look"
        if run.entry.was_interrupted and self.model.done_there[name]:
            answer = "yes"
        elif answer in HAS_EFFECT:
            self.model.done_there[name] += 1
        run.answer = answer
        if dies:
            self.runs.remove(run)

    @precondition(lambda self: self.having(claimed=True, answered=True))
    @rule(number=NUMBERS)
    def a_run_records(self, number: int) -> None:
        runs = self.having(claimed=True, answered=True)
        run = runs[number % len(runs)]
        self.runs.remove(run)
        name, claimed, now = run.entry.name, run.claimed, self.now
        assert claimed is not None
        match run.answer:
            case "yes":
                self.model.finish(name, "DONE", now)
                self.decide(lambda record: decide_told(record, known(record, name), now))
            case "not needed":
                self.model.finish(name, "WITHDRAWN", now)
                self.decide(lambda record: decide_dropped(record, known(record, name), now, reason="not needed"))
            case "too late":
                self.model.withdraw(name)
                self.decide(lambda record: decide_not_told(record, known(record, name), now, reason="too late"))
            case "refused" | "half done":
                half = run.answer == "half done"
                self.model.fail(name, half_done=half)
                self.decide(
                    lambda record: decide_failed(record, known(record, name), now, reason="refused", in_doubt=half)
                )
            case _:
                self.put_back(claimed, doubt=run.answer != "not yet")

    def put_back(self, claimed: OutboxEntry, *, doubt: bool) -> None:
        later = self.now + (CLAIM if doubt else timedelta(minutes=1))
        self.model.postpone(claimed.name, later, doubt=doubt)
        told = claimed if not doubt else in_doubt(claimed)
        assert self.ledger.postpone(told, later, "no answer") is not None

    @precondition(lambda self: len(self.due()) > 1)
    @rule(answer=ANSWERS)
    def a_run_tells_all_that_is_due(self, answer: str) -> None:
        for name in self.due():
            self.tell_one(name, answer)

    @precondition(lambda self: self.having(claimed=True) + self.having(claimed=True, answered=True))
    @rule(number=NUMBERS, answer=ANSWERS)
    def a_claim_runs_out_and_another_run_takes_over(self, number: int, answer: str) -> None:
        runs = self.having(claimed=True) + self.having(claimed=True, answered=True)
        name = runs[number % len(runs)].entry.name
        self.time_passes(CLAIM)
        self.tell_one(name, answer)

    def tell_one(self, name: str, answer: str) -> None:
        """A whole run, without a pause."""
        if not self.model.things[name].may_be_claimed(self.now):
            return
        self.read(name)
        self.a_run_claims(-1)
        self.a_run_calls(-1, answer, dies=False)
        self.a_run_records(-1)

    # --- what must hold

    @invariant()
    def the_outbox_is_what_the_model_says(self) -> None:
        stands = {
            e.name: (e.state.value, e.due_at, e.waits_for, e.in_doubt, e.claimed_until) for e in self.record.outbox
        }
        assert stands == {
            name: (thing.state, thing.due, thing.waits_for, thing.doubt, thing.claimed_until)
            for name, thing in self.model.things.items()
        }

    @invariant()
    def nothing_is_done_twice_at_a_partner_and_what_is_done_is_there(self) -> None:
        assert all(times <= 1 for times in self.model.done_there.values()), self.model.done_there
        for name in self.model.in_state("DONE"):
            assert self.model.done_there[name] == 1, name
        for name in self.model.untold():
            assert self.model.done_there[name] == 0, name

    @invariant()
    def what_may_be_claimed_is_listed_as_due(self) -> None:
        assert {entry.name for entry in self.record.outbox if entry.is_claimable(self.now)} == set(self.due())
        listed = {due.name for kind in KINDS for due in self.ledger.outbox_due(*kind, SHOP_ID, 100)}
        assert listed >= set(self.due())
        assert all(self.model.things[name].state in ("WAITING", "SENDING") for name in listed)

    def teardown(self) -> None:
        """Once the partners are well again, all is told but what has failed and what waits for that."""
        if not hasattr(self, "model"):
            return
        self.runs.clear()
        for _ in range(len(self.model.things) + 1):
            self.now += timedelta(hours=2)
            self.a_run_tells_all_that_is_due("yes")
        for name, thing in self.model.things.items():
            assert thing.state in ("DONE", "WITHDRAWN", "FAILED") or self.model.is_blocked(name), (name, thing)
        self.the_outbox_is_what_the_model_says()


def known(record: OrderRecord, name: str) -> OutboxEntry:
    found = record.entry(name)
    assert found is not None
    return found


def in_doubt(entry: OutboxEntry) -> OutboxEntry:
    return replace(entry, in_doubt=True)


test_an_outbox_tells_each_thing_once = as_test(OutboxInAnyOrder, examples=150)
