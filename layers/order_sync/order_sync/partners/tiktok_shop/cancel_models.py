"""TikTok Shop's payloads about cancellations, as far as they are read here (TT 4.1, 4.2)."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from order_sync.partners.tiktok_shop.aftersale_models import MaybeWord, NextAction, Word
from order_sync.partners.tiktok_shop.models import Id, Moment, Payload, Text, absent_as


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


class CanceledData(Payload):
    """A cancellation that TikTok carried out for the seller."""

    cancel_id: Id
