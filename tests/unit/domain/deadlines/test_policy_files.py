"""Policy data is refused with its file and field named, and a campaign is one line of it."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from order_sync.domain.deadlines import policy_files
from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.deadlines.policies import DeadlineSettings, OrderKind, PolicyProfile, dispatch_spans
from order_sync.domain.deadlines.policy_files import policy_profiles, read_profiles
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region

US_2026 = "US/us-2026-01.toml"
REGULAR_DISPATCH = "REGULAR = { days = 2 }"
RESTRICTED = """restricted_carriers = [
  { code = "usps", from_date = 2026-01-01, reason = "USPS labels must come from TikTok Shipping, others fail \
TikTok Shop's verification", source = "TikTok Shop's notice, as quoted in ShipStation's community" },
"""
DATES = "first_order_date = %s, last_order_date = %s"
CAMPAIGN = '  { region = "%s", ' + DATES + ', amount = %s, unit = "%s", %ssource = "a notice" },\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped data, to be spoilt."""
    return Path(shutil.copytree(Path(policy_files.__file__).parent / "profiles", tmp_path / "profiles"))


def change(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text()
    assert text.count(old) == 1
    (folder / path).write_text(text.replace(old, new))


def add_campaign(
    folder: Path,
    *,
    region: str = "US",
    first: str = "2026-11-20",
    last: str = "2026-11-30",
    amount: str = "2",
    unit: str = "calendar_days",
    more: str = "",
) -> None:
    """One more line at the end of the list."""
    change(folder, "campaigns.toml", "\n]\n", "\n" + CAMPAIGN % (region, first, last, amount, unit, more) + "]\n")


def refusal(folder: Path) -> str:
    with pytest.raises(RejectedError) as refused:
        read_profiles(folder)
    return str(refused.value)


def test_the_shipped_profiles_are_read_once() -> None:
    assert policy_profiles() is policy_profiles()


def test_one_line_adds_a_campaign_to_every_profile_of_its_region_and_moves_no_other_order(folder: Path) -> None:
    add_campaign(folder)
    before, after = policy_profiles(), read_profiles(folder)
    more = (Span(days=2, unit=DayUnit.CALENDAR),)
    days = [date(2023, 11, 20), date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 30), date(2026, 12, 1)]

    def granted(profile: PolicyProfile, day: date, kind: OrderKind) -> tuple[Span, ...]:
        return dispatch_spans(profile, kind, day, None, DeadlineSettings())

    for old, new in zip(before, after, strict=True):
        for day in days:
            for kind in OrderKind:
                is_meant = (old.region, kind, day.month, day.year) == (Region.US, OrderKind.REGULAR, 11, 2026)
                extra = more if is_meant and day.day >= 20 else ()
                assert granted(new, day, kind) == granted(old, day, kind) + extra


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "us-2026-01"', 'name = "US 2026"', "name: "),
        ('name = "us-2026-01"', 'name = "us-2026-02"', "name: 'us-2026-02' is not the file's 'us-2026-01'"),
        ('region = "US"', 'region = "FR"', "region: "),
        ("in_force_from = 2026-01-26", 'in_force_from = "soon"', "in_force_from: "),
        ("\nsource = ", "\nmisspelt = ", "source: Field required; misspelt: "),
        ("source_date = 2026-03-02", "", "source_date: Field required"),
        ('holidays = "us_federal"', 'holidays = "government"', "holidays: "),
        ('clock_starts = "created"', 'clock_starts = "stocked"', "clock_starts: "),
        ('clock_stops = "in_transit"', 'clock_stops = "shipped"', "clock_stops: "),
        ('cancel_stops = "tracking_added"', 'cancel_stops = "shipped"', "cancel_stops: "),
        (REGULAR_DISPATCH, "", "dispatch: Value error, no rule for REGULAR"),
        (REGULAR_DISPATCH, "REGULAR = { days = 0 }", "dispatch.REGULAR.days: "),
        (REGULAR_DISPATCH, "REGULAR = { days = -2 }", "dispatch.REGULAR.days: "),
        (REGULAR_DISPATCH, "REGULAR = { days = 2.0 }", "dispatch.REGULAR.days: "),
        (REGULAR_DISPATCH, 'REGULAR = { days = "2" }', "dispatch.REGULAR.days: "),
        (REGULAR_DISPATCH, "REGULAR = { days = 91 }", "dispatch.REGULAR.days: "),
        (REGULAR_DISPATCH, 'REGULAR = { days = 2, unit = "weeks" }', "dispatch.REGULAR.unit: "),
        (REGULAR_DISPATCH, 'REGULAR = { days = 2, counts_from = "now" }', "dispatch.REGULAR.counts_from: "),
        (REGULAR_DISPATCH, 'REGULAR = { days = 2, handling_time = "x" }', "dispatch.REGULAR.handling_time: "),
        (REGULAR_DISPATCH, REGULAR_DISPATCH + "\nGIFT = { days = 2 }", "dispatch.GIFT."),
        ("REGULAR = { days = 5 }", "REGULAR = { days = 0 }", "automatic_cancel.REGULAR.days: "),
        ("REGULAR = { days = 5 }", "", "automatic_cancel: Value error, no rule for REGULAR"),
        ("window_days = 7", "window_days = 0", "late_dispatch_rate.window_days: "),
        ("limit = 4.00", "limit = 0", "late_dispatch_rate.limit: "),
        ("limit = 4.00", "limit = 101", "late_dispatch_rate.limit: "),
        ("warn_from = 3.00", "warn_from = 4.01", "late_dispatch_rate: Value error, warn_from "),
        ("enforced_above = 10.00", "enforced_above = 3.99", "late_dispatch_rate: Value error, enforced_above "),
        ("[dispatch]", "[dispatches]", "dispatch: Field required"),
    ],
)
def test_a_bad_profile_is_refused_with_its_field_named(folder: Path, old: str, new: str, named: str) -> None:
    change(folder, US_2026, old, new)
    assert refusal(folder).startswith(f"policy data {US_2026}: {named}")


def test_a_profile_in_the_folder_of_another_region_is_refused(folder: Path) -> None:
    path = "GB/uk-2024-11.toml"
    change(folder, path, 'region = "GB"', 'region = "US"')
    assert refusal(folder).startswith(f"policy data {path}: region: ")


def test_every_bad_field_is_named_at_once(folder: Path) -> None:
    change(folder, US_2026, "limit = 4.00", "limit = 0")
    change(folder, US_2026, REGULAR_DISPATCH, "REGULAR = { days = 0 }")
    text = refusal(folder)
    assert "dispatch.REGULAR.days: " in text
    assert "; late_dispatch_rate.limit: " in text


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"region": "FR"}, "campaigns.2.region: "),
        ({"first": '"soon"'}, "campaigns.2.first_order_date: "),
        ({"first": "2026-12-01"}, "campaigns.2: Value error, last_order_date must not be before"),
        ({"amount": "0"}, "campaigns.2.amount: "),
        ({"amount": '"1"'}, "campaigns.2.amount: "),
        ({"unit": "hours"}, "campaigns.2.unit: "),
        ({"first": "2023-11-27"}, "campaigns.2.first_order_date: same orders as campaigns.0"),
        ({"first": "2023-11-01", "last": "2023-11-20", "region": "GB"}, "campaigns.2.first_order_date: same orders"),
    ],
)
def test_a_bad_campaign_is_refused_with_its_field_named(folder: Path, changed: dict[str, str], named: str) -> None:
    add_campaign(folder, **changed)
    assert refusal(folder).startswith(f"policy data campaigns.toml: {named}")


def test_campaigns_of_other_orders_may_share_dates(folder: Path) -> None:
    add_campaign(folder, first="2023-11-28", last="2023-11-30")
    add_campaign(folder, first="2023-11-28", last="2023-11-30", region="GB")
    add_campaign(folder, first="2023-11-28", last="2023-11-30", more='order_kinds = ["PRE_ORDER"], ')
    us, gb = (next(each for each in read_profiles(folder) if each.region is region) for region in Region)
    assert [row.order_kinds for row in us.campaigns] == [("REGULAR",), ("REGULAR",), ("PRE_ORDER",)]
    assert {row.region for row in gb.campaigns} == {Region.GB}


def test_a_campaign_inside_a_profile_is_refused(folder: Path) -> None:
    row = CAMPAIGN % ("US", "2026-11-20", "2026-11-30", "1", "business_days", "")
    change(folder, US_2026, "\n[dispatch]", f"\ncampaigns = [\n{row}]\n\n[dispatch]")
    assert refusal(folder).startswith(f"policy data {US_2026}: campaigns: stand in campaigns.toml")


def test_one_line_restricts_a_carrier_under_a_profile(folder: Path) -> None:
    more = '  { code = "ups", from_date = 2027-01-01, reason = "a rule", source = "a notice" },\n'
    change(folder, US_2026, RESTRICTED, RESTRICTED + more)
    profile = next(each for each in read_profiles(folder) if each.name == "us-2026-01")
    assert profile.restriction("ups", date(2026, 12, 31)) is None
    row = profile.restriction("ups", date(2027, 1, 1))
    assert row
    assert (row.reason, row.source) == ("a rule", "a notice")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (
            'code = "usps"',
            'code = "USPS"',
            "restricted_carriers: Value error, 'USPS' is no accepted carrier code in US",
        ),
        ('code = "usps", ', "", "restricted_carriers.0.code: Field required"),
        ("from_date = 2026-01-01", 'from_date = "soon"', "restricted_carriers.0.from_date: "),
        ("from_date = ", "since = ", "restricted_carriers.0.from_date: Field required; restricted_carriers.0.since: "),
        ("restricted_carriers = [", RESTRICTED, "restricted_carriers: Value error, two rows for 'usps'"),
    ],
)
def test_a_bad_restriction_is_refused_with_its_field_named(folder: Path, old: str, new: str, named: str) -> None:
    change(folder, US_2026, old, new)
    assert refusal(folder).startswith(f"policy data {US_2026}: {named}")


def test_two_profiles_of_a_region_from_the_same_date_are_refused(folder: Path) -> None:
    change(folder, US_2026, "in_force_from = 2026-01-26", "in_force_from = 2025-10-23")
    assert refusal(folder) == f"policy data {US_2026}: in_force_from: same date as us-2025-10"


def test_a_region_without_the_default_profile_is_refused(folder: Path) -> None:
    (folder / "GB" / "guide-2025-08.toml").unlink()
    assert refusal(folder) == "policy profiles: GB has no guide-2025-08"


def test_a_file_that_is_not_toml_is_refused_by_its_name(folder: Path) -> None:
    change(folder, US_2026, REGULAR_DISPATCH, "REGULAR = {")
    assert refusal(folder).startswith(f"policy data {US_2026} is not TOML: ")
