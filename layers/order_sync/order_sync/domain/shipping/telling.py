"""Telling of parcels: who must hear of one, what TikTok Shop confirmed, and a second look at what it doubts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import creation
from order_sync.domain.orders import LineState, Source, lines_in_state, state_from_lines
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target, parcel_of, tell
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.label_news import entries_about
from order_sync.domain.shipping.labels_at_tiktok import arrive
from order_sync.domain.timeline import Event

REST_BEFORE_A_SECOND_LOOK: Final = timedelta(minutes=5)


def keep_new_parcel(draft: Draft, parcel: Parcel) -> None:
    """Keep a parcel and say on the timeline who reported it."""
    draft.keep_parcel(parcel)
    draft.note(
        Event.PARCEL_REPORTED,
        parcel.source,
        happened_at=parcel.shipped_at,
        parcel=parcel.id,
        tracking_number=parcel.tracking_number,
        carrier=parcel.carrier,
    )


def tell_parcel(draft: Draft, parcel: Parcel) -> None:
    """Queue a parcel for everyone but its reporter; who has not got the order yet hears of it right after.

    One that was deleted by its reporter and is there again is told again.
    """
    order = draft.order
    for target, action in (
        (Target.TIKTOK_SHOP, Action.SHIP),
        (Target.CHANNELADVISOR, Action.SHIP),
        (Target.OMS, Action.NOTE_PARCEL),
    ):
        if target.as_source is parcel.source:
            continue
        waits_for = ""
        if target is not Target.TIKTOK_SHOP:
            created = creation(draft, target)
            if created is None or created.state is EntryState.WITHDRAWN:
                continue
            waits_for = "" if created.state is EntryState.DONE else created.name
        told = entries_about(draft, target, action, parcel)
        again = bool(told) and told[-1].state is EntryState.DONE
        revision = str(len(told) + again or 1)
        entry = tell(target, action, order.shop, order.id, now=draft.now, subject=parcel.id, revision=revision)
        draft.queue(replace(entry, waits_for=waits_for, due_at=None if waits_for else draft.now), revive=True)


def telling_of(draft: Draft, parcel: Parcel) -> list[OutboxEntry]:
    """What tells the sides of a parcel, and of its other labels."""
    about = (Action.SHIP, Action.CORRECT_PARCEL, Action.NOTE_PARCEL)
    return [entry for entry in draft.outbox if entry.subject == parcel.id and entry.action in about]


def decide_shipped_at_tiktok(
    record: OrderRecord,
    entry: OutboxEntry,
    package_id: str,
    warning: str,
    now: datetime,
    *,
    told: Label | None = None,
    carrier: str = "",
    doubts: str = "",
) -> Change | None:
    """TikTok took a parcel: its lines are shipped. One that it took with a warning is looked at by a later run.

    `told` is the label that TikTok has, unless it is the parcel's own, and `carrier` TikTok's name for it; `doubts` are
    ours, which did not stop the parcel.
    """
    draft = Draft(record, now)
    parcel = parcel_of(entry, draft.parcels)
    draft.finish(entry)
    arrive(draft, replace(parcel, warning=warning), told or parcel.label, package_id, now, carrier=carrier)
    draft.set(lines=lines_in_state(draft.order.lines, parcel.line_ids, LineState.SHIPPED))
    draft.note(
        Event.PARCEL_AT_TIKTOK,
        Source.TIKTOK_SHOP,
        parcel=parcel.id,
        package=package_id,
        warning=warning,
        doubts=doubts,
    )
    if warning:
        order = draft.order
        look = tell(Target.TIKTOK_SHOP, Action.CHECK_PARCEL, order.shop, order.id, now=now, subject=parcel.id)
        draft.queue(replace(look, due_at=now + REST_BEFORE_A_SECOND_LOOK))
    state = state_from_lines(draft.order.lines)
    if state is not None:
        draft.move_to(state)
    return draft.change()


def decide_checked(record: OrderRecord, entry: OutboxEntry, shown: str, now: datetime) -> Change | None:
    """A parcel that TikTok Shop took with a warning is there as it was told; `shown` is the carrier that it names."""
    draft = Draft(record, now)
    parcel = parcel_of(entry, draft.parcels)
    draft.finish(entry)
    draft.note(
        Event.PARCEL_CHECKED,
        Source.TIKTOK_SHOP,
        parcel=parcel.id,
        tracking_number=parcel.tracking_number,
        carrier=shown,
        warning=parcel.warning,
    )
    return draft.change()
