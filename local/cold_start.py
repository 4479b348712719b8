"""What a cold start costs each function: the modules that it imports, the time beside a plain function's, its size.

`make cold-start` prints it: python -m local.cold_start. Times differ from machine to machine and from run to run, so a
function is measured beside a function that imports nothing but boto3, Powertools and pydantic; modules are exact.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from local.sam import built
from local.stack import LAMBDA_PYTHON, clean_environment, machine_architecture

LAYER: Final = "OrderSyncLayer"
KILOBYTE: Final = 1024

_BASELINE: Final = "boto3, pydantic, aws_lambda_powertools.metrics, aws_lambda_powertools.logging"
_MEASURE: Final = """
import json, sys, time
began = time.perf_counter()
import {modules}
seconds = time.perf_counter() - began
print(json.dumps({{"seconds": seconds, "modules": sorted(sys.modules)}}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """One function's imports in a fresh interpreter with Lambda's own packages and the layer."""

    function: str
    modules: tuple[str, ...]
    seconds: float
    """The fastest of several, with bytecode cached."""

    ratio: float
    """How much longer than the plain function, which was measured right before each time: the median."""

    size: int
    """Bytes of the function's own package."""


def cold_starts(build: Path, tries: int) -> list[ColdStart]:
    """Measure every function of a build."""
    functions = sorted(path.parent for path in build.glob("*/app.py"))
    _measured(build, _BASELINE, None)
    return [_cold_start(build, function, tries) for function in functions]


def _cold_start(build: Path, function: Path, tries: int) -> ColdStart:
    pairs = [(_measured(build, _BASELINE, None), _measured(build, "app", function)) for _ in range(tries)]
    return ColdStart(
        function=function.name,
        modules=tuple(pairs[0][1]["modules"]),
        seconds=min(own["seconds"] for _, own in pairs),
        ratio=median(own["seconds"] / plain["seconds"] for plain, own in pairs),
        size=size_of(function),
    )


def size_of(folder: Path) -> int:
    """Bytes of a package as it is uploaded, unzipped."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files)


def _measured(build: Path, modules: str, function: Path | None) -> Mapping[str, Any]:
    layer = build / LAYER / "python"
    folders = [folder for folder in (function, layer) if folder]
    variables = clean_environment() | {
        "AWS_LAMBDA_FUNCTION_NAME": "measured",
        "POWERTOOLS_SERVICE_NAME": "measured",
        "POWERTOOLS_METRICS_NAMESPACE": "measured",
        "PYTHONPATH": ":".join(str(folder) for folder in folders),
        # Elsewhere than in the build, which is uploaded as it is.
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "order-sync-bytecode"),
    }
    ended = subprocess.run(  # noqa: S603  (the program is our own)
        [str(LAMBDA_PYTHON), "-c", _MEASURE.format(modules=modules)],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    measured: dict[str, Any] = json.loads(ended.stdout)
    return measured


def main() -> None:
    """Build, measure, print."""
    with tempfile.TemporaryFile("w+") as log, built(machine_architecture(), clean_environment(), log) as build:
        found = cold_starts(build, tries=3)
        layer = size_of(build / LAYER)
    table = Table(title=f"Cold starts (layer: {layer / KILOBYTE / KILOBYTE:.1f} MB unzipped)")
    table.add_column("function")
    for heading in ("modules", "import", "beside a plain function", "package"):
        table.add_column(heading, justify="right")
    for each in found:
        table.add_row(
            each.function,
            str(len(each.modules)),
            f"{each.seconds * 1000:.0f} ms",
            f"{each.ratio:.2f} x",
            f"{each.size / KILOBYTE:.1f} kB",
        )
    Console(file=sys.stdout, width=100).print(table)


if __name__ == "__main__":
    main()
