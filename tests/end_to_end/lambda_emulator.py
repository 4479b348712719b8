"""AWS's own runtime interface emulator, which SAM brings along, around one function of a build: Lambda without a cloud.

The emulator plays Lambda's service (start, time-out, kill, start again), awslambdaric its Python runtime. No container
engine is needed, so the folders stand where Lambda has /var/task and /opt/python.
"""

import os
import platform
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.sam import ROOT
from local.stack import LAMBDA_PYTHON

SECONDS_TO_START = 20
SECONDS_TO_ANSWER = 120
SECONDS_TO_STOP = 10


@dataclass(frozen=True, slots=True)
class EmulatedFunction:
    """A function that runs under the emulator."""

    url: str
    log_path: Path

    def invoke(self, event: object) -> Any:  # what a handler returns can be anything
        """Invoke it and wait for what Lambda answers: the function's answer, or an error's type and sentence."""
        reply = httpx.post(
            f"{self.url}/2015-03-31/functions/function/invocations", json=event, timeout=SECONDS_TO_ANSWER
        )
        return reply.json() if reply.headers.get("Content-Type", "").startswith("application/json") else _read(reply)

    def log(self) -> str:
        """What emulator and function wrote so far."""
        return self.log_path.read_text()


def _read(reply: httpx.Response) -> Any:
    # The emulator names no content type, and says in plain words when a function was out of time.
    try:
        return reply.json()
    except ValueError:
        return reply.text


@contextmanager
def emulated(
    function: Path, layer: Path, variables: Mapping[str, str], log_path: Path, *, timeout: int, handler: str
) -> Iterator[EmulatedFunction]:
    """Run a built function under the emulator while the block runs; it sees these variables and nothing else."""
    emulator_port, runtime_port = _free_ports(2)
    environment = {
        **variables,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_TASK_ROOT": str(function),
        "LANG": "en_US.UTF-8",
        "NO_PROXY": "127.0.0.1",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join([str(function), str(layer / "python")]),
        "TZ": ":UTC",
    }
    command = [
        str(_emulator()),
        # Both, always: by itself it would listen on every interface, and at fixed ports.
        *("--runtime-interface-emulator-address", f"127.0.0.1:{emulator_port}"),
        *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
        *(str(LAMBDA_PYTHON), "-m", "awslambdaric", handler),
    ]
    with log_path.open("w") as log:
        process = subprocess.Popen(  # noqa: S603  (the program is SAM's)
            command, cwd=function, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_it_listens(process, emulator_port, log_path)
            yield EmulatedFunction(f"http://127.0.0.1:{emulator_port}", log_path)
        finally:
            # It ends its function with it.
            process.terminate()
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(SECONDS_TO_STOP)


def _emulator() -> Path:
    processor = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
    packages = next((ROOT / ".venv-sam" / "lib").glob("python3.*")) / "site-packages"
    return packages / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{processor}"


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, log_path: Path) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"The runtime interface emulator did not start.\n{log_path.read_text()}")
