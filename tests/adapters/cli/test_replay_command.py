"""What failed is shown by its reason, and sent again once the operator agrees."""

import pytest

from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.outbox import EntryState
from tests.adapters.cli.operator import Operator, place

GIVE_TO_OMS = "OMS#CREATE_ORDER#order#1"


@pytest.fixture
def failed(operator: Operator, shop: str) -> list[str]:
    """Two orders of the shop that the OMS refused, which it would take now."""
    operator.stack.shop(shop)
    account = operator.account
    account.oms.know_only(["MUG-RED"])
    orders = [place(operator) for _ in range(2)]
    for function in ("poll_tiktok", "push_channeladvisor", "push_oms"):
        account.invoke(function)
    account.oms.know_only(["TEE-BLU-M"])
    return orders


def state_of(operator: Operator, shop: str, order: str) -> EntryState:
    record = operator.stack.ledger.load(ShopId(shop), OrderId(order))
    assert record
    entry = record.entry(GIVE_TO_OMS)
    assert entry
    return entry.state


def test_all_that_failed_is_shown_by_reason_and_goes_again_when_the_operator_agrees(
    operator: Operator, shop: str, failed: list[str]
) -> None:
    said = operator.types("replay", shop, "--all", lines="y\n")
    assert said.status == 0, said.error
    assert "Send 2 entries again?" in said.error
    assert "OMS CREATE_ORDER" in said.words
    assert "2 entries are sent again" in said.words
    assert operator.account.invoke("push_oms")["told_create_order"] == 2
    assert {state_of(operator, shop, order) for order in failed} == {EntryState.DONE}


def test_nothing_is_sent_when_the_operator_does_not_agree(operator: Operator, shop: str, failed: list[str]) -> None:
    assert operator.types("replay", shop, "--all", lines="n\n").status == 1
    assert {state_of(operator, shop, order) for order in failed} == {EntryState.FAILED}


@pytest.mark.usefixtures("failed")
def test_a_program_must_agree_beforehand(operator: Operator, shop: str) -> None:
    refused = operator.types("--json", "replay", shop, "--all")
    assert (refused.status, refused.out) == (1, "")
    assert "--yes" in refused.error
    said = operator.asks("replay", shop, "--all", "--yes")
    assert (said["entries_replayed"], said["remaining"]) == (2, 0)
    ((reason, entries, orders),) = [(each["reason"], each["entries"], each["orders"]) for each in said["found"]]
    assert ("TEE-BLU-M" in reason, entries, orders) == (True, 2, 2)


def test_one_order_or_one_entry_is_sent_again(operator: Operator, shop: str, failed: list[str]) -> None:
    first, second = failed
    assert operator.asks("replay", shop, "--order", first, "--yes")["entries_replayed"] == 1
    said = operator.asks("replay", shop, "--order", second, "--entry", GIVE_TO_OMS, "--yes")
    assert said["entries_replayed"] == 1
    assert operator.types("replay", shop, "--order", "4711", "--yes").error == (
        f"Order 4711 of shop {shop} is not known.\n"
    )
    refused = operator.types("replay", shop, "--order", first, "--entry", GIVE_TO_OMS, "--yes")
    assert (refused.status, f"no failed outbox entry '{GIVE_TO_OMS}'" in refused.error) == (1, True)


@pytest.mark.usefixtures("failed")
def test_a_reason_a_partner_or_a_kind_chooses(operator: Operator, shop: str) -> None:
    (entry, _) = operator.stack.ledger.failed_entries(ShopId(shop))
    assert entry.order in entry.reason
    assert operator.asks("replay", shop, "--reason", "no such reason")["found"] == []
    assert operator.asks("replay", shop, "--target", "channeladvisor")["entries_replayed"] == 0
    chosen = ("--reason", "oms: take order …: sku unknown", "--target", "oms", "--action", "create_order")
    assert operator.asks("replay", shop, *chosen, "--yes")["entries_replayed"] == 2
    assert "Nothing has failed" in operator.types("replay", shop, "--all").out


@pytest.mark.parametrize("options", [(), ("--all", "--order", "1"), ("--entry", "x"), ("--all", "--find")])
def test_what_does_not_say_which_is_not_understood(operator: Operator, shop: str, options: tuple[str, ...]) -> None:
    said = operator.types("replay", shop, *options)
    assert said.status == 2
    assert "say which" in " ".join(said.error.replace("│", " ").split())


def test_what_failed_before_an_upgrade_is_found_by_command(operator: Operator, shop: str, failed: list[str]) -> None:
    for order in failed:
        operator.stack.client("dynamodb").update_item(
            TableName="ledger",
            Key={"pk": {"S": f"ORDER#{shop}#{order}"}, "sk": {"S": f"OUTBOX#{GIVE_TO_OMS}"}},
            UpdateExpression="REMOVE due_list, due_at",
        )
    assert operator.asks("replay", shop, "--all", "--yes")["entries_replayed"] == 0
    assert operator.asks("replay", shop, "--find")["entries_found"] == 2
    assert operator.asks("replay", shop, "--all", "--yes")["entries_replayed"] == 2
