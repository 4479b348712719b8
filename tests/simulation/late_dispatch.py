"""The Late Dispatch Rate counted a second time, from what the table holds of each order: a plain count, no shortcuts.

Written from the guide (G6) and the policy (OP B5, C5, C6), not from the product's own counting: whatever is committed
about an order must have moved the daily counters in the same transaction.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final
from zlib import crc32

from order_sync.ledger.table import Item, Key
from tests.simulation.writes import Written, Wrong

_TWO_HOURS_MS: Final = 2 * 60 * 60 * 1000
_SHARDS: Final = 8
_NOT_COUNTERS: Final = frozenset({"pk", "sk", "version"})

type Counted = Counter[tuple[str, str]]
"""By date and counter."""


def counted(head: Item, deadlines: Item) -> Counted:
    """What one order counts for, and on which date."""
    return Counter(_counts(head, deadlines))


def _counts(head: Item, deadlines: Item) -> Iterator[tuple[str, str]]:
    day, collected = str(deadlines["dispatch_on"]), _ms(deadlines, "collected_at")
    tracked = _ms(head, "tracking_added_at") or collected
    by_scan = deadlines["clock_stops"] == "in_transit"
    dispatched = collected if by_scan else tracked
    if deadlines.get("fulfilled_by_tiktok"):
        if dispatched:
            yield day, "fulfilled_by_tiktok"
        return
    ours, theirs = int(deadlines["dispatch_by"]), _ms(head, "collect_by" if by_scan else "ship_by")
    became = _became(head, deadlines, dispatched, ours)
    if became:
        yield day, f"profile_{became}"
        if became == "late_canceled" and head.get("canceled_by") == "SYSTEM":
            yield day, "late_canceled_by_platform"
        if _is_sellers_fault(head, deadlines, tracked, collected):
            yield day, "seller_fault"
        if theirs and (deadlines.get("tiktok_on") != day or abs(theirs - ours) > _TWO_HOURS_MS):
            yield day, "differing"
    if theirs and "tiktok_on" in deadlines and (by_tiktok := _became(head, deadlines, dispatched, theirs)):
        yield str(deadlines["tiktok_on"]), f"tiktok_{by_tiktok}"


def _became(head: Item, deadlines: Item, dispatched: int, deadline: int) -> str:
    if dispatched:
        return "late" if dispatched > deadline else "on_time"
    if "awaiting_since" not in head:
        return ""
    if canceled := _ms(deadlines, "canceled_at"):
        return "late_canceled" if canceled > deadline else "canceled_in_time"
    return "late_open" if _ms(deadlines, "found_open_at") > deadline else ""


def _is_sellers_fault(head: Item, deadlines: Item, tracked: int, collected: int) -> bool:
    canceled = _ms(deadlines, "canceled_at")
    if not canceled or head.get("canceled_by") != "SYSTEM":
        return bool(canceled) and head.get("canceled_by") == "SELLER"
    ours = {str(deadlines["cancel_stops"]): int(deadlines["cancels_by"])}
    limits = (
        (tracked, _ms(head, "cancels_unless_shipped_by") or ours.get("tracking_added", 0)),
        (collected, _ms(head, "cancels_unless_collected_by") or ours.get("in_transit", 0)),
    )
    return any(not happened and limit and limit <= canceled for happened, limit in limits)


def _ms(item: Item, name: str) -> int:
    return int(item.get(name, 0))


class LateDispatch:
    """Follows every write, and knows what the counters of each shop and day must be."""

    def __init__(self, items: Mapping[Key, Item]) -> None:
        self._items = items
        self._orders: dict[str, Counted] = {}
        self._expected: dict[Key, Counter[str]] = {}

    def wrote(self, written: Sequence[Written]) -> Iterator[Wrong]:
        """The counters that are not what the orders make of them after this write."""
        touched: dict[Key, None] = {}
        for _, after in written:
            if after is None:
                continue
            sort_key = str(after["sk"])
            if sort_key in ("ORDER", "DEADLINES") and str(after["pk"]).startswith("ORDER#"):
                touched |= dict.fromkeys(self._count(str(after["pk"])))
            elif sort_key.startswith("DISPATCH#"):
                touched[Key(str(after["pk"]), sort_key)] = None
        for key in touched:
            yield from self._compare(key)

    def rate(self, shop: str, first: date, last: date) -> Fraction | None:
        """Late of all dispatched or cancelled late, by the date of the deadline, both ends in; None without orders."""
        counts = self.days(shop, first, last)
        late = counts["profile_late"] + counts["profile_late_canceled"]
        return Fraction(late, late + counts["profile_on_time"]) if late + counts["profile_on_time"] else None

    def days(self, shop: str, first: date, last: date) -> Counter[str]:
        """What the orders of some days count for."""
        together: Counter[str] = Counter()
        for n in range((last - first).days + 1):
            for shard in range(_SHARDS):
                together += self._expected.get(_key(shop, str(first + timedelta(days=n)), shard), Counter())
        return together

    def _count(self, partition: str) -> Iterator[Key]:
        head, deadlines = self._items.get(Key(partition, "ORDER")), self._items.get(Key(partition, "DEADLINES"))
        before = self._orders.get(partition, Counter())
        after = counted(head, deadlines) if head and deadlines else Counter()
        if before == after:
            return
        self._orders[partition] = after
        _, shop, order = partition.split("#")
        for day, name in before.keys() | after.keys():
            key = _key(shop, day, crc32(order.encode()) % _SHARDS)
            self._expected.setdefault(key, Counter())[name] += after[day, name] - before[day, name]
            yield key

    def _compare(self, key: Key) -> Iterator[Wrong]:
        item = self._items.get(key, {})
        there = {name: int(number) for name, number in item.items() if name not in _NOT_COUNTERS and number}
        right = {name: number for name, number in self._expected.get(key, Counter()).items() if number}
        if there != right:
            yield Wrong("I6", "", f"{key.pk} {key.sk} counts {there}, but its orders make {right}")


def _key(shop: str, day: str, shard: int) -> Key:
    return Key(f"SHOP#{shop}", f"DISPATCH#{day}#{shard}")
