"""Each invariant says no when it is broken: a check that never fails proves nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from local.simulators.channeladvisor.creating import create_order
from local.simulators.tiktok_shop.books import RequestRecord, Shipment
from local.simulators.tiktok_shop.buyers import new_buyer
from local.simulators.tiktok_shop.cancel_books import DecisionRecord
from local.simulators.tiktok_shop.shops import REGIONS
from order_sync.domain.ids import OrderId
from order_sync.ledger.table import Item, Key
from tests.simulation.canaries import Canaries
from tests.simulation.invariants import Invariants
from tests.simulation.late_dispatch import LateDispatch
from tests.simulation.placed_orders import PlacedOrder
from tests.simulation.random_day import RandomDay
from tests.simulation.stuck import stuck
from tests.simulation.warned import too_early, warnings_of
from tests.simulation.work import Work, amplified
from tests.simulation.writes import Written, wrong_writes
from tests.world import Connected, World

PARTITION = "ORDER#1#7"
HEAD: Item = {
    "pk": PARTITION,
    "sk": "ORDER",
    "version": 3,
    "state": "RELEASED_FOR_SHIPMENT",
    "handling": "OURS",
    "tiktok_status": "AWAITING_SHIPMENT",
    "updated_at": 5000,
    "lines": json.dumps([["L1", "IN_PARCEL", "TEE"]]),
}
ENTRY: Item = {"pk": PARTITION, "sk": "OUTBOX#OMS#CREATE_ORDER#order#1", "version": 3, "state": "DONE"}
CANCELLATION: Item = {"pk": PARTITION, "sk": "CANCEL#9", "answer": "REJECT"}
CURSOR: Item = {"pk": "SHOP#1", "sk": "CURSOR#oms_shipments", "version": 3, "position": "500"}
TOLD: Written = (None, {"pk": PARTITION, "sk": "TIMELINE#1#1", "facts": "[]"})


def head(**changes: Any) -> Item:
    """The order's head one version on."""
    return {**HEAD, "version": 4, **changes}


@pytest.mark.parametrize(
    ("invariant", "written"),
    [
        ("I8", [(HEAD, head(state="PENDING", tiktok_status="UNPAID")), TOLD]),
        ("I8", [(HEAD, head(version=5))]),
        ("I8", [(HEAD, head(updated_at=4000))]),
        ("I8", [(HEAD, head(state="SHIPPED"))]),
        ("I8", [(HEAD, head(lines=json.dumps([["L1", "OPEN", "TEE"]])))]),
        ("I8", [(None, head(version=1))]),
        ("I8", [(TOLD[1], TOLD[1])]),
        ("I8", [(HEAD, None)]),
        ("I8", [(CURSOR, {**CURSOR, "position": "501"})]),
        ("I7", [(CURSOR, {**CURSOR, "version": 4, "position": "499"})]),
        ("I2", [(ENTRY, {**ENTRY, "version": 4, "state": "WAITING", "due_at": 1})]),
        ("I8", [(ENTRY, {**ENTRY, "version": 3})]),
        ("I9", [(None, {**ENTRY, "state": "WAITING"})]),
        ("I9", [(None, {**ENTRY, "state": "SENDING", "due_at": 1})]),
        ("I9", [(None, head(version=1, state="PENDING")), TOLD]),
        ("I4", [(CANCELLATION, {**CANCELLATION, "answer": "APPROVE"})]),
        ("I4", [(CANCELLATION, {"pk": PARTITION, "sk": "CANCEL#9"})]),
    ],
)
def test_a_write_that_no_order_may_make_is_seen(invariant: str, written: list[Written]) -> None:
    assert [wrong.invariant for wrong in wrong_writes(written)] == [invariant]


def test_what_orders_really_do_is_no_violation() -> None:
    reopened = head(lines=json.dumps([["L1", "OPEN", "TEE"]]))
    parcel: Item = {"pk": PARTITION, "sk": "PARCEL#1", "refused": "deleted"}
    for written in (
        [(HEAD, head(state="SHIPPED")), TOLD],
        [(HEAD, reopened), (parcel, parcel)],
        [(ENTRY, {**ENTRY, "version": 4})],
        [(None, {**ENTRY, "state": "WAITING", "waits_for": "OMS#X"})],
        [(CURSOR, {**CURSOR, "version": 4, "position": "501"})],
    ):
        assert list(wrong_writes(written)) == []


DUE_AT = datetime(2026, 6, 4, 6, 59, 59, tzinfo=UTC)
"""Wednesday, 23:59:59 in Los Angeles."""
DUE = int(DUE_AT.timestamp() * 1000)


def deadlines(**changes: Any) -> Item:
    """Deadlines of a Wednesday."""
    return {
        "pk": PARTITION,
        "sk": "DEADLINES",
        "due_at": DUE,
        "clock_stops": "in_transit",
        "cancel_stops": "tracking_added",
        "dispatch_by": DUE,
        "dispatch_on": "2026-06-03",
        "cancels_by": DUE + 10**8,
        **changes,
    }


def test_a_deadline_that_is_warned_of_twice_or_forgotten_is_seen() -> None:
    once, twice = '[["dispatch",1,24]]', '[["dispatch",1,24],["dispatch",1,24]]'
    assert [each.invariant for each in wrong_writes([(None, deadlines(given=twice))])] == ["I5"]
    assert [each.invariant for each in wrong_writes([(deadlines(given=once), deadlines())])] == ["I5"]


def test_a_late_order_that_moves_no_counter_is_seen_and_the_rate_is_exact() -> None:
    late = deadlines(collected_at=DUE + 1)
    items: dict[Key, Item] = {Key(PARTITION, "ORDER"): HEAD, Key(PARTITION, "DEADLINES"): late}
    oracle = LateDispatch(items)
    (wrong,) = oracle.wrote([(None, late)])
    assert wrong.invariant == "I6"
    assert "profile_late" in wrong.text
    assert oracle.rate("1", date(2026, 6, 1), date(2026, 6, 7)) == Fraction(1)
    assert oracle.rate("1", date(2026, 6, 4), date(2026, 6, 7)) is None
    # The last second of the deadline is in time.
    items[Key(PARTITION, "DEADLINES")] = deadlines(collected_at=DUE)
    assert [each.invariant for each in oracle.wrote([(late, deadlines())])] == ["I6"]
    assert oracle.rate("1", date(2026, 6, 1), date(2026, 6, 7)) == Fraction(0)


def test_warnings_are_due_some_business_hours_before_and_a_miss_is_never_foretold() -> None:
    due, end = DUE, DUE_AT
    moments = {
        warned: at for at, warned in warnings_of({**HEAD, "paid_at": 1}, deadlines(), "US", "America/Los_Angeles")
    }
    assert moments["dispatch", due, 24] == end - timedelta(hours=24)
    assert moments["dispatch", due, 0] == end + timedelta(seconds=1)
    missed, near = json.dumps([["dispatch", due, 0]]), json.dumps([["dispatch", due, 4]])

    def early(given: str, now: datetime) -> int:
        return len(list(too_early(None, deadlines(given=given), now, "US", "America/Los_Angeles")))

    assert (early(missed, end), early(missed, end + timedelta(seconds=1))) == (1, 0)
    four_before = end - timedelta(hours=4)
    assert (early(near, four_before - timedelta(minutes=19)), early(near, four_before - timedelta(minutes=18))) == (
        1,
        0,
    )


@pytest.mark.parametrize("region", ["US", "GB"])
def test_every_datum_of_every_buyer_is_found_in_any_text(region: str) -> None:
    buyers = [new_buyer(number, str(number), REGIONS[region]) for number in range(60)]
    data = {datum for buyer in buyers for datum in buyer.personal_data()}
    for datum in sorted(data):
        canaries = Canaries(lambda: data)
        canaries.look(f'{{"shop":"7495540735001885443","at":1780000000123,"text":"to {datum}, order 5"}}', "a log")
        canaries.flush()
        assert canaries.found, datum


def test_times_and_numbers_are_no_buyers_data() -> None:
    buyer = new_buyer(123, "1", REGIONS["GB"])
    canaries = Canaries(buyer.personal_data)
    canaries.look(f"1{buyer.national_number}45 576{buyer.national_number}12345 1780000000123", "a log")
    canaries.flush()
    assert canaries.found == []


def test_work_is_amplified_when_it_is_more_than_thrice_the_calm_work() -> None:
    calm = Work(orders=10, write_units=600, requests=100)
    assert list(amplified(Work(orders=20, write_units=3600, requests=600), calm)) == []
    (wrong,) = amplified(Work(orders=20, write_units=3601, requests=600), calm)
    assert wrong.startswith("write_units")


@dataclass(kw_only=True)
class Morning:
    """A world without anything that goes wrong, to be judged."""

    world: World
    shops: Sequence[Connected]
    orders: list[PlacedOrder] = field(default_factory=list)
    decoys: Sequence[int] = ()
    executions: Sequence[str] = ()
    broken: Sequence[str] = ()

    @property
    def items(self) -> Mapping[Key, Item]:
        return self.world.table.items

    def was_disturbed(self, since: datetime, until: datetime) -> bool:
        return since > until

    def place(self) -> OrderId:
        order = self.world.order(self.shops[0])
        self.orders.append(PlacedOrder(shop=self.shops[0], id=order, kind="normal", way="oms", by_sku=False))
        return order

    def create(self, order: OrderId) -> None:
        state = self.world.channeladvisor._state
        item = {"Sku": "TEE-BLU-M", "Quantity": 1, "UnitPrice": 20}
        payload = {"SiteOrderID": order, "TotalPrice": 20, "ProfileID": 12345678, "Items": [item]}
        create_order(state, next(iter(state.accounts.values())), payload)


@pytest.fixture
def morning() -> Morning:
    world = World()
    return Morning(world=world, shops=[world.connect()])


def found(invariants: Invariants) -> list[str]:
    """The invariants that were broken."""
    return [violation.invariant for violation in invariants.violations]


def test_an_order_that_is_created_twice_or_in_its_hold_is_seen(morning: Morning) -> None:
    invariants, order = Invariants(morning), morning.place()
    morning.create(order)
    invariants.look()
    assert found(invariants) == ["I3"]
    morning.world.time += timedelta(hours=2)
    morning.create(order)
    invariants.look()
    assert found(invariants) == ["I3", "I2"]


def test_a_cancelled_order_is_not_handed_over_unread_nor_by_a_run_that_saw_it(morning: Morning) -> None:
    invariants, world = Invariants(morning), morning.world
    seen, raced, unread = morning.place(), morning.place(), morning.place()
    world.time += timedelta(hours=2)

    def read(order: OrderId, actor: str) -> None:
        settings = world.shops.settings(morning.shops[0].id)
        world.tiktok_client(morning.shops[0], settings).read_orders([order])
        invariants.look(actor)

    read(raced, "push 1")
    for order in (seen, raced, unread):
        world.tiktok.cancel_by_platform(order)
    world.time += timedelta(minutes=1)
    read(seen, "push 1")
    read(raced, "poll 2")
    for order in (seen, raced, unread):
        morning.create(order)
    invariants.look("push 1")
    assert [(each.invariant, each.order) for each in invariants.violations] == [("I3", seen), ("I3", unread)]


def test_a_parcel_that_is_told_twice_and_an_answer_that_flips_are_seen(morning: Morning) -> None:
    invariants, order = Invariants(morning), morning.place()
    books, now, shop = morning.world.tiktok.books, morning.world.time, morning.shops[0].id
    for package in ("1", "2"):
        books.shipments.append(
            Shipment(
                at=now,
                shop_id=shop,
                order_id=order,
                package_id=package,
                line_ids=(f"L{package}",),
                tracking_number="T1",
                provider="USPS",
                by="api",
            )
        )
    for decision, code in (("REJECT", 0), ("APPROVE", 25008001)):
        books.decisions.append(
            DecisionRecord(
                at=now,
                shop_id=shop,
                cancel_id="9",
                order_id=order,
                decision=decision,
                by="api",
                idempotency_key=None,
                reason=None,
                code=code,
                replayed=False,
                respond_by=now + timedelta(hours=1),
            )
        )
    invariants.look()
    assert found(invariants) == ["I2", "I4"]


def test_too_many_calls_at_a_time_or_in_a_second_are_seen(morning: Morning) -> None:
    invariants = Invariants(morning)
    calls = [invariants.call() for _ in range(6)]
    for call in calls:
        call.__enter__()
    assert found(invariants) == ["I11"]
    for _ in range(5):
        morning.world.tiktok.books.record(
            RequestRecord(
                at=morning.world.time,
                method="GET",
                path="/order/202309/orders",
                endpoint="",
                query={},
                shop_id="1",
                status=200,
                code=0,
                fault=None,
            )
        )
    invariants.look("poll 1")
    assert found(invariants) == ["I11", "I11"]


def test_a_lost_order_and_a_cursor_that_has_passed_it_are_seen(morning: Morning) -> None:
    invariants, order = Invariants(morning), morning.place()
    reached = morning.world.time + timedelta(minutes=11)
    position = str(int(reached.timestamp()))
    invariants.wrote([(None, {"pk": f"SHOP#{morning.shops[0].id}", "sk": "CURSOR#orders", "position": position})])
    assert [(each.invariant, each.order) for each in invariants.violations] == [("I7", order)]
    invariants.retire(morning.orders[0])
    assert found(invariants) == ["I7", "I1"]


def test_buyers_data_in_an_item_or_a_notice_is_seen(morning: Morning) -> None:
    invariants, order = Invariants(morning), morning.place()
    buyer = morning.world.tiktok._state.order(order).buyer
    invariants.wrote([(None, {"pk": "SHOP#1", "sk": "NOTICE#x", "text": f"for {buyer.name}"})])
    invariants.text(f"call {buyer.phone_number}", "a notice")
    invariants.flush()
    assert [each.text.rpartition(" is in ")[2] for each in invariants.violations] == ["the table"] * 2 + ["a notice"]


def test_a_deadline_that_nobody_is_warned_of_is_seen(morning: Morning) -> None:
    invariants, order = Invariants(morning), morning.place()
    morning.world.cycle(2)
    morning.world.advance(timedelta(days=10))
    partition = f"ORDER#{morning.shops[0].id}#{order}"
    own = morning.items[Key(partition, "DEADLINES")]
    invariants._deadlines_since[partition] = morning.world.time - timedelta(days=10)
    invariants.check_warnings()
    assert set(found(invariants)) == {"I5"}
    assert "given" not in own


def test_what_is_long_due_and_what_waits_for_nothing_is_stuck(morning: Morning) -> None:
    order, world = morning.place(), morning.world
    world.cycle(1)
    record = world.record(morning.shops[0], order)
    assert list(stuck(record, world.time, timedelta(hours=1))) == []
    assert record.order.release_due is not None
    (wrong,) = stuck(record, world.time + timedelta(hours=3), timedelta(hours=1))
    assert "end of its hold" in wrong


@pytest.mark.parametrize(("seed", "returns"), [(161, False), (161, True)])
def test_a_random_day_keeps_every_invariant_after_every_event(seed: int, *, returns: bool) -> None:
    day = RandomDay(seed, returns=returns)
    invariants = Invariants(day)
    day.table.on_write = invariants.wrote
    happens = day.world.on_answer

    def answered() -> None:
        invariants.look()
        happens()

    day.world.on_answer = answered
    day.play()
    assert [str(each) for each in invariants.at_rest()] == []
