"""A return as a line among the notes of its order, which buyers do not see (CA 3.2, 4.2).

People write there too, also about buyers: their text is never changed, and never told in an error.
"""

import re
from typing import Final

from order_sync.domain.errors import AlreadyDoneError, RejectedError
from order_sync.domain.ids import ReturnId
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.models import NotesPayload

LONGEST_NOTES: Final = 4000
"""In characters (CA 3.2), counted as .NET counts them: some signs are two."""
_OUR_LINE: Final = "[Order Sync] Return "
_LINE_END: Final = re.compile(r"(\r\n|\n|\r)")


def note_return(calls: Calls, channeladvisor_id: str, return_id: ReturnId, text: str) -> None:
    """Write the one line about a return. Raises AlreadyDoneError when it stands there as it is."""
    operation = f"note return {return_id} on order {channeladvisor_id}"
    url = calls.url(order_path(channeladvisor_id), select="ID,PrivateNotes")
    notes = read_as(NotesPayload, calls.get(operation, url), operation).private_notes
    wanted = with_line(notes, return_id, text)
    if wanted == notes:
        raise AlreadyDoneError(f"ChannelAdvisor: {operation}: it is noted already")
    if not _can_be_sent(notes):
        raise RejectedError(
            f"ChannelAdvisor: {operation}: the order's private notes hold half a sign; correct them there"
        )
    if wanted is None:
        raise RejectedError(
            f"ChannelAdvisor: {operation}: the order's private notes leave no room within {LONGEST_NOTES} characters; "
            "shorten them there"
        )
    change = {"PrivateNotes": wanted}
    calls.write(operation, "PATCH", order_path(channeladvisor_id), change, private=_LINE_END.split(notes)[::2])


def with_line(notes: str, return_id: ReturnId, text: str) -> str | None:
    """The notes with our line about this return, in its old place or at the end.

    Where it is too much, our oldest lines go, those at the top. None when others' text leaves no room for this line.
    """
    start = f"{_OUR_LINE}{return_id}:"
    line = " ".join(f"{start} {text}".split())
    pieces = _LINE_END.split(notes)
    places = range(0, len(pieces), 2)
    known = next((place for place in places if pieces[place].startswith(start)), None)
    if known is None:
        known = len(pieces) - 1
        if pieces[known]:
            known += 2
            pieces += ["\r\n" if "\r\n" in pieces else "\n", ""]
    if pieces[known] == line:
        return notes
    pieces[known] = line
    oldest = iter([place for place in places if place != known and pieces[place].startswith(_OUR_LINE)])
    while _length(whole := "".join(pieces)) > LONGEST_NOTES:
        place = next(oldest, None)
        if place is None:
            return None
        # Its own line end goes with it; the one before it may be somebody's.
        pieces[place : place + 2] = ["", ""]
    return whole


def _can_be_sent(notes: str) -> bool:
    """A text that was cut in the middle of a sign of two cannot be written back as it stands."""
    return notes == notes.encode(errors="replace").decode()


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
