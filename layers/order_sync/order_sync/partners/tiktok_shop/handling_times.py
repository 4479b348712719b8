"""Handling times of listings, as orders carry them (TT 2.5). What cannot be read is named, and taken as absent."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.partners.tiktok_shop.models import OrderPayload

_UNITS: Final = {"BUSINESS_DAY": DayUnit.BUSINESS, "CALENDAR_DAY": DayUnit.CALENDAR}
_MOST_DAYS: Final = 365
_CANCELED: Final = "CANCELLED"


def handling_time(order: OrderPayload) -> Span | None:
    """The order's own handling time, else the longest of its living lines, which count in business days.

    A cancelled order has no living lines: it keeps the longest of all, so that its deadline stays where it was.
    """
    days, unit = _days(_part(order, "days")), _unit(_part(order, "type"))
    if days and unit:
        return Span(days=days, unit=unit)
    lines = [line for line in order.line_items if line.display_status != _CANCELED] or order.line_items
    longest = max(_days(line.handling_duration_days) or 0 for line in lines)
    return Span(days=longest) if longest else None


def unknown_handling_times(order: OrderPayload) -> Iterator[str]:
    """What cannot be read of the order's handling times, such as "handling time unit WEEK"."""
    whole = order.handling_duration
    if whole is not None and whole != "" and not isinstance(whole, Mapping):
        yield f"handling time {_shown(whole)}"
    for days in (_part(order, "days"), *(line.handling_duration_days for line in order.line_items)):
        if _days(days) is None:
            yield f"handling days {_shown(days)}"
    if _days(_part(order, "days")) and _unit(_part(order, "type")) is None:
        yield f"handling time unit {_shown(_part(order, 'type'))}"


def _part(order: OrderPayload, name: str) -> Any:
    return order.handling_duration.get(name) if isinstance(order.handling_duration, Mapping) else None


def _days(value: Any) -> int | None:
    """A number of days, 0 for none at all; None when it cannot be read."""
    if value is None or value == "":
        return 0
    text = str(value) if isinstance(value, (str, int)) else ""
    days = int(text) if text.isdecimal() and len(text) <= len(str(_MOST_DAYS)) else None
    return days if days is not None and days <= _MOST_DAYS else None


def _unit(value: Any) -> DayUnit | None:
    return _UNITS.get(value) if isinstance(value, str) else None


def _shown(value: Any) -> str:
    """A value as it may stand in a message: a short one, or else its type."""
    return value[:20] if isinstance(value, str) and value else f"of type {type(value).__name__}"
