"""What does not go on by itself: waits that should be over, failed entries, orders nobody can read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from cli.entries import ABANDONED_AFTER, is_abandoned, repairs_of, view_of, whole
from cli.output import table_of
from cli.stack import Stack
from cli.words import local
from order_sync.domain.answering.times import is_waited_for
from order_sync.domain.outbox import HEARS
from order_sync.domain.shop import ShopSettings
from order_sync.ledger.ledger import DamagedItemError
from order_sync.ledger.returns import ReturnBook

MOST_NAMED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckItem:
    """One thing that a person should look at."""

    kind: str
    order: str
    words: str
    since: datetime | None
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckWork:
    """All of it in one shop."""

    shop: str
    shop_name: str
    time_zone: str
    items: tuple[StuckItem, ...]
    damaged: tuple[str, ...]


def stuck_work(stack: Stack, shop: ShopSettings) -> StuckWork:
    """Gather what is stuck, each kind 200 at most."""
    damaged: list[str] = []

    def note(error: DamagedItemError) -> None:
        damaged.append(str(error))

    items = chain(
        _failed(stack, shop, note), _claims(stack, shop), _holds(stack, shop), _waits(stack, shop), _unread(stack, shop)
    )
    return StuckWork(
        shop=shop.shop, shop_name=shop.name, time_zone=shop.time_zone, items=tuple(items), damaged=tuple(damaged)
    )


def _failed(stack: Stack, shop: ShopSettings, note: Callable[[DamagedItemError], None]) -> Iterator[StuckItem]:
    repairs = repairs_of(stack.table, shop.shop)
    for entry in stack.ledger.failed_entries(shop.shop, MOST_NAMED, damaged=note):
        view = view_of(entry, stack.now(), repairs)
        yield StuckItem(
            kind="failed entry",
            order=entry.order,
            words=f"{whole(view)}: {view.words}",
            since=entry.failed_at,
            command=view.command,
        )


def _claims(stack: Stack, shop: ShopSettings) -> Iterator[StuckItem]:
    for target, actions in HEARS.items():
        for action in sorted(actions):
            for entry in stack.ledger.oldest_entries(target, action, shop.shop):
                if is_abandoned(entry, stack.now()):
                    view = view_of(entry, stack.now(), {})
                    yield StuckItem(
                        kind="abandoned claim",
                        order=entry.order,
                        words=f"{whole(view)}: {view.words}",
                        since=entry.claimed_until,
                        command="",
                    )


def _holds(stack: Stack, shop: ShopSettings) -> Iterator[StuckItem]:
    for order in stack.ledger.held_orders_due(shop.shop, MOST_NAMED, until=stack.now() - ABANDONED_AFTER):
        yield StuckItem(
            kind="hold without release",
            order=order,
            words="its hold should have been looked at by now",
            since=None,
            command=f"order-sync explain {order}",
        )


def _waits(stack: Stack, shop: ShopSettings) -> Iterator[StuckItem]:
    over = stack.now() - ABANDONED_AFTER
    for request in stack.ledger.open_requests(shop.shop):
        if is_waited_for(request) and request.answer_until and request.answer_until <= over:
            yield StuckItem(
                kind="wait without end",
                order=stack.ledger.order_of_request(shop.shop, request.id) or "",
                words=f"cancel request {request.id} should be settled by now",
                since=request.answer_until,
                command=f"order-sync decide {shop.shop} {request.id} approve|reject",
            )
    book = ReturnBook(stack.table)
    for known in book.asked(shop.shop):
        if is_waited_for(known) and known.answer_until and known.answer_until <= over:
            yield StuckItem(
                kind="wait without end",
                order=book.order_of(shop.shop, known.id) or "",
                words=f"return {known.id} should be settled by now",
                since=known.answer_until,
                command=f"order-sync decide-return {shop.shop} {known.id} {known.question} approve|reject",
            )


def _unread(stack: Stack, shop: ShopSettings) -> Iterator[StuckItem]:
    for order, reason in stack.shops.unread(shop.shop).items():
        yield StuckItem(kind="unreadable order", order=order, words=reason, since=None, command="")


def draw_stuck(console: Console, value: StuckWork) -> None:
    """Show what is stuck."""
    zone = ZoneInfo(value.time_zone)
    console.print(Text(f"{value.shop_name} ({value.shop}): {len(value.items)} stuck", style="bold"))
    if value.items:
        rows = (
            [each.kind, each.order, local(each.since, zone) if each.since else "-", each.words] for each in value.items
        )
        console.print(table_of(("kind", "order", "since", "what"), rows))
        for command in dict.fromkeys(each.command for each in value.items if each.command):
            console.print(Text(f"  {command}"), soft_wrap=True)
    for each in value.damaged:
        console.print(Text(f"Left out: {each}"))
