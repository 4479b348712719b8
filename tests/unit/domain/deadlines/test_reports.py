"""The Late Dispatch Rate in words."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import DispatchRates, Rate, Window
from order_sync.domain.deadlines.reports import (
    Figure,
    figures_of,
    headroom_words,
    late_order_words,
    note,
    side_by_side,
    verdict,
)
from order_sync.domain.records import OrderRecord
from tests.builders import ORDER_ID, seen
from tests.unit.domain.deadlines.orders_and_moments import (
    MONDAY,
    a_shop_by,
    deadlines_of,
    facts_at,
    local,
    looked,
)

GUIDE = "guide-2025-08"
SHOP = a_shop_by(GUIDE)
PROFILES = {(profile.region.value, profile.name): profile for profile in policy_profiles()}
WEEK = Window(first=date(2026, 3, 2), last=date(2026, 3, 8))
COUNTS = {
    "profile_on_time": 97,
    "profile_late": 3,
    "profile_late_canceled": 2,
    "profile_late_open": 4,
    "profile_canceled_in_time": 14,
    "tiktok_on_time": 99,
    "tiktok_late": 1,
    "late_canceled_by_platform": 1,
    "fulfilled_by_tiktok": 98,
    "seller_fault": 3,
    "differing": 6,
}


def test_a_report_says_every_figure_of_its_window() -> None:
    figures = figures_of(DispatchRates(window=WEEK, counts=COUNTS), PROFILES["US", GUIDE])
    assert {figure.name: figure.value for figure in figures} == {
        "policy profile": "guide-2025-08 (TikTok for Rithum: Order Management, 2025-08-19)",
        "window, by dispatch deadline": "2026-03-02 to 2026-03-08 (7 days)",
        "late dispatch rate": "4.90 % (5 of 102)",
        "verdict": "above 4.00 %: TikTok Shop may act",
        "headroom": "none: 1 late too many for 4.00 %",
        "reading: shipped orders only": "3.00 % (3 of 100)",
        "reading: cancelled late above the line only": "5.00 % (5 of 100)",
        "reading: with what TikTok Shop fulfilled": "2.50 % (5 of 200)",
        "reading: with open orders that are late": "8.49 % (9 of 106)",
        "by TikTok Shop's own deadlines": "1.00 % (1 of 100)",
        "orders whose deadline TikTok Shop has otherwise": "6",
        "dispatched late": "3",
        "cancelled after the deadline": "2, of which TikTok Shop cancelled 1",
        "open and late": "4",
        "seller-fault cancellation rate": "2.50 % (3 of 120)",
    }


def test_a_report_without_orders_says_that_there_is_no_data() -> None:
    values = {
        figure.name: figure.value
        for figure in figures_of(DispatchRates(window=WEEK, counts={}), PROFILES["GB", "uk-2024-11"])
    }
    assert values["late dispatch rate"] == values["verdict"] == values["headroom"] == "no data"
    assert "0.00 %" not in values.values()


@pytest.mark.parametrize(
    ("profile", "part", "orders", "expected"),
    [
        (GUIDE, 0, 0, "no data"),
        (GUIDE, 299, 10_000, "within 4.00 %"),
        (GUIDE, 3, 100, "warning: 3.00 % or more"),
        (GUIDE, 4, 100, "warning: 3.00 % or more"),
        (GUIDE, 401, 10_000, "above 4.00 %: TikTok Shop may act"),
        (GUIDE, 50, 100, "above 4.00 %: TikTok Shop may act"),
        ("us-2026-01", 4, 100, "warning: 3.00 % or more"),
        ("us-2026-01", 5, 100, "above the recommended 4.00 %; TikTok Shop acts above 10.00 %"),
        ("us-2026-01", 10, 100, "above the recommended 4.00 %; TikTok Shop acts above 10.00 %"),
        ("us-2026-01", 1001, 10_000, "above 10.00 %: TikTok Shop may act"),
    ],
)
def test_a_verdict_says_where_a_rate_stands(profile: str, part: int, orders: int, expected: str) -> None:
    assert verdict(Rate(part=part, orders=orders), PROFILES["US", profile]) == expected


@pytest.mark.parametrize(
    ("on_time", "late", "expected"),
    [
        (96, 4, "0 more late orders until 4.00 % is passed"),
        (97, 3, "1 more late order until 4.00 % is passed"),
        (192, 1, "7 more late orders until 4.00 % is passed"),
        (95, 5, "none: 1 late too many for 4.00 %"),
        (0, 3, "none: 3 late too many for 4.00 %"),
        (0, 0, "no data"),
    ],
)
def test_the_headroom_is_said_in_orders(on_time: int, late: int, expected: str) -> None:
    rates = DispatchRates(window=WEEK, counts={"profile_on_time": on_time, "profile_late": late})
    assert headroom_words(rates, Decimal("4.00")) == expected


def test_lines_stand_in_columns_alone_and_beside_others() -> None:
    left = [Figure(name="rate", value="4.90 %"), Figure(name="open and late", value="4")]
    right = [Figure(name="rate", value="5.88 %"), Figure(name="open and late", value="12")]
    assert side_by_side(left) == ["rate           4.90 %", "open and late  4"]
    assert side_by_side(left, right) == ["rate           4.90 %  5.88 %", "open and late  4       12"]


def test_reports_with_other_lines_are_not_put_beside_each_other() -> None:
    with pytest.raises(ValueError, match="shorter"):
        side_by_side([Figure(name="rate", value="1"), Figure(name="open", value="2")], [Figure(name="rate", value="1")])


@pytest.mark.parametrize(
    ("profile", "region", "newest"),
    [(GUIDE, "US", "us-2026-01"), ("us-2025-10", "US", "us-2026-01"), (GUIDE, "GB", "uk-2024-11")],
)
def test_a_report_notes_that_a_newer_profile_exists(profile: str, region: str, newest: str) -> None:
    text = note(a_shop_by(profile, region))
    assert text.startswith(f"Deadlines follow policy profile {profile} (")
    assert f"a newer one of {region} exists: {newest} (" in text


@pytest.mark.parametrize(
    ("profile", "region"), [("us-2026-01", "US"), ("by_date", "US"), ("uk-2024-11", "GB"), ("by_date", "GB")]
)
def test_a_report_of_the_newest_profile_has_no_note(profile: str, region: str) -> None:
    assert note(a_shop_by(profile, region)) == ""


PLACED = local(MONDAY)
LATE = local("2026-03-06 10:05:00")


def an_order(status: str, at: datetime = LATE, **changes: Any) -> OrderRecord:
    record = seen(facts_at(PLACED), shop=SHOP, at=PLACED + timedelta(hours=3))
    return seen(
        facts_at(PLACED, status, seen_after=at - PLACED, **changes), record, shop=SHOP, at=at + timedelta(hours=1)
    )


def words(record: OrderRecord) -> str:
    return late_order_words(record.order, deadlines_of(record), SHOP)


START = f"order {ORDER_ID}: "
DUE = "due Thu 2026-03-05 23:59 under guide-2025-08"


def test_an_order_dispatched_late_is_said_with_its_deadline_and_how_late_it_was() -> None:
    record = an_order("IN_TRANSIT", collected_at=LATE)
    assert words(record) == f"{START}dispatched late; {DUE}; in_transit Fri 2026-03-06 10:05 (10 h 05 min late)"


def test_an_order_cancelled_late_is_said_with_the_moment_of_its_cancellation() -> None:
    at = local("2026-03-09 08:00:00")
    record = an_order("CANCELLED", at, canceled_at=at, canceled_by="BUYER")
    assert (
        words(record)
        == f"{START}cancelled after its deadline; {DUE}; cancelled Mon 2026-03-09 08:00 (79 h 00 min late)"
    )


def test_an_open_late_order_is_said_with_its_deadline() -> None:
    record, _ = looked(an_order("AWAITING_COLLECTION"), LATE, SHOP)
    assert words(record) == f"{START}late and not dispatched yet; {DUE}"


def test_a_late_order_is_said_with_tiktok_s_own_deadline_where_that_is_another() -> None:
    record = an_order("IN_TRANSIT", collected_at=LATE, collect_by=local("2026-03-06 23:59:59"))
    assert words(record) == (
        f"{START}dispatched late; {DUE}; in_transit Fri 2026-03-06 10:05 (10 h 05 min late)"
        "; TikTok Shop has Fri 2026-03-06 23:59: 1 more business day, as for extra handling days"
    )


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("IN_TRANSIT", {"collected_at": local("2026-03-05")}),
        ("CANCELLED", {"canceled_at": local("2026-03-05"), "canceled_by": "BUYER"}),
        ("AWAITING_SHIPMENT", {}),
        ("IN_TRANSIT", {"collected_at": LATE, "fulfillment_type": "FULFILLMENT_BY_TIKTOK"}),
    ],
)
def test_nothing_is_said_of_an_order_that_is_not_late(status: str, changes: dict[str, Any]) -> None:
    assert words(an_order(status, **changes)) == ""
