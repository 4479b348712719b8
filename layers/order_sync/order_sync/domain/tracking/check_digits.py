"""The check digits of tracking numbers, each by its published rule (OP B6): what belongs behind a number's body."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import cycle
from typing import Final

_DIGITS: Final = "0123456789"
_ALPHABET: Final = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class CheckMethod(StrEnum):
    """A rule, by the name that the data uses."""

    UPS_MOD_10 = "ups_mod_10"
    """UPS; OnTrac too, where the leading letter counts."""
    GS1_MOD_10 = "gs1_mod_10"
    """SSCC-18, USPS and FedEx Ground."""
    FEDEX_MOD_11 = "fedex_mod_11"
    MOD_7 = "mod_7"
    """DHL Express."""
    S10 = "s10"
    """International mail (UPU S10)."""
    MOD_37_36 = "mod_37_36"
    """DPD (ISO 7064)."""


def check_character(method: CheckMethod, body: str) -> str:
    """The check digit that belongs behind a body; with mod 37,36 it can be a letter.

    Nothing for a body with signs that the rule does not count: all but two count digits only.
    """
    counted = _ALPHABET if method in _COUNT_LETTERS else _DIGITS
    return _RULES[method](body) if body and set(body).issubset(counted) else ""


def _ups_mod_10(body: str) -> str:
    """Weights 1, 2, 1, 2 ... from the left; a letter counts as the last digit of its place in A=2, B=3 ..."""
    values = (int(sign) if sign.isdigit() else ord(sign) - ord("A") + 2 for sign in body)
    return _to_next_ten(sum(value * weight for value, weight in zip(values, cycle((1, 2)), strict=False)))


def _gs1_mod_10(body: str) -> str:
    """Weights 3, 1, 3, 1 ... from the right."""
    return _to_next_ten(_weighted(reversed(body), (3, 1)))


def _fedex_mod_11(body: str) -> str:
    """Weights 1, 3, 7, 1, 3, 7 ... from the right; a remainder of 10 is written as 0."""
    return str(_weighted(reversed(body), (1, 3, 7)) % 11 % 10)


def _mod_7(body: str) -> str:
    return str(int(body) % 7)


def _s10(body: str) -> str:
    """What is missing to the next multiple of 11, where 10 is written as 0 and 11 as 5."""
    missing = 11 - _weighted(body, (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return {10: "0", 11: "5"}.get(missing, str(missing))


def _mod_37_36(body: str) -> str:
    """ISO 7064's hybrid system: the check character makes the last product 1 modulo 36."""
    product = 36
    for sign in body:
        total = (product + _ALPHABET.index(sign)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(1 - product) % 36]


def _weighted(digits: Iterable[str], weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, cycle(weights), strict=False))


def _to_next_ten(total: int) -> str:
    return str(-total % 10)


_COUNT_LETTERS: Final = frozenset({CheckMethod.UPS_MOD_10, CheckMethod.MOD_37_36})
_RULES: Final[Mapping[CheckMethod, Callable[[str], str]]] = {
    CheckMethod.UPS_MOD_10: _ups_mod_10,
    CheckMethod.GS1_MOD_10: _gs1_mod_10,
    CheckMethod.FEDEX_MOD_11: _fedex_mod_11,
    CheckMethod.MOD_7: _mod_7,
    CheckMethod.S10: _s10,
    CheckMethod.MOD_37_36: _mod_37_36,
}
