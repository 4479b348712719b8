"""When AWS itself throttles or fails: tried again within bounds, then the run is postponed and says so; no more.

botocore's own tries happen below its stubs, so they are counted against a server that refuses everything.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from local.simulators.serving import serve
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.bootstrap import notices, runs, tiktok_shop
from order_sync.domain.errors import RetriableError
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.table import Key
from tests.account import Account

TEE = LineSpec("TEE-BLU-M", "20.00")
TRIES = 4


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def connected(account: Account) -> Account:
    account.invoke("change_settings", active=True, starts_at="2026-01-01T00:00:00Z")
    return account


class Refusing:
    """An AWS endpoint that answers every call with one error, and counts."""

    def __init__(self, status: str, code: str) -> None:
        self.status, self.code = status, code
        self.calls: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.calls[environ.get("HTTP_X_AMZ_TARGET", environ["PATH_INFO"])] += 1
        body = json.dumps({"__type": self.code, "message": "no"}).encode()
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body)))]
        start_response(self.status, headers)
        return iter([body])


@pytest.mark.usefixtures("socket_enabled", "cold")
@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("400 Bad Request", "ProvisionedThroughputExceededException"),
        ("400 Bad Request", "ThrottlingException"),
        ("400 Bad Request", "RequestLimitExceeded"),
        ("500 Internal Server Error", "InternalServerError"),
    ],
)
def test_a_call_is_tried_four_times_and_no_more(status: str, code: str) -> None:
    refusing = Refusing(status, code)
    with serve(refusing) as server:
        client = boto3.client("dynamodb", config=runs.AWS_CONFIG, endpoint_url=server.url)
        with pytest.raises(RetriableError, match=f"DynamoDB GetItem: {code}"):
            DynamoTable(client, "ledger", lambda _seconds: None).get(Key("P", "S"))
    assert sum(refusing.calls.values()) == TRIES


@pytest.mark.usefixtures("socket_enabled", "cold")
def test_what_trying_again_cannot_mend_is_tried_once_and_not_swallowed() -> None:
    refusing = Refusing("400 Bad Request", "AccessDeniedException")
    with serve(refusing) as server:
        client = boto3.client("dynamodb", config=runs.AWS_CONFIG, endpoint_url=server.url)
        with pytest.raises(ClientError, match="AccessDeniedException"):
            DynamoTable(client, "ledger", lambda _seconds: None).get(Key("P", "S"))
    assert sum(refusing.calls.values()) == 1


def test_a_throttled_ledger_postpones_a_scheduled_run_and_the_next_one_does_all_of_it(connected: Account) -> None:
    connected.tiktok.place_order(connected.shop, [TEE], hold=False)
    with Stubber(runs.table()._client) as dynamodb:
        dynamodb.add_client_error("get_item", "ProvisionedThroughputExceededException")
        assert connected.invoke("poll_tiktok") == {"runs_postponed": 1}

    assert connected.invoke("poll_tiktok")["orders_changed"] == 1


@pytest.mark.parametrize("reason", ["ThrottlingError", "TransactionConflict", "ProvisionedThroughputExceeded"])
def test_a_commit_that_the_ledger_cannot_take_is_done_by_the_next_run(connected: Account, reason: str) -> None:
    order = connected.tiktok.place_order(connected.shop, [TEE], hold=False)
    client = runs.table()._client
    refused = Counter[str]()

    def refuse(**_: Any) -> None:
        refused["transactions"] += 1
        answer = {
            "Error": {"Code": "TransactionCanceledException", "Message": "no"},
            "CancellationReasons": [{"Code": "None"}, {"Code": reason}],
        }
        raise ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]  # as botocore fills it

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", refuse)
    answer = connected.invoke("poll_tiktok")
    client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", refuse)

    assert answer.get("orders_changed", 0) == 0
    assert answer["runs_postponed"] == 1
    assert refused["transactions"] >= 1
    assert connected.invoke("poll_tiktok")["orders_changed"] == 1
    connected.invoke("push_channeladvisor")
    assert len(connected.channeladvisor.books.orders_of_tiktok(order)) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError"])
def test_throttled_secrets_postpone_a_run(connected: Account, code: str) -> None:
    with Stubber(runs.secrets()._client) as manager:
        manager.add_client_error("get_secret_value", code)
        assert connected.invoke("poll_tiktok") == {"runs_postponed": 1}

    assert "runs_postponed" not in connected.invoke("poll_tiktok")


@pytest.mark.parametrize("code", ["ThrottlingException", "ExecutionLimitExceeded"])
def test_a_timer_that_cannot_be_started_stops_no_order_and_the_sweep_releases_it(connected: Account, code: str) -> None:
    order = connected.tiktok.place_order(connected.shop, [TEE])
    with Stubber(tiktok_shop._step_functions()) as step_functions:
        step_functions.add_client_error("start_execution", code)
        answer = connected.invoke("poll_tiktok")

    assert "orders_changed" in answer, answer
    assert connected.executions("cool-down") == []
    ledger = boto3.client("dynamodb").get_item(
        TableName="ledger", Key={"pk": {"S": f"ORDER#{connected.shop_id}#{order}"}, "sk": {"S": "ORDER"}}
    )
    assert "due_at" in ledger["Item"], "the index of what is due lists it for the sweep"
    assert [problem for problem in connected.log() if code in json.dumps(problem)]


@pytest.mark.parametrize("code", ["Throttling", "InternalError"])
def test_a_notice_that_cannot_be_published_goes_with_the_next_run(connected: Account, code: str) -> None:
    connected.invoke("change_settings", active=True, starts_at="2026-01-01T00:00:00Z", oms={"adapter": "none"})
    order = connected.tiktok.place_order(connected.shop, [TEE], hold=False)
    for function in ("poll_tiktok", "push_channeladvisor"):
        connected.invoke(function)
    connected.tiktok.request_cancel(order)
    connected.invoke("poll_tiktok")
    settle: dict[str, Any] = {"source": "schedule", "order": None}
    with Stubber(notices._attention()._client) as topic:  # type: ignore[arg-type]  # boto3's, behind what is used of it
        topic.add_client_error("publish", code)
        answer = connected.invoke("settle_requests", **settle)
    assert connected.notices() == []
    assert answer == {"entries_postponed": 1}

    _let_it_be_due(connected)
    connected.invoke("settle_requests", **settle)
    ((subject, _),) = connected.notices()
    assert subject == f"A buyer asks to cancel: order {order}"


def _let_it_be_due(account: Account) -> None:
    """The wait before the next try passes."""
    dynamodb = boto3.client("dynamodb")
    for item in dynamodb.scan(TableName="ledger")["Items"]:
        if item["sk"]["S"].startswith("OUTBOX#OPERATOR"):
            dynamodb.put_item(TableName="ledger", Item=item | {"due_at": {"N": "1"}})
    assert account.notices() == []


def test_a_throttled_invocation_is_counted_and_stops_no_other_shop(connected: Account) -> None:
    with Stubber(runs._functions()) as functions:
        functions.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)
        assert connected.invoke("dispatch", job="poll_oms") == {"shops_not_started": 1}
