"""What a simulation tells: a line of figures, and where something is wrong its story with the fewest faults."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from tests.simulation.faults import Strike
from tests.simulation.invariants import Violation
from tests.simulation.shrinking import Shrinking
from tests.simulation.simulation import Simulation


def figures(played: Simulation) -> str:
    """What happened, in one line."""
    functions = played.stack.functions
    return (
        f"{len(played.shops)} shops, {len(played.traffic.orders)} orders, {sum(functions.runs.values())} runs,"
        f" {len(played.stack.faults.struck)} faults of {len(played.struck)} kinds, {functions.killed} runs killed"
    )


def same(violation: Violation) -> tuple[str, str]:
    """What two violations have in common that are the same, of whatever order and at whatever time."""
    return violation.invariant, re.sub(r"[\d.:]+", "#", violation.text)


def story(seed: int, options: dict[str, Any], first: Violation, struck: Sequence[Strike]) -> Iterator[str]:
    """The first violation with the fewest faults that still show it, line by line; plays many times."""
    wanted = same(first)

    def play(only: Collection[str]) -> Simulation:
        return Simulation(seed, **options, only=only, to_the_end=False).play()

    def shows(only: Collection[str]) -> bool:
        return any(same(violation) == wanted for violation in play(only).invariants.violations)

    shrinking = Shrinking([strike for strike in struck if strike.at <= first.at], shows)
    left = shrinking.run()
    played = play(left)
    yield from played.around
    yield ""
    yield from played.broken[:5]
    yield f"Faults that it takes, of {len(struck)} ({shrinking.tries} times played):"
    yield from (f"  {strike.name}: {strike.kind}, {strike.where}" for strike in played.stack.faults.struck)
    yield f"As a test: Simulation({seed}, {_words(options)}only={tuple(left)})"


def _words(options: dict[str, Any]) -> str:
    return "".join(f"{name}={value!r}, " for name, value in options.items())
