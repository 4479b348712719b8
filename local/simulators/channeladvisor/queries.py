"""OData query options, and the bodies that answer them: pages, single entities, expanded children (CA 2)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from local.simulators.channeladvisor.edm import Property
from local.simulators.channeladvisor.entities import Entity
from local.simulators.channeladvisor.filters import Filter, matches, parse_filter
from local.simulators.channeladvisor.refusals import bad_query, invalid, no_property
from local.simulators.channeladvisor.values import write_value

_METADATA = "https://api.channeladvisor.com/v1/$metadata"
_SETS = {
    "Order": "Orders",
    "OrderItem": "OrderItems",
    "Fulfillment": "Fulfillments",
    "FulfillmentItem": "FulfillmentItems",
    "OrderAdjustment": "OrderAdjustments",
    "OrderItemAdjustment": "OrderItemAdjustments",
}
CHILDREN_IN_LISTS = 20
_OPTIONS = ("$filter", "$orderby", "$expand", "$select", "$count", "$skip", "$top")
_PARENTHESES = re.compile(r"([A-Za-z]+)(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of an entity is wanted: its own properties (none named: all) and its expanded children."""

    select: tuple[str, ...] = ()
    expand: Mapping[str, "Selection"] = field(default_factory=dict)
    condition: Filter | None = None
    order_by: tuple[tuple[str, bool], ...] = ()
    expand_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The options of one request."""

    selection: Selection
    count: bool = False
    skip: int = 0
    top: int | None = None


def read_query(arguments: Mapping[str, str], entity: type[Entity]) -> Query:
    """Read the `$` options of a request on this type, in any case; an unknown one is refused."""
    options = {name.lower(): text for name, text in arguments.items() if name.startswith("$")}
    for name in options:
        if name not in _OPTIONS:
            raise invalid(f"The query parameter '{name}' is not supported.")
    count = options.get("$count", "false").lower()
    if count not in ("true", "false"):
        raise invalid("Invalid value for the query option $count.")
    return Query(
        selection=_selection(options, entity),
        count=count == "true",
        skip=_whole_number("$skip", options.get("$skip")) or 0,
        top=_whole_number("$top", options.get("$top")),
    )


def ordered(entities: Sequence[Entity], selection: Selection) -> list[Entity]:
    """Those that match the selection's filter, in its order; ties keep the order they came in."""
    found = [each for each in entities if selection.condition is None or matches(selection.condition, each.fields)]
    for name, descending in reversed(selection.order_by):
        found.sort(key=lambda each, by=name: (each[by] is not None, each[by]), reverse=descending)  # type: ignore[misc]
    return found


def list_body(
    entities: Sequence[Entity],
    query: Query,
    *,
    entity: type[Entity],
    arguments: Mapping[str, str],
    origin: str,
    path: str,
    page_size: int,
    short_pages: bool = False,
) -> dict[str, Any]:
    """One page. Beyond the end stands the first page again (CA 9.1)."""
    found = ordered(entities, query.selection)
    skip = query.skip if query.skip < len(found) else 0
    size = page_size - 1 if short_pages and skip == 0 and page_size > 1 else page_size
    if query.top is not None:
        size = min(size, query.top)
    page = found[skip : skip + size]
    more = skip + len(page) < len(found) and (query.top is None or query.top > size)
    body: dict[str, Any] = {"@odata.context": _context(entity, query.selection)}
    if query.count:
        body["@odata.count"] = len(found)
    body["value"] = [_represent(each, query.selection, origin=origin, cap=CHILDREN_IN_LISTS) for each in page]
    if more:
        following = {name: text for name, text in arguments.items() if name.lower() not in ("$skip", "$top")}
        following["$skip"] = str(skip + len(page))
        if query.top is not None:
            following["$top"] = str(query.top - len(page))
        body["@odata.nextLink"] = _link(origin, path, following)
    return body


def entity_body(found: Entity, selection: Selection, *, origin: str) -> dict[str, Any]:
    """A single entity with all of its children."""
    context = {"@odata.context": f"{_context(type(found), selection)}/$entity"}
    return context | _represent(found, selection, origin=origin, cap=None)


def _represent(found: Entity, selection: Selection, *, origin: str, cap: int | None) -> dict[str, Any]:
    names = selection.select or tuple(found.PROPERTIES)
    body = {name: write_value(found[name]) for name in names}
    for navigation, inner in selection.expand.items():
        children = ordered(found.children(navigation), inner)
        shown = children if cap is None else children[:cap]
        body[navigation] = [_represent(child, inner, origin=origin, cap=cap) for child in shown]
        if len(shown) < len(children):
            options = {"$expand": inner.expand_text} if inner.expand_text else {}
            path = f"/v1/{_SETS[found.TYPE]}({found['ID']})/{navigation}"
            body[f"{navigation}@odata.nextLink"] = _link(origin, path, options | {"$skip": str(len(shown))})
    return body


def _link(origin: str, path: str, arguments: Mapping[str, str]) -> str:
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in arguments.items())
    return f"{origin}{path}?{query}"


def _context(entity: type[Entity], selection: Selection) -> str:
    return f"{_METADATA}#{_SETS.get(entity.TYPE, 'Values')}" + (
        f"({','.join(selection.select)})" if selection.select else ""
    )


def _selection(options: Mapping[str, str], entity: type[Entity]) -> Selection:
    condition = options.get("$filter")
    expand = options.get("$expand", "")
    return Selection(
        select=_properties(options.get("$select", ""), entity),  # type: ignore[arg-type]  # a class is hashable
        expand=_expansions(expand, entity),  # type: ignore[arg-type]
        condition=None if condition is None else parse_filter(condition, entity.PROPERTIES, entity.TYPE),
        order_by=tuple(_order(part, entity) for part in _split(options.get("$orderby", ""), ",")),
        expand_text=expand,
    )


# Clients ask the same again and again, but for the moments in their filters.
@lru_cache(maxsize=1000)
def _properties(text: str, entity: type[Entity]) -> tuple[str, ...]:
    return tuple(_property(name, entity.PROPERTIES, entity) for name in _split(text, ","))


@lru_cache(maxsize=1000)
def _expansions(text: str, entity: type[Entity]) -> dict[str, Selection]:
    found: dict[str, Selection] = {}
    for part in _split(text, ","):
        match = _PARENTHESES.fullmatch(part)
        if match is None:
            raise invalid(f"The query specified in the URI is not valid. Syntax error in $expand at '{part}'.")
        name, inner = match.groups()
        target = entity.NAVIGATIONS.get(name)
        if target is None:
            raise no_property(name, entity.TYPE)
        found[name] = _selection(_inner_options(inner or ""), target)
    return found


def _inner_options(text: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in _split(text, ";"):
        name, equals, value = part.partition("=")
        if not equals or name.strip().lower() not in ("$filter", "$orderby", "$expand", "$select"):
            raise invalid(f"The query specified in the URI is not valid. Syntax error in $expand at '{part}'.")
        options[name.strip().lower()] = value
    return options


def _order(text: str, entity: type[Entity]) -> tuple[str, bool]:
    name, _, direction = text.partition(" ")
    if direction.strip().lower() not in ("", "asc", "desc"):
        raise bad_query(f"Syntax error in $orderby at '{text}'.")
    return _property(name, entity.PROPERTIES, entity), direction.strip().lower() == "desc"


def _property(text: str, properties: Mapping[str, Property], entity: type[Entity]) -> str:
    for name in properties:
        if name.lower() == text.strip().lower():
            return name
    raise no_property(text.strip(), entity.TYPE)


def _split(text: str, separator: str) -> list[str]:
    """Split at the separators that stand outside of parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for position, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif not quoted and depth == 0 and sign == separator:
            parts.append(text[start:position].strip())
            start = position + 1
    if depth or quoted:
        raise bad_query(f"Unbalanced parentheses or quotes in '{text}'.")
    return [part for part in [*parts, text[start:].strip()] if part]


def _whole_number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise invalid(f"Invalid value '{text}' for the query option {name}.")
    return int(text)
