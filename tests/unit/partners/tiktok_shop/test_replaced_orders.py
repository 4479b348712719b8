from typing import Any

import pytest

from order_sync.partners.tiktok_shop.mapping import Reading, read_order
from tests.unit.partners.tiktok_shop.payloads import a_payload

OLD, OTHER = "576461413038780000", "576461413038781111"
UNREADABLE = ("replaced order that cannot be read",)


def read(**changes: Any) -> tuple[str, tuple[str, ...]]:
    """Which order is replaced, and what of the order is unknown."""
    reading, unknown = read_order(a_payload(**changes), b"key")
    assert isinstance(reading, Reading)
    return reading.facts.replaces, unknown


def test_a_plain_order_replaces_none() -> None:
    assert read() == ("", ())


def test_a_replacement_names_the_order_that_it_replaces() -> None:
    assert read(is_replacement_order=True, replaced_order_id=OLD) == (OLD, ())


def test_an_exchange_names_the_order_that_it_comes_from() -> None:
    assert read(is_exchange_order=True, exchange_source_order_id=OLD) == (OLD, ())
    assert read(exchange_source_order_id=OLD) == (OLD, ())


@pytest.mark.parametrize("flag", [False, None, "", "true", 1])
def test_what_is_no_replacement_replaces_none(flag: object) -> None:
    assert read(is_replacement_order=flag, replaced_order_id=OLD) == ("", ())
    assert read(is_replacement_order=flag, replaced_order_id=OLD, exchange_source_order_id=OTHER) == (OTHER, ())


def test_a_replacement_of_an_exchanged_order_follows_the_replacement() -> None:
    found = read(is_replacement_order=True, replaced_order_id=OLD, exchange_source_order_id=OTHER)
    assert found == (OLD, ())


@pytest.mark.parametrize("absent", [None, "", "0"])
def test_an_absent_order_is_none_however_tiktok_leaves_it_out(absent: str | None) -> None:
    found = read(is_replacement_order=True, replaced_order_id=absent, exchange_source_order_id=absent)
    assert found == ("", ())


@pytest.mark.parametrize("bad", [576461413038780000, ["576"], {}, True, "Jane's order", "5" * 65])
def test_what_cannot_be_read_is_counted_and_leaves_the_order_readable(bad: object) -> None:
    assert read(exchange_source_order_id=bad) == ("", UNREADABLE)
    assert read(is_replacement_order=True, replaced_order_id=bad) == ("", UNREADABLE)
    both = read(is_replacement_order=True, replaced_order_id=bad, exchange_source_order_id=OTHER)
    assert both == (OTHER, UNREADABLE)
