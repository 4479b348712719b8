"""`order-sync --local` against `make local`: the real commands, the deployed template, the embedded AWS."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.app import run
from cli.redriving import Queue
from cli.stack import Choice, Stack, open_stack
from local.aws import ACCOUNT
from local.sam import ROOT
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.outbox import EntryState, Target
from order_sync.ledger.items import entry_item
from order_sync.ledger.table import Put

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

SECONDS_TO_DEPLOY = 300
SECONDS_FOR_NEWS = 150


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where an operator types commands, beside a stack that runs."""

    stack_file: Path
    capsys: pytest.CaptureFixture[str]

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, what was said, and what went wrong."""
        self.capsys.readouterr()
        status = run(["--local", *arguments], open_stack=partial(open_stack, local_stack=self.stack_file))
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def asks(self, *arguments: str) -> Any:
        """What a command answers with --json; it must succeed."""
        status, said, error = self.types("--json", *arguments)
        assert status == 0, error
        return json.loads(said)

    def until(self, *arguments: str, shows: Callable[[Any], Any]) -> Any:
        """Ask until the answer shows something, which is given back; what is not polled yet is refused at first."""
        give_up_at = time.monotonic() + SECONDS_FOR_NEWS
        while True:
            status, said, error = self.types("--json", *arguments)
            if status == 0 and (found := shows(json.loads(said))):
                return found
            assert time.monotonic() < give_up_at, said or error
            time.sleep(2)


@dataclass(frozen=True, slots=True)
class Running:
    """`make local`, and what it said until it was ready: the orders by what is special about them."""

    process: "subprocess.Popen[str]"
    stack_file: Path
    shop: str
    orders: dict[str, str]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    stack_file = tmp_path_factory.mktemp("local") / "local-stack.json"
    with subprocess.Popen(  # noqa: S603  (the program is our own)
        [sys.executable, "-m", "local.sandbox", "--file", str(stack_file)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "layers/order_sync"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _ready(process, stack_file)
        finally:
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
        assert "everything that was started has ended" in said
        assert process.returncode == 130
        assert not stack_file.exists()


def _ready(process: "subprocess.Popen[str]", stack_file: Path) -> Running:
    assert process.stdout is not None
    shop, orders, give_up_at = "", dict[str, str](), time.monotonic() + SECONDS_TO_DEPLOY
    for line in process.stdout:
        words, _, note = line.strip().partition("  # ")
        if " orders " in words and not shop:
            shop = words.split()[-1]
        if " explain " in words:
            orders[note.partition(": ")[2]] = words.split()[-1]
        if "Ctrl-C stops" in line:
            return Running(process, stack_file, shop, orders)
        assert time.monotonic() < give_up_at
    raise AssertionError("`make local` ended before it was ready")


@pytest.fixture
def terminal(running: Running, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(running.stack_file, capsys)


def test_the_first_answers_name_the_shops_and_their_orders(running: Running, terminal: Terminal) -> None:
    shops = terminal.asks("shops", "list")
    assert running.shop in {each["shop"] for each in shops}
    assert terminal.until("orders", running.shop, shows=lambda told: told["total"] > 3)
    assert terminal.asks("ldr", running.shop, "--late", "3")["what_if"]["orders"] > 50
    assert terminal.until("orders", running.shop, "--late", shows=lambda told: told["orders"])
    status, said, _ = terminal.types("orders", running.shop)
    assert (status, "Demo Shop US" in said) == (0, True)


def test_an_order_is_explained_while_it_travels(running: Running, terminal: Terminal) -> None:
    order = running.orders["the warehouse leaves it lying"]
    told = terminal.until("explain", order, shows=lambda told: told if told["oms_number"] else None)
    assert told["channeladvisor_id"]
    assert told["deadlines"]
    assert {"SEEN", "CREATED_IN_CHANNELADVISOR", "TAKEN_BY_OMS"} <= {event["event"] for event in told["timeline"]}
    status, said, _ = terminal.types("explain", order)
    assert (status, "Acknowledged by Seller" in said) == (0, True)


def test_a_cancel_request_is_decided_by_command(running: Running, terminal: Terminal) -> None:
    order = running.orders["the buyer asks to cancel: decide"]
    question = terminal.until("explain", order, shows=lambda told: told["questions"])[0]
    assert question["command"] == f"order-sync decide {running.shop} {question['id']} approve|reject"
    terminal.asks("decide", running.shop, question["id"], "approve")
    closed = terminal.until("explain", order, shows=lambda told: told if told["state"] == "CANCELED" else None)
    assert closed["to_do"] == []


def test_a_parcel_without_a_mapping_goes_once_the_mapping_is_added(running: Running, terminal: Terminal) -> None:
    order = running.orders["a carrier that nothing stands for: mappings"]
    failed = terminal.until(
        "explain",
        order,
        shows=lambda told: [each for each in told["outbox"] if "mappings" in each["command"]],
    )
    assert failed[0]["state"] == "FAILED"
    assert order in {each["order"] for each in terminal.asks("outbox", running.shop, "--failed")["entries"]}
    terminal.asks("mappings", running.shop, "add", "--carrier", "U.P.S. Grnd", "--class", "Ground", "--code", "ups")
    assert terminal.until("explain", order, shows=lambda told: told["parcels"][0]["at_tiktok_since"])


def test_questions_to_functions_are_answered(running: Running, terminal: Terminal) -> None:
    assert terminal.asks("edt", running.shop, "MUG-RED")["sku"] == "MUG-RED"
    assert isinstance(terminal.asks("recount", running.shop, "--days", "3"), dict)
    assert terminal.asks("ldr", running.shop, "--orders", "--profile", "us-2026-01")["other_profile"]


def test_what_failed_is_sent_again_by_its_reason(running: Running, terminal: Terminal) -> None:
    order = running.orders["the warehouse leaves it lying"]
    terminal.until("explain", order, shows=lambda told: told["oms_number"])
    stack = open_stack(Choice(local=True), local_stack=running.stack_file)
    record = stack.ledger.load(ShopId(running.shop), OrderId(order))
    assert record
    told = next(each for each in record.outbox if each.target is Target.OMS and each.state is EntryState.DONE)
    failed = replace(told, state=EntryState.FAILED, reason="refused by hand", failed_at=stack.now())
    stack.table.put(Put(item=entry_item(failed, stack.now()), expects=told.version))

    assert terminal.asks("replay", running.shop, "--reason", "no such", "--yes")["found"] == []
    said = terminal.until(
        *("replay", running.shop, "--reason", "refused BY", "--yes"), shows=lambda told: told if told["found"] else None
    )
    assert (said["entries_replayed"], said["remaining"]) == (1, 0)
    assert terminal.asks("replay", running.shop, "--find")["entries_found"] == 0


def test_a_run_that_failed_is_started_again_from_its_dead_letter(running: Running, terminal: Terminal) -> None:
    """It names a shop that is not connected, and fails each time."""
    stack = open_stack(Choice(local=True), local_stack=running.stack_file)
    function, event = f"{stack.name}-watch-deadlines", {"shop": "4711"}
    stack.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())

    def about_4711(told: Any) -> Any:
        return [each for each in told["found"] if each["about"] == "4711"]

    (found,) = terminal.until("redrive", "failed-runs", "--yes", shows=about_4711)
    assert found["function"] == function
    assert "shop 4711 has no settings" in found["errors"][0]
    assert terminal.until("redrive", "failed-runs", "--yes", shows=about_4711)
    assert terminal.asks("redrive", "missed-schedules", "--yes")["not_understood"] == []


def test_an_operator_needs_the_operators_policy_and_no_more(
    running: Running, terminal: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, order = running.shop, running.orders["the warehouse leaves it lying"]
    terminal.until("explain", order, shows=lambda told: told["oms_number"])
    stack = open_stack(Choice(local=True), local_stack=running.stack_file)
    given = operator_of(stack)
    place = stack.client("sts").meta
    for name, value in {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
        "AWS_ENDPOINT_URL": place.endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    as_operator = Choice(stack=stack.name, region=place.region_name)
    # A message that nobody understands: it is received, and given back.
    stack.client("sqs").send_message(QueueUrl=stack.output(Queue.FAILED_RUNS.output), MessageBody="{}")

    def asks(*arguments: str) -> Any:
        capsys.readouterr()
        status = run(["--stack", stack.name, "--region", place.region_name, "--json", *arguments])
        said = capsys.readouterr()
        assert status == 0, said.err
        return json.loads(said.out)

    assert {each["shop"] for each in asks("shops", "list")} >= {shop}
    assert asks("shops", "show", shop)
    assert asks("explain", order)["timeline"]
    for arguments in (
        ("orders", shop),
        ("orders", shop, "--stuck"),
        ("outbox", shop),
        ("ldr", shop, "--orders"),
        ("mappings", shop, "list"),
        ("edt", shop, "MUG-RED"),
        ("reconcile", shop),
        ("recount", shop, "--days", "3"),
        ("shops", "set", shop, "cancellations.margin_minutes=45"),
        ("replay", shop, "--reason", "no such", "--yes"),
        ("redrive", "failed-runs", "--yes"),
        ("redrive", "missed-schedules", "--yes"),
    ):
        assert asks(*arguments) is not None

    # Under another key at first, from which the command moves it.
    elsewhere = f"{stack.name}/oms/4713"
    stack.client("secretsmanager").create_secret(Name=elsewhere, SecretString="{}")
    for other, created in (("4712", True), ("4712", False), ("4713", False)):
        monkeypatch.setattr("sys.stdin", io.StringIO('{"token": "a-token-of-the-test"}'))
        assert asks("credentials", "oms", other, "-")["created"] is created

    own = open_stack(as_operator)
    logs, secrets, table = own.client("logs"), own.client("secretsmanager"), own.client("dynamodb")
    group = f"/aws/lambda/{stack.name}-poll-tiktok"
    assert logs.filter_log_events(logGroupName=group)["events"]
    assert own.client("cloudwatch").describe_alarms()["MetricAlarms"]
    ledger, key = own.output("LedgerTable"), {"pk": {"S": "SHOPS"}, "sk": {"S": shop}}
    for attempt in (
        partial(secrets.get_secret_value, SecretId=elsewhere),
        partial(secrets.get_secret_value, SecretId=f"{stack.name}/tiktok/{shop}"),
        partial(secrets.put_secret_value, SecretId=f"{stack.name}/tiktok/{shop}", SecretString="{}"),
        partial(secrets.delete_secret, SecretId=elsewhere),
        partial(table.put_item, TableName=ledger, Item=key),
        partial(table.delete_item, TableName=ledger, Key=key),
        partial(table.delete_table, TableName=ledger),
        partial(table.scan, TableName=ledger),
        partial(own.client("sqs").purge_queue, QueueUrl=own.output("FailedRunsQueue")),
        partial(own.client("lambda").delete_function, FunctionName=f"{stack.name}-poll-tiktok"),
        partial(logs.delete_log_group, logGroupName=group),
        partial(own.client("cloudformation").delete_stack, StackName=stack.name),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()


def operator_of(stack: Stack) -> Any:
    """Credentials of a role that has the stack's operator policy and nothing else."""
    iam, sts = stack.client("iam"), stack.client("sts")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="operator", AssumeRolePolicyDocument=document)["Role"]
    iam.attach_role_policy(RoleName="operator", PolicyArn=stack.output("OperatorPolicy"))
    return sts.assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]


def test_settings_and_credentials_are_changed_by_command(
    running: Running, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.asks("shops", "set", running.shop, "cancellations.margin_minutes=40")
    assert terminal.asks("shops", "settings", running.shop)["cancellations"]["margin_minutes"] == 40
    status, _, error = terminal.types("shops", "set", running.shop, "cancellations.margin_minutes=1")
    assert (status, "cancellations.margin_minutes" in error) == (1, True)

    monkeypatch.setattr("sys.stdin", io.StringIO('{"token": "a-token-of-the-test"}'))
    kept = terminal.asks("credentials", "oms", "4711", "-")
    assert kept["created"] is True
    stack = open_stack(Choice(local=True), local_stack=running.stack_file)
    secret = stack.client("secretsmanager").describe_secret(SecretId=kept["secret"])
    assert str(secret["KmsKeyId"]).endswith(stack.output("DataKeyId"))


def test_the_executable_file_does_the_same_and_tells_errors_in_a_sentence(running: Running) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}

    def types(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(ROOT / "order-sync"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  (ours)

    helped = types("--help")
    assert (helped.returncode, "explain" in helped.stdout) == (0, True)
    assert types("orders").returncode == 2
    assert running.process.poll() is None


def test_what_is_not_there_is_refused_in_a_sentence(running: Running, terminal: Terminal) -> None:
    for arguments in (
        ("explain", "123"),
        ("orders", "123"),
        ("edt", "123", "MUG-RED"),
        ("decide", running.shop, "1", "approve"),
    ):
        status, said, error = terminal.types("--json", *arguments)
        assert (status, said) == (1, "")
        assert error.count("\n") == 1
        assert "Traceback" not in error
