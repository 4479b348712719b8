"""What the README and the docs promise exists: functions, events, commands, files."""

import re
from pathlib import Path
from typing import get_args

import pytest

from local.demo.day import Sabotage
from local.sam import ROOT
from local.translate_template import read_template
from order_sync.domain.deadlines.policies import BY_DATE, DeadlineSettings
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.returning.returns import Question
from order_sync.domain.shop import CancellationSettings, ReturnSettings

README = (ROOT / "README.md").read_text()
RULES = (ROOT / "docs" / "rules.md").read_text()
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
ENVIRONMENT = ".aws-sam/environment.json"
OWN_SETTINGS = "my_shop.json"
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "tests" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def functions() -> set[str]:
    resources = read_template()["Resources"]
    return {name for name, resource in resources.items() if resource["Type"] == "AWS::Serverless::Function"}


def test_every_function_has_a_line_that_runs_it_from_its_sample_event_against_the_deployed_stack() -> None:
    lines = re.findall(r"^sam local invoke (\w+) (.*)$", DEPLOY, re.MULTILINE)
    assert {name for name, _ in lines} == functions()
    assert len(lines) == len(functions())
    resources = read_template()["Resources"]
    for name, rest in lines:
        event = f"events/{Path(resources[name]['Properties']['CodeUri']).name}.json"
        assert (ROOT / event).is_file()
        given = OWN_SETTINGS if name == "ChangeSettings" else event
        assert rest == f"--env-vars {ENVIRONMENT} --event {given}"


def test_make_writes_the_environment_that_the_lines_name() -> None:
    recipe = re.search(r"^environment:.*\n\t(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe.group(1).endswith(f"-m local.function_environments $(STACK) {ENVIRONMENT}")
    assert DEPLOY.index("\nmake environment") < DEPLOY.index("\nsam local invoke")


def test_the_example_shop_is_only_ever_connected_as_an_edited_copy() -> None:
    assert f"cp events/change_settings.json {OWN_SETTINGS} " in DEPLOY
    assert not re.search(r"event(-file)? events/change_settings\.json", README + DEPLOY)


def test_every_secret_that_the_operator_makes_is_encrypted_by_the_stacks_key() -> None:
    made = re.findall(r"aws secretsmanager create-secret (.*)$", DEPLOY, re.MULTILINE)
    assert len(made) == 3
    assert all(arguments.startswith("--kms-key-id <key> ") for arguments in made)
    named = re.findall(r"output\s+`(\w+)`|OutputKey=='(\w+)'", README + DEPLOY)
    assert {name or queried for name, queried in named} <= set(read_template()["Outputs"])
    assert "DataKeyId" in {name or queried for name, queried in named}


def test_every_parameter_that_is_given_to_make_exists() -> None:
    given = {name for text in re.findall(r'PARAMETERS="([^"]*)"', README) for name in re.findall(r"(\w+)=", text)}
    assert given
    assert given <= set(read_template()["Parameters"])


def test_every_setting_about_deadlines_and_every_policy_profile_is_named() -> None:
    settings = [f"| `{name}` |" for name in DeadlineSettings.model_fields]
    profiles = [f"`{profile.name}`" for profile in policy_profiles()]
    assert [each for each in (*settings, *profiles, f"`{BY_DATE}`") if each not in RULES] == []


def test_every_rule_for_a_request_without_an_answer_is_explained() -> None:
    rules = get_args(CancellationSettings.model_fields["without_answer"].annotation)
    assert [rule for rule in rules if f"\n| `{rule}`" not in RULES] == []


def test_every_setting_about_returns_and_every_rule_for_one_without_an_answer_is_named() -> None:
    section = RULES.partition("\n## Returns and refunds\n")[2].partition("\n## ")[0]
    rules = get_args(ReturnSettings.model_fields["without_answer"].annotation)
    assert [name for name in ReturnSettings.model_fields if f"| `{name}` |" not in section] == []
    assert [name for name in (*rules, *(question.lower() for question in Question)) if f"`{name}`" not in section] == []


def test_functions_that_an_operator_invokes_exist() -> None:
    assert set(re.findall(r"sam remote invoke (\w+)", README + RULES + RUNBOOK + DEPLOY)) <= functions()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_make_command_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) - {"alone"} <= targets


def test_every_sabotage_is_named() -> None:
    assert all(f"`{kind}`" in README or f"SABOTAGE={kind}" in README for kind in Sabotage if kind)


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}
