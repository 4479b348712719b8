"""What a person sees while the day runs, and the verdict at its end."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from local.demo.cancellations import Seen, cancellations_table, countdown, seen
from local.demo.checks import Check
from local.demo.clock import SPEED, TradingClock, hours, now
from local.demo.parcel_news import news_line, parcel_news, parcels_table
from local.demo.partners import Partners
from local.demo.return_news import returns_seen, returns_table
from local.demo.scenario import TradingDay
from local.demo.stories import Placed
from local.simulators.oms.records import Order as OmsOrder
from local.simulators.tiktok_shop.orders import Status
from order_sync.domain.statuses import SHIPPING_STATUS_WORDS, ShippingStatus, words_for_tiktok

_COLOURS: Final = {
    "Pending Shipment": "yellow",
    "Awaiting Shipment": "cyan",
    "Awaiting Collection": "blue",
    "Unshipped": "cyan",
    "Partially Shipped": "blue",
    "Shipped": "green",
    "In Transit": "green",
    "Delivered": "bold green",
    "Completed": "bold green",
    "Canceled": "red",
    "open": "cyan",
    "packed": "blue",
    "shipped": "green",
    "cancelled": "red",
}
DOWN: Final = "ChannelAdvisor is down"
_NOTHING: Final = Text("·", style="dim")


def day_view(day: TradingDay, clock: TradingClock) -> Panel:
    """What needs somebody's eye first: how far the day is, what buyers ask, parcels, and last all orders."""
    parts: list[RenderableType] = [_progress(day)]
    if cancellations := tuple(seen(day.partners, day.orders, now())):
        parts += [Text(), cancellations_table(cancellations)]
    if returns := tuple(returns_seen(day.partners, day.orders, day.messages, now())):
        parts += [Text(), returns_table(returns)]
    if parcels := tuple(parcel_news(day.partners, day.orders, day.notes, clock.at)):
        parts += [Text(), parcels_table(parcels)]
    parts += [Text()] if len(parts) > 1 else []
    table = Table(expand=True, pad_edge=False, box=None, header_style="bold")
    for title, width in (("Order", 6), ("Shop", 4), ("TikTok Shop", 19), ("ChannelAdvisor", 14), ("OMS", 19), ("", 0)):
        table.add_column(title, no_wrap=True, min_width=width)
    at_oms = {order.tiktok_order_id: order for order in day.partners.oms.books.orders()}
    for order in day.orders:
        table.add_row(*_row(day.partners, order, at_oms.get(order.id)))
    title = f"[bold]Trading clock {clock}[/]  (1 hour = {3600 // SPEED} s)"
    if day.channeladvisor_is_down:
        title += f"  [bold white on red] {DOWN} [/]"
    return Panel(Group(*parts, table), title=title, title_align="left")


def _progress(day: TradingDay) -> Table:
    arrived = sum(day.has_arrived(order) for order in day.orders if order.ships)
    progress = Table.grid(expand=True, padding=(0, 1))
    progress.add_row(
        Text(f"shipped and known everywhere {arrived}/{day.expected}"),
        ProgressBar(total=max(day.expected, 1), completed=arrived, complete_style="green"),
    )
    return progress


class DayLog:
    """The same in lines, for a log: how far the day is, and what happens to requests and to parcels."""

    def __init__(self, day: TradingDay, clock: TradingClock) -> None:
        self._day = day
        self._clock = clock
        self._told: dict[tuple[str, str], str] = {}

    def lines(self, *, with_progress: bool) -> Iterator[str]:
        """What is new; `with_progress` also how far everything is, with the time left for each open request."""
        day, clock = self._day, self._clock
        cancellations = seen(day.partners, day.orders, now())
        requests = (*cancellations, *returns_seen(day.partners, day.orders, day.messages, now()))
        for each in requests:
            if self._told.get((each.order, each.wish)) != each.state:
                self._told[each.order, each.wish] = each.state
                yield f"{clock}    {countdown(each)}"
        for parcel in parcel_news(day.partners, day.orders, day.notes, clock.at):
            if self._told.get((parcel.order, parcel.matter)) != parcel.progress:
                self._told[parcel.order, parcel.matter] = parcel.progress
                yield f"{clock}    {news_line(parcel)}"
        if with_progress:
            arrived = sum(day.has_arrived(order) for order in day.orders if order.ships)
            parts = [f"orders {len(day.orders)}", f"shipped and known everywhere {arrived}/{day.expected}"]
            parts += _open_requests(requests)
            parts += [DOWN] if day.channeladvisor_is_down else []
            yield f"{clock}  {'  '.join(parts)}"


def _open_requests(requests: Sequence[Seen]) -> list[str]:
    waiting = [f"{each.order} {hours(each.left)}" for each in requests if each.left is not None]
    return [f"to answer: {', '.join(waiting)}"] if waiting else []


def _row(partners: Partners, order: Placed, at_oms: OmsOrder | None) -> Sequence[Text]:
    there = partners.channeladvisor.books.orders_of_tiktok(order.id)
    status: Status = partners.tiktok.status(order.id)
    return (
        Text(order.id[-6:], style="bold"),
        Text(order.region),
        _word(words_for_tiktok(status)),
        _word(SHIPPING_STATUS_WORDS[ShippingStatus(there[0]["ShippingStatus"])]) if there else _NOTHING,
        _word(at_oms.state, at_oms.number) if at_oms else _NOTHING,
        Text(order.note, style="dim"),
    )


def _word(word: str, before: str = "") -> Text:
    return Text(f"{before} {word}".strip(), style=_COLOURS.get(word, ""))


def show_verdict(console: Console, checks: Sequence[Check], sabotage: str) -> None:
    """The check list, and what broke what."""
    console.print()
    console.print("[bold]Checked in the partners' own books:[/]")
    for check in checks:
        console.print(f"  [green]✔[/] {check.promise}" if check.holds else f"  [red]✘ {check.promise}[/]")
        for what in check.broken[:5]:
            console.print(f"      {what}", highlight=False, soft_wrap=True)
        if len(check.broken) > 5:
            console.print(f"      and {len(check.broken) - 5} more")
    kept = sum(check.holds for check in checks)
    console.print()
    if kept == len(checks):
        console.print(f"[bold green]All {kept} promises were kept.[/]")
    else:
        why = f" The day was sabotaged: {sabotage}." if sabotage else ""
        console.print(f"[bold red]{len(checks) - kept} of {len(checks)} promises were broken.[/]{why}")
