"""Finds a buyer's data in any text, fast enough for every text of a simulation.

Each buyer's details are one of a kind, but share their marks with all other buyers' (`tiktok_shop.buyers`): looking
for the few marks is enough, and the cost does not grow with the number of buyers. Texts are looked through some at a
time: a search in one long text costs a fraction of searches in many short ones.
"""

import re
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from local.simulators.tiktok_shop.buyers import MARK, PLACES

_CODES: Final = {place.dialling_code: region for region, places in PLACES.items() for place in places}
_PHONE_STARTS: Final = tuple(f"{code}{'5' if region == 'US' else ''}0" for code, region in sorted(_CODES.items()))
"""A buyer's number has six digits, so that the first of it is 0 for the first hundred thousand of them."""
_DIGITS: Final = re.compile(r"(?<!\d)\d{10,13}(?!\d)")
_WORDS: Final = re.compile(rf"\w*{MARK}\d{{5}}\w*")
_NATIONAL: Final = 10
_ENOUGH: Final = 16_384
"""Characters that are worth a search."""


class Found(NamedTuple):
    """A buyer's datum, and where it stood."""

    canary: str
    place: str


class Canaries:
    """Hand it every text with `look`; `found` holds what no text may hold, after `flush` of all texts so far."""

    def __init__(self, buyer_data: Callable[[], Collection[str]]) -> None:
        self.found: list[Found] = []
        self.characters = 0
        self._buyer_data = buyer_data
        self._texts: list[str] = []
        self._places: list[str] = []
        self._waiting = 0

    def look(self, text: str, place: str) -> None:
        """Look for any buyer's data in a text that stands in a place, now or some texts later."""
        self._texts.append(text)
        self._places.append(place)
        self._waiting += len(text)
        if self._waiting >= _ENOUGH:
            self.flush()

    def flush(self) -> None:
        """Look through all texts that came so far."""
        if not self._texts:
            return
        together = "\n".join(self._texts)
        self.characters += self._waiting
        if MARK in together or any(start in together for start in _PHONE_STARTS):
            for text, place in zip(self._texts, self._places, strict=True):
                self.found += [Found(canary, place) for canary in self._in(text)]
        self._texts, self._places, self._waiting = [], [], 0

    def _in(self, text: str) -> list[str]:
        found = []
        if MARK in text:
            found += _WORDS.findall(text)
        if any(start in text for start in _PHONE_STARTS):
            # A phone number is a whole run of digits: a part of a longer one, such as a time, is none.
            numbers = {run[-_NATIONAL:] for run in _DIGITS.findall(text)}
            found += sorted(numbers & set(self._buyer_data())) if numbers else []
        return found
