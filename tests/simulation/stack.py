"""The product deployed to a small cloud on virtual time, with its three partners beside it."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import httpx

from local.memory_table import MemoryTable
from local.simulators.channeladvisor.doubts import Doubts as ChannelAdvisorDoubts
from local.simulators.channeladvisor.simulator import ChannelAdvisorSimulator
from local.simulators.oms.simulator import OmsSimulator
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.doubts import Doubts as TikTokDoubts
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.ids import OrderId, ShopId
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.shops import Shops
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.simulation.cloud import containers
from tests.simulation.cloud.clients import LambdaClient, Notifications, SecretsManager, StepFunctions, boto3_of
from tests.simulation.cloud.deployment import STACK, Function, definition_of, deployment
from tests.simulation.cloud.event_loop import Loop
from tests.simulation.cloud.functions import Functions
from tests.simulation.cloud.in_process import client_of
from tests.simulation.cloud.internet import Internet, partner_of
from tests.simulation.cloud.runs import Calls, Run
from tests.simulation.cloud.schedules import Schedules
from tests.simulation.cloud.state_machines import ExecutionFaults, StateMachines, load
from tests.simulation.cloud.table import SimulatedTable
from tests.simulation.faults import Faults, Kind
from tests.simulation.log import Log
from tests.simulation.trace import Trace
from tests.world import TEE, Connected

PROFILES: Final = {"US": 12345678, "GB": 87654321}
ZONES: Final = {"US": "America/Los_Angeles", "GB": "Europe/London"}

MOST_SECONDS_OFF: Final = 10.0
"""As far as a container's clock may be off. TikTok Shop takes requests of 5 minutes ago to 30 seconds ahead (TT 1.3);
two containers may be 20 seconds apart: a claim outlasts a run by a minute, and polls read 10 minutes twice."""


class Stack:
    """What runs, and what people can see and do of it. Time passes with `loop`."""

    def __init__(
        self,
        *,
        seed: object,
        start: datetime,
        faults: Callable[[Callable[[], datetime]], Faults],
        trace: Trace,
        tiktok_doubts: TikTokDoubts | None = None,
        channeladvisor_doubts: ChannelAdvisorDoubts | None = None,
        channeladvisor_page: int = 100,
        index_lag: timedelta = timedelta(0),
        hold: timedelta = timedelta(hours=1),
    ) -> None:
        """`hold` is TikTok Shop's own."""
        self.loop = Loop(start, Random(f"{seed} order of events"))
        self.faults = faults(self.clock)
        self.trace = trace
        self.calls = Calls(self.loop, self.faults, trace, Random(f"{seed} times of calls"))
        self.memory = MemoryTable()
        self.table = SimulatedTable(self.memory, self.calls, self.faults)
        self.ledger = Ledger(self.table, self.clock)
        self.shops = Shops(self.table, self.clock)
        self.log = Log(self.calls)
        self.connected: list[Connected] = []
        self.counts: Counter[str] = Counter()
        """What all runs counted."""
        self.published: list[tuple[str, str]] = []
        """What people read: subject and text of each notice."""
        self.tiktok = TikTokShopSimulator(
            self.clock, app_key="app", app_secret="secret", doubts=tiktok_doubts, index_lag=index_lag, hold=hold
        )
        self.channeladvisor = ChannelAdvisorSimulator(
            self.clock,
            application_id="application",
            shared_secret="shared",
            doubts=channeladvisor_doubts or ChannelAdvisorDoubts(),
            page_size=channeladvisor_page,
        )
        self.account = self.channeladvisor.add_account(
            *PROFILES.values(), carriers=[("USPS", "Ground"), ("UPS", "Ground"), ("Royal Mail", "24")]
        )
        self.oms = OmsSimulator(self.clock, token="oms-token")
        self._deploy(seed)

    @property
    def time(self) -> datetime:
        """The present moment."""
        return self.loop.now

    def clock(self) -> datetime:
        return self.loop.now

    def _deploy(self, seed: object) -> None:
        deployed = deployment()
        chance = Random(f"{seed} chance inside the functions")
        self.secrets = SecretsManager(self.calls, self.faults)
        self.functions = Functions(self.loop, deployed, self.faults, self.trace, self._start_container)
        self.functions.on_end = self._note_end
        self.machines = StateMachines(
            {arn: load(definition_of(file), given) for arn, (file, given) in deployed.machines.items()},
            now=self.clock,
            wait_until=self.loop.wait_until,
            invoke=lambda arn, event, seconds: self.functions.call(arn.rpartition(":")[2], event, seconds),
            jitter=chance.random,
            spawn=self.loop.spawn,
            faults=ExecutionFaults(
                vanishes=lambda name: self.faults.strikes(Kind.TIMER_VANISHED, name),
                late=self._lateness,
                twice=lambda name: self.faults.strikes(Kind.TIMER_DOUBLED, name),
            ),
        )
        self._outside = containers.Outside(
            now=self.clock,
            sleep=self.calls.wait,
            random=chance.random,
            boto3=boto3_of(
                {
                    "dynamodb": None,
                    "secretsmanager": self.secrets,
                    "stepfunctions": StepFunctions(self.calls, self.faults, self.machines.start_execution),
                    "lambda": LambdaClient(self.calls, self.faults, self.functions.start),
                    "sns": Notifications(self.calls, self.faults, self._publish),
                }
            ),
            table=self.table,
            log=self.log.write,
        )
        self.internet = Internet(
            self.loop,
            self.calls,
            self.faults,
            {
                "open-api.tiktokglobalshop.com": (at_tiktok := partner_of("tiktok", Kind.TIKTOK, self.tiktok)),
                "auth.tiktok-shops.com": at_tiktok,
                "api.channeladvisor.com": partner_of("channeladvisor", Kind.CHANNELADVISOR, self.channeladvisor),
                "oms.example.com": partner_of("oms", Kind.OMS, self.oms),
            },
        )
        for name, text in {
            "tiktok-app": '{"app_key": "app", "app_secret": "secret"}',
            "fingerprint-key": "a key of many signs",
            "channeladvisor/" + self.account: (
                json.dumps(
                    {
                        "application_id": "application",
                        "shared_secret": "shared",
                        "refresh_token": self.channeladvisor.refresh_token(self.account),
                    }
                )
            ),
        }.items():
            self.secrets.texts[f"{STACK}/{name}"] = text
        self._schedules_wanted = deployed

    def wake(self) -> None:
        """From now on the schedules fire."""
        self.schedules = Schedules(self.loop, self._schedules_wanted, self.functions, self.faults, self.trace)

    def _start_container(self, function: Function) -> containers.Handler:
        outside = replace(self._outside, now=self._clock_of_a_container(function))
        return containers.start(function.folder, function.environment, outside)

    def _clock_of_a_container(self, function: Function) -> Callable[[], datetime]:
        if not self.faults.strikes(Kind.CLOCK_SKEW, function.name):
            return self.clock
        off = timedelta(seconds=self.faults.between(Kind.CLOCK_SKEW, -MOST_SECONDS_OFF, MOST_SECONDS_OFF))
        return lambda: self.time if self.faults.has_ended else self.time + off

    def _lateness(self, name: str) -> timedelta:
        if not self.faults.strikes(Kind.TIMER_LATE, name):
            return timedelta(0)
        return timedelta(minutes=self.faults.between(Kind.TIMER_LATE, 0, 15))

    def _publish(self, subject: str, text: str) -> None:
        self.published.append((subject, text))
        self.log.check(f"{subject} {text}", "a notice")

    def _note_end(self, _run: Run, answer: Mapping[str, Any] | None, _error: BaseException | None) -> None:
        if answer is not None:
            self.counts.update({name: count for name, count in answer.items() if type(count) is int})

    @contextmanager
    def connected_to_partners(self) -> Iterator[None]:
        """Meanwhile our clients reach the simulators, and what is printed or logged comes to the log."""
        for function in deployment().functions.values():
            containers.load(function.folder)

        real, printed = httpx.Client, sys.stdout
        httpx.Client = client_of(self.internet)  # type: ignore[misc]
        try:
            with self.log.listening():
                yield
        finally:
            httpx.Client, sys.stdout = real, printed  # type: ignore[misc]

    def connect(self, region: str = "US", **settings: Any) -> Connected:
        """Open a shop, authorise it and connect it."""
        simulated = self.tiktok.open_shop(region, f"Shop {region} {len(self.connected) + 1}")
        tokens = ShopTokens.model_validate(asdict(self.tiktok.authorize(simulated)))
        shop = Connected(simulated=simulated, tokens=tokens)
        self.secrets.texts[f"{STACK}/tiktok/{shop.id}"] = tokens.to_json()
        self.secrets.texts[f"{STACK}/oms/{shop.id}"] = '{"token": "oms-token"}'
        values: dict[str, Any] = {
            "shop": simulated.id,
            "name": simulated.name,
            "region": region,
            "time_zone": ZONES[region],
            "tiktok_cipher": simulated.cipher,
            "active": True,
            "channeladvisor": {"account": self.account, "profile_id": PROFILES[region]},
            "oms": {"adapter": "rest", "url": "https://oms.example.com"},
            "shipping_mappings": [
                {"carrier": "USPS Ground", "code": "usps", "channeladvisor_class": "Ground"}
                if region == "US"
                else {"carrier": "RM 24", "code": "Royal Mail", "channeladvisor_class": "24"}
            ],
        }
        self.loop.wait_for(self.loop.spawn("operator", lambda: self._ask("change-settings", values | settings)))
        self.connected.append(shop)
        return shop

    def _ask(self, function: str, event: dict[str, Any]) -> Any:
        return self.functions.call(f"{STACK}-{function}", event)

    def ask(self, function: str, event: dict[str, Any]) -> None:
        """A person gives a command; its answer is read some time later, and may be an error."""

        def ask() -> None:
            try:
                self._ask(function, event)
            except Exception as error:  # noqa: BLE001 (its sender reads it)
                self.trace.add(self.time, "operator", f"is refused {function}: {error}")
                self.counts["commands_refused"] += 1

        self.loop.spawn(f"operator {function}", ask)

    def order(self, shop: Connected, *lines: LineSpec, **options: Any) -> OrderId:
        """A buyer places an order and pays."""
        return OrderId(self.tiktok.place_order(shop.simulated, list(lines) or [TEE], **options))

    def answer(self, shop: Connected, cancel: str, decision: str) -> None:
        """A person answers a cancel request by command."""
        self.ask("answer-cancel-request", {"shop": shop.id, "cancel_request": cancel, "decision": decision})

    def answer_return(self, shop: Connected, return_id: str, question: str, decision: str, **more: str) -> None:
        """A person answers what TikTok Shop asks about a return, by command."""
        event = {"shop": shop.id, "return": return_id, "question": question, "decision": decision, **more}
        self.ask("answer-return", event)

    def reconnect(self, shop: Connected, **changes: Any) -> None:
        """An operator changes some of a shop's settings."""
        self.ask("change-settings", {"shop": shop.id, "change": changes})

    def replay(self, shop: Connected, order: OrderId, entry: str = "") -> None:
        """An operator replays what failed."""
        self.ask("replay-failed", {"shop": shop.id, "order": order, "entry": entry})

    def counted(self, what: str) -> int:
        """How often all runs so far counted something."""
        return self.counts[what]

    def problems(self) -> Sequence[str]:
        """What went wrong, as the log tells it."""
        return self.log.problems

    def shop_of(self, shop: ShopId) -> Connected:
        """A connected shop by its id."""
        return next(each for each in self.connected if each.id == shop)
