"""What botocore does when no answer comes: it sends the request again, as often as our functions let it."""

from collections.abc import Callable
from typing import Final

from tests.simulation.cloud.runs import Calls
from tests.simulation.faults import Faults, Kind

TRIES: Final = 4
NO_ANSWER_SECONDS: Final = 5.0
"""As our functions configure it: so often it tries, and so long it waits for each answer."""
LOST: Final = (1, 1, 2, TRIES)
"""How many of the answers in a row get lost."""


class Unanswered:
    """Lets answers get lost after the effect: most calls succeed at a later try, some end in an error all the same."""

    def __init__(self, calls: Calls, faults: Faults) -> None:
        self._calls = calls
        self._faults = faults

    def tried[T](self, kind: Kind, about: str, attempt: Callable[[], T], error: Callable[[], Exception]) -> T:
        """The answer of the last try. Raises `error` when no try is answered; `attempt` has had its effects then."""
        answer = attempt()
        if not self._faults.strikes(kind, about):
            return answer
        for tries in range(1, self._faults.choose(kind, LOST) + 1):
            self._calls.wait(NO_ANSWER_SECONDS)
            if tries == TRIES:
                raise error()
            answer = attempt()
        return answer
