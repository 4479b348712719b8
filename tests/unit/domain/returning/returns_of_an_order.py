"""Everything that can happen around the returns of one order, for tests of what must hold in any sequence."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from order_sync.domain.answering.answers import Answer, Decider, UnusableDecisionError
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import LineId, ReturnId
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_answer_not_taken, decide_return_answer
from order_sync.domain.returning.by_seller import (
    decide_refund_refused,
    decide_refund_started,
    decide_reported_refund,
)
from order_sync.domain.returning.questions import named
from order_sync.domain.returning.returns import Question, ReturnFacts
from order_sync.domain.returning.sightings import decide_return_sighting
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.returning.unanswered import decide_due_returns
from order_sync.domain.telling import decide_dropped, decide_failed, decide_told
from order_sync.domain.timeline import TimelineEntry
from tests.builders import LINE_1, LINE_2, TIMING, a_shop, applied, minutes, with_entry
from tests.unit.domain.returning.scenes import (
    ANSWER_OF_BUYER,
    CANCEL,
    COMPLETE,
    HOUR,
    PENDING,
    REJECT,
    REJECT_PACKAGE,
    SHIPPED_BACK,
    SUCCESS,
    TO_SHIP,
    WANTED,
    a_refund,
    a_reported_refund,
    dollars,
    return_facts,
    shipped,
    the_lines,
)

BOTH = (LINE_1, LINE_2)
SOME_LINES = st.sampled_from([(LINE_1,), (LINE_2,), BOTH])
SELLER_SIDES = st.sampled_from([Source.OMS, Source.CHANNELADVISOR])
AMOUNTS = st.sampled_from([None, dollars("5.00"), dollars("18.90"), dollars("37.80"), dollars("40.00")])
POLLED = st.sampled_from([True, True, False])
WHAT_CHANGES = st.sampled_from(["label", "tracking", "arbitration", "deadline", "parcel", "parcel"])
ANSWERS = {Action.APPROVE_RETURN: Answer.APPROVE, Action.REJECT_RETURN: Answer.REJECT}
OVER = (COMPLETE, CANCEL)
NEXT = {
    PENDING: (ANSWER_OF_BUYER, REJECT, CANCEL),
    ANSWER_OF_BUYER: (PENDING, SUCCESS, CANCEL),
    TO_SHIP: (SHIPPED_BACK, CANCEL),
    SHIPPED_BACK: (SUCCESS, REJECT_PACKAGE),
    SUCCESS: (COMPLETE,),
    REJECT: (TO_SHIP, SUCCESS),
    REJECT_PACKAGE: (SUCCESS,),
}
"""What TikTok Shop, the buyer and Seller Center make of a return, besides what it is told."""


@dataclass
class AtTikTok:
    """A return as TikTok Shop has it, and every way in which it ever showed it."""

    facts: ReturnFacts
    shown: list[ReturnFacts] = field(default_factory=list)
    wish: str = ""
    """The key of the seller's refund that it was made of."""

    @property
    def is_over(self) -> bool:
        """Whether nothing comes after it."""
        return self.facts.status_text in OVER


class ReturnsOfAnOrder(RuleBasedStateMachine):
    """One order, what TikTok Shop makes of its returns, and what we know of that."""

    @initialize(rule_of_shop=st.sampled_from(["approve", "leave_to_tiktok"]), paid=st.booleans())
    def begin(self, rule_of_shop: str, *, paid: bool) -> None:
        self.shop = a_shop(returns={"without_answer": rule_of_shop})
        before = shipped() if paid else shipped(paid=None)
        told = tuple(replace(entry, state=EntryState.DONE, due_at=None) for entry in before.outbox)
        self.record: OrderRecord = replace(before, outbox=told)
        self.now: datetime = WANTED
        self.at_tiktok: list[AtTikTok] = []
        self.history: list[TimelineEntry] = []
        self.wishes = 0

    # --- time, and TikTok Shop

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def show(self, one: AtTikTok, facts: ReturnFacts) -> None:
        one.facts = facts
        one.shown.append(facts)

    def change(self, one: AtTikTok, **changes: object) -> None:
        self.show(one, replace(one.facts, updated_at=self.later(), **changes))  # type: ignore[arg-type]

    def ask(self, one: AtTikTok, question: Question | None, **changes: object) -> None:
        respond_by = self.now + 48 * HOUR if question else None
        self.change(one, question=question, respond_by=respond_by, **changes)

    @rule(hours=st.floats(0.1, 30))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(seconds=int(hours * 3600))
        # What the rule answers after TikTok Shop's own deadline is unconfirmed at once.
        for _ in range(2):
            self.apply(lambda record: decide_due_returns(record, self.shop, TIMING, self.now))
        assert decide_due_returns(self.record, self.shop, TIMING, self.now) is None

    def is_free(self, lines: tuple[LineId, ...]) -> bool:
        return not any(set(lines).intersection(self.lines_of(one)) for one in self.at_tiktok if not self.is_done(one))

    def lines_of(self, one: AtTikTok) -> tuple[LineId, ...]:
        return tuple(line.id for line in one.facts.lines)

    def is_done(self, one: AtTikTok) -> bool:
        return one.facts.status_text in (CANCEL, REJECT, REJECT_PACKAGE)

    def begin_return(self, kind: ReturnKind, lines: tuple[LineId, ...], status: str, **changes: object) -> AtTikTok:
        now = self.later()
        number = ReturnId(f"40353185040866{len(self.at_tiktok):05d}")
        facts = return_facts(status, id=number, kind=kind, lines=the_lines(*lines), requested_at=now, updated_at=now)
        respond_by = now + 48 * HOUR if facts.question else None
        one = AtTikTok(replace(facts, respond_by=respond_by, **changes))  # type: ignore[arg-type]
        one.shown.append(one.facts)
        self.at_tiktok.append(one)
        return one

    @precondition(lambda self: len(self.at_tiktok) < 4)
    @rule(kind=st.sampled_from([ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND]), lines=SOME_LINES, polled=POLLED)
    def buyer_wants(self, kind: ReturnKind, lines: tuple[LineId, ...], *, polled: bool) -> None:
        if self.is_free(lines):
            self.begin_return(kind, lines, PENDING)
        self.perhaps_poll(polled=polled)

    def open_ones(self) -> list[AtTikTok]:
        return [one for one in self.at_tiktok if not one.is_over]

    def one_of(self, number: int) -> AtTikTok:
        return self.open_ones()[number % len(self.open_ones())]

    @precondition(lambda self: self.open_ones())
    @rule(number=st.integers(0, 9), step=st.integers(0, 9), polled=POLLED)
    def it_goes_on_at_tiktok(self, number: int, step: int, *, polled: bool) -> None:
        self.take_a_step(self.one_of(number), step)
        self.perhaps_poll(polled=polled)

    def take_a_step(self, one: AtTikTok, step: int) -> None:
        if one.facts.in_arbitration:
            self.change(one, in_arbitration=False, arbitration="CLOSED")
            return
        steps = list(NEXT[one.facts.status_text])
        without_goods = one.facts.kind is ReturnKind.REFUND
        if without_goods:
            steps = [status for status in steps if status not in (TO_SHIP, SHIPPED_BACK)]
        self.go_to(one, steps[step % len(steps)])

    def go_to(self, one: AtTikTok, status: str) -> None:
        pending = Question.REFUND if one.facts.kind is ReturnKind.REFUND else Question.RETURN
        self.ask(one, pending if status == PENDING else None, status_text=status)

    @precondition(lambda self: self.open_ones())
    @rule(number=st.integers(0, 9), what=WHAT_CHANGES, polled=POLLED)
    def something_changes_at_tiktok(self, number: int, what: str, *, polled: bool) -> None:
        self.change_something(self.one_of(number), what)
        self.perhaps_poll(polled=polled)

    def change_something(self, one: AtTikTok, what: str) -> None:
        if what == "label" and one.facts.status_text == TO_SHIP:
            self.change(one, has_label=not one.facts.has_label)
        elif what == "tracking" and one.facts.status_text in (TO_SHIP, SHIPPED_BACK):
            self.change(one, tracking_number=f"T{len(one.shown)}", has_label=True)
        elif what == "arbitration" and one.facts.status_text not in (SUCCESS, ANSWER_OF_BUYER):
            self.ask(one, None, in_arbitration=True, arbitration="IN_PROGRESS")
        elif what == "deadline" and one.facts.question is not None:
            self.change(one, respond_by=self.now + 10 * HOUR)
        elif what == "parcel" and one.facts.status_text == SHIPPED_BACK and not one.facts.in_arbitration:
            self.ask(one, None if one.facts.question else Question.RECEIVE_PACKAGE)

    # --- what we see and hear

    def see(self, facts: ReturnFacts) -> None:
        self.apply(lambda record: decide_return_sighting(record, facts, self.shop, TIMING, self.now))
        assert decide_return_sighting(self.record, facts, self.shop, TIMING, self.now) is None

    @precondition(lambda self: self.at_tiktok)
    @rule()
    def poll(self) -> None:
        self.poll_again()

    def poll_again(self) -> None:
        for one in sorted(self.at_tiktok, key=lambda each: each.facts.updated_at):
            self.see(one.facts)
        self.what_was_shown_before_changes_nothing()

    def perhaps_poll(self, *, polled: bool) -> None:
        if polled and self.at_tiktok:
            self.poll_again()

    def what_was_shown_before_changes_nothing(self) -> None:
        for one in self.at_tiktok:
            for facts in one.shown:
                assert decide_return_sighting(self.record, facts, self.shop, TIMING, self.now) is None

    @precondition(lambda self: self.at_tiktok)
    @rule(number=st.integers(0, 9), place=st.integers(0, 99))
    def an_old_page_is_read(self, number: int, place: int) -> None:
        one = self.at_tiktok[number % len(self.at_tiktok)]
        self.see(one.shown[place % len(one.shown)])

    @precondition(lambda self: self.record.returns)
    @rule(
        number=st.integers(0, 9),
        question=st.sampled_from(Question),
        answer=st.sampled_from(Answer),
        by=st.sampled_from([Decider.OMS, Decider.OPERATOR]),
        as_asked=st.sampled_from([True, True, True, False]),
    )
    def somebody_answers(self, number: int, question: Question, answer: Answer, by: Decider, *, as_asked: bool) -> None:
        known = self.record.returns[number % len(self.record.returns)]
        meant = known.question if as_asked and known.question else question

        def decide(record: OrderRecord) -> Change | None:
            now = self.now
            return decide_return_answer(record, known.id, meant, answer, by, timing=TIMING, now=now)

        before = self.record
        try:
            self.apply(decide)
        except UnusableDecisionError:
            assert self.record is before
        else:
            assert decide(self.record) is None

    @precondition(lambda self: self.wishes < 4)
    @rule(source=SELLER_SIDES, lines=SOME_LINES, amount=AMOUNTS)
    def the_seller_refunds(self, source: Source, lines: tuple[LineId, ...], amount: object) -> None:
        self.wishes += 1
        # ChannelAdvisor knows no line of TikTok Shop's.
        by_units = source is Source.CHANNELADVISOR
        report = a_reported_refund(
            id=f"wish-{self.wishes}",
            source=source,
            line_ids=() if by_units else lines,
            units=(("TEE-BLU-M", len(lines)),) if by_units else (),
            amount=amount,
            requested_at=self.now,
        )
        self.apply(lambda record: decide_reported_refund(record, report, TIMING, self.now))
        assert decide_reported_refund(self.record, report, TIMING, self.now) is None

    # --- what we tell

    def due(self) -> list[OutboxEntry]:
        return [entry for entry in self.record.outbox if entry.is_claimable(self.now)]

    def claim(self, entry: OutboxEntry) -> OutboxEntry:
        self.record = with_entry(
            self.record,
            entry,
            state=EntryState.SENDING,
            attempts=entry.attempts + 1,
            claimed_until=self.now + TIMING.claim,
            in_doubt=entry.was_interrupted,
        )
        claimed = self.record.entry(entry.name)
        assert claimed is not None
        return claimed

    @rule(end=st.sampled_from(["told", "told", "told", "later", "lost", "no", "failed"]))
    def a_cycle_tells_all_that_is_due(self, end: str) -> None:
        for due in sorted(self.due(), key=lambda entry: list(Action).index(entry.action)):
            entry = self.record.entry(due.name)
            if entry is not None and entry.is_claimable(self.now):
                self.tell(self.claim(entry), end)

    @precondition(lambda self: self.due())
    @rule(number=st.integers(0, 50), end=st.sampled_from(["told", "lost", "died", "no", "failed"]))
    def a_run_tells_one(self, number: int, end: str) -> None:
        self.tell(self.claim(self.due()[number % len(self.due())]), end)

    def tell(self, entry: OutboxEntry, end: str) -> None:
        if end in ("told", "lost") and entry.action in ANSWERS:
            self.tiktok_hears_an_answer(entry, end)
        elif end in ("told", "lost") and entry.action is Action.REFUND_AS_SELLER:
            self.tiktok_hears_of_a_refund(entry, end)
        elif end == "no" and entry.action in ANSWERS and not entry.in_doubt:
            self.apply(lambda record: decide_answer_not_taken(record, entry, self.later(), reason="no", timing=TIMING))
        elif end in ("failed", "no"):
            decide = decide_refund_refused if entry.action is Action.REFUND_AS_SELLER else decide_failed
            self.apply(lambda record: decide(record, entry, self.later(), reason="refused"))
        elif end == "later":
            self.put_back(entry, in_doubt=entry.in_doubt)
        elif end == "lost":
            self.put_back(entry, in_doubt=True)
        elif end == "told":
            self.apply(lambda record: decide_told(record, entry, self.later()))

    def put_back(self, entry: OutboxEntry, *, in_doubt: bool) -> None:
        self.record = with_entry(
            self.record,
            entry,
            state=EntryState.WAITING,
            due_at=self.later() + minutes(1),
            claimed_until=None,
            in_doubt=in_doubt,
        )

    def tiktok_hears_an_answer(self, entry: OutboxEntry, end: str) -> None:
        (one,) = (one for one in self.at_tiktok if one.facts.id == entry.subject)
        known = self.record.return_of(one.facts.id)
        assert known is not None
        if known.question is None or named(known) != entry.revision:
            self.apply(lambda record: decide_dropped(record, entry, self.later(), reason="not waited for"))
            return
        if one.facts.question is known.question:
            approved = {Question.RETURN: TO_SHIP}.get(known.question, SUCCESS)
            rejected = REJECT_PACKAGE if known.question is Question.RECEIVE_PACKAGE else REJECT
            self.go_to(one, approved if ANSWERS[entry.action] is Answer.APPROVE else rejected)
        elif not entry.in_doubt:
            self.apply(lambda record: decide_dropped(record, entry, self.later(), reason="not waited for"))
            return
        if end == "lost":
            self.put_back(entry, in_doubt=True)
        else:
            self.apply(lambda record: decide_told(record, entry, self.later()))

    def tiktok_hears_of_a_refund(self, entry: OutboxEntry, end: str) -> None:
        wish = self.record.seller_refund(entry.subject)
        assert wish is not None
        made = next((one for one in self.at_tiktok if one.wish == wish.id), None)
        if made is None:
            if not self.is_free(wish.line_ids):
                self.apply(lambda record: decide_refund_refused(record, entry, self.later(), reason="25001011"))
                return
            refund = a_refund(total=wish.amount.amount) if wish.amount else a_refund(len(wish.line_ids))
            made = self.begin_return(ReturnKind.REFUND, wish.line_ids, SUCCESS, initiator=Initiator.SELLER)
            made.wish = wish.id
            lines = tuple(replace(line, refund=None) for line in made.facts.lines)
            made.facts = replace(made.facts, refund=refund, lines=lines)
            made.shown[:] = [made.facts]
        if end == "lost":
            self.put_back(entry, in_doubt=True)
        else:
            number = made.facts.id
            self.apply(lambda record: decide_refund_started(record, entry, self.later(), return_id=number))

    def apply(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        """Save what is decided."""
        change = decide(self.record)
        self.record = applied(self.record, change)
        self.history += change.timeline if change else ()

    def refunded_at_tiktok(self) -> Decimal:
        """What TikTok Shop has refunded of the returns that we have seen refunded."""
        seen = {known.id for known in self.record.returns if known.refunded_at}
        done = [one.facts.refund for one in self.at_tiktok if one.facts.id in seen]
        return sum((refund.total for refund in done if refund), Decimal(0))
