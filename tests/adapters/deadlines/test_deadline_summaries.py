"""What people read about deadlines: one summary a run, nothing lost when the topic is down, and no buyer's data."""

import json

import pytest

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.jobs.deadline_summaries import ORDERS_NAMED
from tests.adapters.deadlines.deadline_scenes import (
    HOUR,
    MINUTE,
    DeadlineWorld,
    an_awaiting_order,
    awaiting_orders,
    kept_summary,
    levels_of,
    local,
    named_in,
    pass_time,
    told_of,
    watch,
)
from tests.world import Connected, World

MONDAY_ORDERS_SOON = local("2026-06-03 23:59:59")
TOO_MANY = ORDERS_NAMED + 12


@pytest.fixture
def world() -> DeadlineWorld:
    return DeadlineWorld()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def test_one_summary_names_every_order_under_what_is_the_matter_with_it(world: World, shop: Connected) -> None:
    # Friday the 12th, half past midnight.
    pass_time(world, local("2026-06-12 00:30:00"))
    kinds = {
        "missed the dispatch deadline": ["2026-06-08"],
        "must be dispatched within 24 business hours": ["2026-06-09"],
        "will be cancelled by TikTok Shop within 24 business hours": ["2026-06-03"],
    }
    placed = {
        words: [an_awaiting_order(world, shop, created_at=local(f"{day} 09:00:00")) for day in days]
        for words, days in kinds.items()
    }
    (cancelled,) = placed["will be cancelled by TikTok Shop within 24 business hours"]
    watch(world, shop)
    ((subject, text),) = world.summaries

    # One of the three orders is warned of twice.
    assert subject == "Shop US 1: 4 deadline warnings"
    lines = text.splitlines()
    assert lines[0] == f"Shop Shop US 1 ({shop.id}), times in America/Los_Angeles"
    (missed,) = placed["missed the dispatch deadline"]
    (soon,) = placed["must be dispatched within 24 business hours"]
    assert "1 order must be dispatched within 24 business hours:" in lines
    assert f"  {soon} by Fri 12 Jun 23:59" in lines
    assert "2 orders missed the dispatch deadline:" in lines
    assert f"  {missed} by Thu 11 Jun 23:59" in lines
    assert f"  {cancelled} by Mon 08 Jun 23:59" in lines
    assert "1 order will be cancelled by TikTok Shop within 24 business hours:" in lines
    assert f"  {cancelled} by Fri 12 Jun 23:59" in lines


def test_the_most_pressing_comes_first(world: World, shop: Connected) -> None:
    pass_time(world, local("2026-06-12 00:30:00"))
    for day in ("2026-06-09", "2026-06-08", "2026-06-03"):
        an_awaiting_order(world, shop, created_at=local(f"{day} 09:00:00"))
    watch(world, shop)
    ((_, text),) = world.summaries
    words = ("missed", "within 24 business hours", "will be cancelled")
    assert sorted(words, key=text.index) == list(words)


def test_at_most_fifty_orders_of_a_kind_are_named_and_all_are_counted(world: World, shop: Connected) -> None:
    orders = awaiting_orders(world, shop, TOO_MANY)
    pass_time(world, MONDAY_ORDERS_SOON)
    watch(world, shop)
    ((subject, text),) = world.summaries
    assert subject == f"Shop US 1: {TOO_MANY} deadline warnings"
    assert f"{TOO_MANY} orders must be dispatched within 24 business hours:" in text
    assert len(named_in(text)) == ORDERS_NAMED
    assert "  and 12 more" in text.splitlines()
    assert all(levels_of(world, shop, order) == ["24"] for order in orders)


def test_every_summary_says_that_a_newer_policy_exists(world: World, shop: Connected) -> None:
    an_awaiting_order(world, shop)
    pass_time(world, MONDAY_ORDERS_SOON)
    watch(world, shop)
    ((_, text),) = world.summaries
    assert text.splitlines()[-1].startswith("Deadlines follow policy profile guide-2025-08 ")
    assert "us-2026-01" in text.splitlines()[-1]


@pytest.mark.parametrize("profile", ["us-2026-01", "by_date"])
def test_a_shop_with_the_newest_policy_is_not_told_of_it(world: World, profile: str) -> None:
    shop = world.connect(deadlines={"profile": profile})
    an_awaiting_order(world, shop)
    pass_time(world, local("2026-06-02 23:59:59"))
    watch(world, shop)
    ((_, text),) = world.summaries
    assert "policy" not in text


def test_no_buyer_is_in_a_summary_a_report_a_log_or_the_table(
    world: World, shop: Connected, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def cut() -> None:
        raise RetriableError("SNS: Throttling")

    with caplog.at_level("DEBUG"):
        orders = [world.order(shop, hold=False, buyer_message="Please ring twice") for _ in range(8)]
        world.run("poll_tiktok", shop)
        for at in ("2026-06-03 23:59:59", "2026-06-04 12:00:00", "2026-06-05 00:30:00", "2026-06-09 23:59:59"):
            pass_time(world, local(at))
            assert isinstance(world, DeadlineWorld)
            world.before_publishing = cut
            watch(world, shop)
            world.before_publishing = lambda: None
            watch(world, shop)
    told = capfd.readouterr()
    places = {
        "table": json.dumps([[list(key), item] for key, item in world.table.items.items()], ensure_ascii=False),
        "summaries": str(world.summaries),
        "reports": str([(report.problems, report.counts, report.gauges) for _, report in world.reports]),
        "log": caplog.text + told.out + told.err + str([record.__dict__ for record in caplog.records]),
    }
    assert len(world.summaries) == 4
    assert all(order in places["summaries"] and order in places["log"] for order in orders)
    canaries = {*world.tiktok.buyer_data(), "Please ring twice"}
    assert len(canaries) > 40
    assert {(place, canary) for place, text in places.items() for canary in canaries if canary in text} == set()


# ---- a topic that is down


@pytest.mark.parametrize("error", [RetriableError("SNS: Throttling"), RejectedError("topic arn:x does not exist")])
def test_what_the_topic_does_not_take_is_told_by_the_next_run_and_once(
    world: DeadlineWorld, shop: Connected, error: Exception
) -> None:
    def fail() -> None:
        raise error

    orders = awaiting_orders(world, shop, 3)
    pass_time(world, MONDAY_ORDERS_SOON)
    world.before_publishing = fail
    report = watch(world, shop)
    assert (report.counts["summaries_not_published"], report.counts["summaries_published"]) == (1, 0)
    assert str(error) in str(report.problems)
    # The rest of the run was done all the same.
    assert report.gauges["orders_due_in_24h"] == 3
    assert all(levels_of(world, shop, order) == ["24"] for order in orders)

    world.before_publishing = lambda: None
    for _ in range(3):
        pass_time(world, world.time + 15 * MINUTE)
        watch(world, shop)
    assert told_of(world) == dict.fromkeys(orders, 1)
    assert len(world.summaries) == 1
    assert kept_summary(world, shop) == ""


def test_what_piles_up_while_the_topic_is_down_is_told_in_one_summary(world: DeadlineWorld, shop: Connected) -> None:
    def fail() -> None:
        raise RetriableError("SNS: InternalError")

    early = awaiting_orders(world, shop, TOO_MANY)
    world.before_publishing = fail
    pass_time(world, MONDAY_ORDERS_SOON)
    watch(world, shop)
    pass_time(world, local("2026-06-04 12:00:00"))
    late = awaiting_orders(world, shop, 2, created_at=local("2026-06-02 08:00:00"))
    watch(world, shop)
    pass_time(world, local("2026-06-04 20:00:00"))
    watch(world, shop)
    world.before_publishing = lambda: None
    watch(world, shop)

    ((_, text),) = world.summaries
    for hours in (24, 12, 4):
        assert f"{TOO_MANY} orders must be dispatched within {hours} business hours:" in text
    assert len(named_in(text)) == 3 * ORDERS_NAMED
    assert not {*late} & {order for order, _ in named_in(text)}
    assert {order for order, _ in named_in(text)} <= {*early}


def test_what_could_not_be_told_is_told_although_nothing_new_is_due(world: DeadlineWorld, shop: Connected) -> None:
    def fail() -> None:
        raise RetriableError("SNS: InternalError")

    order = an_awaiting_order(world, shop)
    pass_time(world, MONDAY_ORDERS_SOON)
    world.before_publishing = fail
    watch(world, shop)
    world.before_publishing = lambda: None
    world.tiktok.cancel_by_seller(order)
    world.run("poll_tiktok", shop)
    report = watch(world, shop)
    assert report.counts["orders_looked_at"] == 0
    assert told_of(world) == {order: 1}


def test_a_shop_s_topic_trouble_is_not_another_shop_s(world: DeadlineWorld, shop: Connected) -> None:
    other = world.connect()
    orders = [an_awaiting_order(world, each) for each in (shop, other)]

    def fail() -> None:
        raise RetriableError("SNS: InternalError")

    pass_time(world, MONDAY_ORDERS_SOON)
    world.before_publishing = fail
    watch(world, shop)
    world.before_publishing = lambda: None
    watch(world, other)
    assert told_of(world) == {orders[1]: 1}
    watch(world, shop)
    assert told_of(world) == dict.fromkeys(orders, 1)


def test_a_kept_summary_that_somebody_damaged_stops_no_warning(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    world.shops.put_notice(shop.id, "deadline-summary", "spilt coffee")
    pass_time(world, MONDAY_ORDERS_SOON)
    for _ in range(2):
        watch(world, shop)
        pass_time(world, world.time + HOUR)
    assert levels_of(world, shop, order) == ["24"]
    assert told_of(world) == {order: 1}
