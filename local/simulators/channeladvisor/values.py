"""Values on the wire: what a property accepts in JSON, and how it is written back (CA 2)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.simulators.channeladvisor.edm import Kind, Property
from local.simulators.channeladvisor.refusals import invalid

_MODEL = "ChannelAdvisor.RestApi.V1.Models"
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,7}))?(Z|[+-]\d{2}:\d{2})")


def read_time(text: str) -> datetime | None:
    """A DateTimeOffset with up to 7 fractional digits (the seventh is dropped); None when it is not one."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    moment, fraction, offset = match.groups()
    try:
        return datetime.fromisoformat(f"{moment}{f'.{fraction[:6]}' if fraction else ''}{offset}").astimezone(UTC)
    except ValueError:
        return None


def write_time(moment: datetime) -> str:
    """UTC with `Z` and as few fractional digits as the moment needs."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{text}Z"


def write_value(value: Any) -> Any:
    """A stored value as JSON has it."""
    match value:
        case datetime():
            return write_time(value)
        case Decimal():
            return float(value)
        case _:
            return value


def read_fields(
    payload: object, properties: Mapping[str, Property], type_name: str, *, aside: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The payload's scalar properties, typed. Refuses what is not an object, unknown names and wrong types.

    Names listed in `aside` are navigations: left to the caller.
    """
    if not isinstance(payload, dict):
        raise invalid(f"A value of type '{_MODEL}.{type_name}' was expected.")
    fields: dict[str, Any] = {}
    for name, raw in payload.items():
        if name in aside:
            continue
        if name not in properties:
            raise invalid(
                f"The property '{name}' does not exist on type '{_MODEL}.{type_name}'. Make sure to only use "
                "property names that are defined by the type."
            )
        fields[name] = _read_value(name, raw, properties[name])
    return fields


def _read_value(name: str, raw: Any, wanted: Property) -> Any:
    if raw is None:
        return None
    match wanted.kind, raw:
        case Kind.FLAG, bool():
            return raw
        case Kind.INTEGER, int() if not isinstance(raw, bool) and -(2**31) <= raw < 2**31:
            return raw
        case Kind.MONEY, (int() | Decimal()) if not isinstance(raw, bool):
            return Decimal(raw)
        case Kind.TEXT, str():
            if wanted.longest and len(raw) > wanted.longest:
                raise invalid(f"{name} must not be longer than {wanted.longest} characters.")
            return raw
        case Kind.ENUM, str() if raw in wanted.members:
            return raw
        case Kind.TIME, str():
            moment = read_time(raw)
            if moment is not None:
                return moment
        case _:
            pass
    raise invalid(f"Cannot convert the value given for '{name}' to the expected type '{wanted.kind.value}'.")
