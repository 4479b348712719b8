"""`make mutate`: how the mutants of the domain are named and counted."""

import pytest

from local.mutation.scores import (
    KILLED,
    REFUSED,
    SURVIVED,
    TIMED_OUT,
    UNREACHED,
    by_package,
    is_in,
    module_of,
    score_in_words,
)

MUTANTS = {
    "order_sync.domain.cool_down.x_hold_ends_at__mutmut_1": KILLED,
    "order_sync.domain.drafts.xǁDraftǁfinish__mutmut_7": SURVIVED,
    "order_sync.domain.deadlines.policies.x__read__mutmut_12": TIMED_OUT,
}


def test_a_mutant_names_the_module_that_it_changes() -> None:
    assert [module_of(mutant) for mutant in MUTANTS] == ["cool_down", "drafts", "deadlines.policies"]


@pytest.mark.parametrize(
    ("module", "chosen", "is_chosen"),
    [
        ("cool_down", "", True),
        ("cool_down", "cool_down", True),
        ("deadlines.policies", "deadlines", True),
        ("deadlines.policies", "deadlines.policies", True),
        ("deadlines.policy_files", "deadlines.policies", False),
        ("shipping_mappings", "shipping", False),
    ],
)
def test_a_package_s_name_means_all_in_it(module: str, chosen: str, *, is_chosen: bool) -> None:
    assert is_in(module, chosen) is is_chosen


def test_each_package_has_its_score() -> None:
    assert by_package(MUTANTS) == {"domain": {KILLED: 1, SURVIVED: 1}, "deadlines": {TIMED_OUT: 1}}


def test_a_score_counts_what_is_noticed_before_and_by_the_tests() -> None:
    found = {REFUSED: 10, KILLED: 5, TIMED_OUT: 1, SURVIVED: 1, UNREACHED: 3}
    assert score_in_words(found) == (
        "20 mutants: mypy refuses 10, tests notice 6, 4 live on (3 unreached);"
        " noticed 80.0%, 60.0% of those that mypy lets pass"
    )
    assert score_in_words({REFUSED: 2}) == (
        "2 mutants: mypy refuses 2, tests notice 0, 0 live on (0 unreached); noticed 100.0%"
    )
