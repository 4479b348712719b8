"""Start one job for every shop that trades, each in an invocation of its own, so that no shop waits for another."""

from collections.abc import Callable, Mapping
from typing import Final

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.jobs.run import Report
from order_sync.ledger.shops import Shops

FOR_EVERY_SHOP: Final = frozenset({"refresh_tokens"})
"""Jobs that are done for shops that are switched off as well: their tokens would die."""


def dispatch(job: str, functions: Mapping[str, str], shops: Shops, invoke: Callable[[str, ShopId], None]) -> Report:
    """Invoke the job's function once per active shop, or once per connected shop for a job that keeps it alive.

    A shop that could not be started is counted and stops no other: the next cycle starts it. Raises
    RejectedError for a job that does not exist.
    """
    if job not in functions:
        raise RejectedError(f"there is no job {job!r}; jobs are {', '.join(sorted(functions))}")
    report = Report()
    for shop in shops.connected() if job in FOR_EVERY_SHOP else shops.active():
        try:
            invoke(functions[job], shop)
        except RetriableError as error:
            report.problem("shops_not_started", f"{job} for shop {shop}: {error}")
        else:
            report.count("shops_started")
    return report
