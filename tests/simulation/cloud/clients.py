"""Stand-ins for the clients of boto3 that the functions use, beside DynamoDB's."""

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final, NoReturn

from botocore.exceptions import ClientError

from tests.simulation.cloud.runs import Calls
from tests.simulation.cloud.state_machines import ExecutionExistsError
from tests.simulation.faults import Faults, Kind

QUICK: Final = (0.01, 0.06)
"""Seconds that a call to AWS takes."""


class Refusals:
    """The errors that boto3's clients offer as attributes."""

    class ExecutionAlreadyExists(ClientError):  # noqa: N818 (AWS's own name)
        """An execution of this name exists."""

    class ResourceNotFoundException(ClientError):  # noqa: N818 (AWS's own name)
        """There is no such thing."""


def _refuse(kind: type[ClientError], code: str, operation: str) -> NoReturn:
    raise kind({"Error": {"Code": code, "Message": "simulated"}}, operation)


class SecretsManager:
    """Secrets by their whole names."""

    exceptions = Refusals

    def __init__(self, calls: Calls, faults: Faults) -> None:
        self.texts: dict[str, str] = {}
        self._calls = calls
        self._faults = faults

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, str]:  # noqa: N803 (AWS's own names)
        def read() -> Mapping[str, str]:
            if self._faults.strikes(Kind.SECRET, SecretId):
                _refuse(ClientError, "ThrottlingException", "GetSecretValue")
            if SecretId not in self.texts:
                _refuse(Refusals.ResourceNotFoundException, "ResourceNotFoundException", "GetSecretValue")
            return {"SecretString": self.texts[SecretId]}

        return self._calls.make(f"GetSecretValue {SecretId}", read, seconds=QUICK)

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> Mapping[str, str]:  # noqa: N803
        def write() -> Mapping[str, str]:
            if self._faults.strikes(Kind.SECRET, SecretId):
                _refuse(ClientError, "ThrottlingException", "PutSecretValue")
            if SecretId not in self.texts:
                _refuse(Refusals.ResourceNotFoundException, "ResourceNotFoundException", "PutSecretValue")
            self.texts[SecretId] = SecretString
            return {}

        return self._calls.make(f"PutSecretValue {SecretId}", write, seconds=QUICK)


class StepFunctions:
    """Starts executions."""

    exceptions = Refusals

    def __init__(self, calls: Calls, faults: Faults, start: Callable[..., object]) -> None:
        self._calls = calls
        self._faults = faults
        self._start = start

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        def start() -> None:
            if self._faults.strikes(Kind.TIMER_REFUSED, name):
                _refuse(ClientError, "ServiceUnavailable", "StartExecution")
            try:
                self._start(stateMachineArn=stateMachineArn, name=name, input=input)
            except ExecutionExistsError:
                _refuse(Refusals.ExecutionAlreadyExists, "ExecutionAlreadyExists", "StartExecution")

        self._calls.make(f"StartExecution {name}", start, seconds=QUICK)


class LambdaClient:
    """Starts functions and does not wait for them."""

    def __init__(self, calls: Calls, faults: Faults, start: Callable[[str, dict[str, Any]], None]) -> None:
        self._calls = calls
        self._faults = faults
        self._start = start

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: str) -> None:  # noqa: N803
        if InvocationType != "Event":
            raise ValueError(f"the simulation knows no invocation type {InvocationType}")

        def start() -> None:
            if self._faults.strikes(Kind.EVENT_REFUSED, FunctionName):
                _refuse(ClientError, "TooManyRequestsException", "Invoke")
            self._start(FunctionName, json.loads(Payload))

        self._calls.make(f"Invoke {FunctionName} {Payload}", start, seconds=QUICK)


class Notifications:
    """The topic that people read."""

    def __init__(self, calls: Calls, faults: Faults, told: Callable[[str, str], None]) -> None:
        self._calls = calls
        self._faults = faults
        self._told = told

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> None:  # noqa: ARG002, N803
        def publish() -> None:
            if self._faults.strikes(Kind.NOTICE, Subject):
                _refuse(ClientError, "InternalError", "Publish")
            self._told(Subject, Message)

        self._calls.make(f"Publish {Subject}", publish, seconds=QUICK)


def boto3_of(clients: Mapping[str, object]) -> SimpleNamespace:
    """What stands for the module boto3; DynamoDB's client is never called, its table stands for it."""

    def client(service: str, **_configuration: object) -> object:
        return clients[service]

    return SimpleNamespace(client=client)
