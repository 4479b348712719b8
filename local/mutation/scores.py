"""What becomes of mutants, counted: by module, by package, and in words."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

REFUSED: Final = "refused by mypy"
KILLED: Final = "killed"
TIMED_OUT: Final = "timed out"
SURVIVED: Final = "survived"
UNREACHED: Final = "no test reaches it"

_DOMAIN: Final = "order_sync.domain."


def module_of(mutant: str) -> str:
    """The module below order_sync.domain that the mutant changes, as `deadlines.policies`."""
    return mutant.removeprefix(_DOMAIN).partition(".x_")[0].partition(".xǁ")[0]


def is_in(module: str, chosen: str) -> bool:
    """Whether a module is the chosen one, or in the chosen package; an empty choice is all."""
    return not chosen or f"{module}.".startswith(f"{chosen}.")


def by_package(verdicts: Mapping[str, str]) -> dict[str, Counter[str]]:
    """The verdicts on mutants, counted for each package of the domain; those of its own modules as `domain`."""
    counted: dict[str, Counter[str]] = {}
    for mutant, verdict in verdicts.items():
        package, dot, _ = module_of(mutant).partition(".")
        counted.setdefault(package if dot else "domain", Counter())[verdict] += 1
    return counted


def score_in_words(found: Mapping[str, int]) -> str:
    """How many mutants were noticed, of all and of those that mypy lets pass."""
    total, refused = sum(found.values()), found.get(REFUSED, 0)
    noticed = found.get(KILLED, 0) + found.get(TIMED_OUT, 0)
    lives_on = found.get(SURVIVED, 0) + found.get(UNREACHED, 0)
    by_tests = f", {noticed / (total - refused):.1%} of those that mypy lets pass" if total > refused else ""
    return (
        f"{total} mutants: mypy refuses {refused}, tests notice {noticed}, {lives_on} live on"
        f" ({found.get(UNREACHED, 0)} unreached); noticed {1 - lives_on / total:.1%}{by_tests}"
    )
