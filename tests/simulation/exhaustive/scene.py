"""Where a scenario is played: the product without any fault of its own, one shop, some orders and their people."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime, timedelta
from json import dumps
from typing import Any, Final

from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import usps
from order_sync.domain.outbox import EntryState
from order_sync.ledger.table import Item, Key
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.simulation.cloud.deployment import STACK
from tests.simulation.cloud.runs import Run
from tests.simulation.cloud.state_machines import TaskFailedError
from tests.simulation.exhaustive.exploring import Exploration
from tests.simulation.faults import Faults
from tests.simulation.invariants import Invariants
from tests.simulation.placed_orders import PlacedOrder, TrueParcel, at_tiktok, in_oms
from tests.simulation.stack import Stack
from tests.simulation.trace import Trace
from tests.world import START, TEE, Connected

A_MINUTE: Final = timedelta(minutes=1)
SOONEST: Final = timedelta(minutes=32)
"""Two cycles: what comes twice has come by then."""
RECOVERY: Final = timedelta(minutes=70)
"""From the end of a story until all must be right at the latest: retries, the next cycles, the end of a claim."""
INDEX_DELAY: Final = timedelta(minutes=9)
COMMANDS: Final = 5
"""How often a person repeats one."""
LONGEST: Final = timedelta(hours=4)
"""That people wait for something."""


class Scene:
    """A small world, and what its people know. It is the `Day` that the invariants judge."""

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self.world = self.stack = stack = Stack(
            seed=1, start=START, faults=lambda clock: Faults(1, {}, clock), trace=Trace(keeps=400)
        )
        # Who looks for what was created just now does not find it: only claims tell that it may be there.
        stack.channeladvisor.index_delay = INDEX_DELAY
        self.orders: list[PlacedOrder] = []
        self.decoys: tuple[int, ...] = ()
        self.broken: list[str] = []
        self.expected: dict[str, Callable[[], bool]] = {}
        """What must be so in the end, in words."""
        self.allowed: set[str] = set()
        """What the invariants say of every playing of this scenario, since people did it."""
        self.invariants = invariants = Invariants(self)
        stack.table.on_write = self._wrote
        stack.log.on_text = invariants.text
        stack.internet.on_answer = lambda partner: invariants.look(str(stack.calls.run or ""), partner)
        stack.internet.under_way = lambda partner: (
            invariants.call(partner) if partner == "channeladvisor" else nullcontext()
        )
        stack.functions.on_run = self._read_event
        self._tracking = 0
        exploration.watch(stack)

    @property
    def items(self) -> Mapping[Key, Item]:
        """What is in the table."""
        return self.stack.memory.items

    @property
    def shops(self) -> list[Connected]:
        """Whose time it is."""
        return self.stack.connected

    @property
    def shop(self) -> Connected:
        """The only one."""
        return self.stack.connected[0]

    @property
    def executions(self) -> list[str]:
        """What timers hold."""
        return [f"{each.name} {each.given}" for each in self.stack.machines.open_executions()]

    def was_disturbed(self, _since: datetime, _until: datetime) -> bool:
        """One crash is no excuse."""
        return False

    def _wrote(self, written: Any) -> None:
        self.exploration.changed += 1
        self.invariants.wrote(written)

    def _read_event(self, run: Run) -> None:
        self.invariants.text(dumps(run.event), "an event")

    def open(self, **settings: Any) -> Connected:
        """Connect the shop. Its schedules do not fire yet."""
        shop = self.stack.connect(**settings)
        self.stack.loop.run_until(self.stack.time + A_MINUTE)
        return shop

    def handed_over_order(self, *lines: LineSpec) -> PlacedOrder:
        """A shop whose schedules fire, and an order that was not held and that everybody has."""
        self.open()
        self.stack.wake()
        order = self.order(*(lines or (TEE,)), kind="no hold", hold=False)
        self.until_handed_over(order)
        return order

    def order(self, *lines: LineSpec, kind: str = "normal", **options: Any) -> PlacedOrder:
        """A buyer places an order and pays."""
        name = self.stack.order(self.shop, *lines, **options)
        placed = PlacedOrder(shop=self.shop, id=name, kind=kind, way="oms", by_sku=False)
        self.orders.append(placed)
        return placed

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.stack.loop.run_until(self.stack.time + time)

    def until(self, what: str, happened: Callable[[], object], longest: timedelta = LONGEST) -> None:
        """Let time pass until something has happened, as a person who looks every minute. It must, in the end.

        What failed meanwhile an operator starts once more.
        """
        end = self.stack.time + longest
        while not happened():
            if self.stack.time >= end and self.stack.functions.redrive():
                end += longest
            elif self.stack.time >= end:
                self.broken.append(f"people waited in vain: {what}")
                return
            self.wait(A_MINUTE)

    def expect(self, what: str, holds: Callable[[], bool]) -> None:
        """Something that must be so in the end."""
        self.expected[what] = holds

    def handed_over(self, order: PlacedOrder) -> bool:
        """Whether ChannelAdvisor and the OMS have it."""
        return (
            bool(self.stack.channeladvisor.books.orders_of_tiktok(order.id)) and in_oms(self.stack, order) is not None
        )

    def until_handed_over(self, order: PlacedOrder) -> None:
        """Until both sides have it, and know of each other."""
        self.until("the hand-over", lambda: self.handed_over(order) and not self.open_entries(order))

    def open_entries(self, order: PlacedOrder) -> list[str]:
        """What is still to be told about an order."""
        record = self.stack.ledger.load(self.shop.id, order.id)
        return [f"{entry.name} is {entry.state}" for entry in record.outbox if not entry.has_ended] if record else []

    def ship(self, order: PlacedOrder, carrier: str = "USPS Ground") -> None:
        """Everything that is left leaves the warehouse in one parcel."""
        taken = in_oms(self.stack, order)
        assert taken is not None
        self._tracking += 1
        left = [line for line in taken.lines if line.state in ("open", "packed") and not line.withheld_for]
        tracking = usps(self._tracking)
        self.stack.oms.ship(order.id, carrier, "Ground", tracking)
        order.parcels.append(
            TrueParcel(
                tracking=tracking,
                source="oms",
                units=Counter(line.sku for line in left),
                lines=frozenset(line.id for line in left),
                at=self.stack.time,
            )
        )

    def shipped_at_tiktok(self, order: PlacedOrder) -> bool:
        """Whether TikTok Shop knows each parcel."""
        known = {each.tracking_number for each in self.stack.tiktok.books.shipments_of(order.id)}
        return {each.tracking for each in order.parcels} <= known

    def deliver(self, order: PlacedOrder) -> None:
        """The carrier takes the parcel and brings it."""
        self.stack.tiktok.collect(order.id)
        self.stack.tiktok.deliver(order.id)

    def agree_again(self) -> None:
        """The seller authorises the app once more."""
        tokens = ShopTokens.model_validate(asdict(self.stack.tiktok.authorize(self.shop.simulated)))
        self.stack.secrets.texts[f"{STACK}/tiktok/{self.shop.id}"] = tokens.to_json()

    def asks_for_a_person(self, order: PlacedOrder) -> bool:
        """Whether something about an order has failed, or waits for a mapping."""
        record = self.stack.ledger.load(self.shop.id, order.id)
        return record is not None and any(entry.state is EntryState.FAILED for entry in record.outbox)

    def command(self, function: str, event: dict[str, Any]) -> None:
        """A person gives a command, and again when it is refused or nobody answers."""
        done: list[bool] = []

        def give() -> None:
            try:
                answer = self.stack.functions.call(f"{STACK}-{function}", event)
            except TaskFailedError:
                return
            done.append("runs_postponed" not in answer)

        for _ in range(COMMANDS):
            self.stack.loop.spawn("operator", give)
            self.wait(A_MINUTE)
            if any(done):
                return
        self.broken.append(f"people gave a command in vain: {function}")

    def status_at_tiktok(self, order: PlacedOrder) -> str:
        """TikTok Shop's own word."""
        return at_tiktok(self.stack, order).status.value

    def end(self) -> list[str]:
        """Give the product the time that it says it needs; then everything must be right. What is not."""
        self._recover()
        if self.stack.functions.dead_letters:
            self.stack.functions.redrive()
            self._recover()
        broken = [str(each) for each in self.invariants.at_rest()]
        wrong = [*self.broken, *(each for each in broken if not any(known in each for known in self.allowed))]
        wrong += [f"not so in the end: {what}" for what, holds in self.expected.items() if not holds()]
        wrong += [f"a dead letter is left: {each.function} {each.error}" for each in self.stack.functions.dead_letters]
        wrong += [f"{order.id}: {each}" for order in self.orders for each in self._unfinished(order)]
        return wrong

    def _recover(self) -> None:
        self.wait(SOONEST)
        latest = self.stack.time + RECOVERY - SOONEST
        while self.stack.time < latest and not self._is_at_rest():
            self.wait(5 * A_MINUTE)

    def _is_at_rest(self) -> bool:
        is_open = any(self._unfinished(order) or self.open_entries(order) for order in self.orders)
        return not is_open and all(holds() for holds in self.expected.values())

    def _unfinished(self, order: PlacedOrder) -> list[str]:
        record = self.stack.ledger.load(self.shop.id, order.id)
        over = (EntryState.DONE, EntryState.WITHDRAWN)
        return [
            f"{entry.name} is {entry.state}: {entry.reason}"
            for entry in (record.outbox if record else ())
            if entry.state not in over
        ]
