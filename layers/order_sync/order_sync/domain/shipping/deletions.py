"""A parcel that its reporter has deleted: it does not leave, unless TikTok Shop was told already (CA 4.4)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from order_sync.domain.cancelling.parcels import give_up_parcel
from order_sync.domain.drafts import Draft
from order_sync.domain.ids import LineId
from order_sync.domain.orders import LineState, Source, reopened
from order_sync.domain.outbox import Target
from order_sync.domain.parcels import Parcel
from order_sync.domain.shipping.label_news import tell_others
from order_sync.domain.shipping.reported import DELETED, ReportedParcel, units_of
from order_sync.domain.shipping.telling import telling_of
from order_sync.domain.timeline import Event


def see_deletions(draft: Draft, source: Source, shown: Collection[ReportedParcel], seen_at: datetime) -> None:
    """A newer version of a partner's order shows parcels of its own, or units in them, no more.

    Only what TikTok Shop was not told can be undone; the rest is for a person, once.
    """
    for parcel in draft.parcels:
        if parcel.source is not source or parcel.refused or parcel.seen_at is None or parcel.seen_at >= seen_at:
            continue
        gone = _lines_gone(draft, parcel, shown)
        if gone:
            _delete(draft, parcel, gone, seen_at)


def _lines_gone(draft: Draft, parcel: Parcel, shown: Collection[ReportedParcel]) -> tuple[LineId, ...]:
    """The lines of a parcel that its reporter shows no more."""
    ids = (parcel.id, *parcel.other_ids)
    report = next((each for each in shown if each.id in ids), None) or next(
        (each for each in shown if each.tracking_number in parcel.numbers), None
    )
    living = [line for line in draft.order.lines if line.id in parcel.line_ids and line.state is not LineState.CANCELED]
    if report is None:
        return parcel.line_ids
    left = Counter(line.sku for line in living)
    left.subtract(units_of(report))
    gone = []
    for line in reversed(living):
        if left[line.sku] > 0:
            left[line.sku] -= 1
            gone.append(line.id)
    return tuple(gone)


def _delete(draft: Draft, parcel: Parcel, gone: tuple[LineId, ...], seen_at: datetime) -> None:
    entries = telling_of(draft, parcel)
    told = [entry.target for entry in entries if entry.may_have_been_told]
    if parcel.at_tiktok_since:
        told.append(Target.TIKTOK_SHOP)
    is_whole = set(gone) == set(parcel.line_ids)
    draft.note(
        Event.PARCEL_DELETED,
        parcel.source,
        happened_at=seen_at,
        parcel=parcel.id,
        tracking_number=parcel.tracking_number,
        lines="" if is_whole else " ".join(gone),
        told=" ".join(dict.fromkeys(told)),
    )
    if Target.TIKTOK_SHOP in told:
        draft.keep_parcel(replace(parcel, seen_at=None))
        return
    untold = [entry for entry in entries if entry.is_untold]
    for entry in untold:
        draft.guard(entry)
    draft.set(lines=reopened(draft.order.lines, gone))
    if not is_whole:
        draft.keep_parcel(replace(parcel, line_ids=tuple(line for line in parcel.line_ids if line not in gone)))
        tell_others(draft, parcel, parcel.source)
        return
    for entry in untold:
        # First: what rejects a buyer's request after this parcel must not be withdrawn along with it.
        give_up_parcel(draft, entry)
        draft.withdraw(entry, "the parcel was deleted where it was reported")
    draft.keep_parcel(replace(parcel, refused=DELETED))
