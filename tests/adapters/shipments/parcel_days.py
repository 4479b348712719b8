"""Random days of parcels: warehouses, people and faults at once, from a seed."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

from local.simulators.channeladvisor.refusals import RefusedError
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.tracking_numbers import ups
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from tests.adapters.jobs.checks import check_nothing_twice
from tests.adapters.shipments.parcel_scenes import (
    MAPPINGS,
    OTHER_JOBS,
    WAREHOUSE,
    all_everywhere,
    at_tiktok,
    check_sides_agree,
    connected,
    cycle,
    fulfillments,
    parcels,
    report,
    type_in,
)
from tests.world import CYCLE, JOBS, MUG, TEE, TWO_TEES, Killed, World

DOUBTFUL = (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON, Fault.RATE_LIMITED)
FAULTY = {
    "tiktok": ("/packages", "/shipping_info/update", "/order/202309/orders"),
    "channeladvisor": ("/Ship", "/Fulfillments", "/v1/Orders"),
    "oms": ("/parcels/", "/shipments"),
}
OTHER_CARRIER = "Wizmo"
"""Its numbers have no known shape, so that any number may be one of its."""
ORDERS = ((TEE,), (TWO_TEES,), (TEE, MUG), (TWO_TEES, MUG))


class ParcelDay:
    """Some orders of one shop, and what happens to them; `log` tells it.

    On a `tidy` day nobody mistypes a number, each order is shipped by one side, and labels may be changed often: then
    nothing may fail.
    """

    def __init__(self, seed: int, *, orders: int = 4, tidy: bool = False) -> None:
        self.random = Random(seed)
        self.tidy = tidy
        changes = 9 if tidy else 1
        self.world = World(tiktok_doubts=Doubts(tracking_changes=changes))
        rows = [*MAPPINGS, {"carrier": OTHER_CARRIER, "code": "wizmo", "channeladvisor_class": "Ground"}]
        self.shop = connected(self.world, shipping={"tracking_changes": changes}, shipping_mappings=rows)
        self.world.channeladvisor.add_carrier(OTHER_CARRIER, "Ground")
        buyer = self.world.tiktok.new_buyer(self.shop.simulated)
        half = [self.random.choice(ORDERS) for _ in range(orders // 2)]
        self.orders: list[OrderId] = all_everywhere(self.world, self.shop, half, buyer=buyer)
        self.orders += all_everywhere(self.world, self.shop, [self.random.choice(ORDERS) for _ in half])
        self.typed_ones = {order for order in self.orders if self.random.random() < 0.4}
        """On a tidy day: those that people ship in ChannelAdvisor."""
        self.numbers = iter(range(1, 10_000))
        self.log: list[str] = []

    def play(self, steps: int) -> None:
        """So many things happen, with runs between them; then nothing more, until all is quiet."""
        for _ in range(steps):
            happen = self.random.choice(self._actions())
            order = self.random.choice(self.orders)
            with suppress(RefusedError, RefusalError, IllegalStepError, IndexError):
                happen(order)
                self.log.append(f"{self.world.time:%d %H:%M} {happen.__name__.strip('_')} {order}")
            self._run_some()
        self.world.on_answer = lambda: None
        for simulator in (self.world.tiktok, self.world.channeladvisor, self.world.oms):
            simulator.faults.clear()
        self.world.sleep(3600)
        cycle(self.world, 8)

    def check(self) -> None:
        """Nothing is told twice or waits for ever; TikTok Shop has what the ledger says; what did not fail agrees."""
        world, shop = self.world, self.shop
        check_nothing_twice(world)
        assert world.channeladvisor.books.accidental_shipments() == []
        for order in self.orders:
            record = world.record(shop, order)
            stuck = [e for e in record.outbox if not e.has_ended and e.state is not EntryState.FAILED]
            assert stuck == [], order
            assert not [e for e in record.outbox if "unexpected" in e.reason], order
            known = {each.tracking_number for each in parcels(world, shop, order) if each.at_tiktok_since}
            assert {number for number, _ in at_tiktok(world, order)} == known, order
            failed = [entry for entry in record.outbox if entry.state is EntryState.FAILED]
            refused = [parcel for parcel in record.parcels if parcel.refused]
            if self.tidy:
                assert (failed, refused) == ([], []), order
            if not failed and not refused:
                check_sides_agree(world, shop, order, changes=9 if self.tidy else 1)
                there = {(each["TrackingNumber"], each["ShippingCarrier"]) for each in fulfillments(world, order)}
                now = world.tiktok.books.shipments_now_of(order)
                assert {(each.tracking_number, each.provider) for each in now} == there, order

    def _actions(self) -> list[Callable[[OrderId], None]]:
        reports = [self._report, self._report_part, self._type_in]
        changes = [self._correct, self._change_there, self._change_in_seller_center, self._repeat]
        often = [*reports, *reports, *changes, *changes, self._fail, self._die, self._overlap, self._warn]
        return often if self.tidy else [*often, self._split, self._combine]

    def _run_some(self) -> None:
        if self.random.random() < 0.5:
            cycle(self.world, self.random.randint(1, 2))
            return
        for job in self.random.choices([job for job in JOBS if job not in OTHER_JOBS], k=self.random.randint(0, 4)):
            self.world.run(job, self.shop)
        self.world.sleep(self.random.random() * CYCLE.total_seconds())

    def _number(self) -> str:
        number = ups(next(self.numbers))
        return number if self.tidy or self.random.random() < 0.8 else f"{number[:-1]}{(int(number[-1]) + 1) % 10}"

    def _report(self, order: OrderId) -> None:
        if self.tidy and order in self.typed_ones:
            raise IndexError(order)
        report(self.world, order, self._number(), by_sku=self.random.random() < 0.5)

    def _report_part(self, order: OrderId) -> None:
        if self.tidy and order in self.typed_ones:
            raise IndexError(order)
        lines = [line.id for line in self.world.oms.books.order(order).lines if line.state == "open"]
        line = self.random.choice(lines)
        report(self.world, order, self._number(), lines=[line], by_sku=self.random.random() < 0.5)

    def _type_in(self, order: OrderId) -> None:
        if self.tidy and order not in self.typed_ones:
            raise IndexError(order)
        type_in(self.world, order, self._number(), items=self.random.choice([None, {"TEE-BLU-M": 1}]))

    def _correct(self, order: OrderId) -> None:
        shipment = self.random.choice(self.world.oms.books.shipments(order))
        newest = [each for each in self.world.oms.books.shipments(order) if each.id == shipment.id][-1]
        number, carrier = self._other_label(newest.tracking_number, WAREHOUSE)
        self.world.oms.correct_shipment(shipment.id, number, carrier)

    def _repeat(self, order: OrderId) -> None:
        self.world.oms.repeat_shipment(self.random.choice(self.world.oms.books.shipments(order)).id)

    def _change_there(self, order: OrderId) -> None:
        there = self.random.choice(fulfillments(self.world, order))
        # A carrier alone may be an echo of what ChannelAdvisor was told before.
        _, carrier = self._other_label("", "UPS")
        self.world.channeladvisor.change_fulfillment_by_hand(
            there["ID"], tracking_number=self._number(), carrier=carrier
        )

    def _change_in_seller_center(self, order: OrderId) -> None:
        package = self.random.choice(self.world.tiktok.books.shipments_now_of(order))
        number, carrier = self._other_label(package.tracking_number, "UPS")
        self.world.tiktok.change_tracking_in_seller_center(package.package_id, number, carrier)

    def _other_label(self, number: str, ups_by_name: str) -> tuple[str, str]:
        """Another number, another carrier, or both."""
        carrier = self.random.choice([ups_by_name, ups_by_name, OTHER_CARRIER])
        return (number if self.random.random() < 0.3 else self._number()), carrier

    def _split(self, order: OrderId) -> None:
        lines = self.world.tiktok.line_ids(order)
        self.random.shuffle(lines)
        self.world.tiktok.split_in_seller_center(order, [lines[:1], lines[1:]])

    def _combine(self, _order: OrderId) -> None:
        self.world.tiktok.combine_in_seller_center(self.orders[: len(self.orders) // 2])

    def _warn(self, order: OrderId) -> None:
        self.world.tiktok.warn_next_shipment("Did you mean to select USPS?", order)

    def _die(self, _order: OrderId) -> None:
        def die() -> None:
            raise Killed

        self._at_an_answer(die)

    def _overlap(self, _order: OrderId) -> None:
        jobs = [job for job in JOBS if job not in OTHER_JOBS]
        self._at_an_answer(lambda: [self.world.run(job, self.shop) for job in self.random.choices(jobs, k=2)])

    def _at_an_answer(self, happening: Callable[[], object]) -> None:
        """Once, after one of the next answers of any partner."""
        answers = iter(range(self.random.randint(0, 8), -1, -1))

        def answered() -> None:
            if next(answers) == 0:
                self.world.on_answer = lambda: None
                happening()

        self.world.on_answer = answered

    def _fail(self, _order: OrderId) -> None:
        partner = self.random.choice([*FAULTY])
        world = self.world
        faults = {"tiktok": world.tiktok.faults, "channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}
        faults[partner].add(self.random.choice(DOUBTFUL), self.random.choice(FAULTY[partner]))
