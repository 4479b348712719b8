"""A run that dies, or that another one overtakes, at any place: no parcel is told twice, and all sides agree."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from order_sync.domain.ids import OrderId
from tests.adapters.jobs.interruptions import Interruption, watched_world
from tests.adapters.shipments.parcel_scenes import (
    NEW_NUMBER,
    NUMBER,
    check_parcels,
    connected,
    cycle,
    everywhere,
    report,
    shipped,
    type_in,
    updates,
)
from tests.world import MUG, TWO_TEES, Connected, Killed, World

MOST_PLACES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens before the run that is interrupted, and the numbers that all sides have in the end."""

    prepare: Callable[[World, Connected], OrderId]
    numbers: tuple[str, ...] = (NUMBER,)
    changes: int = 0
    """How often we change a label at TikTok Shop."""
    refused: tuple[int, ...] = ()
    """What TikTok Shop may refuse: units that it does not let go without others."""


def two_parcels(world: World, shop: Connected) -> OrderId:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *others = world.tiktok.line_ids(order)
    report(world, order, NUMBER, lines=[first])
    report(world, order, NEW_NUMBER, lines=others)
    return order


def two_parcels_known(world: World, shop: Connected) -> OrderId:
    order = two_parcels(world, shop)
    world.run("poll_oms", shop)
    return order


def one_known(world: World, shop: Connected) -> OrderId:
    order = everywhere(world, shop, TWO_TEES)
    report(world, order)
    world.run("poll_oms", shop)
    return order


def typed(world: World, shop: Connected) -> OrderId:
    order = everywhere(world, shop, TWO_TEES)
    type_in(world, order)
    return order


def typed_and_known(world: World, shop: Connected) -> OrderId:
    order = typed(world, shop)
    world.run("poll_channeladvisor", shop)
    return order


def changed(world: World, shop: Connected) -> OrderId:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    return order


def change_known(world: World, shop: Connected) -> OrderId:
    order = changed(world, shop)
    world.run("poll_oms", shop)
    return order


def change_at_tiktok(world: World, shop: Connected) -> OrderId:
    order = change_known(world, shop)
    world.run("push_tiktok", shop)
    return order


def changed_by_hand(world: World, shop: Connected) -> OrderId:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    world.channeladvisor.change_fulfillment_by_hand(fulfillment, tracking_number=NEW_NUMBER)
    return order


def doubted(world: World, shop: Connected) -> OrderId:
    order = everywhere(world, shop, TWO_TEES)
    report(world, order)
    world.tiktok.warn_next_shipment("Did you mean to select USPS?", order)
    world.run("poll_oms", shop)
    return order


def split(world: World, shop: Connected) -> OrderId:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, NUMBER, lines=[first])
    world.run("poll_oms", shop)
    return order


TWO = (NUMBER, NEW_NUMBER)
AT_TABLE = ("push_tiktok: units are exchanged", "push_tiktok: a change")
"""What is interrupted before each word with the table too, and not only after each answer of a partner."""
SCENES = {
    "poll_oms: two parcels": ("poll_oms", Scene(prepare=two_parcels, numbers=TWO)),
    "push_tiktok: two parcels": ("push_tiktok", Scene(prepare=two_parcels_known, numbers=TWO)),
    "push_channeladvisor: two parcels": ("push_channeladvisor", Scene(prepare=two_parcels_known, numbers=TWO)),
    "poll_channeladvisor: a typed parcel": ("poll_channeladvisor", Scene(prepare=typed)),
    "push_oms: a typed parcel": ("push_oms", Scene(prepare=typed_and_known)),
    "poll_oms: a change": ("poll_oms", Scene(prepare=changed, numbers=(NEW_NUMBER,), changes=1)),
    "push_tiktok: a change": (
        "push_tiktok",
        Scene(prepare=change_known, numbers=(NEW_NUMBER,), changes=1),
    ),
    "poll_tiktok: a change": ("poll_tiktok", Scene(prepare=change_at_tiktok, numbers=(NEW_NUMBER,), changes=1)),
    "push_channeladvisor: a change": (
        "push_channeladvisor",
        Scene(prepare=change_known, numbers=(NEW_NUMBER,), changes=1),
    ),
    "poll_channeladvisor: a change by hand": (
        "poll_channeladvisor",
        Scene(prepare=changed_by_hand, numbers=(NEW_NUMBER,), changes=1),
    ),
    "push_tiktok: a doubtful acceptance": ("push_tiktok", Scene(prepare=doubted)),
    "push_tiktok: units are exchanged": ("push_tiktok", Scene(prepare=split, refused=(21011036,))),
}
each_scene = pytest.mark.parametrize("name", SCENES)


def die(_world: World, _shop: Connected) -> None:
    raise Killed


def interrupted(
    job: str, scene: Scene, happening: Callable[[World, Connected], None], *, at_table: bool
) -> Iterator[tuple[World, Connected, OrderId]]:
    """The same run again and again, each time with something that happens one place later."""
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = connected(world)
        order = scene.prepare(world, shop)
        interruption = Interruption(world, table, place, partial(happening, world, shop))
        if not at_table:
            table.before_call = lambda: None
        world.run(job, shop)
        if not interruption.happened:
            assert place > 1
            return
        yield world, shop, order
    raise AssertionError(f"more than {MOST_PLACES} places")


@each_scene
def test_a_run_that_dies_at_any_place_leaves_every_parcel_told_once(name: str) -> None:
    job, scene = SCENES[name]
    for world, shop, order in interrupted(job, scene, die, at_table=name == AT_TABLE[0]):
        cycle(world, 3)
        assert world.counted("runs_killed") == 1
        check(world, shop, order, scene)


@each_scene
def test_a_second_run_at_any_place_of_the_first_tells_nothing_twice(name: str) -> None:
    job, scene = SCENES[name]

    def run_again(world: World, shop: Connected) -> None:
        world.run(job, shop)

    for world, shop, order in interrupted(job, scene, run_again, at_table=name == AT_TABLE[1]):
        cycle(world, 2)
        check(world, shop, order, scene)


@pytest.mark.parametrize("job", ["push_tiktok", "push_channeladvisor"])
def test_a_change_that_is_polled_at_any_place_of_the_run_that_tells_the_parcel_is_told(job: str) -> None:
    def change(world: World, shop: Connected) -> None:
        (shipment,) = world.oms.books.shipments()
        world.oms.correct_shipment(shipment.id, NEW_NUMBER)
        world.run("poll_oms", shop)

    for world, shop, order in interrupted(job, Scene(prepare=one_known), change, at_table=job == "push_tiktok"):
        cycle(world, 3)
        check_parcels(world, shop, order, NEW_NUMBER)
        assert len(updates(world, order)) <= 1
        assert world.counted("entries_failed") == 0


def check(world: World, shop: Connected, order: OrderId, scene: Scene) -> None:
    """All sides agree, and TikTok Shop was asked for nothing that it had to refuse."""
    check_parcels(world, shop, order, *scene.numbers)
    assert len(updates(world, order)) == scene.changes
    assert {each.code for each in world.tiktok.books.refused_shipments} <= {*scene.refused}
    assert world.tiktok.books.refused_tracking_updates == []
    assert world.counted("entries_failed") == 0
