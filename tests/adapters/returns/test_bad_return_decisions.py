"""What the OMS lists about returns and refunds that cannot be used: refused clearly, counted, nothing changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed, check_untouched
from tests.adapters.returns.return_scenes import (
    a_shipped_order,
    an_asked_return,
    ask,
    at_tiktok,
    decisions,
    line_ids,
    look,
    outcome,
    told_about,
)
from tests.world import MUG, TEE, TWO_TEES, Connected, World


def decision(about: str, /, **changes: Any) -> dict[str, Any]:
    """A decision as a broken OMS lists it."""
    values = {
        "id": "RD-77",
        "return_id": about,
        "question": "refund",
        "decision": "approve",
        "reject_reason": None,
        "decided_at": "2026-06-01T13:30:00Z",
    }
    return {name: value for name, value in (values | changes).items() if value is not ...}


def refund(order: str, /, **changes: Any) -> dict[str, Any]:
    """A refund as a broken OMS lists it."""
    values = {
        "id": "REF-77",
        "tiktok_order_id": order,
        "lines": None,
        "amount": None,
        "reason": None,
        "refunded_at": "2026-06-01T13:30:00Z",
    }
    return {name: value for name, value in (values | changes).items() if value is not ...}


def check_goes_on(world: World, shop: Connected) -> None:
    """A good decision and a good refund after the bad entry are used as ever."""
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, TEE)
    other = a_shipped_order(world, shop, MUG)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    good = world.oms.refund(shop.id, other)
    world.cycle(7)
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    told = outcome(world, good)
    assert told is not None
    assert told["outcome"] == "accepted"
    for each in (order, other):
        check_agreed(world, shop, each)


BAD: list[tuple[Mapping[str, Any], str, str]] = [
    ({"decision": "maybe"}, "unknown-decision", "'maybe' is neither approve nor reject"),
    ({"decision": "APPROVE"}, "unknown-decision", "'APPROVE' is neither approve nor reject"),
    ({"decision": None}, "unknown-decision", "it says neither approve nor reject"),
    ({"decision": ["approve"]}, "unknown-decision", "it says neither approve nor reject"),
    ({"decision": ...}, "unknown-decision", "it says neither approve nor reject"),
    ({"question": "parcel"}, "unknown-decision", "'parcel' is no question about a return"),
    ({"question": None}, "unknown-decision", "it says no question about a return"),
    ({"question": "return"}, "not-asked", "it waits for an answer to REFUND, not to RETURN"),
    ({"question": "receive_package"}, "not-asked", "not to RECEIVE_PACKAGE"),
    ({"return_id": "4035999999999999999"}, "return-unknown", "no return 4035999999999999999 is known"),
    ({"return_id": "../orders"}, "unknown-decision", "return_id"),
    ({"return_id": ...}, "unknown-decision", "return_id"),
    ({"reject_reason": "reverse_reject_request_reason_1"}, "unknown-decision", "only a rejection has one"),
    ({"decided_at": "yesterday"}, "unknown-decision", "decided_at"),
    ({"decided_at": "2026-06-01T13:30:00"}, "unknown-decision", "decided_at"),
]


@pytest.mark.parametrize(("changes", "problem", "text"), BAD)
def test_a_decision_that_cannot_be_used_is_refused_and_changes_nothing(
    changes: Mapping[str, Any], problem: str, text: str
) -> None:
    world = World()
    shop = connected(world, "US")
    order, return_id = an_asked_return(world, shop)
    before = world.record(shop, order)
    world.oms.list_raw_return_decision(shop.id, decision(return_id, **changes))
    world.cycle(2)
    told = told_about(world, "RD-77")
    assert told is not None
    assert told["problem"] == problem
    assert text in told["detail"]
    assert world.counted("return_decisions_refused") == 1
    assert world.record(shop, order).returns == before.returns
    assert decisions(world, return_id) == []
    check_untouched(world, order)
    check_agreed(world, shop, order)
    check_goes_on(world, shop)


@pytest.mark.parametrize("entry", [{}, {"id": ""}, {"id": None}])
def test_a_decision_without_an_id_is_kept_for_a_person(entry: dict[str, Any]) -> None:
    world = World()
    shop = connected(world, "US")
    order, return_id = an_asked_return(world, shop)
    world.oms.list_raw_return_decision(shop.id, decision(return_id, id=...) | entry)
    world.cycle(2)
    assert world.counted("return_decisions_unreadable") == 1
    assert world.shops.notice(shop.id, "return decision ")
    check_agreed(world, shop, order)
    check_goes_on(world, shop)


@pytest.mark.parametrize("ended", ["withdrawn", "refunded", "rejected"])
@pytest.mark.parametrize("word", ["approve", "reject"])
def test_a_decision_about_a_return_that_has_ended_is_refused(
    world: World, shop: Connected, ended: str, word: str
) -> None:
    order, return_id = an_asked_return(world, shop)
    if ended == "withdrawn":
        world.tiktok.buyer_withdraws_return(return_id)
    elif ended == "refunded":
        world.tiktok.approve_return_in_seller_center(return_id)
    else:
        us = shop.simulated.region.code == "US"
        world.tiktok.reject_return_in_seller_center(
            return_id, "reverse_reject_request_reason_4" + ("" if us else "_uk")
        )
    world.cycle(6)
    said = world.oms.decide_return(shop.id, return_id, "refund", word)
    world.cycle(2)
    told = told_about(world, said)
    assert told is not None
    assert told["problem"] == "return-closed"
    assert [by for _, by, _ in decisions(world, return_id)] in ([], ["seller_center"])
    check_agreed(world, shop, order)


def test_a_decision_about_another_shop_s_return_is_refused(world: World, shop: Connected) -> None:
    other = connected(world, "GB")
    order, return_id = an_asked_return(world, shop)
    world.oms.list_raw_return_decision(other.id, decision(return_id))
    world.cycle(2)
    told = told_about(world, "RD-77")
    assert told is not None
    assert told["problem"] == "return-unknown"
    assert decisions(world, return_id) == []
    check_agreed(world, shop, order)


def test_a_decision_about_a_return_of_an_order_that_is_not_ours_is_refused(world: World, shop: Connected) -> None:
    order = world.order(shop, TEE, fulfilled_by_tiktok=True)
    world.until_released()
    world.tiktok.ship_by_tiktok(order, "9400100000000000000013")
    world.cycle()
    return_id = ask(world, order)
    look(world, shop)
    world.oms.list_raw_return_decision(shop.id, decision(return_id))
    world.cycle()
    told = told_about(world, "RD-77")
    assert told is not None
    assert told["problem"] == "return-unknown"
    assert "not ours to answer for" in told["detail"]
    assert decisions(world, return_id) == []


def test_a_refusal_that_the_oms_cannot_take_now_is_told_later(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop)
    world.oms.list_raw_return_decision(shop.id, decision(return_id, decision="maybe"))
    world.oms.faults.add(Fault.UNAVAILABLE, "/refusal", times=6)
    world.cycle(8)
    told = told_about(world, "RD-77")
    assert told is not None
    assert told["problem"] == "unknown-decision"
    check_agreed(world, shop, order)


AMOUNT = {"currency": "USD", "total": "5.00"}
BAD_REFUNDS: list[tuple[Mapping[str, Any], str]] = [
    ({"lines": ["577999999999999999"]}, "the order has no line 577999999999999999"),
    ({"lines": []}, "lines"),
    ({"lines": ...}, "lines"),
    ({"lines": "all"}, "lines"),
    ({"amount": ...}, "amount"),
    ({"amount": AMOUNT | {"total": "0.00"}}, "nothing to refund"),
    ({"amount": AMOUNT | {"total": "-5.00"}}, "total"),
    ({"amount": AMOUNT | {"total": "5,00"}}, "total"),
    ({"amount": AMOUNT | {"total": 5.0}}, "total"),
    ({"amount": AMOUNT | {"total": "1e2"}}, "total"),
    ({"amount": AMOUNT | {"currency": "dollars"}}, "currency"),
    ({"amount": AMOUNT | {"currency": "EUR"}}, "another currency than the order"),
    ({"amount": AMOUNT | {"total": "56.71"}}, "is more than the 56.70 USD"),
    ({"tiktok_order_id": "576000000000000000"}, "order 576000000000000000 is not known"),
    ({"refunded_at": None}, "refunded_at"),
]


@pytest.mark.parametrize(("changes", "text"), BAD_REFUNDS)
def test_a_refund_that_cannot_be_used_is_refused_and_changes_nothing(changes: Mapping[str, Any], text: str) -> None:
    world = World()
    shop = connected(world, "US")
    order = a_shipped_order(world, shop)
    world.oms.list_raw_refund(shop.id, refund(order, **changes))
    world.cycle(2)
    told = outcome(world, "REF-77")
    assert told is not None
    assert told["outcome"] == "refused"
    assert text in told["reason"]
    assert world.counted("seller_refunds_refused") == 1
    assert world.tiktok.books.seller_returns == []
    check_untouched(world, order)
    check_goes_on(world, shop)


def test_a_unit_that_is_named_twice_is_refused(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TWO_TEES)
    unit = line_ids(world, order)[0]
    world.oms.list_raw_refund(shop.id, refund(order, lines=[unit, unit]))
    world.cycle(2)
    told = outcome(world, "REF-77")
    assert told is not None
    assert "a line stands there twice" in told["reason"]
    check_untouched(world, order)


@pytest.mark.parametrize("entry", [{}, {"id": ""}])
def test_a_refund_without_an_id_is_kept_for_a_person(world: World, shop: Connected, entry: dict[str, Any]) -> None:
    order = a_shipped_order(world, shop)
    world.oms.list_raw_refund(shop.id, refund(order, id=...) | entry)
    world.cycle(2)
    assert world.counted("seller_refunds_unreadable") == 1
    assert world.tiktok.books.seller_returns == []
    check_untouched(world, order)
