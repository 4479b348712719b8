"""What TikTok Shop has of a parcel: it arrives under a label, and is shown under another one when that was changed."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from order_sync.domain.carriers import ACCEPTED_CARRIERS, folded
from order_sync.domain.drafts import Draft
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action, Target
from order_sync.domain.parcels import Label, Parcel, relabeled
from order_sync.domain.shipping.label_news import end_corrections, entries_about, newest_entry, tell_anew, tell_others
from order_sync.domain.timeline import Event

_CARRIERS: Final = frozenset(
    folded(text) for names in ACCEPTED_CARRIERS.values() for code, name in names.items() for text in (code, name)
)


def arrive(draft: Draft, parcel: Parcel, told: Label, package_id: str, at: datetime, *, carrier: str) -> None:
    """TikTok Shop has a parcel now, under one of its labels and TikTok's `carrier`. A newer label is told next.

    What TikTok has shown of it already is newer than the answer to whoever told it.
    """
    newest = parcel.newest_label
    package_id = package_id or parcel.package_id
    if parcel.at_tiktok_since:
        draft.keep_parcel(replace(parcel, package_id=package_id))
        return
    there = relabeled(parcel, told) if told != parcel.label else parcel
    wanted = None if told == newest else newest
    draft.keep_parcel(replace(there, package_id=package_id, at_tiktok_since=at, tiktok_carrier=carrier, wanted=wanted))
    if told == newest:
        end_corrections(draft, parcel)
    else:
        shipped = newest_entry(draft, Target.TIKTOK_SHOP, Action.SHIP, parcel)
        tell_anew(draft, Target.TIKTOK_SHOP, Action.CORRECT_PARCEL, parcel, after=shipped)


def see_label(draft: Draft, parcel: Parcel, shown: Label, at: datetime) -> None:
    """TikTok Shop shows a parcel that it has under this label: as we know it, as we want it, or changed by hand.

    What TikTok has shown before and shows no more stands on a late page.
    """
    if parcel.at_tiktok_since is None or not shown.tracking_number:
        return
    same_number = shown.tracking_number == parcel.tracking_number
    same_carrier = not _is_another_carrier(shown.carrier, parcel.tiktok_carrier)
    if same_number and same_carrier:
        if not parcel.tiktok_carrier:
            draft.keep_parcel(replace(parcel, tiktok_carrier=shown.carrier))
        return
    has_left = {label.tracking_number for label in parcel.shown_before} - {parcel.tracking_number}
    if shown in parcel.shown_before or shown.tracking_number in has_left:
        return
    if parcel.wanted and parcel.wanted.tracking_number == shown.tracking_number:
        told = _told_in_doubt(draft, parcel, shown.tracking_number) or parcel.wanted
        accept(draft, parcel, told, shown.carrier, at)
        if told == parcel.wanted:
            end_corrections(draft, parcel)
        return
    accept(draft, parcel, _in_known_words(parcel, shown, same_carrier=same_carrier), shown.carrier, at)
    if parcel.wanted is None:
        tell_others(draft, parcel, Source.TIKTOK_SHOP)


def accept(draft: Draft, parcel: Parcel, label: Label, carrier: str, at: datetime, *, doubts: str = "") -> None:
    """TikTok Shop has another label than before: one change more."""
    before = Label(carrier=parcel.tiktok_carrier, tracking_number=parcel.tracking_number)
    accepted = relabeled(parcel, label)
    draft.keep_parcel(
        replace(
            accepted,
            corrections=parcel.corrections + 1,
            tiktok_carrier=carrier or parcel.tiktok_carrier,
            shown_before=tuple(dict.fromkeys((*parcel.shown_before, before))),
        )
    )
    draft.note(
        Event.PARCEL_CORRECTED_AT_TIKTOK,
        Source.TIKTOK_SHOP,
        happened_at=at,
        parcel=parcel.id,
        before=parcel.tracking_number,
        tracking_number=label.tracking_number,
        carrier=label.carrier,
        doubts=doubts,
    )


def _told_in_doubt(draft: Draft, parcel: Parcel, tracking_number: str) -> Label | None:
    """What a change that is under way may have told, where a newer label has the same number."""
    changes = entries_about(draft, Target.TIKTOK_SHOP, Action.CORRECT_PARCEL, parcel)
    if not any(entry.was_interrupted for entry in changes):
        return None
    return next((label for label in reversed(parcel.earlier) if label.tracking_number == tracking_number), None)


def _in_known_words(parcel: Parcel, shown: Label, *, same_carrier: bool) -> Label:
    """What TikTok Shop shows, in the words of whoever reported the parcel, where they are known."""
    known = parcel.label_with(shown.tracking_number)
    if known is not None and known != parcel.label:
        return known
    if same_carrier:
        return replace(parcel.label, tracking_number=shown.tracking_number)
    return Label(carrier=shown.carrier, tracking_number=shown.tracking_number, in_tiktoks_words=True)


def _is_another_carrier(shown: str, known: str) -> bool:
    """Whether TikTok Shop names another carrier than before, and not the same one in other words."""
    return bool(shown and known) and folded(shown) != folded(known) and folded(shown) in _CARRIERS
