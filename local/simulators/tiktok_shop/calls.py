"""One checked request as the endpoints see it, and how they read its parameters."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from local.simulators.tiktok_shop.errors import invalid
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.state import State

type Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`shops` are those of the token; `shop` is the one the cipher names, absent where none may be named."""

    state: State
    now: datetime
    shops: tuple[Shop, ...]
    named_shop: Shop | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json

    @property
    def shop(self) -> Shop:
        if self.named_shop is None:
            raise LookupError("this endpoint is not about one shop")
        return self.named_shop


def query_text(call: Call, name: str, *, label: str | None = None) -> str:
    """A required query parameter. Raises Refusal 36009004."""
    value = call.query.get(name, "")
    if not value:
        raise invalid(f"{label or name} is a required field")
    return value


def query_number(call: Call, name: str, highest: int) -> int:
    """A required whole number from 1. Raises Refusal 36009004."""
    value = query_text(call, name)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= highest:
        raise invalid(f"Invalid {name}. The value must be a whole number from 1 to {highest}")
    return int(value)


def query_choice(call: Call, name: str, choices: Collection[str], default: str | None = None) -> str:
    """A query parameter out of a list. Raises Refusal 36009004."""
    value = call.query.get(name, default)
    if not value:
        raise invalid(f"{name} is a required field")
    if value not in choices:
        raise invalid(f"Invalid {name}. The value must be one of {', '.join(sorted(choices))}")
    return value


def check_fields(body: Mapping[str, object], fields: Mapping[str, type], where: str = "") -> None:
    """Refuse (36009004) unknown keys and values of another JSON type; the real service may be more lenient."""
    for name, value in body.items():
        if name not in fields:
            raise invalid(f"Unexpected field. The `{where}{name}` field is not part of this request")
        wanted = fields[name]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise invalid(f"Invalid {where}{name}. The value has the wrong type")


def required_text(body: Mapping[str, object], name: str, where: str = "") -> str:
    """A required, non-empty text field. Raises Refusal 36009004."""
    value = body.get(name)
    if value is None or value == "":
        raise invalid(f"{where}{name} is a required field")
    if not isinstance(value, str):
        raise invalid(f"Invalid {where}{name}. The value has the wrong type")
    return value


def text_list(value: object, name: str) -> list[str]:
    """A list of texts. Raises Refusal 36009004."""
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise invalid(f"Invalid {name}. The value must be a list of ids")
    return value


def object_list(body: Mapping[str, object], name: str, most: int, where: str = "") -> list[Json]:
    """A required list of 1 to `most` objects. Raises Refusal 36009004."""
    value = body.get(name)
    if not isinstance(value, list) or not value:
        raise invalid(f"{where}{name} is a required field")
    if len(value) > most:
        raise invalid(f"Invalid {where}{name}. At most {most} are allowed")
    if not all(isinstance(each, dict) for each in value):
        raise invalid(f"Invalid {where}{name}. The value has the wrong type")
    return value
