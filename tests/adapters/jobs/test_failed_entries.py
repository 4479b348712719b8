"""What a partner refuses fails by name, stops no other order, and goes through after the repair and a replay."""

import pytest

from local.memory_table import MemoryTable
from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.orders import Damage
from local.tracking_numbers import usps
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.ledger.table import Key
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_left, failed_entries, given_to_oms
from tests.world import MUG, TEE, World

CREATE_IN_CHANNELADVISOR = "CHANNELADVISOR#CREATE_ORDER#order#1"
GIVE_TO_OMS = "OMS#CREATE_ORDER#order#1"


def test_a_sku_that_channeladvisor_refuses_fails_by_name_and_goes_through_after_repair_and_replay() -> None:
    world = World(channeladvisor_doubts=Doubts(reject_unknown_skus=True))
    shop = world.connect()
    world.channeladvisor.add_sku("TEE-BLU-M")
    bad, good = world.order(shop, MUG), world.order(shop, TEE)
    world.cycle(7)
    check_handed_over_once(world, shop, good)
    ((name, reason),) = failed_entries(world, shop, bad).items()
    assert name == CREATE_IN_CHANNELADVISOR
    assert "MUG-RED" in reason
    assert any(f"order {bad} {name}" in problem and "MUG-RED" in problem for problem in world.problems())
    assert world.oms.books.order(bad).channeladvisor_order_id is None
    tries = len(world.channeladvisor.books.requests(method="POST", path="/v1/Orders"))
    world.cycle(8)
    assert len(world.channeladvisor.books.requests(method="POST", path="/v1/Orders")) == tries

    world.channeladvisor.add_sku("MUG-RED")
    assert world.replay(shop, bad).counts["entries_replayed"] == 1
    world.cycle(3)
    check_handed_over_once(world, shop, bad)
    assert world.oms.books.order(bad).times_sent == 1


def test_a_line_without_a_sku_is_sent_to_nobody_and_goes_through_once_the_listing_has_one() -> None:
    world = World()
    shop = world.connect()
    bad, good = world.order(shop, LineSpec("", "20.00")), world.order(shop)
    world.cycle(8)
    check_handed_over_once(world, shop, good)
    assert world.created(bad) == []
    assert given_to_oms(world) == [good]
    failed = failed_entries(world, shop, bad)
    assert set(failed) == {CREATE_IN_CHANNELADVISOR, GIVE_TO_OMS}
    assert all(f"lines {world.tiktok.line_ids(bad)[0]} have no seller SKU" in reason for reason in failed.values())
    world.tiktok._state.order(bad).lines[0].seller_sku = "TEE-BLU-M"
    world.tiktok.touch(bad)
    world.cycle(1)
    world.replay(shop, bad)
    world.cycle(4)
    check_handed_over_once(world, shop, bad)


def test_a_sku_that_the_oms_refuses_fails_there_only() -> None:
    world = World()
    shop = world.connect()
    world.oms.know_only(["TEE-BLU-M"])
    bad, good = world.order(shop, MUG), world.order(shop)
    world.cycle(7)
    check_handed_over_once(world, shop, good)
    assert list(failed_entries(world, shop, bad)) == [GIVE_TO_OMS]
    assert len(world.created(bad)) == 1
    world.oms.know_only(["TEE-BLU-M", "MUG-RED"])
    world.replay(shop, bad)
    world.cycle(3)
    check_handed_over_once(world, shop, bad)


def test_money_that_cannot_be_read_fails_that_order_only() -> None:
    world = World()
    shop = world.connect()
    bad, good = world.order(shop), world.order(shop)
    world.tiktok.corrupt(bad, Damage.BAD_MONEY)
    world.cycle(8)
    check_handed_over_once(world, shop, good)
    assert world.created(bad) == []
    assert all("cannot be handed over" in reason for reason in failed_entries(world, shop, bad).values())
    world.tiktok.corrupt(bad, None)
    world.cycle(1)
    world.replay(shop, bad)
    world.cycle(4)
    check_handed_over_once(world, shop, bad)


def test_an_order_that_is_there_but_refused_as_paid_fails_and_its_cancellation_follows_after_the_repair() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)
    profiles = world.channeladvisor._state.accounts[world.account].profiles

    def withdraw_the_permission_once_it_is_there() -> None:
        if world.created(order):
            world.on_answer = lambda: None
            profiles.clear()

    world.on_answer = withdraw_the_permission_once_it_is_there
    world.run("push_channeladvisor", shop)
    ((name, reason),) = failed_entries(world, shop, order).items()
    assert name == CREATE_IN_CHANNELADVISOR
    assert f"order {world.created(order)[0]['ID']} is there, but not paid" in reason

    world.tiktok.cancel_by_seller(order)
    world.cycle(1)
    world.channeladvisor.add_profile(world.account, 12345678)
    world.replay(shop, order)
    world.cycle(4)
    assert [each["ShippingStatus"] for each in world.created(order)] == ["Canceled"]
    check_nothing_left(world, shop, order)


def test_a_partners_error_about_three_orders_delays_the_others_but_stops_them_not() -> None:
    world = World()
    shop = world.connect()
    bad = [world.order(shop) for _ in range(3)]
    world.cycle(2)
    good = world.order(shop)
    for order in bad:
        world.oms.faults.add(Fault.SERVER_ERROR, f"/orders/{order}", times=None)
    world.cycle(24)
    check_handed_over_once(world, shop, good)
    assert given_to_oms(world) == [good]
    world.oms.faults.clear()
    world.cycle(8)
    for order in bad:
        check_handed_over_once(world, shop, order)


def test_an_error_that_nobody_foresaw_fails_its_entry_and_stops_no_other() -> None:
    world = World()
    shop = world.connect()
    bad, good = world.order(shop), world.order(shop)
    world.cycle(6)
    for order, number in ((bad, usps(1)), (good, usps(2))):
        world.oms.ship(order, "USPS Ground", "Ground", number)
    world.run("poll_oms", shop)
    lose_the_parcel(world.table, bad)
    world.cycle(2)
    assert world.created(good)[0]["ShippingStatus"] == "Shipped"
    assert len(world.tiktok.books.shipments_of(good)) == 1
    assert all("unexpected LookupError" in reason for reason in failed_entries(world, shop, bad).values())
    assert len(failed_entries(world, shop, bad)) == 2


def lose_the_parcel(table: MemoryTable, order: OrderId) -> None:
    """Somebody deletes an item of the table by hand."""
    (key,) = [key for key in table.items if key.pk.endswith(order) and key.sk.startswith("PARCEL#")]
    table.delete(Key(*key))


def test_replaying_what_did_not_fail_is_refused_by_name() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(6)
    with pytest.raises(RejectedError, match="no failed outbox entry 'OMS#CREATE_ORDER#order#1'"):
        world.replay(shop, order, GIVE_TO_OMS)
    with pytest.raises(RejectedError, match="order 1 of shop"):
        world.replay(shop, OrderId("1"))
    assert world.replay(shop, order).counts["entries_replayed"] == 0
