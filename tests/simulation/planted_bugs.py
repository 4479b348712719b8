"""Bugs that a simulation has to find: what somebody could have written instead of what stands in the product."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_DATA: Final = Path(__file__).with_name("planted_bugs.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedBug:
    """One small replacement in one file of the product."""

    name: str
    file: str
    """Below the layer's package, or below functions/ or statemachines/, or the template."""
    now: str
    """What stands there, exactly once."""
    instead: str
    harm: str
    """What it would do to a seller."""
    promises: tuple[int, ...]
    """Those of the design that it breaks."""
    seen_by: str
    """Which check should notice."""


def _read(bug: dict[str, Any]) -> PlantedBug:
    return PlantedBug(**bug | {"promises": tuple(bug["promises"])})


PLANTED_BUGS: Final = {bug.name: bug for bug in map(_read, tomllib.loads(_DATA.read_text(encoding="utf-8"))["bug"])}
"""All of them by name."""
