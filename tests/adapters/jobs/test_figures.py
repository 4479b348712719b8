"""Figures that are promised (DESIGN 13), counted: requests from the partners' books, write units from item sizes."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from local.memory_table import item_size
from local.tracking_numbers import ups
from order_sync.domain.ids import OrderId
from order_sync.ledger import keys
from tests.adapters.jobs.scenes import ship_from_oms
from tests.world import TWO_TEES, Connected, World

WRITE_UNITS_OF_A_LIFE = 122
"""Five of them for its parcel's scan: one when the parcel comes into the list of those that wait for one, two to write
it with the scan, and two to move it to the other list."""
WRITE_UNITS_OF_A_LIFE_ALONE = 137
"""With the cursors and marks of its own polls."""
READS_OF_A_LIFE = 0.2
HEAD_BYTES = 1024
THE_MARK_OF_A_GOOD_POLL = 1


def show(title: str, figures: Mapping[str, float]) -> None:
    """Seen with `pytest -s`."""
    print(f"\n{title}", *(f"{figure:6} {name}" for name, figure in figures.items()), sep="\n")  # noqa: T201


def life(world: World, shop: Connected, orders: int) -> tuple[list[OrderId], Counter[str]]:
    """The whole path of some normal orders; the write units of each step."""
    spent: Counter[str] = Counter()

    def step(name: str, *jobs: str) -> None:
        before = world.table.write_units
        for job in jobs:
            world.run(job, shop)
        spent[name] += world.table.write_units - before

    placed = [world.order(shop, TWO_TEES) for _ in range(orders)]
    # The first cursors of the OMS's lists belong to no order.
    world.run("poll_oms", shop)
    step("seen on hold", "poll_tiktok")
    world.time += timedelta(hours=1, minutes=5)
    step("released", "release_due_orders")
    step("seen released", "poll_tiktok")
    step("created", "push_channeladvisor")
    step("accepted", "push_oms")
    step("exported", "push_channeladvisor")
    step("seen in ChannelAdvisor", "poll_channeladvisor")
    step("referenced", "push_tiktok")
    world.time += timedelta(hours=5)
    for number, order in enumerate(placed):
        ship_from_oms(world, order, ups(number), carrier="ups")
    step("reported", "poll_oms")
    step("shipped at TikTok", "push_tiktok")
    step("shipped in ChannelAdvisor", "push_channeladvisor")
    step("shipping seen", "poll_tiktok", "poll_channeladvisor")
    world.time += timedelta(hours=15)
    for order in placed:
        world.tiktok.collect(order)
    step("collected", "poll_tiktok")
    world.time += timedelta(days=2)
    for order in placed:
        world.tiktok.deliver(order)
    step("delivered", "poll_tiktok")
    return placed, spent


def test_a_normal_order_s_whole_path_stays_within_its_write_units() -> None:
    world = World()
    shop = world.connect()
    (order,), spent = life(world, shop, 1)
    total = sum(spent.values())
    show("write units of an order alone", spent | {"in all": total})

    assert world.events(shop, order)[-1] == "DELIVERED"
    assert world.problems() == []
    assert total <= WRITE_UNITS_OF_A_LIFE_ALONE


def test_orders_in_full_batches_cost_few_reads_at_tiktok_and_few_write_units() -> None:
    world = World()
    shop = world.connect()
    placed, spent = life(world, shop, 100)
    writes = ("/packages", "/external_orders")
    # One request a poll, whatever the orders: they have returns later, or none.
    of_polls = ("/returns/search",)
    reads = [request for request in world.tiktok.books.requests if not request.path.endswith(writes + of_polls)]
    show("reads of a hundred orders", Counter(request.endpoint for request in reads))
    show("of each of them", {"write units": sum(spent.values()) / 100, "reads": len(reads) / 100})

    assert all(world.events(shop, order)[-1] == "DELIVERED" for order in placed)
    assert len(reads) / 100 <= READS_OF_A_LIFE
    assert sum(spent.values()) / 100 <= WRITE_UNITS_OF_A_LIFE


def test_the_head_of_a_normal_order_stays_below_one_kilobyte() -> None:
    world = World()
    shop = world.connect()
    (order,), _ = life(world, shop, 1)
    size = item_size(world.table.items[keys.order_key(shop.id, order)])
    show("head of a normal order", {"bytes": size})

    assert size < HEAD_BYTES


def test_a_new_order_s_first_sight_is_one_transaction_and_its_second_writes_nothing_of_it() -> None:
    world = World()
    shop = world.connect()
    world.order(shop)
    world.table.calls.clear()
    world.run("poll_tiktok", shop)
    assert (world.table.calls["write_all"], world.table.calls["put"]) == (1, THE_MARK_OF_A_GOOD_POLL)

    units = world.table.write_units
    world.run("poll_tiktok", shop)
    assert world.table.write_units == units + THE_MARK_OF_A_GOOD_POLL
