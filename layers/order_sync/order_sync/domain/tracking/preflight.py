"""The last look at a parcel before TikTok Shop is told: it lets tracking be changed once, for 72 hours (TT 3, OP D)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from order_sync.domain.carriers import ACCEPTED_CARRIERS, nearest_code
from order_sync.domain.deadlines.policies import PolicyProfile
from order_sync.domain.orders import Line, LineState
from order_sync.domain.tracking.judgement import Grade, judge

ORDERS_PER_TRACKING_NUMBER: Final = 20
"""So many orders of one recipient may share a tracking number (TT 3: 21011026)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParcel:
    """A parcel as TikTok Shop would be told of it now."""

    carrier_code: str
    tracking_number: str
    shipped_on: date
    """The date where the shop is."""
    lines: tuple[Line, ...]
    """The parcel's own lines, as they stand now."""
    recipient: str
    """The fingerprint of the order's recipient; empty where TikTok shows none."""
    recipients_elsewhere: tuple[str, ...] = ()
    """One fingerprint for every other order with the same tracking number."""
    is_there: bool = False
    """TikTok has the parcel, and gets another label for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What was found. An `invalid` parcel is not sent, for these reasons; a warning stops nothing."""

    grade: Grade
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def preflight(parcel: PlannedParcel, profile: PolicyProfile, *, stops_restricted: bool = False) -> Preflight:
    """Judge a parcel by the rules of its region, as the shop's policy profile has them.

    `stops_restricted` is the shop's choice: a carrier that TikTok Shop restricts by then is a stop, not a warning.
    """
    stops: list[str] = [*_carrier_stops(parcel, profile), *_line_stops(parcel), *_sharing_stops(parcel)]
    warnings: list[str] = [*_line_warnings(parcel), *_sharing_warnings(parcel)]
    if row := profile.restriction(parcel.carrier_code, parcel.shipped_on):
        (stops if stops_restricted else warnings).append(
            f"carrier {parcel.carrier_code!r} is restricted from {row.from_date} on: {row.reason} ({row.source})"
        )
    verdict = judge(profile.region, parcel.carrier_code, parcel.tracking_number)
    if verdict.grade is Grade.INVALID:
        stops.extend(verdict.reasons)
    if stops:
        return Preflight(grade=Grade.INVALID, reasons=tuple(stops), warnings=tuple(warnings))
    return Preflight(grade=verdict.grade, reasons=verdict.reasons, warnings=tuple(warnings))


def _carrier_stops(parcel: PlannedParcel, profile: PolicyProfile) -> Iterator[str]:
    """Codes are compared exactly (OP C22)."""
    if parcel.carrier_code not in ACCEPTED_CARRIERS[profile.region]:
        yield (
            f"carrier {parcel.carrier_code!r} is not accepted by TikTok Shop in {profile.region}; "
            f"nearest accepted code is {nearest_code(profile.region, parcel.carrier_code)!r}"
        )


def _line_stops(parcel: PlannedParcel) -> Iterator[str]:
    shipped = _lines_in(parcel, LineState.SHIPPED)
    if shipped and not parcel.is_there:
        yield f"lines {shipped} are shipped already"
    elif all(line.state is LineState.CANCELED for line in parcel.lines):
        yield "no line of the parcel is left: all were cancelled"


def _line_warnings(parcel: PlannedParcel) -> Iterator[str]:
    canceled = _lines_in(parcel, LineState.CANCELED)
    if canceled and any(line.state is not LineState.CANCELED for line in parcel.lines):
        yield f"lines {canceled} were cancelled and stay out of the parcel"


def _lines_in(parcel: PlannedParcel, state: LineState) -> str:
    return ", ".join(line.id for line in parcel.lines if line.state is state)


def _sharing_stops(parcel: PlannedParcel) -> Iterator[str]:
    """Orders of one recipient may travel in one parcel, and no others (TT 3: 21034012, 21011025, 21011026)."""
    others = sum(1 for each in parcel.recipients_elsewhere if each and parcel.recipient and each != parcel.recipient)
    if others:
        yield f"the tracking number is on orders of other recipients too ({others}): look for the one that is wrong"
    sharing = len(parcel.recipients_elsewhere) + 1
    if sharing > ORDERS_PER_TRACKING_NUMBER:
        yield f"the tracking number would be on {sharing} orders; TikTok Shop takes {ORDERS_PER_TRACKING_NUMBER}"


def _sharing_warnings(parcel: PlannedParcel) -> Iterator[str]:
    unknown = sum(1 for each in parcel.recipients_elsewhere if not (each and parcel.recipient))
    if unknown:
        yield f"the tracking number is on orders whose recipient cannot be compared ({unknown})"
