import pytest

from order_sync.domain.errors import (
    AlreadyDoneError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    SkippableError,
    WishRefusedError,
)
from order_sync.partners.http import TransientError
from order_sync.partners.tiktok_shop.codes import (
    DecisionNotPossibleError,
    InProcessError,
    Meaning,
    Refusal,
    RequestClosedError,
    error_for,
    read_code,
)

# Every code that TikTok documents for the endpoints of cancellations.
DOCUMENTED = """
11050001 25001001 25001003 25001011 25001014 25001015 25001016 25001020 25001021
25001028 25001045 25001046 25001051 25001057 25001058 25005010 25005011 25007002
25007006 25011011 25011012 25020003 25020004 25020005 25020008 25020009 25020010
36009003
"""


def raised(code: int, *, repeatable: bool = False) -> type[Exception]:
    return type(error_for(read_code(code, ""), "text", repeatable=repeatable))


@pytest.mark.parametrize("code", DOCUMENTED.split())
def test_every_code_of_cancellations_is_in_the_table(code: str) -> None:
    assert read_code(int(code), "").meaning is not Meaning.UNKNOWN
    assert read_code(int(code), "").words


@pytest.mark.parametrize("meaning", Meaning)
def test_every_meaning_has_an_error_for_reads_and_for_writes(meaning: Meaning) -> None:
    for repeatable in (True, False):
        error = error_for(Refusal(meaning, "words"), "what happened", repeatable=repeatable)
        assert str(error).startswith("what happened")


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_lock_did_nothing_and_may_be_tried_again(*, repeatable: bool) -> None:
    assert raised(25001028, repeatable=repeatable) is TransientError


@pytest.mark.parametrize("code", [25001058, 25007002, 25020008])
def test_a_failure_inside_tiktok_leaves_an_answer_in_doubt(code: int) -> None:
    assert raised(code) is OutcomeUnknownError
    assert raised(code, repeatable=True) is TransientError


def test_approving_what_is_approved_is_done() -> None:
    assert raised(25011012) is AlreadyDoneError


@pytest.mark.parametrize("code", [25011011, 25020009, 25020010])
def test_a_settled_request_takes_no_other_answer(code: int) -> None:
    assert raised(code) is RequestClosedError
    assert issubclass(RequestClosedError, SkippableError)
    assert not issubclass(RequestClosedError, AlreadyDoneError)


@pytest.mark.parametrize("code", [25001003, 25020003])
def test_an_answer_that_is_not_taken_is_no_failure(code: int) -> None:
    assert raised(code) is DecisionNotPossibleError
    assert issubclass(DecisionNotPossibleError, SkippableError)


def test_an_order_in_process_has_to_wait_by_itself() -> None:
    assert raised(25001011) is InProcessError
    assert issubclass(InProcessError, NotYetError)


def test_a_completed_or_cancelled_order_is_passed_over() -> None:
    assert raised(25001051) is SkippableError


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (25001014, "does not know this reason"),
        (25001015, "not one of a seller's"),
        (25001016, "for something else"),
        (25001020, "any more"),
        (25001021, "order's status"),
        (25001045, "shipped"),
        (25001046, "risk control"),
        (25001057, "for something else"),
        (25005010, "by themselves"),
        (25005011, "left to cancel"),
    ],
)
def test_a_cancellation_that_is_not_allowed_is_refused_in_words(code: int, words: str) -> None:
    assert raised(code) is WishRefusedError
    assert words in read_code(code, "").words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (25001001, "parameter"),
        (25007006, "no such"),
        (25020004, "no buyer's request"),
        (25020005, "not this shop's"),
    ],
)
def test_what_a_person_must_look_at_is_rejected_in_words(code: int, words: str) -> None:
    assert raised(code) is RejectedError
    assert words in read_code(code, "").words
