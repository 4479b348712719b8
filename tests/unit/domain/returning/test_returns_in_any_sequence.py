"""Random sequences of everything that can happen around returns, on one order; what must hold after each."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from hypothesis import settings
from hypothesis.stateful import invariant

from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.questions import named
from order_sync.domain.returning.refunds import refunded
from order_sync.domain.returning.returns import SellerRefundState
from order_sync.domain.returning.statuses import FINAL, ReturnState, may_follow
from order_sync.domain.timeline import Event
from tests.unit.domain.returning.returns_of_an_order import ANSWERS, ReturnsOfAnOrder
from tests.unit.domain.returning.scenes import COMPLETE, answers_told


class ReturnsInAnySequence(ReturnsOfAnOrder):
    """What must hold, whatever happens in whatever order."""

    def apply(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        before = self.record
        super().apply(decide)
        self.nothing_decided_is_undone(before)

    def teardown(self) -> None:
        """However it went: once TikTok Shop has finished, nothing waits any more but for a person."""
        if not hasattr(self, "record"):
            return
        for one in self.open_ones():
            self.go_to(one, COMPLETE)
            self.change(one, in_arbitration=False)
        if self.at_tiktok:
            self.poll()
        for _ in range(3):
            self.time_passes(hours=1)
            self.a_cycle_tells_all_that_is_due("told")
            for one in self.open_ones():
                self.go_to(one, COMPLETE)
            if self.at_tiktok:
                self.poll()
        assert not any(known.is_open or known.next_due for known in self.record.returns)
        for wish in self.record.seller_refunds:
            failed = self.record.entry(f"TIKTOK_SHOP#REFUND_AS_SELLER#{wish.id}#1")
            assert not wish.is_open or (failed is not None and failed.state is not EntryState.WAITING), wish
        for entry in self.record.outbox:
            assert entry.state in (EntryState.DONE, EntryState.FAILED, EntryState.WITHDRAWN, EntryState.SENDING), entry

    def nothing_decided_is_undone(self, before: OrderRecord) -> None:
        for known in before.returns:
            now = self.record.return_of(known.id)
            assert now is not None
            assert now.updated_at >= known.updated_at
            assert now.changes >= known.changes
            assert now.state is known.state or may_follow(known.state, now.state)
            assert now.has_label or not known.has_label
            assert now.given_before[: len(known.given_before)] == known.given_before
            if known.state in FINAL:
                assert now == known
        for wish in before.seller_refunds:
            if not wish.is_open:
                assert self.record.seller_refund(wish.id) == wish

    @invariant()
    def no_question_is_answered_twice(self) -> None:
        answered = Counter[tuple[str, str]]()
        open_answers = dict[str, int]()
        for fact in self.history:
            number = fact.detail.get("return_id", "")
            if fact.event is Event.RETURN_QUESTION_OPENED:
                open_answers[number] = 0
            elif fact.event is Event.RETURN_ANSWERED:
                open_answers[number] += 1
                assert open_answers[number] == 1, fact
                answered[number, fact.detail["question"]] += 1
            elif fact.event is Event.RETURN_ANSWER_NOT_TAKEN:
                open_answers[number] -= 1

    @invariant()
    def tiktok_is_told_one_answer_to_each_question_and_it_is_the_one_that_was_given(self) -> None:
        for known in self.record.returns:
            standing = [entry for entry in answers_told(self.record, known.id) if not self.is_withdrawn(entry.state)]
            assert len(standing) == len({entry.revision for entry in standing})
            of_question = [ANSWERS[entry.action] for entry in standing if entry.revision == named(known)]
            if known.question is not None:
                assert set(of_question) <= {known.answer}

    def is_withdrawn(self, state: EntryState) -> bool:
        return state is EntryState.WITHDRAWN

    @invariant()
    def each_refund_is_confirmed_once_and_adds_up(self) -> None:
        confirmed = Counter(fact.detail["return_id"] for fact in self.history if fact.event is Event.REFUND_CONFIRMED)
        done = {known.id for known in self.record.returns if known.state is ReturnState.REFUNDED}
        assert confirmed == Counter(done)
        total = refunded(self.record)
        assert (total.amount if total else Decimal(0)) == self.refunded_at_tiktok()

    @invariant()
    def channeladvisor_hears_once_of_each_refund_and_not_of_its_own(self) -> None:
        told = [entry for entry in self.record.outbox if entry.action is Action.REFUND_LINES]
        assert len(told) == len({entry.subject for entry in told})
        booked = self.booked_by_hand()
        own = {
            wish.return_id
            for wish in self.record.seller_refunds
            if wish.source is Source.CHANNELADVISOR
            and wish.state is not SellerRefundState.REFUSED
            and wish.id not in booked
        }
        assert not any(entry.subject in own and entry.is_untold for entry in told)
        confirmed = {known.id for known in self.record.returns if known.state is ReturnState.REFUNDED}
        assert confirmed - {entry.subject for entry in told} <= own

    def booked_by_hand(self) -> set[str]:
        accepted = [fact for fact in self.history if fact.event is Event.SELLER_REFUND_ACCEPTED]
        return {fact.detail["refund"] for fact in accepted if fact.source is Source.ORDER_SYNC}

    @invariant()
    def nothing_is_booked_by_hand_twice(self) -> None:
        booked = self.booked_by_hand()
        for known in self.record.returns:
            bookings = [wish for wish in self.record.seller_refunds if wish.id in booked and wish.return_id == known.id]
            lines = [line for wish in bookings for line in wish.line_ids]
            assert len(lines) == len(set(lines))
            assert set(lines) <= set(known.line_ids)
            total = sum((wish.amount.amount for wish in bookings if wish.amount), Decimal(0))
            assert known.money is None or total <= known.money.amount

    @invariant()
    def what_is_open_is_looked_at_and_what_has_ended_is_not(self) -> None:
        for known in self.record.returns:
            assert known.is_open or known.next_due is None
            assert not known.is_asked or known.next_due is not None
            assert known.question is None or known.is_open
            assert known.question is not None or (known.answer, known.respond_by, known.confirm_by) == (None,) * 3

    @invariant()
    def a_seller_s_refund_is_put_to_tiktok_once_and_ends_once(self) -> None:
        started = Counter(e.subject for e in self.record.outbox if e.action is Action.REFUND_AS_SELLER)
        settled = Counter(e.subject for e in self.record.outbox if e.action is Action.SETTLE_SELLER_REFUND)
        assert set(started.values()) | set(settled.values()) <= {1}
        ends = Counter(
            fact.detail["refund"]
            for fact in self.history
            if fact.event in (Event.SELLER_REFUND_ACCEPTED, Event.SELLER_REFUND_REFUSED)
        )
        assert ends == Counter(wish.id for wish in self.record.seller_refunds if not wish.is_open)
        for wish in self.record.seller_refunds:
            assert settled[wish.id] == (wish.source is Source.OMS and not wish.is_open)

    @invariant()
    def two_open_refunds_of_the_seller_s_never_mean_the_same_unit(self) -> None:
        meant = Counter(line for wish in self.record.seller_refunds if wish.is_open for line in wish.line_ids)
        assert set(meant.values()) <= {1}


ReturnsInAnySequence.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, derandomize=True
)
test_returns_in_any_sequence = ReturnsInAnySequence.TestCase
