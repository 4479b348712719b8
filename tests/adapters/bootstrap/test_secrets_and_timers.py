"""Secrets and timers over botocore's stubbed answers, and the settings that a function starts with."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId, OrderId, ReturnId, ShopId
from order_sync.secrets import Secrets
from order_sync.settings import read_environment
from order_sync.workflows import ApprovalTimers, CoolDownTimers

if TYPE_CHECKING:
    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_stepfunctions.client import SFNClient

APPROVALS = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-cancellation-approval"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-cool-down"
SHOP = ShopId("749554073536577750712345")
ORDER = OrderId("576461413038785752")
CANCEL = CancelId("4035318504086604010")
RETURN = ReturnId("4035318504086604100")
SLOT = datetime(2026, 6, 1, 13, 5, tzinfo=UTC)
KEYS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture
def manager() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", **KEYS)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def answers(manager: "SecretsManagerClient") -> Iterator[Stubber]:
    with Stubber(manager) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def secrets(manager: "SecretsManagerClient") -> Secrets:
    return Secrets(manager, "stack")


def holds(answers: Stubber, text: str, name: str = "stack/tiktok-app") -> None:
    answers.add_response("get_secret_value", {"SecretString": text}, {"SecretId": name})


def test_a_secret_is_read_below_the_prefix_and_kept(secrets: Secrets, answers: Stubber) -> None:
    holds(answers, "first")

    assert [secrets.read("tiktok-app") for _ in range(3)] == ["first"] * 3


def test_a_secret_can_be_read_afresh_and_what_was_read_is_kept_from_then_on(secrets: Secrets, answers: Stubber) -> None:
    holds(answers, "first")
    holds(answers, "second")

    read = [secrets.read("tiktok-app"), secrets.read("tiktok-app", afresh=True), secrets.read("tiktok-app")]
    assert read == ["first", "second", "second"]


def test_a_secret_that_was_written_is_read_again(secrets: Secrets, answers: Stubber) -> None:
    holds(answers, "first")
    answers.add_response("put_secret_value", {}, {"SecretId": "stack/tiktok-app", "SecretString": "second"})
    holds(answers, "second")
    secrets.read("tiktok-app")
    secrets.write("tiktok-app", "second")

    assert secrets.read("tiktok-app") == "second"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ResourceNotFoundException", "does not exist or has no value: create it or put its value"),
        ("AccessDeniedException", "must not be used by this function"),
        ("InvalidRequestException", "is marked for deletion"),
        ("DecryptionFailure", "cannot be decrypted"),
    ],
)
def test_what_needs_a_person_names_the_secret(secrets: Secrets, answers: Stubber, code: str, words: str) -> None:
    for method, ask in (
        ("get_secret_value", lambda: secrets.read("oms/42")),
        ("put_secret_value", lambda: secrets.write("oms/42", "x")),
    ):
        answers.add_client_error(method, code)
        with pytest.raises(RejectedError, match=f"secret stack/oms/42 {words}"):
            ask()


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError", "LimitExceededException"])
def test_anything_else_may_pass(secrets: Secrets, answers: Stubber, code: str) -> None:
    answers.add_client_error("get_secret_value", code)

    with pytest.raises(RetriableError, match=f"Secrets Manager: {code}"):
        secrets.read("tiktok-app")


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_secret_that_was_never_given_a_value_is_refused_by_name(text: str) -> None:
    """The embedded AWS answers so; botocore's stub holds it for impossible."""
    client = SimpleNamespace(get_secret_value=lambda SecretId: {"Name": SecretId, "SecretString": text})  # noqa: N803
    secrets = Secrets(cast("SecretsManagerClient", client), "stack")

    with pytest.raises(RejectedError, match="stack/tiktok-app does not exist or has no value: create it or put its"):
        secrets.read("tiktok-app")


def test_a_binary_secret_is_refused_by_name(secrets: Secrets, answers: Stubber) -> None:
    answers.add_response("get_secret_value", {"SecretBinary": b"\x00"})

    with pytest.raises(RejectedError, match="secret stack/tiktok-app must be text, not binary"):
        secrets.read("tiktok-app")


# Timers


@pytest.fixture
def step_functions() -> "SFNClient":
    return boto3.client("stepfunctions", **KEYS)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def starts(step_functions: "SFNClient") -> Iterator[Stubber]:
    with Stubber(step_functions) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def timers(step_functions: "SFNClient") -> CoolDownTimers:
    return CoolDownTimers(step_functions, MACHINE)


def test_a_timer_is_named_by_shop_and_slot_and_carries_ids_only(timers: CoolDownTimers, starts: Stubber) -> None:
    name = f"{SHOP}-20260601T130500Z"
    wanted = {
        "stateMachineArn": MACHINE,
        "name": name,
        "input": json.dumps({"shop": SHOP, "slot": name, "until": "2026-06-01T13:05:00Z"}),
    }
    starts.add_response("start_execution", {"executionArn": "arn:of:it", "startDate": SLOT}, wanted)
    timers.start(SHOP, SLOT)

    assert len(name) <= 80, "Step Functions takes no longer name, and this shop id is the longest that settings take"


def test_a_timer_that_stands_already_is_fine(timers: CoolDownTimers, starts: Stubber) -> None:
    starts.add_client_error("start_execution", "ExecutionAlreadyExists")
    timers.start(SHOP, SLOT)


@pytest.mark.parametrize("code", ["ThrottlingException", "ExecutionLimitExceeded", "StateMachineDoesNotExist"])
def test_a_timer_that_cannot_be_started_is_retriable(timers: CoolDownTimers, starts: Stubber, code: str) -> None:
    starts.add_client_error("start_execution", code)

    with pytest.raises(RetriableError, match=f"Step Functions: .*{code}"):
        timers.start(SHOP, SLOT)


@pytest.fixture
def approvals(step_functions: "SFNClient") -> ApprovalTimers:
    return ApprovalTimers(step_functions, APPROVALS)


def test_the_timer_of_a_cancel_request_is_named_by_it_and_its_moment_and_carries_ids_only(
    approvals: ApprovalTimers, starts: Stubber
) -> None:
    given = {"shop": SHOP, "order": ORDER, "cancel_request": CANCEL, "until": "2026-06-01T13:05:00Z"}
    wanted = {"stateMachineArn": APPROVALS, "name": f"{CANCEL}-20260601T130500Z", "input": json.dumps(given)}
    starts.add_response("start_execution", {"executionArn": "arn:of:it", "startDate": SLOT}, wanted)
    approvals.start(SHOP, ORDER, CANCEL, SLOT)


def test_the_timer_of_a_cancel_request_never_wakes_before_the_wait_is_over(
    approvals: ApprovalTimers, starts: Stubber
) -> None:
    """A tenth of the time before a deadline is seldom a whole second."""
    until = SLOT.replace(microsecond=500_000)
    given = {"shop": SHOP, "order": ORDER, "cancel_request": CANCEL, "until": "2026-06-01T13:05:00.500000Z"}
    wanted = {"stateMachineArn": APPROVALS, "name": f"{CANCEL}-20260601T130500Z", "input": json.dumps(given)}
    starts.add_response("start_execution", {"executionArn": "arn:of:it", "startDate": SLOT}, wanted)
    approvals.start(SHOP, ORDER, CANCEL, until)


def test_the_timer_of_a_cancel_request_that_stands_already_is_fine(approvals: ApprovalTimers, starts: Stubber) -> None:
    starts.add_client_error("start_execution", "ExecutionAlreadyExists")
    approvals.start(SHOP, ORDER, CANCEL, SLOT)


def test_the_timer_of_a_cancel_request_that_cannot_be_started_is_retriable(
    approvals: ApprovalTimers, starts: Stubber
) -> None:
    starts.add_client_error("start_execution", "ThrottlingException")

    with pytest.raises(RetriableError, match=r"Step Functions: .*ThrottlingException"):
        approvals.start(SHOP, ORDER, CANCEL, SLOT)


def test_the_timer_of_a_return_is_not_that_of_a_cancel_request_with_the_same_id(
    approvals: ApprovalTimers, starts: Stubber
) -> None:
    given = {"shop": SHOP, "order": ORDER, "return": RETURN, "until": "2026-06-01T13:05:00Z"}
    name = f"return-{RETURN}-20260601T130500Z"
    wanted = {"stateMachineArn": APPROVALS, "name": name, "input": json.dumps(given)}
    starts.add_response("start_execution", {"executionArn": "arn:of:it", "startDate": SLOT}, wanted)
    approvals.start_for_return(SHOP, ORDER, RETURN, SLOT)

    assert len(name) <= 80, "Step Functions takes no longer name"


def test_the_next_question_about_a_return_has_a_timer_of_its_own(approvals: ApprovalTimers, starts: Stubber) -> None:
    for moment in ("20260601T130500Z", "20260608T130500Z"):
        wanted = {"stateMachineArn": APPROVALS, "name": f"return-{RETURN}-{moment}", "input": ANY}
        starts.add_response("start_execution", {"executionArn": "arn:of:it", "startDate": SLOT}, wanted)
    approvals.start_for_return(SHOP, ORDER, RETURN, SLOT)
    approvals.start_for_return(SHOP, ORDER, RETURN, SLOT + timedelta(days=7))


def test_the_timer_of_a_return_that_stands_already_is_fine(approvals: ApprovalTimers, starts: Stubber) -> None:
    starts.add_client_error("start_execution", "ExecutionAlreadyExists")
    approvals.start_for_return(SHOP, ORDER, RETURN, SLOT)


def test_the_timer_of_a_return_that_cannot_be_started_is_retriable(approvals: ApprovalTimers, starts: Stubber) -> None:
    starts.add_client_error("start_execution", "ThrottlingException")

    with pytest.raises(RetriableError, match=r"Step Functions: .*ThrottlingException"):
        approvals.start_for_return(SHOP, ORDER, RETURN, SLOT)


# Settings


@pytest.mark.usefixtures("environment")
def test_the_environment_becomes_settings() -> None:
    settings = read_environment(os.environ)
    assert settings.table_name == "ledger"
    assert settings.timing.claim.total_seconds() == 600
    assert settings.timing.confirmation.total_seconds() == 1800


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("TABLE_NAME", None, "TABLE_NAME: Field required"),
        ("SECRETS_PREFIX", "", "SECRETS_PREFIX: String should have at least 1 character"),
        ("TIKTOK_API_URL", "http://SECRET.example.com", "TIKTOK_API_URL: Value error, must be https"),
        ("CHANNELADVISOR_URL", "http://127.0.0.1.SECRET.com", "CHANNELADVISOR_URL: Value error, must be https"),
        ("CHANNELADVISOR_URL", "https://user:SECRET.@example.com", "CHANNELADVISOR_URL: Value error, must be https"),
        ("CLAIM_SECONDS", "SECRET", "CLAIM_SECONDS: Input should be a valid integer"),
        ("CONFIRMATION_SECONDS", "0", "CONFIRMATION_SECONDS: Input should be greater than 0"),
        ("RETRY_BASE_SECONDS", "0", "RETRY_BASE_SECONDS: Input should be greater than 0"),
        ("TIKTOK_READS_PER_SECOND", "-1", "TIKTOK_READS_PER_SECOND: Input should be greater than 0"),
    ],
)
def test_a_setting_that_is_missing_or_bad_is_named_without_its_value(
    environment: pytest.MonkeyPatch, name: str, value: str | None, problem: str
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(RejectedError) as refused:
        read_environment(os.environ)
    assert str(refused.value).startswith(f"environment of this function: {problem}")
    assert "SECRET." not in str(refused.value)
