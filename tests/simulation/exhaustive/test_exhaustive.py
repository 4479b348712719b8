"""From every place at which a run may be hit, the product recovers; and a planted bug does not."""

import json
import re
from typing import Any, Final

import pytest

from tests.simulation.exhaustive.exploring import AFTER, AT_LINE, BEFORE, OVERTAKEN, UNANSWERED, errors_of, is_read
from tests.simulation.test_simulation import in_a_process

LEAST: Final = {
    "shipment": (250, 50),
    "address": (250, 42),
    "rule_answers_within_an_hour": (700, 48),
    "refused_shipment": (300, 52),
    "oms_cancels": (500, 75),
}
"""Five short scenarios: how many calls and forks there are at least, besides those at lines."""
EVERY: Final = 32
"""Of the lines each scenario is killed at one of so many, each of the five at others."""
LEAST_LINES: Final = 40
FOUND: Final = {
    "claim-without-a-condition": ("hand_over", OVERTAKEN, "PutItem", "refused|twice|2 times"),
    "no-claim-before-the-call": ("hand_over", OVERTAKEN, "POST /v1/Orders", "2 times"),
    "oms-cursor-before-the-parcels": ("shipment", AFTER, "CURSOR#oms_shipments", "has not got parcel"),
    "shipped-without-looking": ("shipment", AFTER, "/packages", ""),
    "order-written-without-a-condition": ("shipment", OVERTAKEN, "TransactWriteItems", ""),
}
"""Planted bugs: the scenario that does not recover from them, where it is hit, and what is wrong then."""


@pytest.mark.parametrize("name", LEAST)
def test_a_scenario_recovers_wherever_a_run_is_hit(name: str) -> None:
    first = str(list(LEAST).index(name) * EVERY // len(LEAST))
    found = explored(name, "--one-line-in", str(EVERY), "--lines-from", first)
    calls, forks = LEAST[name]
    assert found["wrong"] == []
    assert found["broken"] == []
    assert found["calls"] >= calls
    assert found["lines"] >= LEAST_LINES
    struck: dict[str, int] = found["forks"]
    assert sum(struck.values()) - struck[AT_LINE] >= forks, struck
    fates = (BEFORE, AFTER, AT_LINE, OVERTAKEN, UNANSWERED)
    assert all(any(each.startswith(fate) for each in struck) for fate in fates), struck


def explored(name: str, *more: str, bug: str = "") -> dict[str, Any]:
    """What hitting a scenario everywhere comes to, with or without a bug in the product."""
    planted = ("tests.simulation.planting", bug) if bug else ()
    run = in_a_process("-m", *planted, "tests.simulation.exhaustive", name, "--json", *more)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("bug", FOUND)
def test_a_planted_bug_does_not_recover(bug: str) -> None:
    name, fate, place, wrong = FOUND[bug]
    found = explored(name, "--one-line-in", "0", "--at", place, bug=bug)
    said = [" ".join(each["wrong"]) for each in found["broken"] if each["fate"] == fate]
    assert found["wrong"] == []
    assert any(re.search(wrong, each) for each in said), found["broken"]


def test_only_what_changes_nothing_is_a_read() -> None:
    reads = ("GetItem A B", "Query due X", "tiktok POST /order/202309/orders/search", "oms GET /shipments")
    writes = ("PutItem A B", "oms POST /orders", "tiktok GET /api/v2/token/refresh", "Publish x", "Invoke f {}")
    assert [is_read(name) for name in (*reads, *writes)] == [True] * len(reads) + [False] * len(writes)
    assert all(errors_of(name) for name in (*reads, *writes))
