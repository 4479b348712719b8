"""The shops: how they stand, and their settings."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.asking import ask_first, carry_out, draw_answer
from cli.errors import CommandError
from cli.output import session_of
from cli.shop_views import ShopInShort, draw_settings, draw_shop, draw_shops, in_short, whole
from cli.stack import Stack
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import NOT_STARTED

commands: Final = typer.Typer(help="The shops: how they stand, and their settings.")
Shop = Annotated[str, typer.Argument(help="The shop's id.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Switched:
    shop: str
    active: bool
    starts_at: datetime | None


@commands.callback(invoke_without_command=True)
def shops(context: typer.Context) -> None:
    """List the shops when nothing else is asked."""
    if context.invoked_subcommand is None:
        list_(context)


@commands.command("list")
def list_(context: typer.Context) -> None:
    """All connected shops, and what a person must see to."""
    session = session_of(context)
    found: list[ShopInShort] = [in_short(session.stack, shop) for shop in session.stack.shops.connected()]
    session.show(found, draw_shops)


@commands.command("show")
def show(context: typer.Context, shop: Shop) -> None:
    """How a shop stands: authorisations, notices, polls, how far they have read."""
    session = session_of(context)
    session.show(whole(session.stack, shop), draw_shop)


@commands.command("settings")
def settings(context: typer.Context, shop: Shop) -> None:
    """A shop's settings, each by its name."""
    session = session_of(context)
    session.show(session.stack.shop(shop).model_dump(mode="json"), draw_settings)


@commands.command("switch-on")
def switch_on(
    context: typer.Context,
    shop: Shop,
    *,
    starts_at: Annotated[str, typer.Option(help="A moment with its zone; older orders are only watched.")] = "",
) -> None:
    """Let a shop trade. Orders from before it is switched on for the first time are only watched."""
    _switch(context, shop, {"active": True} | ({"starts_at": starts_at} if starts_at else {}))


@commands.command("switch-off")
def switch_off(context: typer.Context, shop: Shop) -> None:
    """Tell partners nothing more about a shop; its tokens are kept alive. What waits goes on when it is on again."""
    _switch(context, shop, {"active": False})


def _switch(context: typer.Context, shop: str, change: dict[str, Any]) -> None:
    session = session_of(context)
    carry_out(session, "ChangeSettingsFunction", {"shop": shop, "change": change})
    saved = session.stack.shop(shop)
    starts_at = None if saved.starts_at == NOT_STARTED else saved.starts_at
    session.show(
        _Switched(shop=shop, active=saved.active, starts_at=starts_at),
        lambda console, now: draw_answer(
            console, {"shop": now.shop, "active": now.active, "starts at": now.starts_at and now.starts_at.isoformat()}
        ),
    )


@commands.command("set")
def set_(
    context: typer.Context,
    shop: Shop,
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="As `shops settings` names them.")],
) -> None:
    """Change some settings, all of them or none. A bad value is refused with its name."""
    session = session_of(context)
    values = _known_values(session.stack, shop)
    change = dict(_change(each, values) for each in changes)
    if len(change) != len(changes):
        raise CommandError("A setting is named twice.")
    session.show(carry_out(session, "ChangeSettingsFunction", {"shop": shop, "change": change}), draw_answer)


@commands.command("apply")
def apply(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A file with a shop's whole settings as JSON; - reads the terminal.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Save a shop's whole settings, as they stand in a file. Asks first when that would switch the shop on or off."""
    session = session_of(context)
    wanted = read_object(file)
    shop, active = str(wanted.get("shop", "")), wanted.get("active")
    if shop and active is not None and active is not session.stack.shops.is_active(ShopId(shop)):
        ask_first(session, f"Switch shop {shop} {'on' if active else 'off'}?", yes=yes)
    session.show(carry_out(session, "ChangeSettingsFunction", wanted), draw_answer)


@commands.command("lift")
def lift(
    context: typer.Context,
    shop: Shop,
    notices: Annotated[list[str], typer.Argument(metavar="NOTICE...", help="As `shops show` names them.")],
) -> None:
    """Take away notices that were seen to."""
    session = session_of(context)
    session.show(carry_out(session, "ChangeSettingsFunction", {"shop": shop, "lift": notices}), draw_answer)


def read_object(file: str) -> dict[str, Any]:
    """The JSON object of a file, or of the standard input for `-`. Raises CommandError."""
    try:
        text = typer.get_text_stream("stdin").read() if file == "-" else Path(file).read_text()
        found = json.loads(text)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise CommandError(f"{file} is not JSON.") from None
    if not isinstance(found, dict):
        raise CommandError(f"{file} must be a JSON object.")
    return found


def _known_values(stack: Stack, shop: str) -> dict[str, Any]:
    """The settings as they are; of settings that went bad the function says what is bad."""
    try:
        return stack.shop(shop).model_dump(mode="json")
    except RejectedError:
        return {}


def _change(text: str, values: dict[str, Any]) -> tuple[str, Any]:
    """A name and its value. What is text now stays text; all else is JSON where it is any."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE")
    known: Any = values
    for step in name.split("."):
        known = known.get(step) if isinstance(known, dict) else None
    if isinstance(known, str):
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
