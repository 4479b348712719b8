"""What became of a buyer's request, and who decided it."""

from datetime import datetime, timedelta

from order_sync.domain.answering.answers import Answer, Decider, decider_of
from order_sync.domain.cancelling.answers import telling_of
from order_sync.domain.cancelling.cancellations import (
    Cancellation,
    CancellationFacts,
    CancellationStatus,
    Initiator,
    Outcome,
    SellerCancelState,
)
from order_sync.domain.cancelling.origins import origin_of
from order_sync.domain.drafts import Draft
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.regions import SHIPPING_REJECTS
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from order_sync.domain.timing import Timing


def outcome_of(
    draft: Draft, request: Cancellation, facts: CancellationFacts, shop: ShopSettings, timing: Timing
) -> tuple[Outcome, Decider]:
    """What became of a request. TikTok names neither who closed it nor why (TT 4.2): the ledger knows, or infers."""
    record = draft.record
    telling = telling_of(record, request)
    told = telling is not None and telling.may_have_been_told
    answered_by = request.answered_by or Decider.SELLER
    if facts.status is CancellationStatus.GRANTED:
        late = request.respond_by is not None and _granted_by(draft.before, facts) >= request.respond_by
        surely_told = telling is not None and telling.state is EntryState.DONE
        if request.answer is Answer.APPROVE and (surely_told or not late):
            return Outcome.APPROVED, answered_by
        return (Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM) if late else (Outcome.APPROVED, Decider.SELLER)
    rejecting = _parcel_that_rejects(record, request)
    if rejecting is None and shop.region in SHIPPING_REJECTS:
        rejecting = _other_parcel_that_rejects(record, facts, timing)
    if request.answer is Answer.REJECT and (told or rejecting):
        return Outcome.REJECTED, answered_by
    lines = [line for line in record.order.lines if line.id in request.line_ids]
    if lines and all(line.state is LineState.CANCELED for line in lines):
        return Outcome.OVERTAKEN, _overtaken_by(record, request)
    if rejecting:
        return Outcome.REJECTED, decider_of(rejecting.source)
    if any(line.state is LineState.SHIPPED for line in lines):
        return Outcome.REJECTED, Decider.SELLER
    return Outcome.WITHDRAWN, Decider.BUYER


def _granted_by(before: OrderRecord, facts: CancellationFacts) -> datetime:
    """When at the latest a request was granted: the end of its refund changes it once more, its order as a rule not."""
    lines = [line for line in before.order.lines if line.id in facts.line_ids]
    if lines and all(line.state is LineState.CANCELED for line in lines):
        return min(facts.updated_at, before.order.updated_at)
    return facts.updated_at


def _parcel_that_rejects(record: OrderRecord, request: Cancellation) -> Parcel | None:
    """A parcel with requested lines that TikTok Shop has, or may have."""
    told = {
        entry.subject
        for entry in record.outbox
        if entry.target is Target.TIKTOK_SHOP and entry.action is Action.SHIP and entry.may_have_been_told
    }
    for parcel in record.parcels:
        is_there = parcel.source is Source.TIKTOK_SHOP or parcel.id in told
        if is_there and not parcel.refused and request.meets(parcel.line_ids):
            return parcel
    return None


def _other_parcel_that_rejects(record: OrderRecord, facts: CancellationFacts, timing: Timing) -> Parcel | None:
    """A parcel with other lines that reached TikTok Shop when the request was closed: in the US it may reject it."""
    for parcel in record.parcels:
        since = parcel.at_tiktok_since
        if since and not parcel.refused and timedelta(0) <= since - facts.updated_at <= timing.confirmation:
            return parcel
    return None


def _overtaken_by(record: OrderRecord, request: Cancellation) -> Decider:
    """Who cancelled the lines before the request was answered: whom the order names, or who asked for it."""
    if record.order.state is OrderState.CANCELED and record.order.canceled_by:
        return Decider.SELLER if record.order.canceled_by == "SELLER" else Decider.PLATFORM
    for wish in record.seller_cancellations:
        if wish.state is not SellerCancelState.REFUSED and request.meets(wish.line_ids):
            return Decider.SELLER
    by_seller = origin_of(record, request.line_ids).initiator is Initiator.SELLER
    return Decider.SELLER if by_seller else Decider.PLATFORM
