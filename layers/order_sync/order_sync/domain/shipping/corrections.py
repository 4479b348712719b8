"""Another label for a parcel: TikTok Shop lets it be changed once, within 72 hours (TT 3: 21011049-052)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.drafts import Draft
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, parcel_of
from order_sync.domain.parcels import Label, Parcel, relabeled
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.label_news import end_corrections, go_again, newest_entry, tell_anew, tell_others
from order_sync.domain.shipping.labels_at_tiktok import accept
from order_sync.domain.timeline import Event

CHANGEABLE_FOR: Final = timedelta(hours=72)
BY_HAND: Final = "change it in Seller Center if that still takes it, else open a ticket with TikTok Shop (30 days)"


def correct_parcel(draft: Draft, parcel: Parcel, label: Label, by: Source, *, happened_at: datetime) -> None:
    """A parcel's reporter gave it another label: what nobody was told yet is replaced, the rest is told anew."""
    shipped = newest_entry(draft, Target.TIKTOK_SHOP, Action.SHIP, parcel)
    draft.note(
        Event.PARCEL_CORRECTED,
        by,
        happened_at=happened_at,
        parcel=parcel.id,
        before=parcel.newest_label.tracking_number,
        tracking_number=label.tracking_number,
        carrier=label.carrier,
    )
    if parcel.at_tiktok_since or (shipped and shipped.may_have_been_told):
        draft.keep_parcel(_wants(parcel, label))
        if shipped and shipped.state is EntryState.FAILED:
            go_again(draft, shipped)
        if any(line.id in parcel.line_ids and line.state is not LineState.CANCELED for line in draft.order.lines):
            tell_anew(draft, Target.TIKTOK_SHOP, Action.CORRECT_PARCEL, parcel, after=shipped)
    else:
        draft.keep_parcel(relabeled(_wants(parcel, None), label))
        end_corrections(draft, parcel)
        if shipped and shipped.is_untold:
            go_again(draft, shipped)
    tell_others(draft, parcel, by)


def decide_corrected(
    record: OrderRecord,
    entry: OutboxEntry,
    label: Label,
    now: datetime,
    *,
    carrier: str = "",
    was_told: bool = True,
    doubts: str = "",
) -> Change | None:
    """TikTok Shop has another label for a parcel and names its `carrier`; it `was_told`, or showed it already.

    What its reporter changed meanwhile is told next.
    """
    draft = Draft(record, now)
    draft.finish(entry)
    parcel = parcel_of(entry, draft.parcels)
    if not was_told and label.tracking_number == parcel.tracking_number:
        draft.keep_parcel(replace(relabeled(parcel, label), tiktok_carrier=carrier))
    elif label != parcel.label:
        accept(draft, parcel, label, carrier, now, doubts=doubts)
    return draft.change()


def try_newest_label(draft: Draft, refused: OutboxEntry) -> bool:
    """A side did not take a label, and there is a newer one: that is tried instead. False without one."""
    parcel = next((each for each in draft.parcels if each.id == refused.subject), None)
    if parcel is None or refused.action not in (Action.SHIP, Action.NOTE_PARCEL, Action.CORRECT_PARCEL):
        return False
    if refused.target is Target.TIKTOK_SHOP and refused.action is Action.SHIP:
        if parcel.wanted is None or parcel.at_tiktok_since:
            return False
        draft.keep_parcel(relabeled(parcel, parcel.wanted))
        draft.replay(refused)
        end_corrections(draft, parcel)
        return True
    newer = [entry for entry in draft.outbox if entry.waits_for == refused.name and entry.subject == parcel.id]
    if refused.action is Action.SHIP and refused.in_doubt:
        # It may be there under the old label: whoever looks will find it, and what is newer follows.
        return False
    if newer and refused.action is Action.SHIP:
        # Nothing is there to be corrected: the first telling carries the newest label itself.
        for entry in newer:
            draft.finish(entry)
        draft.replay(refused)
    elif newer:
        draft.drop(refused, "refused, and there is a newer label")
    return bool(newer)


def why_not_correctable(parcel: Parcel, now: datetime, allowed: int) -> str:
    """Why TikTok Shop would not take another label any more, and what a person can do; empty when it may."""
    if parcel.corrections >= allowed:
        takes = {0: "no other label", 1: "one other label"}.get(allowed, f"{allowed} other labels")
        return (
            f"TikTok Shop takes {takes} for a parcel (the shop's setting shipping.tracking_changes: {allowed}), "
            f"and has taken {parcel.corrections}: {BY_HAND}"
        )
    if parcel.at_tiktok_since and now - parcel.at_tiktok_since > CHANGEABLE_FOR:
        hours = CHANGEABLE_FOR // timedelta(hours=1)
        return f"TikTok Shop lets a parcel's tracking be changed for {hours} hours, and they are over: {BY_HAND}"
    return ""


def _wants(parcel: Parcel, label: Label | None) -> Parcel:
    """The parcel as TikTok has it, and the label that it shall get; one that it should have got is remembered."""
    superseded = (parcel.wanted,) if parcel.wanted else ()
    earlier = [known for known in dict.fromkeys((*parcel.earlier, *superseded)) if known != label]
    return replace(parcel, wanted=label, earlier=tuple(earlier))
