"""`make mutate MODULE=cool_down`: the mutants that no test of the domain notices, and the score.

A module's name is below order_sync.domain (deadlines.policies); a package's name means all in it, and none means all.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import chdir
from itertools import groupby
from typing import Final

import pytest
from hypothesis import Phase, settings

from local.mutation.scores import REFUSED, SURVIVED, UNREACHED, by_package, is_in, module_of, score_in_words
from local.mutation.staging import MUTANTS, ROOT, STAGE, difference, generate, stage
from local.mutation.trials import Trials

# They look for what nobody thought of. A rule must have a test that names it, and they would run for every survivor.
_RANDOM_WALKS: Final = (
    "tests/unit/domain/test_cancellation_rules_in_any_order.py",
    "tests/unit/domain/test_order_rules_in_any_order.py",
    "tests/unit/domain/deadlines/test_random_histories.py",
    "tests/unit/domain/returning/test_returns_in_any_sequence.py",
    "tests/unit/domain/shipping/test_parcel_races.py",
    "tests/unit/domain/test_cancellation_races.py",
)
_RECORD: Final = STAGE / "counts.json"


def main(chosen: Sequence[str]) -> int:
    """Try the mutants of the chosen modules and print what lives on; 1 if there is nothing to try or a test fails."""
    stage()
    names, refused = generate()
    mutants = [name for module in chosen or [""] for name in names if is_in(module_of(name), module)]
    if not mutants:
        print(f"No module of the domain is named {' or '.join(chosen)}.")
        return 1
    verdicts = {name: REFUSED if name in refused else UNREACHED for name in mutants}
    tried = [name for name in mutants if name not in refused]
    last_of = {module_of(name): name for name in tried}
    began = time.monotonic()

    def tell(mutant: str, verdict: str) -> None:
        nonlocal began
        verdicts[mutant] = verdict
        if verdict in {SURVIVED, UNREACHED}:
            print(f"\n{mutant}: {verdict}\n{difference(mutant)}", flush=True)
        module = module_of(mutant)
        if last_of[module] == mutant:
            print(f"{module}: {time.monotonic() - began:.0f} s", flush=True)
            began = time.monotonic()
            _keep(module, Counter(verdict for name, verdict in verdicts.items() if module_of(name) == module))

    if _try(Trials(tried, tell)) != pytest.ExitCode.OK:
        return 1
    for module, those in groupby(mutants, key=module_of):
        print(f"{module}: {score_in_words(Counter(verdicts[name] for name in those))}")
    for package, found in by_package(verdicts).items():
        print(f"\nAll of {package}: {score_in_words(found)}")
    print(f"\nTogether: {score_in_words(Counter(verdicts.values()))}")
    return 0


def _try(trials: Trials) -> int:
    # A failing example need not be made small, nor remembered.
    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None, derandomize=True)
    settings.load_profile("mutants")
    here = {str(ROOT), ""}
    sys.path[:] = [str(MUTANTS), *(place for place in sys.path if place not in here)]
    os.environ["MUTANT_UNDER_TEST"] = ""
    # Without capturing: what a trial tells is for the reader, and the forks are silent.
    options = ["--rootdir=.", "-s", "-p", "no:terminal", "-p", "no:cacheprovider"]
    with chdir(MUTANTS):
        ignored = [f"--ignore={test_file}" for test_file in _RANDOM_WALKS]
        return int(pytest.main([*options, *ignored, "tests/unit/domain"], plugins=[trials]))


def _keep(module: str, found: Mapping[str, int]) -> None:
    known = json.loads(_RECORD.read_text()) if _RECORD.exists() else {}
    _RECORD.write_text(json.dumps({**known, module: found}, indent=1, sort_keys=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
