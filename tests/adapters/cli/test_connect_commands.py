"""A seller's shops are connected by command: with a link, and with what the seller's browser ended at."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from order_sync.ledger.once import Consents
from tests.adapters.cli.operator import Operator

BEGIN_WITH = {"channeladvisor": {"account": "example", "profile_id": 12345678}}


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """A file with what new shops begin with."""
    file = tmp_path / "my_shops.json"
    file.write_text(json.dumps(BEGIN_WITH))
    return str(file)


def agree(operator: Operator, link: str) -> str:
    """The seller agrees; the address at which the browser ends."""
    tiktok = operator.account.tiktok
    tiktok.register("https://orders.example.com/connect")
    tiktok.sign_in(operator.account.shop)
    page = urlsplit(link)
    answer = httpx.get(f"{os.environ['TIKTOK_API_URL']}{page.path}?{page.query}", trust_env=False)
    return answer.headers["location"]


@pytest.fixture
def link(operator: Operator, settings: str) -> str:
    """The link for a seller, of an app whose credentials were given by command."""
    app = ("app", "app-secret", operator.account.tiktok.service_id)
    assert operator.types("credentials", "tiktok-app", hidden=app).status == 0
    said = operator.asks("connect", "begin", "--region", "us", "--settings", settings)
    assert said["good_until"]
    return str(said["consent_link"])


def test_a_seller_agrees_and_the_shop_is_there_switched_off_until_an_operator_switches_it_on(
    operator: Operator, link: str
) -> None:
    address = agree(operator, link)
    said = operator.types("connect", "paste", hidden=(address,))
    assert said.status == 0, said.error
    shop = operator.account.shop_id
    assert f"connected: {shop}" in said.out
    (listed,) = operator.asks("shops")
    assert (listed["shop"], listed["active"], listed["starts_at"]) == (shop, False, None)
    assert listed["authorizations"] == {"tiktok_shop": "authorized"}
    assert operator.asks("shops", "switch-on", shop)["starts_at"]
    assert operator.account.run("poll_tiktok", {"shop": shop})["orders_read"] == 0


def test_the_link_is_shown_whole_so_that_it_can_be_copied(operator: Operator, link: str, settings: str) -> None:
    said = operator.types("connect", "begin", "--region", "US", "--settings", settings)
    assert any(line.startswith(link.partition("state=")[0]) for line in said.out.splitlines())


def test_a_code_alone_is_taken_from_the_standard_input_and_only_once(
    operator: Operator, link: str, settings: str
) -> None:
    code = httpx.URL(agree(operator, link)).params["code"]
    said = operator.asks("connect", "paste", "-", "--settings", settings, lines=f"{code}\n")
    assert said["connected"] == [operator.account.shop_id]
    again = operator.types("connect", "paste", "-", "--settings", settings, lines=code)
    assert (again.status, again.out) == (1, "")
    assert code not in again.error


def test_a_known_shop_that_was_switched_on_keeps_its_settings_and_the_command_says_so(
    operator: Operator, link: str, settings: str
) -> None:
    operator.types("connect", "paste", hidden=(agree(operator, link),))
    shop = operator.account.shop_id
    operator.asks("shops", "switch-on", shop)
    code = operator.account.tiktok.consent(operator.account.shop)
    said = operator.types("connect", "paste", "-", "--settings", settings, lines=code)

    assert f"Shop {shop} was known and keeps its settings" in said.words


def test_an_address_whose_state_a_failed_redirect_used_up_is_taken_with_the_settings(
    operator: Operator, link: str, settings: str
) -> None:
    address = agree(operator, link)
    Consents(operator.stack.table, operator.stack.now).redeem(httpx.URL(address).params["state"])
    said = operator.types("connect", "paste", hidden=(address,))
    assert (said.status, "paste only the code, with --settings" in said.error) == (1, True)

    assert operator.types("connect", "paste", "--settings", settings, hidden=(address,)).status == 0
    assert operator.asks("shops")[0]["shop"] == operator.account.shop_id


def test_what_cannot_be_connected_is_told_with_its_reason_and_counts_as_failed(operator: Operator, link: str) -> None:
    """A code alone brings no settings, and none are given beside it."""
    code = httpx.URL(agree(operator, link)).params["code"]
    said = operator.types("--json", "connect", "paste", "-", lines=code)
    assert said.status == 1
    assert "channeladvisor" in said.value["not_connected"][operator.account.shop_id]


def test_bad_settings_are_refused_before_the_seller_is_asked(operator: Operator, link: str, tmp_path: Path) -> None:
    assert link
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(BEGIN_WITH | {"time_zone": "Mars/Olympus"}))
    said = operator.types("connect", "begin", "--region", "US", "--settings", str(file))
    assert (said.status, "time_zone" in said.error) == (1, True)
    assert operator.types("connect", "begin", "--region", "Mars", "--settings", str(file)).status == 2


def test_the_address_is_no_argument(operator: Operator) -> None:
    assert operator.types("connect", "paste", "https://orders.example.com/connect?code=x").status == 2
