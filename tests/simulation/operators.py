"""What operators do when an alarm tells them: a seller whose authorisation is lost is asked to agree again."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from order_sync.domain.authorizations import Grantor
from tests.simulation.stack import Stack
from tests.world import Connected

EVERY: Final = timedelta(hours=1)
"""The alarm is looked at so often."""
AGREES_WITHIN: Final = timedelta(hours=3)


class Operators:
    """`start` them once the shops are connected; they go on when the faults have ended."""

    def __init__(self, stack: Stack, random: Random) -> None:
        self.away: list[tuple[datetime, datetime]] = []
        """From when until when a shop was without authorisation, or will be at most."""
        self._stack = stack
        self._random = random

    def start(self) -> None:
        """From now on."""
        self._stack.loop.at(self._stack.time + EVERY, self._look)

    def _look(self) -> None:
        self._stack.loop.at(self._stack.time + EVERY, self._look)
        for shop in self._stack.connected:
            known = self._stack.shops.authorizations(shop.id).get(Grantor.TIKTOK_SHOP)
            if known is not None and known.is_lost:
                later = self._random.random() * AGREES_WITHIN
                self.away.append((known.since, self._stack.time + later + EVERY))
                self._stack.loop.at(self._stack.time + later, lambda shop=shop: self._agree(shop))  # type: ignore[misc]

    def _agree(self, shop: Connected) -> None:
        self._stack.trace.add(self._stack.time, "operator", f"connects shop {shop.id} again")
        self._stack.ask("connect-shop", {"pasted": self._stack.tiktok.consent(shop.simulated)})
