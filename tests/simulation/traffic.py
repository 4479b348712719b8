"""People and orders at scale: buyers order by the hour, and each order leads a life of its own, of a few days.

What is done to an order follows from the seed, the order's number and how often somebody has tried something with it,
so that a fault which is left out changes the lives of the orders that it touched and of no others.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from local.simulators.channeladvisor.refusals import RefusedError
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.orders import Status
from local.simulators.tiktok_shop.return_records import Arbitration, ReturnStatus
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from tests.simulation.cancelling_people import Act
from tests.simulation.choices import mappings
from tests.simulation.demand import HOUR, orders_of_flash_sale, orders_of_hour, sharp
from tests.simulation.lives import STORIES, Deck, Deed, Since, Story
from tests.simulation.opening import open_a_shop
from tests.simulation.people import People
from tests.simulation.placed_orders import PlacedOrder, at_tiktok, has_oms
from tests.simulation.returning_people import ReturningPeople, is_open
from tests.simulation.stage import TimedStage
from tests.world import Connected

PATIENCE: Final = timedelta(days=5)
"""After that everybody brings an order to its end."""
MOST_STEPS: Final = 14
"""Of what is done about an order's returns."""
ANSWER_TIMES: Final = ((0.05, 0.5), (0.05, 0.5), (2.0, 9.0), (16.0, 26.0))
"""Hours until somebody answers: at once, after hours, or about when the time is over."""
PACES: Final = {"prompt": (0.2, 1.0), "by the hour": (1.0, 5.0), "in office hours": (0.2, 3.0)}
"""Hours from the hand-over to the carrier, by warehouse."""
OFFICE_HOURS: Final = (8, 18)
SUNDAY: Final = 6
NO_TROUBLE: Final = frozenset(
    {
        "pay",
        "heal",
        "answer",
        "step",
        "repair",
        "replay",
        "correct tracking",
        "correct carrier",
        "withdraw request",
    }
)
"""What is still done when no new troubles begin."""
_OVER: Final = (Status.COMPLETED, Status.CANCELLED)


def open_shops(world: TimedStage, random: Random, note: Callable[[str], None] = lambda _: None) -> list[Connected]:
    """One to three shops, each set as some seller may have set it."""
    shops = [open_a_shop(world, random, note) for _ in range(random.choice([1, 2, 2, 3]))]
    if not any(has_oms(world, shop) for shop in shops):
        world.reconnect(shops[0], oms={"adapter": "rest", "url": "https://oms.example.com"})
    for shop in shops:
        world.reconnect(shop, returns={"without_answer": random.choice(["leave_to_tiktok", "approve"])})
    return shops


@dataclass(slots=True, kw_only=True, eq=False)
class Life:
    """An order's life: `turns` counts what was tried, `ahead` what is put down for later."""

    number: int
    order: PlacedOrder
    story: Story
    began: datetime
    turns: int = 0
    ahead: int = 0
    steps: int = 0
    replays: int = 0
    reached: set[Since] = field(default_factory=set)
    is_over: bool = False


class Traffic:
    """`start` it, let time pass, `stop` it. `happened` counts what was done, `stories` how many live each story."""

    def __init__(
        self,
        world: TimedStage,
        random: Random,
        shops: Sequence[Connected],
        *,
        orders_per_day: float = 100.0,
        flash_sales: int = 0,
        absences: int = 0,
        most: int | None = None,
        stories: Sequence[Story] = STORIES,
        rest: timedelta = timedelta(hours=6),
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`orders_per_day` is an ordinary weekday's, of all shops. A flash sale sells as many again within minutes.

        In an absence the OMS takes no orders for a day. Flash sales and absences fall into the first ten days.
        `most`: the number of orders after which nobody orders any more.
        """
        self.on_retired: Callable[[PlacedOrder], None] = lambda _order: None
        """Happens once an order's life has been over for the time of `rest`."""
        self.happened: Counter[str] = Counter()
        self.stories: Counter[str] = Counter()
        self.absences: list[tuple[datetime, datetime]] = []
        """From when until when the OMS takes no orders."""
        self.is_stopped = False
        self._world = world
        self._shops = list(shops)
        self._orders_per_day = orders_per_day
        self._most = most
        self._rest = rest
        self._note = note
        self._seed = random.getrandbits(64)
        self._random = Random(self._seed)
        self._people = people = People(world, self._random, self._shops, note)
        people.began, people.misspelt = world.time, 0.0
        self._returning = returning = ReturningPeople(world, self._random)
        self._deck = Deck(self._random, stories)
        self._lives: dict[int, Life] = {}
        self._mapped: dict[str, list[str]] = {}
        """For which orders a shop's operator has mapped the misspelt carrier."""
        self._paces = [self._random.choice(list(PACES)) for _ in self._shops]
        self._flash_sales = [self._random.uniform(12.0, 240.0) for _ in range(flash_sales)]
        self._to_be_absent = [self._random.uniform(12.0, 240.0) for _ in range(absences)]
        cancelling = people.cancelling
        self._answers: dict[str, tuple[Act, ...]] = {
            "oms": (cancelling.decide_in_oms,),
            "operator": (cancelling.command,),
            "seller center": (cancelling.approve_in_seller_center, cancelling.reject_in_seller_center),
            "several": tuple(cancelling.answers),
            "silent": (),
        }
        self._ways: dict[str, tuple[Act, ...]] = {
            "oms": (people.ship_from_oms,),
            "channeladvisor": (people.ship_in_channeladvisor,),
            "seller center": (people.ship_in_seller_center,),
            "nobody": (),
        }
        self._ways["mixed"] = self._ways["brawl"] = (
            people.ship_from_oms,
            people.ship_in_channeladvisor,
            people.ship_in_seller_center,
        )
        self._acts: dict[str, Act] = {
            "pay": people.pay,
            "cancel as buyer": people.cancel_as_buyer,
            "cancel by seller": people.cancel_by_seller,
            "cancel by platform": people.cancel_by_platform,
            "cancel lines by seller": cancelling.cancel_lines_in_seller_center,
            "cancel in OMS": cancelling.cancel_in_oms,
            "cancel in ChannelAdvisor": cancelling.cancel_in_channeladvisor,
            "cancel nonsense": cancelling.list_nonsense,
            "ask to cancel": cancelling.ask,
            "decide again": cancelling.decide_again,
            "withdraw request": cancelling.withdraw,
            "change address": people.change_address,
            "touch": people.touch,
            "pack": people.pack,
            "repeat shipment": people.repeat_shipment,
            "correct tracking": people.correct_tracking,
            "correct tracking in Seller Center": people.correct_tracking_in_seller_center,
            "correct tracking in ChannelAdvisor": people.correct_tracking_in_channeladvisor,
            "correct carrier": people.correct_carrier,
            "combine": people.combine,
            "enter in ChannelAdvisor too": people.enter_in_channeladvisor_too,
            "damage": people.damage,
            "heal": people.heal,
            "ask back": returning.ask,
            "decide return again": self._decide_return_again,
            "refund in OMS": returning.refund_in_oms,
            "refund in ChannelAdvisor": returning.refund_in_channeladvisor,
            "refund in Seller Center": returning.refund_in_seller_center,
            "refund by TikTok Shop": returning.refund_by_tiktok,
            "return nonsense": returning.list_nonsense,
            "answer": self._answer,
            "step": returning.step,
            "repair": self._repair,
            "replay": self._replay,
        }

    @property
    def orders(self) -> list[PlacedOrder]:
        """All orders so far, oldest first."""
        return self._people.orders

    @property
    def open_orders(self) -> list[PlacedOrder]:
        """Those that are not retired: their life is not over, or has been for a short time only."""
        return [life.order for life in self._lives.values()]

    def start(self) -> "Traffic":
        """From now on people order."""
        now = self._world.time
        for number, hours in enumerate(self._flash_sales):
            self._in(hours, lambda number=number: self._sell_in_a_flash(number))  # type: ignore[misc]
        for hours in self._to_be_absent:
            self._in(hours, self._be_absent)
        self._order_within(now)
        return self

    def stop(self) -> None:
        """Nobody orders any more and no new troubles begin; the lives that there are go on to their end."""
        self.is_stopped = True
        self._come_back()
        for life in list(self._lives.values()):
            if life.order.damaged:
                self._do(life, "heal")

    # Orders

    def _order_within(self, hour: datetime) -> None:
        if self.is_stopped:
            return
        for number, shop in enumerate(self._shops):
            own = Random(f"{self._seed} {number} {hour.isoformat()}")
            for moment in orders_of_hour(shop, hour, self._orders_per_day / len(self._shops), own):
                self._world.loop.at(moment, lambda number=number: self._place(number))  # type: ignore[misc]
        following = hour + HOUR
        self._world.loop.at(following, lambda: self._order_within(following))

    def _sell_in_a_flash(self, number: int) -> None:
        own = Random(f"{self._seed} flash sale {number}")
        shop = own.randrange(len(self._shops))
        self._note("a flash sale begins")
        for moment in orders_of_flash_sale(self._world.time, round(self._orders_per_day), own):
            self._world.loop.at(moment, lambda: self._place(shop))

    def _place(self, shop_number: int) -> None:
        if self.is_stopped or (self._most is not None and len(self.orders) >= self._most):
            return
        world, shop, number = self._world, self._shops[shop_number], len(self.orders)
        takes = has_oms(world, shop)
        story = self._deck.draw(with_oms=takes, old=world.time - self._people.began < timedelta(days=2))
        self._random.seed(f"{self._seed} {number}")
        first = self._begin(story, shop, self._people.buy(shop, story.kind))
        if story.kind == "combined":
            second = self._begin(story, shop, self._people.buy_too(first))
            first.joined, second.joined = (second,), (first,)

    def _begin(self, story: Story, shop: Connected, order: OrderId) -> PlacedOrder:
        world, number = self._world, len(self.orders)
        placed = PlacedOrder(
            shop=shop,
            id=order,
            kind=story.kind,
            way=story.way or ("oms" if has_oms(world, shop) else "channeladvisor"),
            by_sku=story.by_sku,
            number=number,
            answers=story.answers,
        )
        self.orders.append(placed)
        self.stories[story.name] += 1
        self._note(f"order {placed.id} of shop {shop.id}: {story.name}, to be shipped by {placed.way}")
        life = self._lives[number] = Life(number=number, order=placed, story=story, began=world.time)
        self._reach(life, Since.PLACED)
        pace = PACES[self._paces[self._shops.index(shop)]]
        first = 1.05 + shop_hold(world, shop) + self._random.uniform(*pace)
        if story.waits:
            first = max(first, story.busy_for * self._random.uniform(0.5, 2.0))
        self._in(first, lambda: self._go_on(life), life)
        return placed

    # Lives

    def _reach(self, life: Life, since: Since) -> None:
        if since in life.reached:
            return
        life.reached.add(since)
        for deed in life.story.deeds:
            if deed.since is since:
                self._plan(life, deed)

    def _plan(self, life: Life, deed: Deed) -> None:
        life.ahead += 1
        self._in(self._random.uniform(*deed.hours), lambda: self._try(life, deed), life)

    def _try(self, life: Life, deed: Deed) -> None:
        life.ahead -= 1
        if life.is_over or (self.is_stopped and deed.act not in NO_TROUBLE):
            return
        done = self._do(life, deed.act)
        if done:
            self._follow(life, deed)
        elif deed.tries > 1:
            self._plan(life, replace(deed, hours=(0.3, 1.2), tries=deed.tries - 1))

    def _follow(self, life: Life, deed: Deed) -> None:
        """What one deed brings with it."""
        if deed.then is not None:
            self._plan(life, deed.then)
        match deed.act:
            case "ask to cancel":
                self._plan(life, Deed(act="answer", hours=self._random.choice(ANSWER_TIMES), tries=8))
            case "ask back":
                self._plan(life, Deed(act="step", hours=(0.3, 2.0), tries=8))
            case "step" if life.steps < MOST_STEPS and self._open_returns(life):
                life.steps += 1
                self._plan(life, Deed(act="step", hours=(0.5, 4.0), tries=8))
            case "damage":
                self._plan(life, Deed(act="heal", hours=(0.5, 8.0)))
            case "repair":
                self._plan(life, Deed(act="replay", hours=(0.3, 2.0), tries=1))

    def _do(self, life: Life, name: str, act: Act | None = None) -> str:
        """Somebody does it, or is refused; in words what was done."""
        life.turns += 1
        self._random.seed(f"{self._seed} {life.number} {life.turns}")
        try:
            done = (act or self._acts[name])(life.order)
        except (IllegalStepError, RefusalError, RefusedError):
            return ""
        if done:
            self.happened[name] += 1
            self._note(f"order {life.order.id} {done}")
        return done

    def _go_on(self, life: Life) -> None:
        """What sellers and carriers do by themselves, until the order is at rest."""
        status = self._world.tiktok.status(life.order.id)
        late = self._world.time - life.began > PATIENCE
        if late:
            self._wind_up(life, status)
            status = self._world.tiktok.status(life.order.id)
        if status in _OVER:
            self._end(life)
            return
        life.turns += 1
        self._random.seed(f"{self._seed} {life.number} {life.turns}")
        self._in(self._help(life, status), lambda: self._go_on(life), life)

    def _help(self, life: Life, status: Status) -> float:
        """Do what comes next; the hours until it is worth looking again."""
        uniform = self._random.uniform
        match status:
            case Status.UNPAID | Status.ON_HOLD:
                return uniform(0.5, 2.0)
            case Status.AWAITING_SHIPMENT | Status.PARTIALLY_SHIPPING:
                return self._ship(life)
            case Status.AWAITING_COLLECTION | Status.IN_TRANSIT:
                self._reach(life, Since.SHIPPED)
                hours = uniform(6.0, 24.0)
                self._do(life, "scan", self._people.scan)
                if self._world.tiktok.status(life.order.id) is Status.DELIVERED:
                    self._reach(life, Since.DELIVERED)
                return hours
            case _:
                self._reach(life, Since.DELIVERED)
                if life.ahead or self._open_returns(life):
                    return uniform(1.0, 4.0)
                self._do(life, "scan", self._people.scan)
                return 0.0

    def _ship(self, life: Life) -> float:
        order, people = life.order, self._people
        soon, pause = self._random.uniform(0.4, 1.2), self._random.uniform(1.0, 9.0)
        if closed := self._closed(order.shop):
            return closed
        if not has_oms(self._world, order.shop):
            self._do(life, "write number", people.write_seller_number)
        is_ours = order.kind != "third party"
        acts = self._ways[order.way] if is_ours else (people.ship_by_tiktok,)
        if not acts:
            return pause
        people.misspelt = float(life.story.misspelt and not order.misspelt and not self.is_stopped)
        before = order.misspelt
        done = self._do(life, f"ship by {order.way if is_ours else 'TikTok Shop'}", self._random.choice(acts))
        people.misspelt = 0.0
        if not done:
            return soon
        self._reach(life, Since.SHIPPED)
        if order.misspelt and not before and "correct carrier" not in life.story.acts:
            self._plan(life, Deed(act="repair", hours=(2.0, 20.0), tries=1))
        return pause

    def _closed(self, shop: Connected) -> float:
        """Hours until the warehouse opens, where it keeps office hours."""
        there = self._world.time.astimezone(shop.simulated.region.timezone)
        if self._paces[self._shops.index(shop)] != "in office hours":
            return 0.0
        if there.weekday() != SUNDAY and OFFICE_HOURS[0] <= there.hour < OFFICE_HOURS[1]:
            return 0.0
        return self._random.uniform(1.0, 3.0)

    def _open_returns(self, life: Life) -> bool:
        return any(is_open(each) for each in self._world.tiktok.returns_of(life.order.id))

    def _wind_up(self, life: Life, status: Status) -> None:
        """After days everybody wants to be done with it."""
        there = at_tiktok(self._world, life.order)
        for given in self._world.tiktok.returns_of(life.order.id):
            if given.arbitration is Arbitration.IN_PROGRESS:
                self._do(life, "wind up", lambda order, given=given: self._returning.arbitrate(order, given))  # type: ignore[misc]
            elif given.status is ReturnStatus.AWAITING_BUYER_SHIP:
                self._do(life, "wind up", lambda order, given=given: self._returning.withdraw(order, given))  # type: ignore[misc]
        if there.cancel_request_open:
            return
        if status in (Status.UNPAID, Status.ON_HOLD, Status.AWAITING_SHIPMENT):
            self._do(life, "wind up", self._people.cancel_by_platform)
        elif status is Status.PARTIALLY_SHIPPING:
            self._do(life, "wind up", self._cancel_the_rest)

    def _end(self, life: Life) -> None:
        """Its life is over if nothing is open; some hours later it is retired."""
        if life.ahead or self._open_returns(life):
            self._in(2.0, lambda: self._go_on(life))
            return
        self._world.loop.at(self._world.time + self._rest, lambda: self._retire(life))

    def _retire(self, life: Life) -> None:
        if life.ahead or self._open_returns(life):
            self._in(2.0, lambda: self._go_on(life))
            return
        if life.replays < 2 and self._do(life, "replay"):
            life.replays += 1
            self._world.loop.at(self._world.time + self._rest, lambda: self._retire(life))
            return
        life.is_over = True
        del self._lives[life.number]
        self._unmap(life)
        self.on_retired(life.order)

    # Deeds that are no single person's

    def _answer(self, order: PlacedOrder) -> str:
        if at_tiktok(self._world, order).open_cancel_id is None or not self._answers[order.answers]:
            return ""
        return self._random.choice(self._answers[order.answers])(order)

    def _decide_return_again(self, order: PlacedOrder) -> str:
        returns = self._world.tiktok.returns_of(order.id)
        return self._returning.decide_again(order, self._random.choice(returns)) if returns else ""

    def _cancel_the_rest(self, order: PlacedOrder) -> str:
        lines = [line.id for line in at_tiktok(self._world, order).unshipped]
        self._world.tiktok.cancel_by_seller(order.id, lines=lines)
        return f"has its rest cancelled: {lines}"

    def _repair(self, order: PlacedOrder) -> str:
        """An operator maps the carrier that somebody has misspelt."""
        self._mapped.setdefault(order.shop.id, []).append(order.id)
        self._map(order.shop, repaired=True)
        return "has its carrier mapped"

    def _unmap(self, life: Life) -> None:
        mapped = self._mapped.get(life.order.shop.id, [])
        if life.order.id in mapped:
            mapped.remove(life.order.id)
            if not mapped:
                self._map(life.order.shop, repaired=False)

    def _map(self, shop: Connected, *, repaired: bool) -> None:
        region = shop.simulated.region.code
        self._world.reconnect(shop, shipping_mappings=mappings(region, repaired=repaired))

    def _replay(self, order: PlacedOrder) -> str:
        """An operator sends again what failed."""
        record = self._world.ledger.load(order.shop.id, order.id)
        if record is None or not any(entry.state is EntryState.FAILED for entry in record.outbox):
            return ""
        self._world.replay(order.shop, order.id)
        return "is replayed"

    def _be_absent(self) -> None:
        """The OMS takes no orders for a day."""
        if self.is_stopped:
            return
        now = self._world.time
        self.absences.append((now, now + timedelta(days=1)))
        self._note("the OMS takes no orders for a day")
        self._world.oms.faults.add(Fault.UNAVAILABLE, "/orders/", method="PUT", times=None)
        self._in(24.0, self._come_back)

    def _come_back(self) -> None:
        if self.absences and self.absences[-1][1] >= self._world.time:
            self._world.oms.faults.take_back(Fault.UNAVAILABLE, "/orders/", method="PUT")

    def _in(self, hours: float, action: Callable[[], None], life: Life | None = None) -> None:
        when = self._world.time + hours * HOUR
        if life is not None and hours:
            when = max(sharp(when, life.order.shop.simulated.region.timezone), self._world.time)
        self._world.loop.at(when, action)


def shop_hold(world: TimedStage, shop: Connected) -> float:
    """The hours that a shop keeps orders back beyond TikTok Shop's hold."""
    return world.shops.settings(shop.id).extra_hold / HOUR
