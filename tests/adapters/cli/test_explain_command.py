"""`order-sync explain ORDER`: what happened to an order, what waits for what, and what a person must do."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.simulators.tiktok_shop.return_records import ReturnType
from local.tracking_numbers import usps
from order_sync.ledger import keys
from order_sync.ledger.table import Put
from tests.adapters.cli.reading import Types, asks, connected, reader
from tests.world import MUG, TWO_TEES, Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return connected(world)


@pytest.fixture
def types(world: World, capsys: pytest.CaptureFixture[str]) -> Types:
    return reader(world, capsys)


def test_an_order_in_its_cool_down_says_until_when_it_is_held(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, TWO_TEES)
    world.cycle()
    told = asks(types, "explain", order)
    assert (told["state_words"], told["is_held"]) == ("Pending", True)
    assert told["hold_ends_at"] == "2026-06-01T13:00:00Z"
    assert "held until Mon 2026-06-01 06:00:00 PDT = 2026-06-01 13:00Z (in 45 min)" in types("explain", order).words


def test_an_order_that_was_handed_over_has_its_ids_and_deadlines_on_all_sides(
    world: World, shop: Connected, types: Types
) -> None:
    order = world.order(shop, TWO_TEES, MUG)
    world.until_released()
    told = asks(types, "explain", order)
    record = world.ledger.load(shop.id, order)
    assert record is not None
    assert record.deadlines is not None
    assert told["channeladvisor_id"] == record.order.channeladvisor_id
    assert told["oms_number"] == record.order.oms_number
    assert [line["sku"] for line in told["lines"]] == ["TEE-BLU-M", "TEE-BLU-M", "MUG-RED"]
    by_name = {(each["name"], each["must_happen"]): each for each in told["deadlines"]}
    assert len(by_name) == len(told["deadlines"]) == 4
    ours = by_name["dispatch", record.deadlines.figures.clock_stops]
    assert ours["ours"] == record.deadlines.figures.dispatch_by.isoformat().replace("+00:00", "Z")
    assert ours["tiktok_shop"] is not None
    shown = types("explain", order).words
    assert f"ChannelAdvisor Unshipped; order {record.order.channeladvisor_id}" in shown
    assert f"OMS order {record.order.oms_number}" in shown


def test_what_is_printed_is_what_json_says(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, MUG)
    world.until_released()
    told, shown = asks(types, "explain", order), types("explain", order).words
    for event in told["timeline"]:
        assert event["source"] in shown
        for word in event["words"].split():
            assert word in shown
    for entry in told["outbox"]:
        assert f"{entry['state']} {entry['to']} {entry['what']}" in shown


def test_a_cancel_request_says_until_when_it_is_answered_and_by_which_command(
    world: World, shop: Connected, types: Types
) -> None:
    order = world.order(shop, MUG)
    world.until_released()
    request = world.tiktok.request_cancel(order, reason="No longer needed")
    world.cycle()
    told = asks(types, "explain", order)
    (question,) = told["questions"]
    assert (question["id"], question["is_open"]) == (request, True)
    assert question["answer_until"] < question["tiktok_decides_at"]
    assert question["command"] == f"order-sync decide {shop.id} {request} approve|reject"
    assert any(question["command"] in line for line in told["to_do"])

    world.answer(shop, request, "approve")
    world.cycle(3)
    told = asks(types, "explain", order)
    assert [(each["is_open"], each["command"]) for each in told["questions"]] == [(False, "")]
    assert told["to_do"] == []
    assert told["state_words"] == "Canceled"


def test_a_return_says_what_is_asked_and_by_which_command_it_is_answered(
    world: World, shop: Connected, types: Types
) -> None:
    order = world.order(shop, MUG)
    world.until_released()
    _ship(world, order)
    return_id = world.tiktok.buyer_requests_return(order, ReturnType.REFUND)
    world.cycle()
    (question,) = asks(types, "explain", order)["questions"]
    assert question["kind"] == "return"
    assert question["command"] == f"order-sync decide-return {shop.id} {return_id} REFUND approve|reject"


def test_a_failed_entry_says_why_and_which_command_sends_it_again(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, MUG)
    world.oms.know_only(["TEE-BLU-M"])
    world.until_released()
    told = asks(types, "explain", order)
    (failed,) = [entry for entry in told["outbox"] if entry["state"] == "FAILED"]
    assert failed["command"] == f"order-sync replay {shop.id} --order {order} --entry 'OMS#CREATE_ORDER#order#1'"
    assert failed["words"].startswith("failed: ")
    assert failed["words"] in types("explain", order).words
    assert any(failed["command"] in line for line in told["to_do"])


def test_a_parcel_without_a_mapping_says_which_mapping_repairs_it(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, MUG)
    world.until_released()
    world.oms.ship(order, "U.P.S. Grnd", "Next Day", "1Z999AA10123456784")
    world.cycle(2)
    told = asks(types, "explain", order)
    failed = [entry for entry in told["outbox"] if entry["state"] == "FAILED" and entry["to"] == "TikTok Shop"]
    assert [entry["command"] for entry in failed] == [
        f"order-sync mappings {shop.id} add --carrier 'U.P.S. Grnd' --class 'Next Day' --code CODE"
    ]


def test_the_shop_is_found_by_itself_and_asked_for_when_two_have_the_order(
    world: World, shop: Connected, types: Types
) -> None:
    other = connected(world, "GB")
    order = world.order(other, MUG)
    world.cycle()
    assert asks(types, "explain", order)["shop"] == other.id

    (head,) = world.table.get_many([keys.order_key(other.id, order)])
    world.table.put(Put(item=head | {"pk": keys.order_partition(shop.id, order)}))
    said = types("explain", order)
    assert (said.status, said.out) == (1, "")
    assert shop.id in said.error
    assert "--shop" in said.error
    assert asks(types, "explain", order, "--shop", other.id)["shop"] == other.id


def test_an_unknown_order_is_refused_in_a_sentence(world: World, shop: Connected, types: Types) -> None:
    said = types("--json", "explain", "123")
    assert (said.status, said.out) == (1, "")
    assert said.error.startswith("No shop of stack order-sync has an order 123")
    assert types("explain", "123", "--shop", shop.id).error == f"Shop {shop.id} has no order 123.\n"
    world.shops.keep_unread(shop.id, keys.order_of(keys.order_key(shop.id, world.order(shop, MUG))), "two currencies")
    (unread,) = world.shops.unread(shop.id)
    assert "two currencies" in types("explain", unread).error


def test_without_a_shop_the_first_step_is_named(types: Types) -> None:
    assert "connect one first" in types("explain", "1").error


def test_a_damaged_item_is_named_and_the_rest_is_shown(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, MUG)
    world.until_released()
    partition = keys.order_partition(shop.id, order)
    for key in ("OUTBOX#OMS#CREATE_ORDER#order#1", next(_timeline_keys(world, partition)), keys.DEADLINES):
        (item,) = [each for each in world.table.query(partition) if each["sk"] == key]
        broken = {name: value for name, value in item.items() if name not in ("state", "facts", "clock_stops")}
        world.table.put(Put(item=broken | {"facts": "["}))
    told = asks(types, "explain", order)
    assert len(told["damaged"]) == 3
    assert sum("OUTBOX#OMS#CREATE_ORDER" in each for each in told["damaged"]) == 1
    assert told["deadlines"] == []
    assert told["timeline"]
    assert told["channeladvisor_id"]
    assert "is damaged" in types("explain", order).words


def test_no_buyer_is_ever_shown(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, MUG)
    world.until_released()
    shown = types("explain", order).out + types("--json", "explain", order).out
    texts = set(world.tiktok.buyer_data())
    assert texts
    assert [text for text in texts if text in shown] == []


def _timeline_keys(world: World, partition: str) -> Iterator[str]:
    return (str(item["sk"]) for item in world.table.query(partition, since=keys.TIMELINE))


def _ship(world: World, order: str) -> None:
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))
    world.cycle(2)
    world.tiktok.collect(order)
    world.tiktok.deliver(order)
    world.advance(timedelta(hours=1))
    world.cycle()
