"""Everything that can happen around the cancellations of one order, for tests of what must hold in any sequence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from order_sync.domain.answering.answers import Answer, Decider, UnusableDecisionError
from order_sync.domain.answering.times import rule_is_due
from order_sync.domain.cancelling.answers import decide_answer, decide_reject_not_offered
from order_sync.domain.cancelling.by_seller import decide_refused_by_tiktok, decide_reported_cancellation
from order_sync.domain.cancelling.cancellations import CancellationFacts, CancellationStatus
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.ids import CancelId, LineId, ParcelId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.reports import decide_reported_parcel
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_dropped, decide_failed, decide_not_told, decide_told
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_shop,
    a_wish,
    applied,
    cancel_facts,
    handed_over,
    minutes,
    some_facts,
    some_lines,
    with_entry,
)

LINES = (LINE_1, LINE_2)
SOME_LINES = st.sampled_from([(LINE_1,), (LINE_2,), LINES])
RULES = st.sampled_from(["reject_if_packed", "approve", "leave_to_tiktok"])
SELLER_SIDES = st.sampled_from([Source.OMS, Source.CHANNELADVISOR])
PENDING, GRANTED, CLOSED = CancellationStatus
CANCELS = (Action.CANCEL_ORDER, Action.CANCEL_LINE)
ANSWERS = {Action.APPROVE_CANCEL_REQUEST: Answer.APPROVE, Action.REJECT_CANCEL_REQUEST: Answer.REJECT}


class CancellationsOfAnOrder(RuleBasedStateMachine):
    """One order, what TikTok Shop makes of it, and what we know of that."""

    @initialize(region=st.sampled_from(["US", "GB"]), without_answer=RULES)
    def begin(self, region: str, without_answer: str) -> None:
        self.shop = a_shop(region=region, cancellations={"without_answer": without_answer})
        self.record: OrderRecord = handed_over(self.shop)
        self.now: datetime = ASKED
        self.canceled: set[LineId] = set()
        self.shipped: dict[LineId, str] = {}
        self.requests: list[dict[str, Any]] = []
        self.parcels = 0
        self.wishes = 0
        self.canceled_when_claimed: dict[str, set[LineId]] = {}

    # --- time, and TikTok Shop

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @property
    def pending(self) -> dict[str, Any] | None:
        return next((each for each in self.requests if each["status"] is PENDING), None)

    def close(self, status: CancellationStatus) -> None:
        request = self.pending
        assert request is not None
        request |= {"status": status, "updated_at": self.later()}
        if status is GRANTED:
            self.canceled |= set(request["line_ids"])

    @rule(hours=st.floats(0.1, 13), packed=st.none() | SOME_LINES)
    def time_passes(self, hours: float, packed: tuple[LineId, ...] | None) -> None:
        self.now += timedelta(seconds=int(hours * 3600))
        request = self.pending
        if request is not None and request["respond_by"] <= self.now:
            self.close(GRANTED)
        known = None if packed is None else frozenset(packed)
        self.apply(lambda record: decide_due(record, self.shop, TIMING, self.now, packed=known))
        if known is not None:
            assert not any(rule_is_due(each, self.now) for each in self.record.cancellations)

    @precondition(lambda self: self.pending is None)
    @rule(lines=SOME_LINES, hours=st.sampled_from([1, 3, 5, 24]))
    def buyer_asks(self, lines: tuple[LineId, ...], hours: int) -> None:
        wanted = tuple(line for line in lines if line not in self.canceled and line not in self.shipped)
        if wanted:
            now = self.later()
            self.requests.append(
                {
                    "id": CancelId(f"40353185040866{len(self.requests):05d}"),
                    "line_ids": wanted,
                    "status": PENDING,
                    "requested_at": now,
                    "updated_at": now,
                    "respond_by": now + timedelta(hours=hours),
                }
            )

    @precondition(lambda self: self.pending is not None)
    @rule(status=st.sampled_from([GRANTED, CLOSED]))
    def request_ends_in_seller_center_or_is_withdrawn(self, status: CancellationStatus) -> None:
        self.close(status)

    @precondition(lambda self: self.pending is not None)
    @rule(hours=st.integers(1, 24))
    def tiktok_moves_its_deadline(self, hours: int) -> None:
        request = self.pending
        assert request is not None
        request |= {"respond_by": self.now + timedelta(hours=hours), "updated_at": self.later()}

    @rule(lines=SOME_LINES)
    def seller_center_or_the_platform_cancels(self, lines: tuple[LineId, ...]) -> None:
        self.cancel_at_tiktok(lines)

    def cancel_at_tiktok(self, lines: tuple[LineId, ...]) -> None:
        self.canceled |= set(lines)
        request = self.pending
        if request is not None and self.canceled.issuperset(request["line_ids"]):
            self.close(CLOSED)

    @rule(lines=SOME_LINES)
    def shipped_in_seller_center(self, lines: tuple[LineId, ...]) -> None:
        self.ship_at_tiktok(lines, "BY-HAND")

    def ship_at_tiktok(self, lines: tuple[LineId, ...], tracking_number: str) -> None:
        living = [line for line in lines if line not in self.canceled and line not in self.shipped]
        self.shipped |= dict.fromkeys(living, tracking_number)
        request = self.pending
        if living and request is not None and set(living).intersection(request["line_ids"]):
            self.close(CLOSED)

    # --- what we see and hear

    @rule()
    def poll_orders(self) -> None:
        now = self.later()
        lines = tuple(
            replace(
                line,
                canceled=line.id in self.canceled,
                shipped=line.id in self.shipped,
                package_id=f"P-{self.shipped[line.id]}" if line.id in self.shipped else "",
                tracking_number=self.shipped.get(line.id, ""),
            )
            for line in some_lines()
        )
        if self.canceled.issuperset(LINES):
            status = "CANCELLED"
        elif set(LINES) <= self.canceled | set(self.shipped):
            status = "AWAITING_COLLECTION"
        else:
            status = "PARTIALLY_SHIPPING" if self.shipped else "AWAITING_SHIPMENT"
        facts = some_facts(status, lines=lines, updated_at=now, cancel_requested=self.pending is not None)
        self.apply(lambda record: decide_sighting(record, facts, self.shop, TIMING, now))
        assert decide_sighting(self.record, facts, self.shop, TIMING, now) is None

    @precondition(lambda self: self.requests)
    @rule()
    def poll_cancellations(self) -> None:
        self.poll_orders()
        for request in sorted(self.requests, key=lambda each: each["updated_at"]):
            respond_by = request["respond_by"] if request["status"] is PENDING else None
            facts = cancel_facts(**(request | {"respond_by": respond_by, "status": request["status"].value}))
            self.see_cancellation(facts)
            assert decide_cancellation_sighting(self.record, facts, self.shop, TIMING, self.now) is None

    def see_cancellation(self, facts: CancellationFacts) -> None:
        self.apply(lambda record: decide_cancellation_sighting(record, facts, self.shop, TIMING, self.now))

    @precondition(lambda self: self.record.cancellations)
    @rule(number=st.integers(0, 9), answer=st.sampled_from(Answer), by=st.sampled_from([Decider.OMS, Decider.OPERATOR]))
    def somebody_answers(self, number: int, answer: Answer, by: Decider) -> None:
        cancel = self.record.cancellations[number % len(self.record.cancellations)].id

        def decide(record: OrderRecord) -> Change | None:
            return decide_answer(record, cancel, answer, by, timing=TIMING, now=self.later())

        try:
            self.apply(decide)
        except UnusableDecisionError:
            known = self.record.cancellation(cancel)
            assert known is not None
            assert known.answer is not None or not known.is_open

    @rule(source=SELLER_SIDES, lines=SOME_LINES)
    def a_parcel_is_reported(self, source: Source, lines: tuple[LineId, ...]) -> None:
        self.parcels += 1
        report = a_report(
            id=ParcelId(f"{source}-{self.parcels}"), source=source, tracking_number=f"T{self.parcels}", line_ids=lines
        )
        self.apply(lambda record: decide_reported_parcel(record, report, self.shop, TIMING, self.later()))
        assert decide_reported_parcel(self.record, report, self.shop, TIMING, self.now) is None

    @rule(source=SELLER_SIDES, lines=SOME_LINES)
    def the_seller_cancels(self, source: Source, lines: tuple[LineId, ...]) -> None:
        self.wishes += 1
        report = a_wish(id=f"wish-{self.wishes}", source=source, line_ids=lines)
        self.apply(lambda record: decide_reported_cancellation(record, report, TIMING, self.later()))
        assert decide_reported_cancellation(self.record, report, TIMING, self.now) is None

    # --- what we tell

    def due(self) -> list[OutboxEntry]:
        return [entry for entry in self.record.outbox if entry.is_claimable(self.now)]

    def claim(self, entry: OutboxEntry) -> OutboxEntry:
        in_doubt = entry.was_interrupted
        self.canceled_when_claimed[entry.name] = self.known_canceled()
        self.record = with_entry(
            self.record,
            entry,
            state=EntryState.SENDING,
            attempts=entry.attempts + 1,
            claimed_until=self.now + TIMING.claim,
            in_doubt=in_doubt,
        )
        claimed = self.record.entry(entry.name)
        assert claimed is not None
        return claimed

    @precondition(lambda self: self.due())
    @rule(number=st.integers(0, 50))
    def a_run_claims_and_has_not_answered_yet(self, number: int) -> None:
        due = self.due()
        self.claim(due[number % len(due)])

    @rule(down=st.none() | st.sampled_from(Target))
    def a_cycle_tells_all_that_is_due(self, down: Target | None) -> None:
        order = list(Action)
        for due in sorted(self.due(), key=lambda entry: order.index(entry.action)):
            entry = self.record.entry(due.name)
            if entry is not None and entry.is_claimable(self.now):
                self.answer_of_partner(self.claim(entry), "later" if entry.target is down else "told")

    def sending(self) -> list[OutboxEntry]:
        return [entry for entry in self.record.outbox if entry.state is EntryState.SENDING]

    @precondition(lambda self: self.sending())
    @rule(number=st.integers(0, 50), end=st.sampled_from(["told", "told", "told", "later", "doubt", "failed", "no"]))
    def a_run_gets_its_answer(self, number: int, end: str) -> None:
        entries = self.sending()
        self.answer_of_partner(entries[number % len(entries)], end)

    def answer_of_partner(self, entry: OutboxEntry, end: str) -> None:
        now = self.later()
        if end in ("later", "doubt"):
            self.record = with_entry(
                self.record,
                entry,
                state=EntryState.WAITING,
                due_at=now + minutes(1),
                claimed_until=None,
                in_doubt=entry.in_doubt or end == "doubt",
            )
        elif end == "failed":
            refused = entry.action is Action.CANCEL_AS_SELLER
            decide: Callable[..., Change | None] = decide_refused_by_tiktok if refused else decide_failed
            self.apply(lambda record: decide(record, entry, now, reason="refused"))
        elif end == "no":
            self.not_taken(entry, now)
        else:
            self.told(entry, now)

    def not_taken(self, entry: OutboxEntry, now: datetime) -> None:
        if entry.action is Action.REJECT_CANCEL_REQUEST:
            self.apply(lambda record: decide_reject_not_offered(record, entry, now))
        elif entry.action is Action.APPROVE_CANCEL_REQUEST:
            self.apply(lambda record: decide_dropped(record, entry, now, reason="not taken"))
        elif entry.action is Action.SHIP and self.all_canceled(entry):
            self.apply(lambda record: decide_not_told(record, entry, now, reason="all lines were cancelled"))

    def all_canceled(self, entry: OutboxEntry) -> bool:
        """Whether the run that tells of this parcel knew all of its lines as cancelled."""
        parcel = self.record.parcel(ParcelId(entry.subject))
        assert parcel is not None
        return self.canceled_when_claimed[entry.name].issuperset(parcel.line_ids)

    def known_canceled(self) -> set[LineId]:
        return {line.id for line in self.record.order.lines if line.state is LineState.CANCELED}

    def told(self, entry: OutboxEntry, now: datetime) -> None:
        request = self.pending
        if entry.action in ANSWERS:
            if request is not None and request["id"] == entry.subject:
                self.close(GRANTED if entry.action is Action.APPROVE_CANCEL_REQUEST else CLOSED)
        elif entry.action is Action.CANCEL_AS_SELLER:
            wish = self.record.seller_cancellation(entry.subject)
            assert wish is not None
            if request is not None or set(wish.line_ids).intersection(self.shipped):
                self.apply(lambda record: decide_refused_by_tiktok(record, entry, now, reason="25001045"))
                return
            self.cancel_at_tiktok(wish.line_ids)
        elif entry.action is Action.SHIP and self.all_canceled(entry):
            self.apply(lambda record: decide_not_told(record, entry, now, reason="all lines were cancelled"))
            return
        elif entry.action is Action.SHIP and entry.target is Target.TIKTOK_SHOP:
            parcel = self.record.parcel(ParcelId(entry.subject))
            assert parcel is not None
            if request is not None and self.shop.region == "GB":
                return
            if any(
                self.shipped.get(line, parcel.tracking_number) != parcel.tracking_number for line in parcel.line_ids
            ):
                self.apply(lambda record: decide_failed(record, entry, now, reason="shipped otherwise"))
                return
            self.ship_at_tiktok(parcel.line_ids, parcel.tracking_number)
            package = f"P-{parcel.tracking_number}"
            self.apply(lambda record: decide_shipped_at_tiktok(record, entry, package, "", now))
            return
        self.apply(lambda record: decide_told(record, entry, now))

    def apply(self, decide: Callable[[OrderRecord], Change | None]) -> None:
        """Save what is decided."""
        self.record = applied(self.record, decide(self.record))
