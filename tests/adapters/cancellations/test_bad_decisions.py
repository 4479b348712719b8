"""Decisions of the OMS that cannot be used: refused there with a clear word, counted, nothing changed, others go on."""

from collections.abc import Mapping
from typing import Any

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome as OutcomeAtTikTok
from order_sync.domain.ids import CancelId, OrderId
from tests.adapters.cancellations.cancel_scenes import (
    an_open_request,
    ask_to_cancel,
    check_answered,
    check_sides_agree,
    decisions_at_tiktok,
    outcome_at_tiktok,
    request_of,
    see_request,
)
from tests.adapters.jobs.scenes import an_order_everywhere
from tests.world import Connected, World

REFUSAL = "/refusal"
UNKNOWN = "4035999999999999999"


def entry(cancel: str, decision: object = "approve", **changes: Any) -> dict[str, Any]:
    """A decision as a broken OMS lists it."""
    values = {
        "id": "D-77",
        "cancel_id": cancel,
        "decision": decision,
        "reason": None,
        "decided_at": "2026-06-01T13:30:00Z",
    }
    return {name: value for name, value in (values | changes).items() if value is not ...}


def told_about(world: World, decision: str = "D-77") -> Mapping[str, Any] | None:
    """What the OMS was told about a decision."""
    return next(each.told for each in world.oms.books.decisions() if each.id == decision)


def two_requests(world: World, shop: Connected) -> tuple[OrderId, CancelId, OrderId, CancelId]:
    """A request that is met by a bad decision, and another one."""
    bad, good = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    cancels = [ask_to_cancel(world, shop, order) for order in (bad, good)]
    see_request(world, shop)
    return bad, cancels[0], good, cancels[1]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("maybe", "'maybe' is neither approve nor reject"),
        ("APPROVE", "'APPROVE' is neither approve nor reject"),
        ("", "it says neither approve nor reject"),
        (None, "it says neither approve nor reject"),
        (True, "it says neither approve nor reject"),
        (["approve"], "it says neither approve nor reject"),
        (..., "it says neither approve nor reject"),
    ],
)
def test_a_word_that_is_neither_approve_nor_reject_is_refused(word: object, said: str) -> None:
    world = World()
    shop = world.connect()
    bad, bad_cancel, good, cancel = two_requests(world, shop)
    world.oms.list_raw_decision(shop.id, entry(bad_cancel, word))
    world.oms.decide(cancel, "approve")
    world.cycle()
    assert told_about(world) == {"problem": "unknown-decision", "detail": said}
    assert world.counted("decisions_refused") == 1
    assert request_of(world, shop, bad, bad_cancel).answer is None
    assert decisions_at_tiktok(world, bad_cancel) == []
    assert outcome_at_tiktok(world, cancel) is OutcomeAtTikTok.APPROVED
    world.oms.decide(bad_cancel, "reject")
    world.cycle(3)
    check_answered(world, shop, bad, bad_cancel, OutcomeAtTikTok.REJECTED)
    check_answered(world, shop, good, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize(
    ("id_", "problem"),
    [
        (UNKNOWN, "cancel-request-unknown"),
        ("no-such-request", "cancel-request-unknown"),
        ("x" * 64, "cancel-request-unknown"),
        ("../orders", "unknown-decision"),
        ("ünïcode", "unknown-decision"),
    ],
)
def test_a_decision_about_a_request_that_nobody_knows_is_refused(id_: str, problem: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    before = world.record(shop, order)
    world.oms.list_raw_decision(shop.id, entry(id_))
    world.cycle()
    told = told_about(world)
    assert told is not None
    assert told["problem"] == problem
    assert world.counted("decisions_refused") == 1
    assert world.record(shop, order).cancellations == before.cancellations
    world.oms.decide(cancel, "approve")
    world.cycle(3)
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


def test_a_decision_about_a_request_of_another_shop_is_refused() -> None:
    world = World()
    us, uk = world.connect("US"), world.connect("GB")
    order, cancel = an_open_request(world, us)
    world.oms.list_raw_decision(uk.id, entry(cancel))
    world.cycle()
    told = told_about(world)
    assert told is not None
    assert told["problem"] == "cancel-request-unknown"
    assert request_of(world, us, order, cancel).answer is None


def test_a_decision_about_a_cancellation_that_was_no_request_is_refused() -> None:
    world = World()
    shop = world.connect()
    order = an_order_everywhere(world, shop)
    cancel = world.tiktok.cancel_by_seller(order)
    world.cycle(3)
    world.oms.list_raw_decision(shop.id, entry(cancel, "reject"))
    world.cycle()
    told = told_about(world)
    assert told is not None
    assert told["problem"] == "cancel-request-unknown"
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("ended", ["withdrawn", "approved", "canceled by platform"])
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_about_a_closed_request_is_refused_and_changes_nothing(decision: str, ended: str) -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    if ended == "withdrawn":
        world.tiktok.withdraw_cancel_request(order)
    elif ended == "approved":
        world.tiktok.approve_in_seller_center(cancel)
    else:
        world.tiktok.cancel_by_platform(order)
    world.cycle(3)
    before = world.record(shop, order).cancellations
    decided = world.oms.decide(cancel, decision)
    world.cycle(2)
    told = told_about(world, decided)
    assert told is not None
    assert told["problem"] == "cancel-request-closed"
    assert world.record(shop, order).cancellations == before
    assert all(each.by == "seller_center" for each in world.tiktok.books.decisions_of(cancel))
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize(
    "broken",
    [
        {"decided_at": "yesterday"},
        {"decided_at": ...},
        {"decided_at": "2026-06-01T13:30:00"},
        {"cancel_id": ...},
        {"cancel_id": 17},
        {"reason": ["x"]},
    ],
)
def test_a_decision_of_another_shape_is_refused_and_stops_no_other(broken: dict[str, Any]) -> None:
    world = World()
    shop = world.connect()
    bad, bad_cancel, good, cancel = two_requests(world, shop)
    world.oms.list_raw_decision(shop.id, entry(bad_cancel, **broken))
    world.oms.decide(cancel, "approve")
    world.cycle()
    told = told_about(world)
    assert told is not None
    assert told["problem"] == "unknown-decision"
    assert request_of(world, shop, bad, bad_cancel).answer is None
    world.cycle(2)
    check_answered(world, shop, good, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("id_", [..., "", None, "a/../b", ".."])
def test_a_decision_without_a_usable_id_is_kept_for_a_person(id_: object) -> None:
    world = World()
    shop = world.connect()
    bad, bad_cancel, good, cancel = two_requests(world, shop)
    world.oms.list_raw_decision(shop.id, entry(bad_cancel, "maybe", id=id_))
    world.oms.decide(cancel, "approve")
    world.cycle()
    assert request_of(world, shop, bad, bad_cancel).answer is None
    assert world.counted("decisions_unreadable") + world.counted("refusals_not_taken") == 1
    assert any("decision" in name for name in world.shops.notices(shop.id))
    world.cycle(2)
    check_answered(world, shop, good, cancel, OutcomeAtTikTok.APPROVED)


def test_a_decision_that_contradicts_an_earlier_one_is_refused_also_after_the_end() -> None:
    world = World()
    shop = world.connect()
    order, cancel = an_open_request(world, shop)
    world.oms.decide(cancel, "approve")
    world.cycle(3)
    second = world.oms.decide(cancel, "reject")
    world.cycle(2)
    told = told_about(world, second)
    assert told is not None
    assert told["problem"] in ("decided-already", "cancel-request-closed")
    check_answered(world, shop, order, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR])
def test_a_refusal_that_cannot_be_told_is_told_by_the_next_poll(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    _, bad_cancel, good, cancel = two_requests(world, shop)
    world.oms.list_raw_decision(shop.id, entry(bad_cancel, "maybe"))
    world.oms.decide(cancel, "approve")
    world.oms.faults.add(fault, REFUSAL)
    world.cycle(2)
    told = told_about(world)
    assert told is not None
    assert told["problem"] == "unknown-decision"
    world.cycle(3)
    check_answered(world, shop, good, cancel, OutcomeAtTikTok.APPROVED)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.UNREACHABLE])
def test_while_refusals_cannot_be_told_for_hours_good_decisions_reach_tiktok(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    _, bad_cancel, good, cancel = two_requests(world, shop)
    world.oms.list_raw_decision(shop.id, entry(bad_cancel, "maybe"))
    world.oms.decide(cancel, "reject")
    world.oms.faults.add(fault, REFUSAL, times=None)
    world.cycle(8)
    assert decisions_at_tiktok(world, cancel) == [("REJECT", 0)]
    world.oms.faults.clear()
    world.cycle(4)
    told = told_about(world)
    assert told is not None
    check_answered(world, shop, good, cancel, OutcomeAtTikTok.REJECTED)
