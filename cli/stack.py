"""The deployed stack that a command is about, reached with the operator's own AWS identity."""

import json
import os
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.errors import CommandError
from order_sync.domain.ids import ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.shops import Shops
from order_sync.ledger.table import Table

ROOT: Final = Path(__file__).parents[1]
LOCAL_STACK: Final = ROOT / ".aws-sam" / "local-stack.json"
"""Written by `make local` while it runs."""

# A function answers the operator within its own time-out, nine minutes at most; and it is invoked once.
AWS_CONFIG: Final = Config(connect_timeout=5, read_timeout=570, retries={"mode": "standard", "total_max_attempts": 3})
LAMBDA_CONFIG: Final = AWS_CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which stack the operator means; empty for the default."""

    stack: str = ""
    region: str = ""
    profile: str = ""
    local: bool = False


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A deployed stack: its outputs by name, AWS's clients by service, and its ledger."""

    name: str
    outputs: Mapping[str, str]
    client: Callable[[str], Any]
    table: Table
    now: Callable[[], datetime] = now

    @property
    def ledger(self) -> Ledger:
        """Orders, their outbox and their timeline; to be read only."""
        return Ledger(self.table, self.now)

    @property
    def shops(self) -> Shops:
        """Settings and notices of the shops; to be read only."""
        return Shops(self.table, self.now)

    def shop(self, shop: str) -> ShopSettings:
        """A shop's settings. Raises RejectedError for a shop that is not connected."""
        return self.shops.settings(ShopId(shop))

    def output(self, name: str) -> str:
        """What the template calls something. Raises CommandError when the stack is older than this tool."""
        if name not in self.outputs:
            raise CommandError(f"Stack {self.name} has no output {name}: deploy this version first.")
        return self.outputs[name]

    def invoke(self, output: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Run a function, by the output that names it, and wait for its answer. Raises CommandError with its words."""
        answer = self.client("lambda").invoke(FunctionName=self.output(output), Payload=json.dumps(event).encode())
        said = json.loads(answer["Payload"].read() or "{}")
        if "FunctionError" in answer:
            raise CommandError(_refusal(said))
        return dict(said)


def _refusal(said: Any) -> str:
    kind, text = said.get("errorType", ""), str(said.get("errorMessage", said))
    return text if kind in {"RejectedError", "RetriableError"} else f"{kind}: {text}".removeprefix(": ")


def open_stack(choice: Choice, local_stack: Path = LOCAL_STACK) -> Stack:
    """Find the stack and what it made. Raises CommandError when there is none."""
    return _local_stack(local_stack) if choice.local else _stack_on_aws(choice)


def _stack_on_aws(choice: Choice) -> Stack:
    session = boto3.Session(profile_name=choice.profile or None, region_name=choice.region or None)

    def client(service: str) -> Any:
        return _client(session, service, config=_config(service))

    return _described(choice.stack or default_name(), client)


def _client(session: boto3.Session, service: str, **settings: Any) -> Any:
    return session.client(service, **settings)  # type: ignore[call-overload]  # the overloads want literal names


def _local_stack(path: Path) -> Stack:
    try:
        found = json.loads(path.read_text())
        os.kill(found["process"], 0)
    except (FileNotFoundError, ProcessLookupError):
        raise CommandError("No stack runs on this machine: start one with `make local` in another terminal.") from None
    if "endpoint" not in found:
        raise CommandError("The stack of this machine is still being deployed: wait until `make local` says so.")
    # The embedded AWS takes any secret key. The caller's own keys never go there.
    session = boto3.Session(
        aws_access_key_id=found["account"], aws_secret_access_key=found["account"], region_name=found["region"]
    )

    def client(service: str) -> Any:
        config = _config(service).merge(Config(proxies={}))
        return _client(session, service, endpoint_url=found["endpoint"], config=config)

    return _described(found["stack"], client)


def _described(name: str, make_client: Callable[[str], Any]) -> Stack:
    client = cache(make_client)
    try:
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            raise CommandError(
                f"There is no stack {name} in {client('cloudformation').meta.region_name}: name it with --stack, "
                "and its region with --region."
            ) from None
        raise
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    if "LedgerTable" not in outputs:
        raise CommandError(f"Stack {name} is none of Order Sync's: it has no output LedgerTable.")
    table = DynamoTable(client("dynamodb"), outputs["LedgerTable"], time.sleep)
    return Stack(name=name, outputs=outputs, client=client, table=table)


def _config(service: str) -> Config:
    return LAMBDA_CONFIG if service == "lambda" else AWS_CONFIG


def default_name() -> str:
    """The stack's name as samconfig.toml has it."""
    configured = tomllib.loads((ROOT / "samconfig.toml").read_text())
    return str(configured["default"]["global"]["parameters"]["stack_name"])
