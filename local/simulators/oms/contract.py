"""The OMS contract as the OpenAPI file has it: its operations, and checks of requests and answers against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

CONTRACT_FILE = Path(__file__).parents[3] / "docs" / "oms_openapi.yaml"
_METHODS = ("get", "put", "post", "patch", "delete")
_FORMATS = FormatChecker(formats=())


class ContractBrokenError(RuntimeError):
    """The simulator itself answered something that the contract does not allow."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a request, and where; never with what was sent, which can be buyer data."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One path and method of the contract."""

    name: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Draft202012Validator | None
    answers: Mapping[int, Draft202012Validator | None]

    def mistakes_in_parameters(self, in_path: Mapping[str, str], query: Mapping[str, str]) -> list[Mistake]:
        """Path and query parameters that are missing, unknown or of the wrong shape."""
        known = {parameter["name"] for parameter in self.parameters if parameter["in"] == "query"}
        mistakes = [Mistake(name, "is not a parameter of this call") for name in sorted(query.keys() - known)]
        for parameter in self.parameters:
            text = (in_path if parameter["in"] == "path" else query).get(parameter["name"])
            if text is not None:
                errors = parameter["validator"].iter_errors(_as_number(text, parameter["schema"]))
                mistakes += [Mistake(parameter["name"], _describe(error)) for error in errors]
        return mistakes

    def mistakes_in_body(self, body: object) -> list[Mistake]:
        """Where the body differs from its schema; nothing when the call has no body."""
        return [] if self.body is None else _mistakes(self.body, body)

    def check_answer(self, status: int, body: object) -> None:
        """Raise ContractBrokenError unless the contract has this status with a body like this."""
        if status not in self.answers:
            raise ContractBrokenError(f"{self.name} must not answer {status}")
        validator = self.answers[status]
        mistakes = _mistakes(validator, body) if validator is not None else []
        if mistakes or (validator is None) != (body is None):
            raise ContractBrokenError(f"{self.name} answered {status} with a body that is not allowed: {mistakes}")


@cache
def read_contract(file: Path = CONTRACT_FILE) -> dict[str, Operation]:
    """The operations of the OpenAPI file, by operationId."""
    document = yaml.safe_load(file.read_text())
    operations = [
        _operation(document, path, method, entry)
        for path, entry in document["paths"].items()
        for method in _METHODS
        if method in entry
    ]
    return {operation.name: operation for operation in operations}


def _operation(document: Mapping[str, Any], path: str, method: str, entry: Mapping[str, Any]) -> Operation:
    described = entry[method]
    parameters = [_resolve(document, each) for each in (*entry.get("parameters", ()), *described.get("parameters", ()))]
    body = _schema(_resolve(document, described["requestBody"])) if "requestBody" in described else None
    answers = {int(status): _schema(_resolve(document, answer)) for status, answer in described["responses"].items()}
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        parameters=tuple(
            {**each, "schema": _resolve(document, each["schema"]), "validator": _validator(document, each["schema"])}
            for each in parameters
        ),
        body=None if body is None else _validator(document, body),
        answers={
            status: None if schema is None else _validator(document, schema) for status, schema in answers.items()
        },
    )


def _schema(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = described.get("content")
    if not content:
        return None
    return cast("Mapping[str, Any]", next(iter(content.values()))["schema"])


def _validator(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(_without_references(document, schema), format_checker=_FORMATS)


def _without_references(document: Mapping[str, Any], part: Any) -> Any:
    """A schema with what it refers to put in place: to resolve that at every check would take most of its time."""
    if isinstance(part, list):
        return [_without_references(document, each) for each in part]
    if not isinstance(part, Mapping):
        return part
    found = {**_resolve(document, part), **{name: value for name, value in part.items() if name != "$ref"}}
    return {name: _without_references(document, value) for name, value in found.items()}


def _resolve(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in entry:
        return entry
    found: Any = document
    for part in entry["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return cast("Mapping[str, Any]", found)


def _mistakes(validator: Draft202012Validator, body: object) -> list[Mistake]:
    errors = sorted(validator.iter_errors(body), key=lambda error: error.json_path)
    found = [Mistake(_pointer(error.absolute_path), _describe(error)) for error in errors]
    return list(dict.fromkeys(found))


def _pointer(path: Iterable[object]) -> str:
    return "".join(f"/{part}" for part in path)


def _describe(error: ValidationError) -> str:
    match error.validator:
        case "required" if isinstance(error.instance, dict) and isinstance(error.validator_value, list):
            return f"lacks {', '.join(name for name in error.validator_value if name not in error.instance)}"
        case "additionalProperties":
            return "has fields that the contract does not know"
        case "oneOf":
            return "fits none, or more than one, of the forms that the contract allows"
        case _:
            return f"breaks {error.validator}: {error.validator_value}"


def _as_number(text: str, schema: Mapping[str, Any]) -> object:
    if schema.get("type") == "integer" and text.removeprefix("-").isdigit():
        return int(text)
    return text


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)
