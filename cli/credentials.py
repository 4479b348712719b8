"""Credentials of the partners: typed in hidden or read from the standard input, checked, kept in Secrets Manager."""

import json
from typing import Annotated, Final

import typer
from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from cli.errors import CommandError
from cli.output import Session, session_of
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.oms.credentials import OmsCredentials
from order_sync.partners.stored_secrets import StoredSecret
from order_sync.partners.tiktok_shop.credentials import AppCredentials

commands: Final = typer.Typer(
    no_args_is_help=True,
    help="Credentials of the partners. They are never shown, and go nowhere but to Secrets Manager.",
)
From = Annotated[str, typer.Argument(metavar="[-]", help="- reads them from the standard input, as a JSON object.")]


@commands.command("tiktok-app")
def tiktok_app(context: typer.Context, source: From = "") -> None:
    """The key, the secret and the service id of your app at TikTok Shop."""
    _keep(session_of(context), "tiktok-app", AppCredentials, source)


@commands.command("channeladvisor")
def channeladvisor(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name in the shops' settings.")],
    source: From = "",
) -> None:
    """The application's id and shared secret in ChannelAdvisor, and an account's refresh token."""
    _keep(session_of(context), f"channeladvisor/{account}", AccountCredentials, source)


@commands.command("oms")
def oms(
    context: typer.Context,
    shop: Annotated[str, typer.Argument(help="The shop's id.")],
    source: From = "",
) -> None:
    """The bearer token of a shop's order management system."""
    _keep(session_of(context), f"oms/{shop}", OmsCredentials, source)


def _keep(session: Session, name: str, model: type[StoredSecret], source: str) -> None:
    """Check what was given and keep it, encrypted by the stack's key."""
    if source not in {"", "-"}:
        raise typer.BadParameter("credentials are typed in, or read from the standard input by -; never an argument")
    secret_id = f"{session.stack.output('SecretsPrefix')}/{name}"
    text = typer.get_text_stream("stdin").read() if source else _typed(model)
    # Raises RejectedError that names what is missing, never a value.
    model.from_json(text)
    was_there = _write(session, secret_id, text)
    session.show({"secret": secret_id, "created": not was_there}, _draw)


def _typed(model: type[StoredSecret]) -> str:
    """Each field asked for, without an echo; empty for one that may be left out."""
    given = {}
    for field, about in model.model_fields.items():
        label = field.replace("_", " ") + ("" if about.is_required() else " (may be left out)")
        default = None if about.is_required() else ""
        value = typer.prompt(label, hide_input=True, err=True, default=default, show_default=False)
        if value:
            given[field] = str(value).strip()
    return json.dumps(given)


def _write(session: Session, secret_id: str, text: str) -> bool:
    """Create a secret or give it another value; whether it was there. It is under the stack's key in any case, since
    the functions may use no other."""
    secrets, key = session.stack.client("secretsmanager"), session.stack.output("DataKeyId")
    try:
        known = secrets.describe_secret(SecretId=secret_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        secrets.create_secret(Name=secret_id, KmsKeyId=key, SecretString=text)
        return False
    if known.get("DeletedDate"):
        raise CommandError(f"Secret {secret_id} is marked for deletion: restore it first.")
    if str(known.get("KmsKeyId", "")).rpartition("/")[2] == key.rpartition("/")[2]:
        secrets.put_secret_value(SecretId=secret_id, SecretString=text)
    else:
        secrets.update_secret(SecretId=secret_id, KmsKeyId=key, SecretString=text)
    return True


def _draw(console: Console, kept: dict[str, object]) -> None:
    console.print(Text(f"secret {kept['secret']} is {'created' if kept['created'] else 'replaced'}"))
