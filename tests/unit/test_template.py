"""The promises of template.yaml, read from the template as AWS transforms it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.translate_template import TEMPLATE, Template, read_template, translate_template

ROOT = TEMPLATE.parent
CHANNELADVISOR_CALLS_AT_ONCE = 5
SHORTEST_CYCLE_SECONDS = 15 * 60
ORDER_OF_THE_DATA = [
    "poll_tiktok",
    "push_channeladvisor",
    "push_oms",
    "poll_oms",
    "poll_channeladvisor",
    "push_tiktok",
    "release_due_orders",
]
TOKENS = "${AWS::StackName}/tiktok/*"

SOURCE = read_template()
TRANSLATED = translate_template(SOURCE)


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Logical name → properties, of the resources of one kind."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


FUNCTIONS = resources(TRANSLATED, "AWS::Lambda::Function")
SOURCE_FUNCTIONS = resources(SOURCE, "AWS::Serverless::Function")
SCHEDULES = resources(TRANSLATED, "AWS::Scheduler::Schedule")

every_function = pytest.mark.parametrize("name", FUNCTIONS)
every_schedule = pytest.mark.parametrize("name", SCHEDULES)


def job_of(schedule: dict[str, Any]) -> str:
    found = re.search(r'"job": "(\w+)"', schedule["Target"]["Input"])
    assert found
    return found.group(1)


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy that a role carries."""
    for name, resource in TRANSLATED["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            documents.append(properties["PolicyDocument"])
        for document in documents:
            for statement in document["Statement"]:
                yield name, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions_of(function: str) -> set[str]:
    return {
        action
        for role, statement in statements()
        if role == f"{function}Role"
        for action in as_list(statement["Action"])
    }


@every_schedule
def test_a_schedule_that_cannot_wake_its_job_gives_up_within_a_cycle_and_reports_it(name: str) -> None:
    target = SCHEDULES[name]["Target"]

    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["MissedSchedules", "Arn"]}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    if job_of(SCHEDULES[name]) in ORDER_OF_THE_DATA:
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] < SHORTEST_CYCLE_SECONDS


@every_schedule
def test_a_schedule_wakes_the_dispatcher_with_a_job_that_it_knows(name: str) -> None:
    jobs = FUNCTIONS["Dispatch"]["Environment"]["Variables"]["JOB_FUNCTIONS"]["Fn::Sub"]

    assert SCHEDULES[name]["Target"]["Arn"] == {"Fn::GetAtt": ["Dispatch", "Arn"]}
    assert f'"{job_of(SCHEDULES[name])}": ' in jobs
    assert '"source": "schedule"' in SCHEDULES[name]["Target"]["Input"]


def test_within_a_cycle_the_jobs_run_in_the_order_of_the_data() -> None:
    minutes = {}
    for schedule in SCHEDULES.values():
        expression = schedule["ScheduleExpression"]
        if isinstance(expression, dict):
            offset = re.fullmatch(r"cron\((\d+)/\$\{PollMinutes\} \* \* \* \? \*\)", expression["Fn::Sub"])
            assert offset
            minutes[job_of(schedule)] = int(offset.group(1))

    assert sorted(minutes, key=minutes.__getitem__) == ORDER_OF_THE_DATA
    assert len(set(minutes.values())) == len(minutes)
    assert max(minutes.values()) * 60 < SHORTEST_CYCLE_SECONDS


def test_the_shortest_cycle_outside_demonstrations_leaves_room_for_every_offset() -> None:
    demonstration, *real = SOURCE["Parameters"]["PollMinutes"]["AllowedValues"]

    assert demonstration == 1
    assert min(real) * 60 == SHORTEST_CYCLE_SECONDS
    assert all(60 % minutes == 0 for minutes in real)


@every_function
def test_a_failed_run_is_not_repeated_blindly_and_is_kept_for_a_person(name: str) -> None:
    settings = [
        properties
        for properties in resources(TRANSLATED, "AWS::Lambda::EventInvokeConfig").values()
        if properties["FunctionName"] == {"Ref": name}
    ]

    assert len(settings) == 1
    assert settings[0]["MaximumRetryAttempts"] == 0
    assert settings[0]["MaximumEventAgeInSeconds"] == 600
    assert settings[0]["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailedRuns", "Arn"]}
    assert "sqs:SendMessage" in actions_of(name)


@every_function
def test_a_function_writes_to_a_log_group_of_its_own_that_forgets(name: str) -> None:
    group = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]

    assert group == f"{name}Logs"
    assert resources(TRANSLATED, "AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@every_function
def test_a_function_ends_before_its_next_run_and_before_its_claims_run_out(name: str) -> None:
    timeout = FUNCTIONS[name]["Timeout"]

    assert timeout < SHORTEST_CYCLE_SECONDS
    assert timeout < SOURCE["Parameters"]["ClaimSeconds"]["Default"]


@every_function
def test_a_function_folder_holds_its_handler_and_nothing_else(name: str) -> None:
    folder = ROOT / SOURCE_FUNCTIONS[name]["CodeUri"]

    assert FUNCTIONS[name]["Handler"] == "app.lambda_handler"
    assert [path.name for path in folder.iterdir() if path.name != "__pycache__"] == ["app.py"]
    assert "def lambda_handler(" in (folder / "app.py").read_text()


def test_every_function_folder_is_deployed() -> None:
    deployed = {Path(function["CodeUri"]).name for function in SOURCE_FUNCTIONS.values()}

    assert {path.name for path in (ROOT / "functions").iterdir() if path.is_dir()} - {"__pycache__"} == deployed


@every_function
def test_one_parameter_decides_the_processor_of_functions_and_layer(name: str) -> None:
    layer = SOURCE["Resources"]["OrderSyncLayer"]

    assert FUNCTIONS[name]["Architectures"] == [{"Ref": "Architecture"}]
    assert FUNCTIONS[name]["Runtime"] == layer["Metadata"]["BuildMethod"] == "python3.13"
    assert layer["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
    assert layer["Properties"]["CompatibleArchitectures"] == [{"Ref": "Architecture"}]


def test_all_functions_that_call_channeladvisor_together_keep_its_limit() -> None:
    callers = [
        name
        for name, function in SOURCE_FUNCTIONS.items()
        if any("/channeladvisor/*" in str(policy) for policy in function["Policies"])
    ]
    reserved = [FUNCTIONS[name]["ReservedConcurrentExecutions"]["Fn::If"] for name in callers]

    assert sorted(callers) == ["PollChannelAdvisor", "PushChannelAdvisor"]
    assert all(condition == "ConcurrencyIsReserved" for condition, _, _ in reserved)
    assert sum(limit for _, limit, _ in reserved) <= CHANNELADVISOR_CALLS_AT_ONCE


def test_no_role_may_do_everything() -> None:
    wide = [(name, statement) for name, statement in statements() if "*" in str(statement["Action"])]

    assert wide == []


def test_only_log_delivery_is_allowed_on_every_resource() -> None:
    everywhere = {
        action
        for _, statement in statements()
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }

    assert everywhere
    assert all(action.startswith("logs:") for action in everywhere)


def test_only_refresh_tokens_writes_secrets_and_only_the_shops_tokens() -> None:
    writers = [
        (role, as_list(statement["Resource"]))
        for role, statement in statements()
        if "secretsmanager:PutSecretValue" in as_list(statement["Action"])
    ]

    assert len(writers) == 1
    [(role, [resource])] = writers
    assert role == "RefreshTokensRole"
    assert resource["Fn::Sub"].endswith(f":secret:{TOKENS}")


def test_only_dispatch_the_schedules_and_the_state_machine_start_functions() -> None:
    callers = {role for role, statement in statements() if "lambda:InvokeFunction" in as_list(statement["Action"])}

    assert callers == {"DispatchRole", "ScheduleRole", "CoolDownRole"}


def test_whoever_may_start_a_cool_down_is_told_which_one() -> None:
    told = {
        name
        for name, function in FUNCTIONS.items()
        if "COOL_DOWN_STATE_MACHINE_ARN" in function["Environment"]["Variables"]
    }

    assert told
    assert told == {name for name in FUNCTIONS if "states:StartExecution" in actions_of(name)}


def test_the_arn_in_the_environment_is_the_state_machine_of_this_stack() -> None:
    name = resources(TRANSLATED, "AWS::StepFunctions::StateMachine")["CoolDown"]["StateMachineName"]["Fn::Sub"]
    arn = FUNCTIONS["PollTikTok"]["Environment"]["Variables"]["COOL_DOWN_STATE_MACHINE_ARN"]["Fn::Sub"]

    assert arn.endswith(f":stateMachine:{name}")


def test_the_ledger_outlives_the_stack_and_every_mistake() -> None:
    resource = TRANSLATED["Resources"]["Ledger"]
    table = resource["Properties"]

    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert "TableName" not in table


def test_the_ledger_is_encrypted_by_a_key_of_our_own_that_outlives_it() -> None:
    assert TRANSLATED["Resources"]["Ledger"]["Properties"]["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]},
    }
    assert TRANSLATED["Resources"]["DataKey"]["DeletionPolicy"] == "Retain"


def test_the_index_of_what_is_due_holds_keys_only() -> None:
    [index] = TRANSLATED["Resources"]["Ledger"]["Properties"]["GlobalSecondaryIndexes"]

    assert index["IndexName"] == "due"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["due_list", "due_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


@pytest.mark.parametrize("name", resources(TRANSLATED, "AWS::SQS::Queue"))
def test_what_failed_is_kept_for_two_weeks_and_encrypted(name: str) -> None:
    queue = resources(TRANSLATED, "AWS::SQS::Queue")[name]

    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True


def test_the_template_holds_no_secret_value() -> None:
    secrets = resources(TRANSLATED, "AWS::SecretsManager::Secret")

    assert secrets
    assert all("SecretString" not in secret for secret in secrets.values())
