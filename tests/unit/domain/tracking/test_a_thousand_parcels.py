"""A thousand random parcels, a third of them bad in some way: every bad one is caught, and no good one is stopped."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.deadlines.policies import PolicyProfile
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Line, LineState
from order_sync.domain.regions import Region
from order_sync.domain.tracking.judgement import Grade
from order_sync.domain.tracking.preflight import PlannedParcel, preflight
from order_sync.domain.tracking.shapes import Fit, tracking_shapes
from tests.unit.domain.tracking.carrier_numbers import (
    CARRIERS,
    ROWS,
    checked_places,
    random_number,
    random_number_of,
    with_another_digit,
)

NEWEST = {
    region: max((each for each in policy_profiles() if each.region is region), key=lambda each: each.in_force_from)
    for region in Region
}
HELD_TO_SHAPES = [each for each in CARRIERS if tracking_shapes().knows_all(*each)]
WITH_LETTERS = [(region, code, shape) for region, code, shape in ROWS if shape.name in {"UPS parcel", "Amazon"}]
# Twenty digits are read in two ways, so that a mistyped one can be right in the other.
CHECKED = [
    (region, code, shape)
    for region, code, shape in ROWS
    if shape.check and shape.on_every_number and "20 digits" not in shape.name and "by USPS" not in shape.name
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A parcel in a region, and a piece of the reason for which it must be stopped; empty for a good one."""

    region: Region
    parcel: PlannedParcel
    because: str = ""
    stops_restricted: bool = False

    @property
    def profile(self) -> PolicyProfile:
        return NEWEST[self.region]


def good(random: Random) -> Case:
    region, code = random.choice(CARRIERS)
    return with_number(random, region, code, random_number_of(random, region, code))


def with_number(random: Random, region: Region, code: str, number: str, because: str = "") -> Case:
    """A parcel that is all right but perhaps for its number: some share it, some lost a line meanwhile."""
    states = random.choices([LineState.IN_PARCEL, LineState.OPEN], k=random.randint(1, 4))
    if random.random() < 0.1:
        states.append(LineState.CANCELED)
    recipient = random.choice(["anna", "bob", "carl"])
    parcel = PlannedParcel(
        carrier_code=code,
        tracking_number=number,
        shipped_on=date(2026, random.randint(1, 12), random.randint(1, 28)),
        lines=tuple(Line(id=LineId(f"L{place}"), sku="SKU", state=state) for place, state in enumerate(states)),
        recipient=recipient,
        recipients_elsewhere=(recipient,) * random.choice([0, 0, 0, 1, 19]),
    )
    return Case(region=region, parcel=parcel, because=because)


def misspelt_carrier(random: Random) -> Case:
    case = good(random)
    code = case.parcel.carrier_code
    spellings = {code.swapcase(), f"{code} ", code[1:], f"{code} Ground"} - ACCEPTED_CARRIERS[case.region].keys()
    parcel = replace(case.parcel, carrier_code=random.choice(sorted(spellings)))
    return replace(case, parcel=parcel, because="is not accepted by TikTok Shop")


def carrier_of_the_other_region(random: Random) -> Case:
    case = good(random)
    region = next(each for each in Region if each is not case.region)
    return replace(case, region=region, because=f"is not accepted by TikTok Shop in {region}")


def mistyped_digit(random: Random) -> Case:
    """A check digit does not see every mistake (test_check_digits.py); such a number is a right one of somebody."""
    region, code, shape = random.choice(CHECKED)
    number = other = random_number(random, shape)
    while shape.fit(other) is not Fit.CHECK_FAILS:
        other = with_another_digit(random, number, checked_places(shape, number))
    return with_number(random, region, code, other, "check digit is wrong")


def number_with_spaces(random: Random) -> Case:
    region, code = random.choice(CARRIERS)
    number = random_number_of(random, region, code)
    return with_number(random, region, code, f"{number[:4]} {number[4:]}", f"written as {number!r} it would fit")


def number_in_small_letters(random: Random) -> Case:
    region, code, shape = random.choice([each for each in WITH_LETTERS if each[:2] in HELD_TO_SHAPES])
    number = random_number(random, shape)
    return with_number(random, region, code, number.lower(), f"written as {number!r} it would fit")


def letter_for_a_zero(random: Random) -> Case:
    """UPS has letters of its own, which can make the number a right one of somebody."""
    region, code, shape = random.choice([each for each in CHECKED if each[:2] in HELD_TO_SHAPES])
    number = other = random_number(random, shape)
    while "0" not in number or "O" in number or shape.fit(other) is Fit.CHECKED:
        number = random_number(random, shape)
        other = number.replace("0", "O")
    return with_number(random, region, code, other, f"written as {number!r} it would fit")


def too_short_or_too_long(random: Random) -> Case:
    region, code = random.choice(CARRIERS)
    number = random_number_of(random, region, code)
    return with_number(random, region, code, random.choice([number[:3], (number * 7)[:51]]), "4 to 50 characters")


def cut_off(random: Random) -> Case:
    region, code, shape = random.choice(
        [each for each in ROWS if each[2].name in {"UPS parcel", "USPS package barcode"}]
    )
    number = random_number(random, shape)[: -random.randint(3, 6)]
    return with_number(random, region, code, number, "has no shape of")


def refused_character(random: Random) -> Case:
    region, code = random.choice(CARRIERS)
    number = random_number_of(random, region, code)
    sign = random.choice("#*+:;é—")
    return with_number(random, region, code, f"{number}{sign}", f"not {sign!r}")


def placeholder(random: Random) -> Case:
    region, code = random.choice(CARRIERS)
    return with_number(random, region, code, random.choice("0129X") * random.randint(8, 20), "one character, repeated")


def number_of_another_carrier(random: Random) -> Case:
    region, code = random.choice(HELD_TO_SHAPES)
    other, name, shape_name = {
        Region.US: ("ups", "UPS", "UPS parcel"),
        Region.GB: ("Royal Mail", "Royal Mail", "Royal Mail 13 characters"),
    }[region]
    if code in {"ups", "Parcel Force"}:
        other, name, shape_name = {
            Region.US: ("usps", "USPS", "USPS package barcode"),
            Region.GB: ("UPS UK", "UPS UK", "UPS parcel"),
        }[region]
    shape = next(shape for shape in tracking_shapes().of(region, other) if shape.name == shape_name)
    return with_number(random, region, code, random_number(random, shape), f"it looks like a number of {name}")


def shipped_line(random: Random) -> Case:
    case = good(random)
    lines = (*case.parcel.lines, Line(id=LineId("gone"), sku="SKU", state=LineState.SHIPPED))
    return replace(case, parcel=replace(case.parcel, lines=lines), because="lines gone are shipped already")


def nothing_left(random: Random) -> Case:
    case = good(random)
    lines = tuple(replace(line, state=LineState.CANCELED) for line in case.parcel.lines)
    return replace(case, parcel=replace(case.parcel, lines=lines), because="no line of the parcel is left")


def other_recipient(random: Random) -> Case:
    case = good(random)
    parcel = replace(case.parcel, recipients_elsewhere=(case.parcel.recipient, "dora"))
    return replace(case, parcel=parcel, because="on orders of other recipients")


def too_many_orders(random: Random) -> Case:
    case = good(random)
    parcel = replace(case.parcel, recipients_elsewhere=(case.parcel.recipient,) * random.randint(20, 40))
    return replace(case, parcel=parcel, because="TikTok Shop takes 20")


def restricted_carrier(random: Random) -> Case:
    number = random_number_of(random, Region.US, "usps")
    case = with_number(random, Region.US, "usps", number, "is restricted from 2026-01-01 on")
    return replace(case, stops_restricted=True)


BAD: list[Callable[[Random], Case]] = [
    misspelt_carrier,
    carrier_of_the_other_region,
    mistyped_digit,
    number_with_spaces,
    number_in_small_letters,
    letter_for_a_zero,
    too_short_or_too_long,
    cut_off,
    refused_character,
    placeholder,
    number_of_another_carrier,
    shipped_line,
    nothing_left,
    other_recipient,
    too_many_orders,
    restricted_carrier,
]


def test_of_a_thousand_parcels_every_bad_one_is_caught_with_its_reason_and_no_good_one_is_stopped() -> None:
    random = Random(2026)
    kinds = [*(random.choice(BAD) for _ in range(333)), *([good] * 667)]
    random.shuffle(kinds)
    seen, caught, grades = Counter[str](), Counter[str](), Counter[Grade]()
    warned = 0
    for kind in kinds:
        case = kind(random)
        found = preflight(case.parcel, case.profile, stops_restricted=case.stops_restricted)
        seen[kind.__name__] += 1
        if kind is good:
            assert found.grade is not Grade.INVALID, (case, found)
            grades[found.grade] += 1
            warned += bool(found.warnings)
        else:
            assert found.grade is Grade.INVALID, (case, found)
            assert any(case.because in reason for reason in found.reasons), (case, found)
            caught[kind.__name__] += 1
    rows = [f"{caught[name]:5} of {seen[name]:3} {name.replace('_', ' ')}" for name in sorted(caught)]
    sent = [f"{grades[grade]:5} {grade}" for grade in Grade]
    print(f"\nbad: {caught.total()} of 333 caught with their reason", *rows, sep="\n")  # noqa: T201
    print(f"good: {grades.total()} of 667 pass, {warned} with a warning", *sent, sep="\n")  # noqa: T201
    assert (caught.total(), grades.total()) == (333, 667)
    assert set(caught) == {kind.__name__ for kind in BAD}
    assert all(grades[grade] for grade in (Grade.UNKNOWN, Grade.PLAUSIBLE, Grade.VERIFIED))
