"""The same orders under another profile: the same events, other deadlines (OP E3)."""

from collections import Counter
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.tallies import contributions
from order_sync.domain.deadlines.what_if import choosing, counted_again
from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Order
from order_sync.domain.records import OrderRecord
from tests.builders import seen
from tests.unit.domain.deadlines.brute_force import BY_DATE, after_steps, counts_of, due
from tests.unit.domain.deadlines.order_lives import History
from tests.unit.domain.deadlines.orders_and_moments import (
    MONDAY,
    a_shop_by,
    deadlines_of,
    facts_at,
    in_words,
    local,
    looked,
)
from tests.unit.domain.deadlines.playing import a_shop_that_chose, by_day, played
from tests.unit.domain.deadlines.random_histories import a_history

HISTORIES = 100
SHOP = a_shop_by("guide-2025-08", rate_window_days=14, shipping_days=7)
PLACED = local(MONDAY)
MAY_CHANGE = {"figures", "act_by", "tiktok_on", "found_open_at"}


def an_order(status: str, **changes: object) -> OrderRecord:
    facts = facts_at(PLACED, status, seen_after=timedelta(days=5), **changes)
    return seen(facts, shop=SHOP, at=PLACED + timedelta(days=5, hours=1))


def classes(order: Order, deadlines: Deadlines) -> dict[str, list[str]]:
    return {day.isoformat(): sorted(tally) for day, tally in contributions(order, deadlines).items()}


def test_another_choice_changes_nothing_else_of_a_shop() -> None:
    other = choosing(SHOP, "us-2026-01")
    assert other.deadlines.profile == "us-2026-01"
    assert other.model_dump(exclude={"deadlines"}) == SHOP.model_dump(exclude={"deadlines"})
    assert other.deadlines.model_dump(exclude={"profile"}) == SHOP.deadlines.model_dump(exclude={"profile"})
    assert SHOP.deadlines.profile == "guide-2025-08"


@pytest.mark.parametrize("profile", ["uk-2024-11", "us-2031-01", "nonsense", ""])
def test_a_choice_that_the_region_does_not_have_is_refused(profile: str) -> None:
    with pytest.raises(RejectedError, match="policy profile"):
        choosing(SHOP, profile)


def test_an_order_collected_on_the_third_day_is_in_time_by_the_guide_only() -> None:
    collected_at = local("2026-03-05")
    record = an_order("IN_TRANSIT", collected_at=collected_at, tracking_added_at=local("2026-03-04"))
    found = {
        profile: classes(
            record.order, counted_again(record.order, deadlines_of(record), choosing(SHOP, profile), PLACED)
        )
        for profile in ("guide-2025-08", "us-2025-10", "us-2026-01", "by_date")
    }
    assert found == {
        "guide-2025-08": {"2026-03-05": ["profile_on_time"]},
        "us-2025-10": {"2026-03-04": ["profile_on_time"]},
        "us-2026-01": {"2026-03-04": ["profile_late"]},
        "by_date": {"2026-03-04": ["profile_late"]},
    }


def test_an_order_that_has_only_tracking_is_open_by_the_guide_and_dispatched_by_another_profile() -> None:
    record, _ = looked(
        an_order("AWAITING_COLLECTION", tracking_added_at=local("2026-03-04")), local("2026-03-09"), SHOP
    )
    now = local("2026-03-10")
    by_tracking = counted_again(record.order, deadlines_of(record), choosing(SHOP, "us-2025-10"), now)
    assert classes(record.order, by_tracking) == {"2026-03-04": ["profile_on_time"]}
    again = counted_again(record.order, by_tracking, SHOP, now)
    assert classes(record.order, again) == {"2026-03-05": ["profile_late_open"]}


def test_tiktok_s_figure_of_the_other_profile_s_event_is_beside_it() -> None:
    limits = {"ship_by": local("2026-03-03 23:59:59"), "collect_by": local("2026-03-06 23:59:59")}
    record = an_order("IN_TRANSIT", collected_at=local("2026-03-05"), tracking_added_at=local("2026-03-04"), **limits)
    again = counted_again(record.order, deadlines_of(record), choosing(SHOP, "us-2025-10"), PLACED)
    assert classes(record.order, again) == {
        "2026-03-04": ["differing", "profile_on_time"],
        "2026-03-03": ["tiktok_late"],
    }
    assert in_words(again.act_by) == "Tue 2026-03-03 23:59:59"


def test_an_open_order_is_late_by_the_clock_of_whoever_asks() -> None:
    record = an_order("AWAITING_SHIPMENT")
    other = choosing(SHOP, "us-2026-01")
    due_by_it = local("2026-03-04 23:59:59")
    for now, expected in ((due_by_it, {}), (due_by_it + timedelta(seconds=1), {"2026-03-04": ["profile_late_open"]})):
        assert classes(record.order, counted_again(record.order, deadlines_of(record), other, now)) == expected


def compare(history: History, profile: str) -> Counter[str]:
    """A history's orders counted again by one profile, beside the brute-force count."""
    _, records = played(history)
    choice = replace(history.choice_at(history.end), profile=profile)
    shop = a_shop_that_chose(choice, history.region)
    found, expected = Counter[tuple[date, str]](), Counter[tuple[date, str]]()
    for life in history.lives:
        steps = [step for step in history.steps if step.number == life.number]
        known = after_steps(life, steps, history)
        if known is None:
            continue
        known.due = due(life, choice, history.region, known.handling)
        expected.update(counts_of(life, known, history))
        record = records[life.number]
        before = deadlines_of(record)
        again = counted_again(record.order, before, shop, history.end)
        changed = {field.name for field in fields(before) if getattr(before, field.name) != getattr(again, field.name)}
        assert changed <= MAY_CHANGE
        for day, tally in contributions(record.order, again).items():
            found.update({(day, name): number for name, number in tally.items()})
    assert by_day(found) == by_day(expected)
    return Counter(name for _, name in expected.elements())


def test_orders_of_random_histories_count_under_every_profile_as_brute_force_counts_them() -> None:
    counted: dict[str, Counter[str]] = {}
    for seed in range(HISTORIES):
        history = a_history(seed)
        for profile in ("by_date", *(name for name, _ in BY_DATE[history.region])):
            try:
                counted.setdefault(profile, Counter()).update(compare(history, profile))
            except AssertionError as error:
                raise AssertionError(f"history of seed {seed} under {profile}: {error}") from error
    assert len(counted) == 5
    assert all(tally["profile_late"] and tally["profile_on_time"] for tally in counted.values())
