"""The check digits against numbers that the world calls right, and what each rule cannot see."""

import string
from itertools import cycle

import pytest

from order_sync.domain.tracking.check_digits import CheckMethod, check_character
from order_sync.domain.tracking.shapes import Shape, tracking_shapes
from tests.unit.domain.tracking.carrier_numbers import PUBLISHED

CHECKED = {shape.name: shape for shape in tracking_shapes().shapes if shape.check}


def body_and_digit(shape: Shape, number: str) -> tuple[str, str]:
    match = shape.pattern.fullmatch(number)
    assert match
    return shape.check_prefix + match["body"], match["digit"]


@pytest.mark.parametrize(
    ("name", "number"), [(name, each) for name in CHECKED for each in PUBLISHED.get(name, "").split()]
)
def test_the_check_digit_of_a_published_number_is_right(name: str, number: str) -> None:
    method = CHECKED[name].check
    assert method
    body, digit = body_and_digit(CHECKED[name], number)
    assert check_character(method, body) == digit


@pytest.mark.parametrize(
    ("method", "body", "digit"),
    [
        (CheckMethod.S10, "47312482", "9"),  # the worked example of UPU S10, on Wikipedia
        (CheckMethod.GS1_MOD_10, "10614141234567890", "8"),  # an SSCC, GS1 General Specifications
        (CheckMethod.GS1_MOD_10, "03600029145", "2"),  # a UPC-A, on Wikipedia: the same rule for any length
        (CheckMethod.FEDEX_MOD_11, "01234567898", "3"),  # worked out by FedEx for Google Answers 207899
        (CheckMethod.MOD_7, "8114074", "3"),  # an air waybill, on Wikipedia
        (CheckMethod.MOD_37_36, "A12425GABC1234002", "M"),  # a GRid, on Wikipedia
        (CheckMethod.MOD_37_36, "00000000C36D002B00000000", "E"),  # an ISAN, on Wikipedia
    ],
)
def test_a_rule_gives_the_digit_of_its_own_worked_example(method: CheckMethod, body: str, digit: str) -> None:
    assert check_character(method, body) == digit


@pytest.mark.parametrize(
    ("method", "body", "digit"),
    [
        (CheckMethod.S10, "70000000", "0"),  # 10 is missing to 66
        (CheckMethod.S10, "00000000", "5"),  # 11 is missing to 11
        (CheckMethod.FEDEX_MOD_11, "00000000001", "1"),
        (CheckMethod.FEDEX_MOD_11, "00000000103", "0"),  # 7 + 3 = 10, which is written as 0
        (CheckMethod.UPS_MOD_10, "000000000000000", "0"),
        (CheckMethod.UPS_MOD_10, "A00000000000000", "8"),  # a letter counts as A=2 ... H=9, I=0 ... R=9, S=0 ... Z=7
        (CheckMethod.UPS_MOD_10, "I00000000000000", "0"),
        (CheckMethod.UPS_MOD_10, "Z00000000000000", "3"),
        (CheckMethod.MOD_7, "0000007", "0"),
    ],
)
def test_the_ends_of_a_rule(method: CheckMethod, body: str, digit: str) -> None:
    assert check_character(method, body) == digit


@pytest.mark.parametrize(
    ("method", "body"),
    [(method, "") for method in CheckMethod]
    + [(method, "1234567A") for method in CheckMethod if method not in {CheckMethod.UPS_MOD_10, CheckMethod.MOD_37_36}]
    + [
        (CheckMethod.UPS_MOD_10, "1234567a"),
        (CheckMethod.MOD_37_36, "1234567-"),
        (CheckMethod.S10, "\N{FULLWIDTH DIGIT ONE}2345678"),
    ],
)
def test_no_digit_belongs_behind_what_a_rule_does_not_count(method: CheckMethod, body: str) -> None:
    assert not check_character(method, body)


def weighted(body: str, weights: tuple[int, ...], *, from_the_right: bool) -> int:
    digits = body[::-1] if from_the_right else body
    return sum(int(digit) * weight for digit, weight in zip(digits, cycle(weights), strict=False))


def cannot_see(method: CheckMethod, body: str, place: int, digit: str) -> bool:
    """What is known of the rules: which other digit at a place leaves the check digit as it was."""
    other = body[:place] + digit + body[place + 1 :]
    match method:
        case CheckMethod.UPS_MOD_10:  # doubled, 5 more is 10 more
            return place % 2 == 1 and abs(int(digit) - int(body[place])) == 5
        case CheckMethod.MOD_7:
            return abs(int(digit) - int(body[place])) == 7
        case CheckMethod.S10:  # both are written as 5
            weights = (8, 6, 4, 2, 3, 5, 9, 7)
            return {weighted(each, weights, from_the_right=False) % 11 for each in (body, other)} == {0, 6}
        case CheckMethod.FEDEX_MOD_11:  # both are written as 0
            return {weighted(each, (1, 3, 7), from_the_right=True) % 11 for each in (body, other)} == {0, 10}
        case CheckMethod.GS1_MOD_10 | CheckMethod.MOD_37_36:
            return False


@pytest.mark.parametrize("name", sorted(CHECKED))
def test_every_other_digit_anywhere_breaks_the_check_but_for_what_the_rule_cannot_see(name: str) -> None:
    shape = CHECKED[name]
    assert shape.check
    changes = 0
    for number in PUBLISHED.get(name, shape.example).split():
        body, check_digit = body_and_digit(shape, number)
        for place in range(len(shape.check_prefix), len(body)):
            for digit in string.digits if body[place].isdigit() else "":
                if digit == body[place]:
                    continue
                changes += 1
                other = body[:place] + digit + body[place + 1 :]
                is_missed = check_character(shape.check, other) == check_digit
                assert is_missed == cannot_see(shape.check, body, place, digit), (number, place, digit)
    assert changes >= 72


def test_the_number_that_ups_gives_for_its_own_test_environment_has_a_wrong_check_digit() -> None:
    assert check_character(CheckMethod.UPS_MOD_10, "12345E020527168") != "8"
