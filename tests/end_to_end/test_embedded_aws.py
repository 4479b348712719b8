"""The corrections to the embedded AWS, each against small functions made for it."""

import io
import json
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import ACCOUNT
from local.stack import client_of, embedded_aws, machine_architecture

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

type MakeFunction = Callable[[str, str], None]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/test"
LOG_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_aws(tmp_path_factory.mktemp("aws") / "aws.log") as endpoint:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        iam = client_of(endpoint, "iam")
        iam.create_role(RoleName="test", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName="test", PolicyName="logs", PolicyDocument=json.dumps(LOG_EVERYTHING))
        yield endpoint


@pytest.fixture
def make_function(endpoint: str) -> MakeFunction:
    def make(name: str, source: str) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as code:
            code.writestr("app.py", source)
        client_of(endpoint, "lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.lambda_handler",
            Role=ROLE,
            Architectures=[machine_architecture()],
            Timeout=20,
            Code={"ZipFile": archive.getvalue()},
        )

    return make


def invoke(endpoint: str, name: str, event: dict[str, Any]) -> Any:  # what a handler returns can be anything
    reply = client_of(endpoint, "lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(reply["Payload"].read())


def finished_runs(endpoint: str, name: str) -> int:
    events = client_of(endpoint, "logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    return sum(event["message"].startswith("finished") for event in events)


def test_an_error_keeps_its_own_name(endpoint: str, make_function: MakeFunction) -> None:
    make_function(
        "failing",
        "class RetriableError(Exception): pass\ndef lambda_handler(event, context): raise RetriableError('later')",
    )

    error = invoke(endpoint, "failing", {})

    assert (error["errorType"], error["errorMessage"]) == ("RetriableError", "later")


def test_a_function_survives_its_own_error(endpoint: str, make_function: MakeFunction) -> None:
    make_function(
        "counting",
        "runs = []\n"
        "def lambda_handler(event, context):\n"
        "    runs.append(1)\n"
        "    if event.get('fail'): raise ValueError('no')\n"
        "    return len(runs)",
    )
    invoke(endpoint, "counting", {"fail": True})

    assert invoke(endpoint, "counting", {}) == 2


def test_a_function_finds_what_lambda_provides_and_nothing_else(endpoint: str, make_function: MakeFunction) -> None:
    make_function(
        "importing",
        "from importlib.util import find_spec\n"
        "def lambda_handler(event, context): return [name for name in event['names'] if find_spec(name)]",
    )

    assert invoke(endpoint, "importing", {"names": ["boto3", "ministack", "pytest", "local"]}) == ["boto3"]


def test_a_function_sees_nothing_of_this_machines_environment(endpoint: str, make_function: MakeFunction) -> None:
    make_function("looking", "import os\ndef lambda_handler(event, context): return dict(os.environ)")

    environment = invoke(endpoint, "looking", {})

    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "looking"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert "HOME" not in environment
    assert "MINISTACK_ACCOUNT_ID" not in environment


def test_events_over_the_reserved_concurrency_wait_and_are_not_lost(endpoint: str, make_function: MakeFunction) -> None:
    make_function(
        "slow",
        "import time\ndef lambda_handler(event, context):\n    time.sleep(0.3)\n    print('finished')",
    )
    client_of(endpoint, "logs").create_log_group(logGroupName="/aws/lambda/slow")
    functions = client_of(endpoint, "lambda")
    functions.put_function_concurrency(FunctionName="slow", ReservedConcurrentExecutions=1)
    functions.put_function_event_invoke_config(FunctionName="slow", MaximumRetryAttempts=0)

    for _ in range(4):
        functions.invoke(FunctionName="slow", InvocationType="Event", Payload="{}")

    give_up_at = time.monotonic() + 15
    while finished_runs(endpoint, "slow") < 4 and time.monotonic() < give_up_at:
        time.sleep(0.2)
    assert finished_runs(endpoint, "slow") == 4


def test_a_function_may_do_only_what_its_role_allows(endpoint: str, make_function: MakeFunction) -> None:
    make_function(
        "curious",
        "import boto3\ndef lambda_handler(event, context): boto3.client('s3').list_buckets()",
    )

    assert "AccessDenied" in invoke(endpoint, "curious", {})["errorMessage"]


def test_an_embedded_aws_ends_with_its_block(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        embedded_aws(tmp_path / "aws.log") as endpoint,
    ):
        raise ZeroDivisionError

    port = int(endpoint.rsplit(":", 1)[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)
