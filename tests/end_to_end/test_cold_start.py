"""What each function imports when it starts, as SAM builds it: no more than it uses, and within its budget."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cold_start import ColdStart, cold_starts
from local.sam import ROOT, built
from local.stack import clean_environment, machine_architecture
from local.translate_template import read_template
from tests.unit.test_imports import modules_imported

pytestmark = pytest.mark.end_to_end

FOLDERS = {
    name: resource["Properties"]["CodeUri"]
    for name, resource in sorted(read_template()["Resources"].items())
    if resource["Type"] == "AWS::Serverless::Function"
}
BOOTSTRAP = ROOT / "layers" / "order_sync" / "order_sync" / "bootstrap"
PARTNERS = {"tiktok_shop", "channeladvisor", "oms"}
WITHOUT_PARTNERS = 620
WITH_PARTNERS = {1: 720, 2: 760, 3: 800}
"""Most modules that a function may import, boto3's, Powertools' and pydantic's among them, by how many partners it
speaks to. `make cold-start` shows what each one imports; the first five hundred are those of the libraries."""

ONLY_CALLED = {"ReceiveWebhook"}
"""A partner calls it, and it reads what the partner says."""

NEVER_AT_START = ("holidays.countries", "boto3.dynamodb", "boto3.s3", "aws_xray_sdk", "pytest", "local")
"""What nobody needs at the start, or ever."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ColdStart]]:
    with (
        (tmp_path_factory.mktemp("build") / "sam.log").open("w+") as log,
        built(machine_architecture(), clean_environment(), log) as build,
    ):
        yield {each.function: each for each in cold_starts(build, tries=1)}


def partners_named(name: str) -> set[str]:
    """The partners whose clients are built by what a function's handler takes from bootstrap."""
    waiting, seen = [ROOT / FOLDERS[name] / "app.py"], set[Path]()
    partners = set[str]()
    while waiting:
        file = waiting.pop()
        seen.add(file)
        for module in modules_imported(file):
            parts = module.split(".")
            if parts[:2] == ["order_sync", "partners"]:
                partners |= {parts[2]} & PARTNERS
            if parts[:2] == ["order_sync", "bootstrap"] and (BOOTSTRAP / f"{parts[2]}.py") not in seen:
                waiting.append(BOOTSTRAP / f"{parts[2]}.py")
    return partners


def parts_imported(started: ColdStart, package: str) -> set[str]:
    depth = package.count(".") + 1
    return {
        parts[depth] for module in started.modules if module.startswith(f"{package}.") and (parts := module.split("."))
    }


def test_every_function_is_measured(started: dict[str, ColdStart]) -> None:
    assert set(started) == set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_function_imports_the_clients_of_those_partners_that_it_names_and_of_no_other(
    started: dict[str, ColdStart], name: str
) -> None:
    assert parts_imported(started[name], "order_sync.partners") & PARTNERS == partners_named(name)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_function_that_calls_no_partner_imports_no_http_client(started: dict[str, ColdStart], name: str) -> None:
    calls = bool(partners_named(name)) and name not in ONLY_CALLED
    assert ("httpx" in started[name].modules) == calls


@pytest.mark.parametrize("name", FOLDERS)
def test_a_function_imports_no_more_modules_than_its_budget(started: dict[str, ColdStart], name: str) -> None:
    budget = WITH_PARTNERS.get(len(partners_named(name)), WITHOUT_PARTNERS)
    assert len(started[name].modules) <= budget


@pytest.mark.parametrize("name", FOLDERS)
def test_a_function_starts_without_what_it_needs_late_or_never(started: dict[str, ColdStart], name: str) -> None:
    modules = started[name].modules
    assert [
        each
        for each in modules
        if each in NEVER_AT_START or each.startswith(tuple(f"{never}." for never in NEVER_AT_START))
    ] == []


def test_modules_of_the_layer_come_from_the_build(started: dict[str, ColdStart]) -> None:
    assert all("order_sync.bootstrap.handlers" in each.modules for each in started.values())
    assert (Path(FOLDERS["Dispatch"]) / "app.py").parts[0] == "functions"
