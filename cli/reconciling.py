"""The comparison of a shop with its partners: run it now, and say what it found."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.asking import carry_out
from cli.output import session_of, table_of
from order_sync.domain.ids import ShopId
from order_sync.domain.reconciling.summaries import Summary
from order_sync.ledger.reconciliations import read_summary


def reconcile(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    *,
    last: Annotated[bool, typer.Option("--last", help="Only say what the last comparison found.")] = False,
) -> None:
    """Compare a shop's open orders with TikTok Shop, ChannelAdvisor and the OMS now, and say what differs."""
    session = session_of(context)
    settings = session.stack.shop(shop)
    counts = {} if last else carry_out(session, "ReconcileFunction", {"shop": settings.shop})
    summary = read_summary(session.stack.table, ShopId(shop))
    session.show(_value(counts, summary), _draw)


def _value(counts: dict[str, Any], summary: Summary) -> dict[str, Any]:
    return {
        "counts": counts,
        "for_people": summary.for_people,
        "sides": {
            side: {
                "compared_at": each.ended_at,
                "is_under_way": bool(each.place),
                "for_people": each.for_people,
                "repaired": each.repaired,
                "trouble": each.trouble,
            }
            for side, each in summary.sides.items()
        },
        "differences": [
            {
                "side": each.side,
                "order": each.order,
                "kind": each.kind,
                "since": each.since,
                "is_repaired": each.repair is not None,
                "explanation": each.explanation,
            }
            for each in summary.differences
        ],
    }


def _draw(console: Console, found: dict[str, Any]) -> None:
    rows = [
        (
            str(side),
            each["compared_at"].strftime("%Y-%m-%d %H:%M UTC") if each["compared_at"] else "never to the end",
            str(each["for_people"]),
            str(each["repaired"]),
            each["trouble"] or ("goes on with the next run" if each["is_under_way"] else ""),
        )
        for side, each in found["sides"].items()
    ]
    console.print(table_of(("side", "compared", "for people", "repaired", ""), rows))
    if not found["differences"]:
        console.print("Nothing differs.")
        return
    console.print()
    for each in found["differences"]:
        order = f"order {each['order']}: " if each["order"] else ""
        console.print(Text(f"{order}{each['explanation']}"))
