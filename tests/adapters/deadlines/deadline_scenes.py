"""Where tests of deadlines begin: orders of a day, hours that pass under watch, and what people were told."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from local.memory_table import MemoryTable
from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.ids import OrderId
from order_sync.domain.timeline import Event
from order_sync.jobs.deadline_summaries import SUMMARY
from order_sync.jobs.run import Report
from order_sync.ledger.table import Put
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.world import CYCLE, TEE, Connected, World

PACIFIC, LONDON = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/London")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEAD: Final = CYCLE * 1.2
"""A warning may come so much before its moment, since the next look would come too late."""
LONG_AGO: Final = 3 * CYCLE
"""What should have been done so long ago is stuck."""
MISSED: Final = "missed"
CANCEL: Final = "automatic cancel"
_EVENTS: Final = {
    Event.DISPATCH_DEADLINE_NEAR: "",
    Event.DISPATCH_DEADLINE_MISSED: MISSED,
    Event.AUTOMATIC_CANCEL_NEAR: CANCEL,
}
_NAMED: Final = re.compile(r"^  (\d+) by (\w{3} \d\d \w{3} \d\d:\d\d)$", re.MULTILINE)


def local(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    """The moment of a local time such as "2026-06-04 23:59:59"."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


class Warned(NamedTuple):
    """One warning on an order's timeline."""

    what: str
    """The business hours before the deadline, "missed", or "automatic cancel"."""
    deadline: datetime
    at: datetime


class DeadlineWorld(World):
    """A world whose topic can fail."""

    def __init__(self, *, table: MemoryTable | None = None, **options: Any) -> None:
        super().__init__(table=table, **options)
        self.before_publishing: Callable[[], None] = lambda: None
        self.after_publishing: Callable[[], None] = lambda: None

    def publish_summary(self, subject: str, text: str) -> None:
        self.before_publishing()
        super().publish_summary(subject, text)
        self.after_publishing()


def awaiting_orders(world: World, shop: Connected, number: int = 1, **options: Any) -> list[OrderId]:
    """Orders that await shipment from the moment they are placed, and that the ledger knows."""
    orders = [world.order(shop, TEE, **({"hold": False} | options)) for _ in range(number)]
    world.run("poll_tiktok", shop)
    return orders


def an_awaiting_order(world: World, shop: Connected, **options: Any) -> OrderId:
    """One of them."""
    (order,) = awaiting_orders(world, shop, **options)
    return order


def with_fate(
    world: World, shop: Connected, fates: Mapping[str, int], *, placed: datetime, due: datetime, **options: Any
) -> dict[str, list[OrderId]]:
    """Orders of the past by what became of them, all placed and due at the same moments. Nobody has looked yet."""
    orders: dict[str, list[OrderId]] = {}
    with world.tiktok.in_one_go():
        for fate, number in fates.items():
            for _ in range(number):
                others = {"fulfilled_by_tiktok": True} if fate == "fulfilled by TikTok" else {}
                order = world.order(shop, TEE, **({"hold": False, "created_at": placed} | options | others))
                orders.setdefault(fate, []).append(order)
                meet_fate(world, order, fate, due)
    return orders


def meet_fate(world: World, order: OrderId, fate: str, due: datetime) -> None:
    """Something becomes of an order, an hour or a second from its deadline."""
    match fate:
        case "on time" | "fulfilled by TikTok":
            world.tiktok.dispatch_at(order, tracking_added=due - HOUR, collected=due)
        case "late":
            world.tiktok.dispatch_at(order, tracking_added=due - HOUR, collected=due + timedelta(seconds=1))
        case "cancelled by the seller in time":
            world.tiktok.cancel_by_seller(order, at=due)
        case "cancelled by the seller late":
            world.tiktok.cancel_by_seller(order, at=due + HOUR)
        case "cancelled by TikTok late":
            world.tiktok.cancel_by_platform(order, at=due + HOUR)
        case "open":
            pass
        case _:
            raise ValueError(fate)


def watch(world: World, shop: Connected) -> Report:
    """One run of the watcher."""
    return world.run("watch_deadlines", shop)


def watch_until(world: World, shop: Connected, until: datetime, *first: str) -> None:
    """A run of the watcher in every quarter of an hour, each time after some other jobs."""
    while world.time < until:
        start = world.time
        keep_access(world)
        for job in (*first, "watch_deadlines"):
            world.run(job, shop)
        world.advance(start + CYCLE - world.time)


def pass_time(world: World, until: datetime) -> None:
    """Nothing runs until then."""
    world.timers.waiting.clear()
    world.time = max(world.time, until)
    keep_access(world)


def keep_access(world: World) -> None:
    """The tokens are refreshed, as they are every day."""
    for shop in world.connected:
        if shop.tokens.access_token_expires_at < world.time + DAY:
            shop.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(shop.simulated)))


def warnings_of(world: World, shop: Connected, order: OrderId) -> list[Warned]:
    """The warnings on an order's timeline, as they were given."""
    facts = [fact for fact in world.ledger.timeline(shop.id, order) if fact.event in _EVENTS]
    return [
        Warned(
            what=_EVENTS[fact.event] or fact.detail["business_hours"],
            deadline=datetime.fromisoformat(fact.detail["deadline"]),
            at=fact.at,
        )
        for fact in facts
    ]


def levels_of(world: World, shop: Connected, order: OrderId) -> list[str]:
    """Only what they say."""
    return [warned.what for warned in warnings_of(world, shop, order)]


def named_in(text: str) -> list[tuple[str, str]]:
    """The orders that a summary names, with the local times at which they are due."""
    return _NAMED.findall(text)


def told_of(world: World) -> Counter[str]:
    """How often people read each order's name."""
    return Counter(order for _, text in world.summaries for order, _ in named_in(text))


def kept_summary(world: World, shop: Connected) -> str:
    """What could not be told yet."""
    return world.shops.notice(shop.id, SUMMARY)


def deadlines_of(world: World, shop: Connected, order: OrderId) -> Deadlines:
    """An order's deadlines in the ledger."""
    known = world.record(shop, order).deadlines
    assert known is not None
    return known


def copied(world: World, table: MemoryTable | None = None) -> DeadlineWorld:
    """A world with the same ledger at the same time; its partners know nothing, and the watcher asks none."""
    copy = DeadlineWorld(table=table)
    for item in world.table.items.values():
        copy.table.put(Put(item=item))
    copy.time = world.time
    copy.connected = list(world.connected)
    return copy


def gauge(world: World, shop: Connected, name: str) -> float:
    """A figure as the next run of the watcher publishes it."""
    return watch(world, shop).gauges[name]


def stuck(report: Report) -> tuple[float, list[str]]:
    """How much work is stuck, and the names of what is the matter."""
    return report.gauges["stuck_work"], [problem.split(":")[0] for problem in report.problems]
