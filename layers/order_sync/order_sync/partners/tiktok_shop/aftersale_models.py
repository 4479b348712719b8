"""What TikTok Shop's payloads about cancellations and about returns have in common (TT 4)."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, StringConstraints

from order_sync.partners.tiktok_shop.models import Flag, Id, Payload, Text, Time, absent_as

NO_WORD: Final = "that is no word"
"""Stands for a value that is no word, and is none itself, so that no value of TikTok's can be mistaken for it."""
_WORD: Final = re.compile(r"[0-9A-Za-z_]{1,64}", re.ASCII)


def _maybe_word(value: object) -> object:
    """What nobody must have cannot be wrong, only unknown."""
    if value is None or value == "":
        return None
    return value if is_word(value) else NO_WORD


def is_word(value: object) -> bool:
    """Whether a value may be repeated in a text: what is no word might be people's."""
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


Word = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_]{1,64}$")]
"""A value of an enumeration: it may be repeated in an error's text, which nothing else may."""
MaybeWord = Annotated[str | None, BeforeValidator(_maybe_word)]
"""A word that may be absent; NO_WORD for what is none."""


class NextAction(Payload):
    """What TikTok waits for."""

    action: MaybeWord = None
    deadline: Time = None


class RejectReason(Payload):
    """A reason for which a request may be rejected, by TikTok's own name."""

    name: Annotated[str, StringConstraints(min_length=1)]


class RejectReasonsData(Payload):
    """The reasons for which a request may be rejected now."""

    reasons: Annotated[tuple[RejectReason, ...], absent_as(())] = ()


class DecisionItem(Payload):
    """Whether one answer would be taken."""

    decision: str
    eligible: Flag = False
    ineligible_code: Annotated[int, BeforeValidator(lambda value: value if type(value) is int else 0)] = 0
    ineligible_reason: Text = ""
    available_reject_reasons: Annotated[tuple[RejectReason, ...], absent_as(())] = ()


class DecisionsData(Payload):
    """Which answers would be taken."""

    decisions: tuple[DecisionItem, ...]


class NamedLine(Payload):
    """A line, in the newer of the two ways to name them."""

    order_line_item_id: Id


class LineEligibility(Payload):
    """What the seller may do with some lines of one SKU."""

    request_type: Text = ""
    order_line_items_ids: Annotated[tuple[Id, ...], absent_as(())] = ()
    order_line_list: Annotated[tuple[NamedLine, ...], absent_as(())] = ()
    eligible: Flag = False
    available_reason_names: Annotated[tuple[str, ...], absent_as(())] = ()


class SkuEligibility(Payload):
    """What the seller may do with one SKU of an order."""

    line_item_eligibility: Annotated[tuple[LineEligibility, ...], absent_as(())] = ()


class EligibilityData(Payload):
    """What the seller may do with an order."""

    sku_eligibility: tuple[SkuEligibility, ...]
