"""The account that these tests work in: here Step Functions runs what it is given, and calls the real functions."""

import json
from typing import Any

import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend

from tests.account import Context, account, cold, environment, handler_of

__all__ = ["account", "aws", "cold", "environment"]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    """AWS with an interpreter for state machines; a task's ARN names a function of the template."""

    def invoke(
        _backend: Any, function_name: str, _qualifier: str, body: Any, _headers: Any, response_headers: Any
    ) -> bytes:
        try:
            answer: Any = handler_of(function_name.rpartition(":")[2])(json.loads(body), Context())
        except Exception as error:  # noqa: BLE001 - as Lambda does, which answers with whatever was raised
            response_headers["x-amz-function-error"] = "Unhandled"
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return json.dumps(answer).encode()

    monkeypatch.setattr(LambdaSimpleBackend, "invoke", invoke)
    return mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}})
