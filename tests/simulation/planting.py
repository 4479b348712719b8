"""Plants a bug into the product of this process: the changed text is compiled in the place of the file's own.

`planted` comes before the first import of the product. What reads files of the product by itself, such as state
machines and the template, asks `text_of`. `python -m tests.simulation.planting --list` shows the bugs, and
`python -m tests.simulation.planting NAME MODULE ...` runs a module with one planted.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from runpy import run_module
from textwrap import fill
from types import ModuleType
from typing import Final

from tests.simulation.planted_bugs import PLANTED_BUGS, PlantedBug

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = "order_sync"
_LAYER: Final = ROOT / "layers" / "order_sync" / PACKAGE
_ELSEWHERE: Final = ("functions/", "statemachines/", "template.yaml")


def place_of(bug: PlantedBug) -> Path:
    """The file that a bug is in."""
    return (ROOT if bug.file.startswith(_ELSEWHERE) else _LAYER) / bug.file


def module_of(bug: PlantedBug) -> str:
    """The name of the module that a bug is in; empty where it is in none of the layer's."""
    place = place_of(bug)
    if not place.is_relative_to(_LAYER) or place.suffix != ".py":
        return ""
    return ".".join(place.relative_to(_LAYER.parent).with_suffix("").parts)


def changed_text(bug: PlantedBug) -> str:
    """The file's text with the bug in it. Raises ValueError unless what it replaces stands there exactly once."""
    text = place_of(bug).read_text(encoding="utf-8")
    if (times := text.count(bug.now)) != 1:
        raise ValueError(f"planted bug {bug.name}: its text stands {times} times in {bug.file}")
    return text.replace(bug.now, bug.instead)


class ChangedModules(MetaPathFinder):
    """Finds the module that a bug is in, before anybody else does, and gives it the changed text."""

    def __init__(self, bug: PlantedBug) -> None:
        self.bug = bug
        self._module = module_of(bug)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not self._module or fullname != self._module:
            return None
        place = place_of(self.bug)
        return spec_from_file_location(fullname, place, loader=ChangedSource(self.bug))


class ChangedSource(SourceLoader):
    """Loads the changed text; no bytecode of it is kept."""

    def __init__(self, bug: PlantedBug) -> None:
        self._bug = bug

    def get_filename(self, _fullname: str) -> str:
        return str(place_of(self._bug))

    def get_data(self, _path: str | bytes) -> bytes:
        return changed_text(self._bug).encode()


def planted(bug: PlantedBug) -> None:
    """From now on the product of this process has this bug. Raises RuntimeError when the product is imported already.

    Raises ValueError as `changed_text` does.
    """
    changed_text(bug)
    if known := [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        raise RuntimeError(f"{known[0]} was imported before {bug.name} could be planted")
    sys.meta_path.insert(0, ChangedModules(bug))


def text_of(path: Path) -> str:
    """The text of a file of the product, as it is in this process."""
    for finder in sys.meta_path:
        if isinstance(finder, ChangedModules) and place_of(finder.bug) == path.resolve():
            return changed_text(finder.bug)
    return path.read_text(encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """List the bugs, or run a module with one of them."""
    if list(arguments) == ["--list"]:
        for bug in PLANTED_BUGS.values():
            promises = ", ".join(map(str, bug.promises))
            about = f"{bug.file}, promise {promises}: {bug.harm} Seen by: {bug.seen_by}."
            sys.stdout.write(f"{bug.name}\n{fill(about, 110, initial_indent='  ', subsequent_indent='  ')}\n")
        return
    if len(arguments) < 2 or arguments[0] not in PLANTED_BUGS:
        raise SystemExit("usage: python -m tests.simulation.planting --list | NAME MODULE ...")
    name, module, *rest = arguments
    planted(PLANTED_BUGS[name])
    sys.argv = [module, *rest]
    run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    # Under its own name, so that whoever asks for a text in this process meets the bug that is planted.
    import_module("tests.simulation.planting").main(sys.argv[1:])
