"""What must hold after every event of a simulated time, and what must hold for each order once it is at rest.

| promise (DESIGN 2) | invariant | after every event | at rest |
|---|---|---|---|
| 1 none is lost | I1 every order is in the ledger | | `retire` |
| | I7 no cursor passes what is not saved, nor goes back | `wrote` | `at_rest` |
| 2 once | I2 created, shipped, cancelled, refunded once in the partners' books | `look`, `wrote` | `retire` |
| 3 not in the hold | I3 nothing leaves in the hold, nor after a cancel that its run could see | `look` | `retire` |
| 4 one decision | I4 one decision a request, in time, and it never flips | `look`, `wrote` | `retire` |
| 5 deadlines | I5 each warning once, neither early nor late | `wrote` | `check_warnings` |
| 6 the rate | I6 the daily counters are what a plain count of the orders makes | `wrote` | |
| 7 alone | I9 nothing is stuck: what is not at its end is due some time, and soon done | `wrote` | `retire` |
| 8 no buyer | I10 no buyer's data in an item, a log, a notice, a queue, an execution | `wrote`, `text` | `at_rest` |
| 9 timeline | I8 every step has its entry; steps are legal, versions and times only rise | `wrote` | `retire` |
| budgets | I11 partners' limits are kept, and work at most thrice (`work.amplified`) | `look`, `call` | `at_rest` |
| the method | I12 one seed, one fingerprint | | the simulation's own test |

Wire it so: `wrote` with each write as a whole, at the moment at which it takes effect; `look` with the run's name right
after a partner has answered, before anybody else acts; `text` with whatever is written for people or machines to keep.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from local.simulators.tiktok_shop.orders import Order as TikTokOrder
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timing import Timing
from order_sync.jobs.poll_tiktok import ORDERS_FEED
from order_sync.ledger import keys
from order_sync.ledger.table import Item, Key
from tests.simulation.canaries import Canaries
from tests.simulation.checks import check_all, check_placed
from tests.simulation.days import Day
from tests.simulation.effects import Effects
from tests.simulation.late_dispatch import LateDispatch
from tests.simulation.placed_orders import PlacedOrder
from tests.simulation.promptness import too_late
from tests.simulation.stuck import stuck
from tests.simulation.told import Told
from tests.simulation.warned import given_to, too_early, warnings_of
from tests.simulation.writes import Written, Wrong, wrong_writes

MOST_CONCURRENT: Final = 5
"""Calls of one integration at ChannelAdvisor at a time (CA 1.4)."""
PATIENCE: Final = timedelta(minutes=60)
"""What is due is done within some cycles, where nothing goes wrong."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not hold, since when it is known, and about which order; empty for none."""

    at: datetime
    invariant: str
    order: str
    text: str

    def __str__(self) -> str:
        about = f"order {self.order}: " if self.order else ""
        return f"{self.at:%d %H:%M:%S} {self.invariant} {about}{self.text}"


class Invariants:
    """Told of everything; `violations` holds what was wrong, in the order of finding."""

    def __init__(
        self,
        day: Day,
        *,
        on_violation: Callable[[Violation], None] = lambda _violation: None,
        calm_lag: timedelta | None = None,
    ) -> None:
        """`on_violation` hears of each at once.

        `calm_lag` says that nothing goes wrong, so that all must be prompt, but for lists that are so far behind.
        """
        self.violations: list[Violation] = []
        self.late_dispatch = LateDispatch(day.items)
        self.highest_concurrency = 0
        self._day = day
        self._on_violation = on_violation
        self._calm_lag = calm_lag
        self._canaries = Canaries(lambda: day.world.tiktok._state.personal_data)
        self._effects = Effects(day.world, lambda shop: self._settings(shop).extra_hold)
        self._settings_read: dict[str, tuple[Item, ShopSettings]] = {}
        self._deadlines_since: dict[str, datetime] = {}
        self._under_way: Counter[str] = Counter()

    def wrote(self, written: Sequence[Written]) -> None:
        """One transaction, or one single write, has taken effect."""
        self._add(wrong_writes(written))
        self._add(self.late_dispatch.wrote(written))
        for before, after in written:
            if after is None:
                continue
            sort_key = str(after["sk"])
            if sort_key == keys.DEADLINES:
                self._add(self._of_deadlines(before, after))
            elif sort_key.endswith(f"#{ORDERS_FEED}") and sort_key.startswith(keys.CURSOR):
                self._add(self._passed_by(after))
            self._look_for_buyers(before, after)

    def look(self, actor: str = "", partner: str = "") -> None:
        """Something may have happened at a partner (tiktok, channeladvisor, oms), or at any of them.

        `actor` names the run that has just called there, if one has.
        """
        self._add(self._effects.look(actor, partner))

    def text(self, text: str, place: str) -> None:
        """A text is kept somewhere: a log, a notice, a dead letter, an execution's name or input."""
        self._canaries.look(text, place)
        if self._canaries.found:
            self._tell_found()

    @contextmanager
    def call(self, integration: str = "channeladvisor") -> Iterator[None]:
        """Meanwhile a call of ours is under way at ChannelAdvisor, from its leaving until its answer or time-out."""
        self._under_way[integration] += 1
        now = self._under_way[integration]
        self.highest_concurrency = max(self.highest_concurrency, now)
        if now > MOST_CONCURRENT:
            self._add([Wrong("I11", "", f"{now} calls of {integration} at a time")])
        try:
            yield
        finally:
            self._under_way[integration] -= 1

    def check_warnings(self, orders: Iterable[PlacedOrder] | None = None) -> None:
        """Every warning that has been due for a while was given, unless something went wrong meanwhile."""
        for order in self._day.orders if orders is None else orders:
            self._add(self._not_warned(order))

    def retire(self, order: PlacedOrder) -> None:
        """An order is at rest: everything about it must be right, and nothing about it is watched any more."""
        self._add(Wrong("I1", order.id, text) for text in check_placed(self._day, order))
        record = self._day.world.ledger.load(order.shop.id, order.id)
        if record is not None:
            self._add(Wrong("I9", order.id, text) for text in stuck(record, self._day.world.time, PATIENCE))
            if self._calm_lag is not None:
                late = too_late(Told(self._day, order, record), self._calm_lag)
                self._add(Wrong("I9", order.id, text) for text in late)
        self._add(self._not_warned(order))
        self._effects.forget(order.id)
        self._deadlines_since.pop(keys.order_partition(order.shop.id, order.id), None)

    def at_rest(self) -> list[Violation]:
        """Judge all orders that are left, and what is no single order's; gives back all violations of the time."""
        self.look()
        for order in list(self._day.orders):
            self.retire(order)
        self._add(Wrong("I1", "", text) for text in check_all(self._day))
        books = self._day.world.channeladvisor.books
        if books.refused_for_concurrency or books.highest_concurrency > MOST_CONCURRENT:
            self._add([Wrong("I11", "", f"{books.highest_concurrency} calls at ChannelAdvisor at a time")])
        self.flush()
        return self.violations

    def flush(self) -> None:
        """Look through the texts that were put together."""
        self._canaries.flush()
        self._tell_found()

    def _add(self, found: Iterable[Wrong]) -> None:
        for wrong in found:
            order = wrong.about.rpartition("#")[2]
            text = wrong.text.removeprefix(f"order {order}: ")
            violation = Violation(self._day.world.time, wrong.invariant, order, text)
            self.violations.append(violation)
            self._on_violation(violation)

    def _tell_found(self) -> None:
        found, self._canaries.found = self._canaries.found, []
        self._add(Wrong("I10", "", f"a buyer's {each.canary!r} is in {each.place}") for each in found)

    def _look_for_buyers(self, before: Item | None, after: Item) -> None:
        known = before or {}
        fresh = [text for name, text in after.items() if type(text) is str and known.get(name) != text]
        if fresh:
            self.text(" ".join(fresh), "the table")

    def _settings(self, shop: str) -> ShopSettings:
        item = self._day.items[keys.settings_key(ShopId(shop))]
        known = self._settings_read.get(shop)
        if known is None or known[0] is not item:
            known = self._settings_read[shop] = item, self._day.world.shops.settings(ShopId(shop))
        return known[1]

    def _of_deadlines(self, before: Item | None, after: Item) -> Iterator[Wrong]:
        partition, now = str(after["pk"]), self._day.world.time
        settings = self._settings(partition.split("#")[1])
        if before is None or any(before.get(each) != after.get(each) for each in ("act_by", "cancels_by")):
            self._deadlines_since[partition] = now
        if before is None or before.get("given") != after.get("given"):
            early = too_early(before, after, now, settings.region, settings.time_zone)
            yield from (Wrong("I5", partition, text) for text in early)

    def _not_warned(self, order: PlacedOrder) -> Iterator[Wrong]:
        partition, now = keys.order_partition(order.shop.id, order.id), self._day.world.time
        head, deadlines = (self._day.items.get(Key(partition, each)) for each in (keys.ORDER, keys.DEADLINES))
        if head is None or deadlines is None or order.damaged:
            return
        settings, given = self._settings(order.shop.id), given_to(deadlines)
        known_since = self._deadlines_since.get(partition, now)
        for moment, warned in warnings_of(head, deadlines, settings.region, settings.time_zone):
            due = max(moment, known_since)
            if due + PATIENCE < now and warned not in given and not self._day.was_disturbed(due, now):
                yield Wrong("I5", order.id, f"was not warned of {warned}, due {due}")

    def _passed_by(self, cursor: Item) -> Iterator[Wrong]:
        """Whatever TikTok's index showed before the cursor is in the ledger, or kept to be read again."""
        reached = datetime.fromtimestamp(int(str(cursor["position"])), UTC) - Timing().poll_overlap
        shop = ShopId(str(cursor["pk"]).partition("#")[2])
        there, items = self._day.world.tiktok._state.orders, self._day.items
        for order in self._day.orders:
            if order.shop.id != shop or order.damaged:
                continue
            known = there[order.id]
            if known.updated_at >= reached or known.damage or self._is_saved(known, shop, items.get):
                continue
            yield Wrong("I7", order.id, "is not saved, but the cursor has passed it")

    def _is_saved(self, order: TikTokOrder, shop: ShopId, item: Callable[[Key], Item | None]) -> bool:
        head = item(Key(f"ORDER#{shop}#{order.id}", keys.ORDER))
        if head is not None and int(head["updated_at"]) >= int(order.updated_at.timestamp()) * 1000:
            return True
        return item(Key(f"SHOP#{shop}", f"{keys.UNREAD}{order.id}")) is not None
