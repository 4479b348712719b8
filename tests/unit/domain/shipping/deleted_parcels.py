"""Scenes of parcels that people delete in ChannelAdvisor."""

from datetime import timedelta

from order_sync.domain.drafts import Draft
from order_sync.domain.orders import Source
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.deletions import see_deletions
from order_sync.domain.shipping.reported import ReportedParcel
from tests.builders import NOON, handed_over
from tests.unit.domain.shipping.scenes import in_channeladvisor, seen_in_channeladvisor

FIRST, DELETED, AGAIN = (NOON + timedelta(hours=hours) for hours in (3, 6, 7))
"""The versions of ChannelAdvisor's order that show the parcel, do not, and show it again."""


def typed_in() -> OrderRecord:
    """An order with a parcel that people have typed in there."""
    return seen_in_channeladvisor(handed_over(), in_channeladvisor(), at=FIRST)


def deletion(record: OrderRecord, *left: ReportedParcel) -> Change | None:
    """What the version without the parcel decides by itself; `left` is what it still shows."""
    draft = Draft(record, DELETED)
    see_deletions(draft, Source.CHANNELADVISOR, left, DELETED)
    return draft.change()
