"""What all that the OMS reports has in common: it is about an order that is known, or the OMS is told what is wrong."""

from collections.abc import Callable

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.jobs.run import ShopRun


class UnknownOrderError(Exception):
    """The OMS reports something about an order that we never gave it."""


def change_known(run: ShopRun, order: OrderId, decide: Callable[[OrderRecord], Change | None]) -> Change | None:
    """Decide about an order. Raises UnknownOrderError for one that the ledger does not have."""

    def decide_known(record: OrderRecord | None) -> Change | None:
        if record is None:
            raise UnknownOrderError
        return decide(record)

    return run.ledger.change(run.shop.shop, order, decide_known)


class Refusals:
    """What the OMS has to hear of, since it could not be used; told after all else of a page was taken."""

    def __init__(self, run: ShopRun) -> None:
        self._run = run
        self._untold: list[tuple[str, str, Callable[[], None]]] = []

    def add(self, what: str, text: str, tell: Callable[[], None]) -> None:
        """`tell` says it; where the OMS does not take that it is kept for a person."""
        self._untold.append((what, text, tell))

    def tell(self) -> None:
        """Tell them all. Raises RetriableError while the OMS cannot be reached."""
        untold, self._untold = self._untold, []
        for what, text, tell in untold:
            try:
                tell()
            except RejectedError as error:
                self._run.keep_for_a_person("refusals_not_taken", what, f"{what}: {text}; {error}")
