"""Send again what failed, after its cause was repaired."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.asking import ask_first, carry_out, draw_answer
from cli.errors import CommandError
from cli.output import Session, session_of, table_of
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.replaying import FailuresMeant, reason_in_general


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresOfAReason:
    """What failed for one reason."""

    reason: str
    target: Target
    action: Action
    entries: int
    orders: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What was sent again; `remaining` entries were not."""

    found: Sequence[FailuresOfAReason]
    entries_replayed: int
    remaining: int
    orders_not_replayed: int


def replay(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    *,
    order: Annotated[str, typer.Option(help="What failed of one order.")] = "",
    entry: Annotated[str, typer.Option(help="One entry of the order, by its name.")] = "",
    reason: Annotated[str, typer.Option(help="What failed for a reason that begins like this.")] = "",
    target: Annotated[Target | None, typer.Option(case_sensitive=False, help="What failed at one partner.")] = None,
    action: Annotated[Action | None, typer.Option(case_sensitive=False, help="What failed of one kind.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
    find: Annotated[bool, typer.Option("--find", help="List what failed before an upgrade; sends nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Send again what failed, after its cause was repaired. Shows it by reason and asks first."""
    session = session_of(context)
    about_many = {"reason": reason, "target": target, "action": action}
    event = {name: str(each) for name, each in about_many.items() if each} | ({"all": True} if every else {})
    if [bool(order), bool(reason or target or action), every, find].count(True) != 1 or (entry and not order):
        raise typer.BadParameter("say which: --order (and --entry), or --reason, --target and --action, or --all")
    if find:
        _find(session, shop)
        return
    if order:
        failed = _of_order(session, shop, order, entry)
        event = {"order": order, "entry": entry}
    else:
        meant = FailuresMeant(reason=reason, target=target, action=action)
        failed = [each for each in session.stack.ledger.failed_entries(ShopId(shop)) if meant.means(each)]
    found = by_reason(failed)
    if failed:
        if not session.as_json:
            session.show(found, draw_by_reason)
        ask_first(session, f"Send {len(failed)} entries again?", yes=yes)
    session.show(_replay(session, {"shop": shop} | event, found), _draw)


def by_reason(failed: Iterable[OutboxEntry]) -> list[FailuresOfAReason]:
    """Failed entries by their reason, the most frequent first."""
    groups: dict[tuple[str, Target, Action], list[OutboxEntry]] = {}
    for each in failed:
        groups.setdefault((reason_in_general(each), each.target, each.action), []).append(each)
    found = [
        FailuresOfAReason(
            reason=reason,
            target=target,
            action=action,
            entries=len(entries),
            orders=len({each.order for each in entries}),
            since=min((each.failed_at for each in entries if each.failed_at), default=None),
        )
        for (reason, target, action), entries in groups.items()
    ]
    return sorted(found, key=lambda each: -each.entries)


def draw_by_reason(console: Console, found: Sequence[FailuresOfAReason]) -> None:
    """Failed entries by their reason."""
    rows = [
        (
            str(each.entries),
            str(each.orders),
            str(each.target),
            str(each.action),
            each.since.strftime("%Y-%m-%d %H:%M UTC") if each.since else "",
            each.reason,
        )
        for each in found
    ]
    console.print(table_of(("entries", "orders", "partner", "what", "since", "reason"), rows))


def _of_order(session: Session, shop: str, order: str, entry: str) -> list[OutboxEntry]:
    record = session.stack.ledger.load(ShopId(shop), OrderId(order))
    if record is None:
        raise CommandError(f"Order {order} of shop {shop} is not known.")
    failed = [each for each in record.outbox if each.state is EntryState.FAILED and entry in {"", each.name}]
    if entry and not failed:
        raise CommandError(f"Order {order} has no failed outbox entry {entry!r}.")
    return failed


def _replay(session: Session, event: dict[str, Any], found: Sequence[FailuresOfAReason]) -> Replayed:
    """Ask the function until nothing is left, or until it gets no further."""
    replayed, answer = 0, {"replays_cut_short": bool(found)}
    while answer.get("replays_cut_short"):
        answer = carry_out(session, "ReplayFailedFunction", event)
        replayed += answer["entries_replayed"]
        if not answer["entries_replayed"]:
            break
    return Replayed(
        found=found,
        entries_replayed=replayed,
        remaining=answer.get("remaining", 0),
        orders_not_replayed=answer.get("orders_not_replayed", 0) + answer.get("orders_damaged", 0),
    )


def _find(session: Session, shop: str) -> None:
    answer: dict[str, Any] = {"from_shard": 0}
    found = damaged = 0
    while (shard := answer.get("from_shard")) is not None:
        answer = carry_out(session, "ReplayFailedFunction", {"shop": shop, "find": True, "from_shard": shard})
        found, damaged = found + answer["entries_found"], damaged + answer.get("orders_damaged", 0)
        if answer.get("from_shard") == shard:
            raise CommandError(f"One run is too short for shard {shard} of the orders; {found} entries were listed.")
    session.show({"entries_found": found, "orders_damaged": damaged}, draw_answer)


def _draw(console: Console, said: Replayed) -> None:
    if not said.found:
        console.print("Nothing has failed that is meant by this.")
        return
    console.print(f"{said.entries_replayed} entries are sent again by the next pushes.")
    if said.remaining:
        console.print(f"{said.remaining} entries remain: the same command goes on with them.")
    if said.orders_not_replayed:
        console.print(f"{said.orders_not_replayed} orders could not be changed; the log of replay_failed names them.")
