"""Refunds of the OMS that cannot be right: never more than was paid, refused in clear words, nothing refunded."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from local.simulators.tiktok_shop.return_records import ReturnType
from order_sync.domain.ids import OrderId
from tests.adapters.returns.return_checks import check_agreed, check_untouched
from tests.adapters.returns.return_scenes import (
    a_shipped_order,
    arrive,
    ask,
    details,
    issued,
    line_ids,
    look,
    outcome,
)
from tests.world import MUG, TEE, TWO_TEES, Connected, World

RETURNS_POST = "/202602/returns"


def refused(world: World, refund: str) -> str:
    """Why the OMS's refund was refused; the test fails when it was not."""
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "refused"
    return str(told["reason"])


def _nothing(_world: World, _shop: Connected, _order: OrderId) -> None:
    """Nothing happens before."""


def _refunded_already(world: World, _shop: Connected, order: OrderId) -> None:
    world.tiktok.refund_in_seller_center(order)
    world.cycle(6)


def _being_refunded(world: World, shop: Connected, order: OrderId) -> None:
    world.oms.refund(shop.id, order)
    world.run("poll_oms", shop)


def _asked_otherwise(world: World, shop: Connected, order: OrderId) -> None:
    ask(world, order, ReturnType.RETURN_AND_REFUND)
    look(world, shop)


REFUSALS: list[tuple[Callable[[World, Connected, OrderId], None], Mapping[str, Any], str]] = [
    (_nothing, {"amount": "1000.00"}, "is more than the"),
    (_nothing, {"amount": "21.61", "units": 1}, "more money than is left to refund"),
    (_nothing, {"amount": "1.00", "currency": "EUR"}, "in another currency than the order"),
    (_refunded_already, {}, "nothing of the order is shipped and not refunded yet"),
    (_refunded_already, {"units": 1}, "is refunded already, or is being refunded"),
    (_being_refunded, {}, "nothing of the order is shipped and not refunded yet"),
    (_asked_otherwise, {}, "about these units is open: answer that one"),
]


@pytest.mark.parametrize(("before", "wanted", "text"), REFUSALS)
def test_what_cannot_be_right_is_refused_in_clear_words_and_nothing_is_refunded(
    world: World,
    shop: Connected,
    before: Callable[[World, Connected, OrderId], None],
    wanted: Mapping[str, Any],
    text: str,
) -> None:
    order = a_shipped_order(world, shop)
    before(world, shop, order)
    made = len(issued(world, order))
    options = dict(wanted)
    lines = line_ids(world, order)[: options.pop("units")] if "units" in options else None
    refund = world.oms.refund(shop.id, order, lines, **options)
    world.cycle(3)
    assert text in refused(world, refund)
    assert refund in "".join(world.problems())
    assert details(world, shop, order, "SELLER_REFUND_REFUSED")[-1]["refund"] == f"oms-{refund}"
    world.cycle(5)
    assert len(issued(world, order)) == made + (before is _being_refunded)
    check_agreed(world, shop, order, refused=f"oms-{refund}" if "than is left to refund" in text else "")


def test_units_that_are_not_shipped_or_cancelled_are_refused(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, MUG, units=1)
    ids = line_ids(world, order)
    world.oms.cancel_order(order, ids[2:])
    world.cycle(3)
    open_one, canceled = (world.oms.refund(shop.id, order, [line]) for line in ids[1:])
    world.cycle(3)
    assert "is not shipped: cancel it instead" in refused(world, open_one)
    assert "is cancelled, and its money went back with that" in refused(world, canceled)
    check_untouched(world, order)
    rest = world.oms.refund(shop.id, order)
    world.cycle(7)
    assert issued(world, order)[0].line_ids == (ids[0],)
    told = outcome(world, rest)
    assert told is not None
    assert told["outcome"] == "accepted"


def test_a_completed_order_cannot_be_refunded_any_more_and_says_so(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TEE)
    arrive(world, order)
    world.tiktok.complete(order)
    world.cycle()
    refund = world.oms.refund(shop.id, order)
    world.cycle(4)
    assert "TikTok Shop takes no refund of these lines now" in refused(world, refund)
    check_untouched(world, order)
    check_agreed(world, shop, order, refused=f"oms-{refund}")


def test_a_reason_that_tiktok_does_not_take_is_refused_with_those_that_it_takes(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order, reason="goodwill")
    world.cycle(4)
    text = refused(world, refund)
    assert "goodwill" in text
    assert "package_lost" in text
    assert world.tiktok.books.seller_returns == []
    assert world.counted("seller_refunds_refused") == 1
    check_untouched(world, order)
