"""The promises of template.yaml, read from the template as AWS transforms it."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.stack import default_name
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
    "settle_requests",
    "watch_deadlines",
]
TOKENS = "${AWS::StackName}/tiktok/*"

STARTS = {"ledger GetItem": "the shop's settings"}
"""What a function for one shop reads before its job begins."""

SEES_ORDERS = STARTS | {
    "secret tiktok-app GetSecretValue": "every call is signed with the app's secret",
    "secret tiktok/* GetSecretValue": "and carries the shop's token",
    "secret fingerprint-key GetSecretValue": "the recipient is kept as a fingerprint only",
    "ledger BatchGetItem": "the heads of the orders on a page",
    "ledger Query": "an order with its parcels and its outbox",
    "ledger PutItem": "what was decided about it",
    "ledger UpdateItem": "the daily counters that it moves",
    "cool-down StartExecution": "the timer that ends its hold",
    "job InvokeFunction": "asks refresh_tokens for tokens instead of those that ran out",
}
"""What it takes to read orders at TikTok Shop, and to decide about them."""

SEES_CANCELLATIONS = SEES_ORDERS | {
    "cancellation-approval StartExecution": "the timer that ends the wait for an answer",
}
"""What it takes to read an order's cancellations and returns beside it."""

TELLS = SEES_CANCELLATIONS | {"due Query": "the outbox entries that are due"}

RELEASES = {"ledger DeleteItem": "forgets a parcel that waited for a mapping of its carrier"}
"""Beside telling: what a push does at its start."""

RIGHTS: dict[str, dict[str, str]] = {
    "Dispatch": {
        "ledger Query": "the list of the shops that trade",
        "job InvokeFunction": "starts a job's function for each of them",
    },
    "PollTikTok": SEES_CANCELLATIONS | {"ledger DeleteItem": "forgets an unread order that was read after all"},
    "PushChannelAdvisor": TELLS | RELEASES | {"secret channeladvisor/* GetSecretValue": "the account's credentials"},
    "PushOms": TELLS | {"secret oms/* GetSecretValue": "the OMS's token"},
    "PollOms": TELLS | {"secret oms/* GetSecretValue": "the OMS's token; what it answered is told in the same run"},
    "PollChannelAdvisor": STARTS
    | {
        "secret channeladvisor/* GetSecretValue": "the account's credentials",
        "ledger BatchGetItem": "which orders of a page are ours",
        "ledger Query": "an order that changed",
        "ledger PutItem": "what was decided about it, and the cursor",
        "ledger UpdateItem": "the daily counters that it moves",
    },
    "PushTikTok": TELLS | RELEASES,
    "ReleaseDueOrders": SEES_ORDERS | {"due Query": "the orders whose hold is over"},
    "SettleRequests": TELLS
    | {
        "secret oms/* GetSecretValue": "the OMS's token, to ask what it answered and packed",
        "attention Publish": "the reminders",
        "data key GenerateDataKey": "encrypts them",
        "data key Decrypt": "and lets SNS use its key again",
    },
    "WatchDeadlines": STARTS
    | {
        "due Query": "the orders whose moment has come, and what is counted",
        "ledger Query": "an order with its deadlines, and the daily counters",
        "ledger BatchGetItem": "the open requests and the oldest entries",
        "ledger PutItem": "the warnings that were given",
        "ledger UpdateItem": "the daily counters that a late order moves",
        "ledger DeleteItem": "lifts the summary once it is published",
        "attention Publish": "the summary",
        "data key GenerateDataKey": "encrypts it",
        "data key Decrypt": "and lets SNS use its key again",
    },
    "ReportLateDispatch": STARTS
    | {
        "ledger Query": "the daily counters",
        "due Query": "the orders of the window",
        "ledger BatchGetItem": "and their deadlines",
    },
    "RecountLateDispatch": STARTS
    | {
        "due Query": "the orders that they count",
        "ledger BatchGetItem": "and their deadlines, and the daily counters",
        "ledger PutItem": "the counters that were wrong",
    },
    "LoadListings": STARTS
    | {
        "ledger BatchGetItem": "the table of listings as it is",
        "ledger PutItem": "its parts that change, and the mark beside the shop's settings",
    },
    "ShowDeliveryEstimate": STARTS | {"ledger BatchGetItem": "a SKU's times"},
    "AnswerCancelRequest": TELLS,
    "AnswerReturn": TELLS,
    "Reconcile": SEES_CANCELLATIONS
    | {
        "ledger DeleteItem": "lifts the notice of a carrier that is offered again",
        "due Query": "the ledger's open orders",
        "secret channeladvisor/* GetSecretValue": "the account's credentials, to list what it holds open",
        "secret oms/* GetSecretValue": "the OMS's token, for the same",
        "attention Publish": "the differences",
        "data key GenerateDataKey": "encrypts them",
        "data key Decrypt": "and lets SNS use its key again",
    },
    "RefreshTokens": STARTS
    | {
        "secret tiktok-app GetSecretValue": "renewing asks for the app's secret",
        "secret tiktok/* GetSecretValue": "the tokens as they are stored",
        "secret tiktok/* PutSecretValue": "the new ones",
        "data key GenerateDataKey": "which are encrypted before they are stored",
        "secret channeladvisor/* GetSecretValue": "the account's refresh token, which dies when nobody uses it",
        "ledger Query": "how the authorisations stand",
        "ledger PutItem": "that, the lease, and the notice of a refusal",
        "ledger DeleteItem": "lifts that notice",
    },
    "ConnectShop": {
        "secret tiktok-app GetSecretValue": "the consent link, and exchanging the seller's code",
        "secret tiktok/* CreateSecret": "the tokens of a new shop",
        "secret tiktok/* PutSecretValue": "and of one that was connected before",
        "data key GenerateDataKey": "which are encrypted before they are stored",
        "ledger GetItem": "what a state was made for, and whether the shop is known",
        "ledger PutItem": "the state, the lease, the shop's settings and its authorisation",
        "ledger DeleteItem": "uses the state up, and lifts the notice about the authorisation",
    },
    "ReceiveWebhook": {
        "secret tiktok-app GetSecretValue": "the signature is made with the app's secret",
        "ledger GetItem": "whether the shop and the notification are known",
        "ledger PutItem": "how the authorisation stands, and its notice",
    },
    "ChangeSettings": {
        "ledger GetItem": "the starting moment of a shop that was connected before",
        "ledger PutItem": "the shop's settings",
        "ledger Query": "the shop's notices",
        "ledger DeleteItem": "lifts them",
    },
    "MapCarriers": STARTS
    | {
        "ledger Query": "the parcels that wait, and their orders",
        "ledger PutItem": "the shop's settings with the new rows",
        "ledger DeleteItem": "forgets parcels that wait no more",
    },
    "ReplayFailed": {
        "ledger Query": "the order with its outbox",
        "due Query": "the entries that failed",
        "ledger BatchGetItem": "and what they say",
        "ledger PutItem": "the entries that are due again",
    },
}
"""All that each function may do, and why; besides, every one may write its log, report its failed runs and decrypt
with the data key what DynamoDB and Secrets Manager give it."""

TIMERS = {
    "CoolDown": ("cool-down", "COOL_DOWN_STATE_MACHINE_ARN", "ReleaseDueOrders"),
    "CancellationApproval": (
        "cancellation-approval",
        "CANCELLATION_APPROVAL_STATE_MACHINE_ARN",
        "SettleRequests",
    ),
}
"""Each state machine: its name behind the stack's, the variable that says where it is, and whom it wakes."""

PUBLISHERS = {"Reconcile", "SettleRequests", "WatchDeadlines"}

EVERY_FUNCTION = {"failed runs SendMessage": "reports a run that ended with an error"}

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
ALARMS = resources(TRANSLATED, "AWS::CloudWatch::Alarm")

every_function = pytest.mark.parametrize("name", FUNCTIONS)
every_schedule = pytest.mark.parametrize("name", SCHEDULES)
every_timer = pytest.mark.parametrize("machine", TIMERS)


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


def place_of(resource: Any, functions: set[str]) -> str:
    """What a statement is about, in the table's words."""
    match resource:
        case {"Fn::GetAtt": [name, "Arn"]}:
            return {"Ledger": "ledger", "DataKey": "data key", "FailedRuns": "failed runs"}.get(
                name, "job" if name in functions else name
            )
        case {"Ref": "Attention"}:
            return "attention"
        case {"Fn::Sub": "${Ledger.Arn}/index/due"}:
            return "due"
        case {"Fn::Sub": arn} if found := re.search(r":secret:\$\{AWS::StackName\}/(.+?)(-\?{6})?$", arn):
            return f"secret {found.group(1)}"
        case {"Fn::Sub": arn} if found := re.search(r":stateMachine:\$\{AWS::StackName\}-(.+)$", arn):
            return found.group(1)
        case _:
            return str(resource)


def rights_of(function: str) -> set[str]:
    """What a function's own statements allow, and those it shares with others that see orders: where and what."""
    attached = TRANSLATED["Resources"][f"{function}Role"]["Properties"]["ManagedPolicyArns"]
    shared = {each["Ref"] for each in attached if isinstance(each, dict)} - {"UseDataKey"}
    return {
        f"{place_of(resource, set(FUNCTIONS))} {action.partition(':')[2]}"
        for role, statement in statements()
        if role in {f"{function}Role", *shared}
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def commands_of(*arguments: str) -> list[str]:
    """What make would run; without what an outer make has told this process."""
    make = shutil.which("make")
    assert make
    outer = {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "ARCHITECTURE", "STACK", "PARAMETERS"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    said = subprocess.run(  # noqa: S603  (the arguments are our own)
        [make, "--dry-run", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return said.stdout.splitlines()


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


def test_the_dispatcher_may_start_every_job_and_knows_its_function_by_reference() -> None:
    jobs = json.loads(FUNCTIONS["Dispatch"]["Environment"]["Variables"]["JOB_FUNCTIONS"]["Fn::Sub"])
    folders = {name: Path(function["CodeUri"]).name for name, function in SOURCE_FUNCTIONS.items()}
    [started] = [s for role, s in statements() if role == "DispatchRole" and s["Action"] == "lambda:InvokeFunction"]

    assert {job_of(schedule) for schedule in SCHEDULES.values()} == set(jobs)
    assert {job: folders[reference[2:-1]] for job, reference in jobs.items()} == {job: job for job in jobs}
    assert {resource["Fn::GetAtt"][0] for resource in started["Resource"]} == {name[2:-1] for name in jobs.values()}


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
    # One comparison at a time: the shops wait for each other, and none of them is dropped within hours.
    assert settings[0]["MaximumEventAgeInSeconds"] == (21_600 if name == "Reconcile" else 600)
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


def test_one_line_decides_the_processor_for_building_and_deploying() -> None:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text())
    architecture = SOURCE["Parameters"]["Architecture"]["Default"]
    commands = [section for environment in ("default", "local") for section in configuration[environment].items()]

    assert configuration["default"]["global"]["parameters"]["parameter_overrides"] == f"Architecture={architecture}"
    assert [name for name, each in commands if "parameter_overrides" in each["parameters"]] == ["global"]


@pytest.mark.parametrize(
    ("arguments", "architecture"), [([], "arm64"), (["ARCHITECTURE=x86_64", "PARAMETERS=PollMinutes=30"], "x86_64")]
)
def test_make_deploys_for_the_processor_that_it_built_for_and_asks_no_other(
    arguments: list[str], architecture: str
) -> None:
    commands = [line for line in commands_of("deploy", *arguments) if " sam " in line]
    wanted = f"--parameter-overrides Architecture={architecture}"

    assert [re.findall(r" sam (\w+) ", line) for line in commands] == [["build"], ["deploy"]]
    assert all(wanted in line and "--guided" not in line for line in commands)
    assert ("PollMinutes=30" in commands[1]) == bool(arguments)


def test_make_deploys_the_stack_that_samconfig_names() -> None:
    configuration = tomllib.loads((ROOT / "samconfig.toml").read_text())
    stack = configuration["default"]["global"]["parameters"]["stack_name"]

    assert [f"--stack-name {stack} " in line for line in commands_of("deploy") if " sam deploy " in line] == [True]
    assert default_name() == stack
    assert f" {stack} " in commands_of("environment")[-1]


def test_the_region_of_a_deployment_is_the_operators() -> None:
    exported = re.findall(r"^(.*)export AWS_DEFAULT_REGION", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert exported == [".aws-sam/translated.json: "]


def test_the_numbers_of_two_stacks_do_not_mix() -> None:
    named = [function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for function in FUNCTIONS.values()]

    assert named == [{"Ref": "AWS::StackName"}] * len(FUNCTIONS)


@every_function
def test_a_function_may_do_what_the_table_says_and_nothing_else(name: str) -> None:
    assert rights_of(name) == set(RIGHTS[name] | EVERY_FUNCTION)


@every_function
def test_a_function_may_decrypt_what_it_reads(name: str) -> None:
    assert {"Ref": "UseDataKey"} in TRANSLATED["Resources"][f"{name}Role"]["Properties"]["ManagedPolicyArns"]


def test_all_functions_that_call_channeladvisor_together_keep_its_limit() -> None:
    callers = [
        name
        for name, function in SOURCE_FUNCTIONS.items()
        if any("/channeladvisor/*" in str(policy) for policy in function["Policies"])
    ]
    reserved = [FUNCTIONS[name]["ReservedConcurrentExecutions"]["Fn::If"] for name in callers]

    assert sorted(callers) == ["PollChannelAdvisor", "PushChannelAdvisor", "Reconcile", "RefreshTokens"]
    assert all(condition == "ConcurrencyIsReserved" for condition, _, _ in reserved)
    assert sum(limit for _, limit, _ in reserved) <= CHANNELADVISOR_CALLS_AT_ONCE


def test_the_http_api_leads_to_two_functions_and_is_throttled() -> None:
    routes = resources(TRANSLATED, "AWS::ApiGatewayV2::Route")
    integrations = resources(TRANSLATED, "AWS::ApiGatewayV2::Integration")
    stage = TRANSLATED["Resources"]["PublicApiStage"]["Properties"]

    assert {each["RouteKey"]: each["Target"]["Fn::Sub"] for each in routes.values()} == {
        "GET /connect": "integrations/${ConnectShopIntegration}",
        "POST /webhook": "integrations/${ReceiveWebhookIntegration}",
    }
    for name, each in integrations.items():
        assert each["IntegrationUri"] == {"Fn::GetAtt": [name.removesuffix("Integration"), "Arn"]}
        assert each["PayloadFormatVersion"] == "2.0"
    assert stage["StageName"] == "$default"
    assert 0 < stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 10
    assert 0 < stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] <= 20


def test_the_access_log_of_the_http_api_holds_neither_the_query_nor_who_calls() -> None:
    log = TRANSLATED["Resources"]["PublicApiStage"]["Properties"]["AccessLogSettings"]
    logged = set(re.findall(r"\$context\.(\w+)", log["Format"]))

    assert logged == {"requestId", "requestTime", "routeKey", "status", "responseLength", "integrationErrorMessage"}
    assert json.loads(log["Format"])
    assert resources(TRANSLATED, "AWS::Logs::LogGroup")["PublicApiLogs"]["RetentionInDays"] == {
        "Ref": "LogRetentionDays"
    }


@pytest.mark.parametrize(("function", "path"), [("ConnectShop", "connect"), ("ReceiveWebhook", "webhook")])
def test_only_our_api_may_invoke_a_function_from_outside_and_only_by_its_own_path(function: str, path: str) -> None:
    outside = [
        permission
        for permission in resources(TRANSLATED, "AWS::Lambda::Permission").values()
        if permission["FunctionName"] == {"Fn::GetAtt": [function, "Arn"]}
    ]

    [permission] = outside
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Sub"].endswith(f":${{AWS::AccountId}}:${{PublicApi}}/*/*/{path}")


def test_a_function_behind_the_http_api_ends_when_nobody_waits_for_it_any_more() -> None:
    assert all(FUNCTIONS[name]["Timeout"] <= 30 for name in ("ConnectShop", "ReceiveWebhook"))


def test_no_role_may_do_everything() -> None:
    wide = [(name, statement) for name, statement in statements() if "*" in str(statement["Action"])]

    assert wide == []


def test_only_log_delivery_is_allowed_on_every_resource_and_to_operators_what_reads_metrics_and_alarms() -> None:
    everywhere = {
        (role == "Operators", action)
        for role, statement in statements()
        if statement["Effect"] == "Allow" and "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    for_people = {action for operators, action in everywhere if operators}

    assert len(everywhere) > len(for_people)
    assert all(action.startswith("logs:") for operators, action in everywhere if not operators)
    assert for_people == {"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"}


def test_only_refresh_tokens_and_connecting_write_secrets_and_only_the_shops_tokens() -> None:
    writers = [
        (role, resource["Fn::Sub"].partition(":secret:")[2])
        for role, statement in statements()
        if role != "Operators"
        and {"secretsmanager:PutSecretValue", "secretsmanager:CreateSecret"} & {*as_list(statement["Action"])}
        for resource in as_list(statement["Resource"])
    ]

    assert sorted(writers) == [("ConnectShopRole", TOKENS), ("RefreshTokensRole", TOKENS)]


def test_only_dispatch_the_schedules_and_the_state_machines_start_functions_beside_refresh_tokens() -> None:
    callers = {
        role
        for role, statement in statements()
        if "lambda:InvokeFunction" in as_list(statement["Action"])
        and statement["Resource"] != {"Fn::GetAtt": ["RefreshTokens", "Arn"]}
    }

    people = {"Operators"}
    assert callers == {"DispatchRole", "ScheduleRole", "CoolDownRole", "CancellationApprovalRole"} | people


def test_whoever_calls_tiktok_for_a_shop_may_ask_for_new_tokens_and_knows_whom() -> None:
    asking = {name for name in set(FUNCTIONS) - {"Dispatch"} if "job InvokeFunction" in rights_of(name)}
    known = SOURCE["Globals"]["Function"]["Environment"]["Variables"]["REFRESH_TOKENS_FUNCTION"]

    assert asking == {name for name in FUNCTIONS if "secret fingerprint-key GetSecretValue" in rights_of(name)}
    assert known == FUNCTIONS["RefreshTokens"]["FunctionName"]


@every_timer
def test_a_state_machine_may_start_the_function_that_it_wakes_and_no_other(machine: str) -> None:
    _, _, function = TIMERS[machine]
    started = [
        statement["Resource"]
        for role, statement in statements()
        if role == f"{machine}Role" and "lambda:InvokeFunction" in as_list(statement["Action"])
    ]

    assert started == [{"Fn::GetAtt": [function, "Arn"]}]


@every_timer
def test_whoever_may_start_a_timer_is_told_which_one(machine: str) -> None:
    slug, variable, _ = TIMERS[machine]
    told = {name for name, function in FUNCTIONS.items() if variable in function["Environment"]["Variables"]}

    assert told
    assert told == {name for name in FUNCTIONS if f"{slug} StartExecution" in rights_of(name)}


@every_timer
def test_the_arn_in_the_environment_is_the_state_machine_of_this_stack(machine: str) -> None:
    _, variable, _ = TIMERS[machine]
    name = resources(TRANSLATED, "AWS::StepFunctions::StateMachine")[machine]["StateMachineName"]["Fn::Sub"]
    arn = FUNCTIONS["PollTikTok"]["Environment"]["Variables"][variable]["Fn::Sub"]

    assert arn.endswith(f":stateMachine:{name}")


def test_only_those_who_speak_to_people_publish_and_they_are_told_where() -> None:
    told = {
        name: function["Environment"]["Variables"]["ATTENTION_TOPIC_ARN"]
        for name, function in FUNCTIONS.items()
        if "ATTENTION_TOPIC_ARN" in function["Environment"]["Variables"]
    }

    assert told == {name: {"Ref": "Attention"} for name in PUBLISHERS}
    assert {name for name in FUNCTIONS if "sns:Publish" in actions_of(name)} == PUBLISHERS


def test_what_people_are_told_is_encrypted_and_alarms_may_use_the_key() -> None:
    key = TRANSLATED["Resources"]["DataKey"]["Properties"]["KeyPolicy"]["Statement"]
    policy = TRANSLATED["Resources"]["AttentionPolicy"]["Properties"]
    [decrypts] = [each for each in key if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
    publishes, _over_tls_only = policy["PolicyDocument"]["Statement"]

    assert TRANSLATED["Resources"]["Attention"]["Properties"] == {"KmsMasterKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]}}
    assert policy["Topics"] == [{"Ref": "Attention"}]
    assert publishes["Principal"] == decrypts["Principal"]
    assert publishes["Action"] == "sns:Publish"
    assert decrypts["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    for statement in (publishes, decrypts):
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":${AWS::AccountId}:alarm:*")


@pytest.mark.parametrize("name", sorted(PUBLISHERS))
def test_a_publishing_function_uses_the_key_through_sns_only(name: str) -> None:
    [own] = [
        statement
        for role, statement in statements()
        if role == f"{name}Role" and "kms:GenerateDataKey" in as_list(statement["Action"])
    ]

    assert own["Condition"] == {"StringEquals": {"kms:ViaService": {"Fn::Sub": "sns.${AWS::Region}.amazonaws.com"}}}


def test_an_address_is_subscribed_only_when_it_is_given() -> None:
    subscription = TRANSLATED["Resources"]["AttentionByEmail"]

    assert SOURCE["Parameters"]["AttentionEmail"]["Default"] == ""
    assert SOURCE["Conditions"][subscription["Condition"]] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "AttentionEmail"}, ""]}]
    }
    assert subscription["Properties"] == {
        "TopicArn": {"Ref": "Attention"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AttentionEmail"},
    }


def test_two_cycles_may_pass_before_an_answer_counts_as_unconfirmed() -> None:
    assert SOURCE["Parameters"]["ConfirmationSeconds"]["Default"] == 2 * SHORTEST_CYCLE_SECONDS


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
    key = TRANSLATED["Resources"]["DataKey"]
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"
    assert key["UpdateReplacePolicy"] == "Retain"


def test_the_operator_is_told_the_key_for_the_secrets_that_the_functions_may_decrypt() -> None:
    decrypt = [s for role, s in statements() if role == "UseDataKey" and s["Action"] == "kms:Decrypt"]

    assert SOURCE["Outputs"]["DataKeyId"]["Value"] == {"Ref": "DataKey"}
    assert [statement["Resource"] for statement in decrypt] == [{"Fn::GetAtt": ["DataKey", "Arn"]}]


def test_the_index_of_what_is_due_holds_keys_only() -> None:
    [index] = TRANSLATED["Resources"]["Ledger"]["Properties"]["GlobalSecondaryIndexes"]

    assert index["IndexName"] == "due"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["due_list", "due_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


@pytest.mark.parametrize("name", resources(TRANSLATED, "AWS::SQS::Queue"))
def test_what_failed_is_kept_for_two_weeks_and_encrypted(name: str) -> None:
    queue = resources(TRANSLATED, "AWS::SQS::Queue")[name]

    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["KmsMasterKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}


def test_the_template_holds_no_secret_value() -> None:
    secrets = resources(TRANSLATED, "AWS::SecretsManager::Secret")

    assert secrets
    assert all("SecretString" not in secret for secret in secrets.values())
