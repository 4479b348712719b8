"""Random requests, answers, rules and late pages of one order, beside a model of what must become of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from order_sync.domain.answering.answers import Answer, Decider, UnusableDecisionError
from order_sync.domain.cancelling.answers import decide_answer, decide_reject_not_offered
from order_sync.domain.cancelling.by_seller import decide_refused_by_tiktok, decide_reported_cancellation
from order_sync.domain.cancelling.cancellations import CancellationFacts, CancellationStatus, Initiator
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.ids import CancelId, LineId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_failed, decide_told
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_shop,
    a_wish,
    applied,
    cancel_facts,
    handed_over,
    released,
    some_facts,
    some_lines,
    with_entry,
)
from tests.sequences import as_test
from tests.unit.domain.model_of_cancellations import CancellationsModel, Request

LINES = (LINE_1, LINE_2)
SOME_LINES = st.sampled_from([(LINE_1,), (LINE_2,), LINES, LINES])
NUMBERS = st.integers(0, 99)
RULES = st.sampled_from(["reject_if_packed", "approve", "leave_to_tiktok"])
MOSTLY = st.sampled_from([True, True, False])
HOURS = st.sampled_from([1, 3, 24, 48])
AT_TIKTOK, BY_SELLER, ENDED = "cancelled without a question", "cancelled by the seller", "ended at TikTok Shop"
TROUBLES = [AT_TIKTOK, BY_SELLER, BY_SELLER, ENDED]
ANSWERS = (Action.APPROVE_CANCEL_REQUEST, Action.REJECT_CANCEL_REQUEST)
PENDING, GRANTED, CLOSED = CancellationStatus


class CancellationsInAnyOrder(RuleBasedStateMachine):
    """One order that nobody ships, its cancellations at TikTok Shop, and what we must make of them."""

    @initialize(
        rule=RULES,
        oms=MOSTLY,
        given=MOSTLY,
        troubles=st.sets(st.sampled_from(TROUBLES), max_size=2),
        first=st.sampled_from([(), LINES, LINES, (LINE_1,)]),
        hours=HOURS,
    )
    def begin(
        self, rule: str, *, oms: bool, given: bool, troubles: set[str], first: tuple[LineId, ...], hours: int
    ) -> None:
        self.shop = a_shop(cancellations={"without_answer": rule}, **({} if oms else {"oms": {"adapter": "none"}}))
        self.record: OrderRecord = handed_over(self.shop) if oms and given else released(self.shop)
        self.model = CancellationsModel(
            rule=rule, given=oms and given, lines=dict.fromkeys(map(str, LINES), False), seen_at=NOON
        )
        self.now: datetime = ASKED
        self.pages: list[CancellationFacts] = []
        self.canceled: set[LineId] = set()
        self.told: Counter[tuple[Event, str]] = Counter()
        self.troubles = troubles
        if first:
            self.buyer_asks(first, hours, seen=True)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    # --- TikTok Shop

    def newest(self, cancel: CancelId) -> CancellationFacts:
        return next(page for page in reversed(self.pages) if page.id == cancel)

    @property
    def pending(self) -> CancellationFacts | None:
        page = next((page for page in reversed(self.pages) if page.is_request), None)
        newest = self.newest(page.id) if page else None
        return newest if newest and newest.status is PENDING else None

    def show(self, page: CancellationFacts, *, seen: bool) -> None:
        self.pages.append(page)
        if page.status is GRANTED:
            self.canceled |= set(page.line_ids)
        if seen:
            self.see(page)

    @precondition(lambda self: self.pending is None and len(self.canceled) < len(LINES))
    @rule(lines=SOME_LINES, hours=HOURS, seen=MOSTLY)
    def buyer_asks(self, lines: tuple[LineId, ...], hours: int, *, seen: bool) -> None:
        wanted = tuple(line for line in lines if line not in self.canceled) or tuple(set(LINES) - self.canceled)
        now = self.tick()
        cancel = CancelId(f"4035318504086{len(self.pages):05d}")
        page = cancel_facts(id=cancel, line_ids=wanted, requested_at=now, updated_at=now)
        self.show(replace(page, respond_by=now + timedelta(hours=hours)), seen=seen)

    @precondition(lambda self: self.pending is not None and ENDED in self.troubles)
    @rule(status=st.sampled_from([GRANTED, CLOSED, CLOSED]), seen=MOSTLY)
    def tiktok_ends_the_request(self, status: CancellationStatus, *, seen: bool) -> None:
        request = self.pending
        assert request is not None
        self.show(replace(request, status=status, updated_at=self.tick(), respond_by=None), seen=seen)

    @precondition(lambda self: self.pending is not None)
    @rule(hours=st.integers(1, 30), seen=MOSTLY, hidden=st.booleans())
    def tiktok_moves_its_deadline(self, hours: int, *, seen: bool, hidden: bool) -> None:
        request = self.pending
        assert request is not None
        moved = None if hidden else self.now + timedelta(hours=hours)
        self.show(replace(request, respond_by=moved, updated_at=self.tick()), seen=seen)

    @precondition(lambda self: AT_TIKTOK in self.troubles)
    @rule(lines=SOME_LINES, initiator=st.sampled_from([Initiator.SELLER, Initiator.PLATFORM]), seen=MOSTLY)
    def it_is_cancelled_without_a_question(
        self, lines: tuple[LineId, ...], initiator: Initiator, *, seen: bool
    ) -> None:
        fresh = tuple(line for line in lines if line not in self.canceled)
        if not fresh:
            return
        now, cancel = self.tick(), CancelId(f"4035318504087{len(self.pages):05d}")
        page = cancel_facts(
            "GRANTED",
            id=cancel,
            initiator=initiator,
            is_request=False,
            line_ids=fresh,
            requested_at=now,
            updated_at=now,
        )
        self.show(page, seen=seen)
        request = self.pending
        if request is not None and self.canceled.issuperset(request.line_ids):
            self.show(replace(request, status=CLOSED, updated_at=self.tick(), respond_by=None), seen=seen)

    @precondition(lambda self: self.pages)
    @rule(back=st.integers(1, 5))
    def a_page_is_seen(self, back: int) -> None:
        """The newest one, or a late one; the same one twice says nothing new."""
        self.see(self.pages[-min(back, len(self.pages))])

    def see(self, page: CancellationFacts) -> None:
        self.model.see(page, self.now)
        self.apply(lambda record: decide_cancellation_sighting(record, page, self.shop, TIMING, self.now))
        assert decide_cancellation_sighting(self.record, page, self.shop, TIMING, self.now) is None

    @rule()
    def the_order_is_seen(self) -> None:
        now = self.tick()
        lines = tuple(replace(line, canceled=line.id in self.canceled) for line in some_lines())
        status = "CANCELLED" if self.canceled.issuperset(LINES) else "AWAITING_SHIPMENT"
        facts = some_facts(status, lines=lines, updated_at=now, cancel_requested=self.pending is not None)
        self.model.see_order(self.canceled, now)
        self.apply(lambda record: decide_sighting(record, facts, self.shop, TIMING, now))

    # --- decisions

    @rule(minutes=st.sampled_from([10, 31, 60, 150, 600, 1440]), packed=st.none() | SOME_LINES | st.just(()))
    def time_passes(self, minutes: int, packed: tuple[LineId, ...] | None) -> None:
        self.now += timedelta(minutes=minutes)
        self.look(packed)

    @precondition(lambda self: self.open_requests())
    @rule(packed=st.none() | SOME_LINES, early=st.booleans())
    def the_wait_is_over(self, packed: tuple[LineId, ...] | None, *, early: bool) -> None:
        """To the second, and one before it."""
        until = self.open_requests()[0].answer_until
        self.now = max(self.now, until - timedelta(seconds=1 if early else 0))
        self.look(packed)

    @precondition(lambda self: self.open_requests())
    @rule(answer=st.sampled_from(Answer), early=st.booleans())
    def an_answer_comes_at_the_deadline(self, answer: Answer, *, early: bool) -> None:
        request = self.open_requests()[0]
        self.now = max(self.now, request.respond_by - timedelta(seconds=1 if early else 0))
        self.answer(next(CancelId(name) for name, each in self.model.requests.items() if each is request), answer)

    def open_requests(self) -> list[Request]:
        return [request for request in self.model.requests.values() if request.is_open]

    def look(self, packed: tuple[LineId, ...] | None) -> None:
        self.model.look(self.now, packed)
        self.apply(lambda record: decide_due(record, self.shop, TIMING, self.now, packed=packed))

    @precondition(lambda self: self.pages)
    @rule(number=NUMBERS, answer=st.sampled_from(Answer), by=st.sampled_from([Decider.OMS, Decider.OPERATOR]))
    def somebody_answers(self, number: int, answer: Answer, by: Decider) -> None:
        self.answer(self.pages[-1 - number % len(self.pages)].id, answer, by)

    def answer(self, cancel: CancelId, answer: Answer, by: Decider = Decider.OMS) -> None:
        problem, request = self.model.problem_with(cancel, answer, self.now), self.model.requests.get(cancel)

        def give() -> None:
            self.apply(lambda record: decide_answer(record, cancel, answer, by, timing=TIMING, now=self.now))

        if problem:
            with pytest.raises(UnusableDecisionError) as refusal:
                give()
            assert refusal.value.problem == problem
            return
        assert request is not None
        self.model.give(request, answer, by, self.now)
        give()

    @precondition(lambda self: BY_SELLER in self.troubles)
    @rule(source=st.sampled_from([Source.OMS, Source.CHANNELADVISOR]), lines=SOME_LINES)
    def the_seller_cancels(self, source: Source, lines: tuple[LineId, ...]) -> None:
        wish = f"wish-{len(self.model.wishes)}"
        self.model.seller_cancels(wish, source, frozenset(lines), self.tick())
        report = a_wish(id=wish, source=source, line_ids=lines, requested_at=self.now)
        self.apply(lambda record: decide_reported_cancellation(record, report, TIMING, self.now))
        assert decide_reported_cancellation(self.record, report, TIMING, self.now) is None

    # --- TikTok Shop is told

    def answers_in(self, *states: EntryState) -> list[OutboxEntry]:
        return [entry for entry in self.record.outbox if entry.action in ANSWERS and entry.state in states]

    @precondition(lambda self: self.answers_in(EntryState.WAITING))
    @rule(number=NUMBERS)
    def a_run_is_telling_an_answer(self, number: int) -> None:
        entries = self.answers_in(EntryState.WAITING)
        entry, until = entries[number % len(entries)], self.now + TIMING.claim
        self.model.requests[entry.subject].telling = "SENDING"
        self.record = with_entry(self.record, entry, state=EntryState.SENDING, attempts=1, claimed_until=until)

    @precondition(lambda self: self.answers_in(EntryState.SENDING))
    @rule(
        number=NUMBERS, end=st.sampled_from(["yes", "yes", "lost", "refused", "not offered"]), takes=MOSTLY, seen=MOSTLY
    )
    def the_run_gets_its_word(self, number: int, end: str, *, takes: bool, seen: bool) -> None:
        entries = self.answers_in(EntryState.SENDING)
        entry, now = entries[number % len(entries)], self.tick()
        request, there = self.model.requests[entry.subject], self.pending
        approves = entry.action is ANSWERS[0]
        if end == "yes":
            request.telling, request.in_doubt = "DONE", False
            self.apply(lambda record: decide_told(record, entry, now))
        elif end == "lost":
            request.telling, request.in_doubt = "WAITING", True
            back = {"state": EntryState.WAITING, "due_at": now, "claimed_until": None, "in_doubt": True}
            self.record = with_entry(self.record, entry, **back)
        elif end == "refused" or approves:
            request.telling = "FAILED"
            self.apply(lambda record: decide_failed(record, entry, now, reason="refused"))
        else:
            self.model.reject_is_not_offered(request, now)
            self.apply(lambda record: decide_reject_not_offered(record, entry, now))
        if end in ("yes", "lost") and takes and there is not None and there.id == entry.subject:
            status = GRANTED if approves else CLOSED
            self.show(replace(there, status=status, updated_at=self.tick(), respond_by=None), seen=seen)

    @precondition(lambda self: any(wish.state == "OPEN" for wish in self.model.wishes.values()))
    @rule(number=NUMBERS)
    def tiktok_refuses_a_seller_s_cancellation(self, number: int) -> None:
        names = [name for name, wish in self.model.wishes.items() if wish.state == "OPEN"]
        name = names[number % len(names)]
        entry = self.record.entry(f"{Target.TIKTOK_SHOP}#{Action.CANCEL_AS_SELLER}#{name}#1")
        assert entry is not None
        self.model.wishes[name].state = "REFUSED"
        self.apply(lambda record: decide_refused_by_tiktok(record, entry, self.now, reason="25001045"))

    # --- what must hold

    def apply(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        change = decide(self.record)
        self.record = applied(self.record, change)
        for fact in change.timeline if change else ():
            self.told[fact.event, fact.detail.get("cancel_request", "")] += 1

    @invariant()
    def each_request_stands_as_the_model_says(self) -> None:
        known = {each.id: each for each in self.record.cancellations if each.is_request}
        assert known.keys() == self.model.requests.keys()
        for name, must in self.model.requests.items():
            now = known[CancelId(name)]
            assert (now.answer or "", now.answered_by or "", now.answered_at) == (
                must.answer,
                must.by,
                must.answered_at,
            )
            assert (now.respond_by, now.answer_until) == (must.respond_by, must.answer_until)
            assert now.outcome == (must.outcome or None)
            assert must.outcome == "OVERTAKEN" or now.decided_by == (must.decided_by or None)
            assert (now.left_to_tiktok, now.rejected_by_shipping) == (must.left, must.only_a_parcel_rejects)
            assert (now.reminders, now.unconfirmed) == (must.reminded, must.unconfirmed), now

    @invariant()
    def each_request_is_decided_once_and_tiktok_told_once(self) -> None:
        for name, must in self.model.requests.items():
            entries = [e for e in self.record.outbox if e.action in ANSWERS and e.subject == name]
            assert [entry.state for entry in entries] == ([must.telling] if must.telling else []), name
            assert self.told[Event.CANCEL_REQUEST_ANSWERED, name] == bool(must.answer)
            assert self.told[Event.CANCEL_REQUEST_CLOSED, name] == bool(must.outcome)
            assert self.told[Event.CANCEL_REQUEST_REMINDER, name] <= 3

    @invariant()
    def lines_and_wishes_stand_as_the_model_says(self) -> None:
        canceled = {line.id: line.state is LineState.CANCELED for line in self.record.order.lines}
        assert canceled == self.model.lines
        assert (self.record.order.state is OrderState.CANCELED) is all(self.model.lines.values())
        wishes = {each.id: each.state.value for each in self.record.seller_cancellations}
        assert wishes == {name: wish.state for name, wish in self.model.wishes.items()}


test_each_cancellation_is_decided_once = as_test(CancellationsInAnyOrder, examples=250)
