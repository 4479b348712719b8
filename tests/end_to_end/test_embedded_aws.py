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

from local.aws import ACCOUNT, REGION
from local.stack import client_of, embedded_aws, machine_architecture
from local.translate_template import read_template

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

type MakeFunction = Callable[[str, str], None]

TEMPLATE = read_template()
SECONDS_LEFT = 6
"""How long a figure that was published in the past still counts: so no test waits for a whole period."""

PUBLISHES = """
import json, time

def lambda_handler(event, context):
    print("{ this is no metric")
    print(json.dumps({"message": "nor is this", "late_dispatch_rate": 99}))
    print(json.dumps({
        "_aws": {
            "Timestamp": int((time.time() - event.get("seconds_ago", 0)) * 1000),
            "CloudWatchMetrics": [{
                "Namespace": "OrderSync",
                "Dimensions": [["service"], ["service", "shop"]],
                "Metrics": [{"Name": "late_dispatch_rate", "Unit": "Percent"}],
            }],
        },
        "service": event["service"],
        "shop": "7495540735365777507",
        "late_dispatch_rate": [event["rate"]],
    }), flush=True)
"""

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


def resolved(value: Any) -> Any:
    """A property of the template as a demonstration's deployment has it."""
    match value:
        case {"Ref": "AWS::StackName"}:
            return "order-sync"
        case {"Ref": "PollMinutes"}:
            return "1"
        case {"Ref": parameter}:
            return TEMPLATE["Parameters"][parameter]["Default"]
        case {"Fn::FindInMap": [name, first, second]}:
            return TEMPLATE["Mappings"][name][resolved(first)][second]
        case dict():
            return {name: resolved(each) for name, each in value.items()}
        case list():
            return [resolved(each) for each in value]
        case _:
            return value


def make_alarm(endpoint: str, name: str) -> int:
    """An alarm as the template says, and a queue by its name that hears of it; gives its period."""
    topic = client_of(endpoint, "sns").create_topic(Name=name)["TopicArn"]
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    topic_may_send = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
            }
        ],
    }
    client_of(endpoint, "sqs").create_queue(QueueName=name, Attributes={"Policy": json.dumps(topic_may_send)})
    client_of(endpoint, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    properties = TEMPLATE["Resources"][name]["Properties"]
    assert properties["AlarmActions"] == [{"Ref": "Attention"}]
    alarm = resolved({**properties, "AlarmActions": [topic]})
    client_of(endpoint, "cloudwatch").put_metric_alarm(AlarmName=name, **alarm)
    return int(alarm["Period"])


def notices_of(endpoint: str, alarm: str) -> list[dict[str, Any]]:
    """What an alarm's topic told since the last time."""
    sqs = client_of(endpoint, "sqs")
    queue = sqs.get_queue_url(QueueName=alarm)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]


def state_within(endpoint: str, alarm: str, wanted: str, seconds: float) -> str:
    """The state of an alarm, as soon as it is the wanted one or the time is over."""
    give_up_at = time.monotonic() + seconds
    while True:
        (found,) = client_of(endpoint, "cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        state = str(found["StateValue"])
        if state == wanted or time.monotonic() > give_up_at:
            return state
        time.sleep(0.2)


def test_a_published_rate_over_the_limit_raises_the_alarm_and_one_at_the_limit_ends_it(
    endpoint: str, make_function: MakeFunction
) -> None:
    make_function("publishing", PUBLISHES)
    client_of(endpoint, "logs").create_log_group(logGroupName="/aws/lambda/publishing")
    alarm = "LateDispatchRateOverLimit"
    long_ago = make_alarm(endpoint, alarm) - SECONDS_LEFT

    invoke(endpoint, "publishing", {"service": "another-stack", "rate": 9.0})
    assert state_within(endpoint, alarm, "ALARM", 2) == "INSUFFICIENT_DATA"

    invoke(endpoint, "publishing", {"service": "order-sync", "rate": 4.0})
    assert state_within(endpoint, alarm, "OK", 5) == "OK"

    invoke(endpoint, "publishing", {"service": "order-sync", "rate": 4.01, "seconds_ago": long_ago})
    assert state_within(endpoint, alarm, "ALARM", 5) == "ALARM"
    (notice,) = notices_of(endpoint, alarm)
    assert (notice["AlarmName"], notice["OldStateValue"], notice["NewStateValue"]) == (alarm, "OK", "ALARM")
    assert "4.01 against GreaterThanThreshold 4" in notice["NewStateReason"]

    assert state_within(endpoint, alarm, "OK", 2 * SECONDS_LEFT) == "OK"
    assert notices_of(endpoint, alarm) == []


def test_silence_raises_the_alarm_that_waits_for_it(endpoint: str) -> None:
    make_alarm(endpoint, "NoGoodPoll")

    assert state_within(endpoint, "NoGoodPoll", "ALARM", 5) == "ALARM"


def test_what_was_never_counted_raises_no_alarm(endpoint: str) -> None:
    make_alarm(endpoint, "EntriesFailed")

    assert state_within(endpoint, "EntriesFailed", "OK", 5) == "OK"
