"""Failed entries of many orders are found, and sent again by their reason, partner or kind; none stops the others."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.memory_table import MemoryTable
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from order_sync.jobs.replay_failed import MOST_AT_ONCE, replay_failed
from order_sync.jobs.run import Report
from order_sync.ledger import items, keys
from order_sync.ledger.table import Key, Put
from tests.adapters.jobs.checks import check_handed_over_once, failed_entries
from tests.world import MUG, TEE, Connected, World

GIVE_TO_OMS = "OMS#CREATE_ORDER#order#1"


@pytest.fixture
def world() -> World:
    """The OMS knows tees only."""
    world = World()
    world.oms.know_only(["TEE-BLU-M"])
    return world


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


@pytest.fixture
def failed(world: World, shop: Connected) -> list[OrderId]:
    """Three orders that the OMS refused."""
    orders = [world.order(shop, MUG) for _ in range(3)]
    world.cycle(7)
    return orders


def replay(world: World, shop: Connected, turns: int = 1000, **command: Any) -> Report:
    """Replay; time is left for so many orders."""
    left: Iterator[bool] = iter([True] * turns)
    return replay_failed({"shop": shop.id, **command}, world.ledger, world.clock, lambda: next(left, False))


def listed(world: World, shop: Connected) -> list[str]:
    return [each.order for each in world.ledger.failed_entries(shop.id)]


def test_failed_entries_of_a_shop_are_found_the_longest_failed_first(
    world: World, shop: Connected, failed: list[OrderId]
) -> None:
    later = world.order(shop, MUG)
    good = world.order(shop, TEE)
    world.cycle(7)
    found = list(world.ledger.failed_entries(shop.id))
    assert [each.order for each in found][-1] == later
    assert {each.order for each in found} == {*failed, later}
    assert good not in {each.order for each in found}
    assert all("MUG-RED" in each.reason and each.failed_at for each in found)
    assert len(list(world.ledger.failed_entries(shop.id, 2))) == 2


def test_all_that_failed_goes_through_after_the_repair_and_one_command(
    world: World, shop: Connected, failed: list[OrderId]
) -> None:
    world.oms.know_only(["TEE-BLU-M", "MUG-RED"])
    report = replay(world, shop, all=True)
    assert (report.counts["entries_replayed"], report.answer["remaining"]) == (3, 0)
    assert listed(world, shop) == []
    assert replay(world, shop, all=True).counts["entries_replayed"] == 0
    world.cycle(3)
    for order in failed:
        check_handed_over_once(world, shop, order)


def test_what_fails_again_is_just_failed_again(world: World, shop: Connected, failed: list[OrderId]) -> None:
    replay(world, shop, all=True)
    world.cycle(2)
    assert sorted(listed(world, shop)) == sorted(failed)
    assert all(set(failed_entries(world, shop, order)) == {GIVE_TO_OMS} for order in failed)


@pytest.mark.parametrize(
    ("command", "replayed"),
    [
        ({"reason": "the oms"}, 3),
        ({"reason": "ChannelAdvisor"}, 0),
        ({"target": "OMS"}, 3),
        ({"target": "CHANNELADVISOR"}, 0),
        ({"action": "CREATE_ORDER"}, 3),
        ({"action": "SHIP"}, 0),
        ({"target": "OMS", "action": "CREATE_ORDER", "reason": ""}, None),
        ({"target": "OMS", "action": "SHIP"}, 0),
    ],
)
def test_only_what_is_meant_is_sent_again(
    world: World, shop: Connected, failed: list[OrderId], command: dict[str, Any], replayed: int | None
) -> None:
    (entry,) = [each for each in world.ledger.failed_entries(shop.id) if each.order == failed[0]]
    if command.get("reason") == "the oms":
        command = {"reason": entry.reason[:8].upper()}
    if replayed is None:
        with pytest.raises(RejectedError, match="reason"):
            replay(world, shop, **command)
        return
    report = replay(world, shop, **command)
    assert (report.counts["entries_replayed"], report.answer["remaining"]) == (replayed, 0)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({}, "say which"),
        ({"order": "1", "all": True}, "say which"),
        ({"all": True, "target": "OMS"}, '"all" is all'),
        ({"all": True, "entry": GIVE_TO_OMS}, 'an "entry" is one of an "order"'),
        ({"target": "EBAY"}, "target"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(
    world: World, shop: Connected, command: dict[str, Any], words: str
) -> None:
    with pytest.raises(RejectedError, match=words):
        replay(world, shop, **command)


@pytest.mark.usefixtures("failed")
def test_a_run_stops_before_its_time_is_over_says_what_is_left_and_goes_on(world: World, shop: Connected) -> None:
    report = replay(world, shop, turns=2, all=True)
    assert (report.counts["entries_replayed"], report.counts["replays_cut_short"]) == (2, 1)
    assert report.answer["remaining"] == 1
    report = replay(world, shop, all=True)
    assert (report.counts["entries_replayed"], report.answer["remaining"]) == (1, 0)


def test_one_damaged_order_stops_no_other(world: World, shop: Connected, failed: list[OrderId]) -> None:
    table = world.table
    bad = table.items[keys.order_key(shop.id, failed[1])]
    table.put(Put(item=bad | {"lines": "{"}))
    report = replay(world, shop, all=True)
    assert (report.counts["entries_replayed"], report.counts["orders_damaged"]) == (2, 1)
    assert report.answer["remaining"] == 1
    assert failed[1] in report.problems[0]


def test_a_damaged_entry_is_told_of_and_left_out(world: World, shop: Connected, failed: list[OrderId]) -> None:
    key = Key(keys.order_partition(shop.id, failed[0]), f"{keys.OUTBOX}{GIVE_TO_OMS}")
    world.table.put(Put(item=world.table.items[key] | {"state": "ODD"}))
    report = replay(world, shop, all=True)
    assert (report.counts["entries_replayed"], report.counts["orders_damaged"]) == (2, 1)


def test_an_order_with_more_failures_than_one_transaction_takes_is_replayed_whole(
    world: World, shop: Connected, failed: list[OrderId]
) -> None:
    order = failed[0]
    record = world.ledger.load(shop.id, order)
    assert record
    entry = record.entry(GIVE_TO_OMS)
    assert entry
    for number in range(MOST_AT_ONCE + 30):
        another = replace(entry, subject=f"line-{number}", version=0)
        world.table.put(Put(item=items.entry_item(another, world.clock())))
    assert replay(world, shop, all=True).counts["entries_replayed"] == 3 + MOST_AT_ONCE + 30
    assert listed(world, shop) == []


# Entries that failed before they were listed


def unlist(table: MemoryTable, key: Key) -> None:
    """As an earlier version wrote it."""
    table.put(Put(item={name: value for name, value in table.items[key].items() if name not in {"due_list", "due_at"}}))


@pytest.fixture
def unlisted(world: World, shop: Connected, failed: list[OrderId]) -> list[OrderId]:
    for order in failed:
        unlist(world.table, Key(keys.order_partition(shop.id, order), f"{keys.OUTBOX}{GIVE_TO_OMS}"))
    assert listed(world, shop) == []
    return failed


def test_what_failed_before_failures_were_listed_is_replayed_by_its_order(
    world: World, shop: Connected, unlisted: list[OrderId]
) -> None:
    assert world.replay(shop, unlisted[0]).counts["entries_replayed"] == 1


def test_what_failed_before_failures_were_listed_is_listed_when_its_order_is_written_next(
    world: World, shop: Connected, unlisted: list[OrderId]
) -> None:
    order = unlisted[0]
    world.tiktok.touch(order)
    world.cycle(1)
    assert listed(world, shop) == [order]


def test_what_failed_before_failures_were_listed_is_found_by_command_shard_by_shard(
    world: World, shop: Connected, unlisted: list[OrderId]
) -> None:
    report, found = replay(world, shop, turns=1, find=True), 0
    while "from_shard" in report.answer:
        found += report.counts["entries_found"]
        report = replay(world, shop, turns=2, find=True, from_shard=report.answer["from_shard"])
    assert found + report.counts["entries_found"] == 3
    assert sorted(listed(world, shop)) == sorted(unlisted)
    assert replay(world, shop, find=True).counts["entries_found"] == 0
    (entry, *_) = world.ledger.failed_entries(shop.id)
    assert entry.state is EntryState.FAILED
