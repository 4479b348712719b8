"""A partner's error can repeat what it was sent: the buyer's texts are taken out before anybody reads it."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_WORD: Final = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
"""Letters and digits with their accents: names are told apart from what surrounds them, as in `name_Li`."""
_TAKEN_OUT: Final = "[…]"


def without(text: str, private: Iterable[str], longest: int) -> str:
    """The text without the private texts and without each of their words, then cut to `longest` signs.

    Case and accents make no difference. Words of one letter say nothing by themselves.
    """
    fields = {_composed(each.strip()) for each in private}
    text = _composed(text)
    for field in sorted(fields, key=len, reverse=True):
        if len(field) > 1 and _WORD.search(field):
            text = re.sub(rf"(?<![^\W_]){re.escape(field)}(?![^\W_])", _TAKEN_OUT, text, flags=re.IGNORECASE)
    words = {_plain(word) for field in fields for word in _WORD.findall(field) if len(word) > 1}
    return _cut(_WORD.sub(lambda word: _TAKEN_OUT if _plain(word[0]) in words else word[0], text), longest)


def _cut(text: str, longest: int) -> str:
    """Never within a word: what is left of it could be a name."""
    if len(text) <= longest:
        return text
    return text[: next((word.start() for word in _WORD.finditer(text) if word.start() < longest < word.end()), longest)]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
