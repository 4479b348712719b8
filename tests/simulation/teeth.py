"""Whether the simulation finds planted bugs: `python -m tests.simulation.teeth` hunts each of them in a process.

`python -m tests.simulation.planting BUG tests.simulation.teeth --hunt` plays seed after seed with one bug planted until
something does not hold, and says so in a line of JSON.
"""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from tests.simulation.planted_bugs import PLANTED_BUGS
from tests.simulation.planting import ROOT


class Catch(NamedTuple):
    """When a planted bug was found, or for how long it was looked for."""

    bug: str
    seed: int
    """Which showed it; 0 for none."""
    days: float
    """Simulated, of all seeds that were played."""
    said: str
    """The first violation."""


def hunt(bug: str, first: int, seeds: int, days: float, orders: float) -> Catch:
    """Look for a bug in a process of its own."""
    command = [sys.executable, "-m", "tests.simulation.planting", bug, "tests.simulation.teeth", "--hunt"]
    numbers = {"--first": first, "--seeds": seeds, "--days": days, "--orders": orders}
    done = subprocess.run(  # noqa: S603 (our own module)
        [*command, *(f"{name}={number}" for name, number in numbers.items())],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{bug}: {done.stderr[-2000:]}")
    return Catch(bug, *json.loads(done.stdout.splitlines()[-1]))


def _hunt_here(first: int, seeds: int, days: float, orders: float) -> tuple[int, float, str]:
    # Not at the top: the bug is planted before anything of the product is imported.
    from tests.simulation.simulation import Simulation  # noqa: PLC0415

    played = timedelta(0)
    for seed in range(first, first + seeds):
        simulation = Simulation(seed, days=days, orders_per_day=orders, keeps=0, to_the_end=False)
        said = ""
        try:
            simulation.play()
        except Exception as error:  # noqa: BLE001 (a bug may well break the simulation itself)
            said = f"{type(error).__name__}: {error}"
        violations = simulation.invariants.violations
        if violations:
            said = str(violations[0])
        played += (violations[0].at if violations else simulation.stack.time) - simulation.began
        if said:
            return seed, played / timedelta(days=1), said
    return 0, played / timedelta(days=1), ""


def main() -> int:
    """1 when a bug is not found."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--hunt", action="store_true")
    arguments.add_argument("--first", type=int, default=1)
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--days", type=float, default=1.0)
    arguments.add_argument("--orders", type=float, default=60.0)
    arguments.add_argument("--processes", type=int, default=os.cpu_count())
    arguments.add_argument("bugs", nargs="*", default=list(PLANTED_BUGS))
    given = arguments.parse_args()
    if given.hunt:
        print(json.dumps(_hunt_here(given.first, given.seeds, given.days, given.orders)))
        return 0
    looked_for = partial(hunt, first=given.first, seeds=given.seeds, days=given.days, orders=given.orders)
    missed = 0
    with ThreadPoolExecutor(given.processes) as pool:
        for catch in pool.map(looked_for, given.bugs):
            missed += not catch.seed
            print(f"| {catch.bug} | {catch.days:.1f} | {catch.seed or 'none'} | {catch.said} |", flush=True)
    print(f"{len(given.bugs) - missed} of {len(given.bugs)} found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
