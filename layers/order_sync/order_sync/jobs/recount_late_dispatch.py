"""Count the daily counters of the Late Dispatch Rate anew from the orders, and put right what differs."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import chain
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.deadlines.business_days import end_of_day, local_date
from order_sync.domain.deadlines.rates import Window
from order_sync.domain.deadlines.tallies import Tally, add_to, contributions
from order_sync.domain.errors import RejectedError
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.table import VersionConflictError

DAYS_AHEAD: Final = 35
"""Most orders are dispatched before their deadline, and counted on its day."""
TRIES: Final = 5
SECONDS_OF_LAG: Final = 5.0
"""Orders are listed from an index, which learns of a change some time after the counters."""
FIGURES_APART: Final = timedelta(days=45)
"""Our deadline, by which orders are found, and TikTok Shop's, by whose date they are counted too, lie no further
apart."""


class _Command(BaseModel):
    """What an operator may say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    days: Annotated[int, Field(strict=True, ge=1, le=366)] = 90
    """How many days back."""
    from_shard: Annotated[int, Field(strict=True, ge=0, lt=len(keys.SHARDS))] = 0
    """Where an earlier run was cut short, as its answer said."""


def recount_late_dispatch(run: ShopRun, command: Mapping[str, Any], sleep: Callable[[float], None]) -> Report:
    """Compare and repair the counters of the last days, shard by shard. What moves meanwhile is counted again.

    A run that is cut short answers with the shard to go on from. Raises RejectedError for a command that cannot be
    meant.
    """
    wanted = _read(command)
    today = local_date(run.now(), run.shop.zone)
    window = Window(first=today - timedelta(days=wanted.days), last=today + timedelta(days=DAYS_AHEAD))
    book = DeadlineBook(run.ledger.table)
    for shard in keys.SHARDS[wanted.from_shard :]:
        if not run.has_time():
            run.report.problem("recounts_cut_short", f'go on with "from_shard": {shard}')
            run.report.answer["from_shard"] = shard
            break
        if not any(_recount(run, book, window, shard, sleep) for _ in range(TRIES)):
            run.report.problem("counters_always_moving", f"shard {shard} of shop {run.shop.shop}")
    return run.report


def _read(command: Mapping[str, Any]) -> _Command:
    try:
        return _Command.model_validate(dict(command))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RejectedError(f"recount_late_dispatch: {problems}") from None


def _recount(run: ShopRun, book: DeadlineBook, window: Window, shard: int, sleep: Callable[[float], None]) -> bool:
    """Count one shard; False when a counter moved meanwhile. An order that cannot be read may be counted: then the
    counters stay."""
    seen, damaged = book.shard(run.shop.shop, window, shard), run.report.counts["orders_damaged"]
    sleep(SECONDS_OF_LAG)
    counted = _count(run, book, window, shard)
    if run.report.counts["orders_damaged"] > damaged:
        run.report.problem("shards_not_recounted", f"shard {shard} of shop {run.shop.shop}: an order is damaged")
        return True
    settled = True
    for day, counters in seen.items():
        right = counted.get(day, {})
        if right == counters.tally:
            continue
        try:
            book.put_counters(run.shop.shop, day, shard, right, counters)
        except VersionConflictError:
            settled = False
        else:
            text = f"{day} shard {shard}: counted {dict(counters.tally)}, right is {dict(right)}"
            run.report.problem("counters_repaired", text)
    return settled


def _count(run: ShopRun, book: DeadlineBook, window: Window, shard: int) -> dict[date, Tally]:
    zone, shop = run.shop.zone, run.shop.shop
    since, until = end_of_day(window.first, zone) - FIGURES_APART, end_of_day(window.last, zone) + FIGURES_APART
    found = chain(book.open_orders(shop, [shard]), book.closed_orders(shop, since, until, [shard]))
    days: dict[date, Counter[str]] = {}
    for order, deadlines in book.read(shop, found, run.count_damaged):
        add_to(days, contributions(order, deadlines))
    return {day: dict(counter) for day, counter in days.items()}
