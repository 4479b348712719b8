"""The planted bugs are what they say: each a change of the product as it stands, and only where it is planted."""

import ast
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest

from tests.simulation.planted_bugs import PLANTED_BUGS, PlantedBug
from tests.simulation.planting import ROOT, ChangedModules, changed_text, module_of, place_of, planted, text_of

BUGS = [pytest.param(bug, id=bug.name) for bug in PLANTED_BUGS.values()]
IN_MODULES = [pytest.param(bug, id=bug.name) for bug in PLANTED_BUGS.values() if module_of(bug)]


def run(script: str) -> str:
    """What a process of its own prints."""
    paths = [str(ROOT), str(ROOT / "layers" / "order_sync")]
    start = f"import sys; sys.path[:0] = {paths!r}"
    ended = subprocess.run([sys.executable, "-c", f"{start}\n{script}"], capture_output=True, text=True, check=True)  # noqa: S603 (our own script)
    return ended.stdout.strip()


def test_there_are_planted_bugs_of_every_promise() -> None:
    assert len(PLANTED_BUGS) >= 36
    assert {promise for bug in PLANTED_BUGS.values() for promise in bug.promises} == set(range(1, 10))


def test_no_two_planted_bugs_are_the_same() -> None:
    assert len({(bug.file, bug.now, bug.instead) for bug in PLANTED_BUGS.values()}) == len(PLANTED_BUGS)
    names = (ROOT / "tests" / "simulation" / "planted_bugs.toml").read_text().count("\nname = ")
    assert names == len(PLANTED_BUGS)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_says_what_it_does_and_who_should_notice(bug: PlantedBug) -> None:
    assert bug.name == bug.name.strip().lower().replace(" ", "-")
    assert bug.harm.endswith(".")
    assert bug.promises
    assert set(bug.promises) <= set(range(1, 10))
    assert bug.seen_by


@pytest.mark.parametrize("bug", BUGS)
def test_what_a_planted_bug_replaces_stands_there_once(bug: PlantedBug) -> None:
    before = place_of(bug).read_text()
    assert before.count(bug.now) == 1
    assert changed_text(bug) != before


@pytest.mark.parametrize("bug", IN_MODULES)
def test_a_module_with_a_planted_bug_compiles_to_something_else(bug: PlantedBug) -> None:
    spec = ChangedModules(bug).find_spec(module_of(bug))
    assert spec is not None
    assert spec.loader is not None
    code = spec.loader.get_code(module_of(bug))  # type: ignore[attr-defined]  # SourceLoader has it
    assert isinstance(code, CodeType)
    assert Path(code.co_filename) == place_of(bug)
    before, after = (ast.dump(ast.parse(text)) for text in (place_of(bug).read_text(), changed_text(bug)))
    assert before != after


def test_a_planted_bug_is_in_the_module_that_is_imported() -> None:
    script = """
from tests.simulation.planted_bugs import PLANTED_BUGS
from tests.simulation.planting import planted
if {plant}:
    planted(PLANTED_BUGS["margin-forgotten"])
from datetime import UTC, datetime, timedelta
from order_sync.domain.answering.times import end_of_wait
asked = datetime(2026, 6, 1, tzinfo=UTC)
print(asked + timedelta(days=1) - end_of_wait(asked, asked + timedelta(days=1), timedelta(minutes=45)))
"""
    assert run(script.format(plant=False)) == "0:45:00"
    assert run(script.format(plant=True)) == "0:00:00"


def test_a_planted_bug_is_in_the_text_that_is_asked_for() -> None:
    bug = PLANTED_BUGS["release-timer-names-the-slot-as-the-shop"]
    script = """
from tests.simulation.planted_bugs import PLANTED_BUGS
from tests.simulation.planting import ROOT, place_of, planted, text_of
bug = PLANTED_BUGS["release-timer-names-the-slot-as-the-shop"]
planted(bug)
other = ROOT / "statemachines" / "cancellation_approval.asl.json"
print(bug.instead in text_of(place_of(bug)), bug.now in text_of(place_of(bug)), text_of(other) == other.read_text())
"""
    assert run(script) == "True False True"
    assert text_of(place_of(bug)) == place_of(bug).read_text()


def test_a_module_is_run_with_a_planted_bug_by_command() -> None:
    shown = "from order_sync.domain.answering import times; print(times.end_of_wait.__code__.co_names)"
    timed = ["timeit", "-n", "1", "-r", "1", shown]
    command = [sys.executable, "-m", "tests.simulation.planting", "margin-forgotten", *timed]
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'order_sync'}"}
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=paths)  # noqa: S603 (our own module)
    assert ended.stdout.splitlines()[0] == "()"


def test_a_bug_is_not_planted_into_what_is_imported_already() -> None:
    before = list(sys.meta_path)
    script = """
import order_sync.domain.ids
from tests.simulation.planted_bugs import PLANTED_BUGS
from tests.simulation.planting import planted
try:
    planted(PLANTED_BUGS["margin-forgotten"])
except RuntimeError as error:
    print(error)
"""
    assert "imported before margin-forgotten could be planted" in run(script)
    assert sys.meta_path == before


def test_a_bug_whose_text_is_gone_is_not_planted() -> None:
    known = PLANTED_BUGS["margin-forgotten"]
    gone = PlantedBug(
        name="gone",
        file=known.file,
        now="no such text",
        instead="",
        harm=known.harm,
        promises=known.promises,
        seen_by=known.seen_by,
    )
    with pytest.raises(ValueError, match="stands 0 times"):
        planted(gone)
