"""`order-sync orders SHOP`: the orders of a shop by state, late ones, those due soon, and what is stuck."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text

from cli.errors import CommandError
from cli.output import session_of, table_of
from cli.stack import Stack
from cli.stuck import draw_stuck, stuck_work
from cli.words import STATE_WORDS, local, until
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.domain.deadlines.reports import plural
from order_sync.domain.ids import OrderId
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState, words_for_tiktok
from order_sync.ledger.deadlines import DeadlineBook, Dispatched
from order_sync.ledger.ledger import DamagedItemError

MOST_READ: Final = 5_000
"""Orders that one command reads: a few seconds, and a cent or so."""
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

type Wanted = Callable[[Dispatched], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order in a list."""

    order: str
    state: str
    state_words: str
    tiktok_status: str
    channeladvisor_id: str
    oms_number: str
    created_at: datetime
    dispatch_by: datetime
    """The deadline that is acted on: the earlier of ours and TikTok Shop's own."""
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """A page of a shop's orders, or without a choice the numbers of all that are open."""

    shop: str
    shop_name: str
    time_zone: str
    now: datetime
    which: str
    total: int
    is_whole: bool
    """Whether all orders in question were read."""
    by_state: dict[str, int]
    page: int
    pages: int
    orders: tuple[OrderRow, ...]
    damaged: tuple[str, ...]


def orders(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    *,
    state: Annotated[str, typer.Option(help="Only those in this state, such as pending, shipped, canceled.")] = "",
    late: Annotated[bool, typer.Option("--late", help="Not dispatched, and their deadline is over.")] = False,
    due: Annotated[str, typer.Option(help="To be dispatched within 90m, 24h, 2d.")] = "",
    stuck: Annotated[bool, typer.Option("--stuck", help="What does not go on by itself.")] = False,
    days: Annotated[int, typer.Option(min=1, max=180, help="Closed orders: how far back their deadline lies.")] = 14,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Orders on a page.")] = 25,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
) -> None:
    """A shop's open orders by state; with an option, those orders one by one. The most urgent come first."""
    session = session_of(context)
    stack = session.stack
    if sum(map(bool, (state, late, due, stuck))) > 1:
        raise CommandError("Choose one of --state, --late, --due and --stuck.")
    settings = stack.shop(shop)
    if stuck:
        session.show(stuck_work(stack, settings), draw_stuck)
        return
    choice = _choice(stack, settings, state=state, late=late, due=due, days=days)
    session.show(list_orders(stack, settings, choice, limit=limit, page=page), draw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which orders are wanted: where they are listed, and which of those."""

    words: str
    ids: Iterable[OrderId]
    wanted: Wanted
    named: bool = True
    """Whether they are named one by one, or only counted."""


def _choice(stack: Stack, shop: ShopSettings, *, state: str, late: bool, due: str, days: int) -> Choice:
    book, now = DeadlineBook(stack.table), stack.now()
    everything = book.open_orders(shop.shop)
    if state:
        wanted = _state(state)
        closed = book.closed_orders(shop.shop, now - timedelta(days=days), now + timedelta(days=days))
        ids = chain(everything, closed) if wanted in (OrderState.SHIPPED, OrderState.CANCELED) else everything
        return Choice(words=STATE_WORDS[wanted], ids=ids, wanted=lambda each: each.order.state is wanted)
    if late:
        return Choice(words="late", ids=everything, wanted=lambda each: _is_late(each, now))
    if due:
        end = now + _time(due)
        return Choice(
            words=f"to be dispatched within {due}",
            ids=everything,
            wanted=lambda each: not each.deadlines.is_decided and now < each.deadlines.act_by <= end,
        )
    return Choice(words="open", ids=everything, wanted=lambda _each: True, named=False)


def _is_late(each: Dispatched, now: datetime) -> bool:
    """Also before the next look at its deadlines notices it."""
    over = each.deadlines.act_by < now and each.deadlines.clock.awaiting_since is not None
    return not each.deadlines.is_decided and (each.deadlines.stage is Stage.LATE or over)


def _state(text: str) -> OrderState:
    wanted = re.sub(r"[\s_-]+", "_", text.strip()).upper()
    for state, words in STATE_WORDS.items():
        if wanted in (state.value, words.replace(" ", "_").upper()):
            return state
    if wanted == "CANCELLED":
        return OrderState.CANCELED
    raise CommandError(f"There is no state {text!r}: take one of {', '.join(state.lower() for state in OrderState)}.")


def _time(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})([mhd])", text)
    if not found:
        raise CommandError(f"{text!r} is no time: write 90m, 24h or 2d.")
    return int(found[1]) * _UNITS[found[2]]


def list_orders(stack: Stack, shop: ShopSettings, choice: Choice, *, limit: int, page: int) -> OrderList:
    """Read the orders of a choice, count them by state, and give one page of them, the most urgent first."""
    now, damaged = stack.now(), list[str]()

    def note(error: DamagedItemError) -> None:
        damaged.append(str(error))

    ids = list(islice(dict.fromkeys(choice.ids), MOST_READ + 1))
    read = DeadlineBook(stack.table).read(shop.shop, ids[:MOST_READ], note)
    found = sorted((each for each in read if choice.wanted(each)), key=lambda each: each.deadlines.act_by)
    named = found[(page - 1) * limit : page * limit] if choice.named else []
    counted = Counter(each.order.state for each in found)
    return OrderList(
        shop=shop.shop,
        shop_name=shop.name,
        time_zone=shop.time_zone,
        now=now,
        which=choice.words,
        total=len(found),
        is_whole=len(ids) <= MOST_READ,
        by_state={state.value: counted[state] for state in OrderState},
        page=page,
        pages=-(-len(found) // limit) if choice.named else 0,
        orders=tuple(_row(each, now) for each in named),
        damaged=tuple(damaged),
    )


def _row(each: Dispatched, now: datetime) -> OrderRow:
    order = each.order
    return OrderRow(
        order=order.id,
        state=order.state.value,
        state_words=STATE_WORDS[order.state],
        tiktok_status=words_for_tiktok(order.tiktok_status),
        channeladvisor_id=order.channeladvisor_id,
        oms_number=order.oms_number,
        created_at=order.created_at,
        dispatch_by=each.deadlines.act_by,
        is_late=_is_late(each, now),
    )


def draw(console: Console, value: OrderList) -> None:
    """Show a list of orders."""
    console.print(
        Text(f"{value.shop_name} ({value.shop}): {plural(value.total, 'order')}: {value.which}", style="bold")
    )
    if value.orders:
        console.print(
            table_of(
                ("order", "state", "TikTok Shop", "ChannelAdvisor", "OMS", "dispatch by", ""),
                _cells(value),
            )
        )
        console.print(f"Page {value.page} of {value.pages}.", style="dim")
    elif value.total:
        rows = ([STATE_WORDS[OrderState(state)], str(number)] for state, number in value.by_state.items() if number)
        console.print(table_of(("state", "orders"), rows))
    if not value.is_whole:
        console.print(f"Only {MOST_READ} orders were read; there are more.")
    for each in value.damaged:
        console.print(Text(f"Left out: {each}"))


def _cells(value: OrderList) -> Iterator[list[str]]:
    zone = ZoneInfo(value.time_zone)
    for each in value.orders:
        yield [
            each.order,
            each.state_words,
            each.tiktok_status,
            each.channeladvisor_id or "-",
            each.oms_number or "-",
            local(each.dispatch_by, zone),
            f"LATE, {until(each.dispatch_by, value.now)}" if each.is_late else until(each.dispatch_by, value.now),
        ]
