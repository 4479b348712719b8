import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.errors import RejectedError
from order_sync.domain.shop import ShopSettings
from order_sync.ledger.shops import read_settings
from tests.builders import a_shop

SECRET = "s3cret"
GOOD: dict[str, Any] = json.loads(a_shop().model_dump_json())


def changed(path: str, value: object) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(json.dumps(GOOD))
    *parents, name = path.split(".")
    place = settings
    for parent in parents:
        place = place[parent]
    place[name] = value
    return settings


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("shop", SECRET, "shop:"),
        ("shop", 7495540735365777507, "shop:"),
        ("shop", "", "shop:"),
        ("name", 5, "name:"),
        ("region", SECRET, "region:"),
        ("time_zone", SECRET, "time_zone:"),
        ("time_zone", "America", "time_zone:"),
        ("time_zone", "../" + SECRET, "time_zone:"),
        ("time_zone", "", "time_zone:"),
        ("time_zone", SECRET * 99, "time_zone:"),
        ("tiktok_cipher", "", "tiktok_cipher:"),
        ("active", SECRET, "active:"),
        ("starts_at", SECRET, "starts_at:"),
        ("starts_at", "2026-06-01T12:00:00", "starts_at:"),
        ("channeladvisor", SECRET, "channeladvisor:"),
        ("channeladvisor.account", "a/" + SECRET, "channeladvisor.account:"),
        ("channeladvisor.profile_id", 0, "channeladvisor.profile_id:"),
        ("channeladvisor.order_id_field", SECRET, "channeladvisor.order_id_field:"),
        ("channeladvisor.paid_on_create", SECRET, "channeladvisor.paid_on_create:"),
        ("oms.adapter", SECRET, "oms.adapter:"),
        ("oms.url", f"http://{SECRET}.example.com", "oms: Value error, url"),
        ("oms.url", f"http://127.0.0.1.{SECRET}.example.com", "oms: Value error, url"),
        ("oms.url", f"https://user:{SECRET}@oms.example.com", "oms: Value error, url"),
        ("oms.url", f"http://127.0.0.1@{SECRET}.example.com", "oms: Value error, url"),
        ("oms.url", f"https://oms.example.com/?key={SECRET}", "oms: Value error, url"),
        ("oms.url", f"https://oms.example.com/#{SECRET}", "oms: Value error, url"),
        ("oms.url", f"https://oms.example.com\\{SECRET}", "oms: Value error, url"),
        ("oms.url", f"https://oms.example.com/a {SECRET}", "oms: Value error, url"),
        ("oms.url", f"https://oms.example.com:{SECRET}", "oms: Value error, url"),
        ("oms.url", f"https://[{SECRET}", "oms: Value error, url"),
        ("oms.url", "http://localhost:8080", "oms: Value error, url"),
        ("oms.url", "https://", "oms: Value error, url"),
        ("oms.url", "", "oms: Value error, url"),
        ("extra_hold_minutes", -1, "extra_hold_minutes:"),
        ("extra_hold_minutes", 24 * 60 + 1, "extra_hold_minutes:"),
        ("extra_hold_minutes", 1.5, "extra_hold_minutes:"),
        ("shipping_mappings", SECRET, "shipping_mappings:"),
        ("shipping_mappings", [{"carrier": "", "code": "usps"}], "shipping_mappings.0.carrier:"),
        ("shipping_mappings", [{"carrier": "x", "code": ""}], "shipping_mappings.0.code:"),
        ("shipping_mappings", [{"carrier": "x", "code": SECRET}], "shipping_mappings.0.code:"),
        ("shipping_mappings", [{"carrier": "x", "code": "EVRi"}], "shipping_mappings.0.code:"),
        ("cancellations", SECRET, "cancellations:"),
        ("cancellations.without_answer", SECRET, "cancellations.without_answer:"),
        ("cancellations.without_answer", "", "cancellations.without_answer:"),
        ("cancellations.margin_minutes", -1, "cancellations.margin_minutes:"),
        # The shop's rule must have answered before TikTok Shop approves.
        ("cancellations.margin_minutes", 0, "cancellations.margin_minutes:"),
        ("cancellations.margin_minutes", 14, "cancellations.margin_minutes:"),
        ("cancellations.margin_minutes", 12 * 60 + 1, "cancellations.margin_minutes:"),
        ("cancellations.margin_minutes", 1.5, "cancellations.margin_minutes:"),
        ("cancellations.restock", SECRET, "cancellations.restock:"),
        ("cancellations.restock", True, "cancellations.restock:"),
        ("cancellations.default_reason", SECRET, "cancellations.default_reason:"),
        ("cancellations.misspelt", SECRET, "cancellations.misspelt:"),
        ("misspelt", SECRET, "misspelt:"),
    ],
)
def test_a_bad_setting_is_refused_with_its_name_and_without_its_value(setting: str, value: object, named: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        read_settings("7", json.dumps(changed(setting, value)))
    assert str(refusal.value).startswith("settings of shop 7: ")
    assert named in str(refusal.value)
    assert SECRET not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize("setting", ["shop", "name", "region", "time_zone", "tiktok_cipher", "starts_at"])
def test_a_missing_setting_is_named(setting: str) -> None:
    settings = {name: value for name, value in GOOD.items() if name != setting}
    with pytest.raises(RejectedError, match=rf"settings of shop 7: {setting}: Field required"):
        read_settings("7", json.dumps(settings))


def test_every_bad_setting_is_named_at_once() -> None:
    with pytest.raises(RejectedError, match=r"name: .*; region: "):
        read_settings("7", json.dumps(GOOD | {"name": 5, "region": "FR"}))


@pytest.mark.parametrize("text", ["", "{", SECRET, f'{{"name": "{SECRET}"'])
def test_settings_that_are_not_json_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(RejectedError, match="settings of shop 7 are not JSON") as refusal:
        read_settings("7", text)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("text", ["[]", "null", '"text"', "5"])
def test_settings_that_are_no_object_are_refused(text: str) -> None:
    with pytest.raises(RejectedError, match="settings of shop 7: settings: "):
        read_settings("7", text)


def test_good_settings_are_read_as_they_were_written() -> None:
    shop = a_shop(
        extra_hold_minutes=90,
        shipping_mappings=[{"carrier": "Ünïted", "shipping_class": "Übernacht", "code": "ups"}],
    )
    assert read_settings(shop.shop, shop.model_dump_json()) == shop
    assert shop.extra_hold == timedelta(minutes=90)


def test_a_shop_that_says_nothing_about_cancellations_gets_the_careful_choices() -> None:
    settings = {name: value for name, value in GOOD.items() if name != "cancellations"}
    chosen = ShopSettings.model_validate(settings).cancellations
    assert (chosen.without_answer, chosen.margin, chosen.restock, chosen.default_reason) == (
        "reject_if_packed",
        timedelta(minutes=45),
        "never",
        SellerReason.OUT_OF_STOCK,
    )


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("without_answer", ["reject_if_packed", "approve", "leave_to_tiktok"]),
        ("restock", ["never", "always", "unless_out_of_stock"]),
        ("margin_minutes", [15, 45, 12 * 60]),
        ("default_reason", ["out_of_stock", "wrong_price", "address_not_deliverable", "buyer_requested"]),
    ],
)
def test_every_choice_about_cancellations_is_read_as_it_was_written(setting: str, values: list[object]) -> None:
    for value in values:
        shop = read_settings("7", json.dumps(changed("cancellations", {setting: value})))
        assert getattr(shop.cancellations, setting) == value


@pytest.mark.parametrize("url", ["https://oms.example.com/api", "http://127.0.0.1:8080", "http://127.0.0.1"])
def test_an_oms_is_reached_by_tls_or_on_this_machine(url: str) -> None:
    assert a_shop(oms={"adapter": "rest", "url": url}).has_oms


def test_an_oms_inside_channeladvisor_needs_no_address() -> None:
    settings = {name: value for name, value in GOOD.items() if name != "oms"}
    assert not ShopSettings.model_validate(settings).has_oms


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        a_shop().name = "Another"
