"""The part of OData's $filter that orders are read with: comparisons, and, or, parentheses (CA 2)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from local.simulators.channeladvisor.edm import Kind, Property
from local.simulators.channeladvisor.refusals import bad_query, no_property
from local.simulators.channeladvisor.values import read_time

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>[()]))"
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One property against one literal."""

    name: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Both:
    """`and`."""

    left: "Filter"
    right: "Filter"


@dataclass(frozen=True, slots=True)
class Either:
    """`or`."""

    left: "Filter"
    right: "Filter"


type Filter = Comparison | Both | Either


def matches(condition: Filter, fields: Mapping[str, Any]) -> bool:
    """Whether the fields satisfy the condition. Null is unequal to everything, never larger or smaller."""
    match condition:
        case Both(left, right):
            return matches(left, fields) and matches(right, fields)
        case Either(left, right):
            return matches(left, fields) or matches(right, fields)
        case Comparison(name, operator, value):
            found = fields.get(name)
            if operator not in ("eq", "ne") and (found is None or value is None):
                return False
            return _OPERATORS[operator](found, value)


def values_asked_for(condition: Filter, names: tuple[str, ...]) -> frozenset[str] | None:
    """The values that these properties must have in any match; None when the condition leaves them open."""
    match condition:
        case Comparison(name, "eq", str(value)) if name in names:
            return frozenset({value})
        case Both(left, right):
            one = values_asked_for(left, names)
            return one if one is not None else values_asked_for(right, names)
        case Either(left, right):
            one, other = values_asked_for(left, names), values_asked_for(right, names)
            return None if one is None or other is None else one | other
        case _:
            return None


def since_asked_for(condition: Filter | None, name: str) -> datetime | None:
    """The moment that a property must have reached in any match; None when the condition leaves it open."""
    match condition:
        case Comparison(found, "ge" | "gt", datetime() as moment) if found == name:
            return moment
        case Both(left, right):
            bounds = (since_asked_for(left, name), since_asked_for(right, name))
            return max((bound for bound in bounds if bound is not None), default=None)
        case _:
            return None


def parse_filter(text: str, properties: Mapping[str, Property], type_name: str) -> Filter:
    """Read a $filter. Functions, lambdas, unknown properties and literals of a wrong type are refused."""
    return _Parser(text, properties, type_name).parse()


class _Parser:
    def __init__(self, text: str, properties: Mapping[str, Property], type_name: str) -> None:
        self._text = text
        self._names = {name.lower(): name for name in properties}
        self._properties = properties
        self._type_name = type_name
        self._tokens = self._split(text)
        self._next = 0

    def parse(self) -> Filter:
        condition = self._either()
        if self._next < len(self._tokens):
            self._syntax_error(self._tokens[self._next][1])
        return condition

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens, position = [], 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                self._syntax_error(text[position:].strip()[:1])
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            position = match.end()
        return tokens

    def _either(self) -> Filter:
        left = self._both()
        while self._word_is("or"):
            self._next += 1
            left = Either(left, self._both())
        return left

    def _both(self) -> Filter:
        left = self._single()
        while self._word_is("and"):
            self._next += 1
            left = Both(left, self._single())
        return left

    def _single(self) -> Filter:
        kind, text = self._take()
        if text == "(":
            inner = self._either()
            if self._take()[1] != ")":
                self._syntax_error(")")
            return inner
        if kind != "word":
            self._syntax_error(text)
        if self._next < len(self._tokens) and self._tokens[self._next][1] == "(":
            raise bad_query(f"An unknown function with name '{text}' was found.")
        name = self._names.get(text.lower())
        if name is None:
            raise no_property(text, self._type_name)
        operator = self._take()[1].lower()
        if operator not in _OPERATORS:
            self._syntax_error(operator)
        return Comparison(name, operator, self._literal(name, operator))

    def _literal(self, name: str, operator: str) -> Any:
        kind, text = self._take()
        wanted = self._properties[name]
        if kind == "word" and text.lower() == "null":
            return None
        match wanted.kind, kind:
            case Kind.TEXT, "text":
                return text[1:-1].replace("''", "'")
            case Kind.ENUM, "text" if operator in ("eq", "ne") and text[1:-1] in wanted.members:
                return text[1:-1]
            case Kind.TIME, "time":
                return self._moment(text)
            case ((Kind.INTEGER | Kind.MONEY), "number"):
                return Decimal(text)
            case Kind.FLAG, "word" if operator in ("eq", "ne") and text.lower() in ("true", "false"):
                return text.lower() == "true"
        raise bad_query(
            f"A binary operator with incompatible types was detected: '{name}' is '{wanted.kind.value}', found {text}."
        )

    def _moment(self, text: str) -> datetime:
        if "T" not in text:
            try:
                return datetime.fromisoformat(text).replace(tzinfo=UTC)
            except ValueError:
                self._syntax_error(text)
        moment = read_time(text)
        if moment is None:
            self._syntax_error(text)
        return moment

    def _word_is(self, word: str) -> bool:
        return self._next < len(self._tokens) and self._tokens[self._next][1].lower() == word

    def _take(self) -> tuple[str, str]:
        if self._next == len(self._tokens):
            self._syntax_error("the end")
        self._next += 1
        return self._tokens[self._next - 1]

    def _syntax_error(self, found: str) -> NoReturn:
        raise bad_query(f"Syntax error at '{found}' in '{self._text}'.")
