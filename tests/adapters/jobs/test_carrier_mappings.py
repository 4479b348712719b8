"""Carriers that nothing stands for: their parcels are listed, and go by themselves once a mapping is there (G4)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.tiktok_shop.deadlines import DayCounts
from local.tracking_numbers import ups, usps
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.jobs.carrier_mappings import map_carriers
from order_sync.ledger import keys
from order_sync.ledger.table import Key, VersionConflictError
from tests.adapters.jobs.checks import check_nothing_twice
from tests.adapters.jobs.interruptions import Interruption, WatchedTable
from tests.adapters.jobs.scenes import (
    an_order_everywhere,
    entry_states,
    in_channeladvisor,
    parcels_at_tiktok,
    parcels_in_channeladvisor,
    ship_from_oms,
)
from tests.adapters.jobs.test_figures import show
from tests.world import TWO_TEES, Connected, Killed, World

SHIP_AT_TIKTOK = (Target.TIKTOK_SHOP, Action.SHIP)
SHIP_IN_CHANNELADVISOR = (Target.CHANNELADVISOR, Action.SHIP)
CORRECT_AT_TIKTOK = (Target.TIKTOK_SHOP, Action.CORRECT_PARCEL)
OWN = "House Express"
ROW = {"carrier": OWN, "code": "ups", "channeladvisor_class": "Ground"}
PUSHES = ("push_tiktok", "push_channeladvisor")


class DeathTable(WatchedTable):
    """A table that a run may die at before it removes anything, too."""

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        self.before_call()
        super().delete(key, expects=expects)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def ask(world: World, shop: Connected, **command: Any) -> dict[str, Any]:
    """An operator's command: what was counted and what it answers."""
    report = map_carriers(world.shop_run(shop), {"shop": shop.id} | command)
    return {**report.counts, **report.answer}


def waiting(world: World, shop: Connected) -> list[dict[str, Any]]:
    """What the list says."""
    found: list[dict[str, Any]] = ask(world, shop)["waiting"]
    return found


def kept(world: World, shop: Connected) -> list[str]:
    """What the ledger keeps of parcels that wait."""
    found = world.table.query(keys.shop_partition(shop.id), since=keys.UNMAPPED, before=keys.AFTER_UNMAPPED)
    return [str(item["sk"]).removeprefix(keys.UNMAPPED) for item in found]


def push(world: World, shop: Connected) -> dict[str, int]:
    """Both sides are told what is due; what was counted."""
    counts = [world.run(job, shop).counts for job in PUSHES]
    return dict(counts[0] + counts[1])


def failing(world: World, shop: Connected, how_many: int = 1, carrier: str = OWN, first: int = 1) -> list[OrderId]:
    """Orders whose parcels failed on both sides for want of a mapping; their numbers are counted on."""
    orders = [world.order(shop) for _ in range(how_many)]
    world.until_released()
    for number, order in enumerate(orders, start=first):
        ship_from_oms(world, order, ups(number), carrier=carrier)
    world.run("poll_oms", shop)
    push(world, shop)
    assert all(states(world, shop, [order]) == {EntryState.FAILED} for order in orders)
    return orders


def states(world: World, shop: Connected, orders: Iterable[OrderId]) -> set[EntryState]:
    """Where the parcels stand on both sides."""
    found = [entry_states(world, shop, order) for order in orders]
    return {each[side] for each in found for side in (SHIP_AT_TIKTOK, SHIP_IN_CHANNELADVISOR)}


def due(world: World, shop: Connected, order: OrderId) -> str:
    """An order's dispatch deadline, as the list writes it."""
    moment = world.record(shop, order).dispatch_by
    assert moment is not None
    return moment.astimezone(world.shops.settings(shop.id).zone).isoformat(timespec="minutes")


def test_parcels_of_an_unmapped_carrier_are_listed_and_go_by_themselves_once_it_is_mapped(
    world: World, shop: Connected
) -> None:
    first = failing(world, shop, 1)
    more = failing(world, shop, 2, first=2)
    assert waiting(world, shop) == [
        {
            "carrier": OWN,
            "shipping_class": "Ground",
            "dispatch_by": due(world, shop, first[0]),
            "nearest_code": "usps",
            "parcels": 3,
            "waited_for_by": {"TikTok Shop": 3, "ChannelAdvisor": 3},
            "on_next_push": 0,
        }
    ]
    assert push(world, shop).get("entries_replayed") is None

    answer = ask(world, shop, add=[ROW])
    assert (answer["mappings_added"], answer["parcels_waiting"], answer["parcels_on_next_push"]) == (1, 3, 3)
    assert answer["mappings"][-1] == ROW
    (line,) = answer["waiting"]
    assert (line["mapped_to"], line["on_next_push"], line.get("nearest_code")) == ("ups", 3, None)

    counted = push(world, shop)
    assert (counted["entries_replayed"], counted["told_ship"]) == (6, 6)
    orders = [*first, *more]
    assert states(world, shop, orders) == {EntryState.DONE}
    assert [len(parcels_at_tiktok(world, order)) for order in orders] == [1, 1, 1]
    assert [len(parcels_in_channeladvisor(world, order)) for order in orders] == [1, 1, 1]
    assert world.events(shop, orders[0]).count("REPLAYED") == 2
    assert kept(world, shop) == []
    assert waiting(world, shop) == []
    check_nothing_twice(world)


def test_an_entry_that_fails_for_want_of_a_mapping_is_counted_and_told_of_as_before(
    world: World, shop: Connected
) -> None:
    (order,) = failing(world, shop)
    assert world.counted("entries_failed") == 2
    assert world.events(shop, order).count("FAILED") == 2
    assert sum(f"carrier {OWN!r} is not accepted by TikTok Shop in US" in each for each in world.problems()) == 2


def test_a_deadline_is_that_of_the_order_by_now(world: World, shop: Connected) -> None:
    (order,) = failing(world, shop)
    before = waiting(world, shop)[0]["dispatch_by"]
    assert before == due(world, shop, order)
    assert datetime.fromisoformat(before).utcoffset() == timedelta(hours=-7)
    world.tiktok.change_limits(order, DayCounts(ship=1))
    world.run("poll_tiktok", shop)
    after = waiting(world, shop)[0]["dispatch_by"]
    assert datetime.fromisoformat(after) < datetime.fromisoformat(before)


def test_the_same_text_in_another_case_is_suggested_and_not_used(world: World, shop: Connected) -> None:
    world.reconnect(shop, shipping_mappings=[ROW])
    (order,) = failing(world, shop, carrier="house express")
    (line,) = waiting(world, shop)
    assert (line["did_you_mean"], line["nearest_code"], line["on_next_push"]) == (OWN, "ups", 0)
    push(world, shop)
    assert states(world, shop, [order]) == {EntryState.FAILED}
    assert parcels_at_tiktok(world, order) == []

    ask(world, shop, add=[ROW | {"carrier": "house express"}])
    push(world, shop)
    assert states(world, shop, [order]) == {EntryState.DONE}


def test_one_side_may_wait_alone_and_is_tried_once_for_each_change_of_the_mapping(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order, ups(1), carrier="ups")
    world.oms.ship(other := an_order_everywhere(world, shop), "ups", "Sunday", ups(2))
    world.run("poll_oms", shop)
    push(world, shop)
    assert entry_states(world, shop, other)[SHIP_AT_TIKTOK] is EntryState.DONE
    assert states(world, shop, [order]) == {EntryState.DONE}
    (line,) = waiting(world, shop)
    assert line == {
        "carrier": "ups",
        "shipping_class": "Sunday",
        "dispatch_by": due(world, shop, other),
        "mapped_to": "ups",
        "refused_by_channeladvisor": ["UPS, Sunday"],
        "parcels": 1,
        "waited_for_by": {"ChannelAdvisor": 1},
        "on_next_push": 0,
    }

    def tries() -> int:
        path = f"/v1/Orders({in_channeladvisor(world, other)})/Ship"
        return len(world.channeladvisor.books.requests(method="POST", path=path))

    assert tries() == 1
    world.cycle(3)
    assert tries() == 1

    row = {"carrier": "ups", "shipping_class": "Sunday", "code": "ups", "channeladvisor_class": "Weekend"}
    assert ask(world, shop, add=[row])["parcels_on_next_push"] == 1
    world.cycle(3)
    assert tries() == 2
    assert waiting(world, shop)[0]["refused_by_channeladvisor"] == ["UPS, Weekend"]

    ask(world, shop, add=[row | {"channeladvisor_class": "Ground"}])
    world.cycle(3)
    assert tries() == 3
    assert len(parcels_in_channeladvisor(world, other)) == 1
    assert kept(world, shop) == []
    check_nothing_twice(world)


def test_a_mapping_that_channeladvisor_does_not_know_leaves_that_side_waiting_and_ships_at_tiktok(
    world: World, shop: Connected
) -> None:
    (order,) = failing(world, shop)
    ask(world, shop, add=[ROW | {"channeladvisor_class": "Unknown"}])
    push(world, shop)
    push(world, shop)
    assert len(parcels_at_tiktok(world, order)) == 1
    (line,) = waiting(world, shop)
    assert (line["waited_for_by"], line["refused_by_channeladvisor"]) == ({"ChannelAdvisor": 1}, ["UPS, Unknown"])
    assert world.counted("entries_failed") == 3

    world.channeladvisor.add_carrier("UPS", "Unknown")
    assert push(world, shop).get("told_ship") is None
    world.replay(shop, order)
    push(world, shop)
    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert waiting(world, shop) == []


def test_a_correction_to_an_unmapped_carrier_waits_and_goes_as_well(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    shipment = ship_from_oms(world, order)
    world.cycle(2)
    world.oms.correct_shipment(shipment, ups(5), carrier=OWN)
    world.run("poll_oms", shop)
    push(world, shop)
    assert entry_states(world, shop, order)[CORRECT_AT_TIKTOK] is EntryState.FAILED
    assert [line["waited_for_by"] for line in waiting(world, shop)] == [{"TikTok Shop": 1, "ChannelAdvisor": 1}]

    ask(world, shop, add=[ROW])
    push(world, shop)
    assert [each.tracking_number for each in world.tiktok.books.shipments_now_of(order)] == [ups(5)]
    assert parcels_in_channeladvisor(world, order)[0][1] == ups(5)
    assert kept(world, shop) == []


def test_what_a_person_replayed_shipped_or_corrected_meanwhile_is_listed_no_more(world: World, shop: Connected) -> None:
    corrected, by_hand, canceled, replayed = (an_order_everywhere(world, shop, TWO_TEES) for _ in range(4))
    shipments = {
        order: ship_from_oms(world, order, ups(place), carrier=OWN)
        for place, order in enumerate((corrected, by_hand, canceled, replayed), start=1)
    }
    world.run("poll_oms", shop)
    push(world, shop)
    assert (waiting(world, shop)[0]["parcels"], len(kept(world, shop))) == (4, 8)

    world.oms.correct_shipment(shipments[corrected], ups(9), carrier="ups")
    world.tiktok.ship_in_seller_center(by_hand, ups(20), provider="UPS")
    world.tiktok.cancel_by_seller(canceled)
    world.replay(shop, replayed)
    for job in ("poll_tiktok", "poll_oms"):
        world.run(job, shop)
    (line,) = waiting(world, shop)
    assert (line["parcels"], line["waited_for_by"]) == (1, {"ChannelAdvisor": 1})
    assert [key.split("#")[1] for key in kept(world, shop)] == [by_hand]
    push(world, shop)
    assert len(parcels_at_tiktok(world, corrected)) == 1
    assert sorted(key.split("#")[1] for key in kept(world, shop)) == sorted([by_hand, replayed, replayed])


def test_what_waits_no_more_is_not_sent_when_its_words_are_mapped_but_forgotten(world: World, shop: Connected) -> None:
    canceled, gone, damaged, living = failing(world, shop, 4)
    world.tiktok.cancel_by_seller(canceled)
    world.run("poll_tiktok", shop)
    for key in [key for key in world.table.items if key.pk.endswith(gone)]:
        world.table.delete(key)
    head = world.table.items[Key(f"ORDER#{shop.id}#{damaged}", "ORDER")]
    lines = head["lines"]
    head["lines"] = "no lines"
    world.reconnect(shop, shipping_mappings=[ROW])
    counted = push(world, shop)
    assert (counted["entries_replayed"], counted["orders_damaged"]) == (2, 2)
    assert states(world, shop, [living]) == {EntryState.DONE}
    assert kept(world, shop) == []
    head["lines"] = lines
    assert states(world, shop, [damaged]) == {EntryState.FAILED}
    assert parcels_at_tiktok(world, canceled) == []


def test_a_damaged_order_is_left_in_the_list_and_named(world: World, shop: Connected) -> None:
    damaged, living = failing(world, shop, 2)
    world.table.items[Key(f"ORDER#{shop.id}#{damaged}", "ORDER")]["lines"] = "no lines"
    answer = ask(world, shop)
    assert (answer["parcels_waiting"], answer["orders_damaged"]) == (1, 1)
    assert sorted({key.split("#")[1] for key in kept(world, shop)}) == sorted([damaged, living])


def test_rows_are_added_replaced_and_removed(world: World, shop: Connected) -> None:
    before = ask(world, shop)["mappings"]
    answer = ask(world, shop, add=[ROW, ROW | {"shipping_class": "Fast", "code": "fedex"}])
    assert answer["mappings"] == [*before, ROW, ROW | {"shipping_class": "Fast", "code": "fedex"}]

    replaced = {"carrier": OWN, "code": "usps"}
    assert ask(world, shop, add=[replaced])["mappings"] == [
        *before,
        replaced,
        ROW | {"shipping_class": "Fast", "code": "fedex"},
    ]
    removed = ask(world, shop, remove=[{"carrier": OWN, "shipping_class": "Fast"}])
    assert (removed["mappings"], removed["mappings_removed"]) == ([*before, replaced], 1)
    both = ask(world, shop, remove=[{"carrier": OWN}], add=[ROW])
    assert both["mappings"] == [*before, ROW]
    world.reconnect(shop, name="Renamed")
    assert ask(world, shop)["mappings"] == [*before, ROW]


def test_a_mapping_that_is_removed_holds_for_no_parcel_any_more(world: World, shop: Connected) -> None:
    failing(world, shop)
    ask(world, shop, add=[ROW])
    assert ask(world, shop, remove=[{"carrier": OWN}])["parcels_on_next_push"] == 0
    assert push(world, shop).get("entries_replayed") is None
    assert len(kept(world, shop)) == 2


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ({"add": [ROW, {"carrier": "X", "code": "s3cret"}]}, r"shipping_mappings\.1\.code: not an accepted carrier"),
        ({"add": [ROW, {"carrier": "X", "code": "UPS"}]}, r"shipping_mappings\.1\.code: .* nearest is 'ups'"),
        ({"add": [ROW, {"carrier": "", "code": "ups"}]}, r"add\.1\.carrier: "),
        ({"add": [ROW, {"carrier": "X"}]}, r"add\.1\.code: Field required"),
        ({"add": [ROW | {"s3cret": "x"}]}, r"add\.0\.s3cret: "),
        ({"add": "s3cret"}, r"add: "),
        ({"add": [ROW], "remove": [{"carrier": "Nobody"}]}, r"no mapping for carrier 'Nobody' to remove"),
        (
            {"add": [ROW], "remove": [{"carrier": "USPS Ground", "shipping_class": "X"}]},
            r"no mapping for carrier 'USPS Ground' with class 'X' to remove",
        ),
        ({"add": [ROW], "remove": [{"shipping_class": "X"}]}, r"remove\.0\.carrier: Field required"),
        ({"ad": [ROW]}, r"map_carriers: ad: "),
    ],
)
def test_a_bad_command_changes_nothing_and_says_what_is_bad(
    world: World, shop: Connected, command: dict[str, Any], named: str
) -> None:
    before = world.shops.settings(shop.id)
    with pytest.raises(RejectedError, match=named) as refusal:
        ask(world, shop, **command)
    assert "s3cret" not in str(refusal.value).replace("add.0.s3cret", "")
    assert world.shops.settings(shop.id) == before


def test_three_hundred_parcels_wait_and_go_in_one_run_of_each_side() -> None:
    world = World()
    shop = world.connect()
    orders = failing(world, shop, 300)
    calls = world.table.calls.copy()
    (line,) = waiting(world, shop)
    listing = world.table.calls - calls
    assert (line["parcels"], line["waited_for_by"]) == (300, {"TikTok Shop": 300, "ChannelAdvisor": 300})
    assert line["dispatch_by"] == min(due(world, shop, order) for order in orders)
    assert ask(world, shop, add=[ROW])["parcels_on_next_push"] == 300
    start = world.time
    counted = push(world, shop)
    assert (counted["entries_replayed"], counted["told_ship"]) == (600, 600)
    assert states(world, shop, orders) == {EntryState.DONE}
    assert kept(world, shop) == []
    assert waiting(world, shop) == []
    check_nothing_twice(world)
    show(
        "of 300 parcels that waited for a mapping",
        {"reads of the ledger to list them": listing.total(), "seconds of both pushes": (world.time - start).seconds},
    )


def test_a_shop_without_unmapped_parcels_pays_one_query_a_push(world: World, shop: Connected) -> None:
    calls = world.table.calls.copy()
    world.run("push_channeladvisor", shop)
    (since, before) = keys.unmapped_of(Target.CHANNELADVISOR)
    assert world.table.query(keys.shop_partition(shop.id), since=since, before=before) == []
    assert (world.table.calls - calls)["query"] == 2


@pytest.mark.parametrize("job", PUSHES)
def test_a_run_that_dies_anywhere_while_parcels_are_sent_again_loses_and_repeats_nothing(job: str) -> None:
    for place in range(1, 60):
        table = DeathTable()
        world = World(table=table)
        shop = world.connect()
        orders = failing(world, shop, 2)
        ask(world, shop, add=[ROW])
        interruption = Interruption(world, table, place, die)
        world.run(job, shop)
        if not interruption.happened:
            break
        world.cycle(3)
        assert states(world, shop, orders) == {EntryState.DONE}
        assert [len(parcels_at_tiktok(world, order)) for order in orders] == [1, 1]
        assert [len(parcels_in_channeladvisor(world, order)) for order in orders] == [1, 1]
        assert waiting(world, shop) == []
        assert kept(world, shop) == []
        check_nothing_twice(world)
    assert 12 < place < 59


@pytest.mark.parametrize("job", PUSHES)
def test_a_run_that_dies_anywhere_while_a_parcel_fails_leaves_it_in_the_list(job: str) -> None:
    for place in range(1, 60):
        table = DeathTable()
        world = World(table=table)
        shop = world.connect()
        order = an_order_everywhere(world, shop)
        ship_from_oms(world, order, ups(1), carrier=OWN)
        world.run("poll_oms", shop)
        interruption = Interruption(world, table, place, die)
        world.run(job, shop)
        if not interruption.happened:
            break
        world.cycle(3)
        assert states(world, shop, [order]) == {EntryState.FAILED}
        assert [line["waited_for_by"] for line in waiting(world, shop)] == [{"TikTok Shop": 1, "ChannelAdvisor": 1}]
        ask(world, shop, add=[ROW])
        world.cycle(1)
        assert states(world, shop, [order]) == {EntryState.DONE}
        check_nothing_twice(world)
    assert 6 < place < 59


@pytest.mark.parametrize("job", PUSHES)
def test_a_list_that_is_asked_for_in_the_middle_of_a_push_takes_nothing_from_it(job: str) -> None:
    """The words are mapped to what ChannelAdvisor refuses, or to nothing: in the end the parcel must be in the list."""
    for place in range(1, 60):
        table = DeathTable()
        world = World(table=table)
        shop = world.connect()
        order = an_order_everywhere(world, shop)
        ship_from_oms(world, order, ups(1), carrier=OWN)
        world.run("poll_oms", shop)
        interruption = Interruption(world, table, place, partial(_list_now, world, shop))
        world.run(job, shop)
        happened = interruption.happened
        interruption.happened = True
        assert [list(line["waited_for_by"].values()) for line in waiting(world, shop)] == [[1]]
        if not happened:
            break
    assert 6 < place < 59


@pytest.mark.parametrize("second", PUSHES)
def test_two_runs_that_send_again_at_once_leave_in_the_list_what_failed_again(second: str) -> None:
    row = ROW | {"channeladvisor_class": "Unknown"}
    for place in range(1, 80):
        table = DeathTable()
        world = World(table=table)
        shop = world.connect()
        (order,) = failing(world, shop)
        ask(world, shop, add=[row])
        interruption = Interruption(world, table, place, partial(_run_now, second, world, shop))
        world.run("push_channeladvisor", shop)
        happened = interruption.happened
        interruption.happened = True
        world.cycle(1)
        (line,) = waiting(world, shop)
        assert (line["waited_for_by"], line["refused_by_channeladvisor"]) == ({"ChannelAdvisor": 1}, ["UPS, Unknown"])
        assert len(parcels_at_tiktok(world, order)) == 1
        if not happened:
            break
    assert 6 < place < 79


def test_an_outage_of_the_ledger_while_parcels_are_sent_again_stops_no_other_parcel(world: World) -> None:
    """Others take every race of one order: it waits for the next push, what is due is told all the same."""
    table = Contested()
    world = World(table=table)
    shop = world.connect()
    (order,) = failing(world, shop)
    other = an_order_everywhere(world, shop)
    ask(world, shop, add=[ROW])
    ship_from_oms(world, other, usps(9))
    world.run("poll_oms", shop)
    table.contested = order
    counted = world.run("push_tiktok", shop).counts
    assert (counted["mapped_parcels_postponed"], counted["told_ship"]) == (1, 1)
    table.contested = ""
    push(world, shop)
    assert states(world, shop, [order]) == {EntryState.DONE}
    assert kept(world, shop) == []


class Contested(WatchedTable):
    """Of one order, every write is lost to somebody else's."""

    contested = ""

    def write_all(self, writes: Any) -> None:
        if self.contested and any(write.key.pk.endswith(self.contested) for write in writes):
            raise VersionConflictError(writes[0].key)
        super().write_all(writes)


def test_a_push_without_time_sends_nothing_again_and_forgets_nothing(world: World, shop: Connected) -> None:
    failing(world, shop)
    ask(world, shop, add=[ROW])
    world.has_time = lambda: False
    push(world, shop)
    assert len(kept(world, shop)) == 2
    answer = ask(world, shop)
    assert (answer["lists_cut_short"], answer["parcels_waiting"]) == (1, 0)
    world.has_time = lambda: True
    assert push(world, shop)["told_ship"] == 2


def test_two_people_who_add_at_once_lose_no_row() -> None:
    table = WatchedTable()
    world = World(table=table)
    shop = world.connect()
    second = ROW | {"carrier": "Another"}
    for place in range(1, 20):
        ask(world, shop, remove=[{"carrier": row["carrier"]} for row in ask(world, shop)["mappings"]])
        interruption = Interruption(world, table, place, partial(_list_now, world, shop, add=[second]))
        answer = ask(world, shop, add=[ROW])
        happened = interruption.happened
        interruption.happened = True
        if not happened:
            break
        rows = [row["carrier"] for row in ask(world, shop)["mappings"]]
        assert sorted(rows) == sorted([OWN, "Another"])
        assert OWN in [row["carrier"] for row in answer["mappings"]]
    assert 3 < place < 19


def test_an_outside_hand_in_channeladvisor_ends_the_wait_of_that_side() -> None:
    world = World(channeladvisor_doubts=Doubts())
    shop = world.connect()
    (order,) = failing(world, shop)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "UPS", "Ground", ups(1))
    world.cycle(1)
    assert [line["waited_for_by"] for line in waiting(world, shop)] == [{"TikTok Shop": 1}]


def _list_now(world: World, shop: Connected, **command: Any) -> None:
    ask(world, shop, **command)


def _run_now(job: str, world: World, shop: Connected) -> None:
    world.run(job, shop)


def die() -> None:
    raise Killed
