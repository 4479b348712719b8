"""What a sighting makes of an order's deadlines, and what the order then counts for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.cancelling.cancellations import CancellationStatus, Initiator
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.deadlines.deadlines import Deadlines, Stage
from order_sync.domain.deadlines.policies import OrderKind
from order_sync.domain.deadlines.tallies import SELLER_FAULT, Basis, Counted, contributions, counter
from order_sync.domain.facts import LineFacts
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_shop,
    applied,
    cancel_facts,
    seen,
    some_facts,
    some_lines,
)
from tests.unit.domain.deadlines.orders_and_moments import (
    MONDAY,
    a_shop_by,
    deadlines_of,
    facts_at,
    in_words,
    local,
    looked,
)

GUIDE = "guide-2025-08"
SHOP, TRACKING_SHOP, NEWEST_SHOP = (a_shop_by(name) for name in (GUIDE, "us-2025-10", "us-2026-01"))
PLACED = local(MONDAY)
DUE = local("2026-03-05 23:59:59")
IN_TIME, LATE = local("2026-03-05"), local("2026-03-06")


def sighted(
    record: OrderRecord | None, status: str, at: datetime, shop: ShopSettings = SHOP, **changes: Any
) -> OrderRecord:
    """The record after TikTok Shop was seen to show this at a moment; it is read five minutes later."""
    facts = facts_at(PLACED, status, seen_after=at - PLACED, **changes)
    return seen(facts, record, shop=shop, at=at + timedelta(minutes=5))


def an_open_order(shop: ShopSettings = SHOP, **changes: Any) -> OrderRecord:
    return sighted(None, "AWAITING_SHIPMENT", PLACED + timedelta(hours=2), shop, **changes)


def counts_of(record: OrderRecord) -> dict[str, list[str]]:
    """What a record counts for: names by date."""
    found = contributions(record.order, record.deadlines)
    return {day.isoformat(): sorted(tally) for day, tally in found.items()}


def class_of(record: OrderRecord, basis: Basis = Basis.PROFILE) -> str | None:
    """What became of an order by one basis."""
    names = {name for tally in contributions(record.order, record.deadlines).values() for name in tally}
    found = [counted for counted in Counted if counter(basis, counted) in names]
    assert len(found) <= 1
    return found[0] if found else None


def figures_in_words(deadlines: Deadlines) -> tuple[str, str]:
    return in_words(deadlines.figures.dispatch_by)[:14], in_words(deadlines.figures.cancels_by)[:14]


def test_an_order_has_its_deadlines_from_its_first_sighting_on() -> None:
    for status in ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "IN_TRANSIT", "CANCELLED"):
        deadlines = deadlines_of(sighted(None, status, PLACED + timedelta(minutes=10)))
        assert figures_in_words(deadlines) == ("Thu 2026-03-05", "Wed 2026-03-11")
        assert deadlines.figures.dispatch_on.isoformat() == "2026-03-05"


def test_the_first_sighting_s_change_carries_the_deadlines() -> None:
    change = decide_sighting(None, facts_at(PLACED), SHOP, TIMING, PLACED + timedelta(hours=3))
    assert change is not None
    assert change.deadlines is not None
    assert change.moves == {}


def test_tiktok_s_own_figure_moves_what_is_acted_on_and_never_ours() -> None:
    record = an_open_order(collect_by=local("2026-03-04 23:59:59"))
    assert deadlines_of(record).act_by == local("2026-03-04 23:59:59")
    assert str(deadlines_of(record).tiktok_on) == "2026-03-04"
    # A campaign gives more time at TikTok Shop than our data know of.
    record = sighted(record, "AWAITING_SHIPMENT", PLACED + timedelta(days=1), collect_by=local("2026-03-06 23:59:59"))
    assert deadlines_of(record).act_by == DUE
    assert deadlines_of(record).figures.dispatch_by == DUE
    assert str(deadlines_of(record).tiktok_on) == "2026-03-06"


def test_a_figure_that_tiktok_stops_showing_is_not_forgotten() -> None:
    record = an_open_order(collect_by=local("2026-03-04 23:59:59"))
    record = sighted(record, "AWAITING_SHIPMENT", PLACED + timedelta(days=1))
    assert str(deadlines_of(record).tiktok_on) == "2026-03-04"


def test_a_handling_time_that_appears_later_moves_the_deadline_and_stays() -> None:
    record = an_open_order(order_type="MADE_TO_ORDER")
    assert figures_in_words(deadlines_of(record)) == ("Thu 2026-03-05", "Wed 2026-03-11")
    days = Span(days=10, unit=DayUnit.CALENDAR)
    record = sighted(
        record, "AWAITING_SHIPMENT", PLACED + timedelta(days=1), order_type="MADE_TO_ORDER", handling_time=days
    )
    assert figures_in_words(deadlines_of(record)) == ("Thu 2026-03-12", "Wed 2026-03-18")
    record = sighted(record, "AWAITING_SHIPMENT", PLACED + timedelta(days=2), order_type="MADE_TO_ORDER")
    assert figures_in_words(deadlines_of(record)) == ("Thu 2026-03-12", "Wed 2026-03-18")
    assert deadlines_of(record).clock.kind is OrderKind.MADE_TO_ORDER


def test_a_release_date_that_moves_moves_a_pre_order_s_deadline() -> None:
    record = sighted(None, "ON_HOLD", PLACED, order_type="PRE_ORDER", release_at=local("2026-03-17"))
    assert figures_in_words(deadlines_of(record)) == ("Wed 2026-03-18", "Wed 2026-03-25")
    record = sighted(
        record, "ON_HOLD", PLACED + timedelta(days=1), order_type="PRE_ORDER", release_at=local("2026-03-24")
    )
    assert figures_in_words(deadlines_of(record)) == ("Wed 2026-03-25", "Wed 2026-04-01")


def test_another_profile_holds_from_the_next_sighting_on() -> None:
    record = sighted(an_open_order(), "AWAITING_SHIPMENT", PLACED + timedelta(days=1), NEWEST_SHOP)
    assert deadlines_of(record).figures.profile == "us-2026-01"
    assert figures_in_words(deadlines_of(record)) == ("Wed 2026-03-04", "Mon 2026-03-09")


def test_the_deadlines_of_a_dispatched_order_stay_what_they_were() -> None:
    record = sighted(an_open_order(), "IN_TRANSIT", LATE, collected_at=LATE)
    before = deadlines_of(record).figures
    record = sighted(
        record,
        "DELIVERED",
        LATE + timedelta(days=2),
        NEWEST_SHOP,
        order_type="MADE_TO_ORDER",
        handling_time=Span(days=12),
        collected_at=LATE,
    )
    assert deadlines_of(record).figures == before
    record, _ = looked(record, LATE + timedelta(days=3), NEWEST_SHOP)
    assert deadlines_of(record).figures == before


def test_the_deadlines_of_a_cancelled_order_stay_what_they_were() -> None:
    record = sighted(an_open_order(), "CANCELLED", IN_TIME, canceled_at=IN_TIME, canceled_by="BUYER")
    before = deadlines_of(record)
    record = sighted(
        record, "CANCELLED", LATE, NEWEST_SHOP, canceled_at=IN_TIME, canceled_by="BUYER", delivery_option_id="7"
    )
    assert deadlines_of(record).figures == before.figures
    record, _ = looked(record, LATE, NEWEST_SHOP)
    assert deadlines_of(record).figures == before.figures


@pytest.mark.parametrize(
    ("status", "changes", "expected"),
    [
        ("IN_TRANSIT", {"collected_at": IN_TIME}, Counted.ON_TIME),
        ("CANCELLED", {"canceled_at": IN_TIME, "canceled_by": "BUYER"}, Counted.CANCELED_IN_TIME),
    ],
)
def test_the_sighting_that_closes_an_order_counts_it_like_any_other_by_the_shop_s_settings(
    status: str, changes: dict[str, Any], expected: Counted
) -> None:
    longer = a_shop_by(GUIDE, extra_handling=[{"first_order_date": MONDAY, "days": 2}])
    record = sighted(an_open_order(), status, IN_TIME, longer, **changes)
    assert figures_in_words(deadlines_of(record))[0] == "Mon 2026-03-09"
    assert class_of(record) == expected
    assert list(counts_of(record)) == ["2026-03-09"]


def test_a_collection_counts_when_it_happened_and_not_when_it_was_seen() -> None:
    record, _ = looked(an_open_order(), DUE + timedelta(hours=1))
    assert class_of(record) == Counted.LATE_OPEN
    # Tracking lags by a day: the carrier had it in time.
    record = sighted(record, "IN_TRANSIT", LATE + timedelta(days=1), collected_at=IN_TIME)
    assert class_of(record) == Counted.ON_TIME
    assert deadlines_of(record).stage is Stage.CLOSED


@pytest.mark.parametrize(
    ("collected_at", "expected"),
    [(DUE - timedelta(seconds=1), "on_time"), (DUE, "on_time"), (DUE + timedelta(seconds=1), "late")],
)
def test_the_last_second_of_the_deadline_is_in_time(collected_at: datetime, expected: str) -> None:
    record = sighted(an_open_order(), "IN_TRANSIT", LATE + timedelta(days=1), collected_at=collected_at)
    assert counts_of(record) == {"2026-03-05": [f"profile_{expected}"]}


def test_a_late_correction_of_the_collection_moves_the_order_from_one_count_to_the_other() -> None:
    record = sighted(an_open_order(), "IN_TRANSIT", LATE, collected_at=LATE)
    assert class_of(record) == Counted.LATE
    facts = facts_at(PLACED, "DELIVERED", seen_after=timedelta(days=6), collected_at=IN_TIME)
    change = decide_sighting(record, facts, SHOP, TIMING, PLACED + timedelta(days=7))
    assert change is not None
    assert change.moves == {DUE.date().replace(day=5): {"profile_late": -1, "profile_on_time": 1}}
    record = applied(record, change)
    assert class_of(record) == Counted.ON_TIME
    record = sighted(record, "COMPLETED", PLACED + timedelta(days=20), collected_at=LATE)
    assert class_of(record) == Counted.LATE


def test_a_status_that_is_seen_before_its_time_counts_from_the_sighting_until_the_time_is_shown() -> None:
    record = sighted(an_open_order(), "IN_TRANSIT", LATE)
    assert deadlines_of(record).collected_at == LATE
    assert class_of(record) == Counted.LATE
    record = sighted(record, "IN_TRANSIT", LATE + timedelta(hours=2), delivery_option_id="7")
    assert deadlines_of(record).collected_at == LATE
    record = sighted(record, "IN_TRANSIT", LATE + timedelta(hours=3), collected_at=IN_TIME)
    assert class_of(record) == Counted.ON_TIME
    record = sighted(record, "DELIVERED", LATE + timedelta(days=3))
    assert deadlines_of(record).collected_at == IN_TIME


def test_tracking_stops_the_clock_of_a_profile_that_says_so_and_not_the_guide_s() -> None:
    added: dict[str, Any] = {"tracking_added_at": IN_TIME}
    record = sighted(an_open_order(TRACKING_SHOP), "AWAITING_COLLECTION", LATE, TRACKING_SHOP, **added)
    assert class_of(record) == Counted.LATE
    record = sighted(an_open_order(), "AWAITING_COLLECTION", LATE, **added)
    assert class_of(record) is None
    record, _ = looked(record, LATE)
    assert class_of(record) == Counted.LATE_OPEN


def test_times_of_tracking_that_only_the_lines_show_correct_an_inferred_one() -> None:
    in_time = local("2026-03-04")
    record = sighted(an_open_order(TRACKING_SHOP), "AWAITING_COLLECTION", LATE, TRACKING_SHOP)
    assert class_of(record) == Counted.LATE
    lines = some_lines(shipped=True, package_id="P1", tracking_number="T1", tracking_added_at=in_time)
    record = sighted(record, "AWAITING_COLLECTION", LATE + timedelta(hours=1), TRACKING_SHOP, lines=lines)
    assert deadlines_of(record).tracking_added_at == in_time
    assert class_of(record) == Counted.ON_TIME


def test_a_parcel_that_was_collected_had_its_tracking() -> None:
    shop = TRACKING_SHOP
    record = sighted(an_open_order(shop), "IN_TRANSIT", IN_TIME, shop, collected_at=local("2026-03-04"))
    assert class_of(record) == Counted.ON_TIME


def parcels(first: datetime | None, last: datetime | None, **changes: Any) -> tuple[LineFacts, ...]:
    """Two lines, each in a parcel of its own from the moment it got its tracking; None for one that has no parcel."""

    def line(facts: LineFacts, number: str, added_at: datetime | None) -> LineFacts:
        if added_at is None:
            return replace(facts, **changes)
        return replace(
            facts, shipped=True, package_id=number, tracking_number=number, tracking_added_at=added_at, **changes
        )

    one, two = some_lines()
    return line(one, "P1", first), line(two, "P2", last)


EARLY = local("2026-03-03")


def part_shipped(shop: ShopSettings = SHOP) -> OrderRecord:
    """An order whose first parcel left in time and whose second one did not."""
    return sighted(
        an_open_order(shop),
        "PARTIALLY_SHIPPING",
        local("2026-03-04"),
        shop,
        lines=parcels(EARLY, None),
        tracking_added_at=EARLY,
        collected_at=EARLY + timedelta(hours=3),
    )


def test_a_part_shipped_order_is_open_and_late_with_what_is_missing() -> None:
    record = part_shipped()
    assert not deadlines_of(record).is_decided
    assert class_of(record) is None
    record, told = looked(record, DUE + timedelta(hours=1))
    assert [warning.level for warning in told] == [0]
    assert class_of(record) == Counted.LATE_OPEN


@pytest.mark.parametrize(("last", "expected"), [(IN_TIME, Counted.ON_TIME), (LATE, Counted.LATE)])
def test_an_order_in_parts_counts_by_its_last_parcel(last: datetime, expected: Counted) -> None:
    record = sighted(part_shipped(), "AWAITING_COLLECTION", last, lines=parcels(EARLY, last))
    assert not deadlines_of(record).is_decided
    record = sighted(
        record,
        "IN_TRANSIT",
        LATE + timedelta(days=1),
        lines=parcels(EARLY, last),
        collected_at=last + timedelta(hours=1),
    )
    assert class_of(record) == expected


@pytest.mark.parametrize(("last", "expected"), [(IN_TIME, Counted.ON_TIME), (LATE, Counted.LATE)])
def test_the_collection_of_the_first_parcel_does_not_stand_for_the_last_one(last: datetime, expected: Counted) -> None:
    record = sighted(
        part_shipped(),
        "IN_TRANSIT",
        LATE + timedelta(days=1),
        lines=parcels(EARLY, last),
        collected_at=EARLY + timedelta(hours=3),
    )
    assert class_of(record) == expected


def test_under_a_profile_of_tracking_the_last_parcel_s_tracking_counts() -> None:
    shop = TRACKING_SHOP
    due = local("2026-03-04 23:59:59")
    for last, expected in ((due, Counted.ON_TIME), (due + timedelta(seconds=1), Counted.LATE)):
        record = sighted(
            part_shipped(shop), "AWAITING_COLLECTION", LATE, shop, lines=parcels(EARLY, last), tracking_added_at=EARLY
        )
        assert class_of(record) == expected


def test_the_rest_of_an_order_that_is_cancelled_leaves_it_dispatched_by_what_was_shipped() -> None:
    one, two = parcels(EARLY, None)
    record = sighted(
        part_shipped(),
        "IN_TRANSIT",
        LATE,
        lines=(one, replace(two, canceled=True)),
        tracking_added_at=EARLY,
        collected_at=EARLY + timedelta(hours=3),
    )
    assert class_of(record) == Counted.ON_TIME


def test_a_part_shipped_order_that_is_cancelled_whole_was_never_dispatched() -> None:
    record = sighted(
        part_shipped(),
        "CANCELLED",
        LATE,
        lines=parcels(EARLY, None, canceled=True),
        tracking_added_at=EARLY,
        collected_at=EARLY + timedelta(hours=3),
        canceled_at=LATE,
        canceled_by="SYSTEM",
    )
    assert class_of(record) == Counted.LATE_CANCELED


@pytest.mark.parametrize(("collected_at", "expected"), [(IN_TIME, Counted.ON_TIME), (LATE, Counted.LATE)])
def test_an_order_that_is_cancelled_after_its_collection_stays_dispatched(
    collected_at: datetime, expected: Counted
) -> None:
    canceled: dict[str, Any] = {"canceled_at": LATE + timedelta(days=3), "canceled_by": "SYSTEM"}
    record = sighted(an_open_order(), "IN_TRANSIT", LATE, collected_at=collected_at)
    record = sighted(record, "CANCELLED", LATE + timedelta(days=3), collected_at=collected_at, **canceled)
    assert class_of(record) == expected
    unseen = sighted(an_open_order(), "CANCELLED", LATE + timedelta(days=3), collected_at=collected_at, **canceled)
    assert class_of(unseen) == expected
    hidden = sighted(record, "CANCELLED", LATE + timedelta(days=4), **canceled)
    assert class_of(hidden) == expected


@pytest.mark.parametrize(
    ("canceled_at", "expected"),
    [
        (DUE - timedelta(seconds=1), Counted.CANCELED_IN_TIME),
        (DUE, Counted.CANCELED_IN_TIME),
        (DUE + timedelta(seconds=1), Counted.LATE_CANCELED),
    ],
)
@pytest.mark.parametrize("by", ["BUYER", "SELLER", "SYSTEM"])
def test_an_order_is_cancelled_late_when_it_is_after_the_cut_off_whoever_cancels(
    canceled_at: datetime, expected: Counted, by: str
) -> None:
    record, _ = looked(an_open_order(), DUE + timedelta(hours=1))
    assert class_of(record) == Counted.LATE_OPEN
    record = sighted(record, "CANCELLED", LATE + timedelta(days=1), canceled_at=canceled_at, canceled_by=by)
    assert class_of(record) == expected


def canceled_through_a_cancellation(record: OrderRecord, at: datetime, initiator: Initiator) -> OrderRecord:
    facts = cancel_facts(
        "GRANTED", initiator=initiator, is_request=False, requested_at=at, updated_at=at, line_ids=(LINE_1, LINE_2)
    )
    assert facts.status is CancellationStatus.GRANTED
    return applied(record, decide_cancellation_sighting(record, facts, SHOP, TIMING, at + timedelta(minutes=5)))


def test_a_cancellation_closes_the_order_at_once_and_moves_the_counters() -> None:
    record, _ = looked(an_open_order(collect_by=DUE), DUE + timedelta(hours=1))
    at = LATE + timedelta(hours=3)
    facts = cancel_facts("GRANTED", initiator=Initiator.PLATFORM, is_request=False, requested_at=at, updated_at=at)
    change = decide_cancellation_sighting(record, facts, SHOP, TIMING, at + timedelta(minutes=5))
    assert change is not None
    assert dict(change.moves) == {
        DUE.date().replace(day=5): {
            "profile_late_open": -1,
            "profile_late_canceled": 1,
            "late_canceled_by_platform": 1,
            "tiktok_late_open": -1,
            "tiktok_late_canceled": 1,
        }
    }
    record = applied(record, change)
    assert deadlines_of(record).stage is Stage.CLOSED
    assert deadlines_of(record).look_at is None


def test_the_time_of_the_order_corrects_that_of_the_cancellation() -> None:
    record = canceled_through_a_cancellation(an_open_order(), LATE, Initiator.BUYER)
    assert class_of(record) == Counted.LATE_CANCELED
    record = sighted(record, "CANCELLED", LATE + timedelta(hours=1), canceled_at=IN_TIME, canceled_by="BUYER")
    assert class_of(record) == Counted.CANCELED_IN_TIME


def test_a_collection_that_is_seen_only_after_a_cancellation_counts() -> None:
    record = canceled_through_a_cancellation(an_open_order(), LATE, Initiator.PLATFORM)
    record = sighted(
        record, "CANCELLED", LATE + timedelta(hours=1), canceled_at=LATE, canceled_by="SYSTEM", collected_at=IN_TIME
    )
    assert class_of(record) == Counted.ON_TIME


HELD = PLACED + timedelta(minutes=10)
AFTER_HOLD = PLACED + timedelta(minutes=90)
BY_SELLER: dict[str, Any] = {"canceled_at": AFTER_HOLD, "canceled_by": "SELLER"}


def test_the_same_events_count_the_same_whatever_was_seen_of_them() -> None:
    whole = sighted(sighted(None, "ON_HOLD", HELD), "AWAITING_SHIPMENT", PLACED + timedelta(minutes=61))
    histories = {
        "only its end": sighted(None, "CANCELLED", AFTER_HOLD, **BY_SELLER),
        "its hold and its end": sighted(sighted(None, "ON_HOLD", HELD), "CANCELLED", AFTER_HOLD, **BY_SELLER),
        "all of it": sighted(whole, "CANCELLED", AFTER_HOLD, **BY_SELLER),
        "its cancellation before its end": sighted(
            canceled_through_a_cancellation(sighted(None, "ON_HOLD", HELD), AFTER_HOLD, Initiator.SELLER),
            "CANCELLED",
            AFTER_HOLD + timedelta(seconds=1),
            **BY_SELLER,
        ),
    }
    expected = {"2026-03-05": ["profile_canceled_in_time", SELLER_FAULT]}
    assert {name: counts_of(record) for name, record in histories.items()} == dict.fromkeys(histories, expected)


@pytest.mark.parametrize(
    ("first", "canceled_at", "changes"),
    [
        ("ON_HOLD", PLACED + timedelta(minutes=40), {}),
        ("UNPAID", PLACED + timedelta(days=2), {"paid_at": None}),
        # A pre-order is held until its release.
        ("ON_HOLD", PLACED + timedelta(days=2), {"order_type": "PRE_ORDER", "release_at": local("2026-03-20")}),
    ],
)
@pytest.mark.parametrize("by", ["BUYER", "SELLER"])
def test_an_order_that_is_cancelled_before_it_awaits_shipment_counts_nowhere(
    first: str, canceled_at: datetime, changes: dict[str, Any], by: str
) -> None:
    canceled = changes | {"canceled_at": canceled_at, "canceled_by": by}
    unseen = sighted(None, "CANCELLED", canceled_at, **canceled)
    assert counts_of(unseen) == {}
    record = sighted(sighted(None, first, HELD, **changes), "CANCELLED", canceled_at, **canceled)
    assert counts_of(record) == {}


def test_an_order_that_was_seen_to_await_shipment_counts_however_soon_it_is_cancelled() -> None:
    # Some categories have no hold.
    at_once = PLACED + timedelta(minutes=30)
    record = sighted(None, "AWAITING_SHIPMENT", PLACED + timedelta(minutes=5))
    record = sighted(record, "CANCELLED", at_once, canceled_at=at_once, canceled_by="SELLER")
    assert counts_of(record) == {"2026-03-05": ["profile_canceled_in_time", SELLER_FAULT]}


def test_an_order_awaits_shipment_since_it_was_first_seen_to() -> None:
    record = sighted(an_open_order(), "AWAITING_COLLECTION", IN_TIME)
    assert deadlines_of(record).clock.awaiting_since == PLACED + timedelta(hours=2)


def test_an_open_order_is_late_by_each_deadline_once_that_is_over() -> None:
    record = an_open_order(collect_by=local("2026-03-04 23:59:59"))
    found = []
    for at in (local("2026-03-04 23:59:59"), local("2026-03-05"), DUE, DUE + timedelta(seconds=1)):
        record, _ = looked(record, at)
        found.append(counts_of(record))
    theirs = {"2026-03-04": ["tiktok_late_open"]}
    assert found == [{}, theirs, theirs, theirs | {"2026-03-05": ["differing", "profile_late_open"]}]


def test_a_late_open_order_that_is_seen_again_stays_counted() -> None:
    record, _ = looked(an_open_order(), LATE)
    record = sighted(record, "AWAITING_COLLECTION", LATE + timedelta(hours=1))
    assert class_of(record) == Counted.LATE_OPEN
    assert deadlines_of(record).stage is Stage.LATE


def test_an_order_that_tiktok_shows_as_cancelled_only_later_stays_cancelled() -> None:
    record = canceled_through_a_cancellation(an_open_order(), LATE, Initiator.BUYER)
    record = sighted(record, "AWAITING_SHIPMENT", LATE + timedelta(minutes=20))
    assert class_of(record) == Counted.LATE_CANCELED
    assert deadlines_of(record).stage is Stage.CLOSED


def test_an_order_that_was_never_seen_open_counts_with_its_first_sighting() -> None:
    record = sighted(None, "DELIVERED", LATE + timedelta(days=3), collected_at=LATE, collect_by=DUE)
    assert counts_of(record) == {"2026-03-05": ["profile_late", "tiktok_late"]}


@pytest.mark.parametrize("status", ["UNPAID", "ON_HOLD"])
def test_an_order_that_does_not_await_shipment_is_not_open_and_late(status: str) -> None:
    record, _ = looked(sighted(None, status, HELD), LATE)
    assert class_of(record) is None


def test_an_order_that_comes_out_of_its_hold_after_its_deadline_is_counted_at_the_next_look() -> None:
    record, _ = looked(sighted(None, "ON_HOLD", HELD), LATE)
    record = sighted(record, "AWAITING_SHIPMENT", LATE + timedelta(hours=1))
    look_at = deadlines_of(record).look_at
    assert look_at is not None
    assert look_at <= LATE + timedelta(hours=1)
    record, _ = looked(record, LATE + timedelta(hours=2))
    assert class_of(record) == Counted.LATE_OPEN


def test_an_older_sighting_moves_nothing() -> None:
    record = sighted(an_open_order(), "IN_TRANSIT", LATE, collected_at=LATE)
    facts = facts_at(PLACED, "AWAITING_COLLECTION", seen_after=timedelta(hours=30))
    assert decide_sighting(record, facts, SHOP, TIMING, LATE + timedelta(days=1)) is None


@pytest.mark.parametrize("seen_in_transit", [True, False])
@pytest.mark.parametrize(("last", "expected"), [(IN_TIME, Counted.ON_TIME), (LATE, Counted.LATE)])
def test_a_cancelled_order_of_two_parcels_counts_by_its_last_one_whether_it_was_seen_in_transit_or_not(
    last: datetime, expected: Counted, *, seen_in_transit: bool
) -> None:
    shown: dict[str, Any] = {"tracking_added_at": EARLY, "collected_at": EARLY + timedelta(hours=3)}
    record = an_open_order()
    if seen_in_transit:
        record = sighted(record, "IN_TRANSIT", LATE + timedelta(hours=1), lines=parcels(EARLY, last), **shown)
    canceled_at = LATE + timedelta(days=9)
    record = sighted(
        record,
        "CANCELLED",
        canceled_at,
        lines=parcels(EARLY, last, canceled=True),
        canceled_at=canceled_at,
        canceled_by="SYSTEM",
        **shown,
    )
    assert class_of(record) == expected


@pytest.mark.parametrize("seen_at_first", [{"collected_at": LATE}, {}])
def test_a_correction_that_comes_with_the_cancellation_counts(seen_at_first: dict[str, Any]) -> None:
    record = sighted(an_open_order(), "IN_TRANSIT", LATE, **seen_at_first)
    assert class_of(record) == Counted.LATE
    canceled_at = LATE + timedelta(days=9)
    record = sighted(
        record, "CANCELLED", canceled_at, canceled_at=canceled_at, canceled_by="SYSTEM", collected_at=IN_TIME
    )
    assert class_of(record) == Counted.ON_TIME


def test_an_order_whose_deadlines_cannot_be_counted_is_kept_all_the_same() -> None:
    """Nobody knows the holidays of that year: the date cannot be right, and nothing else of the order is wrong."""
    facts = some_facts("ON_HOLD", order_type="PRE_ORDER", release_at=datetime(2150, 1, 1, tzinfo=UTC))
    change = decide_sighting(None, facts, a_shop(), TIMING, NOON + timedelta(minutes=1))
    assert change is not None
    assert change.deadlines is None
    (unknown,) = [fact for fact in change.timeline if fact.event is Event.DEADLINES_UNKNOWN]
    assert "2150" in unknown.detail["reason"]
    assert change.order.release_due is not None
