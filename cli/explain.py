"""`order-sync explain ORDER`: what happened to an order, what it waits for, and what a person must do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from cli.explanation import DeadlineView, Explanation, explain_order
from cli.finding import find_order, shop_of
from cli.output import session_of, table_of
from cli.words import local, local_and_utc, until
from order_sync.domain.ids import ShopId
from order_sync.domain.outbox import ENDED


def explain(
    context: typer.Context,
    order: Annotated[str, typer.Argument(help="TikTok Shop's order id.")],
    *,
    shop: Annotated[str, typer.Option(help="Its shop; needed only when two shops have an order of this id.")] = "",
) -> None:
    """What happened to an order: its state, every deadline, what waits for what, and its history in words."""
    session = session_of(context)
    stack = session.stack
    owner = ShopId(shop) if shop else shop_of(stack, order)
    found = find_order(stack, owner, order)
    session.show(explain_order(found, stack.shop(owner), stack.now()), draw)


def draw(console: Console, value: Explanation) -> None:
    """Show an explanation."""
    for title, body in _sections(value):
        if body is not None:
            console.print(Text(title, style="bold"))
            # What is no table is left to the terminal to wrap, so that a command in it can be copied.
            console.print(body, soft_wrap=isinstance(body, Text))
            console.print()


def _sections(value: Explanation) -> Iterator[tuple[str, RenderableType | None]]:
    zone, now = ZoneInfo(value.time_zone), value.now
    yield f"Order {value.order}: {value.state_words}", _pairs(_head(value, zone))
    yield "What a person must do", _bullets(value.to_do)
    yield (
        f"Lines ({len(value.lines)})",
        table_of(
            ("unit", "SKU", "state", "parcel"), ([each.id, each.sku, each.words, each.parcel] for each in value.lines)
        ),
    )
    yield f"Deadlines (times of {value.time_zone})", _deadlines(value.deadlines, zone, now)
    yield "Requests, returns and refunds", _bullets(_asked(value, zone))
    yield "Parcels", _parcels(value, zone)
    yield "What partners are to be told", _outbox(value)
    yield (
        "What happened",
        table_of(
            ("when", "who says so", "what"),
            ([local(each.happened_at or each.at, zone), each.source, each.words] for each in value.timeline),
        ),
    )


def _head(value: Explanation, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "shop", f"{value.shop_name} ({value.shop})"
    yield "TikTok Shop", f"{value.tiktok_status}; order {value.order}"
    shown = f"{value.channeladvisor_status or 'not seen there yet'}; order {value.channeladvisor_id}"
    yield "ChannelAdvisor", shown if value.channeladvisor_id else "not there"
    yield "OMS", f"order {value.oms_number}" if value.oms_number else "not there"
    yield "handling", f"{value.handling}; {value.handling_reason}" if value.handling_reason else value.handling
    yield "placed", local_and_utc(value.created_at, zone)
    if value.paid_at:
        yield "paid", f"{local_and_utc(value.paid_at, zone)}{f'; {value.paid}' if value.paid else ''}"
    if value.hold_ends_at and value.is_held:
        longer = ", longer than expected" if value.held_long else ""
        yield (
            "held",
            f"until {local_and_utc(value.hold_ends_at, zone)} ({until(value.hold_ends_at, value.now)}){longer}",
        )
    for name, moment in (("collected", value.collected_at), ("delivered", value.delivered_at)):
        if moment:
            yield name, local_and_utc(moment, zone)
    if value.canceled_by:
        yield "cancelled by", value.canceled_by.lower()
    if value.replaces:
        yield "replaces order", value.replaces
    if value.replaced_by:
        yield "replaced by", ", ".join(value.replaced_by)
    if value.counts_as:
        yield "late dispatch rate", f"counts as {value.counts_as} (policy profile {value.policy_profile})"


def _deadlines(deadlines: tuple[DeadlineView, ...], zone: ZoneInfo, now: datetime) -> RenderableType | None:
    def when(moment: datetime | None) -> str:
        return local_and_utc(moment, zone) if moment else "-"

    def left(each: DeadlineView) -> str:
        if each.met_at:
            return f"happened {local(each.met_at, zone)}"
        if each.is_over:
            return "over: cancelled"
        first = min(moment for moment in (each.ours, each.tiktok_shop) if moment)
        return until(first, now)

    rows = [
        [f"{each.name}: {each.must_happen.replace('_', ' ')}", when(each.ours), when(each.tiktok_shop), left(each)]
        for each in deadlines
    ]
    rows += [["", "", f"why another one: {each.why_different}", ""] for each in deadlines if each.why_different]
    return table_of(("deadline", "ours", "TikTok Shop's own", ""), rows) if rows else None


def _asked(value: Explanation, zone: ZoneInfo) -> tuple[str, ...]:
    def line(words: str, answer_until: datetime | None, decides_at: datetime | None) -> str:
        limit = (
            f" Answer until {local_and_utc(answer_until, zone)} ({until(answer_until, value.now)})."
            if answer_until
            else ""
        )
        by_itself = f" TikTok Shop decides by itself {local_and_utc(decides_at, zone)}." if decides_at else ""
        return f"{words}{limit}{by_itself}"

    return tuple(
        f"{each.kind} {each.id}: {line(each.words, each.answer_until, each.tiktok_decides_at)}"
        for each in value.questions
    )


def _parcels(value: Explanation, zone: ZoneInfo) -> RenderableType | None:
    rows = [
        [each.id, each.carrier, each.tracking_number, local(each.shipped_at, zone), str(len(each.lines)), each.words]
        for each in value.parcels
    ]
    return table_of(("parcel", "carrier", "tracking number", "shipped", "units", "state"), rows) if rows else None


def _outbox(value: Explanation) -> RenderableType | None:
    open_first = sorted(value.outbox, key=lambda each: each.state in list(ENDED))
    rows = [[each.state, each.to, f"{each.what} {each.about}".strip(), each.words] for each in open_first]
    return table_of(("state", "to", "what", "where it stands"), rows) if rows else None


def _pairs(pairs: Iterator[tuple[str, str]]) -> RenderableType:
    rows = list(pairs)
    width = max(len(name) for name, _ in rows)
    return Text("\n".join(f"  {name:{width}}  {text}" for name, text in rows))


def _bullets(lines: tuple[str, ...]) -> RenderableType | None:
    return Text("\n".join(f"  - {line}" for line in lines)) if lines else None
