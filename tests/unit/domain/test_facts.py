from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.statuses import TikTokStatus
from tests.builders import NOON, some_facts, some_lines


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case tuple():
            return value[:1]
        case _:
            return NOON + timedelta(days=99)


def test_the_same_facts_have_the_same_digest() -> None:
    assert some_facts().digest == some_facts().digest
    assert len(some_facts().digest) == 12


@pytest.mark.parametrize("name", [field.name for field in fields(OrderFacts)])
def test_every_fact_of_an_order_counts_in_its_digest(name: str) -> None:
    changes = {name: changed(getattr(some_facts(), name))}
    assert replace(some_facts(), **changes).digest != some_facts().digest


@pytest.mark.parametrize("name", [field.name for field in fields(LineFacts)])
def test_every_fact_of_a_line_counts_in_the_digest(name: str) -> None:
    one, two = some_lines()
    changes = {name: changed(getattr(one, name))}
    assert some_facts(lines=(replace(one, **changes), two)).digest != some_facts().digest


def test_a_known_status_is_read_and_an_unknown_one_is_none() -> None:
    assert some_facts("ON_HOLD").status is TikTokStatus.ON_HOLD
    assert some_facts("SOMETHING_NEW").status is None


@pytest.mark.parametrize(
    ("fulfillment_type", "shipping_type", "reason"),
    [
        ("FULFILLMENT_BY_SELLER", "SELLER", ""),
        ("FULFILLMENT_BY_SELLER", "TIKTOK", "shipping type TIKTOK"),
        ("FULFILLMENT_BY_SELLER", "TIKTOK_DIGITAL", "shipping type TIKTOK_DIGITAL"),
        ("FULFILLMENT_BY_TIKTOK", "SELLER", "fulfilled by FULFILLMENT_BY_TIKTOK"),
        ("FULFILLMENT_BY_TIKTOK", "TIKTOK", "fulfilled by FULFILLMENT_BY_TIKTOK"),
        ("SOMETHING_NEW", "SELLER", "fulfilled by SOMETHING_NEW"),
    ],
)
def test_an_order_is_the_seller_s_only_when_the_seller_fulfils_and_ships_it(
    fulfillment_type: str, shipping_type: str, reason: str
) -> None:
    assert some_facts(fulfillment_type=fulfillment_type, shipping_type=shipping_type).third_party_reason == reason
