"""Whether a carrier has a parcel: TikTok Shop shows it by the lines, and shows no other scan (TT 2.5)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from order_sync.domain.drafts import Draft
from order_sync.domain.facts import OrderFacts
from order_sync.domain.orders import LineState, Order, Source
from order_sync.domain.parcels import Parcel
from order_sync.domain.statuses import TikTokStatus
from order_sync.domain.timeline import Event

_PLATFORM: Final = "SYSTEM"
_MOST_AT_ONCE: Final = 50
"""One transaction holds a hundred items: of more parcels the next sighting shows the rest."""


def see_scans(draft: Draft, facts: OrderFacts) -> None:
    """Parcels of which a line was collected are scanned, once; those of which all was cancelled before are recalled.

    TikTok Shop has one time of collection for a whole order. It is a parcel's where it can be, else the sighting's.
    """
    for parcel in islice(_changed(draft, facts), _MOST_AT_ONCE):
        draft.keep_parcel(parcel)
        if parcel.scanned_at:
            draft.note(
                Event.PARCEL_SCANNED,
                Source.TIKTOK_SHOP,
                happened_at=parcel.scanned_at,
                parcel=parcel.id,
                tracking_number=parcel.tracking_number,
            )


def _changed(draft: Draft, facts: OrderFacts) -> Iterator[Parcel]:
    for parcel in draft.parcels:
        if parcel.refused or parcel.scanned_at:
            continue
        if parcel.at_tiktok_since and _is_collected(draft, parcel, facts):
            yield replace(parcel, scanned_at=_scanned_at(facts, parcel.at_tiktok_since), recalled=False)
        elif parcel.recalled != (recalled := _is_recalled(parcel, draft.order, facts)):
            # Also of one that TikTok Shop does not have: its answer to a parcel can come after the cancellation.
            yield replace(parcel, recalled=recalled)


def _is_collected(draft: Draft, parcel: Parcel, facts: OrderFacts) -> bool:
    """A line that left in another package says nothing about this one.

    No line of a cancelled order says that it was collected. Its time of collection does, where there was one parcel.
    """
    if facts.status is TikTokStatus.CANCELLED:
        return facts.collected_at is not None and all(other.refused or other == parcel for other in draft.parcels)
    return any(
        line.collected and not line.canceled
        for line in facts.lines
        if line.id in parcel.line_ids and _may_be_same(line.package_id, parcel.package_id)
    )


def _may_be_same(shown: str, known: str) -> bool:
    return not shown or not known or shown == known


def _scanned_at(facts: OrderFacts, at_tiktok_since: datetime) -> datetime:
    collected_at = facts.collected_at
    return collected_at if collected_at and collected_at >= at_tiktok_since else facts.updated_at


def _is_recalled(parcel: Parcel, order: Order, facts: OrderFacts) -> bool:
    held = (line.state for line in order.lines if line.id in parcel.line_ids)
    return all(state is LineState.CANCELED for state in held) and not _could_not_be_tracked(order, facts)


def _could_not_be_tracked(order: Order, facts: OrderFacts) -> bool:
    """TikTok Shop cancels by itself what no carrier collected in time (OP B3): of all parcels this one lacks a scan."""
    due = order.cancels_unless_collected_by
    return order.canceled_by == _PLATFORM and (due is None or (facts.canceled_at or facts.updated_at) >= due)
