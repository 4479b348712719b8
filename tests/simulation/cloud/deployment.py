"""What the template deploys, as far as it runs: functions, schedules, state machines, each with its own limits."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

from local.translate_template import TEMPLATE
from tests.simulation.planting import text_of

STACK: Final = "simulated"
_PSEUDO: Final = {
    "AWS::StackName": STACK,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "111122223333",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function."""

    name: str
    folder: str
    seconds: float
    """After which Lambda kills a run."""
    concurrency: int | None
    retries: int
    event_seconds: float
    """After which an event that was throttled is given up."""
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule that wakes a function at minutes, or once a day at an hour and a minute."""

    name: str
    function: str
    event: Mapping[str, Any]
    minute: int
    every: int | None
    hour: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The stack."""

    functions: Mapping[str, Function]
    schedules: tuple[Schedule, ...]
    machines: Mapping[str, tuple[str, Mapping[str, str]]]
    """By ARN: the definition's file and what is put into it."""


def function_arn(name: str) -> str:
    """A function's ARN."""
    return f"arn:aws:lambda:us-east-1:111122223333:function:{name}"


@cache
def deployment() -> Deployment:
    """The template with its parameters' defaults."""
    return _Reader(yaml_parse(text_of(TEMPLATE))).read()


class _Reader:
    """Evaluates as much of CloudFormation's language as the running parts of the template use."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._template = template
        self._resources: Mapping[str, Any] = template["Resources"]
        self._parameters = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()}

    def read(self) -> Deployment:
        defaults = self._template["Globals"]["Function"]
        functions: dict[str, Function] = {}
        schedules: list[Schedule] = []
        for resource in self._of("AWS::Serverless::Function"):
            properties = resource["Properties"]
            function = self._function(properties, defaults)
            functions[function.name] = function
            events = (properties.get("Events") or {}).values()
            schedules += [
                self._schedule(each["Properties"], function.name) for each in events if each["Type"] == "ScheduleV2"
            ]
        machines = {
            self._machine_arn(each["Properties"]): (
                str(each["Properties"]["DefinitionUri"]),
                {
                    name: str(self._value(value))
                    for name, value in each["Properties"]["DefinitionSubstitutions"].items()
                },
            )
            for each in self._of("AWS::Serverless::StateMachine")
        }
        return Deployment(functions=functions, schedules=tuple(schedules), machines=machines)

    def _of(self, kind: str) -> list[Mapping[str, Any]]:
        return [each for each in self._resources.values() if each["Type"] == kind]

    def _function(self, properties: Mapping[str, Any], defaults: Mapping[str, Any]) -> Function:
        environment = {**defaults["Environment"]["Variables"], **_variables(properties)}
        asynchronous = {**defaults["EventInvokeConfig"], **(properties.get("EventInvokeConfig") or {})}
        concurrency = properties.get("ReservedConcurrentExecutions")
        name = str(self._value(properties["FunctionName"]))
        return Function(
            name=name,
            folder=properties["CodeUri"].removeprefix("functions/"),
            seconds=float(properties.get("Timeout", defaults["Timeout"])),
            concurrency=None if concurrency is None else int(str(self._value(concurrency))),
            retries=int(asynchronous["MaximumRetryAttempts"]),
            event_seconds=float(asynchronous["MaximumEventAgeInSeconds"]),
            environment={key: str(self._value(value)) for key, value in environment.items()}
            | {"AWS_LAMBDA_FUNCTION_NAME": name},
        )

    def _schedule(self, properties: Mapping[str, Any], function: str) -> Schedule:
        expression = str(self._value(properties["ScheduleExpression"]))
        found = re.fullmatch(r"cron\((\d+)(?:/(\d+))? (\*|\d+) \* \* \? \*\)", expression)
        if found is None:
            raise ValueError(f"the simulation does not know the schedule {expression}")
        minute, every, hour = found.groups()
        return Schedule(
            name=str(self._value(properties["Name"])),
            function=function,
            event=json.loads(properties["Input"]),
            minute=int(minute),
            every=int(every) if every else None,
            hour=None if hour == "*" else int(hour),
        )

    def _machine_arn(self, properties: Mapping[str, Any]) -> str:
        return f"arn:aws:states:us-east-1:111122223333:stateMachine:{self._value(properties['Name'])}"

    def _value(self, value: Any) -> Any:
        match value:
            case {"Ref": name}:
                return self._named(name)
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: str(self._named(found[1])), text)
            case {"Fn::GetAtt": [resource, "Arn"]} | {"Fn::GetAtt": (resource, "Arn")}:
                return self._arn(resource)
            case {"Fn::If": ["ConcurrencyIsReserved", yes, _]}:
                return self._value(yes)
            case str() | int():
                return value
        raise ValueError(f"the simulation does not know {value}")

    def _named(self, name: str) -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        if name.endswith(".Arn"):
            return self._arn(name.removesuffix(".Arn"))
        resource = self._resources[name]
        if resource["Type"] == "AWS::Serverless::Function":
            return str(self._value(resource["Properties"]["FunctionName"]))
        return name

    def _arn(self, name: str) -> str:
        resource = self._resources[name]
        if resource["Type"] == "AWS::Serverless::Function":
            return function_arn(self._named(name))
        return f"arn:aws:any:us-east-1:111122223333:{name}"


def _variables(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    environment: Mapping[str, Mapping[str, Any]] = properties.get("Environment") or {}
    return environment.get("Variables", {})


def definition_of(file: str) -> str:
    """A state machine's definition, as it is written."""
    return text_of(TEMPLATE.parent / file)
