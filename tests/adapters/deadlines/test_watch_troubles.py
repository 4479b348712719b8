"""What is in the way of one order or one run of the watcher: the others are looked at, and it is said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from local.memory_table import MemoryTable
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.domain.timeline import Event
from order_sync.ledger import keys
from order_sync.ledger.attributes import milliseconds
from order_sync.ledger.table import Key, Put, Write
from tests.adapters.deadlines.deadline_scenes import (
    DAY,
    HOUR,
    DeadlineWorld,
    awaiting_orders,
    deadlines_of,
    levels_of,
    local,
    pass_time,
    watch,
)
from tests.world import Connected, World

DUE = local("2026-06-04 23:59:59")
NO_HOLIDAYS_KNOWN = datetime(2150, 1, 1, tzinfo=UTC)


class _Throttled(MemoryTable):
    """Takes no transaction while it is throttled."""

    throttled = False

    def write_all(self, writes: Sequence[Write]) -> None:
        if self.throttled:
            raise RetriableError("DynamoDB TransactWriteItems: ThrottlingException")
        super().write_all(writes)


def release_in_the_table(world: World, shop: Connected, order: OrderId, release_at: datetime) -> None:
    """Somebody wrote a release date that cannot be right."""
    key = keys.deadlines_key(shop.id, order)
    item = world.table.items[key] | {"kind": "PRE_ORDER", "release_at": milliseconds(release_at)}
    world.table.put(Put(item=item))


def test_a_ledger_that_takes_nothing_postpones_the_warnings_and_the_shop_is_measured_all_the_same() -> None:
    table = _Throttled()
    world = DeadlineWorld(table=table)
    shop = world.connect()
    (order,) = awaiting_orders(world, shop)
    pass_time(world, DUE - HOUR)
    table.throttled = True
    report = watch(world, shop)
    assert (report.counts["looks_postponed"], report.counts["watch_troubles"]) == (1, 1)
    assert {"orders_due_in_24h", "minutes_since_good_poll"} <= report.gauges.keys()
    table.throttled = False
    report = watch(world, shop)
    assert levels_of(world, shop, order) == ["4"]
    assert report.counts["watch_troubles"] == 0


def test_an_order_whose_deadlines_cannot_be_counted_stops_no_other_after_a_change_of_settings() -> None:
    world = DeadlineWorld()
    shop = world.connect()
    bad, *good = awaiting_orders(world, shop, 4)
    watch(world, shop)
    release_in_the_table(world, shop, bad, NO_HOLIDAYS_KNOWN)
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    report = watch(world, shop)
    assert (report.counts["deadlines_undecided"], report.counts["watch_troubles"]) == (1, 1)
    assert any(bad in problem for problem in report.problems)
    assert {deadlines_of(world, shop, order).figures.profile for order in good} == {"us-2026-01"}


def test_a_warning_that_could_not_be_recorded_is_not_told_of() -> None:
    world = DeadlineWorld(table=_Losing())
    shop = world.connect()
    orders = awaiting_orders(world, shop, 3)
    pass_time(world, DUE - HOUR)
    assert isinstance(world.table, _Losing)
    world.table.loses = orders[0]
    watch(world, shop)
    ((subject, text),) = world.summaries
    assert subject.endswith("2 deadline warnings")
    assert orders[0] not in text
    world.table.loses = None
    watch(world, shop)
    assert [levels_of(world, shop, order) for order in orders] == [["4"]] * 3
    assert orders[0] in world.summaries[-1][1]


class _Losing(MemoryTable):
    """Somebody else always writes one order first."""

    loses: OrderId | None = None

    def write_all(self, writes: Sequence[Write]) -> None:
        stale = [
            replace(write, expects=10_000)
            if isinstance(write, Put)
            and self.loses
            and write.key == Key(write.key.pk, keys.ORDER)
            and write.key.pk.endswith(self.loses)
            else write
            for write in writes
        ]
        super().write_all(stale)


@pytest.mark.parametrize("late", [True, False])
def test_the_timeline_alone_says_which_deadline_held_and_whether_it_was_kept(*, late: bool) -> None:
    world = DeadlineWorld()
    shop = world.connect()
    (order,) = awaiting_orders(world, shop)
    pass_time(world, DUE + DAY)
    collected = DUE + HOUR if late else DUE - HOUR
    world.tiktok.dispatch_at(order, tracking_added=DUE - 3 * HOUR, collected=collected)
    world.run("poll_tiktok", shop)
    timeline = {fact.event: fact.detail for fact in world.ledger.timeline(shop.id, order)}
    assert timeline[Event.SEEN]["profile"] == "guide-2025-08"
    assert timeline[Event.SEEN]["dispatch_by"] == DUE.isoformat()
    assert {"cancels_by", "delivery_by"} <= timeline[Event.SEEN].keys()
    verdict = timeline[Event.COLLECTED]
    assert (verdict["counts_as"], verdict["deadline"]) == ("late" if late else "on_time", DUE.isoformat())
    assert verdict["under"] == "guide-2025-08"
