"""Stand-ins for the clients of boto3 that the functions use, beside DynamoDB's."""

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final, NoReturn

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulation.cloud.runs import Calls
from tests.simulation.cloud.state_machines import ExecutionExistsError
from tests.simulation.cloud.tries import Unanswered
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


class Service:
    """Calls to one of AWS's services: they take time, and their answers get lost."""

    exceptions = Refusals

    def __init__(self, calls: Calls, faults: Faults) -> None:
        self._calls = calls
        self._faults = faults
        self._unanswered = Unanswered(calls, faults)

    def _make[T](self, name: str, effect: Callable[[], T], lost: Kind) -> T:
        """A call, tried again where its answer is lost. Raises ReadTimeoutError when no try is answered."""

        def tried() -> T:
            return self._unanswered.tried(lost, name, effect, lambda: ReadTimeoutError(endpoint_url="simulated"))

        return self._calls.make(name, tried, seconds=QUICK)


class SecretsManager(Service):
    """Secrets by their whole names."""

    def __init__(self, calls: Calls, faults: Faults) -> None:
        super().__init__(calls, faults)
        self.texts: dict[str, str] = {}

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, str]:  # noqa: N803 (AWS's own names)
        def read() -> Mapping[str, str]:
            self._check(SecretId, "GetSecretValue")
            return {"SecretString": self.texts[SecretId]}

        return self._calls.make(f"GetSecretValue {SecretId}", read, seconds=QUICK)

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> Mapping[str, str]:  # noqa: N803
        is_stored = False

        def write() -> Mapping[str, str]:
            nonlocal is_stored
            self._check(SecretId, "PutSecretValue")
            # botocore gives all tries one token: a later one does not put back what others have replaced meanwhile.
            if not is_stored:
                self.texts[SecretId] = SecretString
            is_stored = True
            return {}

        return self._make(f"PutSecretValue {SecretId}", write, Kind.SECRET_ANSWER_LOST)

    def _check(self, secret: str, operation: str) -> None:
        if self._faults.strikes(Kind.SECRET, secret):
            _refuse(ClientError, "ThrottlingException", operation)
        if secret not in self.texts:
            _refuse(Refusals.ResourceNotFoundException, "ResourceNotFoundException", operation)


class StepFunctions(Service):
    """Starts executions."""

    def __init__(self, calls: Calls, faults: Faults, start: Callable[..., object]) -> None:
        super().__init__(calls, faults)
        self._start = start

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        def start() -> None:
            if self._faults.strikes(Kind.TIMER_REFUSED, name):
                _refuse(ClientError, "ServiceUnavailable", "StartExecution")
            try:
                self._start(stateMachineArn=stateMachineArn, name=name, input=input)
            except ExecutionExistsError:
                _refuse(Refusals.ExecutionAlreadyExists, "ExecutionAlreadyExists", "StartExecution")

        self._make(f"StartExecution {name}", start, Kind.TIMER_ANSWER_LOST)


class LambdaClient(Service):
    """Starts functions and does not wait for them."""

    def __init__(self, calls: Calls, faults: Faults, start: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(calls, faults)
        self._start = start

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: str) -> None:  # noqa: N803
        if InvocationType != "Event":
            raise ValueError(f"the simulation knows no invocation type {InvocationType}")

        def start() -> None:
            if self._faults.strikes(Kind.EVENT_REFUSED, FunctionName):
                _refuse(ClientError, "TooManyRequestsException", "Invoke")
            self._start(FunctionName, json.loads(Payload))

        self._make(f"Invoke {FunctionName} {Payload}", start, Kind.EVENT_ANSWER_LOST)


class Notifications(Service):
    """The topic that people read."""

    def __init__(self, calls: Calls, faults: Faults, told: Callable[[str, str], None]) -> None:
        super().__init__(calls, faults)
        self._told = told

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> None:  # noqa: ARG002, N803
        def publish() -> None:
            if self._faults.strikes(Kind.NOTICE, Subject):
                _refuse(ClientError, "InternalError", "Publish")
            self._told(Subject, Message)

        self._make(f"Publish {Subject}", publish, Kind.NOTICE_ANSWER_LOST)


def boto3_of(clients: Mapping[str, object]) -> SimpleNamespace:
    """What stands for the module boto3; DynamoDB's client is never called, its table stands for it."""

    def client(service: str, **_configuration: object) -> object:
        return clients[service]

    return SimpleNamespace(client=client)
