"""Random sightings of one order, old ones and new ones, beside a model of what the order must be."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from order_sync.domain.facts import OrderFacts
from order_sync.domain.hand_over import decide_created, decide_taken
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.sightings import decide_sighting
from tests.builders import NOON, TIMING, a_report, a_shop, applied, parcel_reported, with_entry
from tests.sequences import as_test
from tests.unit.domain.model_of_an_order import LINE_STATES, ONLY_ONCE, STEPS, OrderModel
from tests.unit.domain.orders_at_tiktok import IDS, PROGRESS, OrderAtTikTok

KEPT = (
    "paid_at",
    "collected_at",
    "delivered_at",
    "ship_by",
    "collect_by",
    "channeladvisor_id",
    "oms_number",
    "recipient",
)
"""What is known once is not forgotten because a page does not show it."""
SOME_LINES = st.sets(st.sampled_from(IDS), min_size=1).map(sorted)
HOLDS = st.sampled_from([0, 0, 30])
RELEASES = st.sampled_from([None, None, timedelta(hours=30)])
AGES = st.sampled_from([timedelta(0), timedelta(0), timedelta(0), timedelta(0), timedelta(days=3)])
A_SECOND = timedelta(seconds=1)
SECONDS = st.sampled_from([A_SECOND, A_SECOND, timedelta(0)])
"""TikTok Shop counts whole seconds: of two changes in one of them neither page is newer."""
CONTRADICTS = "TikTok Shop goes back by itself"
TROUBLES = ["cancel", "part", "by hand", "third party", "new line", CONTRADICTS]
MOSTLY = st.sampled_from([True, True, False])
AWAITING = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "ON_HOLD")


class OrdersInAnyOrder(RuleBasedStateMachine):
    """One order at TikTok Shop, what we see of it, and what we must make of that."""

    @initialize(
        status=st.sampled_from(["UNPAID", "ON_HOLD", "ON_HOLD", "AWAITING_SHIPMENT"]),
        extra_hold=HOLDS,
        release=RELEASES,
        age=AGES,
        oms=st.sampled_from([True, True, False]),
        troubles=st.sets(st.sampled_from(TROUBLES), min_size=1, max_size=3),
        start=st.sampled_from(["placed", "released", "half given", "given", "shipped", "left early", "left meanwhile"]),
    )
    def begin(
        self,
        status: str,
        extra_hold: int,
        release: timedelta | None,
        age: timedelta,
        *,
        oms: bool,
        troubles: set[str],
        start: str,
    ) -> None:
        changes: dict[str, Any] = {} if oms else {"oms": {"adapter": "none"}}
        self.shop = a_shop(extra_hold_minutes=extra_hold, **changes)
        self.there = OrderAtTikTok(status, NOON - age, NOON + release if release else None)
        self.troubles = troubles
        self.record: OrderRecord | None = None
        self.told: Counter[str] = Counter()
        partners = ("CHANNELADVISOR", "OMS") if oms else ("CHANNELADVISOR",)
        self.model = OrderModel(extra_hold=timedelta(minutes=extra_hold), partners=partners)
        self.parcels = 0
        if start != "placed":
            self.the_order_is_released()
        # Between the two hand-overs the OMS waits: most that can go wrong with it goes wrong then.
        some = partners[:1]
        holders = {"placed": (), "released": (), "half given": some, "left early": some, "left meanwhile": some}.get(
            start, partners
        )
        for partner in holders:
            self.a_run_is_giving_the_order_to(partner)
            self.the_order_is_taken_by(partner)
        if start == "left meanwhile":
            self.a_run_is_giving_the_order_to("OMS")
        if start in ("left early", "left meanwhile"):
            self.lines_are_shipped_in_seller_center(list(IDS), "BY-HAND-1", wait=A_SECOND, seen=True)
        if start == "shipped":
            self.the_oms_ships(sorted(self.there.lines))
            self.tiktok_takes_a_parcel_of_ours(0, answer_is_lost=False)

    def the_order_is_released(self) -> None:
        """As most orders are, so that most sequences are about what comes after it."""
        self.the_newest_page_is_seen()
        if self.there.status == "UNPAID":
            self.the_buyer_pays()
        self.there.wait(timedelta(hours=1))
        self.there.go_on_to("AWAITING_SHIPMENT", with_time=False)
        self.the_newest_page_is_seen()
        self.the_hold_is_due()

    @property
    def now(self) -> datetime:
        return self.there.now

    # --- what happens at TikTok Shop

    @rule(minutes=st.sampled_from([1, 4, 20, 61, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.there.wait(timedelta(minutes=minutes))

    @precondition(lambda self: self.model.look_at is not None)
    @rule()
    def the_hold_is_due(self) -> None:
        due, page = self.model.look_at, self.model.page
        if due is not None and page is not None:
            self.there.wait(max(due - self.now, timedelta(0)))
            self.see(page)

    @precondition(lambda self: self.there.status == "UNPAID")
    @rule()
    def the_buyer_pays(self) -> None:
        self.there.wait(A_SECOND)
        self.there.pay()

    @precondition(lambda self: self.there.can_go_on)
    @rule(steps=st.integers(1, 2), with_time=st.booleans(), wait=SECONDS, seen=MOSTLY)
    def tiktok_goes_on(self, steps: int, *, with_time: bool, wait: timedelta, seen: bool) -> None:
        self.there.wait(wait)
        self.there.go_on(steps, with_time=with_time)
        self.see_newest(seen=seen)

    @precondition(lambda self: "by hand" in self.troubles and self.there.status in AWAITING and self.there.open_lines)
    @rule(lines=SOME_LINES, number=st.sampled_from(["", "BY-HAND-1", "BY-HAND-2"]), wait=SECONDS, seen=MOSTLY)
    def lines_are_shipped_in_seller_center(
        self, lines: list[LineId], number: str, *, wait: timedelta, seen: bool
    ) -> None:
        self.there.wait(wait)
        self.there.ship([line for line in lines if line in self.there.open_lines] or self.there.open_lines, number)
        self.see_newest(seen=seen)

    @precondition(lambda self: "part" in self.troubles and self.there.open_lines)
    @rule(line=st.sampled_from(IDS), says_so=st.booleans(), wait=SECONDS, seen=MOSTLY)
    def a_line_is_cancelled(self, line: LineId, *, says_so: bool, wait: timedelta, seen: bool) -> None:
        if line in self.there.open_lines:
            self.there.wait(wait)
            self.there.cancel([line], says_so=says_so)
            self.see_newest(seen=seen)

    @precondition(lambda self: "cancel" in self.troubles and self.there.status != "CANCELLED")
    @rule(flags=st.booleans(), wait=SECONDS, seen=MOSTLY)
    def the_order_is_cancelled(self, *, flags: bool, wait: timedelta, seen: bool) -> None:
        self.there.wait(wait)
        self.there.cancel_whole(flags=flags)
        self.see_newest(seen=seen)

    @rule(to=st.sampled_from(["", "f1", "f2"]), wait=SECONDS)
    def the_recipient_changes(self, to: str, *, wait: timedelta) -> None:
        self.there.wait(wait)
        self.there.also["recipient"] = to
        self.there.show()

    @precondition(lambda self: "third party" in self.troubles)
    @rule(
        how=st.sampled_from([{"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}, {"shipping_type": "TIKTOK"}]), seen=MOSTLY
    )
    def tiktok_ships_it_itself(self, how: dict[str, str], *, seen: bool) -> None:
        self.there.wait(A_SECOND)
        self.there.also |= how
        self.there.show()
        self.see_newest(seen=seen)

    @precondition(lambda self: "new line" in self.troubles)
    @rule(seen=MOSTLY)
    def a_line_is_shown_that_was_not_before(self, *, seen: bool) -> None:
        self.there.wait(A_SECOND)
        self.there.add_line()
        self.see_newest(seen=seen)

    @precondition(lambda self: CONTRADICTS in self.troubles)
    @rule(
        status=st.sampled_from([*PROGRESS, "CANCELLED", "A_NEW_WORD"]), times=st.booleans(), wait=SECONDS, seen=MOSTLY
    )
    def tiktok_contradicts_itself(self, status: str, *, times: bool, wait: timedelta, seen: bool) -> None:
        self.there.wait(wait)
        self.there.show_for_once(status, times=times)
        self.see_newest(seen=seen)

    # --- what we see

    @rule()
    def the_newest_page_is_seen(self) -> None:
        self.see(self.there.pages[-1])

    def see_newest(self, *, seen: bool) -> None:
        if seen:
            self.the_newest_page_is_seen()

    @rule(back=st.integers(1, 6))
    def a_page_comes_late(self, back: int) -> None:
        self.see(self.there.pages[-min(back, len(self.there.pages))])

    def see(self, page: OrderFacts) -> None:
        before, record = self.model.is_news(page, self.now), self.record
        self.model.see(page, self.now)
        self.apply(lambda record: decide_sighting(record, page, self.shop, TIMING, self.now))
        assert before or self.record is record, "an older page, or the same one again, has changed something"
        assert decide_sighting(self.record, page, self.shop, TIMING, self.now) is None

    # --- partners

    def creation(self, partner: str, state: EntryState) -> OutboxEntry | None:
        target = Target(partner)
        wanted = (target, Action.CREATE_ORDER, state)
        outbox = self.record.outbox if self.record else ()
        return next((each for each in outbox if (each.target, each.action, each.state) == wanted), None)

    @rule(partner=st.sampled_from(["CHANNELADVISOR", "OMS"]))
    def a_run_is_giving_the_order_to(self, partner: str) -> None:
        entry = self.creation(partner, EntryState.WAITING)
        if entry is not None and self.record is not None:
            until = self.now + timedelta(minutes=10)
            self.record = with_entry(self.record, entry, state=EntryState.SENDING, attempts=1, claimed_until=until)
            self.model.given[partner] = "SENDING"

    @rule(partner=st.sampled_from(["CHANNELADVISOR", "OMS"]))
    def the_order_is_taken_by(self, partner: str) -> None:
        entry = self.creation(partner, EntryState.SENDING)
        if entry is None:
            return
        self.model.is_taken_by(partner)
        if partner == "OMS":
            self.apply(lambda record: decide_taken(known(record), entry, "OMS-1", self.now))
        else:
            self.apply(lambda record: decide_created(known(record), entry, "12345", adopted=False, now=self.now))

    @precondition(lambda self: self.record is not None)
    @rule(lines=SOME_LINES)
    def the_oms_ships(self, lines: list[LineId]) -> None:
        self.parcels += 1
        number = f"OURS-{self.parcels}"
        report = a_report(id=ParcelId(number), tracking_number=number, line_ids=tuple(lines), shipped_at=self.now)
        right = self.model.parcel_is_reported(number, lines)
        self.apply(lambda record: parcel_reported(known(record), report, self.now, self.shop))
        kept = known(self.record).parcel(ParcelId(number))
        assert (kept is not None and not kept.refused) is right, kept

    def parcels_to_tell(self) -> list[OutboxEntry]:
        outbox = self.record.outbox if self.record else ()
        told = (Target.TIKTOK_SHOP, Action.SHIP, EntryState.WAITING)
        return [entry for entry in outbox if (entry.target, entry.action, entry.state) == told]

    @rule(number=st.integers(0, 9), answer_is_lost=st.booleans())
    def tiktok_takes_a_parcel_of_ours(self, number: int, *, answer_is_lost: bool) -> None:
        entries = self.parcels_to_tell()
        if not entries:
            return
        entry = entries[number % len(entries)]
        lines = [line for line in known(self.record).order.lines if line.id in self.model.parcels[entry.subject]]
        leaving = [line.id for line in lines if line.id in self.there.open_lines]
        if not leaving or self.there.status == "CANCELLED":
            return
        self.there.wait(A_SECOND)
        self.there.ship(leaving, entry.subject)
        if answer_is_lost:
            return
        self.model.parcel_is_taken(entry.subject)
        package = f"P-{entry.subject}"
        self.apply(lambda record: decide_shipped_at_tiktok(known(record), entry, package, "", self.now))

    # --- what must hold

    def apply(self, decide: Callable[[OrderRecord | None], Change | None]) -> None:
        before, change = self.record, decide(self.record)
        if change is None:
            return
        self.record = applied(before, change)
        self.told.update(fact.event.value for fact in change.timeline)
        if before is not None:
            nothing_is_undone(before, self.record)

    @invariant()
    def the_order_is_what_the_model_says(self) -> None:
        if self.record is None:
            assert self.model.page is None
            return
        order, model = self.record.order, self.model
        lines = {line.id: line.state.value for line in order.lines}
        given = {e.target.value: e.state.value for e in self.record.outbox if e.action is Action.CREATE_ORDER}
        assert (order.state, order.handling, lines) == (model.state, model.handling, model.lines)
        assert given == {who: "WAITING" if how == "QUEUED" else how for who, how in model.given.items()}
        assert (order.release_due, order.paid_at) == (model.look_at, model.paid_at)
        if order.release_due:
            assert order.hold_ends_at == model.hold_ends_at

    @invariant()
    def what_happens_once_is_told_once(self) -> None:
        for event in ONLY_ONCE:
            assert self.told[event] == self.model.events[event], event
            assert self.told[event] <= 1, event
        assert {CONTRADICTS, "new line"} & self.troubles or not self.told["TRANSITION_REFUSED"]
        for event in ("COLLECTED", "DELIVERED", "COMPLETED"):
            assert self.told[event] <= 1 or CONTRADICTS in self.troubles, event

    @invariant()
    def nobody_hears_of_a_cancellation_who_was_not_given_the_order(self) -> None:
        for entry in self.record.outbox if self.record else ():
            if entry.action in (Action.CANCEL_ORDER, Action.CANCEL_LINE):
                assert self.model.given.get(entry.target) in ("SENDING", "DONE"), entry


def known(record: OrderRecord | None) -> OrderRecord:
    assert record is not None
    return record


def nothing_is_undone(before: OrderRecord, after: OrderRecord) -> None:
    """Time runs forward only, for the order, its lines, and all that was learnt."""
    old, new = before.order, after.order
    assert new.updated_at >= old.updated_at
    assert new.state == old.state or new.state in STEPS[old.state], (old.state, new.state)
    states = {line.id: line.state for line in new.lines}
    for line in old.lines:
        assert LINE_STATES.index(states[line.id]) >= LINE_STATES.index(line.state), line
    for name in KEPT:
        assert getattr(new, name) or not getattr(old, name), name
    for entry in before.outbox:
        if entry.state is EntryState.DONE:
            assert after.entry(entry.name) == entry
    assert list(LineState) == LINE_STATES


test_an_order_is_what_was_seen_of_it = as_test(OrdersInAnyOrder, examples=250)
