"""Open returns are told to the OMS and noted in ChannelAdvisor; nothing is adjusted before the refund (CA 4.5)."""

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.return_records import ReturnType
from order_sync.domain.outbox import Action, Target
from tests.adapters.jobs.checks import failed_entries
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.returns.return_checks import check_agreed, check_untouched
from tests.adapters.returns.return_scenes import (
    HOUR,
    MINUTE,
    a_shipped_order,
    an_asked_return,
    ask,
    at_oms,
    at_tiktok,
    booked,
    known,
    line_ids,
    look,
    note,
    notes,
    until,
)
from tests.world import MUG, TWO_TEES, Connected, World

OURS = "[Order Sync] Return "


def test_the_oms_is_told_lines_reason_money_and_until_when_it_may_answer(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, TWO_TEES, MUG, units=[0, 2])
    asked = at_tiktok(world, return_id)
    told = at_oms(world, return_id)
    assert asked.respond_by == asked.created_at + 24 * HOUR
    ids = line_ids(world, order)
    amounts = ["21.60", "13.50"] if shop.simulated.region.code == "US" else ["20.00", "12.50"]
    assert told.body["lines"] == [
        {"line": ids[0], "refund_amount": amounts[0]},
        {"line": ids[2], "refund_amount": amounts[1]},
    ]
    assert told.body["question"]["asked"] == "refund"
    until_when = known(world, shop, order, return_id).answer_until
    assert until_when == asked.respond_by.replace(microsecond=0) - 45 * MINUTE
    assert told.body["question"]["respond_by"] == until_when.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert told.body["reason"] == asked.reason
    assert told.body["kind"] == "refund"
    world.cycle(3)
    assert at_oms(world, return_id).times_told == 1


@pytest.mark.parametrize(
    ("kind", "question", "hours"),
    [
        (ReturnType.REFUND, "refund", 24),
        (ReturnType.RETURN_AND_REFUND, "return", 48),
        (ReturnType.REPLACEMENT, "replacement", 48),
    ],
)
def test_each_question_waits_as_long_as_tiktok_says_and_refunds_without_goods_24_hours(
    world: World, shop: Connected, kind: ReturnType, question: str, hours: int
) -> None:
    order, return_id = an_asked_return(world, shop, kind)
    kept = known(world, shop, order, return_id)
    assert kept.respond_by == kept.requested_at + hours * HOUR
    assert at_oms(world, return_id).question == question


def test_people_read_on_the_order_what_is_asked_until_when_and_how_much(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop, ReturnType.REFUND, units=[0])
    money = "21.60 USD" if shop.simulated.region.code == "US" else "20.00 GBP"
    due = known(world, shop, order, return_id).answer_until
    assert due is not None
    assert note(world, order, return_id) == (
        f"Request Pending (refund only), 1 of TEE-BLU-M, refund {money}, "
        f"waits for an answer (refund) until {due:%Y-%m-%d %H:%M} UTC"
    )
    world.tiktok.buyer_withdraws_return(return_id)
    world.cycle(2)
    assert note(world, order, return_id) == f"Closed (refund only), 1 of TEE-BLU-M, refund {money}"


def test_what_people_write_in_the_notes_survives_every_change(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    number = in_channeladvisor(world, order)
    world.channeladvisor.write_private_notes(number, "VIP.\r\nCall before you ship")
    first = ask(world, order, units=[0])
    look(world, shop)
    assert notes(world, order).startswith("VIP.\r\nCall before you ship\r\n" + OURS)
    world.channeladvisor.write_private_notes(number, notes(world, order) + "\r\nAsked her, waits for a photo")
    second = ask(world, order, units=[2])
    world.oms.decide_return(shop.id, first, "refund", "approve")
    world.cycle(6)
    lines = notes(world, order).split("\r\n")
    assert lines[:2] == ["VIP.", "Call before you ship"]
    assert lines[2].startswith(f"{OURS}{first}: Refunded")
    assert lines[3] == "Asked her, waits for a photo"
    assert lines[4].startswith(f"{OURS}{second}: Request Pending")
    assert len(lines) == 5
    check_agreed(world, shop, order)


def test_a_person_who_deletes_our_line_gets_it_back_with_the_next_news(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop)
    world.channeladvisor.write_private_notes(in_channeladvisor(world, order), "mine")
    world.tiktok.buyer_withdraws_return(return_id)
    world.cycle(2)
    assert notes(world, order).startswith("mine")
    assert note(world, order, return_id).startswith("Closed")


def test_notes_without_room_fail_for_a_person_and_hold_up_neither_the_oms_nor_the_refund(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop)
    world.channeladvisor.write_private_notes(in_channeladvisor(world, order), "x" * 3990)
    return_id = ask(world, order)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    assert at_oms(world, return_id).state == "refunded"
    assert sum(each.total for each in booked(world, order)) == at_tiktok(world, return_id).refund.total
    failed = failed_entries(world, shop, order)
    assert failed
    assert all("NOTE_RETURN" in name and "leave no room" in text for name, text in failed.items())
    assert notes(world, order) == "x" * 3990


@pytest.mark.parametrize("away", ["OMS", "ChannelAdvisor"])
@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.UNAVAILABLE, Fault.HTML])
def test_a_side_that_is_away_for_hours_hears_in_the_end_how_the_return_stands_then(away: str, fault: Fault) -> None:
    world = World()
    shop = world.connect("US", shipping_mappings=_mappings())
    order = a_shipped_order(world, shop)
    side = world.oms if away == "OMS" else world.channeladvisor
    side.faults.add(fault, times=None)
    return_id = ask(world, order, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.cycle(8)
    world.tiktok.tiktok_makes_label(return_id)
    world.cycle(8)
    side.faults.clear()
    world.advance(HOUR)
    world.cycle(6)
    assert at_oms(world, return_id).state == "return_label_generated"
    assert note(world, order, return_id).startswith("Return Label Generated")
    check_untouched(world, order)
    check_agreed(world, shop, order)


def test_the_oms_that_was_away_is_asked_with_what_is_left_of_its_time() -> None:
    world = World()
    shop = world.connect("US", shipping_mappings=_mappings())
    order = a_shipped_order(world, shop)
    return_id = ask(world, order)
    world.oms.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(40)
    world.oms.faults.clear()
    world.advance(HOUR)
    world.cycle(3)
    assert at_oms(world, return_id).question == "refund"
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    world.cycle(6)
    check_agreed(world, shop, order)


def test_an_oms_that_comes_back_after_the_return_has_ended_is_told_the_end_alone() -> None:
    world = World()
    shop = world.connect("US", shipping_mappings=_mappings())
    order = a_shipped_order(world, shop)
    world.oms.faults.add(Fault.UNREACHABLE, times=None)
    return_id = ask(world, order)
    world.cycle(6)
    world.tiktok.approve_return_in_seller_center(return_id)
    world.cycle(6)
    world.oms.faults.clear()
    until(world, world.time + HOUR)
    world.cycle(4)
    assert at_oms(world, return_id).times_told == 1
    assert at_oms(world, return_id).state == "refunded"
    check_agreed(world, shop, order)


def test_nobody_is_told_of_returns_of_an_order_that_others_ship(world: World, shop: Connected) -> None:
    order = world.order(shop, TWO_TEES, fulfilled_by_tiktok=True)
    world.until_released()
    world.tiktok.ship_by_tiktok(order, "9400100000000000000013")
    world.cycle()
    return_id = ask(world, order)
    world.cycle(3)
    kept = known(world, shop, order, return_id)
    assert kept.next_due is None
    assert world.record(shop, order).outbox == ()
    assert world.oms.books.returns() == []
    assert world.published == []


def test_a_return_that_changes_twice_before_anybody_is_told_is_told_once(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    return_id = ask(world, order, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.run("poll_tiktok", shop)
    world.advance(MINUTE)
    world.tiktok.tiktok_makes_label(return_id)
    world.run("poll_tiktok", shop)
    queued = [e.name for e in world.record(shop, order).outbox if e.action is Action.NOTE_RETURN]
    assert queued == [f"{target}#NOTE_RETURN#{return_id}#1" for target in (Target.CHANNELADVISOR, Target.OMS)]
    world.cycle(2)
    assert at_oms(world, return_id).times_told == 1
    check_agreed(world, shop, order)


def _mappings() -> list[dict[str, str]]:
    return [{"carrier": "USPS Ground", "code": "usps", "channeladvisor_class": "Ground"}]
