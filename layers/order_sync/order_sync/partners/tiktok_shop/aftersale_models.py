"""What TikTok Shop's payloads about cancellations and about returns have in common (TT 4)."""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from order_sync.partners.tiktok_shop.models import Flag, Id, Payload, Text, Time, absent_as

Word = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_]{1,64}$")]
"""A value of an enumeration: it may be repeated in an error's text, which nothing else may."""
MaybeWord = Annotated[Word | None, BeforeValidator(lambda value: None if value == "" else value)]


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
