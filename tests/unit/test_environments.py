"""Environments, and what docs/deploy.md says about deploying: samconfig.toml, the Makefile and the template agree."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from local.sam import ROOT
from local.translate_template import read_template

CONFIGURATION = tomllib.loads((ROOT / "samconfig.toml").read_text())
PARAMETERS = read_template()["Parameters"]
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()
REAL = ("default", "dev", "staging", "production")


def commands_of(target: str, *arguments: str) -> list[str]:
    """What make would run; the environment of whoever runs the tests does not count."""
    environment = {name: value for name, value in os.environ.items() if name == "PATH"}
    ended = subprocess.run(  # noqa: S603  (the arguments are our own)
        ["make", "--dry-run", target, *arguments],  # noqa: S607  (the make of whoever runs the tests)
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return ended.stdout.splitlines()


def overrides(environment: str) -> dict[str, str]:
    text = CONFIGURATION[environment]["global"]["parameters"]["parameter_overrides"]
    return dict(each.split("=", 1) for each in text.split())


@pytest.mark.parametrize("environment", REAL)
def test_an_environment_sets_what_the_template_has_for_a_stack_of_its_own(environment: str) -> None:
    assert overrides(environment).keys() <= PARAMETERS.keys()
    assert overrides(environment)["Architecture"] == PARAMETERS["Architecture"]["Default"]
    assert all(
        value in map(str, PARAMETERS[name].get("AllowedValues", [value]))
        for name, value in overrides(environment).items()
    )


def test_only_production_and_a_plain_sam_command_mean_the_same_stack() -> None:
    stacks = {name: CONFIGURATION[name]["global"]["parameters"]["stack_name"] for name in REAL}
    assert stacks == {
        "default": "order-sync",
        "dev": "order-sync-dev",
        "staging": "order-sync-staging",
        "production": "order-sync",
    }


@pytest.mark.parametrize(("environment", "asked"), [("dev", False), ("staging", True), ("production", True)])
def test_a_change_is_asked_for_everywhere_but_in_development(environment: str, asked: bool) -> None:  # noqa: FBT001
    assert CONFIGURATION[environment]["deploy"]["parameters"]["confirm_changeset"] is asked


@pytest.mark.parametrize("environment", REAL)
def test_make_builds_and_deploys_an_environment_with_its_own_settings(environment: str) -> None:
    build, deploy = (line for line in commands_of("deploy", f"ENVIRONMENT={environment}") if " sam " in line)
    assert f" sam build --config-env {environment} " in build
    assert f" sam deploy --config-env {environment} " in deploy
    stack = CONFIGURATION[environment]["global"]["parameters"]["stack_name"]
    assert f"--stack-name {stack} " in deploy
    for name, value in overrides(environment).items():
        assert f" {name}={value}" in f"{build} "
        assert f" {name}={value}" in f"{deploy} "


def test_what_is_given_to_make_comes_last_so_that_it_counts() -> None:
    deploy = next(
        line
        for line in commands_of("deploy", "ENVIRONMENT=dev", "PARAMETERS=LogRetentionDays=3")
        if "sam deploy" in line
    )
    assert deploy.index("LogRetentionDays=7") < deploy.index("LogRetentionDays=3")


@pytest.mark.parametrize("environment", REAL)
def test_the_stack_of_production_is_protected_from_deletion_also_by_a_plain_make_deploy(environment: str) -> None:
    stack = CONFIGURATION[environment]["global"]["parameters"]["stack_name"]
    protects = any(
        f"-m local.protect_stack {stack} on" in line for line in commands_of("deploy", f"ENVIRONMENT={environment}")
    )
    assert protects == (stack == CONFIGURATION["production"]["global"]["parameters"]["stack_name"])


def test_an_environment_that_does_not_exist_is_refused() -> None:
    ended = subprocess.run(
        ["make", "deploy", "ENVIRONMENT=elsewhere"],  # noqa: S607  (the make of whoever runs the tests)
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode != 0
    assert "samconfig.toml has no environment elsewhere." in ended.stdout


def allowed(parameter: dict[str, Any]) -> str:
    match parameter:
        case {"AllowedValues": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"AllowedPattern": _, "ConstraintDescription": words}:
            return str(words).rstrip(".").lower()
        case {"MinValue": least, "MaxValue": most}:
            return f"{least} to {most}"
        case {"MinValue": least}:
            return f"{least} or more"
        case _:
            return "any"


def test_every_parameter_is_documented_as_the_template_has_it() -> None:
    section = DOCUMENT.partition("\n## Parameters\n")[2].partition("\n## ")[0]
    documented = [line for line in section.splitlines() if line.startswith("| `")]
    assert documented == [
        f"| `{name}` | {f'`{each["Default"]}`' if each['Default'] != '' else 'empty'} | {allowed(each)} | "
        f"{each['Description']} |"
        for name, each in PARAMETERS.items()
    ]


def test_every_parameter_environment_and_target_that_a_command_names_exists() -> None:
    commands = re.findall(r"(?:^|`)make [a-z-]+(?: [A-Z]+=(?:\"[^\"]*\"|\S+))*", DOCUMENT, re.MULTILINE)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {command.split()[1] for command in commands} <= targets
    given = {name for text in re.findall(r'PARAMETERS="(\w[^"]*)"', DOCUMENT) for name in re.findall(r"(\w+)=", text)}
    assert given
    assert given <= PARAMETERS.keys()
    assert set(re.findall(r"(?:ENVIRONMENT=|--config-env )(\w+)", DOCUMENT)) <= set(REAL)


def test_every_output_that_the_document_names_exists() -> None:
    named = re.findall(r"outputs?,? `(\w+)`(?: and `(\w+)`)?", DOCUMENT)
    assert {name for pair in named for name in pair if name} <= set(read_template()["Outputs"])


def test_what_outlives_the_stack_is_listed_with_the_way_back() -> None:
    stays = {name for name, each in read_template()["Resources"].items() if "Retain" in each.get("DeletionPolicy", "")}
    assert stays == {"Ledger", "DataKey", "FingerprintKey"}
    assert "the resources `Ledger`, `DataKey` and `FingerprintKey` alone" in DOCUMENT


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^aws (\S+ \S+)", DOCUMENT, re.MULTILINE))))
def test_every_command_of_the_aws_cli_is_an_operation_of_that_service(command: str) -> None:
    service, operation = command.split()
    model = botocore.session.get_session().get_service_model(service)
    names = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in model.operation_names}
    assert operation in names


def test_the_file_of_a_function_that_the_document_names_exists() -> None:
    named = re.findall(r"`((?:tests|events|local)/[\w/.]+)`", DOCUMENT)
    assert named
    assert [name for name in named if not Path(ROOT / name).exists()] == []
