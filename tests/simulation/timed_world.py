"""`World` whose time passes with an agenda, for traffic without the deployed product."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, Final

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.jobs.run import Report
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.world import Connected, World

TOKENS_LAST: Final = timedelta(days=5)


class TimedWorld(World):
    """What is put down on its agenda happens between two cycles of jobs, or while time passes."""

    def __init__(self, start: datetime, **options: Any) -> None:
        super().__init__(**options)
        self.time = start
        self.loop = self
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbered = 0

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.time

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Do something at a moment."""
        self._numbered += 1
        heappush(self._agenda, (max(when, self.time), self._numbered, action))

    def connect(self, region: str = "US", **settings: Any) -> Connected:
        """Open a shop, whose token is renewed as `refresh_tokens` would."""
        shop = super().connect(region, **settings)
        self._renew_later(shop)
        return shop

    def _renew_later(self, shop: Connected) -> None:
        def renew() -> None:
            shop.tokens = ShopTokens.model_validate(asdict(self.tiktok.authorize(shop.simulated)))
            self._renew_later(shop)

        self.at(self.time + TOKENS_LAST, renew)

    def advance(self, time: timedelta) -> None:
        """Turn the clock past everything on the agenda; timers fire at their time."""
        end = self.time + time
        while self._agenda and self._agenda[0][0] <= end:
            when, _, action = heappop(self._agenda)
            super().advance(max(when - self.time, timedelta(0)))
            action()
        super().advance(max(end - self.time, timedelta(0)))

    def answer(self, shop: Connected, cancel: str, decision: str) -> Report:
        """A command may be refused: its sender reads that."""
        return self._said(lambda: super(TimedWorld, self).answer(shop, cancel, decision))

    def answer_return(self, shop: Connected, return_id: str, question: str, decision: str, **more: str) -> Report:
        """The same."""
        return self._said(lambda: super(TimedWorld, self).answer_return(shop, return_id, question, decision, **more))

    @staticmethod
    def _said(command: Callable[[], Report]) -> Report:
        try:
            return command()
        except (RetriableError, RejectedError):
            return Report()
