"""Who is told that something was cancelled: whoever has it, but not who started it, and never as a refund (CA 4.5)."""

from collections.abc import Collection
from typing import Final

from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import has_or_may_have, tell_holders, untold_lines
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.parcels import Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event

_POINTLESS_ONCE_CANCELED: Final = frozenset(
    {
        Action.SHIP,
        Action.CORRECT_PARCEL,
        Action.CHECK_PARCEL,
        Action.CREATE_ORDER,
        Action.UPDATE_ADDRESS,
        Action.NOTE_PARCEL,
        Action.SET_CHANNELADVISOR_NUMBER,
        Action.MARK_EXPORTED,
        Action.SET_REFERENCE,
        Action.NOTE_CANCEL_REQUEST,
    }
)
CANCELED_FIRST: Final = "the order is CANCELED"
"""Why a parcel is refused that was reported after the cancellation."""


def tell_cancellation(draft: Draft) -> None:
    """A cancelled order: what nobody was told yet is withdrawn, whoever has it is told, what has left is recovered."""
    for entry in draft.outbox:
        if entry.is_untold and entry.action in _POINTLESS_ONCE_CANCELED:
            draft.withdraw(entry, "the order was cancelled")
    for target in (Target.CHANNELADVISOR, Target.OMS):
        _tell_order(draft, target)
    recover_parcels(draft)


def _tell_order(draft: Draft, target: Target) -> None:
    lines = [line.id for line in draft.order.lines]
    wanted = _to_tell(draft, target, lines)
    if len(wanted) == len(lines):
        _withdraw_single_lines(draft, target)
        tell_holders(draft, Action.CANCEL_ORDER, target)
        return
    for line in wanted:
        tell_holders(draft, Action.CANCEL_LINE, target, subject=line)


def tell_canceled_lines(draft: Draft, lines: Collection[LineId]) -> None:
    """Single units were cancelled: whoever has the order must not ship them; who has not will get it without."""
    for target in (Target.CHANNELADVISOR, Target.OMS):
        if _is_told_of_order(draft, target):
            continue
        for line in _to_tell(draft, target, lines):
            tell_holders(draft, Action.CANCEL_LINE, target, subject=line)
    recover_parcels(draft)


def tell_lines_of_parcel(draft: Draft, entry: OutboxEntry) -> None:
    """A side will not be told of a parcel after all: what is cancelled in it, it has to hear of now."""
    parcel = draft.record.parcel(ParcelId(entry.subject))
    if entry.target is Target.TIKTOK_SHOP or parcel is None:
        return
    if draft.order.state is OrderState.CANCELED:
        _tell_order(draft, entry.target)
        return
    canceled = {line.id for line in draft.order.lines if line.state is LineState.CANCELED}
    tell_canceled_lines(draft, [line for line in parcel.line_ids if line in canceled])


def forgive_failed(draft: Draft, parcel: Parcel) -> None:
    """A side could not cancel what had left there, and reports that parcel now: nobody need look at the failure."""
    for entry in draft.outbox:
        failed_there = entry.target.as_source is parcel.source and entry.state is EntryState.FAILED
        is_line = entry.action is Action.CANCEL_LINE and entry.subject in parcel.line_ids
        if failed_there and not entry.in_doubt and (is_line or entry.action is Action.CANCEL_ORDER):
            draft.withdraw(entry, f"parcel {parcel.tracking_number} has left there")
            canceled = [line.id for line in draft.order.lines if line.state is LineState.CANCELED]
            tell_canceled_lines(draft, canceled)


def parcels_to_recover(record: OrderRecord) -> tuple[Parcel, ...]:
    """Parcels that have left with something that is cancelled."""
    canceled = {line.id for line in record.order.lines if line.state is LineState.CANCELED}
    return tuple(
        parcel
        for parcel in record.parcels
        if canceled.intersection(parcel.line_ids) and parcel.refused in ("", CANCELED_FIRST)
    )


def recover_parcels(draft: Draft) -> None:
    """What left is cancelled: the OMS, or the seller's people, must get it back.

    Said anew for every further parcel, and when one of them got another label.
    """
    parcels, order = parcels_to_recover(draft.record), draft.order
    relabelings = sum(len(parcel.labels) - 1 for parcel in parcels)
    revision = f"recovery-{len(parcels)}" + (f"-{relabelings}" if relabelings else "")
    if not parcels or order.handling is not Handling.OURS or any(e.revision == revision for e in draft.outbox):
        return
    if has_or_may_have(draft, Target.OMS):
        tell_holders(draft, Action.RECOVER_PARCELS, Target.OMS, revision=revision)
    else:
        draft.queue(tell(Target.OPERATOR, Action.NOTIFY, order.shop, order.id, now=draft.now, revision=revision))
    tracking = " ".join(parcel.newest_label.tracking_number for parcel in parcels)
    draft.note(Event.RECOVERY_NEEDED, Source.ORDER_SYNC, tracking_numbers=tracking)


def _to_tell(draft: Draft, target: Target, lines: Collection[LineId]) -> list[LineId]:
    """Of some cancelled lines those that a side has to hear of: it neither started it nor saw them leave."""
    known = {
        line
        for cancellation in draft.seller_cancellations
        if cancellation.source is target.as_source and cancellation.state is not SellerCancelState.REFUSED
        for line in cancellation.line_ids
    }
    left = {line for parcel in draft.parcels if _knows(draft, target, parcel) for line in parcel.line_ids}
    return [line for line in lines if line not in known | left]


def _is_told_of_order(draft: Draft, target: Target) -> bool:
    return any(
        entry.target is target and entry.action is Action.CANCEL_ORDER and entry.state is not EntryState.WITHDRAWN
        for entry in draft.outbox
    )


def _knows(draft: Draft, target: Target, parcel: Parcel) -> bool:
    """Whether a side takes a parcel for shipped: it shipped it, or was told of it."""
    if parcel.refused not in ("", CANCELED_FIRST):
        return False
    return parcel.source is target.as_source or any(
        entry.may_have_been_told
        for entry in draft.outbox
        if entry.target is target and entry.subject == parcel.id and entry.action in (Action.SHIP, Action.NOTE_PARCEL)
    )


def _withdraw_single_lines(draft: Draft, target: Target) -> None:
    for entry in untold_lines(draft, target):
        draft.withdraw(entry, "the whole order was cancelled")
