"""A parcel as the answer to a buyer's request: in the US it rejects it, elsewhere it waits for the rejection (C16)."""

from dataclasses import replace

from order_sync.domain.answering.answers import Answer, decider_of
from order_sync.domain.answering.times import confirmed_by, reminders_over
from order_sync.domain.cancelling.answers import give_answer, keep, time_is_over, told_by
from order_sync.domain.cancelling.cancellations import Cancellation
from order_sync.domain.cancelling.questions import notify
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import ParcelId
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.regions import SHIPPING_REJECTS
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timing import Timing


def answer_by_parcel(draft: Draft, parcel: Parcel, shop: ShopSettings, timing: Timing) -> None:
    """A parcel with requested lines has left: that is a rejection, unless the request was approved before (OP C16).

    In the US the parcel itself rejects the request. Elsewhere TikTok Shop takes no parcel while a request is
    open, so that it is rejected first. A parcel that comes after an approval is held back: if TikTok Shop
    grants the request the parcel is recovered, else it is told.
    """
    request = draft.record.open_request
    if request is None or not request.meets(parcel.line_ids):
        return
    ships = [
        entry
        for entry in draft.outbox
        if entry.action is Action.SHIP and entry.subject == parcel.id and entry.is_untold and not entry.waits_for
    ]
    if request.answer is Answer.APPROVE:
        for ship in ships:
            draft.hold_back(ship, request.name, until=None)
        return
    if request.answer is None and time_is_over(request, draft.now):
        for ship in ships:
            draft.hold_back(ship, request.name, until=draft.now + timing.confirmation)
        return
    if request.answer is None:
        reason = f"parcel {parcel.tracking_number} has left"
        give_answer(draft, request, Answer.REJECT, decider_of(parcel.source), reason=reason, timing=timing)
    elif request.rejected_by_shipping:
        confirm_by = confirmed_by(draft.now, request.respond_by, timing.confirmation)
        keep(draft, replace(request, rejected_by_shipping=False, confirm_by=confirm_by))
    _put_in_order(draft, request, ships, shop, timing)


def _put_in_order(
    draft: Draft, request: Cancellation, ships: list[OutboxEntry], shop: ShopSettings, timing: Timing
) -> None:
    """Whether TikTok Shop hears of the parcel or of the rejection first; the other one does not wait for ever."""
    reject = told_by(draft.record, request.id, Answer.REJECT)
    ship = next((entry for entry in ships if entry.target is Target.TIKTOK_SHOP), None)
    if ship is None or reject is None or not reject.is_untold:
        return
    limit = draft.now + timing.confirmation
    if shop.region in SHIPPING_REJECTS:
        draft.hold_back(reject, ship.name, until=min(limit, request.answer_until or limit))
    else:
        draft.hold_back(ship, request.name, until=limit)


def give_up_parcel(draft: Draft, ship: OutboxEntry) -> None:
    """A parcel that was to reject a request does not get there: the rejection goes without it, or needs another."""
    request, parcel = draft.record.open_request, draft.record.parcel(ParcelId(ship.subject))
    if ship.target is not Target.TIKTOK_SHOP or request is None or parcel is None or not request.meets(parcel.line_ids):
        return
    reject = told_by(draft.record, request.id, Answer.REJECT)
    if reject is None or request.answer is not Answer.REJECT:
        return
    if reject.is_untold:
        draft.free(ship.name)
    elif reject.state is EntryState.WITHDRAWN:
        keep(draft, replace(request, rejected_by_shipping=True, reminders=reminders_over(request, draft.now)))
        notify(draft, request.id, f"tracking-due-{parcel.id}")
