"""What TikTok Shop shows of returns that cannot be: a clear word for a person, counted, and nothing changed."""

from typing import Any

import pytest

from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId, ReturnId
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import (
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    booked,
    issued,
    known,
    line_ids,
    look,
    words,
)
from tests.world import MUG, TEE, Connected, World


def money(total: object = "13.50", currency: object = "USD", **parts: object) -> dict[str, object]:
    """A refund_amount as TikTok sends it."""
    return {
        "currency": currency,
        "refund_total": total,
        "refund_subtotal": "12.50",
        "refund_shipping_fee": "0",
        "refund_tax": "1.00",
        "retail_delivery_fee": "0",
        "buyer_service_fee": "0",
    } | parts


def line(line_id: str, **changes: object) -> dict[str, object]:
    """A returned unit as TikTok sends it."""
    return {"return_line_item_id": f"4{line_id[1:]}", "order_line_item_id": line_id} | changes


def shown_badly(world: World, shop: Connected, **fields: Any) -> tuple[OrderId, ReturnId]:
    """A new return that is shown wrongly from the start, and a good one of another order."""
    bad, good = a_shipped_order(world, shop, MUG), a_shipped_order(world, shop, TEE)
    broken, fine = ask(world, bad), ask(world, good)
    world.tiktok.show_return_as(broken, **fields)
    look(world, shop)
    assert at_oms(world, fine).times_told == 1
    return bad, broken


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"return_line_items": [line("577000000000000001")]}, "returns_impossible"),
        ({"refund_amount": money(currency="EUR")}, "returns_"),
        ({"refund_amount": money("-13.50")}, "returns_unreadable"),
        ({"refund_amount": money("thirteen")}, "returns_unreadable"),
        ({"refund_amount": money("NaN")}, "returns_unreadable"),
        ({"return_line_items": []}, "returns_unreadable"),
        ({"update_time": "soon"}, "returns_unreadable"),
        ({"order_id": None}, "returns_unreadable"),
        ({"return_status": None}, "returns_unreadable"),
        ({"create_time": None}, "returns_unreadable"),
    ],
)
def test_a_return_that_cannot_be_is_kept_for_a_person_and_stops_no_other(fields: dict[str, Any], counted: str) -> None:
    world = World()
    shop = connected(world, "US")
    order, return_id = shown_badly(world, shop, **fields)
    assert world.record(shop, order).returns == ()
    assert sum(report.counts[name] for _, report in world.reports for name in report.counts if name.startswith(counted))
    assert return_id in (world.shops.notice(shop.id, f"return {return_id}") or "")
    assert [each.id for each in world.oms.books.returns() if each.id == return_id] == []
    world.tiktok.show_return_as(return_id)
    world.cycle(2)
    check_agreed(world, shop, order)


def test_a_unit_that_stands_there_twice_is_unreadable(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    (unit,) = line_ids(world, order)
    return_id = ask(world, order)
    world.tiktok.show_return_as(return_id, return_line_items=[line(unit), line(unit)])
    look(world, shop)
    assert world.record(shop, order).returns == ()
    assert world.counted("returns_unreadable") == 1
    assert "name a line twice" in (world.shops.notice(shop.id, f"return {return_id}") or "")


def test_more_units_than_were_bought_are_refused_and_a_known_return_stays_as_it_was(
    world: World, shop: Connected
) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, MUG)
    before = world.record(shop, order)
    (unit,) = line_ids(world, order)
    world.tiktok.show_return_as(return_id, return_line_items=[line(unit), line("577000000000000001")])
    look(world, shop)
    assert world.record(shop, order) == before
    (problem,) = {each for each in world.problems() if "returns_impossible" in each}
    assert f"about units that order {order} does not have: ['577000000000000001']" in problem
    world.tiktok.show_return_as(return_id)
    world.cycle()
    check_agreed(world, shop, order)


def test_a_status_that_moves_backwards_is_refused_and_nothing_changes(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, MUG, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    look(world, shop)
    before = world.record(shop, order)
    for status in ("AWAITING_BUYER_SHIP", "RETURN_OR_REFUND_REQUEST_PENDING"):
        world.tiktok.show_return_as(return_id, return_status=status)
        look(world, shop)
        assert world.record(shop, order) == before
    assert any("cannot go from 'Buyer Shipped' to 'Return Label Generated'" in each for each in world.problems())
    assert any("cannot go from 'Buyer Shipped' to 'Request Pending'" in each for each in world.problems())
    world.tiktok.show_return_as(return_id)
    world.oms.decide_return(shop.id, return_id, "receive_package", "approve")
    world.cycle(7)
    assert words(world, shop, order)[-1] == "Refunded"
    check_agreed(world, shop, order)


@pytest.mark.parametrize("status", ["RETURN_OR_REFUND_REQUEST_PENDING", "REFUND_OR_RETURN_REQUEST_REJECT"])
def test_what_has_ended_stays_ended(world: World, shop: Connected, status: str) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, MUG)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(7)
    before = world.record(shop, order)
    world.tiktok.show_return_as(return_id, return_status=status)
    world.cycle(2)
    assert world.record(shop, order) == before
    assert world.counted("returns_impossible") > 0
    assert len(booked(world, order)) == len(issued(world, order)) == 1


def test_an_older_page_after_a_newer_one_changes_nothing(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.RETURN_AND_REFUND, MUG, approved_by_tiktok=True)
    old = world.tiktok._state.returns[return_id].updated_at
    world.advance(world.timing.cycle)
    world.tiktok.tiktok_makes_label(return_id)
    look(world, shop)
    before = world.record(shop, order)
    world.tiktok.show_return_as(
        return_id, update_time=int(old.timestamp()), return_status="RETURN_OR_REFUND_REQUEST_PENDING"
    )
    world.cycle(2)
    assert world.record(shop, order) == before
    assert world.counted("returns_impossible") == 0


def test_another_currency_later_is_refused_and_nothing_changes(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, MUG)
    before = world.record(shop, order)
    (unit,) = line_ids(world, order)
    other = money(currency="EUR")
    world.tiktok.show_return_as(return_id, refund_amount=other, return_line_items=[line(unit, refund_amount=other)])
    look(world, shop)
    assert world.record(shop, order) == before
    assert any("in several currencies: EUR" in each for each in world.problems())


def test_a_refund_that_does_not_add_up_is_counted_kept_and_told_as_tiktok_says(region: str) -> None:
    world = World()
    shop = connected(world, region)
    order = a_shipped_order(world, shop, MUG)
    return_id = ask(world, order)
    (unit,) = line_ids(world, order)
    odd = money("11.00", currency=shop.simulated.region.currency)
    world.tiktok.show_return_as(return_id, refund_amount=odd, return_line_items=[line(unit, refund_amount=odd)])
    look(world, shop)
    assert any("refund that does not add up" in each for each in world.problems())
    shown = known(world, shop, order, return_id).refund
    assert shown is not None
    assert f"{shown.total:.2f}" == "11.00"
    assert at_oms(world, return_id).body["refund"]["total"] == "11.00"


def test_a_return_of_another_shop_s_order_touches_neither(world: World, region: str) -> None:
    one, other = connected(world, region), connected(world, "GB" if region == "US" else "US")
    mine, theirs = a_shipped_order(world, one, MUG), a_shipped_order(world, other, MUG)
    return_id = ask(world, mine)
    world.tiktok.show_return_as(return_id, order_id=theirs)
    look(world, one)
    look(world, other)
    assert world.record(other, theirs).returns == ()
    assert world.counted("returns_without_order") + world.counted("returns_impossible") >= 1
    assert world.oms.books.returns() == []
