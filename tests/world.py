"""The whole product in one process: real jobs and clients, simulated partners, a table in memory, our own clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.memory_table import MemoryTable
from local.simulators.channeladvisor.doubts import Doubts as ChannelAdvisorDoubts
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.faults import FaultyTransport
from local.simulators.native_link import NativeLink
from local.simulators.oms.simulator import OmsSimulator
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.doubts import Doubts as TikTokDoubts
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.shops import Shop
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import CancelId, OrderId, ReturnId, ShopId
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timing import Timing
from order_sync.jobs.answer_cancel_request import answer_cancel_request
from order_sync.jobs.answer_return import answer_return
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.change_settings import change_settings
from order_sync.jobs.oms_questions import OmsQuestions
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.poll_channeladvisor import poll_channeladvisor
from order_sync.jobs.poll_oms import poll_oms, read_decisions, read_return_decisions
from order_sync.jobs.poll_tiktok import poll_tiktok
from order_sync.jobs.push_channeladvisor import push_channeladvisor
from order_sync.jobs.push_oms import push_oms
from order_sync.jobs.push_tiktok import push_tiktok
from order_sync.jobs.reconcile import reconcile
from order_sync.jobs.release_due_orders import release_due_orders
from order_sync.jobs.replay_failed import replay_failed
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.settle_requests import settle_requests
from order_sync.jobs.side_comparisons import Sides
from order_sync.jobs.telling_answers import tell_answers
from order_sync.jobs.telling_returns import tell_return_answers
from order_sync.jobs.watch_deadlines import watch_deadlines
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.shops import Shops
from order_sync.partners.channeladvisor.calls import open_http
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.http import open_client
from order_sync.partners.oms.rest import RestOms
from order_sync.partners.oms.rest import open_http as open_oms_http
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.gateway import partner_http
from tests.rights import GuardedTable

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CYCLE = timedelta(minutes=15)
TEE = LineSpec("TEE-BLU-M", "20.00")
TWO_TEES = LineSpec("TEE-BLU-M", "20.00", 2)
MUG = LineSpec("MUG-RED", "12.50")
JOBS = (
    "poll_tiktok",
    "push_channeladvisor",
    "push_oms",
    "poll_oms",
    "poll_channeladvisor",
    "push_tiktok",
    "release_due_orders",
    "settle_requests",
    "watch_deadlines",
)
_PROFILES = {"US": 12345678, "GB": 87654321}
_ZONES = {"US": "America/Los_Angeles", "GB": "Europe/London"}


@dataclass(slots=True, kw_only=True)
class Connected:
    """A connected shop: the partner's side and ours."""

    simulated: Shop
    tokens: ShopTokens

    @property
    def id(self) -> ShopId:
        return ShopId(self.simulated.id)


@dataclass(slots=True)
class Timers:
    """Stands for Step Functions: remembers what to wake when."""

    waiting: dict[tuple[datetime, str, ShopId], list[OrderId]] = field(default_factory=dict)
    """When to wake which job of which shop, and for which orders alone; none for all."""
    started: int = 0
    broken: bool = False

    def start(self, shop: ShopId, slot: datetime) -> None:
        self._start("release_due_orders", shop, slot)

    def start_approval(self, shop: ShopId, order: OrderId, _cancel: CancelId, until: datetime) -> None:
        self._start("settle_requests", shop, until, order)

    def start_return(self, shop: ShopId, order: OrderId, _return: ReturnId, until: datetime) -> None:
        self._start("settle_requests", shop, until, order)

    def _start(self, job: str, shop: ShopId, at: datetime, *only: OrderId) -> None:
        if self.broken:
            raise RetriableError("Step Functions: simulated outage")
        if (at, job, shop) not in self.waiting:
            self.started += 1
        self.waiting[at, job, shop] = sorted({*self.waiting.get((at, job, shop), []), *only})


class Killed(BaseException):
    """The function dies in the middle of a run, as by a time-out or for want of memory."""


class _Watched(httpx.BaseTransport):
    """Something may happen after each of a partner's answers, before the caller sees it."""

    def __init__(self, transport: httpx.BaseTransport, world: "World") -> None:
        self._transport = transport
        self._world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._transport.handle_request(request)
        except httpx.ReadTimeout:
            self._world.sleep(self._world.seconds_lost)
            raise
        self._world.on_answer()
        return response


class World:
    """`advance` turns the clock and fires timers; `cycle` runs every job of every shop in the order of the data."""

    def __init__(
        self,
        *,
        timing: Timing | None = None,
        tiktok_doubts: TikTokDoubts | None = None,
        channeladvisor_doubts: ChannelAdvisorDoubts | None = None,
        channeladvisor_page: int = 100,
        index_lag: timedelta = timedelta(0),
        table: MemoryTable | None = None,
        linger: Callable[[], None] = lambda: None,
    ) -> None:
        self.time = START
        self.on_answer: Callable[[], None] = lambda: None
        """Happens after each answer of a partner: here a test kills the run, or lets another one in."""
        self.seconds_lost = 0.0
        """How long a client waits for an answer that does not come."""
        self.has_time: Callable[[], bool] = lambda: True
        """Whether a run may take up more work; asked as in Lambda, between two pieces of it."""
        self.timing = timing or Timing()
        self.tiktok = TikTokShopSimulator(
            self.clock, app_key="app", app_secret="secret", doubts=tiktok_doubts, index_lag=index_lag
        )
        self.channeladvisor = ChannelAdvisorSimulator(
            self.clock,
            application_id="application",
            shared_secret="shared",
            doubts=channeladvisor_doubts or ChannelAdvisorDoubts(),
            page_size=channeladvisor_page,
            linger=linger,
        )
        self.account = self.channeladvisor.add_account(
            *_PROFILES.values(), carriers=[("USPS", "Ground"), ("UPS", "Ground"), ("Royal Mail", "24")]
        )
        self.oms = OmsSimulator(self.clock, token="oms-token")
        self.table = table or MemoryTable()
        # Each thread runs a function of its own.
        self._running: ContextVar[str] = ContextVar("running", default="")
        guarded = GuardedTable(self.table, self._running.get)
        self.ledger = Ledger(guarded, self.clock)
        self.shops = Shops(guarded, self.clock)
        self.timers = Timers()
        self.connected: list[Connected] = []
        self.links: list[NativeLink] = []
        """Rithum's own links, which work once in a cycle."""
        self.reports: list[tuple[str, Report]] = []
        self.published: list[tuple[str, str]] = []
        self.summaries: list[tuple[str, str]] = []
        """What the same people read about deadlines."""
        self.differences: list[tuple[str, str]] = []
        """What the same people read after a comparison of the sides."""

    def clock(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def connect(self, region: str = "US", **settings: Any) -> Connected:
        """Open a shop, authorise it and connect it."""
        simulated = self.tiktok.open_shop(region, f"Shop {region} {len(self.connected) + 1}")
        tokens = ShopTokens.model_validate(asdict(self.tiktok.authorize(simulated)))
        values: dict[str, Any] = {
            "shop": simulated.id,
            "name": simulated.name,
            "region": region,
            "time_zone": _ZONES[region],
            "tiktok_cipher": simulated.cipher,
            "active": True,
            "channeladvisor": {"account": self.account, "profile_id": _PROFILES[region]},
            "oms": {"adapter": "rest", "url": "https://oms.example.com"},
            "shipping_mappings": [
                {"carrier": "USPS Ground", "code": "usps", "channeladvisor_class": "Ground"}
                if region == "US"
                else {"carrier": "RM 24", "code": "Royal Mail", "channeladvisor_class": "24"}
            ],
        }
        change_settings(values | settings, self.shops, self.clock())
        shop = Connected(simulated=simulated, tokens=tokens)
        self.connected.append(shop)
        return shop

    def link(self, shop: Connected, *, lag: timedelta = CYCLE) -> NativeLink:
        """Rithum's own TikTok link is on for this shop's profile."""
        profile = self.shops.settings(shop.id).channeladvisor.profile_id
        link = NativeLink(self.tiktok, self.channeladvisor, shop=shop.simulated, profile=profile, lag=lag)
        self.links.append(link)
        return link

    def reconnect(self, shop: Connected, **changes: Any) -> Report:
        """An operator connects the shop again with some settings changed; its starting moment stays."""
        values = self.shops.settings(shop.id).model_dump(mode="json", exclude={"starts_at"})
        return change_settings(values | changes, self.shops, self.clock())

    def order(self, shop: Connected, *lines: LineSpec, **options: Any) -> OrderId:
        """A buyer places an order and pays."""
        return OrderId(self.tiktok.place_order(shop.simulated, list(lines) or [TEE], **options))

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Whatever is done meanwhile, a function does, with its role's rights and no others."""
        before = self._running.set(function)
        try:
            yield
        finally:
            self._running.reset(before)

    def advance(self, time: timedelta) -> None:
        """Turn the clock; timers that come due on the way fire at their time."""
        end = self.time + time
        while due := sorted(timer for timer in self.timers.waiting if timer[0] <= end):
            at, job, shop = due[0]
            orders = self.timers.waiting.pop(due[0])
            self.time = max(self.time, at)
            wakes: list[OrderId | None] = [*orders] or [None]
            for order in wakes:
                self.run(job, next(c for c in self.connected if c.id == shop), only=order)
        self.time = max(self.time, end)

    def cycle(self, times: int = 1, *, skip: Sequence[str] = ()) -> None:
        """Run all jobs for all shops, then let the rest of the cycle pass."""
        for _ in range(times):
            start = self.time
            for job in JOBS:
                if job not in skip:
                    for shop in self.connected:
                        self.run(job, shop)
            for link in self.links:
                link.work(self.time)
            self.advance(start + CYCLE - self.time)

    def until_released(self) -> None:
        """From placing an order to its being handed over on both sides: five cycles of a quarter of an hour."""
        self.cycle(5)

    def run(self, job: str, shop: Connected, *, only: OrderId | None = None) -> Report:
        """One invocation of one job for one shop, or for one order of it; an outage ends it as in Lambda."""
        self.sleep(1)
        report = Report()
        try:
            with self.running(job):
                self._run(job, self.shop_run(shop, report), shop, only)
        except RetriableError as error:
            report.problem("runs_postponed", str(error))
        except Killed:
            report.count("runs_killed")
        self.reports.append((job, report))
        return report

    def shop_run(self, shop: Connected, report: Report | None = None) -> ShopRun:
        """What a job works with, read from the ledger as in Lambda."""
        return ShopRun(
            shop=self.shops.settings(shop.id),
            ledger=self.ledger,
            shops=self.shops,
            timing=self.timing,
            now=self.clock,
            jitter=lambda: 0.0,
            has_time=self.has_time,
            report=report or Report(),
        )

    def _run(self, job: str, run: ShopRun, shop: Connected, only: OrderId | None) -> None:
        tiktok = self.tiktok_client(shop, run.shop)
        orders = OrderWatch(run, tiktok.read_orders, self.timers.start)
        watch = CancellationWatch(run, orders, lambda: tiktok.cancellations, self.timers.start_approval)
        returns = ReturnWatch(run, orders, lambda: tiktok.returns, self.timers.start_return)
        match job:
            case "poll_tiktok":
                poll_tiktok(run, tiktok, watch, returns)
            case "release_due_orders":
                release_due_orders(run, orders)
            case "reconcile":
                sides = Sides(
                    channeladvisor=lambda: self.channeladvisor_client(run.shop), oms=lambda: self.oms_client(run.shop)
                )
                reconcile(run, tiktok, watch, returns, sides=sides, publish=self.publish_differences)
            case "push_tiktok":
                push_tiktok(run, tiktok, watch, returns)
            case "push_channeladvisor":
                push_channeladvisor(run, self.channeladvisor_client(run.shop), watch)
            case "poll_channeladvisor":
                poll_channeladvisor(run, self.channeladvisor_client(run.shop))
            case "push_oms" if run.shop.has_oms:
                push_oms(run, self.oms_client(run.shop), watch)
            case "poll_oms" if run.shop.has_oms:
                poll_oms(run, self.oms_client(run.shop), lambda: _tell_all(run, tiktok, watch, returns))
            case _:
                self._watch_over(job, run, tiktok, watch, returns, only)

    def _watch_over(
        self,
        job: str,
        run: ShopRun,
        tiktok: TikTokShop,
        watch: CancellationWatch,
        returns: ReturnWatch,
        only: OrderId | None,
    ) -> None:
        match job:
            case "settle_requests":
                oms = self._oms_questions(run) if run.shop.has_oms else None
                settle_requests(run, tiktok, watch, returns, oms=oms, publish=self.publish, only=only)
            case "watch_deadlines":
                watch_deadlines(run, self.publish_summary)

    def _oms_questions(self, run: ShopRun) -> OmsQuestions:
        return OmsQuestions(
            read_decisions=lambda: read_decisions(run, self.oms_client(run.shop)),
            read_return_decisions=lambda: read_return_decisions(run, self.oms_client(run.shop)),
            packed_lines=lambda order: self.oms_client(run.shop).packed_lines(order),
        )

    def publish(self, subject: str, text: str) -> None:
        """The topic that people read."""
        self.published.append((subject, text))

    def publish_differences(self, subject: str, text: str) -> None:
        """The same topic, for what the sides disagree on."""
        self.differences.append((subject, text))

    def publish_summary(self, subject: str, text: str) -> None:
        """The same topic, for the deadlines."""
        self.summaries.append((subject, text))

    def answer(self, shop: Connected, cancel: str, decision: str) -> Report:
        """A person answers a cancel request by command."""
        self.sleep(1)
        run = self.shop_run(shop)
        tiktok = self.tiktok_client(shop, run.shop)
        orders = OrderWatch(run, tiktok.read_orders, self.timers.start)
        watch = CancellationWatch(run, orders, lambda: tiktok.cancellations, self.timers.start_approval)
        command = {"shop": shop.id, "cancel_request": cancel, "decision": decision}
        with self.running("answer_cancel_request"):
            report = answer_cancel_request(run, command, tiktok, watch)
        self.reports.append(("answer_cancel_request", report))
        return report

    def answer_return(self, shop: Connected, return_id: str, question: str, decision: str, **more: str) -> Report:
        """A person answers what TikTok Shop asks about a return, by command."""
        self.sleep(1)
        run = self.shop_run(shop)
        tiktok = self.tiktok_client(shop, run.shop)
        orders = OrderWatch(run, tiktok.read_orders, self.timers.start)
        returns = ReturnWatch(run, orders, lambda: tiktok.returns, self.timers.start_return)
        command = {"shop": shop.id, "return": return_id, "question": question, "decision": decision, **more}
        with self.running("answer_return"):
            report = answer_return(run, command, tiktok, returns)
        self.reports.append(("answer_return", report))
        return report

    def tiktok_client(self, shop: Connected, settings: ShopSettings) -> TikTokShop:
        return TikTokShop(
            partner_http(
                open_client(base_url="https://tiktok.example.com", transport=self._transport(self.tiktok)),
                sleep=self.sleep,
                monotonic=self.monotonic,
                random=lambda: 0.0,
            ),
            app=AppCredentials.model_validate({"app_key": "app", "app_secret": "secret"}),
            tokens=lambda _afresh: shop.tokens,
            cipher=settings.tiktok_cipher,
            fingerprint_key=b"key",
            now=self.clock,
        )

    def channeladvisor_client(self, settings: ShopSettings) -> ChannelAdvisor:
        credentials = {
            "application_id": "application",
            "shared_secret": "shared",
            "refresh_token": self.channeladvisor.refresh_token(self.account),
        }
        return ChannelAdvisor(
            open_http(
                transport=self._transport(self.channeladvisor),
                sleep=self.sleep,
                monotonic=self.monotonic,
                random=lambda: 0.0,
            ),
            AccountCredentials.model_validate(credentials),
            settings.channeladvisor,
            default_reason=settings.cancellations.default_reason,
            now=self.clock,
        )

    def oms_client(self, settings: ShopSettings) -> RestOms:
        http = open_oms_http(
            transport=self._transport(self.oms), sleep=self.sleep, monotonic=self.monotonic, random=lambda: 0.0
        )
        return RestOms(http, settings.oms.url, token=lambda: "oms-token")

    def monotonic(self) -> float:
        return self.time.timestamp()

    def _transport(self, app: Any) -> httpx.BaseTransport:
        return _Watched(FaultyTransport(httpx.WSGITransport(app=app)), self)

    def record(self, shop: Connected, order: OrderId) -> OrderRecord:
        """The ledger's view of an order."""
        record = self.ledger.load(shop.id, order)
        assert record is not None
        return record

    def events(self, shop: Connected, order: OrderId) -> list[str]:
        """The order's timeline, by event."""
        return [fact.event for fact in self.ledger.timeline(shop.id, order)]

    def counted(self, what: str) -> int:
        """How often all runs so far counted something."""
        return sum(report.counts[what] for _, report in self.reports)

    def problems(self) -> list[str]:
        """Everything that went wrong in any run so far."""
        return [problem for _, report in self.reports for problem in report.problems]

    def created(self, order: OrderId) -> list[Mapping[str, Any]]:
        """The orders that ChannelAdvisor has for an order of TikTok's."""
        return list(self.channeladvisor.books.orders_of_tiktok(order))

    def replay(self, shop: Connected, order: OrderId, entry: str = "") -> Report:
        """An operator replays what failed."""
        command = {"shop": shop.id, "order": order, "entry": entry}
        with self.running("replay_failed"):
            return replay_failed(command, self.ledger, self.clock, lambda: True)


def _tell_all(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, returns: ReturnWatch) -> None:
    tell_answers(run, tiktok, watch)
    tell_return_answers(run, tiktok, returns)
