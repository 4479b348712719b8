"""Pages of the OMS's lists: each entry is read by itself, so that a bad one does not stop the others."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.partners.unreadable import why_unreadable

LONGEST_ID: Final = 128
# Neither "." nor "..": they would name another address.
_ID: Final = r"^(\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*|\.{3,})$"
WireId = Annotated[str, Field(pattern=_ID, max_length=LONGEST_ID)]
"""An id of the OMS, or an id of ours that it repeats."""


class Payload(BaseModel):
    """A part of what the OMS says; fields that nobody asked for are ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEntry:
    """An entry that is not what the contract describes, and why."""

    id: str
    """The OMS's own; a digest in brackets of what is no id, empty when there is none."""
    order: OrderId | None
    """The order that it names, if that can be read."""
    reason: str

    @property
    def can_be_told(self) -> bool:
        """Whether the OMS can be told what became of it: its id has the form that the contract asks for."""
        return _has_form(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[Entry]:
    """One page of a list, in the order in which the OMS recorded its entries."""

    reported: tuple[Entry, ...]
    unreadable: tuple[UnreadableEntry, ...]
    next_cursor: str
    has_more: bool


class _Page(Payload):
    rows: list[Any]
    next_cursor: str = Field(min_length=1)
    has_more: bool = Field(strict=True)


def read_page[Entry](
    operation: str, name: str, body: object, cursor: str, read: Callable[[object], Entry]
) -> Page[Entry]:
    """A page that was asked for after a cursor, with its entries under this name.

    `read` reads an entry, or raises ValidationError. Raises RejectedError when the page itself is unreadable.
    """
    try:
        page = _Page.model_validate(body | {"rows": body.get(name)} if isinstance(body, dict) else body)
    except ValidationError as error:
        raise RejectedError(f"OMS: {operation}: the answer is unreadable: {why_unreadable(error)}") from None
    if page.has_more and page.next_cursor == cursor:
        raise RejectedError(f"OMS: {operation}: more is promised, but the cursor stands still")
    reported, unreadable = [], []
    for row in page.rows:
        try:
            reported.append(read(row))
        except ValidationError as error:
            unreadable.append(_unreadable(row, why_unreadable(error)))
    return Page(
        reported=tuple(reported),
        unreadable=tuple(unreadable),
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


def without_halves(text: str) -> str:
    """The text without the halves of signs that JSON can hold and nobody can store or send."""
    return text.encode(errors="replace").decode()


def _unreadable(row: object, reason: str) -> UnreadableEntry:
    own_id, order = _text(row, "id"), _text(row, "tiktok_order_id")
    if own_id and not _has_form(own_id):
        # A text in its place might say who the buyer is.
        own_id = f"(no id: {blake2b(own_id.encode(), digest_size=6).hexdigest()})"
    return UnreadableEntry(id=own_id, order=OrderId(order) if _has_form(order) else None, reason=reason)


def _text(row: object, name: str) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    return without_halves(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _has_form(text: str) -> bool:
    return len(text) <= LONGEST_ID and re.fullmatch(_ID, text) is not None
