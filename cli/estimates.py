"""`order-sync edt SHOP SKU`: the estimated delivery of a SKU, and where each part of it comes from."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.output import session_of, table_of


def edt(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    sku: Annotated[str, typer.Argument(help="The seller's SKU.")],
    *,
    ordered_at: Annotated[str, typer.Option(help="An ISO moment with its zone; now without it.")] = "",
) -> None:
    """When an order of a SKU would be dispatched and delivered, and why."""
    session = session_of(context)
    question = {"shop": shop, "sku": sku} | ({"ordered_at": ordered_at} if ordered_at else {})
    session.show(session.stack.invoke("ShowDeliveryEstimateFunction", question), _draw)


def _draw(console: Console, value: Mapping[str, Any]) -> None:
    listed = "" if value["listed"] else " (not in the shop's table of listings)"
    console.print(Text(f"{value['sku']}{listed}", style="bold"))
    names = ("ordered_at", "dispatch_by", "handed_over_by", "delivery_by", "policy_profile")
    console.print(table_of(("", ""), ([name.replace("_", " "), str(value[name])] for name in names)))
    for part in value["parts"]:
        console.print(Text(f"  - {part}"))
