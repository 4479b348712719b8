"""What ChannelAdvisor's fulfilments tell: one parcel for each number, and nothing that has not left or is not ours."""

from datetime import timedelta

import pytest

from local.tracking_numbers import ups, usps
from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.parcels import USPS, now_as, parcel
from tests.adapters.channeladvisor.world import START, World

TEE = "TEE-BLU-M"


def facts(client: ChannelAdvisor) -> ChannelAdvisorFacts:
    page = client.orders_updated(START, START + timedelta(days=1))
    assert page.unreadable == ()
    (found,) = page.orders
    return found


def seen(client: ChannelAdvisor) -> tuple[ReportedParcel, ...]:
    return facts(client).parcels


def test_each_of_several_fulfilments_is_a_parcel_with_its_own_units(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.ship(order, parcel(1), USPS, [(TEE, 1)])
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(2), items={"MUG": 1})
    assert [(each.id, each.tracking_number, each.units) for each in seen(client)] == [
        ("oms-SHP-1", usps(1), ((TEE, 1),)),
        (f"channeladvisor-{made}", usps(2), (("MUG", 1),)),
    ]


def test_what_is_split_or_noted_but_has_not_left_is_no_parcel(world: World, client: ChannelAdvisor, order: str) -> None:
    first, second = world.simulator.split_by_hand(int(order), {TEE: 1}, {"MUG": 1})
    world.simulator.change_fulfillment_by_hand(first, tracking_number=usps(1))
    assert seen(client) == ()
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(2), items={"MUG": 1})
    assert made == second
    assert [each.id for each in seen(client)] == [f"channeladvisor-{second}"]


def test_what_has_left_without_a_number_is_no_parcel_until_it_gets_one(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    made = [
        world.simulator.ship_by_hand(int(order), "USPS", "Priority", "", items={sku: 1}) for sku in (TEE, "MUG", TEE)
    ]
    assert seen(client) == ()
    world.simulator.change_fulfillment_by_hand(made[1], tracking_number=usps(1))
    assert [(each.id, each.units) for each in seen(client)] == [(f"channeladvisor-{made[1]}", (("MUG", 1),))]


def test_fulfilments_of_one_number_are_one_parcel_under_the_lowest_id(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.add_carrier("UPS", "Ground")
    first = world.simulator.ship_by_hand(int(order), "USPS", "Priority", ups(1), items={TEE: 1})
    world.clock.move(minutes=5)
    second = world.simulator.ship_by_hand(int(order), "UPS", "Ground", ups(1), items={TEE: 1, "MUG": 1})
    assert first < second
    (found,) = seen(client)
    assert (found.id, found.tracking_number) == (f"channeladvisor-{first}", ups(1))
    assert (found.carrier, found.shipping_class, found.shipped_at) == ("USPS", "Priority", START)
    assert found.units == ((TEE, 2), ("MUG", 1))

    world.simulator.delete_fulfillment_by_hand(first)
    (found,) = seen(client)
    assert (found.id, found.carrier, found.shipping_class) == (f"channeladvisor-{second}", "UPS", "Ground")
    assert found.units == ((TEE, 1), ("MUG", 1))


@pytest.mark.parametrize("typed_first", [True, False])
def test_a_parcel_of_ours_keeps_its_id_whoever_types_its_number_in_too(
    world: World, client: ChannelAdvisor, order: str, *, typed_first: bool
) -> None:
    world.simulator.add_carrier("UPS", "Ground")
    if typed_first:
        world.simulator.ship_by_hand(int(order), "UPS", "Ground", f" {usps(1)} ", items={"MUG": 1})
    client.ship(order, parcel(1), USPS, [(TEE, 1)])
    if not typed_first:
        world.simulator.ship_by_hand(int(order), "UPS", "Ground", f" {usps(1)} ", items={"MUG": 1})
    (found,) = seen(client)
    assert (found.id, found.carrier, found.shipping_class) == ("oms-SHP-1", "USPS", "Priority")
    assert (found.tracking_number, found.shipped_at) == (usps(1), parcel(1).shipped_at)
    assert dict(found.units) == {TEE: 1, "MUG": 1}


def test_one_number_on_two_orders_stays_two_parcels(world: World, client: ChannelAdvisor, order: str) -> None:
    other = world.simulator.bring_native_tiktok_order(12345678, "577086512123755999")
    for each in (int(order), other):
        world.simulator.ship_by_hand(each, "USPS", "Priority", usps(1))
    page = client.orders_updated(START, START + timedelta(days=1))
    assert [[parcel.units for parcel in each.parcels] for each in page.orders] == [
        [((TEE, 2), ("MUG", 1))],
        [(("SKU-1", 1),)],
    ]


def test_an_empty_fulfilment_of_the_same_number_takes_nothing_away(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={TEE: 1})
    world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"MUG": 1})
    world.simulator._state.fulfillments[made][1].items.clear()
    assert [each.units for each in seen(client)] == [(("MUG", 1),)]


def test_a_parcel_is_seen_with_the_version_of_the_order_that_shows_it(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.clock.move(minutes=1)
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"MUG": 1})
    shipped_at = world.clock.now
    assert [(each.shipped_at, each.seen_at) for each in seen(client)] == [(shipped_at, shipped_at)]

    world.clock.move(minutes=1)
    world.simulator.change_fulfillment_by_hand(made, tracking_number=usps(2))
    found = facts(client)
    (corrected,) = found.parcels
    assert (corrected.id, corrected.tracking_number) == (f"channeladvisor-{made}", usps(2))
    assert (corrected.shipped_at, corrected.seen_at) == (shipped_at, world.clock.now)
    assert found.updated_at == corrected.seen_at

    world.clock.move(minutes=1)
    world.simulator.delete_fulfillment_by_hand(made)
    found = facts(client)
    assert (found.parcels, found.updated_at, found.shipping_status) == ((), world.clock.now, "Unshipped")


def test_our_own_correction_comes_back_under_our_id(world: World, client: ChannelAdvisor, order: str) -> None:
    client.ship(order, parcel(), USPS, [("MUG", 1)])
    world.clock.move(minutes=1)
    client.correct(order, now_as(parcel(), usps(900)), USPS)
    assert [(each.id, each.tracking_number, each.seen_at) for each in seen(client)] == [
        ("oms-SHP-1", usps(900), world.clock.now)
    ]


@pytest.mark.parametrize("readable", [True, False])
def test_an_order_that_others_fulfil_shows_no_parcels(
    world: World, client: ChannelAdvisor, order: str, *, readable: bool
) -> None:
    made = world.simulator.ship_by_hand(int(order), "USPS", "Priority", usps(1), items={"MUG": 1})
    if not readable:
        # Somebody else's goods, in a way that we could not even read.
        world.simulator._state.fulfillments[made][1].items.clear()
    world.simulator.set_third_party_managed(int(order))
    found = facts(client)
    assert (found.shipping_status, found.parcels) == ("ThirdPartyManaged", ())
