"""An upgrade loses nothing: today's version goes on with the ledger that an earlier one has written."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.simulators.tiktok_shop.ids import STARTS, STRIDE
from local.simulators.tiktok_shop.orders import Status
from order_sync.domain.ids import OrderId
from order_sync.ledger.table import Item, Key, Put
from tests.adapters.jobs.checks import check_nothing_twice
from tests.upgrade.scene import TRACKING, Scene, play
from tests.world import World

LEDGERS = sorted((Path(__file__).parent / "ledgers").glob("*.json"))
KNOWING_CANCELLATIONS = [path for path in LEDGERS if json.loads(path.read_text())["cancellations"]]
KNOWING_RETURNS = [path for path in LEDGERS if json.loads(path.read_text())["returns"]]
LONG_NUMBER = re.compile(r"\d{16,19}")


def ordinal(number: str) -> tuple[str, int]:
    """Of which kind an identifier of the simulated TikTok Shop is, and the how many-th: versions differ in the rest."""
    kind = max((kind for kind, start in STARTS.items() if start <= int(number)), key=STARTS.__getitem__)
    return kind, (int(number) - STARTS[kind]) // STRIDE


def numbers_of(items: list[Item], found: dict[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
    """What the partners call things, by what it is called."""
    for number in LONG_NUMBER.findall(json.dumps(items)):
        kind, place = ordinal(number)
        found[kind, str(place)] = number
    for item in items:
        if item["sk"] == "ORDER":
            _, place = ordinal(str(item["pk"]).rpartition("#")[2])
            for name in ("channeladvisor_id", "oms_number", "recipient"):
                if name in item:
                    found[name, str(place)] = str(item[name])
    return found


def in_words_of_today(then: list[Item], today: list[Item]) -> list[Item]:
    """An earlier version's items about the orders of today's simulation."""
    before, after = numbers_of(then, {}), numbers_of(today, {})
    renamed = {number: after[what] for what, number in before.items() if what in after}
    text = re.sub(
        "|".join(sorted(map(re.escape, renamed), key=len, reverse=True)),
        lambda found: renamed[found.group()],
        json.dumps(then),
    )
    items: list[Item] = json.loads(text)
    return items


@pytest.fixture(params=LEDGERS, ids=lambda path: path.stem)
def ledger(request: pytest.FixtureRequest) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(request.param.read_text())
    return written


@pytest.fixture
def upgraded(ledger: dict[str, Any]) -> tuple[World, Scene]:
    """The partners as they are after the scene, and the earlier version's ledger instead of today's."""
    world = World()
    scene = play(world, cancellations=ledger["cancellations"], returns=ledger["returns"])
    items = in_words_of_today(ledger["items"], [dict(item) for item in world.table.items.values()])
    for key in list(world.table.items):
        world.table.delete(key)
    for item in items:
        world.table.put(Put(item=item))
    world.reports.clear()
    return world, scene


def orders_of(scene: Scene) -> list[OrderId]:
    return [OrderId(order) for order in (scene.told, scene.shipped, scene.waiting, scene.asked, scene.held)]


def shipped_as(world: World, order: str) -> list[str]:
    return [parcel.tracking_number for parcel in world.tiktok.books.shipments_of(order)]


def test_every_order_parcel_and_timeline_can_be_read(upgraded: tuple[World, Scene]) -> None:
    world, scene = upgraded
    for order in orders_of(scene):
        assert world.record(scene.shop, order).order.id == order
        assert world.events(scene.shop, order)
    assert [parcel.tracking_number for parcel in world.record(scene.shop, OrderId(scene.told)).parcels] == [TRACKING[0]]
    assert world.shops.settings(scene.shop.id).active
    assert world.shops.active() == [scene.shop.id]


def test_what_was_under_way_is_finished_and_nothing_is_done_twice(upgraded: tuple[World, Scene]) -> None:
    world, scene = upgraded
    world.cycle(2)
    assert shipped_as(world, scene.shipped) == [TRACKING[1]]

    world.oms.ship(scene.waiting, "USPS Ground", "Ground", TRACKING[2])
    if scene.cancel:
        world.oms.decide(scene.cancel, "approve")
    world.cycle(6)

    assert shipped_as(world, scene.told) == [TRACKING[0]]
    assert shipped_as(world, scene.waiting) == [TRACKING[2]]
    assert [len(world.created(order)) for order in orders_of(scene)] == [1] * 5
    assert world.tiktok.status(scene.held) is Status.AWAITING_SHIPMENT
    assert world.tiktok.books.references_of(OrderId(scene.held)).keys() == {
        "CHANNEL_ADVISOR",
        "ORDER_MANAGEMENT_SYSTEM",
    }
    check_nothing_twice(world)
    assert [problem for problem in world.problems() if not problem.startswith("parcels_doubted")] == []


@pytest.mark.parametrize("ledger", KNOWING_CANCELLATIONS, ids=lambda path: path.stem, indirect=True)
def test_who_asked_to_cancel_is_answered_once(upgraded: tuple[World, Scene]) -> None:
    world, scene = upgraded
    world.oms.decide(scene.cancel, "approve")
    world.cycle(3)
    assert [each.decision for each in world.tiktok.books.decided(scene.cancel)] == ["APPROVE"]
    assert world.tiktok.status(scene.asked) is Status.CANCELLED


@pytest.mark.parametrize("ledger", KNOWING_RETURNS, ids=lambda path: path.stem, indirect=True)
def test_a_return_that_waited_for_an_answer_gets_it(upgraded: tuple[World, Scene]) -> None:
    world, scene = upgraded
    world.oms.decide_return(scene.shop.id, scene.returned, "refund", "approve")
    world.cycle(3)
    assert [each.decision for each in world.tiktok.books.decided_return(scene.returned)] == ["APPROVE_REFUND"]


def test_a_deadline_that_nobody_counted_then_is_watched_from_the_next_comparison_on(
    upgraded: tuple[World, Scene],
) -> None:
    world, scene = upgraded
    world.cycle()
    world.run("reconcile", scene.shop)
    for order in (scene.waiting, scene.held):
        assert world.table.get(Key(f"ORDER#{scene.shop.id}#{order}", "DEADLINES")) is not None


def test_the_ledgers_hold_no_buyer(ledger: dict[str, Any]) -> None:
    world = World()
    play(world, cancellations=False, returns=False)
    written = json.dumps(ledger["items"])
    assert [private for private in world.tiktok.buyer_data() if len(private) > 3 and private in written] == []
