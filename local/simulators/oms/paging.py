"""Lists behind a cursor: one shop's entries in the order in which they were recorded."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from local.simulators.oms.contract import Mistake
from local.simulators.oms.problems import ProblemError

_DEFAULT_LIMIT = 100


def page_of[Entry](
    entries: Sequence[Entry], query: Mapping[str, str], largest_page: int, *, name: str
) -> tuple[Sequence[Entry], dict[str, Any]]:
    """The entries after the cursor, at most as many as asked for, and the fields that lead on.

    `name` tells the cursors of one list from those of another. Raises ProblemError for a cursor of elsewhere.
    """
    start = _position(query["after"], name) if "after" in query else 0
    if start > len(entries):
        raise _bad_cursor()
    limit = min(int(query.get("limit", _DEFAULT_LIMIT)), largest_page)
    shown = entries[start : start + limit]
    end = start + len(shown)
    cursor = base64.urlsafe_b64encode(f"{name}:{end}".encode()).decode()
    return shown, {"next_cursor": cursor, "has_more": end < len(entries)}


def _position(cursor: str, name: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _bad_cursor() from None
    if kind != name or not number.isdigit():
        raise _bad_cursor()
    return int(number)


def _bad_cursor() -> ProblemError:
    mistake = Mistake("after", "is not a cursor that was handed out here")
    return ProblemError("invalid-request", "The cursor is unknown.", [mistake])
