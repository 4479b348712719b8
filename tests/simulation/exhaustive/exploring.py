"""Plays a scenario once, and from each place where it may be hit, once more in a fork: hit there, and then to its end.

The process that plays on is never hit. A fork is hit, recovers, is judged, and tells its verdict through a pipe.

What a run does to the world it does in calls. Where a run dies between two of them, the world is as if it had died at
the one before. So a run is killed with every state of the world that it leaves behind it, and not once more for the
reads in between; and at a line, the fork compares the world with that before the line, and that is its verdict.
"""

import gc
import json
import os
import re
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from types import CodeType
from typing import Final, NoReturn

import httpx
from botocore.exceptions import ClientError, ReadTimeoutError

from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Put, VersionConflictError
from tests.simulation.cloud.deployment import deployment
from tests.simulation.cloud.lines import PRODUCT, is_asked_by_us
from tests.simulation.cloud.runs import KilledError, Run
from tests.simulation.stack import Stack

BEFORE, AFTER, AT_LINE = "dies before", "dies after", "dies at"
OVERTAKEN, AGAIN = "is overtaken before", "comes again, begun with"
UNANSWERED: Final = "gets no answer to"
MOST_SECONDS: Final = 120
"""That a fork may take."""
OVERTAKEN_SECONDS, AGAIN_SECONDS = 20.0, 90.0
"""For which a run hangs while its event comes once more, and after which one comes that was done with."""
_TOOL: Final = 3
_READS: Final = ("GetItem ", "BatchGetItem ", "Query ", "GetSecretValue ")
_READ_AT_PARTNER: Final = re.compile(r"\w+ (GET (?!\S*/token/)|POST \S*/search)")
_NAMES: Final = re.compile(r"\b(?=\w*\d)[\w.:@-]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a fork."""

    fate: str
    where: str
    wrong: list[str]


@dataclass(slots=True, kw_only=True)
class Found:
    """What an exploration came to."""

    calls: int = 0
    """That runs made to the outside while it went on."""
    same_world: int = 0
    """Places at which a run was not killed, since it had been already with the world as it was."""
    lines: int = 0
    """Different lines of the product at which a run was killed."""
    forks: Counter[str] = field(default_factory=Counter)
    broken: list[Verdict] = field(default_factory=list)


class Exploration:
    """Watches a stack; between `start` and `stop` it forks. `often` is how many times each kind of place is hit."""

    def __init__(
        self, *, often: int = 1, everywhere: bool = False, lines_from: int = 0, one_line_in: int = 1, at: str = ""
    ) -> None:
        """Of the lines every `one_line_in`th is hit, from that of number `lines_from`; none with 0.

        Only the functions that a scenario is about are hit, and reads by their operation, unless `everywhere`.
        `at` hits only places whose fate and name contain it.
        """
        self.found = Found()
        self.changed = 0
        """How often anything was changed anywhere: the number of the world's state."""
        self._often = often
        self._everywhere = everywhere
        self._lines_from, self._one_line_in = lines_from, one_line_in
        self._at = at
        self._goes_on = False
        self._about: tuple[str, ...] = ()
        self._hit: Counter[tuple[str, str, str]] = Counter()
        self._killed_in: set[tuple[int, int]] = set()
        self._seen_lines = 0
        self._had_condition = False
        """Whether the last single write had one: without, a second try writes the same once more."""
        self._pipe: int | None = None
        self._hit_as = ("", "")
        self._dying: tuple[Run, str] | None = None

    def watch(self, stack: Stack) -> None:
        """This stack."""
        self._stack = stack
        stack.calls.on_call = self._at_call
        store = stack.memory.put

        def put(put: Put) -> None:
            self._had_condition = put.expects is not None
            store(put)

        stack.memory.put = put  # type: ignore[method-assign]
        told = stack.functions.on_end

        def ended(run: Run, answer: object, error: BaseException | None) -> None:
            told(run, answer, error)  # type: ignore[arg-type]
            self._compare(run)

        stack.functions.on_end = ended

    def start(self, *about: str) -> None:
        """From now on what runs is hit: these functions, or all."""
        self._about = about
        gc.collect()
        gc.freeze()
        self._goes_on = True
        if self._one_line_in:
            sys.monitoring.use_tool_id(_TOOL, "every line at which a run may die")
            sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, self._at_line)
            sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)
            sys.monitoring.restart_events()

    def stop(self) -> None:
        """Nothing is hit any more."""
        self._goes_on = False
        if sys.monitoring.get_tool(_TOOL) is not None:
            sys.monitoring.set_events(_TOOL, 0)
            sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, None)
            sys.monitoring.free_tool_id(_TOOL)

    def _come_twice(self, run: Run, name: str) -> None:
        if self._is_hit(OVERTAKEN, run, name):
            self._start_again(run)
            self._stack.calls.wait(OVERTAKEN_SECONDS)
        elif self._is_hit(AGAIN, run, name):
            self._stack.loop.after(AGAIN_SECONDS, lambda: self._start_again(run))

    def _start_again(self, run: Run) -> None:
        name = next(each.name for each in deployment().functions.values() if each.folder == run.function)
        self._stack.functions.start(name, dict(run.event))

    def _at_call(self, run: Run, name: str, is_done: bool) -> None:  # noqa: FBT001
        if not is_done:
            self.found.calls += self._goes_on
            self._kill(BEFORE, run, name)
            if not is_read(name):
                self._come_twice(run, name)
            return
        self.changed += not is_read(name)
        self._kill(AFTER, run, name)
        for error in errors_of(name):
            if isinstance(error, VersionConflictError) and not self._had_condition:
                continue
            if self._is_hit(f"{UNANSWERED} ({type(error).__name__})", run, name):
                raise error

    def _kill(self, fate: str, run: Run, name: str) -> None:
        if not self._goes_on or not self._is_about(run):
            return
        state = run.number, self.changed
        if state in self._killed_in:
            self.found.same_world += 1
            return
        self._killed_in.add(state)
        if self._is_hit(fate, run, name):
            self._stack.calls.die(run)

    def _at_line(self, code: CodeType, line: int) -> object:
        if not code.co_filename.startswith(PRODUCT):
            return sys.monitoring.DISABLE
        run = self._stack.calls.run
        if not self._goes_on or run is None or not self._is_about(run) or is_asked_by_us(sys._getframe(1)):
            return None
        self._seen_lines += 1
        if (self._seen_lines - self._lines_from) % self._one_line_in == 0:
            where = f"{code.co_filename.rpartition('order_sync/')[2]}:{line}"
            if self._fork(AT_LINE, f"{run.function}: {where}"):
                self._dying = run, self.world()
                run.is_dead = True
                raise KilledError
            self.found.lines += 1
        return sys.monitoring.DISABLE

    def _compare(self, run: Run) -> None:
        if self._dying is not None and self._dying[0] is run:
            same = self.world() == self._dying[1]
            self.tell([] if same else ["the run changed the world after its death"])

    def world(self) -> str:
        """A fingerprint of all that is kept anywhere."""
        stack = self._stack
        state = (
            sorted(stack.memory.items.items()),
            sorted(stack.secrets.texts.items()),
            [(each.name, each.given) for each in stack.machines.executions],
            stack.internet.requests,
            stack.published,
            stack.functions.dead_letters,
            stack.calls.made,
        )
        return sha256(repr(state).encode()).hexdigest()

    def _is_hit(self, fate: str, run: Run, name: str) -> bool:
        """Whether this process is a fork that is hit here."""
        if not self._goes_on or not self._is_about(run):
            return False
        kind = fate, run.function, _NAMES.sub("*", name)
        if is_read(name) and fate.startswith(UNANSWERED) and not self._everywhere:
            kind = fate, "", name.partition(" ")[0]
        if self._hit[kind] >= self._often:
            return False
        where = f"{run.function}: {name}"
        if self._at not in f"{fate} {where}":
            return False
        self._hit[kind] += 1
        return self._fork(fate, where)

    def _is_about(self, run: Run) -> bool:
        return self._everywhere or not self._about or run.function in self._about

    def _fork(self, fate: str, where: str) -> bool:
        reads, writes = os.pipe()
        if not os.fork():
            os.close(reads)
            gc.disable()
            self._goes_on = False
            if fate != AT_LINE:
                self.stop()
            self._pipe, self._hit_as = writes, (fate, where)
            signal.alarm(MOST_SECONDS)
            return True
        os.close(writes)
        with os.fdopen(reads, "rb") as answer:
            said = answer.read()
        os.wait()
        self.found.forks[fate] += 1
        wrong = json.loads(said) if said else ["the fork ended without a verdict"]
        if wrong:
            self.found.broken.append(Verdict(fate=fate, where=where, wrong=wrong))
        return False

    @property
    def is_fork(self) -> bool:
        """Whether this process has been hit."""
        return self._pipe is not None

    def tell(self, wrong: list[str]) -> NoReturn:
        """A fork ends with its verdict."""
        assert self._pipe is not None
        os.write(self._pipe, json.dumps(wrong[:20]).encode())
        os._exit(0)

    def judged(self, play: Callable[[], list[str]]) -> list[str]:
        """What is wrong at the end of `play`: of the process that was never hit. Forks end here."""
        try:
            wrong = play()
        except BaseException as error:
            if not self.is_fork:
                raise
            wrong = ["".join(traceback.format_exception(error))[-2000:]]
        if self.is_fork:
            self.tell(wrong)
        return wrong


def is_read(name: str) -> bool:
    """Whether a call changes nothing."""
    return name.startswith(_READS) or bool(_READ_AT_PARTNER.match(name))


def errors_of(name: str) -> list[Exception]:
    """What a run gets to hear when a call took effect and its answer is lost."""
    operation = name.partition(" ")[0]
    if operation in ("tiktok", "channeladvisor", "oms"):
        return [httpx.ReadTimeout("simulated")]
    if operation in ("GetItem", "BatchGetItem", "Query", "TransactWriteItems"):
        return [RetriableError("DynamoDB: simulated")]
    if operation in ("PutItem", "DeleteItem"):
        # The client's own second try meets what the first one wrote.
        return [RetriableError("DynamoDB: simulated"), VersionConflictError(name)]
    if operation == "GetSecretValue":
        return [ClientError({"Error": {"Code": "InternalServiceError", "Message": "simulated"}}, operation)]
    return [ReadTimeoutError(endpoint_url="simulated")]
