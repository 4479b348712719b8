"""The parcels of the day that need somebody's eye, as a person sees them: what is the matter, and what was done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table
from rich.text import Text

from local.demo.parcel_notes import ParcelNotes, StoppedParcel, UnmappedCarrier
from local.demo.parcels import shipped
from local.demo.partners import Partners
from local.demo.stories import Packing, Placed
from local.simulators.tiktok_shop.books import Shipment

type Reads = Callable[[datetime], str]
"""What the trading clock read at a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelNews:
    """One of them in words."""

    order: str
    matter: str
    steps: tuple[str, ...]
    style: str

    @property
    def progress(self) -> str:
        """What happened, oldest first."""
        return " → ".join(self.steps)


def parcel_news(partners: Partners, orders: Sequence[Placed], notes: ParcelNotes, reads: Reads) -> Iterator[ParcelNews]:
    """All of them so far."""
    for number, stopped in tuple(notes.stopped.items()):
        yield _stopped(partners, number, stopped, reads)
    for (region, words), unmapped in tuple(notes.unmapped.items()):
        waiting = [each.id for each in orders if each.region == region and words in _carriers(partners, each)]
        yield _unmapped(partners, waiting, unmapped, reads)
    for order in orders:
        if order.story.packing is Packing.IN_PARTS and (at_tiktok := partners.tiktok.books.shipments_of(order.id)):
            yield _in_parts(order, at_tiktok, reads)
    together = [order.id for order in orders if order.story.packing is Packing.TOGETHER]
    if together and (left := [each.shipped_at for each in shipped(partners, together[0])]):
        yield _together(partners, together, left[0], reads)


def parcels_table(news: Sequence[ParcelNews]) -> Table:
    """All of them, each with what happened so far."""
    table = Table(expand=True, pad_edge=False, box=None, header_style="bold")
    table.add_column("Order", no_wrap=True, min_width=6)
    table.add_column("Parcels that need eyes", no_wrap=True, min_width=28)
    table.add_column("What becomes of them", min_width=40, ratio=1)
    for each in news:
        table.add_row(Text(each.order, style="bold"), each.matter, Text(each.progress, style=each.style))
    return table


def news_line(each: ParcelNews) -> str:
    """One of them in a line of a log."""
    return f"order {each.order}: {each.matter}: {each.progress}"


def _stopped(partners: Partners, order: str, stopped: StoppedParcel, reads: Reads) -> ParcelNews:
    why = stopped.reason.partition(",")[0].rpartition(": ")[-1]
    steps = [f"stopped {reads(stopped.seen_at)}: {why}"]
    if stopped.mended_at:
        steps = [f"stopped {reads(stopped.seen_at)}", f"mended {reads(stopped.mended_at)}"]
    return _news(order, f"number {stopped.number}", steps, _arrival(partners, [order], reads))


def _unmapped(partners: Partners, orders: Sequence[str], unmapped: UnmappedCarrier, reads: Reads) -> ParcelNews:
    by = f", dispatch by {_day(unmapped.dispatch_by)}" if unmapped.dispatch_by else ""
    waits = "1 parcel waits" if unmapped.parcels == 1 else f"{unmapped.parcels} parcels wait"
    steps = [f"{waits}{by}"]
    if unmapped.mapped_at:
        steps = [f"mapped to {unmapped.code} {reads(unmapped.mapped_at)}"]
    return _news(orders[0], f"carrier {unmapped.words}", steps, _arrival(partners, orders, reads))


def _in_parts(order: Placed, at_tiktok: Sequence[Shipment], reads: Reads) -> ParcelNews:
    first, *others = at_tiktok
    arrival = f"the rest {reads(others[-1].at)}" if others else ""
    return _news(order.id, order.story.note, [f"partially shipped {reads(first.at)}"], arrival)


def _together(partners: Partners, orders: Sequence[str], left_at: datetime, reads: Reads) -> ParcelNews:
    matter = f"one parcel with {' and '.join(order[-6:] for order in orders[1:])}"
    return _news(orders[0], matter, [f"left {reads(left_at)}"], _arrival(partners, orders, reads))


def _arrival(partners: Partners, orders: Sequence[str], reads: Reads) -> str:
    """Empty until the parcels of all these orders are at TikTok Shop."""
    arrived = [[each.at for each in partners.tiktok.books.shipments_of(order)] for order in orders]
    return f"at TikTok Shop {reads(max(map(max, arrived)))}" if all(arrived) else ""


def _news(order: str, matter: str, steps: Sequence[str], arrival: str) -> ParcelNews:
    return ParcelNews(
        order=order[-6:],
        matter=matter,
        steps=(*steps, arrival) if arrival else tuple(steps),
        style="green" if arrival else "yellow",
    )


def _carriers(partners: Partners, order: Placed) -> set[str]:
    return {each.carrier for each in shipped(partners, order.id)}


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"
