"""`order-sync outbox SHOP`: what partners are still to be told."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text

from cli.entries import EntryView, repairs_of, view_of
from cli.errors import CommandError
from cli.output import session_of, table_of
from cli.stack import Stack
from cli.words import local, what, whom
from order_sync.domain.deadlines.reports import plural
from order_sync.domain.outbox import HEARS, OutboxEntry, Target
from order_sync.domain.replaying import reason_in_general
from order_sync.domain.shop import ShopSettings
from order_sync.ledger import keys
from order_sync.ledger.attributes import FAR, milliseconds
from order_sync.ledger.ledger import DamagedItemError

SIDES: Final = {
    "tiktok": Target.TIKTOK_SHOP,
    "channeladvisor": Target.CHANNELADVISOR,
    "oms": Target.OMS,
    "operator": Target.OPERATOR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much of one kind waits."""

    to: str
    what: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxView:
    """What a shop's partners are still to be told, or what failed."""

    shop: str
    shop_name: str
    time_zone: str
    now: datetime
    which: str
    counts: tuple[Waiting, ...]
    reasons: dict[str, int]
    """Of what failed, how often for each reason."""
    entries: tuple[EntryView, ...]
    damaged: tuple[str, ...]


def outbox(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only what failed and waits for a person.")] = False,
    to: Annotated[str, typer.Option(help=f"Only for one side: {', '.join(SIDES)}.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Entries to name.")] = 25,
) -> None:
    """What partners are still to be told, the longest due first; with --failed what a person must look at.

    What waits for another entry without a limit of its own is seen by `explain`.
    """
    session = session_of(context)
    if to and to not in SIDES:
        raise CommandError(f"There is no side {to!r}: take one of {', '.join(SIDES)}.")
    stack = session.stack
    settings = stack.shop(shop)
    wanted = [SIDES[to]] if to else list(Target)
    view = _failed(stack, settings, wanted, limit) if failed else _due(stack, settings, wanted, limit)
    session.show(view, draw)


def _due(stack: Stack, shop: ShopSettings, sides: list[Target], limit: int) -> OutboxView:
    counts, entries = list[Waiting](), list[OutboxEntry]()
    for target in sides:
        for action in sorted(HEARS[target]):
            number = stack.table.count_due(keys.outbox_list(target, action, shop.shop), milliseconds(FAR))
            if number:
                counts.append(Waiting(to=whom(target), what=what(action), entries=number))
                entries += stack.ledger.oldest_entries(target, action, shop.shop)
    entries.sort(key=lambda entry: entry.due_at or entry.queued_at)
    return _view(stack, shop, "to be told", counts=counts, entries=entries[:limit])


def _failed(stack: Stack, shop: ShopSettings, sides: list[Target], limit: int) -> OutboxView:
    damaged: list[str] = []

    def note(error: DamagedItemError) -> None:
        damaged.append(str(error))

    found = [entry for entry in stack.ledger.failed_entries(shop.shop, damaged=note) if entry.target in sides]
    kinds = Counter((entry.target, entry.action) for entry in found)
    counts = [
        Waiting(to=whom(target), what=what(action), entries=number) for (target, action), number in kinds.most_common()
    ]
    reasons = dict(Counter(reason_in_general(entry) for entry in found).most_common())
    return _view(stack, shop, "failed", counts=counts, entries=found[:limit], reasons=reasons, damaged=tuple(damaged))


def _view(
    stack: Stack,
    shop: ShopSettings,
    which: str,
    *,
    counts: list[Waiting],
    entries: list[OutboxEntry],
    reasons: dict[str, int] | None = None,
    damaged: tuple[str, ...] = (),
) -> OutboxView:
    now, repairs = stack.now(), repairs_of(stack.table, shop.shop)
    return OutboxView(
        shop=shop.shop,
        shop_name=shop.name,
        time_zone=shop.time_zone,
        now=now,
        which=which,
        counts=tuple(counts),
        reasons=reasons or {},
        entries=tuple(view_of(entry, now, repairs) for entry in entries),
        damaged=damaged,
    )


def draw(console: Console, value: OutboxView) -> None:
    """Show what is to be told."""
    total = sum(each.entries for each in value.counts)
    console.print(Text(f"{value.shop_name} ({value.shop}): {plural(total, 'thing')} {value.which}", style="bold"))
    if value.counts:
        console.print(
            table_of(("entries", "to", "what"), ([str(each.entries), each.to, each.what] for each in value.counts))
        )
    if value.reasons:
        console.print()
        console.print(table_of(("entries", "reason"), ([str(n), reason] for reason, n in value.reasons.items())))
    if value.entries:
        console.print()
        console.print(table_of(("order", "since", "to", "what", "where it stands"), _cells(value)))
    if value.which == "failed" and value.counts:
        console.print(f"Repair the cause, then: order-sync replay {value.shop} --reason '...' or --order ...")
    for each in value.damaged:
        console.print(Text(f"Left out: {each}"))


def _cells(value: OutboxView) -> Iterator[list[str]]:
    zone = ZoneInfo(value.time_zone)
    for each in value.entries:
        since = local(each.failed_at or each.queued_at, zone)
        yield [each.order, since, each.to, f"{each.what} {each.about}".strip(), each.words]
