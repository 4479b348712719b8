"""Days of trading decided by a seed: the product, its partners, its people, what goes wrong, and what must hold.

`Simulation(seed, days=3).play().broken` is empty, or the days of this seed show a fault of the product. Then everything
can be played again, with some of what went wrong left out, until the fewest faults are left that still show it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from json import dumps
from random import Random
from typing import Final

from order_sync.ledger.table import Item, Key
from tests.simulation.choices import channeladvisor_doubts, tiktok_doubts
from tests.simulation.cloud.runs import Run
from tests.simulation.demand import some_start
from tests.simulation.faults import Faults, Kind, rates_of
from tests.simulation.invariants import Invariants, Violation
from tests.simulation.mishaps import Mishaps
from tests.simulation.operators import Operators
from tests.simulation.placed_orders import PlacedOrder
from tests.simulation.stack import PROFILES, Stack
from tests.simulation.trace import Line, Trace, readable
from tests.simulation.traffic import Traffic, open_shops
from tests.simulation.work import Work
from tests.world import Connected

STEP: Final = timedelta(hours=1)
RECOVERY: Final = timedelta(minutes=90)
"""From the end of all faults until everything that failed is done or waits for an operator."""
LONGEST_LIFE: Final = timedelta(days=16)
"""After which every order is at its end, whatever its people did."""
AROUND: Final = 120
"""Lines of the trace that tell how a violation came about."""
PEOPLE, FAULT, VIOLATION = "people", "FAULT", "VIOLATION"
"""Who does what no run does, in the trace."""
GROSS: Final[Mapping[Kind, timedelta]] = {
    Kind.OUTAGE: timedelta(hours=5),
    Kind.SCHEDULES_SLEEP: timedelta(hours=8),
}
"""What may cost an answer its time, and how long it lasts at most. All other faults must not."""


def about(order: str, lines: Collection[Line]) -> list[Line]:
    """Of a trace: what went wrong, what was done to an order, and each run that had to do with it. All without one."""
    if not order:
        return list(lines)
    runs = {who for _, who, what in lines if order in what} | {FAULT, VIOLATION}
    runs.discard(PEOPLE)
    return [line for line in lines if line[1] in runs or order in line[2]]


class Simulation:
    """Some days of a few shops. `play` them once."""

    def __init__(
        self,
        seed: int,
        *,
        days: float = 3.0,
        orders_per_day: float = 100.0,
        start: datetime | None = None,
        only: Collection[str] | None = None,
        rates: Mapping[Kind, float] | None = None,
        keeps: int | None = 4000,
        to_the_end: bool = True,
    ) -> None:
        """`rates` are how often what goes wrong, if not as seeded; `only` names the faults that may happen this time.

        Without `to_the_end` it ends within an hour of the first violation. `keeps` is how many lines of the trace are.
        """
        self.seed = seed
        random = Random(seed)
        self.began = start or some_start(random)
        chosen = rates_of(random)
        self._rates = dict(chosen if rates is None else rates)
        self._days = timedelta(days=days)
        self._to_the_end = to_the_end
        lag, delay = (timedelta(minutes=random.choice([0, 0, 1, 9])) for _ in range(2))
        self.world = self.stack = Stack(
            seed=seed,
            start=self.began,
            faults=lambda clock: Faults(seed, {}, clock, only=only),
            trace=Trace(keeps=keeps),
            tiktok_doubts=tiktok_doubts(random),
            channeladvisor_doubts=channeladvisor_doubts(random),
            channeladvisor_page=random.choice([3, 7, 100]),
            index_lag=lag,
            hold=timedelta(minutes=random.choice([60, 60, 60, 65, 150])),
        )
        self.stack.channeladvisor.index_delay = delay
        self.operators = Operators(self.stack, Random(f"operators {seed}"))
        self.shops: Sequence[Connected] = ()
        self.decoys: Sequence[int] = ()
        self.around: list[str] = []
        """The end of the trace when the first violation was found."""
        self.retired = 0
        self._random = random
        self._orders_per_day = orders_per_day
        self._postponed: list[PlacedOrder] = []
        is_calm = not any(self._rates.values())
        self.invariants = Invariants(
            self, on_violation=self._note_violation, calm_lag=max(lag, delay) if is_calm else None
        )

    @property
    def orders(self) -> list[PlacedOrder]:
        """Those that are still to be judged."""
        return [*self._postponed, *(self.traffic.open_orders if self.shops else ())]

    @property
    def items(self) -> Mapping[Key, Item]:
        """What is in the table."""
        return self.stack.memory.items

    @property
    def executions(self) -> list[str]:
        """What timers hold."""
        return [f"{each.name} {each.given}" for each in self.stack.machines.open_executions()]

    @property
    def broken(self) -> list[str]:
        """What did not hold."""
        return [str(violation) for violation in self.invariants.violations]

    @property
    def fingerprint(self) -> str:
        """Of everything that happened."""
        return self.stack.trace.fingerprint

    @property
    def struck(self) -> Counter[Kind]:
        """What went wrong how often."""
        return self.stack.faults.counts()

    @property
    def work(self) -> Work:
        """What it all cost."""
        return Work(
            orders=len(self.traffic.orders),
            write_units=self.stack.memory.write_units,
            read_units=round(self.stack.memory.read_units),
            requests=self.stack.internet.requests,
            transitions=self.stack.machines.transitions(),
        )

    def was_disturbed(self, since: datetime, until: datetime) -> bool:
        """Whether something gross went wrong meanwhile."""
        for begun, end in (*self.traffic.absences, *self.operators.away):
            if begun <= until and end + STEP >= since:
                return True
        struck = self.stack.faults.struck
        first = bisect_left(struck, since - max(GROSS.values()), key=lambda strike: strike.at)
        return any(
            strike.kind in GROSS and strike.at <= until and strike.at + GROSS[strike.kind] >= since
            for strike in struck[first:]
        )

    def play(self) -> "Simulation":
        """The days, then calm ones in which everything must come to its end."""
        with self.stack.connected_to_partners():
            self._open()
            self._go_on_until(self.began + self._days)
            self.traffic.stop()
            self._recover()
            self._go_on_until(self.began + self._days + LONGEST_LIFE, while_orders_live=True)
            self.stack.loop.run_until(self.stack.time + RECOVERY)
            if not self._is_over:
                self.invariants.at_rest()
        return self

    def _open(self) -> None:
        stack, random = self.stack, self._random
        self.shops = shops = open_shops(stack, random, self._tell)
        stack.loop.run_until(stack.time + timedelta(minutes=1))
        self.decoys = [
            stack.channeladvisor.add_order_of_another_site(PROFILES[shop.simulated.region.code]) for shop in shops
        ]
        self._watch()
        self.traffic = Traffic(
            stack,
            random,
            shops,
            orders_per_day=self._orders_per_day,
            flash_sales=random.choice([0, 0, 1]),
            absences=random.choice([0, 0, 1]) if any(self._rates.values()) else 0,
            note=self._tell,
        )
        self.traffic.on_retired = self._retire
        stack.faults.rates.update(self._rates)
        Mishaps(stack).start()
        self.operators.start()
        stack.wake()
        self.traffic.start()

    def _watch(self) -> None:
        stack, invariants = self.stack, self.invariants
        stack.table.on_write = invariants.wrote
        stack.log.on_text = invariants.text
        stack.internet.on_answer = lambda partner: invariants.look(str(stack.calls.run or ""), partner)
        stack.internet.under_way = self._under_way
        stack.functions.on_run = self._read_event
        stack.faults.on_strike = lambda strike: stack.trace.add(
            strike.at, FAULT, f"{strike.name}: {strike.kind}, {strike.where}"
        )

    def _under_way(self, partner: str) -> AbstractContextManager[None]:
        return self.invariants.call(partner) if partner == "channeladvisor" else nullcontext()

    def _read_event(self, run: Run) -> None:
        self.invariants.text(dumps(run.event), "an event")

    def _recover(self) -> None:
        """Nothing goes wrong any more, and an operator starts what had failed once more."""
        self._tell("nothing goes wrong from now on")
        self.stack.faults.end()
        self.stack.internet.recover()
        self.stack.loop.run_until(self.stack.time + RECOVERY)
        self.stack.functions.redrive()

    def _go_on_until(self, end: datetime, *, while_orders_live: bool = False) -> None:
        while self.stack.time < end and not self._is_over:
            if while_orders_live and not self.traffic.open_orders:
                return
            self.stack.loop.run_until(min(self.stack.time + STEP, end))

    @property
    def _is_over(self) -> bool:
        return bool(self.invariants.violations) and not self._to_the_end

    def _retire(self, order: PlacedOrder) -> None:
        self.retired += 1
        if self.was_disturbed(self.stack.time - timedelta(hours=12), self.stack.time):
            self._postponed.append(order)
        else:
            self.invariants.retire(order)

    def _tell(self, text: str) -> None:
        self.stack.trace.add(self.stack.time, PEOPLE, text)

    def _note_violation(self, violation: Violation) -> None:
        self.stack.trace.add(self.stack.time, VIOLATION, str(violation))
        if not self.around:
            self.around = [readable(line) for line in about(violation.order, self.stack.trace.lines)[-AROUND:]]
