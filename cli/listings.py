"""The handling and shipping times of a shop's SKUs."""

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.asking import ask_first, carry_out, draw_answer
from cli.errors import CommandError
from cli.output import session_of

commands: Final = typer.Typer(help="Handling and shipping times of a shop's SKUs.")
NO_SKU: Final = "Seller SKU,Handling time,Shipping time\n"


@commands.callback(invoke_without_command=True)
def listings(context: typer.Context, shop: Annotated[str, typer.Argument(help="The shop's id.")]) -> None:
    """Say what is loaded when nothing else is asked."""
    if context.invoked_subcommand is None:
        session = session_of(context)
        loaded = session.stack.shop(shop).listings
        value = {"skus": loaded.skus, "loaded_at": loaded.loaded_at} if loaded else {"skus": 0}
        session.show(value, draw_answer)


@commands.command("load")
def load(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A CSV file of Seller Center.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Drop the SKUs that the file does not name.")] = False,
) -> None:
    """Take over what a file says of its SKUs, all of it or nothing."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not in UTF-8: export it as CSV UTF-8.") from None
    _load(context, text, replace=replace)


@commands.command("clear")
def clear(
    context: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Drop all SKUs of the shop's table."""
    session = session_of(context)
    known = session.stack.shop(_shop(context)).listings
    ask_first(session, f"Drop the handling and shipping times of {known.skus if known else 0} SKUs?", yes=yes)
    _load(context, NO_SKU, replace=True)


def _load(context: typer.Context, text: str, *, replace: bool) -> None:
    session = session_of(context)
    event = {"shop": _shop(context), "csv": text, "replace": replace}
    session.show(carry_out(session, "LoadListingsFunction", event), draw_answer)


def _shop(context: typer.Context) -> str:
    """The shop that stands before the command."""
    return str(context.parent.params["shop"]) if context.parent else ""
