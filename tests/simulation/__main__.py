"""`make simulate SEED=7 DAYS=3`: play the days of a seed, or of many, and tell the story of what is wrong."""

import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

from tests.simulation.faults import Kind
from tests.simulation.playing import Played, play
from tests.simulation.report import story
from tests.simulation.simulation import Simulation


def main() -> int:
    """1 when something does not hold."""
    arguments = ArgumentParser(prog="make simulate", description=__doc__)
    arguments.add_argument("--seed", type=int, default=1, help="the first one")
    arguments.add_argument("--seeds", type=int, default=1, help="how many, one after the other")
    arguments.add_argument("--days", type=float, default=3.0)
    arguments.add_argument("--orders", type=float, default=100.0, help="an ordinary day's, of all shops")
    arguments.add_argument("--processes", type=int, default=1)
    given = arguments.parse_args()
    options = {"days": given.days, "orders_per_day": given.orders}
    began = time.monotonic()
    total = _Total()
    for played in _play_all(range(given.seed, given.seed + given.seeds), options, given.processes):
        print(f"seed {played.seed}: {played.text}, {played.seconds:.0f} s", flush=True)
        for wrong in played.broken[:10]:
            print(f"  {wrong}")
        total.add(played)
    if given.seeds > 1:
        print(total.text(time.monotonic() - began))
    if total.failed:
        _tell(total.failed[0], options)
    return 1 if total.failed else 0


def _play_all(seeds: Iterable[int], options: dict[str, Any], processes: int) -> Iterator[Played]:
    if processes == 1:
        yield from (play(options, seed) for seed in seeds)
        return
    # A new process after some: what a simulation leaves behind in memory is much.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), max_tasks_per_child=4) as pool:
        yield from pool.map(partial(play, options), seeds)


def _tell(seed: int, options: dict[str, Any]) -> None:
    print(f"\nLooking for the fewest faults that show what is wrong with seed {seed} ...", flush=True)
    played = Simulation(seed, **options, to_the_end=False).play()
    first = played.invariants.violations[0]
    for line in story(seed, options, first, played.stack.faults.struck):
        print(line, flush=True)


class _Total:
    """What all seeds amount to."""

    def __init__(self) -> None:
        self.failed: list[int] = []
        self._faults: Counter[Kind] = Counter()
        self._numbers: Counter[str] = Counter()
        self._days = 0.0

    def add(self, played: Played) -> None:
        """One more."""
        if played.broken:
            self.failed.append(played.seed)
        self._faults += played.faults
        self._numbers += Counter(seeds=1, orders=played.orders, killed=played.killed)
        self._days += played.days

    def text(self, seconds: float) -> str:
        """For people."""
        kinds = "\n".join(f"  {times:7} {kind}" for kind, times in self._faults.most_common())
        return (
            f"{self._numbers['seeds']} seeds, {self._days:.0f} days, {self._numbers['orders']} orders,"
            f" {self._faults.total()} faults, {self._numbers['killed']} runs killed,"
            f" {len(self.failed)} seeds with violations: {self.failed}\n"
            f"{seconds:.0f} s, {self._days / seconds:.2f} days a second\n{kinds}"
        )


if __name__ == "__main__":
    sys.exit(main())
