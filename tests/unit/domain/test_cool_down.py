from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.domain.cool_down import hold_ends_at, release_slot
from order_sync.domain.timing import Timing
from tests.builders import NOON, TIMING, a_shop, minutes, some_facts

MOMENTS = st.integers(0, 10 * 365 * 86_400 * 1_000_000).map(
    lambda microseconds: NOON + timedelta(microseconds=microseconds)
)
SLOTS = st.integers(min_value=1, max_value=3600).map(lambda seconds: timedelta(seconds=seconds))


def test_the_hold_runs_for_an_hour_from_payment() -> None:
    paid_later = some_facts("ON_HOLD", paid_at=NOON + minutes(20))
    assert hold_ends_at(paid_later, a_shop(), TIMING) == NOON + minutes(80)


def test_without_a_payment_time_the_hold_runs_from_creation() -> None:
    cash_on_delivery = some_facts("AWAITING_SHIPMENT", paid_at=None)
    assert hold_ends_at(cash_on_delivery, a_shop(), TIMING) == NOON + minutes(60)


def test_an_unpaid_order_has_no_end_of_its_hold() -> None:
    assert hold_ends_at(some_facts("UNPAID"), a_shop(), TIMING) is None


def test_a_pre_order_is_held_until_its_release_date() -> None:
    release_date = NOON + timedelta(days=30)
    assert hold_ends_at(some_facts("ON_HOLD", release_at=release_date), a_shop(), TIMING) == release_date


def test_a_release_date_that_is_past_does_not_shorten_the_hold() -> None:
    facts = some_facts("ON_HOLD", release_at=NOON - timedelta(days=1))
    assert hold_ends_at(facts, a_shop(), TIMING) == NOON + minutes(60)


@pytest.mark.parametrize(
    ("release_at", "end"),
    [(None, NOON + minutes(60 + 45)), (NOON + timedelta(days=30), NOON + timedelta(days=30) + minutes(45))],
)
def test_a_shop_s_extra_hold_comes_on_top(release_at: datetime | None, end: datetime) -> None:
    facts = some_facts("ON_HOLD", release_at=release_at)
    assert hold_ends_at(facts, a_shop(extra_hold_minutes=45), TIMING) == end


@pytest.mark.parametrize(
    ("hold_end", "now", "slot"),
    [
        (NOON + minutes(5), NOON, NOON + minutes(5)),
        (NOON + minutes(5) + timedelta(microseconds=1), NOON, NOON + minutes(10)),
        (NOON + minutes(7), NOON, NOON + minutes(10)),
        (NOON, NOON, NOON + minutes(5)),
        (NOON, NOON - timedelta(microseconds=1), NOON),
        (NOON - minutes(30), NOON + minutes(1), NOON + minutes(5)),
        (NOON - minutes(30), NOON + minutes(5), NOON + minutes(10)),
    ],
)
def test_the_slot_is_the_first_after_the_hold_and_after_now(hold_end: datetime, now: datetime, slot: datetime) -> None:
    assert release_slot(hold_end, now, TIMING) == slot


def test_an_unpaid_order_is_looked_at_again_one_hold_later() -> None:
    assert release_slot(None, NOON, TIMING) == NOON + minutes(60)


@given(hold_end=MOMENTS, now=MOMENTS, length=SLOTS)
def test_a_slot_is_never_early_never_past_and_never_a_whole_slot_late(
    hold_end: datetime, now: datetime, length: timedelta
) -> None:
    slot = release_slot(hold_end, now, Timing(release_slot=length))
    assert slot > now
    assert slot >= hold_end
    assert slot - max(now, hold_end) <= length
    assert slot - length < hold_end or slot - length <= now
    assert (slot - datetime(1970, 1, 1, tzinfo=UTC)) % length == timedelta(0)
