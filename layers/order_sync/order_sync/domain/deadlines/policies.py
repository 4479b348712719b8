"""Policy profiles: TikTok Shop's dated rules of one region as data, and which of them holds for an order (OP B4-B5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.deadlines.business_days import DayUnit, HolidaySet, Span
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region

BY_DATE: Final = "by_date"
"""The choice of a shop that wants, for each order, the profile in force on its order date."""
DEFAULT_PROFILE: Final = "guide-2025-08"


class OrderKind(StrEnum):
    """What rules tell apart."""

    REGULAR = "REGULAR"
    PRE_ORDER = "PRE_ORDER"
    MADE_TO_ORDER = "MADE_TO_ORDER"
    BACK_ORDER = "BACK_ORDER"


class ClockStart(StrEnum):
    """What starts the dispatch clock; its date is day 0 (OP C3)."""

    CREATED = "created"
    PAID = "paid"
    RELEASED = "released"


class ClockStop(StrEnum):
    """What stops a clock: TikTok's AWAITING_COLLECTION or its IN_TRANSIT (OP C2, C4)."""

    TRACKING_ADDED = "tracking_added"
    IN_TRANSIT = "in_transit"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Days = Annotated[int, Field(strict=True, ge=1, le=90)]
_Percent = Annotated[Decimal, Field(gt=0, le=100)]
_Name = Annotated[str, Field(pattern=r"^[a-z]+-[0-9]{4}-[0-9]{2}$")]
_Source = Annotated[str, Field(min_length=1)]


class DispatchRule(_Data):
    """How long orders of one kind have until dispatch."""

    days: _Days
    unit: DayUnit = DayUnit.BUSINESS
    counts_from: Literal["clock_start", "release_date"] = "clock_start"
    """A pre-order counts from its release date; one without such a date, from the start of the clock."""
    handling_time: Literal["ignored", "replaces_days"] = "ignored"
    """Whether the handling time of the seller's listing, where TikTok Shop sends one, takes the place of `days`."""


class CancelRule(_Data):
    """When TikTok Shop cancels orders of one kind by itself."""

    days: _Days
    unit: DayUnit = DayUnit.BUSINESS
    counts_from: Literal["order_date", "dispatch_deadline"] = "order_date"


class RateRule(_Data):
    """How the Late Dispatch Rate is judged, in percent of the orders (G6, OP C7, C8)."""

    window_days: _Days
    """Rolling, by the date of the dispatch deadline."""
    limit: _Percent
    """Exactly the limit is fine."""
    warn_from: _Percent
    enforced_above: _Percent | None = None
    """Where TikTok Shop acts only above a higher rate."""

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        if self.warn_from > self.limit:
            raise ValueError("warn_from must not be above limit")
        if self.enforced_above is not None and self.enforced_above < self.limit:
            raise ValueError("enforced_above must not be below limit")
        return self


class _OrderDates(_Data):
    first_order_date: date
    last_order_date: date

    @model_validator(mode="after")
    def _dates_rise(self) -> Self:
        if self.last_order_date < self.first_order_date:
            raise ValueError("last_order_date must not be before first_order_date")
        return self

    def covers(self, ordered_on: date) -> bool:
        """Whether an order of that date is meant; the first and the last date are (OP C20)."""
        return self.first_order_date <= ordered_on <= self.last_order_date


class Campaign(_OrderDates):
    """More time for orders of some dates, by order date where the shop is (G7)."""

    region: Region
    amount: _Days
    unit: DayUnit
    order_kinds: tuple[OrderKind, ...] = Field(default=(OrderKind.REGULAR,), min_length=1)
    source: _Source


class ExtraHandling(_OrderDates):
    """A shop's own extra handling days, as set in Seller Center, for orders of some dates."""

    last_order_date: date = date.max
    days: _Days


class RestrictedCarrier(_Data):
    """A carrier whose labels TikTok Shop no longer takes from everybody, from a date on (OP B6, C24)."""

    code: str = Field(min_length=1)
    from_date: date
    """The first date of shipping that is meant."""
    reason: str = Field(min_length=1)
    source: _Source


class DeadlineSettings(_Data):
    """What a shop chooses: whose rules hold, and its Fulfillment Settings in Seller Center (G7)."""

    profile: str = Field(default=DEFAULT_PROFILE, pattern=r"^([a-z]+-[0-9]{4}-[0-9]{2}|by_date)$")
    handling: Literal["automated", "manual"] = "automated"
    """`automated`: TikTok Shop grants its campaign extensions. `manual`: only the shop's own extra days count."""
    shipping_days: int = Field(default=5, ge=1, le=90)
    """Business days from the carrier's collection to the buyer's door, for the estimated delivery (G5, OP B4)."""
    rate_window_days: int | None = Field(default=None, ge=1, le=90)
    """The window of the Late Dispatch Rate; None for the policy profile's own (OP C8)."""
    extra_handling: tuple[ExtraHandling, ...] = ()
    """In business days, for regular orders. Dated, so that a change never moves the deadlines of older orders."""

    @field_validator("extra_handling")
    @classmethod
    def _no_date_has_two_rows(cls, rows: tuple[ExtraHandling, ...]) -> tuple[ExtraHandling, ...]:
        in_order = sorted(rows, key=lambda row: row.first_order_date)
        for earlier, later in pairwise(in_order):
            if earlier.covers(later.first_order_date):
                raise ValueError(f"two rows hold for orders of {later.first_order_date}")
        return rows


class PolicyProfile(_Data):
    """One version of one region's rules, with where they come from."""

    name: _Name
    region: Region
    in_force_from: date
    source: _Source
    source_date: date
    holidays: HolidaySet
    clock_starts: ClockStart
    clock_stops: ClockStop
    dispatch: Mapping[OrderKind, DispatchRule]
    cancel_stops: ClockStop
    """What keeps TikTok Shop from cancelling by itself."""
    automatic_cancel: Mapping[OrderKind, CancelRule]
    late_dispatch_rate: RateRule
    restricted_carriers: tuple[RestrictedCarrier, ...] = ()
    """They stay accepted: whether a parcel by one is stopped or only warned of is the shop's choice."""
    campaigns: tuple[Campaign, ...] = ()

    @field_validator("dispatch", "automatic_cancel")
    @classmethod
    def _every_kind_has_a_rule[Rule](cls, rules: Mapping[OrderKind, Rule]) -> Mapping[OrderKind, Rule]:
        if missing := [kind for kind in OrderKind if kind not in rules]:
            raise ValueError(f"no rule for {', '.join(missing)}")
        return rules

    @field_validator("restricted_carriers")
    @classmethod
    def _restricted_carriers_are_accepted_ones(
        cls, rows: tuple[RestrictedCarrier, ...], info: ValidationInfo
    ) -> tuple[RestrictedCarrier, ...]:
        region = info.data.get("region")
        codes = [row.code for row in rows]
        for code in codes:
            if region and code not in ACCEPTED_CARRIERS[region]:
                raise ValueError(f"{code!r} is no accepted carrier code in {region}")
            if codes.count(code) > 1:
                raise ValueError(f"two rows for {code!r}")
        return rows

    @property
    def label(self) -> str:
        """The name with source and date, as reports show it (OP C1)."""
        return f"{self.name} ({self.source}, {self.source_date})"

    def restriction(self, carrier_code: str, shipped_on: date) -> RestrictedCarrier | None:
        """What holds against a carrier for a parcel that ships on a date; None where nothing does."""
        rows = (row for row in self.restricted_carriers if row.code == carrier_code and row.from_date <= shipped_on)
        return next(rows, None)


def order_kind(order_type: str) -> OrderKind:
    """The kind of TikTok's `order_type`. Lotteries, auctions and what TikTok adds count as regular: the least time."""
    try:
        return OrderKind(order_type)
    except ValueError:
        return OrderKind.REGULAR


def profile_for(profiles: Sequence[PolicyProfile], region: Region, choice: str, ordered_on: date) -> PolicyProfile:
    """The profile for an order: the shop's choice, or by its order date the last one in force by then.

    Orders older than every profile get the oldest. Raises RejectedError for a choice that the region does not have.
    """
    versions = _versions(profiles, region)
    if choice == BY_DATE:
        in_force = [profile for profile in versions if profile.in_force_from <= ordered_on]
        return in_force[-1] if in_force else versions[0]
    for profile in versions:
        if profile.name == choice:
            return profile
    names = ", ".join([*(profile.name for profile in versions), BY_DATE])
    raise RejectedError(f"deadlines.profile: {choice!r} is no policy profile of {region}; there are {names}")


def dispatch_spans(
    profile: PolicyProfile, kind: OrderKind, ordered_on: date, handling_time: Span | None, settings: DeadlineSettings
) -> tuple[Span, ...]:
    """The time until dispatch, to be counted one after the other: the rule, then campaigns or the shop's own days.

    `handling_time` is that of the order's listing, if TikTok Shop sends one. A campaign of a seller who handles
    manually does not count, and a shop's own extra days belong to regular orders: listings of others have their own.
    """
    rule = profile.dispatch[kind]
    base = Span(days=rule.days, unit=rule.unit)
    if rule.handling_time == "replaces_days" and handling_time is not None:
        base = handling_time
    campaigns = [
        Span(days=row.amount, unit=row.unit)
        for row in profile.campaigns
        if settings.handling == "automated" and kind in row.order_kinds and row.covers(ordered_on)
    ]
    own = [
        Span(days=row.days) for row in settings.extra_handling if kind is OrderKind.REGULAR and row.covers(ordered_on)
    ]
    return (base, *campaigns, *own)


def newer_profile_sentence(profiles: Sequence[PolicyProfile], region: Region, choice: str) -> str:
    """What every report says while a shop's chosen profile is not its region's newest; else nothing."""
    newest = _versions(profiles, region)[-1]
    if choice in {BY_DATE, newest.name}:
        return ""
    chosen = profile_for(profiles, region, choice, newest.in_force_from)
    return (
        f"Deadlines follow policy profile {chosen.label}; a newer one of {region} exists: "
        f"{newest.label}, in force from {newest.in_force_from}."
    )


def _versions(profiles: Sequence[PolicyProfile], region: Region) -> list[PolicyProfile]:
    """A region's profiles, oldest first."""
    return sorted((profile for profile in profiles if profile.region is region), key=lambda each: each.in_force_from)
