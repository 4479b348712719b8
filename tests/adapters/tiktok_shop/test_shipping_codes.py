import pytest

from order_sync.domain.errors import (
    AlreadyDoneError,
    OutcomeUnknownError,
    RejectedError,
    SkippableError,
    SplitRefusedError,
)
from order_sync.partners.tiktok_shop.codes import (
    HeldBackError,
    Meaning,
    NoProvidersError,
    TokenExpiredError,
    error_for,
    read_code,
)

# What TikTok documents for each of these endpoints; the gateway's codes stand in the test of all codes.
MARK_PACKAGE_AS_SHIPPED = """
36009003 11001027 11001031 11005004 11005010 11006005 11006026 11021009 11028006 11050001
21001001 21001008 21001011 21001029 21001043 21001055 21004012 21004015 21004016 21004019
21004020 21008025 21008042 21008044 21008099 21008106 21008300 21011001 21011003 21011004
21011006 21011007 21011012 21011013 21011020 21011022 21011025 21011026 21011029 21011030
21011033 21011036 21011046 21011048 21011050 21011051 21021010 21022025 21022026 21022028
21022029 21022030 21032001 21034006 21034012 21042056 21042057
"""
UPDATE_PACKAGE_SHIPPING_INFO = """
10007002 36009003 21011001 21011004 21011007 21011022 21011028 21011030 21011042 21011043
21011049 21011050 21011051 21011052 25001010
"""
UPDATE_SHIPPING_INFO = """
10007002 36009003 21011001 21011004 21011007 21011022 21011028 21011030 21011041 21011042
21011043 21011049 25001010
"""
SPLITS_AND_LOGISTICS = "36009003 21011005 21011035 21008116 21008117"
DOCUMENTED = f"{MARK_PACKAGE_AS_SHIPPED} {UPDATE_PACKAGE_SHIPPING_INFO} {UPDATE_SHIPPING_INFO} {SPLITS_AND_LOGISTICS}"


def raised(code: int) -> Exception:
    refusal = read_code(code, "")
    return error_for(refusal, refusal.words, repeatable=False)


@pytest.mark.parametrize("code", sorted(set(DOCUMENTED.split())))
def test_every_code_that_is_documented_for_parcels_is_known(code: str) -> None:
    assert read_code(int(code), "").meaning is not Meaning.UNKNOWN


@pytest.mark.parametrize("code", [21011035, 21011036, 21011046])
def test_a_refused_split_is_an_error_of_its_own(code: int) -> None:
    assert type(raised(code)) is SplitRefusedError


@pytest.mark.parametrize("code", [21011030, 21011049, 21011050, 21011051, 21011052])
def test_a_tracking_number_that_stays_is_rejected_with_what_a_person_can_do(code: int) -> None:
    error = raised(code)
    assert type(error) is RejectedError
    for words in ("once, within 72 hours of shipping", "Seller Center", "ticket", "within 30 days of shipping"):
        assert words in str(error)


def test_each_reason_why_a_tracking_number_stays_has_its_own_words() -> None:
    assert len({str(raised(code)) for code in (21011030, 21011049, 21011050, 21011051)}) == 4


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (21011043, RejectedError),
        (21011033, RejectedError),
        (21011048, RejectedError),
        (10007002, RejectedError),
        (21008116, NoProvidersError),
        (21008117, SkippableError),
        (21011042, SkippableError),
        (25001010, SkippableError),
        (21011007, HeldBackError),
        (21011020, AlreadyDoneError),
        (21022028, OutcomeUnknownError),
        (21034006, OutcomeUnknownError),
        (105002, TokenExpiredError),
    ],
)
def test_what_is_done_about_other_refusals_of_parcels(code: int, error: type[Exception]) -> None:
    assert type(raised(code)) is error
