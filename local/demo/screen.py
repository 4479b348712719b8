"""What a person sees while the day runs, and the verdict at its end."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from local.demo.checks import Check
from local.demo.clock import SPEED, TradingClock
from local.demo.partners import Partners
from local.demo.scenario import Placed, TradingDay
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
_NOTHING: Final = Text("·", style="dim")


def day_view(day: TradingDay, clock: TradingClock) -> Panel:
    """The orders on all three sides, in the guide's words, with the trading clock and how far the day is."""
    table = Table(expand=True, pad_edge=False, box=None, header_style="bold")
    for title in ("Order", "Shop", "TikTok Shop", "ChannelAdvisor", "OMS", ""):
        table.add_column(title, no_wrap=True)
    at_oms = {order.tiktok_order_id: order for order in day.partners.oms.books.orders()}
    for order in day.orders:
        table.add_row(*_row(day.partners, order, at_oms.get(order.id)))
    travelling = [order for order in day.orders if order.travels]
    arrived = sum(day.has_arrived(order) for order in travelling)
    progress = Table.grid(expand=True, padding=(0, 1))
    progress.add_row(
        Text(f"parcels at TikTok Shop {arrived}/{day.expected}"),
        ProgressBar(total=max(day.expected, 1), completed=arrived, complete_style="green"),
    )
    title = f"[bold]Trading clock {clock}[/]  (1 hour = {3600 // SPEED} s)"
    return Panel(Group(table, Text(), progress), title=title, title_align="left")


def day_line(day: TradingDay, clock: TradingClock) -> str:
    """The same in one line, for a log."""
    arrived = sum(day.has_arrived(order) for order in day.orders if order.travels)
    return f"{clock}  orders {len(day.orders)}  parcels at TikTok Shop {arrived}/{day.expected}"


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
            console.print(f"      {what}", highlight=False)
        if len(check.broken) > 5:
            console.print(f"      and {len(check.broken) - 5} more")
    kept = sum(check.holds for check in checks)
    console.print()
    if kept == len(checks):
        console.print(f"[bold green]All {kept} promises were kept.[/]")
    else:
        why = f" The day was sabotaged: {sabotage}." if sabotage else ""
        console.print(f"[bold red]{len(checks) - kept} of {len(checks)} promises were broken.[/]{why}")
