"""The functions about deadlines as Lambda runs them: people read the topic, CloudWatch the figures, and operators."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from local.simulators.tiktok_shop.deadlines import DayCounts
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.errors import RejectedError
from tests.account import TOPIC_ARN, Account, now

TEE = LineSpec("TEE-BLU-M", "20.00")
PATIENT = DayCounts(collect=3, cancel_unshipped=60, cancel_uncollected=60)
"""So that TikTok Shop leaves an order of last month to us."""
NOBODY_CANCELS_YET = timedelta(days=20)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between two tries takes no time."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def late_order(account: Account) -> str:
    """An order of almost three weeks ago that nobody has shipped, and that we have seen."""
    account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    placed = now() - NOBODY_CANCELS_YET
    order = account.tiktok.place_order(account.shop, [TEE], hold=False, created_at=placed, day_counts=PATIENT)
    assert account.invoke("poll_tiktok")["orders_changed"] == 1
    return order


def figures(printed: str) -> dict[tuple[str, ...], dict[str, float]]:
    """What CloudWatch reads, by dimensions."""
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for line in printed.splitlines():
        blob: Any = json.loads(line) if line.startswith("{") else {}
        for group in blob.get("_aws", {}).get("CloudWatchMetrics", []):
            for dimensions in group["Dimensions"]:
                values = {metric["Name"]: blob[metric["Name"]][0] for metric in group["Metrics"]}
                found.setdefault(tuple(dimensions), {}).update(values)
    return found


def test_the_watcher_tells_people_once_and_cloudwatch_every_time(
    account: Account, late_order: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = account.invoke("watch_deadlines")
    assert counts["event_dispatch_deadline_missed"] == 1
    assert counts["summaries_published"] == 1
    ((subject, text),) = account.notices()
    assert "deadline warnings" in subject
    assert late_order in text

    capsys.readouterr()
    assert account.invoke("watch_deadlines") == {}
    assert len(account.notices()) == 1
    published = figures(capsys.readouterr().out)
    assert published["service",]["orders_overdue"] == 1
    assert published["service", "shop"]["orders_overdue"] == 1
    assert published["service",]["minutes_since_good_poll"] < 5
    assert "late_dispatch_rate" not in published["service",]


def test_a_topic_that_does_not_exist_is_named_and_told_once_it_does(account: Account, late_order: str) -> None:
    boto3.client("sns").delete_topic(TopicArn=TOPIC_ARN)
    assert account.invoke("watch_deadlines")["summaries_not_published"] == 1
    assert any("does not exist" in str(line) for line in account.log())
    boto3.client("sns").create_topic(Name=TOPIC_ARN.rpartition(":")[2])
    assert account.invoke("watch_deadlines")["summaries_published"] == 1
    ((_, text),) = account.notices()
    assert late_order in text


def test_an_operator_is_given_the_report_as_the_function_s_answer(account: Account, late_order: str) -> None:
    account.invoke("watch_deadlines")
    answer: dict[str, Any] = dict(account.invoke("report_late_dispatch", days=30))
    assert [line.split() for line in answer["lines"] if line.startswith("open and late")] == [
        ["open", "and", "late", "1"]
    ]
    (named,) = answer["late_orders"]
    assert named.startswith(f"order {late_order}: late and not dispatched yet; due ")
    assert any("us-2026-01" in line for line in answer["what_if"])
    assert "counters_differ" not in answer
    # Lambda sends it as JSON.
    assert json.loads(json.dumps(answer)) == answer


def test_a_bad_question_is_refused_with_its_field_named(account: Account, late_order: str) -> None:
    assert late_order
    with pytest.raises(RejectedError, match="days"):
        account.invoke("report_late_dispatch", days=1_000)
    with pytest.raises(RejectedError, match=r"deadlines\.profile"):
        account.invoke("report_late_dispatch", profile="us-1999-01")
    with pytest.raises(RejectedError, match="recount_late_dispatch: days"):
        account.invoke("recount_late_dispatch", days=0)


def test_an_operator_repairs_the_counters(account: Account, late_order: str) -> None:
    account.invoke("watch_deadlines")
    assert account.invoke("recount_late_dispatch") == {}
    table = boto3.resource("dynamodb").Table("ledger")
    found = [item for item in table.scan()["Items"] if str(item["sk"]).startswith("DISPATCH#")]
    assert found
    for item in found:
        table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    assert account.invoke("report_late_dispatch", days=30)["counters_differ"] == 1
    assert account.invoke("recount_late_dispatch")["counters_repaired"] >= 1
    answer: dict[str, Any] = dict(account.invoke("report_late_dispatch", days=30))
    assert "counters_differ" not in answer
    assert late_order in answer["late_orders"][0]


def test_an_operator_loads_listings_and_asks_for_an_estimate(account: Account, late_order: str) -> None:
    assert late_order
    before: dict[str, Any] = dict(account.invoke("show_delivery_estimate"))
    assert before["listed"] is False
    assert account.invoke("load_listings") == {"skus_added": 2, "skus": 2} | dict.fromkeys(
        ("skus_changed", "skus_dropped", "columns_ignored"), 0
    )
    with pytest.raises(RejectedError, match="row 2, column 'sku': no SKU"):
        account.invoke("load_listings", csv="sku,handling_days\n,1\n")
    found: dict[str, Any] = dict(account.invoke("show_delivery_estimate"))
    assert [part.split(",")[0] for part in found["parts"]] == [
        "handling: 2 business days",
        "shipping: 4 business days",
    ]
    assert json.loads(json.dumps(found)) == found
    # The open order is counted anew, and then there is nothing more to do.
    account.invoke("watch_deadlines")
    assert account.invoke("watch_deadlines") == {}
