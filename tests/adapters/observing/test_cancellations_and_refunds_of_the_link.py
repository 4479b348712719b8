"""Cancellations and refunds in observe mode: the link carries them, we wait, look, and tell nothing twice."""

from decimal import Decimal

import pytest

from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from tests.adapters.jobs.scenes import ship_from_oms
from tests.adapters.observing.link_scenes import (
    PROFILES,
    adjusted,
    brought,
    change_mode,
    entry,
    nothing_created,
    observed,
)
from tests.world import TEE, TWO_TEES, Connected, World


def there(world: World, shop: Connected, order: OrderId) -> int:
    return int(world.record(shop, order).order.channeladvisor_id)


def canceled_at_tiktok(world: World, order: OrderId) -> list[str]:
    """Who cancelled something of an order there, by hand or by us."""
    return [each.by for each in world.tiktok.books.seller_cancels if each.order_id == order and not each.code]


def test_a_cancellation_of_tiktoks_is_brought_by_the_link_and_only_looked_at() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop)
    world.tiktok.cancel_by_platform(order)
    world.cycle(5)
    assert adjusted(world) == []
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"
    assert entry(world, shop, order, Target.CHANNELADVISOR, Action.CANCEL_ORDER).state is EntryState.DONE
    assert "CARRIED_BY_NATIVE_LINK" in world.events(shop, order)


def test_single_units_that_tiktok_cancels_are_brought_by_the_link_and_only_looked_at() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop, TWO_TEES)
    world.tiktok.cancel_by_seller(order, lines=world.tiktok.line_ids(order)[:1])
    world.cycle(5)
    assert adjusted(world) == []
    assert entry(world, shop, order, Target.CHANNELADVISOR, Action.CANCEL_LINE).state is EntryState.DONE


@pytest.mark.parametrize("part", [True, False])
def test_a_cancellation_that_the_link_does_not_bring_is_for_people_after_the_grace_time(*, part: bool) -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop, TWO_TEES)
    link.die()
    world.tiktok.cancel_by_seller(order, lines=world.tiktok.line_ids(order)[: 1 if part else 2])
    action = Action.CANCEL_LINE if part else Action.CANCEL_ORDER
    world.cycle(7)
    assert entry(world, shop, order, Target.CHANNELADVISOR, action).state is EntryState.WAITING
    world.cycle(8)
    assert entry(world, shop, order, Target.CHANNELADVISOR, action).state is EntryState.FAILED
    assert "settle it there by hand" in world.shops.notice(shop.id, f"native link {order}")
    assert adjusted(world) == []
    link.revive()
    world.cycle(3)
    if part:
        world.replay(shop, order)
        world.cycle(2)
    assert entry(world, shop, order, Target.CHANNELADVISOR, action).state is EntryState.DONE
    assert adjusted(world) == []


def test_an_order_that_is_cancelled_before_it_was_found_is_looked_for_all_the_same() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    order = world.order(shop)
    world.cycle(5)
    assert not world.record(shop, order).order.channeladvisor_id
    native = world.channeladvisor.bring_native_tiktok_order(
        PROFILES["US"], order, items=[{"Sku": "TEE-BLU-M", "Quantity": 1}]
    )
    world.tiktok.cancel_by_platform(order)
    world.run("poll_tiktok", shop)
    world.cycle(3, skip=("poll_channeladvisor",))
    assert world.record(shop, order).order.channeladvisor_id == str(native)
    world.cycle(12)
    assert entry(world, shop, order, Target.CHANNELADVISOR, Action.CANCEL_ORDER).state is EntryState.FAILED
    assert adjusted(world) == []


def test_an_order_that_is_cancelled_and_never_brought_ends_quietly() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    order = world.order(shop)
    world.cycle(5)
    world.tiktok.cancel_by_platform(order)
    world.cycle(16)
    assert {e.state for e in world.record(shop, order).outbox if e.target is Target.CHANNELADVISOR} == {
        EntryState.WITHDRAWN
    }
    assert nothing_created(world)


@pytest.mark.parametrize("part", [True, False])
def test_what_a_person_cancels_in_channeladvisor_is_told_to_tiktok_by_the_link_alone(*, part: bool) -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop, TWO_TEES)
    if part:
        world.channeladvisor.cancel_units_by_hand(there(world, shop, order), {"TEE-BLU-M": 1})
    else:
        world.channeladvisor.cancel_by_hand(there(world, shop, order))
    world.cycle(6)
    assert canceled_at_tiktok(world, order) == ["seller_center"]
    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state == "ACCEPTED"
    assert not any(e.state is EntryState.FAILED for e in world.record(shop, order).outbox)
    assert adjusted(world) == []


def test_a_cancellation_of_channeladvisors_that_tiktok_does_not_show_is_for_people_and_not_told_by_us() -> None:
    world = World()
    shop, link = observed(world, push_late_parcels=True)
    order = brought(world, shop)
    link.die()
    world.channeladvisor.cancel_by_hand(there(world, shop, order))
    world.cycle(7)
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER).state is EntryState.WAITING
    assert "SELLER_CANCELLATION_UNCONFIRMED" not in world.events(shop, order)
    world.cycle(8)
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER).state is EntryState.FAILED
    assert "SELLER_CANCELLATION_UNCONFIRMED" in world.events(shop, order)
    assert canceled_at_tiktok(world, order) == []
    link.revive()
    world.cycle(4)
    assert canceled_at_tiktok(world, order) == ["seller_center"]
    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state == "ACCEPTED"


def test_a_cancellation_of_the_omss_is_told_to_tiktok_by_us_at_once_and_brought_to_channeladvisor_by_the_link() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop)
    world.oms.cancel_order(order, reason="out_of_stock")
    world.cycle(5)
    assert canceled_at_tiktok(world, order) == ["api"]
    assert adjusted(world) == []
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_answers_to_buyers_go_to_tiktok_by_us(decision: str) -> None:
    world = World()
    shop, _ = observed(world, oms={"adapter": "none"})
    order = brought(world, shop)
    cancel = world.tiktok.request_cancel(order)
    world.cycle(2)
    world.answer(shop, cancel, decision)
    world.cycle(4)
    assert [each.by for each in world.tiktok.books.decided(cancel)] == ["api"]
    assert adjusted(world) == []


def refunded(world: World, order: OrderId) -> None:
    world.tiktok.refund_by_platform(order)
    world.cycle(2)


@pytest.mark.parametrize("is_carried", [True, False])
def test_a_refund_is_booked_by_the_link_and_never_by_us(*, is_carried: bool) -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop, TEE)
    ship_from_oms(world, order, usps(1))
    world.cycle(5)
    world.tiktok.collect(order)
    world.tiktok.deliver(order)
    world.cycle(1)
    link.carries_refunds = is_carried
    refunded(world, order)
    world.cycle(16)
    state = entry(world, shop, order, Target.CHANNELADVISOR, Action.REFUND_LINES).state
    assert state is (EntryState.DONE if is_carried else EntryState.FAILED)
    booked = world.channeladvisor.books.refunds(there(world, shop, order))
    assert [each.source for each in booked] == (["Channel"] if is_carried else [])
    assert adjusted(world) == []


def test_a_refund_by_hand_in_channeladvisor_is_not_made_again_by_us() -> None:
    world = World()
    shop, link = observed(world, push_late_parcels=True)
    order = brought(world, shop)
    ship_from_oms(world, order, usps(1))
    world.cycle(5)
    link.die()
    world.channeladvisor.refund_by_hand(there(world, shop, order), amount=Decimal("5.00"))
    world.cycle(16)
    assert world.tiktok.refunds_issued(order) == []
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.REFUND_AS_SELLER).state is EntryState.FAILED


def test_a_cancellation_that_waits_for_the_link_is_adjusted_once_the_mode_is_create() -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop)
    link.die()
    world.tiktok.cancel_by_platform(order)
    world.cycle(3)
    assert adjusted(world) == []
    change_mode(world, shop, mode="create")
    world.cycle(3)
    assert len(adjusted(world)) == 1
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"
