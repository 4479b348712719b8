"""Connect a seller's shops: send the seller a link, and take what comes back where no browser can reach us."""

from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from cli.asking import carry_out, draw_answer
from cli.output import session_of
from cli.shops import read_object
from order_sync.domain.regions import Region

commands: Final = typer.Typer(no_args_is_help=True, help="Connect a seller's shops, by the seller's consent.")
Settings = Annotated[
    str, typer.Option(help="A JSON file with the settings that new shops begin with; - reads the terminal.")
]


@commands.command("begin")
def begin(
    context: typer.Context,
    *,
    region: Annotated[Region, typer.Option(case_sensitive=False, help="The region of the seller's shops.")],
    settings: Settings,
) -> None:
    """Make a link under which the seller agrees, good once and for a day."""
    session = session_of(context)
    answer = carry_out(session, "ConnectShopFunction", {"begin": read_object(settings) | {"region": region.value}})
    session.show(answer, _draw_link)


@commands.command("paste")
def paste(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="[-]", help="- reads it from the standard input.")] = "",
    *,
    settings: Settings = "",
) -> None:
    """Take the address to which the seller's browser was sent, or the code in it, where no page of ours answered."""
    if source not in {"", "-"}:
        raise typer.BadParameter("the address holds a secret: type it in, or give it on the standard input by -")
    session = session_of(context)
    session.stack.output("ConnectShopFunction")  # Before a secret is typed in for nothing.
    template = read_object(settings) if settings else {}
    pasted = (
        typer.get_text_stream("stdin").read()
        if source
        else typer.prompt("the address in the browser, or its code", hide_input=True, err=True)
    )
    answer = carry_out(session, "ConnectShopFunction", {"pasted": pasted.strip()} | template)
    session.show(answer, _draw_connected)
    if answer.get("not_connected"):
        raise typer.Exit(1)


def _draw_connected(console: Console, answer: dict[str, Any]) -> None:
    draw_answer(console, {name: value for name, value in answer.items() if name != "settings_kept"})
    for shop in answer.get("settings_kept", []):
        console.print(Text(f"Shop {shop} was known and keeps its settings; change them with `shops set {shop} …`."))


def _draw_link(console: Console, answer: dict[str, Any]) -> None:
    console.print("The seller opens this link, signed in as the shops' owner, and agrees:")
    # Whole, since a link that is broken into lines cannot be copied.
    console.print(Text(str(answer["consent_link"])), soft_wrap=True)
    console.print(f"It is good once, until {answer['good_until']}.")
