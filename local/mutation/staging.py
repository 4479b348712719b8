"""A copy of the product in which the domain carries all its mutants, and the list of those that mypy refuses.

mutmut wants the package beside its tests and takes a module's name from its path: hence the copy, in .mutation/.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
STAGE: Final = ROOT / ".mutation"
MUTANTS: Final = STAGE / "mutants"

_DOMAIN: Final = "order_sync/domain"
# Redefinitions, and types that it cannot determine, come from the copies standing side by side: not from the changes.
_MYPY: Final = (
    *(sys.executable, "-m", "mypy", "--config-file=", "--strict", "--no-warn-unused-ignores", "--output", "json"),
    *("--cache-dir", str(STAGE / "types"), "--disable-error-code", "no-redef", "--disable-error-code", "has-type"),
    _DOMAIN,
)
_SETTINGS: Final = f"""[tool.mutmut]
source_paths = ["order_sync"]
only_mutate = ["{_DOMAIN}/*.py"]
use_git_change_detection = false

[tool.pytest]
pythonpath = ["."]
addopts = ["--import-mode=importlib", "--disable-socket", "--allow-unix-socket"]
filterwarnings = ["error", "ignore:Module already imported so cannot be rewritten"]
"""


def stage() -> None:
    """Copy the layer, and those tests that the domain's tests import, to .mutation/ and write the tools' settings."""
    for stale in (STAGE / "tests", MUTANTS / "tests"):
        shutil.rmtree(stale, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for source, target in (
        ("layers/order_sync/order_sync", "order_sync"),
        ("tests/unit/domain", "tests/unit/domain"),
        ("tests/adapters/tiktok_shop", "tests/adapters/tiktok_shop"),
    ):
        shutil.copytree(ROOT / source, STAGE / target, ignore=ignored, dirs_exist_ok=True)
    for source_file in (ROOT / "tests").glob("*.py"):
        shutil.copy2(source_file, STAGE / "tests")
    (STAGE / "pyproject.toml").write_text(_SETTINGS)


def generate() -> tuple[tuple[str, ...], frozenset[str]]:
    """Write the mutants; all their names, and those of the mutants that mypy refuses."""
    with chdir(STAGE):
        # Only here, because mutmut reads its settings from the working directory.
        from mutmut import __main__ as mutmut  # noqa: PLC0415

        MUTANTS.mkdir(exist_ok=True)
        # mutmut prints a line per file.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            mutmut.copy_src_dir()
            mutmut.copy_also_copy_files()
            mutmut.create_mutants(1)
        mutants, _ = mutmut.collect_source_file_mutation_data(mutant_names=())
        return tuple(name for _, name, _ in mutants), _refused()


def _refused() -> frozenset[str]:
    from mutmut.mutation.data import MutantLineSpans  # noqa: PLC0415
    from mutmut.utils.format_utils import get_mutant_name  # noqa: PLC0415

    checked = subprocess.run(_MYPY, cwd=MUTANTS, capture_output=True, text=True, check=False)  # noqa: S603
    lines: dict[Path, set[int]] = defaultdict(set)
    for error in map(json.loads, checked.stdout.splitlines()):
        if error["severity"] == "error":
            lines[Path(error["file"])].add(error["line"])
    found = set()
    for path, wrong in lines.items():
        spans = MutantLineSpans.load(path).span_by_function_name
        in_mutants = {name: set(range(span.start, span.end + 1)) & wrong for name, span in spans.items()}
        if any(in_mutants[name] for name in spans if name.endswith("_orig")) or wrong - set().union(
            *in_mutants.values()
        ):
            raise ValueError(f"mypy refuses what nobody changed in {path}: {checked.stdout}")
        found |= {get_mutant_name(path, name) for name in spans if in_mutants[name]}
    return frozenset(found)


def difference(mutant: str) -> str:
    """What the mutant changes, as a patch of its function."""
    with chdir(STAGE):
        from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant  # noqa: PLC0415

        return str(get_diff_for_mutant(mutant, path=find_mutant(mutant).path))
