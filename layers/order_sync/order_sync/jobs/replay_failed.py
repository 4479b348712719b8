"""An operator sends again what failed, after the cause was repaired: of one order, or of many by reason or kind."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.outbox import Action, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.replaying import FailuresMeant
from order_sync.domain.telling import decide_replay, decide_replay_of
from order_sync.jobs.run import Report
from order_sync.ledger import keys
from order_sync.ledger.attributes import FAR
from order_sync.ledger.deadlines import BEFORE_ALL, DeadlineBook
from order_sync.ledger.ledger import DamagedItemError, Ledger

MOST_AT_ONCE: Final = 90
"""Entries of one order; with its head and its timeline they fit into one transaction."""

type _Choice = Annotated[str, Field(min_length=1)]


class _Command(BaseModel):
    """Which failed entries are meant: those of one order, or those that are all of what is said about them."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    shop: _Choice
    order: _Choice | None = None
    entry: str = ""
    reason: _Choice | None = None
    target: Target | None = None
    action: Action | None = None
    all: bool = False
    find: bool = False
    """List what failed before failures were listed, in the place of sending anything."""
    from_shard: Annotated[int, Field(strict=True, ge=0, lt=len(keys.SHARDS))] = 0
    """Where an earlier run that was to find them was cut short, as its answer said."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        about_many = self.reason or self.target or self.action or self.all
        if [bool(self.order), bool(about_many), self.find].count(True) != 1:
            raise ValueError('say which: "order", or "reason", "target" and "action", or "all": true')
        if self.all and (self.reason or self.target or self.action):
            raise ValueError('"all" is all: leave it out beside "reason", "target" and "action"')
        if self.entry and not self.order:
            raise ValueError('an "entry" is one of an "order"')
        return self

    @property
    def failures(self) -> FailuresMeant:
        """Those that are meant of many orders'."""
        return FailuresMeant(reason=self.reason or "", target=self.target, action=self.action)


def replay_failed(
    command: Mapping[str, Any], ledger: Ledger, now: Callable[[], datetime], has_time: Callable[[], bool]
) -> Report:
    """Make failed entries due again. One that fails again afterwards waits for the next command.

    A run that is cut short answers with what `remaining` entries it has left; the same command goes on with them. An
    order that could not be changed is counted and stops no other. Raises RejectedError for a command that cannot be
    meant, and for one order that is not known.
    """
    wanted = _read(command)
    if wanted.find:
        return _find(wanted, ledger, has_time)
    if wanted.order:
        return _replay_order(wanted, ledger, now)
    return _replay_many(wanted, ledger, now, has_time)


def _read(command: Mapping[str, Any]) -> _Command:
    try:
        return _Command.model_validate(dict(command))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'command'}: {each['msg']}" for each in error.errors()
        )
        raise RejectedError(f"replay_failed: {problems}") from None


def _replay_order(wanted: _Command, ledger: Ledger, now: Callable[[], datetime]) -> Report:
    shop, order, report = ShopId(wanted.shop), OrderId(wanted.order or ""), Report()
    is_over = _failed_until(now())
    report.count("entries_replayed", 0)

    def decide(record: OrderRecord | None) -> Change | None:
        if record is None:
            raise RejectedError(f"order {order} of shop {shop} is not known")
        if wanted.entry:
            return decide_replay(record, now(), wanted.entry)
        return decide_replay_of(record, now(), is_over, MOST_AT_ONCE)

    while change := ledger.change(shop, order, decide):
        report.count("entries_replayed", len(change.outbox))
        if wanted.entry:
            break
    return report


def _replay_many(wanted: _Command, ledger: Ledger, now: Callable[[], datetime], has_time: Callable[[], bool]) -> Report:
    report, shop, started = Report(), ShopId(wanted.shop), now()
    failures, is_over = wanted.failures, _failed_until(started)
    failed = ledger.failed_entries(shop, until=started, damaged=lambda error: _count_damaged(report, error))
    orders = Counter(entry.order for entry in failed if failures.means(entry))

    def decide(record: OrderRecord | None) -> Change | None:
        def is_meant(entry: OutboxEntry) -> bool:
            return failures.means(entry) and is_over(entry)

        return decide_replay_of(record, now(), is_meant, MOST_AT_ONCE) if record else None

    left = orders.total()
    report.count("entries_replayed", 0)
    for order, entries in orders.items():
        if not has_time():
            report.count("replays_cut_short")
            break
        try:
            while change := ledger.change(shop, order, decide):
                report.count("entries_replayed", len(change.outbox))
        except DamagedItemError as error:
            _count_damaged(report, error)
        except (RejectedError, RetriableError) as error:
            report.problem("orders_not_replayed", f"order {order}: {error}")
        else:
            left -= entries
    report.answer["remaining"] = left
    return report


def _failed_until(moment: datetime) -> Callable[[OutboxEntry], bool]:
    """Whether an entry had failed by then: what fails again while a run is under way is not sent a second time."""
    return lambda entry: entry.failed_at is None or entry.failed_at <= moment


def _find(wanted: _Command, ledger: Ledger, has_time: Callable[[], bool]) -> Report:
    """List what failed before failures were listed, in every order that has deadlines."""
    shop, report, book = ShopId(wanted.shop), Report(), DeadlineBook(ledger.table)
    report.count("entries_found", 0)
    for shard in keys.SHARDS[wanted.from_shard :]:
        for order in chain(book.open_orders(shop, [shard]), book.closed_orders(shop, BEFORE_ALL, FAR, [shard])):
            if not has_time():
                report.count("replays_cut_short")
                report.answer["from_shard"] = shard
                return report
            try:
                report.count("entries_found", ledger.list_failed(shop, order))
            except DamagedItemError as error:
                _count_damaged(report, error)
    return report


def _count_damaged(report: Report, error: DamagedItemError) -> None:
    report.problem("orders_damaged", str(error))
