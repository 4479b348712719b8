"""The real cool-down definition in an interpreter, with the real function behind it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.bootstrap import runs
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.statuses import OrderState
from tests.account import Account

TEE = LineSpec("TEE-BLU-M", "20.00")


@pytest.fixture
def held(account: Account) -> str:
    """An order that is held until now: its slot has just begun."""
    account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    order = account.tiktok.place_order(account.shop, [TEE], hold=False)
    _keep_on_hold(account, order)
    return order


def _keep_on_hold(account: Account, order: str) -> None:
    """First seen with an hour of hold to come, which then is over at once: the clock itself cannot be turned here."""
    account.environment.setenv("BUYER_HOLD_SECONDS", "3600")
    runs.settings.cache_clear()
    account.invoke("poll_tiktok")
    account.environment.setenv("BUYER_HOLD_SECONDS", "0")
    runs.settings.cache_clear()
    boto3.client("dynamodb").update_item(
        TableName="ledger",
        Key={"pk": {"S": f"ORDER#{account.shop_id}#{order}"}, "sk": {"S": "ORDER"}},
        UpdateExpression="SET due_at = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


def state_of(account: Account, order: str) -> OrderState:
    record = runs.ledger().load(ShopId(account.shop_id), OrderId(order))
    assert record is not None
    return record.order.state


def run_cool_down(account: Account, until: datetime) -> tuple[str, list[dict[str, Any]]]:
    """One execution of the cool-down."""
    slot = f"{account.shop_id}-{until:%Y%m%dT%H%M%SZ}"
    return account.execute("cool-down", until, shop=account.shop_id, slot=slot)


def an_hour_ago() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def test_an_execution_whose_slot_has_passed_releases_the_due_order_at_once(account: Account, held: str) -> None:
    assert state_of(account, held) is OrderState.PENDING
    status, _ = run_cool_down(account, an_hour_ago())

    assert status == "SUCCEEDED"
    assert state_of(account, held) is OrderState.RELEASED_FOR_SHIPMENT


def test_an_execution_waits_for_its_slot(account: Account, held: str) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    status, history = run_cool_down(account, until)
    called = next(event["timestamp"] for event in history if event["type"].startswith("LambdaFunctionScheduled"))

    assert status == "SUCCEEDED"
    assert abs(called - until) < timedelta(seconds=1), "the interpreter waits for whole seconds"
    assert state_of(account, held) is OrderState.RELEASED_FOR_SHIPMENT


def test_an_outage_is_repeated_by_the_timer_until_the_order_is_released(account: Account, held: str) -> None:
    account.tiktok.faults.add(Fault.RATE_LIMITED, "/order/202309/orders", retry_after=3600)
    status, history = run_cool_down(account, an_hour_ago())
    failed = [event for event in history if event["type"] == "LambdaFunctionFailed"]

    assert status == "SUCCEEDED"
    assert [event["lambdaFunctionFailedEventDetails"]["error"] for event in failed] == ["RetriableError"]
    assert state_of(account, held) is OrderState.RELEASED_FOR_SHIPMENT


def test_what_needs_a_person_is_not_repeated(account: Account, held: str) -> None:
    account.put_secret("tiktok-app", "no json")
    runs.secrets.cache_clear()
    status, history = run_cool_down(account, an_hour_ago())

    assert status == "FAILED"
    assert len([event for event in history if event["type"] == "LambdaFunctionFailed"]) == 1
    assert state_of(account, held) is OrderState.PENDING
