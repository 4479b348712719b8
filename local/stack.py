"""The unchanged template, built by SAM and deployed to an embedded AWS that lives as long as a `with` block."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import boto3
from botocore.config import Config

from local.aws import ACCOUNT, LAMBDA_PYTHON_VARIABLE, REGION
from local.sam import ROOT, built, last_lines, run_sam

LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
STACK_NAME = "order-sync"
ARTEFACT_BUCKET = "artefacts"
"""As samconfig.toml says."""

SECONDS_TO_STOP = 10

type Parameters = Mapping[str, str | int]


class AwsError(Exception):
    """The embedded AWS did not start; the message ends with what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A deployed stack: where its AWS listens, and the real names of what the template asked for."""

    name: str
    endpoint: str
    region: str
    outputs: Mapping[str, str]
    physical_names: Mapping[str, str]
    """The template's logical name of every resource → its physical one."""

    log_folder: Path
    """Holds aws.log and sam.log, until the stack ends."""

    def client(self, service: str) -> Any:
        """A boto3 client of this stack's AWS."""
        return client_of(self.endpoint, service)

    def log_lines(self, function: str) -> Iterator[str]:
        """What a function wrote to its log, oldest first; `function` is its logical name."""
        group = self.physical_names[f"{function}Logs"]
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        for page in pages:
            for event in page["events"]:
                yield event["message"]


@contextmanager
def embedded_stack(parameters: Parameters | None = None) -> Iterator[Stack]:
    """Build the template, start an embedded AWS, deploy; end everything that was started when the block ends."""
    architecture = machine_architecture()
    wanted = {**(parameters or {}), "Architecture": architecture}
    with tempfile.TemporaryDirectory(prefix="order-sync-stack-") as folder:
        logs = Path(folder)
        with (logs / "sam.log").open("w+") as sam_log, embedded_aws(logs / "aws.log") as endpoint:
            with built(architecture, clean_environment(), sam_log) as build:
                _deploy(build, endpoint, wanted, sam_log)
            yield _describe(endpoint, logs)


def machine_architecture() -> str:
    """This machine's processor, as the template's parameter Architecture calls it."""
    return "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


@contextmanager
def embedded_aws(log_path: Path) -> Iterator[str]:
    """An embedded AWS in a process of its own, with nothing deployed; gives its endpoint."""
    # Its own session, so that Ctrl-C in a terminal reaches us first and we end it in order. Its files are ours, so that
    # they are removed however it ends; a function that dies late may still be writing then.
    with (
        log_path.open("w+") as log,
        tempfile.TemporaryDirectory(prefix="order-sync-aws-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(  # noqa: S603  (the program is our own)
            [sys.executable, "-m", "local.aws", folder],
            cwd=ROOT,
            env=clean_environment() | {LAMBDA_PYTHON_VARIABLE: str(LAMBDA_PYTHON)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield _read_endpoint(process, log)
        finally:
            _stop(process)


def _read_endpoint(process: subprocess.Popen[str], log: TextIO) -> str:
    if process.stdout is None:
        raise AwsError("The embedded AWS has no output to read.")
    line = process.stdout.readline()
    if not line:
        process.wait(SECONDS_TO_STOP)
        raise AwsError(f"The embedded AWS did not start.\n{last_lines(log)}")
    return str(json.loads(line)["endpoint"])


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()


def clean_environment() -> dict[str, str]:
    """Without the caller's AWS settings: nothing here may ever reach a real account."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    return own | {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


def _deploy(build: Path, endpoint: str, parameters: Parameters, log: TextIO) -> None:
    # A bucket of our own saves the stack that `sam deploy --resolve-s3` would make for one.
    client_of(endpoint, "s3").create_bucket(Bucket=ARTEFACT_BUCKET)
    run_sam(
        "deploy",
        [
            *("--template-file", str(build / "template.yaml")),
            *("--stack-name", STACK_NAME),
            "--parameter-overrides",
            *(f"{name}={value}" for name, value in parameters.items()),
        ],
        clean_environment() | {"AWS_ENDPOINT_URL": endpoint, "SAM_CLI_POLL_DELAY": "0.2"},
        log,
    )


def _describe(endpoint: str, logs: Path) -> Stack:
    cloudformation = client_of(endpoint, "cloudformation")
    stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    resources = cloudformation.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    return Stack(
        name=STACK_NAME,
        endpoint=endpoint,
        region=REGION,
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        physical_names={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
        log_folder=logs,
    )


@cache
def client_of(endpoint: str, service: str) -> Any:
    """A boto3 client of an embedded AWS; one for each endpoint and service."""
    session = boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="local", region_name=REGION)
    return session.client(
        service,  # type: ignore[call-overload]  # the overloads want literal names
        endpoint_url=endpoint,
        config=Config(retries={"max_attempts": 1}, proxies={}),
    )
