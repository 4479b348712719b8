"""What goes wrong with no call of ours: tokens end, partners' lists fall behind, operators change settings or are away.

Looked at every quarter of an hour. What has to do with a partner happens between two requests to it, in the middle of
whatever runs then. When all faults end it is put right, but for what has been started: an operator brings to its end
what was begun, and may start again after days what failed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from tests.simulation.cloud.deployment import STACK
from tests.simulation.cloud.functions import DeadLetter
from tests.simulation.faults import Kind
from tests.simulation.stack import Stack
from tests.world import Connected

EVERY: Final = timedelta(minutes=15)
MOST_REQUESTS_BEFORE: Final = 8
RESTOCK: Final = ("never", "always", "unless_out_of_stock")
BEHIND_MINUTES: Final = (1.0, 9.0)
"""As far as a partner's lists fall behind: less than what is read twice (10 minutes)."""
SPELL_MINUTES: Final = (10.0, 90.0)
"""How long lists stay behind, or pages short."""
OFF_MINUTES: Final = (1.0, 12.0)
"""How long an operator switches a shop off: for less than a cycle."""
SOON: Final = timedelta(hours=3)
LATE_HOURS: Final = (24.0, 168.0)
"""When an operator starts again what failed: as a rule, and with REDRIVE_LATE."""
PATIENCE: Final = timedelta(minutes=1)


class Mishaps:
    """`start` them once the shops are connected. None begins when the faults have ended."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._faults = stack.faults
        self._is_planned = False
        self._failed: set[int] = set()
        self._index_lag = stack.tiktok._state.index_lag
        self._index_delay = stack.channeladvisor.index_delay
        self._page_size = stack.channeladvisor._web._page_size

    def start(self) -> None:
        """From now on."""
        self._faults.on_end.append(self._put_right)
        self._stack.loop.after(EVERY.total_seconds(), self._look)

    def _look(self) -> None:
        if self._faults.has_ended:
            return
        self._stack.loop.after(EVERY.total_seconds(), self._look)
        for shop in self._stack.connected:
            self._happen_to(shop)
        if self._strikes(Kind.ACCESS_TOKEN, "channeladvisor"):
            self._in_the_middle(Kind.ACCESS_TOKEN, "channeladvisor", self._stack.channeladvisor.expire_tokens)
        if self._strikes(Kind.REFUSAL, "tiktok or channeladvisor"):
            self._refuse_once()
        if self._strikes(Kind.SEARCH_LATE, "tiktok or channeladvisor"):
            self._fall_behind()
        if self._strikes(Kind.SHORT_PAGES, "tiktok and channeladvisor"):
            self._shorten_pages()
        if self._stack.functions.dead_letters and not self._is_planned:
            self._plan_redrive()

    def _strikes(self, kind: Kind, where: str) -> bool:
        return self._faults.strikes(kind, where)

    def _in_the_middle(self, kind: Kind, partner: str, action: Callable[[], None]) -> None:
        """Between two of the next requests to a partner, unless all faults have ended by then."""

        def act() -> None:
            if not self._faults.has_ended:
                action()

        after = round(self._faults.between(kind, 0, MOST_REQUESTS_BEFORE))
        self._stack.internet.plan(partner, after, act)

    def _after(self, minutes: float, action: Callable[[], None]) -> None:
        self._stack.loop.after(60 * minutes, action)

    def _happen_to(self, shop: Connected) -> None:
        if self._strikes(Kind.TOKEN, shop.id):
            self._in_the_middle(Kind.TOKEN, "tiktok", partial(self._stack.tiktok.expire_token, shop.simulated))
        if self._strikes(Kind.ROTATION, shop.id):
            self._in_the_middle(Kind.ROTATION, "tiktok", partial(self._renew_twice, shop))
        if self._strikes(Kind.SETTINGS, shop.id):
            self._after(self._faults.between(Kind.SETTINGS, 0, 15), partial(self._change_settings, shop))

    def _renew_twice(self, shop: Connected) -> None:
        for _ in range(2):
            self._stack.functions.start(f"{STACK}-refresh-tokens", {"shop": shop.id, "at_once": True})

    def _change_settings(self, shop: Connected) -> None:
        if self._faults.has_ended:
            return
        choice = self._faults.choose(Kind.SETTINGS, ("name", "restock", "off"))
        if choice == "off":
            self._stack.reconnect(shop, active=False)
            self._after(self._faults.between(Kind.SETTINGS, *OFF_MINUTES), partial(self._switch_on, shop))
        elif choice == "name":
            self._stack.reconnect(shop, name=f"Shop renamed at {self._stack.time:%d %b %H:%M}")
        else:
            change: dict[str, Any] = {"cancellations.restock": self._faults.choose(Kind.SETTINGS, RESTOCK)}
            self._stack.reconnect(shop, **change)

    def _switch_on(self, shop: Connected) -> None:
        """An operator sees whether it is, and tries again; the command that switched it off may come as late."""
        self._stack.reconnect(shop, active=True)

        def look() -> None:
            if not self._stack.shops.settings(shop.id).active:
                self._switch_on(shop)

        for minutes in (2, 12):
            self._after(minutes, look)

    def _refuse_once(self) -> None:
        """TikTok's lock fails for the next who cancels or answers, or ChannelAdvisor's next adjustment in Error."""
        recent = [order["ID"] for order in self._stack.channeladvisor.books.created_by_api()][-30:]
        failing = [order for order in recent if order not in self._failed]
        if not failing or self._faults.choose(Kind.REFUSAL, ("tiktok", "channeladvisor")) == "tiktok":
            self._stack.tiktok.fail_next_lock()
            return
        order = self._faults.choose(Kind.REFUSAL, failing)
        self._failed.add(order)
        self._stack.channeladvisor.fail_next_adjustment(order)

    def _fall_behind(self) -> None:
        behind = timedelta(minutes=self._faults.between(Kind.SEARCH_LATE, *BEHIND_MINUTES))
        if self._faults.choose(Kind.SEARCH_LATE, ("tiktok", "channeladvisor")) == "tiktok":
            self._stack.tiktok._state.index_lag = max(behind, self._index_lag)
        else:
            self._stack.channeladvisor.index_delay = max(behind, self._index_delay)
        self._after(self._faults.between(Kind.SEARCH_LATE, *SPELL_MINUTES), self._catch_up)

    def _shorten_pages(self) -> None:
        """So that what changes meanwhile moves between the pages."""
        self._stack.tiktok._state.longest_page = self._faults.choose(Kind.SHORT_PAGES, (1, 2, 5))
        self._stack.channeladvisor._web._page_size = self._faults.choose(Kind.SHORT_PAGES, (2, 3))
        self._after(self._faults.between(Kind.SHORT_PAGES, *SPELL_MINUTES), self._lengthen_pages)

    def _catch_up(self) -> None:
        self._stack.tiktok._state.index_lag = self._index_lag
        self._stack.channeladvisor.index_delay = self._index_delay

    def _lengthen_pages(self) -> None:
        self._stack.tiktok._state.longest_page = None
        self._stack.channeladvisor._web._page_size = self._page_size

    def _plan_redrive(self) -> None:
        first = self._stack.functions.dead_letters[0].at
        if not self._strikes(Kind.REDRIVE_LATE, self._stack.functions.dead_letters[0].function):
            self._is_planned = True
            self._stack.loop.at(first + SOON, self._redrive)
            return
        # They lie in the queue until then, whoever else starts what failed again meanwhile.
        letters = self._stack.functions.take_dead_letters()
        late = timedelta(hours=self._faults.between(Kind.REDRIVE_LATE, *LATE_HOURS))
        self._stack.loop.at(first + late, partial(self._redrive_late, letters, first))

    def _redrive(self) -> None:
        self._is_planned = False
        if not self._faults.has_ended:
            self._stack.functions.redrive()

    def _redrive_late(self, letters: list[DeadLetter], first: datetime) -> None:
        now = self._stack.time
        self._stack.trace.add(now, "operator", f"starts again what failed {now - first} ago")
        self._stack.functions.redrive(letters)

    def _put_right(self) -> None:
        self._catch_up()
        self._lengthen_pages()
        self._stack.tiktok._state.failing_locks.clear()
        self._stack.channeladvisor._state.failing_adjustments.clear()
