"""Warm containers: each has its own copies of the modules that keep something between two runs.

Those modules are executed afresh for every container, as in a new process, with simulated time, chance and AWS in place
of the real ones. All other modules keep nothing, and are shared.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from local.translate_template import TEMPLATE
from order_sync.ledger.table import Table

FUNCTIONS: Final = TEMPLATE.parent / "functions"
_STATEFUL: Final = ("order_sync.secrets", "order_sync.bootstrap")

_OBSERVED_AS: Final = {"POWERTOOLS_SERVICE_NAME": "order-sync", "POWERTOOLS_METRICS_NAMESPACE": "OrderSync"}

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a container finds around it."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    boto3: SimpleNamespace
    table: Table
    log: Callable[[str], None]


class _Clock(datetime):
    """Stands for the class `datetime` where the present moment is asked for."""


def start(folder: str, environment: Mapping[str, str], outside: Outside) -> Handler:
    """Start a container of a function, and give its handler."""
    load(folder)
    with patch.dict(os.environ, _OBSERVED_AS), _afresh(_simulated(outside)):
        runs = importlib.import_module("order_sync.bootstrap.runs")
        handlers = importlib.import_module("order_sync.bootstrap.handlers")
        _put_in_place(runs, handlers, environment, outside)
        app = ModuleType(f"{folder}.app")
        exec(_code_of(str(FUNCTIONS / folder / "app.py")), app.__dict__)  # noqa: S102 (our own code)
    handler: Handler = app.__dict__["lambda_handler"]
    return handler


def _put_in_place(runs: Any, handlers: Any, environment: Mapping[str, str], outside: Outside) -> None:
    class Clock(_Clock):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            assert tz is not None
            return outside.now()

    world = SimpleNamespace(environ=dict(environment))
    runs.os = handlers.os = world
    runs.datetime = Clock
    runs.DynamoTable = lambda _client, _name, _sleep: outside.table
    handlers.metrics = _Metrics(outside.log)
    handlers.logger = _Logger(outside.log)


class _Logger:
    """Stands for Powertools' logger of the frame, which would write JSON to standard output."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log

    def set_correlation_id(self, _value: str) -> None:
        """Not needed here: runs are told apart by the trace."""

    def append_keys(self, **keys: object) -> None:
        """The same."""

    def info(self, text: str, *, extra: Mapping[str, object] | None = None) -> None:
        self._log(f"{text} {extra or ''}")

    warning = info


class _Metrics:
    """Stands for Powertools' metrics."""

    service = "simulated"

    def __init__(self, log: Callable[[str], None]) -> None:
        self.metric_set: dict[str, float] = {}
        self._dimensions: dict[str, str] = {}
        self._log = log

    def add_metric(self, *, name: str, unit: object, value: float) -> None:  # noqa: ARG002
        self.metric_set[name] = value

    def add_dimensions(self, **dimensions: str) -> None:
        self._dimensions = dimensions

    def flush_metrics(self) -> None:
        self._log(f"metrics {self._dimensions} {self.metric_set}")
        self.metric_set.clear()
        self._dimensions = {}


def _simulated(outside: Outside) -> dict[str, Any]:
    return {
        "boto3": outside.boto3,
        "time": SimpleNamespace(sleep=outside.sleep, monotonic=lambda: outside.now().timestamp()),
        "random": SimpleNamespace(random=outside.random),
    }


@contextmanager
def _afresh(simulated: Mapping[str, Any]) -> Iterator[None]:
    """Meanwhile the stateful modules are imported anew, and find simulated ones where they import real ones."""
    package: Any = sys.modules["order_sync"]
    mine = {name: module for name, module in sys.modules.items() if _is_stateful(name)}
    real = {name: sys.modules[name] for name in simulated}
    for name in mine:
        del sys.modules[name]
    sys.modules |= dict(simulated)
    sys.meta_path.insert(0, _FINDER)
    try:
        yield
    finally:
        sys.meta_path.remove(_FINDER)
        for name in [name for name in sys.modules if _is_stateful(name)]:
            del sys.modules[name]
        sys.modules |= mine | real
        package.bootstrap, package.secrets = mine["order_sync.bootstrap"], mine["order_sync.secrets"]


def _is_stateful(name: str) -> bool:
    return name.startswith(_STATEFUL)


class _Finder:
    """Finds the stateful modules, with their code as it was compiled before."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> Any:
        if not _is_stateful(name):
            return None
        origin, is_package = _SOURCES[name]
        loader: Any = _Loader(origin)
        return importlib.util.spec_from_file_location(
            name, origin, loader=loader, submodule_search_locations=[] if is_package else None
        )


class _Loader:
    def __init__(self, origin: str) -> None:
        self._origin = origin

    @staticmethod
    def create_module(_spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(_code_of(self._origin), module.__dict__)  # noqa: S102 (our own code)


_FINDER: Final[Any] = _Finder()
_SOURCES: Final[dict[str, tuple[str, bool]]] = {}


@cache
def _code_of(origin: str) -> CodeType:
    """The code that is loaded: with what was planted in it, in a process where something was."""
    name = next((name for name, (path, _) in _SOURCES.items() if path == origin), None)
    spec = importlib.util.find_spec(name) if name else None
    loader: Any = spec.loader if spec else None
    found: CodeType | None = loader.get_code(name) if loader else None
    return found or compile(Path(origin).read_text(), origin, "exec")


@cache
def load(folder: str) -> None:
    """Load what all containers of a function share, while time, chance and AWS are still the real ones."""
    # The logger and the metrics read it once, and other tests of this process may use them later.
    with patch.dict(os.environ, _OBSERVED_AS):
        importlib.import_module(f"{folder}.app")
    for name, module in list(sys.modules.items()):
        if _is_stateful(name):
            assert module.__file__ is not None
            _SOURCES[name] = (module.__file__, hasattr(module, "__path__"))
            _code_of(module.__file__)
