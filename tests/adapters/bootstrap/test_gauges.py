"""How a shop stands, as the metrics that a function prints: CloudWatch reads them from its log."""

import importlib
import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

from order_sync.domain.errors import RetriableError
from order_sync.jobs.run import Report
from tests.account import Context

SHOP = "7495540735365777507"
METRICS = "CloudWatchMetrics"


@pytest.fixture
def handlers(request: pytest.FixtureRequest) -> ModuleType:
    """Imported when the environment stands, as Lambda does it."""
    request.getfixturevalue("environment")
    return importlib.import_module("order_sync.bootstrap.handlers")


def watch(handlers: ModuleType, gauges: Mapping[str, float], shop: str | None = SHOP) -> None:
    """A run that finds how a shop stands."""

    def handler(_event: Any, _context: Any, report: Report) -> Report:
        for name, value in gauges.items():
            report.gauge(name, value)
        return report

    handlers.reporting(handler)({"shop": shop}, Context())


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines that CloudWatch takes metrics from, one by one."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if "_aws" in line]


def directive(blob: dict[str, Any]) -> dict[str, Any]:
    (only,) = blob["_aws"][METRICS]
    assert isinstance(only, dict)
    return only


def test_a_gauge_is_published_for_the_service_and_for_the_shop(
    handlers: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    watch(handlers, {"late_dispatch_rate": 4.0, "orders_overdue": 2})
    (blob,) = printed(capsys)

    assert directive(blob)["Namespace"] == "OrderSync"
    assert directive(blob)["Dimensions"] == [["service"], ["service", "shop"]]
    assert (blob["service"], blob["shop"]) == ("order-sync", SHOP)
    assert (blob["late_dispatch_rate"], blob["orders_overdue"]) == ([4.0], [2.0])


@pytest.mark.parametrize(
    ("gauge", "unit"),
    [
        ("late_dispatch_rate", "Percent"),
        ("seller_fault_cancellation_rate", "Percent"),
        ("valid_tracking_rate", "Percent"),
        ("parcels_unscanned_24h", "Count"),
        ("orders_overdue", "Count"),
        ("returns_open", "Count"),
        ("refunds_late", "Count"),
        ("minutes_since_good_poll", "None"),
        ("oldest_entry_minutes", "None"),
    ],
)
def test_a_gauge_has_the_unit_that_its_name_says(
    handlers: ModuleType, capsys: pytest.CaptureFixture[str], gauge: str, unit: str
) -> None:
    watch(handlers, {gauge: 1})
    (blob,) = printed(capsys)

    assert directive(blob)["Metrics"] == [{"Name": gauge, "Unit": unit}]


def test_a_gauge_of_zero_is_published(handlers: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing overdue is a figure; no figure is another thing."""
    watch(handlers, {"orders_overdue": 0})
    (blob,) = printed(capsys)

    assert blob["orders_overdue"] == [0.0]


def test_problems_are_counted_for_the_service_only_even_beside_gauges(
    handlers: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each combination of dimensions is a metric to pay for."""

    def handler(_event: Any, _context: Any, report: Report) -> Report:
        report.gauge("orders_overdue", 1)
        report.problem("entries_failed", "order 1")
        report.problem("entries_failed", "order 2")
        return report

    handlers.reporting(handler)({"shop": SHOP}, Context())
    problems, gauges = printed(capsys)

    assert directive(problems)["Dimensions"] == [["service"]]
    assert problems["entries_failed"] == [2.0]
    assert "shop" not in problems
    assert directive(gauges)["Metrics"] == [{"Name": "orders_overdue", "Unit": "Count"}]


def test_a_run_without_gauges_after_one_with_them_publishes_nothing_of_them(
    handlers: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warm container keeps its metrics object."""
    watch(handlers, {"orders_overdue": 3})
    printed(capsys)

    def handler(_event: Any, _context: Any, report: Report) -> Report:
        report.problem("entries_failed", "order 1")
        return report

    handlers.reporting(handler)({"shop": "another"}, Context())
    (blob,) = printed(capsys)

    assert directive(blob)["Dimensions"] == [["service"]]
    assert SHOP not in json.dumps(blob)


def test_the_gauges_of_two_shops_do_not_mix(handlers: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    watch(handlers, {"orders_overdue": 1}, "one")
    watch(handlers, {"orders_overdue": 2}, "two")
    one, two = printed(capsys)

    assert (one["shop"], one["orders_overdue"]) == ("one", [1.0])
    assert (two["shop"], two["orders_overdue"]) == ("two", [2.0])


def test_without_a_shop_a_gauge_is_published_once(handlers: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    watch(handlers, {"orders_overdue": 1}, None)
    (blob,) = printed(capsys)

    assert directive(blob)["Dimensions"] == [["service"]]


def test_what_was_found_before_a_run_broke_off_is_published(
    handlers: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def handler(_event: Any, _context: Any, report: Report) -> Report:
        report.gauge("orders_overdue", 1)
        raise RetriableError("the ledger is down")

    assert handlers.reporting(handler)({"shop": SHOP, "source": "schedule"}, Context()) == {"runs_postponed": 1}
    problems, gauges = printed(capsys)

    assert problems["runs_postponed"] == [1.0]
    assert gauges["orders_overdue"] == [1.0]


def test_the_last_word_of_a_run_about_a_gauge_counts() -> None:
    report = Report()
    report.gauge("orders_overdue", 1)
    report.gauge("orders_overdue", 0)

    assert report.gauges == {"orders_overdue": 0}
