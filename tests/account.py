"""An AWS account in this process, with what the stack has there; the partners on loopback; Lambda around it all."""

import importlib
import io
import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.model import OperationModel
from moto import mock_aws
from moto.sns.models import sns_backends

from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.oms.simulator import OmsSimulator
from local.simulators.serving import serve
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.shops import Shop
from local.translate_template import TEMPLATE, read_template
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests import rights

STACK = "stack"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function"
ACCOUNT_ROLE = "arn:aws:iam::123456789012:role/any"
RESOURCES = read_template()["Resources"]
FUNCTIONS = sorted(path.parent.name for path in TEMPLATE.parent.glob("functions/*/app.py"))
MACHINES = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::Serverless::StateMachine"]
MACHINE_ARN = f"arn:aws:states:us-east-1:123456789012:stateMachine:{STACK}"
TOPIC_ARN = f"arn:aws:sns:us-east-1:123456789012:{STACK}-attention"
(TABLE,) = (each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::DynamoDB::Table")


def sample(name: str) -> dict[str, Any]:
    """The sample event of a function."""
    event: dict[str, Any] = json.loads((TEMPLATE.parent / "events" / f"{name}.json").read_text())
    return event


def definition_of(machine: dict[str, Any]) -> str:
    """A state machine's definition as the template deploys it, each function's ARN named after its resource."""
    definition: str = (TEMPLATE.parent / machine["DefinitionUri"]).read_text()
    for name, value in machine["DefinitionSubstitutions"].items():
        resource, _ = value["Fn::GetAtt"]
        definition = definition.replace(f"${{{name}}}", f"{FUNCTION_ARN}:{resource}")
    return definition


def handler_of(resource: str) -> Callable[[dict[str, Any], Any], dict[str, int]]:
    """The handler of a function, found through the template."""
    folder = RESOURCES[resource]["Properties"]["CodeUri"].removeprefix("functions/")
    handler: Callable[[dict[str, Any], Any], dict[str, int]] = importlib.import_module(f"{folder}.app").lambda_handler
    return handler


@dataclass
class Context:
    """What Lambda tells a function about its invocation."""

    seconds_left: float = 300.0
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds_left * 1000)


class Account:
    """One AWS account with all that the stack and its operator make there, and the partners beside it."""

    def __init__(self, environment: pytest.MonkeyPatch) -> None:
        self.environment = environment
        self.tiktok = TikTokShopSimulator(a_moment_ago, app_key="app", app_secret="app-secret")
        self.channeladvisor = ChannelAdvisorSimulator(now, application_id="application", shared_secret="shared-secret")
        self.oms = OmsSimulator(now, token="oms-token")
        self.logged = io.StringIO()
        self._running: list[str] = []
        self.settings = sample("change_settings") | {"active": True}
        self.shop_id: str = self.settings["shop"]
        self.shop = self._open_shop()

    def _open_shop(self) -> Shop:
        shop = self.tiktok.open_shop("US", "Example Shop US")
        shop.id, shop.cipher = self.shop_id, self.settings["tiktok_cipher"]
        return shop

    def fill(self) -> None:
        """Make the resources and the operator's secrets."""
        boto3.client("dynamodb").create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=TABLE["AttributeDefinitions"],
            KeySchema=TABLE["KeySchema"],
            GlobalSecondaryIndexes=TABLE["GlobalSecondaryIndexes"],
        )
        account = self.channeladvisor.add_account(12345678, carriers=[("USPS", "Ground")])
        self.put_secret("tiktok-app", {"app_key": "app", "app_secret": "app-secret"})
        self.put_secret(f"tiktok/{self.shop_id}", self.tokens())
        self.put_secret("fingerprint-key", "a key of many signs")
        self.put_secret(
            "channeladvisor/example",
            {
                "application_id": "application",
                "shared_secret": "shared-secret",
                "refresh_token": self.channeladvisor.refresh_token(account),
            },
        )
        self.put_secret(f"oms/{self.shop_id}", {"token": "oms-token"})
        for machine in MACHINES:
            name = machine["Name"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
            boto3.client("stepfunctions").create_state_machine(
                name=name, definition=definition_of(machine), roleArn=ACCOUNT_ROLE
            )
        boto3.client("sns").create_topic(Name=TOPIC_ARN.rpartition(":")[2])

    def tokens(self) -> dict[str, Any]:
        """A fresh authorisation of the shop, as the operator stores it."""
        tokens = ShopTokens.model_validate(asdict(self.tiktok.authorize(self.shop)))
        stored: dict[str, Any] = json.loads(tokens.to_json())
        return stored

    @staticmethod
    def put_secret(name: str, value: Any) -> None:
        """Make a secret, or give it another value."""
        client = boto3.client("secretsmanager")
        text = value if isinstance(value, str) else json.dumps(value)
        try:
            client.create_secret(Name=f"{STACK}/{name}", SecretString=text)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=f"{STACK}/{name}", SecretString=text)

    @staticmethod
    def delete_secret(name: str) -> None:
        boto3.client("secretsmanager").delete_secret(SecretId=f"{STACK}/{name}", ForceDeleteWithoutRecovery=True)

    def invoke(self, function: str, context: Context | None = None, **changes: Any) -> dict[str, int]:
        """Invoke a function with its sample event."""
        event = self.settings if function == "change_settings" else sample(function)
        return self.run(function, event | changes, context)

    def run(self, function: str, event: dict[str, Any], context: Context | None = None) -> dict[str, int]:
        """Invoke a function with an event."""
        handler = importlib.import_module(f"{function}.app").lambda_handler
        self._running.append(function)
        try:
            counts: dict[str, int] = handler(event, context or Context())
        finally:
            self._running.pop()
        return counts

    def judge(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        """Before each call of boto3: a function that runs may do what its role allows, and nothing else."""
        if self._running:
            rights.guard(self._running[-1], model.service_model.service_name, model.name, params)

    @staticmethod
    def executions(machine: str) -> list[dict[str, Any]]:
        """The executions of a state machine that were started; it is called by its name behind the stack's."""
        client = boto3.client("stepfunctions")
        started: list[Any] = client.list_executions(stateMachineArn=f"{MACHINE_ARN}-{machine}")["executions"]
        return started

    @staticmethod
    def execute(machine: str, until: datetime, **given: str) -> tuple[str, list[dict[str, Any]]]:
        """One execution of a state machine from its start to its end: how it ended, and what it did."""
        client = boto3.client("stepfunctions")
        text = json.dumps(given | {"until": until.isoformat().replace("+00:00", "Z")})
        started = client.start_execution(
            stateMachineArn=f"{MACHINE_ARN}-{machine}", name=f"test-{until:%Y%m%dT%H%M%SZ}", input=text
        )
        arn = started["executionArn"]
        end = time.monotonic() + 40
        while (status := client.describe_execution(executionArn=arn)["status"]) == "RUNNING" and time.monotonic() < end:
            time.sleep(0.02)
        history: list[Any] = client.get_execution_history(executionArn=arn)["events"]
        return status, history

    @staticmethod
    def notices() -> list[tuple[str, str]]:
        """What people were told through the topic: subjects and texts."""
        sent = sns_backends["123456789012"]["us-east-1"].topics[TOPIC_ARN].sent_notifications
        return [(subject or "", text) for _, text, subject, *_ in sent]

    def log(self) -> list[dict[str, Any]]:
        """The log lines so far."""
        return [json.loads(line) for line in self.logged.getvalue().splitlines()]


def failures(history: list[dict[str, Any]]) -> list[str]:
    """The errors with which the function failed."""
    failed = [event for event in history if event["type"] == "LambdaFunctionFailed"]
    return [event["lambdaFunctionFailedEventDetails"]["error"] for event in failed]


def now() -> datetime:
    return datetime.now(UTC)


def a_moment_ago() -> datetime:
    """TikTok's clock: what happens there now is found by the next search, which leaves out the present second."""
    return now() - timedelta(seconds=2)


def kept_by(module: ModuleType) -> list[Callable[[], None]]:
    """What a warm container keeps: emptied, it is a cold one."""
    return [value.cache_clear for value in vars(module).values() if hasattr(value, "cache_clear")]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What the template and Lambda put into every function's environment."""
    values = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": "stack-any",
        "POWERTOOLS_SERVICE_NAME": "order-sync",
        "POWERTOOLS_METRICS_NAMESPACE": "OrderSync",
        "TABLE_NAME": "ledger",
        "SECRETS_PREFIX": STACK,
        "TIKTOK_API_URL": "http://127.0.0.1:1",
        "TIKTOK_AUTH_URL": "http://127.0.0.1:1",
        "CHANNELADVISOR_URL": "http://127.0.0.1:1",
        "BUYER_HOLD_SECONDS": "0",
        "RELEASE_SLOT_SECONDS": "300",
        "OMS_WAIT_SECONDS": "0",
        "CONFIRMATION_SECONDS": "1800",
        "POLL_MINUTES": "15",
        "CLAIM_SECONDS": "600",
        "RETRY_BASE_SECONDS": "60",
        "TIKTOK_READS_PER_SECOND": "1000",
        "TIKTOK_WRITES_PER_SECOND": "1000",
        "COOL_DOWN_STATE_MACHINE_ARN": f"{MACHINE_ARN}-cool-down",
        "CANCELLATION_APPROVAL_STATE_MACHINE_ARN": f"{MACHINE_ARN}-cancellation-approval",
        "ATTENTION_TOPIC_ARN": TOPIC_ARN,
        "REFRESH_TOKENS_FUNCTION": f"{STACK}-refresh-tokens",
        "DATA_KEY_ID": "data-key",
        "JOB_FUNCTIONS": json.dumps({name: f"{STACK}-{name.replace('_', '-')}" for name in FUNCTIONS}),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def cold(request: pytest.FixtureRequest) -> Iterator[None]:
    """A container that has just started."""
    request.getfixturevalue("environment")
    modules = [importlib.import_module(f"order_sync.bootstrap.{name}") for name in _BOOTSTRAP]
    yield
    for module in modules:
        for forget in kept_by(module):
            forget()


_BOOTSTRAP = ("runs", "tiktok_shop", "channeladvisor", "oms", "notices", "connecting")


@pytest.fixture
def aws() -> Any:
    """How the AWS services are played."""
    return mock_aws(config={"lambda": {"use_docker": False}})


@pytest.fixture
def account(request: pytest.FixtureRequest, environment: pytest.MonkeyPatch, aws: Any) -> Iterator[Account]:
    """The account with everything in it; the partners listen on 127.0.0.1."""
    for needed in ("cold", "socket_enabled"):
        request.getfixturevalue(needed)
    made = Account(environment)
    with ExitStack() as stack:
        stack.enter_context(aws)
        session = boto3.Session()
        session.events.register("provide-client-params.*.*", made.judge)
        environment.setattr(boto3, "DEFAULT_SESSION", session)
        tiktok = stack.enter_context(serve(made.tiktok)).url
        environment.setenv("TIKTOK_API_URL", tiktok)
        environment.setenv("TIKTOK_AUTH_URL", tiktok)
        environment.setenv("CHANNELADVISOR_URL", stack.enter_context(serve(made.channeladvisor)).url)
        made.settings["oms"]["url"] = stack.enter_context(serve(made.oms)).url
        made.fill()
        handlers = importlib.import_module("order_sync.bootstrap.handlers")
        listener = logging.StreamHandler(made.logged)
        listener.setFormatter(handlers.logger.registered_formatter)
        handlers.logger.addHandler(listener)
        yield made
        handlers.logger.removeHandler(listener)
