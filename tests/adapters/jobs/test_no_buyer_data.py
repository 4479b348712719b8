"""No buyer's name, address, phone or e-mail is at rest or in a log (promise 8)."""

import json

import pytest

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.orders import Damage
from tests.adapters.jobs.checks import given_to_oms
from tests.world import MUG, TEE, World


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
    places = {
        "table": json.dumps([[list(key), item] for key, item in world.table.items.items()], ensure_ascii=False),
        "reports": "\n".join(world.problems()) + str([report.counts for _, report in world.reports]),
        "log": caplog.text + told.out + told.err,
        "timers": str(world.timers.waiting),
    }
    canaries = world.tiktok.buyer_data()
    assert len(canaries) > 100
    found = {(place, canary) for place, text in places.items() for canary in canaries if canary in text}
    assert found == set()
    assert len(world.problems()) > 20


def test_the_buyers_do_reach_the_partners() -> None:
    world = a_troubled_day()
    sent = str(world.channeladvisor.books.orders()) + str(world.oms.books.orders())
    assert sum(canary in sent for canary in world.tiktok.buyer_data()) > 20
