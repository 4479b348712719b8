"""Replacements and exchanges come as orders of their own that cost nothing; each order names the other."""

from decimal import Decimal

import pytest

from local.simulators.tiktok_shop.orders import Damage
from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType
from order_sync.domain.ids import OrderId
from order_sync.domain.returning.statuses import ReturnKind
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.returns.return_checks import check_agreed, check_books
from tests.adapters.returns.return_scenes import (
    HOUR,
    MINUTE,
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    at_tiktok,
    booked,
    details,
    issued,
    known,
    line_ids,
    look,
    outcome,
    ship,
)
from tests.world import MUG, TWO_TEES, Connected, World


def replaced(world: World, shop: Connected) -> tuple[OrderId, OrderId, str]:
    """An order, the one that replaces its first unit, and the return between them."""
    order, return_id = an_asked_return(world, shop, ReturnType.REPLACEMENT, TWO_TEES, MUG, units=[0])
    world.oms.decide_return(shop.id, return_id, "replacement", "approve")
    world.cycle(2)
    new = at_tiktok(world, return_id).new_order_id
    assert new is not None
    return order, OrderId(new), return_id


def handed_over_and_shipped(world: World, shop: Connected, new: OrderId) -> None:
    """The new order goes the way of all orders."""
    world.cycle(7)
    assert len(world.created(new)) == 1
    ship(world, shop, new)
    world.cycle(2)


def test_a_replacement_is_linked_on_both_timelines_and_refunds_nothing(world: World, shop: Connected) -> None:
    order, new, return_id = replaced(world, shop)
    world.cycle(2)
    assert details(world, shop, new, "SEEN")[0]["replaces"] == order
    assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [new]
    assert at_oms(world, return_id).state == "replaced"
    assert issued(world, order) == []
    assert booked(world, order) == []
    check_agreed(world, shop, order)
    world.cycle(4)
    assert world.events(shop, order).count("ORDER_REPLACED") == 1


@pytest.mark.parametrize("by_refund", [False, True])
def test_an_exchange_asks_nobody_and_is_linked_or_refunded(world: World, shop: Connected, *, by_refund: bool) -> None:
    order, return_id = an_asked_return(
        world, shop, ReturnType.EXCHANGE, TWO_TEES, MUG, units=[2], exchange_for="MUG-BLUE"
    )
    assert known(world, shop, order, return_id).kind is ReturnKind.EXCHANGE
    assert at_oms(world, return_id).question == ""
    assert world.published == []
    world.tiktok.tiktok_settles_exchange(return_id, by_refund=by_refund)
    world.cycle(7)
    new = at_tiktok(world, return_id).new_order_id
    if by_refund:
        assert new is None
        assert at_oms(world, return_id).state == "refunded"
        assert len(booked(world, order)) == 1
    else:
        assert new is not None
        assert details(world, shop, OrderId(new), "SEEN")[0]["replaces"] == order
        assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [new]
        assert at_oms(world, return_id).state == "replaced"
    check_agreed(world, shop, order)


def test_a_replacement_order_is_handed_over_and_shipped_like_any_other(world: World, shop: Connected) -> None:
    _, new, _ = replaced(world, shop)
    handed_over_and_shipped(world, shop, new)
    record = world.record(shop, new)
    assert record.order.state == "SHIPPED"
    assert record.order.paid is not None
    assert record.order.paid.amount == 0
    (created,) = world.created(new)
    assert created["TotalPrice"] == 0
    assert created["ShippingStatus"] == "Shipped"
    assert new in [taken.tiktok_order_id for taken in world.oms.books.orders()]
    check_nothing_left(world, shop, new)
    check_books(world)


def test_a_return_of_a_replacement_refunds_nothing_and_adjusts_nothing(world: World, shop: Connected) -> None:
    _, new, _ = replaced(world, shop)
    handed_over_and_shipped(world, shop, new)
    return_id = ask(world, new)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(7)
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    assert [each.refund.total for each in issued(world, new)] == [Decimal(0)]
    assert booked(world, new) == []
    confirmed = details(world, shop, new, "REFUND_CONFIRMED")
    assert [fact["refund"].split()[0] for fact in confirmed] == ["0"] or confirmed[0]["refund"].startswith("0.00")
    assert at_oms(world, return_id).body["refund"]["total"] == "0.00"
    check_agreed(world, shop, new)


def test_no_money_can_be_refunded_of_an_order_that_cost_nothing(world: World, shop: Connected) -> None:
    _, new, _ = replaced(world, shop)
    handed_over_and_shipped(world, shop, new)
    refund = world.oms.refund(shop.id, new, amount="1.00")
    world.cycle(4)
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "refused"
    assert "is more than the 0" in told["reason"]
    assert issued(world, new) == []
    check_books(world)


def test_a_sample_costs_nothing_either(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG, sample=True)
    return_id = ask(world, order)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(7)
    assert at_oms(world, return_id).state == "refunded"
    assert booked(world, order) == []
    check_agreed(world, shop, order)


def test_a_second_replacement_of_one_order_is_linked_too(world: World, shop: Connected) -> None:
    order, first, _ = replaced(world, shop)
    second_return = ask(world, order, ReturnType.REPLACEMENT, units=[2])
    look(world, shop)
    world.oms.decide_return(shop.id, second_return, "replacement", "approve")
    world.cycle(3)
    second = at_tiktok(world, second_return).new_order_id
    assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [first, second]
    assert world.record(shop, order).order.replaced_by == (first, second)
    check_agreed(world, shop, order)


def test_a_replacement_of_a_replacement_leads_back_one_step_at_a_time(world: World, shop: Connected) -> None:
    order, new, _ = replaced(world, shop)
    handed_over_and_shipped(world, shop, new)
    again = ask(world, new, ReturnType.REPLACEMENT)
    look(world, shop)
    world.oms.decide_return(shop.id, again, "replacement", "approve")
    world.cycle(3)
    newest = at_tiktok(world, again).new_order_id
    assert newest is not None
    assert details(world, shop, OrderId(newest), "SEEN")[0]["replaces"] == new
    assert world.record(shop, new).order.replaced_by == (newest,)
    assert world.record(shop, order).order.replaced_by == (new,)
    check_agreed(world, shop, new)


def test_a_replacement_that_nobody_answers_is_made_by_tiktok(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REPLACEMENT, MUG)
    world.advance(48 * HOUR)
    world.cycle(3)
    new = at_tiktok(world, return_id).new_order_id
    assert new is not None
    assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [new]
    assert line_ids(world, OrderId(new))
    check_agreed(world, shop, order)


@pytest.mark.parametrize("named_as", ["replaced_order_id", "exchange_source_order_id"])
def test_an_order_that_tiktok_names_late_is_linked_late(world: World, shop: Connected, named_as: str) -> None:
    order = a_shipped_order(world, shop, MUG)
    new = world.order(shop, MUG, replacement=named_as == "replaced_order_id")
    world.cycle()
    assert world.record(shop, new).order.replaces == ""
    setattr(world.tiktok._state.order(new), named_as, order)
    world.tiktok.touch(new)
    world.cycle(3)
    assert world.record(shop, new).order.replaces == order
    assert [dict(fact) for fact in details(world, shop, new, "ORDER_REPLACED")] == [{"replaces": order}]
    assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [new]


def test_a_name_that_tiktok_shows_no_more_is_kept(world: World, shop: Connected) -> None:
    order, new, _ = replaced(world, shop)
    world.tiktok._state.order(new).replaced_order_id = None
    world.tiktok.touch(new)
    world.cycle(2)
    assert world.record(shop, new).order.replaces == order
    assert "ORDER_REPLACED" not in world.events(shop, new)


def test_an_order_that_becomes_known_after_its_replacement_is_linked(world: World, shop: Connected) -> None:
    order = world.order(shop, MUG)
    world.tiktok.corrupt(order, Damage.NO_LINE_ITEMS)
    new = world.order(shop, MUG, replacement=True)
    world.tiktok._state.order(new).replaced_order_id = order
    world.cycle()
    assert world.ledger.load(shop.id, order) is None
    assert world.record(shop, new).order.replaces == order
    world.tiktok._state.order(order).damage = None
    world.cycle(2)
    world.tiktok.touch(new)
    world.cycle(2)
    assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [new]
    assert world.record(shop, order).order.replaced_by == (new,)


def test_two_orders_that_are_first_seen_together_are_linked_whichever_comes_first(
    world: World, shop: Connected
) -> None:
    order, new = world.order(shop, MUG), world.order(shop, MUG, replacement=True)
    world.tiktok._state.order(new).replaced_order_id = order
    world.advance(MINUTE)
    world.tiktok.touch(order)
    world.run("poll_tiktok", shop)
    assert [fact["by"] for fact in details(world, shop, order, "ORDER_REPLACED")] == [new]


def test_a_replaced_order_that_is_damaged_in_the_ledger_does_not_stop_its_replacement(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, MUG)
    (parcel,) = (
        item for key, item in world.table.items.items() if key.pk.endswith(order) and key.sk.startswith("PARCEL#")
    )
    whole = dict(parcel)
    parcel["shipped_at"] = "no time"
    new = world.order(shop, MUG, replacement=True)
    world.tiktok._state.order(new).replaced_order_id = order
    world.run("poll_tiktok", shop)
    assert world.record(shop, new).order.replaces == order
    assert world.counted("replaced_orders_not_linked") == 1
    parcel |= whole
    world.run("poll_tiktok", shop)
    assert world.record(shop, order).order.replaced_by == (new,)
