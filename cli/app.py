"""The commands, and the options that stand before them."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import typer

from cli import connecting, credentials, listings, mappings, shops
from cli.deciding import decide, decide_return
from cli.errors import TOLD, sentence
from cli.estimates import edt
from cli.explain import explain
from cli.late_dispatch import ldr, recount
from cli.orders import orders
from cli.outbox import outbox
from cli.output import Session
from cli.reconciling import reconcile
from cli.redriving import redrive
from cli.replaying import replay
from cli.stack import Choice, Stack, open_stack

app: Final = typer.Typer(
    name="order-sync",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="What an operator asks and says about the shops. `order-sync COMMAND --help` explains a command.",
)


@app.callback()
def options(
    context: typer.Context,
    *,
    stack: Annotated[str, typer.Option(help="The stack's name; samconfig.toml's without it.")] = "",
    region: Annotated[str, typer.Option(help="The stack's AWS region; yours without it.")] = "",
    profile: Annotated[str, typer.Option(help="Your AWS profile.")] = "",
    local: Annotated[bool, typer.Option("--local", help="The stack that `make local` runs on this machine.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")] = False,
) -> None:
    """Choose the stack and the form of the answer."""
    session: Session = context.obj
    session.choice = Choice(stack=stack, region=region, profile=profile, local=local)
    session.as_json = as_json


app.add_typer(connecting.commands, name="connect")
app.add_typer(credentials.commands, name="credentials")
app.add_typer(listings.commands, name="listings")
app.add_typer(mappings.commands, name="mappings")
app.add_typer(shops.commands, name="shops")
app.command("decide")(decide)
app.command("decide-return")(decide_return)
app.command("edt")(edt)
app.command("explain")(explain)
app.command("ldr")(ldr)
app.command("orders")(orders)
app.command("outbox")(outbox)
app.command("reconcile")(reconcile)
app.command("recount")(recount)
app.command("redrive")(redrive)
app.command("replay")(replay)


def run(arguments: Sequence[str], open_stack: Callable[[Choice], Stack] = open_stack) -> int:
    """Carry out one command; its exit status is 0, 1 when it was refused or failed, 2 when it was not understood."""
    try:
        app(list(arguments), obj=Session(open_stack=open_stack), prog_name="order-sync")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except TOLD as error:
        sys.stderr.write(sentence(error) + "\n")
        return 1
    return 0
