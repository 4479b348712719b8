"""Shops are listed, shown, switched and changed by command, and what is bad is refused with its name."""

import json
from pathlib import Path

import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from tests.adapters.cli.operator import Operator, place


def test_no_shop_yet_says_what_is_the_first_step(operator: Operator) -> None:
    assert "order-sync connect begin" in operator.types("shops").out
    assert operator.asks("shops", "list") == []


def test_a_shop_is_listed_and_shown_with_how_far_its_polls_have_read(operator: Operator, shop: str) -> None:
    place(operator)
    operator.account.invoke("poll_tiktok")
    (listed,) = operator.asks("shops", "list")
    assert (listed["shop"], listed["active"], listed["notices"], listed["failed_entries"]) == (shop, True, 0, 0)

    shown = operator.asks("shops", "show", shop)
    assert [each["poll"] for each in shown["polls"]] == ["poll_tiktok"]
    (feed,) = shown["feeds"]
    assert (feed["feed"], feed["age_minutes"]) == ("orders", 0)
    words = operator.types("shops", "show", shop).words
    assert "poll_tiktok" in words
    assert "minutes ago" in words


def test_a_shop_is_switched_off_and_on(operator: Operator, shop: str) -> None:
    assert operator.asks("shops", "switch-off", shop)["active"] is False
    assert not operator.stack.shop(shop).active
    said = operator.asks("shops", "switch-on", shop)
    assert (said["active"], said["starts_at"]) == (True, "2026-01-01T00:00:00Z")
    assert operator.stack.shop(shop).active


def test_settings_are_shown_and_set_by_their_dotted_names(operator: Operator, shop: str) -> None:
    said = operator.types(
        "shops",
        "set",
        shop,
        "extra_hold_minutes=30",
        "channeladvisor.account=4711",
        "channeladvisor.paid_on_create=true",
    )
    assert said.status == 0, said.error
    settings = operator.asks("shops", "settings", shop)
    assert settings["extra_hold_minutes"] == 30
    # Text that looks like a number stays text.
    assert settings["channeladvisor"]["account"] == "4711"
    assert settings["channeladvisor"]["paid_on_create"] is True
    assert "channeladvisor.paid_on_create True" in operator.types("shops", "settings", shop).words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("time_zone=Mars/Olympus", "time_zone"),
        ("oms.colour=red", "oms.colour"),
        ("nothing.such=1", "nothing.such"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_nothing_is_changed(
    operator: Operator, shop: str, change: str, words: str
) -> None:
    before = operator.asks("shops", "settings", shop)
    said = operator.types("shops", "set", shop, "extra_hold_minutes=5", change)
    assert said.status == 1
    assert words in said.error
    assert len(said.error.splitlines()) == 1
    assert operator.asks("shops", "settings", shop) == before


def test_what_is_no_change_is_not_understood(operator: Operator, shop: str) -> None:
    assert operator.types("shops", "set", shop, "extra_hold_minutes").status == 2


def test_whole_settings_are_applied_from_a_file_and_from_the_standard_input(
    operator: Operator, shop: str, tmp_path: Path
) -> None:
    settings = operator.account.settings | {"name": "Renamed"}
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(settings))
    assert operator.types("shops", "apply", str(file)).status == 0
    assert operator.stack.shop(shop).name == "Renamed"
    operator.asks("shops", "apply", "-", lines=json.dumps(settings | {"name": "Again"}))
    assert operator.stack.shop(shop).name == "Again"


def test_applying_a_file_without_active_leaves_a_shop_switched_off(operator: Operator, shop: str) -> None:
    operator.asks("shops", "switch-off", shop)
    settings = {name: value for name, value in operator.account.settings.items() if name != "active"}
    said = operator.asks("shops", "apply", "-", lines=json.dumps(settings | {"name": "Renamed"}))

    assert (said["active"], said["starts_at"]) == (False, "2026-01-01T00:00:00+00:00")
    assert not operator.stack.shop(shop).active


@pytest.mark.parametrize(("active", "word"), [(False, "off"), (True, "on")])
def test_applying_a_file_asks_before_it_switches_a_shop(
    operator: Operator, shop: str, tmp_path: Path, *, active: bool, word: str
) -> None:
    operator.asks("shops", "switch-on" if word == "off" else "switch-off", shop)
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(operator.account.settings | {"active": active}))
    said = operator.types("shops", "apply", str(file), lines="n\n")
    assert (said.status, f"Switch shop {shop} {word}?" in said.error) == (1, True)
    assert operator.stack.shop(shop).active is not active

    assert operator.asks("shops", "apply", str(file), "--yes")["active"] is active


@pytest.mark.parametrize(("text", "words"), [("{", "is not JSON"), ("[]", "must be a JSON object")])
def test_a_file_that_is_no_settings_is_refused_in_a_sentence(
    operator: Operator, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "shop.json"
    file.write_text(text)
    said = operator.types("shops", "apply", str(file))
    assert (said.status, words in said.error) == (1, True)
    assert "cannot be read" in operator.types("shops", "apply", str(tmp_path / "none.json")).error


def test_notices_are_shown_and_lifted_once_they_were_seen_to(operator: Operator, shop: str) -> None:
    operator.stack.shops.put_notice(ShopId(shop), "carrier not offered", "usps is gone")
    assert "usps is gone" in operator.types("shops", "show", shop).out
    assert operator.asks("shops", "lift", shop, "carrier not offered")["notices_lifted"] == 1
    assert operator.asks("shops", "show", shop)["notices"] == {}
    said = operator.types("shops", "lift", shop, "carrier not offered")
    assert (said.status, "has no notice 'carrier not offered' to lift" in said.error) == (1, True)


def test_a_shop_whose_settings_went_bad_is_still_listed_with_what_is_bad(operator: Operator, shop: str) -> None:
    client = operator.stack.client("dynamodb")
    client.update_item(
        TableName="ledger",
        Key={"pk": {"S": "SHOPS"}, "sk": {"S": shop}},
        UpdateExpression="SET settings = :bad",
        ExpressionAttributeValues={":bad": {"S": "{"}},
    )
    (listed,) = operator.asks("shops")
    assert "not JSON" in listed["trouble"]
    with pytest.raises(RejectedError):
        operator.stack.shop(shop)
    assert operator.types("shops", "show", shop).status == 1


def test_a_shop_that_is_not_connected_is_refused_in_a_sentence(operator: Operator) -> None:
    said = operator.types("shops", "show", "4711")
    assert (said.status, said.out) == (1, "")
    assert "shop 4711 has no settings" in said.error
