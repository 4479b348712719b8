"""What a person sees of the two weeks before the go-live: the rate, how it reads, what is behind it, who was told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.deadline_news import DeadlineNews, Message, Report, order_in, warnings_in
from local.demo.dispatch_count import BY_TIKTOK, Judged, Outcome, judged
from local.demo.fortnight import DISPATCH_DAYS, Fortnight
from local.demo.partners import Partners
from local.demo.past_orders import Fate, PastOrder

SHOWN: Final = {
    "late dispatch rate": "late dispatch rate",
    "verdict": "verdict",
    "headroom": "headroom",
    "reading: shipped orders only": "· shipped orders only",
    "reading: cancelled late above the line only": "· cancelled late above the line only",
    "reading: with what TikTok Shop fulfilled": "· with what TikTok Shop fulfilled",
    "reading: with open orders that are late": "· with open orders that are late",
    "by TikTok Shop's own deadlines": "by TikTok Shop's own deadlines",
    "seller-fault cancellation rate": "seller-fault cancellation rate",
}
_SIGNS: Final = {
    Outcome.IN_TIME: ("▪", "green", "in time"),
    Outcome.LATE: ("✗", "bold red", "late"),
    Outcome.CANCELED_LATE: ("⊘", "red", "cancelled late"),
    Outcome.OPEN_AND_LATE: ("○", "bold yellow", "open and late"),
    Outcome.UNDECIDED: ("□", "yellow", "open and due"),
}
_SAVED: Final = ("◆", "bold cyan", "saved by the campaign")
_OTHER: Final = ("·", "dim", "")


def deadlines_view(partners: Partners, news: DeadlineNews) -> Panel:
    """The whole of it. Dates are real ones: the trading clock has no part in them."""
    parts: list[RenderableType] = []
    for region, report in news.reports.items():
        days = Fortnight(region, news.asked_at, partners.campaigns.get(region))
        orders = judged(partners.tiktok.times_of_orders(partners.shops[region]), days)
        parts += [_headline(partners.shops[region].name, report), *_days(orders, days, partners.past)]
        parts += [*_saved(orders, days, partners.past), Text()]
    report = next(iter(news.reports.values()))
    parts += [_legend(), Text(), _readings(report), Text(report.note, style="yellow"), Text()]
    parts += [_behind(report, partners.past), Text(), _told(news.messages), Text(), _alarms(news)]
    title = "[bold]Dispatch deadlines[/]  (real dates: business days cannot be compressed)"
    return Panel(Group(*parts), title=title, title_align="left")


def _headline(name: str, report: Report) -> Text:
    rate, verdict = report.figures["late dispatch rate"], report.figures["verdict"]
    style = "bold red" if verdict.startswith("above") else "bold yellow" if verdict.startswith("warning") else "green"
    return Text.assemble((f"{name}  ", "bold"), ("Late Dispatch Rate ", ""), (rate, style), (f"  {verdict}", style))


def _days(orders: Sequence[Judged], days: Fortnight, past: Mapping[str, PastOrder]) -> Iterator[Text]:
    """One sign an order, by the date of its deadline, from TikTok Shop's books."""
    for day in (*days.deadlines_of_the_rate, days.next_business_day):
        of_day = [each for each in orders if each.due == day and each.times.fulfillment_type != BY_TIKTOK]
        line = Text(f"  due {day:%a %d %b}  ")
        for each in sorted(of_day, key=lambda each: (each.outcome.value, _is_saved(each, past))):
            sign, style, _ = _SAVED if _is_saved(each, past) else _SIGNS.get(each.outcome, _OTHER)
            line.append(sign, style)
        if of_day:
            yield line


def _saved(orders: Sequence[Judged], days: Fortnight, past: Mapping[str, PastOrder]) -> Iterator[Text]:
    """What a shop's own campaign days did."""
    saved = sum(_is_saved(each, past) for each in orders)
    if days.campaign is not None and saved:
        first, last = (f"{day:%a %d %b}" for day in (days.campaign.first, days.campaign.last))
        words = f" {saved} orders of {first} to {last} left on day {DISPATCH_DAYS + 1}: "
        yield Text.assemble("  ", _SAVED[:2], words, "in time, by the shop's own campaign days")


def _is_saved(each: Judged, past: Mapping[str, PastOrder]) -> bool:
    before = past.get(each.times.order_id)
    return each.outcome is Outcome.IN_TIME and before is not None and before.fate is Fate.SAVED


def _legend() -> Text:
    line = Text()
    for sign, style, words in (*_SIGNS.values(), _SAVED):
        line.append(f"{sign} ", style)
        line.append(f"{words}   ", "dim")
    return line


def _readings(report: Report) -> Table:
    """Everything as it is, and as it would be under another profile."""
    table = Table(pad_edge=False, box=None, header_style="bold", expand=True)
    table.add_column("The rate and its readings")
    table.add_column(f"as it is: {_profile(report.figures)}")
    table.add_column(f"what if: {_profile(report.what_if)}", style="dim")
    for name, words in SHOWN.items():
        style = "bold" if name == "late dispatch rate" else ""
        table.add_row(words, report.figures[name], report.what_if.get(name, ""), style=style)
    return table


def _profile(figures: Mapping[str, str]) -> str:
    return figures.get("policy profile", "").partition(" ")[0]


def _behind(report: Report, past: Mapping[str, PastOrder]) -> Group:
    """The late orders as the report names them, one of each kind."""
    shown: dict[str, str] = {}
    for line in report.late_orders:
        order = order_in(line)
        shown.setdefault(past[order].fate if order in past else order, line)
    parts: list[RenderableType] = [Padding(Text(line), (0, 0, 0, 2)) for line in shown.values()]
    rest = len(report.late_orders) - len(shown)
    if rest > 0:
        parts.append(Text(f"  and {rest} more", style="dim"))
    return Group(Text("The orders behind it", style="bold"), *parts)


def _told(messages: Sequence[Message]) -> Group:
    """The summaries that people got."""
    lines: list[Text] = []
    for message in messages:
        if list(warnings_in([message])):
            lines.append(Text(f"  ✉ {message.subject}", style="bold"))
            lines += [Text(f"    {line}", style="dim") for line in message.text.splitlines() if not _is_note(line)]
    return Group(Text("What people were told", style="bold"), *lines)


def _is_note(line: str) -> bool:
    """Shown above already."""
    return line.startswith("Deadlines follow")


def _alarms(news: DeadlineNews) -> Text:
    line = Text("Alarms  ", style="bold")
    for name, state in news.alarms.items():
        line.append(f" {state} ", "bold white on red" if state == "ALARM" else "dim")
        line.append(f" {name}   ", "not bold")
    return line
