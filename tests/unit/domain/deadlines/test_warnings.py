"""Warnings of deadlines: when, of what, once for each value of a deadline; and when an order is looked at next."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_sync.domain.deadlines.deadlines import MISSED, DeadlineKind, GivenWarning, Stage
from order_sync.domain.deadlines.looks import decide_look
from order_sync.domain.deadlines.warnings import due_warnings, is_watched, uncounted
from order_sync.domain.orders import Handling
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import seen
from tests.unit.domain.deadlines.orders_and_moments import (
    NO_LEAD,
    a_shop_by,
    an_order,
    deadlines_of,
    facts_at,
    in_words,
    local,
    looked,
)

GUIDE = "guide-2025-08"
SHOP = a_shop_by(GUIDE)
LEAD = timedelta(minutes=18)
PLACED = local("2026-03-11")
"""A Wednesday: due on Monday the 16th, cancelled automatically on Friday the 20th."""
DUE = local("2026-03-16 23:59:59")
CANCEL = local("2026-03-20 23:59:59")
DISPATCH_MOMENTS = {
    24: "Fri 2026-03-13 23:59:59",
    12: "Mon 2026-03-16 11:59:59",
    4: "Mon 2026-03-16 19:59:59",
    MISSED: "Tue 2026-03-17 00:00:00",
}
CANCEL_WARNED = local("2026-03-19 23:59:59")
ONE_SECOND = timedelta(seconds=1)


def an_open_order(status: str = "AWAITING_SHIPMENT", shop: ShopSettings = SHOP, **changes: Any) -> OrderRecord:
    facts = facts_at(PLACED, status, **changes)
    return seen(facts, shop=shop, at=facts.updated_at + timedelta(minutes=5))


def seen_again(
    record: OrderRecord, status: str, at: datetime, shop: ShopSettings = SHOP, **changes: Any
) -> OrderRecord:
    facts = facts_at(PLACED, status, seen_after=at - PLACED, **changes)
    return seen(facts, record, shop=shop, at=at + timedelta(minutes=5))


def dispatch_warning(level: int, deadline: datetime = DUE) -> GivenWarning:
    return GivenWarning(kind=DeadlineKind.DISPATCH, deadline=deadline, level=level)


CANCEL_WARNING = GivenWarning(kind=DeadlineKind.AUTOMATIC_CANCEL, deadline=CANCEL, level=24)


def walk(
    record: OrderRecord,
    first: datetime,
    last: datetime,
    *,
    every: timedelta,
    lead: timedelta,
    shop: ShopSettings = SHOP,
) -> Iterator[tuple[str, GivenWarning]]:
    """What people are told of, and when, by looks at regular times."""
    at = first
    while at <= last:
        record, told = looked(record, at, shop, lead)
        yield from ((in_words(at), warning) for warning in told)
        at += every


def test_each_warning_is_given_at_its_moment_and_not_a_second_before() -> None:
    record = an_open_order()
    for level, words in DISPATCH_MOMENTS.items():
        at = local(words.partition(" ")[2])
        assert in_words(at) == words
        record, early = looked(record, at - ONE_SECOND)
        assert early == ()
        assert deadlines_of(record).look_at == at
        record, told = looked(record, at)
        assert told == (dispatch_warning(level),)
    assert deadlines_of(record).look_at == CANCEL_WARNED
    record, told = looked(record, CANCEL_WARNED)
    assert told == (CANCEL_WARNING,)
    assert deadlines_of(record).look_at is None


@pytest.mark.parametrize("level", [24, 12, 4])
def test_a_warning_is_given_before_its_moment_when_the_next_look_would_come_too_late(level: int) -> None:
    at = local(DISPATCH_MOMENTS[level].partition(" ")[2]) - LEAD
    record, early = looked(an_open_order(), at - ONE_SECOND, lead=LEAD)
    record, told = looked(record, at, lead=LEAD)
    assert dispatch_warning(level) not in early
    assert told == (dispatch_warning(level),)


def test_a_missed_deadline_is_never_foretold() -> None:
    record, _ = looked(an_open_order(), DUE - LEAD, lead=LEAD)
    for at in (DUE - ONE_SECOND, DUE):
        record, told = looked(record, at, lead=LEAD)
        assert told == ()
        assert deadlines_of(record).stage is Stage.SOON
    record, told = looked(record, DUE + ONE_SECOND, lead=LEAD)
    assert told == (dispatch_warning(MISSED),)
    assert deadlines_of(record).stage is Stage.LATE


def test_an_order_collected_in_the_last_second_is_never_warned_of_as_missed() -> None:
    record, _ = looked(an_open_order(), DUE)
    record = seen_again(record, "IN_TRANSIT", DUE + timedelta(hours=1), collected_at=DUE)
    record, told = looked(record, DUE + timedelta(days=1))
    assert told == ()
    assert deadlines_of(record).stage is Stage.CLOSED


def test_looks_every_quarter_of_an_hour_tell_of_a_monday_s_deadline_on_friday_first() -> None:
    told = list(walk(an_open_order(), local("2026-03-12"), local("2026-03-21"), every=timedelta(minutes=15), lead=LEAD))
    assert told == [
        ("Fri 2026-03-13 23:45:00", dispatch_warning(24)),
        ("Mon 2026-03-16 11:45:00", dispatch_warning(12)),
        ("Mon 2026-03-16 19:45:00", dispatch_warning(4)),
        ("Tue 2026-03-17 00:00:00", dispatch_warning(MISSED)),
        ("Thu 2026-03-19 23:45:00", CANCEL_WARNING),
    ]


def test_only_the_most_urgent_warning_is_told_and_the_others_are_given_with_it() -> None:
    record, told = looked(an_open_order(), local("2026-03-16 20:30:00"))
    assert told == (dispatch_warning(4),)
    assert set(deadlines_of(record).given) == {dispatch_warning(level) for level in (24, 12, 4)}
    record, told = looked(record, local("2026-03-16 22:00:00"))
    assert told == ()


def test_a_look_that_comes_days_late_tells_of_the_missed_deadline_and_of_the_cancel_to_come() -> None:
    record, told = looked(an_open_order(), local("2026-03-20"))
    assert set(told) == {dispatch_warning(MISSED), CANCEL_WARNING}
    assert len(told) == 2
    assert len(deadlines_of(record).given) == 5


def test_warnings_stand_on_the_timeline_with_their_deadline() -> None:
    record = an_open_order()
    found = []
    for at in (DUE - timedelta(hours=5), DUE + ONE_SECOND, CANCEL_WARNED):
        change, _ = decide_look(record, SHOP, at, NO_LEAD)
        assert change is not None
        found += [(entry.event, dict(entry.detail)) for entry in change.timeline]
        record, _ = looked(record, at, SHOP)
    due = {"deadline": DUE.isoformat(), "profile": GUIDE}
    assert found == [
        (Event.DISPATCH_DEADLINE_NEAR, due | {"business_hours": "12"}),
        (Event.DISPATCH_DEADLINE_MISSED, due),
        (
            Event.AUTOMATIC_CANCEL_NEAR,
            {"deadline": CANCEL.isoformat(), "profile": GUIDE, "business_hours": "24"},
        ),
    ]


def test_a_look_at_an_order_with_nothing_due_changes_nothing() -> None:
    record = an_open_order()
    assert decide_look(record, SHOP, PLACED + timedelta(hours=5), LEAD) == (None, ())
    record, _ = looked(record, DUE + timedelta(hours=1))
    assert decide_look(record, SHOP, DUE + timedelta(hours=2), LEAD) == (None, ())


def test_an_order_that_was_never_seen_at_tiktok_has_nothing_to_look_at() -> None:
    assert decide_look(OrderRecord(order=an_order(PLACED)), SHOP, DUE, LEAD) == (None, ())


EARLIER = local("2026-03-13 23:59:59")


def test_a_deadline_that_moves_and_moves_back_is_warned_of_once_for_each_value() -> None:
    record, first = looked(an_open_order(), local("2026-03-13 23:59:59"))
    record = seen_again(record, "AWAITING_SHIPMENT", local("2026-03-14"), collect_by=EARLIER)
    record, moved = looked(record, local("2026-03-14 13:00:00"))
    record = seen_again(record, "AWAITING_SHIPMENT", local("2026-03-15"), collect_by=local("2026-03-17 23:59:59"))
    record, back = looked(record, local("2026-03-15 13:00:00"))
    record, next_one = looked(record, local("2026-03-16 12:00:00"))
    assert first == (dispatch_warning(24),)
    assert moved == (dispatch_warning(MISSED, EARLIER),)
    assert back == ()
    assert next_one == (dispatch_warning(12),)


def test_a_deadline_that_moves_away_takes_the_order_out_of_the_late_ones() -> None:
    record = an_open_order(collect_by=EARLIER)
    record, _ = looked(record, local("2026-03-14"))
    assert deadlines_of(record).stage is Stage.LATE
    record = seen_again(record, "AWAITING_SHIPMENT", local("2026-03-14 14:00:00"), collect_by=DUE)
    assert deadlines_of(record).stage is Stage.OPEN


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("UNPAID", {}),
        ("AWAITING_SHIPMENT", {"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}),
        ("CANCELLED", {"canceled_at": PLACED + timedelta(hours=1), "canceled_by": "BUYER"}),
        ("IN_TRANSIT", {"collected_at": PLACED + timedelta(hours=1)}),
        ("DELIVERED", {}),
    ],
)
@pytest.mark.parametrize("at", [DUE - timedelta(hours=1), DUE + timedelta(hours=1), CANCEL])
def test_there_is_no_warning_where_nobody_can_do_anything(status: str, changes: dict[str, Any], at: datetime) -> None:
    record = an_open_order(status, **changes)
    assert deadlines_of(record).look_at is None
    assert decide_look(record, SHOP, at, LEAD) == (None, ())


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("ON_HOLD", {}),
        ("AWAITING_SHIPMENT", {"paid_at": None}),
        # The seller packs it and hands it over all the same.
        ("AWAITING_SHIPMENT", {"shipping_type": "TIKTOK"}),
        ("PARTIALLY_SHIPPING", {}),
        ("SOMETHING_NEW", {}),
    ],
)
def test_orders_on_hold_or_part_shipped_or_paid_on_delivery_are_warned_of(status: str, changes: dict[str, Any]) -> None:
    _, told = looked(an_open_order(status, **changes), DUE - timedelta(hours=1))
    assert told == (dispatch_warning(4),)


def test_an_unpaid_order_is_warned_of_once_it_is_paid() -> None:
    record = an_open_order("UNPAID")
    record = seen_again(record, "AWAITING_SHIPMENT", PLACED + timedelta(hours=4))
    assert deadlines_of(record).look_at == local("2026-03-13 23:59:59")


def test_a_cancelled_order_has_no_next_look() -> None:
    record = seen_again(
        an_open_order(), "CANCELLED", local("2026-03-14"), canceled_at=local("2026-03-14"), canceled_by="BUYER"
    )
    assert deadlines_of(record).look_at is None
    assert decide_look(record, SHOP, DUE + timedelta(days=1), LEAD) == (None, ())


@pytest.mark.parametrize("handling", list(Handling))
def test_orders_that_the_seller_packs_are_watched_also_when_they_are_not_pushed(handling: Handling) -> None:
    assert is_watched(an_order(PLACED, handling=handling), deadlines_of(an_open_order()))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": OrderState.CANCELED},
        {"paid_at": None, "tiktok_status": "UNPAID"},
    ],
)
def test_dead_and_unpaid_orders_are_not_watched(changes: dict[str, Any]) -> None:
    assert not is_watched(an_order(PLACED, **changes), deadlines_of(an_open_order()))


def test_what_tiktok_fulfills_is_not_watched() -> None:
    deadlines = replace(deadlines_of(an_open_order()), fulfilled_by_tiktok=True)
    assert not is_watched(an_order(PLACED), deadlines)


def test_tracking_keeps_the_automatic_cancel_away_and_not_the_dispatch_deadline_of_the_guide() -> None:
    record = seen_again(an_open_order(), "AWAITING_COLLECTION", PLACED + timedelta(days=1))
    record, told = looked(record, DUE + timedelta(days=1))
    assert told == (dispatch_warning(MISSED),)
    record, told = looked(record, CANCEL)
    assert told == ()
    assert deadlines_of(record).look_at is None


def test_an_order_that_is_dispatched_by_its_tracking_is_still_warned_of_before_it_is_cancelled_uncollected() -> None:
    shop = a_shop_by("us-2025-10")
    collected_by = local("2026-03-18 23:59:59")
    record = an_open_order(shop=shop, cancels_unless_collected_by=collected_by)
    record = seen_again(
        record, "AWAITING_COLLECTION", PLACED + timedelta(days=1), shop, cancels_unless_collected_by=collected_by
    )
    assert deadlines_of(record).stage is Stage.OPEN
    assert deadlines_of(record).look_at == local("2026-03-17 23:59:59")
    record, told = looked(record, local("2026-03-17 23:59:59"), shop)
    assert told == (GivenWarning(kind=DeadlineKind.AUTOMATIC_CANCEL, deadline=collected_by, level=24),)
    assert deadlines_of(record).look_at is None


def test_the_automatic_cancel_is_warned_of_by_tiktok_s_figure_when_that_is_earlier() -> None:
    earlier = local("2026-03-18 23:59:59")
    record = an_open_order(cancels_unless_shipped_by=earlier)
    told = walk(record, local("2026-03-12"), local("2026-03-21"), every=timedelta(hours=1), lead=NO_LEAD)
    cancels = [(at, warning.deadline) for at, warning in told if warning.kind is DeadlineKind.AUTOMATIC_CANCEL]
    assert cancels == [("Wed 2026-03-18 00:00:00", earlier)]


def test_a_profile_that_was_changed_meanwhile_brings_its_own_deadline_and_warnings() -> None:
    record, first = looked(an_open_order(), local("2026-03-13 20:30:00"))
    record, told = looked(record, local("2026-03-13 20:45:00"), a_shop_by("us-2026-01"))
    assert first == ()
    assert told == (dispatch_warning(4, EARLIER),)
    assert deadlines_of(record).act_by == EARLIER
    record, told = looked(record, local("2026-03-14 20:45:00"), SHOP)
    assert told == (dispatch_warning(24),)
    assert deadlines_of(record).act_by == DUE


def test_the_stages_of_an_order_follow_its_warnings() -> None:
    record = an_open_order()
    stages = [deadlines_of(record).stage]
    for at in (DUE - timedelta(days=5), local("2026-03-14"), DUE, DUE + ONE_SECOND, CANCEL):
        record, _ = looked(record, at)
        stages.append(deadlines_of(record).stage)
    record = seen_again(record, "IN_TRANSIT", CANCEL + timedelta(hours=1), collected_at=CANCEL)
    stages.append(deadlines_of(record).stage)
    assert stages == [Stage.OPEN, Stage.OPEN, Stage.SOON, Stage.SOON, Stage.LATE, Stage.LATE, Stage.CLOSED]


def test_a_warning_of_the_automatic_cancel_alone_makes_no_order_soon_due() -> None:
    record = an_open_order(cancels_unless_shipped_by=local("2026-03-13 12:00:00"))
    record, told = looked(record, local("2026-03-12 13:00:00"))
    assert [warning.kind for warning in told] == [DeadlineKind.AUTOMATIC_CANCEL]
    assert deadlines_of(record).stage is Stage.OPEN


def test_a_cancelled_order_is_closed() -> None:
    assert deadlines_of(an_open_order("CANCELLED", canceled_at=PLACED)).stage is Stage.CLOSED


FIRST_ORDER = datetime(2025, 10, 1, tzinfo=UTC)
LIMITS = ("ship_by", "collect_by", "cancels_unless_shipped_by", "cancels_unless_collected_by")
MINUTES = st.integers(0, 30 * 24 * 60)
FIGURES = st.none() | st.integers(0, 20 * 24).map(lambda hours: timedelta(hours=hours))
PROFILES = st.sampled_from([GUIDE, "us-2025-10", "us-2026-01"])


@settings(max_examples=150, deadline=None)
@given(
    created_at=st.integers(0, 180 * 86_400).map(lambda seconds: FIRST_ORDER + timedelta(seconds=seconds)),
    figures=st.fixed_dictionaries(dict.fromkeys(LIMITS, FIGURES)),
    status=st.sampled_from(["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT"]),
    profiles=st.tuples(PROFILES, PROFILES),
    looks=st.lists(MINUTES, max_size=4),
    between=st.floats(0, 1),
)
def test_no_warning_falls_due_before_the_next_look_and_that_look_finds_one(
    created_at: datetime,
    figures: dict[str, timedelta | None],
    status: str,
    profiles: tuple[str, str],
    looks: list[int],
    between: float,
) -> None:
    limits: dict[str, Any] = {
        name: created_at + after if after is not None else None for name, after in figures.items()
    }
    facts = facts_at(created_at, status, **limits)
    record = seen(facts, shop=a_shop_by(profiles[0]), at=facts.updated_at)
    shop, at = a_shop_by(profiles[1]), facts.updated_at
    for number in sorted([*looks, 0]):
        at = created_at + timedelta(hours=2, minutes=number)
        record, _ = looked(record, at, shop)
        assert decide_look(record, shop, at, NO_LEAD) == (None, ())
    deadlines = deadlines_of(record)
    until = deadlines.look_at or at + timedelta(days=60)
    assert until > at
    inside = min(at + (until - at) * between, until - ONE_SECOND)
    assert due_warnings(record.order, deadlines, shop, inside, NO_LEAD) == ()
    assert all(over > inside for over in uncounted(record.order, deadlines))
    if deadlines.look_at:
        found = due_warnings(record.order, deadlines, shop, until, NO_LEAD)
        assert found or min(uncounted(record.order, deadlines)) == until


@settings(max_examples=100, deadline=None)
@given(
    hours=st.lists(st.integers(0, 14 * 24), min_size=1, max_size=8),
    figures=st.lists(st.none() | st.integers(3, 10), min_size=8, max_size=8),
)
def test_people_are_told_of_nothing_twice_however_deadlines_move(hours: list[int], figures: list[int | None]) -> None:
    record, everything = an_open_order(), list[GivenWarning]()
    for number, after in enumerate(sorted(hours)):
        at = PLACED + timedelta(hours=after + 3, minutes=number)
        days = figures[number]
        collect_by = DUE + timedelta(days=days - 5) if days else None
        record = seen_again(record, "AWAITING_SHIPMENT", at, collect_by=collect_by, delivery_option_id=str(number))
        record, told = looked(record, at + timedelta(minutes=6))
        assert len({warning.kind for warning in told}) == len(told)
        everything += told
    assert len(set(everything)) == len(everything)
    given_before = deadlines_of(record).given
    assert len(set(given_before)) == len(given_before)
