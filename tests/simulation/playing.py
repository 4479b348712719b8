"""The days of one seed, played in whatever process, and what is worth telling another one of them."""

import time
from collections import Counter
from typing import Any, NamedTuple

from tests.simulation.faults import Kind
from tests.simulation.report import figures
from tests.simulation.simulation import Simulation


class Played(NamedTuple):
    """What became of the days of a seed."""

    seed: int
    text: str
    broken: list[str]
    orders: int
    faults: Counter[Kind]
    killed: int
    days: float
    seconds: float


def play(options: dict[str, Any], seed: int) -> Played:
    """Play them."""
    began = time.process_time()
    played = Simulation(seed, **options, keeps=0).play()
    return Played(
        seed=seed,
        text=figures(played),
        broken=played.broken,
        orders=len(played.traffic.orders),
        faults=played.struck,
        killed=played.stack.functions.killed,
        days=(played.stack.time - played.began).total_seconds() / 86400,
        seconds=time.process_time() - began,
    )
