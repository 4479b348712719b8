"""Every code that TikTok documents for the endpoints of returns, as the client says it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from order_sync.domain.errors import NotYetError, OutcomeUnknownError, RejectedError, SkippableError, WishRefusedError
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.returning.returns import Question
from order_sync.partners.http import TransientError
from order_sync.partners.tiktok_shop.codes import (
    DecisionNotPossibleError,
    HeldBackError,
    InProcessError,
    RequestClosedError,
)
from order_sync.partners.tiktok_shop.returns import Returns
from tests.unit.partners.tiktok_shop.one_shop import NOON, shop_that_is_refused

type Call = Callable[[Returns], object]
type Meant = tuple[type[Exception], str]

ORDER, LINE, RETURN = OrderId("576461413038785752"), LineId("577086512123755123"), ReturnId("4035318504086604111")
NO_SUCH_STATE = (DecisionNotPossibleError, "takes no such answer in its present state")
REASON = (WishRefusedError, "reason")

ANSWERS: dict[int, Meant] = {
    11050001: (RejectedError, "a parameter is invalid"),
    25001001: (RejectedError, "a parameter is invalid"),
    25001003: NO_SUCH_STATE,
    25001028: (TransientError, "something else is changing"),
    25001058: (OutcomeUnknownError, "internal error"),
    25007006: (RejectedError, "no such order or request"),
    25011010: (DecisionNotPossibleError, "TikTok Shop decides about it now"),
    25011023: (DecisionNotPossibleError, "TikTok Shop checks or receives these goods"),
    25011026: (DecisionNotPossibleError, "TikTok Shop checks or receives these goods"),
    25020004: (DecisionNotPossibleError, "does not fit this kind of return"),
    25020005: (RejectedError, "is not this shop's"),
    25020008: (OutcomeUnknownError, "internal error"),
}
APPROVALS: dict[int, Meant] = ANSWERS | {
    25001044: (OutcomeUnknownError, "could not be booked"),
    25007007: (DecisionNotPossibleError, "the buyer has an offer"),
    25011012: (DecisionNotPossibleError, "takes no approval"),
    25011013: (DecisionNotPossibleError, "takes no approval"),
    25011032: (DecisionNotPossibleError, "takes no approval"),
    25020009: (RequestClosedError, "closed already"),
}
REJECTIONS: dict[int, Meant] = ANSWERS | {
    25001014: REASON,
    25001016: REASON,
    25001020: REASON,
    25001057: REASON,
    25007002: (OutcomeUnknownError, "internal error"),
    25011025: (DecisionNotPossibleError, "got the money before"),
    25011035: (HeldBackError, "cannot be rejected yet"),
    25020010: (RequestClosedError, "approved already"),
    25020011: (RequestClosedError, "received already"),
    25020012: (DecisionNotPossibleError, "takes no rejection"),
}
REFUNDS: dict[int, Meant] = {
    25001001: (RejectedError, "a parameter is invalid"),
    25001003: (WishRefusedError, "the order's status allows no refund"),
    25001010: (WishRefusedError, "returned or cancelled already"),
    25001011: (InProcessError, "a return is open, or the order is cancelled"),
    25001014: REASON,
    25001015: REASON,
    25001020: REASON,
    25001021: REASON,
    25001028: (TransientError, "something else is changing"),
    25001042: (OutcomeUnknownError, "the return could not be made"),
    25001046: (WishRefusedError, "risk control"),
    25001051: (WishRefusedError, "can be refunded no more"),
    25005005: (WishRefusedError, "more money than is left to refund"),
    25005010: (WishRefusedError, "lines cannot be refunded by themselves"),
    25005011: (WishRefusedError, "more lines than are left to refund"),
    25020005: (RejectedError, "is not this shop's"),
    36009003: (OutcomeUnknownError, "internal error"),
}
SEARCHES: dict[int, Meant] = {
    25001001: (RejectedError, "a parameter is invalid"),
    25020005: (RejectedError, "is not this shop's"),
    36009003: (TransientError, "internal error"),
}


def approve(returns: Returns) -> None:
    returns.approve(RETURN, Question.RETURN)


def reject(returns: Returns) -> None:
    returns.reject(RETURN, Question.RETURN, "a_reason")


def refund(returns: Returns) -> object:
    return returns.refund(ORDER, [LINE], "a_reason", "key")


def search(returns: Returns) -> object:
    return returns.search(NOON - timedelta(minutes=15), NOON)


def cases(call: Call, meant: dict[int, Meant]) -> list[object]:
    return [pytest.param(call, code, *each, id=f"{call.__name__} {code}") for code, each in meant.items()]


@pytest.mark.parametrize(
    ("call", "code", "error", "words"),
    [*cases(approve, APPROVALS), *cases(reject, REJECTIONS), *cases(refund, REFUNDS), *cases(search, SEARCHES)],
)
def test_every_documented_code_is_one_error_in_words(call: Call, code: int, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=f"{words}.*code {code}") as caught:
        call(shop_that_is_refused(code).returns)
    assert type(caught.value) is error


@pytest.mark.parametrize(("meant", "number"), [(APPROVALS, 18), (REJECTIONS, 22), (REFUNDS, 17), (SEARCHES, 3)])
def test_as_many_codes_are_known_as_tiktok_documents(meant: dict[int, Meant], number: int) -> None:
    assert len(meant) == number


def test_what_is_not_taken_or_has_to_wait_is_no_failure() -> None:
    assert issubclass(DecisionNotPossibleError, SkippableError)
    assert issubclass(RequestClosedError, SkippableError)
    assert issubclass(HeldBackError, NotYetError)
    assert issubclass(InProcessError, NotYetError)


def test_a_refused_refund_is_for_a_person_too() -> None:
    assert issubclass(WishRefusedError, RejectedError)


@pytest.mark.parametrize("call", [approve, reject, refund])
@pytest.mark.parametrize(("code", "error"), [(36009002, TransientError), (36009003, OutcomeUnknownError)])
def test_the_gateway_s_codes_mean_what_they_mean_everywhere(call: Call, code: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=str(code)):
        call(shop_that_is_refused(code).returns)


@pytest.mark.parametrize("call", [approve, reject, refund, search])
def test_an_unknown_code_is_for_a_person(call: Call) -> None:
    with pytest.raises(RejectedError, match="a code that we do not know"):
        call(shop_that_is_refused(99999999).returns)
