"""Each mutant against the tests that reach its function: one collection of the tests, then one fork per mutant.

mutmut's own runner collects thousands of tests anew for every mutant, which takes longer than running them.
"""

import gc
import os
import resource
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

from local.mutation.scores import KILLED, SURVIVED, TIMED_OUT, UNREACHED

# An endless loop must end; a slow machine must not look like one.
_CPU_SECONDS: Final = 20
_CPU_TIMES_USUAL: Final = 5
# Most tests reach most of the domain, to set their scene. Those that import the module are all asked; of the others,
# those that noticed most so far, and the quickest, for so long. What they would have noticed later counts as missed.
_SECONDS_OF_OTHERS: Final = 2.0


@dataclass(slots=True)
class Trials:
    """A plugin of pytest that tries mutants instead of running tests once."""

    mutants: Sequence[str]
    tell: Callable[[str, str], None]
    """Called with the mutant and its verdict."""
    seconds: dict[str, float] = field(default_factory=dict)
    tests_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    kills: Counter[str] = field(default_factory=Counter)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants on the collected tests."""
        items = {item.nodeid: item for item in session.items}
        # Else every fork copies what the collector of garbage touches.
        gc.collect()
        gc.freeze()
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            self._see_what_tests_reach(session.items)
        killers: dict[str, list[str]] = defaultdict(list)
        for mutant in self.mutants:
            module = mutant.rpartition(".")[0]
            reaching = self.tests_of.get(mutant.partition("__mutmut_")[0], set())
            asked = self._asked([items[name] for name in reaching], module, killers[module])
            verdict, killer = self._try(mutant, asked)
            if killer:
                killers[module].append(killer)
                self.kills[killer] += 1
            self.tell(mutant, verdict)
        return True

    def _see_what_tests_reach(self, items: Collection[pytest.Item]) -> None:
        set_mutant_under_test("stats")
        os.environ["MUTMUT_DEPENDENCY_DEPTH"] = "-1"
        for item in items:
            state()._stats.clear()  # noqa: SLF001  (mutmut's own runner reads it so, too)
            began = time.process_time()
            reports = runtestprotocol(item, nextitem=None, log=False)
            self.seconds[item.nodeid] = time.process_time() - began
            if any(report.failed for report in reports):
                raise AssertionError(f"{item.nodeid} fails without any mutant: {reports}")
            for function in state()._stats:  # noqa: SLF001
                self.tests_of[function].add(item.nodeid)
        set_mutant_under_test("")

    def _asked(self, items: Collection[pytest.Item], module: str, killers: Sequence[str]) -> list[pytest.Item]:
        # A test that found one mutant of a module finds others of it.
        latest = {name: number for number, name in enumerate(killers, start=1)}
        in_turn = sorted(items, key=lambda item: (-latest.get(item.nodeid, 0), self.seconds[item.nodeid], item.nodeid))
        near = [item for item in in_turn if item.nodeid in latest or _imports(item, module)]
        others = sorted((item for item in in_turn if item not in near), key=lambda item: -self.kills[item.nodeid])
        spent = accumulate(self.seconds[item.nodeid] for item in others)
        return near + [item for item, seconds in zip(others, spent, strict=True) if seconds <= _SECONDS_OF_OTHERS]

    def _try(self, mutant: str, items: Sequence[pytest.Item]) -> tuple[str, str | None]:
        if not items:
            return UNREACHED, None
        usual = sum(self.seconds[item.nodeid] for item in items)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _be_tried(mutant, items, writing, cpu_seconds=_CPU_SECONDS + int(usual * _CPU_TIMES_USUAL))
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            killer = answer.read().decode()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return TIMED_OUT, None
        return (KILLED, killer) if os.WEXITSTATUS(status) else (SURVIVED, None)


def _imports(item: pytest.Item, module: str) -> bool:
    namespace = vars(item.module) if isinstance(item, pytest.Function) else {}
    return any(getattr(value, "__module__", None) == module for value in namespace.values())


def _be_tried(mutant: str, items: Sequence[pytest.Item], answer: int, *, cpu_seconds: int) -> None:
    """Run the tests in this process, with the mutant in force, and end the process with what they say."""
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    set_mutant_under_test(mutant)
    for item in items:
        failed = True
        with suppress(BaseException):  # whatever a mutant throws through pytest, the test has noticed it
            failed = any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))
        if failed:
            os.write(answer, item.nodeid.encode())
            os._exit(1)
    os._exit(0)
