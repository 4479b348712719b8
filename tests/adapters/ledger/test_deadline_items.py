"""Deadlines and daily counters in the ledger: every field survives, what is due is found, and counters move once."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.memory_table import item_size
from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.deadlines.deadlines import Clock, DeadlineKind, Deadlines, Figures, GivenWarning, Stage
from order_sync.domain.deadlines.policies import ClockStop, OrderKind
from order_sync.domain.deadlines.rates import Window
from order_sync.domain.deadlines.tallies import Tally
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.listings.times import LongestTime
from order_sync.domain.outbox import Action, Target, tell
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.sightings import decide_sighting
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DayCounters, DeadlineBook
from order_sync.ledger.ledger import DamagedItemError, Ledger
from order_sync.ledger.table import Add, Item, Key, Put, Table, VersionConflictError
from tests.adapters.ledger.test_items import MOMENTS, PERHAPS
from tests.builders import NOON, ORDER_ID, SHOP_ID, TIMING, a_shop, seen, some_facts

DUE = datetime(2026, 6, 5, 6, 59, 59, tzinfo=UTC)
"""The end of the third business day of an order of noon, where the shop is."""
DUE_ON = date(2026, 6, 4)
FAR_AWAY = datetime(2199, 1, 1, tzinfo=UTC)
IN_JUNE = Window(first=date(2026, 6, 1), last=date(2026, 6, 30))

DATES = st.dates(date(2000, 1, 1), date(2150, 1, 1))
GIVEN = st.builds(
    GivenWarning, kind=st.sampled_from(DeadlineKind), deadline=MOMENTS, level=st.sampled_from((24, 12, 4, 0))
)
LONGEST = st.none() | st.builds(LongestTime, days=st.integers(0, 365), of_all=st.booleans())
DEADLINES = st.builds(
    Deadlines,
    clock=st.builds(
        Clock,
        kind=st.sampled_from(OrderKind),
        handling_time=st.none() | st.builds(Span, days=st.integers(1, 365), unit=st.sampled_from(DayUnit)),
        listed_handling=LONGEST,
        listed_shipping=LONGEST,
        release_at=PERHAPS,
        awaiting_since=PERHAPS,
    ),
    figures=st.builds(
        Figures,
        profile=st.sampled_from(("guide-2025-08", "us-2026-01")),
        clock_stops=st.sampled_from(ClockStop),
        cancel_stops=st.sampled_from(ClockStop),
        dispatch_by=MOMENTS,
        dispatch_on=DATES,
        cancels_by=MOMENTS,
        delivery_by=MOMENTS,
    ),
    act_by=MOMENTS,
    tiktok_on=st.none() | DATES,
    fulfilled_by_tiktok=st.booleans(),
    tracking_added_at=PERHAPS,
    collected_at=PERHAPS,
    canceled_at=PERHAPS,
    given=st.lists(GIVEN, max_size=6).map(tuple),
    found_open_at=PERHAPS,
    look_at=PERHAPS,
)
AN_ORDER = replace(seen(some_facts()).order, version=0)


def some_deadlines(**changes: Any) -> Deadlines:
    """Those of an order of noon that was seen awaiting shipment."""
    deadlines = seen(some_facts()).deadlines
    assert deadlines is not None
    return replace(deadlines, **changes)


EVERYTHING = some_deadlines(
    clock=Clock(
        kind=OrderKind.MADE_TO_ORDER,
        handling_time=Span(days=5, unit=DayUnit.CALENDAR),
        listed_handling=LongestTime(days=6, of_all=False),
        listed_shipping=LongestTime(days=0),
        release_at=NOON + timedelta(milliseconds=1),
        awaiting_since=NOON + timedelta(milliseconds=2),
    ),
    tiktok_on=date(2026, 6, 9),
    fulfilled_by_tiktok=True,
    tracking_added_at=NOON + timedelta(milliseconds=3),
    given=(GivenWarning(kind=DeadlineKind.DISPATCH, deadline=DUE, level=24),),
    found_open_at=NOON + timedelta(milliseconds=4),
    look_at=NOON + timedelta(milliseconds=5),
)


def now() -> datetime:
    return NOON + timedelta(hours=2)


@pytest.fixture
def ledger(table: Table) -> Ledger:
    return Ledger(table, now)


@pytest.fixture
def book(table: Table) -> DeadlineBook:
    return DeadlineBook(table)


def save(ledger: Ledger, deadlines: Deadlines, order: OrderId = ORDER_ID, shop: ShopId = SHOP_ID) -> None:
    """Write an order of that number that nobody knew."""
    ledger.commit(Change(order=replace(AN_ORDER, id=order, shop=shop), deadlines=deadlines))


def loaded(ledger: Ledger, order: OrderId = ORDER_ID) -> OrderRecord:
    record = ledger.load(SHOP_ID, order)
    assert record is not None
    return record


def survives(ledger: Ledger, deadlines: Deadlines, order: OrderId = ORDER_ID) -> bool:
    """Whether a reading gives the same back as was written, whatever stood there."""
    known = ledger.load(SHOP_ID, order)
    version = known.order.version if known else 0
    ledger.commit(Change(order=replace(AN_ORDER, id=order, version=version), deadlines=deadlines), known)
    return loaded(ledger, order).deadlines == deadlines


# ---- every field


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(deadlines=DEADLINES)
def test_deadlines_survive(table: Table, deadlines: Deadlines) -> None:
    # A closed order needs no look, and is kept without one.
    kept = replace(deadlines, look_at=None) if deadlines.stage is Stage.CLOSED else deadlines
    assert survives(Ledger(table, now), kept)


def test_every_field_has_a_place_of_its_own_in_the_table(ledger: Ledger) -> None:
    """Each field alone: two that shared an attribute would lose one of them."""
    assert survives(ledger, EVERYTHING)
    later = timedelta(days=1, milliseconds=7)
    ways: Mapping[str, Callable[[Any], Any]] = {
        "clock": lambda clock: replace(clock, awaiting_since=None),
        "figures": lambda figures: replace(figures, delivery_by=figures.delivery_by + later),
        "act_by": lambda moment: moment - later,
        "tiktok_on": lambda _: None,
        "fulfilled_by_tiktok": lambda known: not known,
        "tracking_added_at": lambda _: None,
        "collected_at": lambda _: None,
        "canceled_at": lambda _: None,
        "given": lambda _: (),
        "found_open_at": lambda moment: moment + later,
        "look_at": lambda _: None,
    }
    assert ways.keys() == {field.name for field in fields(Deadlines)}
    for name, change in ways.items():
        assert survives(ledger, replace(EVERYTHING, **{name: change(getattr(EVERYTHING, name))})), name
    for field in fields(Clock):
        without: dict[str, Any] = {field.name: field.default}
        assert survives(ledger, replace(EVERYTHING, clock=replace(EVERYTHING.clock, **without))), field.name


def test_what_became_of_an_order_survives_for_each_event_alone(ledger: Ledger) -> None:
    for number, name in enumerate(("tracking_added_at", "collected_at", "canceled_at")):
        deadlines = some_deadlines(look_at=None, **{name: DUE + timedelta(milliseconds=number)})
        assert survives(ledger, deadlines, OrderId(str(number)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(deadlines=DEADLINES)
def test_nothing_empty_is_stored(memory_table: Any, deadlines: Deadlines) -> None:
    ledger = Ledger(memory_table, now)
    survives(ledger, deadlines)
    for item in ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID)):
        assert "" not in item.values()
        assert not any(value is False or value is None for value in item.values())


def test_the_item_of_a_normal_order_stays_below_one_kilobyte_with_all_its_warnings(ledger: Ledger) -> None:
    levels = [(DeadlineKind.DISPATCH, DUE, level) for level in (24, 12, 4, 0)]
    cancel = [(DeadlineKind.AUTOMATIC_CANCEL, DUE + timedelta(days=6 + n), 24) for n in range(2)]
    told = tuple(GivenWarning(kind=kind, deadline=at, level=level) for kind, at, level in (*levels, *cancel))
    save(ledger, some_deadlines(given=told, found_open_at=DUE, tracking_added_at=DUE, collected_at=DUE, look_at=None))
    sizes = {str(item["sk"]): item_size(item) for item in ledger.table.query(keys.order_partition(SHOP_ID, ORDER_ID))}
    print("bytes:", sizes)  # noqa: T201
    # One write unit each.
    assert sizes[keys.DEADLINES] < 1024
    assert sizes[keys.ORDER] < 1024


def test_a_change_that_leaves_the_deadlines_alone_does_not_write_their_item(ledger: Ledger) -> None:
    save(ledger, EVERYTHING)
    key = keys.deadlines_key(SHOP_ID, ORDER_ID)
    item = ledger.table.get(key)
    assert item is not None
    # A mark that any write of the item would wipe out.
    ledger.table.put(Put(item=item | {"mark": "still here"}))
    known = loaded(ledger)
    ledger.commit(Change(order=replace(known.order, oms_number="17"), deadlines=known.deadlines), known)
    assert (ledger.table.get(key) or {}).get("mark") == "still here"
    assert loaded(ledger).deadlines == EVERYTHING
    assert loaded(ledger).order.oms_number == "17"


# ---- places in the due index


def warned(level: int, deadlines: Deadlines | None = None) -> Deadlines:
    """The deadlines once a warning of the dispatch was given."""
    known = deadlines or some_deadlines()
    told = GivenWarning(kind=DeadlineKind.DISPATCH, deadline=known.act_by, level=level)
    return replace(known, given=(*known.given, told))


STAGES = {
    Stage.OPEN: some_deadlines(),
    Stage.SOON: warned(24),
    Stage.LATE: warned(0),
    Stage.CLOSED: some_deadlines(collected_at=DUE, look_at=None),
}


@pytest.mark.parametrize("stage", Stage)
def test_an_order_is_counted_in_its_stage_and_in_no_other(ledger: Ledger, book: DeadlineBook, stage: Stage) -> None:
    save(ledger, STAGES[stage])
    assert [each for each in Stage if book.count(SHOP_ID, each)] == [stage]
    assert not any(book.count(ShopId("1"), each) for each in Stage)


def test_an_order_without_another_look_is_counted_and_never_looked_at(ledger: Ledger, book: DeadlineBook) -> None:
    save(ledger, replace(warned(0), look_at=None))
    assert book.count(SHOP_ID, Stage.LATE) == 1
    assert book.to_look_at(SHOP_ID, FAR_AWAY, 10) == []
    assert list(book.open_orders(SHOP_ID)) == [ORDER_ID]


@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.SOON, Stage.LATE])
def test_an_open_order_is_to_be_looked_at_from_its_moment_on(ledger: Ledger, book: DeadlineBook, stage: Stage) -> None:
    at = NOON + timedelta(days=2)
    save(ledger, replace(STAGES[stage], look_at=at))
    assert book.to_look_at(SHOP_ID, at - timedelta(milliseconds=1), 10) == []
    assert book.to_look_at(SHOP_ID, at, 10) == [ORDER_ID]
    assert book.to_look_at(ShopId("1"), at, 10) == []


def test_a_closed_order_is_listed_by_its_dispatch_deadline_and_not_to_be_looked_at(
    ledger: Ledger, book: DeadlineBook
) -> None:
    save(ledger, STAGES[Stage.CLOSED])
    millisecond = timedelta(milliseconds=1)
    assert book.to_look_at(SHOP_ID, FAR_AWAY, 10) == []
    assert list(book.open_orders(SHOP_ID)) == []
    assert list(book.closed_orders(SHOP_ID, DUE, DUE)) == [ORDER_ID]
    assert list(book.closed_orders(SHOP_ID, DUE + millisecond, DUE + timedelta(days=9))) == []
    assert list(book.closed_orders(SHOP_ID, DUE - timedelta(days=9), DUE - millisecond)) == []


def test_an_order_leaves_its_old_place_when_its_stage_changes(ledger: Ledger, book: DeadlineBook) -> None:
    for stage in Stage:
        survives(ledger, STAGES[stage])
        assert {each: book.count(SHOP_ID, each) for each in Stage} == {each: int(each is stage) for each in Stage}


def test_the_longest_due_of_each_list_come_first_and_no_more_than_were_asked_for(
    ledger: Ledger, book: DeadlineBook
) -> None:
    moments = {OrderId(str(number)): NOON + timedelta(minutes=(number * 7) % 40) for number in range(40)}
    for order, at in moments.items():
        save(ledger, some_deadlines(look_at=at), order)
    found = book.to_look_at(SHOP_ID, FAR_AWAY, 3)
    for shard in keys.SHARDS:
        own = [order for order in moments if keys.shard_of(order) == shard]
        expected = sorted(own, key=moments.__getitem__)[:3]
        assert [order for order in found if keys.shard_of(order) == shard] == expected
    assert len(book.to_look_at(SHOP_ID, FAR_AWAY, 100)) == 40


def test_orders_of_one_deadline_are_spread_over_all_shards() -> None:
    orders = [OrderId(str(576461413038785752 + 97 * number)) for number in range(4_000)]
    shards = [keys.shard_of(order) for order in orders]
    assert set(shards) == set(keys.SHARDS)
    assert max(shards.count(shard) for shard in keys.SHARDS) < 600


# ---- reading many


def nobody_damaged(error: DamagedItemError) -> None:
    raise AssertionError(error)


def test_many_orders_are_read_with_their_deadlines_and_unknown_ones_are_left_out(
    ledger: Ledger, book: DeadlineBook
) -> None:
    orders = [OrderId(str(number)) for number in range(120)]
    for number, order in enumerate(orders):
        save(ledger, some_deadlines(found_open_at=NOON + timedelta(seconds=number)), order)
    found = list(book.read(SHOP_ID, [*orders, OrderId("999"), orders[0]], nobody_damaged))
    assert [each.order.id for each in found] == orders
    assert [each.deadlines.found_open_at for each in found] == [NOON + timedelta(seconds=n) for n in range(120)]
    assert all(each == (loaded(ledger, each.order.id).order, each.deadlines) for each in found[:3])


def test_an_order_that_was_kept_before_there_were_deadlines_is_left_out(ledger: Ledger, book: DeadlineBook) -> None:
    ledger.commit(Change(order=AN_ORDER))
    assert loaded(ledger).deadlines is None
    assert list(book.read(SHOP_ID, [ORDER_ID], nobody_damaged)) == []


DAMAGES: Mapping[str, Any] = {
    "dispatch_by": None,
    "act_by": None,
    "kind": "NEW_KIND",
    "clock_stops": "never",
    "dispatch_on": "4 June",
    "tiktok_on": "soon",
    "cancels_by": "at night",
    "delivery_by": 10**30,
    "handling_unit": "business_days",
    "listed_handling": "soon",
    "listed_shipping": "+",
    "given": '[["dispatch", 1]]',
    "collected_at": "yesterday",
}


@pytest.mark.parametrize(("attribute", "value"), DAMAGES.items())
def test_a_damaged_item_holds_up_only_its_order(
    ledger: Ledger, book: DeadlineBook, attribute: str, value: str | int | None
) -> None:
    other = OrderId("17")
    for order in (ORDER_ID, other):
        save(ledger, some_deadlines(), order)
    damage(ledger, keys.deadlines_key(SHOP_ID, ORDER_ID), attribute, value)
    with pytest.raises(DamagedItemError, match=f"{ORDER_ID} {keys.DEADLINES}"):
        ledger.load(SHOP_ID, ORDER_ID)
    damaged: list[DamagedItemError] = []
    assert [each.order.id for each in book.read(SHOP_ID, [ORDER_ID, other], damaged.append)] == [other]
    assert [ORDER_ID in str(error) for error in damaged] == [True]
    assert sorted(book.to_look_at(SHOP_ID, FAR_AWAY, 10)) == sorted([ORDER_ID, other])
    assert ledger.heads(SHOP_ID, [ORDER_ID, other]).keys() == {ORDER_ID, other}


@pytest.mark.parametrize("text", ["not JSON", "[1]", "5", '[["dispatch", 1, 24, 5]]', '[["never", 1, 24]]'])
def test_damaged_warnings_hold_up_only_their_order(ledger: Ledger, book: DeadlineBook, text: str) -> None:
    save(ledger, some_deadlines())
    damage(ledger, keys.deadlines_key(SHOP_ID, ORDER_ID), "given", text)
    with pytest.raises(DamagedItemError):
        ledger.load(SHOP_ID, ORDER_ID)
    damaged: list[DamagedItemError] = []
    assert list(book.read(SHOP_ID, [ORDER_ID], damaged.append)) == []
    assert len(damaged) == 1


def damage(ledger: Ledger, key: Key, attribute: str, value: str | int | None) -> None:
    """Somebody writes in the table by hand."""
    item = ledger.table.get(key)
    assert item is not None
    item.pop(attribute, None)
    ledger.table.put(Put(item=item if value is None else item | {attribute: value}))


# ---- counters


def sighting(status: str, after: timedelta, **changes: Any) -> Callable[[OrderRecord | None], Change | None]:
    facts = some_facts(status, seen_after=after, **changes)
    return lambda record: decide_sighting(record, facts, a_shop(), TIMING, NOON + timedelta(hours=2))


AWAITING = sighting("AWAITING_SHIPMENT", timedelta(hours=1))
COLLECTED_LATE = sighting("IN_TRANSIT", timedelta(days=5), collected_at=DUE + timedelta(seconds=1))
COLLECTED_IN_TIME = sighting("IN_TRANSIT", timedelta(days=6), collected_at=DUE)


def counted(book: DeadlineBook, shop: ShopId = SHOP_ID) -> Mapping[date, Tally]:
    return book.days(shop, IN_JUNE)


def test_the_counters_move_with_the_order(ledger: Ledger, book: DeadlineBook) -> None:
    ledger.change(SHOP_ID, ORDER_ID, AWAITING)
    assert counted(book) == {}
    ledger.change(SHOP_ID, ORDER_ID, COLLECTED_LATE)
    assert counted(book)[DUE_ON]["profile_late"] == 1
    ledger.change(SHOP_ID, ORDER_ID, COLLECTED_IN_TIME)
    assert counted(book)[DUE_ON]["profile_on_time"] == 1
    assert "profile_late" not in counted(book)[DUE_ON]


def test_a_sighting_that_shows_nothing_new_moves_no_counter(ledger: Ledger, book: DeadlineBook) -> None:
    for _ in range(3):
        ledger.change(SHOP_ID, ORDER_ID, COLLECTED_LATE)
    assert counted(book)[DUE_ON]["profile_late"] == 1


def test_a_commit_that_comes_too_late_moves_no_counter(ledger: Ledger, book: DeadlineBook) -> None:
    ledger.change(SHOP_ID, ORDER_ID, AWAITING)
    known = loaded(ledger)
    stale = COLLECTED_LATE(known)
    assert stale is not None
    assert stale.moves
    ledger.change(SHOP_ID, ORDER_ID, sighting("AWAITING_COLLECTION", timedelta(days=4), tracking_added_at=NOON))
    before = ledger.table.query(keys.shop_partition(SHOP_ID)), loaded(ledger)
    with pytest.raises(VersionConflictError):
        ledger.commit(stale, known)
    assert (ledger.table.query(keys.shop_partition(SHOP_ID)), loaded(ledger)) == before
    assert counted(book) == {}


def test_a_decision_that_lost_its_race_is_taken_again_and_counted_once(ledger: Ledger, book: DeadlineBook) -> None:
    ledger.change(SHOP_ID, ORDER_ID, AWAITING)
    readings = iter([loaded(ledger)])
    ledger.change(SHOP_ID, ORDER_ID, COLLECTED_LATE)
    # The first reading is from before the other run's write; the second one sees what it counted.
    ledger.change(SHOP_ID, ORDER_ID, lambda record: COLLECTED_IN_TIME(next(readings, record)))
    assert {name: number for name, number in counted(book)[DUE_ON].items() if name.startswith("profile")} == {
        "profile_on_time": 1
    }


def test_two_runs_that_see_the_same_dispatch_count_it_once(ledger: Ledger, book: DeadlineBook) -> None:
    ledger.change(SHOP_ID, ORDER_ID, AWAITING)
    done: list[bool] = []

    def second(record: OrderRecord | None) -> Change | None:
        if not done:
            done.append(True)
            ledger.change(SHOP_ID, ORDER_ID, COLLECTED_LATE)
        return COLLECTED_LATE(record)

    assert ledger.change(SHOP_ID, ORDER_ID, second) is None
    assert counted(book)[DUE_ON]["profile_late"] == 1


def test_a_decision_too_large_for_one_transaction_moves_its_counters_once(ledger: Ledger, book: DeadlineBook) -> None:
    """The entries that go first stay when the race is lost; the counters go with the order."""
    ledger.change(SHOP_ID, ORDER_ID, AWAITING)
    stale = loaded(ledger)
    entries = tuple(
        tell(Target.OPERATOR, Action.NOTIFY, SHOP_ID, ORDER_ID, now=NOON, subject=str(number)) for number in range(120)
    )
    ledger.change(SHOP_ID, ORDER_ID, sighting("AWAITING_COLLECTION", timedelta(days=4)))

    def too_much(record: OrderRecord) -> Change:
        change = COLLECTED_LATE(record)
        assert change is not None
        known = {entry.name for entry in record.outbox}
        return replace(change, outbox=(*change.outbox, *(e for e in entries if e.name not in known)))

    with pytest.raises(VersionConflictError):
        ledger.commit(too_much(stale), stale)
    assert counted(book) == {}
    known = loaded(ledger)
    ledger.commit(too_much(known), known)
    assert counted(book)[DUE_ON]["profile_late"] == 1
    assert {entry.name for entry in entries} <= {entry.name for entry in loaded(ledger).outbox}


def test_the_counters_of_a_day_are_those_of_all_shards(ledger: Ledger, book: DeadlineBook) -> None:
    orders = [OrderId(str(number)) for number in range(30)]
    for order in orders:
        ledger.change(SHOP_ID, order, sighting("IN_TRANSIT", timedelta(days=5), id=order, collected_at=DUE))
    assert counted(book)[DUE_ON]["profile_on_time"] == 30
    by_shard = {shard: book.shard(SHOP_ID, IN_JUNE, shard)[DUE_ON] for shard in keys.SHARDS}
    assert {shard: each.tally.get("profile_on_time", 0) for shard, each in by_shard.items()} == {
        shard: sum(keys.shard_of(order) == shard for order in orders) for shard in keys.SHARDS
    }


def move(table: Table, day: date, shard: int = 0, shop: ShopId = SHOP_ID, **amounts: int) -> None:
    """A change of some order moves the counters."""
    table.write_all([Add(key=keys.counters_key(shop, day, shard), amounts={**amounts, "version": 1})])


def test_only_the_days_of_the_window_are_counted_and_only_the_shop_s(table: Table, book: DeadlineBook) -> None:
    for shop in (SHOP_ID, ShopId("1")):
        for number, day in enumerate((date(2026, 5, 31), IN_JUNE.first, IN_JUNE.last, date(2026, 7, 1))):
            move(table, day, shard=number, shop=shop, profile_late=number + 1)
    assert counted(book) == {IN_JUNE.first: {"profile_late": 2}, IN_JUNE.last: {"profile_late": 3}}


def test_counters_that_came_back_to_nothing_are_none(table: Table, book: DeadlineBook) -> None:
    move(table, DUE_ON, profile_late_open=1, profile_late=2)
    move(table, DUE_ON, profile_late_open=-1)
    assert counted(book) == {DUE_ON: {"profile_late": 2}}


def test_a_shard_shows_every_day_of_the_window_also_those_without_counters(table: Table, book: DeadlineBook) -> None:
    move(table, DUE_ON, shard=3, profile_late=1)
    move(table, DUE_ON, shard=3, profile_late=1)
    shard = book.shard(SHOP_ID, IN_JUNE, 3)
    assert list(shard) == list(IN_JUNE.days)
    assert shard[DUE_ON] == DayCounters({"profile_late": 2}, 2)
    assert shard[IN_JUNE.first] == DayCounters({}, 0)


@pytest.mark.parametrize("exist", [True, False])
def test_counters_are_written_anew_only_as_they_were_seen(table: Table, book: DeadlineBook, *, exist: bool) -> None:
    if exist:
        move(table, DUE_ON, profile_late=5, profile_late_open=1)
    seen_before = book.shard(SHOP_ID, IN_JUNE, 0)[DUE_ON]
    move(table, DUE_ON, profile_late=1)
    with pytest.raises(VersionConflictError):
        book.put_counters(SHOP_ID, DUE_ON, 0, {"profile_on_time": 9}, seen_before)
    assert counted(book)[DUE_ON]["profile_late"] == (6 if exist else 1)

    book.put_counters(SHOP_ID, DUE_ON, 0, {"profile_on_time": 9}, book.shard(SHOP_ID, IN_JUNE, 0)[DUE_ON])
    assert counted(book)[DUE_ON] == {"profile_on_time": 9}
    # Whoever saw the counters before they were written anew sees that too, and moves go on from there.
    with pytest.raises(VersionConflictError):
        book.put_counters(SHOP_ID, DUE_ON, 0, {}, seen_before)
    move(table, DUE_ON, profile_on_time=1)
    assert counted(book)[DUE_ON] == {"profile_on_time": 10}


def test_notices_cursors_and_settings_of_a_shop_are_no_counters(table: Table, book: DeadlineBook) -> None:
    for sort_key in ("CURSOR#orders", "NOTICE#deadline-summary", "POLLED#poll_oms", "LEASE#x", "UNREAD#1", "DISPATCI#"):
        item: Item = {"pk": keys.shop_partition(SHOP_ID), "sk": sort_key, "profile_late": 7, "version": 1}
        table.put(Put(item=item))
    assert counted(book) == {}
