"""The alarms and the dashboard of template.yaml, and the runbook that explains them."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from local.translate_template import TEMPLATE, read_template
from order_sync.domain.returning.returns import Question
from order_sync.domain.shipping.valid_tracking import TARGET

ROOT = TEMPLATE.parent
SOURCE = read_template()
RESOURCES = SOURCE["Resources"]
ALARMS = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
CYCLES: dict[str, dict[str, int]] = SOURCE["Mappings"]["Cycle"]
DEMONSTRATION = "1"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^#|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
PUBLISHING_CODE = "\n".join(
    path.read_text()
    for part in ("jobs", "bootstrap")
    for path in (ROOT / "layers/order_sync/order_sync" / part).glob("*.py")
)

COUNTED = {
    "EntriesFailed": "entries_failed",
    "AnswersUnconfirmed": "answers_unconfirmed",
    "AnswersOverruled": "answers_overruled",
    "TrackingDueForRejection": "tracking_due_for_rejection",
    "WatchTroubles": "watch_troubles",
}
"""What is counted when it happens: no data is good news."""

GAUGES = {
    "late_dispatch_rate",
    "seller_fault_cancellation_rate",
    "valid_tracking_rate",
    "parcels_unscanned_24h",
    "parcels_unscanned_48h",
    "orders_due_in_24h",
    "orders_overdue",
    "orders_held_long",
    "cancel_requests_waiting",
    "cancel_requests_near_deadline",
    "returns_open",
    "returns_near_deadline",
    "refunds_late",
    "parcels_missing_at_tiktok",
    "minutes_since_good_poll",
    "oldest_entry_minutes",
    "stuck_work",
    "reconcile_differences",
    "authorization_troubles",
}
"""How a shop stands, each cycle."""

WATCHED = {
    "LateDispatchRateOverLimit": ("late_dispatch_rate", ">", {"Ref": "LateDispatchLimit"}),
    "LateDispatchRateWarning": ("late_dispatch_rate", ">=", {"Ref": "LateDispatchWarning"}),
    "ValidTrackingLow": ("valid_tracking_rate", "<", int(TARGET)),
    "OrdersOverdue": ("orders_overdue", ">=", 1),
    "CancelRequestsNearDeadline": ("cancel_requests_near_deadline", ">=", 1),
    "ReturnsNearDeadline": ("returns_near_deadline", ">=", 1),
    "RefundsLate": ("refunds_late", ">=", 1),
    "ParcelsMissingAtTikTok": ("parcels_missing_at_tiktok", ">=", 1),
    "OldestEntryTooOld": ("oldest_entry_minutes", ">", "OldEntryMinutes"),
    "StuckWork": ("stuck_work", ">=", 1),
    "ReconcileDifferences": ("reconcile_differences", ">=", 1),
    "NoGoodPoll": ("minutes_since_good_poll", ">", "NoPollMinutes"),
    "AuthorizationTrouble": ("authorization_troubles", ">=", 1),
}

COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}

QUEUES = {"FailedRunsWaiting": "FailedRuns", "MissedSchedulesWaiting": "MissedSchedules"}
MACHINES = {"CoolDownFailed": "CoolDown", "CancellationApprovalFailed": "CancellationApproval"}

every_alarm = pytest.mark.parametrize("name", ALARMS)
every_cycle = pytest.mark.parametrize("minutes", CYCLES)


def from_cycle(figure: str) -> dict[str, Any]:
    """How a property takes a figure that follows from the length of a cycle."""
    return {"Fn::FindInMap": ["Cycle", {"Ref": "PollMinutes"}, figure]}


def names_of(kind: str) -> set[str]:
    return {name for name, each in RESOURCES.items() if each["Type"] == kind}


def test_every_alarm_is_of_a_kind_that_these_tests_know() -> None:
    assert set(ALARMS) == {*COUNTED, *WATCHED, *QUEUES, *MACHINES}


@every_alarm
def test_an_alarm_tells_people_at_the_first_sign_and_says_what_it_is_about(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["AlarmActions"] == [{"Ref": "Attention"}]
    assert (alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm", 1)) == (1, 1)
    assert alarm["AlarmDescription"]
    assert "TreatMissingData" in alarm


@pytest.mark.parametrize("name", [*COUNTED, *WATCHED])
def test_an_alarm_of_ours_looks_where_the_functions_publish(name: str) -> None:
    variables = SOURCE["Globals"]["Function"]["Environment"]["Variables"]
    alarm = ALARMS[name]

    assert alarm["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}]


@pytest.mark.parametrize("name", COUNTED)
def test_what_happens_once_raises_its_alarm_and_silence_does_not(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["MetricName"] == COUNTED[name]
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "Sum",
        "GreaterThanOrEqualToThreshold",
        1,
    )
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["Period"] == from_cycle("AlarmSeconds")


@pytest.mark.parametrize("name", WATCHED)
def test_the_worst_shop_raises_an_alarm_about_how_shops_stand(name: str) -> None:
    metric, comparison, threshold = WATCHED[name]
    alarm = ALARMS[name]

    worst = "Minimum" if comparison == "<" else "Maximum"
    assert (alarm["MetricName"], alarm["Statistic"]) == (metric, worst)
    assert alarm["ComparisonOperator"] == COMPARISONS[comparison]
    assert alarm["Threshold"] == (from_cycle(threshold) if isinstance(threshold, str) else threshold)


@pytest.mark.parametrize("name", sorted(set(WATCHED) - {"NoGoodPoll", "AuthorizationTrouble"}))
def test_a_figure_that_is_not_published_is_unknown_and_no_all_clear(name: str) -> None:
    assert ALARMS[name]["TreatMissingData"] == "missing"
    assert ALARMS[name]["Period"] == from_cycle("AlarmSeconds")


def test_when_no_figure_comes_at_all_the_alarm_about_polls_goes_off() -> None:
    assert ALARMS["NoGoodPoll"]["TreatMissingData"] == "breaching"
    assert ALARMS["NoGoodPoll"]["Period"] == from_cycle("SilenceSeconds")


def test_the_window_for_authorisations_holds_two_hourly_runs() -> None:
    [schedule] = [
        each["Properties"]
        for each in RESOURCES["Dispatch"]["Properties"]["Events"].values()
        if '"refresh_tokens"' in each["Properties"]["Input"]
    ]

    assert re.fullmatch(r"cron\(\d+ \* \* \* \? \*\)", schedule["ScheduleExpression"])
    assert ALARMS["AuthorizationTrouble"]["Period"] == 2 * 3600
    assert ALARMS["AuthorizationTrouble"]["TreatMissingData"] == "missing"


def test_a_rate_of_exactly_the_limit_is_fine_and_one_of_exactly_the_warning_is_not() -> None:
    limit, warning = (SOURCE["Parameters"][f"LateDispatch{kind}"]["Default"] for kind in ("Limit", "Warning"))

    assert (limit, warning) == (4, 3)
    assert ALARMS["LateDispatchRateOverLimit"]["ComparisonOperator"] == "GreaterThanThreshold"
    assert ALARMS["LateDispatchRateWarning"]["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_every_cycle_that_may_be_chosen_has_its_figures() -> None:
    assert set(CYCLES) == {str(minutes) for minutes in SOURCE["Parameters"]["PollMinutes"]["AllowedValues"]}


@every_cycle
def test_a_window_of_two_cycles_always_holds_what_is_published_once_a_cycle(minutes: str) -> None:
    assert CYCLES[minutes]["AlarmSeconds"] == 2 * int(minutes) * 60


@pytest.mark.parametrize("minutes", sorted(set(CYCLES) - {DEMONSTRATION}))
def test_the_window_for_silence_has_room_for_a_late_run_and_no_more(minutes: str) -> None:
    cycle, window = int(minutes) * 60, CYCLES[minutes]["SilenceSeconds"]

    assert window % 60 == 0, "CloudWatch takes no other period of this length"
    assert cycle + 300 <= window < CYCLES[minutes]["AlarmSeconds"]


@every_cycle
def test_three_cycles_without_a_good_poll_and_four_without_being_told_are_too_many(minutes: str) -> None:
    assert CYCLES[minutes]["NoPollMinutes"] == 3 * int(minutes)
    assert CYCLES[minutes]["OldEntryMinutes"] == 4 * int(minutes)


def test_with_the_usual_cycle_that_is_45_minutes_and_an_hour() -> None:
    usual = CYCLES[str(SOURCE["Parameters"]["PollMinutes"]["Default"])]

    assert (usual["NoPollMinutes"], usual["OldEntryMinutes"]) == (45, 60)


def test_every_queue_of_what_failed_has_an_alarm_that_stays_until_it_is_empty() -> None:
    assert set(QUEUES.values()) == names_of("AWS::SQS::Queue")
    for name, queue in QUEUES.items():
        alarm = ALARMS[name]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "Maximum",
            "GreaterThanOrEqualToThreshold",
            1,
        )
        assert alarm["TreatMissingData"] == "ignore"


def test_every_state_machine_has_an_alarm_for_executions_that_failed() -> None:
    assert set(MACHINES.values()) == names_of("AWS::Serverless::StateMachine")
    for name, machine in MACHINES.items():
        alarm = ALARMS[name]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/States", "ExecutionsFailed")
        assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "Sum",
            "GreaterThanOrEqualToThreshold",
            1,
        )
        assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("machine", sorted(MACHINES.values()))
def test_an_execution_can_end_badly_in_one_way_only(machine: str) -> None:
    """With a time of its own it could also time out, and no alarm would tell."""
    definition = json.loads((ROOT / RESOURCES[machine]["Properties"]["DefinitionUri"]).read_text())

    assert "TimeoutSeconds" not in definition


@pytest.mark.parametrize("metric", sorted({*COUNTED.values(), *GAUGES}))
def test_every_metric_of_an_alarm_is_published_under_that_name(metric: str) -> None:
    assert f'"{metric}"' in PUBLISHING_CODE


def test_no_gauge_is_published_that_nobody_looks_at() -> None:
    assert set(re.findall(r'\bgauge\(\s*"(\w+)"', PUBLISHING_CODE)) <= GAUGES


# The dashboard


def dashboard() -> list[dict[str, Any]]:
    """Its widgets, with a word for each thing that CloudFormation puts in."""
    body, figures = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert figures == {name: from_cycle(found) for name, found in FIGURES_ON_IT.items()}
    numbers = {**dict.fromkeys(figures, "900"), "LateDispatchLimit": "4", "LateDispatchWarning": "3"}
    filled = re.sub(r"\$\{(?!!)([\w.:]+)\}", lambda found: numbers.get(found.group(1), f"<{found.group(1)}>"), body)
    widgets: list[dict[str, Any]] = json.loads(filled.replace("${!", "${"))["widgets"]
    return widgets


FIGURES_ON_IT = {"Seconds": "AlarmSeconds", "NoPollMinutes": "NoPollMinutes", "OldEntryMinutes": "OldEntryMinutes"}
WIDGETS = dashboard()
EXPRESSIONS = re.findall(r'"expression": "(.*?)(?<!\\)"', json.dumps(WIDGETS))


def test_the_dashboard_has_the_stacks_name() -> None:
    assert RESOURCES["Dashboard"]["Properties"]["DashboardName"] == {"Fn::Sub": "${AWS::StackName}"}


def test_the_dashboard_shows_the_state_of_every_alarm() -> None:
    [alarms] = [widget["properties"]["alarms"] for widget in WIDGETS if widget["type"] == "alarm"]

    assert sorted(alarms) == sorted(f"<{name}.Arn>" for name in ALARMS)


def test_the_dashboard_shows_every_gauge_by_shop() -> None:
    by_shop = "\n".join(each for each in EXPRESSIONS if "{OrderSync,service,shop}" in each)

    assert set(re.findall(r'MetricName=\\"(\w+)\\"', by_shop)) == GAUGES


def test_the_dashboard_shows_nothing_of_other_stacks() -> None:
    assert EXPRESSIONS
    assert all(r"service=\"<AWS::StackName>\"" in each for each in EXPRESSIONS)


def test_every_problem_on_the_dashboard_is_published_under_that_name() -> None:
    [counted] = [each for each in EXPRESSIONS if "{OrderSync,service}" in each]
    problems = re.findall(r'MetricName=\\"(\w+)\\"', counted)

    assert "entries_failed" in problems
    assert [name for name in problems if f'"{name}"' not in PUBLISHING_CODE] == []


def test_the_dashboard_shows_where_the_limits_are() -> None:
    lines = {
        widget["properties"]["title"].partition(":")[0].partition(",")[0]: {
            line["label"]: line["value"] for line in widget["properties"]["annotations"]["horizontal"]
        }
        for widget in WIDGETS
        if "annotations" in widget.get("properties", {})
    }

    assert lines == {
        "Late Dispatch Rate": {"limit": 4, "warning": 3},
        "Valid Tracking Rate": {"target": int(TARGET)},
        "Polls": {"alarm": 900},
        "Outbox": {"alarm": 900},
    }


def test_the_dashboard_points_to_the_runbook() -> None:
    [text] = [widget["properties"]["markdown"] for widget in WIDGETS if widget["type"] == "text"]

    assert "docs/runbook.md" in text


def test_no_two_widgets_share_a_place() -> None:
    def cells(widget: dict[str, Any]) -> set[tuple[int, int]]:
        x, y = widget["x"], widget["y"]
        return {(column, row) for column in range(x, x + widget["width"]) for row in range(y, y + widget["height"])}

    assert all(column < 24 for widget in WIDGETS for column, _ in cells(widget))
    assert all(cells(one).isdisjoint(cells(other)) for one, other in combinations(WIDGETS, 2))


# The runbook


def test_every_alarm_has_a_section_in_the_runbook_and_every_section_an_alarm() -> None:
    assert set(SECTIONS) == set(ALARMS)


@every_alarm
def test_a_section_says_what_it_means_what_to_look_at_and_what_to_do(name: str) -> None:
    assert re.findall(r"^\*\*(.+?):\*\*", SECTIONS[name], re.MULTILINE) == ["It means", "Look at", "Do"]


@every_alarm
def test_a_section_names_log_groups_functions_and_parameters_that_exist(name: str) -> None:
    groups = {
        each["Properties"]["LogGroupName"]["Fn::Sub"].replace("${AWS::StackName}", "order-sync")
        for each in RESOURCES.values()
        if each["Type"] == "AWS::Logs::LogGroup"
    }
    section = SECTIONS[name]
    known = {path.name for path in (ROOT / "functions").iterdir()} | set(re.findall(r'"(\w+)"', PUBLISHING_CODE))
    questions = {question.lower() for question in Question}

    assert set(re.findall(r"/aws/[\w/-]+", section)) <= groups
    assert set(re.findall(r"sam remote invoke (\w+)", section)) <= names_of("AWS::Serverless::Function")
    assert set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", section)) - {"without_answer"} <= known | questions
    assert set(re.findall(r"`(LateDispatch\w+|\w+Seconds|\w+PerSecond)`", section)) <= set(SOURCE["Parameters"])
    assert set(re.findall(r"\b(\w+(?:Queue|Topic|Table))\b", section)) <= set(SOURCE["Outputs"])


def test_what_watching_costs_is_counted_right() -> None:
    costs = RUNBOOK.partition("# What watching costs")[2]
    gauges, alarms = 0.30 * len(GAUGES), 0.10 * len(ALARMS)

    assert f"the {len(GAUGES)} figures of `watch_deadlines`, $0.30 each | ${gauges:.2f} | ${gauges:.2f} |" in costs
    assert f"the {len(ALARMS)} alarms, $0.10 each | ${alarms:.2f} |" in costs
    for shops, words in ((1, "One shop"), (3, "Three shops")):
        assert f"{words}: ${gauges * (1 + shops) + alarms:.2f}." in costs
