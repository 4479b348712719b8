"""`orders`, `outbox` and `ldr`: lists of a shop, from its indexes, in words and as JSON."""

from datetime import timedelta

import pytest

from order_sync.ledger import keys
from order_sync.ledger.table import Put
from tests.adapters.cli.operator import Operator, place
from tests.adapters.cli.reading import Types, asks, connected, reader
from tests.world import MUG, TEE, Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return connected(world)


@pytest.fixture
def types(world: World, capsys: pytest.CaptureFixture[str]) -> Types:
    return reader(world, capsys)


def test_open_orders_are_counted_by_state(world: World, shop: Connected, types: Types) -> None:
    for _ in range(2):
        world.order(shop, MUG)
    world.until_released()
    world.order(shop, TEE)
    world.cycle()
    found = asks(types, "orders", shop.id)
    assert found["total"] == 3
    assert {state: n for state, n in found["by_state"].items() if n} == {"PENDING": 1, "ACKNOWLEDGED_BY_SELLER": 2}
    assert found["orders"] == []
    assert "Acknowledged by Seller 2" in types("orders", shop.id).words


def test_a_list_by_state_is_paged_with_the_most_urgent_first(world: World, shop: Connected, types: Types) -> None:
    placed = []
    for _ in range(3):
        placed.append(world.order(shop, MUG))
        world.advance(timedelta(days=1))
    world.cycle()
    first = asks(types, "orders", shop.id, "--state", "Acknowledged by Seller", "--limit", "2")
    second = asks(types, "orders", shop.id, "--state", "acknowledged-by-seller", "--limit", "2", "--page", "2")
    assert (first["total"], first["pages"]) == (3, 2)
    assert [row["order"] for row in first["orders"] + second["orders"]] == placed
    assert placed[0] in types("orders", shop.id, "--state", "acknowledged_by_seller").words


def test_cancelled_orders_are_found_by_how_far_back_their_deadline_lies(
    world: World, shop: Connected, types: Types
) -> None:
    order = world.order(shop, MUG)
    world.cycle()
    world.tiktok.cancel_as_buyer(order)
    world.cycle()
    found = asks(types, "orders", shop.id, "--state", "cancelled")
    assert [row["order"] for row in found["orders"]] == [order]
    assert asks(types, "orders", shop.id)["total"] == 0
    world.advance(timedelta(days=40))
    assert asks(types, "orders", shop.id, "--state", "canceled")["orders"] == []
    assert asks(types, "orders", shop.id, "--state", "canceled", "--days", "60")["total"] == 1


def test_late_orders_and_those_due_soon_are_told_apart(world: World, shop: Connected, types: Types) -> None:
    late = world.order(shop, MUG)
    world.cycle(6)
    world.advance(timedelta(days=3))
    soon = world.order(shop, TEE)
    world.cycle()
    assert asks(types, "orders", shop.id, "--late")["orders"] == []
    assert [row["order"] for row in asks(types, "orders", shop.id, "--due", "24h")["orders"]] == [late]
    world.advance(timedelta(days=1))
    (row,) = asks(types, "orders", shop.id, "--late")["orders"]
    assert (row["order"], row["is_late"]) == (late, True)
    assert [row["order"] for row in asks(types, "orders", shop.id, "--due", "9d")["orders"]] == [soon]
    assert "LATE" in types("orders", shop.id, "--late").out


def test_what_is_stuck_is_named_with_its_command(world: World, shop: Connected, types: Types) -> None:
    assert asks(types, "orders", shop.id, "--stuck")["items"] == []
    failing = world.order(shop, MUG)
    held = world.order(shop, TEE)
    world.oms.know_only(["TEE-BLU-M"])
    world.cycle(5)
    asked = world.order(shop, TEE)
    world.cycle(6)
    request = world.tiktok.request_cancel(asked, reason="No longer needed")
    later = world.order(shop, TEE)
    world.run("poll_tiktok", shop)
    world.shops.keep_unread(shop.id, held, "two currencies")
    world.timers.waiting.clear()
    world.advance(timedelta(days=2))
    items = asks(types, "orders", shop.id, "--stuck")["items"]
    found = {(item["kind"], item["order"]): item for item in items}
    assert found.keys() == {
        ("failed entry", failing),
        ("hold without release", later),
        ("wait without end", asked),
        ("unreadable order", held),
    }
    assert f"--order {failing}" in found["failed entry", failing]["command"]
    assert found["wait without end", asked]["command"] == f"order-sync decide {shop.id} {request} approve|reject"
    words = types("orders", shop.id, "--stuck").words
    assert all(item["kind"] in words and item["order"] in words for item in items)


def test_a_damaged_order_is_named_and_the_others_are_listed(world: World, shop: Connected, types: Types) -> None:
    broken, whole = world.order(shop, MUG), world.order(shop, TEE)
    world.cycle()
    (head,) = world.table.get_many([keys.order_key(shop.id, broken)])
    world.table.put(Put(item=head | {"state": "NOWHERE"}))
    found = asks(types, "orders", shop.id, "--state", "pending")
    assert [row["order"] for row in found["orders"]] == [whole]
    assert [broken in each for each in found["damaged"]] == [True]
    assert "Left out: ledger item" in types("orders", shop.id, "--state", "pending").words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--state", "lost"), "There is no state 'lost': take one of pending"),
        (("--due", "soon"), "'soon' is no time: write 90m, 24h or 2d."),
        (("--late", "--stuck"), "Choose one of"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    shop: Connected, types: Types, arguments: tuple[str, ...], words: str
) -> None:
    said = types("--json", "orders", shop.id, *arguments)
    assert (said.status, said.out) == (1, "")
    assert words in said.error


def test_an_unknown_shop_is_refused_in_a_sentence(types: Types) -> None:
    for command in ("orders", "outbox", "ldr"):
        said = types(command, "123")
        assert (said.status, said.out) == (1, "")
        assert "shop 123 has no settings" in said.error


def test_a_command_that_is_not_understood_ends_with_two(types: Types) -> None:
    assert types("orders").status == 2
    assert types("no-such-command").status == 2


def test_the_outbox_counts_and_names_what_is_to_be_told(world: World, shop: Connected, types: Types) -> None:
    order = world.order(shop, MUG)
    world.cycle(5, skip=["push_channeladvisor", "push_oms"])
    found = asks(types, "outbox", shop.id)
    assert [(each["to"], each["what"], each["entries"]) for each in found["counts"]] == [
        ("ChannelAdvisor", "create the order", 1),
        ("the OMS", "create the order", 1),
    ]
    words = {entry["to"]: entry["words"] for entry in found["entries"]}
    assert words["ChannelAdvisor"] == "due now"
    assert words["the OMS"].startswith("waits for ChannelAdvisor: create the order")
    assert {entry["order"] for entry in found["entries"]} == {order}
    assert len(asks(types, "outbox", shop.id, "--to", "oms")["entries"]) == 1
    assert types("outbox", shop.id, "--to", "nobody").status == 1
    assert "2 things to be told" in types("outbox", shop.id).words


def test_failed_entries_are_grouped_by_their_reason(world: World, shop: Connected, types: Types) -> None:
    world.oms.know_only(["TEE-BLU-M"])
    orders = [world.order(shop, MUG) for _ in range(2)]
    world.until_released()
    found = asks(types, "outbox", shop.id, "--failed")
    assert sorted(entry["order"] for entry in found["entries"]) == sorted(orders)
    assert list(found["reasons"].values()) == [2]
    (reason,) = found["reasons"]
    assert reason in types("outbox", shop.id, "--failed", "--limit", "1").words
    assert asks(types, "outbox", shop.id, "--failed", "--to", "tiktok")["entries"] == []


def test_the_late_dispatch_rate_says_what_would_become_of_it(world: World, shop: Connected, types: Types) -> None:
    empty = asks(types, "ldr", shop.id)
    assert (empty["now"]["words"], empty["now"]["percent"], empty["what_if"]) == ("no data", None, None)
    world.order(shop, MUG)
    world.cycle(6)
    world.advance(timedelta(days=5))
    world.order(shop, TEE)
    world.cycle()
    (order,) = [row["order"] for row in asks(types, "orders", shop.id, "--late")["orders"]]
    world.tiktok.cancel_by_platform(order)
    world.cycle()
    world.advance(timedelta(days=1))
    told = asks(types, "ldr", shop.id, "--late", "1", "--in-time", "98")
    assert (told["now"]["late"], told["now"]["orders"]) == (1, 1)
    assert told["in_time_to_recover"] == 24
    assert (told["what_if"]["percent"], told["what_if"]["headroom"]) == ("2.00", 2)
    shown = types("ldr", shop.id, "--late", "1", "--in-time", "98").words
    assert told["what_if_words"] in shown
    assert "24 more orders dispatched in time" in shown
    for name, value in told["lines"].items():
        assert name in shown
        assert value in shown


def test_the_reading_commands_work_on_dynamodb_and_invoke_only_to_explain(operator: Operator, shop: Connected) -> None:
    """The same against DynamoDB; `operator`'s shop stands for the fixture above."""
    del shop
    operator.account.invoke("change_settings", starts_at="2026-01-01T00:00:00Z")
    own = operator.account.shop_id
    order = place(operator)
    operator.account.invoke("poll_tiktok")
    assert operator.asks("explain", order)["order"] == order
    assert operator.asks("orders", own)["total"] == 1
    assert operator.asks("orders", own, "--stuck")["items"] == []
    assert operator.asks("outbox", own)["shop"] == own
    assert operator.asks("ldr", own, "--orders")["overdue_now"] == []
    assert operator.asks("edt", own, "TEE-BLU-M")["sku"] == "TEE-BLU-M"
    assert "Every counter was right" in operator.types("recount", own, "--days", "2").words
