"""Random sequences of everything that can happen around cancellations, on one order; what must hold after each."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis.stateful import invariant

from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.ids import LineId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from tests.unit.domain.cancellations_of_an_order import ANSWERS, CANCELS, LINES, CancellationsOfAnOrder


class CancellationRaces(CancellationsOfAnOrder):
    """What must hold, whatever happens in whatever order."""

    def apply(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        before = self.record
        super().apply(decide)
        self.nothing_decided_is_undone(before)
        for entry in self.record.outbox:
            if entry.action in CANCELS and before.entry(entry.name) is None:
                self.who_started_it_is_not_told(entry)

    def teardown(self) -> None:
        """However it went: days later everybody knows, and nothing is left to tell but what waits for a person."""
        if not hasattr(self, "record"):
            return
        for _ in range(4):
            self.time_passes(hours=13, packed=())
            self.poll_orders()
            if self.requests:
                self.poll_cancellations()
            self.a_cycle_tells_all_that_is_due(down=None)
        assert self.record.open_request is None
        for entry in self.record.outbox:
            assert entry.has_ended or self.waits_for_a_person(entry), entry
        for wish in self.record.seller_cancellations:
            told = self.record.entry(f"TIKTOK_SHOP#CANCEL_AS_SELLER#{wish.id}#1")
            assert not wish.is_open or (told is not None and self.waits_for_a_person(told)), wish

    def waits_for_a_person(self, entry: OutboxEntry) -> bool:
        if entry.state is EntryState.FAILED:
            return True
        waited_for = self.record.entry(entry.waits_for)
        return waited_for is not None and self.waits_for_a_person(waited_for)

    def nothing_decided_is_undone(self, before: OrderRecord) -> None:
        for known in before.cancellations:
            now = self.record.cancellation(known.id)
            assert now is not None
            if known.answer is not None:
                assert (now.answer, now.answered_by, now.answered_at) == (
                    known.answer,
                    known.answered_by,
                    known.answered_at,
                )
            if not known.is_open:
                assert now == known
            assert now.reminders >= known.reminders
        for wish in before.seller_cancellations:
            if not wish.is_open:
                assert self.record.seller_cancellation(wish.id) == wish
        for line in before.order.lines:
            (now_line,) = (each for each in self.record.order.lines if each.id == line.id)
            assert list(LineState).index(now_line.state) >= list(LineState).index(line.state)

    def who_started_it_is_not_told(self, entry: OutboxEntry) -> None:
        told = set(LINES) if entry.action is Action.CANCEL_ORDER else {LineId(entry.subject)}
        assert told.isdisjoint(self.started_by(entry.target))
        assert told.isdisjoint(self.left_as_known_to(entry.target))

    def started_by(self, target: Target) -> set[LineId]:
        return {
            line
            for wish in self.record.seller_cancellations
            if wish.source is target.as_source and wish.state is not SellerCancelState.REFUSED
            for line in wish.line_ids
        }

    def left_as_known_to(self, target: Target) -> set[LineId]:
        """What a side takes for shipped, or hears of when the parcel that a run has tried to tell it ends."""
        return {
            line
            for parcel in self.record.parcels
            if not parcel.refused
            and (
                parcel.source is target.as_source
                or any(
                    e.may_have_been_told or (e.attempts > 0 and not e.has_ended)
                    for e in self.record.outbox
                    if e.target is target and e.subject == parcel.id and e.action in (Action.SHIP, Action.NOTE_PARCEL)
                )
            )
            for line in parcel.line_ids
        }

    @invariant()
    def nothing_waits_for_ever(self) -> None:
        open_requests = {each.name for each in self.record.cancellations if each.is_open}
        for entry in self.record.outbox:
            if entry.state is EntryState.WAITING and entry.due_at is None:
                waited_for = self.record.entry(entry.waits_for)
                assert entry.waits_for in open_requests or (waited_for is not None and not waited_for.has_ended), entry

    @invariant()
    def only_who_was_asked_learns_the_outcome(self) -> None:
        for entry in self.record.outbox:
            if entry.action is Action.SETTLE_CANCEL_REQUEST and entry.state is not EntryState.WITHDRAWN:
                questions = [
                    e
                    for e in self.record.outbox
                    if (e.action, e.target, e.subject) == (Action.NOTE_CANCEL_REQUEST, entry.target, entry.subject)
                ]
                assert any(q.may_have_been_told or q.name == entry.waits_for for q in questions), entry

    @invariant()
    def tiktok_is_told_one_answer_and_only_the_one_that_was_given(self) -> None:
        for request in self.record.cancellations:
            told = [ANSWERS[e.action] for e in self.record.outbox if e.action in ANSWERS and e.subject == request.id]
            assert told == ([request.answer] if request.answer else [])

    @invariant()
    def an_open_request_is_looked_at_and_a_closed_one_is_not(self) -> None:
        for request in self.record.cancellations:
            assert (request.next_due is not None) == request.is_open
            if not request.is_open:
                assert not any(
                    entry.state is EntryState.WAITING and not entry.in_doubt
                    for entry in self.record.outbox
                    if entry.subject == request.id
                    and entry.action in {*ANSWERS, Action.NOTE_CANCEL_REQUEST}
                    and entry.attempts == 0
                )

    @invariant()
    def whoever_has_the_order_learns_of_every_cancelled_unit(self) -> None:
        canceled = self.known_canceled()
        for target in (Target.CHANNELADVISOR, Target.OMS):
            told = {
                line
                for entry in self.record.outbox
                if entry.target is target and entry.action in CANCELS and entry.state is not EntryState.WITHDRAWN
                for line in (LINES if entry.action is Action.CANCEL_ORDER else (LineId(entry.subject),))
            }
            missing = canceled - told - self.started_by(target) - self.left_as_known_to(target)
            assert not missing, (target, missing)

    @invariant()
    def what_left_and_is_cancelled_is_recovered(self) -> None:
        canceled = self.known_canceled()
        lost = [p for p in self.record.parcels if not p.refused and canceled.intersection(p.line_ids)]
        if lost:
            assert any(entry.action is Action.RECOVER_PARCELS for entry in self.record.outbox)


CancellationRaces.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None, derandomize=True)
test_races_around_cancellations = CancellationRaces.TestCase
