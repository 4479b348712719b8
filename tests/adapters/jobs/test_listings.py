"""The table of listings: loaded by command, whole or not at all, and what is estimated by it."""

import json
from typing import Any

import pytest

from local.simulators.tiktok_shop.orders import OrderType
from order_sync.domain.errors import RejectedError
from order_sync.jobs.change_settings import change_settings
from order_sync.jobs.load_listings import MOST_BYTES, load_listings
from order_sync.jobs.run import Report
from order_sync.jobs.show_delivery_estimate import show_delivery_estimate
from order_sync.ledger import keys
from order_sync.ledger.table import Put
from tests.adapters.deadlines.deadline_scenes import deadlines_of
from tests.adapters.jobs.interruptions import WatchedTable
from tests.adapters.jobs.listing_scenes import HEADER, SLOW_MUG, an_order, estimate, listed, load
from tests.world import MUG, TEE, Connected, Killed, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def refused(world: World, shop: Connected, text: str, **command: Any) -> tuple[str, Report]:
    """A file that is refused and changes nothing: why, and what was counted."""
    before, run = dict(world.table.items), world.shop_run(shop)
    with pytest.raises(RejectedError) as refusal:
        load_listings(run, {"shop": shop.id, "csv": text} | command)
    assert world.table.items == before
    return str(refusal.value), run.report


# ---- loading


def test_a_file_is_loaded_added_to_and_replaced(world: World, shop: Connected) -> None:
    first = load(world, shop, SLOW_MUG)
    assert first == {"skus_added": 2, "skus_changed": 0, "skus_dropped": 0, "columns_ignored": 0, "skus": 2}
    second = load(world, shop, "sku,title,handling_days\nMUG-RED,A mug,4\nCAP,A cap,1\n")
    assert second == {"skus_added": 1, "skus_changed": 1, "skus_dropped": 0, "columns_ignored": 1, "skus": 3}
    assert listed(world, shop) == {"TEE-BLU-M": (1, 2), "MUG-RED": (4, 7), "CAP": (1, None)}
    third = load(world, shop, SLOW_MUG, replace=True)
    assert third == {"skus_added": 0, "skus_changed": 1, "skus_dropped": 1, "columns_ignored": 0, "skus": 2}
    assert listed(world, shop) == {"TEE-BLU-M": (1, 2), "MUG-RED": (10, 7)}


def test_a_header_alone_that_replaces_drops_the_table(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    assert load(world, shop, HEADER, replace=True)["skus_dropped"] == 2
    assert listed(world, shop) == {}
    assert world.shops.settings(shop.id).listings is None


def test_a_header_alone_is_refused_otherwise(world: World, shop: Connected) -> None:
    text, report = refused(world, shop, HEADER)
    assert text == "load_listings: no row names a SKU. Nothing was changed"
    assert report.counts["bad_rows"] == 1


def test_a_bad_row_refuses_the_whole_file_and_is_counted(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    text, report = refused(world, shop, HEADER + "TEE-BLU-M,3,4\nMUG-RED,soon,4\n,1,1\n", replace=True)
    assert text == (
        "load_listings: row 3, column 'Handling time (business days)': not a whole number; "
        "row 4, column 'Seller SKU': no SKU. Nothing was changed"
    )
    assert report.counts["bad_rows"] == 2


def test_of_many_bad_rows_the_first_ten_are_named(world: World, shop: Connected) -> None:
    text, report = refused(world, shop, HEADER + "TEE,x,y\n" * 25)
    assert text.count("row ") == 10
    assert text.endswith("; and 15 more. Nothing was changed")
    assert report.counts["bad_rows"] == 25


def test_a_file_that_is_too_large_is_refused_with_both_sizes(world: World, shop: Connected) -> None:
    text, _ = refused(world, shop, HEADER + "Ä" * (MOST_BYTES // 2))
    assert f"has {len(HEADER) + MOST_BYTES} bytes, and at most {MOST_BYTES} can be taken" in text


@pytest.mark.parametrize(
    ("command", "field"),
    [({"csv": 7}, "csv"), ({"replace": "yes"}, "replace"), ({"drop": True}, "drop")],
)
def test_a_bad_command_is_refused_with_its_field(
    world: World, shop: Connected, command: dict[str, Any], field: str
) -> None:
    text, _ = refused(world, shop, SLOW_MUG, **command)
    assert text.startswith(f"load_listings: {field}: ")


def test_loading_dies_before_or_after_its_only_write(shop: Connected) -> None:
    del shop
    for place in range(1, 20):
        table = WatchedTable()
        world = World(table=table)
        shop = world.connect()
        load(world, shop, SLOW_MUG)
        run, left = world.shop_run(shop), place

        def die() -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Killed

        before = dict(table.items)
        table.before_call = die
        try:
            load_listings(run, {"shop": shop.id, "csv": HEADER + "CAP,1,1\n", "replace": True})
        except Killed:
            assert table.items == before
        else:
            assert place > 3
            return
    pytest.fail("it never ended")


def test_a_damaged_table_is_repaired_by_loading_it_whole(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    (key, *_) = [key for key in world.table.items if key.sk == keys.LISTINGS]
    world.table.put(Put(item=world.table.items[key] | {"times": "?"}))
    text, _ = refused(world, shop, HEADER + "CAP,1,1\n")
    assert f"ledger item {key.pk} LISTINGS is damaged" in text
    assert '"replace": true' in text
    assert load(world, shop, SLOW_MUG, replace=True)["skus"] == 2
    assert len(listed(world, shop)) == 2


def test_a_table_whose_mark_is_lost_is_none(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    key = keys.settings_key(shop.id)
    world.table.put(Put(item=world.table.items[key] | {"listings": "?"}))
    values = {**json.loads(str(world.table.items[key]["settings"])), "name": "Connected again"}
    change_settings(values, world.shops, world.clock())
    assert load(world, shop, HEADER + "CAP,1,1\n") == dict.fromkeys(
        ("skus_changed", "skus_dropped", "columns_ignored"), 0
    ) | {"skus_added": 1, "skus": 1}
    assert listed(world, shop) == {"CAP": (1, 1)}


def test_a_damaged_table_holds_up_no_order_and_is_told_once_in_a_run(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    for key in [key for key in world.table.items if key.sk == keys.LISTINGS]:
        world.table.put(Put(item=world.table.items[key] | {"times": "?"}))
    for _ in range(60):
        world.order(shop, TEE, hold=False, order_type=OrderType.MADE_TO_ORDER)
    report = world.run("poll_tiktok", shop)
    assert report.counts["orders_changed"] == 60
    assert report.counts["listings_damaged"] == 1


def test_the_settings_of_a_shop_cannot_say_which_table_it_has(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    before = world.shops.settings(shop.id)
    with pytest.raises(RejectedError, match="listings: no setting; load_listings loads them"):
        world.reconnect(shop, listings=None)
    world.reconnect(shop, name="Another name")
    assert world.shops.settings(shop.id).listings == before.listings


# ---- estimates


def test_the_estimate_of_a_sku_says_where_each_part_comes_from(world: World, shop: Connected) -> None:
    load(world, shop, HEADER + "TEE-BLU-M,1,2\nMUG-RED,4,\n")
    loaded = "the table of listings, loaded 2026-06-01 12:00 UTC"
    profile = "guide-2025-08 (TikTok for Rithum: Order Management, 2025-08-19)"
    assert estimate(world, shop, " TEE-BLU-M ") == {
        "sku": "TEE-BLU-M",
        "listed": True,
        "ordered_at": "2026-06-01T05:00-07:00",
        "parts": [f"handling: 1 business day, from {loaded}", f"shipping: 2 business days, from {loaded}"],
        "handed_over_by": "2026-06-02T23:59-07:00",
        "delivery_by": "2026-06-04T23:59-07:00",
        "dispatch_by": "2026-06-04T23:59-07:00",
        "policy_profile": profile,
    }
    assert estimate(world, shop, "MUG-RED")["parts"] == [
        f"handling: 4 business days, from {loaded}",
        "shipping: 5 business days, from the shop's settings (deadlines.shipping_days)",
    ]
    unlisted = estimate(world, shop, "CAP", ordered_at="2026-06-05T09:00:00-07:00")
    assert (unlisted["listed"], unlisted["ordered_at"]) == (False, "2026-06-05T09:00-07:00")
    assert unlisted["parts"][0] == f"handling: 3 business days, from policy profile {profile}"
    assert unlisted["delivery_by"] == "2026-06-17T23:59-07:00"


def test_an_order_gets_what_the_estimate_of_its_sku_has_said(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    for line in (TEE, MUG):
        said = estimate(world, shop, line.sku)
        figures = deadlines_of(world, shop, an_order(world, shop, line)).figures
        zone = world.shops.settings(shop.id).zone
        assert said["delivery_by"] == figures.delivery_by.astimezone(zone).isoformat(timespec="minutes")
        assert said["dispatch_by"] == figures.dispatch_by.astimezone(zone).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": "  "}, "sku"),
        ({"sku": 7}, "sku"),
        ({"ordered_at": "yesterday"}, "ordered_at"),
        ({"ordered_at": "2026-06-01T12:00:00"}, "ordered_at"),
        ({"day": 1}, "day"),
    ],
)
def test_a_bad_question_is_refused_with_its_field(
    world: World, shop: Connected, command: dict[str, Any], field: str
) -> None:
    with pytest.raises(RejectedError, match=f"^show_delivery_estimate: {field}: "):
        show_delivery_estimate(world.shop_run(shop), {"shop": shop.id, "sku": "TEE-BLU-M"} | command)
