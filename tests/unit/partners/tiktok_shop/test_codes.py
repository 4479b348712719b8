import pytest

from order_sync.domain.errors import (
    AlreadyDoneError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
)
from order_sync.partners.http import TransientError
from order_sync.partners.tiktok_shop.codes import (
    CODES,
    HeldBackError,
    Meaning,
    TokenExpiredError,
    error_for,
    read_code,
)

# Every code that TikTok documents for the endpoints that are called here, and the gateway's.
DOCUMENTED = """
10002014 10002015 10006402 10037002 10037003 10037004 11001027 11001031 11005004
11005010 11006005 11006026 11021009 11028006 11050001 21001001 21001008 21001011
21001029 21001043 21001055 21004012 21004015 21004016 21004019 21004020 21008025
21008042 21008044 21008099 21008106 21008111 21008116 21008117 21008300 21011001
21011003 21011004 21011006 21011007 21011012 21011013 21011020 21011022 21011025
21011026 21011029 21011030 21011033 21011036 21011046 21011048 21011050 21011051
21021010 21022025 21022026 21022028 21022029 21022030 21032001 21034006 21034012
21042056 21042057 36009002 36009003 36009007 36009009 36009010 36009014 36009021
36009022 36009023 36009033 36009037 36009043 36009044 101000 105001 105002
105003 105004 105005 106001 106013 36004001 36004004 36020001
"""


def raised(code: int, *, repeatable: bool = False, message: str = "") -> type[Exception]:
    return type(error_for(read_code(code, message), "text", repeatable=repeatable))


@pytest.mark.parametrize("code", DOCUMENTED.split())
def test_every_documented_code_is_in_the_table(code: str) -> None:
    assert read_code(int(code), "").meaning is not Meaning.UNKNOWN
    assert read_code(int(code), "").words


@pytest.mark.parametrize("code", [21011006, 21011020, 21011040, 21008099, 21042056, 11006021])
def test_already_shipped_means_done(code: int) -> None:
    assert raised(code) is AlreadyDoneError


@pytest.mark.parametrize("code", [21011007, 21008044, 21011044])
def test_an_open_request_or_a_hold_keeps_a_parcel_back_for_later(code: int) -> None:
    assert raised(code) is HeldBackError
    assert issubclass(HeldBackError, RetriableError)


@pytest.mark.parametrize("code", [21011041, 21011042, 21008025])
def test_a_cancelled_or_foreign_order_is_passed_over(code: int) -> None:
    assert raised(code) is SkippableError


@pytest.mark.parametrize("code", [21011022, 21004012, 21004015, 11028006, 21011028, 105005, 106001, 36009009])
def test_what_a_person_must_correct_is_rejected(code: int) -> None:
    assert raised(code) is RejectedError


@pytest.mark.parametrize("code", [36009003, 36009007, 11001027, 11001031, 21001003, 21001008, 21001011])
def test_a_failure_inside_tiktok_repeats_a_read_and_leaves_a_write_in_doubt(code: int) -> None:
    assert raised(code, repeatable=True) is TransientError
    assert raised(code, repeatable=False) is OutcomeUnknownError


@pytest.mark.parametrize("code", [36009002, 36009037])
def test_a_limit_leaves_no_doubt_even_for_a_write(code: int) -> None:
    assert raised(code, repeatable=False) is TransientError


def test_an_expired_token_is_its_own_kind_of_retriable() -> None:
    assert raised(105002) is TokenExpiredError
    assert issubclass(TokenExpiredError, RetriableError)
    assert not issubclass(TokenExpiredError, TransientError)


def test_an_unknown_code_is_rejected() -> None:
    assert raised(99999999) is RejectedError


@pytest.mark.parametrize(
    ("message", "meaning", "words"),
    [
        ("Invalid credentials. The `x-tts-access-token` header is invalid.", Meaning.EXPIRED, "access token"),
        ("Invalid credentials. The `access_token` header is invalid.", Meaning.EXPIRED, "access token"),
        ("Invalid timestamp. The value must not be earlier than 5 minutes", Meaning.NOT_NOW, "clock"),
        ("Missing credentials. The request lacks a required signature.", Meaning.REJECTED, "signature"),
        ("Invalid credentials. Invalid `app_key` query parameter.", Meaning.REJECTED, "app key"),
        ("Unexpected identifier. The `shop_cipher` is not required.", Meaning.REJECTED, "cipher"),
        ("Invalid API version.", Meaning.REJECTED, "version"),
        ("Ids is a required field For more details: https://m.tiktok.shop/s/x", Meaning.REJECTED, "'Ids' is missing"),
        ("Something else", Meaning.REJECTED, "a parameter"),
        ("", Meaning.REJECTED, "a parameter"),
    ],
)
def test_the_overloaded_parameter_code_is_told_apart_by_its_message(message: str, meaning: Meaning, words: str) -> None:
    refusal = read_code(36009004, message)
    assert refusal.meaning is meaning
    assert words in refusal.words


def test_no_code_stands_twice_in_the_table() -> None:
    from order_sync.partners.tiktok_shop.codes import _TABLE  # noqa: PLC0415

    listed = [code for rows in _TABLE.values() for codes in rows.values() for code in codes]
    assert len(listed) == len(set(listed)) == len(CODES)
