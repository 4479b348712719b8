"""How many random sequences a state machine plays, and how long they are: few in every run, many on demand."""

import os
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

LONG: Final = "RANDOM_SEQUENCES"
"""The environment variable that asks for others, such as 5000x200; each run of those is another one."""


def as_test(machine: type[RuleBasedStateMachine], *, examples: int, steps: int = 40) -> type:
    """The test that plays a machine: in every run the same sequences, and as many as find what has been planted."""
    asked = os.environ.get(LONG, "")
    examples, steps = map(int, asked.split("x")) if asked else (examples, steps)
    machine.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not asked,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    found: type = machine.TestCase
    return found
