"""What a tracking number is worth for the carrier that was declared (OP B6, C23; TT 3)."""

import string
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.regions import Region
from order_sync.domain.tracking.judgement import Grade, Verdict, judge
from order_sync.domain.tracking.shapes import tracking_shapes
from tests.unit.domain.tracking.carrier_numbers import (
    CARRIERS,
    ROWS,
    WITHOUT_SHAPES,
    checked_places,
    published,
    random_number,
    with_another_digit,
)

US, GB = Region.US, Region.GB
UPS = "1Z5R89390357567127"
EVERY_NUMBER = sorted({number for _, _, shape in ROWS for number in published(shape)})


def reasons(verdict: Verdict) -> str:
    return "; ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("region", "code", "number", "grade"),
    [
        (US, "ups", UPS, Grade.VERIFIED),
        (GB, "UPS UK", UPS, Grade.VERIFIED),
        (US, "usps", "9400111206206406260787", Grade.VERIFIED),
        (US, "fedex", "986578788855", Grade.VERIFIED),
        (US, "amazon logistics", "TBA502887274000", Grade.PLAUSIBLE),
        (GB, "Yodel UK", "JJD0002257639032011", Grade.PLAUSIBLE),
        (US, "axlehire", "AXL0123456789", Grade.UNKNOWN),
        (GB, "EVRi", "H01HYA0012345678", Grade.UNKNOWN),
        (US, "ups", "1Z5R89390357567128", Grade.INVALID),
        (US, "dhl us", "3318810025", Grade.VERIFIED),
        (US, "dhl us", "GM2951173225174494", Grade.PLAUSIBLE),
        (US, "dhl us", "60120172242323", Grade.PLAUSIBLE),
        (US, "dhl us", "420902459261290336128704042634", Grade.VERIFIED),
        (US, "dhl us", "ABCDE12345", Grade.UNKNOWN),  # dhl.com: "up to five letters"
    ],
)
def test_a_number_gets_its_grade(region: Region, code: str, number: str, grade: Grade) -> None:
    assert judge(region, code, number).grade is grade


@pytest.mark.parametrize(
    ("code", "number", "reason"),
    [
        ("ups", UPS, "UPS parcel: the check digit is right"),
        ("amazon logistics", "TBA502887274000", "Amazon: the shape is right"),
        ("wizmo", "WZ1234567", "no known rule of Wizmo tells whether the number is right"),
        ("ups", "1Z5R89390357567128", "UPS parcel: the check digit is wrong, so one character is mistyped"),
        ("ups", "1Z5R8939035756712", "'1Z5R8939035756712' has no shape of UPS's tracking numbers"),
        ("wizmo", "WZ-1234567", "'WZ-1234567' is no number of Wizmo: those have 6 to 40 letters and digits"),
        ("wizmo", "WZ123", "'WZ123' is no number of Wizmo: those have 6 to 40 letters and digits"),
        ("wizmo", "W" + "1" * 40, "is no number of Wizmo: those have 6 to 40 letters and digits"),
        ("ups", "1Z5", "TikTok Shop takes 4 to 50 characters, not 3"),
        ("ups", "", "TikTok Shop takes 4 to 50 characters, not 0"),
        ("wizmo", "12" * 26, "TikTok Shop takes 4 to 50 characters, not 52"),
        ("wizmo", "WZ#12(34)", "TikTok Shop takes letters, digits and - _ . / only, not '#', '(', ')'"),
        ("wizmo", "WZ1234\N{FULLWIDTH DIGIT FIVE}", "TikTok Shop takes letters, digits and - _ . / only, not '"),
        ("fedex", "000000000000", "'000000000000' is one character, repeated"),
        ("wizmo", "xxxxxx", "'xxxxxx' is one character, repeated"),
    ],
)
def test_a_grade_says_why(code: str, number: str, reason: str) -> None:
    assert reasons(judge(US, code, number)).startswith(reason) or reason in reasons(judge(US, code, number))


@pytest.mark.parametrize(
    ("region", "code", "number", "would_fit"),
    [
        (US, "usps", "9400 1112 0620 6406 2607 87", "9400111206206406260787"),
        (US, "usps", "9400-1112-0620-6406-2607-87", "9400111206206406260787"),
        (US, "ups", f" {UPS}\n", UPS),
        (US, "ups", "1z5r89390357567127", UPS),
        (US, "ups", "1Z 5R8 939 03 5756 7127", UPS),
        (US, "ups", f"#{UPS}", UPS),
        (US, "fedex", "4771790812 3O", "477179081230"),
        (US, "usps", "RBI23456785US", ""),
        (US, "usps", "RB123456785us", "RB123456785US"),
        (US, "usps", "RE36O192O14US", "RE360192014US"),
        (US, "amazon logistics", "TBA5O2887274OOO", "TBA502887274000"),
        (GB, "Royal Mail", "32-001 925 4000-221 BB4 EFC", "320019254000221BB4EFC"),
        (GB, "Royal Mail", "rn365840400gb", "RN365840400GB"),
        (GB, "DPD UK", "1550 2370 2649 89 n", "15502370264989N"),
        (GB, "EVRi", "H01HYA 0012345678", "H01HYA0012345678"),
        (US, "lasership", "1ls7119013618127-1", "1LS7119013618127-1"),
    ],
)
def test_a_number_that_is_only_written_badly_is_met_with_the_text_that_would_fit(
    region: Region, code: str, number: str, would_fit: str
) -> None:
    verdict = judge(region, code, number)
    assert verdict.would_fit == would_fit
    assert verdict.grade in {Grade.INVALID, Grade.UNKNOWN}
    assert (f"written as {would_fit!r} it would fit" in reasons(verdict)) == bool(would_fit)
    if would_fit:
        assert judge(region, code, would_fit).grade.rank > verdict.grade.rank


@pytest.mark.parametrize(
    ("region", "code", "number", "looks_like", "names"),
    [
        (US, "fedex", UPS, ("ups",), "UPS"),
        (US, "usps", UPS, ("ups",), "UPS"),
        (US, "ups", "9400111206206406260787", ("usps",), "USPS"),
        (US, "ontrac", "9261290336128704042634", ("usps", "ups", "fedex", "dhl us"), "USPS or UPS or FedEx or DHL"),
        (US, "ups", "986578788855", ("fedex",), "FedEx"),
        (US, "ups", "TBA502887274000", ("amazon logistics",), "Amazon Logistics"),
        (US, "fedex", "C11031500001879", ("lasership", "ontrac"), "Lasership or Ontrac"),
        (GB, "UPS UK", "RN365840400GB", ("Royal Mail", "Parcel Force"), "Royal Mail or Parcel Force"),
        (GB, "UPS UK", "15502370264989N", ("DPD UK",), "DPD UK"),
        (US, "axlehire", UPS, ("ups",), "UPS"),
        (GB, "Royal Mail", UPS, ("UPS UK",), "UPS UK"),
    ],
)
def test_a_number_of_another_carrier_is_named_and_never_switched(
    region: Region, code: str, number: str, looks_like: tuple[str, ...], names: str
) -> None:
    verdict = judge(region, code, number)
    assert verdict.looks_like == looks_like
    assert verdict.grade is (Grade.INVALID if tracking_shapes().knows_all(region, code) else Grade.UNKNOWN)
    assert f"it looks like a number of {names}" in reasons(verdict)


@pytest.mark.parametrize(
    ("region", "number", "grades"),
    [
        (US, "3318810025", {"dhl us": Grade.VERIFIED, "fedex": Grade.INVALID, "gls us": Grade.UNKNOWN}),
        (GB, "15501498140350", {"DPD UK": Grade.PLAUSIBLE, "DHL UK": Grade.PLAUSIBLE, "UPS UK": Grade.INVALID}),
        (GB, "041441760228964", {"FedEx UK": Grade.VERIFIED, "DPD UK": Grade.INVALID, "EVRi": Grade.UNKNOWN}),
        (US, "61299998820821171811", {"fedex": Grade.VERIFIED, "usps": Grade.INVALID, "ups": Grade.INVALID}),
        (US, "03071790000523483741", {"usps": Grade.VERIFIED, "fedex": Grade.INVALID}),
    ],
)
def test_bare_digits_are_judged_for_the_declared_carrier_only(
    region: Region, number: str, grades: dict[str, Grade]
) -> None:
    assert {code: judge(region, code, number).grade for code in grades} == grades


@pytest.mark.parametrize(
    ("region", "code", "number"),
    [
        (US, "fedex", "106141412345678909"),
        (US, "fedex", "32971514560102447849175802852014"),
        (US, "dhl us", "73891051147"),
        (GB, "DHL UK", "3318810026"),
    ],
)
def test_a_wrong_check_digit_stops_nothing_where_not_every_number_carries_one(
    region: Region, code: str, number: str
) -> None:
    assert judge(region, code, number).grade is Grade.PLAUSIBLE


def test_a_wrong_dhl_waybill_is_stopped_where_nothing_else_has_ten_digits() -> None:
    assert judge(US, "dhl us", "3318810026").grade is Grade.INVALID
    assert judge(GB, "DHLExpress", "3318810026").grade is Grade.INVALID


def test_a_carrier_that_is_not_accepted_is_judged_like_one_without_rules() -> None:
    assert judge(US, "Pony Express", "PE123456").grade is Grade.UNKNOWN
    assert judge(US, "UPS", UPS).looks_like == ("ups",)


def test_every_carrier_with_the_counts_of_its_shapes() -> None:
    """The table of the note: every shape at every carrier, with published, random and mistyped numbers."""
    random = Random(5)
    lines = [f"{'':2} {'carrier':19} {'shape':47} {'check':12} published  random  mistyped: stopped"]
    for region, code, shape in ROWS:
        grade = Grade.VERIFIED if shape.check else Grade.PLAUSIBLE
        known = published(shape)
        made = [random_number(random, shape) for _ in range(100)]
        right = [[judge(region, code, each).grade.rank >= grade.rank for each in some] for some in (known, made)]
        assert all(map(all, right)), (region, code, shape.name)
        mistyped = [with_another_digit(random, each, checked_places(shape, each)) for each in made]
        stopped = sum(judge(region, code, each).grade is Grade.INVALID for each in mistyped)
        if shape.check and shape.on_every_number:
            assert stopped >= 80, (region, code, shape.name)
        lines.append(
            f"{region} {code:19} {shape.name:47} {shape.check or '-':12} {sum(right[0]):9}  {sum(right[1]):6}"
            f"  {stopped:3} of {len(mistyped)}"
        )
    for region, code in WITHOUT_SHAPES:
        made = ["".join(random.choices(string.ascii_uppercase + string.digits, k=12)) for _ in range(100)]
        unknown = sum(judge(region, code, each).grade is Grade.UNKNOWN for each in made)
        assert unknown == len(made)
        lines.append(f"{region} {code:19} {'(no verified pattern: unknown)':47} {'-':12} {0:9}  {unknown:6}  -")
    print("\n" + "\n".join(lines))  # noqa: T201
    assert {(region, code) for region, code, _ in ROWS} | set(WITHOUT_SHAPES) == set(CARRIERS)


carriers = st.sampled_from([*CARRIERS, (US, "no such carrier"), (GB, "")])
numbers = st.sampled_from(EVERY_NUMBER)
spoilt = st.builds(
    lambda number, noise, place: number[:place] + noise + number[place:],
    numbers,
    st.text(max_size=3),
    st.integers(min_value=0, max_value=40),
)
texts = st.text(max_size=60) | numbers | spoilt | numbers.map(str.lower)


@given(carriers, texts)
@example((US, "ups"), "\x00\ud800")
def test_any_text_gets_a_grade_with_a_reason_and_the_same_one_again(carrier: tuple[Region, str], text: str) -> None:
    verdict = judge(*carrier, text)
    assert verdict.reasons
    assert all(verdict.reasons)
    assert verdict == judge(*carrier, text)
    assert set(verdict.looks_like) <= ACCEPTED_CARRIERS[carrier[0]].keys() - {carrier[1]}


@given(carriers, texts)
def test_what_would_fit_does_fit_better_and_needs_no_more_correction(carrier: tuple[Region, str], text: str) -> None:
    verdict = judge(*carrier, text)
    if verdict.would_fit:
        assert verdict.would_fit != text
        assert judge(*carrier, verdict.would_fit).grade.rank > verdict.grade.rank


@given(carriers, texts)
def test_a_verified_number_stays_verified_without_the_spaces_around_it(carrier: tuple[Region, str], text: str) -> None:
    if judge(*carrier, text).grade is Grade.VERIFIED:
        assert judge(*carrier, text.strip()).grade is Grade.VERIFIED
        around = judge(*carrier, f" {text}\t")
        assert (around.grade, around.would_fit) == (Grade.INVALID, text)


@given(carriers, texts)
@example((US, "wizmo"), "\N{KELVIN SIGN}12345")
@example((US, "usps"), "ß123456785us")
def test_another_case_never_makes_a_number_valid_unless_that_was_said(carrier: tuple[Region, str], text: str) -> None:
    verdict = judge(*carrier, text)
    if verdict.grade is Grade.INVALID:
        for folded in (text.upper(), text.lower(), text.casefold(), text.swapcase()):
            if judge(*carrier, folded).grade is not Grade.INVALID:
                assert verdict.would_fit


@pytest.mark.parametrize("typed", ["LO4O312O4O5US", "LO403120405us", "lo 4o31 2o4o 5us"])
def test_a_zero_that_was_typed_as_a_letter_is_found_and_letters_that_belong_there_stay(typed: str) -> None:
    verdict = judge(US, "usps", typed)
    assert (verdict.grade, verdict.would_fit) == (Grade.INVALID, "LO403120405US")
    assert judge(US, "usps", "LO403120405US").grade is Grade.VERIFIED


def test_a_fault_names_the_carrier_and_at_most_five_of_the_refused_characters() -> None:
    of_nobody = "'12345' is no number of nobody: those have 6 to 40 letters and digits and no other character"
    assert judge(US, "nobody", "12345").reasons == (of_nobody,)
    refused = "TikTok Shop takes letters, digits and - _ . / only, not '!', '#', '%', '&', '*'"
    assert judge(US, "ups", "ab#%&*!^cd").reasons == (refused,)
