"""Every function, as SAM builds it, under AWS's own emulator of Lambda, with its sample event and its role's rights."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.cold_start import LAYER, size_of
from local.function_environments import function_environments
from local.sam import built
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.oms.simulator import OmsSimulator
from local.simulators.serving import serve
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.money import LineSpec
from local.stack import Stack, clean_environment, embedded_stack, machine_architecture
from local.translate_template import TEMPLATE, read_template
from order_sync.ledger import keys
from tests.account import sample
from tests.end_to_end.lambda_emulator import EmulatedFunction, emulated

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

MEGABYTE = 1024 * 1024
LAMBDA_LIMIT = 250 * MEGABYTE
"""Function and layers together, unzipped (AWS's quota)."""

FUNCTION_LIMIT = MEGABYTE // 20
"""A function's own package: its handler and nothing else."""

GLOBALS = read_template()["Globals"]["Function"]
RESOURCES = read_template()["Resources"]
FUNCTIONS = {
    name: GLOBALS | resource["Properties"]
    for name, resource in sorted(RESOURCES.items())
    if resource["Type"] == "AWS::Serverless::Function"
}
SCHEDULED = sorted(
    reference[2:-1]
    for reference in re.findall(
        r"\$\{\w+\}", FUNCTIONS["Dispatch"]["Environment"]["Variables"]["JOB_FUNCTIONS"]["Fn::Sub"]
    )
)
ARTICLE = LineSpec("TEE-BLU-M", "20.00")

QUICKER = {"RecountLateDispatch": {"from_shard": len(keys.SHARDS) - 1}}
"""It waits five seconds for the index before each shard: the last one is enough here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The stack with one connected shop, the build that it came from, and each function's variables."""

    stack: Stack
    build: Path
    variables: dict[str, dict[str, str]]
    settings: dict[str, Any]
    order: str
    channeladvisor: ChannelAdvisorSimulator
    folder: Path


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("lambda")
    with _partners() as partners:
        settings = sample("change_settings") | {"starts_at": "2026-01-01T00:00:00Z", "active": True}
        settings["oms"]["url"] = partners.urls["oms"]
        shop = partners.tiktok.open_shop("US", settings["name"])
        shop.id, shop.cipher = settings["shop"], settings["tiktok_cipher"]
        order = partners.tiktok.place_order(shop, [ARTICLE], hold=False)
        account = partners.channeladvisor.add_account(
            settings["channeladvisor"]["profile_id"], carriers=[("USPS", "Ground")]
        )
        parameters: dict[str, str | int] = {
            "TikTokApiUrl": partners.urls["tiktok"],
            "TikTokAuthUrl": partners.urls["tiktok"],
            "ChannelAdvisorUrl": partners.urls["channeladvisor"],
            "BuyerHoldSeconds": 0,
        }
        with embedded_stack(parameters) as stack:
            secrets = stack.client("secretsmanager")
            prefix = stack.outputs["SecretsPrefix"]
            secrets.put_secret_value(
                SecretId=f"{prefix}/tiktok-app", SecretString=json.dumps({"app_key": "app", "app_secret": "app-secret"})
            )
            for name, value in {
                f"tiktok/{shop.id}": asdict(partners.tiktok.authorize(shop)),
                f"oms/{shop.id}": {"token": "oms-token"},
                "channeladvisor/example": {
                    "application_id": "application",
                    "shared_secret": "shared-secret",
                    "refresh_token": partners.channeladvisor.refresh_token(account),
                },
            }.items():
                secrets.create_secret(Name=f"{prefix}/{name}", SecretString=json.dumps(value, default=str))
            yield Deployed(
                stack=stack,
                build=_copy_of_the_build(folder),
                variables=_variables(stack),
                settings=settings,
                order=order,
                channeladvisor=partners.channeladvisor,
                folder=folder,
            )


@dataclass(frozen=True, slots=True)
class _Partners:
    tiktok: TikTokShopSimulator
    channeladvisor: ChannelAdvisorSimulator
    urls: dict[str, str]


@contextmanager
def _partners() -> Iterator[_Partners]:
    tiktok = TikTokShopSimulator(_a_moment_ago, app_key="app", app_secret="app-secret")
    channeladvisor = ChannelAdvisorSimulator(_now, application_id="application", shared_secret="shared-secret")
    with ExitStack() as stack:
        urls = {
            "tiktok": stack.enter_context(serve(tiktok)).url,
            "channeladvisor": stack.enter_context(serve(channeladvisor)).url,
            "oms": stack.enter_context(serve(OmsSimulator(_now, token="oms-token"))).url,
        }
        yield _Partners(tiktok, channeladvisor, urls)


def _now() -> datetime:
    return datetime.now(UTC)


def _a_moment_ago() -> datetime:
    return _now() - timedelta(seconds=2)


def _copy_of_the_build(folder: Path) -> Path:
    """The build that was deployed; a copy, so that nobody else's build waits for these tests."""
    with (
        (folder / "sam.log").open("w+") as log,
        built(machine_architecture(), clean_environment(), log) as build,
    ):
        return Path(shutil.copytree(build, folder / "build"))


def _variables(stack: Stack) -> dict[str, dict[str, str]]:
    """What Lambda would give each function: the template's variables, and the rights of the function's own role."""
    functions = stack.client("lambda")
    deployed = function_environments(stack.name, stack.client("cloudformation"), functions)
    given = {}
    for name in FUNCTIONS:
        configuration = functions.get_function_configuration(FunctionName=stack.physical_names[name])
        session = stack.client("sts").assume_role(RoleArn=configuration["Role"], RoleSessionName=name)["Credentials"]
        given[name] = {
            **deployed[name],
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
            "AWS_ENDPOINT_URL": stack.endpoint,
            "AWS_DEFAULT_REGION": stack.region,
            "AWS_REGION": stack.region,
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration['Runtime']}",
        }
    return given


@contextmanager
def as_lambda(deployed: Deployed, name: str, **changes: Any) -> Iterator[EmulatedFunction]:
    """A function under the emulator, as the template configures it."""
    properties = FUNCTIONS[name]
    with emulated(
        deployed.build / name,
        deployed.build / LAYER,
        deployed.variables[name] | changes.get("variables", {}),
        deployed.folder / f"{name}.log",
        timeout=changes.get("timeout", properties["Timeout"]),
        handler=properties["Handler"],
    ) as function:
        yield function


def event_of(deployed: Deployed, name: str) -> dict[str, Any]:
    folder = Path(FUNCTIONS[name]["CodeUri"]).name
    event = deployed.settings if folder == "change_settings" else sample(folder)
    return event | QUICKER.get(name, {})


@pytest.fixture(scope="module")
def connected(deployed: Deployed) -> Deployed:
    """The example shop is connected by the function that an operator uses, under the emulator as all others."""
    with as_lambda(deployed, "ChangeSettings") as function:
        answer = function.invoke(deployed.settings)
    assert "errorType" not in answer, answer
    return deployed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_answers_its_sample_event_or_refuses_it_in_a_sentence(connected: Deployed, name: str) -> None:
    with as_lambda(connected, name) as function:
        answer = function.invoke(event_of(connected, name))
        without_content = function.invoke({})
        said = function.log()

    assert isinstance(answer, dict), said
    assert answer.get("errorType") in {None, "RejectedError"}, said
    assert without_content.get("errorType") == "RejectedError" or without_content.get("statusCode", 0) >= 400, said
    assert all(" " in each.get("errorMessage", "a sentence") for each in (answer, without_content))
    assert said.count('"message":"run ended"') == 2, said


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_scheduled_job_works_for_the_connected_shop(connected: Deployed, name: str) -> None:
    with as_lambda(connected, name) as function:
        answer = function.invoke({"shop": connected.settings["shop"]})

    assert "errorType" not in answer, answer
    assert "runs_postponed" not in answer, function.log()


def test_an_order_travels_through_functions_that_run_as_lambda(connected: Deployed) -> None:
    for name in ("PollTikTok", "PushChannelAdvisor"):
        with as_lambda(connected, name) as function:
            function.invoke({"shop": connected.settings["shop"]})

    assert len(connected.channeladvisor.books.orders_of_tiktok(connected.order)) == 1


def test_a_function_has_the_rights_of_its_own_role_only(connected: Deployed) -> None:
    own = connected.variables["Dispatch"]
    credentials = {name: own[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
    with as_lambda(connected, "PollTikTok", variables=credentials) as function:
        answer = function.invoke(sample("poll_tiktok"))

    assert answer["errorType"] == "ClientError"
    assert "AccessDenied" in answer["errorMessage"]


def test_a_function_that_is_out_of_time_is_killed_and_the_next_run_starts_afresh(connected: Deployed) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        unreachable = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        with as_lambda(connected, "PollTikTok", timeout=2, variables=unreachable) as function:
            first = function.invoke(sample("poll_tiktok"))
            second = function.invoke(sample("poll_tiktok"))

    assert "Task timed out after 2.00 seconds" in str(first)
    assert "Task timed out after 2.00 seconds" in str(second)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_package_is_small_and_holds_the_handler_that_the_template_names(deployed: Deployed, name: str) -> None:
    module, _, handler = FUNCTIONS[name]["Handler"].rpartition(".")
    package, layer = deployed.build / name, deployed.build / LAYER

    assert f"def {handler}(" in (package / f"{module}.py").read_text()
    assert size_of(package) < FUNCTION_LIMIT
    assert size_of(package) + size_of(layer) < LAMBDA_LIMIT
    assert FUNCTIONS[name]["CodeUri"] == f"functions/{Path(FUNCTIONS[name]['CodeUri']).name}"
    assert (TEMPLATE.parent / "events" / f"{Path(FUNCTIONS[name]['CodeUri']).name}.json").is_file()
