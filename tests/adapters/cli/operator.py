"""An operator at a terminal: the real commands, on the stack as an AWS account in this process has it."""

import io
import json
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cli.app import run
from cli.stack import Stack
from local.simulators.tiktok_shop.money import LineSpec
from local.translate_template import read_template
from order_sync.ledger.dynamodb import DynamoTable
from tests.account import RESOURCES, STACK, Account

TEE = LineSpec("TEE-BLU-M", "20.00")
QUEUES = ("FailedRuns", "MissedSchedules")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and its exit status."""

    status: int
    out: str
    error: str

    @property
    def value(self) -> Any:
        """The JSON document of --json."""
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """All that was shown, with each space and line end as one space."""
        return " ".join(self.out.split())


@dataclass
class Functions:
    """The stack's functions as Lambda offers them: the real handlers, each under the rights of its role."""

    account: Account
    started: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What was started without waiting for its end."""
    throttled: set[str] = field(default_factory=set)
    seconds_left: float = 300.0

    def invoke(self, *, FunctionName: str, Payload: bytes, InvocationType: str = "") -> dict[str, Any]:  # noqa: N803
        """Run a function, or only take its event."""
        event = json.loads(Payload)
        if FunctionName in self.throttled:
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}}, "Invoke")
        if InvocationType == "Event":
            self.started.append((FunctionName, event))
            return {"StatusCode": 202}
        try:
            # What a function prints goes to its log.
            with redirect_stdout(io.StringIO()):
                answer: object = self.account.run(FunctionName.removeprefix(f"{STACK}-").replace("-", "_"), event)
        except Exception as error:  # noqa: BLE001  (as Lambda does)
            said = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": _payload(said)}
        return {"StatusCode": 200, "Payload": _payload(answer)}


class Formation:
    """CloudFormation, asked for the stack's resources."""

    def get_paginator(self, operation: str) -> "Formation":
        assert operation == "list_stack_resources"
        return self

    @staticmethod
    def paginate(*, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        assert StackName == STACK
        found = [
            {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": physical_name(name)}
            for name, resource in RESOURCES.items()
            if resource["Type"] == "AWS::Serverless::Function"
        ]
        return [
            {"StackResourceSummaries": found},
            {"StackResourceSummaries": [{"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "a-queue"}]},
        ]


class Operator:
    """Whoever types the commands."""

    def __init__(self, account: Account, terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.account = account
        self.functions = Functions(account)
        self.key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
        self.queues = {name: boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}
        self._terminal = terminal
        self._capsys = capsys
        self.stack = Stack(
            name=STACK,
            outputs=self._outputs(),
            client=self._client,
            table=DynamoTable(boto3.client("dynamodb"), "ledger", time.sleep),
        )

    def types(self, *arguments: str, lines: str = "", hidden: tuple[str, ...] = ()) -> Said:
        """Type a command; `lines` are typed then, and `hidden` where the terminal shows nothing."""
        secrets = iter(hidden)
        self._terminal.setattr("sys.stdin", io.StringIO(lines))
        self._terminal.setattr("getpass.getpass", lambda *_, **__: next(secrets))
        self._capsys.readouterr()
        status = run(list(arguments), open_stack=lambda _choice: self.stack)
        said = self._capsys.readouterr()
        return Said(status, said.out, said.err)

    def asks(self, *arguments: str, lines: str = "") -> Any:
        """Type a command with --json that must succeed; what it answers."""
        said = self.types("--json", *arguments, lines=lines)
        assert said.status == 0, said.error
        return said.value

    def secret(self, name: str) -> Any:
        """What Secrets Manager keeps under a name."""
        kept = boto3.client("secretsmanager").get_secret_value(SecretId=f"{STACK}/{name}")
        return json.loads(kept["SecretString"])

    def _client(self, service: str) -> Any:
        if service == "lambda":
            return self.functions
        if service == "cloudformation":
            return Formation()
        return boto3.client(service)  # type: ignore[call-overload]  # the overloads want literal names

    def _outputs(self) -> dict[str, str]:
        others = {"LedgerTable": "ledger", "DataKeyId": self.key, "SecretsPrefix": STACK}
        others |= {f"{name}Queue": url for name, url in self.queues.items()}
        wanted: Mapping[str, Any] = read_template()["Outputs"]
        functions = {name: each["Value"]["Ref"] for name, each in wanted.items() if name.endswith("Function")}
        return {name: physical_name(resource) for name, resource in functions.items()} | others


def physical_name(resource: str) -> str:
    """The name of a function as the template gives it."""
    return str(RESOURCES[resource]["Properties"]["FunctionName"]["Fn::Sub"]).replace("${AWS::StackName}", STACK)


def _payload(value: object) -> io.BytesIO:
    return io.BytesIO(json.dumps(value).encode())


def place(operator: Operator, *specs: LineSpec) -> str:
    """A buyer orders, and pays without a hold."""
    return operator.account.tiktok.place_order(operator.account.shop, list(specs) or [TEE], hold=False)
