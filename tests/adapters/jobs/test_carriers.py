"""Carriers (G4, issue item 11): every accepted code ships; an unknown one fails by name, and nothing is sent."""

from random import Random

import pytest

from local.tracking_numbers import ups, usps
from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.regions import Region
from tests.adapters.jobs.scenes import (
    an_order_everywhere,
    entry_states,
    parcels_at_tiktok,
    parcels_in_channeladvisor,
    ship_from_oms,
)
from tests.unit.domain.tracking.carrier_numbers import random_number_of
from tests.world import Connected, World

FEDEX = "986578788855"
SHIP_AT_TIKTOK = (Target.TIKTOK_SHOP, Action.SHIP)
SHIP_IN_CHANNELADVISOR = (Target.CHANNELADVISOR, Action.SHIP)


@pytest.mark.parametrize("region", Region)
def test_every_accepted_code_ships_in_its_region(region: Region) -> None:
    world = World()
    shop = world.connect(region)
    codes = ACCEPTED_CARRIERS[region]
    orders = {code: world.order(shop) for code in codes}
    for name in codes.values():
        world.channeladvisor.add_carrier(name, "Ground")
    world.until_released()
    random = Random(7)
    numbers = {code: random_number_of(random, region, code) for code in codes}
    for code, order in orders.items():
        ship_from_oms(world, order, numbers[code], carrier=code)
    world.cycle(2)

    assert {code: world.tiktok.books.shipments_of(order)[0].provider for code, order in orders.items()} == dict(codes)
    for code, order in orders.items():
        ((_, tracking_number, _),) = parcels_in_channeladvisor(world, order)
        assert tracking_number == numbers[code]
    doubted = {"usps"} & codes.keys()
    assert [problem.split(":")[0] for problem in world.problems()] == ["parcels_doubted"] * len(doubted)
    assert all(f"carrier {code!r} is restricted" in str(world.problems()) for code in doubted)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def test_an_unknown_carrier_fails_by_name_and_goes_after_the_mapping_was_corrected(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop)
    other = an_order_everywhere(world, shop)
    ship_from_oms(world, order, FEDEX, carrier="Fed-Ex Home")
    ship_from_oms(world, other, usps(9))
    world.cycle(2)
    failed = [problem for problem in world.problems() if problem.startswith(f"entries_failed: order {order}")]

    assert entry_states(world, shop, order)[SHIP_AT_TIKTOK] is EntryState.FAILED
    assert entry_states(world, shop, order)[SHIP_IN_CHANNELADVISOR] is EntryState.FAILED
    assert len(failed) == 2
    assert all(
        "carrier 'Fed-Ex Home' is not accepted by TikTok Shop in US; nearest accepted code is 'fedex'" in problem
        for problem in failed
    )
    assert parcels_at_tiktok(world, order) == []
    assert parcels_in_channeladvisor(world, order) == []
    assert len(parcels_at_tiktok(world, other)) == 1

    world.cycle(3)
    assert entry_states(world, shop, order)[SHIP_AT_TIKTOK] is EntryState.FAILED

    mapping = {
        "carrier": "Fed-Ex Home",
        "code": "fedex",
        "channeladvisor_carrier": "UPS",
        "channeladvisor_class": "Ground",
    }
    world.reconnect(shop, shipping_mappings=[mapping])
    assert world.replay(shop, order).counts["entries_replayed"] == 2
    world.cycle()

    assert world.tiktok.books.shipments_of(order)[0].provider == "FedEx"
    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert world.events(shop, order).count("REPLAYED") == 2


@pytest.mark.parametrize(
    ("region", "carrier", "nearest"),
    [("US", "Yodel UK", "dhl us"), ("GB", "usps", "UPS UK"), ("US", "USPS", "usps"), ("GB", "Evri", "EVRi")],
)
def test_another_region_s_or_another_spelling_is_no_guess(region: str, carrier: str, nearest: str) -> None:
    world = World()
    shop = world.connect(region)
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order, carrier=carrier)
    world.cycle()

    (problem, *_) = [problem for problem in world.problems() if "entries_failed" in problem]
    assert f"carrier {carrier!r} is not accepted by TikTok Shop in {region}" in problem
    assert f"nearest accepted code is {nearest!r}" in problem
    assert parcels_at_tiktok(world, order) == []


def test_a_delivery_option_that_lacks_the_carrier_is_named(world: World, shop: Connected) -> None:
    option = world.tiktok.add_delivery_option(shop.simulated, "No post", lacks=["USPS"])
    order = world.order(shop, delivery_option=option)
    world.until_released()
    ship_from_oms(world, order)
    world.cycle(2)
    (problem,) = [problem for problem in world.problems() if "entries_failed" in problem]

    assert f"carrier 'USPS' ('usps') is no shipping provider of delivery option '{option.id}'" in problem
    assert "nearest is 'UPS'" in problem
    assert parcels_at_tiktok(world, order) == []
    assert len(parcels_in_channeladvisor(world, order)) == 1


def test_a_class_is_free_text_and_a_row_for_it_goes_first(world: World, shop: Connected) -> None:
    rows = [
        {"carrier": "House", "code": "usps", "channeladvisor_class": "Ground"},
        {"carrier": "House", "shipping_class": "Ground", "code": "ups"},
    ]
    world.reconnect(shop, shipping_mappings=rows)
    order, other = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    ship_from_oms(world, order, ups(1), carrier="House")
    world.oms.ship(other, "House", "next day, by bicycle", usps(77))
    world.cycle(2)

    assert world.tiktok.books.shipments_of(order)[0].provider == "UPS"
    assert world.tiktok.books.shipments_of(other)[0].provider == "USPS"
