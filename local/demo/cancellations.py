"""Every cancellation of the day as a person sees it: what is asked, who is asked, the time left, what became of it.

Returns are shown in the same way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rich.table import Table
from rich.text import Text

from local.demo.clock import hours, trading
from local.demo.partners import Partners
from local.demo.stories import Placed
from local.simulators.oms.cancel_records import CancelRequest
from local.simulators.tiktok_shop.cancellations import CancellationRecord, Outcome, Role

_BAR: Final = 6
_ENDS: Final = {
    Outcome.APPROVED: ("approved", "red"),
    Outcome.REJECTED: ("rejected", "green"),
    Outcome.REJECTED_BY_SHIPMENT: ("rejected by its parcel", "green"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A cancellation, or a return, in words. `left` is trading time; None once an answer is no longer waited for."""

    order: str
    wish: str
    state: str
    style: str = ""
    left: timedelta | None = None
    part_left: float = 0
    before: timedelta | None = None
    """How long before the deadline a request was closed."""


def seen(partners: Partners, orders: Sequence[Placed], now: datetime) -> Iterator[Seen]:
    """The cancellations that TikTok Shop shows for these orders, as the partners' books have them now."""
    told = {request.id: request for request in partners.oms.books.cancel_requests()}
    for order in orders:
        for cancellation in partners.tiktok.cancellations_of(order.id):
            yield _seen(partners, cancellation, told.get(cancellation.id), now)


def cancellations_table(cancellations: Sequence[Seen]) -> Table:
    """All of them, with a countdown for each request that is open."""
    return requests_table("Wants to cancel", cancellations)


def requests_table(wish: str, requests: Sequence[Seen]) -> Table:
    """The same for whatever buyers ask; `wish` stands above what they want."""
    table = Table(expand=True, pad_edge=False, box=None, header_style="bold")
    for title, width in (("Order", 6), (wish, 26), ("What becomes of it", 27), ("Time to answer", 15)):
        table.add_column(title, no_wrap=True, min_width=width)
    for each in requests:
        table.add_row(Text(each.order, style="bold"), each.wish, Text(each.state, style=each.style), _time(each))
    return table


def countdown(each: Seen) -> str:
    """One of them in a line of a log."""
    time = "" if each.left is None else f"; {hours(each.left)} left to answer"
    time += "" if each.before is None else f", {hours(each.before)} before the deadline"
    return f"order {each.order}: {each.wish}: {each.state}{time}"


def _seen(partners: Partners, cancellation: CancellationRecord, told: CancelRequest | None, now: datetime) -> Seen:
    order, reason = cancellation.order_id[-6:], cancellation.reason_text
    if cancellation.respond_by is None:
        return _without_question(partners, cancellation)
    wish = f"buyer: {reason}"
    whole = cancellation.respond_by - cancellation.created_at
    if cancellation.outcome is None:
        left = max(cancellation.respond_by - now, timedelta(0))
        asked = "the OMS is asked" if told is not None else "the OMS is asked next"
        said = _oms_says(partners, cancellation)
        state = f"the OMS says {said}" if said else asked
        return Seen(order=order, wish=wish, state=state, style="cyan", left=trading(left), part_left=left / whole)
    word, style = _ENDS.get(cancellation.outcome, (cancellation.outcome.lower().replace("_", " "), "bold red"))
    if cancellation.outcome in (Outcome.APPROVED, Outcome.REJECTED):
        word += " by the OMS" if _oms_says(partners, cancellation) else " by the shop's rule"
    ends = [end.at for end in partners.tiktok.books.request_ends if end.cancel_id == cancellation.id]
    before = trading(cancellation.respond_by - ends[0]) if ends else None
    return Seen(order=order, wish=wish, state=word, style=style, before=before)


def _oms_says(partners: Partners, cancellation: CancellationRecord) -> str:
    """Its answer; empty while it has given none. In the demo nobody answers but the OMS and the shop's rule."""
    said = [str(decision.body["decision"]) for decision in partners.oms.books.decisions(cancellation.id)]
    return said[0] if said else ""


def _without_question(partners: Partners, cancellation: CancellationRecord) -> Seen:
    order, reason = cancellation.order_id, cancellation.reason_text
    match cancellation.role:
        case Role.BUYER:
            wish, state = f"buyer: {reason}", "cancelled in the cool-down"
        case Role.SELLER:
            known = any(each.told for each in partners.oms.books.seller_cancellations(order))
            wish, state = f"seller: {reason}", "cancelled" + ("; the OMS knows" if known else "")
        case _:
            known = order in partners.oms.books.recoveries()
            wish = f"TikTok Shop: {reason}"
            state = "cancelled; parcel called back" if known else "cancelled; parcel has left"
    return Seen(order=order[-6:], wish=wish, state=state, style="red")


def _time(each: Seen) -> Text:
    if each.left is not None:
        style = "green" if each.part_left > 1 / 2 else "yellow" if each.part_left > 1 / 6 else "bold red"
        filled = round(_BAR * each.part_left)
        return Text.assemble(
            (f"{hours(each.left)} ", style), ("━" * filled, style), ("━" * (_BAR - filled), "bright_black")
        )
    return Text("" if each.before is None else f"{hours(each.before)} to spare", style="dim")
