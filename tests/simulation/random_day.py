"""A few trading days of a few shops, decided by one seed: who orders, who ships, what breaks, who dies, and when."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Final

from order_sync.bootstrap.runs import SECONDS_TO_FINISH
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.timing import Timing
from order_sync.jobs.poll_tiktok import ORDERS_FEED
from order_sync.jobs.run import Report
from order_sync.ledger.keys import order_key
from order_sync.ledger.table import Item, Key
from tests.simulation.choices import channeladvisor_doubts, mappings, tiktok_doubts
from tests.simulation.opening import open_a_shop
from tests.simulation.people import People
from tests.simulation.placed_orders import PlacedOrder, at_tiktok
from tests.simulation.returning_people import still_to_come
from tests.simulation.troubles import PATHS, RETURN_PATHS, Rates, Troubles, UnreliableTimers, some_rates
from tests.simulation.watched_ledger import WatchedLedger
from tests.world import CYCLE, JOBS, Connected, Killed, World

FUNCTION_LIVES: Final = timedelta(seconds=540)
MOST_QUESTIONS: Final = 12
"""How often the days are waited on for questions about returns, one after the other."""
NO_NEW_WORK: Final = FUNCTION_LIVES - timedelta(seconds=SECONDS_TO_FINISH)


class _World(World):
    """A world that says when a run begins and ends."""

    day: "RandomDay"

    def run(self, job: str, shop: Connected, *, only: OrderId | None = None) -> Report:
        with self.day.running():
            report = super().run(job, shop, only=only)
        self.day.ran(job, shop, report)
        return report

    def answer(self, shop: Connected, cancel: str, decision: str) -> Report:
        """A command is refused, or fails, or dies: its sender reads that."""
        report = Report()
        with self.day.running():
            try:
                report = super().answer(shop, cancel, decision)
            except (RetriableError, RejectedError) as error:
                report.problem("commands_refused", str(error))
            except Killed:
                report.count("runs_killed")
        self.day.ran("answer_cancel_request", shop, report)
        return report

    def answer_return(self, shop: Connected, return_id: str, question: str, decision: str, **more: str) -> Report:
        """The same."""
        report = Report()
        with self.day.running():
            try:
                report = super().answer_return(shop, return_id, question, decision, **more)
            except (RetriableError, RejectedError) as error:
                report.problem("commands_refused", str(error))
            except Killed:
                report.count("runs_killed")
        self.day.ran("answer_return", shop, report)
        return report


class RandomDay:
    """`play` it, then ask the checks. `trace` tells what happened, the same for the same seed."""

    def __init__(self, seed: int, *, returns: bool = False) -> None:
        self.seed = seed
        self.trace: list[str] = []
        self.disturbed_at: list[datetime] = []
        """When something went wrong that may cost an answer its time."""
        self._random = random = Random(seed)
        self._begun: list[datetime] = []
        self.table = WatchedLedger(random)
        self.broken = self.table.broken
        self.rates = self.rates_of_day = some_rates(random) if random.random() < 0.85 else Rates()
        """In the end, while all is well, `rates` are others."""
        self.world = _World(
            table=self.table,
            tiktok_doubts=tiktok_doubts(random),
            channeladvisor_doubts=channeladvisor_doubts(random),
            channeladvisor_page=random.choice([3, 7, 100]),
            index_lag=timedelta(minutes=random.choice([0, 0, 1, 9])),
        )
        self.world.day = self
        self.world.channeladvisor.index_delay = timedelta(minutes=random.choice([0, 0, 1, 9]))
        self.shops = [open_a_shop(self.world, random, self.note) for _ in range(random.choice([1, 2, 2, 3]))]
        self.decoys = [
            self.world.channeladvisor.add_order_of_another_site(
                (shop.simulated.region.code == "US" and 12345678) or 87654321
            )
            for shop in self.shops
        ]
        self.people = People(self.world, random, self.shops, self.note)
        if returns:
            own = Random(f"returns {seed}")
            for shop in self.shops:
                rule = {"without_answer": own.choice(["leave_to_tiktok", "approve"])}
                self.world.reconnect(shop, returns=rule)
                self.note(f"shop {shop.id}: {rule}")
            self.people.want_returns(own)
        self.troubles = Troubles(self.world, random, self.rates, self.note)
        if returns:
            self.troubles.paths = {name: paths + 2 * RETURN_PATHS[name] for name, paths in PATHS.items()}
        self._timers = self.world.timers = UnreliableTimers(
            random, self.rates.timer, self.troubles.happened, self.disturb
        )
        self.world.on_answer = self.table.before_call = self._at_any_place
        self.world.seconds_lost = random.choice([0.0, 10.0, 60.0])
        self.world.has_time = lambda: self.world.time - self._begun[-1] < NO_NEW_WORK
        self.table.on_cursor = self._check_cursor
        self._faults_seen = 0

    @property
    def orders(self) -> list[PlacedOrder]:
        """What buyers have ordered."""
        return self.people.orders

    @property
    def items(self) -> dict[Key, Item]:
        """What is in the table."""
        return self.table.items

    @property
    def executions(self) -> list[str]:
        """The timers that wait."""
        return [f"{at} {job} {shop} {orders}" for (at, job, shop), orders in self.world.timers.waiting.items()]

    @property
    def fingerprint(self) -> str:
        """Two days of one seed have the same."""
        return sha256("\n".join(self.trace).encode()).hexdigest()

    def story_of(self, broken: list[str]) -> str:
        """What is broken, and what happened to the orders that it names."""
        orders = [order.id for order in self.people.orders if any(order.id in wrong for wrong in broken)]
        told = [line for line in self.trace if any(order in line for order in orders)]
        return "\n".join([f"seed {self.seed}, {self.rates_of_day}", *broken, *told])

    def note(self, text: str) -> None:
        """Write down what happened."""
        self.trace.append(f"{self.world.time:%d %H:%M:%S} {text}")

    def play(self) -> "RandomDay":
        """The days themselves, then calm hours in which everything must come right."""
        for _ in range(self._random.randint(40, 110)):
            self._cycle()
        while len(self.people.orders) < self.people.to_place:
            self.people.place()
        self._calm_down()
        return self

    @contextmanager
    def running(self) -> Iterator[None]:
        """A function lives."""
        self._begun.append(self.world.time)
        self.table.failure_rate = self.rates.table
        try:
            yield
        finally:
            self._begun.pop()
            self.table.failure_rate = self.rates.table if self._begun else 0.0

    def ran(self, job: str, shop: Connected, report: Report) -> None:
        """A run is over."""
        counts = ", ".join(f"{name} {count}" for name, count in sorted(report.counts.items()))
        self.note(f"{'  ' * len(self._begun)}{job} {shop.id}: {counts or 'nothing'}")
        for problem in report.problems:
            self.note(f"{'  ' * len(self._begun)}  {problem}")
        faults = self.world.tiktok.faults.happened.total()
        if faults > self._faults_seen or report.counts["runs_killed"] or self.troubles.keep_out(shop.id):
            self._faults_seen = faults
            self.disturb()

    def disturb(self) -> None:
        """Something goes wrong now that may cost an answer its time."""
        self.disturbed_at.append(self.world.time)

    def was_disturbed(self, since: datetime, until: datetime) -> bool:
        """Whether something went wrong meanwhile that may have cost an answer its time."""
        return self.rates.table > 0 or any(since <= at <= until for at in self.disturbed_at)

    def _cycle(self) -> None:
        start, random = self.world.time, self._random
        self.troubles.plan()
        jobs = list(JOBS)
        if random.random() < 0.1:
            random.shuffle(jobs)
        if random.random() < 0.02:
            jobs.append("reconcile")
        for job in jobs:
            for shop in self.shops:
                if random.random() < 0.6:
                    self.people.act()
                times = self._times()
                if times == 0:
                    self.disturb()
                for _ in range(times):
                    self.world.run(job, shop)
        if random.random() < self.rates.skip / 10:
            self.note("no schedule fires for hours")
            self._lie_still(timedelta(minutes=random.randint(60, 480)))
        self.world.advance(max(start + CYCLE - self.world.time, timedelta(0)) / 2)
        self.people.act()
        self.world.advance(max(start + CYCLE - self.world.time, timedelta(0)))
        if self.world.time > start + CYCLE * 1.3:
            self.disturb()

    def _lie_still(self, time: timedelta) -> None:
        """Only timers fire."""
        end = self.world.time + time
        while self.world.time < end:
            self.disturb()
            self.world.advance(min(CYCLE, end - self.world.time))

    def _times(self) -> int:
        if self._random.random() >= self.rates.skip:
            return 1
        return self._random.choice([0, 0, 2])

    def _at_any_place(self) -> None:
        """Between any two steps of a run it may die, and others may act."""
        if not self._begun:
            return
        chance = self._random.random()
        if self.world.time - self._begun[-1] > FUNCTION_LIVES:
            self._die("its time is over")
        elif chance < self.rates.kill:
            self._die("it dies")
        elif chance < self.rates.kill + self.rates.overlap and len(self._begun) < 3:
            self.troubles.happened["run within a run"] += 1
            self.world.run(self._random.choice(JOBS), self._random.choice(self.shops))
        elif chance < self.rates.kill + 2 * self.rates.overlap:
            begun, self._begun, self.table.failure_rate = self._begun, [], 0.0
            self.people.act()
            self._begun, self.table.failure_rate = begun, self.rates.table

    def _die(self, why: str) -> None:
        self.troubles.happened[why] += 1
        raise Killed

    def _calm_down(self) -> None:
        self.note("all is well from now on")
        self.troubles.end()
        self.people.heal_all()
        self.rates = Rates()
        self._timers.rate = 0.0
        self.world.cycle(4)
        self._wait_for_open_requests()
        self.world.cycle(12)
        self._repair_and_replay()
        self.world.cycle(8)
        for shop in self.shops:
            self.world.run("reconcile", shop)

    def _wait_for_open_requests(self) -> None:
        """What a buyer asked for late may have a day to be answered: only timers fire meanwhile."""
        cancellations = self.world.tiktok._state.cancellations.values()
        ends = [each.respond_by for each in cancellations if each.respond_by and each.outcome is None]
        if ends:
            self.note("some hours pass")
            self._lie_still(max(ends) - self.world.time)
        for _ in range(MOST_QUESTIONS):
            returns = [each for each in self.world.tiktok.returns() if still_to_come(each)]
            if not returns:
                return
            self.note("some hours pass for returns")
            self._lie_still(max(each.respond_by or self.world.time for each in returns) - self.world.time)
            self.world.cycle(4)

    def _repair_and_replay(self) -> None:
        """An operator maps the misspelt carriers and sends again what failed."""
        for shop in self.shops:
            region = shop.simulated.region.code
            self.world.reconnect(shop, shipping_mappings=mappings(region, repaired=True))
        for order in self.people.orders:
            record = self.world.ledger.load(order.shop.id, order.id)
            if record and any(entry.state is EntryState.FAILED for entry in record.outbox):
                self.world.replay(order.shop, order.id)
                self.note(f"order {order.id} is replayed")

    def _check_cursor(self, item: Item) -> None:
        """Whatever TikTok's index showed before the cursor is in the ledger, or kept to be read again."""
        if not str(item["sk"]).endswith(f"#{ORDERS_FEED}"):
            return
        reached = datetime.fromtimestamp(int(str(item["position"])), UTC) - Timing().poll_overlap
        for order in self.people.orders:
            there = at_tiktok(self.world, order)
            if order.shop.id not in str(item["pk"]) or there.damage or order.damaged or there.updated_at >= reached:
                continue
            head = self.table.items.get(order_key(order.shop.id, order.id))
            if head is None or int(head["updated_at"]) < int(there.updated_at.timestamp()) * 1000:
                self.broken.append(f"order {order.id} is not saved, but the cursor has passed it")
