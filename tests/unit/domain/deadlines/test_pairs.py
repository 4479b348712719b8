"""Our deadlines beside TikTok Shop's own: paired by the event, the earlier one acted on, differences explained."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.deadlines.counting import figures
from order_sync.domain.deadlines.deadlines import Clock, DeadlineKind, Deadlines
from order_sync.domain.deadlines.looks import decide_look
from order_sync.domain.deadlines.pairs import Pair, cancel_deadline, cancel_pairs, dispatch_pair, explain
from order_sync.domain.deadlines.policies import ClockStop
from order_sync.domain.facts import OrderFacts
from order_sync.domain.orders import Order
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event, TimelineEntry
from tests.builders import TIMING, a_shop, applied
from tests.unit.domain.deadlines.orders_and_moments import (
    LONDON,
    MONDAY,
    NO_LEAD,
    PACIFIC,
    a_shop_by,
    an_order,
    facts_at,
    local,
)

GUIDE = "guide-2025-08"
SHOP = a_shop_by(GUIDE)
PLACED = local(MONDAY)
OURS = local("2026-03-05 23:59:59")
OUR_CANCEL = local("2026-03-11 23:59:59")
TIKTOKS = {
    "ship_by": local("2026-03-04 23:59:59"),
    "collect_by": local("2026-03-06 23:59:59"),
    "cancels_unless_shipped_by": local("2026-03-10 23:59:59"),
    "cancels_unless_collected_by": local("2026-03-13 23:59:59"),
}


def counted(order: Order, shop: ShopSettings, **changes: Any) -> Deadlines:
    found = figures(order, Clock(), shop)
    return Deadlines(clock=Clock(), figures=found, act_by=found.dispatch_by, **changes)


def dispatch_pair_of(profile: str, **changes: Any) -> Pair:
    order = an_order(PLACED, **changes)
    return dispatch_pair(order, counted(order, a_shop_by(profile)))


@pytest.mark.parametrize(
    ("profile", "event", "tiktoks"),
    [
        (GUIDE, ClockStop.IN_TRANSIT, TIKTOKS["collect_by"]),
        ("us-2025-10", ClockStop.TRACKING_ADDED, TIKTOKS["ship_by"]),
        ("us-2026-01", ClockStop.IN_TRANSIT, TIKTOKS["collect_by"]),
    ],
)
def test_a_dispatch_deadline_is_paired_with_tiktok_s_for_the_same_event(
    profile: str, event: ClockStop, tiktoks: datetime
) -> None:
    pair = dispatch_pair_of(profile, **TIKTOKS)
    assert (pair.kind, pair.event, pair.tiktoks) == (DeadlineKind.DISPATCH, event, tiktoks)


def test_automatic_cancels_are_paired_with_the_two_due_times() -> None:
    order = an_order(PLACED, **TIKTOKS)
    added, collected = cancel_pairs(order, counted(order, SHOP))
    assert (added.event, added.ours, added.tiktoks) == (
        ClockStop.TRACKING_ADDED,
        OUR_CANCEL,
        TIKTOKS["cancels_unless_shipped_by"],
    )
    assert (collected.event, collected.ours, collected.tiktoks) == (
        ClockStop.IN_TRANSIT,
        None,
        TIKTOKS["cancels_unless_collected_by"],
    )
    assert {added.kind, collected.kind} == {DeadlineKind.AUTOMATIC_CANCEL}


def a_pair(ours: str | None, tiktoks: str | None) -> Pair:
    return Pair(
        kind=DeadlineKind.DISPATCH,
        event=ClockStop.IN_TRANSIT,
        ours=local(ours) if ours else None,
        tiktoks=local(tiktoks) if tiktoks else None,
    )


@pytest.mark.parametrize(
    ("ours", "tiktoks", "acted_on"),
    [
        ("2026-03-05 23:59:59", "2026-03-04 23:59:59", "2026-03-04 23:59:59"),
        ("2026-03-04 23:59:59", "2026-03-05 23:59:59", "2026-03-04 23:59:59"),
        ("2026-03-05 23:59:59", None, "2026-03-05 23:59:59"),
        (None, "2026-03-05 23:59:59", "2026-03-05 23:59:59"),
        ("2026-03-05 23:59:59", "2026-03-05 23:59:58", "2026-03-05 23:59:58"),
    ],
)
def test_the_earlier_deadline_of_a_pair_is_acted_on(ours: str | None, tiktoks: str | None, acted_on: str) -> None:
    assert a_pair(ours, tiktoks).acted_on == local(acted_on)


def test_a_pair_without_figures_has_nothing_to_act_on() -> None:
    pair = a_pair(None, None)
    assert pair.acted_on is None
    assert not pair.differs(PACIFIC)


@pytest.mark.parametrize(
    ("ours", "tiktoks", "differs"),
    [
        ("2026-03-05 23:59:59", "2026-03-05 23:59:59", False),
        ("2026-03-05 23:59:59", "2026-03-05 21:59:59", False),
        ("2026-03-05 21:59:59", "2026-03-05 23:59:59", False),
        ("2026-03-05 23:59:59", "2026-03-05 21:59:58", True),
        ("2026-03-05 23:00:00", "2026-03-06 01:00:00", True),
        ("2026-03-05 23:59:59", "2026-03-06 00:00:00", True),
        ("2026-03-06 00:00:00", "2026-03-05 23:59:59", True),
        ("2026-03-05 23:59:59", "2026-03-06 23:59:59", True),
        ("2026-03-05 23:59:59", None, False),
        (None, "2026-03-05 23:59:59", False),
    ],
)
def test_a_pair_differs_by_another_date_or_by_more_than_two_hours(
    ours: str | None, tiktoks: str | None, *, differs: bool
) -> None:
    assert a_pair(ours, tiktoks).differs(PACIFIC) is differs


def test_the_date_of_a_pair_is_the_shop_s() -> None:
    pair = a_pair("2026-03-05 15:30:00", "2026-03-05 16:30:00")
    assert not pair.differs(PACIFIC)
    assert pair.differs(LONDON)


ADDED, COLLECTED = {"tracking_added_at": local("2026-03-04")}, {"collected_at": local("2026-03-05")}


@pytest.mark.parametrize(
    ("happened", "tiktoks", "expected"),
    [
        ({}, TIKTOKS, TIKTOKS["cancels_unless_shipped_by"]),
        ({}, {}, OUR_CANCEL),
        ({}, {"cancels_unless_shipped_by": local("2026-03-13 23:59:59")}, OUR_CANCEL),
        ({}, {"cancels_unless_collected_by": local("2026-03-09 23:59:59")}, local("2026-03-09 23:59:59")),
        (ADDED, TIKTOKS, TIKTOKS["cancels_unless_collected_by"]),
        (ADDED, {}, None),
        (COLLECTED, TIKTOKS, None),
        (ADDED | COLLECTED, TIKTOKS, None),
    ],
)
def test_the_next_automatic_cancel_is_the_earliest_that_nothing_keeps_away(
    happened: dict[str, datetime], tiktoks: dict[str, datetime], expected: datetime | None
) -> None:
    order = an_order(PLACED, **tiktoks)
    assert cancel_deadline(order, counted(order, SHOP, **happened)) == expected


def why(shop: ShopSettings, tiktoks: datetime, created_at: datetime = PLACED) -> str:
    order = an_order(created_at, collect_by=tiktoks, ship_by=tiktoks)
    deadlines = counted(order, shop)
    return explain(order, deadlines, shop, dispatch_pair(order, deadlines))


@pytest.mark.parametrize("tiktoks", [OURS, OURS - timedelta(hours=2), OURS - timedelta(minutes=1)])
def test_nothing_is_explained_where_both_mean_the_same(tiktoks: datetime) -> None:
    assert why(SHOP, tiktoks) == ""


@pytest.mark.parametrize(
    ("zone", "tiktoks"),
    [
        # The shop is set to Pacific time and TikTok Shop counts Eastern, and the other way round.
        ("America/Los_Angeles", local("2026-03-05 20:59:59")),
        ("America/New_York", local("2026-03-05 23:59:59")),
        ("America/Los_Angeles", datetime(2026, 3, 5, 23, 59, 59, tzinfo=UTC)),
        ("Europe/London", local("2026-03-05 23:59:59")),
    ],
)
def test_the_end_of_the_same_day_elsewhere_is_explained_by_the_time_zone(zone: str, tiktoks: datetime) -> None:
    shop = a_shop(time_zone=zone, deadlines={"profile": GUIDE})
    assert "time zone" in why(shop, tiktoks)


def test_a_deadline_in_pacific_standard_time_all_year_is_explained_by_the_time_zone() -> None:
    assert "time zone" in why(SHOP, local("2026-06-05 00:59:59"), local("2026-06-01"))


@pytest.mark.parametrize(
    ("handling", "tiktoks", "expected"),
    [
        ("automated", "2023-11-28 23:59:59", "as with manual handling settings"),
        ("manual", "2023-11-29 23:59:59", "as with automated handling settings"),
    ],
)
def test_a_campaign_that_only_one_of_both_counts_is_explained_by_the_handling_settings(
    handling: str, tiktoks: str, expected: str
) -> None:
    assert why(a_shop_by(GUIDE, handling=handling), local(tiktoks), local("2023-11-22")) == expected


@pytest.mark.parametrize(
    ("profile", "tiktoks", "named"),
    [
        (GUIDE, "2026-03-04 23:59:59", "us-2026-01"),
        ("us-2026-01", "2026-03-05 23:59:59", GUIDE),
        ("by_date", "2026-03-05 23:59:59", GUIDE),
    ],
)
def test_a_deadline_of_another_profile_is_explained_by_its_label(profile: str, tiktoks: str, named: str) -> None:
    assert why(a_shop_by(profile), local(tiktoks)).startswith(f"as under policy profile {named} (")


def test_a_profile_with_another_event_explains_nothing() -> None:
    shop = a_shop_by("us-2025-10")
    assert "profile us-" not in why(shop, local("2026-03-03 23:59:59"))
    # The guide's third business day is the day of a carrier's scan, not of a tracking number.
    assert why(shop, local("2026-03-05 23:59:59")) == "1 more business day, as for extra handling days"


@pytest.mark.parametrize(
    ("tiktoks", "expected"),
    [
        ("2026-03-06 23:59:59", "1 more business day, as for extra handling days"),
        ("2026-03-09 23:59:59", "2 more business days, as for extra handling days"),
        ("2026-03-10 23:59:59", "3 more business days, as for extra handling days"),
    ],
)
def test_some_more_business_days_look_like_extra_handling_days(tiktoks: str, expected: str) -> None:
    assert why(SHOP, local(tiktoks)) == expected


def test_extra_handling_days_that_tiktok_does_not_count_are_named() -> None:
    shop = a_shop_by(GUIDE, extra_handling=[{"first_order_date": MONDAY, "days": 2}])
    assert why(shop, OURS) == "as without the shop's extra handling days"


@pytest.mark.parametrize(
    ("created_at", "tiktoks"),
    [(MONDAY, "2026-03-07 23:59:59"), (MONDAY, "2026-03-08 23:59:59"), ("2025-11-20", "2025-11-27 23:59:59")],
)
def test_a_deadline_on_a_day_off_comes_from_other_holidays_or_calendar_days(created_at: str, tiktoks: str) -> None:
    assert "no business day" in why(SHOP, local(tiktoks), local(created_at))


@pytest.mark.parametrize(
    ("tiktoks", "expected"),
    [
        ("2026-03-19 23:59:59", "14 calendar days later, and no profile explains it"),
        ("2026-03-03 23:59:59", "2 calendar days earlier, and no profile explains it"),
    ],
)
def test_what_nothing_explains_is_said_in_days(tiktoks: str, expected: str) -> None:
    assert why(SHOP, local(tiktoks)) == expected


def test_an_order_of_an_earlier_choice_is_explained_by_the_shop_s_profile_of_today() -> None:
    order = an_order(PLACED, collect_by=OURS)
    settled = counted(order, a_shop_by("us-2026-01"), collected_at=OURS)
    found = explain(order, settled, SHOP, dispatch_pair(order, settled))
    assert found.startswith(f"as under policy profile {GUIDE} (")


def test_an_automatic_cancel_is_explained_like_a_dispatch() -> None:
    order = an_order(PLACED, cancels_unless_shipped_by=local("2026-03-09 23:59:59"))
    deadlines = counted(order, SHOP)
    added, collected = cancel_pairs(order, deadlines)
    assert explain(order, deadlines, SHOP, added).startswith("as under policy profile us-2026-01 (")
    assert explain(order, deadlines, SHOP, collected) == ""


def noted(record: OrderRecord | None, facts: OrderFacts) -> tuple[OrderRecord, list[TimelineEntry]]:
    change = decide_sighting(record, facts, SHOP, TIMING, facts.updated_at + timedelta(minutes=5))
    entries = change.timeline if change else ()
    return applied(record, change), [entry for entry in entries if entry.event is Event.DEADLINES_DIFFER]


def seen_at(hours: float, **changes: Any) -> OrderFacts:
    return facts_at(PLACED, seen_after=timedelta(hours=hours), **changes)


def test_a_difference_is_noted_once_with_both_figures_and_the_reason() -> None:
    _, notes = noted(None, seen_at(2, collect_by=TIKTOKS["collect_by"]))
    assert [note.detail for note in notes] == [
        {
            "deadline": "dispatch (in_transit)",
            "ours": OURS.isoformat(),
            "tiktok_shop": TIKTOKS["collect_by"].isoformat(),
            "profile": GUIDE,
            "why": "1 more business day, as for extra handling days",
        }
    ]


def test_a_difference_is_noted_again_only_when_a_value_changes() -> None:
    record, first = noted(None, seen_at(2, collect_by=TIKTOKS["collect_by"]))
    record, same = noted(record, seen_at(3, collect_by=TIKTOKS["collect_by"], cancel_requested=True))
    record, moved = noted(record, seen_at(4, collect_by=local("2026-03-09 23:59:59")))
    record, hidden = noted(record, seen_at(5, collect_by=None))
    record, agreed = noted(record, seen_at(6, collect_by=OURS))
    record, near = noted(record, seen_at(7, collect_by=OURS - timedelta(hours=2)))
    assert [len(notes) for notes in (first, same, moved, hidden, agreed, near)] == [1, 0, 1, 0, 0, 0]


def test_a_difference_that_appears_later_is_noted() -> None:
    record, first = noted(None, seen_at(2))
    record, agreed = noted(record, seen_at(3, collect_by=OURS))
    record, both = noted(
        record, seen_at(4, collect_by=TIKTOKS["collect_by"], cancels_unless_shipped_by=local("2026-03-12 23:59:59"))
    )
    assert (first, agreed) == ([], [])
    assert [note.detail["deadline"] for note in both] == ["dispatch (in_transit)", "automatic cancel (tracking_added)"]


def test_a_switch_of_the_profile_is_noted_where_tiktok_s_figure_now_differs() -> None:
    record, first = noted(None, seen_at(2, collect_by=OURS))
    assert first == []
    change, _ = decide_look(record, a_shop_by("us-2026-01"), PLACED + timedelta(hours=4), NO_LEAD)
    assert change is not None
    assert [(entry.event, entry.detail["profile"]) for entry in change.timeline] == [
        (Event.DEADLINES_SET, "us-2026-01"),
        (Event.DEADLINES_DIFFER, "us-2026-01"),
    ]
    record = applied(record, change)
    change, _ = decide_look(record, a_shop_by("us-2026-01"), PLACED + timedelta(hours=5), NO_LEAD)
    assert change is None


def test_an_order_that_is_dispatched_notes_no_difference() -> None:
    facts = seen_at(
        48, status="IN_TRANSIT", collect_by=TIKTOKS["collect_by"], collected_at=PLACED + timedelta(hours=40)
    )
    _, notes = noted(None, facts)
    assert notes == []
