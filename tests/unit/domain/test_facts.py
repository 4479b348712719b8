from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.statuses import TikTokStatus
from tests.builders import NOON, minutes, some_facts, some_lines

TRACKED = ["AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"]
NOT_TRACKED = ["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "CANCELLED", "SOMETHING_NEW"]
COLLECTED = ["IN_TRANSIT", "DELIVERED", "COMPLETED"]
SEEN_AFTER = timedelta(days=5)


def after(number: float) -> datetime:
    """So many minutes after noon."""
    return NOON + minutes(number)


def two_lines(first: datetime | None, last: datetime | None, **changes: Any) -> tuple[LineFacts, ...]:
    """Two lines, each in a parcel of its own, with the times their tracking was added."""
    one, two = some_lines(**changes)
    return (
        replace(one, package_id="P1", tracking_added_at=first),
        replace(two, package_id="P2", tracking_added_at=last),
    )


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


@pytest.mark.parametrize("status", TRACKED)
def test_tracking_is_added_with_the_last_parcel(status: str) -> None:
    facts = some_facts(status, lines=two_lines(after(10), after(30)), tracking_added_at=after(20))
    assert facts.all_tracking_added_at == after(30)


@pytest.mark.parametrize("status", NOT_TRACKED)
def test_tracking_is_not_added_while_a_line_is_in_no_parcel(status: str) -> None:
    facts = some_facts(status, lines=two_lines(after(10), after(30)), tracking_added_at=after(20))
    assert facts.all_tracking_added_at is None


def test_a_cancelled_line_s_parcel_does_not_count() -> None:
    one, two = two_lines(after(10), after(30))
    facts = some_facts("AWAITING_COLLECTION", lines=(one, replace(two, canceled=True)))
    assert facts.all_tracking_added_at == after(10)


def test_the_order_s_time_of_tracking_stands_in_for_its_lines() -> None:
    facts = some_facts("AWAITING_COLLECTION", lines=two_lines(None, None), tracking_added_at=after(20))
    assert facts.all_tracking_added_at == after(20)


@pytest.mark.parametrize(("order_s", "found"), [(5, 10), (20, 20), (None, 10)])
def test_where_one_line_has_no_time_the_later_of_the_other_line_s_and_the_order_s_counts(
    order_s: float | None, found: float
) -> None:
    added_at = None if order_s is None else after(order_s)
    facts = some_facts("AWAITING_COLLECTION", lines=two_lines(after(10), None), tracking_added_at=added_at)
    assert facts.all_tracking_added_at == after(found)


def test_tracking_without_any_time_was_added_when_it_was_seen_at_the_latest() -> None:
    facts = some_facts("AWAITING_COLLECTION", seen_after=SEEN_AFTER)
    assert facts.all_tracking_added_at == NOON + SEEN_AFTER


@pytest.mark.parametrize("status", COLLECTED)
def test_an_order_is_collected_when_tiktok_says_and_not_when_that_is_seen(status: str) -> None:
    facts = some_facts(status, seen_after=SEEN_AFTER, collected_at=after(60), delivered_at=after(90))
    assert facts.all_collected_at == after(60)


@pytest.mark.parametrize("status", [*NOT_TRACKED, "AWAITING_COLLECTION"])
def test_an_order_of_another_status_is_not_collected(status: str) -> None:
    assert some_facts(status, collected_at=after(60)).all_collected_at is None


@pytest.mark.parametrize(("collected", "found"), [(20, 30), (30, 30), (40, 40)])
def test_a_collection_before_the_last_parcel_had_tracking_is_the_first_parcel_s(collected: float, found: float) -> None:
    facts = some_facts("IN_TRANSIT", lines=two_lines(after(10), after(30)), collected_at=after(collected))
    assert facts.all_collected_at == after(found)


def test_a_single_parcel_may_be_collected_before_its_tracking_is_added() -> None:
    lines = some_lines(package_id="P1", tracking_added_at=after(30))
    assert some_facts("IN_TRANSIT", lines=lines, collected_at=after(20)).all_collected_at == after(20)


def test_a_cancelled_line_s_parcel_does_not_move_the_collection() -> None:
    one, two = two_lines(after(10), after(30))
    facts = some_facts("IN_TRANSIT", lines=(one, replace(two, canceled=True)), collected_at=after(20))
    assert facts.all_collected_at == after(20)


def test_a_line_that_names_no_package_is_no_parcel_of_its_own() -> None:
    one, two = two_lines(after(10), after(30))
    facts = some_facts("IN_TRANSIT", lines=(one, replace(two, package_id="")), collected_at=after(20))
    assert facts.all_collected_at == after(20)


def test_a_collection_of_several_parcels_stands_where_no_time_of_tracking_is_shown() -> None:
    facts = some_facts("IN_TRANSIT", seen_after=SEEN_AFTER, lines=two_lines(None, None), collected_at=after(20))
    assert facts.all_collected_at == after(20)


def test_a_collection_without_a_time_was_before_the_delivery_or_when_it_was_seen() -> None:
    assert some_facts("DELIVERED", seen_after=SEEN_AFTER, delivered_at=after(90)).all_collected_at == after(90)
    assert some_facts("IN_TRANSIT", seen_after=SEEN_AFTER).all_collected_at == NOON + SEEN_AFTER
