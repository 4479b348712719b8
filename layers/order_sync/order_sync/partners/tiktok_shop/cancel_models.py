"""TikTok Shop's payloads about cancellations, as far as they are read here (TT 4.1-4.3)."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from order_sync.partners.tiktok_shop.models import Flag, Id, Moment, Payload, Text, Time, absent_as

Word = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_]{1,64}$")]
"""A value of an enumeration: it may be repeated in an error's text, which nothing else may."""
MaybeWord = Annotated[Word | None, BeforeValidator(lambda value: None if value == "" else value)]


class NextAction(Payload):
    """What TikTok waits for."""

    action: MaybeWord = None
    deadline: Time = None


class CanceledLine(Payload):
    """One unit of a cancellation."""

    order_line_item_id: Id


class CancellationPayload(Payload):
    """One cancellation. Its localised reason and its money are not read."""

    cancel_id: Id
    order_id: Id
    cancel_type: MaybeWord = None
    cancel_status: Word
    role: MaybeWord = None
    cancel_reason: Text = ""
    create_time: Moment
    update_time: Moment
    seller_next_action_response: Annotated[tuple[NextAction, ...], absent_as(())] = ()
    cancel_line_items: tuple[CanceledLine, ...] = Field(min_length=1)


class CancellationsData(Payload):
    """A page of cancellations, each still to be read by itself."""

    cancellations: Annotated[tuple[Any, ...], absent_as(())] = ()
    next_page_token: Text = ""
    total_count: Annotated[int, absent_as(0)] = 0

    @model_validator(mode="after")
    def _cancellations_are_there_when_counted(self) -> Self:
        if self.total_count and "cancellations" not in self.model_fields_set:
            raise ValueError("cancellations are counted but missing")
        return self


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
    available_reject_reasons: Annotated[tuple[RejectReason, ...], absent_as(())] = ()


class DecisionsData(Payload):
    """Which answers would be taken."""

    decisions: tuple[DecisionItem, ...]


class CanceledData(Payload):
    """A cancellation that TikTok carried out for the seller."""

    cancel_id: Id


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
