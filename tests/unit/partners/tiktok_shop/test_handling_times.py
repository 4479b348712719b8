from typing import Any

import pytest

from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.partners.tiktok_shop.mapping import Reading, read_order
from tests.unit.partners.tiktok_shop.payloads import a_line, a_payload


def read(**changes: Any) -> tuple[Span | None, tuple[str, ...]]:
    """The handling time of an order, and what of it is unknown."""
    reading, unknown = read_order(a_payload(**changes), b"key")
    assert isinstance(reading, Reading)
    return reading.facts.handling_time, unknown


def lines(*days: Any, status: str = "AWAITING_SHIPMENT") -> list[dict[str, Any]]:
    return [
        a_line(id=str(number), display_status=status, handling_duration_days=each) for number, each in enumerate(days)
    ]


@pytest.mark.parametrize(("type_", "unit"), [("BUSINESS_DAY", DayUnit.BUSINESS), ("CALENDAR_DAY", DayUnit.CALENDAR)])
@pytest.mark.parametrize("days", ["10", 10])
def test_the_order_s_own_handling_time_has_days_and_a_unit(days: object, type_: str, unit: DayUnit) -> None:
    own = {"days": days, "type": type_}
    assert read(handling_duration=own, line_items=lines("3", "12")) == (Span(days=10, unit=unit), ())


@pytest.mark.parametrize("absent", [None, "", {}, {"days": None}, {"days": ""}, {"days": "0", "type": "BUSINESS_DAY"}])
def test_an_absent_handling_time_is_none_however_tiktok_leaves_it_out(absent: object) -> None:
    assert read(handling_duration=absent) == (None, ())


def test_the_longest_of_the_lines_stands_in_for_the_order_in_business_days() -> None:
    assert read(line_items=lines("3", "12", None)) == (Span(days=12), ())


def test_a_cancelled_line_s_handling_time_does_not_count_while_others_live() -> None:
    assert read(line_items=[*lines("3"), a_line(display_status="CANCELLED", handling_duration_days="12")])[0] == Span(
        days=3
    )


def test_a_cancelled_order_keeps_its_handling_time() -> None:
    assert read(line_items=lines("3", "12", status="CANCELLED")) == (Span(days=12), ())


@pytest.mark.parametrize(
    ("own", "unknown"),
    [
        ({"days": "3", "type": "WEEK"}, "handling time unit WEEK"),
        ({"days": "3"}, "handling time unit of type NoneType"),
        ({"days": "3", "type": ["BUSINESS_DAY"]}, "handling time unit of type list"),
        ({"days": "soon", "type": "BUSINESS_DAY"}, "handling days soon"),
        ({"days": "-3", "type": "BUSINESS_DAY"}, "handling days -3"),
        ({"days": "366", "type": "BUSINESS_DAY"}, "handling days 366"),
        ({"days": "9" * 5000, "type": "BUSINESS_DAY"}, f"handling days {'9' * 20}"),
        ({"days": 1.5, "type": "BUSINESS_DAY"}, "handling days of type float"),
        ({"days": True, "type": "BUSINESS_DAY"}, "handling days of type bool"),
        ("3 days", "handling time 3 days"),
        (["3"], "handling time of type list"),
    ],
)
def test_an_unreadable_handling_time_is_counted_as_unknown_and_taken_as_absent(own: object, unknown: str) -> None:
    assert read(handling_duration=own) == (None, (unknown,))
    assert read(handling_duration=own, line_items=lines("5")) == (Span(days=5), (unknown,))


def test_an_unreadable_handling_time_of_a_line_is_counted_once_and_the_others_count() -> None:
    assert read(line_items=lines("5", "soon", "soon")) == (Span(days=5), ("handling days soon",))
