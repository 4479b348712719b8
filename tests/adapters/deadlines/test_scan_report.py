"""What an operator is told of scans: the Valid Tracking Rate, and the parcels behind it that have none."""

from datetime import datetime
from typing import Any

import pytest

from order_sync.domain.ids import OrderId
from order_sync.jobs.report_late_dispatch import report_late_dispatch
from order_sync.jobs.run import Report
from order_sync.ledger import keys
from order_sync.ledger.table import Put
from tests.adapters.deadlines.deadline_scenes import DAY, HOUR, MINUTE, local, pass_time
from tests.adapters.deadlines.scan_scenes import Parcels
from tests.world import Connected, World

SHIPPED = local("2026-06-03 15:00:00")
NOW = local("2026-06-18 12:00:00")
"""The day from which the parcels of the 3rd are in the rate."""


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


@pytest.fixture
def parcels(world: World, shop: Connected) -> Parcels:
    return Parcels(world, shop)


def ask(parcels: Parcels, at: datetime | None = None) -> Report:
    """An operator asks, now or at a moment to come."""
    if at is not None:
        pass_time(parcels.world, at)
    return report_late_dispatch(parcels.world.shop_run(parcels.shop), {"shop": parcels.shop.id})


def unscanned(report: Report) -> list[OrderId]:
    """The orders whose parcels are listed."""
    return [each["order"] for each in report.answer["unscanned_parcels"]["parcels"]]


# ---- the rate


@pytest.mark.parametrize(
    ("scanned", "others", "percent", "verdict"),
    [
        (19, 1, "95.00", "within TikTok Shop's target of 95 %"),
        (37, 3, "92.50", "below TikTok Shop's target of 95 %"),
        (2, 1, "66.67", "below TikTok Shop's target of 95 %"),
        (3, 0, "100.00", "within TikTok Shop's target of 95 %"),
    ],
)
def test_the_rate_is_told_with_its_window_and_that_it_is_our_reading(
    parcels: Parcels, scanned: int, others: int, percent: str, verdict: str
) -> None:
    orders = parcels.ship(scanned + others, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + DAY)
    parcels.scan(*orders[:scanned])
    found = ask(parcels, NOW).answer["valid_tracking"]
    assert found.pop("reading").startswith("Order Sync's own reading: TikTok Shop does not say")
    assert found == {
        "parcels": scanned + others,
        "scanned": scanned,
        "percent": percent,
        "target": "95",
        "verdict": verdict,
        "window": "2026-05-28 to 2026-06-03 (7 days)",
    }


def test_without_parcels_there_is_no_data_and_never_zero_percent(parcels: Parcels) -> None:
    found = ask(parcels, NOW).answer
    assert (found["valid_tracking"]["percent"], found["valid_tracking"]["verdict"]) == ("no data", "no data")
    assert found["unscanned_parcels"] == {"lines": ["no parcel waits longer than 24 hours for a scan"], "parcels": []}


# ---- the parcels


def test_a_parcel_without_a_scan_is_named_with_all_that_is_needed_to_ask_the_carrier(parcels: Parcels) -> None:
    (order,) = parcels.ship(at=SHIPPED)
    (package,) = [shipment.package_id for shipment in parcels.world.tiktok.books.shipments_of(order)]
    found = ask(parcels, SHIPPED + 61 * HOUR + 59 * MINUTE).answer["unscanned_parcels"]
    assert found == {
        "lines": [
            "1 parcel without a scan after 24 hours: TikTok Shop counts such parcels late, although they were uploaded",
            "1 parcel of these without a scan after 48 hours",
        ],
        "parcels": [
            {
                "order": order,
                "parcel": f"tiktok-{package}",
                "tracking_number": parcels.numbers[order],
                "carrier": "USPS",
                "at_tiktok_since": "Wed 2026-06-03 15:00",
                "hours_without_a_scan": 61,
            }
        ],
    }


def test_those_that_wait_longest_come_first(parcels: Parcels) -> None:
    first = parcels.ship(2, at=SHIPPED)
    second = parcels.ship(3, at=SHIPPED + 10 * HOUR)
    fresh = parcels.ship(2, at=SHIPPED + 30 * HOUR)
    report = ask(parcels, SHIPPED + 50 * HOUR)
    assert unscanned(report)[:2] == sorted(first)
    assert sorted(unscanned(report)[2:]) == sorted(second)
    assert report.answer["unscanned_parcels"]["lines"] == [
        "5 parcels without a scan after 24 hours: TikTok Shop counts such parcels late, although they were uploaded",
        "2 parcels of these without a scan after 48 hours",
    ]
    assert sorted(unscanned(ask(parcels, SHIPPED + 55 * HOUR))) == sorted([*first, *second, *fresh])


def test_a_scan_takes_a_parcel_off_the_list(parcels: Parcels) -> None:
    first, second = parcels.ship(2, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + 30 * HOUR)
    parcels.scan(first)
    assert unscanned(ask(parcels)) == [second]


def test_what_is_older_than_the_rate_s_days_is_not_listed_any_more(parcels: Parcels) -> None:
    parcels.ship(at=SHIPPED)
    assert len(unscanned(ask(parcels, SHIPPED + 21 * DAY - MINUTE))) == 1
    assert unscanned(ask(parcels, SHIPPED + 21 * DAY + MINUTE)) == []


@pytest.mark.parametrize("number", [100, 101, 103])
def test_at_most_a_hundred_are_named_and_the_number_of_the_others(parcels: Parcels, number: int) -> None:
    (oldest,) = parcels.ship(at=SHIPPED)
    parcels.ship(number - 1, at=SHIPPED + HOUR)
    found = ask(parcels, SHIPPED + 30 * HOUR).answer["unscanned_parcels"]
    assert len(found["parcels"]) == 100
    assert found["parcels"][0]["order"] == oldest
    assert found.get("left_out", 0) == number - 100
    assert found["lines"][0].startswith(f"{number} parcels without a scan")


def test_a_damaged_parcel_stops_no_report_and_is_not_passed_over_in_silence(parcels: Parcels) -> None:
    bad, good = parcels.ship(2, at=SHIPPED)
    (parcel,) = parcels.world.record(parcels.shop, bad).parcels
    (key,) = [key for key in parcels.world.table.items if key.sk == f"{keys.PARCEL}{parcel.id}"]
    parcels.world.table.put(Put(item=parcels.world.table.items[key] | {"source": "spilt coffee"}))
    report = ask(parcels, SHIPPED + 30 * HOUR)
    assert unscanned(report) == [good]
    assert report.counts["orders_damaged"] == 1
    assert any(bad in problem for problem in report.problems)
    assert report.answer["unscanned_parcels"]["lines"][0].startswith("2 parcels ")


def test_parcels_of_another_shop_are_not_listed(parcels: Parcels) -> None:
    other = parcels.world.connect("GB")
    parcels.ship(3, at=SHIPPED)
    pass_time(parcels.world, SHIPPED + 30 * HOUR)
    found = ask(Parcels(parcels.world, other)).answer
    assert found["unscanned_parcels"]["parcels"] == []
    assert found["valid_tracking"]["parcels"] == 0


def test_moments_are_told_where_the_shop_is(world: World) -> None:
    parcels = Parcels(world, world.connect("GB", deadlines={"profile": "uk-2024-11"}))
    pass_time(world, SHIPPED)
    order = world.order(parcels.shop, hold=False)
    world.tiktok.ship_in_seller_center(order, "QW000000019GB", "Royal Mail")
    parcels.see()
    found: list[dict[str, Any]] = ask(parcels, SHIPPED + 30 * HOUR).answer["unscanned_parcels"]["parcels"]
    assert [(each["order"], each["at_tiktok_since"]) for each in found] == [(order, "Wed 2026-06-03 23:00")]


def test_no_buyer_is_in_what_is_told_of_scans(parcels: Parcels) -> None:
    orders = parcels.ship(20, at=SHIPPED)
    parcels.scan(*orders[:5])
    answer = str(ask(parcels, SHIPPED + 30 * HOUR).answer)
    assert len(parcels.world.tiktok.buyer_data()) > 40
    assert not [canary for canary in parcels.world.tiktok.buyer_data() if canary in answer]
