"""Months of trading in a minute: whatever goes wrong, every promise is kept, and what breaks one is told."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from tests.simulation.faults import TIMES
from tests.simulation.planting import ROOT
from tests.simulation.report import figures
from tests.simulation.simulation import Simulation
from tests.simulation.work import amplified

SEEDS: Final = (1, 3, 4)
DAYS: Final = 2.0
ORDERS_PER_DAY: Final = 60.0
FINGERPRINT: Final = """
import sys
from tests.simulation.simulation import Simulation
print(Simulation(int(sys.argv[1]), days=0.2, keeps=0).play().fingerprint)
"""


def in_a_process(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in a process of its own."""
    paths = os.pathsep.join(["layers/order_sync", "functions", "."])
    return subprocess.run(  # noqa: S603 (our own modules)
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": paths} | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def told(played: Simulation) -> str:
    """What a person who reads a failure wants to know."""
    again = f"make simulate SEED={played.seed} DAYS={DAYS:g} ORDERS={ORDERS_PER_DAY:g}"
    return "\n".join([again, figures(played), *played.around, *played.broken[:20]])


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_every_promise_is_kept(seed: int) -> None:
    played = Simulation(seed, days=DAYS, orders_per_day=ORDERS_PER_DAY).play()
    assert played.broken == [], told(played)
    assert played.retired == len(played.traffic.orders) > 0.7 * DAYS * ORDERS_PER_DAY
    is_calm = played.struck.total() == 0
    assert is_calm or played.struck.total() > 30 * DAYS, figures(played)


def test_faults_cost_at_most_thrice_the_work() -> None:
    calm, bad = (Simulation(9, days=1.0, rates=rates).play() for rates in ({}, TIMES))
    assert bad.struck.total() > 50
    assert [*calm.broken, *bad.broken, *amplified(bad.work, calm.work)] == []


def test_one_seed_is_one_time_in_any_process() -> None:
    runs = [in_a_process("-c", FINGERPRINT, "7", environment={"PYTHONHASHSEED": seed}) for seed in ("0", "4711")]
    fingerprints = {run.stdout for run in runs}
    assert [run.stderr for run in runs] == ["", ""]
    assert len(fingerprints) == 1
    assert Simulation(7, days=0.2).play().fingerprint + "\n" in fingerprints
    assert Simulation(8, days=0.2).play().fingerprint + "\n" not in fingerprints


def test_what_is_left_out_does_not_happen() -> None:
    first = Simulation(7, days=0.1, rates=TIMES).play()
    names = [strike.name for strike in first.stack.faults.struck]
    again = Simulation(7, days=0.1, rates=TIMES, only=names).play()
    assert (again.fingerprint, len(names) > 5) == (first.fingerprint, True)
    without: Sequence[str] = Simulation(7, days=0.1, rates=TIMES, only=names[:1]).play().fingerprint
    assert without != first.fingerprint


def test_a_planted_bug_is_told_with_the_fewest_faults_that_show_it() -> None:
    arguments = ("--seed", "1", "--days", "0.6", "--orders", "60")
    run = in_a_process("-m", "tests.simulation.planting", "cursor-before-the-orders", "tests.simulation", *arguments)
    assert run.returncode == 1, run.stderr
    assert run.stderr == ""
    found = re.search(
        r"Faults that it takes, of (\d+) \((\d+) times played\):\n((?:  .+\n)*)As a test: (.*)", run.stdout
    )
    assert found is not None, run.stdout
    assert len(found[3].splitlines()) <= 3 < int(found[1])
    assert found[4].startswith("Simulation(1, days=0.6, orders_per_day=60.0, only=(")
    assert "I7" in run.stdout


def test_a_seed_that_keeps_its_promises_is_told_in_a_line() -> None:
    run = in_a_process("-m", "tests.simulation", "--seed", "1", "--seeds", "2", "--days", "0.05", "--processes", "2")
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["seed 1", "seed 2"]
    assert lines[2].startswith("2 seeds, ")
