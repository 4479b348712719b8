"""Python functions run under AWS's own runtime client, in an environment with nothing else in it.

Left alone, MiniStack reports every Python error as `Runtime.HandlerError`, so that a state machine's Retry on
RetriableError never matches; it ends the function's process on an error; and it lets a function import the packages
of the emulator. Here each function is run by `awslambdaric` over the Runtime API, the way MiniStack runs custom
runtimes, with the layers behind the function's own folder as in /opt.
"""

import hashlib
import io
import os
import socketserver
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

COLD_STARTS_AT_ONCE = 3
"""More would starve two cores, and functions would run out of their time before their first line."""

BOOTSTRAP = """#!/bin/sh
exec "$LOCAL_LAMBDA_PYTHON" -m awslambdaric "$_HANDLER"
"""


def correct(lambda_python: str) -> None:
    """Run python functions by the interpreter given, which must have awslambdaric and boto3 and nothing else."""
    cold_starts = threading.BoundedSemaphore(COLD_STARTS_AT_ONCE)
    stock_environment = lambda_svc._provided_worker_env
    stock_code_folder = lambda_svc._provided_runtime_code_dir
    stock_worker_class = lambda_runtime._worker_class_for
    stock_execute = lambda_svc._execute_function_warm
    layer_folders = _LayerFolders()

    class PythonWorker(lambda_runtime.ProvidedWorker):  # type: ignore[misc]  # MiniStack has no types
        def _spawn(self, init_timeout: float | None = None) -> None:
            with cold_starts:
                super()._spawn(init_timeout)

    def environment(config: Mapping[str, Any], code_folder: str, port: int) -> dict[str, str]:
        stock = stock_environment(config, code_folder, port)
        return _function_environment(stock, config, layer_folders.of(config), lambda_python)

    def code_folder(code_zip: bytes) -> str:
        folder = Path(stock_code_folder(code_zip))
        bootstrap = folder / "bootstrap"
        if not bootstrap.exists():
            # Two environments of a function may start at once: what the other one sees is ready to run.
            written = folder / f"bootstrap-{uuid4().hex}"
            written.write_text(BOOTSTRAP)
            written.chmod(0o755)
            written.replace(bootstrap)
        return str(folder)

    def worker_class(config: Mapping[str, Any]) -> type:
        return PythonWorker if _is_python(config) else stock_worker_class(config)

    def execute(function: Mapping[str, Any], event: object, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        run = lambda_svc._execute_function_provided_warm if _is_python(config) else stock_execute
        return dict(run(function, event, request_id))

    lambda_svc._provided_worker_env = environment
    lambda_svc._provided_runtime_code_dir = code_folder
    lambda_svc._execute_function_warm = execute
    lambda_runtime._worker_class_for = worker_class
    # A local call pays 40 ms to Nagle's algorithm and a delayed acknowledgement otherwise.
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def end_all_functions() -> None:
    """End the process of every function that is still warm."""
    lambda_runtime.reset()


def _is_python(config: Mapping[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


class _LayerFolders:
    """Each layer unpacked once, whatever the number of functions that use it."""

    def __init__(self) -> None:
        self._folders: dict[str, Path] = {}
        self._lock = threading.Lock()

    def of(self, config: Mapping[str, Any]) -> list[Path]:
        return [self._unpacked(lambda_svc._resolve_layer_zip(layer)) for layer in config.get("Layers", [])]

    def _unpacked(self, archive: bytes) -> Path:
        digest = hashlib.sha256(archive).hexdigest()
        with self._lock:
            if digest not in self._folders:
                folder = Path(tempfile.mkdtemp(prefix="layer-"))
                zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
                self._folders[digest] = folder
            return self._folders[digest]


def _function_environment(
    stock: Mapping[str, str], config: Mapping[str, Any], layers: list[Path], lambda_python: str
) -> dict[str, str]:
    """The variables that AWS documents for a function, those of the template, and nothing of this machine's."""
    from_template = config.get("Environment", {}).get("Variables", {})
    known = {
        name: value
        for name, value in stock.items()
        if name in from_template or name == "LAMBDA_TASK_ROOT" or name.startswith(("AWS_", "_"))
    }
    return known | {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": config.get("LoggingConfig", {}).get("LogGroup", ""),
        "LANG": "en_US.UTF-8",
        "LOCAL_LAMBDA_PYTHON": lambda_python,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join([stock["LAMBDA_TASK_ROOT"], *(str(layer / "python") for layer in layers)]),
        "TZ": ":UTC",
    }
