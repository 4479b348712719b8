"""Show the estimated delivery of a SKU, and where each part of it comes from (G5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictStr, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.listings.estimates import estimate
from order_sync.jobs.listed_times import listed_times
from order_sync.jobs.run import Report, ShopRun


class _Question(BaseModel):
    """What an operator may ask for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    shop: str
    sku: StrictStr = Field(min_length=1)
    ordered_at: AwareDatetime | None = None
    """None for now."""


def show_delivery_estimate(run: ShopRun, command: Mapping[str, Any]) -> Report:
    """Fill the run's answer with an order's times that is placed now, or then, in the shop's own time.

    Raises RejectedError for a question that cannot be understood.
    """
    question, shop = _read(command), run.shop
    ordered_at = question.ordered_at or run.now()
    listings = listed_times(run, [question.sku])
    found = estimate(shop, question.sku, listings, ordered_at)

    def shown(moment: datetime) -> str:
        return moment.astimezone(shop.zone).isoformat(timespec="minutes")

    run.report.answer |= {
        "sku": question.sku,
        "listed": question.sku in listings,
        "ordered_at": shown(ordered_at),
        "parts": [str(part) for part in found.parts],
        "handed_over_by": shown(found.handed_over_by),
        "delivery_by": shown(found.delivery_by),
        "dispatch_by": shown(found.dispatch_by),
        "policy_profile": found.profile,
    }
    return run.report


def _read(command: Mapping[str, Any]) -> _Question:
    try:
        return _Question.model_validate(dict(command))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RejectedError(f"show_delivery_estimate: {problems}") from None
