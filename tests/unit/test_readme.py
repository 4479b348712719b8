"""What the README and the docs promise exists: functions, events, commands, files."""

import re
from pathlib import Path

import pytest

from local.demo.day import Sabotage
from local.sam import ROOT
from local.translate_template import read_template

README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "tests" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def functions() -> set[str]:
    resources = read_template()["Resources"]
    return {name for name, resource in resources.items() if resource["Type"] == "AWS::Serverless::Function"}


def test_every_function_has_a_line_that_runs_it_from_its_sample_event() -> None:
    lines = re.findall(r"^sam local invoke (\w+) --event (\S+)$", README, re.MULTILINE)
    assert {name for name, _ in lines} == functions()
    assert len(lines) == len(functions())
    resources = read_template()["Resources"]
    for name, event in lines:
        folder = Path(resources[name]["Properties"]["CodeUri"]).name
        assert event == f"events/{folder}.json"
        assert (ROOT / event).is_file()


def test_functions_that_an_operator_invokes_exist() -> None:
    assert set(re.findall(r"sam remote invoke (\w+)", README)) <= functions()


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
