"""The fewest faults that still show what is wrong: whole kinds are left out first, then halves, then single faults."""

from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from typing import Final

from tests.simulation.faults import Strike

MOST_TRIES: Final = 100


class Shrinking:
    """Leaves out faults for as long as `shows`, given the names of those that are left, says that it is still wrong."""

    def __init__(
        self, struck: Sequence[Strike], shows: Callable[[Collection[str]], bool], most_tries: int = MOST_TRIES
    ) -> None:
        self.left = [strike.name for strike in struck]
        self.tries = 0
        self._shows = shows
        self._most_tries = most_tries
        by_kind = groupby(sorted(struck, key=lambda strike: strike.kind.name), key=lambda strike: strike.kind)
        self._kinds = [[strike.name for strike in strikes] for _, strikes in by_kind]

    def run(self) -> list[str]:
        """The names of the faults that cannot be left out, or not within so many tries."""
        self._leave_out(self._kinds)
        self._leave_out([[name] for name in self.left])
        return self.left

    def _leave_out(self, groups: Sequence[Sequence[str]]) -> None:
        """Leave out as many groups as can be, all of them first."""
        if not groups or self._do_without(frozenset(name for group in groups for name in group)):
            return
        if len(groups) > 1:
            half = len(groups) // 2
            self._leave_out(groups[:half])
            self._leave_out(groups[half:])

    def _do_without(self, names: frozenset[str]) -> bool:
        if self.tries >= self._most_tries:
            return False
        self.tries += 1
        left = [name for name in self.left if name not in names]
        if not self._shows(left):
            return False
        self.left = left
        return True
