"""The Late Dispatch Rate as an operator asks for it: every reading, the headroom, and the orders behind the figures."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from local.simulators.tiktok_shop.deadlines import DayCounts
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.jobs.report_late_dispatch import report_late_dispatch
from order_sync.jobs.run import Report
from order_sync.ledger import keys
from order_sync.ledger.table import Add, Put
from tests.adapters.deadlines.deadline_scenes import DAY, HOUR, local, pass_time, watch, with_fate
from tests.world import TEE, Connected, World

NOW = local("2026-06-12 12:00:00")
"""Friday: the window of seven days is the 5th to the 11th."""
PLACED, DUE = local("2026-06-03 09:00:00"), local("2026-06-08 23:59:59")
"""Wednesday, and the third business day after it."""
GUIDE = "guide-2025-08 (TikTok for Rithum: Order Management, 2025-08-19)"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def dispatched(world: World, shop: Connected, fates: Mapping[str, int], **options: Any) -> dict[str, list[OrderId]]:
    """Orders of Wednesday, due on Monday; it is Friday, and all of them were seen."""
    pass_time(world, NOW)
    orders = with_fate(world, shop, fates, placed=PLACED, due=DUE, **options)
    world.run("poll_tiktok", shop)
    watch(world, shop)
    return orders


def ask(world: World, shop: Connected, **question: Any) -> Report:
    """An operator asks."""
    return report_late_dispatch(world.shop_run(shop), {"shop": shop.id} | question)


def columns(lines: list[str]) -> dict[str, list[str]]:
    """A report's lines by their names."""
    cells = [re.split(r"\s{2,}", line) for line in lines]
    return {name: values for name, *values in cells}


def figures(report: Report) -> dict[str, str]:
    """A report with one column."""
    return {name: value for name, (value,) in columns(report.answer["lines"]).items()}


# ---- figures


def test_a_hundred_shipped_orders_three_late_and_two_cancelled_late_read_as_the_policy_sheet_says(
    world: World, shop: Connected
) -> None:
    fates = {"on time": 97, "late": 3, "cancelled by the seller late": 2, "fulfilled by TikTok": 10}
    dispatched(world, shop, fates)
    report = ask(world, shop)
    found = figures(report)

    assert found["policy profile"] == GUIDE
    assert found["window, by dispatch deadline"] == "2026-06-05 to 2026-06-11 (7 days)"
    assert found["late dispatch rate"] == "4.90 % (5 of 102)"
    assert found["verdict"] == "above 4.00 %: TikTok Shop may act"
    assert found["headroom"] == "none: 1 late too many for 4.00 %"
    assert found["reading: shipped orders only"] == "3.00 % (3 of 100)"
    assert found["reading: cancelled late above the line only"] == "5.00 % (5 of 100)"
    assert found["reading: with what TikTok Shop fulfilled"] == "4.46 % (5 of 112)"
    assert found["reading: with open orders that are late"] == "4.90 % (5 of 102)"
    assert found["by TikTok Shop's own deadlines"] == "4.90 % (5 of 102)"
    assert found["orders whose deadline TikTok Shop has otherwise"] == "0"
    assert found["dispatched late"] == "3"
    assert found["cancelled after the deadline"] == "2, of which TikTok Shop cancelled 0"
    assert found["open and late"] == "0"
    assert found["seller-fault cancellation rate"] == "1.96 % (2 of 102)"
    assert report.counts["counters_differ"] == 0
    assert "counters" not in report.answer


def test_what_tiktok_cancelled_late_is_counted_and_named(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 48, "cancelled by TikTok late": 1, "cancelled by the seller late": 1})
    found = figures(ask(world, shop))
    assert found["late dispatch rate"] == "4.00 % (2 of 50)"
    assert found["cancelled after the deadline"] == "2, of which TikTok Shop cancelled 1"


def test_what_was_cancelled_in_time_stands_in_neither_number(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 9, "late": 1, "cancelled by the seller in time": 10})
    found = figures(ask(world, shop))
    assert found["late dispatch rate"] == "10.00 % (1 of 10)"
    assert found["seller-fault cancellation rate"] == "50.00 % (10 of 20)"


def test_open_orders_that_are_late_stand_in_a_reading_of_their_own(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 9, "late": 1, "open": 2})
    found = figures(ask(world, shop))
    assert found["late dispatch rate"] == "10.00 % (1 of 10)"
    assert found["reading: with open orders that are late"] == "25.00 % (3 of 12)"
    assert found["open and late"] == "2"


def test_tiktok_s_own_deadlines_may_say_something_else(world: World, shop: Connected) -> None:
    """TikTok grants a day more: what is late for us is in time there."""
    orders = dispatched(world, shop, {"on time": 18, "late": 2}, day_counts=DayCounts(collect=4))
    report = ask(world, shop)
    found = figures(report)
    assert found["late dispatch rate"] == "10.00 % (2 of 20)"
    assert found["by TikTok Shop's own deadlines"] == "0.00 % (0 of 20)"
    assert found["orders whose deadline TikTok Shop has otherwise"] == "20"
    assert len(report.answer["late_orders"]) == len(orders["late"])
    assert all("; TikTok Shop has Tue 2026-06-09 23:59: " in line for line in report.answer["late_orders"])


def test_without_orders_there_is_no_data_and_never_zero_percent(world: World, shop: Connected) -> None:
    pass_time(world, NOW)
    found = figures(ask(world, shop))
    rates = [value for name, value in found.items() if "rate" in name or "reading" in name or name == "verdict"]
    assert rates == ["no data"] * 7
    assert found["headroom"] == "no data"


@pytest.mark.parametrize(
    ("on_time", "late", "verdict", "headroom"),
    [
        (100, 0, "within 4.00 %", "4 more late orders until 4.00 % is passed"),
        (98, 2, "within 4.00 %", "2 more late orders until 4.00 % is passed"),
        (97, 3, "warning: 3.00 % or more", "1 more late order until 4.00 % is passed"),
        (96, 4, "warning: 3.00 % or more", "0 more late orders until 4.00 % is passed"),
        (95, 5, "above 4.00 %: TikTok Shop may act", "none: 1 late too many for 4.00 %"),
    ],
)
def test_exactly_four_percent_is_fine_and_the_headroom_says_how_far_it_is(
    world: World, shop: Connected, on_time: int, late: int, verdict: str, headroom: str
) -> None:
    dispatched(world, shop, {"on time": on_time, "late": late})
    found = figures(ask(world, shop))
    assert (found["verdict"], found["headroom"]) == (verdict, headroom)


def test_the_headroom_is_what_it_says(world: World, shop: Connected) -> None:
    """So many more late orders keep the limit, and one more does not."""
    dispatched(world, shop, {"on time": 98, "late": 2})
    headroom = int(figures(ask(world, shop))["headroom"].split()[0])
    dispatched(world, shop, {"late": headroom})
    assert figures(ask(world, shop))["verdict"] == "warning: 3.00 % or more"
    dispatched(world, shop, {"late": 1})
    assert figures(ask(world, shop))["verdict"] == "above 4.00 %: TikTok Shop may act"


# ---- the orders behind the figures


def test_the_orders_behind_the_rate_are_named_in_words(world: World, shop: Connected) -> None:
    kinds = {"on time": 3, "late": 1, "cancelled by the seller late": 1, "open": 1, "fulfilled by TikTok": 1}
    orders = dispatched(world, shop, kinds)
    due = "due Mon 2026-06-08 23:59 under guide-2025-08"
    words = {
        "late": f"dispatched late; {due}; in_transit Tue 2026-06-09 00:00 (0 h 00 min late)",
        "cancelled by the seller late": (
            f"cancelled after its deadline; {due}; cancelled Tue 2026-06-09 00:59 (1 h 00 min late)"
        ),
        "open": f"late and not dispatched yet; {due}",
    }
    assert {*ask(world, shop).answer["late_orders"]} == {
        f"order {orders[fate][0]}: {expected}" for fate, expected in words.items()
    }


def test_the_longest_due_come_first_and_no_more_than_were_asked_for(world: World, shop: Connected) -> None:
    pass_time(world, NOW)
    days = {"2026-06-05": "2026-06-10", "2026-06-02": "2026-06-05", "2026-06-03": "2026-06-08"}
    orders: dict[OrderId, str] = {}
    for placed, due in days.items():
        moments = {"placed": local(f"{placed} 09:00:00"), "due": local(f"{due} 23:59:59")}
        orders |= dict.fromkeys(with_fate(world, shop, {"late": 2}, **moments)["late"], due)
    world.run("poll_tiktok", shop)
    lines = ask(world, shop).answer["late_orders"]
    named = [orders[OrderId(line.split()[1].rstrip(":"))] for line in lines]
    assert named == sorted(orders.values())
    assert ask(world, shop, late_orders=3).answer["late_orders"] == [*lines[:3], "and 3 more"]
    assert ask(world, shop, late_orders=0).answer["late_orders"] == ["and 6 more"]


def test_only_orders_of_the_window_are_named(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"late": 1})
    pass_time(world, local("2026-06-16 12:00:00"))
    report = ask(world, shop)
    assert report.answer["late_orders"] == []
    assert figures(report)["late dispatch rate"] == "no data"
    assert len(ask(world, shop, days=8).answer["late_orders"]) == 1


def test_no_buyer_is_in_a_report(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 2, "late": 2, "cancelled by the seller late": 2, "open": 2})
    answer = str(ask(world, shop, profile="us-2026-01").answer)
    assert len(world.tiktok.buyer_data()) > 40
    assert not [canary for canary in world.tiktok.buyer_data() if canary in answer]


# ---- the window


@pytest.mark.parametrize(
    ("days", "window"),
    [
        (1, "2026-06-11 to 2026-06-11 (1 day)"),
        (4, "2026-06-08 to 2026-06-11 (4 days)"),
        (30, "2026-05-13 to 2026-06-11 (30 days)"),
        (90, "2026-03-14 to 2026-06-11 (90 days)"),
    ],
)
def test_the_window_can_be_chosen(world: World, shop: Connected, days: int, window: str) -> None:
    dispatched(world, shop, {"late": 1})
    found = figures(ask(world, shop, days=days))
    assert found["window, by dispatch deadline"] == window
    assert (found["late dispatch rate"] == "no data") == (days < 4)


def test_the_shop_s_own_window_counts_where_none_is_asked_for(world: World) -> None:
    shop = world.connect(deadlines={"rate_window_days": 14})
    dispatched(world, shop, {"late": 1})
    assert figures(ask(world, shop))["window, by dispatch deadline"] == "2026-05-29 to 2026-06-11 (14 days)"


def test_a_profile_may_bring_a_window_of_its_own(world: World) -> None:
    shop = world.connect("GB", deadlines={"profile": "uk-2024-11"})
    pass_time(world, NOW)
    assert figures(ask(world, shop))["window, by dispatch deadline"] == "2026-05-13 to 2026-06-11 (30 days)"


# ---- profiles


def test_a_report_says_that_a_newer_policy_exists(world: World, shop: Connected) -> None:
    pass_time(world, NOW)
    assert ask(world, shop).answer["note"] == (
        f"Deadlines follow policy profile {GUIDE}; a newer one of US exists: us-2026-01 (Seller University essay "
        "3668989549299511 and trade press, 2026-03-02), in force from 2026-01-26."
    )
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    assert "note" not in ask(world, shop).answer


def test_what_another_profile_would_make_of_the_same_orders_stands_beside(world: World, shop: Connected) -> None:
    """Two business days instead of three: due on Friday, so what left on Monday would have been late."""
    orders = dispatched(world, shop, {"on time": 6, "late": 2, "cancelled by the seller late": 1, "open": 1})
    pass_time(world, NOW + HOUR)
    early = with_fate(world, shop, {"on time": 2}, placed=PLACED, due=local("2026-06-05 23:59:59"))
    world.run("poll_tiktok", shop)
    before = counters(world, shop)
    report = ask(world, shop, profile="us-2026-01")
    found = columns(report.answer["what_if"])

    assert found["policy profile"][0] == GUIDE
    assert found["policy profile"][1].startswith("us-2026-01 (")
    assert found["late dispatch rate"] == ["27.27 % (3 of 11)", "81.82 % (9 of 11)"]
    assert found["dispatched late"] == ["2", "8"]
    assert found["open and late"] == ["1", "1"]
    assert found["cancelled after the deadline"] == [
        "1, of which TikTok Shop cancelled 0",
        "1, of which TikTok Shop cancelled 0",
    ]
    assert figures(report)["late dispatch rate"] == found["late dispatch rate"][0]
    # To ask changes nothing.
    assert counters(world, shop) == before
    assert world.record(shop, early["on time"][0]).deadlines != world.record(shop, orders["open"][0]).deadlines
    assert figures(ask(world, shop)) == figures(report)


def test_another_profile_may_count_orders_of_other_days_in(world: World) -> None:
    """Due on the 4th by two days, and on the 5th by three: only the latter is in the window."""
    shop = world.connect(deadlines={"profile": "us-2026-01"})
    pass_time(world, NOW)
    with_fate(world, shop, {"on time": 5}, placed=local("2026-06-02 09:00:00"), due=local("2026-06-04 23:59:59"))
    world.run("poll_tiktok", shop)
    found = columns(ask(world, shop, profile="guide-2025-08").answer["what_if"])
    assert found["late dispatch rate"] == ["no data", "0.00 % (0 of 5)"]


def test_the_same_profile_beside_itself_says_the_same_twice(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 5, "late": 2, "cancelled by the seller late": 1, "open": 3})
    found = columns(ask(world, shop, profile="guide-2025-08").answer["what_if"])
    assert {name: left for name, (left, right) in found.items() if left != right} == {}


def test_each_order_by_the_profile_of_its_date_can_be_asked_for(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 5})
    by_date = columns(ask(world, shop, profile="by_date").answer["what_if"])
    named = columns(ask(world, shop, profile="us-2026-01").answer["what_if"])
    assert by_date == named


def test_without_another_profile_nothing_stands_beside(world: World, shop: Connected) -> None:
    pass_time(world, NOW)
    assert "what_if" not in ask(world, shop).answer


# ---- bad questions


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"days": "a week"}, "days"),
        ({"late_orders": -1}, "late_orders"),
        ({"late_orders": 1001}, "late_orders"),
        ({"profile": 17}, "profile"),
        ({"profile": "us-2099-01"}, "deadlines.profile"),
        ({"profile": "uk-2024-11"}, "deadlines.profile"),
    ],
)
def test_a_bad_question_is_refused_with_its_field_named(
    world: World, shop: Connected, question: dict[str, Any], field: str
) -> None:
    dispatched(world, shop, {"on time": 1})
    with pytest.raises(RejectedError, match=re.escape(field)):
        ask(world, shop, **question)


# ---- counters and orders


def counters(world: World, shop: Connected) -> dict[str, dict[str, Any]]:
    """The daily counters as they stand in the table."""
    items = world.table.query(keys.shop_partition(shop.id), since=keys.COUNTERS, before=f"{keys.COUNTERS}~")
    return {str(item["sk"]): item for item in items}


def test_counters_that_differ_from_the_orders_are_noticed(world: World, shop: Connected) -> None:
    orders = dispatched(world, shop, {"on time": 5, "late": 1})
    shard = keys.shard_of(orders["late"][0])
    day = world.record(shop, orders["late"][0]).deadlines
    assert day is not None
    key = keys.counters_key(shop.id, day.figures.dispatch_on, shard)
    world.table.write_all([Add(key=key, amounts={"profile_late": 7})])
    report = ask(world, shop)
    assert report.counts["counters_differ"] == 1
    assert "recount_late_dispatch" in report.answer["counters"]
    assert figures(report)["dispatched late"] == "8"
    assert len(report.answer["late_orders"]) == 1


def test_a_damaged_order_stops_no_report_and_is_not_passed_over_in_silence(world: World, shop: Connected) -> None:
    orders = dispatched(world, shop, {"on time": 9, "late": 2})
    bad = orders["late"][0]
    key = keys.deadlines_key(shop.id, bad)
    world.table.put(Put(item=world.table.items[key] | {"dispatch_by": "spilt coffee"}))
    report = ask(world, shop)
    assert figures(report)["late dispatch rate"] == "18.18 % (2 of 11)"
    assert len(report.answer["late_orders"]) == 1
    assert report.counts["orders_damaged"] == 1
    assert any(bad in problem for problem in report.problems)


def test_orders_of_another_shop_are_not_counted(world: World, shop: Connected) -> None:
    other = world.connect("GB")
    dispatched(world, shop, {"late": 3})
    world.run("poll_tiktok", other)
    assert figures(ask(world, other))["late dispatch rate"] == "no data"
    assert ask(world, other).answer["late_orders"] == []


def test_an_unpaid_order_and_one_that_was_cancelled_on_hold_count_for_nothing(world: World, shop: Connected) -> None:
    pass_time(world, PLACED)
    unpaid = world.order(shop, TEE, paid=False)
    held = world.order(shop, TEE)
    world.run("poll_tiktok", shop)
    world.tiktok.cancel_as_buyer(held)
    pass_time(world, PLACED + 5 * DAY)
    world.tiktok.cancel_by_platform(unpaid, "Payment timed out")
    world.run("poll_tiktok", shop)
    pass_time(world, NOW)
    watch(world, shop)
    found = figures(ask(world, shop))
    assert found["late dispatch rate"] == "no data"
    assert found["seller-fault cancellation rate"] == "no data"


def test_what_is_overdue_and_due_soon_is_named_whatever_the_window(world: World, shop: Connected) -> None:
    pass_time(world, NOW)
    (overdue,) = with_fate(world, shop, {"open": 1}, placed=local("2026-06-05 09:00:00"), due=NOW)["open"]
    (soon,) = with_fate(world, shop, {"open": 1}, placed=local("2026-06-09 09:00:00"), due=NOW)["open"]
    world.run("poll_tiktok", shop)
    world.run("watch_deadlines", shop)
    answer = ask(world, shop, days=1).answer
    assert [line.split(":")[0] for line in answer["overdue_now"]] == [f"order {overdue}"]
    assert [line.split(":")[0] for line in answer["due_soon"]] == [f"order {soon}"]
    assert "TikTok Shop cancels it" in answer["due_soon"][0]


def test_a_report_without_time_says_so(world: World, shop: Connected) -> None:
    pass_time(world, NOW)
    with_fate(world, shop, {"late": 1}, placed=local("2026-06-03 09:00:00"), due=local("2026-06-08 23:59:59"))
    world.run("poll_tiktok", shop)
    world.has_time = lambda: False
    report = ask(world, shop)
    assert report.counts["reports_cut_short"] == 1
    assert report.counts["counters_differ"] == 0
