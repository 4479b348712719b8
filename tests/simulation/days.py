"""What the checks need of a simulated time, whoever simulates it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.oms.simulator import OmsSimulator
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.shops import Shops
from order_sync.ledger.table import Item, Key
from tests.simulation.placed_orders import PlacedOrder
from tests.world import Connected


class Place(Protocol):
    """The product with its three partners, as `World` and `Stack` are."""

    @property
    def time(self) -> datetime:
        """The present moment."""

    @property
    def tiktok(self) -> TikTokShopSimulator:
        """TikTok Shop."""

    @property
    def channeladvisor(self) -> ChannelAdvisorSimulator:
        """ChannelAdvisor."""

    @property
    def oms(self) -> OmsSimulator:
        """The sellers' OMS."""

    @property
    def ledger(self) -> Ledger:
        """Orders, read outside of any run."""

    @property
    def shops(self) -> Shops:
        """Settings, cursors and notices, read outside of any run."""

    @property
    def published(self) -> Sequence[tuple[str, str]]:
        """What people read: subject and text of each notice."""

    def counted(self, what: str) -> int:
        """How often all runs so far counted something."""

    def problems(self) -> Sequence[str]:
        """Everything that went wrong in any run so far."""


class Day(Protocol):
    """Some time of a few shops, played and to be judged."""

    @property
    def world(self) -> Place:
        """Where it happened."""

    @property
    def orders(self) -> Sequence[PlacedOrder]:
        """Every order that is still to be judged, as its people know it."""

    @property
    def shops(self) -> Sequence[Connected]:
        """Whose time it was."""

    @property
    def decoys(self) -> Sequence[int]:
        """Orders of other sites in ChannelAdvisor, which nobody may touch."""

    @property
    def items(self) -> Mapping[Key, Item]:
        """What is in the table, without asking it."""

    @property
    def executions(self) -> Sequence[str]:
        """The names and inputs of the workflow executions that are open."""

    @property
    def broken(self) -> Sequence[str]:
        """What was found wrong meanwhile."""

    def was_disturbed(self, since: datetime, until: datetime) -> bool:
        """Whether something went wrong meanwhile that may have cost an answer its time."""
