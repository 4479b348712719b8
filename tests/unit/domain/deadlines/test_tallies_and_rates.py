"""The Late Dispatch Rate in numbers: what one order counts for, every reading, and how far the limit is (G6, OP B5)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.domain.deadlines.counting import figures
from order_sync.domain.deadlines.deadlines import Clock, Deadlines
from order_sync.domain.deadlines.pairs import beside_tiktoks
from order_sync.domain.deadlines.policies import ClockStop, PolicyProfile
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import (
    DispatchRates,
    Rate,
    Window,
    add_up,
    is_over,
    rolling_window,
)
from order_sync.domain.deadlines.tallies import (
    CANCELED_BY_PLATFORM,
    DIFFERING,
    FULFILLED_BY_TIKTOK,
    SELLER_FAULT,
    Basis,
    Counted,
    contributions,
    counter,
    moves,
)
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings
from tests.unit.domain.deadlines.orders_and_moments import MONDAY, a_shop_by, an_order, local, rates_of_orders

GUIDE = "guide-2025-08"
SHOP = a_shop_by(GUIDE)
PROFILES = {(profile.region.value, profile.name): profile for profile in policy_profiles()}
LIMIT = Decimal(4)
DAY = date(2026, 3, 5)
ONE_DAY = Window(first=DAY, last=DAY)


def of_profile(**numbers: int) -> dict[str, int]:
    return {counter(Basis.PROFILE, Counted(name)): number for name, number in numbers.items()}


def rates_of(counts: Mapping[str, int]) -> DispatchRates:
    return DispatchRates(window=ONE_DAY, counts=counts)


def test_the_readings_of_a_hundred_orders_shipped_three_late_and_two_cancelled_late() -> None:
    rates = rates_of(of_profile(on_time=97, late=3, late_canceled=2))
    assert str(rates.late_dispatch()) == "4.90 % (5 of 102)"
    assert str(rates.shipped_only) == "3.00 % (3 of 100)"
    assert str(rates.canceled_above_only) == "5.00 % (5 of 100)"
    verdicts = [is_over(rate, PROFILES["US", GUIDE]) for rate in (rates.shipped_only, rates.canceled_above_only)]
    assert verdicts == [False, True]
    assert is_over(rates.late_dispatch(), PROFILES["US", GUIDE])


@pytest.mark.parametrize(
    ("part", "orders", "over"),
    [(4, 100, False), (1, 25, False), (401, 10_000, True), (4, 99, True), (400, 10_001, False), (0, 1, False)],
)
def test_exactly_four_percent_is_fine_and_a_hair_more_is_not(part: int, orders: int, *, over: bool) -> None:
    for profile in policy_profiles():
        assert is_over(Rate(part=part, orders=orders), profile) is over


def test_a_rate_that_only_reads_as_four_percent_is_over() -> None:
    rate = Rate(part=4_000_1, orders=1_000_000)
    assert str(rate) == "4.00 % (40001 of 1000000)"
    assert is_over(rate, PROFILES["US", GUIDE])


def test_no_orders_are_no_data_and_never_zero_percent() -> None:
    nothing = rates_of({})
    for rate in (
        nothing.late_dispatch(),
        nothing.late_dispatch(Basis.TIKTOK),
        nothing.shipped_only,
        nothing.canceled_above_only,
        nothing.with_fulfilled_by_tiktok,
        nothing.with_open,
        nothing.seller_fault_cancellation,
    ):
        assert (rate.exact, rate.percent, str(rate)) == (None, None, "no data")
        assert not is_over(rate, PROFILES["US", GUIDE])
    assert str(Rate(part=0, orders=3)) == "0.00 % (0 of 3)"


def test_only_cancelled_late_orders_are_a_rate_and_those_shipped_are_no_data() -> None:
    rates = rates_of(of_profile(late_canceled=2))
    assert str(rates.late_dispatch()) == "100.00 % (2 of 2)"
    assert str(rates.shipped_only) == str(rates.canceled_above_only) == "no data"


def test_cancelled_before_the_cut_off_is_in_neither() -> None:
    rates = rates_of(of_profile(on_time=96, late=4, canceled_in_time=50))
    assert str(rates.late_dispatch()) == "4.00 % (4 of 100)"


def test_what_tiktok_fulfilled_is_below_the_line_of_that_reading_only() -> None:
    rates = rates_of(of_profile(on_time=95, late=5) | {FULFILLED_BY_TIKTOK: 100})
    assert str(rates.with_fulfilled_by_tiktok) == "2.50 % (5 of 200)"
    assert str(rates.late_dispatch()) == "5.00 % (5 of 100)"


def test_open_orders_that_are_late_are_above_and_below_the_line_of_that_reading_only() -> None:
    rates = rates_of(of_profile(on_time=95, late=5, late_open=10))
    assert str(rates.with_open) == "13.64 % (15 of 110)"
    assert str(rates.late_dispatch()) == "5.00 % (5 of 100)"


def test_the_rate_by_tiktok_s_deadlines_has_counters_of_its_own() -> None:
    theirs = {counter(Basis.TIKTOK, Counted.LATE): 1, counter(Basis.TIKTOK, Counted.ON_TIME): 9}
    rates = rates_of(of_profile(on_time=95, late=5) | theirs)
    assert str(rates.late_dispatch(Basis.TIKTOK)) == "10.00 % (1 of 10)"
    assert str(rates.late_dispatch()) == "5.00 % (5 of 100)"


def test_the_seller_fault_rate_is_of_all_orders_that_came_to_await_shipment() -> None:
    counts = of_profile(on_time=90, late=4, late_canceled=2, late_open=1, canceled_in_time=3)
    rates = rates_of(counts | {SELLER_FAULT: 3, CANCELED_BY_PLATFORM: 1, DIFFERING: 7})
    assert str(rates.seller_fault_cancellation) == "3.00 % (3 of 100)"
    assert (rates.canceled_by_platform, rates.differing) == (1, 7)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, 0),
        (of_profile(on_time=1), 0),
        (of_profile(on_time=24), 1),
        (of_profile(on_time=100), 4),
        (of_profile(on_time=96, late=4), 0),
        (of_profile(on_time=97, late=3), 1),
        (of_profile(on_time=97, late=3, late_canceled=2), -1),
        (of_profile(on_time=90, late=5, late_canceled=5, late_open=9, canceled_in_time=9), -6),
        (of_profile(late=1), -1),
    ],
)
def test_the_headroom_is_how_many_more_orders_may_be_late(counts: Mapping[str, int], expected: int) -> None:
    assert rates_of(counts).headroom(LIMIT) == expected


@given(
    on_time=st.integers(0, 5000),
    late=st.integers(0, 400),
    canceled=st.integers(0, 100),
    limit=st.sampled_from([Decimal("4.00"), Decimal(10), Decimal("2.5"), Decimal("0.01"), Decimal("99.9")]),
)
def test_as_many_more_late_orders_as_the_headroom_stay_within_the_limit_and_one_more_does_not(
    on_time: int, late: int, canceled: int, limit: Decimal
) -> None:
    rates = rates_of(of_profile(on_time=on_time, late=late, late_canceled=canceled))
    headroom, allowed = rates.headroom(limit), Fraction(limit) / 100
    part, orders = late + canceled, on_time + late + canceled
    if headroom < 0:
        # Had so many of them not been late, the rate would be within its limit, and with one fewer it would not.
        assert Fraction(part + headroom, orders) <= allowed < Fraction(part + headroom + 1, orders)
        assert Fraction(part, orders) > allowed
    else:
        assert Fraction(part + headroom, max(orders + headroom, 1)) <= allowed
        assert Fraction(part + headroom + 1, orders + headroom + 1) > allowed


@pytest.mark.parametrize(
    ("region", "profile", "own", "first"),
    [
        ("US", GUIDE, None, "2026-03-09"),
        ("GB", "uk-2024-11", None, "2026-02-14"),
        ("GB", "uk-2024-11", 7, "2026-03-09"),
        ("US", GUIDE, 30, "2026-02-14"),
        ("US", GUIDE, 1, "2026-03-15"),
    ],
)
def test_the_window_ends_yesterday_and_is_as_long_as_the_shop_or_its_profile_says(
    region: str, profile: str, own: int | None, first: str
) -> None:
    shop = a_shop_by(profile, region, rate_window_days=own)
    window = rolling_window(date(2026, 3, 16), shop, PROFILES[region, profile].late_dispatch_rate)
    assert window == Window(first=date.fromisoformat(first), last=date(2026, 3, 15))
    length = own or PROFILES[region, profile].late_dispatch_rate.window_days
    assert len(window.days) == length
    assert (window.days[0], window.days[-1]) == (window.first, window.last)


def test_a_window_adds_up_its_own_days_and_no_others() -> None:
    window = Window(first=DAY, last=DAY + timedelta(days=2))
    days = {DAY + timedelta(days=number): of_profile(late=10 ** (number + 1), on_time=1) for number in range(-1, 4)}
    rates = add_up(window, days)
    assert (rates.number(Counted.LATE), rates.number(Counted.ON_TIME)) == (1110, 3)
    assert rates.window == window


def test_a_window_of_orders_is_the_same_as_one_of_their_days() -> None:
    window = Window(first=DAY, last=DAY + timedelta(days=1))
    one, two = of_profile(late=1), of_profile(on_time=1)
    orders = [{DAY: one}, {DAY: two, window.last: one}, {DAY - timedelta(days=1): one}]
    assert rates_of_orders(window, orders) == add_up(window, {DAY: of_profile(late=1, on_time=1), window.last: one})


# What one order counts for.

PLACED = local(MONDAY)
DUE = local("2026-03-05 23:59:59")
AWAITING = Clock(awaiting_since=PLACED + timedelta(hours=1))
IN_TIME, LATE = DUE - timedelta(hours=9), DUE + timedelta(hours=9)
CANCEL_DUE = local("2026-03-11 23:59:59")


def an_order_with(
    order: Mapping[str, Any] | None = None, *, shop: ShopSettings = SHOP, clock: Clock = AWAITING, **changes: Any
) -> tuple[Order, Deadlines]:
    head = an_order(PLACED, **(order or {}))
    counted = figures(head, clock, shop)
    known = Deadlines(clock=clock, figures=counted, act_by=counted.dispatch_by)
    return head, beside_tiktoks(head, replace(known, **changes), shop)


def names(order: Order, deadlines: Deadlines) -> list[str]:
    found = contributions(order, deadlines)
    assert set(found) <= {DAY}
    return sorted(Counter({name: number for tally in found.values() for name, number in tally.items()}).elements())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"collected_at": IN_TIME}, ["profile_on_time"]),
        ({"collected_at": DUE}, ["profile_on_time"]),
        ({"collected_at": LATE}, ["profile_late"]),
        ({"tracking_added_at": IN_TIME}, []),
        ({"canceled_at": IN_TIME}, ["profile_canceled_in_time"]),
        ({"canceled_at": DUE}, ["profile_canceled_in_time"]),
        ({"canceled_at": LATE}, ["profile_late_canceled"]),
        ({"collected_at": IN_TIME, "canceled_at": LATE}, ["profile_on_time"]),
        ({"collected_at": LATE, "canceled_at": LATE + timedelta(days=1)}, ["profile_late"]),
        ({"found_open_at": DUE}, []),
        ({"found_open_at": LATE}, ["profile_late_open"]),
        ({"found_open_at": LATE, "collected_at": IN_TIME}, ["profile_on_time"]),
        ({"found_open_at": LATE, "canceled_at": LATE}, ["profile_late_canceled"]),
    ],
)
def test_an_order_is_counted_by_what_became_of_it(changes: Mapping[str, Any], expected: list[str]) -> None:
    assert names(*an_order_with({"canceled_by": "BUYER"}, **changes)) == expected


def test_an_order_without_deadlines_counts_for_nothing() -> None:
    assert contributions(an_order(PLACED), None) == {}


@pytest.mark.parametrize("changes", [{"canceled_at": IN_TIME}, {"canceled_at": LATE}, {"found_open_at": LATE}])
def test_an_order_that_never_awaited_shipment_counts_for_nothing(changes: Mapping[str, Any]) -> None:
    assert names(*an_order_with({"canceled_by": "SELLER"}, clock=Clock(), **changes)) == []


def test_an_order_that_was_dispatched_surely_awaited_shipment() -> None:
    assert names(*an_order_with(clock=Clock(), collected_at=IN_TIME)) == ["profile_on_time"]


def test_an_automatic_cancellation_is_counted_and_marked() -> None:
    by_platform = names(*an_order_with({"canceled_by": "SYSTEM"}, canceled_at=CANCEL_DUE))
    assert by_platform == [CANCELED_BY_PLATFORM, "profile_late_canceled", SELLER_FAULT]
    assert CANCELED_BY_PLATFORM not in names(*an_order_with({"canceled_by": "SELLER"}, canceled_at=CANCEL_DUE))
    assert CANCELED_BY_PLATFORM not in names(*an_order_with({"canceled_by": "SYSTEM"}, canceled_at=IN_TIME))


SHIPPED_LATE_LIMIT = {"cancels_unless_collected_by": local("2026-03-09 23:59:59")}


@pytest.mark.parametrize(
    ("order", "changes", "at_fault"),
    [
        ({"canceled_by": "SELLER"}, {"canceled_at": IN_TIME}, True),
        ({"canceled_by": "SELLER"}, {"canceled_at": LATE}, True),
        ({"canceled_by": "SELLER"}, {"canceled_at": LATE, "collected_at": IN_TIME}, True),
        ({"canceled_by": "BUYER"}, {"canceled_at": IN_TIME}, False),
        ({"canceled_by": "BUYER"}, {"canceled_at": CANCEL_DUE + timedelta(days=1)}, False),
        ({"canceled_by": ""}, {"canceled_at": CANCEL_DUE + timedelta(days=1)}, False),
        # TikTok Shop, because nothing was shipped in time, and for other reasons.
        ({"canceled_by": "SYSTEM"}, {"canceled_at": CANCEL_DUE}, True),
        ({"canceled_by": "SYSTEM"}, {"canceled_at": CANCEL_DUE - timedelta(seconds=1)}, False),
        ({"canceled_by": "SYSTEM"}, {"canceled_at": IN_TIME}, False),
        ({"canceled_by": "SYSTEM"}, {"canceled_at": CANCEL_DUE, "tracking_added_at": IN_TIME}, False),
        ({"canceled_by": "SYSTEM"}, {"canceled_at": CANCEL_DUE + timedelta(days=9), "collected_at": LATE}, False),
        # TikTok Shop's own figure says when it cancels.
        (
            {"canceled_by": "SYSTEM", "cancels_unless_shipped_by": local("2026-03-09 23:59:59")},
            {"canceled_at": local("2026-03-09 23:59:59")},
            True,
        ),
        (
            {"canceled_by": "SYSTEM", "cancels_unless_shipped_by": local("2026-03-20 23:59:59")},
            {"canceled_at": CANCEL_DUE},
            False,
        ),
        # Tracking was added, and no carrier collected it.
        (
            {"canceled_by": "SYSTEM"} | SHIPPED_LATE_LIMIT,
            {"canceled_at": local("2026-03-09 23:59:59"), "tracking_added_at": IN_TIME},
            True,
        ),
        (
            {"canceled_by": "SYSTEM"} | SHIPPED_LATE_LIMIT,
            {"canceled_at": local("2026-03-12"), "tracking_added_at": IN_TIME, "collected_at": LATE},
            False,
        ),
    ],
)
def test_whose_fault_a_cancellation_is(order: Mapping[str, Any], changes: Mapping[str, Any], *, at_fault: bool) -> None:
    assert (SELLER_FAULT in names(*an_order_with(order, **changes))) is at_fault


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"collected_at": IN_TIME}, [FULFILLED_BY_TIKTOK]),
        ({"collected_at": LATE}, [FULFILLED_BY_TIKTOK]),
        ({}, []),
        ({"canceled_at": LATE}, []),
        ({"found_open_at": LATE}, []),
    ],
)
def test_an_order_that_tiktok_fulfils_is_in_no_rate_but_below_the_line_of_one_reading(
    changes: Mapping[str, Any], expected: list[str]
) -> None:
    order = {"canceled_by": "SELLER", "collect_by": DUE}
    assert names(*an_order_with(order, fulfilled_by_tiktok=True, **changes)) == expected


def test_an_order_counts_on_the_date_of_each_deadline() -> None:
    order, deadlines = an_order_with({"collect_by": local("2026-03-09 23:59:59")}, collected_at=LATE)
    assert contributions(order, deadlines) == {
        DAY: {"profile_late": 1, DIFFERING: 1},
        date(2026, 3, 9): {"tiktok_on_time": 1},
    }


def test_a_small_difference_is_none_and_both_deadlines_count_for_themselves() -> None:
    order, deadlines = an_order_with({"collect_by": DUE - timedelta(hours=2)}, collected_at=DUE - timedelta(hours=1))
    assert names(order, deadlines) == ["profile_on_time", "tiktok_late"]


def test_tiktok_s_figure_of_another_event_is_not_compared() -> None:
    order = {"ship_by": local("2026-03-03 23:59:59")}
    assert names(*an_order_with(order, collected_at=IN_TIME)) == ["profile_on_time"]
    shop = a_shop_by("us-2025-10")
    head, deadlines = an_order_with(order, shop=shop, tracking_added_at=local("2026-03-04"))
    assert deadlines.figures.clock_stops is ClockStop.TRACKING_ADDED
    assert contributions(head, deadlines) == {
        date(2026, 3, 4): {"profile_on_time": 1, DIFFERING: 1},
        date(2026, 3, 3): {"tiktok_late": 1},
    }


MOMENTS = st.none() | st.integers(-100, 300).map(lambda hours: DUE + timedelta(hours=hours))


@st.composite
def states(draw: st.DrawFn) -> tuple[Order, Deadlines | None]:
    """Anything that an order may be at some time."""
    head = {
        "canceled_by": draw(st.sampled_from(["", "BUYER", "SELLER", "SYSTEM"])),
        "collect_by": draw(MOMENTS),
        "ship_by": draw(MOMENTS),
        "cancels_unless_shipped_by": draw(MOMENTS),
    }
    shop = a_shop_by(draw(st.sampled_from([GUIDE, "us-2025-10", "us-2026-01"])))
    changes = {
        name: draw(MOMENTS) for name in ("tracking_added_at", "collected_at", "canceled_at", "found_open_at")
    } | {"fulfilled_by_tiktok": draw(st.booleans())}
    order, deadlines = an_order_with(head, shop=shop, clock=draw(st.sampled_from([AWAITING, Clock()])), **changes)
    return order, draw(st.sampled_from([deadlines, deadlines, deadlines, None]))


@given(before=states(), after=states())
def test_moves_are_what_counts_after_a_change_less_what_counted_before_it(
    before: tuple[Order, Deadlines | None], after: tuple[Order, Deadlines | None]
) -> None:
    counted = Counter[tuple[date, str]]()
    for sign, state in ((-1, before), (1, after)):
        for day, tally in contributions(*state).items():
            for name, number in tally.items():
                counted[day, name] += sign * number
    moved = {(day, name): number for day, tally in moves(before, after).items() for name, number in tally.items()}
    assert moved == {key: number for key, number in counted.items() if number}
    assert all(tally for tally in moves(before, after).values())


@given(state=states())
def test_an_order_is_counted_once_by_each_basis_and_a_change_of_nothing_moves_nothing(
    state: tuple[Order, Deadlines | None],
) -> None:
    found = Counter(name for tally in contributions(*state).values() for name in tally)
    assert all(number == 1 for number in found.values())
    for basis in Basis:
        assert sum(found[counter(basis, counted)] for counted in Counted) <= 1
    assert moves(state, state) == {}


def test_the_profile_of_2026_has_the_limit_recommended_and_the_one_enforced() -> None:
    newest: PolicyProfile = PROFILES["US", "us-2026-01"]
    rule = newest.late_dispatch_rate
    assert (rule.limit, rule.enforced_above) == (Decimal(4), Decimal(10))
    assert is_over(Rate(part=5, orders=100), newest)


def test_a_window_of_days_is_of_dates_and_not_of_hours() -> None:
    assert Window(first=DAY, last=DAY).days == (DAY,)
    assert DUE.astimezone(UTC) == datetime(2026, 3, 6, 7, 59, 59, tzinfo=UTC)
    order, deadlines = an_order_with(collected_at=LATE)
    assert list(contributions(order, deadlines)) == [DAY]
