"""`python -m tests.simulation.exhaustive hand_over` hits a scenario at every place, and tells what does not recover."""

import json
import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from tests.simulation.exhaustive.exploring import Exploration
from tests.simulation.exhaustive.scenarios import SCENARIOS
from tests.simulation.exhaustive.scene import Scene


def main() -> int:
    """1 when something does not recover."""
    arguments = ArgumentParser(prog="python -m tests.simulation.exhaustive", description=__doc__)
    arguments.add_argument("scenario", choices=sorted(SCENARIOS))
    arguments.add_argument("--often", type=int, default=1, help="how many times each kind of place is hit")
    arguments.add_argument("--everywhere", action="store_true", help="in functions that it is not about, too")
    arguments.add_argument("--one-line-in", type=int, default=1, help="of the lines; 0 for none")
    arguments.add_argument("--lines-from", type=int, default=0, help="the first line that is hit")
    arguments.add_argument("--at", default="", help="hit only places whose name contains this")
    arguments.add_argument("--json", action="store_true", help="for machines")
    given = arguments.parse_args()
    exploration = Exploration(
        often=given.often,
        everywhere=given.everywhere,
        one_line_in=given.one_line_in,
        lines_from=given.lines_from,
        at=given.at,
    )
    scene = Scene(exploration)

    def play() -> list[str]:
        SCENARIOS[given.scenario](scene)
        exploration.stop()
        return scene.end()

    began = time.monotonic()
    with scene.stack.connected_to_partners():
        wrong = exploration.judged(play)
    found = exploration.found
    processor = sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    if given.json:
        print(
            json.dumps(
                {
                    "wrong": wrong,
                    "calls": found.calls,
                    "lines": found.lines,
                    "forks": found.forks,
                    "broken": [asdict(verdict) for verdict in found.broken],
                }
            )
        )
        return 0
    for verdict in found.broken:
        print(f"{verdict.fate} {verdict.where}")
        for each in verdict.wrong:
            print(f"    {each}")
    print(*wrong, sep="\n")
    forks = ", ".join(f"{times} {fate}" for fate, times in sorted(found.forks.items()))
    print(
        f"{given.scenario}: {found.calls} calls, {found.lines} lines, {found.forks.total()} forks ({forks}), "
        f"{found.same_world} in the same world; {len(found.broken)} broken; {processor:.1f} s of processor time, "
        f"{time.monotonic() - began:.1f} s"
    )
    return 1 if wrong or found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
