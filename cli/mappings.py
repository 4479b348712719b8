"""Which carriers stand for which, and the parcels that wait for a mapping."""

from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from cli.asking import carry_out, in_words
from cli.output import session_of, table_of

commands: Final = typer.Typer(help="Carrier mappings of a shop, and the parcels that wait for one.")
Carrier = Annotated[str, typer.Option(help="The carrier in the warehouse's words.")]
Class = Annotated[str, typer.Option("--class", help="The shipping class; all classes of the carrier without it.")]


@commands.callback(invoke_without_command=True)
def mappings(context: typer.Context, shop: Annotated[str, typer.Argument(help="The shop's id.")]) -> None:
    """List a shop's mappings when nothing else is asked."""
    if context.invoked_subcommand is None:
        _ask(context, shop, {})


@commands.command("list")
def list_(context: typer.Context) -> None:
    """The rows, and what waits for one."""
    _ask(context, _shop(context), {})


@commands.command("add")
def add(
    context: typer.Context,
    *,
    carrier: Carrier,
    code: Annotated[str, typer.Option(help="The accepted carrier code.")],
    shipping_class: Class = "",
    channeladvisor_carrier: Annotated[
        str, typer.Option(help="ChannelAdvisor's carrier; the code's own without it.")
    ] = "",
    channeladvisor_class: Annotated[str, typer.Option(help="ChannelAdvisor's class; as reported without it.")] = "",
) -> None:
    """Add a row, or replace the one of the same carrier and class. What waits for it goes on the next push."""
    row = {
        "carrier": carrier,
        "shipping_class": shipping_class,
        "code": code,
        "channeladvisor_carrier": channeladvisor_carrier,
        "channeladvisor_class": channeladvisor_class,
    }
    _ask(context, _shop(context), {"add": [{name: text for name, text in row.items() if text}]})


@commands.command("remove")
def remove(context: typer.Context, *, carrier: Carrier, shipping_class: Class = "") -> None:
    """Take a row away."""
    _ask(context, _shop(context), {"remove": [{"carrier": carrier, "shipping_class": shipping_class}]})


def _shop(context: typer.Context) -> str:
    """The shop that stands before the command."""
    before = context.parent
    return str(before.params["shop"]) if before else ""


def _ask(context: typer.Context, shop: str, command: dict[str, Any]) -> None:
    session = session_of(context)
    session.show(carry_out(session, "MapCarriersFunction", {"shop": shop} | command), _draw)


def _draw(console: Console, answer: dict[str, Any]) -> None:
    rows = [tuple(str(row.get(name, "")) for name in _COLUMNS) for row in answer.get("mappings", [])]
    console.print(table_of(_COLUMNS.values(), rows))
    for line in answer.get("waiting", []):
        console.print(
            Text(f"waiting: {', '.join(f'{name.replace("_", " ")} {in_words(each)}' for name, each in line.items())}")
        )
    for name in ("mappings_added", "mappings_removed", "parcels_waiting", "parcels_on_next_push", "lists_cut_short"):
        if name in answer:
            console.print(f"{name.replace('_', ' ')}: {answer[name]}")


_COLUMNS: Final = {
    "carrier": "carrier",
    "shipping_class": "class",
    "code": "code",
    "channeladvisor_carrier": "in ChannelAdvisor",
    "channeladvisor_class": "class there",
}
