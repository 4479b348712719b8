"""News of a parcel's label: which entries tell a side of it, and what another label makes of them."""

from order_sync.domain.cancelling.news import recover_parcels
from order_sync.domain.drafts import Draft
from order_sync.domain.orders import Source
from order_sync.domain.outbox import UNCLAIMED, Action, EntryState, OutboxEntry, Target, tell
from order_sync.domain.parcels import Parcel


def entries_about(draft: Draft, target: Target, action: Action, parcel: Parcel) -> list[OutboxEntry]:
    """What tells one side of a parcel in one way, the newest last."""
    wanted = (target, action, parcel.id)
    found = [entry for entry in draft.outbox if (entry.target, entry.action, entry.subject) == wanted]
    return sorted(found, key=lambda entry: int(entry.revision))


def newest_entry(draft: Draft, target: Target, action: Action, parcel: Parcel) -> OutboxEntry | None:
    """The newest of them; None where there is none."""
    return next(reversed(entries_about(draft, target, action, parcel)), None)


def tell_others(draft: Draft, parcel: Parcel, by: Source) -> None:
    """ChannelAdvisor and the OMS get the newest label, also of a parcel of ChannelAdvisor's own; but not from
    whoever said so. An OMS takes no news of what it shipped itself."""
    for target, first, again in (
        (Target.CHANNELADVISOR, Action.SHIP, Action.CORRECT_PARCEL),
        (Target.OMS, Action.NOTE_PARCEL, Action.NOTE_PARCEL),
    ):
        told = newest_entry(draft, target, first, parcel)
        is_its_own = target is Target.CHANNELADVISOR and parcel.source is Source.CHANNELADVISOR
        if target.as_source is by or (told is None and not is_its_own):
            continue
        if told is not None and told.state is EntryState.WITHDRAWN:
            continue
        if told is not None and told.state in UNCLAIMED:
            go_again(draft, told)
        if told is None or not told.is_untold:
            tell_anew(draft, target, again, parcel, after=told)
    recover_parcels(draft)


def tell_anew(draft: Draft, target: Target, action: Action, parcel: Parcel, *, after: OutboxEntry | None) -> None:
    """Tell the newest label, once more than before unless that is still to be told."""
    earlier = entries_about(draft, target, action, parcel)
    if earlier and (earlier[-1].is_untold or earlier[-1].state is EntryState.FAILED):
        go_again(draft, earlier[-1])
        return
    under_way = [entry for entry in (*earlier[-1:], after) if entry and not entry.has_ended]
    waits_for = under_way[0].name if under_way else ""
    revision, order = str(len(earlier) + 1), draft.order
    draft.queue(
        tell(
            target,
            action,
            order.shop,
            order.id,
            now=draft.now,
            subject=parcel.id,
            revision=revision,
            waits_for=waits_for,
        )
    )


def go_again(draft: Draft, entry: OutboxEntry) -> None:
    """Nobody was told, and no run may take the old label meanwhile; what failed with it is told with the new one."""
    draft.replay(entry)
    draft.guard(entry)


def end_corrections(draft: Draft, parcel: Parcel) -> None:
    """TikTok Shop has, or is told first, the newest label: what was to change it has nothing more to do."""
    for entry in entries_about(draft, Target.TIKTOK_SHOP, Action.CORRECT_PARCEL, parcel):
        if entry.state in UNCLAIMED:
            draft.finish(entry)
