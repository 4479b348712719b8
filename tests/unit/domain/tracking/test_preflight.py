"""What stops a parcel before TikTok Shop is told, what only warns, and what is said about it (TT 3, OP C22, C24)."""

from dataclasses import replace
from datetime import date

import pytest

from order_sync.domain.deadlines.policies import DEFAULT_PROFILE, PolicyProfile
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Line, LineState
from order_sync.domain.regions import Region
from order_sync.domain.tracking.judgement import Grade
from order_sync.domain.tracking.preflight import PlannedParcel, preflight

PROFILES = {(profile.region, profile.name): profile for profile in policy_profiles()}
US = PROFILES[Region.US, DEFAULT_PROFILE]
GB = PROFILES[Region.GB, DEFAULT_PROFILE]
UPS = "1Z5R89390357567127"
USPS = "9400111206206406260787"


def line(number: int, state: LineState = LineState.IN_PARCEL) -> Line:
    return Line(id=LineId(f"L{number}"), sku="SKU", state=state)


PARCEL = PlannedParcel(
    carrier_code="ups",
    tracking_number=UPS,
    shipped_on=date(2026, 3, 2),
    lines=(line(1), line(2)),
    recipient="anna",
)
BY_USPS = replace(PARCEL, carrier_code="usps", tracking_number=USPS)


def test_a_good_parcel_has_the_grade_of_its_number_and_its_reason() -> None:
    found = preflight(PARCEL, US)
    assert (found.grade, found.warnings) == (Grade.VERIFIED, ())
    assert found.reasons == ("UPS parcel: the check digit is right",)


@pytest.mark.parametrize(
    ("code", "number", "grade"),
    [
        ("ups", UPS, Grade.VERIFIED),
        ("amazon logistics", "TBA502887274000", Grade.PLAUSIBLE),
        ("wizmo", "WZ1234567", Grade.UNKNOWN),
        ("ups", "1Z5R89390357567128", Grade.INVALID),
    ],
)
def test_the_grade_is_that_of_the_number_where_nothing_else_is_wrong(code: str, number: str, grade: Grade) -> None:
    assert preflight(replace(PARCEL, carrier_code=code, tracking_number=number), US).grade is grade


@pytest.mark.parametrize(
    ("profile", "code", "nearest"),
    [
        (US, "UPS", "ups"),
        (US, " ups", "ups"),
        (US, "UPS UK", "ups"),
        (US, "OnTrack", "ontrac"),
        (GB, "UPS uk", "UPS UK"),
        (GB, "ups", "UPS UK"),
        (GB, "DHL Express", "DHLExpress"),
    ],
)
def test_a_carrier_that_is_spelt_otherwise_stops_the_parcel_and_the_nearest_code_is_named(
    profile: PolicyProfile, code: str, nearest: str
) -> None:
    found = preflight(replace(PARCEL, carrier_code=code), profile)
    assert found.grade is Grade.INVALID
    assert found.reasons == (
        f"carrier {code!r} is not accepted by TikTok Shop in {profile.region}; nearest accepted code is {nearest!r}",
    )


def test_a_carrier_of_the_other_region_is_another_carrier() -> None:
    amazon = replace(PARCEL, carrier_code="Amazon Logistics", tracking_number="TBA502887274000")
    assert preflight(amazon, GB).grade is Grade.PLAUSIBLE
    assert preflight(amazon, US).grade is Grade.INVALID


def test_lines_that_are_shipped_already_stop_the_parcel() -> None:
    found = preflight(replace(PARCEL, lines=(line(1), line(2, LineState.SHIPPED))), US)
    assert (found.grade, found.reasons) == (Grade.INVALID, ("lines L2 are shipped already",))


def test_a_parcel_without_a_line_that_is_left_is_stopped() -> None:
    for lines in ((), (line(1, LineState.CANCELED),)):
        found = preflight(replace(PARCEL, lines=lines), US)
        assert (found.grade, found.warnings) == (Grade.INVALID, ())
        assert found.reasons == ("no line of the parcel is left: all were cancelled",)


def test_a_parcel_whose_lines_were_cancelled_in_part_goes_with_a_warning() -> None:
    found = preflight(replace(PARCEL, lines=(line(1), line(2, LineState.CANCELED))), US)
    assert found.grade is Grade.VERIFIED
    assert found.warnings == ("lines L2 were cancelled and stay out of the parcel",)


def test_orders_of_one_recipient_may_share_a_parcel_up_to_twenty() -> None:
    assert preflight(replace(PARCEL, recipients_elsewhere=("anna",) * 19), US).grade is Grade.VERIFIED
    found = preflight(replace(PARCEL, recipients_elsewhere=("anna",) * 20), US)
    assert found.grade is Grade.INVALID
    assert found.reasons == ("the tracking number would be on 21 orders; TikTok Shop takes 20",)


def test_an_order_of_another_recipient_with_the_same_number_stops_the_parcel() -> None:
    found = preflight(replace(PARCEL, recipients_elsewhere=("anna", "bob", "carl")), US)
    assert found.grade is Grade.INVALID
    assert found.reasons == (
        "the tracking number is on orders of other recipients too (2): look for the one that is wrong",
    )


@pytest.mark.parametrize(("own", "other"), [("", "anna"), ("anna", ""), ("", "")])
def test_a_recipient_that_tiktok_does_not_show_is_neither_equal_nor_another(own: str, other: str) -> None:
    found = preflight(replace(PARCEL, recipient=own, recipients_elsewhere=(other,)), US)
    assert found.grade is Grade.VERIFIED
    assert found.warnings == ("the tracking number is on orders whose recipient cannot be compared (1)",)


RESTRICTED = (
    "carrier 'usps' is restricted from 2026-01-01 on: USPS labels must come from TikTok Shipping, others fail "
    "TikTok Shop's verification (TikTok Shop's notice, as quoted in ShipStation's community)"
)


@pytest.mark.parametrize("name", ["guide-2025-08", "us-2025-10", "us-2026-01"])
@pytest.mark.parametrize(("shipped_on", "is_restricted"), [(date(2025, 12, 31), False), (date(2026, 1, 1), True)])
def test_usps_on_seller_shipping_is_warned_of_from_its_date_on(
    name: str, shipped_on: date, *, is_restricted: bool
) -> None:
    profile = PROFILES[Region.US, name]
    parcel = replace(BY_USPS, shipped_on=shipped_on)
    warned, stopped = preflight(parcel, profile), preflight(parcel, profile, stops_restricted=True)
    assert (warned.grade, warned.warnings) == (Grade.VERIFIED, (RESTRICTED,) if is_restricted else ())
    assert stopped.grade is (Grade.INVALID if is_restricted else Grade.VERIFIED)
    assert stopped.warnings == ()
    assert (RESTRICTED in stopped.reasons) == is_restricted


def test_no_other_carrier_is_restricted() -> None:
    assert preflight(PARCEL, US, stops_restricted=True).grade is Grade.VERIFIED


def test_everything_that_is_wrong_is_said_at_once() -> None:
    parcel = PlannedParcel(
        carrier_code="USPS",
        tracking_number="9400 1112",
        shipped_on=date(2026, 3, 2),
        lines=(line(1, LineState.SHIPPED),),
        recipient="anna",
        recipients_elsewhere=("bob",) * 20,
    )
    found = preflight(parcel, US)
    assert [reason.split(" ")[0] for reason in found.reasons] == ["carrier", "lines", "the", "the", "TikTok", "written"]


def test_the_reasons_of_a_stop_are_only_what_is_wrong() -> None:
    found = preflight(replace(PARCEL, recipients_elsewhere=("bob",)), US)
    assert not any("is right" in reason for reason in found.reasons)
