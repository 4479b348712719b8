"""Whether a tracking number can be one of its carrier's: judged by its shape and check digit, and nobody is asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.regions import Region
from order_sync.domain.tracking.shapes import Fit, tracking_shapes

_LENGTHS: Final = range(4, 51)
_REFUSED_BY_TIKTOK: Final = re.compile(r"[^A-Za-z0-9\-_./]")
_USUAL: Final = re.compile(r"[A-Za-z0-9]{6,40}")
"""What is asked of carriers whose shapes are not all known."""


class Grade(StrEnum):
    """How sure it is that a number is right, from worse to better."""

    INVALID = "invalid"
    """Not to be sent: TikTok Shop or the carrier would refuse it."""
    UNKNOWN = "unknown"
    """Nothing speaks against it, and nothing for it."""
    PLAUSIBLE = "plausible"
    """It has the shape of its carrier's numbers."""
    VERIFIED = "verified"
    """Its check digit is right."""

    @property
    def rank(self) -> int:
        """A higher one is surer."""
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A grade with its reasons in words. The suggestions are for people: nothing is corrected or switched by itself."""

    grade: Grade
    reasons: tuple[str, ...]
    would_fit: str = ""
    """The same number, written so that it has a better grade."""
    looks_like: tuple[str, ...] = ()
    """Codes of other carriers of the region whose number it could be."""


def judge(region: Region, carrier_code: str, tracking_number: str) -> Verdict:
    """Judge a tracking number for the carrier that was declared, and for no other (OP B6, C23; characters by TT 3)."""
    verdict = _as_written(region, carrier_code, tracking_number)
    if verdict.grade.rank >= Grade.PLAUSIBLE.rank:
        return verdict
    if correction := _correction(region, carrier_code, tracking_number, verdict.grade):
        reason = f"written as {correction!r} it would fit"
        return replace(verdict, reasons=(*verdict.reasons, reason), would_fit=correction)
    others = _lookalikes(region, carrier_code, tracking_number, verdict.grade)
    if not others:
        return verdict
    names = " or ".join(ACCEPTED_CARRIERS[region][code] for code in others)
    return replace(verdict, reasons=(*verdict.reasons, f"it looks like a number of {names}"), looks_like=others)


def _as_written(region: Region, carrier_code: str, tracking_number: str) -> Verdict:
    if fault := _fault_of_any(tracking_number):
        return Verdict(grade=Grade.INVALID, reasons=(fault,))
    name = ACCEPTED_CARRIERS[region].get(carrier_code, carrier_code)
    known = tracking_shapes()
    fits = [(shape.fit(tracking_number), shape.name) for shape in known.of(region, carrier_code)]
    fit, shape_name = max(fits, key=lambda each: each[0], default=(Fit.NOT_AT_ALL, ""))
    if fit is Fit.CHECKED:
        return Verdict(grade=Grade.VERIFIED, reasons=(f"{shape_name}: the check digit is right",))
    if fit is Fit.SHAPE_ONLY:
        return Verdict(grade=Grade.PLAUSIBLE, reasons=(f"{shape_name}: the shape is right",))
    if fit is Fit.CHECK_FAILS:
        fault = f"{shape_name}: the check digit is wrong, so one character is mistyped or two are swapped"
        return Verdict(grade=Grade.INVALID, reasons=(fault,))
    if known.knows_all(region, carrier_code):
        fault = f"{tracking_number!r} has no shape of {name}'s tracking numbers"
        return Verdict(grade=Grade.INVALID, reasons=(fault,))
    if _USUAL.fullmatch(tracking_number):
        return Verdict(grade=Grade.UNKNOWN, reasons=(f"no known rule of {name} tells whether the number is right",))
    fault = f"{tracking_number!r} is no number of {name}: those have 6 to 40 letters and digits and no other character"
    return Verdict(grade=Grade.INVALID, reasons=(fault,))


def _fault_of_any(tracking_number: str) -> str:
    """What is wrong with it at every carrier; nothing when it is empty."""
    if refused := sorted(set(_REFUSED_BY_TIKTOK.findall(tracking_number))):
        return f"TikTok Shop takes letters, digits and - _ . / only, not {', '.join(map(repr, refused[:5]))}"
    if len(tracking_number) not in _LENGTHS:
        return f"TikTok Shop takes {_LENGTHS[0]} to {_LENGTHS[-1]} characters, not {len(tracking_number)}"
    if len(set(tracking_number)) == 1:
        return f"{tracking_number!r} is one character, repeated"
    return ""


def _correction(region: Region, carrier_code: str, tracking_number: str, grade: Grade) -> str:
    """The best of the ways in which the same number can be written, if it is better than the number as it stands."""
    best, best_grade = "", grade
    for text in _other_ways_to_write(tracking_number):
        found = _as_written(region, carrier_code, text).grade
        if found.rank > best_grade.rank:
            best, best_grade = text, found
    return best


def _other_ways_to_write(tracking_number: str) -> Iterator[str]:
    """Without spaces; in capitals; without anything but letters and digits; with zeros where somebody typed an O."""
    unspaced = "".join(tracking_number.split())
    capital = unspaced.casefold().upper()
    tidy = re.sub(r"[^A-Z0-9]", "", capital)
    yield unspaced
    yield capital
    yield tidy
    yield tidy.replace("O", "0")
    yield tidy[:2] + tidy[2:-2].replace("O", "0") + tidy[-2:]


def _lookalikes(region: Region, carrier_code: str, tracking_number: str, grade: Grade) -> tuple[str, ...]:
    """Other carriers whose check digit is right; failing that, where it must be another's, whose letters fit."""
    if _fault_of_any(tracking_number):
        return ()
    known = tracking_shapes()
    fits = {
        code: max((shape.fit(tracking_number) for shape in known.of(region, code)), default=Fit.NOT_AT_ALL)
        for code in ACCEPTED_CARRIERS[region]
        if code != carrier_code
    }
    checked = tuple(code for code, fit in fits.items() if fit is Fit.CHECKED)
    # Bare digits without a check fit half of the carriers, which says nothing.
    if checked or grade is not Grade.INVALID or tracking_number.isdigit():
        return checked
    return tuple(code for code, fit in fits.items() if fit is Fit.SHAPE_ONLY)
