"""One shop's failure touches no other (promise 7)."""

from dataclasses import asdict

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.orders import Damage
from order_sync.domain.errors import RejectedError
from order_sync.jobs.dispatch import dispatch
from order_sync.ledger.table import Put
from order_sync.partners.tiktok_shop.credentials import ShopTokens
from tests.adapters.jobs.checks import check_handed_over_once, given_to_oms
from tests.world import JOBS, Connected, World


def two_shops() -> tuple[World, Connected, Connected]:
    """A shop that will be in trouble, and one that will not."""
    world = World()
    return world, world.connect("US"), world.connect("GB")


def test_a_shop_whose_token_expired_is_postponed_and_the_other_goes_on() -> None:
    world, troubled, other = two_shops()
    lost, kept = world.order(troubled), world.order(other)
    world.tiktok.expire_token(troubled.simulated)
    world.cycle(6)
    check_handed_over_once(world, other, kept)
    assert world.created(lost) == []
    assert any("runs_postponed" in problem and "105002" in problem for problem in world.problems())


def test_a_token_that_expires_after_the_release_holds_back_what_needs_reading_and_loses_nothing() -> None:
    world, troubled, other = two_shops()
    orders = [(troubled, world.order(troubled)), (other, world.order(other))]
    world.cycle(4)
    world.tiktok.expire_token(troubled.simulated)
    world.cycle(3)
    assert world.created(orders[0][1]) == []
    check_handed_over_once(world, *orders[1])
    assert world.counted("orders_not_re_read") > 0
    troubled.tokens = ShopTokens.model_validate(asdict(world.tiktok.authorize(troubled.simulated)))
    world.cycle(5)
    for shop, order in orders:
        check_handed_over_once(world, shop, order)


def test_a_shop_with_a_bad_setting_fails_by_its_name_and_the_other_goes_on() -> None:
    world, troubled, other = two_shops()
    lost, kept = world.order(troubled), world.order(other)
    (key,) = [key for key in world.table.items if key.sk == troubled.id and "settings" in world.table.items[key]]
    item = world.table.items[key]
    world.table.put(Put(item=item | {"settings": str(item["settings"]).replace('"US"', '"FR"', 1)}))
    started: list[str] = []
    dispatch("poll_tiktok", {"poll_tiktok": "f"}, world.shops, lambda _function, shop: started.append(shop))
    assert set(started) == {troubled.id, other.id}
    with pytest.raises(RejectedError, match=f"settings of shop {troubled.id}: region"):
        world.run("poll_tiktok", troubled)
    for _ in range(6):
        for job in JOBS:
            world.run(job, other)
        world.sleep(900)
    check_handed_over_once(world, other, kept)
    assert world.created(lost) == []


def test_garbage_from_tiktok_about_one_order_stops_neither_its_shop_nor_the_other() -> None:
    world, troubled, other = two_shops()
    bad, good, kept = world.order(troubled), world.order(troubled), world.order(other)
    world.tiktok.corrupt(bad, Damage.WRONG_TYPE)
    world.cycle(6)
    check_handed_over_once(world, troubled, good)
    check_handed_over_once(world, other, kept)
    assert world.created(bad) == []
    world.tiktok.corrupt(bad, None)
    world.cycle(8)
    check_handed_over_once(world, troubled, bad)


UNREADABLE = [damage for damage in Damage if damage is not Damage.UNKNOWN_ENUMS]


@pytest.mark.parametrize("damage", UNREADABLE)
def test_an_order_that_becomes_unreadable_after_its_release_stops_no_other_push(damage: Damage) -> None:
    world, troubled, _ = two_shops()
    bad = [world.order(troubled) for _ in range(4)]
    good = world.order(troubled)
    world.cycle(4)
    for order in bad:
        world.tiktok.corrupt(order, damage)
    world.cycle(4)
    check_handed_over_once(world, troubled, good)
    assert world.counted("partner_outages") == 0
    for order in bad:
        world.tiktok.corrupt(order, None)
    world.cycle(2)
    for order in bad:
        world.replay(troubled, order)
    world.cycle(8)
    for order in bad:
        check_handed_over_once(world, troubled, order)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED_JSON, Fault.SERVER_ERROR])
def test_garbage_instead_of_answers_postpones_the_run_and_loses_nothing(fault: Fault) -> None:
    world, shop, _ = two_shops()
    order = world.order(shop)
    world.cycle(2)
    world.tiktok.faults.add(fault, times=None)
    world.cycle(4)
    assert world.created(order) == []
    world.tiktok.faults.clear()
    world.cycle(4)
    check_handed_over_once(world, shop, order)


def test_an_oms_that_one_shop_cannot_reach_harms_that_shop_only() -> None:
    world, troubled, other = two_shops()
    lost, kept = world.order(troubled), world.order(other)
    world.oms.faults.add(Fault.UNREACHABLE, f"/orders/{lost}", times=None)
    world.cycle(6)
    check_handed_over_once(world, other, kept)
    assert len(world.created(lost)) == 1
    assert given_to_oms(world) == [kept]
