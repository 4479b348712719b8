"""What goes wrong on a random day: partners that fail, tokens that end, timers that are lost, runs that die."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from local.simulators.faults import Fault, Faults
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.world import Connected, Timers, World

PATHS: Final = {
    "tiktok": (
        *("/orders/search", "/order/202309/orders", "/packages", "/external_orders", "/shipping_providers"),
        *("/cancellations/search", "/approve", "/reject", "/202309/cancellations", "eligibility", "/reject_reasons"),
    ),
    "channeladvisor": (
        *("/oauth2/token", "/v1/Orders", "/v1/Orders(", "/Ship", "/Export", "/Adjust", "/Adjust", "/Fulfillments"),
        "/v1/OrderItems(",
    ),
    "oms": (
        *("/orders/", "/shipments", "/cancellation", "/parcels/", "/shipping-address", "/channeladvisor-order"),
        *("/cancel-requests/", "/outcome", "/cancel-request-decisions", "/seller-cancellations", "/recovery"),
    ),
}

RETURN_PATHS: Final = {
    "tiktok": (
        *("/returns/search", "/202602/returns", "/returns/", "/approve", "/reject", "/decision_eligibility"),
        "/aftersale_eligibility",
    ),
    "channeladvisor": ("/Adjust", "/v1/OrderItems(", "/v1/Orders("),
    "oms": ("/returns/", "/return-decisions", "/seller-refunds", "/outcome", "/refusal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often things go wrong, each as a probability: faults per partner and cycle, the rest per occasion."""

    fault: float = 0.0
    outage: float = 0.0
    token: float = 0.0
    timer: float = 0.0
    kill: float = 0.0
    overlap: float = 0.0
    skip: float = 0.0
    table: float = 0.0


def some_rates(random: Random) -> Rates:
    """The rates of a day: some days are calm in some respects, some are not."""

    def rate(*choices: float) -> float:
        return random.choice(choices)

    return Rates(
        fault=rate(0.0, 0.1, 0.3, 0.8),
        outage=rate(0.0, 0.01, 0.03),
        token=rate(0.0, 0.01, 0.03),
        timer=rate(0.0, 0.2, 0.6),
        kill=rate(0.0, 0.002, 0.01),
        overlap=rate(0.0, 0.002, 0.01),
        skip=rate(0.0, 0.05, 0.2),
        table=rate(0.0, 0.0, 0.002),
    )


class UnreliableTimers(Timers):
    """Timers that cannot be started, are lost, come late, or come twice."""

    def __init__(self, random: Random, rate: float, happened: Counter[str], disturb: Callable[[], None]) -> None:
        super().__init__()
        self._disturb = disturb
        self.rate = rate
        self._random = random
        self._happened = happened

    def _start(self, job: str, shop: ShopId, at: datetime, *only: OrderId) -> None:
        if self._random.random() >= self.rate:
            super()._start(job, shop, at, *only)
            return
        trouble = self._random.choice(["broken", "lost", "late", "doubled"])
        self._happened[f"timer {trouble}"] += 1
        self._disturb()
        match trouble:
            case "broken":
                raise RetriableError("Step Functions: simulated outage")
            case "late":
                super()._start(job, shop, at + timedelta(minutes=self._random.randint(1, 120)), *only)
            case "doubled":
                super()._start(job, shop, at, *only)
                super()._start(job, shop, at + timedelta(seconds=1), *only)


class Troubles:
    """Plans faults, outages and expired tokens, cycle by cycle."""

    def __init__(self, world: World, random: Random, rates: Rates, note: Callable[[str], None]) -> None:
        self.happened: Counter[str] = Counter()
        self._world = world
        self._random = random
        self._rates = rates
        self._note = note
        self._until: dict[str, datetime] = {}
        self._locked_out: dict[ShopId, datetime] = {}
        self._failed: set[int] = set()
        self.paths: dict[str, tuple[str, ...]] = dict(PATHS)

    @property
    def _partners(self) -> dict[str, Faults]:
        world = self._world
        return {"tiktok": world.tiktok.faults, "channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}

    def plan(self) -> None:
        """What will go wrong in this cycle."""
        for name, faults in self._partners.items():
            self._plan_outage(name, faults)
            while self._random.random() < self._rates.fault:
                fault, path = self._random.choice(list(Fault)), self._random.choice(self.paths[name])
                faults.add(
                    fault,
                    path,
                    after=self._random.randint(0, 4),
                    times=self._random.choice([1, 1, 1, 2, 6]),
                    retry_after=self._random.choice([None, None, 5, 90]),
                )
                self._note(f"{name} will fail at {path}: {fault}")
        if self._random.random() < self._rates.fault:
            self._plan_refusal()
        for shop in self._world.connected:
            self._plan_token(shop)
        if self._random.random() < self._rates.token:
            self._world.channeladvisor.expire_tokens()
            self._tell("channeladvisor's tokens end")

    def keep_out(self, shop: ShopId) -> bool:
        """Whether TikTok Shop does not let this shop's runs in now."""
        return shop in self._locked_out

    def end(self) -> None:
        """All is well from now on."""
        self._world.tiktok._state.failing_locks.clear()
        self._world.channeladvisor._state.failing_adjustments.clear()
        for name, faults in self._partners.items():
            faults.clear()
            for fault, times in faults.happened.items():
                self.happened[f"{name} {fault}"] = times
        for shop in self._world.connected:
            self._renew(shop)

    def _plan_refusal(self) -> None:
        """TikTok's lock fails for the next who cancels or answers, or ChannelAdvisor's next adjustment in Error."""
        if self._random.random() < 0.5:
            self._world.tiktok.fail_next_lock()
            self._tell("tiktok's lock will fail")
            return
        orders = [order["ID"] for order in self._world.channeladvisor.books.created_by_api()]
        failing = [order for order in orders if order not in self._failed]
        if failing:
            order = self._random.choice(failing)
            self._failed.add(order)
            self._world.channeladvisor.fail_next_adjustment(order)
            self._tell(f"an adjustment in channeladvisor will fail: order {order}")

    def _plan_outage(self, name: str, faults: Faults) -> None:
        if name in self._until:
            if self._until[name] <= self._world.time:
                del self._until[name]
                faults.clear()
                self._note(f"{name} is back")
        elif self._random.random() < self._rates.outage:
            fault = self._random.choice([Fault.UNREACHABLE, Fault.UNAVAILABLE, Fault.LOST_BEFORE, Fault.HTML])
            self._until[name] = self._world.time + timedelta(minutes=self._random.randint(20, 300))
            faults.clear()
            faults.add(fault, times=None)
            self._tell(f"{name} is out: {fault}")

    def _plan_token(self, shop: Connected) -> None:
        if shop.id in self._locked_out:
            if self._locked_out[shop.id] <= self._world.time:
                self._renew(shop)
        elif self._random.random() < self._rates.token:
            self._world.tiktok.expire_token(shop.simulated)
            self._locked_out[shop.id] = self._world.time + timedelta(minutes=self._random.randint(1, 240))
            self._tell(f"the token of shop {shop.id} ends")

    def _renew(self, shop: Connected) -> None:
        self._locked_out.pop(shop.id, None)
        shop.tokens = ShopTokens.model_validate(asdict(self._world.tiktok.authorize(shop.simulated)))

    def _tell(self, text: str) -> None:
        self.happened[text.split(":", maxsplit=1)[0]] += 1
        self._note(text)
