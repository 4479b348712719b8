"""Every chance of a simulation in one place: how often what goes wrong, and what did.

Each kind of fault draws from a generator of its own, so that leaving out one fault moves the others as little as can
be. A fault that strikes has a name, its kind and how often that kind had been asked: a run can be repeated without it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Final


class Kind(StrEnum):
    """What may go wrong."""

    TIKTOK = "TikTok Shop fails"
    CHANNELADVISOR = "ChannelAdvisor fails"
    OMS = "the OMS fails"
    EFFECT_LATE = "a request takes effect after its time-out"
    OUTAGE = "a partner is out for hours"
    SEARCH_LATE = "a partner's lists fall behind"
    SHORT_PAGES = "a partner's pages are short"
    TOKEN = "a shop's token ends"
    ROTATION = "a shop's tokens are renewed twice at once"
    ACCESS_TOKEN = "ChannelAdvisor's tokens end"
    REFUSAL = "a partner refuses for once"
    CRASH_BEFORE = "a run dies before a call"
    CRASH_AFTER = "a run dies after a call"
    CRASH_AT_LINE = "a run dies at a line"
    PAUSE = "a run hangs in a call"
    CLOCK_SKEW = "a container's clock is off"
    COLD_START = "a warm container ends"
    TABLE_REFUSES = "DynamoDB refuses a call"
    TABLE_OUT = "DynamoDB throttles for minutes"
    TABLE_ANSWER_LOST = "DynamoDB's answer is lost"
    TABLE_CONFLICT = "DynamoDB sees a conflict"
    TABLE_BATCH = "DynamoDB processes a batch in parts"
    INDEX_STALE = "the due index is behind"
    SECRET = "Secrets Manager fails"
    SECRET_ANSWER_LOST = "Secrets Manager's answer is lost"
    NOTICE = "SNS fails"
    NOTICE_ANSWER_LOST = "SNS's answer is lost"
    EVENT_DOUBLED = "an invocation comes twice"
    EVENT_LATE = "an invocation comes late"
    EVENT_LOST = "an invocation is lost"
    EVENT_REFUSED = "Lambda takes no invocation"
    EVENT_ANSWER_LOST = "Lambda's answer is lost"
    SCHEDULE_LOST = "a schedule is lost"
    SCHEDULE_LATE = "a schedule comes late"
    SCHEDULE_DOUBLED = "a schedule comes twice"
    SCHEDULES_SLEEP = "no schedule comes for hours"
    TIMER_REFUSED = "Step Functions takes no start"
    TIMER_ANSWER_LOST = "Step Functions' answer is lost"
    TIMER_VANISHED = "an execution vanishes"
    TIMER_LATE = "a timer comes late"
    TIMER_DOUBLED = "a timer's task runs twice"
    REDRIVE_LATE = "what failed is started again after days"
    SETTINGS = "an operator changes settings in the middle"


TIMES: Final[Mapping[Kind, float]] = {
    Kind.TIKTOK: 0.01,
    Kind.CHANNELADVISOR: 0.02,
    Kind.OMS: 0.01,
    Kind.EFFECT_LATE: 0.01,
    Kind.OUTAGE: 0.0002,
    Kind.SEARCH_LATE: 0.02,
    Kind.SHORT_PAGES: 0.03,
    Kind.TOKEN: 0.01,
    Kind.ROTATION: 0.01,
    Kind.ACCESS_TOKEN: 0.01,
    Kind.REFUSAL: 0.03,
    Kind.CRASH_BEFORE: 0.0001,
    Kind.CRASH_AFTER: 0.0001,
    Kind.CRASH_AT_LINE: 0.001,
    Kind.PAUSE: 0.00006,
    Kind.CLOCK_SKEW: 0.1,
    Kind.COLD_START: 0.003,
    Kind.TABLE_REFUSES: 0.0001,
    Kind.TABLE_OUT: 0.00002,
    Kind.TABLE_ANSWER_LOST: 0.002,
    Kind.TABLE_CONFLICT: 0.002,
    Kind.TABLE_BATCH: 0.01,
    Kind.INDEX_STALE: 0.0003,
    Kind.SECRET: 0.001,
    Kind.SECRET_ANSWER_LOST: 0.05,
    Kind.NOTICE: 0.03,
    Kind.NOTICE_ANSWER_LOST: 0.03,
    Kind.EVENT_DOUBLED: 0.001,
    Kind.EVENT_LATE: 0.001,
    Kind.EVENT_LOST: 0.001,
    Kind.EVENT_REFUSED: 0.001,
    Kind.EVENT_ANSWER_LOST: 0.001,
    Kind.SCHEDULE_LOST: 0.003,
    Kind.SCHEDULE_LATE: 0.003,
    Kind.SCHEDULE_DOUBLED: 0.003,
    Kind.SCHEDULES_SLEEP: 0.0001,
    Kind.TIMER_REFUSED: 0.03,
    Kind.TIMER_ANSWER_LOST: 0.03,
    Kind.TIMER_VANISHED: 0.05,
    Kind.TIMER_LATE: 0.05,
    Kind.TIMER_DOUBLED: 0.05,
    Kind.REDRIVE_LATE: 0.3,
    Kind.SETTINGS: 0.01,
}
"""How often each strikes when it may, on an ordinary bad day: some 80 to 110 times in all for two shops."""
CALM: Final = 0.15
MOODS: Final = (0.0, 0.0, 0.3, 1.0, 1.0, 3.0)
"""Some seeds spare a kind of fault, some have more of it."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that struck."""

    name: str
    at: datetime
    kind: Kind
    where: str


class Faults:
    """Asked before everything that may go wrong."""

    def __init__(
        self,
        seed: object,
        rates: Mapping[Kind, float],
        clock: Callable[[], datetime],
        left_out: Collection[str] = (),
        only: Collection[str] | None = None,
    ) -> None:
        """`left_out` are names of faults, or of whole kinds, that do not strike this time; `only` are all that may."""
        self.rates = dict(rates)
        self.struck: list[Strike] = []
        self.on_strike: Callable[[Strike], None] = lambda _strike: None
        self._left_out = frozenset(left_out)
        self._only = None if only is None else frozenset(only)
        self._clock = clock
        self._seed = seed
        self._randoms = {kind: Random(f"{seed} {kind.name}") for kind in Kind}
        # How a fault looks is its own, so that one which is left out does not change the looks of the next.
        self._looks = {kind: Random(f"{seed} {kind.name} looks") for kind in Kind}
        self._asked: Counter[Kind] = Counter()
        self.has_ended = False
        """Nothing goes wrong any more."""
        self.on_end: list[Callable[[], None]] = []
        """What is put right at that moment."""

    def strikes(self, kind: Kind, where: str = "") -> bool:
        """Whether this fault happens here and now."""
        rate = self.rates.get(kind, 0.0)
        if not rate:
            return False
        self._asked[kind] += 1
        if self._randoms[kind].random() >= rate:
            return False
        name = f"{kind.name}-{self._asked[kind]}"
        if name in self._left_out or kind.name in self._left_out:
            return False
        if self._only is not None and name not in self._only:
            return False
        strike = Strike(name, self._clock(), kind, where)
        self.struck.append(strike)
        self.on_strike(strike)
        self._looks[kind].seed(f"{self._seed} {name}")
        return True

    def choose[T](self, kind: Kind, options: Sequence[T]) -> T:
        """How a fault of this kind looks."""
        return self._looks[kind].choice(options)

    def between(self, kind: Kind, least: float, most: float) -> float:
        """How long, or how much."""
        return self._looks[kind].uniform(least, most)

    def end(self) -> None:
        """Nothing goes wrong from now on."""
        self.has_ended = True
        self.rates.clear()
        for action in self.on_end:
            action()

    def counts(self) -> Counter[Kind]:
        """How many faults of each kind have struck."""
        return Counter(strike.kind for strike in self.struck)


def rates_of(random: Random) -> dict[Kind, float]:
    """How bad the days of a seed are, kind by kind; some are calm, so that everything must be prompt."""
    if random.random() < CALM:
        return {}
    return {kind: rate * random.choice(MOODS) for kind, rate in TIMES.items()}
