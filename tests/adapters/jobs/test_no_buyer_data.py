"""No buyer's name, address, phone or e-mail is at rest or in a log (promise 8)."""

import json
from collections.abc import Collection

import pytest

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.orders import Damage
from local.simulators.tiktok_shop.return_records import ReturnType
from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.checks import given_to_oms
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.returns.return_scenes import a_shipped_order, ask, look
from tests.world import MUG, TEE, Connected, World

WORDS = "Euphemia Quill, 12 Larkspur Mews, phone 0177 555 0199"
"""What people write about buyers, and buyers about themselves, in the places that returns have for words."""
CANARIES = ("Euphemia", "Quill", "Larkspur", "0177 555 0199")


def a_troubled_day() -> World:
    """Orders that go through and orders that fail, move, are cancelled and shipped, with partners that fail too."""
    world = World(channeladvisor_doubts=Doubts(reject_unknown_skus=True))
    shops = [world.connect("US"), world.connect("GB"), world.connect(oms={"adapter": "none"})]
    world.channeladvisor.add_sku("TEE-BLU-M")
    for shop in shops:
        for fault in Fault:
            world.tiktok.faults.add(fault, "/orders", after=3)
            world.channeladvisor.faults.add(fault, "/v1/Orders", after=4)
            world.oms.faults.add(fault, "/orders/", after=2)
        world.order(shop, MUG, buyer_message="Please leave it with the neighbour")
        world.order(shop, TEE, release_date=world.time.replace(day=5))
        moved, canceled, broken, kept = [world.order(shop, TEE) for _ in range(4)]
        world.cycle(4)
        world.tiktok.corrupt(broken, Damage.WRONG_TYPE)
        world.cycle(3)
        world.tiktok.change_address(moved)
        world.tiktok.cancel_by_seller(canceled)
        world.oms.know_only([])
        if kept in given_to_oms(world):
            world.oms.ship(kept, "No Such Carrier", None, "1Z999")
        world.cycle(4)
    return world


def test_no_buyer_is_in_the_table_a_report_a_log_or_a_timer(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level("DEBUG"):
        world = a_troubled_day()
    told = capfd.readouterr()
    canaries = world.tiktok.buyer_data()
    assert len(canaries) > 100
    assert found_of(world, canaries, caplog.text + told.out + told.err) == set()
    assert len(world.problems()) > 20


def found_of(world: World, canaries: Collection[str], log: str) -> set[tuple[str, str]]:
    """Which of these texts stand where, of all that we keep, log, report or publish."""
    places = {
        "table": json.dumps([[list(key), item] for key, item in world.table.items.items()], ensure_ascii=False),
        "reports": "\n".join(world.problems()) + str([report.counts for _, report in world.reports]),
        "log": log,
        "timers": str(world.timers.waiting),
        "published": str(world.published) + str(world.summaries),
    }
    return {(place, canary) for place, text in places.items() for canary in canaries if canary in text}


def returns_with_words(world: World, shop: Connected) -> list[OrderId]:
    """Returns and refunds of every kind, with words wherever a buyer, a seller or a partner may put some."""
    orders = [a_shipped_order(world, shop, MUG) for _ in range(8)]
    for order in orders[1:]:
        world.channeladvisor.write_private_notes(in_channeladvisor(world, order), f"Asked {WORDS}\nTwice")
    plain, goods, odd, bad, decided, full, new, offered = orders
    world.tiktok.buyer_requests_return(plain, ReturnType.REFUND, reason=WORDS)
    sent = ask(world, goods, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
    world.tiktok.buyer_ships_return(sent, WORDS)
    world.tiktok.show_return_as(ask(world, odd), return_reason=WORDS, return_reason_text=WORDS, return_status=WORDS)
    world.tiktok.show_return_as(ask(world, bad), return_line_items=[{"order_line_item_id": WORDS}], role=WORDS)
    given = ask(world, decided)
    world.channeladvisor.write_private_notes(in_channeladvisor(world, full), (WORDS * 90)[:3995])
    ask(world, full)
    world.tiktok.offer_partial_refund_in_seller_center(ask(world, offered), "1.00")
    look(world, shop)
    words = {"question": "refund", "decided_at": "2026-06-01T13:30:00Z", "reason": WORDS}
    for number, decision in enumerate(("approve", "maybe", None)):
        entry = {"id": f"RD-{shop.id}-{number}", "return_id": given, "decision": decision}
        world.oms.list_raw_return_decision(shop.id, words | entry)
    entry = {"id": f"RD-{shop.id}-9", "return_id": WORDS, "decision": "reject", "reject_reason": WORDS}
    world.oms.list_raw_return_decision(shop.id, words | entry)
    asked = {"id": f"REF-{shop.id}", "tiktok_order_id": new, "lines": None, "amount": None, "reason": WORDS}
    world.oms.list_raw_refund(shop.id, asked | {"refunded_at": "2026-06-01T13:30:00Z"})
    world.oms.list_raw_refund(shop.id, asked | {"id": f"REF2-{shop.id}", "amount": WORDS, "refunded_at": WORDS})
    return orders


def test_no_words_about_a_buyer_in_returns_refunds_and_notes_are_kept_logged_or_published(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level("DEBUG"):
        world = World()
        shops = [connected(world, "US"), connected(world, "GB")]
        orders = [returns_with_words(world, shop) for shop in shops]
        for fault in Fault:
            world.tiktok.faults.add(fault, "/return_refund", after=2)
            world.channeladvisor.faults.add(fault, "/v1/Orders", method="PATCH", after=1)
            world.channeladvisor.faults.add(fault, "/v1/Orders(", method="GET", after=1)
            world.oms.faults.add(fault, "/return", after=1)
        world.cycle(8)
    told = capfd.readouterr()
    canaries = {*world.tiktok.buyer_data(), *CANARIES}
    assert found_of(world, canaries, caplog.text + told.out + told.err) == set()
    assert len(world.problems()) > 20
    # The words were there, and those that are not ours stand where they stood.
    kept = [str(world.created(order)[0]["PrivateNotes"]) for some in orders for order in some[1:]]
    assert all("Euphemia Quill" in text for text in kept)
    assert sum("[Order Sync] Return" in text for text in kept) == 2 * 4


def test_the_buyers_do_reach_the_partners() -> None:
    world = a_troubled_day()
    sent = str(world.channeladvisor.books.orders()) + str(world.oms.books.orders())
    assert sum(canary in sent for canary in world.tiktok.buyer_data()) > 20


@pytest.mark.parametrize("changes", [{"id": WORDS}, {"decision": WORDS}, {"question": WORDS}])
def test_an_oms_that_writes_people_s_words_where_ids_and_answers_belong_is_not_quoted(
    caplog: pytest.LogCaptureFixture, changes: dict[str, str]
) -> None:
    with caplog.at_level("DEBUG"):
        world = World()
        shop = connected(world, "US")
        order = a_shipped_order(world, shop, MUG)
        return_id = ask(world, order)
        look(world, shop)
        entry = {"id": "RD-1", "return_id": return_id, "question": "refund", "decision": "approve"}
        world.oms.list_raw_return_decision(shop.id, entry | {"decided_at": "2026-06-01T13:30:00Z"} | changes)
        world.cycle(3)
    assert found_of(world, CANARIES, caplog.text) == set()
