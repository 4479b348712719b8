"""What people need of the world they act in, besides what the checks read of it: shops, baskets and commands."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.ids import OrderId
from tests.simulation.days import Place
from tests.world import Connected


class Stage(Place, Protocol):
    """The product with its partners and its operators, as `World` and `Stack` are."""

    def connect(self, region: str = "US", **settings: Any) -> Connected:
        """Open a shop, authorise it and connect it."""

    def order(self, shop: Connected, *lines: LineSpec, **options: Any) -> OrderId:
        """A buyer places an order."""

    def reconnect(self, shop: Connected, **changes: Any) -> object:
        """An operator changes some of a shop's settings."""

    def answer(self, shop: Connected, cancel: str, decision: str) -> object:
        """A person answers a cancel request by command."""

    def answer_return(self, shop: Connected, return_id: str, question: str, decision: str, **more: str) -> object:
        """A person answers what TikTok Shop asks about a return, by command."""

    def replay(self, shop: Connected, order: OrderId, entry: str = "") -> object:
        """An operator replays what failed."""


class Agenda(Protocol):
    """Where things are put down for later, as `Loop` is."""

    @property
    def now(self) -> datetime:
        """The present moment."""

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Do something at a moment."""


class TimedStage(Stage, Protocol):
    """A stage whose time passes with an agenda."""

    @property
    def loop(self) -> Agenda:
        """What is still to happen."""
